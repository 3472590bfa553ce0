// Sizes, alignments and offsets for the target (section 2.25, R3.10, R6.4).

#include "sema/types.h"

#include <algorithm>
#include <bit>

namespace sx::sema {

namespace {

constexpr std::uint64_t limit = TypeTable::max_size;

std::uint64_t capped(std::uint64_t size) {
  return std::min(size, limit);
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t align) {
  return capped((value + align - 1) / align * align);
}

std::uint64_t product(std::uint64_t count, std::uint64_t size) {
  return size != 0 && count > limit / size ? limit : count * size;
}

/// The struct rule of R2.108, one member at a time.
struct Fields {
  Layout layout;
  std::uint64_t add(Layout member) {
    const std::uint64_t offset = round_up(layout.size, member.align);
    layout.size = capped(offset + member.size);
    layout.align = std::max(layout.align, member.align);
    return offset;
  }
  Layout finish() const { return {round_up(layout.size, layout.align), layout.align}; }
};

Layout scalar(std::uint64_t bytes) {
  return {bytes, static_cast<std::uint32_t>(bytes)};
}

std::uint64_t integer_bytes(unsigned bits) {
  return std::bit_ceil((bits + 7u) / 8u);
}

} // namespace

Layout TypeTable::layout(TypeId id) const {
  if (layouts_.size() < types_.size())
    layouts_.resize(types_.size());
  if (const auto& known = layouts_[id.index()])
    return *known;
  const Layout made = compute_layout(types_[id.index()]);
  layouts_[id.index()] = made;
  return made;
}

Layout TypeTable::compute_layout(const Type& row) const {
  const std::uint64_t p = pointer_bytes_;
  const auto align_p = static_cast<std::uint32_t>(p);
  switch (row.kind) {
  case TypeKind::Poison:
  case TypeKind::Void:
  case TypeKind::NoReturn: return {0, 1};
  case TypeKind::Bool: return scalar(1);
  case TypeKind::Int: return scalar(integer_bytes(row.bits));
  case TypeKind::Float: return scalar(row.bits / 8u);
  case TypeKind::USize:
  case TypeKind::ISize:
  case TypeKind::Null:
  case TypeKind::CString:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::Function: return scalar(p);
  case TypeKind::Type: return scalar(8);
  case TypeKind::String:
  case TypeKind::Slice:
  case TypeKind::Any: return {16, 8};
  case TypeKind::Closure: return {2 * p, align_p};
  case TypeKind::ErrorSet: return scalar(4);
  case TypeKind::Array: {
    const Layout element = layout(row.element);
    return {product(row.count, element.size), element.align};
  }
  case TypeKind::Vector: {
    const std::uint64_t bytes = product(row.count, layout(row.element).size);
    return scalar(bytes == 0 ? 1 : std::bit_ceil(bytes));
  }
  case TypeKind::Optional: {
    const Layout payload = layout(row.element);
    const TypeKind kind_of_payload = kind(row.element);
    if (is_pointer_like(row.element) || kind_of_payload == TypeKind::Closure || kind_of_payload == TypeKind::Protocol)
      return payload;
    return {round_up(payload.size + 1, payload.align), payload.align};
  }
  case TypeKind::Tuple: {
    Fields fields;
    for (TypeId element : row.elements)
      fields.add(layout(element));
    return fields.finish();
  }
  case TypeKind::Failable: {
    if (kind(row.element) == TypeKind::Void)
      return scalar(4);
    Fields fields;
    if (kind(row.element) == TypeKind::Tuple) // flattened: {T1, ..., Tn, u32} (R6.145)
      for (TypeId element : types_[row.element.index()].elements)
        fields.add(layout(element));
    else
      fields.add(layout(row.element));
    fields.add(scalar(4));
    return fields.finish();
  }
  case TypeKind::Struct:
  case TypeKind::Enum:
  case TypeKind::TaggedUnion:
  case TypeKind::Union:
  case TypeKind::Protocol: return nominal_layout(row);
  }
  return {};
}

Layout TypeTable::nominal_layout(const Type& row) const {
  const Nominal& members = nominals_[row.nominal];
  switch (row.kind) {
  case TypeKind::Struct: {
    Fields fields;
    for (const FieldInfo& field : members.fields)
      fields.add(layout(field.type));
    return fields.finish();
  }
  case TypeKind::Union: {
    Layout whole;
    for (const FieldInfo& member : members.fields) {
      const Layout part = layout(member.type);
      whole.size = std::max(whole.size, part.size);
      whole.align = std::max(whole.align, part.align);
    }
    return {round_up(whole.size, whole.align), whole.align};
  }
  case TypeKind::Enum: return members.backing.valid() ? layout(members.backing) : scalar(8);
  case TypeKind::TaggedUnion: return tagged_union_layout(members, nullptr);
  default: break;
  }
  // A protocol value: {ctx, type id, table} or {ctx, type id, code...} (R5.68).
  Fields fields;
  fields.add(scalar(pointer_bytes_));
  fields.add(scalar(8));
  if (!members.is_inline) {
    fields.add(scalar(pointer_bytes_));
    return fields.finish();
  }
  for (const ProtocolMethodInfo& method : members.methods)
    if (method.dispatchable)
      fields.add(scalar(pointer_bytes_));
  return fields.finish();
}

Layout TypeTable::tagged_union_layout(const Nominal& members, UnionLayout* parts) const {
  UnionLayout made;
  Layout area;
  for (const VariantInfo& variant : members.variants) {
    const Layout payload = layout(variant.payload);
    area.size = std::max(area.size, payload.size);
    area.align = std::max(area.align, payload.align);
  }
  Layout whole;
  if (members.layout_struct.valid() && !nominal(members.layout_struct).fields.empty()) {
    const auto& fields = nominal(members.layout_struct).fields;
    whole = layout(members.layout_struct);
    made.tag = fields.front().type;
    made.payload_offset = field_offset(members.layout_struct, fields.size() - 1);
    made.payload_size = whole.size - std::min(whole.size, made.payload_offset);
    if (fields.size() > 1)
      made.payload_size = layout(fields.back().type).size;
  } else {
    const bool backed = members.explicit_backing;
    made.tag = members.backing.valid() ? members.backing : i64;
    const Layout tag = layout(made.tag);
    if (area.size == 0 && !backed)
      area.size = 8;
    const std::uint32_t align = std::max(area.align, backed ? tag.align : 8u);
    made.payload_offset = round_up(tag.size, backed ? area.align : align);
    made.payload_size = area.size;
    whole = {round_up(made.payload_offset + area.size, align), align};
  }
  if (parts)
    *parts = made;
  return whole;
}

UnionLayout TypeTable::union_layout(TypeId tagged_union) const {
  UnionLayout parts;
  tagged_union_layout(nominal(tagged_union), &parts);
  return parts;
}

std::uint64_t TypeTable::field_offset(TypeId aggregate, std::size_t index) const {
  const Type& row = types_[aggregate.index()];
  Fields fields;
  std::uint64_t offset = 0;
  if (row.kind == TypeKind::Tuple) {
    for (std::size_t i = 0; i <= index && i < row.elements.size(); ++i)
      offset = fields.add(layout(row.elements[i]));
    return offset;
  }
  if (row.kind != TypeKind::Struct)
    return 0;
  const auto& members = nominals_[row.nominal].fields;
  for (std::size_t i = 0; i <= index && i < members.size(); ++i)
    offset = fields.add(layout(members[i].type));
  return offset;
}

} // namespace sx::sema
