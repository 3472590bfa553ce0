#include "typed_mutation.h"

#include "edit.h"
#include "ir/tree.h"
#include "oracle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

namespace sx::fuzz {

using ir::NodeId;
using ir::Op;
using ir::TypeId;
using ir::TypeKind;

namespace {

constexpr unsigned value_depth = 3;

/// Where arithmetic, indices, sizes and conversions change their mind.
std::uint64_t boundary(ir::Choices& choices, unsigned bits) {
  const std::uint64_t top = std::uint64_t{1} << (bits == 0 ? 0 : bits - 1);
  switch (choices.below(9)) {
  case 0: return 0;
  case 1: return 1;
  case 2: return ~std::uint64_t{0};
  case 3: return top;     // the smallest signed
  case 4: return top - 1; // the largest signed
  case 5: return (std::uint64_t{1} << choices.below(64)) - choices.below(2);
  case 6: return choices.below(20);
  case 7: return ~choices.below(20);
  default: return choices.next();
  }
}

std::uint64_t float_boundary(ir::Choices& choices, unsigned bits) {
  using Double = std::numeric_limits<double>;
  constexpr double numbers[] = {0.0,
                                -0.0,
                                1.0,
                                -1.0,
                                0.5,
                                Double::infinity(),
                                -Double::infinity(),
                                Double::quiet_NaN(),
                                Double::max(),
                                Double::min(),
                                Double::denorm_min(),
                                Double::epsilon(),
                                2147483648.0,
                                9223372036854775808.0,
                                -9223372036854775808.0,
                                18446744073709551616.0,
                                16777217.0,
                                1e-40,
                                3.4028236e38,
                                255.5};
  if (choices.one_in(6))
    return bits == 32 ? choices.next() & 0xffff'ffff : choices.next();
  const double number = choices.one_in(4) ? static_cast<double>(static_cast<std::int64_t>(boundary(choices, 64)))
                                          : numbers[choices.below(std::size(numbers))];
  if (bits == 64)
    return std::bit_cast<std::uint64_t>(number);
  constexpr double most = std::numeric_limits<float>::max();
  const float narrow = number > most    ? std::numeric_limits<float>::infinity()
                       : number < -most ? -std::numeric_limits<float>::infinity()
                                        : static_cast<float>(number);
  return std::bit_cast<std::uint32_t>(narrow);
}

template <class List> auto& any_of(ir::Choices& choices, List& list) {
  return list[choices.below(std::size(list))];
}

/// One change of one function.
class Mutation {
public:
  Mutation(ir::Choices& choices, ir::Module& module, const ir::Module* donor, ir::FuncId id)
      : choices_(choices), module_(module), donor_(donor), id_(id) {}

  void run() {
    switch (choices_.below(8)) {
    case 0:
    case 1:
    case 2: return adjust_node();
    case 3: return edit_block();
    case 4: return replace(any_node([](const ir::Node&) { return true; }), true);
    case 5: return replace(any_node([](const ir::Node&) { return true; }), false);
    case 6: return shrink();
    default: return retarget();
    }
  }

private:
  ir::Function& function() { return module_.function(id_); }
  const ir::Type& row(TypeId type) const { return module_.type(type); }
  TypeKind kind(TypeId type) const { return row(type).kind; }

