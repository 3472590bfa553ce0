// Binding and converting arguments (R4.30 to R4.52, R10.37 to R10.39).

#include "sema/scopes.h"

#include <algorithm>

namespace sx::sema {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t next = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = row[j];
      row[j] = next;
    }
  }
  return row[b.size()];
}

std::optional<std::size_t> index_of(std::span<const Parameter> parameters, StringId name) {
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].name.text == name)
      return i;
  return {};
}

bool takes_many(const Parameter& parameter) {
  return parameter.is_variadic || parameter.is_pack;
}

} // namespace

bool BodyChecker::spread_parts(AstId node, Span span, std::vector<Operand>& parts, std::vector<hir::NodeId>& before) {
  Operand operand = check(node, Expect::none());
  if (operand.poisoned())
    return false;
  if (operand.kind == Operand::Kind::Pack) {
    const std::size_t count = packs_[operand.index].types.size();
    for (std::size_t i = 0; i < count; ++i) {
      parts.push_back(pack_element(operand.index, i, span));
      parts.back().constraint = {};
    }
    return true;
  }
  if (operand.is_failable_call)
    operand = settle_failable(std::move(operand), Expect::none());
  if (operand.kind == Operand::Kind::Property)
    operand = to_value(std::move(operand));
  if (!operand.is_value_or_place()) {
    report<diag::bad_spread>(span, type_text(operand));
    return false;
  }
  const Type shape = types()[operand.type];
  std::vector<TypeId> elements;
  switch (shape.kind) {
  case TypeKind::Tuple: elements = shape.elements; break;
  case TypeKind::Struct:
    checker_.complete(operand.type);
    for (const FieldInfo& field : types().nominal(operand.type).fields)
      elements.push_back(field.type);
    break;
  case TypeKind::Array:
    if (shape.count > 4096) {
      report<diag::limit_exceeded>(span, "the length of a spread array", 4096);
      return false;
    }
    elements.assign(shape.count, shape.element);
    break;
  case TypeKind::Slice:
    report<diag::spread_without_length>(span).help("spread a tuple or pass the elements one by one");
    return false;
  default: report<diag::bad_spread>(span, name(operand.type)); return false;
  }
  const TypeId type = operand.type;
  std::vector<hir::NodeId> once;
  const hir::LocalId whole = spill(to_value(std::move(operand)), once);
  const std::size_t first = parts.size();
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    const hir::NodeId base = emit(hir::Local{whole}, type, span);
    const hir::NodeId part = shape.kind == TypeKind::Array
                                 ? emit(hir::Element{base, word(i, types().i64, span)}, elements[i], span)
                                 : emit(hir::Field{base, i}, elements[i], span);
    parts.push_back(place(part, elements[i], span, Access::Temporary));
  }
  // The operand is evaluated at its place: with its first part (R4.151).
  if (elements.empty())
    before.insert(before.end(), once.begin(), once.end());
  else
    parts[first] = sequence(once, to_value(parts[first]), span);
  return true;
}

