// Value nodes: one function a node kind.

#include "comptime/reference/big_stack.h"
#include "comptime/reference/evaluator.h"
#include "comptime/reference/scalar.h"

namespace sx::comptime::reference {

using ir::Op;
using ir::TypeKind;

Flow Evaluator::eval(ir::NodeId id, Value& out) {
  if (!stack_left())
    return stop(Reason::DepthLimit, id);
  ++steps_;
  const ir::Node& n = frame_->function->node(id);
  switch (n.op) {
  case Op::ConstInt:
  case Op::ConstFloat:
  case Op::ConstZero:
  case Op::ConstUndefined:
  case Op::ConstData:
  case Op::ConstFunction:
  case Op::ConstExtern:
  case Op::ConstFrame: return constant(id, n, out);
  case Op::Load: return load_node(id, n, out);
  case Op::Store: return store_node(id, n);
  case Op::AddressOf: {
    if (type(n.type).kind != TypeKind::Pointer)
      return malformed(id, "an address that is no pointer");
    Place of;
    const Flow flow = place(n.a, of);
    out = Value::scalar(of.pointer.address, of.pointer.provenance);
    return flow;
  }
  case Op::ElementPointer: return element_pointer(id, n, out);
  case Op::LocalStart: return local_start(id, n);
  case Op::Binary: return binary(id, n, out);
  case Op::Compare: return compare(id, n, out);
  case Op::Unary: return unary(id, n, out);
  case Op::Convert: return convert(id, n, out);
  case Op::Splat: return splat(id, n, out);
  case Op::Aggregate: return aggregate(id, n, out);
  case Op::Call: return call_node(id, n, out);
  case Op::CallIndirect: return call_indirect(id, n, out);
  case Op::CallExtern: return call_extern_node(id, n, out);
  case Op::Intrinsic: return intrinsic(id, n, out);
  case Op::Block: return block(id, n, out);
  case Op::If: return if_(id, n, out);
  case Op::Loop: return loop(id, n, out);
  case Op::Break: return break_(id, n);
  case Op::Continue: pending_label_ = n.a; return Flow::Continue;
  case Op::Switch: return switch_(id, n, out);
  case Op::Return: return return_(id, n);
  case Op::Trap: return trap(id, n);
  case Op::Poison: return stop(poisoned(span_of(id), module_.text(StringId(n.a))));
  case Op::PlaceLocal:
  case Op::PlaceGlobal:
  case Op::PlaceDeref:
  case Op::PlaceField:
  case Op::PlaceIndex:
  case Op::PlacePayload:
  case Op::PlaceTemp: return malformed(id, "a place is no value");
  }
  return malformed(id, "unknown node kind");
}

Flow Evaluator::eval_as(std::uint32_t id, ir::TypeId wanted, Value& out) {
  const Flow flow = eval(id, out);
  if (flow == Flow::Normal && frame_->function->nodes[id].type != wanted)
    return malformed(ir::NodeId(id), "operand of a wrong type");
  return flow;
}

Flow Evaluator::eval_kind(std::uint32_t id, TypeKind kind, Value& out) {
  const Flow flow = eval(id, out);
  if (flow != Flow::Normal)
    return flow;
  if (type(frame_->function->nodes[id].type).kind != kind)
    return malformed(ir::NodeId(id), "operand of a wrong type");
  return defined(ir::NodeId(id), out);
}

Flow Evaluator::constant(ir::NodeId id, const ir::Node& n, Value& out) {
  const ir::Type& t = type(n.type);
  const std::uint64_t word = n.a | (std::uint64_t{n.b} << 32);
  switch (n.op) {
  case Op::ConstInt:
    if (t.kind != TypeKind::Int && t.kind != TypeKind::Bool)
      return malformed(id, "an integer constant of another type");
    if (!module_.try_layout(n.type) || ir::canonical_pattern(t, word) != word)
      return malformed(id, "an integer constant that is not canonical");
    out = Value::scalar(word);
    return Flow::Normal;
  case Op::ConstFloat:
    if (t.kind != TypeKind::Float || !module_.try_layout(n.type) || (t.bits == 32 && n.b != 0))
      return malformed(id, "a float constant of another type");
    out = Value::scalar(word);
    return Flow::Normal;
  case Op::ConstZero:
  case Op::ConstUndefined: {
    auto value = zero_value(n.type);
    if (!value)
      return stop_at(id, value);
    out = std::move(*value);
    if (n.op == Op::ConstUndefined) {
      out.undefined = is_scalar(n.type);
      if (out.bytes)
        out.bytes->set_undefined(0, out.bytes->size());
    }
    return Flow::Normal;
  }
  case Op::ConstData: {
    if (t.kind != TypeKind::Pointer)
      return malformed(id, "the address of data that is no pointer");
    auto slot = data_slot(ir::DataId(n.a));
    if (!slot)
      return stop_at(id, slot);
    const Pointer pointer = memory_.pointer_to(*slot);
    out = Value::scalar(pointer.address, pointer.provenance);
    return Flow::Normal;
  }
  case Op::ConstFunction:
    if (t.kind != TypeKind::Code)
      return malformed(id, "a function that is no code address");
    out = Value::scalar(std::uint64_t{n.a} + 1, function_provenance(ir::FuncId(n.a)));
    return Flow::Normal;
  case Op::ConstExtern: {
    const ir::Extern& callee = module_.externs[n.a];
    if (callee.is_variable)
      return stop(Reason::ExternRefused, id, module_.text(callee.symbol));
    if (t.kind != TypeKind::Code)
      return malformed(id, "a function that is no code address");
    constexpr std::uint64_t externs_from = 0x4000'0000;
    out = Value::scalar(externs_from + n.a + 1, extern_provenance(ir::ExternId(n.a)));
    return Flow::Normal;
  }
  case Op::ConstFrame:
    if (t.kind != TypeKind::Int || t.bits != 64)
      return malformed(id, "a trace frame that is no u64");
    out = Value::scalar(std::uint64_t{n.a} + 1);
    return Flow::Normal;
  default: return malformed(id, "unknown constant");
  }
}

Flow Evaluator::load_node(ir::NodeId id, const ir::Node& n, Value& out) {
  Place from;
  if (const Flow flow = place(n.a, from); flow != Flow::Normal)
    return flow;
  if (frame_->function->nodes[n.a].type != n.type)
    return malformed(id, "a load of another type than its place");
  return load(id, from, n.type, out);
}

Flow Evaluator::store_node(ir::NodeId id, const ir::Node& n) {
  Value value;
  if (const Flow flow = eval_as(n.b, frame_->function->nodes[n.a].type, value); flow != Flow::Normal)
    return flow;
  Place to;
  if (const Flow flow = place(n.a, to); flow != Flow::Normal)
    return flow;
  if (to.of_global && request_.mode == Mode::Comptime)
    return stop(global_write(span_of(id), module_.text(module_.global(to.global).name)));
  return store(id, to, frame_->function->nodes[n.a].type, value);
}

Flow Evaluator::element_pointer(ir::NodeId id, const ir::Node& n, Value& out) {
  Value base, index;
  if (const Flow flow = eval_kind(n.a, TypeKind::Pointer, base); flow != Flow::Normal)
    return flow;
  if (const Flow flow = eval_kind(n.b, TypeKind::Int, index); flow != Flow::Normal)
    return flow;
  const auto layout = module_.try_layout(ir::TypeId(n.c));
  if (!layout || type(n.type).kind != TypeKind::Pointer)
    return malformed(id, "an element address of a wrong type");
  use_address(index);
  out = Value::scalar((base.bits + index.bits * layout->size) & pointer_mask(), base.provenance);
  return Flow::Normal;
}

Flow Evaluator::local_start(ir::NodeId id, const ir::Node& n) {
  if (type(n.type).kind != TypeKind::Void)
    return malformed(id, "a local's start is no value");
  // A local that was not used yet has no earlier life.
  if (frame_->locals[n.a] != ir::none)
    memory_.restart(frame_->locals[n.a]);
  return Flow::Normal;
}

// Applies the operation to the scalars, or lane by lane to vectors. `operand` is the type of the operands.
template <std::size_t Count, class Operation>
Flow Evaluator::lanewise(ir::NodeId id, ir::TypeId operand, const std::array<Value, Count>& operands,
                         Operation operation, Value& out) {
  const ir::Type& t = type(operand);
  if (t.kind != TypeKind::Vector) {
    for (const Value& value : operands)
      if (const Flow flow = defined(id, value); flow != Flow::Normal)
        return flow;
    auto result = operation(t, operands);
    if (!result)
      return stop_at(id, result);
    out = std::move(*result);
    return Flow::Normal;
  }
  const ir::TypeId wanted = frame_->function->node(id).type;
  auto result = zero_value(wanted);
  if (!result)
    return stop_at(id, result);
  const ir::Type& lane = type(t.element);
  const std::uint64_t size = module_.layout(t.element).size;
  const std::uint64_t result_size = module_.layout(type(wanted).element).size;
  for (std::uint64_t i = 0; i < t.count; ++i) {
    std::array<Value, Count> lanes;
    for (std::size_t k = 0; k < Count; ++k) {
      auto value = decode(*operands[k].bytes, i * size, lane, size);
      if (!value)
        return stop_at(id, value);
      lanes[k] = std::move(*value);
    }
    auto value = operation(lane, lanes);
    if (!value)
      return stop_at(id, value);
    encode(*result->bytes, i * result_size, result_size, *value);
  }
  out = std::move(*result);
  return Flow::Normal;
}

Flow Evaluator::binary(ir::NodeId id, const ir::Node& n, Value& out) {
  std::array<Value, 2> operands;
  if (const Flow flow = eval_as(n.a, n.type, operands[0]); flow != Flow::Normal)
    return flow;
  if (const Flow flow = eval_as(n.b, n.type, operands[1]); flow != Flow::Normal)
    return flow;
  const auto apply = [&](const ir::Type& t, const std::array<Value, 2>& x) {
    return scalar_binary(static_cast<ir::BinaryOp>(n.sub), t, x[0], x[1]);
  };
  return lanewise(id, n.type, operands, apply, out);
}

Flow Evaluator::compare(ir::NodeId id, const ir::Node& n, Value& out) {
  std::array<Value, 2> operands;
  if (const Flow flow = eval(n.a, operands[0]); flow != Flow::Normal)
    return flow;
  const ir::TypeId operand = frame_->function->nodes[n.a].type;
  if (const Flow flow = eval_as(n.b, operand, operands[1]); flow != Flow::Normal)
    return flow;
  const ir::Type& t = type(operand);
  const ir::Type& result = type(n.type);
  const bool lanes = t.kind == TypeKind::Vector;
  if (!lanes && result.kind != TypeKind::Bool)
    return malformed(id, "a comparison that gives no bool");
  if (lanes &&
      (result.kind != TypeKind::Vector || result.count != t.count || type(result.element).kind != TypeKind::Bool))
    return malformed(id, "a lane comparison that gives no vector of bool");
  const auto apply = [&](const ir::Type& each, const std::array<Value, 2>& x) {
    return scalar_compare(static_cast<ir::CompareOp>(n.sub), each, x[0], x[1]);
  };
  return lanewise(id, operand, operands, apply, out);
}

Flow Evaluator::unary(ir::NodeId id, const ir::Node& n, Value& out) {
  std::array<Value, 1> operand;
  if (const Flow flow = eval_as(n.a, n.type, operand[0]); flow != Flow::Normal)
    return flow;
  const auto apply = [&](const ir::Type& t, const std::array<Value, 1>& x) {
    return scalar_unary(static_cast<ir::UnaryOp>(n.sub), t, x[0]);
  };
  return lanewise(id, n.type, operand, apply, out);
}

Flow Evaluator::convert(ir::NodeId id, const ir::Node& n, Value& out) {
  Value a;
  if (const Flow flow = eval(n.a, a); flow != Flow::Normal)
    return flow;
  const ir::TypeId source = frame_->function->nodes[n.a].type;
  const auto op = static_cast<ir::ConvertOp>(n.sub);
  const ir::Type& from = type(source);
  const ir::Type& to = type(n.type);
  auto result = zero_value(n.type);
  if (!result)
    return stop_at(id, result);
  const auto from_layout = module_.try_layout(source);
  const auto to_layout = module_.try_layout(n.type);

  if (op == ir::ConvertOp::Bits) {
    const bool valid = from_layout && (is_scalar(source) || from.kind == TypeKind::Vector) &&
                       (is_scalar(n.type) || to.kind == TypeKind::Vector) && from_layout->size == to_layout->size;
    if (!valid)
      return malformed(id, "a bit conversion between types of different size");
    // Through bytes, as a store and a load of the other type would do.
    Bytes through(from_layout->size);
    if (a.bytes)
      through.copy(0, *a.bytes, 0, through.size());
    else
      encode(through, 0, through.size(), a);
    if (to.kind == TypeKind::Vector) {
      *result->bytes = std::move(through);
      out = std::move(*result);
      return Flow::Normal;
    }
    auto scalar = decode(through, 0, to, through.size());
    if (!scalar)
      return stop_at(id, scalar);
    out = std::move(*scalar);
    return Flow::Normal;
  }

  if (const Flow flow = defined(id, a); flow != Flow::Normal)
    return flow;
  auto scalar = scalar_convert(op, from, to, a);
  if (!scalar)
    return stop_at(id, scalar);
  out = std::move(*scalar);
  return Flow::Normal;
}

Flow Evaluator::splat(ir::NodeId id, const ir::Node& n, Value& out) {
  Value a;
  if (const Flow flow = eval(n.a, a); flow != Flow::Normal)
    return flow;
  const ir::Type& t = type(n.type);
  if ((t.kind != TypeKind::Array && t.kind != TypeKind::Vector) || t.element != frame_->function->nodes[n.a].type)
    return malformed(id, "a splat of another type than its elements");
  auto result = zero_value(n.type);
  if (!result)
    return stop_at(id, result);
  const std::uint64_t size = module_.layout(t.element).size;
  for (std::uint64_t i = 0; size != 0 && i < t.count; ++i) {
    if (a.bytes)
      result->bytes->copy(i * size, *a.bytes, 0, size);
    else
      encode(*result->bytes, i * size, size, a);
  }
  out = std::move(*result);
  return Flow::Normal;
}

Flow Evaluator::aggregate(ir::NodeId id, const ir::Node& n, Value& out) {
  const ir::Type& t = type(n.type);
  const bool sequence = t.kind == TypeKind::Array || t.kind == TypeKind::Vector;
  if (!sequence && t.kind != TypeKind::Aggregate)
    return malformed(id, "an aggregate of a scalar type");
  auto result = zero_value(n.type);
  if (!result)
    return stop_at(id, result);
  const auto inits = frame_->function->list(n);
  for (std::size_t i = 0; i < inits.size(); i += 2) {
    const std::uint32_t member = inits[i];
    if (member >= (sequence ? t.count : t.fields.size()) || (i != 0 && member <= inits[i - 2]))
      return malformed(id, "member index of an aggregate");
    const ir::TypeId member_type = sequence ? t.element : t.fields[member].type;
    Value value;
    if (const Flow flow = eval_as(inits[i + 1], member_type, value); flow != Flow::Normal)
      return flow;
    const auto layout = module_.try_layout(member_type);
    const std::uint64_t size = layout ? layout->size : 0;
    const std::uint64_t offset = sequence ? member * size : t.fields[member].offset;
    if (!layout || offset > result->bytes->size() || size > result->bytes->size() - offset)
      return malformed(id, "a member outside of its aggregate");
    if (value.bytes)
      result->bytes->copy(offset, *value.bytes, 0, size);
    else
      encode(*result->bytes, offset, size, value);
  }
  out = std::move(*result);
  return Flow::Normal;
}

} // namespace sx::comptime::reference
