#pragma once
// Provenance: which object, function or C function an address was made from. It travels with pointers, with integers
// made from pointers, and with every byte they are stored in, so copies of any granularity keep it.

#include "ir/ids.h"

#include <cstdint>

namespace sx::comptime::reference {

/// 0: none. Objects: generation and slot; code: a marked function or extern id.
using Provenance = std::uint64_t;

inline constexpr Provenance no_provenance = 0;

namespace detail {
inline constexpr Provenance code_bit = Provenance{1} << 63;
inline constexpr Provenance extern_bit = Provenance{1} << 62;
} // namespace detail

/// A new life of a slot has a new generation, so an address of an earlier life is told apart.
inline constexpr std::uint32_t generation_mask = 0x3fff'ffff;

constexpr Provenance object_provenance(std::uint32_t slot, std::uint32_t generation) {
  return (Provenance{generation & generation_mask} << 32) | (slot + 1u);
}
constexpr Provenance function_provenance(ir::FuncId id) {
  return detail::code_bit | id.value;
}
constexpr Provenance extern_provenance(ir::ExternId id) {
  return detail::code_bit | detail::extern_bit | id.value;
}
constexpr bool is_code(Provenance p) {
  return (p & detail::code_bit) != 0;
}
constexpr bool is_object(Provenance p) {
  return p != no_provenance && !is_code(p);
}
constexpr bool is_extern(Provenance p) {
  return is_code(p) && (p & detail::extern_bit) != 0;
}
constexpr std::uint32_t code_index(Provenance p) {
  return static_cast<std::uint32_t>(p);
}
constexpr std::uint32_t slot_of(Provenance p) {
  return static_cast<std::uint32_t>(p) - 1u;
}
constexpr std::uint32_t generation_of(Provenance p) {
  return static_cast<std::uint32_t>(p >> 32);
}

} // namespace sx::comptime::reference
