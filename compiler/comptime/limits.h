#pragma once
// What the limits of `Limits` count, defined over the IR so that both engines meet them at the same point.
//
// Order of the checks, each of them before the thing happens (what is refused is not counted):
//   entering a function (arguments evaluated, body present): calls, then depth, then frame bytes; the failure stands
//   at the call expression;
//   repeating a loop: back-edges; the failure stands at the loop;
//   allocating: the single size, then the total.
// `Counters::max_depth` counts the entry function as 1. Calls of C functions are not counted.

#include "comptime/engine.h"
#include "ir/module.h"

#include <cstdint>

namespace sx::comptime {

/// An access below this address through a pointer to no object is a null dereference, so that a field of a null
/// struct pointer is one as well.
inline constexpr std::uint64_t null_page_bytes = 4096;

/// Bytes that a heap block of `size` bytes counts against `Limits::heap_bytes`: 16-byte granules and a header, so that
/// empty blocks are bounded too. Saturates.
constexpr std::uint64_t allocation_cost(std::uint64_t size) {
  constexpr std::uint64_t granule = 16;
  if (size > ~std::uint64_t{0} - 2 * granule)
    return ~std::uint64_t{0};
  const std::uint64_t rounded = (size + granule - 1) / granule * granule;
  return (rounded == 0 ? granule : rounded) + granule;
}

/// Bytes that a call of `function` counts against `Limits::frame_bytes`: its locals (parameters included) and its
/// `PlaceTemp` slots, each rounded up to 8 bytes. Types without a layout count nothing: using them is malformed IR.
/// Saturates. Linear in the body, so engines keep the answer.
std::uint64_t frame_cost(const ir::Module& module, const ir::Function& function);

/// Whether a block of `size` bytes may be allocated when `allocated` bytes (costs) are already counted.
constexpr bool allocation_allowed(const Limits& limits, std::uint64_t allocated, std::uint64_t size) {
  const std::uint64_t cost = allocation_cost(size);
  return size <= limits.single_allocation && allocated <= limits.heap_bytes && cost <= limits.heap_bytes - allocated;
}

} // namespace sx::comptime
