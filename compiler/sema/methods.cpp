// Dot calls, static calls and `ufcs` (R4.55 to R4.61).

#include "sema/scopes.h"

namespace sx::sema {

Operand BodyChecker::check_base(AstId node) {
  if (const auto* named = tree().try_get<ast::Name>(node)) {
    Operand operand = name_operand(named->name, span_of(node), Use::MemberBase);
    if (!operand.span.valid())
      operand.span = span_of(node);
    return operand;
  }
  if (const auto* member = tree().try_get<ast::Member>(node)) {
    const Span span = span_of(node);
    Operand base = check_base(member->base);
    if (base.poisoned())
      return Operand::poison(span);
    if (base.kind == Operand::Kind::Namespace)
      return namespace_member(base, member->name, span, Use::MemberBase);
    if (base.kind == Operand::Kind::Type)
      return type_member(std::move(base), member->name, span);
    if (base.kind == Operand::Kind::Pack)
      return pack_member(std::move(base), member->name, span);
    return member_of(std::move(base), member->name.text, span);
  }
  return check(node, Expect::none());
}

MemberDecl BodyChecker::method_of(TypeId type, StringId method, Span report_at) {
  if (const MemberDecl selected = conforming_method(type, method))
    return selected;
  if (const MemberDecl found = checker_.find_method(type, method))
    return found;
  bool ambiguous = false;
  const MemberDecl found = checker_.find_impl_method(type, method, ambiguous);
  if (ambiguous) {
    if (report_at.valid())
      report<diag::ambiguous_function>(report_at, text(method));
    return {};
  }
  return found;
}

Operand BodyChecker::check_member_call(const ast::Call& call, const ast::Member& member, AstId node, Expect expect) {
  CallSite site = call_site(*this, call, node, expect);
  Operand base = check_base(member.base);
  if (base.poisoned()) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  if (base.kind == Operand::Kind::Namespace) {
    const Operand callee = namespace_member(base, member.name, site.callee_span, Use::Call);
    if (callee.is_value_or_place() && !types().is(callee.type, TypeKind::Closure) &&
        !types().is(callee.type, TypeKind::Function)) {
      report<diag::member_not_callable>(member.name.span, text(base.name), text(member.name.text));
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
    return call_operand(site, callee);
  }
  if (base.kind == Operand::Kind::Type)
    return call_static(site, std::move(base), member.name);
  if (base.kind == Operand::Kind::Pack) {
    Operand part = pack_member(std::move(base), member.name, site.callee_span);
    return call_operand(site, std::move(part));
  }
  return call_method(site, std::move(base), member.name);
}

Operand BodyChecker::call_static(CallSite& site, Operand base, syntax::Ident method) {
  const TypeId type = base.denoted;
  if (!type.valid()) {
    // The bare head of a generic struct: its method binds the parameters.
    if (base.declaration.valid()) {
      resolve_type(tree().get<ast::Member>(tree().get<ast::Call>(site.node).callee).base); // says what is missing
      check_stray_arguments(site);
    }
    return Operand::poison(site.span);
  }
  const TypeKind kind = types().kind(type);
  if (kind == TypeKind::TaggedUnion || kind == TypeKind::Enum) {
    if (find_variant(type, method.text))
      return construct_variant(type, method, site.args, site.span, site.callee_span);
  }
  if (const MemberDecl found = method_of(type, method.text, site.callee_span))
    return call_declaration(site, {found.decl, found.environment});
  if (const MemberDecl constant = checker_.find_struct_constant(type, method.text))
    return call_value(site, constant_operand(constant.decl, constant.environment, site.callee_span, method.text));
  if (kind == TypeKind::Poison ||
      ((kind == TypeKind::Struct || kind == TypeKind::Enum || kind == TypeKind::TaggedUnion) &&
       types().nominal(type).failed)) {
    check_stray_arguments(site);
    ++errors_;
    return Operand::poison(site.span);
  }
  if (kind == TypeKind::Enum || kind == TypeKind::TaggedUnion)
    report_no_variant(type, method.text, site.callee_span);
  else
    report<diag::unknown_method>(site.callee_span, name(type), text(method.text));
  check_stray_arguments(site);
  return Operand::poison(site.span);
}

Operand BodyChecker::call_method(CallSite& site, Operand receiver, syntax::Ident method) {
  if (receiver.kind == Operand::Kind::Property || receiver.kind == Operand::Kind::Function ||
      receiver.kind == Operand::Kind::Intrinsic)
    receiver = to_value(std::move(receiver));
  if (receiver.is_failable_call)
    receiver = settle_failable(std::move(receiver), Expect::none());
  if (receiver.poisoned()) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  if (receiver.constraint.valid()) {
    if (!allowed_by_constraint(receiver, method.text, site.callee_span)) {
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
    receiver.constraint = {};
  }
  TypeId type = receiver.type;
  if (receiver.narrowed && types().is(type, TypeKind::Optional) && !has_protocol_method(type, method.text)) {
    receiver = unwrap_narrowed(std::move(receiver));
    type = receiver.type;
  }
  TypeId object = type;
  if (types().is(object, TypeKind::Pointer))
    object = types()[object].element;
  if (types().is(object, TypeKind::Poison)) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  // A callable field shadows methods (R4.55 item 3).
  if (types().is(object, TypeKind::Struct)) {
    checker_.complete(object);
    if (const auto field = find_field(object, method.text)) {
      const TypeId field_type = types().nominal(object).fields[*field].type;
      const TypeKind field_kind = types().kind(field_type);
      if (field_kind == TypeKind::Closure || field_kind == TypeKind::Function || field_kind == TypeKind::Poison ||
          !method_of(object, method.text)) {
        Operand callee = member_of(std::move(receiver), method.text, site.callee_span);
        callee.name = method.text;
        return call_value(site, std::move(callee));
      }
    }
  }
  if (has_protocol_method(type, method.text))
    return call_protocol_method(site, std::move(receiver), method.text);
  const std::size_t before = errors_;
  if (const MemberDecl found = method_of(object, method.text, site.callee_span)) {
    site.receiver = std::move(receiver);
    return call_declaration(site, {found.decl, found.environment});
  }
  // An `impl` may also stand for the pointer type itself.
  if (object != type)
    if (const MemberDecl found = method_of(type, method.text, site.callee_span)) {
      site.receiver = std::move(receiver);
      return call_declaration(site, {found.decl, found.environment});
    }
  if (errors_ != before) {
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  if (const MemberDecl getter = checker_.find_accessor(object, method.text, syntax::Accessor::Get)) {
    site.receiver = std::move(receiver);
    return call_declaration(site, {getter.decl, getter.environment});
  }
  return call_ufcs(site, std::move(receiver), method);
}

Operand BodyChecker::call_ufcs(CallSite& site, Operand receiver, syntax::Ident method) {
  // A local alias or nested ufcs function first (R4.60).
  if (const Binding* binding = find_binding(method.text, site.callee_span);
      binding != nullptr && binding->kind == Binding::Kind::Declaration) {
    const DeclKind kind = checker_.resolve_decl(binding->declaration);
    if (kind == DeclKind::UfcsAlias || checker_.decl(binding->declaration).is_ufcs) {
      site.receiver = std::move(receiver);
      return call_declaration(site, {binding->declaration, binding->environment});
    }
  }
  for (const bool everywhere : {false, true}) {
    std::vector<DeclId> candidates;
    DeclId own; // what this file itself calls so
    for (const DeclId found : checker_.ufcs_candidates(where_, method.text, everywhere)) {
      const DeclId target = checker_.follow(found);
      if (checker_.decl(found).site.module == where_.module)
        own = target;
      if (std::find(candidates.begin(), candidates.end(), target) == candidates.end())
        candidates.push_back(target);
    }
    if (candidates.empty())
      continue;
    site.receiver = receiver;
    if (candidates.size() == 1)
      return call_declaration(site, {candidates[0], {}});
    // Several: those whose parameters bind, the most specific of them (R4.61).
    std::vector<DeclId> best;
    constexpr int not_generic = 2;
    int best_fit = -1;
    for (const DeclId candidate : candidates) {
      std::optional<int> fit;
      if (checker_.resolve_decl(candidate) == DeclKind::GenericFunction)
        fit = generic_fit(site, {candidate, {}});
      else if (receiver_fits(receiver, candidate))
        fit = not_generic;
      if (!fit || *fit < best_fit)
        continue;
      if (*fit > best_fit)
        best.clear();
      best_fit = *fit;
      best.push_back(candidate);
    }
    // Functions that are not generic follow the author rule: the file's own goes first.
    if (best_fit == not_generic && std::find(best.begin(), best.end(), own) != best.end())
      return call_declaration(site, {own, {}});
    if (best.size() == 1)
      return call_declaration(site, {best[0], {}});
    if (best.size() > 1) {
      report<diag::several_ufcs_candidates>(site.callee_span, text(method.text));
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
    if (everywhere) {
      report<diag::no_ufcs_candidate>(site.callee_span, text(method.text));
      check_stray_arguments(site);
      return Operand::poison(site.span);
    }
  }
  // Nothing: a plain function of the name has three other spellings (R4.55 item 7).
  const std::string spelled(text(method.text));
  const Found plain = checker_.find_quietly(where_, method.text, Use::Call, method.raw);
  const DeclKind kind = plain.kind == Found::Kind::Declaration ? checker_.resolve_decl(plain.decl) : DeclKind::Poison;
  if (kind == DeclKind::Function || kind == DeclKind::GenericFunction)
    report<diag::not_a_ufcs_function>(site.callee_span, spelled)
        .help("write '" + spelled + "(x)', 'x |> " + spelled + "()' or declare it 'ufcs'");
  else if (types().is(receiver.type, TypeKind::Optional))
    report<diag::optional_as_payload>(site.callee_span, name(receiver.type), name(types()[receiver.type].element))
        .help(optional_help);
  else
    report<diag::unknown_method>(site.callee_span, name(receiver.type), spelled);
  check_stray_arguments(site);
  return Operand::poison(site.span);
}

/// Whether the first parameter of a non-generic function takes this receiver.
bool BodyChecker::receiver_fits(const Operand& receiver, DeclId candidate) {
  const Signature& signature = checker_.signature(candidate);
  if (signature.failed || signature.parameters.empty())
    return false;
  const TypeId parameter = signature.parameters[0].type;
  const Tentative tentative(*this);
  return !adapt_receiver(receiver, parameter, receiver.span).poisoned();
}

Operand BodyChecker::check_dot_call(const ast::Call& call, const ast::DotName& dot, AstId node, Expect expect) {
  CallSite site = call_site(*this, call, node, expect);
  TypeId type = expect.type;
  while (type.valid() && types().is(type, TypeKind::Optional))
    type = types()[type].element;
  if (!type.valid() || types().is(type, TypeKind::Null)) {
    report<diag::construction_without_destination>(site.span, text(dot.name.text)).help("give the binding a type");
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  if (types().is(type, TypeKind::Pointer) && types().is(types()[type].element, TypeKind::Struct))
    type = types()[type].element;
  switch (types().kind(type)) {
  case TypeKind::Poison: check_stray_arguments(site); return Operand::poison(site.span);
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    Operand result = construct_variant(type, dot.name, site.args, site.span, site.callee_span);
    result.context_typed = true;
    return result;
  }
  default: {
    Operand result = call_static(site, type_operand(type, site.callee_span), dot.name);
    return result;
  }
  }
}

Operand BodyChecker::check_optional_call(const ast::Call& call, const ast::OptionalMember& member, AstId node,
                                         Expect expect) {
  CallSite site = call_site(*this, call, node, expect);
  site.expect = Expect::none();
  Operand base = read_through_reference(check(member.base, Expect::none()));
  return map_optional(std::move(base), site.span, [&](Operand payload) {
    payload.access = Access::Temporary;
    Operand result = call_method(site, std::move(payload), member.name);
    if (result.is_failable_call) {
      report<diag::failable_call_in_optional_chain>(site.span, text(member.name.text));
      return Operand::poison(site.span);
    }
    return result;
  });
}

} // namespace sx::sema
