// Small aggregates held in registers, one a leaf: slices, texts, structs of whole words.

#include "comptime/vm/function_compiler.h"

#include <algorithm>

namespace sx::comptime::vm {

namespace {

constexpr std::size_t most_leaves = 8;
constexpr unsigned most_depth = 8;
constexpr unsigned loop_weight = 4; ///< a use in a loop counts as so many

} // namespace

std::optional<std::vector<FunctionCompiler::Leaf>> FunctionCompiler::leaves_of(ir::TypeId id) const {
  std::vector<Leaf> leaves;
  if (!add_leaves(id, 0, 0, leaves) || leaves.empty())
    return std::nullopt;
  // No padding and no overlap: the leaves are all bytes there are.
  std::int64_t end = 0;
  for (const Leaf& leaf : leaves) {
    if (leaf.offset != end)
      return std::nullopt;
    end += static_cast<std::int64_t>(leaf.size);
  }
  return end == static_cast<std::int64_t>(layout(id).size) ? std::optional(std::move(leaves)) : std::nullopt;
}

// Leaves keep every bit that their bytes may hold, so bool and integers of odd widths are none.
bool FunctionCompiler::add_leaves(ir::TypeId id, std::int64_t offset, unsigned depth, std::vector<Leaf>& leaves) const {
  const ir::Type& t = type(id);
  const std::uint64_t size = layout(id).size;
  switch (t.kind) {
  case ir::TypeKind::Int:
    if (t.bits != size * 8)
      return false;
    [[fallthrough]];
  case ir::TypeKind::Float:
  case ir::TypeKind::Pointer:
  case ir::TypeKind::Code: leaves.push_back({offset, size, id}); return leaves.size() <= most_leaves;
  case ir::TypeKind::Aggregate:
    return depth < most_depth && t.fields.size() <= most_leaves &&
           std::ranges::all_of(
               t.fields,
               [&](const ir::Field& f) {
                 return add_leaves(f.type, offset + static_cast<std::int64_t>(f.offset), depth + 1, leaves);
               });
  default: return false;
  }
}

bool FunctionCompiler::wants_split(std::uint32_t local) const {
  if (facts_.escapes[local])
    return false;
  unsigned members = 0, wholes = 0;
  for (const std::uint32_t use : facts_.uses(local)) {
    std::uint32_t place = use, user = facts_.parent[use];
    for (; node(user).op == ir::Op::PlaceField; user = facts_.parent[user])
      place = user;
    const bool is_store = node(user).op == ir::Op::Store && node(user).a == place;
    if (!is_store && node(user).op != ir::Op::Load)
      return false;
    const unsigned weight = facts_.in_loop[use] ? loop_weight : 1;
    if (rep(type_of(place)) == Rep::Word)
      members += weight;
    else if (!is_store)
      wholes += weight;
  }
  // A parameter must be loaded first, and what wants it whole must build it in memory.
  const unsigned least = local < function_->param_count ? 2 : 1;
  return members >= least && members >= wholes;
}

bool FunctionCompiler::split_local(std::uint32_t local, Reg) {
  if (!wants_split(local))
    return false;
  auto leaves = leaves_of(function_->locals[local].type);
  if (!leaves)
    return false;
  LocalHome& home = locals_[local];
  home.leaves = std::move(*leaves);
  home.place.kind = Place::Kind::Split;
  home.place.base = pinned_;
  home.place.leaves = &home.leaves;
  for (std::size_t i = 0; i < home.leaves.size(); ++i)
    pin(local);
  return true;
}

Reg FunctionCompiler::leaf_register(const Place& place, ir::TypeId id) const {
  if (place.kind != Place::Kind::Split)
    return no_reg;
  const auto leaf = std::ranges::find(*place.leaves, place.offset, &Leaf::offset);
  if (leaf == place.leaves->end() || leaf->type != id)
    return no_reg;
  return place.base + static_cast<Reg>(leaf - place.leaves->begin());
}

Reg FunctionCompiler::home_register(std::uint32_t place_id) const {
  std::int64_t offset = 0;
  std::uint32_t at = place_id;
  for (; node(at).op == ir::Op::PlaceField; at = node(at).a)
    offset += static_cast<std::int64_t>(type(type_of(node(at).a)).fields[node(at).b].offset);
  if (node(at).op != ir::Op::PlaceLocal)
    return no_reg;
  Place home = locals_[node(at).a].place;
  if (home.kind == Place::Kind::Register && at == place_id)
    return home.base;
  home.offset += offset;
  return leaf_register(home, type_of(place_id));
}

FunctionCompiler::Place FunctionCompiler::spilled(const Place& place) {
  const Leaf& last = place.leaves->back();
  const std::uint64_t size = static_cast<std::uint64_t>(last.offset) + last.size;
  const Place memory = slot(size, 16);
  copy_split(offset_by(memory, place.offset), place, size - static_cast<std::uint64_t>(place.offset));
  return offset_by(memory, place.offset);
}

void FunctionCompiler::copy_split(const Place& to, Place from, std::uint64_t size) {
  const Reg mark = top_;
  const std::uint32_t reader = reader_of(from);
  const Place& split = from.kind == Place::Kind::Split ? from : to;
  const auto covered = [size](const Place& place, const Leaf& leaf) {
    return leaf.offset >= place.offset && leaf.offset < place.offset + static_cast<std::int64_t>(size);
  };
  const auto part = [&](Place whole, const Leaf& leaf) { return offset_by(whole, leaf.offset - split.offset); };
  if (from.kind == Place::Kind::Split && to.kind == Place::Kind::Split) {
    const bool alike = std::ranges::all_of(*from.leaves, [&](const Leaf& leaf) {
      return !covered(from, leaf) || leaf_register(part(to, leaf), leaf.type) != no_reg;
    });
    if (!alike) {
      copy_split(to, spilled(from), size);
      top_ = mark;
      return;
    }
  }
  if (from.kind == Place::Kind::Memory && (from.base < pinned_ || (from.index != no_reg && from.index < pinned_))) {
    // The registers that name the source may be among those that are written.
    const auto written = [&](Reg reg) { return reg != no_reg && reg - to.base < to.leaves->size(); };
    if (written(from.base) || written(from.index)) {
      Place kept;
      kept.kind = Place::Kind::Memory;
      kept.base = address(from, temp());
      from = kept;
    }
  }
  for (std::size_t i = 0; i < split.leaves->size(); ++i) {
    const Leaf& leaf = (*split.leaves)[i];
    const Reg reg = split.base + static_cast<Reg>(i);
    if (!covered(split, leaf))
      continue;
    if (from.kind == Place::Kind::Split) {
      store_word(leaf.type, part(to, leaf), reg);
    } else {
      const At reading(*this, reader);
      load_word(leaf.type, part(from, leaf), reg);
    }
  }
  top_ = mark;
}

} // namespace sx::comptime::vm
