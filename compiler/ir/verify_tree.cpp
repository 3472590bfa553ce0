#include "ir/tree.h"
#include "ir/verify_internal.h"

#include <algorithm>

namespace sx::ir {

namespace {

class TreeVerifier {
public:
  TreeVerifier(const Module& module, FuncId id, VerifySink& sink)
      : module_(module), id_(id), function_(module.function(id)), sink_(sink) {}

  bool run() {
    const std::size_t before = sink_.count();
    const std::size_t count = function_.nodes.size();
    if (count == 0 || function_.spans.size() != count || function_.root.index() != count - 1) {
      sink_.report(Rule::Body, "the body has no nodes, not one span a node, or a root that isn't the last node", id_);
      return false;
    }
    depth_.assign(count, 1);
    used_.assign(count, false);
    for (std::size_t node = 0; node < count && !sink_.full(); ++node)
      visit(node);
    for (std::size_t node = 0; node + 1 < count && !sink_.full(); ++node)
      if (!used_[node])
        report(node, Rule::UsedOnce, "no node uses it");
    return sink_.count() == before;
  }

private:
  void report(std::size_t node, Rule rule, std::string detail) {
    sink_.report(rule, std::move(detail), id_, NodeId(node));
  }

  void visit(std::size_t id) {
    const Node& node = function_.nodes[id];
    if (static_cast<std::size_t>(node.op) >= op_count || node.sub >= sub_count(node.op))
      return report(id, Rule::Operator, "no operator has the number " + std::to_string(node.sub));
    const Span span = function_.spans[id];
    if (span.valid() && (span.file.index() >= module_.files.size() || span.begin > span.end))
      report(id, Rule::Position, "the span is wrong");
    if (node.type.index() >= module_.types.size() || module_.type(node.type).kind == TypeKind::Signature)
      report(id, Rule::TableId, "the node's type is no row that a node can have");
    fields(id, node);
    list(id, node);
    for_each_operand(function_, node, [&](const Operand& operand) { use(id, operand); });
    if (depth_[id] > max_tree_depth)
      report(id, Rule::Depth, "the tree under it is deeper than " + std::to_string(max_tree_depth));
  }

  void fields(std::size_t id, const Node& node) {
    const OpInfo& row = info(node.op);
    field(id, row.a, node.a);
    field(id, row.b, node.b);
    if (list_shape(node.op) == Shape::None)
      field(id, row.c, node.c);
  }

  void field(std::size_t id, Shape shape, std::uint32_t value) {
    std::size_t rows = 0;
    switch (shape) {
    case Shape::None:
      if (value != 0)
        report(id, Rule::UnusedField, "an unused operand field holds " + std::to_string(value));
      return;
    case Shape::Type: rows = module_.types.size(); break;
    case Shape::Local: rows = function_.locals.size(); break;
    case Shape::Global: rows = module_.globals.size(); break;
    case Shape::Func: rows = module_.functions.size(); break;
    case Shape::Extern: rows = module_.externs.size(); break;
    case Shape::Data: rows = module_.data.size(); break;
    case Shape::Frame: rows = module_.frames.size(); break;
    case Shape::Text:
      if (value != none && value >= module_.strings.size())
        report(id, Rule::Text, "the text is no row");
      return;
    default: return;
    }
    if (value >= rows)
      report(id, Rule::TableId, "operand " + std::to_string(value) + " is out of range");
  }

  void list(std::size_t id, const Node& node) {
    const Shape shape = list_shape(node.op);
    if (shape == Shape::None)
      return;
    const bool inside = list_of(function_, node).size() == node.c && node.b <= function_.words.size();
    const bool whole = shape == Shape::Values || (shape == Shape::Inits ? node.c % 2 == 0 : node.c % 3 == 1);
    if (!inside || !whole)
      report(id, Rule::List, inside ? "the list has not the length of its shape" : "the list leaves the word pool");
  }

  void use(std::size_t id, const Operand& operand) {
    if (operand.node >= id)
      return report(id, Rule::OperandOrder, "operand " + std::to_string(operand.node) + " does not precede its user");
    if (used_[operand.node])
      report(id, Rule::UsedOnce, "operand " + std::to_string(operand.node) + " is used twice");
    used_[operand.node] = true;
    depth_[id] = std::max(depth_[id], depth_[operand.node] + 1);
    const bool is_place = info(function_.nodes[operand.node].op).category == Category::Place;
    if (is_place != (operand.shape == Shape::Place))
      report(id, Rule::Category,
             "operand " + std::to_string(operand.node) + (is_place ? " is a place, not a value" : " is not a place"));
  }

  const Module& module_;
  FuncId id_;
  const Function& function_;
  VerifySink& sink_;
  std::vector<std::uint32_t> depth_;
  std::vector<bool> used_;
};

} // namespace

bool verify_tree(const Module& module, FuncId function, VerifySink& sink) {
  return TreeVerifier(module, function, sink).run();
}

} // namespace sx::ir
