#pragma once
// The data model of `type_info` (7.12): which variant of `TypeInfo` stands for a type and what its payload holds.

#include "sema/types.h"

#include <optional>
#include <span>
#include <string_view>

namespace sx::sema {

/// What a field of a payload record tells.
enum class InfoField : std::uint8_t {
  Variants, ///< []EnumVariant {name: string, payload: Type}
  Fields,   ///< []StructField {name: string, type: Type, offset: i64}
  Elements, ///< []Type
  Bits,     ///< i64
  Signed,   ///< bool
  Element,  ///< Type
  Count,    ///< i64
};

/// A field of the payload, by name: the order of declaration is free.
struct InfoPart {
  std::string_view name;
  InfoField content;
};

/// A variant of `TypeInfo`; `parts` is empty for a variant without payload.
struct InfoVariant {
  std::string_view name;
  std::span<const InfoPart> parts;
};

/// Every variant that `TypeInfo` must have (R7.121).
std::span<const InfoVariant> info_variants();
/// The variant that stands for a type; total over the kinds a type word can name (R7.122).
const InfoVariant& info_variant(const TypeTable& types, TypeId type);
/// Has the complete type `info` all variants and payload fields, with the types the language says?
bool is_type_info(const TypeTable& types, const Interner& strings, TypeId info);
/// Position of the member `name` of a struct, or of the variant `name`.
std::optional<std::uint32_t> member_index(const TypeTable& types, const Interner& strings, TypeId type,
                                          std::string_view name);

} // namespace sx::sema
