#include "comptime/reference/scalar.h"
#include "ir/typing.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sx::comptime::reference {
namespace {

using ir::BinaryOp;
using ir::CompareOp;
using ir::ConvertOp;
using ir::Type;
using ir::UnaryOp;
using Wide = __int128;

Type float_row(unsigned bits) {
  Type type = ir::plain_type(ir::TypeKind::Float);
  type.bits = static_cast<std::uint8_t>(bits);
  return type;
}

Type any_int() {
  return ir::int_row(*rc::gen::inRange(1u, 65u), *rc::gen::arbitrary<bool>());
}

std::uint64_t any_value(const Type& type) {
  const auto pattern = *rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                                       rc::gen::element<std::uint64_t>(0, 1, ~0ull, 1ull << 63, ~0ull >> 1, 2, 3),
                                       rc::gen::just(std::uint64_t{1} << (type.bits - 1)));
  return ir::canonical_pattern(type, pattern);
}

// The mathematical value of a canonical pattern.
Wide value_of(const Type& type, std::uint64_t pattern) {
  return type.is_signed ? Wide{static_cast<std::int64_t>(pattern)} : Wide{pattern};
}

// The canonical pattern of a mathematical value, modulo 2^bits, by arithmetic only.
std::uint64_t pattern_of(const Type& type, Wide value) {
  const Wide modulus = Wide{1} << type.bits;
  Wide rest = value % modulus;
  if (rest < 0)
    rest += modulus;
  if (type.is_signed && rest >= modulus / 2)
    rest -= modulus;
  return static_cast<std::uint64_t>(rest);
}

RC_GTEST_PROP(Scalar, WrapsAtTheDeclaredWidth, ()) {
  const Type type = any_int();
  const std::uint64_t a = any_value(type), b = any_value(type);
  const Wide x = value_of(type, a), y = value_of(type, b);
  RC_ASSERT(*binary(BinaryOp::Add, type, a, b) == pattern_of(type, x + y));
  RC_ASSERT(*binary(BinaryOp::Sub, type, a, b) == pattern_of(type, x - y));
  // The product modulo 2^64 is enough for every width; reduce the factors so that it can't overflow 128 bits.
  const Wide product = static_cast<Wide>(static_cast<unsigned __int128>(x) * static_cast<unsigned __int128>(y));
  RC_ASSERT(*binary(BinaryOp::Mul, type, a, b) == pattern_of(type, product));
  RC_ASSERT(*unary(UnaryOp::Neg, type, a) == pattern_of(type, -x));
  RC_ASSERT(*unary(UnaryOp::BitNot, type, a) == pattern_of(type, -x - 1));
}

RC_GTEST_PROP(Scalar, DividesTruncating, ()) {
  const Type type = any_int();
  const std::uint64_t a = any_value(type), b = any_value(type);
  const Wide x = value_of(type, a), y = value_of(type, b);
  const auto quotient = binary(BinaryOp::Div, type, a, b);
  const auto rest = binary(BinaryOp::Rem, type, a, b);
  const Wide least = type.is_signed ? -(Wide{1} << (type.bits - 1)) : Wide{0};
  if (y == 0) {
    RC_ASSERT(quotient.error() == Reason::DivisionByZero);
    RC_ASSERT(rest.error() == Reason::DivisionByZero);
  } else if (type.is_signed && y == -1 && x == least) {
    RC_ASSERT(quotient.error() == Reason::DivisionOverflow);
    RC_ASSERT(rest.error() == Reason::DivisionOverflow);
  } else {
    RC_ASSERT(*quotient == pattern_of(type, x / y));
    RC_ASSERT(*rest == pattern_of(type, x % y));
  }
}

RC_GTEST_PROP(Scalar, ShiftsByAnyCount, ()) {
  const Type type = any_int();
  const std::uint64_t a = any_value(type), b = any_value(type);
  Wide count = value_of(type, b);
  if (count < 0)
    count += Wide{1} << type.bits; // read as unsigned of the same width
  const Wide x = value_of(type, a);
  if (count >= type.bits) {
    RC_ASSERT(*binary(BinaryOp::Shl, type, a, b) == 0u);
    RC_ASSERT(*binary(BinaryOp::Shr, type, a, b) == pattern_of(type, x < 0 ? -1 : 0));
    return;
  }
  const Wide factor = Wide{1} << static_cast<int>(count);
  const Wide floor = x >= 0 ? x / factor : -((-x + factor - 1) / factor);
  RC_ASSERT(*binary(BinaryOp::Shl, type, a, b) ==
            pattern_of(type, static_cast<Wide>(static_cast<unsigned __int128>(x) << static_cast<int>(count))));
  RC_ASSERT(*binary(BinaryOp::Shr, type, a, b) == pattern_of(type, floor));
}

