// Member access: fields, accessors, lanes, tuple parts, limits, `len` and `ptr` (3.4, 3.7, 2.15, 2.16, 2.4).

#include "sema/scopes.h"

namespace sx::sema {

namespace {

/// Lane of a vector component name, or none (R2.88).
std::optional<std::uint32_t> lane_of(std::string_view name) {
  if (name.size() != 1)
    return {};
  for (const std::string_view names : {std::string_view("xyzw"), std::string_view("rgba")})
    if (const std::size_t at = names.find(name[0]); at != std::string_view::npos)
      return static_cast<std::uint32_t>(at);
  return {};
}

} // namespace

std::optional<std::uint32_t> BodyChecker::find_field(TypeId aggregate, StringId name) {
  return checker_.find_field(aggregate, name);
}

/// The path root's restriction carries over to a part; a step through a pointer lifts most (R3.13.9).
static Access part_access(const Operand& base) {
  if (base.is_place())
    return base.access;
  return base.access == Access::InlinePayload ? Access::InlinePayload : Access::Temporary;
}

static Access pointee_access(const Operand& pointer) {
  return pointer.is_place() && pointer.access == Access::ModuleConstant ? Access::ModuleConstant : Access::Variable;
}

Operand BodyChecker::deref(Operand pointer, Span span) {
  const Access access = pointee_access(pointer);
  const StringId root = pointer.name;
  pointer = to_value(std::move(pointer));
  if (pointer.poisoned())
    return Operand::poison(span);
  const TypeId element = types()[pointer.type].element;
  Operand result = place(emit(hir::Deref{pointer.node}, element, span), element, span, access);
  result.name = root;
  return result;
}

Operand BodyChecker::check_deref(const ast::Deref& node, AstId id) {
  const Span span = span_of(id);
  Operand operand = check(node.operand, Expect::none());
  if (operand.kind == Operand::Kind::Property)
    operand = to_value(operand);
  if (operand.poisoned())
    return Operand::poison(span);
  if (!operand.type.valid() || !types().is(operand.type, TypeKind::Pointer)) {
    report<diag::dereference_of_non_pointer>(span_of(node.operand), type_text(operand));
    return Operand::poison(span);
  }
  if (types().is(types()[operand.type].element, TypeKind::Void)) {
    report<diag::dereference_of_non_pointer>(span_of(node.operand), type_text(operand));
    return Operand::poison(span);
  }
  Operand result = deref(operand, span);
  result.access = Access::Variable; // an explicit `.*` ends the chain
  result.explicit_deref = true;
  return result;
}

Operand BodyChecker::field_of(Operand base, std::uint32_t index, TypeId type, Span span) {
  const Access access = part_access(base);
  const StringId root = base.name;
  const Operand storage = to_place(std::move(base));
  if (storage.poisoned() || types().is(type, TypeKind::Poison))
    return Operand::poison(span);
  Operand result = place(emit(hir::Field{storage.node, index}, type, span), type, span, access);
  result.name = root;
  return result;
}

Operand BodyChecker::check_member(const ast::Member& member, AstId node, Expect expect) {
  const Span span = span_of(node);
  if (const auto limit = checker_.limit_of_builtin(where_, member))
    return constant_value(*limit, limit->type, span);
  Operand base = check_base(member.base);
  if (base.poisoned())
    return Operand::poison(span);
  if (base.kind == Operand::Kind::Namespace)
    return namespace_member(base, member.name, span, Use::Value);
  if (base.kind == Operand::Kind::Type)
    return type_member(base, member.name, span);
  if (base.kind == Operand::Kind::Pack)
    return pack_member(base, member.name, span);
  (void)expect;
  return member_of(std::move(base), member.name.text, span);
}

/// `T.name`: limits, variants, constants of a struct body, static functions.
Operand BodyChecker::type_member(Operand base, syntax::Ident member, Span access) {
  const TypeId type = base.denoted;
  if (!type.valid() || types().is(type, TypeKind::Poison))
    return Operand::poison(access);
  const StringId id = member.text;
  switch (types().kind(type)) {
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    checker_.complete(type);
    if (const auto variant = find_variant(type, id))
      return variant_value(type, *variant, access, true);
    break;
  }
  case TypeKind::Void:
  case TypeKind::Bool:
  case TypeKind::String:
  case TypeKind::Int:
  case TypeKind::USize:
  case TypeKind::ISize:
  case TypeKind::Float: {
    if (const auto limit = checker_.numeric_limit(type, text(id)))
      return constant_value(*limit, type, access);
    static constexpr std::string_view limits[] = {"min", "max", "epsilon", "min_positive", "true_min", "inf", "nan"};
    if (std::find(std::begin(limits), std::end(limits), text(id)) != std::end(limits)) {
      report<diag::no_such_numeric_limit>(access, name(type), text(id));
      return Operand::poison(access);
    }
    break;
  }
  default: break;
  }
  if (const MemberDecl constant = checker_.find_struct_constant(type, id))
    return constant_operand(constant.decl, constant.environment, access, id);
  if (MemberDecl method = method_of(type, id))
    return function_operand(method.decl, method.environment, access, id);
  if (types().is(type, TypeKind::Enum) || types().is(type, TypeKind::TaggedUnion))
    report_no_variant(type, id, access);
  else
    report<diag::no_such_field>(access, name(type), text(id));
  return Operand::poison(access);
}

