// Protocol values in bodies: erasure (5.15), views (5.16), dispatch (5.17), recovery (R5.116).

#include "sema/body_checker.h"
#include "sema/generic_state.h"

#include <array>

namespace sx::sema {
namespace {

/// The written operand in a message: its name, or its text.
std::string spelled(BodyChecker& body, const Operand& operand) {
  if (operand.name.valid() && operand.name != StringId(0))
    return std::string(body.text(operand.name));
  return std::string(body.checker().sources.text(operand.span));
}

/// The storage an lvalue names; pack elements and spilled temporaries are rvalues (R5.148).
bool is_lvalue(const Operand& operand) {
  return operand.is_place() && operand.access != Access::Temporary;
}

bool is_pointer_to_protocol(const TypeTable& types, TypeId type) {
  return types.is(type, TypeKind::Pointer) && types.is(types[type].element, TypeKind::Protocol);
}

/// The library's `Allocator`, found through the context field or by name; invalid if there is none.
TypeId allocator_protocol(Checker& checker) {
  const ContextInfo& context = checker.program.context;
  if (context.allocator_field)
    return checker.types.nominal(context.type).fields[*context.allocator_field].type;
  const DeclId decl = library_type(checker, "Allocator");
  return decl.valid() ? checker.declared_type(decl) : TypeId{};
}

Span operand_or_literal(const Operand& operand, const ConversionSite& site) {
  return site.in_literal ? site.site : operand.span;
}

} // namespace

bool BodyChecker::erasable(TypeId from, TypeId protocol) {
  if (from == protocol)
    return true;
  if (types().is(from, TypeKind::Protocol))
    return false;
  if (checker().implements(from, protocol, here().module))
    return true;
  return types().is(from, TypeKind::Pointer) && !types().is(types()[from].element, TypeKind::Protocol) &&
         types()[from].element != types().void_ && checker().implements(types()[from].element, protocol, here().module);
}

/// Reports why `operand` does not become the protocol of `target` (`P` or `*P`); false: this is not the reason.
bool BodyChecker::report_not_erasable(const Operand& operand, TypeId target, const ConversionSite&) {
  const TypeId protocol = types().is(target, TypeKind::Protocol) ? target : types()[target].element;
  TypeId from = operand.type;
  if (types().is(from, TypeKind::Protocol) || is_pointer_to_protocol(types(), from)) {
    report<diag::not_erasable>(operand.span, name(from), name(protocol));
    return true;
  }
  if (types().is(from, TypeKind::Pointer))
    from = types()[from].element;
  checker().generics().impls.report_failure(from, protocol, operand.span);
  return true;
}

/// The second element of `.(P, a)` as an `Allocator` place (R5.96).
static Operand allocator_value(BodyChecker& body, const Operand& allocator) {
  if (!is_lvalue(allocator)) {
    body.report<diag::allocator_is_no_lvalue>(allocator.span);
    return Operand::poison(allocator.span);
  }
  const TypeId wanted = allocator_protocol(body.checker());
  if (!wanted.valid()) {
    body.report<diag::no_allocator_in_scope>(allocator.span);
    return Operand::poison(allocator.span);
  }
  if (allocator.type == wanted)
    return allocator;
  return body.to_place(body.erase(allocator, wanted, {.site = allocator.span}, true, false, {}));
}

Operand BodyChecker::erase(Operand operand, TypeId protocol, const ConversionSite& site, bool explicit_cast,
                           bool copies, std::optional<Operand> allocator) {
  if (operand.poisoned())
    return operand;
  const Span span = explicit_cast && site.site.valid() ? site.site : operand.span;
  const TypeId from = operand.type;
  if (from == protocol)
    return to_value(operand);
  checker().complete(protocol);
  const bool identity = types().nominal(protocol).is_identity;
  if (allocator && identity) {
    report<diag::allocator_without_allocation>(span, name(protocol)).help("write '.(" + name(protocol) + ")'");
    return Operand::poison(span);
  }
  if (types().is(from, TypeKind::Protocol) || is_pointer_to_protocol(types(), from)) {
    // Only the copy behind a view of the same protocol exists (R5.93).
    if (copies && !identity && types().is(from, TypeKind::Pointer) && types()[from].element == protocol) {
      if (allocator && (*allocator = allocator_value(*this, *allocator)).poisoned())
        return Operand::poison(span);
      const hir::NodeId viewed = emit(hir::Deref{to_value(operand).node}, protocol, span);
      const hir::NodeId copied = emit(hir::Load{viewed}, protocol, span);
      return make(hir::ProtocolCopy{copied, allocator ? allocator->node : hir::NodeId{}}, protocol, span);
    }
    report<diag::not_erasable>(span, name(from), name(protocol));
    return Operand::poison(span);
  }
  ImplTable& impls = checker().generics().impls;
  const bool through_pointer = types().is(from, TypeKind::Pointer) && !impls.conformance(from, protocol).holds();
  const TypeId concrete = through_pointer ? types()[from].element : from;
  if (concrete == types().void_ || !impls.require(concrete, protocol, span))
    return Operand::poison(span);
  if (identity) {
    if (!through_pointer && !is_lvalue(operand)) {
      report<diag::identity_of_temporary>(operand.span, name(protocol)).help("give it a name first");
      return Operand::poison(span);
    }
    const hir::NodeId data =
        through_pointer ? to_value(operand).node : emit(hir::AddressOf{operand.node}, types().pointer(concrete), span);
    return make(hir::ProtocolBorrow{data, concrete}, protocol, span);
  }
  if (!copies && (through_pointer || is_lvalue(operand))) {
    const std::string written = spelled(*this, operand);
    Report& made =
        through_pointer
            ? report<diag::implicit_copy_of_pointee>(operand_or_literal(operand, site), written, name(protocol))
            : report<diag::implicit_copy_of_lvalue>(operand_or_literal(operand, site), written, name(protocol));
    made.help("write '" + written + ".(" + name(protocol) + ")', or take a '*" + name(protocol) + "'");
    return Operand::poison(span);
  }
  if (!allocator && !program().context.allocator_field) {
    report<diag::no_allocator_in_scope>(span);
    return Operand::poison(span);
  }
  if (allocator && (*allocator = allocator_value(*this, *allocator)).poisoned())
    return Operand::poison(span);
  hir::NodeId copied = to_value(operand).node;
  if (through_pointer)
    copied = emit(hir::Load{emit(hir::Deref{copied}, concrete, span)}, concrete, span);
  return make(hir::ProtocolOwn{copied, allocator ? allocator->node : hir::NodeId{}}, protocol, span);
}

Operand BodyChecker::view(Operand operand, TypeId pointer_to_protocol, const ConversionSite& site) {
  if (operand.poisoned())
    return operand;
  const Span span = operand.span;
  const TypeId protocol = types()[pointer_to_protocol].element;
  const bool through_pointer =
      types().is(operand.type, TypeKind::Pointer) && !checker().implements(operand.type, protocol, here().module);
  const TypeId concrete = through_pointer ? types()[operand.type].element : operand.type;
  if (!checker().generics().impls.require(concrete, protocol, span))
    return Operand::poison(span);
  if (!through_pointer && !is_lvalue(operand)) {
    const bool declares = site.kind == ConversionSite::Kind::Initializer;
    report<diag::view_of_temporary>(declares || !site.site.valid() ? span : site.site, name(concrete), name(protocol))
        .help("give it a name first");
    return Operand::poison(span);
  }
  const hir::NodeId data =
      through_pointer ? to_value(operand).node : emit(hir::AddressOf{operand.node}, types().pointer(concrete), span);
  const hir::NodeId borrowed = emit(hir::ProtocolBorrow{data, concrete}, protocol, span);
  const hir::NodeId slot = emit(hir::Materialize{borrowed}, protocol, span);
  return make(hir::AddressOf{slot}, pointer_to_protocol, span);
}

Operand BodyChecker::recover_protocol(Operand operand, TypeId target, Span cast) {
  if (operand.poisoned() || operand.type == target)
    return to_value(operand);
  if (is_pointer_to_protocol(types(), target)) {
    report<diag::recovery_to_protocol_pointer>(cast, name(types()[target].element)).help("name the concrete type");
    return Operand::poison(cast);
  }
  if (types().is(target, TypeKind::Protocol)) {
    report<diag::not_erasable>(cast, name(operand.type), name(target));
    return Operand::poison(cast);
  }
  const Operand base = to_place(operand);
  if (base.poisoned())
    return base;
  std::vector<hir::NodeId> before;
  const hir::LocalId address = temporary(types().pointer(operand.type), cast);
  before.push_back(let(address, emit(hir::AddressOf{base.node}, types().pointer(operand.type), cast), cast));
  const auto word_at = [&](std::uint32_t index, TypeId type) {
    const hir::NodeId whole = emit(hir::Deref{local_value(address, cast)}, operand.type, cast);
    return emit(hir::Load{emit(hir::Field{whole, index}, type, cast)}, type, cast);
  };
  if (types().is(target, TypeKind::Pointer)) {
    const hir::NodeId data = word_at(0, types().void_pointer);
    if (target == types().void_pointer)
      return sequence(before, value(data, target, cast), cast);
    return sequence(before, make(hir::Convert{hir::ConvertOp::PointerCast, data}, target, cast), cast);
  }
  const bool raw = types().is(target, TypeKind::Struct) && text(types().nominal(target).name) == "ProtocolRaw" &&
                   types().nominal(target).fields.size() == 2;
  if (raw || target == types().any) {
    const std::array inits{hir::MemberInit{0, word_at(0, types().void_pointer)},
                           hir::MemberInit{1, word_at(1, types().type)}};
    return sequence(before, value(aggregate(inits, target, cast), target, cast), cast);
  }
  const hir::NodeId whole =
      emit(hir::Load{emit(hir::Deref{local_value(address, cast)}, operand.type, cast)}, operand.type, cast);
  return sequence(before, make(hir::Convert{hir::ConvertOp::Bits, whole}, target, cast), cast);
}

MemberDecl BodyChecker::conforming_method(TypeId type, StringId method) {
  const FunctionOrigin& origin = checker().origin(function_id());
  if (!origin.decl.valid())
    return {};
  ImplTable& impls = checker().generics().impls;
  const TypeId protocol = impls.protocol_of_default(origin.decl);
  if (!protocol.valid() || checker().decl(origin.decl).owner != type)
    return {};
  const std::vector<ProtocolMethodInfo>& methods = types().nominal(protocol).methods;
  const std::vector<MemberDecl>& selected = impls.conformance(type, protocol).methods;
  for (std::size_t i = 0; i < methods.size() && i < selected.size(); ++i)
    if (methods[i].name == method)
      return selected[i];
  return {};
}

// ---- dispatch ----

static std::optional<std::uint32_t> find_protocol_method(Checker& checker, TypeId protocol, StringId name) {
  checker.complete(protocol);
  const std::vector<ProtocolMethodInfo>& methods = checker.types.nominal(protocol).methods;
  for (std::uint32_t i = 0; i < methods.size(); ++i)
    if (methods[i].name == name)
      return i;
  return {};
}

/// `P` behind `P`, `*P`, `?P`, `?*P`; invalid for other types.
static TypeId dispatched_protocol(const TypeTable& types, TypeId type) {
  if (types.is(type, TypeKind::Optional))
    type = types[type].element;
  if (types.is(type, TypeKind::Pointer))
    type = types[type].element;
  return types.is(type, TypeKind::Protocol) ? type : TypeId{};
}

bool BodyChecker::has_protocol_method(TypeId type, StringId name) {
  const TypeId protocol = dispatched_protocol(types(), type);
  return protocol.valid() && find_protocol_method(checker(), protocol, name);
}

/// The place whose words a call through `P`, `*P`, `?P` or `?*P` reads.
static Operand protocol_place(BodyChecker& body, Operand receiver) {
  TypeTable& types = body.types();
  if (types.is(receiver.type, TypeKind::Optional))
    receiver = body.unwrap_or_trap(receiver, receiver.span);
  if (receiver.poisoned() || types.is(receiver.type, TypeKind::Protocol))
    return body.to_place(receiver);
  const Operand pointer = body.to_value(receiver);
  if (pointer.poisoned())
    return pointer;
  const TypeId protocol = types[pointer.type].element;
  return body.place(body.emit(hir::Deref{pointer.node}, protocol, receiver.span), protocol, receiver.span);
}

Operand BodyChecker::call_protocol_method(CallSite& site, Operand receiver, StringId method_name) {
  const TypeId protocol = dispatched_protocol(types(), receiver.type);
  const std::optional<std::uint32_t> index = find_protocol_method(checker(), protocol, method_name);
  if (!index)
    return Operand::poison(site.span);
  const ProtocolMethodInfo& method = types().nominal(protocol).methods[*index];
  const std::string written(text(method_name));
  if (!method.dispatchable) {
    const std::optional<StringId> parameter = self_parameter(checker(), protocol, *index);
    Report& made = parameter ? report<diag::method_parameter_not_dispatchable>(
                                   site.callee_span, written, name(protocol), std::string(text(*parameter)))
                             : report<diag::method_result_not_dispatchable>(site.callee_span, written, name(protocol));
    made.help("call it in a function with '$T/" + name(protocol) + "'");
    return Operand::poison(site.span);
  }
  for (const AstId arg : site.args)
    if (tree().is(arg, AstKind::NamedArgument)) {
      report<diag::names_without_declaration>(site.callee_span, written);
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
  if (site.trailing.valid()) {
    report<diag::trailing_block_on_value>(site.callee_span, written);
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  std::vector<Parameter> parameters;
  for (const TypeId type : method.params) {
    Parameter parameter;
    parameter.name.text = StringId(0);
    parameter.type = type;
    parameters.push_back(parameter);
  }
  const Operand base = protocol_place(*this, receiver);
  site.receiver.reset();
  CheckedArguments arguments;
  auto bound = bind_arguments(site, written, parameters, arguments);
  if (!bound || base.poisoned()) {
    Operand failed = Operand::poison(site.span);
    return failed;
  }
  check_arguments(site, parameters, *bound, here(), arguments);
  if (arguments.poisoned)
    return Operand::poison(site.span);
  const hir::NodeId call =
      emit(hir::CallMethod{base.node, protocol, *index, body().add_list(arguments.values)}, method.result, site.span);
  return finish_call(call, method.result, arguments, site.span);
}

} // namespace sx::sema
