// Places and the traffic between them.

#include "comptime/vm/function_compiler.h"

#include <tuple>

namespace sx::comptime::vm {

namespace {

constexpr Opcode variant(Opcode base, unsigned form) {
  return static_cast<Opcode>(static_cast<unsigned>(base) + form);
}
constexpr bool fits_32(std::int64_t value) {
  return value == static_cast<std::int32_t>(value);
}

} // namespace

FunctionCompiler::Place FunctionCompiler::place(std::uint32_t id) {
  const At at(*this, id);
  const ir::Node& n = node(id);
  switch (n.op) {
  case ir::Op::PlaceLocal: return locals_[n.a].place;
  case ir::Op::PlaceGlobal: {
    Place result;
    result.kind = Place::Kind::Memory;
    const auto home = global_homes_.find(n.a);
    if (home != global_homes_.end()) {
      result.base = home->second;
    } else {
      result.base = temp();
      take_global(n.a, result.base);
    }
    return result;
  }
  case ir::Op::PlaceDeref: return dereferenced(n);
  case ir::Op::PlaceField: {
    const Place member = offset_by(place(n.a), static_cast<std::int64_t>(type(type_of(n.a)).fields[n.b].offset));
    if (const Reg leaf = leaf_register(member, n.type); leaf != no_reg) {
      Place result;
      result.kind = Place::Kind::Register;
      result.base = leaf;
      return result;
    }
    return member;
  }
  case ir::Op::PlacePayload: return offset_by(place(n.a), n.b);
  case ir::Op::PlaceIndex: {
    const auto invariant = invariant_places_.find(id);
    if (invariant == invariant_places_.end() || inlined_at_ != ir::none)
      return indexed(n);
    Place result;
    result.kind = Place::Kind::Memory;
    result.base = invariant->second;
    return result;
  }
  case ir::Op::PlaceTemp: return temporary(id);
  default: fail(Reason::MalformedIr, "a value where a place is due"); return {};
  }
}

void FunctionCompiler::take_global(std::uint32_t global, Reg to) {
  emit(encode_wide(Opcode::GlobalAddr, to, global));
  if (!program_.global_address(ir::GlobalId(global)))
    fail(Reason::AllocationLimit, "module variables of this size");
}

FunctionCompiler::Place FunctionCompiler::dereferenced(const ir::Node& n) {
  Place result;
  result.kind = Place::Kind::Memory;
  const ir::Node& pointer = node(n.a);
  if (pointer.op != ir::Op::ElementPointer || pointer_bits() != 64 || constant(pointer.b)) {
    result.base = scalar(n.a);
    return result;
  }
  // An element's address in 64 bits is what an access with an index computes.
  result.scale = layout(ir::TypeId(pointer.c)).size & 0xffff'ffff;
  result.base = keep(scalar(pointer.a), pointer.b);
  std::tie(result.index, result.offset) = index_and_offset(pointer.b, result.scale);
  return result;
}

std::pair<Reg, std::int64_t> FunctionCompiler::index_and_offset(std::uint32_t id, std::uint64_t stride) {
  const ir::Node& n = node(id);
  const auto op = static_cast<ir::BinaryOp>(n.sub);
  const bool sum = n.op == ir::Op::Binary && (op == ir::BinaryOp::Add || op == ir::BinaryOp::Sub);
  const auto value = sum && type(n.type).bits == 64 ? constant(n.b) : std::nullopt;
  constexpr std::uint64_t most_stride = 1 << 14;
  if (!value || !fits_immediate(*value) || stride > most_stride)
    return {scalar(id), 0};
  const auto distance = static_cast<std::int64_t>(op == ir::BinaryOp::Add ? *value : 0 - *value);
  return {scalar(n.a), distance * static_cast<std::int64_t>(stride)};
}

FunctionCompiler::Place FunctionCompiler::offset_by(Place place, std::int64_t offset) {
  constexpr std::int64_t bound = std::int64_t{1} << 30;
  if (place.offset + offset < bound && place.offset + offset > -bound) {
    place.offset += offset;
    return place;
  }
  Place result;
  result.kind = Place::Kind::Memory;
  const Reg base = address(place), moved = temp();
  load_constant(moved, static_cast<std::uint64_t>(offset));
  emit(Opcode::Add64, moved, base, moved);
  result.base = moved;
  return result;
}

FunctionCompiler::Place FunctionCompiler::indexed(const ir::Node& n) {
  Place whole = place(n.a);
  const auto stride = layout(n.type).size;
  if (const auto value = constant(n.b)) {
    std::int64_t offset = 0;
    const auto index = static_cast<std::int64_t>(*value);
    constexpr std::int64_t bound = std::int64_t{1} << 40;
    if (index > -bound && index < bound && !__builtin_mul_overflow(index, static_cast<std::int64_t>(stride), &offset) &&
        offset > -bound && offset < bound)
      return offset_by(whole, offset);
  }
  if (facts_.effects[n.b].writes != 0 && whole.kind == Place::Kind::Memory) {
    // The index changes a local, perhaps one whose register the place uses.
    Place kept;
    kept.kind = Place::Kind::Memory;
    kept.base = temp();
    address(whole, kept.base);
    whole = kept;
  }
  const auto [index, distance] = index_and_offset(n.b, stride);
  Place result;
  result.kind = Place::Kind::Memory;
  if (whole.kind == Place::Kind::Slot && whole.base != no_reg) {
    result.base = whole.base;
    result.offset = whole.offset - whole.low;
  } else if (whole.kind == Place::Kind::Memory && whole.index == no_reg) {
    result = whole;
  } else {
    result.base = address(whole, temp());
  }
  result.index = index;
  result.scale = stride;
  return offset_by(result, distance);
}

FunctionCompiler::Place FunctionCompiler::temporary(std::uint32_t id) {
  const Place home = temporaries_.at(id);
  const std::uint32_t value = node(id).a;
  // Evaluating the value may come back to this node only through a loop, after its slot was read.
  switch (rep(type_of(id))) {
  case Rep::None: effect(value); break;
  case Rep::Word: {
    const Reg mark = top_;
    store_word(type_of(id), home, scalar(value));
    top_ = mark;
    break;
  }
  case Rep::Memory: {
    // An older life of the slot may be read while the new value is made.
    const Reg mark = top_;
    copy(home, aggregate_in_place(value), layout(type_of(id)).size);
    top_ = mark;
    break;
  }
  }
  return home;
}

bool FunctionCompiler::in_frame(const Place& place, std::uint64_t size) const {
  return place.kind == Place::Kind::Slot && place.offset >= place.low &&
         place.offset + static_cast<std::int64_t>(size) <= place.high;
}

Reg FunctionCompiler::address(const Place& place, Reg want) {
  if (place.kind == Place::Kind::Register) {
    fail(Reason::MalformedIr, "the address of a register");
    return 0;
  }
  if (place.kind == Place::Kind::Split)
    return address(spilled(place), want);
  if (place.kind == Place::Kind::Slot) {
    if (place.base != no_reg && place.offset == place.low && want == no_reg)
      return place.base;
    const Reg to = temp_or(want);
    emit(encode_wide(Opcode::SlotAddr, to, static_cast<std::uint32_t>(place.offset)));
    return to;
  }
  if (place.index != no_reg) {
    const Reg to = temp_or(want);
    emit(Opcode::Lea, to, place.base, place.index);
    emit_word((place.scale & 0xffff'ffff) | static_cast<std::uint64_t>(place.offset) << 32);
    return to;
  }
  if (place.offset == 0) {
    if (want == no_reg)
      return place.base;
    move(want, place.base);
    return want;
  }
  const Reg to = temp_or(want);
  if (fits_immediate(static_cast<std::uint64_t>(place.offset))) {
    emit(Opcode::AddI64, to, place.base, static_cast<std::uint32_t>(place.offset));
  } else {
    // Not `to`, which may be the base.
    const Reg distance = temp();
    load_constant(distance, static_cast<std::uint64_t>(place.offset));
    emit(Opcode::Add64, to, place.base, distance);
  }
  return to;
}

// A load from what was just probed does the probe's work, if it fails where the probe would have: its node.
std::optional<std::uint32_t> FunctionCompiler::take_probe(Opcode access, const Place& place) {
  const bool is_load = access >= Opcode::LoadU8 && access < Opcode::Store8;
  const Insn probe = newest(2);
  if (!is_load || opcode(probe) != Opcode::Probe || field_a(probe) != place.base ||
      static_cast<std::uint64_t>(place.offset) + 8 > code_->words[last_ + 1])
    return std::nullopt;
  const std::uint32_t owner = code_->nodes[last_];
  drop_newest();
  return owner;
}

// The four forms of a load or store follow each other in the opcode table.
void FunctionCompiler::access(Opcode base, Reg reg, const Place& place, std::uint64_t size) {
  if (in_frame(place, size))
    return emit(encode_wide(variant(base, 3), reg, static_cast<std::uint32_t>(place.offset)));
  const Reg mark = top_;
  if (place.kind == Place::Kind::Memory && place.index != no_reg && place.scale == size && place.offset == 0) {
    emit(variant(base, 1), reg, place.base, place.index);
  } else if (place.kind == Place::Kind::Memory && place.index != no_reg && fits_32(place.offset)) {
    emit(variant(base, 2), reg, place.base, place.index);
    emit_word((place.scale & 0xffff'ffff) | static_cast<std::uint64_t>(place.offset) << 32);
  } else if (place.kind == Place::Kind::Memory && place.offset >= 0 && place.offset <= 0xffff) {
    const std::optional<std::uint32_t> probed = take_probe(base, place);
    emit(base, reg, place.base, static_cast<std::uint32_t>(place.offset));
    if (probed)
      code_->nodes.back() = *probed;
  } else {
    emit(base, reg, address(place), 0);
  }
  top_ = mark;
}

void FunctionCompiler::load_word(ir::TypeId id, const Place& from, Reg to) {
  if (from.kind == Place::Kind::Split) {
    const Reg leaf = leaf_register(from, id);
    return leaf != no_reg ? move(to, leaf) : load_word(id, spilled(from), to);
  }
  const ir::Type& t = type(id);
  const auto size = layout(id).size;
  if (t.kind == ir::TypeKind::Bool)
    return access(Opcode::LoadBool, to, from, 1);
  const bool is_signed = t.kind == ir::TypeKind::Int && t.is_signed;
  Opcode op = Opcode::Load64;
  if (size == 1)
    op = is_signed ? Opcode::LoadS8 : Opcode::LoadU8;
  else if (size == 2)
    op = is_signed ? Opcode::LoadS16 : Opcode::LoadU16;
  else if (size == 4)
    op = is_signed ? Opcode::LoadS32 : Opcode::LoadU32;
  access(op, to, from, size);
  // Overlapping members may have left other bits in the bytes of an odd width.
  if (t.kind == ir::TypeKind::Int && t.bits != size * 8)
    truncate(to, to, t.bits, t.is_signed);
}

void FunctionCompiler::store_word(ir::TypeId id, const Place& to, Reg value) {
  if (to.kind == Place::Kind::Register)
    return move(to.base, value);
  if (to.kind == Place::Kind::Split) {
    const Reg leaf = leaf_register(to, id);
    return leaf != no_reg ? move(leaf, value) : fail(Reason::Unsupported, "a part of a scalar member");
  }
  const auto size = layout(id).size;
  const Opcode op = size == 1   ? Opcode::Store8
                    : size == 2 ? Opcode::Store16
                    : size == 4 ? Opcode::Store32
                                : Opcode::Store64;
  access(op, value, to, size);
}

std::uint32_t FunctionCompiler::reader_of(const Place& from) const {
  return from.reader != ir::none ? from.reader : at_;
}

void FunctionCompiler::copy(const Place& to, const Place& from, std::uint64_t size) {
  if (size == 0 || stopped())
    return;
  if (to.kind == Place::Kind::Split || from.kind == Place::Kind::Split)
    return copy_split(to, from, size);
  const Reg mark = top_;
  if (size == 1 || size == 2 || size == 4 || size == 8) {
    const Reg word = temp();
    const Opcode load = size == 1   ? Opcode::LoadU8
                        : size == 2 ? Opcode::LoadU16
                        : size == 4 ? Opcode::LoadU32
                                    : Opcode::Load64;
    const Opcode store = size == 1   ? Opcode::Store8
                         : size == 2 ? Opcode::Store16
                         : size == 4 ? Opcode::Store32
                                     : Opcode::Store64;
    {
      const At reading(*this, reader_of(from));
      access(load, word, from, size);
    }
    access(store, word, to, size);
  } else {
    const Reg source = address(from), target = address(to);
    {
      const At reading(*this, reader_of(from));
      emit(Opcode::Copy, target, source);
    }
    emit_word(size); // the word of the writer
  }
  top_ = mark;
}

void FunctionCompiler::zero(const Place& to, std::uint64_t size) {
  if (size == 0 || stopped())
    return;
  const Reg mark = top_;
  if (to.kind == Place::Kind::Split) {
    for (std::size_t i = 0; i < to.leaves->size(); ++i)
      if (const Leaf& leaf = (*to.leaves)[i];
          leaf.offset >= to.offset && leaf.offset < to.offset + static_cast<std::int64_t>(size))
        load_constant(to.base + static_cast<Reg>(i), 0);
  } else if (size <= 16 && size % 8 == 0) {
    const Reg word = temp();
    load_constant(word, 0);
    for (std::uint64_t at = 0; at < size; at += 8)
      access(Opcode::Store64, word, offset_by(to, static_cast<std::int64_t>(at)), 8);
  } else {
    emit(Opcode::Zero, address(to));
    emit_word(size);
  }
  top_ = mark;
}

// Reading a source of that size would have been refused here.
void FunctionCompiler::probe(const Place& source, std::uint64_t size) {
  if (source.kind != Place::Kind::Memory)
    return;
  const Reg mark = top_;
  emit(Opcode::Probe, address(source));
  emit_word(size);
  top_ = mark;
}

Reg FunctionCompiler::keep(Reg reg, std::uint32_t later) {
  const std::uint64_t writes = facts_.effects[later].writes;
  if (reg >= pinned_ || writes == 0 || local_of_[reg] == ir::none ||
      (writes & BodyFacts::local_class(local_of_[reg])) == 0)
    return reg;
  const Reg kept = temp();
  move(kept, reg);
  return kept;
}

// Whether the value may be built where it will stand: nothing that its evaluation does can see or stop halfway.
bool FunctionCompiler::writes_in_place(std::uint32_t place_id, std::uint32_t value_id) const {
  const std::uint32_t local = root_local(*function_, place_id);
  if (local == ir::none || !facts_.effects[place_id].pure())
    return false;
  const Effects& value = facts_.effects[value_id];
  const bool named = (value.reads & BodyFacts::local_class(local)) != 0;
  const bool reached = facts_.escapes[local] && (value.memory_reads || value.memory_writes);
  return !named && !reached && !value.leaves;
}

// The value, or what it was before it was made narrower: a store to memory takes the low bytes of either.
std::uint32_t FunctionCompiler::stored_bits(std::uint32_t value_id) const {
  const ir::Node& n = node(value_id);
  if (n.op != ir::Op::Convert || static_cast<ir::ConvertOp>(n.sub) != ir::ConvertOp::Resize)
    return value_id;
  const ir::Type &to = type(n.type), &from = type(type_of(n.a));
  const bool narrower = to.kind == ir::TypeKind::Int && from.kind == ir::TypeKind::Int && from.bits > to.bits;
  return narrower && to.bits == layout(n.type).size * 8 ? n.a : value_id;
}

void FunctionCompiler::store(std::uint32_t id) {
  const ir::Node& n = node(id);
  const ir::TypeId stored = type_of(n.a);
  if (node(n.a).op == ir::Op::PlaceLocal) {
    const std::uint32_t local = node(n.a).a;
    if (locals_[local].copy_store == id) {
      const At reading(*this, n.b);
      return probe(locals_[local].place, layout(stored).size);
    }
    if (facts_.unread[local] && facts_.effects[n.b].total)
      return;
  }
  const bool refused = mode_ == Mode::Comptime && root_global(*function_, n.a) != ir::none;
  const auto refuse = [&] { emit(encode_wide(Opcode::GlobalWrite, 0, root_global(*function_, n.a))); };
  switch (rep(stored)) {
  case Rep::None:
    effect(n.b);
    place(n.a);
    if (refused)
      refuse();
    return;
  case Rep::Word: {
    if (const Reg home = home_register(n.a); home != no_reg) {
      scalar(n.b, home);
      return;
    }
    const Reg value = keep(scalar(stored_bits(n.b)), n.a);
    const Place to = place(n.a);
    if (refused)
      return refuse();
    return store_word(stored, to, value);
  }
  case Rep::Memory: break;
  }
  const auto size = layout(stored).size;
  if (!refused && writes_in_place(n.a, n.b))
    return build(n.b, place(n.a));
  const Place from = facts_.effects[n.a].pure() ? aggregate_in_place(n.b) : aggregate(n.b);
  const Place to = place(n.a);
  if (refused)
    return refuse();
  copy(to, from, size);
}

} // namespace sx::comptime::vm
