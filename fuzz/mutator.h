#pragma once
// Structure-aware mutation: decode, change what the node table says is there, encode.

#include <cstddef>
#include <cstdint>

namespace sx::fuzz {

/// The libFuzzer contract: mutates `data` in place, at most `max_size` bytes, and gives the new size.
std::size_t mutate_module(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);

} // namespace sx::fuzz
