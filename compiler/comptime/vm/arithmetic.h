#pragma once
// Scalar operations on canonical words (sections 2.6 and 2.14 of the language reference).

#include <bit>
#include <cmath>
#include <cstdint>

namespace sx::comptime::vm {

constexpr std::int64_t as_signed(std::uint64_t word) {
  return static_cast<std::int64_t>(word);
}
constexpr std::uint64_t as_word(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
/// The low `bits` (1 to 64), extended by sign or by zeros.
constexpr std::uint64_t sign_extend(std::uint64_t word, unsigned bits) {
  return as_word(as_signed(word << (64 - bits)) >> (64 - bits));
}
constexpr std::uint64_t zero_extend(std::uint64_t word, unsigned bits) {
  return word << (64 - bits) >> (64 - bits);
}
inline double f64(std::uint64_t word) {
  return std::bit_cast<double>(word);
}
inline float f32(std::uint64_t word) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(word));
}
inline std::uint64_t word(double value) {
  return std::bit_cast<std::uint64_t>(value);
}
inline std::uint64_t word(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

/// A count of 64 or more is over-wide at any width; canonical operands make the other over-wide counts come out right.
constexpr std::uint64_t shift_left(std::uint64_t value, std::uint64_t count) {
  return count < 64 ? value << count : 0;
}
constexpr std::uint64_t shift_right_unsigned(std::uint64_t value, std::uint64_t count) {
  return count < 64 ? value >> count : 0;
}
constexpr std::uint64_t shift_right_signed(std::uint64_t value, std::uint64_t count) {
  return as_word(as_signed(value) >> (count < 64 ? count : 63));
}

/// What division by a constant is made of: x / d is the high half of x * factor, plus x if the factor is negative as a
/// signed word, shifted right, plus 1 if x is negative.
struct Reciprocal {
  std::uint64_t factor = 0;
  std::uint32_t shift = 0;
};
/// Of 3 or more (Warren, Hacker's Delight, 10-1: signed division by divisors >= 2).
constexpr Reciprocal reciprocal_of(std::int64_t divisor) {
  __extension__ using Wide = unsigned __int128;
  // The least p for which 2^p has a multiple of the divisor close enough above it.
  const auto d = static_cast<std::uint64_t>(divisor);
  const std::uint64_t half = std::uint64_t{1} << 63;
  const std::uint64_t most = half - 1 - half % d; // the largest dividend of remainder d - 1
  for (std::uint32_t p = 64;; ++p) {
    const Wide power = Wide{1} << p;
    const auto rest = d - static_cast<std::uint64_t>(power % d);
    if (power > Wide{most} * rest)
      return {static_cast<std::uint64_t>((power + rest) / d), p - 64};
  }
}
constexpr std::uint64_t divide_by(std::uint64_t dividend, std::uint64_t factor, std::uint32_t shift) {
  __extension__ using Wide = __int128;
  const auto high = static_cast<std::uint64_t>(Wide{as_signed(dividend)} * as_signed(factor) >> 64);
  const std::uint64_t sum = as_signed(factor) < 0 ? high + dividend : high;
  return as_word(as_signed(sum) >> (shift & 63)) + (dividend >> 63);
}

/// Toward zero, saturating at `bits`, NaN gives 0 (R2.77).
inline std::uint64_t float_to_signed(double value, unsigned bits) {
  const double bound = std::ldexp(1.0, static_cast<int>(bits) - 1);
  const std::uint64_t top = (std::uint64_t{1} << (bits - 1)) - 1;
  if (std::isnan(value))
    return 0;
  if (value >= bound)
    return top;
  if (value < -bound)
    return ~top;
  return as_word(static_cast<std::int64_t>(value));
}
inline std::uint64_t float_to_unsigned(double value, unsigned bits) {
  if (!(value >= 1))
    return 0;
  if (value >= std::ldexp(1.0, static_cast<int>(bits)))
    return ~std::uint64_t{0} >> (64 - bits);
  return static_cast<std::uint64_t>(value);
}

} // namespace sx::comptime::vm