std::optional<std::vector<BoundArgument>> BodyChecker::bind_arguments(CallSite& site, std::string_view callee,
                                                                      std::span<const Parameter> parameters,
                                                                      CheckedArguments& out) {
  std::vector<BoundArgument> bound(parameters.size());
  const std::size_t receiver = site.receiver ? 1 : 0;
  bool failed = false;
  bool uses_names = site.trailing.valid();
  for (const AstId arg : site.args)
    uses_names = uses_names || tree().is(arg, AstKind::NamedArgument);
  std::size_t given = 0;
  std::size_t position = 0;
  std::uint32_t written = 0;
  if (site.receiver) {
    if (parameters.empty()) {
      report<diag::argument_count>(site.callee_span, callee, 0, site.args.size() + 1);
      return {};
    }
    if (takes_many(parameters[0])) {
      bound[0].kind = BoundArgument::Kind::Variadic;
      BoundArgument item;
      item.kind = BoundArgument::Kind::Checked;
      item.operand = *site.receiver;
      item.span = site.receiver->span;
      bound[0].variadic.push_back(item);
    } else {
      bound[0].kind = BoundArgument::Kind::Checked;
      bound[0].operand = *site.receiver;
      bound[0].span = site.receiver->span;
      position = 1;
    }
    bound[0].written = written++;
  }
  const bool has_tail = !parameters.empty() && takes_many(parameters.back());
  const std::size_t fixed = parameters.size() - has_tail;
  bool named_seen = false;
  std::optional<Span> surplus;

  const auto put = [&](BoundArgument item) {
    item.written = written++;
    ++given;
    if (position < fixed) {
      bound[position++] = std::move(item);
    } else if (has_tail) {
      BoundArgument& tail = bound.back();
      if (tail.kind == BoundArgument::Kind::Missing) {
        tail.kind = BoundArgument::Kind::Variadic;
        tail.written = item.written;
      }
      tail.variadic.push_back(std::move(item));
    } else if (!surplus) {
      surplus = item.span;
    }
  };

  for (std::size_t a = 0; a < site.args.size(); ++a) {
    const AstId arg = site.args[a];
    const Span span = span_of(arg);
    if (const auto* named = tree().try_get<ast::NamedArgument>(arg)) {
      named_seen = true;
      const auto index = index_of(parameters, named->name.text);
      if (!index) {
        Report& made = report<diag::unknown_parameter_name>(span, callee, text(named->name.text));
        const std::string_view wrong = text(named->name.text);
        std::size_t best = std::max<std::size_t>(1, wrong.size() / 3) + 1;
        std::string nearest;
        for (const Parameter& parameter : parameters)
          if (const std::size_t distance = edit_distance(wrong, text(parameter.name.text)); distance < best) {
            best = distance;
            nearest = text(parameter.name.text);
          }
        if (!nearest.empty())
          made.help("the nearest name is '" + nearest + "'");
        failed = true;
        continue;
      }
      if (takes_many(parameters[*index]) || parameters[*index].is_comptime) {
        report<diag::parameter_not_nameable>(span, text(named->name.text));
        failed = true;
        continue;
      }
      if (bound[*index].kind != BoundArgument::Kind::Missing) {
        report<diag::parameter_bound_twice>(span, text(named->name.text));
        failed = true;
        continue;
      }
      bound[*index].kind = BoundArgument::Kind::Expression;
      bound[*index].node = named->value;
      bound[*index].span = span;
      bound[*index].written = written++;
      ++given;
      continue;
    }
    if (const auto* spread = tree().try_get<ast::Spread>(arg)) {
      if (uses_names && !site.trailing.valid()) {
        report<diag::spread_beside_names>(span);
        failed = true;
        continue;
      }
      // An array or slice that is all of a slice-variadic tail becomes the slice (R4.47).
      const bool whole_tail = has_tail && parameters.back().is_variadic && !parameters.back().is_pack &&
                              position == fixed && a + 1 == site.args.size() &&
                              bound.back().kind == BoundArgument::Kind::Missing;
      if (whole_tail) {
        const NaturalType type = natural_type(spread->value);
        if (types().is(type.type, TypeKind::Slice) || types().is(type.type, TypeKind::Array)) {
          bound.back().kind = BoundArgument::Kind::Whole;
          bound.back().node = spread->value;
          bound.back().span = span;
          bound.back().written = written++;
          ++given;
          continue;
        }
      }
      std::vector<Operand> parts;
      if (!spread_parts(spread->value, span, parts, out.before)) {
        failed = true;
        continue;
      }
      for (Operand& part : parts) {
        BoundArgument item;
        item.kind = BoundArgument::Kind::Checked;
        item.operand = std::move(part);
        item.span = span;
        put(std::move(item));
      }
      continue;
    }
    if (named_seen) {
      report<diag::positional_after_named>(span);
      failed = true;
      continue;
    }
    BoundArgument item;
    item.kind = BoundArgument::Kind::Expression;
    item.node = arg;
    item.span = span;
    put(std::move(item));
  }
  if (site.trailing.valid())
    failed = !bind_trailing(site, callee, parameters, bound, position, written) || failed;
  if (uses_names && surplus) {
    report<diag::too_many_positional>(*surplus, callee, parameters.size() - receiver);
    failed = true;
  }
  if (failed)
    return {};

  // Missing parameters.
  std::vector<std::string> missing;
  std::size_t least = 0;
  bool any_default = false;
  for (std::size_t i = 0; i < fixed; ++i) {
    if (!parameters[i].initial.valid())
      least = i + 1;
    else
      any_default = true;
    if (bound[i].kind == BoundArgument::Kind::Missing && !parameters[i].initial.valid())
      missing.push_back("'" + std::string(text(parameters[i].name.text)) + "'");
  }
  if (!missing.empty() || surplus) {
    if (uses_names) {
      std::string names;
      for (const std::string& item : missing)
        names += (names.empty() ? "" : ", ") + item;
      report<diag::required_parameters_missing>(site.callee_span, callee, missing.size(), names);
      return {};
    }
    const std::size_t minimum = least > receiver ? least - receiver : 0;
    const std::size_t maximum = fixed > receiver ? fixed - receiver : 0;
    if (has_tail)
      report<diag::too_few_arguments>(site.callee_span, callee, minimum, given);
    else if (any_default && minimum != maximum)
      report<diag::argument_count_range>(site.callee_span, callee, minimum, maximum, given);
    else
      report<diag::argument_count>(site.callee_span, callee, maximum, given);
    return {};
  }
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (bound[i].kind == BoundArgument::Kind::Missing) {
      bound[i].kind = takes_many(parameters[i]) ? BoundArgument::Kind::Variadic : BoundArgument::Kind::Default;
      bound[i].node = parameters[i].initial;
      bound[i].written = written++;
    }
  return bound;
}

