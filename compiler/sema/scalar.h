#pragma once
// Arithmetic on compile-time scalars.

#include "sema/checker.h"

#include <string>

namespace sx::sema {

/// The value of an integer constant, whatever its type.
__int128 integer_value(const TypeTable& types, const ConstValue& value);
/// `value` reduced to the width of `type` and extended again: the canonical pattern.
std::uint64_t canonical_pattern(const TypeTable& types, TypeId type, __int128 value);
/// Bounds of an integer type.
__int128 integer_min(const TypeTable& types, TypeId type);
__int128 integer_max(const TypeTable& types, TypeId type);
std::string integer_text(__int128 value);
/// A float as messages show it: shortest form with at least one decimal.
std::string float_text(double value);

/// Operators. `count_*` compute in checked 64 bits (R7.31, R7.32), the others as the program would at run time.
class ScalarOps {
public:
  explicit ScalarOps(const TypeTable& types) : types_(types) {}
  Fold count_negate(const ConstValue& operand) const;
  Fold count_binary(syntax::BinaryOp op, const ConstValue& left, const ConstValue& right) const;
  Fold unary(syntax::UnaryOp op, const ConstValue& operand) const;
  Fold binary(syntax::BinaryOp op, const ConstValue& left, const ConstValue& right) const;

private:
  TypeId joined(const ConstValue& left, const ConstValue& right) const;
  Fold integer(TypeId type, __int128 value, bool untyped) const;
  Fold real(TypeId type, double value, bool untyped) const;
  Fold truth(bool value) const;
  Fold compare(syntax::BinaryOp op, const ConstValue& left, const ConstValue& right, TypeId type) const;
  Fold integer_binary(syntax::BinaryOp op, TypeId type, __int128 a, __int128 b, bool untyped) const;
  Fold shift(syntax::BinaryOp op, const ConstValue& left, const ConstValue& right) const;
  double as_real(const ConstValue& value) const;
  const TypeTable& types_;
};

} // namespace sx::sema
