// Nominal types: from declaration to members. Enums are in enums.cpp, error sets in error_sets.cpp.

#include "sema/generic_state.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;

// ---- declarations -----------------------------------------------------------------------------------

TypeId Checker::declared_type(DeclId id, EnvironmentId environment) {
  id = follow(id);
  if (!environment.valid())
    environment = decl(id).site.environment;
  const Tables::Instance key{id, environment};
  if (const auto known = tables_->declared_types.find(key); known != tables_->declared_types.end())
    return known->second;
  switch (decl(id).kind) {
  case DeclKind::Type: {
    const Site site = site_of(id, environment);
    const TypeId type = nominal_from_node(site, decl(id).value, decl(id).name, decl(id).name_span, id);
    tables_->declared_types.emplace(key, type);
    return type;
  }
  case DeclKind::TypeAlias: {
    const AstId value = decl(id).value;
    const Site site = site_of(id, environment);
    if (const TypeId announced = generics().built.announced(id); announced.valid())
      return announced;
    const Unmuted unmuted(diagnostics);
    if (decl(id).resolving) { // `A :: []A;`
      report<diag::alias_leads_nowhere>(site.span(value), text(decl(id).name));
      decl(id).kind = DeclKind::Poison;
      return types.poison;
    }
    decl(id).resolving = true;
    generics().built.enter_alias(value, decl(id).name_span);
    const TypeId type = resolve_type(site, value);
    decl(id).resolving = false;
    decl(id).resolved_type = type;
    tables_->declared_types.emplace(key, type);
    return type;
  }
  default: return types.poison;
  }
}

namespace {

TypeKind kind_of_declaration(const Site& site, AstId node) {
  switch (site.kind(node)) {
  case Kind::EnumType: {
    const auto variants = site.tree->list(site.get<ast::EnumType>(node).variants);
    const bool has_payload =
        std::ranges::any_of(variants, [&](AstId v) { return site.get<ast::Variant>(v).payload.valid(); });
    return has_payload ? TypeKind::TaggedUnion : TypeKind::Enum;
  }
  case Kind::UnionType: return TypeKind::Union;
  case Kind::ErrorSet: return TypeKind::ErrorSet;
  case Kind::ProtocolType: return TypeKind::Protocol;
  default: return TypeKind::Struct;
  }
}

} // namespace

TypeId Checker::nominal_from_node(const Site& site, AstId node, StringId name, Span span, DeclId declaration) {
  Nominal made;
  made.name = name;
  made.module = site.module;
  made.node = node;
  made.span = span;
  if (const auto* protocol = site.try_get<ast::ProtocolType>(node)) {
    made.is_inline = protocol->is_inline;
    made.is_identity = protocol->is_identity;
  }
  const TypeId type = types.add_nominal(kind_of_declaration(site, node), std::move(made));
  adopt(type, site, node, declaration);
  return type;
}

/// Remembers where the members of `type` are written; inside, the type itself is known as the current instance.
void Checker::adopt(TypeId type, const Site& site, AstId node, DeclId declaration) {
  const NamedArgument current{intern(current_instance_name), GenericArgument::of_type(type)};
  TypeOwner owner;
  owner.site = site.in(extend(site.environment, {&current, 1}));
  owner.decl = declaration;
  owner.node = node;
  types.nominal(type).environment = owner.site.environment.value;
  tables_->owners.emplace(type, owner);
}

