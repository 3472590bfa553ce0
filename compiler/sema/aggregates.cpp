// Struct, tuple, union and array literals; default values (3.3, 2.8, 2.15, 3.11.2, 3.14.1).

#include "sema/scopes.h"

namespace sx::sema {

namespace {

TypeId literal_target(const TypeTable& types, TypeId type) {
  while (type.valid() && types.is(type, TypeKind::Optional))
    type = types[type].element;
  return type;
}

} // namespace

AstId BodyChecker::element_value(AstId element) {
  if (const auto* named = tree().try_get<ast::NamedElement>(element))
    return named->value;
  if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element))
    return shorthand->name;
  if (const auto* paren = tree().try_get<ast::Paren>(element))
    return paren->inner;
  return element;
}

/// Elements of a literal without usable type: only their own errors appear.
Operand BodyChecker::poison_elements(std::span<const AstId> elements, Span span) {
  for (const AstId element : elements) {
    if (const auto* spread = tree().try_get<ast::Spread>(element))
      check(spread->value, Expect::none());
    else
      check(element_value(element), Expect::of(types().poison));
  }
  return Operand::poison(span);
}

Operand BodyChecker::check_struct_literal(const ast::StructLiteral& literal, AstId node, Expect expect) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  Operand result;
  if (!literal.head.valid()) {
    const TypeId target = literal_target(types(), expect.type);
    if (!target.valid() || types().is(target, TypeKind::Null)) {
      result = anonymous_literal(literal, node);
      result.context_typed = true;
    } else {
      result = literal_of(literal, node, target);
      result.context_typed = true;
    }
  } else if (const auto* dot = tree().try_get<ast::DotName>(literal.head)) {
    const TypeId target = literal_target(types(), expect.type);
    if (!target.valid()) {
      report<diag::shorthand_without_destination>(span_of(literal.head), text(dot->name.text));
      return poison_elements(elements, span);
    }
    result = variant_literal(literal, node, target, dot->name);
    result.context_typed = true;
  } else {
    // `Msg.move.{ ... }` builds a variant.
    const auto* member = tree().try_get<ast::Member>(literal.head);
    const TypeId base = member != nullptr ? denoted_type(member->base) : TypeId();
    if (base.valid() && types().is(base, TypeKind::TaggedUnion)) {
      result = variant_literal(literal, node, base, member->name);
    } else {
      const TypeId type = resolve_literal_head(literal.head, span);
      if (types().is(type, TypeKind::Poison))
        return poison_elements(elements, span);
      result = literal_of(literal, node, type);
      // An element list of another shape types itself, which no written head allows (R2.81, R3.3.1).
      const bool may_differ = types().is(type, TypeKind::Tuple) || types().is(type, TypeKind::Protocol);
      if (may_differ && !result.poisoned() && result.type != type) {
        report<diag::value_mismatch>(span, name(result.type), name(type));
        return Operand::poison(span);
      }
    }
  }
  return literal.init.valid() && !result.poisoned() ? with_init_block(result, literal.init) : result;
}

Operand BodyChecker::literal_of(const ast::StructLiteral& literal, AstId node, TypeId type) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  switch (types().kind(type)) {
  case TypeKind::Poison: return poison_elements(elements, span);
  case TypeKind::Struct: return struct_literal_of(literal, node, type);
  case TypeKind::Tuple: return tuple_literal_of(literal, node, type);
  case TypeKind::Union: return union_literal_of(literal, node, type);
  case TypeKind::Array: return elements_literal(elements, node, type, true);
  case TypeKind::Vector: return elements_literal(elements, node, type, false);
  case TypeKind::Slice:
  case TypeKind::String:
  case TypeKind::Closure: return words_literal_of(literal, node, type);
  case TypeKind::Any: {
    Operand own = anonymous_literal(literal, node);
    return own.poisoned() ? own : box(own, span);
  }
  case TypeKind::Protocol: return anonymous_literal(literal, node);
  case TypeKind::TaggedUnion: {
    std::string variant = "v";
    if (!elements.empty())
      if (const auto* named = tree().try_get<ast::NamedElement>(elements[0]))
        variant = text(named->name.text);
    report<diag::tagged_union_from_struct_literal>(span, name(type), variant);
    return poison_elements(elements, span);
  }
  case TypeKind::Pointer:
    // A view or an implicit address-of is decided by who asked.
    return anonymous_literal(literal, node);
  default: report<diag::literal_for_non_aggregate>(span, name(type)); return poison_elements(elements, span);
  }
}

