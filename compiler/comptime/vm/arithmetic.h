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
