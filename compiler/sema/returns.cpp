// `return` in all its forms (4.3, 6.17, 6.25).

#include "sema/scopes.h"

namespace sx::sema {

Operand BodyChecker::check_return(const ast::Return& statement, AstId node) {
  const Span span = span_of(node);
  const std::span<const AstId> values = tree().list(statement.values);
  const TypeId noreturn = types().noreturn;
  if (values.empty()) {
    if (!result_.is_void() && !result_.inferring) {
      report<diag::returned_value_count>(span, result_.count(types()), 0);
      return Operand::poison(span);
    }
    return make(hir::Return{}, noreturn, span);
  }
  const bool single =
      values.size() == 1 && !tree().is(values[0], AstKind::ReturnElement) && !tree().is(values[0], AstKind::Spread);
  if (!single)
    return return_list(values, span);
  if (result_.inferring && !result_.type.valid()) {
    Operand operand = check_value(values[0], Expect::none());
    result_.type = operand.poisoned() ? types().poison : operand.type;
    if (operand.is_null) {
      report<diag::literal_cannot_type_itself>(operand.span);
      result_.type = types().poison;
    }
    if (operand.poisoned() || types().is(result_.type, TypeKind::Poison))
      return make(hir::Return{}, noreturn, span);
    return make(hir::Return{operand.node}, noreturn, span);
  }
  if (result_.is_void() && !result_.failable) {
    const Operand dropped = check(values[0], Expect::statement());
    const hir::NodeId leave = emit(hir::Return{}, noreturn, span);
    return value(emit(hir::Sequence{body().add_list(std::array{statement_node(dropped)}), leave}, noreturn, span),
                 noreturn, span);
  }
  const Operand result = returned_value(values[0]);
  if (result.poisoned() || leaves(result))
    return result.poisoned() ? value(emit(hir::Poison{}, noreturn, span), noreturn, span) : result;
  if (result.is_failable_call)
    return make(hir::ReturnFailable{result.node}, noreturn, span);
  return make(hir::Return{result.node}, noreturn, span);
}

/// `return v;`, a trailing expression or an arrow body: converted to the success type; a forward keeps
/// `is_failable_call` (R6.78, R6.79, R6.109).
Operand BodyChecker::returned_value(AstId node) {
  const ConversionSite site{.kind = ConversionSite::Kind::Return, .site = span_of(node)};
  const Span span = span_of(node);
  if (!result_.failable) {
    if (result_.multi)
      return tuple_of_results(check(node, Expect::of(result_.type)), site);
    return check_converted(node, result_.type, site);
  }
  if (result_.multi)
    if (const auto* literal = tree().try_get<ast::StructLiteral>(node);
        literal != nullptr && !literal->head.valid() && literal->elements.count == result_.count(types()) + 1)
      return full_failable(*literal, node);
  if (!result_.is_void() && !result_.multi)
    if (const auto* literal = tree().try_get<ast::StructLiteral>(node); literal != nullptr && !literal->head.valid() &&
                                                                        literal->elements.count == 2 &&
                                                                        !is_literal_target(result_.type))
      return full_failable(*literal, node);
  Expect expect = Expect::of(result_.is_void() ? result_.error_set : result_.type);
  expect.accepts_failable = true;
  expect.site = result_.is_void() || result_.multi ? nullptr : &site;
  Operand operand = check(node, expect);
  if (operand.poisoned())
    return operand;
  if (operand.is_failable_call)
    return forward(operand, span);
  if (leaves(operand))
    return operand;
  if (result_.is_void()) {
    operand = to_value(operand);
    if (operand.poisoned())
      return operand;
    if (!types().is(operand.type, TypeKind::ErrorSet)) {
      report<diag::returned_value_mismatch>(operand.span, name(result_.error_set), name(operand.type));
      return Operand::poison(span);
    }
    const std::size_t before = errors_;
    if (!operand.error_tag.valid())
      check_escape(operand.type, operand.error_source, span);
    else
      checker_.absorb_tag(own_source(), operand.error_tag);
    if (errors_ != before)
      return Operand::poison(span);
    const TypeId type = types().failable(types().void_, result_.error_set);
    Operand result = make(hir::Convert{hir::ConvertOp::Same, operand.node}, type, span);
    result.is_failable_call = true;
    return result;
  }
  if (result_.multi)
    return tuple_of_results(operand, site);
  return convert(operand, result_.type, site);
}

bool BodyChecker::is_literal_target(TypeId type) const {
  const TypeKind kind = types().kind(type);
  return kind == TypeKind::Struct || kind == TypeKind::Tuple || kind == TypeKind::Array || kind == TypeKind::Vector ||
         kind == TypeKind::Union || kind == TypeKind::Slice || kind == TypeKind::String || kind == TypeKind::Closure ||
         kind == TypeKind::Optional;
}

/// `return .{v1, ..., vn, e};`: the values and the error slot (R6.78).
Operand BodyChecker::full_failable(const ast::StructLiteral& literal, AstId node) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  const ConversionSite site{.kind = ConversionSite::Kind::Return, .site = span};
  const TypeId type = types().failable(result_.type, result_.error_set);
  std::vector<hir::MemberInit> inits;
  bool poisoned = false;
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    const bool is_error = i + 1 == elements.size();
    const TypeId slot = is_error ? result_.error_set : result_.multi ? types()[result_.type].elements[i] : result_.type;
    const AstId element = element_value(elements[i]);
    const Operand operand = check_converted(element, slot, site);
    poisoned = poisoned || operand.poisoned();
    if (const auto* tag = is_error ? tree().try_get<ast::ErrorLiteral>(element) : nullptr)
      checker_.absorb_tag(own_source(), tag->tag.text);
    else if (is_error)
      checker_.absorb_source(own_source(), operand.error_source);
    inits.push_back({i, operand.node});
  }
  if (poisoned)
    return Operand::poison(span);
  Operand result = value(aggregate(inits, type, span), type, span);
  result.is_failable_call = true;
  return result;
}

