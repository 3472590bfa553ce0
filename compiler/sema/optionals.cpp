// `!`, `??`, `?.` (sections 6.5, 6.6, 6.9).

#include "sema/scopes.h"

namespace sx::sema {

Operand BodyChecker::check_force_unwrap(const ast::ForceUnwrap& unwrap, AstId node) {
  const Span span = span_of(node);
  Operand operand = to_value(read_through_reference(check(unwrap.operand, Expect::none())));
  if (operand.poisoned())
    return Operand::poison(span);
  if (!types().is(operand.type, TypeKind::Optional)) {
    report<diag::unwrap_of_non_optional>(operand.span, name(operand.type));
    return Operand::poison(span);
  }
  Operand result = unwrap_or_trap(operand, operand.span);
  result.span = span;
  result.access = Access::InlinePayload;
  return result;
}

Operand BodyChecker::check_coalesce(const ast::Binary& binary, AstId node) {
  const Span span = span_of(node);
  Operand left = to_value(read_through_reference(check(binary.lhs, Expect::none())));
  if (!left.poisoned() && !types().is(left.type, TypeKind::Optional)) {
    report<diag::fallback_on_non_optional>(left.span, name(left.type));
    left = Operand::poison(left.span);
  }
  const TypeId payload = left.poisoned() ? TypeId() : types()[left.type].element;
  const Operand fallback = check(binary.rhs, payload.valid() ? Expect::of(payload) : Expect::of(types().poison));
  if (left.poisoned() || fallback.poisoned())
    return Operand::poison(span);
  if (fallback.is_value() && is_void(fallback)) {
    report<diag::nothing_used_as_value>(fallback.span);
    return Operand::poison(span);
  }
  if (!leaves(fallback) && !can_convert(fallback, payload)) {
    Report& made = report<diag::fallback_mismatch>(fallback.span, type_text(fallback), name(payload));
    if (types().is(payload, TypeKind::Tuple) && types()[payload].elements.size() == 1)
      made.help("a tuple of one is written '.{x}'");
    return Operand::poison(span);
  }
  const Operand converted = convert(fallback, payload, {.site = span});
  if (converted.poisoned())
    return Operand::poison(span);
  std::vector<hir::NodeId> before;
  const hir::LocalId local = spill(left, before);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(local, span)}, types().bool_, span);
  const hir::NodeId present = emit(hir::OptionalPayload{local_value(local, span)}, payload, span);
  return sequence(before, make(hir::If{has, present, converted.node}, payload, span), span);
}

Operand BodyChecker::map_optional(Operand base, Span span, const std::function<Operand(Operand)>& inner) {
  base = to_value(std::move(base));
  if (base.poisoned())
    return Operand::poison(span);
  if (!types().is(base.type, TypeKind::Optional)) {
    report<diag::unwrap_of_non_optional>(base.span, name(base.type));
    return Operand::poison(span);
  }
  const TypeId payload = types()[base.type].element;
  std::vector<hir::NodeId> before;
  const hir::LocalId local = spill(base, before);
  const hir::NodeId inside = emit(hir::Payload{emit(hir::Local{local}, base.type, span), 0}, payload, base.span);
  Operand result = inner(place(inside, payload, base.span, Access::InlinePayload));
  if (result.kind == Operand::Kind::Place || result.kind == Operand::Kind::Property)
    result = to_value(result);
  if (result.poisoned() || !result.is_value())
    return Operand::poison(span);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(local, span)}, types().bool_, span);
  if (is_void(result) || leaves(result)) {
    const hir::NodeId present = statement_node(result);
    return sequence(before, make(hir::If{has, present, {}}, types().void_, span), span);
  }
  const bool flattens = types().is(result.type, TypeKind::Optional);
  const TypeId type = flattens ? result.type : types().optional(result.type);
  const hir::NodeId present = flattens ? result.node : emit(hir::OptionalWrap{result.node}, type, span);
  const hir::NodeId absent = emit(hir::Zero{}, type, span);
  return sequence(before, make(hir::If{has, present, absent}, type, span), span);
}

Operand BodyChecker::check_optional_member(AstId node, Expect) {
  const Span span = span_of(node);
  if (const auto* member = tree().try_get<ast::OptionalMember>(node)) {
    const Operand base = read_through_reference(check(member->base, Expect::none()));
    return map_optional(base, span, [&](Operand payload) { return member_of(payload, member->name.text, span); });
  }
  const auto& member = tree().get<ast::OptionalMemberIndex>(node);
  const Operand base = read_through_reference(check(member.base, Expect::none()));
  return map_optional(base, span, [&](Operand payload) { return part_of(payload, member.index, span); });
}

bool BodyChecker::can_convert(const Operand& operand, TypeId target) {
  const Tentative tentative(*this);
  return !convert(operand, target, {.site = operand.span}).poisoned();
}

/// The type of an operand for messages, whatever kind it is.
std::string BodyChecker::type_text(const Operand& operand) {
  if (operand.kind == Operand::Kind::Type)
    return "Type";
  if (operand.kind == Operand::Kind::Function && checker_.decl(operand.declaration).kind == DeclKind::Function)
    return name(function_operand_type(operand));
  return operand.type.valid() ? name(operand.type) : "?";
}

} // namespace sx::sema
