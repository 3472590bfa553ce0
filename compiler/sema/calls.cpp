// Calls of declarations and of values (4.4, 4.5.1, 4.8).

#include "sema/scopes.h"

namespace sx::sema {

CallSite call_site(BodyChecker& body, const ast::Call& call, AstId node, Expect expect) {
  CallSite site;
  site.node = node;
  site.span = body.span_of(node);
  site.callee_span = body.span_of(call.callee);
  site.args = body.tree().list(call.args);
  site.trailing = call.trailing;
  site.expect = expect;
  return site;
}

Operand BodyChecker::check_call(const ast::Call& call, AstId node, Expect expect) {
  if (const auto* member = tree().try_get<ast::Member>(call.callee))
    return check_member_call(call, *member, node, expect);
  if (const auto* dot = tree().try_get<ast::DotName>(call.callee))
    return check_dot_call(call, *dot, node, expect);
  if (const auto* member = tree().try_get<ast::OptionalMember>(call.callee))
    return check_optional_call(call, *member, node, expect);
  CallSite site = call_site(*this, call, node, expect);
  if (const auto* named = tree().try_get<ast::Name>(call.callee)) {
    if (const Binding* binding = find_binding(named->name.text, site.callee_span)) {
      // A local that cannot be called does not hide a function (R4.53).
      const bool holds_value = binding->kind == Binding::Kind::Local || binding->kind == Binding::Kind::Constant ||
                               binding->kind == Binding::Kind::PackElement;
      const bool callable = !holds_value || types().is(binding->type, TypeKind::Closure) ||
                            types().is(binding->type, TypeKind::Function) ||
                            types().is(binding->type, TypeKind::Poison) || types().is(binding->type, TypeKind::Type);
      if (callable)
        return call_operand(site, binding_operand(*binding, site.callee_span));
      Site outer = where_;
      outer.locals = nullptr;
      if (const Found found = checker_.find_quietly(outer, named->name.text, Use::Call, named->name.raw))
        return call_operand(site, found_operand(found, named->name, site.callee_span, Use::Call));
      return call_operand(site, binding_operand(*binding, site.callee_span));
    }
    return call_operand(site, name_operand(named->name, site.callee_span, Use::Call));
  }
  return call_operand(site, check(call.callee, Expect::none()));
}

void BodyChecker::check_stray_arguments(const CallSite& site) {
  for (const AstId arg : site.args) {
    if (const auto* named = tree().try_get<ast::NamedArgument>(arg))
      check(named->value, Expect::of(types().poison));
    else if (const auto* spread = tree().try_get<ast::Spread>(arg))
      check(spread->value, Expect::of(types().poison));
    else
      check(arg, Expect::of(types().poison));
  }
}

Operand BodyChecker::call_operand(CallSite& site, Operand callee) {
  switch (callee.kind) {
  case Operand::Kind::Poison: check_stray_arguments(site); return Operand::poison(site.span);
  case Operand::Kind::Function: return call_declaration(site, {callee.declaration, callee.environment});
  case Operand::Kind::Intrinsic: return call_intrinsic(site, callee.name, callee.span);
  case Operand::Kind::Type: {
    // `Head(args)` as an expression denotes a type.
    if (!callee.denoted.valid() || tree().is(site.node, AstKind::Call)) {
      const TypeId type = callee.denoted.valid() ? denoted_type(site.node) : resolve_type(site.node);
      if (type.valid())
        return type_operand(type, site.span);
    }
    report<diag::callee_not_callable>(site.callee_span,
                                      callee.denoted.valid() ? name(callee.denoted) : std::string(text(callee.name)));
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  default: return call_value(site, std::move(callee));
  }
}

std::string BodyChecker::callee_name(const FunctionRef& callee) {
  const Decl& declaration = checker_.decl(callee.decl);
  std::string spelled(text(declaration.name));
  if (declaration.owner.valid() && declaration.scope == DeclScope::Member)
    spelled = name(declaration.owner) + "." + spelled;
  return spelled;
}

Operand BodyChecker::call_declaration(CallSite& site, const FunctionRef& reference) {
  FunctionRef callee = reference;
  if (checker_.resolve_decl(callee.decl) == DeclKind::UfcsAlias || checker_.decl(callee.decl).kind == DeclKind::Alias)
    callee.decl = checker_.follow(callee.decl);
  const DeclKind kind = checker_.decl(callee.decl).kind;
  if (kind == DeclKind::GenericFunction)
    return call_generic(site, callee);
  if (kind == DeclKind::Intrinsic)
    return call_intrinsic(site, checker_.decl(callee.decl).name, site.callee_span);
  if (kind == DeclKind::Poison) {
    check_stray_arguments(site);
    ++errors_;
    return Operand::poison(site.span);
  }
  if (kind != DeclKind::Function && kind != DeclKind::Constant) {
    report<diag::callee_not_callable>(site.callee_span, text(checker_.decl(callee.decl).name));
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  const Signature signature = checker_.signature(callee.decl, callee.environment);
  if (signature.failed) {
    // A result that could not be inferred has its reason in the body.
    if (signature.inferred_result)
      if (const FunctionId failed = checker_.function_instance(callee.decl, callee.environment); failed.valid())
        checker_.require_body(failed);
    check_stray_arguments(site);
    ++errors_;
    return Operand::poison(site.span);
  }
  if (checker_.is_compiler_binding(callee.decl))
    return call_binding(site, callee, signature);
  if (signature.linkage == syntax::Linkage::Extern)
    return call_extern(site, callee, signature);
  const FunctionId target = checker_.function_instance(callee.decl, callee.environment);
  if (!target.valid()) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  checker_.require_body(target);
  CheckedArguments arguments;
  auto bound = bind_arguments(site, callee_name(callee), signature.parameters, arguments);
  if (!bound) {
    // The result is known even though the arguments are not (C14).
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  check_arguments(site, signature.parameters, *bound, signature.site, arguments);
  TypeId result = signature.result;
  if (!result.valid()) {
    const TypeId type = program().function(target).type;
    result = type.valid() ? types()[type].element : types().poison;
  }
  const hir::NodeId call =
      emit(hir::Call{target, body().add_list(arguments.values), body().add_words(arguments.order)}, result, site.span);
  return finish_call(call, result, arguments, site.span);
}

Operand BodyChecker::finish_call(hir::NodeId call, TypeId result, CheckedArguments& arguments, Span span) {
  if (arguments.poisoned || types().is(result, TypeKind::Poison))
    return Operand::poison(span);
  Operand operand = value(call, result, span);
  operand = sequence(arguments.before, operand, span);
  operand.is_failable_call = types().is(result, TypeKind::Failable);
  if (operand.is_failable_call)
    operand.error_source = error_source_of_call(call);
  return operand;
}

/// Whose errors a call can give (R6.106).
ErrorSource BodyChecker::error_source_of_call(hir::NodeId call) {
  switch (body().kind(call)) {
  case hir::Kind::Call: return checker_.error_source_of(body().get<hir::Call>(call).function);
  case hir::Kind::CallPointer:
    return checker_.error_source_of_callable(body().type(body().get<hir::CallPointer>(call).callee));
  case hir::Kind::CallClosure:
    return checker_.error_source_of_callable(body().type(body().get<hir::CallClosure>(call).callee));
  case hir::Kind::CallMethod: {
    const hir::CallMethod method = body().get<hir::CallMethod>(call);
    const Nominal& protocol = types().nominal(method.protocol);
    return checker_.error_source_of_method(method.protocol, protocol.methods[method.method].name);
  }
  default: return {};
  }
}

/// C functions: a `...` tail takes any number of promoted arguments (R2.134).
Operand BodyChecker::call_extern(CallSite& site, const FunctionRef& callee, const Signature& signature) {
  const ExternId external = checker_.extern_of(callee.decl);
  if (!external.valid()) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  CheckedArguments arguments;
  auto bound = bind_arguments(site, callee_name(callee), signature.parameters, arguments);
  if (!bound) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  if (signature.is_c_variadic && !bound->empty() && bound->back().kind == BoundArgument::Kind::Variadic) {
    BoundArgument tail = std::move(bound->back());
    bound->pop_back();
    const TypeId element = types()[signature.parameters.back().type].element;
    std::vector<Parameter> fixed(signature.parameters.begin(), signature.parameters.end() - 1);
    check_arguments(site, fixed, *bound, signature.site, arguments);
    for (const BoundArgument& extra : tail.variadic) {
      Operand operand = check_argument(site, extra, element);
      if (!operand.poisoned()) {
        const TypeId type = operand.type;
        const bool narrow =
            types().is(type, TypeKind::Bool) || (types().is_integer(type) && types().bit_width(type) < 32);
        if (narrow)
          operand = convert(operand, types().i32, {.site = site.span});
        else if (type == types().f32)
          operand = convert(operand, types().f64, {.site = site.span});
      }
      arguments.poisoned = arguments.poisoned || operand.poisoned();
      arguments.values.push_back(node_of(operand));
    }
    if (!arguments.order.empty())
      for (std::uint32_t i = static_cast<std::uint32_t>(arguments.order.size()); i < arguments.values.size(); ++i)
        arguments.order.push_back(i);
  } else {
    check_arguments(site, signature.parameters, *bound, signature.site, arguments);
  }
  const hir::NodeId call =
      emit(hir::CallExtern{external, body().add_list(arguments.values), body().add_words(arguments.order)},
           signature.result, site.span);
  return finish_call(call, signature.result, arguments, site.span);
}

Operand BodyChecker::call_value(CallSite& site, Operand callee) {
  const StringId spelled = callee.name;
  if (callee.is_failable_call)
    callee = settle_failable(std::move(callee), Expect::none());
  callee = to_value(std::move(callee));
  if (callee.poisoned()) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  const Type shape = types()[callee.type];
  const bool closure = shape.kind == TypeKind::Closure;
  if (!closure && shape.kind != TypeKind::Function) {
    report<diag::callee_not_callable>(site.callee_span, name(callee.type));
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  const std::string shown =
      spelled.value != 0 ? std::string(text(spelled)) : std::string(checker_.sources.text(site.callee_span));
  if (site.trailing.valid()) {
    report<diag::trailing_block_on_value>(site.callee_span, shown);
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  for (const AstId arg : site.args)
    if (tree().is(arg, AstKind::NamedArgument)) {
      report<diag::names_without_declaration>(site.callee_span, shown);
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
  CheckedArguments arguments;
  // The callee is evaluated first (R4.151).
  const hir::LocalId code = spill(callee, arguments.before);
  std::vector<BoundArgument> bound;
  for (const AstId arg : site.args) {
    BoundArgument item;
    item.span = span_of(arg);
    if (const auto* spread = tree().try_get<ast::Spread>(arg)) {
      std::vector<Operand> parts;
      if (!spread_parts(spread->value, span_of(arg), parts, arguments.before))
        return Operand::poison(site.span);
      for (Operand& part : parts) {
        item.kind = BoundArgument::Kind::Checked;
        item.operand = part;
        bound.push_back(item);
      }
      continue;
    }
    item.kind = BoundArgument::Kind::Expression;
    item.node = arg;
    bound.push_back(item);
  }
  if (bound.size() != shape.elements.size() && !(shape.is_variadic && bound.size() > shape.elements.size())) {
    if (spelled.value != 0)
      report<diag::argument_count>(site.callee_span, shown, shape.elements.size(), bound.size());
    else
      report<diag::argument_count_of_value>(site.callee_span, closure ? "closure" : "function pointer",
                                            shape.elements.size(), bound.size());
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const Operand operand = check_argument(site, bound[i], i < shape.elements.size() ? shape.elements[i] : TypeId());
    arguments.poisoned = arguments.poisoned || operand.poisoned();
    arguments.values.push_back(node_of(operand));
  }
  const hir::NodeId code_node = local_value(code, site.callee_span);
  const hir::NodeList args = body().add_list(arguments.values);
  const hir::NodeId call = closure ? emit(hir::CallClosure{code_node, args}, shape.element, site.span)
                                   : emit(hir::CallPointer{code_node, args}, shape.element, site.span);
  return finish_call(call, shape.element, arguments, site.span);
}

} // namespace sx::sema
