#include "sema/scalar.h"

#include <cmath>

namespace sx::sema {

using syntax::BinaryOp;
using syntax::UnaryOp;
using Kind = ConstValue::Kind;

namespace {

Fold failed(FoldFailure why = FoldFailure::NotConstant) {
  return {.value = {}, .failure = why, .ok = false};
}

} // namespace

__int128 integer_min(const TypeTable& types, TypeId type) {
  return types.is_signed(type) ? -(__int128{1} << (types.bit_width(type) - 1)) : 0;
}

__int128 integer_max(const TypeTable& types, TypeId type) {
  return (__int128{1} << (types.bit_width(type) - types.is_signed(type))) - 1;
}

__int128 integer_value(const TypeTable& types, const ConstValue& value) {
  TypeId type = value.type;
  if (type.valid() && types.is(type, TypeKind::Enum))
    type = types.nominal(type).backing;
  const bool is_unsigned = type.valid() && types.is_integer(type) && !types.is_signed(type);
  return is_unsigned ? static_cast<__int128>(value.bits) : static_cast<__int128>(value.as_signed());
}

std::uint64_t canonical_pattern(const TypeTable& types, TypeId type, __int128 value) {
  const unsigned bits = types.bit_width(type);
  const auto low = static_cast<std::uint64_t>(static_cast<unsigned __int128>(value));
  if (bits == 0 || bits >= 64)
    return low;
  const std::uint64_t kept = low & ((std::uint64_t{1} << bits) - 1);
  const bool negative = types.is_signed(type) && ((kept >> (bits - 1)) & 1) != 0;
  return negative ? kept | ~((std::uint64_t{1} << bits) - 1) : kept;
}

std::string integer_text(__int128 value) {
  const bool negative = value < 0;
  auto rest = static_cast<unsigned __int128>(negative ? -value : value);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return negative ? "-" + digits : digits;
}

std::string float_text(double value) {
  std::string text = std::to_string(value);
  while (text.size() > 1 && text.back() == '0' && text[text.size() - 2] != '.')
    text.pop_back();
  return text;
}

Fold ScalarOps::integer(TypeId type, __int128 value, bool untyped) const {
  Fold made{.value = {}, .failure = FoldFailure::NotConstant, .ok = true};
  made.value.kind = Kind::Int;
  made.value.type = type;
  TypeId width = type;
  if (types_.is(type, TypeKind::Enum))
    width = types_.nominal(type).backing;
  made.value.bits = canonical_pattern(types_, width, value);
  made.value.untyped = untyped;
  return made;
}

Fold ScalarOps::real(TypeId type, double value, bool untyped) const {
  Fold made{.value = {}, .failure = FoldFailure::NotConstant, .ok = true};
  made.value.kind = Kind::Float;
  made.value.type = type;
  made.value.real = type == types_.f32 ? static_cast<double>(static_cast<float>(value)) : value;
  made.value.untyped = untyped;
  return made;
}

Fold ScalarOps::truth(bool value) const {
  Fold made{.value = {}, .failure = FoldFailure::NotConstant, .ok = true};
  made.value.kind = Kind::Bool;
  made.value.type = types_.bool_;
  made.value.bits = value;
  return made;
}

double ScalarOps::as_real(const ConstValue& value) const {
  return value.is(Kind::Float) ? value.real : static_cast<double>(integer_value(types_, value));
}

// ---- counts -----------------------------------------------------------------------------------------

Fold ScalarOps::count_negate(const ConstValue& operand) const {
  if (operand.is(Kind::Float))
    return real(types_.f64, -operand.real, true);
  if (operand.as_signed() == INT64_MIN)
    return failed(FoldFailure::Overflow);
  return integer(types_.i64, -operand.as_signed(), true);
}

Fold ScalarOps::count_binary(BinaryOp op, const ConstValue& left, const ConstValue& right) const {
  if (left.is(Kind::Float) || right.is(Kind::Float)) {
    const double a = as_real(left);
    const double b = as_real(right);
    switch (op) {
    case BinaryOp::Add: return real(types_.f64, a + b, true);
    case BinaryOp::Sub: return real(types_.f64, a - b, true);
    case BinaryOp::Mul: return real(types_.f64, a * b, true);
    case BinaryOp::Div: return b == 0 ? failed(FoldFailure::DivisionByZero) : real(types_.f64, a / b, true);
    case BinaryOp::Rem: return b == 0 ? failed(FoldFailure::DivisionByZero) : real(types_.f64, std::fmod(a, b), true);
    default: return failed();
    }
  }
  const std::int64_t a = left.as_signed();
  const std::int64_t b = right.as_signed();
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
  case BinaryOp::Add: overflow = __builtin_add_overflow(a, b, &result); break;
  case BinaryOp::Sub: overflow = __builtin_sub_overflow(a, b, &result); break;
  case BinaryOp::Mul: overflow = __builtin_mul_overflow(a, b, &result); break;
  case BinaryOp::Div:
  case BinaryOp::Rem:
    if (b == 0)
      return failed(FoldFailure::DivisionByZero);
    overflow = a == INT64_MIN && b == -1;
    if (!overflow)
      result = op == BinaryOp::Div ? a / b : a % b;
    break;
  default: return failed();
  }
  return overflow ? failed(FoldFailure::Overflow) : integer(types_.i64, result, true);
}

