#include "ir/names.h"

#include "ir/typing.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sx::ir {

namespace {

struct ScalarName {
  std::string_view name;
  TypeKind kind;
};
constexpr ScalarName scalar_names[] = {
    {"void", TypeKind::Void},   {"never", TypeKind::Never}, {"bool", TypeKind::Bool},
    {"ptr", TypeKind::Pointer}, {"code", TypeKind::Code},
};

constexpr std::array<std::string_view, 6> relocation_names = {"object", "global", "function",
                                                              "data",   "extern", "frame"};

constexpr std::string_view reserved[] = {"none", "true", "false", "_"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_rest(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '$' || c == '-';
}

} // namespace

bool is_bare_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, is_name_rest) &&
         std::ranges::find(reserved, name) == std::end(reserved);
}

std::string scalar_name(const Type& type) {
  if (type.kind == TypeKind::Int)
    return (type.is_signed ? "i" : "u") + std::to_string(type.bits);
  if (type.kind == TypeKind::Float)
    return "f" + std::to_string(type.bits);
  const auto* found = std::ranges::find(scalar_names, type.kind, &ScalarName::kind);
  return found == std::end(scalar_names) ? std::string() : std::string(found->name);
}

std::optional<Type> scalar_from_name(std::string_view name) {
  if (const auto* found = std::ranges::find(scalar_names, name, &ScalarName::name); found != std::end(scalar_names))
    return plain_type(found->kind);
  if (name.size() < 2 || (name[0] != 'i' && name[0] != 'u' && name[0] != 'f') || (name[1] == '0' && name.size() > 2))
    return std::nullopt;
  Type type = plain_type(name[0] == 'f' ? TypeKind::Float : TypeKind::Int);
  type.is_signed = name[0] == 'i';
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + 1, end, type.bits);
  return error == std::errc() && rest == end ? std::optional(type) : std::nullopt;
}

std::string_view relocation_name(Relocation::Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < relocation_names.size() ? relocation_names[index] : "?";
}

std::optional<Relocation::Kind> relocation_from_name(std::string_view name) {
  const auto found = std::ranges::find(relocation_names, name);
  if (found == relocation_names.end())
    return std::nullopt;
  return static_cast<Relocation::Kind>(found - relocation_names.begin());
}

} // namespace sx::ir