TypeId Checker::inline_type(const Site& site, AstId node, StringId display_name) {
  const EnvironmentId environment = site.environment.valid() ? site.environment : empty_environment();
  const Tables::Node key{site.tree, node, environment};
  if (const auto known = tables_->inline_types.find(key); known != tables_->inline_types.end())
    return known->second;
  if (!display_name.valid())
    if (const TypeId type = generics().built.nominal_result(site, node); type.valid()) {
      tables_->inline_types.emplace(key, type);
      return type;
    }
  if (site.tree->is(node, Kind::ErrorSet)) {
    const StringId name = display_name.valid() ? display_name : intern("__anon");
    const TypeId type = nominal_from_node(site, node, name, site.span(node), {});
    tables_->inline_types.emplace(key, type);
    return type;
  }
  Nominal shape;
  shape.name = display_name.valid() ? display_name : StringId(0);
  shape.module = site.module;
  shape.node = node;
  shape.span = site.span(node);
  const TypeKind kind = kind_of_declaration(site, node);
  if (kind == TypeKind::Struct)
    read_fields(site, node, shape, {});
  else if (kind == TypeKind::Union)
    read_union_members(site, node, shape);
  else
    read_variants(site, node, shape, {});
  const auto is_poison = [&](const auto& member) { return member.type == types.poison; };
  if (std::ranges::any_of(shape.fields, is_poison) ||
      std::ranges::any_of(shape.variants, [&](const VariantInfo& v) { return v.payload == types.poison; }))
    return types.poison;
  const TypeId type = types.anonymous(kind, std::move(shape));
  if (!tables_->owners.contains(type)) {
    adopt(type, site, node, {});
    tables_->owners.at(type).state = TypeOwner::State::Complete;
  }
  tables_->inline_types.emplace(key, type);
  return type;
}

// ---- members ----------------------------------------------------------------------------------------

