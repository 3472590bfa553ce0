#pragma once
// The tree structure of a function body, read off the node table.

#include "ir/module.h"

namespace sx::ir {

/// Where an operand's node id stands in its user.
enum class Role : std::uint8_t { A, B, C, Word };

/// One node operand: `word` indexes the function's pool if `role` is Word.
struct Operand {
  std::uint32_t node = none; ///< not checked: malformed IR may hold anything
  Role role = Role::A;
  Shape shape = Shape::Value; ///< Value, OptValue or Place
  std::size_t word = 0;
};

/// Words of a node's list; empty if it isn't inside the pool or the kind has no list.
std::span<const std::uint32_t> list_of(const Function& function, const Node& node);
/// The list shape of a kind (Values, Inits, Cases), or None.
Shape list_shape(Op op);

/// Calls `visit(Operand)` for each node operand that is present, in evaluation order of the table. Safe on any node.
template <class Visit> void for_each_operand(const Function& function, const Node& node, Visit&& visit) {
  const OpInfo& row = info(node.op);
  const auto field = [&](Shape shape, std::uint32_t value, Role role) {
    if (shape == Shape::Value || shape == Shape::Place || (shape == Shape::OptValue && value != none))
      visit(Operand{value, role, shape, 0});
  };
  field(row.a, node.a, Role::A);
  field(row.b, node.b, Role::B);
  field(row.c, node.c, Role::C);
  const auto words = list_of(function, node);
  const auto word = [&](std::size_t i, Shape shape) {
    if (shape != Shape::OptValue || words[i] != none)
      visit(Operand{words[i], Role::Word, shape, node.b + i});
  };
  if (row.b == Shape::Values)
    for (std::size_t i = 0; i < words.size(); ++i)
      word(i, Shape::Value);
  if (row.b == Shape::Inits)
    for (std::size_t i = 1; i < words.size(); i += 2)
      word(i, Shape::Value);
  if (row.b == Shape::Cases && !words.empty()) {
    word(0, Shape::OptValue);
    for (std::size_t i = 3; i < words.size(); i += 3)
      word(i, Shape::Value);
  }
}

/// Whether the nodes form one tree under `root` (the last node) of at most `max_tree_depth`, in which operands precede
/// their users, lists are whole and unused operand fields are 0.
bool is_tree(const Function& function);

/// Renumbers the nodes of a tree to post-order and the pool to the order of its users, as the text reader builds them.
/// Nothing else changes. The function must satisfy `is_tree`.
void canonicalise(Function& function);

} // namespace sx::ir
