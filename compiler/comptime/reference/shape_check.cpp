#include "comptime/reference/shape_check.h"

#include "comptime/limits.h"

#include <optional>
#include <span>

namespace sx::comptime::reference {

namespace {

using ir::Category;
using ir::Shape;

class Checker {
public:
  Checker(const ir::Module& module, const ir::Function& function)
      : module_(module), function_(function), used_(function.nodes.size()) {}

  std::optional<ShapeError> run() {
    if (auto error = signature())
      return ShapeError{*error};
    for (std::uint32_t id = 0; id < function_.nodes.size(); ++id)
      if (auto error = node(id))
        return ShapeError{*error, id};
    if (function_.root.index() >= function_.nodes.size())
      return ShapeError{"the root is not a node"};
    if (category(function_.root.value) == Category::Place)
      return ShapeError{"the root is a place", function_.root.value};
    if (used_[function_.root.index()])
      return ShapeError{"the root is used as an operand", function_.root.value};
    return std::nullopt;
  }

private:
  using Error = std::optional<std::string>;

  Category category(std::uint32_t id) const { return ir::info(function_.nodes[id].op).category; }

  Error signature() const {
    const ir::TypeId id = function_.signature;
    if (id.index() >= module_.types.size() || module_.type(id).kind != ir::TypeKind::Signature)
      return "the signature is not one";
    const auto& params = module_.type(id).params;
    if (params.size() != function_.param_count || function_.locals.size() < params.size())
      return "parameters do not match the signature";
    for (std::size_t i = 0; i < params.size(); ++i)
      if (function_.locals[i].type != params[i])
        return "parameters do not match the signature";
    return std::nullopt;
  }

  Error node(std::uint32_t id) {
    const ir::Node& n = function_.nodes[id];
    if (static_cast<std::size_t>(n.op) >= ir::op_count)
      return "unknown node kind";
    if (n.type.index() >= module_.types.size())
      return "the type is not in the table";
    if (n.sub >= ir::sub_count(n.op))
      return "unknown operator";
    const ir::OpInfo& row = ir::info(n.op);
    if (auto error = operand(id, row.a, n.a))
      return error;
    if (row.b == Shape::Values || row.b == Shape::Inits || row.b == Shape::Cases)
      return list(id, row.b, n);
    if (auto error = operand(id, row.b, n.b))
      return error;
    return operand(id, row.c, n.c);
  }

  Error operand(std::uint32_t user, Shape shape, std::uint32_t word) {
    const auto row = [word](std::size_t rows, std::string_view table) -> Error {
      if (word < rows)
        return std::nullopt;
      return std::string(table) + " id out of range";
    };
    switch (shape) {
    case Shape::OptValue:
      if (word == ir::none)
        return std::nullopt;
      [[fallthrough]];
    case Shape::Value: return child(user, word, false);
    case Shape::Place: return child(user, word, true);
    case Shape::Type: return row(module_.types.size(), "type");
    case Shape::Local: return row(function_.locals.size(), "local");
    case Shape::Global: return row(module_.globals.size(), "global");
    case Shape::Func: return row(module_.functions.size(), "function");
    case Shape::Extern: return row(module_.externs.size(), "extern");
    case Shape::Data: return row(module_.data.size(), "data");
    case Shape::Frame: return row(module_.frames.size(), "frame");
    case Shape::Text: return word == ir::none ? std::nullopt : row(module_.strings.size(), "text");
    default: return std::nullopt;
    }
  }

  Error child(std::uint32_t user, std::uint32_t id, bool place) {
    if (id >= user)
      return "operand id is not smaller than its user's";
    if ((category(id) == Category::Place) != place)
      return place ? "operand is not a place" : "operand is a place";
    if (used_[id])
      return "a node is used twice";
    used_[id] = true;
    return std::nullopt;
  }

  Error list(std::uint32_t id, Shape shape, const ir::Node& n) {
    if (n.b > function_.words.size() || n.c > function_.words.size() - n.b)
      return "list out of range";
    const auto words = function_.list(n);
    if (shape == Shape::Values)
      return every(id, words, 0, 1);
    if (shape == Shape::Inits)
      return words.size() % 2 == 0 ? every(id, words, 1, 2) : Error("odd initializer list");
    if (words.size() % 3 != 1)
      return "broken case list";
    if (auto error = operand(id, Shape::OptValue, words[0]))
      return error;
    return every(id, words, 3, 3);
  }

  Error every(std::uint32_t id, std::span<const std::uint32_t> words, std::size_t first, std::size_t step) {
    for (std::size_t i = first; i < words.size(); i += step)
      if (auto error = child(id, words[i], false))
        return error;
    return std::nullopt;
  }

  const ir::Module& module_;
  const ir::Function& function_;
  std::vector<bool> used_;
};

} // namespace

std::expected<FunctionFacts, ShapeError> check_shape(const ir::Module& module, const ir::Function& function) {
  if (auto error = Checker(module, function).run())
    return std::unexpected(std::move(*error));
  FunctionFacts facts;
  facts.frame_cost = frame_cost(module, function);
  for (std::uint32_t id = 0; id < function.nodes.size(); ++id) {
    if (function.nodes[id].op != ir::Op::PlaceTemp)
      continue;
    facts.temp_index.resize(function.nodes.size());
    facts.temp_index[id] = facts.temp_count++;
  }
  return facts;
}

} // namespace sx::comptime::reference
