// Enum and tagged-union values (3.9, 3.10).

#include "sema/scopes.h"

namespace sx::sema {

std::optional<std::uint32_t> BodyChecker::find_variant(TypeId type, StringId name) {
  checker_.complete(type);
  return checker_.find_variant(type, name);
}

void BodyChecker::report_no_variant(TypeId type, StringId variant, Span span) {
  if (types().nominal(type).failed) {
    ++errors_;
    return;
  }
  std::string known = "the variants are: ";
  bool first = true;
  for (const VariantInfo& info : types().nominal(type).variants) {
    known += (first ? "" : ", ") + std::string(text(info.name));
    first = false;
  }
  report<diag::no_such_variant>(span, name(type), text(variant)).note(known);
}

Operand BodyChecker::check_dot_name(const ast::DotName& dot, AstId node, Expect expect) {
  const Span span = span_of(node);
  TypeId type = expect.type;
  while (type.valid() && types().is(type, TypeKind::Optional))
    type = types()[type].element;
  Operand result;
  if (!type.valid() || types().is(type, TypeKind::Null)) {
    report<diag::shorthand_without_destination>(span, text(dot.name.text));
    return Operand::poison(span);
  }
  switch (types().kind(type)) {
  case TypeKind::Poison: return Operand::poison(span);
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    const auto variant = find_variant(type, dot.name.text);
    if (!variant) {
      report_no_variant(type, dot.name.text, span);
      return Operand::poison(span);
    }
    result = variant_value(type, *variant, span, false);
    break;
  }
  case TypeKind::ErrorSet: {
    ast::ErrorLiteral literal;
    literal.tag = dot.name;
    result = check_error_literal(literal, span, Expect::of(type));
    break;
  }
  default:
    report<diag::shorthand_against_non_enum>(span, text(dot.name.text), name(type));
    return Operand::poison(span);
  }
  result.context_typed = true;
  return result;
}

Operand BodyChecker::variant_value(TypeId type, std::uint32_t variant, Span span, bool qualified) {
  const Nominal& nominal = types().nominal(type);
  if (nominal.failed)
    return Operand::poison(span);
  const VariantInfo info = nominal.variants[variant];
  if (types().is(type, TypeKind::Enum)) {
    const TypeId backing = nominal.backing.valid() ? nominal.backing : types().i64;
    Operand result = make(hir::IntConst{wrap_pattern(info.value, backing)}, type, span);
    result.constant = Folded::of_integer(wrap_integer(info.value, backing));
    return result;
  }
  if (qualified && !types().is(info.payload, TypeKind::Void)) {
    report<diag::payload_count>(span, text(info.name), 1, 0);
    return Operand::poison(span);
  }
  return make(hir::VariantInit{variant, {}}, type, span);
}

Operand BodyChecker::construct_variant(TypeId type, syntax::Ident variant, std::span<const AstId> args, Span span,
                                       Span name_span) {
  const auto index = find_variant(type, variant.text);
  if (!index) {
    report_no_variant(type, variant.text, name_span);
    for (const AstId arg : args)
      check(arg, Expect::of(types().poison));
    return Operand::poison(span);
  }
  const bool tagged = types().is(type, TypeKind::TaggedUnion);
  const TypeId payload = tagged ? types().nominal(type).variants[*index].payload : types().void_;
  const std::size_t wanted = types().is(payload, TypeKind::Void) ? 0 : 1;
  if (args.size() != wanted) {
    report<diag::payload_count>(span, text(variant.text), wanted, args.size());
    return Operand::poison(span);
  }
  if (wanted == 0)
    return variant_value(type, *index, span, false);
  if (tree().is(args[0], AstKind::NamedArgument) || tree().is(args[0], AstKind::Spread)) {
    report<diag::names_without_declaration>(name_span, text(variant.text));
    return Operand::poison(span);
  }
  const Operand operand = check_converted(args[0], payload, {.site = span});
  if (operand.poisoned())
    return Operand::poison(span);
  return make(hir::VariantInit{*index, operand.node}, type, span);
}

/// `.v.{ ... }` and `Msg.v.{ ... }`.
Operand BodyChecker::variant_literal(const ast::StructLiteral& literal, AstId node, TypeId type,
                                     syntax::Ident variant) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  if (types().is(type, TypeKind::Poison))
    return poison_elements(elements, span);
  if (!types().is(type, TypeKind::TaggedUnion)) {
    report<diag::shorthand_against_non_enum>(span_of(literal.head), text(variant.text), name(type));
    return poison_elements(elements, span);
  }
  const auto index = find_variant(type, variant.text);
  if (!index) {
    report_no_variant(type, variant.text, span_of(literal.head));
    return poison_elements(elements, span);
  }
  const TypeId payload = types().nominal(type).variants[*index].payload;
  if (types().is(payload, TypeKind::Void)) {
    report<diag::payload_count>(span, text(variant.text), 0, elements.size());
    return poison_elements(elements, span);
  }
  Operand inner;
  const TypeKind kind = types().kind(payload);
  if (kind == TypeKind::Struct || kind == TypeKind::Tuple || kind == TypeKind::Union || kind == TypeKind::Array) {
    inner = literal_of(literal, node, payload);
  } else {
    if (elements.size() != 1) {
      report<diag::payload_count>(span, text(variant.text), 1, elements.size());
      return poison_elements(elements, span);
    }
    inner = check_converted(element_value(elements[0]), payload, {.site = span});
  }
  if (inner.poisoned())
    return Operand::poison(span);
  inner = convert(inner, payload, {.site = span});
  if (inner.poisoned())
    return Operand::poison(span);
  return make(hir::VariantInit{*index, inner.node}, type, span);
}

} // namespace sx::sema
