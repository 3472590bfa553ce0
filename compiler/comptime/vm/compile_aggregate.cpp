// Values held in memory: arrays, vectors, aggregates.

#include "comptime/vm/function_compiler.h"

namespace sx::comptime::vm {

FunctionCompiler::Place FunctionCompiler::aggregate(std::uint32_t id) {
  const Place to = scratch(type_of(id));
  if (!stopped())
    build(id, to);
  return to;
}

FunctionCompiler::Place FunctionCompiler::aggregate_in_place(std::uint32_t id) {
  if (node(id).op != ir::Op::Load)
    return aggregate(id);
  Place read = place(node(id).a);
  read.reader = id;
  return read;
}

// Whether the members can be made one by one; other values come into being in memory.
bool FunctionCompiler::builds_split(const ir::Node& n) {
  switch (n.op) {
  case ir::Op::Load:
  case ir::Op::ConstZero:
  case ir::Op::ConstUndefined:
  case ir::Op::Aggregate: return true;
  default: return ir::info(n.op).category == ir::Category::Control;
  }
}

void FunctionCompiler::build(std::uint32_t id, const Place& to) {
  if (stopped())
    return;
  const At at(*this, id);
  const Reg mark = top_;
  const ir::Node& n = node(id);
  const auto size = layout(n.type).size;
  if (to.kind == Place::Kind::Split && !builds_split(n)) {
    copy(to, aggregate(id), size);
    top_ = mark;
    return;
  }
  Dest dest;
  dest.kind = Dest::Kind::Memory;
  dest.place = to;
  switch (n.op) {
  case ir::Op::Load: copy(to, place(n.a), size); break;
  case ir::Op::ConstZero: zero(to, size); break;
  case ir::Op::ConstUndefined: break;
  case ir::Op::Aggregate: build_members(id, to); break;
  case ir::Op::Splat: splat(id, to); break;
  case ir::Op::Binary:
  case ir::Op::Compare:
  case ir::Op::Unary: vector_operator(id, to); break;
  case ir::Op::Convert: // bits
    if (rep(type_of(n.a)) == Rep::Memory)
      copy(to, aggregate_in_place(n.a), size);
    else
      store_word(type_of(n.a), to, scalar(n.a));
    break;
  case ir::Op::Call:
  case ir::Op::CallIndirect:
  case ir::Op::CallExtern: call(id, dest); break;
  case ir::Op::Intrinsic: intrinsic(id, dest); break;
  default: control(id, dest);
  }
  top_ = mark;
}

// Whether the listed members leave no byte of the value open.
bool FunctionCompiler::covers(const ir::Node& n) const {
  const ir::Type& t = type(n.type);
  const auto words = list(n);
  const auto size = layout(n.type).size;
  if (t.kind != ir::TypeKind::Aggregate)
    return words.size() / 2 * layout(t.element).size == size;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const ir::Field& field = t.fields[words[i]];
    if (field.offset != end)
      return false;
    end += layout(field.type).size;
  }
  return end == size;
}

void FunctionCompiler::build_members(std::uint32_t id, const Place& to) {
  const ir::Node& n = node(id);
  const ir::Type& t = type(n.type);
  const bool by_count = t.kind != ir::TypeKind::Aggregate;
  const auto stride = by_count ? layout(t.element).size : 0;
  if (!covers(n))
    zero(to, layout(n.type).size);
  const auto words = list(n);
  for (std::size_t i = 0; i < words.size() && !stopped(); i += 2) {
    Dest dest;
    dest.kind = Dest::Kind::Memory;
    const std::uint64_t offset = by_count ? words[i] * stride : t.fields[words[i]].offset;
    dest.place = offset_by(to, static_cast<std::int64_t>(offset));
    if (const Reg leaf = leaf_register(dest.place, type_of(words[i + 1])); leaf != no_reg) {
      dest.kind = Dest::Kind::Register;
      dest.reg = leaf;
    }
    value_to(words[i + 1], dest);
  }
}

void FunctionCompiler::splat(std::uint32_t id, const Place& to) {
  const ir::Node& n = node(id);
  const ir::Type& t = type(n.type);
  const auto element = layout(t.element).size;
  const auto size = layout(n.type).size;
  if (t.count == 0 || element == 0)
    return effect(n.a);
  if (element * t.count != size)
    zero(to, size);
  Dest dest;
  dest.kind = Dest::Kind::Memory;
  dest.place = to;
  value_to(n.a, dest);
  if (t.count > 1) {
    emit(Opcode::Replicate, address(to));
    emit_word(element | t.count << 32);
  }
}

Lanes FunctionCompiler::lanes(ir::TypeId vector, std::uint8_t op) const {
  const ir::Type& t = type(vector);
  const ir::Type& lane = type(t.element);
  Lanes result;
  result.op = op;
  result.kind = lane.kind;
  result.bits = lane.kind == ir::TypeKind::Bool ? 1 : lane.bits;
  result.is_signed = lane.kind == ir::TypeKind::Int && lane.is_signed;
  result.count = static_cast<std::uint32_t>(t.count);
  return result;
}

void FunctionCompiler::vector_operator(std::uint32_t id, const Place& to) {
  const ir::Node& n = node(id);
  const Lanes shape = lanes(type_of(n.a), n.sub);
  if (const auto operand = layout(type_of(n.a)), result = layout(n.type);
      layout(type(n.type).element).size * type(n.type).count != result.size && operand.size != 0)
    zero(to, result.size);
  if (n.op == ir::Op::Unary) {
    const Reg from = address(aggregate_in_place(n.a));
    emit(Opcode::VecUnary, address(to), from);
  } else {
    const Place lhs = facts_.effects[n.b].pure() ? aggregate_in_place(n.a) : aggregate(n.a);
    const Reg a = address(lhs);
    const Reg b = address(aggregate_in_place(n.b));
    emit(n.op == ir::Op::Binary ? Opcode::VecBinary : Opcode::VecCompare, address(to), a, b);
  }
  emit_word(shape.pack());
}

} // namespace sx::comptime::vm