Operand BodyChecker::struct_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type) {
  const Span span = span_of(node);
  checker_.complete(type);
  const std::span<const AstId> elements = tree().list(literal.elements);
  if (types().nominal(type).failed)
    return poison_elements(elements, span);
  const std::vector<FieldInfo> fields = types().nominal(type).fields;

  // A spread types the literal itself; the shape decides whether that is what is wanted (R3.3.9).
  const bool spreads =
      std::any_of(elements.begin(), elements.end(), [&](AstId element) { return tree().is(element, AstKind::Spread); });
  if (spreads && types().nominal(type).anonymous)
    return anonymous_literal(literal, node);

  // Shorthand names are fields only if all of them are and nothing is positional (R3.3.3).
  bool any_named = false, any_positional = false, shorthands_are_fields = true, any_shorthand = false;
  for (const AstId element : elements) {
    if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element)) {
      any_shorthand = true;
      const auto& name_node = tree().get<ast::Name>(shorthand->name);
      shorthands_are_fields = shorthands_are_fields && find_field(type, name_node.name.text).has_value();
    } else if (tree().is(element, AstKind::NamedElement)) {
      any_named = true;
    } else {
      any_positional = true;
    }
  }
  const bool named = any_named || (any_shorthand && shorthands_are_fields && !any_positional);
  if (named && (any_positional || (any_shorthand && !shorthands_are_fields))) {
    report<diag::mixed_literal>(span);
    return poison_elements(elements, span);
  }

  const ConversionSite site{.site = span, .in_literal = true};
  std::vector<hir::MemberInit> inits;
  std::vector<bool> seen(fields.size());
  bool poisoned = false;
  std::uint32_t next = 0;
  for (const AstId element : elements) {
    const AstId written = element_value(element);
    if (tree().is(element, AstKind::Spread)) {
      report<diag::bad_spread>(span_of(element), name(type));
      check(tree().get<ast::Spread>(element).value, Expect::none());
      poisoned = true;
      continue;
    }
    std::optional<std::uint32_t> index;
    if (named) {
      const StringId field = tree().is(element, AstKind::NamedElement)
                                 ? tree().get<ast::NamedElement>(element).name.text
                                 : tree().get<ast::Name>(tree().get<ast::ShorthandElement>(element).name).name.text;
      index = find_field(type, field);
      if (!index) {
        no_field(type, field, span_of(written));
        check(written, Expect::of(types().poison));
        poisoned = true;
        continue;
      }
      if (seen[*index]) {
        report<diag::element_set_twice>(span_of(element), text(field));
        check(written, Expect::of(types().poison));
        poisoned = true;
        continue;
      }
    } else {
      while (next < fields.size() && types().is(fields[next].type, TypeKind::Void))
        ++next;
      if (next >= fields.size()) {
        report<diag::too_many_elements>(span_of(element), name(type));
        check(written, Expect::of(types().poison));
        poisoned = true;
        continue;
      }
      index = next++;
    }
    seen[*index] = true;
    const Operand operand = check_converted(written, fields[*index].type, site);
    poisoned = poisoned || operand.poisoned();
    inits.push_back({*index, operand.node});
  }
  for (std::uint32_t i = 0; i < fields.size(); ++i)
    if (!seen[i])
      if (const hir::NodeId value_node = field_default(type, i, span); value_node.valid())
        inits.push_back({i, value_node});
  if (poisoned)
    return Operand::poison(span);
  return value(aggregate(inits, type, span), type, span);
}