RC_GTEST_PROP(Scalar, ComparesBySignedness, ()) {
  const Type type = any_int();
  const std::uint64_t a = any_value(type), b = any_value(type);
  const Wide x = value_of(type, a), y = value_of(type, b);
  RC_ASSERT(*compare(CompareOp::Eq, type, a, b) == (x == y ? 1u : 0u));
  RC_ASSERT(*compare(CompareOp::Ne, type, a, b) == (x != y ? 1u : 0u));
  RC_ASSERT(*compare(CompareOp::Lt, type, a, b) == (x < y ? 1u : 0u));
  RC_ASSERT(*compare(CompareOp::Le, type, a, b) == (x <= y ? 1u : 0u));
  RC_ASSERT(*compare(CompareOp::Gt, type, a, b) == (x > y ? 1u : 0u));
  RC_ASSERT(*compare(CompareOp::Ge, type, a, b) == (x >= y ? 1u : 0u));
}

RC_GTEST_PROP(Scalar, ResizesByTheSourcesSignedness, ()) {
  const Type from = any_int(), to = any_int();
  const std::uint64_t a = any_value(from);
  RC_ASSERT(*convert(ConvertOp::Resize, from, to, a, 64) == pattern_of(to, value_of(from, a)));
}

RC_GTEST_PROP(Scalar, FloatToIntSaturates, ()) {
  const Type to = any_int();
  const double value = *rc::gen::oneOf(
      rc::gen::arbitrary<double>(), rc::gen::element(0.5, -0.5, 1e300, -1e300, HUGE_VAL, -HUGE_VAL, 127.9, -128.9),
      rc::gen::map(rc::gen::inRange(-70, 70), [](int e) { return std::ldexp(e < 0 ? -1.0 : 1.0, std::abs(e)); }));
  const Wide least = to.is_signed ? -(Wide{1} << (to.bits - 1)) : Wide{0};
  const Wide most = (Wide{1} << (to.is_signed ? to.bits - 1 : to.bits)) - 1;
  Wide expected = std::fabs(value) < 1e30 ? static_cast<Wide>(value) : (value < 0 ? least : most);
  expected = expected < least ? least : expected > most ? most : expected;
  RC_ASSERT(*convert(ConvertOp::FloatToInt, float_row(64), to, std::bit_cast<std::uint64_t>(value), 64) ==
            pattern_of(to, expected));
}

RC_GTEST_PROP(Scalar, IntToFloatRoundsOnce, ()) {
  const Type from = any_int();
  const std::uint64_t a = any_value(from);
  const Wide x = value_of(from, a);
  RC_ASSERT(std::bit_cast<double>(*convert(ConvertOp::IntToFloat, from, float_row(64), a, 64)) ==
            static_cast<double>(x));
  RC_ASSERT(std::bit_cast<float>(static_cast<std::uint32_t>(
                *convert(ConvertOp::IntToFloat, from, float_row(32), a, 64))) == static_cast<float>(x));
}

TEST(Scalar, NanBecomesZero) {
  const std::uint64_t nan = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(*convert(ConvertOp::FloatToInt, float_row(64), ir::int_row(32, true), nan, 64), 0u);
}

TEST(Scalar, FloatComparisonsWithNan) {
  const std::uint64_t nan = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  const std::uint64_t one = std::bit_cast<std::uint64_t>(1.0);
  for (const CompareOp op : {CompareOp::Eq, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge})
    EXPECT_EQ(*compare(op, float_row(64), nan, one), 0u);
  EXPECT_EQ(*compare(CompareOp::Ne, float_row(64), nan, nan), 1u);
}

TEST(Scalar, SinglePrecisionRoundsEveryOperation) {
  const auto bits = [](float f) { return std::uint64_t{std::bit_cast<std::uint32_t>(f)}; };
  // 2^24 + 1 is not a float.
  EXPECT_EQ(*binary(BinaryOp::Add, float_row(32), bits(16777216.0f), bits(1.0f)), bits(16777216.0f));
  EXPECT_EQ(*binary(BinaryOp::Div, float_row(32), bits(1.0f), bits(0.0f)), bits(HUGE_VALF));
  EXPECT_EQ(*unary(UnaryOp::Neg, float_row(32), bits(0.0f)), bits(-0.0f));
}

TEST(Scalar, OperatorsRefuseTypesTheyDoNotExistFor) {
  const Type boolean = ir::plain_type(ir::TypeKind::Bool);
  const Type pointer = ir::plain_type(ir::TypeKind::Pointer);
  EXPECT_EQ(binary(BinaryOp::Add, boolean, 1, 1).error(), Reason::MalformedIr);
  EXPECT_EQ(binary(BinaryOp::Add, pointer, 1, 1).error(), Reason::MalformedIr);
  EXPECT_EQ(binary(BinaryOp::Shl, float_row(64), 1, 1).error(), Reason::MalformedIr);
  EXPECT_EQ(unary(UnaryOp::Neg, boolean, 1).error(), Reason::MalformedIr);
  EXPECT_EQ(convert(ConvertOp::IntToFloat, float_row(64), float_row(32), 0, 64).error(), Reason::MalformedIr);
}

} // namespace
} // namespace sx::comptime::reference