  template <class Accept> std::optional<std::uint32_t> any_node(Accept&& accept) {
    const auto& nodes = function().nodes;
    const std::size_t start = choices_.below(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (const std::size_t id = (start + i) % nodes.size(); accept(nodes[id]))
        return static_cast<std::uint32_t>(id);
    return std::nullopt;
  }

  // ---- in place: another constant, operator, row of the same kind ----

  void set_pattern(ir::Node& node, std::uint64_t pattern) {
    node.a = static_cast<std::uint32_t>(pattern);
    node.b = static_cast<std::uint32_t>(pattern >> 32);
  }

  std::uint64_t constant_pattern(const ir::Type& type) {
    if (type.kind == TypeKind::Float)
      return float_boundary(choices_, type.bits);
    return ir::canonical_pattern(type, boundary(choices_, type.kind == TypeKind::Int ? type.bits : 1));
  }

  void adjust_node() {
    const auto at = any_node([](const ir::Node& node) {
      return node.op == Op::ConstInt || node.op == Op::ConstFloat || ir::sub_count(node.op) > 1 ||
             node.op == Op::PlacePayload || node.op == Op::Switch || node.op == Op::PlaceField;
    });
    if (!at)
      return;
    ir::Node& node = function().nodes[*at];
    switch (node.op) {
    case Op::ConstInt:
    case Op::ConstFloat: return set_pattern(node, constant_pattern(row(node.type)));
    case Op::PlacePayload: node.b = static_cast<std::uint32_t>(choices_.below(24)); return;
    case Op::PlaceField: node.b = static_cast<std::uint32_t>(choices_.below(6)); return;
    case Op::Switch:
      if (const auto words = ir::list_of(function(), node); words.size() > 3) {
        const std::size_t label = node.b + 1 + 3 * choices_.below(words.size() / 3);
        const std::uint64_t pattern = constant_pattern(row(function().nodes[node.a].type));
        function().words[label] = static_cast<std::uint32_t>(pattern);
        function().words[label + 1] = static_cast<std::uint32_t>(pattern >> 32);
      }
      return;
    default: node.sub = static_cast<std::uint8_t>(choices_.below(ir::sub_count(node.op))); return;
    }
  }

  template <class Table, class Same> std::uint32_t other_row(const Table& table, std::uint32_t now, Same&& same) {
    const std::size_t start = choices_.below(table.size());
    for (std::size_t i = 0; i < table.size(); ++i)
      if (const std::size_t id = (start + i) % table.size(); id != now && same(table[id]))
        return static_cast<std::uint32_t>(id);
    return now;
  }

  // Another local, global, callee, label, text: rows of the same type.
  void retarget() {
    const auto at = any_node([](const ir::Node& node) {
      switch (ir::info(node.op).a) {
      case ir::Shape::Local:
      case ir::Shape::Global:
      case ir::Shape::Func:
      case ir::Shape::Extern:
      case ir::Shape::Data:
      case ir::Shape::Frame: return true;
      default: return node.op == Op::Break || node.op == Op::Continue;
      }
    });
    if (!at)
      return;
    ir::Node& node = function().nodes[*at];
    switch (ir::info(node.op).a) {
    case ir::Shape::Local:
      node.a = other_row(function().locals, node.a,
                         [&, type = function().locals[node.a].type](const auto& local) { return local.type == type; });
      return;
    case ir::Shape::Global:
      node.a = other_row(module_.globals, node.a,
                         [&, type = module_.globals[node.a].type](const auto& other) { return other.type == type; });
      return;
    case ir::Shape::Func: {
      const TypeId signature = module_.functions[node.a].signature;
      if (choices_.one_in(4) && function().signature == signature)
        node.a = id_.value; // recursion
      else
        node.a = other_row(module_.functions, node.a,
                           [&](const auto& other) { return node.op != Op::Call || other.signature == signature; });
      return;
    }
    case ir::Shape::Extern: {
      const ir::Extern& old = module_.externs[node.a];
      node.a = other_row(module_.externs, node.a, [&](const auto& other) {
        return other.signature == old.signature && other.is_variable == old.is_variable;
      });
      return;
    }
    case ir::Shape::Data: node.a = static_cast<std::uint32_t>(choices_.below(module_.data.size())); return;
    case ir::Shape::Frame: node.a = static_cast<std::uint32_t>(choices_.below(module_.frames.size())); return;
    default: {
      const auto around = enclosing(*at, node.op == Op::Continue);
      if (!around.empty())
        node.a = any_of(choices_, around).label;
    }
    }
  }

  // ---- what encloses a node ----

  struct Target {
    std::uint32_t label;
    TypeId type;
    bool is_loop;
  };

  std::vector<Target> enclosing(std::uint32_t at, bool only_loops) {
    const ir::Function& f = function();
    return enclosing(f, at, only_loops);
  }

  static std::vector<Target> enclosing(const ir::Function& f, std::uint32_t at, bool only_loops) {
    // Users follow their operands: one pass upwards finds the path to the root.
    std::vector<Target> found;
    std::uint32_t inner = at;
    for (std::uint32_t id = at + 1; id < f.nodes.size(); ++id) {
      bool uses = false;
      ir::for_each_operand(f, f.nodes[id], [&](const ir::Operand& operand) { uses |= operand.node == inner; });
      if (!uses)
        continue;
      inner = id;
      const ir::Node& node = f.nodes[id];
      if (node.op == Op::Loop || (node.op == Op::Block && !only_loops))
        found.push_back({node.a, node.type, node.op == Op::Loop});
    }
    return found;
  }

  // ---- lists of blocks ----

  void edit_block() {
    const auto at = any_node([](const ir::Node& node) { return node.op == Op::Block && node.c > 0; });
    if (!at)
      return;
    replace_tree(module_, id_, *at, [&](Edit& edit) {
      const ir::Node& block = edit.node();
      const auto words = ir::list_of(edit.old(), block);
      std::vector<std::uint32_t> order(words.begin(), words.end());
      const std::size_t place = choices_.below(order.size());
      const unsigned change = static_cast<unsigned>(choices_.below(6));
      if (change == 0 && order.size() > 1)
        order.erase(order.begin() + static_cast<std::ptrdiff_t>(place));
      else if (change == 1)
        std::swap(order[place], order[choices_.below(order.size())]);
      else if (change == 2)
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(choices_.below(order.size())), order[place]);
      const bool keeps_label = change < 3 || true;
      std::vector<NodeId> children;
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (change >= 3 && i == place)
          children.push_back(statement(edit));
        children.push_back(edit.original(order[i]));
      }
      return edit.build.block(keeps_label ? block.a : 0, block.type, children);
    });
  }

