// The error channel (6.36): tests, pushes and clears of the return trace, exits with an error.

#include "lower/function_lowering.h"

namespace sx::lower {

using sema::TypeKind;

ir::NodeId FunctionLowering::trace_push(Span at) {
  const ir::NodeId frame[] = {b_.frame(owner_.trace_frame(at, checked_.name))};
  return b_.intrinsic(ir::Intrinsic::TracePush, 0, owner_.void_type(), frame);
}

ir::NodeId FunctionLowering::trace_clear() {
  return b_.intrinsic(ir::Intrinsic::TraceClear, 0, owner_.void_type(), {});
}

FunctionLowering::FailableResult FunctionLowering::bind_failable(Nodes& out, hir::NodeId operand) {
  return {checked_type(operand), bind(out, value(operand))};
}

ir::NodeId FunctionLowering::error_of(const FailableResult& result) {
  if (owner_.types.is(owner_.types[result.type].element, TypeKind::Void))
    return read(result.holder);
  const auto slot = static_cast<std::uint32_t>(module().type(owner_.value_type(result.type)).fields.size() - 1);
  return member(b_.local(result.holder), slot);
}

ir::NodeId FunctionLowering::values_of(const FailableResult& result) {
  const sema::TypeId element = owner_.types[result.type].element;
  if (owner_.types.is(element, TypeKind::Void))
    return unit();
  if (!owner_.types.is(element, TypeKind::Tuple))
    return member(b_.local(result.holder), 0);
  std::vector<ir::Builder::Init> inits;
  for (std::uint32_t i = 0; i < owner_.types[element].elements.size(); ++i)
    inits.push_back({i, member(b_.local(result.holder), i)});
  return b_.aggregate(owner_.value_type(element), inits);
}

ir::NodeId FunctionLowering::failable_from_error(sema::TypeId type, ir::NodeId tag) {
  if (owner_.types.is(owner_.types[type].element, TypeKind::Void))
    return tag;
  const ir::TypeId made = owner_.value_type(type);
  const ir::Builder::Init inits[] = {{static_cast<std::uint32_t>(module().type(made).fields.size() - 1), tag}};
  return b_.aggregate(made, inits);
}

ir::NodeId FunctionLowering::is_success(const FailableResult& result) {
  return b_.compare(ir::CompareOp::Eq, error_of(result), tag_word(0));
}

ir::NodeId FunctionLowering::leave_with_error(ir::LocalId tag) {
  Nodes out;
  run_cleanups(out, 0, tag);
  return sequence(out, b_.return_(failable_from_error(result_, read(tag))));
}

ir::NodeId FunctionLowering::raise(hir::NodeId id) {
  Nodes out;
  const ir::LocalId tag = bind(out, value(body_.get<hir::Raise>(id).tag));
  out.push_back(trace_push(body_.span(id)));
  out.push_back(leave_with_error(tag));
  return sequence(out);
}

ir::NodeId FunctionLowering::try_(hir::NodeId id) {
  const hir::NodeId operand = body_.get<hir::Try>(id).operand;
  Nodes out;
  const FailableResult result = bind_failable(out, operand);
  Nodes failed;
  const ir::LocalId tag = bind(failed, error_of(result));
  // The failing operands of an `or` chain have pushed their frames already (R6.131).
  if (body_.kind(operand) != hir::Kind::OrChain)
    failed.push_back(trace_push(body_.span(id)));
  failed.push_back(leave_with_error(tag));
  const ir::NodeId condition = is_success(result);
  const ir::NodeId success = values_of(result);
  const ir::NodeId failure = sequence(failed);
  return sequence(out, b_.if_(condition, success, failure, type_of(id)));
}

ir::NodeId FunctionLowering::catch_(hir::NodeId id) {
  const auto& node = body_.get<hir::Catch>(id);
  Nodes out;
  const FailableResult result = bind_failable(out, node.operand);
  Nodes handler;
  if (node.binding.valid())
    handler.push_back(write(local(node.binding), error_of(result)));
  cleanups_.push_back({Cleanup::Kind::CatchBody, {}, {}, context_});
  const ir::NodeId handled = value(node.body);
  cleanups_.pop_back();
  if (diverges(handled)) {
    handler.push_back(handled);
  } else {
    const bool produces = !is_void(id);
    const ir::LocalId kept = bind(handler, handled);
    handler.push_back(trace_clear());
    handler.push_back(produces ? read(kept) : unit());
  }
  const ir::NodeId condition = is_success(result);
  const ir::NodeId success = is_void(id) ? unit() : values_of(result);
  return sequence(out, b_.if_(condition, success, sequence(handler), type_of(id)));
}

ir::NodeId FunctionLowering::or_chain(hir::NodeId id) {
  const auto& node = body_.get<hir::OrChain>(id);
  const auto operands = body_.list(node.operands);
  const bool escapes = !node.fallback.valid(); // then each operand has the chain's type, but for its error set
  const ir::TypeId type = type_of(id);
  const std::uint32_t done = b_.new_label();
  Nodes out;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const FailableResult result = bind_failable(out, operands[i]);
    const auto outcome = [&]() -> ir::NodeId {
      if (!escapes)
        return is_void(id) ? ir::NodeId() : values_of(result);
      return read(result.holder);
    };
    const ir::NodeId condition = is_success(result);
    Nodes resolved{trace_clear()};
    const ir::NodeId v = outcome();
    resolved.push_back(v.valid() ? b_.break_(done, v) : b_.break_(done));
    out.push_back(b_.if_(condition, sequence(resolved), ir::NodeId(), owner_.void_type()));
    out.push_back(trace_push(body_.span(id)));
    if (escapes && i + 1 == operands.size())
      out.push_back(failable_from_error(checked_type(id), error_of(result)));
  }
  if (!escapes) {
    out.push_back(trace_clear());
    const ir::NodeId last = value(node.fallback);
    out.push_back(last);
    if (is_void(id) && !diverges(last))
      out.push_back(unit());
  }
  return b_.block(done, type, out);
}

ir::NodeId FunctionLowering::failable_map(hir::NodeId id) {
  const auto& node = body_.get<hir::FailableMap>(id);
  Nodes out;
  const FailableResult result = bind_failable(out, node.operand);
  const sema::TypeId type = checked_type(id);
  Nodes success;
  if (node.success.valid())
    success.push_back(write(local(node.success), values_of(result)));
  success.push_back(success_result(type, node.value.valid() ? value(node.value) : ir::NodeId()));
  const ir::NodeId condition = is_success(result);
  const ir::NodeId failure = failable_from_error(type, error_of(result));
  return sequence(out, b_.if_(condition, sequence(success), failure, type_of(id)));
}

ir::NodeId FunctionLowering::failable_parts(hir::NodeId id) {
  Nodes out;
  const FailableResult result = bind_failable(out, body_.get<hir::FailableParts>(id).operand);
  out.push_back(trace_clear());
  const sema::TypeId element = owner_.types[result.type].element;
  const std::size_t values = owner_.types.is(element, TypeKind::Void)    ? 0
                             : owner_.types.is(element, TypeKind::Tuple) ? owner_.types[element].elements.size()
                                                                         : 1;
  if (!owner_.types.is(checked_type(id), TypeKind::Tuple))
    return sequence(out, error_of(result));
  std::vector<ir::Builder::Init> inits;
  for (std::uint32_t i = 0; i < values; ++i)
    inits.push_back({i, member(b_.local(result.holder), i)});
  inits.push_back({static_cast<std::uint32_t>(values), error_of(result)});
  return sequence(out, b_.aggregate(type_of(id), inits));
}

} // namespace sx::lower