bool BodyChecker::bind_trailing(CallSite& site, std::string_view callee, std::span<const Parameter> parameters,
                                std::vector<BoundArgument>& bound, std::size_t position, std::uint32_t written) {
  const Span span = span_of(site.trailing);
  if (parameters.empty() || (site.receiver && parameters.size() == 1)) {
    report<diag::no_parameter_for_block>(span, callee);
    return false;
  }
  const Parameter& last = parameters.back();
  const std::string_view spelled = text(last.name.text);
  if (takes_many(last)) {
    report<diag::block_for_variadic>(span, spelled);
    return false;
  }
  TypeId type = last.type;
  if (type.valid() && types().is(type, TypeKind::Optional))
    type = types()[type].element;
  if (type.valid() && types().is(type, TypeKind::Poison))
    return false;
  if (type.valid() && !types().is(type, TypeKind::Closure)) {
    report<diag::block_needs_closure>(span, spelled, name(last.type));
    return false;
  }
  if (type.valid() && !types()[type].elements.empty()) {
    report<diag::block_for_closure_with_parameters>(span, spelled);
    return false;
  }
  if (bound.back().kind != BoundArgument::Kind::Missing || position >= parameters.size()) {
    report<diag::trailing_block_binds_twice>(span, spelled);
    return false;
  }
  bound.back().kind = BoundArgument::Kind::TrailingBlock;
  bound.back().node = site.trailing;
  bound.back().span = span;
  bound.back().written = written;
  return true;
}

void BodyChecker::check_arguments(CallSite& site, std::span<const Parameter> parameters,
                                  std::vector<BoundArgument>& bound, const Site& declaring, CheckedArguments& out) {
  // Checked in written order, listed in parameter order (R4.151).
  std::vector<std::uint32_t> order(bound.size());
  for (std::uint32_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const bool default_a = bound[a].kind == BoundArgument::Kind::Default;
    const bool default_b = bound[b].kind == BoundArgument::Kind::Default;
    if (default_a != default_b)
      return !default_a;
    return bound[a].written != bound[b].written ? bound[a].written < bound[b].written : a < b;
  });
  const std::size_t first = out.values.size();
  out.values.resize(first + bound.size());
  for (const std::uint32_t i : order) {
    BoundArgument& argument = bound[i];
    const TypeId type = parameters[i].type;
    Operand operand;
    if (argument.kind == BoundArgument::Kind::Variadic || argument.kind == BoundArgument::Kind::Whole) {
      operand = variadic_slice(site, argument, type);
    } else if (argument.kind == BoundArgument::Kind::Default) {
      const DepthGuard depth(*this);
      if (depth.exceeded()) {
        report_depth(site.span);
        operand = Operand::poison(site.span);
      } else {
        const Scoped<Span> location(call_location_, call_location_.valid() ? call_location_ : site.span);
        const StringId parameter = parameters[i].name.text;
        operand = elsewhere(declaring, [&] {
          const Scope scope(*this);
          return check_converted(
              argument.node, type,
              {.kind = ConversionSite::Kind::Initializer, .site = span_of(argument.node), .name = parameter});
        });
      }
    } else if (i == 0 && site.receiver && argument.kind == BoundArgument::Kind::Checked) {
      operand = adapt_receiver(argument.operand, type, site.span);
    } else {
      operand = check_argument(site, argument, type);
    }
    out.poisoned = out.poisoned || operand.poisoned();
    out.values[first + i] = node_of(operand);
  }
  if (!std::is_sorted(order.begin(), order.end()) && first == 0)
    out.order = order;
}