  // ---- trees ----

  bool is_place(const ir::Node& node) const { return ir::info(node.op).category == ir::Category::Place; }

  // A tree gives way to a new one of its type, which may contain it.
  void replace(std::optional<std::uint32_t> at, bool wrap) {
    if (!at)
      return;
    replace_tree(module_, id_, *at, [&](Edit& edit) {
      const ir::Node node = edit.node();
      if (is_place(node))
        return wrap ? wrapped_place(edit) : place(edit, node.type, value_depth);
      return wrap ? wrapped(edit, node.type) : value(edit, node.type, value_depth);
    });
  }

  // A tree gives way to one of its own parts of the same type.
  void shrink() {
    const auto at = any_node([&](const ir::Node& node) { return !is_place(node); });
    if (!at)
      return;
    replace_tree(module_, id_, *at, [&](Edit& edit) {
      std::vector<std::uint32_t> parts = subtree(edit.old(), edit.at());
      std::erase_if(parts, [&](std::uint32_t id) {
        return id == edit.at() || is_place(edit.old().nodes[id]) || edit.old().nodes[id].type != edit.node().type;
      });
      return parts.empty() ? constant(edit, edit.node().type) : edit.original(any_of(choices_, parts));
    });
  }

  NodeId constant(Edit& edit, TypeId type, unsigned depth = 1) {
    ir::Builder& b = edit.build;
    const ir::Type& t = row(type);
    switch (t.kind) {
    case TypeKind::Void: return b.block(edit.label(), type, {});
    case TypeKind::Never: return b.trap(ir::TrapKind::Unreachable, "");
    case TypeKind::Bool:
    case TypeKind::Int: return b.const_int(type, constant_pattern(t));
    case TypeKind::Float: return b.const_float(type, constant_pattern(t));
    case TypeKind::Code:
      if (module_.functions.empty() || choices_.one_in(4))
        return b.zero(type);
      return b.const_function(ir::FuncId(static_cast<std::uint32_t>(choices_.below(module_.functions.size()))));
    case TypeKind::Pointer:
      if (choices_.one_in(2))
        return b.data(type, "boundary");
      return b.zero(type);
    case TypeKind::Array:
    case TypeKind::Vector:
      if (depth > 0 && choices_.one_in(2))
        return b.splat(type, constant(edit, t.element, depth - 1));
      return b.zero(type);
    case TypeKind::Aggregate: {
      if (depth == 0 || choices_.one_in(3))
        return b.zero(type);
      std::vector<ir::Builder::Init> inits;
      for (std::uint32_t i = 0; i < t.fields.size() && i < 6; ++i)
        if (!choices_.one_in(3))
          inits.push_back({i, constant(edit, t.fields[i].type, depth - 1)});
      return b.aggregate(type, inits);
    }
    case TypeKind::Signature: break;
    }
    return b.poison("no value");
  }

