// Enums and tagged unions (chapter 03, sections 9 and 10).

#include "sema/checker.h"
#include "sema/tables.h"

namespace sx::sema {

using syntax::Kind;

namespace {

__int128 lowest(const TypeTable& types, TypeId integer) {
  return types.is_signed(integer) ? -(__int128{1} << (types.bit_width(integer) - 1)) : 0;
}

__int128 highest(const TypeTable& types, TypeId integer) {
  return (__int128{1} << (types.bit_width(integer) - types.is_signed(integer))) - 1;
}

} // namespace

/// The backing type of R3.9.3 and R3.10.15 to R3.10.18.
void Checker::read_backing(const Site& site, AstId node, bool has_payload, Nominal& out) {
  out.backing = types.i64;
  const AstId backing = site.get<ast::EnumType>(node).backing;
  if (!backing.valid())
    return;
  const TypeId type = resolve_type(site, backing);
  if (type == types.poison)
    return;
  if (types.is_integer(type)) {
    out.backing = type;
    out.explicit_backing = true;
    return;
  }
  if (has_payload && is_layout_struct(type)) {
    out.layout_struct = type;
    out.backing = types.nominal(type).fields.front().type;
    return;
  }
  report<diag::bad_enum_backing>(site.span(backing), types.name(type));
}

/// First field `tag` of integer type, last field `payload` of array type (R3.10.16).
bool Checker::is_layout_struct(TypeId type) {
  if (!types.is(type, TypeKind::Struct))
    return false;
  complete(type);
  const auto& fields = types.nominal(type).fields;
  return fields.size() >= 2 && text(fields.front().name) == "tag" && types.is_integer(fields.front().type) &&
         text(fields.back().name) == "payload" && types.is(fields.back().type, TypeKind::Array);
}

void Checker::read_variants(const Site& site, AstId node, Nominal& out, const std::string& owner) {
  const auto& type = site.get<ast::EnumType>(node);
  const auto variants = site.tree->list(type.variants);
  bool has_payload = false;
  for (AstId id : variants)
    has_payload = has_payload || site.get<ast::Variant>(id).payload.valid();
  out.is_flags = type.is_flags;
  read_backing(site, node, has_payload, out);
  std::int64_t ordinal = 0;
  for (AstId id : variants) {
    const auto& variant = site.get<ast::Variant>(id);
    VariantInfo made;
    made.name = variant.name.text;
    made.span = variant.name.span;
    made.payload = variant.payload.valid() ? variant_payload(site, variant, owner) : types.void_;
    made.value = variant_value(site, variant, ordinal++, out);
    out.variants.push_back(made);
  }
}

/// An inline struct in a *named* enum is a nominal type `Enum.variant`; elsewhere it is anonymous (R3.10.3).
TypeId Checker::variant_payload(const Site& site, const ast::Variant& variant, const std::string& owner) {
  if (owner.empty() || !site.tree->is(variant.payload, Kind::StructType))
    return member_type_of(site, variant.payload, owner, variant.name.text);
  const EnvironmentId environment = site.environment.valid() ? site.environment : empty_environment();
  const Tables::Node key{site.tree, variant.payload, environment};
  if (const auto known = tables_->inline_types.find(key); known != tables_->inline_types.end())
    return known->second;
  const StringId name = intern(owner + "." + text(variant.name.text));
  const TypeId type = nominal_from_node(site, variant.payload, name, variant.name.span, {});
  tables_->inline_types.emplace(key, type);
  return type;
}

/// R3.9.4, R3.9.5: the ordinal, a power of two, or an explicit literal. A negated literal has no effect.
std::int64_t Checker::variant_value(const Site& site, const ast::Variant& variant, std::int64_t ordinal,
                                    const Nominal& owner) {
  const TypeId backing = owner.backing;
  const auto check = [&](__int128 value, std::uint64_t shown, Span at) {
    if (value >= lowest(types, backing) && value <= highest(types, backing))
      return;
    report<diag::enum_value_out_of_range>(at, shown, types.name(backing));
  };
  const bool is_power = owner.is_flags;
  const __int128 implied = is_power ? (ordinal < 64 ? __int128{1} << ordinal : __int128{1} << 64) : ordinal;
  if (variant.value.valid()) {
    const Span at = site.span(variant.value);
    if (const auto* literal = site.try_get<ast::IntLiteral>(variant.value)) {
      check(literal->value, literal->value, at);
      return static_cast<std::int64_t>(literal->value);
    }
    if (const auto* literal = site.try_get<ast::CharLiteral>(variant.value)) {
      check(literal->value, literal->value, at);
      return literal->value;
    }
    const auto* negated = site.try_get<ast::Unary>(variant.value);
    if (negated && negated->op == syntax::UnaryOp::Negate && site.tree->is(negated->operand, Kind::IntLiteral))
      report<diag::explicit_value_ignored>(at, text(variant.name.text), static_cast<std::int64_t>(implied));
    else
      report<diag::enum_value_not_literal>(at, text(variant.name.text));
  }
  check(implied, static_cast<std::uint64_t>(implied), variant.name.span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(implied));
}

/// A payload has to fit into the area of a layout struct (R3.10.17).
void Checker::check_payload_sizes(TypeId type) {
  const Nominal& members = types.nominal(type);
  const auto owner = tables_->owners.find(type);
  if (!members.layout_struct.valid() || owner == tables_->owners.end())
    return;
  const Site& site = owner->second.site;
  const std::uint64_t area = types.union_layout(type).payload_size;
  const auto nodes = site.tree->list(site.get<ast::EnumType>(owner->second.node).variants);
  for (std::size_t i = 0; i < members.variants.size() && i < nodes.size(); ++i) {
    const AstId payload = site.get<ast::Variant>(nodes[i]).payload;
    if (payload.valid() && types.layout(members.variants[i].payload).size > area)
      report<diag::payload_larger_than_layout>(site.span(payload), text(members.variants[i].name));
  }
}

} // namespace sx::sema