Operand BodyChecker::check_argument(CallSite& site, const BoundArgument& argument, TypeId parameter) {
  if (argument.kind == BoundArgument::Kind::Checked)
    return parameter.valid() ? pass_argument(site, argument.operand, parameter) : to_value(argument.operand);
  if (argument.kind == BoundArgument::Kind::TrailingBlock)
    return trailing_block(argument.node, parameter);
  if (!parameter.valid())
    return check_value(argument.node, Expect::none());
  if (types().is(parameter, TypeKind::Poison)) {
    check(argument.node, Expect::of(types().poison));
    return Operand::poison(argument.span);
  }
  Expect expect = Expect::of(parameter);
  // A literal for a pointer parameter is typed by what the pointer points to (R4.50).
  const AstKind kind = tree().kind(argument.node);
  if ((kind == AstKind::StructLiteral || kind == AstKind::ArrayLiteral) && types().is(parameter, TypeKind::Pointer) &&
      !types().is(types()[parameter].element, TypeKind::Protocol))
    expect.type = types()[parameter].element;
  const ConversionSite conversion{.site = site.span, .is_argument = true};
  if (kind == AstKind::Block)
    expect.site = &conversion;
  Operand operand = check(argument.node, expect);
  return pass_argument(site, std::move(operand), parameter);
}

Operand BodyChecker::pass_argument(CallSite& site, Operand operand, TypeId parameter) {
  if (operand.kind == Operand::Kind::Property)
    operand = to_value(std::move(operand));
  if (operand.poisoned())
    return operand;
  const ConversionSite conversion{.site = site.span, .is_argument = true};
  const bool wants_pointer = types().is(parameter, TypeKind::Pointer);
  if (wants_pointer && operand.is_value_or_place() && operand.type == types()[parameter].element) {
    const Span span = operand.span;
    const bool addressable =
        operand.is_place() && (operand.access == Access::Variable || operand.access == Access::Reference);
    if (addressable)
      return make(hir::AddressOf{operand.node}, parameter, span);
    const bool has_own_slot = operand.is_place() && operand.access == Access::Temporary;
    if (!types().is_aggregate(operand.type) && !types().is(operand.type, TypeKind::Vector) &&
        !types().is(operand.type, TypeKind::Optional) && !has_own_slot) {
      report<diag::address_of_temporary>(span);
      return Operand::poison(span);
    }
    const Operand slot = to_place(to_value(std::move(operand)));
    return slot.poisoned() ? slot : make(hir::AddressOf{slot.node}, parameter, span);
  }
  if (types().is(parameter, TypeKind::ManyPointer) && operand.is_value_or_place() &&
      types().is(operand.type, TypeKind::Array) && types()[operand.type].element == types()[parameter].element) {
    // A copy whose address is passed (R2.59).
    const Span span = operand.span;
    const TypeId array = operand.type;
    const Operand slot = to_place(to_value(std::move(operand)));
    const hir::NodeId address = emit(hir::AddressOf{slot.node}, types().pointer(array), span);
    return make(hir::Convert{hir::ConvertOp::PointerCast, address}, parameter, span);
  }
  return convert(std::move(operand), parameter, conversion);
}

Operand BodyChecker::variadic_slice(CallSite& site, BoundArgument& argument, TypeId slice) {
  const Span span = argument.span.valid() ? argument.span : site.span;
  if (!slice.valid() || !types().is(slice, TypeKind::Slice))
    return Operand::poison(span);
  if (argument.kind == BoundArgument::Kind::Whole) {
    Operand whole = check(argument.node, Expect::of(slice));
    return convert(std::move(whole), slice, {.site = site.span, .is_argument = true});
  }
  if (argument.variadic.empty())
    return make(hir::Zero{}, slice, span);
  const TypeId element = types()[slice].element;
  std::vector<hir::MemberInit> inits;
  bool poisoned = false;
  for (std::uint32_t i = 0; i < argument.variadic.size(); ++i) {
    const BoundArgument& item = argument.variadic[i];
    Operand operand;
    if (types().is(element, TypeKind::Any)) {
      operand = item.kind == BoundArgument::Kind::Checked ? item.operand : check(item.node, Expect::none());
      operand = box_variadic(std::move(operand), site);
    } else {
      operand = check_argument(site, item, element);
    }
    poisoned = poisoned || operand.poisoned();
    inits.push_back({i, node_of(operand)});
  }
  if (poisoned)
    return Operand::poison(span);
  const TypeId array = types().array(element, inits.size());
  return array_to_slice(value(aggregate(inits, array, span), array, span), slice);
}