  std::optional<std::uint32_t> local_of(Edit& edit, TypeId type) {
    const auto& locals = edit.build.function().locals;
    const std::size_t start = choices_.below(locals.size());
    for (std::size_t i = 0; i < locals.size(); ++i)
      if (const std::size_t id = (start + i) % locals.size(); locals[id].type == type)
        return static_cast<std::uint32_t>(id);
    return std::nullopt;
  }

  NodeId place(Edit& edit, TypeId type, unsigned depth) {
    ir::Builder& b = edit.build;
    const auto known = local_of(edit, type);
    switch (choices_.below(depth == 0 ? 2 : 6)) {
    case 0:
    case 1:
    case 2:
      if (known)
        return b.local(ir::LocalId(*known));
      break;
    case 3: // through an address
      if (known)
        return b.deref(b.address_of(b.local(ir::LocalId(*known))), type);
      break;
    case 4: { // an element or member of something larger
      const auto& locals = edit.build.function().locals;
      for (std::uint32_t id = 0; id < locals.size(); ++id) {
        const ir::Type& whole = row(locals[id].type);
        if ((whole.kind == TypeKind::Array || whole.kind == TypeKind::Vector) && whole.element == type) {
          const NodeId base = b.local(ir::LocalId(id));
          return b.index(base, b.const_int(b.int_type(64, true), choices_.below(whole.count + 1)));
        }
        if (whole.kind != TypeKind::Aggregate)
          continue;
        for (std::uint32_t member = 0; member < whole.fields.size(); ++member)
          if (whole.fields[member].type == type)
            return b.field(b.local(ir::LocalId(id)), member);
      }
      break;
    }
    default:
      for (std::uint32_t id = 0; id < module_.globals.size(); ++id)
        if (module_.globals[id].type == type)
          return b.global(ir::GlobalId(id));
    }
    return b.temp(value(edit, type, depth == 0 ? 0 : depth - 1));
  }

  NodeId wrapped_place(Edit& edit) {
    ir::Builder& b = edit.build;
    const TypeId type = edit.node().type;
    switch (choices_.below(3)) {
    case 0: return b.deref(b.address_of(edit.original()), type);
    case 1: return b.payload(edit.original(), 0, type);
    default: {
      const NodeId address = b.address_of(edit.original());
      return b.deref(b.element_pointer(address, index(edit), type), type);
    }
    }
  }

  NodeId index(Edit& edit) {
    const TypeId type = edit.build.int_type(64, true);
    return choices_.one_in(3) ? value(edit, type, 0) : edit.build.const_int(type, choices_.below(4));
  }

  /// A tree of that type from the same function, or from the donor.
  std::optional<NodeId> transplant(Edit& edit, TypeId type) {
    const bool foreign = donor_ && choices_.one_in(2);
    if (!foreign) {
      std::vector<std::uint32_t> found;
      for (std::uint32_t id = 0; id < edit.old().nodes.size(); ++id)
        if (edit.old().nodes[id].type == type && !is_place(edit.old().nodes[id]))
          found.push_back(id);
      if (found.empty())
        return std::nullopt;
      return edit.original(any_of(choices_, found));
    }
    const TypeId theirs = donor_->find_type(row(type)); // scalars: rows without components are equal everywhere
    if (!theirs || donor_->functions.empty())
      return std::nullopt;
    const ir::Function& source = any_of(choices_, donor_->functions);
    std::vector<std::uint32_t> found;
    for (std::uint32_t id = 0; id < source.nodes.size(); ++id)
      if (source.nodes[id].type == theirs && !is_place(source.nodes[id]))
        found.push_back(id);
    if (found.empty())
      return std::nullopt;
    Graft graft(*donor_, module_);
    const NodeId copy = edit.foreign(graft, source, any_of(choices_, found));
    graft.finish();
    return copy;
  }

