// Rows of types that are made at compile time (7.13): declared without members, filled in once.

#include "sema/types.h"

#include <set>

namespace sx::sema {

TypeId TypeTable::add_built(StringId name, ModuleId module, Span span) {
  Nominal made;
  made.name = name;
  made.module = module;
  made.span = span;
  made.built = true;
  return add_nominal(TypeKind::Struct, std::move(made));
}

void TypeTable::fill(TypeId built, TypeKind kind, std::vector<FieldInfo> members) {
  Type& row = types_[built.index()];
  Nominal& made = nominals_[row.nominal];
  row.kind = kind;
  made.complete = true;
  switch (kind) {
  case TypeKind::Tuple:
    for (const FieldInfo& member : members)
      row.elements.push_back(member.type);
    return;
  case TypeKind::Enum:
  case TypeKind::TaggedUnion:
    made.backing = i64;
    for (const FieldInfo& member : members)
      made.variants.push_back({.name = member.name,
                               .payload = member.type,
                               .value = static_cast<std::int64_t>(made.variants.size()),
                               .span = made.span});
    return;
  default: made.fields = std::move(members);
  }
}

/// What lies inside of a type by value; nothing for types with a size of their own.
std::vector<TypeId> TypeTable::parts(TypeId id) const {
  const Type& row = types_[id.index()];
  std::vector<TypeId> out;
  switch (row.kind) {
  case TypeKind::Array:
  case TypeKind::Vector:
  case TypeKind::Optional:
  case TypeKind::Failable: return {row.element};
  case TypeKind::Tuple: return row.elements;
  case TypeKind::Struct:
  case TypeKind::Union:
  case TypeKind::TaggedUnion: {
    const Nominal& members = nominals_[row.nominal];
    for (const FieldInfo& field : members.fields)
      out.push_back(field.type);
    for (const VariantInfo& variant : members.variants)
      if (variant.payload.valid())
        out.push_back(variant.payload);
    if (members.layout_struct.valid())
      out.push_back(members.layout_struct);
    return out;
  }
  default: return out;
  }
}

/// Walks with a stack of its own: chains of declarations may be long.
bool TypeTable::is_sized(TypeId root) const {
  sized_.resize(types_.size());
  const auto has_members = [&](TypeId id) {
    const Type& row = types_[id.index()];
    return row.nominal == 0xffff'ffff || nominals_[row.nominal].complete;
  };
  struct Step {
    TypeId type;
    std::vector<TypeId> parts;
    std::size_t next = 0;
  };
  if (sized_[root.index()])
    return true;
  if (!has_members(root))
    return false;
  std::vector<Step> path{{root, parts(root), 0}};
  std::set<TypeId> open{root};
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next == step.parts.size()) {
      sized_[step.type.index()] = true;
      open.erase(step.type);
      path.pop_back();
      continue;
    }
    const TypeId part = step.parts[step.next++];
    if (sized_[part.index()])
      continue;
    if (!has_members(part) || !open.insert(part).second)
      return false;
    path.push_back({part, parts(part), 0});
  }
  return true;
}

bool TypeTable::holds(TypeId whole, TypeId part) const {
  std::vector<TypeId> open{whole};
  std::set<TypeId> seen{whole};
  while (!open.empty()) {
    const TypeId at = open.back();
    open.pop_back();
    if (at == part)
      return true;
    for (const TypeId inner : parts(at))
      if (seen.insert(inner).second)
        open.push_back(inner);
  }
  return false;
}

} // namespace sx::sema