/// A forwarded failable (R6.109 to R6.111).
Operand BodyChecker::forward(Operand operand, Span span) {
  const Type shape = types()[operand.type];
  const auto slots = [&](TypeId type) -> std::vector<TypeId> {
    if (types().is(type, TypeKind::Void))
      return {};
    if (types().is(type, TypeKind::Tuple))
      return types()[type].elements;
    return {type};
  };
  const std::vector<TypeId> given = slots(shape.element);
  const std::vector<TypeId> wanted =
      result_.multi || result_.is_void() ? slots(result_.type) : std::vector{result_.type};
  if (given.size() != wanted.size()) {
    report<diag::forward_of_another_shape>(span, given.size(), wanted.size());
    return Operand::poison(span);
  }
  for (std::size_t i = 0; i < given.size(); ++i)
    if (!converts(given[i], wanted[i])) {
      report<diag::returned_value_mismatch>(span, name(wanted[i]), name(given[i]));
      return Operand::poison(span);
    }
  const std::size_t before = errors_;
  {
    const bool open_caller = types().nominal(result_.error_set).inferred_set;
    if (!open_caller && shape.error_set != result_.error_set && types().nominal(shape.error_set).inferred_set)
      report<diag::forward_of_open_set>(span, name(result_.error_set))
          .help("bind the error and raise one of '" + name(result_.error_set) + "'");
    else
      check_escape(shape.error_set, operand.error_source, span);
  }
  if (errors_ != before)
    return Operand::poison(span);
  const TypeId type = types().failable(result_.type, result_.error_set);
  operand = map_success(std::move(operand), result_.type, span);
  if (operand.type != type && !operand.poisoned()) {
    operand.node = emit(hir::Convert{hir::ConvertOp::Same, operand.node}, type, span);
    operand.type = type;
  }
  return operand;
}

/// One value for several slots: accepted if it has the shape (R4.24).
Operand BodyChecker::tuple_of_results(Operand operand, const ConversionSite& site) {
  operand = to_value(operand, Expect::of(result_.type));
  if (operand.poisoned() || leaves(operand))
    return operand;
  const bool aggregate_value = types().is(operand.type, TypeKind::Tuple) ||
                               (types().is(operand.type, TypeKind::Struct) && types().nominal(operand.type).anonymous);
  const std::size_t wanted = types()[result_.type].elements.size();
  if (!aggregate_value) {
    if (result_.failable)
      report<diag::success_value_list>(operand.span, wanted);
    else
      report<diag::returned_value_count>(operand.span, wanted, 1);
    return Operand::poison(operand.span);
  }
  const std::size_t given = types().is(operand.type, TypeKind::Tuple) ? types()[operand.type].elements.size()
                                                                      : types().nominal(operand.type).fields.size();
  if (given != wanted) {
    if (result_.failable)
      report<diag::success_value_list>(operand.span, wanted);
    else
      report<diag::returned_value_count>(operand.span, wanted, given);
    return Operand::poison(operand.span);
  }
  return convert(operand, result_.type, site);
}

