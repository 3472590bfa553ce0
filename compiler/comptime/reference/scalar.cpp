#include "comptime/reference/scalar.h"

#include <bit>
#include <cmath>

namespace sx::comptime::reference {

namespace {

using ir::BinaryOp;
using ir::CompareOp;
using ir::ConvertOp;
using ir::Type;
using ir::TypeKind;
using ir::UnaryOp;

constexpr std::unexpected<Reason> malformed() {
  return std::unexpected(Reason::MalformedIr);
}

std::int64_t as_signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::uint64_t low_mask(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

float f32(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}
double f64(std::uint64_t bits) {
  return std::bit_cast<double>(bits);
}
std::uint64_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}
std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

std::uint64_t minimum(const Type& type) {
  return ~std::uint64_t{0} << (type.bits - 1);
}

// R2.31, R2.32: truncating; zero and MIN / -1 trap.
ScalarResult divide(const Type& type, std::uint64_t a, std::uint64_t b, bool remainder) {
  if (b == 0)
    return std::unexpected(Reason::DivisionByZero);
  if (!type.is_signed)
    return remainder ? a % b : a / b;
  if (b == ~std::uint64_t{0} && a == minimum(type))
    return std::unexpected(Reason::DivisionOverflow);
  const std::int64_t quotient = remainder ? as_signed(a) % as_signed(b) : as_signed(a) / as_signed(b);
  return static_cast<std::uint64_t>(quotient);
}

// R2.33: the count is read as unsigned at the type's width.
std::uint64_t shift_left(const Type& type, std::uint64_t a, std::uint64_t count) {
  return count >= type.bits ? 0 : a << count;
}
std::uint64_t shift_right(const Type& type, std::uint64_t a, std::uint64_t count) {
  const bool negative = type.is_signed && as_signed(a) < 0;
  if (count >= type.bits)
    return negative ? ~std::uint64_t{0} : 0;
  return type.is_signed ? static_cast<std::uint64_t>(as_signed(a) >> count) : a >> count;
}

ScalarResult integer_binary(BinaryOp op, const Type& type, std::uint64_t a, std::uint64_t b) {
  switch (op) {
  case BinaryOp::Add: return a + b;
  case BinaryOp::Sub: return a - b;
  case BinaryOp::Mul: return a * b;
  case BinaryOp::Div: return divide(type, a, b, false);
  case BinaryOp::Rem: return divide(type, a, b, true);
  case BinaryOp::And: return a & b;
  case BinaryOp::Or: return a | b;
  case BinaryOp::Xor: return a ^ b;
  case BinaryOp::Shl: return shift_left(type, a, b & low_mask(type.bits));
  case BinaryOp::Shr: return shift_right(type, a, b & low_mask(type.bits));
  }
  return malformed();
}

ScalarResult bool_binary(BinaryOp op, std::uint64_t a, std::uint64_t b) {
  switch (op) {
  case BinaryOp::And: return a & b;
  case BinaryOp::Or: return a | b;
  case BinaryOp::Xor: return a ^ b;
  default: return malformed();
  }
}

template <class Float> ScalarResult float_binary(BinaryOp op, Float a, Float b) {
  switch (op) {
  case BinaryOp::Add: return bits_of(a + b);
  case BinaryOp::Sub: return bits_of(a - b);
  case BinaryOp::Mul: return bits_of(a * b);
  case BinaryOp::Div: return bits_of(a / b);
  case BinaryOp::Rem: return bits_of(std::fmod(a, b));
  default: return malformed();
  }
}

template <class Number> ScalarResult ordered(CompareOp op, Number a, Number b) {
  switch (op) {
  case CompareOp::Eq: return a == b ? 1 : 0;
  case CompareOp::Ne: return a != b ? 1 : 0;
  case CompareOp::Lt: return a < b ? 1 : 0;
  case CompareOp::Le: return a <= b ? 1 : 0;
  case CompareOp::Gt: return a > b ? 1 : 0;
  case CompareOp::Ge: return a >= b ? 1 : 0;
  }
  return malformed();
}

bool is_integral(const Type& type) {
  return type.kind == TypeKind::Int || type.kind == TypeKind::Bool;
}
bool is_address(const Type& type) {
  return type.kind == TypeKind::Pointer || type.kind == TypeKind::Code;
}

unsigned scalar_bytes(const Type& type, unsigned pointer_bits) {
  switch (type.kind) {
  case TypeKind::Bool: return 1;
  case TypeKind::Int: return std::bit_ceil((type.bits + 7u) / 8u);
  case TypeKind::Float: return type.bits / 8u;
  case TypeKind::Pointer:
  case TypeKind::Code: return pointer_bits / 8u;
  default: return 0;
  }
}

// R2.77: toward zero, the nearest bound outside the range, 0 for NaN. `value` holds every float exactly.
std::uint64_t saturate(double value, const Type& to) {
  if (std::isnan(value))
    return 0;
  const unsigned magnitude_bits = to.is_signed ? to.bits - 1u : to.bits;
  const double above = std::ldexp(1.0, static_cast<int>(magnitude_bits));
  if (value >= above)
    return low_mask(magnitude_bits);
  if (!to.is_signed)
    return value <= 0.0 ? 0 : static_cast<std::uint64_t>(value);
  return value <= -above ? minimum(to) : static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

// One rounding, to nearest even, by the source's signedness (R2.76).
std::uint64_t integer_to_float(const Type& from, const Type& to, std::uint64_t a) {
  const bool is_signed = from.kind == TypeKind::Int && from.is_signed;
  if (to.bits == 32)
    return bits_of(is_signed ? static_cast<float>(as_signed(a)) : static_cast<float>(a));
  return bits_of(is_signed ? static_cast<double>(as_signed(a)) : static_cast<double>(a));
}

} // namespace

ScalarResult binary(BinaryOp op, const Type& type, std::uint64_t a, std::uint64_t b) {
  switch (type.kind) {
  case TypeKind::Int: {
    const ScalarResult result = integer_binary(op, type, a, b);
    return result ? ScalarResult(ir::canonical_pattern(type, *result)) : result;
  }
  case TypeKind::Bool: return bool_binary(op, a, b);
  case TypeKind::Float: return type.bits == 32 ? float_binary(op, f32(a), f32(b)) : float_binary(op, f64(a), f64(b));
  default: return malformed();
  }
}

ScalarResult compare(CompareOp op, const Type& type, std::uint64_t a, std::uint64_t b) {
  switch (type.kind) {
  case TypeKind::Int: return type.is_signed ? ordered(op, as_signed(a), as_signed(b)) : ordered(op, a, b);
  case TypeKind::Bool:
  case TypeKind::Pointer:
  case TypeKind::Code: return ordered(op, a, b);
  case TypeKind::Float: return type.bits == 32 ? ordered(op, f32(a), f32(b)) : ordered(op, f64(a), f64(b));
  default: return malformed();
  }
}

ScalarResult unary(UnaryOp op, const Type& type, std::uint64_t a) {
  switch (op) {
  case UnaryOp::Neg:
    if (type.kind == TypeKind::Int)
      return ir::canonical_pattern(type, ~a + 1);
    if (type.kind == TypeKind::Float)
      return a ^ (std::uint64_t{1} << (type.bits - 1));
    return malformed();
  case UnaryOp::BitNot:
    if (is_integral(type))
      return ir::canonical_pattern(type, ~a);
    return malformed();
  }
  return malformed();
}

ScalarResult convert(ConvertOp op, const Type& from, const Type& to, std::uint64_t a, unsigned pointer_bits) {
  switch (op) {
  case ConvertOp::Resize:
    if (is_integral(from) && to.kind == TypeKind::Int)
      return ir::canonical_pattern(to, a);
    return malformed();
  case ConvertOp::Truth:
    if (to.kind != TypeKind::Bool)
      return malformed();
    if (from.kind == TypeKind::Float)
      return (from.bits == 32 ? f32(a) != 0.0f : f64(a) != 0.0) ? 1 : 0;
    if (is_integral(from) || is_address(from))
      return a != 0 ? 1 : 0;
    return malformed();
  case ConvertOp::IntToFloat:
    if (is_integral(from) && to.kind == TypeKind::Float)
      return integer_to_float(from, to, a);
    return malformed();
  case ConvertOp::FloatToInt:
    if (from.kind == TypeKind::Float && to.kind == TypeKind::Int)
      return saturate(from.bits == 32 ? static_cast<double>(f32(a)) : f64(a), to);
    return malformed();
  case ConvertOp::FloatResize:
    if (from.kind != TypeKind::Float || to.kind != TypeKind::Float)
      return malformed();
    if (from.bits == to.bits)
      return a;
    return to.bits == 32 ? bits_of(static_cast<float>(f64(a))) : bits_of(static_cast<double>(f32(a)));
  case ConvertOp::PointerToInt:
    if (is_address(from) && to.kind == TypeKind::Int)
      return ir::canonical_pattern(to, a & low_mask(pointer_bits));
    return malformed();
  case ConvertOp::IntToPointer:
    if (from.kind == TypeKind::Int && is_address(to))
      return a & low_mask(pointer_bits);
    return malformed();
  case ConvertOp::CodeCast:
    if (is_address(from) && is_address(to))
      return a;
    return malformed();
  case ConvertOp::Bits: {
    const unsigned size = scalar_bytes(from, pointer_bits);
    if (size == 0 || size != scalar_bytes(to, pointer_bits))
      return malformed();
    const std::uint64_t pattern = a & low_mask(size * 8);
    return is_integral(to) ? ir::canonical_pattern(to, pattern) : pattern;
  }
  }
  return malformed();
}

} // namespace sx::comptime::reference