hir::NodeId BodyChecker::field_default(TypeId type, std::uint32_t index, Span use) {
  const FieldInfo field = types().nominal(type).fields[index];
  if (!field.initial.valid())
    return {};
  const Site site = checker_.site_of_type(type);
  if (site.kind(field.initial) == AstKind::UndefinedLiteral)
    return {};
  const DepthGuard depth(*this);
  if (depth.exceeded()) {
    report_depth(use);
    return {};
  }
  const Operand operand = elsewhere(site, [&] {
    const Scope scope(*this);
    if (const auto* run = site.try_get<ast::Run>(field.initial)) {
      Expect expect = Expect::of(field.type);
      return convert(check_run(*run, field.initial, expect, field.name), field.type,
                     {.kind = ConversionSite::Kind::Initializer, .name = field.name});
    }
    return check_converted(
        field.initial, field.type,
        {.kind = ConversionSite::Kind::Initializer, .site = span_of(field.initial), .name = field.name});
  });
  return node_of(operand);
}

hir::NodeId BodyChecker::default_value(TypeId type, Span span) {
  if (types().is(type, TypeKind::Struct)) {
    checker_.complete(type);
    std::vector<hir::MemberInit> inits;
    const std::size_t count = types().nominal(type).fields.size();
    for (std::uint32_t i = 0; i < count; ++i)
      if (const hir::NodeId node = field_default(type, i, span); node.valid())
        inits.push_back({i, node});
    if (!inits.empty())
      return aggregate(inits, type, span);
  }
  return emit(hir::Zero{}, type, span);
}

Operand BodyChecker::tuple_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  const Type tuple = types()[type];
  const ConversionSite site{.site = span, .in_literal = true};
  bool named = false;
  bool has_spread = false;
  for (const AstId element : elements) {
    named = named || tree().is(element, AstKind::NamedElement);
    has_spread = has_spread || tree().is(element, AstKind::Spread);
  }
  // A shorthand names a slot if the tuple has one of that name (R2.81).
  if (!named && !elements.empty() && !tuple.names.empty()) {
    named = true;
    for (const AstId element : elements) {
      const auto* shorthand = tree().try_get<ast::ShorthandElement>(element);
      named = named && shorthand != nullptr &&
              std::find(tuple.names.begin(), tuple.names.end(), tree().get<ast::Name>(shorthand->name).name.text) !=
                  tuple.names.end();
    }
  }
  if (!has_spread && elements.size() != tuple.elements.size()) {
    Operand own = anonymous_literal(literal, node);
    return own;
  }
  std::vector<hir::NodeId> before;
  std::vector<hir::MemberInit> inits;
  std::vector<bool> seen(tuple.elements.size());
  bool poisoned = false;
  std::uint32_t next = 0;
  for (const AstId element : elements) {
    if (const auto* spread = tree().try_get<ast::Spread>(element)) {
      std::vector<Operand> parts;
      if (!spread_parts(spread->value, span_of(element), parts, before)) {
        poisoned = true;
        continue;
      }
      for (const Operand& part : parts) {
        if (next >= tuple.elements.size()) {
          report<diag::too_many_elements>(span_of(element), name(type));
          return Operand::poison(span);
        }
        const Operand converted = convert(part, tuple.elements[next], site);
        poisoned = poisoned || converted.poisoned();
        inits.push_back({next++, converted.node});
      }
      continue;
    }
    const AstId written = element_value(element);
    std::uint32_t slot = next++;
    if (named) {
      StringId wanted;
      if (const auto* item = tree().try_get<ast::NamedElement>(element))
        wanted = item->name.text;
      else if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element))
        wanted = tree().get<ast::Name>(shorthand->name).name.text;
      else {
        report<diag::mixed_literal>(span);
        return poison_elements(elements, span);
      }
      const auto found = std::find(tuple.names.begin(), tuple.names.end(), wanted);
      if (found == tuple.names.end()) {
        report<diag::no_such_field>(span_of(written), name(type), text(wanted));
        check(written, Expect::of(types().poison));
        poisoned = true;
        continue;
      }
      slot = static_cast<std::uint32_t>(found - tuple.names.begin());
      if (seen[slot]) {
        report<diag::element_set_twice>(span_of(element), text(wanted));
        poisoned = true;
        continue;
      }
    }
    if (slot >= tuple.elements.size()) {
      report<diag::too_many_elements>(span_of(element), name(type));
      poisoned = true;
      continue;
    }
    seen[slot] = true;
    const Operand operand = check_converted(written, tuple.elements[slot], site);
    poisoned = poisoned || operand.poisoned();
    inits.push_back({slot, operand.node});
  }
  if (!poisoned && inits.size() != tuple.elements.size()) {
    report<diag::element_count_differs>(span, inits.size(), tuple.elements.size());
    poisoned = true;
  }
  if (poisoned)
    return Operand::poison(span);
  return sequence(before, value(aggregate(inits, type, span), type, span), span);
}

