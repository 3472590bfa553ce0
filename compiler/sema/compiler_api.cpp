#include "sema/compiler_api.h"

#include "sema/reflection.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

namespace sx::sema {
namespace {

using Refusal = CompilerApi::Refusal;

std::unexpected<Refusal> refuse(std::string reason) {
  return std::unexpected(Refusal{std::move(reason), false});
}

std::unexpected<Refusal> refuse_type(std::string reason) {
  return std::unexpected(Refusal{std::move(reason), true});
}

std::expected<std::int64_t, Refusal> number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return refuse("'" + std::string(text) + "' is no number");
  return value;
}

/// A string or type id: the interface has no others than of 32 bits (7.15).
std::expected<std::uint32_t, Refusal> id(std::string_view text) {
  const auto value = number(text);
  if (!value)
    return std::unexpected(value.error());
  if (*value < 0 || *value > std::numeric_limits<std::uint32_t>::max())
    return refuse("the id " + std::to_string(*value) + " is above the range of ids");
  return static_cast<std::uint32_t>(*value);
}

/// `<type word> <length> <name>` for each member, without anything in between (comptime/engine.h).
std::expected<std::vector<BuiltMember>, Refusal> members(const TypeTable& types, std::string_view text) {
  std::vector<BuiltMember> out;
  const auto take = [&](char end) {
    const std::size_t length = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, length);
    text.remove_prefix(std::min(text.size(), length + 1));
    return part;
  };
  while (!text.empty()) {
    const auto word = number(take(' '));
    const auto length = number(take(' '));
    if (!word || !length || *length < 0 || static_cast<std::uint64_t>(*length) > text.size())
      return refuse_type("its members are no list of names and types");
    BuiltMember member{std::string(text.substr(0, static_cast<std::size_t>(*length))), types.from_word(*word)};
    text.remove_prefix(static_cast<std::size_t>(*length));
    if (!member.type.valid())
      return refuse_type("the type of member '" + member.name + "' is no type");
    out.push_back(std::move(member));
  }
  return out;
}

bool is_declared_kind(TypeKind kind) {
  return kind == TypeKind::Struct || kind == TypeKind::Enum || kind == TypeKind::Union ||
         kind == TypeKind::TaggedUnion || kind == TypeKind::ErrorSet;
}

} // namespace

struct CompilerApi::Row {
  std::string_view name;
  std::string_view parameters;
  char result;
  Handler handler;
};

// The order is part of the text form of the IR: new rows come last.
const CompilerApi::Row CompilerApi::rows[] = {
    {"raw_intern", "s", 'u', &CompilerApi::intern},
    {"raw_text_of", "u", 's', &CompilerApi::text_of},
    {"raw_find_type", "u", 'u', &CompilerApi::find_type},
    {"raw_type_kind", "u", 'i', &CompilerApi::type_kind},
    {"raw_type_name", "u", 'u', &CompilerApi::type_name},
    {"raw_field_count", "u", 'i', &CompilerApi::field_count},
    {"raw_field_name", "ui", 'u', &CompilerApi::field_name},
    {"raw_field_type", "ui", 'u', &CompilerApi::field_type},
    {"raw_variant_value", "ui", 'i', &CompilerApi::variant_value},
    {"raw_pointer_to", "t", 't', &CompilerApi::pointer_to},
    {"raw_declare_type", "s", 't', &CompilerApi::declare_type},
    {"raw_register_type", "tim", 't', &CompilerApi::register_type},
    {"register_struct", "um", 'u', &CompilerApi::register_struct},
};

namespace {

/// R7.152: what `abi(.zig) extern` can bind, and nothing else.
struct Export {
  std::string_view name;
  std::string_view call;
};
constexpr Export exported[] = {
    {"intern", "raw_intern"},
    {"text_of", "raw_text_of"},
    {"find_type", "raw_find_type"},
    {"type_field_count", "raw_field_count"},
    {"type_name", "raw_type_name"},
    {"type_nominal_name", "raw_type_name"},
    {"field_name", "raw_field_name"},
    {"type_field_name", "raw_field_name"},
    {"field_type", "raw_field_type"},
    {"type_field_type", "raw_field_type"},
    {"type_kind", "raw_type_kind"},
    {"type_field_value", "raw_variant_value"},
    {"declare_type", "raw_declare_type"},
    {"pointer_to", "raw_pointer_to"},
    {"register_type", "raw_register_type"},
    {"register_struct", "register_struct"},
};

} // namespace

