#pragma once

#include "source/span.h"

#include <deque>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sx {

/// A 1-based position; columns count bytes (R1.4).
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One loaded file: the spelling shown in diagnostics (R1.110), its bytes, its line starts.
class SourceFile {
public:
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }
  /// Offsets past the end are clipped to the end.
  LineColumn locate(std::uint32_t offset) const;
  /// The bytes of the 1-based `line` without its LF.
  std::string_view line_text(std::uint32_t line) const;
  /// Byte offset of the first byte of the 1-based `line`.
  std::uint32_t line_begin(std::uint32_t line) const { return line_starts_[line - 1]; }

private:
  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

/// The files of one compilation. References stay valid while the map lives.
class SourceMap {
public:
  /// R1.1: at most 10 MiB a file.
  static constexpr std::size_t max_file_bytes = 10u << 20;

  FileId add(std::string path, std::string text);
  const SourceFile& file(FileId id) const { return files_[id.index()]; }
  std::size_t size() const { return files_.size(); }

  std::string_view text(Span span) const;
  LineColumn locate(Span span) const;

private:
  std::deque<SourceFile> files_;
};

/// Why a file could not be read, in the words of a diagnostic.
struct ReadError {
  std::string reason;
};

/// Reads a regular file of at most `max_bytes`. Never blocks on a FIFO or device, never throws.
std::expected<std::string, ReadError> read_file(const std::string& path, std::size_t max_bytes);

} // namespace sx