Operand BodyChecker::union_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type) {
  const Span span = span_of(node);
  checker_.complete(type);
  const std::span<const AstId> elements = tree().list(literal.elements);
  if (types().nominal(type).failed)
    return poison_elements(elements, span);
  const ConversionSite site{.site = span, .in_literal = true};
  std::optional<std::uint32_t> arm;
  std::vector<hir::MemberInit> inner;
  std::vector<hir::MemberInit> inits;
  bool poisoned = false;
  for (const AstId element : elements) {
    StringId member;
    if (const auto* named = tree().try_get<ast::NamedElement>(element))
      member = named->name.text;
    else if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element))
      member = tree().get<ast::Name>(shorthand->name).name.text;
    else {
      report<diag::positional_union_literal>(span);
      return poison_elements(elements, span);
    }
    const AstId written = element_value(element);
    const auto direct = find_field(type, member);
    const auto promoted = direct ? std::nullopt : checker_.find_promoted(type, member);
    if (!direct && !promoted) {
      report<diag::no_such_field>(span, name(type), text(member));
      return poison_elements(elements, span);
    }
    const std::uint32_t index = direct ? *direct : promoted->first;
    if (arm && (*arm != index || direct || !inits.empty())) {
      report<diag::union_literal_overlaps>(span, name(type));
      return poison_elements(elements, span);
    }
    arm = index;
    const TypeId arm_type = types().nominal(type).fields[index].type;
    const TypeId wanted = direct ? arm_type : types().nominal(arm_type).fields[promoted->second].type;
    const Operand operand = check_converted(written, wanted, site);
    poisoned = poisoned || operand.poisoned();
    if (direct)
      inits.push_back({index, operand.node});
    else
      inner.push_back({promoted->second, operand.node});
  }
  if (poisoned)
    return Operand::poison(span);
  if (!inner.empty())
    inits.push_back({*arm, aggregate(inner, types().nominal(type).fields[*arm].type, span)});
  if (inits.empty())
    return make(hir::Zero{}, type, span);
  return value(aggregate(inits, type, span), type, span);
}

/// `ptr`/`len` of a slice or string, `fn_ptr`/`env` of a closure (R2.45).
Operand BodyChecker::words_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  const bool closure = types().is(type, TypeKind::Closure);
  bool all_named = !elements.empty();
  for (const AstId element : elements)
    all_named =
        all_named && (tree().is(element, AstKind::NamedElement) || tree().is(element, AstKind::ShorthandElement));
  if (!all_named && types().is(type, TypeKind::Slice)) {
    // As `.[...]` under a slice (R2.44).
    const TypeId array = types().array(types()[type].element, elements.size());
    const Operand built = elements_literal(elements, node, array, true);
    return built.poisoned() ? built : array_to_slice(built, type);
  }
  if (elements.empty())
    return make(hir::Zero{}, type, span);
  const TypeId element = types().is(type, TypeKind::String) ? types().u8 : closure ? TypeId() : types()[type].element;
  std::vector<hir::MemberInit> inits;
  bool poisoned = false;
  std::array<bool, 2> seen{};
  for (const AstId item : elements) {
    StringId member;
    if (const auto* named = tree().try_get<ast::NamedElement>(item))
      member = named->name.text;
    else if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(item))
      member = tree().get<ast::Name>(shorthand->name).name.text;
    else {
      report<diag::mixed_literal>(span);
      return poison_elements(elements, span);
    }
    const std::string_view spelled = text(member);
    const bool first = spelled == (closure ? "fn_ptr" : "ptr");
    const bool second = spelled == (closure ? "env" : "len");
    const AstId written = element_value(item);
    if (!first && !second) {
      report<diag::no_such_field>(span_of(written), name(type), spelled);
      check(written, Expect::of(types().poison));
      poisoned = true;
      continue;
    }
    const std::uint32_t slot = second;
    if (seen[slot]) {
      report<diag::element_set_twice>(span_of(item), spelled);
      poisoned = true;
      continue;
    }
    seen[slot] = true;
    const TypeId wanted = closure ? types().void_pointer : first ? types().many_pointer(element) : types().i64;
    const Operand operand = check_converted(written, wanted, {.site = span, .in_literal = true});
    poisoned = poisoned || operand.poisoned();
    inits.push_back({slot, operand.node});
  }
  if (poisoned)
    return Operand::poison(span);
  return value(aggregate(inits, type, span), type, span);
}

