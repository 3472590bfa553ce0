// Assignment, compound assignment, multi-assignment, destructuring (3.13.2, 3.14.3, 4.14).

#include "sema/operator_text.h"
#include "sema/scopes.h"

namespace sx::sema {

/// The field of the context that a target path begins with.
static std::string context_field(BodyChecker& checker, hir::NodeId path) {
  const hir::Body& tree = checker.body();
  for (;;) {
    switch (tree.kind(path)) {
    case hir::Kind::Element: path = tree.get<hir::Element>(path).base; continue;
    case hir::Kind::Field: break;
    default: return "context";
    }
    const auto& field = tree.get<hir::Field>(path);
    if (tree.kind(field.base) == hir::Kind::Context)
      return std::string(checker.text(checker.types().nominal(tree.type(field.base)).fields[field.index].name));
    path = field.base;
  }
}

/// Reports what `target` does not allow (R3.13.9, R4.132); false if it may be written.
bool BodyChecker::report_unwritable(const Operand& target, Span span) {
  const std::string_view root = text(target.name);
  if (target.is_variant_member) {
    report<diag::variant_assigned_as_member>(span, variant_name_of(target))
        .help("assign the whole value: x = ." + std::string(variant_name_of(target)) + "(...)");
    return true;
  }
  if (target.kind == Operand::Kind::Function || (target.is_value() && target.constant && target.name.value != 0)) {
    report<diag::write_through_constant>(span, root).help("use a variable or a local copy");
    return true;
  }
  if (target.kind == Operand::Kind::Type || target.kind == Operand::Kind::Namespace ||
      target.kind == Operand::Kind::Intrinsic || target.kind == Operand::Kind::Pack) {
    report<diag::unknown_target>(span, root).help("declare it with '" + std::string(root) + " := ...'");
    return true;
  }
  switch (target.access) {
  case Access::Variable: return false;
  case Access::ModuleConstant:
    report<diag::write_through_constant>(span, root).help("use a variable or a local copy");
    return true;
  case Access::LocalConstant:
    report<diag::write_to_local_constant>(span, root).help("declare it with ':='");
    return true;
  case Access::LoopElement:
    report<diag::write_to_capture>(span, root)
        .help("capture it as '(*" + std::string(root) + ")' and write '" + std::string(root) + ".*'");
    return true;
  case Access::Capture: report<diag::write_to_capture>(span, root).help("copy it into a variable"); return true;
  case Access::Reference:
    report<diag::write_to_reference_capture>(span, root).help("write '" + std::string(root) + ".* = ...'");
    return true;
  case Access::Context: {
    const std::string field = context_field(*this, target.node);
    report<diag::write_to_context>(span, field).help("override it with 'push .{ " + field + " = ... }'");
    return true;
  }
  case Access::InlinePayload: report<diag::write_through_optional>(span, "?" + name(target.type)); return true;
  case Access::Variant: return true;
  case Access::Temporary: return false;
  }
  return false;
}

std::string_view BodyChecker::variant_name_of(const Operand& target) {
  const auto& payload = body().get<hir::Payload>(target.node);
  const TypeId type = body().type(payload.base);
  return text(types().nominal(type).variants[payload.variant].name);
}

BodyChecker::Target BodyChecker::check_target(AstId node, Span whole, bool compound) {
  Target target;
  const bool bare = tree().is(node, AstKind::Name);
  const Span span = bare && whole.valid() ? whole : span_of(node);
  if (is_blank(node)) {
    target.blank = true;
    if (compound) {
      report<diag::compound_assignment_to_blank>(span);
      target.failed = true;
    }
    return target;
  }
  if (bare) {
    const syntax::Ident ident = tree().get<ast::Name>(node).name;
    const Binding* binding = find_binding(ident.text, span);
    if (binding == nullptr && !(text(ident.text) == "context" && checker_.has_context())) {
      const Found found = checker_.find_quietly(where_, ident.text, Use::Value, ident.raw);
      if (found.kind == Found::Kind::None) {
        const Found function = checker_.find_quietly(where_, ident.text, Use::Call, ident.raw);
        if (function.kind == Found::Kind::Declaration) {
          report<diag::write_through_constant>(span, text(ident.text)).help("use a variable or a local copy");
        } else {
          report<diag::unknown_target>(span, text(ident.text))
              .help("declare it with '" + std::string(text(ident.text)) + " := ...'");
        }
        target.failed = true;
        return target;
      }
      if (found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Value) {
        enclosing_local(ident.text, span);
        target.failed = true;
        return target;
      }
    }
  }
  // `ns.C` that is no variable (E0526).
  if (const auto* member = tree().try_get<ast::Member>(node)) {
    Operand base = check_base(member->base);
    if (base.kind == Operand::Kind::Namespace) {
      Operand found = namespace_member(base, member->name, span, Use::Any);
      if (found.poisoned()) {
        target.failed = true;
        return target;
      }
      const bool function = found.kind == Operand::Kind::Function;
      const bool constant = found.is_value() || (found.is_place() && found.access == Access::ModuleConstant) ||
                            found.kind == Operand::Kind::Type;
      if (function || constant) {
        report<diag::write_to_imported_non_variable>(member->name.span, text(base.name), text(member->name.text),
                                                     function ? "function" : "constant");
        target.failed = true;
        return target;
      }
      target.operand = found;
    } else if (base.kind == Operand::Kind::Type) {
      target.operand = type_member(base, member->name, span);
    } else if (base.poisoned()) {
      target.operand = Operand::poison(span);
    } else {
      target.operand = member_of(std::move(base), member->name.text, span);
    }
  } else {
    target.operand = check(node, Expect::none());
  }
  if (target.operand.poisoned()) {
    target.failed = true;
    return target;
  }
  target.operand.span = span;
  if (target.operand.kind == Operand::Kind::Property) {
    const Property& property = properties_[target.operand.index];
    if (!property.setter) {
      report<diag::property_read_only>(span, text(property.name));
      target.failed = true;
    } else if (compound && !property.getter) {
      report<diag::property_write_only>(span, text(property.name));
      target.failed = true;
    }
    return target;
  }
  const bool optional_path = tree().is(node, AstKind::OptionalMember) || tree().is(node, AstKind::OptionalMemberIndex);
  if (optional_path) {
    report<diag::write_through_optional>(span, name(target.operand.type));
    target.failed = true;
    return target;
  }
  if (target.operand.is_place()) {
    Operand checked = target.operand;
    if (checked.explicit_deref)
      checked.access = Access::Variable;
    target.failed = report_unwritable(checked, span);
    return target;
  }
  if (report_unwritable(target.operand, span)) {
    target.failed = true;
    return target;
  }
  if (target.operand.is_value() && types().is(target.operand.type, TypeKind::Optional) &&
      tree().is(node, AstKind::Index)) {
    report<diag::write_through_optional>(span, name(target.operand.type));
  } else {
    report<diag::unknown_target>(span, checker_.sources.text(span_of(node)));
  }
  target.failed = true;
  return target;
}

ConversionSite BodyChecker::target_site(AstId node, const Operand& target, Span whole, bool single) {
  ConversionSite site;
  site.site = whole;
  switch (tree().kind(node)) {
  case AstKind::Name:
    site.kind = single ? ConversionSite::Kind::Assignment : ConversionSite::Kind::Name;
    site.name = tree().get<ast::Name>(node).name.text;
    break;
  case AstKind::Member:
    site.kind = ConversionSite::Kind::Field;
    site.name = tree().get<ast::Member>(node).name.text;
    break;
  case AstKind::Deref: site.kind = ConversionSite::Kind::Pointee; break;
  case AstKind::MemberIndex:
    site.kind = ConversionSite::Kind::Field;
    site.name = strings().intern(std::to_string(tree().get<ast::MemberIndex>(node).index));
    break;
  default: site.kind = ConversionSite::Kind::Element; break;
  }
  (void)target;
  return site;
}

hir::NodeId BodyChecker::store_to(const Operand& target, const Operand& stored, Span span) {
  if (target.local.valid())
    kill_fact(target.local);
  return emit(hir::Store{target.node, node_of(stored)}, types().void_, span);
}

/// Calls the setter of a property with a value computed before the receiver (R3.7.4).
hir::NodeId BodyChecker::call_setter(const Operand& target, const Operand& stored, Span span) {
  const Property property = properties_[target.index];
  std::vector<hir::NodeId> before;
  const hir::LocalId kept = spill(stored, before);
  CallSite site;
  site.span = site.callee_span = span;
  const Signature signature = checker_.signature(property.setter.decl, property.setter.environment);
  const FunctionId setter = checker_.function_instance(property.setter.decl, property.setter.environment);
  if (!setter.valid() || signature.parameters.size() != 2)
    return emit(hir::Poison{}, types().poison, span);
  checker_.require_body(setter);
  const Operand receiver = adapt_receiver(property.object, signature.parameters[0].type, span);
  const Operand argument =
      convert(value(local_value(kept, span), stored.type, span), signature.parameters[1].type, {.site = span});
  const std::array args{node_of(receiver), node_of(argument)};
  before.push_back(emit(hir::Call{setter, body().add_list(args), {}}, types().void_, span));
  return emit(hir::Sequence{body().add_list(before), {}}, types().void_, span);
}

static TypeId setter_type(Checker& checker, const MemberDecl& setter) {
  const Signature& signature = checker.signature(setter.decl, setter.environment);
  return signature.parameters.size() == 2 ? signature.parameters[1].type : TypeId();
}

void BodyChecker::assign_statement(const ast::Assign& assign, AstId node, std::vector<hir::NodeId>& out) {
  const Span span = span_of(node);
  const bool compound = assign.op != syntax::BinaryOp::None;
  Target target = check_target(assign.target, span, compound);
  if (target.blank && !target.failed) {
    Expect expect = Expect::none();
    expect.accepts_failable = true;
    Operand operand = check(assign.value, expect);
    if (operand.is_failable_call) {
      if (types().is(types()[operand.type].element, TypeKind::Void))
        report<diag::error_slot_dropped>(operand.span).help("bind it, or use 'try' or 'catch'");
      else
        settle_failable(operand, Expect::none());
      return;
    }
    if (!operand.poisoned() && operand.is_null) {
      report<diag::literal_cannot_type_itself>(operand.span);
      return;
    }
    out.push_back(statement_node(to_value(operand)));
    return;
  }
  if (target.failed) {
    check(assign.value, Expect::of(types().poison));
    return;
  }
  if (target.operand.kind == Operand::Kind::Property) {
    const Property property = properties_[target.operand.index];
    const TypeId type = setter_type(checker_, property.setter);
    if (!compound) {
      const Operand operand =
          check_converted(assign.value, type, target_site(assign.target, target.operand, span, true));
      if (!operand.poisoned())
        out.push_back(call_setter(target.operand, operand, span));
      return;
    }
    // Value, receiver once, getter, operator, setter (R3.7.5).
    const Operand right = to_operand(check(assign.value, Expect::of(type)));
    if (right.poisoned())
      return;
    std::vector<hir::NodeId> before;
    const hir::LocalId kept = spill(right, before);
    Operand object = property.object;
    if (!types().is(object.type, TypeKind::Pointer)) {
      const Operand storage = to_place(object);
      object = make(hir::AddressOf{storage.node}, types().pointer(object.type), span);
    }
    const hir::LocalId receiver = spill(to_value(object), before);
    Operand once = target.operand;
    properties_[once.index].object = value(local_value(receiver, span), object.type, span);
    const Operand current = read_property(once);
    const Operand result = arithmetic(assign.op, current, value(local_value(kept, span), right.type, right.span), span);
    const Operand converted = convert(result, type, {.site = span});
    if (converted.poisoned())
      return;
    properties_[once.index].object = value(local_value(receiver, span), object.type, span);
    before.push_back(call_setter(once, converted, span));
    out.push_back(emit(hir::Sequence{body().add_list(before), {}}, types().void_, span));
    return;
  }
  const TypeId type = target.operand.type;
  if (!compound) {
    if (tree().is(assign.value, AstKind::UndefinedLiteral)) {
      out.push_back(store_to(target.operand,
                             make(types().is(type, TypeKind::Tuple) ? hir::Zero{} : hir::Zero{}, type, span), span));
      return;
    }
    const Operand operand = check_converted(assign.value, type, target_site(assign.target, target.operand, span, true));
    if (!operand.poisoned())
      out.push_back(store_to(target.operand, operand, span));
    else if (target.operand.local.valid())
      kill_fact(target.operand.local);
    return;
  }
  Operand right = to_operand(check(assign.value, Expect::of(type)));
  Operand left = target.operand;
  if (right.poisoned())
    return;
  if (types().is(type, TypeKind::Optional)) {
    report<diag::optional_as_operand>(left.span, name(type)).help(optional_help);
    return;
  }
  const std::size_t before = errors_;
  // The operator's rules decide whether the pair fits; the conversion is to the target's type (R2.37).
  {
    Operand probe = make(hir::Load{left.node}, type, left.span);
    Operand other = right;
    if (types().is_numeric(type) && types().is_numeric(right.type)) {
      right = convert(right, type, {.site = span});
      other = right;
    } else if (types().is(type, TypeKind::Vector) && right.type != type &&
               converts(right.type, types()[type].element)) {
      const Operand lane = convert(right, types()[type].element, {.site = span});
      right = lane.poisoned() ? lane : make(hir::Splat{lane.node}, type, right.span);
      other = right;
    }
    if (right.poisoned())
      return;
    const Operand result = arithmetic(assign.op, probe, other, span);
    if (result.poisoned() || errors_ != before)
      return;
    if (types().is(type, TypeKind::Tuple)) {
      const Operand stored = convert(result, type, target_site(assign.target, left, span, true));
      if (!stored.poisoned())
        out.push_back(store_to(left, stored, span));
      return;
    }
  }
  if (right.type != type)
    right = types().is(type, TypeKind::Enum) || types().is(right.type, TypeKind::Enum)
                ? make(hir::Convert{hir::ConvertOp::Resize, right.node}, type, right.span)
                : convert(right, type, {.site = span});
  if (right.poisoned())
    return;
  if (left.local.valid())
    kill_fact(left.local);
  out.push_back(emit(hir::Update{hir_operator(assign.op), left.node, right.node}, types().void_, span));
}

void BodyChecker::multi_assign_statement(const ast::MultiAssign& assign, AstId node, std::vector<hir::NodeId>& out) {
  const Span span = span_of(node);
  const std::span<const AstId> targets = tree().list(assign.targets);
  const std::span<const AstId> values = tree().list(assign.values);
  std::vector<Target> checked;
  for (const AstId target : targets)
    checked.push_back(check_target(target, {}, false));
  std::vector<hir::NodeId> statements;
  std::vector<std::pair<hir::LocalId, TypeId>> kept(values.size());
  bool poisoned = false;
  for (std::size_t i = 0; i < values.size() && i < targets.size(); ++i) {
    Target& target = checked[i];
    if (target.failed) {
      poisoned = true;
      const AstKind kind = tree().kind(values[i]);
      if (kind != AstKind::NullLiteral && kind != AstKind::DotName && kind != AstKind::StructLiteral)
        check(values[i], Expect::of(types().poison));
      continue;
    }
    Operand operand;
    if (target.blank) {
      operand = check_value(values[i], Expect::none());
      if (!operand.poisoned() && (operand.is_null || is_void(operand))) {
        report<diag::literal_cannot_type_itself>(operand.span);
        operand = Operand::poison(operand.span);
      }
    } else {
      const TypeId type = target.operand.kind == Operand::Kind::Property
                              ? setter_type(checker_, properties_[target.operand.index].setter)
                              : target.operand.type;
      operand = check_converted(values[i], type, target_site(targets[i], target.operand, span, false));
    }
    if (operand.poisoned()) {
      poisoned = true;
      continue;
    }
    kept[i] = {spill(operand, statements), operand.type};
  }
  if (poisoned)
    return;
  for (std::size_t i = 0; i < targets.size() && i < values.size(); ++i) {
    if (checked[i].blank)
      continue;
    const Operand stored = value(local_value(kept[i].first, span), kept[i].second, span);
    statements.push_back(checked[i].operand.kind == Operand::Kind::Property
                             ? call_setter(checked[i].operand, stored, span)
                             : store_to(checked[i].operand, stored, span));
  }
  out.push_back(emit(hir::Sequence{body().add_list(statements), {}}, types().void_, span));
}

void BodyChecker::destructure_statement(const ast::Destructure& destructure, AstId node,
                                        std::vector<hir::NodeId>& out) {
  const Span span = span_of(node);
  const std::span<const AstId> names = tree().list(destructure.names);
  Expect expect = Expect::none();
  expect.accepts_failable = true;
  Operand operand = check(destructure.value, expect);
  const auto poison_names = [&] {
    for (const AstId item : names)
      if (!is_blank(item))
        declare_local(tree().get<ast::Name>(item).name, types().poison);
  };
  TypeId error_set;
  ErrorSource source;
  if (!operand.poisoned() && operand.is_failable_call) {
    const Type shape = types()[operand.type];
    error_set = shape.error_set;
    source = operand.error_source;
    std::vector<TypeId> parts;
    std::vector<StringId> labels;
    if (types().is(shape.element, TypeKind::Void)) {
      report<diag::no_parts_to_bind>(operand.span, name(shape.error_set));
      return poison_names();
    }
    if (types().is(shape.element, TypeKind::Tuple))
      parts = types()[shape.element].elements;
    else
      parts = {shape.element};
    parts.push_back(shape.error_set);
    if (names.size() < parts.size() || (names.size() == parts.size() && is_blank(names.back()))) {
      report<diag::error_slot_dropped>(operand.span).help("bind it, or use 'try' or 'catch'");
      return poison_names();
    }
    const TypeId tuple = types().tuple(parts);
    operand = make(hir::FailableParts{operand.node}, tuple, operand.span);
  }
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return poison_names();
  std::vector<TypeId> parts;
  if (types().is(operand.type, TypeKind::Tuple)) {
    parts = types()[operand.type].elements;
  } else if (types().is(operand.type, TypeKind::Struct)) {
    checker_.complete(operand.type);
    for (const FieldInfo& field : types().nominal(operand.type).fields)
      parts.push_back(field.type);
  } else {
    report<diag::no_parts_to_bind>(operand.span, name(operand.type));
    return poison_names();
  }
  if (names.size() > parts.size()) {
    report<diag::too_many_names>(span_of(names[parts.size()]), name(operand.type), parts.size(), names.size());
    return poison_names();
  }
  const hir::LocalId whole = spill(operand, out);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (is_blank(names[i]))
      continue;
    const syntax::Ident ident = tree().get<ast::Name>(names[i]).name;
    const hir::LocalId local = declare_local(ident, parts[i]);
    if (error_set.valid() && i + 1 == parts.size())
      bindings_.back().error_source = source;
    const hir::NodeId field = emit(hir::Field{emit(hir::Local{whole}, operand.type, span), i}, parts[i], span);
    out.push_back(let(local, emit(hir::Load{field}, parts[i], ident.span), ident.span));
  }
}

} // namespace sx::sema
