// Literals (section 2.2, R6.9, R6.68).

#include "sema/body_checker.h"

#include <limits>

namespace sx::sema {

namespace {

/// The type an untyped literal takes its own type from: optionals are looked through (R6.12).
TypeId literal_target(const TypeTable& types, TypeId type) {
  while (type.valid() && types.is(type, TypeKind::Optional))
    type = types[type].element;
  return type;
}

std::string decimal(__int128 value) {
  if (value == 0)
    return "0";
  std::string digits;
  const bool negative = value < 0;
  for (unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value)
                                         : static_cast<unsigned __int128>(value);
       rest != 0; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  return negative ? "-" + digits : digits;
}

} // namespace

BodyChecker::IntegerRange BodyChecker::integer_range(TypeId type) const {
  const unsigned bits = types().bit_width(type);
  if (types().is_signed(type))
    return {-(static_cast<__int128>(1) << (bits - 1)), (static_cast<__int128>(1) << (bits - 1)) - 1};
  return {0, (static_cast<__int128>(1) << bits) - 1};
}

__int128 BodyChecker::wrap_integer(__int128 value, TypeId type) const {
  const unsigned bits = types().bit_width(type);
  const auto pattern = static_cast<unsigned __int128>(value) & ((static_cast<unsigned __int128>(1) << bits) - 1);
  if (types().is_signed(type) && (pattern >> (bits - 1)) != 0)
    return static_cast<__int128>(pattern) - (static_cast<__int128>(1) << bits);
  return static_cast<__int128>(pattern);
}

std::uint64_t BodyChecker::wrap_pattern(__int128 value, TypeId type) const {
  return static_cast<std::uint64_t>(wrap_integer(value, type));
}

Operand BodyChecker::check_int_literal(std::uint64_t value, bool negative, bool character, Span span, Expect expect) {
  const TypeId target = literal_target(types(), expect.type);
  const __int128 signed_value = negative ? -static_cast<__int128>(value) : static_cast<__int128>(value);
  if (target.valid() && types().is(target, TypeKind::Float)) {
    double real = static_cast<double>(signed_value);
    if (types()[target].bits == 32)
      real = static_cast<float>(real);
    Operand result = make(hir::FloatConst{real}, target, span);
    result.constant = Folded::of_float(real);
    result.constant.is_literal = true;
    return result;
  }
  const TypeId type = target.valid() && types().is_integer(target) ? target : types().i64;
  const IntegerRange range = integer_range(type);
  const bool negated_word = negative && types().bit_width(type) == 64;
  if (!expect.truncates && !negated_word && (signed_value < range.min || signed_value > range.max)) {
    if (character)
      report<diag::character_out_of_range>(span, checker_.sources.text(span), decimal(signed_value), name(type),
                                           decimal(range.min), decimal(range.max))
          .help("a 'u32' holds every character");
    else
      report<diag::integer_out_of_range>(span, decimal(signed_value), name(type), decimal(range.min),
                                         decimal(range.max))
          .help("an explicit cast would keep the low bits");
    return Operand::poison(span);
  }
  Operand result = make(hir::IntConst{wrap_pattern(signed_value, type)}, type, span);
  result.constant = Folded::of_integer(wrap_integer(signed_value, type));
  result.constant.is_literal = true;
  result.constant.is_character = character;
  return result;
}

Operand BodyChecker::check_float_literal(double value, Span span, Expect expect) {
  const TypeId target = literal_target(types(), expect.type);
  const TypeId type = target.valid() && types().is(target, TypeKind::Float) ? target : types().f64;
  if (types()[type].bits == 32)
    value = static_cast<float>(value);
  Operand result = make(hir::FloatConst{value}, type, span);
  result.constant = Folded::of_float(value);
  result.constant.is_literal = true;
  return result;
}

Operand BodyChecker::check_string_literal(const ast::StringLiteral& literal, Span span, Expect) {
  Operand result = make(hir::StringConst{literal.value}, types().string, span);
  result.string_literal = true;
  result.constant.kind = Folded::Kind::String;
  result.constant.text = literal.value;
  return result;
}

Operand BodyChecker::check_null(Span span, Expect expect) {
  const bool takes_null =
      expect.type.valid() && (types().is(expect.type, TypeKind::Optional) || types().is_pointer_like(expect.type));
  Operand operand = make(hir::Zero{}, takes_null ? expect.type : types().null, span);
  operand.is_null = true;
  return operand;
}

Operand BodyChecker::check_undefined(Span span, Expect expect) {
  if (!expect.type.valid() || !expect.accepts_undefined) {
    report<diag::literal_cannot_type_itself>(span);
    return Operand::poison(span);
  }
  if (types().is(expect.type, TypeKind::Poison))
    return Operand::poison(span);
  // A tuple is zero-filled even so (R2.68).
  if (types().is(expect.type, TypeKind::Tuple))
    return make(hir::Zero{}, expect.type, span);
  return make(hir::Undefined{}, expect.type, span);
}

Operand BodyChecker::check_error_literal(const ast::ErrorLiteral& literal, Span span, Expect expect) {
  const std::uint32_t tag = checker_.error_tag(literal.tag.text);
  TypeId target = expect.type;
  while (target.valid() && types().is(target, TypeKind::Optional))
    target = types()[target].element;
  if (target.valid() && types().is(target, TypeKind::Poison))
    return Operand::poison(span);
  if (target.valid() && types().is(target, TypeKind::ErrorSet)) {
    const Nominal& set = types().nominal(target);
    if (!set.inferred_set && std::ranges::find(set.tags, literal.tag.text) == set.tags.end()) {
      report<diag::tag_outside_set>(span, text(literal.tag.text), name(target));
      return Operand::poison(span);
    }
    Operand result = make(hir::IntConst{tag}, target, span);
    result.constant = Folded::of_integer(tag);
    result.error_tag = literal.tag.text;
    return result;
  }
  if (target.valid() && !types().is_integer(target) && !types().is(target, TypeKind::Any)) {
    report<diag::tag_for_another_type>(span, text(literal.tag.text), name(target));
    return Operand::poison(span);
  }
  Operand result = make(hir::IntConst{tag}, types().u32, span);
  result.constant = Folded::of_integer(tag);
  result.error_tag = literal.tag.text;
  return result;
}

} // namespace sx::sema