Operand BodyChecker::no_field(TypeId type, StringId field, Span access) {
  if (checker_.has_context() && type == program().context.type) {
    Report& made = report<diag::no_such_context_field>(access, text(field));
    std::string lines = "the context fields are:";
    for (const std::string& line : checker_.context_fields())
      lines += "\n" + line;
    made.note(lines);
    return Operand::poison(access);
  }
  report<diag::no_such_field>(access, name(type), text(field));
  return Operand::poison(access);
}

/// `e.name` of a value or place; the object is evaluated once.
Operand BodyChecker::member_of(Operand base, StringId member, Span access) {
  if (base.kind == Operand::Kind::Property)
    base = to_value(std::move(base));
  if (base.kind == Operand::Kind::Function || base.kind == Operand::Kind::Intrinsic)
    base = to_value(std::move(base));
  if (base.poisoned())
    return Operand::poison(access);
  if (base.is_failable_call)
    base = settle_failable(std::move(base), Expect::none());
  if (base.constraint.valid()) {
    if (!allowed_by_constraint(base, member, access))
      return Operand::poison(access);
    base.constraint = {};
  }
  // A narrowed optional shows its payload (R6.48).
  if (base.narrowed && types().is(base.type, TypeKind::Optional)) {
    base = unwrap_narrowed(std::move(base));
    base.access = Access::InlinePayload;
  }
  if (base.poisoned())
    return Operand::poison(access);
  if (types().is(base.type, TypeKind::Pointer)) {
    const TypeId target = types()[base.type].element;
    const TypeKind kind = types().kind(target);
    if (kind != TypeKind::Void && kind != TypeKind::Pointer && kind != TypeKind::ManyPointer)
      base = deref(std::move(base), access);
  }
  const TypeId type = base.type;
  const std::string_view field = text(member);
  switch (types().kind(type)) {
  case TypeKind::Poison: return Operand::poison(access);
  case TypeKind::Struct: {
    checker_.complete(type);
    if (types().nominal(type).failed && !find_field(type, member))
      return Operand::poison(access);
    if (const auto index = find_field(type, member))
      return field_of(base, *index, types().nominal(type).fields[*index].type, access);
    break;
  }
  case TypeKind::Union: {
    checker_.complete(type);
    if (const auto index = find_field(type, member))
      return field_of(base, *index, types().nominal(type).fields[*index].type, access);
    if (const auto promoted = checker_.find_promoted(type, member)) {
      const TypeId arm = types().nominal(type).fields[promoted->first].type;
      const Operand part = field_of(base, promoted->first, arm, access);
      return field_of(part, promoted->second, types().nominal(arm).fields[promoted->second].type, access);
    }
    break;
  }
  case TypeKind::TaggedUnion: {
    checker_.complete(type);
    if (field == "tag") {
      const TypeId tag = types().union_layout(type).tag;
      return make(hir::VariantTag{to_value(base).node}, tag, access);
    }
    if (const auto variant = find_variant(type, member)) {
      const TypeId payload = types().nominal(type).variants[*variant].payload;
      if (types().is(payload, TypeKind::Void))
        break;
      const Access outer = part_access(base);
      const Operand storage = to_place(base);
      Operand result = place(emit(hir::Payload{storage.node, *variant}, payload, access), payload, access, outer);
      result.name = base.name;
      result.is_variant_member = true;
      return result;
    }
    break;
  }
  case TypeKind::Tuple: {
    const std::vector<StringId>& names = types()[type].names;
    for (std::uint32_t i = 0; i < names.size(); ++i)
      if (names[i] == member)
        return field_of(base, i, types()[type].elements[i], access);
    break;
  }
  case TypeKind::Vector:
    if (field == "len")
      return constant_integer(static_cast<std::int64_t>(types()[type].count), access);
    if (const auto lane = lane_of(field); lane && *lane < types()[type].count) {
      const Access outer = part_access(base);
      const Operand storage = to_place(base);
      const TypeId element = types()[type].element;
      Operand result = place(emit(hir::Element{storage.node, word(*lane, types().i64, access)}, element, access),
                             element, access, outer);
      result.name = base.name;
      return result;
    }
    break;
  case TypeKind::Array:
    if (field == "len")
      return constant_integer(static_cast<std::int64_t>(types()[type].count), access);
    if (field == "ptr") {
      const Operand storage = to_place(base);
      const hir::NodeId address = emit(hir::AddressOf{storage.node}, types().pointer(type), access);
      const TypeId many = types().many_pointer(types()[type].element);
      return make(hir::Convert{hir::ConvertOp::PointerCast, address}, many, access);
    }
    break;
  case TypeKind::Slice:
  case TypeKind::String: {
    const TypeId element = types().is(type, TypeKind::String) ? types().u8 : types()[type].element;
    if (base.constant.kind == Folded::Kind::String && field == "len")
      return constant_integer(static_cast<std::int64_t>(text(base.constant.text).size()), access);
    if (field == "ptr")
      return field_of(base, 0, types().many_pointer(element), access);
    if (field == "len")
      return field_of(base, 1, types().i64, access);
    break;
  }
  case TypeKind::Closure:
    if (field == "fn_ptr" || field == "env") {
      const Operand part = field_of(base, field == "env", types().void_pointer, access);
      return to_value(part);
    }
    break;
  case TypeKind::Optional:
    if (types().is(type, TypeKind::Optional) && !base.narrowed) {
      report<diag::optional_as_payload>(access, name(type), name(types()[type].element)).help(optional_help);
      return Operand::poison(access);
    }
    break;
  default: break;
  }
  if (std::optional<Operand> property = property_of(base, member, access))
    return *property;
  if (types().is(type, TypeKind::Protocol))
    return no_field(type, member, access);
  return no_field(type, member, access);
}

