#pragma once
// What must hold of a body before it is walked: operands are nodes of the right category with smaller ids, no node is
// used twice, lists lie inside the word pool, table ids exist. Types are checked during the walk.

#include "ir/module.h"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace sx::comptime::reference {

/// What the walk needs to know of one function besides its body.
struct FunctionFacts {
  std::uint64_t frame_cost = 0;
  std::vector<std::uint32_t> temp_index; ///< by node id: number of the `PlaceTemp` slot; empty if there is none
  std::uint32_t temp_count = 0;
};

/// The facts of a function with a body, or what is wrong with it and at which node.
struct ShapeError {
  std::string text;
  std::uint32_t node = ir::none;
};
std::expected<FunctionFacts, ShapeError> check_shape(const ir::Module& module, const ir::Function& function);

} // namespace sx::comptime::reference
