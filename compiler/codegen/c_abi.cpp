#include "codegen/c_abi.h"

#include <algorithm>
#include <set>

namespace sx::codegen {

using ir::TypeKind;

std::size_t Passing::integer_registers() const {
  return static_cast<std::size_t>(std::ranges::count(parts, PartClass::Integer));
}
std::size_t Passing::sse_registers() const {
  return parts.size() - integer_registers();
}

namespace {

constexpr std::uint64_t eightbyte = 8;

bool is_scalar(TypeKind kind) {
  return kind >= TypeKind::Bool && kind <= TypeKind::Code;
}

/// The two eightbytes of a value of at most 16 bytes.
class Eightbytes {
public:
  explicit Eightbytes(const ir::Module& module) : module_(module) {}

  std::vector<PartClass> classify(ir::TypeId type) {
    add(type, 0);
    while (!pending_.empty()) {
      const auto [part, offset] = pending_.back();
      pending_.pop_back();
      visit(part, offset);
    }
    const std::uint64_t size = module_.layout(type).size;
    if (whole_vector_ && classes_[0] != Class::Integer && classes_[1] != Class::Integer)
      return {PartClass::Sse16};
    std::vector<PartClass> parts;
    for (std::uint64_t i = 0; i * eightbyte < size && (i == 0 || classes_[i] != Class::None); ++i)
      parts.push_back(classes_[i] == Class::Integer ? PartClass::Integer : PartClass::Sse);
    return parts;
  }

private:
  enum class Class : std::uint8_t { None, Sse, Integer };

  // A part at one offset has one class, so each is looked at once however often unions repeat it.
  void add(ir::TypeId type, std::uint64_t offset) {
    if (module_.layout(type).size != 0 && seen_.emplace(type, offset).second)
      pending_.emplace_back(type, offset);
  }

  void mark(std::uint64_t offset, Class part) { classes_[offset / 8] = std::max(classes_[offset / 8], part); }

  void visit(ir::TypeId id, std::uint64_t offset) {
    const ir::Type& type = module_.type(id);
    switch (type.kind) {
    case TypeKind::Float: return mark(offset, Class::Sse);
    case TypeKind::Vector: return vector(module_.layout(id).size, offset);
    case TypeKind::Array:
      for (std::uint64_t i = 0; i < type.count; ++i)
        add(type.element, offset + i * module_.layout(type.element).size);
      return;
    case TypeKind::Aggregate:
      for (const ir::Field& field : type.fields)
        add(field.type, offset + field.offset);
      return;
    default: return mark(offset, Class::Integer);
    }
  }

  void vector(std::uint64_t size, std::uint64_t offset) {
    if (size < eightbyte)
      return mark(offset, Class::Integer);
    mark(offset, Class::Sse);
    if (size > eightbyte) {
      mark(offset + eightbyte, Class::Sse);
      whole_vector_ = true;
    }
  }

  const ir::Module& module_;
  Class classes_[2] = {Class::None, Class::None};
  bool whole_vector_ = false;
  std::set<std::pair<ir::TypeId, std::uint64_t>> seen_;
  std::vector<std::pair<ir::TypeId, std::uint64_t>> pending_;
};

Passing system_v(const ir::Module& module, ir::TypeId type) {
  if (module.layout(type).size > 2 * eightbyte)
    return {PassKind::Stack, type, {}};
  return {PassKind::Registers, type, Eightbytes(module).classify(type)};
}

/// The only scalar in a value, at any depth, if it fills the value.
std::optional<ir::TypeId> single_scalar(const ir::Module& module, ir::TypeId id) {
  const std::uint64_t size = module.layout(id).size;
  for (;;) {
    const ir::Type& type = module.type(id);
    if (module.layout(id).size != size)
      return std::nullopt;
    if (is_scalar(type.kind) || type.kind == TypeKind::Vector)
      return id;
    if (type.kind == TypeKind::Array) {
      if (type.count != 1)
        return std::nullopt;
      id = type.element;
      continue;
    }
    std::optional<ir::TypeId> only;
    for (const ir::Field& field : type.fields) {
      if (module.layout(field.type).size == 0)
        continue;
      if (only)
        return std::nullopt;
      only = field.type;
    }
    if (!only)
      return std::nullopt;
    id = *only;
  }
}

} // namespace

Passing classify(const ir::Module& module, Platform platform, ir::TypeId type) {
  const TypeKind kind = module.type(type).kind;
  if (kind == TypeKind::Void || kind == TypeKind::Never || module.layout(type).size == 0)
    return {};
  if (is_scalar(kind))
    return {PassKind::Scalar, type, {}};
  if (platform == Platform::SystemV64)
    return system_v(module, type);
  if (const auto scalar = single_scalar(module, type))
    return {PassKind::Scalar, *scalar, {}};
  return {PassKind::Pointer, type, {}};
}

} // namespace sx::codegen
