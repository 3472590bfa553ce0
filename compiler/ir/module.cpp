#include "ir/module.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sx::ir {

namespace {

constexpr OpInfo op_table[] = {
#define SX_IR(op, text, category, a, b, c) {text, Category::category, Shape::a, Shape::b, Shape::c},
#include "ir/nodes.def"
};
constexpr std::string_view binary_table[] = {
#define SX_IR_BINARY(op, text) text,
#include "ir/ops.def"
};
constexpr std::string_view compare_table[] = {
#define SX_IR_COMPARE(op, text) text,
#include "ir/ops.def"
};
constexpr std::string_view unary_table[] = {
#define SX_IR_UNARY(op, text) text,
#include "ir/ops.def"
};
constexpr std::string_view convert_table[] = {
#define SX_IR_CONVERT(op, text) text,
#include "ir/ops.def"
};
constexpr std::string_view trap_table[] = {
#define SX_IR_TRAP(op, text) text,
#include "ir/ops.def"
};
constexpr std::string_view intrinsic_table[] = {
#define SX_IR_INTRINSIC(op, text, arity) text,
#include "ir/intrinsics.def"
};
constexpr int arity_table[] = {
#define SX_IR_INTRINSIC(op, text, arity) arity,
#include "ir/intrinsics.def"
};

std::span<const std::string_view> sub_table(Op op) {
  switch (op) {
  case Op::Binary: return binary_table;
  case Op::Compare: return compare_table;
  case Op::Unary: return unary_table;
  case Op::Convert: return convert_table;
  case Op::Trap: return trap_table;
  case Op::Intrinsic: return intrinsic_table;
  default: return {};
  }
}

// Ids and enumerators may come from malformed IR, so a wrong one has a text as well.
template <class Enum, std::size_t N> std::string_view lookup(const std::string_view (&table)[N], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? table[index] : std::string_view("?");
}

std::size_t hash_type(const Type& type) {
  std::size_t hash = static_cast<std::size_t>(type.kind);
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15u + (hash >> 29); };
  mix(type.bits);
  mix(type.is_signed ? 1 : 0);
  mix(type.element.value);
  mix(type.count);
  mix(type.size);
  mix(type.name.value);
  for (const Field& field : type.fields) {
    mix(field.type.value);
    mix(field.offset);
  }
  for (TypeId param : type.params)
    mix(param.value);
  return hash;
}

std::optional<Layout> bounded(std::uint64_t size, std::uint64_t align) {
  if (size > max_type_bytes || align == 0 || align > max_alignment || !std::has_single_bit(align))
    return std::nullopt;
  return Layout{size, static_cast<std::uint32_t>(align)};
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > ~std::uint64_t{0} / b ? ~std::uint64_t{0} : a * b;
}

} // namespace

const OpInfo& info(Op op) {
  const auto index = static_cast<std::size_t>(op);
  return op_table[index < op_count ? index : static_cast<std::size_t>(Op::Poison)];
}

std::string_view text(BinaryOp op) {
  return lookup(binary_table, op);
}
std::string_view text(CompareOp op) {
  return lookup(compare_table, op);
}
std::string_view text(UnaryOp op) {
  return lookup(unary_table, op);
}
std::string_view text(ConvertOp op) {
  return lookup(convert_table, op);
}
std::string_view text(TrapKind kind) {
  return lookup(trap_table, kind);
}
std::string_view text(Intrinsic intrinsic) {
  return lookup(intrinsic_table, intrinsic);
}

int arity(Intrinsic intrinsic) {
  const auto index = static_cast<std::size_t>(intrinsic);
  return index < std::size(arity_table) ? arity_table[index] : -1;
}

std::string_view sub_text(Op op, std::uint8_t sub) {
  const auto table = sub_table(op);
  return sub < table.size() ? table[sub] : std::string_view();
}

unsigned sub_count(Op op) {
  return std::max(1u, static_cast<unsigned>(sub_table(op).size()));
}

