// Values held in registers.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/function_compiler.h"
#include "ir/tree.h"

#include <algorithm>

namespace sx::comptime::vm {

namespace {

constexpr Opcode next(Opcode base, unsigned step) {
  return static_cast<Opcode>(static_cast<unsigned>(base) + step);
}

} // namespace

void FunctionCompiler::value_to(std::uint32_t id, const Dest& dest) {
  if (stopped())
    return;
  const ir::TypeId value = type_of(id);
  const Rep held = rep(value);
  if (dest.kind == Dest::Kind::Drop || held == Rep::None)
    return effect(id);
  if (held == Rep::Memory)
    return build(id, dest.place);
  if (dest.kind == Dest::Kind::Register) {
    scalar(id, dest.reg);
    return;
  }
  const Reg mark = top_;
  store_word(value, dest.place, scalar(id));
  top_ = mark;
}

void FunctionCompiler::effect(std::uint32_t id) {
  if (stopped())
    return;
  const At at(*this, id);
  const Reg mark = top_;
  const std::uint64_t slots = frame_;
  const ir::Node& n = node(id);
  switch (n.op) {
  case ir::Op::Store: store(id); break;
  case ir::Op::LocalStart: break;
  case ir::Op::Call:
  case ir::Op::CallIndirect:
  case ir::Op::CallExtern: call(id, {}); break;
  case ir::Op::Intrinsic: intrinsic(id, {}); break;
  default:
    if (ir::info(n.op).category == ir::Category::Control)
      control(id, {});
    else if (rep(n.type) == Rep::Word)
      scalar(id);
    else if (rep(n.type) == Rep::Memory)
      aggregate(id);
    else if (n.op == ir::Op::Load)
      place(n.a);
    else
      ir::for_each_operand(*function_, n, [this](const ir::Operand& operand) {
        if (operand.shape != ir::Shape::Place)
          effect(operand.node);
      });
  }
  top_ = mark;
  frame_ = slots;
}

Reg FunctionCompiler::constant_word(std::uint64_t value, Reg want) {
  if (want == no_reg && facts_.in_loop[at_])
    if (const Reg held = loop_constant(value); held != no_reg)
      return held;
  const Reg to = temp_or(want);
  load_constant(to, value);
  return to;
}

Reg FunctionCompiler::scalar(std::uint32_t id, Reg want) {
  if (stopped())
    return want == no_reg ? 0 : want;
  const At at(*this, id);
  const ir::Node& n = node(id);
  const Reg mark = top_;
  if (n.op == ir::Op::Convert || n.op == ir::Op::Binary || n.op == ir::Op::Load)
    if (const auto value = constant(id))
      return constant_word(*value, want);
  switch (n.op) {
  case ir::Op::ConstInt:
  case ir::Op::ConstFloat: return constant_word(n.a | std::uint64_t{n.b} << 32, want);
  case ir::Op::ConstZero:
  case ir::Op::ConstUndefined: return constant_word(0, want);
  case ir::Op::ConstFunction: return constant_word(std::uint64_t{n.a} + 1, want);
  case ir::Op::ConstFrame: return constant_word(std::uint64_t{n.a} + 1, want);
  case ir::Op::ConstExtern:
    if (module_.externs[n.a].is_variable) {
      // C variables are not modelled; code that follows is not reached.
      emit(encode_wide(Opcode::ExternVariable, 0, n.a));
      return temp_or(want);
    }
    return constant_word(extern_code_bit | (std::uint64_t{n.a} + 1), want);
  case ir::Op::ConstData: {
    const auto address = program_.data_address(ir::DataId(n.a));
    if (!address)
      fail(Reason::AllocationLimit, "constant bytes of this size");
    return constant_word(address.value_or(0), want);
  }
  case ir::Op::Load: {
    const Place from = place(n.a);
    if (from.kind == Place::Kind::Register) {
      if (want == no_reg)
        return from.base;
      move(want, from.base);
      return want;
    }
    load_word(n.type, from, result_at(mark, want));
    return finish_at(mark, want);
  }
  case ir::Op::AddressOf: {
    if (node(n.a).op == ir::Op::PlaceGlobal && !global_homes_.contains(node(n.a).a)) {
      const Reg to = temp_or(want);
      take_global(node(n.a).a, to);
      return to;
    }
    const Place of = place(n.a);
    const bool as_is = of.kind == Place::Kind::Memory && of.index == no_reg && of.offset == 0 && of.base < mark;
    if (as_is && want == no_reg)
      return of.base;
    if (pointer_bits() == 64) {
      address(of, result_at(mark, want));
      return finish_at(mark, want);
    }
    const Reg to = result_at(mark, want);
    truncate(to, address(of), 32, false);
    return finish_at(mark, want);
  }
  case ir::Op::ElementPointer: return element_pointer(n, want);
  case ir::Op::Binary: return binary(id, want);
  case ir::Op::Compare: return compare(id, want);
  case ir::Op::Unary: return unary(id, want);
  case ir::Op::Convert: return convert(id, want);
  case ir::Op::Call:
  case ir::Op::CallIndirect:
  case ir::Op::CallExtern:
  case ir::Op::Intrinsic: {
    const Reg to = temp_or(want);
    Dest dest;
    dest.kind = Dest::Kind::Register;
    dest.reg = to;
    if (n.op == ir::Op::Intrinsic)
      intrinsic(id, dest);
    else
      call(id, dest);
    return to;
  }
  default: break;
  }
  const Reg to = temp_or(want);
  Dest dest;
  dest.kind = Dest::Kind::Register;
  dest.reg = to;
  control(id, dest);
  return to;
}

std::pair<Reg, Reg> FunctionCompiler::operands(std::uint32_t lhs, std::uint32_t rhs) {
  const Reg a = keep(scalar(lhs), rhs);
  return {a, scalar(rhs)};
}

void FunctionCompiler::truncate(Reg to, Reg from, unsigned bits, bool is_signed) {
  if (bits >= 64)
    return move(to, from);
  emit(is_signed ? Opcode::SExt : Opcode::ZExt, to, from, bits);
}

// ---- binary ----

Reg FunctionCompiler::binary(std::uint32_t id, Reg want) {
  const ir::Node& n = node(id);
  const ir::Type& t = type(n.type);
  if (t.kind != ir::TypeKind::Float)
    return integer_binary(n, want);
  const Reg mark = top_;
  const auto [a, b] = operands(n.a, n.b);
  const Opcode base = t.bits == 64 ? Opcode::AddF64 : Opcode::AddF32;
  const Reg to = result_at(mark, want);
  if (t.bits != 64 || !add_product(n, to, a, b))
    emit(next(base, n.sub), to, a, b);
  return finish_at(mark, want);
}

// A product that was just made for an addition to, or a subtraction from, the register of the result: one instruction
// does both, and rounds twice as the two would.
bool FunctionCompiler::add_product(const ir::Node& n, Reg to, Reg a, Reg b) {
  const auto op = static_cast<ir::BinaryOp>(n.sub);
  if (op != ir::BinaryOp::Add && op != ir::BinaryOp::Sub)
    return false;
  const Insn product = newest(1);
  const bool fresh = opcode(product) == Opcode::MulF64 && field_a(product) == b && b >= pinned_ && b != to && a == to;
  if (!fresh)
    return false;
  drop_newest();
  emit(op == ir::BinaryOp::Add ? Opcode::AddMulF64 : Opcode::SubMulF64, to, field_b(product), field_c(product));
  return true;
}

// (x >> n) | (x << (width - n)) of an unsigned word.
std::optional<Reg> FunctionCompiler::rotate(const ir::Node& n, Reg want) {
  const ir::Type& t = type(n.type);
  if (static_cast<ir::BinaryOp>(n.sub) != ir::BinaryOp::Or || t.is_signed || (t.bits != 32 && t.bits != 64))
    return std::nullopt;
  const ir::Node *right = &node(n.a), *left = &node(n.b);
  if (right->op != ir::Op::Binary || left->op != ir::Op::Binary)
    return std::nullopt;
  if (static_cast<ir::BinaryOp>(right->sub) == ir::BinaryOp::Shl)
    std::swap(left, right);
  if (static_cast<ir::BinaryOp>(right->sub) != ir::BinaryOp::Shr ||
      static_cast<ir::BinaryOp>(left->sub) != ir::BinaryOp::Shl)
    return std::nullopt;
  const auto count = constant(right->b), rest = constant(left->b);
  if (!count || !rest || *count == 0 || *count >= t.bits || *count + *rest != t.bits)
    return std::nullopt;
  const auto same_local = [this](const ir::Node& x, const ir::Node& y) {
    return x.op == ir::Op::Load && y.op == ir::Op::Load && node(x.a).op == ir::Op::PlaceLocal &&
           node(y.a).op == ir::Op::PlaceLocal && node(x.a).a == node(y.a).a;
  };
  if (!same_local(node(right->a), node(left->a)))
    return std::nullopt;
  const Reg mark = top_;
  const Reg from = scalar(right->a);
  emit(t.bits == 32 ? Opcode::RotR32 : Opcode::RotR64, result_at(mark, want), from, static_cast<std::uint32_t>(*count));
  return finish_at(mark, want);
}

Reg FunctionCompiler::integer_binary(const ir::Node& n, Reg want) {
  const auto op = static_cast<ir::BinaryOp>(n.sub);
  if (const auto rotated = rotate(n, want))
    return *rotated;
  if (op == ir::BinaryOp::Div || op == ir::BinaryOp::Rem)
    return divide(n, want);
  if (op == ir::BinaryOp::Shl || op == ir::BinaryOp::Shr)
    return shift(n, want);
  const ir::Type& t = type(n.type);
  const Reg mark = top_;
  const bool wraps = op <= ir::BinaryOp::Mul;
  // 64-bit, S32 and U32 forms follow each other; other widths wrap afterwards.
  const unsigned form = wraps && t.bits == 32 ? (t.is_signed ? 1 : 2) : 0;
  std::uint32_t lhs = n.a, rhs = n.b;
  auto value = constant(rhs);
  if (!value && op != ir::BinaryOp::Sub && constant(lhs)) {
    std::swap(lhs, rhs);
    value = constant(rhs);
  }
  if (value && op == ir::BinaryOp::Sub)
    value = 0 - *value;
  Reg to = no_reg;
  if (value && fits_immediate(*value)) {
    const Reg a = scalar(lhs);
    Opcode base = Opcode::AddI64;
    switch (op) {
    case ir::BinaryOp::Mul: base = Opcode::MulI64; break;
    case ir::BinaryOp::And: base = Opcode::AndI; break;
    case ir::BinaryOp::Or: base = Opcode::OrI; break;
    case ir::BinaryOp::Xor: base = Opcode::XorI; break;
    default: break;
    }
    to = result_at(mark, want);
    emit(next(base, form), to, a, static_cast<std::uint32_t>(*value));
  } else {
    const auto [a, b] = operands(n.a, n.b);
    Opcode base = Opcode::Add64;
    switch (op) {
    case ir::BinaryOp::Sub: base = Opcode::Sub64; break;
    case ir::BinaryOp::Mul: base = Opcode::Mul64; break;
    case ir::BinaryOp::And: base = Opcode::And; break;
    case ir::BinaryOp::Or: base = Opcode::Or; break;
    case ir::BinaryOp::Xor: base = Opcode::Xor; break;
    default: break;
    }
    to = result_at(mark, want);
    emit(next(base, form), to, a, b);
  }
  if (wraps && t.bits < 64 && form == 0)
    truncate(to, to, t.bits, t.is_signed);
  return finish_at(mark, want);
}

Reg FunctionCompiler::divide(const ir::Node& n, Reg want) {
  const bool is_div = static_cast<ir::BinaryOp>(n.sub) == ir::BinaryOp::Div;
  const ir::Type& t = type(n.type);
  const Reg mark = top_;
  const auto divisor = constant(n.b);
  if (divisor && t.is_signed && std::has_single_bit(*divisor) && *divisor > 1 &&
      static_cast<std::int64_t>(*divisor) > 0) {
    const Reg a = scalar(n.a);
    const auto bits = static_cast<std::uint32_t>(std::countr_zero(*divisor));
    emit(is_div ? Opcode::DivPowS : Opcode::RemPowS, result_at(mark, want), a, bits);
    return finish_at(mark, want);
  }
  if (divisor && !t.is_signed && std::has_single_bit(*divisor) && *divisor <= 1 << 14) {
    const Reg a = scalar(n.a);
    const auto bits = static_cast<std::uint32_t>(std::countr_zero(*divisor));
    emit(is_div ? Opcode::ShrUI : Opcode::AndI, result_at(mark, want), a,
         is_div ? bits : static_cast<std::uint32_t>(*divisor - 1));
    return finish_at(mark, want);
  }
  if (divisor && t.is_signed && static_cast<std::int64_t>(*divisor) > 2) {
    const Reg a = scalar(n.a);
    const Reciprocal reciprocal = reciprocal_of(static_cast<std::int64_t>(*divisor));
    emit(is_div ? Opcode::DivKS : Opcode::RemKS, result_at(mark, want), a, reciprocal.shift);
    emit_word(*divisor);
    emit_word(reciprocal.factor);
    return finish_at(mark, want);
  }
  if (divisor && fits_immediate(*divisor) && static_cast<std::int64_t>(*divisor) > 0) {
    const Reg a = scalar(n.a);
    const Opcode op =
        is_div ? (t.is_signed ? Opcode::DivIS : Opcode::DivIU) : (t.is_signed ? Opcode::RemIS : Opcode::RemIU);
    emit(op, result_at(mark, want), a, static_cast<std::uint32_t>(*divisor));
    return finish_at(mark, want);
  }
  const auto [a, b] = operands(n.a, n.b);
  if (t.is_signed && t.bits != 64 && t.bits != 32)
    emit(Opcode::DivCheck, a, b, t.bits);
  const unsigned form = (t.bits == 32 ? 2u : 0u) + (t.is_signed ? 0 : 1);
  emit(next(is_div ? Opcode::DivS64 : Opcode::RemS64, form), result_at(mark, want), a, b);
  return finish_at(mark, want);
}

Reg FunctionCompiler::shift(const ir::Node& n, Reg want) {
  const bool left = static_cast<ir::BinaryOp>(n.sub) == ir::BinaryOp::Shl;
  const ir::Type& t = type(n.type);
  const Reg mark = top_;
  if (const auto count = constant(n.b)) {
    // An over-wide constant count: a value that is no shift any more.
    const bool wide = *count >= t.bits;
    const Reg a = scalar(n.a), to = result_at(mark, want);
    if (wide && (left || !t.is_signed))
      load_constant(to, 0);
    else
      emit(left          ? Opcode::ShlI64
           : t.is_signed ? Opcode::ShrSI
                         : Opcode::ShrUI,
           to, a, wide ? 63 : static_cast<std::uint32_t>(*count));
    if (left && !wide && t.bits < 64)
      truncate(to, to, t.bits, t.is_signed);
    return finish_at(mark, want);
  }
  const auto [a, b] = operands(n.a, n.b);
  const Reg to = result_at(mark, want);
  if (!left) {
    emit(t.is_signed ? Opcode::ShrS : Opcode::ShrU, to, a, b);
  } else if (t.bits == 32) {
    emit(t.is_signed ? Opcode::ShlS32 : Opcode::ShlU32, to, a, b);
  } else {
    emit(Opcode::Shl64, to, a, b);
    if (t.bits < 64)
      truncate(to, to, t.bits, t.is_signed);
  }
  return finish_at(mark, want);
}

// ---- comparisons ----

Reg FunctionCompiler::compare(std::uint32_t id, Reg want) {
  const ir::Node& n = node(id);
  const ir::Type& t = type(type_of(n.a));
  const Reg mark = top_;
  auto [a, b] = operands(n.a, n.b);
  auto op = static_cast<ir::CompareOp>(n.sub);
  if (op == ir::CompareOp::Gt || op == ir::CompareOp::Ge) {
    std::swap(a, b);
    op = op == ir::CompareOp::Gt ? ir::CompareOp::Lt : ir::CompareOp::Le;
  }
  const auto order = static_cast<unsigned>(op); // Eq, Ne, Lt, Le
  Opcode code = next(Opcode::CmpEq, order);
  if (t.kind == ir::TypeKind::Float)
    code = next(t.bits == 64 ? Opcode::CmpEqF64 : Opcode::CmpEqF32, order);
  else if (order >= 2 && !(t.kind == ir::TypeKind::Int && t.is_signed))
    code = next(Opcode::CmpLtU, order - 2);
  emit(code, result_at(mark, want), a, b);
  return finish_at(mark, want);
}

// ---- unary and conversions ----

Reg FunctionCompiler::unary(std::uint32_t id, Reg want) {
  const ir::Node& n = node(id);
  const ir::Type& t = type(n.type);
  const Reg mark = top_;
  const Reg from = scalar(n.a), to = result_at(mark, want);
  if (static_cast<ir::UnaryOp>(n.sub) == ir::UnaryOp::Neg && t.kind == ir::TypeKind::Float) {
    emit(t.bits == 64 ? Opcode::NegF64 : Opcode::NegF32, to, from);
  } else if (t.kind == ir::TypeKind::Bool) {
    emit(Opcode::XorI, to, from, 1);
  } else {
    emit(static_cast<ir::UnaryOp>(n.sub) == ir::UnaryOp::Neg ? Opcode::Neg : Opcode::Not, to, from);
    if (t.bits < 64)
      truncate(to, to, t.bits, t.is_signed);
  }
  return finish_at(mark, want);
}

// A word of whatever integer or pointer as `t` holds it.
Reg FunctionCompiler::canonical(const ir::Type& t, Reg from, Reg want) {
  const unsigned bits = t.kind == ir::TypeKind::Int ? t.bits : pointer_bits();
  const bool is_signed = t.kind == ir::TypeKind::Int && t.is_signed;
  truncate(want, from, bits, is_signed);
  return want;
}

Reg FunctionCompiler::convert(std::uint32_t id, Reg want) {
  const ir::Node& n = node(id);
  const ir::Type& from = type(type_of(n.a));
  const ir::Type& to = type(n.type);
  const auto op = static_cast<ir::ConvertOp>(n.sub);
  if (op == ir::ConvertOp::Bits)
    return bits(n, want);
  const bool from_signed = from.kind == ir::TypeKind::Int && from.is_signed;
  const unsigned from_bits = from.kind == ir::TypeKind::Bool  ? 1
                             : from.kind == ir::TypeKind::Int ? from.bits
                                                              : pointer_bits();
  const unsigned to_bits = to.kind == ir::TypeKind::Int ? to.bits : pointer_bits();
  const bool to_signed = to.kind == ir::TypeKind::Int && to.is_signed;
  const Reg mark = top_;
  switch (op) {
  case ir::ConvertOp::Resize:
  case ir::ConvertOp::PointerToInt: {
    const bool same = to_signed == from_signed ? to_bits >= from_bits
                      : from_signed            ? to_bits == 64
                                               : to_bits > from_bits;
    if (same)
      return scalar(n.a, want);
    const Reg value = scalar(n.a);
    truncate(result_at(mark, want), value, to_bits, to_signed);
    return finish_at(mark, want);
  }
  case ir::ConvertOp::IntToPointer: {
    const unsigned width = std::min(from_bits, pointer_bits());
    if (width == 64 || (!from_signed && from_bits <= pointer_bits()))
      return scalar(n.a, want);
    const Reg value = scalar(n.a);
    truncate(result_at(mark, want), value, width, false);
    return finish_at(mark, want);
  }
  case ir::ConvertOp::CodeCast: return scalar(n.a, want);
  default: break;
  }
  const Reg value = scalar(n.a), target = result_at(mark, want);
  switch (op) {
  case ir::ConvertOp::Truth:
    emit(from.kind != ir::TypeKind::Float ? Opcode::Truth
         : from.bits == 64                ? Opcode::TruthF64
                                          : Opcode::TruthF32,
         target, value);
    break;
  case ir::ConvertOp::IntToFloat:
    emit(to.bits == 64 ? (from_signed ? Opcode::S64ToF64 : Opcode::U64ToF64)
                       : (from_signed ? Opcode::S64ToF32 : Opcode::U64ToF32),
         target, value);
    break;
  case ir::ConvertOp::FloatToInt: {
    const bool single = from.bits == 32;
    if (single)
      emit(Opcode::F32ToF64, target, value);
    emit(to.is_signed ? Opcode::F64ToS : Opcode::F64ToU, target, single ? target : value, to.bits);
    break;
  }
  case ir::ConvertOp::FloatResize:
    if (from.bits == to.bits)
      move(target, value);
    else
      emit(to.bits == 32 ? Opcode::F64ToF32 : Opcode::F32ToF64, target, value);
    break;
  default: fail(Reason::MalformedIr, "a conversion that does not exist");
  }
  return finish_at(mark, want);
}

Reg FunctionCompiler::bits(const ir::Node& n, Reg want) {
  const Reg mark = top_;
  const ir::Type& to = type(n.type);
  if (rep(type_of(n.a)) == Rep::Memory) {
    const Place from = aggregate_in_place(n.a);
    load_word(n.type, from, result_at(mark, want));
    return finish_at(mark, want);
  }
  const Reg value = scalar(n.a), target = result_at(mark, want);
  if (to.kind == ir::TypeKind::Float)
    truncate(target, value, to.bits, false);
  else
    canonical(to, value, target);
  return finish_at(mark, want);
}

Reg FunctionCompiler::element_pointer(const ir::Node& n, Reg want) {
  const Reg mark = top_;
  const std::uint64_t size = layout(ir::TypeId(n.c)).size;
  const auto index = constant(n.b);
  Reg to = no_reg;
  if (index && fits_immediate(*index * size)) {
    const Reg base = scalar(n.a);
    to = result_at(mark, want);
    emit(Opcode::AddI64, to, base, static_cast<std::uint32_t>(*index * size));
  } else {
    const auto [base, offset] = operands(n.a, n.b);
    to = result_at(mark, want);
    emit(Opcode::Lea, to, base, offset);
    emit_word(size & 0xffff'ffff);
  }
  if (pointer_bits() == 32)
    truncate(to, to, 32, false);
  return finish_at(mark, want);
}

} // namespace sx::comptime::vm