  std::optional<NodeId> call(Edit& edit, TypeId type, unsigned depth) {
    const std::size_t count = module_.functions.size();
    const std::size_t start = choices_.below(count);
    for (std::size_t i = 0; i < count; ++i) {
      const ir::FuncId callee(static_cast<std::uint32_t>((start + i) % count));
      const ir::Type& signature = row(module_.function(callee).signature);
      if (signature.element != type || signature.is_variadic)
        continue;
      const bool indirect = choices_.one_in(4);
      const NodeId code = indirect ? edit.build.const_function(callee) : NodeId();
      std::vector<NodeId> arguments;
      for (TypeId param : signature.params)
        arguments.push_back(value(edit, param, depth));
      return indirect ? edit.build.call_indirect(module_.function(callee).signature, code, arguments)
                      : edit.build.call(callee, arguments);
    }
    return std::nullopt;
  }

  NodeId truth(Edit& edit, unsigned depth) { return value(edit, edit.build.bool_type(), depth); }

  NodeId value(Edit& edit, TypeId type, unsigned depth) {
    if (depth == 0)
      return choices_.one_in(2) || kind(type) < TypeKind::Bool ? constant(edit, type)
                                                               : edit.build.load(place(edit, type, 0));
    --depth;
    ir::Builder& b = edit.build;
    switch (choices_.below(8)) {
    case 0: return constant(edit, type);
    case 1:
      if (kind(type) >= TypeKind::Bool)
        return b.load(place(edit, type, depth));
      break;
    case 2:
    case 3:
      if (const auto tree = transplant(edit, type))
        return *tree;
      break;
    case 4:
      if (const auto result = call(edit, type, depth))
        return *result;
      break;
    case 5: {
      const NodeId condition = truth(edit, depth);
      const NodeId then_arm = value(edit, type, depth);
      return b.if_(condition, then_arm, value(edit, type, depth), type);
    }
    default:
      if (const auto result = computed(edit, type, depth))
        return *result;
    }
    return constant(edit, type);
  }

  TypeId any_scalar(ir::Builder& b) {
    constexpr std::uint8_t widths[] = {1, 7, 8, 12, 16, 32, 33, 63, 64};
    switch (choices_.below(8)) {
    case 0: return b.bool_type();
    case 1: return b.float_type(32);
    case 2: return b.float_type(64);
    default: return b.int_type(any_of(choices_, widths), choices_.one_in(2));
    }
  }

  std::optional<NodeId> computed(Edit& edit, TypeId type, unsigned depth) {
    ir::Builder& b = edit.build;
    const TypeKind lane = kind(type) == TypeKind::Vector ? kind(row(type).element) : kind(type);
    if (lane != TypeKind::Bool && lane != TypeKind::Int && lane != TypeKind::Float)
      return std::nullopt;
    switch (choices_.below(4)) {
    case 0:
      return b.unary(lane == TypeKind::Bool || (lane == TypeKind::Int && choices_.one_in(2)) ? ir::UnaryOp::BitNot
                                                                                             : ir::UnaryOp::Neg,
                     value(edit, type, depth));
    case 1:
      if (kind(type) != TypeKind::Vector)
        return converted(edit, type, depth);
      [[fallthrough]];
    case 2:
      if (kind(type) == TypeKind::Bool) {
        const TypeId operand = any_scalar(b);
        const NodeId lhs = value(edit, operand, depth);
        return b.compare(static_cast<ir::CompareOp>(choices_.below(6)), lhs, value(edit, operand, depth));
      }
      [[fallthrough]];
    default: {
      const unsigned first = lane == TypeKind::Bool ? 5 : 0; // and, or, xor; float arithmetic; all
      const unsigned last = lane == TypeKind::Bool ? 8 : lane == TypeKind::Float ? 5 : 10;
      const NodeId lhs = value(edit, type, depth);
      return b.binary(static_cast<ir::BinaryOp>(first + choices_.below(last - first)), lhs, value(edit, type, depth));
    }
    }
  }

