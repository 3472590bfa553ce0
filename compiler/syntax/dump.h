#pragma once
// A readable form of syntax trees for tests and debugging.

#include "source/interner.h"
#include "syntax/ast.h"

#include <string>

namespace sx::syntax {

/// The tree as an S-expression in one line: `(Kind field field ...)` with the fields in the order of `ast.def`.
/// Absent children and names are `_`, lists stand in `[ ]`, texts in quotes. A `bool` is written as its field
/// name when true and left out when false; enumerators of value 0 and spans are left out.
std::string dump(const Tree& tree, const Interner& strings);
std::string dump(const Tree& tree, NodeId node, const Interner& strings);

} // namespace sx::syntax
