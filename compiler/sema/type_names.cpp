// Names of types as programs and diagnostics see them (R2.118, R2.119), and their run-time words (R2.4).

#include "sema/types.h"

namespace sx::sema {

namespace {

/// Instances of instances can double their names at every step; what is shown stays bounded.
constexpr std::size_t max_name_bytes = 16u << 10;

struct ReservedWord {
  std::int64_t word;
  TypeId TypeTable::* type;
};

constexpr std::int64_t first_free_word = 100;

const ReservedWord reserved_words[] = {
    {1, &TypeTable::bool_},  {2, &TypeTable::i8},        {3, &TypeTable::i16},    {4, &TypeTable::i32},
    {5, &TypeTable::i64},    {6, &TypeTable::u8},        {7, &TypeTable::u16},    {8, &TypeTable::u32},
    {9, &TypeTable::u64},    {10, &TypeTable::f32},      {11, &TypeTable::f64},   {12, &TypeTable::string},
    {13, &TypeTable::any},   {14, &TypeTable::noreturn}, {15, &TypeTable::isize}, {16, &TypeTable::usize},
    {17, &TypeTable::void_}, {18, &TypeTable::cstring},  {19, &TypeTable::type},
};

} // namespace

std::string TypeTable::name(TypeId id) const {
  std::string out;
  write_name(id, out);
  return out;
}

void TypeTable::write_names(const Type& row, std::string& out) const {
  for (std::size_t i = 0; i < row.elements.size(); ++i) {
    if (i != 0)
      out += ", ";
    if (i < row.names.size() && row.names[i].value != 0) {
      out += strings_.text(row.names[i]);
      out += ": ";
    }
    write_name(row.elements[i], out);
  }
}

void TypeTable::write_name(TypeId id, std::string& out) const {
  if (out.size() > max_name_bytes) {
    if (!out.ends_with("..."))
      out += "...";
    return;
  }
  const Type& row = types_[id.index()];
  const auto prefixed = [&](std::string_view prefix) {
    out += prefix;
    write_name(row.element, out);
  };
  switch (row.kind) {
  case TypeKind::Poison: out += "<error>"; return;
  case TypeKind::Void: out += "void"; return;
  case TypeKind::NoReturn: out += "noreturn"; return;
  case TypeKind::Bool: out += "bool"; return;
  case TypeKind::Int: out += (row.is_signed ? "i" : "u") + std::to_string(row.bits); return;
  case TypeKind::USize: out += "usize"; return;
  case TypeKind::ISize: out += "isize"; return;
  case TypeKind::Float: out += row.bits == 32 ? "f32" : "f64"; return;
  case TypeKind::String: out += "string"; return;
  case TypeKind::CString: out += "cstring"; return;
  case TypeKind::Any: out += "any"; return;
  case TypeKind::Type: out += "Type"; return;
  case TypeKind::Null: out += "null"; return;
  case TypeKind::Pointer: return prefixed("*");
  case TypeKind::ManyPointer: return prefixed("[*]");
  case TypeKind::Slice: return prefixed("[]");
  case TypeKind::Optional: return prefixed("?");
  case TypeKind::Array: return prefixed("[" + std::to_string(row.count) + "]");
  case TypeKind::Vector:
    out += "Vector(" + std::to_string(row.count) + ",";
    write_name(row.element, out);
    out += ")";
    return;
  case TypeKind::Function:
  case TypeKind::Closure:
    out += row.kind == TypeKind::Closure ? "Closure(" : "(";
    write_names(row, out);
    out += ")";
    if (kind(row.element) != TypeKind::Void) {
      out += " -> ";
      write_name(row.element, out);
    }
    return;
  case TypeKind::Tuple:
    if (row.nominal != 0xffff'ffff) {
      out += strings_.text(nominals_[row.nominal].name);
      return;
    }
    out += "(";
    write_names(row, out);
    out += row.elements.size() == 1 ? ",)" : ")";
    return;
  case TypeKind::Failable: {
    const Nominal& set = nominal(row.error_set);
    const std::string channel = set.inferred_set ? "!" : "!" + std::string(strings_.text(set.name));
    if (kind(row.element) == TypeKind::Void) {
      out += channel;
      return;
    }
    out += "(";
    if (kind(row.element) == TypeKind::Tuple)
      write_names(types_[row.element.index()], out);
    else
      write_name(row.element, out);
    out += ", " + channel + ")";
    return;
  }
  case TypeKind::Struct:
  case TypeKind::Enum:
  case TypeKind::TaggedUnion:
  case TypeKind::Union:
  case TypeKind::ErrorSet:
  case TypeKind::Protocol: out += strings_.text(nominals_[row.nominal].name); return;
  }
}

std::string TypeTable::argument_name(TypeId id) const {
  std::string out;
  for (;;) {
    const Type& row = types_[id.index()];
    switch (row.kind) {
    case TypeKind::Pointer: out += "ptr_"; break;
    case TypeKind::ManyPointer: out += "mptr_"; break;
    case TypeKind::Slice: out += "SL_"; break;
    case TypeKind::Array: out += "AR_" + std::to_string(row.count) + "_"; break;
    case TypeKind::Optional: out += "opt_"; break;
    case TypeKind::Vector: out += "vec_" + std::to_string(row.count) + "_"; break;
    default: return out + name(id);
    }
    id = row.element;
  }
}

std::int64_t TypeTable::word(TypeId id) const {
  for (const ReservedWord& reserved : reserved_words)
    if (this->*reserved.type == id)
      return reserved.word;
  return first_free_word + static_cast<std::int64_t>(id.value);
}

TypeId TypeTable::from_word(std::int64_t word) const {
  for (const ReservedWord& reserved : reserved_words)
    if (reserved.word == word)
      return this->*reserved.type;
  const std::int64_t index = word - first_free_word;
  if (index < 0 || static_cast<std::uint64_t>(index) >= types_.size())
    return {};
  const TypeId id{static_cast<std::uint32_t>(index)};
  return id == poison || id == null || this->word(id) != word ? TypeId() : id;
}

} // namespace sx::sema
