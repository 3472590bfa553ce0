#pragma once
// The type that a node has by its operands. The text form leaves such types out, the verifier demands them.

#include "ir/module.h"

#include <optional>

namespace sx::ir {

/// Either a row of the table, or the content of a row that the caller looks up or interns, or neither.
struct NaturalType {
  TypeId id;
  std::optional<Type> row;
};

/// The type that follows from kind and operands; neither if the node alone says it (constants, conversions, deref,
/// ...). For control nodes it is the likely one, not a demand. Safe on any node: bad ids give neither.
NaturalType natural_type(const Module& module, const Function& function, const Node& node);

/// Rows of types without components.
Type plain_type(TypeKind kind);
Type int_row(unsigned bits, bool is_signed);

} // namespace sx::ir
