#pragma once
// Spelling rules that the printer and the reader share.

#include "ir/module.h"

#include <optional>
#include <string>
#include <string_view>

namespace sx::ir {

/// Whether `name` may stand without quotes, and as a reference where one is looked up by name.
bool is_bare_name(std::string_view name);

/// `void`, `bool`, `i32`, `f64`, ... for a type without components; empty for others.
std::string scalar_name(const Type& type);
std::optional<Type> scalar_from_name(std::string_view name);

std::string_view relocation_name(Relocation::Kind kind);
std::optional<Relocation::Kind> relocation_from_name(std::string_view name);

/// Version of the text form: `(sxir 1)`.
inline constexpr std::string_view text_version = "1";

} // namespace sx::ir
