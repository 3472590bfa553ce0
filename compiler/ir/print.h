#pragma once
// The text form of a module (`.sxir`). README.md of this room describes it.

#include "ir/module.h"

#include <string>

namespace sx::ir {

/// Any module, verified or not. Bodies that aren't trees (`is_tree`) are listed node by node in a `raw` form.
/// Reading the text back gives an equal module up to the numbering of strings, nodes (`canonicalise`) and words.
std::string print(const Module& module);

/// One function as it stands in `print`.
std::string print_function(const Module& module, FuncId function);

/// A type as the text form refers to it. `id` may be anything.
std::string print_type(const Module& module, TypeId id);

} // namespace sx::ir