  NodeId converted(Edit& edit, TypeId type, unsigned depth) {
    ir::Builder& b = edit.build;
    const TypeId from = any_scalar(b);
    const NodeId operand = value(edit, from, depth);
    const bool to_float = kind(type) == TypeKind::Float, from_float = kind(from) == TypeKind::Float;
    ir::ConvertOp op = to_float ? (from_float ? ir::ConvertOp::FloatResize : ir::ConvertOp::IntToFloat)
                                : (from_float ? ir::ConvertOp::FloatToInt : ir::ConvertOp::Resize);
    if (kind(type) == TypeKind::Bool)
      op = ir::ConvertOp::Truth;
    return b.convert(op, operand, type);
  }

  // The old tree inside a new one of its type.
  NodeId wrapped(Edit& edit, TypeId type) {
    ir::Builder& b = edit.build;
    const bool has_value = kind(type) >= TypeKind::Bool;
    switch (choices_.below(9)) {
    case 0: {
      const NodeId children[] = {statement(edit), edit.original()};
      return b.block(edit.label(), type, children);
    }
    case 1: {
      const NodeId condition = truth(edit, 1);
      const NodeId arm = edit.original();
      return b.if_(condition, arm, value(edit, type, 1), type);
    }
    case 2: return looped(edit, type);
    case 3: return switched(edit, type);
    case 4:
      if (has_value)
        return b.load(b.temp(edit.original()));
      break;
    case 5:
      if (has_value)
        return b.load(b.deref(b.address_of(b.temp(edit.original())), type));
      break;
    case 6:
      if (kind(type) == TypeKind::Int || kind(type) == TypeKind::Float) {
        const NodeId lhs = edit.original();
        return b.binary(static_cast<ir::BinaryOp>(choices_.below(kind(type) == TypeKind::Int ? 10 : 5)), lhs,
                        value(edit, type, 1));
      }
      break;
    case 7:
      if (kind(type) == TypeKind::Int) { // there and back
        const TypeId other = any_scalar(b);
        if (kind(other) == TypeKind::Int)
          return b.convert(ir::ConvertOp::Resize, b.convert(ir::ConvertOp::Resize, edit.original(), other), type);
        if (kind(other) == TypeKind::Float)
          return b.convert(ir::ConvertOp::FloatToInt, b.convert(ir::ConvertOp::IntToFloat, edit.original(), other),
                           type);
      }
      break;
    default: break;
    }
    const NodeId children[] = {edit.original(), value(edit, type, 1)};
    return b.block(edit.label(), type, children);
  }

  // Runs the old tree a few times; the value is that of the last round.
  NodeId looped(Edit& edit, TypeId type) {
    ir::Builder& b = edit.build;
    if (kind(type) == TypeKind::Never)
      return b.loop(edit.label(), type, edit.original());
    const TypeId number = b.int_type(32, true);
    const ir::LocalId counter = b.add_local(StringId(), number);
    const std::uint32_t outer = edit.label(), loop = edit.label(), round = edit.label();
    const NodeId start = b.local(counter);
    const NodeId clear = b.store(start, b.const_int(number, 0));
    const NodeId target = b.local(counter);
    const NodeId old = b.load(b.local(counter));
    const NodeId step = b.store(target, b.binary(ir::BinaryOp::Add, old, b.const_int(number, 1)));
    const NodeId now = b.load(b.local(counter));
    const NodeId done = b.compare(ir::CompareOp::Gt, now, b.const_int(number, choices_.below(6)));
    const NodeId body = edit.original();
    NodeId leave;
    if (kind(type) == TypeKind::Void) {
      const NodeId last[] = {body, b.break_(loop)};
      leave = b.block(edit.label(), b.never_type(), last);
    } else {
      leave = b.break_(loop, body);
    }
    const NodeId test = b.if_(done, leave, NodeId(), b.void_type());
    const NodeId rounds[] = {step, test, statement(edit)};
    const NodeId whole[] = {clear, b.loop(loop, type, b.block(round, b.void_type(), rounds))};
    return b.block(outer, type, whole);
  }