std::uint64_t canonical_pattern(const Type& type, std::uint64_t pattern) {
  if (type.kind == TypeKind::Bool)
    return pattern & 1;
  if (type.kind != TypeKind::Int || type.bits == 0 || type.bits >= 64)
    return pattern;
  const unsigned shift = 64u - type.bits;
  if (type.is_signed)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(pattern << shift) >> shift);
  return pattern << shift >> shift;
}

void Module::index_types() const {
  for (; indexed_types_ < types.size(); ++indexed_types_) {
    const Type& type = types[indexed_types_];
    const std::size_t hash = hash_type(type);
    const auto [first, last] = type_index_.equal_range(hash);
    const bool known = std::any_of(first, last, [&](const auto& entry) { return types[entry.second.index()] == type; });
    if (!known)
      type_index_.emplace(hash, TypeId(indexed_types_));
  }
}

TypeId Module::find_type(const Type& type) const {
  index_types();
  const auto [first, last] = type_index_.equal_range(hash_type(type));
  const auto found = std::find_if(first, last, [&](const auto& entry) { return types[entry.second.index()] == type; });
  return found == last ? TypeId() : found->second;
}

TypeId Module::intern_type(const Type& type) {
  if (const TypeId known = find_type(type))
    return known;
  types.push_back(type);
  return TypeId(types.size() - 1);
}

void Module::index_data() const {
  for (; indexed_data_ < data.size(); ++indexed_data_)
    data_index_.try_emplace(data[indexed_data_], DataId(indexed_data_));
}

DataId Module::find_data(std::string_view bytes) const {
  index_data();
  const auto found = data_index_.find(bytes);
  return found == data_index_.end() ? DataId() : found->second;
}

DataId Module::intern_data(std::string_view bytes) {
  if (const DataId known = find_data(bytes))
    return known;
  data.emplace_back(bytes);
  return DataId(data.size() - 1);
}

std::optional<Layout> Module::compute_layout(std::size_t row) const {
  const Type& type = types[row];
  switch (type.kind) {
  case TypeKind::Void:
  case TypeKind::Never: return Layout{0, 1};
  case TypeKind::Bool: return Layout{1, 1};
  case TypeKind::Int:
    if (type.bits == 0 || type.bits > 64)
      return std::nullopt;
    return bounded(std::bit_ceil((type.bits + 7u) / 8u), std::bit_ceil((type.bits + 7u) / 8u));
  case TypeKind::Float:
    if (type.bits != 32 && type.bits != 64)
      return std::nullopt;
    return Layout{type.bits / 8u, type.bits / 8u};
  case TypeKind::Pointer:
  case TypeKind::Code: return bounded(target.pointer_bytes, target.pointer_bytes);
  case TypeKind::Array:
  case TypeKind::Vector: {
    if (type.element.index() >= row || !layouts_[type.element.index()].valid || type.count > max_type_bytes)
      return std::nullopt;
    const Layout element = layouts_[type.element.index()].layout;
    const std::uint64_t size = saturating_product(element.size, type.count);
    if (size > max_type_bytes || type.kind == TypeKind::Array)
      return bounded(size, element.align);
    const std::uint64_t padded = std::bit_ceil(size);
    return bounded(padded, padded);
  }
  case TypeKind::Aggregate: return bounded(type.size, type.align);
  case TypeKind::Signature: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Layout> Module::try_layout(TypeId id) const {
  if (id.index() >= types.size())
    return std::nullopt;
  if (layout_pointer_bytes_ != target.pointer_bytes) {
    layouts_.clear();
    layout_pointer_bytes_ = target.pointer_bytes;
  }
  // Components have smaller ids, so going up the table needs no recursion.
  while (layouts_.size() <= id.index()) {
    const auto layout = compute_layout(layouts_.size());
    layouts_.push_back({layout.value_or(Layout{}), layout.has_value()});
  }
  const KnownLayout& known = layouts_[id.index()];
  return known.valid ? std::optional(known.layout) : std::nullopt;
}

const ReflectRow* Module::find_reflection(std::int64_t word) const {
  const auto found = std::ranges::lower_bound(reflection, word, {}, &ReflectRow::word);
  return found != reflection.end() && found->word == word ? &*found : nullptr;
}

} // namespace sx::ir