Operand BodyChecker::anonymous_literal(const ast::StructLiteral& literal, AstId node) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  if (elements.empty()) {
    report<diag::literal_cannot_type_itself>(span);
    return Operand::poison(span);
  }
  bool any_named = false, any_positional = false;
  for (const AstId element : elements) {
    const bool is_named = tree().is(element, AstKind::NamedElement) || tree().is(element, AstKind::ShorthandElement);
    any_named = any_named || is_named;
    any_positional = any_positional || !is_named;
  }
  if (any_named && any_positional) {
    report<diag::mixed_literal>(span);
    return poison_elements(elements, span);
  }
  Nominal shape;
  shape.anonymous = true;
  shape.complete = true;
  shape.name = strings().intern("__anon");
  shape.module = where_.module;
  std::vector<hir::NodeId> before;
  std::vector<hir::MemberInit> inits;
  bool poisoned = false;
  const auto add = [&](StringId field, bool positional, const Operand& operand) {
    FieldInfo info;
    info.name = field;
    info.type = operand.type;
    info.is_positional = positional;
    inits.push_back({static_cast<std::uint32_t>(shape.fields.size()), operand.node});
    shape.fields.push_back(info);
  };
  for (const AstId element : elements) {
    if (const auto* spread = tree().try_get<ast::Spread>(element)) {
      std::vector<Operand> parts;
      poisoned = !spread_parts(spread->value, span_of(element), parts, before) || poisoned;
      for (Operand& part : parts) {
        part = to_value(std::move(part));
        poisoned = poisoned || part.poisoned();
        if (!part.poisoned())
          add(strings().intern(std::to_string(shape.fields.size())), true, part);
      }
      continue;
    }
    Operand operand = check_value(element_value(element), Expect::none());
    if (!operand.poisoned() && operand.is_null) {
      report<diag::literal_cannot_type_itself>(operand.span);
      operand = Operand::poison(operand.span);
    }
    if (!operand.poisoned() && (is_void(operand) || leaves(operand))) {
      report<diag::nothing_used_as_value>(operand.span);
      operand = Operand::poison(operand.span);
    }
    if (operand.poisoned()) {
      poisoned = true;
      continue;
    }
    if (const auto* named = tree().try_get<ast::NamedElement>(element)) {
      for (const FieldInfo& field : shape.fields)
        if (field.name == named->name.text) {
          report<diag::element_set_twice>(span_of(element), text(named->name.text));
          poisoned = true;
        }
      add(named->name.text, false, operand);
    } else if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element)) {
      add(tree().get<ast::Name>(shorthand->name).name.text, false, operand);
    } else {
      add(strings().intern(std::to_string(shape.fields.size())), true, operand);
    }
  }
  if (poisoned)
    return Operand::poison(span);
  const TypeId type = types().anonymous(TypeKind::Struct, std::move(shape));
  return sequence(before, value(aggregate(inits, type, span), type, span), span);
}

