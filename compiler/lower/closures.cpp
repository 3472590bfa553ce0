// Closures and protocol values: environments, owned copies, method tables (4.9.2, 5.12, 5.15).

#include "lower/function_lowering.h"

#include <algorithm>

namespace sx::lower {

using sema::TypeKind;

ir::NodeId FunctionLowering::allocate(Nodes& out, hir::NodeId allocator, ir::NodeId size) {
  const sema::ContextInfo& context = owner_.program.context;
  if (!allocator.valid() && !context.allocator_field)
    return b_.poison("this program has no allocator in its context");
  const sema::TypeId protocol = allocator.valid()
                                    ? checked_type(allocator)
                                    : owner_.types.nominal(context.type).fields[*context.allocator_field].type;
  const ir::NodeId receiver = allocator.valid() ? operand_place(allocator)
                                                : b_.field(b_.deref(context_pointer(), owner_.value_type(context.type)),
                                                           *context.allocator_field);
  // R8.404: alloc_bytes is the first method of Allocator.
  return dispatch(receiver, protocol, 0, {size}, out);
}

ir::NodeId FunctionLowering::closure_value(sema::TypeId type, ir::NodeId code, ir::NodeId environment) {
  const ir::Builder::Init inits[] = {{0, code}, {1, environment}};
  return b_.aggregate(owner_.value_type(type), inits);
}

ir::NodeId FunctionLowering::closure_make(hir::NodeId id) {
  const auto& node = body_.get<hir::ClosureMake>(id);
  const ir::NodeId code = b_.const_function(owner_.function(node.function));
  const auto captures = body_.list(node.captures);
  if (captures.empty())
    return closure_value(checked_type(id), code, b_.zero(owner_.pointer_type()));
  // R4.151: captured values, then the environment, then the closure.
  Nodes out;
  std::vector<ir::LocalId> values;
  for (const hir::NodeId capture : captures)
    values.push_back(bind(out, value(capture)));
  const ir::TypeId layout = owner_.environment_type(owner_.program.function(node.function));
  const ir::LocalId environment =
      bind(out, allocate(out, {}, word(static_cast<std::int64_t>(module().layout(layout).size))));
  for (std::uint32_t i = 0; i < values.size(); ++i)
    out.push_back(b_.store(b_.field(b_.deref(read(environment), layout), i), read(values[i])));
  return sequence(out, closure_value(checked_type(id), code, read(environment)));
}

ir::NodeId FunctionLowering::adapter(hir::NodeId function, sema::TypeId to) {
  switch (body_.kind(function)) {
  case hir::Kind::FunctionConst:
    return b_.const_function(owner_.adapter(body_.get<hir::FunctionConst>(function).function, to));
  case hir::Kind::ExternConst:
    return b_.const_function(owner_.adapter(body_.get<hir::ExternConst>(function).external, to));
  default: return b_.poison("only the name of a function is adapted");
  }
}

ir::NodeId FunctionLowering::closure_promote(hir::NodeId id) {
  const hir::NodeId function = body_.get<hir::ClosurePromote>(id).function;
  return closure_value(checked_type(id), adapter(function, checked_type(id)), b_.zero(owner_.pointer_type()));
}

ir::NodeId FunctionLowering::closure_widen(hir::NodeId id) {
  const hir::NodeId inner = body_.get<hir::ClosureWiden>(id).closure;
  Nodes out;
  const ir::TypeId layout = type_of(inner);
  const ir::LocalId original = bind(out, value(inner));
  const ir::LocalId environment =
      bind(out, allocate(out, {}, word(static_cast<std::int64_t>(module().layout(layout).size))));
  out.push_back(b_.store(b_.deref(read(environment), layout), read(original)));
  const ir::FuncId thunk = owner_.closure_widener(checked_type(inner), checked_type(id));
  return sequence(out, closure_value(checked_type(id), b_.const_function(thunk), read(environment)));
}

ir::NodeId FunctionLowering::protocol_value(sema::TypeId protocol, sema::TypeId concrete, ir::NodeId data) {
  const sema::Nominal& nominal = owner_.types.nominal(protocol);
  std::vector<ir::Builder::Init> inits{{0, data}, {1, word(owner_.types.word(concrete))}};
  if (!nominal.is_inline) {
    inits.push_back({2, b_.address_of(b_.global(owner_.method_table(protocol, concrete)))});
  } else {
    std::uint32_t row = 0;
    for (const sema::ProtocolMethodInfo& method : nominal.methods)
      if (method.dispatchable) {
        inits.push_back({2 + row, b_.const_function(owner_.witness_method(protocol, concrete, row))});
        ++row;
      }
  }
  return b_.aggregate(owner_.value_type(protocol), inits);
}

ir::NodeId FunctionLowering::protocol_own(hir::NodeId id) {
  const auto& node = body_.get<hir::ProtocolOwn>(id);
  const sema::TypeId concrete = checked_type(node.value);
  Nodes out;
  const ir::LocalId original = bind(out, value(node.value));
  const std::uint64_t size = std::max<std::uint64_t>(1, owner_.types.layout(concrete).size); // R5.95
  const ir::LocalId data = bind(out, allocate(out, node.allocator, word(static_cast<std::int64_t>(size))));
  out.push_back(b_.store(b_.deref(read(data), owner_.storage_type(concrete)), read(original)));
  return sequence(out, protocol_value(checked_type(id), concrete, read(data)));
}

ir::NodeId FunctionLowering::protocol_copy(hir::NodeId id) {
  const auto& node = body_.get<hir::ProtocolCopy>(id);
  Nodes out;
  const ir::LocalId original = bind(out, value(node.value));
  const ir::NodeId query[] = {member(b_.local(original), 1), word(0)};
  const ir::TypeId i64 = owner_.int_type(64, true);
  const ir::LocalId size =
      bind(out, b_.intrinsic(ir::Intrinsic::Reflect, static_cast<std::uint32_t>(ir::ReflectQuery::Size), i64, query));
  const ir::NodeId empty = b_.compare(ir::CompareOp::Eq, read(size), word(0));
  const ir::NodeId requested = b_.if_(empty, word(1), read(size), i64);
  const ir::LocalId data = bind(out, allocate(out, node.allocator, requested));
  const ir::NodeId copied[] = {read(data), member(b_.local(original), 0), read(size)};
  out.push_back(b_.intrinsic(ir::Intrinsic::MemCopy, 0, owner_.void_type(), copied));
  out.push_back(b_.store(b_.field(b_.local(original), 0), read(data)));
  return sequence(out, read(original));
}

} // namespace sx::lower