  NodeId switched(Edit& edit, TypeId type) {
    ir::Builder& b = edit.build;
    const TypeId number = b.int_type(choices_.one_in(2) ? 8 : 64, choices_.one_in(2));
    const NodeId subject = value(edit, number, 1);
    std::vector<ir::Builder::Case> cases;
    std::vector<std::uint64_t> seen;
    for (unsigned i = 0; i < 1 + choices_.below(3); ++i) {
      const std::uint64_t label = ir::canonical_pattern(row(number), boundary(choices_, row(number).bits));
      if (std::find(seen.begin(), seen.end(), label) != seen.end())
        continue;
      seen.push_back(label);
      cases.push_back({label, value(edit, type, 0)});
    }
    return b.switch_(subject, cases, edit.original(), type);
  }

  // ---- statements: nodes whose value is dropped ----

  TypeId type_of_some_local(Edit& edit) {
    const auto& locals = edit.build.function().locals;
    return locals.empty() ? edit.build.int_type(32, true) : locals[choices_.below(locals.size())].type;
  }

  NodeId statement(Edit& edit) {
    ir::Builder& b = edit.build;
    const TypeId type = type_of_some_local(edit);
    switch (choices_.below(8)) {
    case 0:
      if (const auto tree = transplant(edit, choices_.one_in(2) ? b.void_type() : type))
        return *tree;
      break;
    case 1:
      if (const auto jump = jump_if(edit))
        return *jump;
      break;
    case 2: return memory(edit, type);
    case 3: return effect(edit);
    case 4: {
      const NodeId condition = truth(edit, 1);
      const NodeId target = place(edit, type, 1);
      return b.if_(condition, b.store(target, value(edit, type, 2)), NodeId(), b.void_type());
    }
    case 5:
      if (const auto result = call(edit, choices_.one_in(2) ? b.void_type() : type, 1))
        return *result;
      break;
    default: break;
    }
    const NodeId target = place(edit, type, 2);
    return b.store(target, value(edit, type, 2));
  }

  std::optional<NodeId> jump_if(Edit& edit) {
    ir::Builder& b = edit.build;
    const auto around = enclosing(edit.old(), edit.at(), false);
    const NodeId condition = truth(edit, 1);
    NodeId jump;
    if (around.empty() || choices_.one_in(4)) {
      const TypeId result = row(b.function().signature).element;
      if (kind(result) == TypeKind::Never)
        jump = b.trap(ir::TrapKind::Unreachable, "");
      else
        jump = kind(result) == TypeKind::Void ? b.return_() : b.return_(value(edit, result, 1));
    } else {
      const Target target = any_of(choices_, around);
      if (target.is_loop && choices_.one_in(2))
        jump = b.continue_(target.label);
      else if (kind(target.type) == TypeKind::Never)
        return b.if_(condition, b.trap(ir::TrapKind::Unreachable, "stop"), NodeId(), b.void_type());
      else
        jump = kind(target.type) == TypeKind::Void ? b.break_(target.label)
                                                   : b.break_(target.label, value(edit, target.type, 1));
    }
    return b.if_(condition, jump, NodeId(), b.void_type());
  }

  // Bytes copied, moved, set, compared between variables, mostly inside them.
  NodeId memory(Edit& edit, TypeId type) {
    ir::Builder& b = edit.build;
    const TypeId length = b.int_type(64, true);
    const std::uint64_t size = module_.layout(type).size;
    const NodeId to = b.address_of(place(edit, type, 1));
    const std::uint64_t bytes = choices_.one_in(4) ? choices_.below(size + 2) : size;
    if (choices_.one_in(4)) {
      const NodeId byte = value(edit, b.int_type(8, false), 1);
      const NodeId arguments[] = {to, byte, b.const_int(length, bytes)};
      return b.intrinsic(ir::Intrinsic::MemSet, 0, b.void_type(), arguments);
    }
    constexpr ir::Intrinsic kinds[] = {ir::Intrinsic::MemCopy, ir::Intrinsic::MemMove, ir::Intrinsic::MemEqual};
    const ir::Intrinsic which = any_of(choices_, kinds);
    const NodeId from = b.address_of(place(edit, type, 1));
    const NodeId arguments[] = {to, from, b.const_int(length, bytes)};
    return b.intrinsic(which, 0, which == ir::Intrinsic::MemEqual ? b.bool_type() : b.void_type(), arguments);
  }

