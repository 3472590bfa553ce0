#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace sx {

/// Why a file could not be read, in the words of a note: `it is a directory`.
struct ReadError {
  enum class Kind : unsigned char { NotFound, Directory, NotRegular, Denied, TooLarge, Other };
  Kind kind = Kind::Other;
  std::string reason;
};

/// Reads a regular file of at most `max_bytes`. Never blocks on a FIFO or device, never throws.
std::expected<std::string, ReadError> read_file(const std::string& path, std::size_t max_bytes);

} // namespace sx