// ---- values -----------------------------------------------------------------------------------------

/// The type both operands get: literals follow the other side, float wins over integer, wider over narrower, the
/// left one of equals (R2.27, R2.70). Invalid: no arithmetic.
TypeId ScalarOps::joined(const ConstValue& left, const ConstValue& right) const {
  if (left.type == right.type)
    return left.type;
  const bool numbers = types_.is_numeric(left.type) && types_.is_numeric(right.type);
  if (!numbers)
    return {};
  const bool left_float = types_.is(left.type, TypeKind::Float);
  const bool right_float = types_.is(right.type, TypeKind::Float);
  if (left_float != right_float)
    return left_float ? left.type : right.type;
  if (left.untyped != right.untyped)
    return left.untyped ? right.type : left.type;
  return types_.bit_width(right.type) > types_.bit_width(left.type) ? right.type : left.type;
}

Fold ScalarOps::unary(UnaryOp op, const ConstValue& operand) const {
  switch (op) {
  case UnaryOp::Negate:
    if (operand.is(Kind::Float))
      return real(operand.type, -operand.real, operand.untyped);
    if (!operand.is(Kind::Int) || !types_.is_integer(operand.type))
      return failed();
    // `-9223372036854775808`: the magnitude alone needs `u64`.
    return integer(operand.untyped ? types_.i64 : operand.type, -integer_value(types_, operand), operand.untyped);
  case UnaryOp::BitNot:
    return operand.is(Kind::Int) ? integer(operand.type, ~integer_value(types_, operand), operand.untyped) : failed();
  case UnaryOp::Not: return operand.is(Kind::Bool) ? truth(operand.bits == 0) : failed();
  default: return failed();
  }
}

Fold ScalarOps::compare(BinaryOp op, const ConstValue& left, const ConstValue& right, TypeId type) const {
  const auto decide = [&](auto a, auto b) -> Fold {
    switch (op) {
    case BinaryOp::Equal: return truth(a == b);
    case BinaryOp::NotEqual: return truth(a != b);
    case BinaryOp::Less: return truth(a < b);
    case BinaryOp::LessEqual: return truth(a <= b);
    case BinaryOp::Greater: return truth(a > b);
    case BinaryOp::GreaterEqual: return truth(a >= b);
    default: return failed();
    }
  };
  if (types_.is(type, TypeKind::Float))
    return decide(as_real(left), as_real(right));
  return decide(integer_value(types_, left), integer_value(types_, right));
}