  // Traces, atomics, a variable's new life.
  NodeId effect(Edit& edit) {
    ir::Builder& b = edit.build;
    switch (choices_.below(4)) {
    case 0: {
      const NodeId frame[] = {value(edit, b.int_type(64, false), 0)};
      return b.intrinsic(ir::Intrinsic::TracePush, 0, b.void_type(), frame);
    }
    case 1: return b.intrinsic(ir::Intrinsic::TraceClear, 0, b.void_type(), {});
    case 2: {
      constexpr std::uint8_t widths[] = {8, 16, 32, 64};
      const TypeId type = b.int_type(any_of(choices_, widths), choices_.one_in(2));
      const NodeId address = b.address_of(place(edit, type, 1));
      const NodeId arguments[] = {address, value(edit, type, 1)};
      const auto which =
          static_cast<ir::Intrinsic>(static_cast<unsigned>(ir::Intrinsic::AtomicAdd) + choices_.below(8));
      return b.intrinsic(which, static_cast<std::uint32_t>(ir::Ordering::SeqCst), type, arguments);
    }
    default: {
      const auto& locals = b.function().locals;
      return locals.empty() ? constant(edit, b.void_type())
                            : b.local_start(ir::LocalId(static_cast<std::uint32_t>(choices_.below(locals.size()))));
    }
    }
  }

  ir::Choices& choices_;
  ir::Module& module_;
  const ir::Module* donor_;
  ir::FuncId id_;
};

// A whole function of the donor takes the place of one of the same signature, or is only added (calls find it).
void splice_function(ir::Choices& choices, ir::Module& module, const ir::Module& donor) {
  if (donor.functions.empty())
    return;
  Graft graft(donor, module);
  const auto id = static_cast<std::uint32_t>(choices.below(donor.functions.size()));
  const ir::FuncId added(graft.function(id));
  graft.finish();
  for (ir::FuncId live : live_functions(module)) {
    ir::Function& old = module.function(live);
    if (live == added || old.signature != module.function(added).signature || !old.has_body())
      continue;
    ir::Function& fresh = module.function(added);
    std::swap(old.locals, fresh.locals);
    std::swap(old.nodes, fresh.nodes);
    std::swap(old.spans, fresh.spans);
    std::swap(old.words, fresh.words);
    std::swap(old.root, fresh.root);
    return;
  }
}

} // namespace

std::vector<ir::FuncId> live_functions(const ir::Module& module) {
  std::vector<ir::FuncId> found = entries(module);
  std::vector<bool> seen(module.functions.size(), false);
  for (ir::FuncId id : found)
    seen[id.index()] = true;
  for (std::size_t next = 0; next < found.size(); ++next)
    for (const ir::Node& node : module.function(found[next]).nodes)
      if ((node.op == Op::Call || node.op == Op::ConstFunction) && node.a < seen.size() && !seen[node.a]) {
        seen[node.a] = true;
        found.emplace_back(node.a);
      }
  std::erase_if(found, [&](ir::FuncId id) { return !module.function(id).has_body(); });
  return found;
}

void mutate_typed(ir::Choices& choices, ir::Module& module, const ir::Module* donor) {
  if (donor && choices.one_in(4))
    return splice_function(choices, module, *donor);
  const std::vector<ir::FuncId> live = live_functions(module);
  if (live.empty())
    return;
  // The first ones are the entries: what they do themselves is sure to be run.
  const std::size_t range = choices.one_in(2) ? std::min<std::size_t>(live.size(), 4) : live.size();
  const ir::FuncId id = live[choices.below(range)];
  if (ir::is_tree(module.function(id)))
    Mutation(choices, module, donor, id).run();
}

} // namespace sx::fuzz