/// An argument of `..xs: []any`: an optional passes its payload, or the string `null` (R4.46).
Operand BodyChecker::box_variadic(Operand operand, CallSite& site) {
  if (operand.kind == Operand::Kind::Property || operand.kind == Operand::Kind::Type)
    operand = to_value(std::move(operand));
  if (operand.poisoned() || !operand.is_value_or_place() || !types().is(operand.type, TypeKind::Optional))
    return convert(std::move(operand), types().any, {.site = site.span, .is_argument = true});
  const Span span = operand.span;
  const TypeId payload = types()[operand.type].element;
  std::vector<hir::NodeId> before;
  const TypeId optional = operand.type;
  const hir::LocalId local = spill(to_value(std::move(operand)), before);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(local, span)}, types().bool_, span);
  const hir::NodeId inside = emit(hir::Payload{emit(hir::Local{local}, optional, span), 0}, payload, span);
  CallSite inner = site;
  const Operand present = box_variadic(place(inside, payload, span), inner);
  const Operand null_text = box(make(hir::StringConst{strings().intern("null")}, types().string, span), span);
  if (present.poisoned())
    return present;
  return sequence(before, make(hir::If{has, present.node, null_text.node}, types().any, span), span);
}

Operand BodyChecker::adapt_receiver(Operand receiver, TypeId parameter, Span span) {
  if (receiver.kind == Operand::Kind::Property)
    receiver = to_value(std::move(receiver));
  if (receiver.poisoned() || !parameter.valid())
    return Operand::poison(span);
  if (receiver.narrowed && types().is(receiver.type, TypeKind::Optional) && parameter != receiver.type) {
    receiver = unwrap_narrowed(std::move(receiver));
    if (receiver.poisoned())
      return receiver;
  }
  const Span at = receiver.span;
  const bool wants_pointer = types().is(parameter, TypeKind::Pointer);
  const bool is_pointer = types().is(receiver.type, TypeKind::Pointer);
  if (wants_pointer && receiver.type == types()[parameter].element) {
    const bool mutable_place =
        receiver.is_place() && (receiver.access == Access::Variable || receiver.access == Access::Temporary ||
                                receiver.access == Access::Context);
    const Operand slot = mutable_place ? receiver : to_place(to_value(std::move(receiver)));
    return slot.poisoned() ? slot : make(hir::AddressOf{slot.node}, parameter, at);
  }
  if (!wants_pointer && is_pointer && types()[receiver.type].element == parameter)
    return to_value(deref(std::move(receiver), at));
  return convert(std::move(receiver), parameter, {.site = span, .is_argument = true});
}

Operand BodyChecker::caller_location(Span directive, Span call, TypeId type) {
  if (!type.valid() || !types().is(type, TypeKind::Struct)) {
    const Found found = checker_.find_quietly(where_, strings().intern("Source_Location"), Use::Type);
    type = found.kind == Found::Kind::Declaration ? checker_.declared_type(found.decl) : TypeId();
  }
  if (!type.valid() || !types().is(type, TypeKind::Struct) || text(types().nominal(type).name) != "Source_Location") {
    report<diag::source_location_unavailable>(directive);
    return Operand::poison(call);
  }
  checker_.complete(type);
  const LineColumn at = checker_.sources.locate(call);
  const StringId file = strings().intern(checker_.sources.file(call.file).path());
  std::vector<hir::MemberInit> inits;
  const std::vector<FieldInfo> fields = types().nominal(type).fields;
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    const std::string_view field = text(fields[i].name);
    if (field == "file")
      inits.push_back({i, emit(hir::StringConst{file}, fields[i].type, call)});
    else if (field == "line")
      inits.push_back({i, word(at.line, fields[i].type, call)});
    else if (field == "col")
      inits.push_back({i, word(at.column, fields[i].type, call)});
    else if (field == "func")
      inits.push_back({i, emit(hir::StringConst{function().name}, fields[i].type, call)});
  }
  return value(aggregate(inits, type, call), type, call);
}

} // namespace sx::sema
