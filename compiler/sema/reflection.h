#pragma once
// Static answers about types (7.10.1): the one member table that folds, run-time rows and engines agree on (R8.309).

#include "sema/types.h"

#include <optional>
#include <string_view>
#include <vector>

namespace sx::sema {

/// A field or variant as reflection shows it.
struct MemberRow {
  StringId name; ///< 0 if unnamed
  TypeId type;   ///< field or payload type; Void for a variant without payload
  std::uint64_t offset = 0;
  std::int64_t value = 0; ///< variants: value or tag
};

/// Fields of a struct, union or tuple; variants of an enum or tagged union; the element of a slice, optional, pointer,
/// array or vector as one row. `type` must be complete.
std::vector<MemberRow> type_members(const TypeTable& types, TypeId type);

/// Members as a count leaf sees them (R7.107): arrays and vectors answer their length, kinds without members 0.
std::uint64_t member_count(const TypeTable& types, TypeId type);

bool has_fields(const TypeTable& types, TypeId type);   ///< struct, tuple, untagged union
bool has_variants(const TypeTable& types, TypeId type); ///< enum, tagged union

/// Bytes of the tag word, negative if signed, 0 for other kinds (R8.307).
std::int64_t variant_tag_width(const TypeTable& types, TypeId type);

/// The integer or bool that the one-type query `name` (size_of, is_flags, ...) answers for a complete type; nothing if
/// it is no such query. Kinds are not gated here.
std::optional<std::int64_t> static_type_query(const TypeTable& types, std::string_view name, TypeId type);

} // namespace sx::sema