Operand BodyChecker::check_array_literal(const ast::ArrayLiteral& literal, AstId node, Expect expect) {
  const Span span = span_of(node);
  const std::span<const AstId> elements = tree().list(literal.elements);
  TypeId type;
  if (literal.head.valid()) {
    type = resolve_literal_head(literal.head, span);
    if (types().is(type, TypeKind::Poison))
      return poison_elements(elements, span);
    const TypeKind kind = types().kind(type);
    if (kind != TypeKind::Array && kind != TypeKind::Vector && kind != TypeKind::Slice) {
      report<diag::element_type_as_literal_head>(span_of(literal.head), name(type))
          .help("put the type on the binding: x : [" + std::to_string(elements.size()) + "]" + name(type) +
                " = .[ ... ]");
      return poison_elements(elements, span);
    }
  } else {
    type = literal_target(types(), expect.type);
  }
  const TypeKind kind = type.valid() ? types().kind(type) : TypeKind::Null;
  if (kind == TypeKind::Poison)
    return poison_elements(elements, span);
  Operand result;
  if (kind == TypeKind::Array || kind == TypeKind::Vector) {
    result = elements_literal(elements, node, type, false);
  } else if (kind == TypeKind::Slice) {
    const TypeId array = types().array(types()[type].element, elements.size());
    result = checker_.origin(function_).is_static ? static_elements(node, array)
                                                  : elements_literal(elements, node, array, false);
    if (!result.poisoned())
      result = array_to_slice(result, type);
  } else {
    // No array wanted: the first element tells the type (R2.44).
    if (elements.empty()) {
      report<diag::literal_cannot_type_itself>(span);
      return Operand::poison(span);
    }
    const NaturalType first = natural_type(elements[0]);
    if (types().is(first.type, TypeKind::Poison) || types().is(first.type, TypeKind::Null) || first.no_value ||
        first.diverges || first.is_failable) {
      Operand operand = check_value(elements[0], Expect::none());
      if (!operand.poisoned())
        report<diag::literal_cannot_type_itself>(operand.span);
      return poison_elements(elements.subspan(1), span);
    }
    result = elements_literal(elements, node, types().array(first.type, elements.size()), false);
  }
  result.context_typed = !literal.head.valid();
  return result;
}

Operand BodyChecker::static_elements(AstId node, TypeId array) {
  const Span span = span_of(node);
  const GlobalId storage = checker_.static_array(where_, node, array);
  return place(emit(hir::Global{storage}, array, span), array, span, Access::Variable);
}

Operand BodyChecker::elements_literal(std::span<const AstId> elements, AstId node, TypeId type, bool may_be_short) {
  const Span span = span_of(node);
  const Type shape = types()[type];
  const bool fits = may_be_short ? elements.size() <= shape.count : elements.size() == shape.count;
  if (!fits) {
    report<diag::element_count_differs>(span, elements.size(), shape.count);
    return poison_elements(elements, span);
  }
  const ConversionSite site{.site = span, .in_literal = true};
  std::vector<hir::MemberInit> inits;
  inits.reserve(elements.size());
  bool poisoned = false;
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    if (tree().is(elements[i], AstKind::NamedElement) || tree().is(elements[i], AstKind::Spread)) {
      report<diag::bad_spread>(span_of(elements[i]), name(type));
      poisoned = true;
      continue;
    }
    const Operand operand = check_converted(element_value(elements[i]), shape.element, site);
    poisoned = poisoned || operand.poisoned();
    inits.push_back({i, operand.node});
  }
  if (poisoned)
    return Operand::poison(span);
  return value(aggregate(inits, type, span), type, span);
}

/// `T.{ ... } { statements }` (R3.3.11).
Operand BodyChecker::with_init_block(Operand literal, AstId block_node) {
  const Span span = cover(literal.span, span_of(block_node));
  std::vector<hir::NodeId> statements;
  const hir::LocalId built = spill(literal, statements);
  const Scope scope(*this);
  syntax::Ident self;
  self.text = strings().intern("self");
  self.span = span_of(block_node);
  const TypeId pointer = types().pointer(literal.type);
  const hir::LocalId local = declare_local(self, pointer, Access::LocalConstant);
  const hir::NodeId address = emit(hir::AddressOf{emit(hir::Local{built}, literal.type, span)}, pointer, span);
  statements.push_back(let(local, address, span));
  const Operand run = check(block_node, Expect::statement());
  statements.push_back(statement_node(run));
  Operand result = value(local_value(built, span), literal.type, span);
  result.context_typed = literal.context_typed;
  return sequence(statements, result, span);
}

} // namespace sx::sema
