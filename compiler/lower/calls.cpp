// Calls: hidden context, evaluation order, the C boundary, method dispatch, intrinsics.

#include "lower/function_lowering.h"

namespace sx::lower {

using sema::TypeKind;

ir::NodeId FunctionLowering::context_pointer() {
  if (context_.valid())
    return read(context_);
  return b_.address_of(b_.global(owner_.global(owner_.program.context.default_value)));
}

ir::NodeId FunctionLowering::argument(hir::NodeId id) {
  const ir::NodeId v = value(id);
  return is_void(id) ? sequence({v}, b_.zero(owner_.storage_type(owner_.types.void_))) : v;
}

FunctionLowering::Nodes FunctionLowering::arguments(Nodes& out, hir::NodeList args, hir::WordList order) {
  const auto nodes = body_.list(args);
  const auto sequence_of = body_.words(order);
  Nodes made(nodes.size());
  if (sequence_of.empty()) {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      made[i] = argument(nodes[i]);
    return made;
  }
  std::vector<ir::LocalId> slots(nodes.size());
  for (const std::uint32_t i : sequence_of)
    slots[i] = bind(out, argument(nodes[i]));
  for (std::size_t i = 0; i < nodes.size(); ++i)
    made[i] = read(slots[i]);
  return made;
}

ir::NodeId FunctionLowering::call(hir::NodeId id) {
  const auto& node = body_.get<hir::Call>(id);
  const sema::Function& callee = owner_.program.function(node.function);
  Nodes out;
  Nodes args;
  if (owner_.takes_context(callee))
    args.push_back(context_pointer());
  for (const ir::NodeId arg : arguments(out, node.args, node.order))
    args.push_back(arg);
  return sequence(out, b_.call(owner_.function(node.function), args));
}

ir::NodeId FunctionLowering::call_extern(hir::NodeId id) {
  const auto& node = body_.get<hir::CallExtern>(id);
  const sema::Extern& callee = owner_.program.externs[node.external.index()];
  const sema::Type& type = owner_.types[callee.type];
  const ir::ExternId external = owner_.external(node.external);
  const auto nodes = body_.list(node.args);
  Nodes out;
  Nodes args = arguments(out, node.args, node.order);
  for (std::size_t i = 0; i < args.size(); ++i) {
    const TypeKind kind = owner_.types.kind(checked_type(nodes[i]));
    if (kind == TypeKind::String || kind == TypeKind::Slice) {
      args[i] = member(b_.temp(args[i]), 0); // R2.133
    } else if (kind == TypeKind::Array) {
      args[i] = b_.address_of(b_.temp(args[i])); // R2.135
    } else if (i >= type.elements.size()) {
      // R2.134: the default promotions of C's `...`.
      const ir::Type& row = module().type(b_.type_of(args[i]));
      if (row.kind == ir::TypeKind::Bool || (row.kind == ir::TypeKind::Int && row.bits < 32))
        args[i] = b_.convert(ir::ConvertOp::Resize, args[i], owner_.int_type(32, true));
      else if (row.kind == ir::TypeKind::Float && row.bits == 32)
        args[i] = b_.convert(ir::ConvertOp::FloatResize, args[i], owner_.primitive(ir::TypeKind::Float, 64));
    }
  }
  const ir::NodeId result = b_.call_extern(external, args);
  const sema::TypeId result_type = type.element;
  const bool optional_text = owner_.types.is(result_type, TypeKind::Optional) &&
                             owner_.types.is(owner_.types[result_type].element, TypeKind::String);
  if (!owner_.types.is(result_type, TypeKind::String) && !optional_text)
    return sequence(out, result);
  // R2.133: a `char *` result becomes {p, strlen(p)}; null is the empty string, or absent.
  const ir::LocalId pointer = bind(out, result);
  const ir::ExternId strlen_function = owner_.runtime_extern("strlen", {owner_.pointer_type()},
                                                             owner_.int_type(owner_.types.pointer_bytes() * 8, false));
  const ir::NodeId length_argument[] = {read(pointer)};
  const ir::NodeId length =
      b_.convert(ir::ConvertOp::Resize, b_.call_extern(strlen_function, length_argument), owner_.int_type(64, true));
  const ir::Builder::Init inits[] = {{0, read(pointer)}, {1, length}};
  ir::NodeId text = b_.aggregate(owner_.string_type(), inits);
  if (optional_text)
    text = optional_wrap(result_type, text);
  const ir::NodeId present = b_.convert(ir::ConvertOp::Truth, read(pointer), owner_.bool_type());
  const ir::TypeId made = owner_.value_type(result_type);
  return sequence(out, b_.if_(present, text, b_.zero(made), made));
}

ir::NodeId FunctionLowering::call_pointer(hir::NodeId id) {
  const auto& node = body_.get<hir::CallPointer>(id);
  const sema::TypeId type = checked_type(node.callee);
  const bool with_context = owner_.types[type].convention == sema::Convention::Sx && owner_.has_context_mode();
  Nodes out;
  const ir::NodeId callee = value(node.callee);
  Nodes args;
  if (with_context)
    args.push_back(context_pointer());
  for (const ir::NodeId arg : arguments(out, node.args, {}))
    args.push_back(arg);
  return b_.call_indirect(owner_.signature(type, with_context, false), callee, args);
}

ir::NodeId FunctionLowering::call_closure(hir::NodeId id) {
  const auto& node = body_.get<hir::CallClosure>(id);
  const sema::TypeId type = checked_type(node.callee);
  Nodes out;
  const ir::LocalId closure = bind(out, value(node.callee));
  Nodes args;
  if (owner_.has_context_mode())
    args.push_back(context_pointer());
  args.push_back(member(b_.local(closure), 1));
  for (const ir::NodeId arg : arguments(out, node.args, {}))
    args.push_back(arg);
  const ir::NodeId code = member(b_.local(closure), 0);
  return sequence(out, b_.call_indirect(owner_.signature(type, owner_.has_context_mode(), true), code, args));
}

ir::NodeId FunctionLowering::dispatch(ir::NodeId receiver_place, sema::TypeId protocol, std::uint32_t method,
                                      const Nodes& args, Nodes& out) {
  const sema::Nominal& nominal = owner_.types.nominal(protocol);
  const std::uint32_t row = owner_.dispatch_index(protocol, method);
  const ir::LocalId receiver = bind(out, b_.address_of(receiver_place));
  const ir::TypeId layout = owner_.value_type(protocol);
  const auto words = [&] { return b_.deref(read(receiver), layout); };
  ir::NodeId code;
  if (nominal.is_inline) {
    code = member(words(), 2 + row);
  } else {
    const ir::NodeId entry = b_.element_pointer(member(words(), 2), word(row), owner_.code_type());
    code = b_.load(b_.deref(entry, owner_.code_type()));
  }
  Nodes all;
  if (owner_.has_context_mode())
    all.push_back(context_pointer());
  all.push_back(member(words(), 0));
  all.insert(all.end(), args.begin(), args.end());
  return b_.call_indirect(owner_.method_signature(nominal.methods[method]), code, all);
}

ir::NodeId FunctionLowering::call_method(hir::NodeId id) {
  const auto& node = body_.get<hir::CallMethod>(id);
  Nodes out;
  const ir::NodeId receiver = operand_place(node.receiver);
  // The receiver comes before the arguments (R4.151): its address is bound first, the arguments follow in the call.
  Nodes args = arguments(out, node.args, {});
  Nodes head;
  const ir::NodeId call = dispatch(receiver, node.protocol, node.method, args, head);
  return sequence(head, call);
}

/// A static argument names its record; a word finds it in the reflection row.
ir::NodeId FunctionLowering::type_info(hir::NodeId id) {
  const auto& node = body_.get<hir::CallIntrinsic>(id);
  const hir::NodeId argument = body_.list(node.args)[0];
  if (body_.kind(argument) == hir::Kind::TypeConst)
    return b_.load(b_.global(owner_.type_record(body_.get<hir::TypeConst>(argument).value)));
  owner_.want_type_records();
  const ir::NodeId of = this->argument(argument);
  const ir::NodeId arguments[] = {of, word(0)};
  const ir::NodeId record = b_.intrinsic(ir::Intrinsic::Reflect, static_cast<std::uint32_t>(ir::ReflectQuery::Info),
                                         owner_.pointer_type(), arguments);
  return b_.load(b_.deref(record, type_of(id)));
}

ir::NodeId FunctionLowering::assembly(hir::NodeId id) {
  const auto& node = body_.get<hir::Asm>(id);
  const sema::Assembly& checked = owner_.program.assemblies[node.assembly];
  ir::Assembly row;
  row.text = module().strings.intern(checked.text);
  row.constraints = module().strings.intern(checked.constraints);
  row.has_effects = checked.has_effects;
  for (const sema::TypeId memory : checked.memory)
    row.memory.push_back(owner_.storage_type(memory));
  Nodes args;
  for (const hir::NodeId arg : body_.list(node.args))
    args.push_back(value(arg));
  const auto number = static_cast<std::uint32_t>(module().assemblies.size());
  module().assemblies.push_back(std::move(row));
  return b_.intrinsic(ir::Intrinsic::Asm, number, type_of(id), args);
}

ir::NodeId FunctionLowering::call_intrinsic(hir::NodeId id) {
  const auto& node = body_.get<hir::CallIntrinsic>(id);
  if (node.which == hir::Intrinsic::TypeInfo)
    return type_info(id);
  const ir::TypeId type = type_of(id);
  Nodes out;
  Nodes args = arguments(out, node.args, {});
  const auto plain = [&](ir::Intrinsic which) { return sequence(out, b_.intrinsic(which, 0, type, args)); };
  const auto atomic = [&](ir::Intrinsic which) {
    return sequence(out, b_.intrinsic(which, node.immediate, type, args));
  };
  const auto reflect = [&](ir::ReflectQuery query) {
    if (args.size() == 1)
      args.push_back(word(0));
    return sequence(out, b_.intrinsic(ir::Intrinsic::Reflect, static_cast<std::uint32_t>(query), type, args));
  };
  using enum hir::Intrinsic;
  switch (node.which) {
  case IsComptime: return plain(ir::Intrinsic::IsComptime);
  case Sqrt: return plain(ir::Intrinsic::Sqrt);
  case Sin: return plain(ir::Intrinsic::Sin);
  case Cos: return plain(ir::Intrinsic::Cos);
  case Floor: return plain(ir::Intrinsic::Floor);
  case TypeName: return reflect(ir::ReflectQuery::Name);
  case TypeIsUnsigned: return reflect(ir::ReflectQuery::IsUnsigned);
  case TypeIsFlags: return reflect(ir::ReflectQuery::IsFlags);
  case TypeSize: return reflect(ir::ReflectQuery::Size);
  case TypeAlign: return reflect(ir::ReflectQuery::Align);
  case TypeCategory: return reflect(ir::ReflectQuery::Category);
  case FieldCount: return reflect(ir::ReflectQuery::FieldCount);
  case VariantCount: return reflect(ir::ReflectQuery::VariantCount);
  case VectorLanes: return reflect(ir::ReflectQuery::VectorLanes);
  case ElementCount: return reflect(ir::ReflectQuery::ElementCount);
  case TagWidth: return reflect(ir::ReflectQuery::TagWidth);
  case MemberName: return reflect(ir::ReflectQuery::MemberName);
  case MemberType: return reflect(ir::ReflectQuery::MemberType);
  case MemberOffset: return reflect(ir::ReflectQuery::MemberOffset);
  case MemberValue: return reflect(ir::ReflectQuery::MemberValue);
  case TypeInfo: break; // above
  case ErrorName: return plain(ir::Intrinsic::ErrorName);
  case AnyToInt:
  case AnyToFloat: {
    const bool to_float = node.which == AnyToFloat;
    const ir::LocalId view = bind(out, args.front());
    const ir::NodeId parts[] = {member(b_.local(view), 0), member(b_.local(view), 1)};
    const ir::NodeId wide = b_.call(owner_.any_reader(to_float), parts);
    if (b_.type_of(wide) == type)
      return sequence(out, wide);
    return sequence(out, b_.convert(to_float ? ir::ConvertOp::FloatResize : ir::ConvertOp::Resize, wide, type));
  }
  case CStringLength: {
    const ir::ExternId function = owner_.runtime_extern("strlen", {owner_.pointer_type()},
                                                        owner_.int_type(owner_.types.pointer_bytes() * 8, false));
    return sequence(out, b_.convert(ir::ConvertOp::Resize, b_.call_extern(function, args), type));
  }
  case TraceClear: return plain(ir::Intrinsic::TraceClear);
  case TraceResolve: return plain(ir::Intrinsic::TraceResolve);
  case PrintFrames: return plain(ir::Intrinsic::PrintFrames);
  case AtomicLoad: return atomic(ir::Intrinsic::AtomicLoad);
  case AtomicStore: return atomic(ir::Intrinsic::AtomicStore);
  case AtomicAdd: return atomic(ir::Intrinsic::AtomicAdd);
  case AtomicSub: return atomic(ir::Intrinsic::AtomicSub);
  case AtomicAnd: return atomic(ir::Intrinsic::AtomicAnd);
  case AtomicOr: return atomic(ir::Intrinsic::AtomicOr);
  case AtomicXor: return atomic(ir::Intrinsic::AtomicXor);
  case AtomicMin: return atomic(ir::Intrinsic::AtomicMin);
  case AtomicMax: return atomic(ir::Intrinsic::AtomicMax);
  case AtomicSwap: return atomic(ir::Intrinsic::AtomicSwap);
  case AtomicExchange: {
    const ir::LocalId found = temporary(owner_.storage_type(node.type));
    args.push_back(b_.address_of(b_.local(found)));
    const ir::NodeId success = b_.intrinsic(ir::Intrinsic::AtomicExchange, node.immediate, owner_.bool_type(), args);
    const ir::NodeId previous = optional_wrap(checked_type(id), read(found));
    return sequence(out, b_.if_(success, b_.zero(type), previous, type));
  }
  case AtomicFence: return atomic(ir::Intrinsic::AtomicFence);
  case Compiler: return sequence(out, b_.intrinsic(ir::Intrinsic::Compiler, node.immediate, type, args));
  }
  return b_.poison("unknown intrinsic");
}

} // namespace sx::lower
