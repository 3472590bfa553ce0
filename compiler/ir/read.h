#pragma once
// Reads the text form of a module (`.sxir`). README.md of this room describes it.

#include "ir/module.h"

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace sx::ir {

/// Where and why a text is no module. Lines and columns count from 1, columns in bytes.
struct ReadError {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
};

/// Checks the form only: numeric references may be wrong and bodies ill-typed (`verify` finds that). Names must be
/// known. Never recurses on the input; bodies deeper than `max_tree_depth` are refused.
std::expected<std::unique_ptr<Module>, ReadError> read(std::string_view text);

} // namespace sx::ir
