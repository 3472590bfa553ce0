#pragma once
// Structure-aware mutation: decode, change what the node table says is there, encode.

#include <cstddef>
#include <cstdint>
#include <span>

namespace sx::fuzz {

/// What a mutation keeps.
enum class Keep : std::uint8_t {
  Verified, ///< mostly modules that the verifier accepts
  Nothing,  ///< half of them damaged
};

/// The libFuzzer contract: mutates `data` in place, at most `max_size` bytes, and gives the new size.
std::size_t mutate_module(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, Keep keep);

/// The same for two inputs: the first with functions and trees of the second.
std::size_t cross_modules(std::span<const std::uint8_t> data, std::span<const std::uint8_t> donor,
                          std::span<std::uint8_t> out, unsigned seed);

} // namespace sx::fuzz