std::optional<CompilerCall> CompilerApi::find_intrinsic_call(std::string_view intrinsic) {
  for (const Row& row : rows)
    if (row.name == intrinsic)
      return CompilerCall{static_cast<std::uint32_t>(&row - rows), row.name, row.parameters, row.result};
  return std::nullopt;
}

std::optional<CompilerCall> CompilerApi::find_binding(std::string_view name) {
  const auto found = std::ranges::find(exported, name, &Export::name);
  return found == std::end(exported) ? std::nullopt : find_intrinsic_call(found->call);
}

std::string_view CompilerApi::name_of(std::uint32_t number) {
  return number < std::size(rows) ? rows[number].name : "?";
}

CompilerApi::Answer CompilerApi::call(std::uint32_t number, Arguments arguments) {
  if (number >= std::size(rows))
    return refuse("there is no call " + std::to_string(number));
  const Row& row = rows[number];
  if (arguments.size() != row.parameters.size())
    return refuse("'" + std::string(row.name) + "' has other arguments");
  return (this->*row.handler)(arguments);
}

// ---- strings ----

CompilerApi::Answer CompilerApi::intern(Arguments arguments) {
  return std::to_string(texts_.intern(arguments[0]).value);
}

CompilerApi::Answer CompilerApi::text_of(Arguments arguments) {
  const auto text = id(arguments[0]);
  if (!text)
    return std::unexpected(text.error());
  return *text < texts_.size() ? std::string(texts_.text(StringId{*text})) : std::string();
}

// ---- types ----

/// The type behind an id or a word, with its members known.
std::expected<TypeId, Refusal> CompilerApi::type(const std::string& word) const {
  const auto value = number(word);
  if (!value)
    return std::unexpected(value.error());
  const TypeId found = program_.types.from_word(*value);
  if (!found.valid())
    return refuse(*value == 0 ? "the id 0 stands for no type" : "there is no type with id " + word);
  if (program_.builder)
    program_.builder->complete(found);
  return found;
}

CompilerApi::Answer CompilerApi::find_type(Arguments arguments) {
  const auto name = id(arguments[0]);
  if (!name)
    return std::unexpected(name.error());
  const std::string_view text = *name < texts_.size() ? texts_.text(StringId{*name}) : std::string_view();
  const TypeTable& types = program_.types;
  for (std::size_t i = 0; i < types.size() && !text.empty(); ++i)
    if (const TypeId candidate{i};
        is_declared_kind(types.kind(candidate)) && names_.text(types.nominal(candidate).name) == text)
      return std::to_string(types.word(candidate));
  const TypeId declared = program_.builder && !text.empty() ? program_.builder->find(text) : TypeId();
  return declared.valid() ? std::to_string(types.word(declared)) : "0";
}

