#pragma once
// Locals that are copies of something which does not change while they are read, so that they need no storage.

#include "comptime/vm/body_facts.h"

#include <cstdint>
#include <vector>

namespace sx::comptime::vm {

/// A local that stands for its source.
struct Copy {
  std::uint32_t local = ir::none;
  std::uint32_t store = ir::none;  ///< the only store to it
  std::uint32_t source = ir::none; ///< place that the store reads
  std::uint32_t base = ir::none;   ///< local that `source` is, or whose word it dereferences
};

/// The copies of a verified body, ascending by local. A source is a local that is itself no copy and is named only as a
/// whole, or constant members of what such a local points to. Each use of a copy reads it (or constant members of it)
/// and stands behind the store in the store's own block; on no way from there is the source written.
std::vector<Copy> find_copies(const ir::Function& function, const BodyFacts& facts);

} // namespace sx::comptime::vm