Fold ScalarOps::shift(BinaryOp op, const ConstValue& left, const ConstValue& right) const {
  const __int128 value = integer_value(types_, left);
  const __int128 amount = integer_value(types_, right);
  TypeId width = left.type;
  if (types_.is(width, TypeKind::Enum))
    width = types_.nominal(width).backing;
  const auto bits = static_cast<int>(types_.bit_width(width));
  const bool too_far = amount < 0 || amount >= bits; // R2.33
  if (op == BinaryOp::ShiftLeft)
    return integer(left.type, too_far ? 0 : value << static_cast<int>(amount), left.untyped);
  if (too_far)
    return integer(left.type, types_.is_signed(width) && value < 0 ? -1 : 0, left.untyped);
  return integer(left.type, value >> static_cast<int>(amount), left.untyped);
}

Fold ScalarOps::integer_binary(BinaryOp op, TypeId type, __int128 a, __int128 b, bool untyped) const {
  const bool is_enum = types_.is(type, TypeKind::Enum);
  switch (op) {
  case BinaryOp::BitAnd: return integer(type, a & b, untyped);
  case BinaryOp::BitOr: return integer(type, a | b, untyped);
  case BinaryOp::BitXor: return integer(type, a ^ b, untyped);
  default: break;
  }
  if (is_enum)
    return failed();
  switch (op) {
  case BinaryOp::Add: return integer(type, a + b, untyped);
  case BinaryOp::Sub: return integer(type, a - b, untyped);
  case BinaryOp::Mul: // both fit 64 bits, so only two large unsigned factors could leave 128: their low bits count
    return integer(type, static_cast<__int128>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)),
                   untyped);
  case BinaryOp::Div:
  case BinaryOp::Rem:
    if (b == 0)
      return failed(FoldFailure::DivisionByZero);
    if (b == -1 && a == integer_min(types_, type))
      return failed(FoldFailure::Overflow);
    return integer(type, op == BinaryOp::Div ? a / b : a % b, untyped);
  default: return failed();
  }
}

Fold ScalarOps::binary(BinaryOp op, const ConstValue& left, const ConstValue& right) const {
  if (op == BinaryOp::ShiftLeft || op == BinaryOp::ShiftRight)
    return left.is(Kind::Int) && right.is(Kind::Int) ? shift(op, left, right) : failed();
  const bool is_comparison = op >= BinaryOp::Equal && op <= BinaryOp::GreaterEqual;
  if (left.is(Kind::Bool) && right.is(Kind::Bool) && (op == BinaryOp::Equal || op == BinaryOp::NotEqual))
    return truth((left.bits == right.bits) == (op == BinaryOp::Equal));
  const bool numbers = (left.is(Kind::Int) || left.is(Kind::Float)) && (right.is(Kind::Int) || right.is(Kind::Float));
  if (!numbers)
    return failed();
  const TypeId type = joined(left, right);
  if (!type.valid())
    return failed();
  const bool untyped = left.untyped && right.untyped;
  if (types_.is(type, TypeKind::Float)) {
    if (is_comparison)
      return compare(op, left, right, type);
  } else {
    const Fold a = integer(type, integer_value(types_, left), untyped);
    const Fold b = integer(type, integer_value(types_, right), untyped);
    if (is_comparison)
      return compare(op, a.value, b.value, type);
    return integer_binary(op, type, integer_value(types_, a.value), integer_value(types_, b.value), untyped);
  }
  const double a = as_real(left);
  const double b = as_real(right);
  switch (op) {
  case BinaryOp::Add: return real(type, a + b, untyped);
  case BinaryOp::Sub: return real(type, a - b, untyped);
  case BinaryOp::Mul: return real(type, a * b, untyped);
  case BinaryOp::Div: return real(type, a / b, untyped);
  case BinaryOp::Rem: return real(type, std::fmod(a, b), untyped);
  default: return failed();
  }
}

} // namespace sx::sema
