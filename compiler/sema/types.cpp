// Interning and classification of types. Layouts are in layout.cpp, names in type_names.cpp.

#include "sema/types.h"

#include "sema/program.h"

#include <algorithm>

namespace sx::sema {

namespace {

void mix(std::size_t& seed, std::uint64_t value) {
  seed ^= value + 0x9e3779b97f4a7c15u + (seed << 6) + (seed >> 2);
}

std::size_t hash_of(const Type& type) {
  std::size_t seed = static_cast<std::size_t>(type.kind);
  mix(seed, type.bits);
  mix(seed, type.is_signed);
  mix(seed, static_cast<std::uint64_t>(type.convention));
  mix(seed, type.is_variadic);
  mix(seed, type.element.value);
  mix(seed, type.error_set.value);
  mix(seed, type.count);
  for (TypeId element : type.elements)
    mix(seed, element.value);
  for (StringId name : type.names)
    mix(seed, name.value);
  mix(seed, type.nominal);
  return seed;
}

} // namespace

TypeTable::TypeTable(Interner& strings, std::uint32_t pointer_bytes)
    : strings_(strings), pointer_bytes_(pointer_bytes) {
  poison = builtin(TypeKind::Poison);
  void_ = builtin(TypeKind::Void);
  noreturn = builtin(TypeKind::NoReturn);
  bool_ = builtin(TypeKind::Bool, 1);
  i8 = integer(8, true);
  i16 = integer(16, true);
  i32 = integer(32, true);
  i64 = integer(64, true);
  u8 = integer(8, false);
  u16 = integer(16, false);
  u32 = integer(32, false);
  u64 = integer(64, false);
  usize = builtin(TypeKind::USize);
  isize = builtin(TypeKind::ISize, 0, true);
  f32 = builtin(TypeKind::Float, 32);
  f64 = builtin(TypeKind::Float, 64);
  string = builtin(TypeKind::String);
  cstring = builtin(TypeKind::CString);
  any = builtin(TypeKind::Any);
  type = builtin(TypeKind::Type);
  null = builtin(TypeKind::Null);
  void_pointer = pointer(void_);
}

TypeId TypeTable::intern(Type row) {
  row.depth = 0;
  const auto deepen = [&](TypeId part) {
    if (part.valid())
      row.depth = std::max(row.depth, types_[part.index()].depth + 1);
  };
  if (row.nominal == 0xffff'ffff) {
    deepen(row.element);
    std::ranges::for_each(row.elements, deepen);
  }
  const std::size_t hash = hash_of(row);
  for (auto [it, last] = index_.equal_range(hash); it != last; ++it)
    if (types_[it->second.index()] == row)
      return it->second;
  const TypeId id{types_.size()};
  types_.push_back(std::move(row));
  index_.emplace(hash, id);
  return id;
}

TypeId TypeTable::builtin(TypeKind kind, unsigned bits, bool is_signed) {
  Type row;
  row.kind = kind;
  row.bits = static_cast<std::uint8_t>(bits);
  row.is_signed = is_signed;
  return intern(std::move(row));
}

TypeId TypeTable::wrap(TypeKind kind, TypeId element, std::uint64_t count) {
  if (element == poison)
    return poison;
  Type row;
  row.kind = kind;
  row.element = element;
  row.count = count;
  return intern(std::move(row));
}

TypeId TypeTable::integer(unsigned bits, bool is_signed) {
  return builtin(TypeKind::Int, std::clamp(bits, 1u, 64u), is_signed);
}

TypeId TypeTable::pointer(TypeId element) {
  return wrap(TypeKind::Pointer, element);
}
TypeId TypeTable::many_pointer(TypeId element) {
  return wrap(TypeKind::ManyPointer, element);
}
TypeId TypeTable::slice(TypeId element) {
  return wrap(TypeKind::Slice, element);
}
TypeId TypeTable::optional(TypeId element) {
  return wrap(TypeKind::Optional, element);
}
TypeId TypeTable::array(TypeId element, std::uint64_t count) {
  return wrap(TypeKind::Array, element, count);
}
TypeId TypeTable::vector(TypeId element, std::uint64_t lanes) {
  return wrap(TypeKind::Vector, element, lanes);
}

TypeId TypeTable::function(std::vector<TypeId> params, TypeId result, Convention convention, bool variadic) {
  Type row;
  row.kind = TypeKind::Function;
  row.elements = std::move(params);
  row.element = result;
  row.convention = convention;
  row.is_variadic = variadic;
  return intern(std::move(row));
}

TypeId TypeTable::closure(std::vector<TypeId> params, TypeId result) {
  Type row;
  row.kind = TypeKind::Closure;
  row.elements = std::move(params);
  row.element = result;
  return intern(std::move(row));
}

TypeId TypeTable::tuple(std::vector<TypeId> elements, std::vector<StringId> names) {
  // Without a single name the list is left out: one type has one row.
  const bool named = std::ranges::any_of(names, [](StringId name) { return name.valid() && name.value != 0; });
  Type row;
  row.kind = TypeKind::Tuple;
  row.elements = std::move(elements);
  if (named) {
    row.names = std::move(names);
    row.names.resize(row.elements.size(), StringId(0));
  }
  return intern(std::move(row));
}

TypeId TypeTable::failable(TypeId value, TypeId error_set) {
  if (value == poison)
    return poison;
  Type row;
  row.kind = TypeKind::Failable;
  row.element = value;
  row.error_set = error_set;
  return intern(std::move(row));
}

TypeId TypeTable::add_nominal(TypeKind kind, Nominal nominal) {
  Type row;
  row.kind = kind;
  row.nominal = static_cast<std::uint32_t>(nominals_.size());
  nominals_.push_back(std::move(nominal));
  const TypeId id{types_.size()};
  types_.push_back(std::move(row));
  return id;
}

TypeId TypeTable::anonymous(TypeKind kind, Nominal shape) {
  std::string key;
  const auto add = [&key](std::uint64_t word) {
    key += std::to_string(word);
    key += ',';
  };
  add(static_cast<std::uint64_t>(kind));
  add(shape.is_flags);
  add(shape.backing.value);
  add(shape.layout_struct.value);
  for (const FieldInfo& field : shape.fields) {
    add(field.name.value);
    add(field.type.value);
    add(field.is_positional);
    add(field.promotes);
  }
  for (const VariantInfo& variant : shape.variants) {
    add(variant.name.value);
    add(variant.payload.value);
    add(static_cast<std::uint64_t>(variant.value));
  }
  const StringId unnamed = strings_.intern("__anon");
  if (!shape.name.valid() || shape.name.value == 0)
    shape.name = unnamed;
  const auto known = shapes_.find(key);
  if (known != shapes_.end()) {
    // The first declaring struct names the shape, also if a literal met it earlier (R3.2.10).
    Nominal& first = this->nominal(known->second);
    if (first.name == unnamed)
      first.name = shape.name;
    return known->second;
  }
  shape.anonymous = true;
  shape.complete = true;
  const TypeId id = add_nominal(kind, std::move(shape));
  shapes_.emplace(std::move(key), id);
  return id;
}

bool TypeTable::is_integer(TypeId id) const {
  const TypeKind k = kind(id);
  return k == TypeKind::Int || k == TypeKind::USize || k == TypeKind::ISize;
}

bool TypeTable::is_numeric(TypeId id) const {
  return is_integer(id) || kind(id) == TypeKind::Float;
}

bool TypeTable::is_signed(TypeId id) const {
  const Type& row = types_[id.index()];
  return (row.kind == TypeKind::Int || row.kind == TypeKind::ISize) && row.is_signed;
}

unsigned TypeTable::bit_width(TypeId id) const {
  const Type& row = types_[id.index()];
  switch (row.kind) {
  case TypeKind::Int:
  case TypeKind::Float:
  case TypeKind::Bool: return row.bits;
  case TypeKind::USize:
  case TypeKind::ISize: return pointer_bytes_ * 8;
  default: return 0;
  }
}

bool TypeTable::is_pointer_like(TypeId id) const {
  switch (kind(id)) {
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString:
  case TypeKind::Function: return true;
  default: return false;
  }
}

bool TypeTable::is_aggregate(TypeId id) const {
  switch (kind(id)) {
  case TypeKind::String:
  case TypeKind::Slice:
  case TypeKind::Any:
  case TypeKind::Struct:
  case TypeKind::Union:
  case TypeKind::TaggedUnion:
  case TypeKind::Array:
  case TypeKind::Tuple:
  case TypeKind::Closure:
  case TypeKind::Protocol: return true;
  default: return false;
  }
}

bool TypeTable::is_sentinel_optional(TypeId id) const {
  const Type& row = types_[id.index()];
  if (row.kind != TypeKind::Optional)
    return false;
  const TypeKind payload = kind(row.element);
  return is_pointer_like(row.element) || payload == TypeKind::Closure || payload == TypeKind::Protocol;
}

Category category(const TypeTable& types, TypeId type) {
  switch (types.kind(type)) {
  case TypeKind::Int:
  case TypeKind::USize:
  case TypeKind::ISize: return Category::Int;
  case TypeKind::Float: return Category::Float;
  case TypeKind::Bool: return Category::Bool;
  case TypeKind::String: return Category::String;
  case TypeKind::Void: return Category::Void;
  case TypeKind::Type: return Category::Type;
  case TypeKind::Struct: return Category::Struct;
  case TypeKind::Enum: return Category::Enum;
  case TypeKind::TaggedUnion: return Category::TaggedUnion;
  case TypeKind::Union: return Category::Union;
  case TypeKind::Slice: return Category::Slice;
  case TypeKind::Array: return Category::Array;
  case TypeKind::Vector: return Category::Vector;
  case TypeKind::Optional: return Category::Optional;
  case TypeKind::Closure: return Category::Closure;
  case TypeKind::ErrorSet: return Category::ErrorSet;
  case TypeKind::Pointer:
  case TypeKind::ManyPointer: return Category::Pointer;
  default: return Category::None;
  }
}

} // namespace sx::sema
