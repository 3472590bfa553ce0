#include "sema/reflection.h"

namespace sx::sema {

bool has_fields(const TypeTable& types, TypeId type) {
  const TypeKind kind = types.kind(type);
  return kind == TypeKind::Struct || kind == TypeKind::Tuple || kind == TypeKind::Union;
}

bool has_variants(const TypeTable& types, TypeId type) {
  return types.is(type, TypeKind::Enum) || types.is(type, TypeKind::TaggedUnion);
}

std::vector<MemberRow> type_members(const TypeTable& types, TypeId type) {
  std::vector<MemberRow> rows;
  const Type& row = types[type];
  switch (row.kind) {
  case TypeKind::Tuple:
    for (std::size_t i = 0; i < row.elements.size(); ++i)
      rows.push_back(
          {i < row.names.size() ? row.names[i] : StringId(0), row.elements[i], types.field_offset(type, i), 0});
    break;
  case TypeKind::Struct:
  case TypeKind::Union:
    for (std::size_t i = 0; i < types.nominal(type).fields.size(); ++i) {
      const FieldInfo& field = types.nominal(type).fields[i];
      rows.push_back({field.name, field.type, types.field_offset(type, i), 0});
    }
    break;
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    const std::uint64_t offset = row.kind == TypeKind::TaggedUnion ? types.union_layout(type).payload_offset : 0;
    for (const VariantInfo& variant : types.nominal(type).variants)
      rows.push_back({variant.name, variant.payload.valid() ? variant.payload : types.void_, offset, variant.value});
    break;
  }
  case TypeKind::Slice:
  case TypeKind::Optional:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::Array:
  case TypeKind::Vector: rows.push_back({StringId(0), row.element, 0, 0}); break;
  default: break;
  }
  return rows;
}

std::uint64_t member_count(const TypeTable& types, TypeId type) {
  if (types.is(type, TypeKind::Array) || types.is(type, TypeKind::Vector))
    return types[type].count;
  if (types.is(type, TypeKind::Tuple))
    return types[type].elements.size();
  if (has_fields(types, type))
    return types.nominal(type).fields.size();
  return has_variants(types, type) ? types.nominal(type).variants.size() : 0;
}

std::int64_t variant_tag_width(const TypeTable& types, TypeId type) {
  if (!has_variants(types, type))
    return 0;
  const TypeId tag = types.is(type, TypeKind::Enum) ? types.nominal(type).backing : types.union_layout(type).tag;
  const auto bytes = static_cast<std::int64_t>(types.layout(tag).size);
  return types.is_signed(tag) ? -bytes : bytes;
}

std::optional<std::int64_t> static_type_query(const TypeTable& types, std::string_view name, TypeId type) {
  const TypeKind kind = types.kind(type);
  if (name == "size_of")
    return static_cast<std::int64_t>(types.layout(type).size);
  if (name == "align_of")
    return types.layout(type).align;
  if (name == "is_unsigned")
    return types.is_integer(type) && !types.is_signed(type);
  if (name == "is_flags")
    return kind == TypeKind::Enum && types.nominal(type).is_flags;
  if (name == "is_identity")
    return kind == TypeKind::Protocol && types.nominal(type).is_identity;
  if (name == "is_struct")
    return kind == TypeKind::Struct && !types.nominal(type).anonymous;
  if (name == "struct_field_count" || name == "variant_count")
    return static_cast<std::int64_t>(member_count(types, type));
  if (name == "vector_lanes")
    return kind == TypeKind::Vector ? static_cast<std::int64_t>(types[type].count) : 0;
  if (name == "__sx_variant_tag_width")
    return variant_tag_width(types, type);
  return {};
}

} // namespace sx::sema