/// `return a, b;` (R4.24).
Operand BodyChecker::return_list(std::span<const AstId> values, Span span) {
  const TypeId noreturn = types().noreturn;
  const auto fail = [&] { return value(emit(hir::Poison{}, noreturn, span), noreturn, span); };
  if (result_.inferring) {
    report<diag::returned_value_count>(span, 1, values.size());
    return fail();
  }
  const std::size_t slots = result_.count(types());
  std::vector<Operand> spread;
  std::vector<hir::NodeId> before;
  bool all_named = true;
  bool any_spread = false;
  for (const AstId item : values) {
    all_named = all_named && tree().is(item, AstKind::ReturnElement);
    any_spread = any_spread || tree().is(item, AstKind::Spread);
  }
  const bool has_error_slot = result_.failable && values.size() == slots + 1 && !any_spread;
  if (!result_.multi || (!any_spread && values.size() != slots && !has_error_slot)) {
    if (!(result_.failable && !result_.multi && has_error_slot)) {
      report<diag::returned_value_count>(span, slots, values.size());
      for (const AstId item : values)
        check(return_element_value(item), Expect::of(types().poison));
      return fail();
    }
  }
  std::vector<TypeId> types_of_slots = result_.multi ? types()[result_.type].elements : std::vector{result_.type};
  if (has_error_slot)
    types_of_slots.push_back(result_.error_set);
  std::vector<hir::MemberInit> inits;
  std::vector<bool> seen(types_of_slots.size());
  bool poisoned = false;
  const ConversionSite site{.kind = ConversionSite::Kind::Return, .site = span};
  std::uint32_t next = 0;
  for (const AstId item : values) {
    if (tree().is(item, AstKind::Spread)) {
      std::vector<Operand> parts;
      if (!spread_parts(tree().get<ast::Spread>(item).value, span_of(item), parts, before)) {
        poisoned = true;
        continue;
      }
      for (Operand& part : parts) {
        if (next >= types_of_slots.size()) {
          report<diag::returned_value_count>(span, slots, next + 1);
          return fail();
        }
        const Operand converted = convert(part, types_of_slots[next], site);
        poisoned = poisoned || converted.poisoned();
        inits.push_back({next++, converted.node});
      }
      continue;
    }
    std::uint32_t slot = next++;
    if (all_named) {
      const syntax::Ident slot_name = tree().get<ast::ReturnElement>(item).name;
      const auto found = std::find(result_.slot_names.begin(), result_.slot_names.end(), slot_name.text);
      if (found == result_.slot_names.end()) {
        report<diag::returned_name_unknown>(span, text(slot_name.text));
        poisoned = true;
        continue;
      }
      slot = static_cast<std::uint32_t>(found - result_.slot_names.begin());
      if (seen[slot]) {
        report<diag::result_given_twice>(span, text(slot_name.text));
        poisoned = true;
        continue;
      }
    }
    if (slot >= types_of_slots.size()) {
      report<diag::returned_value_count>(span, slots, values.size());
      return fail();
    }
    seen[slot] = true;
    const Operand operand = check_converted(return_element_value(item), types_of_slots[slot], site);
    poisoned = poisoned || operand.poisoned();
    inits.push_back({slot, operand.node});
  }
  if (!poisoned && inits.size() != types_of_slots.size()) {
    report<diag::returned_value_count>(span, slots, inits.size());
    poisoned = true;
  }
  if (poisoned)
    return fail();
  const TypeId type = has_error_slot ? types().failable(result_.type, result_.error_set) : result_.type;
  Operand built = sequence(before, value(aggregate(inits, type, span), type, span), span);
  return has_error_slot ? make(hir::ReturnFailable{built.node}, noreturn, span)
                        : make(hir::Return{built.node}, noreturn, span);
}

AstId BodyChecker::return_element_value(AstId item) {
  if (const auto* element = tree().try_get<ast::ReturnElement>(item))
    return element->value;
  if (const auto* spread = tree().try_get<ast::Spread>(item))
    return spread->value;
  return item;
}

} // namespace sx::sema
