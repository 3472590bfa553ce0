#include "sema/type_info.h"

#include <algorithm>

namespace sx::sema {
namespace {

constexpr InfoPart enum_parts[] = {{"variants", InfoField::Variants}};
constexpr InfoPart struct_parts[] = {{"fields", InfoField::Fields}};
constexpr InfoPart tuple_parts[] = {{"elements", InfoField::Elements}};
constexpr InfoPart union_parts[] = {{"arms", InfoField::Fields}};
constexpr InfoPart int_parts[] = {{"bits", InfoField::Bits}, {"signed", InfoField::Signed}};
constexpr InfoPart float_parts[] = {{"bits", InfoField::Bits}};
constexpr InfoPart array_parts[] = {{"elem", InfoField::Element}, {"len", InfoField::Count}};
constexpr InfoPart vector_parts[] = {{"elem", InfoField::Element}, {"lanes", InfoField::Count}};
constexpr InfoPart slice_parts[] = {{"elem", InfoField::Element}};
constexpr InfoPart pointer_parts[] = {{"pointee", InfoField::Element}};
constexpr InfoPart optional_parts[] = {{"inner", InfoField::Element}};

enum Variant : std::uint8_t {
  Enum,
  Struct,
  Tuple,
  Union,
  Int,
  Float,
  Bool,
  String,
  CString,
  Void,
  Array,
  Vector,
  Slice,
  Pointer,
  ManyPointer,
  Optional,
  Function,
  Closure,
  Protocol,
  ErrorSet,
  Pack,
  Any,
  NoReturn,
  USize,
  ISize,
  TypeValue,
};

constexpr InfoVariant variants[] = {
    {"enum", enum_parts},
    {"struct", struct_parts},
    {"tuple", tuple_parts},
    {"union", union_parts},
    {"int", int_parts},
    {"float", float_parts},
    {"bool", {}},
    {"string", {}},
    {"cstring", {}},
    {"void", {}},
    {"array", array_parts},
    {"vector", vector_parts},
    {"slice", slice_parts},
    {"pointer", pointer_parts},
    {"many_pointer", pointer_parts},
    {"optional", optional_parts},
    {"function", {}},
    {"closure", {}},
    {"protocol", {}},
    {"error_set", {}},
    {"pack", {}},
    {"any", {}},
    {"noreturn", {}},
    {"usize", {}},
    {"isize", {}},
    {"type_value", {}},
};

Variant variant_of(TypeKind kind) {
  switch (kind) {
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: return Enum;
  case TypeKind::Struct: return Struct;
  case TypeKind::Tuple: return Tuple;
  case TypeKind::Union: return Union;
  case TypeKind::Int: return Int;
  case TypeKind::Float: return Float;
  case TypeKind::Bool: return Bool;
  case TypeKind::String: return String;
  case TypeKind::CString: return CString;
  case TypeKind::Array: return Array;
  case TypeKind::Vector: return Vector;
  case TypeKind::Slice: return Slice;
  case TypeKind::Pointer: return Pointer;
  case TypeKind::ManyPointer: return ManyPointer;
  case TypeKind::Optional: return Optional;
  case TypeKind::Function: return Function;
  case TypeKind::Closure: return Closure;
  case TypeKind::Protocol: return Protocol;
  case TypeKind::ErrorSet: return ErrorSet;
  case TypeKind::Any: return Any;
  case TypeKind::NoReturn: return NoReturn;
  case TypeKind::USize: return USize;
  case TypeKind::ISize: return ISize;
  case TypeKind::Type: return TypeValue;
  case TypeKind::Poison: // these three have no type word
  case TypeKind::Null:
  case TypeKind::Failable:
  case TypeKind::Void: break;
  }
  return Void;
}

struct Shape {
  const TypeTable& types;
  const Interner& strings;

  TypeId field(TypeId record, std::string_view name) const {
    const auto index = member_index(types, strings, record, name);
    return index ? types.nominal(record).fields[*index].type : TypeId();
  }
  /// Is `type` a slice of structs with a name, a Type called `part` and, if wanted, an offset?
  bool rows(TypeId type, std::string_view part, bool has_offset) const {
    if (!types.is(type, TypeKind::Slice) || !types.is(types[type].element, TypeKind::Struct))
      return false;
    const TypeId row = types[type].element;
    return field(row, "name") == types.string && field(row, part) == types.type &&
           (!has_offset || field(row, "offset") == types.i64);
  }
  bool fits(TypeId type, InfoField content) const {
    if (!type.valid())
      return false;
    switch (content) {
    case InfoField::Variants: return rows(type, "payload", false);
    case InfoField::Fields: return rows(type, "type", true);
    case InfoField::Elements: return types.is(type, TypeKind::Slice) && types[type].element == types.type;
    case InfoField::Signed: return type == types.bool_;
    case InfoField::Element: return type == types.type;
    case InfoField::Bits:
    case InfoField::Count: return type == types.i64;
    }
    return false;
  }
};

} // namespace

std::span<const InfoVariant> info_variants() {
  return variants;
}

const InfoVariant& info_variant(const TypeTable& types, TypeId type) {
  return variants[variant_of(types.kind(type))];
}

std::optional<std::uint32_t> member_index(const TypeTable& types, const Interner& strings, TypeId type,
                                          std::string_view name) {
  const Nominal& members = types.nominal(type);
  const auto find = [&](const auto& list) -> std::optional<std::uint32_t> {
    for (std::uint32_t i = 0; i < list.size(); ++i)
      if (strings.text(list[i].name) == name)
        return i;
    return std::nullopt;
  };
  return types.is(type, TypeKind::Struct) ? find(members.fields) : find(members.variants);
}

bool is_type_info(const TypeTable& types, const Interner& strings, TypeId info) {
  if (!types.is(info, TypeKind::TaggedUnion))
    return false;
  const Shape shape{types, strings};
  return std::ranges::all_of(variants, [&](const InfoVariant& wanted) {
    const auto index = member_index(types, strings, info, wanted.name);
    if (!index)
      return false;
    const TypeId payload = types.nominal(info).variants[*index].payload;
    if (wanted.parts.empty())
      return true;
    return payload.valid() && types.is(payload, TypeKind::Struct) &&
           std::ranges::all_of(wanted.parts, [&](const InfoPart& part) {
             return shape.fits(shape.field(payload, part.name), part.content);
           });
  });
}

} // namespace sx::sema
