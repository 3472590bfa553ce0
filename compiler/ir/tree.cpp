#include "ir/tree.h"

#include <algorithm>

namespace sx::ir {

Shape list_shape(Op op) {
  const Shape shape = info(op).b;
  return shape == Shape::Values || shape == Shape::Inits || shape == Shape::Cases ? shape : Shape::None;
}

std::span<const std::uint32_t> list_of(const Function& function, const Node& node) {
  const std::size_t size = function.words.size();
  if (list_shape(node.op) == Shape::None || node.b > size || node.c > size - node.b)
    return {};
  return function.list(node);
}

namespace {

bool whole_list(const Function& function, const Node& node) {
  const Shape shape = list_shape(node.op);
  if (shape == Shape::None)
    return true;
  if (list_of(function, node).size() != node.c)
    return false;
  return shape == Shape::Values || (shape == Shape::Inits ? node.c % 2 == 0 : node.c % 3 == 1);
}

bool unused_fields_zero(const Node& node) {
  const OpInfo& row = info(node.op);
  const bool list = list_shape(node.op) != Shape::None;
  return node.sub < sub_count(node.op) && (row.a != Shape::None || node.a == 0) &&
         (row.b != Shape::None || node.b == 0) && (row.c != Shape::None || list || node.c == 0);
}

} // namespace

bool is_tree(const Function& function) {
  const std::size_t count = function.nodes.size();
  if (count == 0 || function.spans.size() != count || function.root.index() != count - 1)
    return false;
  std::vector<std::uint32_t> depth(count, 1);
  std::vector<bool> used(count, false);
  for (std::size_t id = 0; id < count; ++id) {
    const Node& node = function.nodes[id];
    bool good = whole_list(function, node) && unused_fields_zero(node);
    for_each_operand(function, node, [&](const Operand& operand) {
      if (operand.node >= id || used[operand.node]) {
        good = false;
        return;
      }
      used[operand.node] = true;
      depth[id] = std::max(depth[id], depth[operand.node] + 1);
    });
    if (!good || depth[id] > max_tree_depth)
      return false;
  }
  return std::count(used.begin(), used.end(), false) == 1 && !used.back();
}

void canonicalise(Function& function) {
  std::vector<std::uint32_t> order; // old ids; first in reverse of the wanted order
  std::vector<std::uint32_t> pending{function.root.value};
  while (!pending.empty()) {
    const std::uint32_t id = pending.back();
    pending.pop_back();
    order.push_back(id);
    for_each_operand(function, function.nodes[id], [&](const Operand& operand) { pending.push_back(operand.node); });
  }
  std::reverse(order.begin(), order.end());
  std::vector<std::uint32_t> renumbered(function.nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    renumbered[order[i]] = static_cast<std::uint32_t>(i);

  Function old = std::move(function);
  function = old;
  function.nodes.clear();
  function.spans.clear();
  function.words.clear();
  for (std::uint32_t id : order) {
    Node node = old.nodes[id];
    if (list_shape(node.op) != Shape::None) {
      const auto words = list_of(old, node);
      node.b = static_cast<std::uint32_t>(function.words.size());
      function.words.insert(function.words.end(), words.begin(), words.end());
    }
    for_each_operand(old, old.nodes[id], [&](const Operand& operand) {
      const std::uint32_t target = renumbered[operand.node];
      switch (operand.role) {
      case Role::A: node.a = target; break;
      case Role::B: node.b = target; break;
      case Role::C: node.c = target; break;
      case Role::Word: function.words[node.b + (operand.word - old.nodes[id].b)] = target; break;
      }
    });
    function.nodes.push_back(node);
    function.spans.push_back(old.spans[id]);
  }
  function.root = NodeId(function.nodes.size() - 1);
}

} // namespace sx::ir