std::int64_t CompilerApi::kind_code(TypeId of) const {
  const TypeTable& types = program_.types;
  const Type& row = types[of];
  if (row.nominal != 0xffff'ffff && types.nominal(of).built && !types.nominal(of).complete)
    return 0;
  switch (row.kind) {
  case TypeKind::Struct: return 1;
  case TypeKind::Enum: return 2;
  case TypeKind::TaggedUnion: return 3;
  case TypeKind::Tuple: return 4;
  case TypeKind::Union: return 5;
  case TypeKind::Array: return 6;
  case TypeKind::Vector: return 7;
  case TypeKind::ErrorSet: return 8;
  default: return 0;
  }
}

CompilerApi::Answer CompilerApi::type_kind(Arguments arguments) {
  const auto of = type(arguments[0]);
  return std::to_string(of ? kind_code(*of) : 0);
}

CompilerApi::Answer CompilerApi::type_name(Arguments arguments) {
  const auto of = type(arguments[0]);
  if (!of)
    return std::unexpected(of.error());
  const TypeTable& types = program_.types;
  const bool nominal = types[*of].nominal != 0xffff'ffff;
  const std::string_view name = nominal ? names_.text(types.nominal(*of).name) : std::string_view();
  if (!nominal || name == "__anon")
    return refuse("type '" + types.name(*of) + "' is not declared by a name");
  return std::to_string(texts_.intern(name).value);
}

CompilerApi::Answer CompilerApi::field_count(Arguments arguments) {
  const auto of = type(arguments[0]);
  if (!of)
    return std::unexpected(of.error());
  const std::int64_t code = kind_code(*of);
  if (code == 0 || code == 8)
    return refuse("type '" + program_.types.name(*of) + "' has no members");
  return std::to_string(member_count(program_.types, *of));
}

/// The member that (type, index) arguments name. Arrays and vectors have as many as their length.
std::expected<CompilerApi::Member, Refusal> CompilerApi::member(Arguments arguments) const {
  const auto owner = type(arguments[0]);
  if (!owner)
    return std::unexpected(owner.error());
  const auto index = number(arguments[1]);
  if (!index)
    return std::unexpected(index.error());
  const TypeTable& types = program_.types;
  const bool wraps = types.is(*owner, TypeKind::Slice) || types.is(*owner, TypeKind::Optional);
  const std::uint64_t count = wraps ? 1 : kind_code(*owner) == 0 ? 0 : member_count(types, *owner);
  if (*index < 0 || static_cast<std::uint64_t>(*index) >= count)
    return refuse("type '" + types.name(*owner) + "' has no member " + std::to_string(*index));
  const bool one_row = wraps || types.is(*owner, TypeKind::Array) || types.is(*owner, TypeKind::Vector);
  return Member{*owner, one_row ? 0 : static_cast<std::size_t>(*index)};
}

CompilerApi::Answer CompilerApi::field_name(Arguments arguments) {
  const auto found = member(arguments);
  if (!found)
    return std::unexpected(found.error());
  const MemberRow row = type_members(program_.types, found->owner)[found->index];
  const std::string_view name = names_.text(row.name);
  if (name.empty())
    return refuse("member " + arguments[1] + " of type '" + program_.types.name(found->owner) + "' has no name");
  return std::to_string(texts_.intern(name).value);
}

CompilerApi::Answer CompilerApi::field_type(Arguments arguments) {
  const auto found = member(arguments);
  if (!found)
    return std::unexpected(found.error());
  if (program_.types.is(found->owner, TypeKind::Enum))
    return refuse("the members of type '" + program_.types.name(found->owner) + "' have no types");
  return std::to_string(program_.types.word(type_members(program_.types, found->owner)[found->index].type));
}

CompilerApi::Answer CompilerApi::variant_value(Arguments arguments) {
  const auto found = member(arguments);
  if (!found)
    return std::unexpected(found.error());
  if (!has_variants(program_.types, found->owner))
    return refuse("type '" + program_.types.name(found->owner) + "' has no variants");
  return std::to_string(type_members(program_.types, found->owner)[found->index].value);
}

CompilerApi::Answer CompilerApi::pointer_to(Arguments arguments) {
  const auto of = number(arguments[0]);
  const TypeId found = of ? program_.types.from_word(*of) : TypeId();
  if (!found.valid())
    return refuse("there is no type with id " + arguments[0]);
  if (program_.types[found].depth >= TypeTable::max_depth)
    return refuse("types are nested too deeply");
  return std::to_string(program_.types.word(program_.types.pointer(found)));
}

// ---- making types ----

namespace {

constexpr std::string_view layouts_are_fixed = "types are made while the program is checked; by now layouts are fixed";

} // namespace

CompilerApi::Answer CompilerApi::declare_type(Arguments arguments) {
  if (!program_.builder)
    return refuse_type(std::string(layouts_are_fixed));
  const auto made = program_.builder->declare(arguments[0]);
  if (!made)
    return refuse_type(made.error());
  return std::to_string(program_.types.word(*made));
}

CompilerApi::Answer CompilerApi::register_type(Arguments arguments) {
  if (!program_.builder)
    return refuse_type(std::string(layouts_are_fixed));
  const auto list = members(program_.types, arguments[2]);
  if (!list)
    return std::unexpected(list.error());
  const auto word = number(arguments[0]);
  const auto kind = number(arguments[1]);
  if (!word || !kind)
    return refuse_type("its kind is no number");
  const TypeId handle = program_.types.from_word(*word);
  if (!handle.valid())
    return refuse_type("the handle is no type");
  if (const auto filled = program_.builder->fill(handle, *kind, *list); !filled)
    return refuse_type(filled.error());
  return arguments[0];
}

/// Declares and fills in a struct (R7.152).
CompilerApi::Answer CompilerApi::register_struct(Arguments arguments) {
  const auto name = id(arguments[0]);
  if (!name)
    return std::unexpected(name.error());
  const std::string text(*name < texts_.size() ? texts_.text(StringId{*name}) : std::string_view());
  const std::string declare[] = {text};
  const Answer handle = declare_type(declare);
  if (!handle)
    return handle;
  const std::string fill[] = {*handle, "1", arguments[1]};
  return register_type(fill);
}

} // namespace sx::sema
