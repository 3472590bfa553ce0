// Control nodes.

#include "comptime/reference/evaluator.h"

namespace sx::comptime::reference {

using ir::TypeKind;

Flow Evaluator::settle(ir::NodeId id, const ir::Node& n, ir::TypeId got, Value& out) {
  switch (type(n.type).kind) {
  case TypeKind::Void: out = {}; return Flow::Normal;
  case TypeKind::Never: return malformed(id, "control comes out of a node of type never");
  default:
    if (got != n.type)
      return malformed(id, "a control node whose value has another type");
    return Flow::Normal;
  }
}

Flow Evaluator::broken_out(ir::NodeId id, const ir::Node& n, Value& out) {
  out = std::move(pending_);
  pending_ = {};
  return settle(id, n, pending_type_, out);
}

Flow Evaluator::block(ir::NodeId id, const ir::Node& n, Value& out) {
  ir::TypeId last;
  for (const std::uint32_t word : frame_->function->list(n)) {
    out = {};
    const Flow flow = eval(word, out);
    if (flow == Flow::Break && pending_label_ == n.a)
      return broken_out(id, n, out);
    if (flow != Flow::Normal)
      return flow;
    last = frame_->function->nodes[word].type;
  }
  return settle(id, n, last, out);
}

Flow Evaluator::if_(ir::NodeId id, const ir::Node& n, Value& out) {
  Value condition;
  if (const Flow flow = eval_kind(n.a, TypeKind::Bool, condition); flow != Flow::Normal)
    return flow;
  const std::uint32_t arm = condition.bits != 0 ? n.b : n.c;
  if (arm == ir::none)
    return settle(id, n, ir::TypeId(), out);
  if (const Flow flow = eval(arm, out); flow != Flow::Normal)
    return flow;
  return settle(id, n, frame_->function->nodes[arm].type, out);
}

Flow Evaluator::loop(ir::NodeId id, const ir::Node& n, Value& out) {
  while (true) {
    Value ignored;
    const Flow flow = eval(n.b, ignored);
    if (flow == Flow::Break && pending_label_ == n.a)
      return broken_out(id, n, out);
    if (flow != Flow::Normal && !(flow == Flow::Continue && pending_label_ == n.a))
      return flow;
    if (counters_.back_edges >= request_.limits.back_edges)
      return stop(Reason::StepLimit, id);
    ++counters_.back_edges;
  }
}

Flow Evaluator::break_(ir::NodeId, const ir::Node& n) {
  Value value;
  ir::TypeId value_type;
  if (n.b != ir::none) {
    if (const Flow flow = eval(n.b, value); flow != Flow::Normal)
      return flow;
    value_type = frame_->function->nodes[n.b].type;
  }
  pending_label_ = n.a;
  pending_type_ = value_type;
  pending_ = std::move(value);
  return Flow::Break;
}

Flow Evaluator::switch_(ir::NodeId id, const ir::Node& n, Value& out) {
  Value subject;
  if (const Flow flow = eval(n.a, subject); flow != Flow::Normal)
    return flow;
  const TypeKind kind = type(frame_->function->nodes[n.a].type).kind;
  if (kind != TypeKind::Int && kind != TypeKind::Bool)
    return malformed(id, "a switch on something else than an integer");
  if (const Flow flow = defined(id, subject); flow != Flow::Normal)
    return flow;
  use_address(subject);
  const auto words = frame_->function->list(n);
  std::uint32_t arm = words[0];
  for (std::size_t i = 1; i < words.size(); i += 3)
    if ((words[i] | (std::uint64_t{words[i + 1]} << 32)) == subject.bits) {
      arm = words[i + 2];
      break;
    }
  if (arm == ir::none) {
    if (type(n.type).kind == TypeKind::Void || type(n.type).kind == TypeKind::Never)
      return settle(id, n, n.type, out);
    auto zero = zero_value(n.type);
    if (!zero)
      return stop_at(id, zero);
    out = std::move(*zero);
    return Flow::Normal;
  }
  if (const Flow flow = eval(arm, out); flow != Flow::Normal)
    return flow;
  return settle(id, n, frame_->function->nodes[arm].type, out);
}

Flow Evaluator::return_(ir::NodeId id, const ir::Node& n) {
  const ir::TypeId result = type(frame_->function->signature).element;
  Value value;
  if (n.a != ir::none) {
    if (const Flow flow = eval_as(n.a, result, value); flow != Flow::Normal)
      return flow;
  } else if (type(result).kind != TypeKind::Void) {
    return malformed(id, "a return without the function's result");
  }
  pending_ = std::move(value);
  return Flow::Return;
}

Flow Evaluator::trap(ir::NodeId id, const ir::Node& n) {
  const auto kind = static_cast<ir::TrapKind>(n.sub);
  const std::string_view text = module_.text(StringId(n.a));
  if (request_.mode == Mode::Comptime || kind == ir::TrapKind::Unreachable)
    return stop(trapped(span_of(id), kind, text));
  host_.write(kind == ir::TrapKind::NullUnwrap ? 2 : 1, text);
  return end_process(1);
}

} // namespace sx::comptime::reference
