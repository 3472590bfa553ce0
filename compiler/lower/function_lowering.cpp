// One function: prologue, dispatch over node kinds, implicit return.

#include "lower/function_lowering.h"

namespace sx::lower {

using sema::TypeKind;

FunctionLowering::FunctionLowering(Lowerer::Impl& owner, sema::FunctionId checked, ir::FuncId lowered)
    : owner_(owner), checked_(owner.program.function(checked)), body_(checked_.body), lowered_(lowered),
      b_(owner.module, owner.module.function(lowered)) {
  result_ = owner.types[checked_.type].element;
}

void FunctionLowering::run() {
  b_.set_span(checked_.span);
  locals_.assign(body_.locals.size(), ir::LocalId());
  std::uint32_t next = 0;
  const bool takes_context = owner_.takes_context(checked_);
  if (takes_context)
    context_ = ir::LocalId(next++);
  Nodes out;
  ir::LocalId environment;
  if (checked_.kind == sema::FunctionKind::Lambda)
    environment = ir::LocalId(next++);
  for (const hir::LocalId param : checked_.params) {
    b_.function().locals[next].name = owner_.module_text(body_.locals[param.index()].name);
    locals_[param.index()] = ir::LocalId(next++);
  }
  if (!checked_.captures.empty()) {
    const ir::TypeId layout = owner_.environment_type(checked_);
    for (std::uint32_t i = 0; i < checked_.captures.size(); ++i) {
      const ir::NodeId captured = b_.field(b_.deref(read(environment), layout), i);
      out.push_back(write(local(checked_.captures[i]), b_.load(captured)));
    }
  }

  const ir::NodeId root = value(body_.root);
  if (diverges(root)) {
    out.push_back(root);
  } else if (owner_.types.is(result_, TypeKind::NoReturn)) {
    out.push_back(root);
    b_.set_span(checked_.span);
    out.push_back(b_.trap(ir::TrapKind::Unreachable, ""));
  } else if (!checked_.result_slots.empty() && is_void(body_.root)) {
    out.push_back(root);
    std::vector<ir::Builder::Init> inits;
    for (std::uint32_t i = 0; i < checked_.result_slots.size(); ++i)
      inits.push_back({i, read(local(checked_.result_slots[i]))});
    const sema::TypeId success = owner_.types.is(result_, TypeKind::Failable) ? owner_.types[result_].element : result_;
    const ir::NodeId slots = inits.size() == 1 && !owner_.types.is(success, TypeKind::Tuple)
                                 ? inits.front().value
                                 : b_.aggregate(owner_.value_type(success), inits);
    out.push_back(b_.return_(success_result(result_, slots)));
  } else if (is_void(body_.root)) {
    out.push_back(root);
    const bool plain = owner_.types.is(result_, TypeKind::Void) || owner_.types.is(result_, TypeKind::Poison);
    out.push_back(plain ? b_.return_() : b_.return_(success_result(result_, ir::NodeId())));
  } else if (owner_.types.is(body_.type(body_.root), TypeKind::Failable)) {
    out.push_back(b_.return_(root)); // a whole failable result is handed on
  } else {
    out.push_back(b_.return_(success_result(result_, root)));
  }
  const ir::NodeId whole = b_.block(b_.new_label(), owner_.never_type(), out);
  b_.function().root = whole;
}

bool FunctionLowering::is_void(hir::NodeId id) const {
  return owner_.types.is(body_.type(id), TypeKind::Void);
}

ir::LocalId FunctionLowering::local(hir::LocalId id) {
  ir::LocalId& slot = locals_[id.index()];
  if (!slot.valid()) {
    const hir::LocalInfo& info = body_.locals[id.index()];
    slot = b_.add_local(owner_.module_text(info.name), owner_.storage_type(info.type));
  }
  return slot;
}

ir::LocalId FunctionLowering::bind(Nodes& out, ir::NodeId v) {
  const ir::TypeKind kind = module().type(b_.type_of(v)).kind;
  if (kind == ir::TypeKind::Void || kind == ir::TypeKind::Never) {
    out.push_back(v);
    return temporary(owner_.storage_type(owner_.types.void_));
  }
  const ir::LocalId slot = temporary(b_.type_of(v));
  out.push_back(write(slot, v));
  return slot;
}

ir::NodeId FunctionLowering::sequence(const Nodes& nodes) {
  if (nodes.empty())
    return unit();
  if (nodes.size() == 1)
    return nodes.front();
  ir::TypeId type = b_.type_of(nodes.back());
  for (const ir::NodeId node : nodes)
    if (diverges(node))
      type = owner_.never_type();
  return b_.block(b_.new_label(), type, nodes);
}

ir::NodeId FunctionLowering::sequence(Nodes nodes, ir::NodeId last) {
  nodes.push_back(last);
  return sequence(nodes);
}

ir::NodeId FunctionLowering::value(hir::NodeId id) {
  const Span outer = b_.span();
  b_.set_span(body_.span(id));
  ir::NodeId made;
  if (hir::is_place(body_.kind(id))) {
    const ir::NodeId where = place(id);
    made = b_.load(where);
  } else {
    made = value_of_kind(id);
  }
  b_.set_span(outer);
  return made;
}

ir::NodeId FunctionLowering::place(hir::NodeId id) {
  const Span outer = b_.span();
  b_.set_span(body_.span(id));
  ir::NodeId made;
  switch (body_.kind(id)) {
  case hir::Kind::Local: made = b_.local(local(body_.get<hir::Local>(id).local)); break;
  case hir::Kind::Global: made = b_.global(owner_.global(body_.get<hir::Global>(id).global)); break;
  case hir::Kind::ExternVariable:
    made = b_.deref(b_.const_extern(owner_.external(body_.get<hir::ExternVariable>(id).external)), storage_of(id));
    break;
  case hir::Kind::Deref: made = b_.deref(value(body_.get<hir::Deref>(id).pointer), storage_of(id)); break;
  case hir::Kind::Field: {
    const auto& node = body_.get<hir::Field>(id);
    const ir::NodeId base = place(node.base);
    const bool array = owner_.types.is(checked_type(node.base), TypeKind::Array) ||
                       owner_.types.is(checked_type(node.base), TypeKind::Vector);
    made = array ? b_.index(base, word(node.index)) : b_.field(base, node.index);
    break;
  }
  case hir::Kind::Element: {
    const auto& node = body_.get<hir::Element>(id);
    const ir::NodeId base = place(node.base);
    made = b_.index(base, value(node.index));
    break;
  }
  case hir::Kind::PointerElement: {
    const auto& node = body_.get<hir::PointerElement>(id);
    const ir::NodeId pointer = value(node.pointer);
    made = b_.deref(b_.element_pointer(pointer, value(node.index), storage_of(id)), storage_of(id));
    break;
  }
  case hir::Kind::Payload: {
    const auto& node = body_.get<hir::Payload>(id);
    const sema::TypeId base_type = checked_type(node.base);
    const ir::NodeId base = place(node.base);
    if (owner_.types.is(base_type, TypeKind::Optional))
      made = owner_.types.is_sentinel_optional(base_type) ? base : b_.field(base, 0);
    else
      made = b_.field(base, 1 + node.variant);
    break;
  }
  case hir::Kind::Materialize: {
    const hir::NodeId inner = body_.get<hir::Materialize>(id).value;
    const ir::NodeId v = value(inner);
    if (module().type(b_.type_of(v)).kind == ir::TypeKind::Void)
      made = b_.temp(sequence({v}, b_.zero(storage_of(id))));
    else
      made = b_.temp(v);
    break;
  }
  case hir::Kind::Context: made = b_.deref(context_pointer(), owner_.value_type(owner_.program.context.type)); break;
  case hir::Kind::Reinterpret: made = b_.payload(place(body_.get<hir::Reinterpret>(id).base), 0, storage_of(id)); break;
  default: made = b_.temp(value(id)); break;
  }
  b_.set_span(outer);
  return made;
}

ir::NodeId FunctionLowering::operand_place(hir::NodeId id) {
  if (body_.kind(id) == hir::Kind::Load)
    return place(body_.get<hir::Load>(id).place);
  if (hir::is_place(body_.kind(id)))
    return place(id);
  return b_.temp(value(id));
}

ir::NodeId FunctionLowering::value_of_kind(hir::NodeId id) {
  using hir::Kind;
  switch (body_.kind(id)) {
  case Kind::Local:
  case Kind::Global:
  case Kind::ExternVariable:
  case Kind::Deref:
  case Kind::Field:
  case Kind::Element:
  case Kind::PointerElement:
  case Kind::Payload:
  case Kind::Materialize:
  case Kind::Context:
  case Kind::Reinterpret: return b_.load(place(id));
  case Kind::Load: {
    const ir::NodeId from = place(body_.get<hir::Load>(id).place);
    // A void object has no bytes to read, but reaching it may have effects.
    if (is_void(id))
      return sequence({b_.address_of(from)}, unit());
    // The code word of a closure reads as an untyped pointer (R4.83).
    const ir::NodeId loaded = b_.load(from);
    const bool code_as_pointer = b_.type_of(loaded) == owner_.code_type() && type_of(id) == owner_.pointer_type();
    return code_as_pointer ? b_.convert(ir::ConvertOp::CodeCast, loaded, type_of(id)) : loaded;
  }
  case Kind::AddressOf: return b_.address_of(place(body_.get<hir::AddressOf>(id).place));
  case Kind::IntConst: return b_.const_int(type_of(id), body_.get<hir::IntConst>(id).pattern);
  case Kind::FloatConst: {
    const double number = body_.get<hir::FloatConst>(id).value;
    const bool single = owner_.types[checked_type(id)].bits == 32;
    return b_.const_float(type_of(id), single ? std::bit_cast<std::uint32_t>(static_cast<float>(number))
                                              : std::bit_cast<std::uint64_t>(number));
  }
  case Kind::StringConst: return constant_text(id, body_.get<hir::StringConst>(id).text);
  case Kind::Zero: return is_void(id) ? unit() : b_.zero(type_of(id));
  case Kind::Undefined: return is_void(id) ? unit() : b_.undefined(type_of(id));
  case Kind::TypeConst: return word(owner_.types.word(body_.get<hir::TypeConst>(id).value));
  case Kind::FunctionConst: return b_.const_function(owner_.function(body_.get<hir::FunctionConst>(id).function));
  case Kind::ExternConst: return b_.const_extern(owner_.external(body_.get<hir::ExternConst>(id).external));
  case Kind::RunValue: {
    const ir::GlobalId folded = owner_.run_value(body_.get<hir::RunValue>(id).run);
    return is_void(id) ? unit() : b_.load(b_.global(folded));
  }
  case Kind::Unary: {
    const auto& node = body_.get<hir::Unary>(id);
    const ir::NodeId operand = value(node.operand);
    return b_.unary(node.op == hir::UnaryOp::Negate ? ir::UnaryOp::Neg : ir::UnaryOp::BitNot, operand);
  }
  case Kind::Binary: {
    const auto& node = body_.get<hir::Binary>(id);
    const ir::NodeId lhs = value(node.lhs);
    return b_.binary(static_cast<ir::BinaryOp>(node.op), lhs, value(node.rhs));
  }
  case Kind::Compare: {
    const auto& node = body_.get<hir::Compare>(id);
    ir::NodeId lhs = value(node.lhs), rhs = value(node.rhs);
    // A function compared with a bare null: both are addresses of one size.
    const auto is_code = [&](ir::NodeId v) { return module().type(b_.type_of(v)).kind == ir::TypeKind::Code; };
    if (is_code(lhs) != is_code(rhs) && !diverges(lhs) && !diverges(rhs)) {
      ir::NodeId& data = is_code(lhs) ? rhs : lhs;
      data = b_.convert(ir::ConvertOp::CodeCast, data, owner_.code_type());
    }
    return b_.compare(static_cast<ir::CompareOp>(node.op), lhs, rhs);
  }
  case Kind::CompareComposite: return compare_composite(id);
  case Kind::LogicalAnd: {
    const auto& node = body_.get<hir::LogicalAnd>(id);
    const ir::NodeId lhs = value(node.lhs);
    const ir::NodeId rhs = value(node.rhs);
    return b_.if_(lhs, rhs, b_.const_int(owner_.bool_type(), 0), owner_.bool_type());
  }
  case Kind::LogicalOr: {
    const auto& node = body_.get<hir::LogicalOr>(id);
    const ir::NodeId lhs = value(node.lhs);
    const ir::NodeId yes = b_.const_int(owner_.bool_type(), 1);
    return b_.if_(lhs, yes, value(node.rhs), owner_.bool_type());
  }
  case Kind::Convert: return convert(id);
  case Kind::Splat: {
    const ir::NodeId lane = value(body_.get<hir::Splat>(id).value);
    return b_.splat(type_of(id), lane);
  }
  case Kind::Aggregate: return aggregate(id);
  case Kind::VariantInit: return variant_init(id);
  case Kind::VariantTag: return member(operand_place(body_.get<hir::VariantTag>(id).operand), 0);
  case Kind::OptionalWrap: return optional_wrap(checked_type(id), value(body_.get<hir::OptionalWrap>(id).value));
  case Kind::OptionalHas: return optional_has(body_.get<hir::OptionalHas>(id).operand);
  case Kind::OptionalPayload: return optional_payload(body_.get<hir::OptionalPayload>(id).operand);
  case Kind::ProtocolBorrow: {
    const auto& node = body_.get<hir::ProtocolBorrow>(id);
    return protocol_value(checked_type(id), node.concrete, value(node.data));
  }
  case Kind::ProtocolOwn: return protocol_own(id);
  case Kind::ProtocolCopy: return protocol_copy(id);
  case Kind::ClosureMake: return closure_make(id);
  case Kind::ClosurePromote: return closure_promote(id);
  case Kind::FunctionWiden: return adapter(body_.get<hir::FunctionWiden>(id).function, checked_type(id));
  case Kind::ClosureWiden: return closure_widen(id);
  case Kind::Call: return call(id);
  case Kind::CallExtern: return call_extern(id);
  case Kind::CallPointer: return call_pointer(id);
  case Kind::CallClosure: return call_closure(id);
  case Kind::CallMethod: return call_method(id);
  case Kind::CallIntrinsic: return call_intrinsic(id);
  case Kind::Asm: return assembly(id);
  case Kind::Block: return block(id);
  case Kind::Sequence: return sequence_node(id);
  case Kind::Let: return let(id);
  case Kind::Store: {
    const auto& node = body_.get<hir::Store>(id);
    const ir::NodeId target = place(node.place);
    const ir::NodeId stored = value(node.value);
    const ir::TypeKind kind = module().type(b_.type_of(stored)).kind;
    if (kind == ir::TypeKind::Void || kind == ir::TypeKind::Never)
      return sequence({stored}, sequence({b_.address_of(target)}, unit()));
    return b_.store(target, stored);
  }
  case Kind::Update: return update(id);
  case Kind::If: return if_(id);
  case Kind::Loop: return loop(id);
  case Kind::Break: return leave_loop(body_.get<hir::Break>(id).loop, false);
  case Kind::Continue: return leave_loop(body_.get<hir::Continue>(id).loop, true);
  case Kind::Switch: return switch_(id);
  case Kind::SwitchCase: return value(body_.get<hir::SwitchCase>(id).body);
  case Kind::Return: return return_(id);
  case Kind::ReturnFailable: {
    Nodes out;
    const ir::LocalId result = bind(out, value(body_.get<hir::ReturnFailable>(id).value));
    run_cleanups(out, 0, ir::LocalId());
    return sequence(out, b_.return_(read(result)));
  }
  case Kind::Raise: return raise(id);
  case Kind::Try: return try_(id);
  case Kind::Catch: return catch_(id);
  case Kind::OrChain: return or_chain(id);
  case Kind::FailableMap: return failable_map(id);
  case Kind::FailableParts: return failable_parts(id);
  case Kind::Defer:
    cleanups_.push_back({Cleanup::Kind::Defer, body_.get<hir::Defer>(id).body, hir::LocalId(), context_});
    return unit();
  case Kind::OnFail: {
    const auto& node = body_.get<hir::OnFail>(id);
    cleanups_.push_back({Cleanup::Kind::OnFail, node.body, node.binding, context_});
    return unit();
  }
  case Kind::Push: return push(id);
  case Kind::Trap: {
    const auto& node = body_.get<hir::Trap>(id);
    const auto kind = static_cast<ir::TrapKind>(node.kind);
    const std::string text(owner_.strings.text(node.text));
    return node.detail.valid() ? failed_assertion(text, value(node.detail))
                               : b_.trap(kind, text.empty() ? text : text + "\n");
  }
  case Kind::Poison: return b_.poison("an expression with an error was reached");
  }
  return b_.poison("unknown node");
}

ir::NodeId FunctionLowering::failed_assertion(const std::string& text, ir::NodeId found) {
  const ir::NodeId comptime = b_.intrinsic(ir::Intrinsic::IsComptime, 0, owner_.bool_type(), {});
  const ir::NodeId refusal = b_.trap(ir::TrapKind::FailedAssertion, text);
  const std::string start = text + ", got ";
  const ir::NodeId args[] = {b_.data(owner_.pointer_type(), start),
                             b_.const_int(owner_.int_type(64, true), start.size()), found};
  const ir::NodeId report = b_.call(owner_.mismatch_reporter(), args);
  return b_.if_(comptime, refusal, report, owner_.never_type());
}

} // namespace sx::lower