/// A getter or setter `name` of the object's type (R3.7).
std::optional<Operand> BodyChecker::property_of(const Operand& base, StringId member, Span access) {
  const MemberDecl getter = checker_.find_accessor(base.type, member, syntax::Accessor::Get);
  const MemberDecl setter = checker_.find_accessor(base.type, member, syntax::Accessor::Set);
  if (!getter && !setter)
    return {};
  Operand result;
  result.kind = Operand::Kind::Property;
  result.index = static_cast<std::uint32_t>(properties_.size());
  result.span = access;
  result.name = member;
  result.type = base.type;
  properties_.push_back({base, member, getter, setter});
  return result;
}

/// Calls the getter of a property operand.
Operand BodyChecker::read_property(const Operand& operand) {
  const Property property = properties_[operand.index];
  if (!property.getter) {
    report<diag::property_write_only>(operand.span, text(property.name));
    return Operand::poison(operand.span);
  }
  CallSite site;
  site.span = site.callee_span = operand.span;
  site.receiver = property.object;
  return to_value(call_declaration(site, {property.getter.decl, property.getter.environment}));
}

Operand BodyChecker::check_member_index(const ast::MemberIndex& member, AstId node) {
  const Span span = span_of(node);
  Operand base = check(member.base, Expect::none());
  if (base.kind == Operand::Kind::Property)
    base = to_value(std::move(base));
  return part_of(std::move(base), member.index, span);
}

Operand BodyChecker::part_of(Operand base, std::uint64_t index, Span access) {
  // Names of functions, types, modules and packs have no type of their own.
  if (!base.is_place() && !base.is_value())
    base = to_value(std::move(base));
  if (base.poisoned())
    return Operand::poison(access);
  if (base.is_failable_call)
    base = settle_failable(std::move(base), Expect::none());
  if (base.narrowed && types().is(base.type, TypeKind::Optional)) {
    base = unwrap_narrowed(std::move(base));
    base.access = Access::InlinePayload;
  }
  if (base.poisoned())
    return Operand::poison(access);
  if (types().is(base.type, TypeKind::Pointer))
    base = deref(std::move(base), access);
  const TypeId type = base.type;
  if (types().is(type, TypeKind::Tuple) && index < types()[type].elements.size())
    return field_of(base, static_cast<std::uint32_t>(index), types()[type].elements[index], access);
  if (types().is(type, TypeKind::Struct)) {
    checker_.complete(type);
    const std::vector<FieldInfo>& fields = types().nominal(type).fields;
    if (index < fields.size() && fields[index].is_positional)
      return field_of(base, static_cast<std::uint32_t>(index), fields[index].type, access);
  }
  if (types().is(type, TypeKind::Poison))
    return Operand::poison(access);
  report<diag::no_such_field>(access, name(type), std::to_string(index));
  return Operand::poison(access);
}

} // namespace sx::sema
