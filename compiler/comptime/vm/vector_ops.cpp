// Operators on vectors, lane by lane.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"

#include <functional>

namespace sx::comptime::vm {

namespace {

std::uint64_t load_lane(const std::uint8_t* base, const Lanes& lanes, std::uint32_t index) {
  std::uint64_t word = 0;
  std::memcpy(&word, base + std::size_t{index} * lanes.bytes(), lanes.bytes());
  return lanes.is_signed ? sign_extend(word, lanes.bits) : zero_extend(word, lanes.bits);
}

void store_lane(std::uint8_t* base, const Lanes& lanes, std::uint32_t index, std::uint64_t word) {
  std::memcpy(base + std::size_t{index} * lanes.bytes(), &word, lanes.bytes());
}

template <class Float> std::uint64_t float_binary(ir::BinaryOp op, Float x, Float y) {
  switch (op) {
  case ir::BinaryOp::Add: return word(x + y);
  case ir::BinaryOp::Sub: return word(x - y);
  case ir::BinaryOp::Mul: return word(x * y);
  case ir::BinaryOp::Div: return word(x / y);
  default: return word(std::fmod(x, y));
  }
}

std::uint64_t integer_binary(ir::BinaryOp op, const Lanes& lanes, std::uint64_t x, std::uint64_t y) {
  switch (op) {
  case ir::BinaryOp::Add: return x + y;
  case ir::BinaryOp::Sub: return x - y;
  case ir::BinaryOp::Mul: return x * y;
  case ir::BinaryOp::Div: return lanes.is_signed ? as_word(as_signed(x) / as_signed(y)) : x / y;
  case ir::BinaryOp::Rem: return lanes.is_signed ? as_word(as_signed(x) % as_signed(y)) : x % y;
  case ir::BinaryOp::And: return x & y;
  case ir::BinaryOp::Or: return x | y;
  case ir::BinaryOp::Xor: return x ^ y;
  case ir::BinaryOp::Shl: return shift_left(x, y);
  case ir::BinaryOp::Shr: return lanes.is_signed ? shift_right_signed(x, y) : shift_right_unsigned(x, y);
  }
  return 0;
}

template <class T> bool compare(ir::CompareOp op, T x, T y) {
  switch (op) {
  case ir::CompareOp::Eq: return x == y;
  case ir::CompareOp::Ne: return x != y;
  case ir::CompareOp::Lt: return x < y;
  case ir::CompareOp::Le: return x <= y;
  case ir::CompareOp::Gt: return x > y;
  case ir::CompareOp::Ge: return x >= y;
  }
  return false;
}

bool compare_lanes(const Lanes& lanes, std::uint64_t x, std::uint64_t y) {
  const auto op = static_cast<ir::CompareOp>(lanes.op);
  if (lanes.kind == ir::TypeKind::Float)
    return lanes.bits == 64 ? compare(op, f64(x), f64(y)) : compare(op, f32(x), f32(y));
  return lanes.is_signed ? compare(op, as_signed(x), as_signed(y)) : compare(op, x, y);
}

std::uint64_t unary_lane(const Lanes& lanes, std::uint64_t x) {
  if (static_cast<ir::UnaryOp>(lanes.op) == ir::UnaryOp::BitNot)
    return lanes.kind == ir::TypeKind::Bool ? x ^ 1 : ~x;
  if (lanes.kind == ir::TypeKind::Float)
    return x ^ std::uint64_t{1} << (lanes.bits - 1);
  return 0 - x;
}

} // namespace

bool Machine::vector_binary(Address to, Address lhs, Address rhs, std::uint64_t descriptor) {
  const Lanes lanes = Lanes::unpack(descriptor);
  const std::uint64_t size = std::uint64_t{lanes.count} * lanes.bytes();
  const std::uint8_t* a = readable(lhs, size);
  const std::uint8_t* b = a ? readable(rhs, size) : nullptr;
  std::uint8_t* result = b ? writable(to, size) : nullptr;
  if (!result)
    return false;
  const auto op = static_cast<ir::BinaryOp>(lanes.op);
  const bool divides = lanes.kind == ir::TypeKind::Int && (op == ir::BinaryOp::Div || op == ir::BinaryOp::Rem);
  for (std::uint32_t i = 0; i < lanes.count; ++i) {
    const std::uint64_t x = load_lane(a, lanes, i), y = load_lane(b, lanes, i);
    if (divides && y == 0)
      return stop(Reason::DivisionByZero);
    if (divides && lanes.is_signed && y == ~std::uint64_t{0} && x == ~std::uint64_t{0} << (lanes.bits - 1))
      return stop(Reason::DivisionOverflow);
    std::uint64_t value = 0;
    if (lanes.kind != ir::TypeKind::Float)
      value = integer_binary(op, lanes, x, y);
    else
      value = lanes.bits == 64 ? float_binary(op, f64(x), f64(y)) : float_binary(op, f32(x), f32(y));
    store_lane(result, lanes, i, lanes.is_signed ? sign_extend(value, lanes.bits) : zero_extend(value, lanes.bits));
  }
  return finish(Helper::Vector);
}

bool Machine::vector_compare(Address to, Address lhs, Address rhs, std::uint64_t descriptor) {
  const Lanes lanes = Lanes::unpack(descriptor);
  const std::uint64_t size = std::uint64_t{lanes.count} * lanes.bytes();
  const std::uint8_t* a = readable(lhs, size);
  const std::uint8_t* b = a ? readable(rhs, size) : nullptr;
  std::uint8_t* result = b ? writable(to, lanes.count) : nullptr;
  if (!result)
    return false;
  for (std::uint32_t i = 0; i < lanes.count; ++i)
    result[i] = compare_lanes(lanes, load_lane(a, lanes, i), load_lane(b, lanes, i)) ? 1 : 0;
  return finish(Helper::Vector);
}

bool Machine::vector_unary(Address to, Address from, std::uint64_t descriptor) {
  const Lanes lanes = Lanes::unpack(descriptor);
  const std::uint64_t size = std::uint64_t{lanes.count} * lanes.bytes();
  const std::uint8_t* source = readable(from, size);
  std::uint8_t* result = source ? writable(to, size) : nullptr;
  if (!result)
    return false;
  for (std::uint32_t i = 0; i < lanes.count; ++i) {
    const std::uint64_t value = unary_lane(lanes, load_lane(source, lanes, i));
    store_lane(result, lanes, i, lanes.is_signed ? sign_extend(value, lanes.bits) : zero_extend(value, lanes.bits));
  }
  return finish(Helper::Vector);
}

} // namespace sx::comptime::vm