void Checker::complete(TypeId type) {
  if (types[type].nominal == 0xffff'ffff)
    return;
  const auto known = tables_->owners.find(type);
  if (known == tables_->owners.end() || known->second.state != TypeOwner::State::Declared)
    return;
  known->second.state = TypeOwner::State::Completing;
  const Unmuted unmuted(diagnostics);
  const Site site = known->second.site;
  const AstId node = known->second.node;
  if (types.is(type, TypeKind::Protocol)) {
    complete_protocol(type);
  } else {
    // Members are read into a copy: resolving them may add nominal types.
    Nominal members = types.nominal(type);
    switch (types.kind(type)) {
    case TypeKind::Struct: read_fields(site, node, members, text(members.name)); break;
    case TypeKind::Union: read_union_members(site, node, members); break;
    case TypeKind::ErrorSet: read_tags(site, node, members); break;
    default: read_variants(site, node, members, text(members.name)); break;
    }
    members.complete = true;
    members.arguments = types.nominal(type).arguments;
    types.nominal(type) = std::move(members);
  }
  types.nominal(type).complete = true;
  tables_->owners.at(type).state = TypeOwner::State::Complete;
}

/// Type of a member; an inline aggregate there is called `Owner.member` (R3.2.9, R3.2.10).
TypeId Checker::member_type_of(const Site& site, AstId node, const std::string& owner, StringId member) {
  switch (site.kind(node)) {
  case Kind::StructType:
  case Kind::EnumType:
  case Kind::UnionType: {
    const StringId display = owner.empty() ? StringId() : intern(owner + "." + text(member));
    return inline_type(site, node, display);
  }
  default: return resolve_type(site, node);
  }
}

void Checker::read_fields(const Site& site, AstId node, Nominal& out, const std::string& owner) {
  const auto& type = site.get<ast::StructType>(node);
  if (type.abi == syntax::Abi::Zig)
    report<diag::compiler_binding>(out.span, text(out.name), "'abi(.zig)' is for functions");
  else if (type.linkage != syntax::Linkage::Internal || type.abi != syntax::Abi::Default)
    not_supported(site.span(node), "a struct of a foreign runtime");
  for (AstId id : site.tree->list(type.members)) {
    if (const auto* base = site.try_get<ast::Using>(id)) {
      read_using(site, base->base, out);
      continue;
    }
    const auto* group = site.try_get<ast::FieldGroup>(id);
    if (!group)
      continue;
    TypeId field_type;
    for (AstId name_node : site.tree->list(group->names)) {
      const auto& name = site.get<ast::Name>(name_node).name;
      if (!field_type.valid())
        field_type = member_type_of(site, group->type, owner, name.text);
      FieldInfo field;
      field.name = name.text;
      field.type = field_type;
      field.span = name.span;
      field.initial = group->initial;
      if (strings.text(name.text) == "_") {
        field.name = intern("_" + std::to_string(out.fields.size()));
        field.is_padding = true;
      }
      out.fields.push_back(field);
    }
  }
}

/// `#using Base;` (R3.2.15 to R3.2.17): the fields without their defaults.
void Checker::read_using(const Site& site, syntax::Ident base, Nominal& out) {
  const std::string name = text(base.text);
  const Found found = find_quietly(site, base.text, Use::Type, base.raw);
  TypeId type = types.poison;
  if (found.kind == Found::Kind::Declaration)
    type = type_of_declaration(site, found.decl, base.span);
  else if (found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Type)
    type = found.local.type;
  else if (found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Type)
    type = found.argument.type;
  else if (found.kind == Found::Kind::Poison)
    return;
  if (!types.is(type, TypeKind::Struct)) {
    report<diag::using_not_a_struct>(base.span, name);
    return;
  }
  complete(type);
  for (FieldInfo field : types.nominal(type).fields) {
    const bool exists = std::ranges::find(out.fields, field.name, &FieldInfo::name) != out.fields.end();
    if (exists && field.is_padding) {
      field.name = intern("_" + std::to_string(out.fields.size()));
    } else if (exists) {
      report<diag::using_second_field>(base.span, name, text(field.name));
      continue;
    }
    field.initial = {};
    out.fields.push_back(field);
  }
}

void Checker::read_union_members(const Site& site, AstId node, Nominal& out) {
  for (AstId id : site.tree->list(site.get<ast::UnionType>(node).members)) {
    FieldInfo field;
    if (const auto* member = site.try_get<ast::UnionMember>(id)) {
      field.name = member->name.text;
      field.span = member->name.span;
      field.type = resolve_type(site, member->type);
    } else { // an unnamed struct: its fields are promoted (R3.11.2)
      field.name = StringId(0);
      field.span = site.span(id);
      field.type = inline_type(site, id);
      field.promotes = true;
    }
    out.fields.push_back(field);
  }
}

std::optional<std::uint32_t> Checker::find_field(TypeId aggregate, StringId name) {
  const Type& row = types[aggregate];
  if (row.kind == TypeKind::Tuple) {
    for (std::size_t i = 0; i < row.names.size(); ++i)
      if (row.names[i] == name && name.value != 0)
        return static_cast<std::uint32_t>(i);
    return std::nullopt;
  }
  if (row.kind != TypeKind::Struct && row.kind != TypeKind::Union)
    return std::nullopt;
  complete(aggregate);
  const auto& fields = types.nominal(aggregate).fields;
  const auto found = std::ranges::find(fields, name, &FieldInfo::name);
  if (found == fields.end() || found->promotes)
    return std::nullopt;
  return static_cast<std::uint32_t>(found - fields.begin());
}

std::optional<std::uint32_t> Checker::find_variant(TypeId enum_type, StringId name) {
  if (!types.is(enum_type, TypeKind::Enum) && !types.is(enum_type, TypeKind::TaggedUnion))
    return std::nullopt;
  complete(enum_type);
  const auto& variants = types.nominal(enum_type).variants;
  const auto found = std::ranges::find(variants, name, &VariantInfo::name);
  if (found == variants.end())
    return std::nullopt;
  return static_cast<std::uint32_t>(found - variants.begin());
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> Checker::find_promoted(TypeId union_type, StringId name) {
  if (!types.is(union_type, TypeKind::Union) || find_field(union_type, name))
    return std::nullopt;
  const auto members = types.nominal(union_type).fields;
  for (std::size_t arm = 0; arm < members.size(); ++arm)
    if (types.is(members[arm].type, TypeKind::Struct))
      if (const auto field = find_field(members[arm].type, name))
        return std::pair{static_cast<std::uint32_t>(arm), *field};
  return std::nullopt;
}

// ---- by-value containment ---------------------------------------------------------------------------

/// The types whose bytes lie inside of `type`, and where they are named.
std::vector<TypeId> Checker::contained_types(TypeId type) {
  complete(type);
  const Type& row = types[type];
  switch (row.kind) {
  case TypeKind::Array:
  case TypeKind::Vector:
  case TypeKind::Optional: return {row.element};
  case TypeKind::Failable: return {row.element};
  case TypeKind::Tuple: return row.elements;
  case TypeKind::Struct:
  case TypeKind::Union: {
    std::vector<TypeId> parts;
    for (const FieldInfo& field : types.nominal(type).fields)
      parts.push_back(field.type);
    return parts;
  }
  case TypeKind::TaggedUnion: {
    std::vector<TypeId> parts;
    for (const VariantInfo& variant : types.nominal(type).variants)
      parts.push_back(variant.payload);
    if (types.nominal(type).layout_struct.valid())
      parts.push_back(types.nominal(type).layout_struct);
    return parts;
  }
  default: return {};
  }
}

/// After E0432 the type keeps no member that could lead back to it.
void Checker::cut_containment(TypeId nominal) {
  Nominal& members = types.nominal(nominal);
  members.failed = true;
  for (FieldInfo& field : members.fields)
    field.type = types.poison;
  for (VariantInfo& variant : members.variants)
    variant.payload = types.poison;
  members.layout_struct = {};
}

/// Walks with a stack of its own: chains of declarations may be long. Layouts are computed inside out.
bool Checker::require_layout(TypeId root, Span at) {
  struct Step {
    TypeId type;
    std::vector<TypeId> parts;
    std::size_t next = 0;
  };
  if (tables_->sized.contains(root))
    return true;
  bool good = true;
  // What is still without members has no layout, and neither has what holds it.
  const auto without_members = [&](TypeId type) {
    const bool waits = types[type].nominal != 0xffff'ffff && types.nominal(type).built && !types.nominal(type).complete;
    if (waits)
      generics().built.report_without_members(type, at);
    return waits;
  };
  std::vector<Step> path{{root, contained_types(root), 0}};
  std::set<TypeId> open{root};
  if (without_members(root))
    return false;
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next < step.parts.size()) {
      const TypeId part = step.parts[step.next++];
      if (tables_->sized.contains(part))
        continue;
      if (without_members(part))
        return false;
      if (open.insert(part).second) {
        path.push_back({part, contained_types(part), 0});
        continue;
      }
      // `part` holds itself. The cycle has a nominal type, since structural types can't refer to themselves.
      const auto begin = std::ranges::find(path, part, &Step::type);
      const auto nominal =
          std::ranges::find_if(begin, path.end(), [&](const Step& s) { return types[s.type].nominal != 0xffff'ffff; });
      if (nominal != path.end()) {
        const Nominal& members = types.nominal(nominal->type);
        report<diag::type_contains_itself>(members.span, text(members.name)).help(help::pointer_in_between());
        cut_containment(nominal->type);
      }
      good = false;
      continue;
    }
    const TypeId type = step.type;
    path.pop_back();
    open.erase(type);
    tables_->sized.insert(type);
    if (types.layout(type).size >= TypeTable::max_size && types[type].kind != TypeKind::Poison) {
      const Span where = types[type].nominal != 0xffff'ffff ? types.nominal(type).span : at;
      if (good)
        report<diag::limit_exceeded>(where, "the size of a type", std::to_string(TypeTable::max_size) + " bytes");
      good = false;
    }
    if (types.is(type, TypeKind::TaggedUnion))
      check_payload_sizes(type);
  }
  return good;
}

} // namespace sx::sema
