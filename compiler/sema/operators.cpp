// Unary and arithmetic operators (sections 2.6, 2.15, 2.16).

#include "sema/body_checker.h"
#include "sema/operator_text.h"

#include <cmath>

namespace sx::sema {

using syntax::BinaryOp;
using syntax::UnaryOp;

hir::BinaryOp hir_operator(BinaryOp op) {
  switch (op) {
  case BinaryOp::Add: return hir::BinaryOp::Add;
  case BinaryOp::Sub: return hir::BinaryOp::Sub;
  case BinaryOp::Mul: return hir::BinaryOp::Mul;
  case BinaryOp::Div: return hir::BinaryOp::Div;
  case BinaryOp::Rem: return hir::BinaryOp::Rem;
  case BinaryOp::BitAnd: return hir::BinaryOp::And;
  case BinaryOp::BitOr: return hir::BinaryOp::Or;
  case BinaryOp::BitXor: return hir::BinaryOp::Xor;
  case BinaryOp::ShiftLeft: return hir::BinaryOp::Shl;
  default: return hir::BinaryOp::Shr;
  }
}

namespace {

bool is_bitwise(BinaryOp op) {
  return op >= BinaryOp::BitAnd && op <= BinaryOp::ShiftRight;
}
bool is_shift(BinaryOp op) {
  return op == BinaryOp::ShiftLeft || op == BinaryOp::ShiftRight;
}

std::optional<double> fold_floats(BinaryOp op, double a, double b) {
  switch (op) {
  case BinaryOp::Add: return a + b;
  case BinaryOp::Sub: return a - b;
  case BinaryOp::Mul: return a * b;
  case BinaryOp::Div: return a / b;
  case BinaryOp::Rem: return std::fmod(a, b);
  default: return {};
  }
}

std::optional<__int128> fold_integers(BinaryOp op, __int128 a, __int128 b, unsigned bits) {
  switch (op) {
  case BinaryOp::Add: return a + b;
  case BinaryOp::Sub: return a - b;
  case BinaryOp::Mul:
    return static_cast<__int128>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b));
  case BinaryOp::Div: return b == 0 ? std::optional<__int128>() : a / b;
  case BinaryOp::Rem: return b == 0 ? std::optional<__int128>() : a % b;
  case BinaryOp::BitAnd: return a & b;
  case BinaryOp::BitOr: return a | b;
  case BinaryOp::BitXor: return a ^ b;
  case BinaryOp::ShiftLeft:
    return b < 0 || b >= bits ? 0 : static_cast<__int128>(static_cast<unsigned __int128>(a) << static_cast<int>(b));
  case BinaryOp::ShiftRight: return b < 0 || b >= bits ? (a < 0 ? -1 : 0) : a >> static_cast<int>(b);
  default: return {};
  }
}

} // namespace

Operand BodyChecker::check_unary(const ast::Unary& unary, AstId node, Expect expect) {
  const Span span = span_of(node);
  switch (unary.op) {
  case UnaryOp::Xx: return check_xx(unary, node, expect);
  case UnaryOp::Try: return check_try(unary, node, expect);
  case UnaryOp::Pointer: return check_address_of(unary, node, expect);
  case UnaryOp::Negate:
    if (const auto* literal = tree().try_get<ast::IntLiteral>(unary.operand))
      return check_int_literal(literal->value, true, false, span, expect);
    if (const auto* literal = tree().try_get<ast::CharLiteral>(unary.operand))
      return check_int_literal(literal->value, true, true, span, expect);
    break;
  default: break;
  }
  Expect inner = unary.op == UnaryOp::Not ? Expect::none() : expect;
  inner.wants_value = true;
  inner.accepts_failable = inner.accepts_undefined = false;
  Operand operand = read_through_reference(check(unary.operand, inner));
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return Operand::poison(span);
  const TypeId type = operand.type;
  const TypeKind kind = types().kind(type);
  if (kind == TypeKind::NoReturn)
    return operand;
  if (unary.op == UnaryOp::Not) {
    if (kind == TypeKind::Bool) {
      Operand result = make(hir::Unary{hir::UnaryOp::Not, operand.node}, type, span);
      if (operand.constant.kind == Folded::Kind::Bool)
        result.constant = Folded::of_bool(operand.constant.integer == 0);
      return result;
    }
    if (types().is_integer(type) || kind == TypeKind::ErrorSet)
      return make(hir::Compare{hir::CompareOp::Equal, operand.node, emit(hir::Zero{}, type, span)}, types().bool_,
                  span);
    report<diag::operand_of_not>(span, name(type));
    return Operand::poison(span);
  }
  const TypeId lane = kind == TypeKind::Vector ? types()[type].element : type;
  const bool fits =
      unary.op == UnaryOp::Negate ? types().is_numeric(lane) : types().is_integer(lane) || kind == TypeKind::Enum;
  if (!fits) {
    if (kind == TypeKind::Optional)
      report<diag::optional_as_operand>(operand.span, name(type)).help(optional_help);
    else
      report<diag::operand_does_not_fit>(span, unary.op == UnaryOp::Negate ? "-" : "~", name(type));
    return Operand::poison(span);
  }
  Operand result = make(
      hir::Unary{unary.op == UnaryOp::Negate ? hir::UnaryOp::Negate : hir::UnaryOp::BitNot, operand.node}, type, span);
  if (operand.constant.is_float() && unary.op == UnaryOp::Negate)
    result.constant = Folded::of_float(-operand.constant.real);
  if (operand.constant.is_integer() && types().is_integer(type))
    result.constant = Folded::of_integer(
        wrap_integer(unary.op == UnaryOp::Negate ? -operand.constant.integer : ~operand.constant.integer, type));
  return result;
}

Operand BodyChecker::check_address_of(const ast::Unary& unary, AstId node, Expect) {
  const Span span = span_of(node);
  Operand operand = check(unary.operand, Expect::none());
  if (operand.poisoned())
    return Operand::poison(span);
  if (operand.kind == Operand::Kind::Type) {
    if (!operand.denoted.valid())
      return Operand::poison(span);
    operand.denoted = types().pointer(operand.denoted);
    operand.span = span;
    return operand;
  }
  if (operand.kind == Operand::Kind::Property) {
    report<diag::no_such_field>(operand.span, name(operand.type), text(operand.name));
    return Operand::poison(span);
  }
  const bool scalar_constant =
      operand.is_value() && operand.constant && operand.name.valid() && operand.name.value != 0;
  const bool fixed =
      operand.is_place() && (operand.access == Access::LocalConstant || operand.access == Access::Capture ||
                             operand.access == Access::LoopElement || operand.access == Access::Reference);
  if (scalar_constant || (fixed && operand.local.valid())) {
    report<diag::address_of_constant>(span, text(operand.name)).help("copy it into a variable");
    return Operand::poison(span);
  }
  const Operand storage = to_place(operand);
  if (storage.poisoned())
    return Operand::poison(span);
  Operand result = make(hir::AddressOf{storage.node}, types().pointer(storage.type), span);
  result.addresses_temporary = operand.is_value();
  return result;
}

Operand BodyChecker::read_through_reference(Operand operand) {
  if (operand.is_place() && operand.access == Access::Reference && types().is(operand.type, TypeKind::Pointer))
    return deref(to_value(operand), operand.span);
  return operand;
}

Expect BodyChecker::right_expect(const Operand& left, Expect whole, bool comparison, AstId right) {
  Expect expect = comparison ? Expect::none() : Expect::of(whole.type);
  expect.truncates = whole.truncates;
  if (left.poisoned()) {
    expect.type = types().poison;
    return expect;
  }
  // The name of a function has no type yet: it asks nothing of the right side.
  if (left.kind != Operand::Kind::Type && !left.type.valid())
    return expect;
  const TypeKind kind = left.kind == Operand::Kind::Type ? TypeKind::Type : types().kind(left.type);
  if (kind == TypeKind::Float || kind == TypeKind::Enum || kind == TypeKind::TaggedUnion || kind == TypeKind::Union)
    expect.type = left.type;
  else if (comparison && kind == TypeKind::Optional)
    expect.type = types()[left.type].element;
  else if (comparison && kind == TypeKind::ErrorSet)
    expect.type = left.type;
  else if (comparison && (tree().is(right, AstKind::StructLiteral) || tree().is(right, AstKind::ArrayLiteral) ||
                          tree().is(right, AstKind::NullLiteral)))
    expect.type = left.type;
  return expect;
}

Operand BodyChecker::check_binary(const ast::Binary& binary, AstId node, Expect expect) {
  switch (binary.op) {
  case BinaryOp::And:
  case BinaryOp::Or: return check_logical(binary, node, expect);
  case BinaryOp::Coalesce: return check_coalesce(binary, node);
  case BinaryOp::In: return check_in(binary, node);
  case BinaryOp::Equal:
  case BinaryOp::NotEqual:
  case BinaryOp::Less:
  case BinaryOp::LessEqual:
  case BinaryOp::Greater:
  case BinaryOp::GreaterEqual: return check_compare(binary, node);
  default: break;
  }
  Expect left_expect = Expect::of(expect.type);
  left_expect.truncates = expect.truncates;
  Operand left = check(binary.lhs, left_expect);
  left = to_operand(std::move(left));
  Operand right = to_operand(check(binary.rhs, right_expect(left, left_expect, false, binary.rhs)));
  return arithmetic(binary.op, std::move(left), std::move(right), span_of(node));
}

Operand BodyChecker::to_operand(Operand operand) {
  operand = read_through_reference(std::move(operand));
  operand = unwrap_narrowed(std::move(operand));
  return to_value(std::move(operand));
}

Operand BodyChecker::arithmetic(BinaryOp op, Operand left, Operand right, Span span) {
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  for (const Operand* operand : {&left, &right}) {
    if (types().is(operand->type, TypeKind::NoReturn))
      return value(emit(hir::Sequence{body().add_list(std::array{left.node}), right.node}, types().noreturn, span),
                   types().noreturn, span);
    if (types().is(operand->type, TypeKind::Optional)) {
      report<diag::optional_as_operand>(operand->span, name(operand->type)).help(optional_help);
      return Operand::poison(span);
    }
  }
  const TypeKind lk = types().kind(left.type);
  const TypeKind rk = types().kind(right.type);
  if (lk == TypeKind::Tuple && op == BinaryOp::Add && rk == TypeKind::Tuple)
    return tuple_concatenation(left, right, span);
  if (lk == TypeKind::Tuple && op == BinaryOp::Mul)
    return tuple_repetition(left, right, span);
  if (lk == TypeKind::Vector || rk == TypeKind::Vector)
    return vector_arithmetic(op, left, right, span);

  const auto mismatch = [&] {
    report<diag::operands_do_not_fit>(left.span, operator_text(op), name(left.type), name(right.type));
    return Operand::poison(span);
  };
  const bool left_integer = types().is_integer(left.type);
  const bool right_integer = types().is_integer(right.type);
  TypeId type = left.type;
  if (lk == TypeKind::Enum) {
    if (!is_bitwise(op) || (right.type != left.type && !right_integer))
      return mismatch();
  } else if (lk == TypeKind::Bool && is_bitwise(op) && !is_shift(op)) {
    if (rk != TypeKind::Bool && !right_integer)
      return mismatch();
    if (right_integer)
      type = right.type;
  } else if (is_bitwise(op)) {
    if (!left_integer || (!right_integer && rk != TypeKind::Bool && rk != TypeKind::Enum))
      return mismatch();
  } else {
    const bool numeric = types().is_numeric(left.type) && types().is_numeric(right.type);
    if (!numeric)
      return mismatch();
    if (left_integer && rk == TypeKind::Float)
      type = right.type;
  }
  const Folded a = left.constant;
  const Folded b = right.constant;
  const ConversionSite site{.site = span};
  const auto to_type = [&](Operand operand) {
    operand.constant.is_literal = false;
    if (types().is(operand.type, TypeKind::Float) && types().is_integer(type))
      return operand;
    if (operand.type == type)
      return operand;
    if (types().is(type, TypeKind::Enum) || types().is(operand.type, TypeKind::Enum))
      return make(hir::Convert{hir::ConvertOp::Resize, operand.node}, type, operand.span);
    return convert(operand, type, site);
  };
  left = to_type(left);
  right = to_type(right);
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  Operand result = make(hir::Binary{hir_operator(op), left.node, right.node}, type, span);
  if (a && b) {
    const auto real = [](const Folded& f) { return f.is_float() ? f.real : static_cast<double>(f.integer); };
    if (types().is(type, TypeKind::Float) && (a.is_float() || a.is_integer()) && (b.is_float() || b.is_integer())) {
      if (const auto folded = fold_floats(op, real(a), real(b)))
        result.constant = Folded::of_float(types()[type].bits == 32 ? static_cast<float>(*folded) : *folded);
    } else if (types().is_integer(type) && a.is_integer() && b.is_integer()) {
      if (const auto folded = fold_integers(op, a.integer, wrap_integer(b.integer, type), types().bit_width(type)))
        result.constant = Folded::of_integer(wrap_integer(*folded, type));
    }
  }
  return result;
}

Operand BodyChecker::vector_arithmetic(BinaryOp op, Operand left, Operand right, Span span) {
  const bool left_vector = types().is(left.type, TypeKind::Vector);
  const TypeId type = left_vector ? left.type : right.type;
  const TypeId lane = types()[type].element;
  const auto mismatch = [&] {
    report<diag::operands_do_not_fit>(left.span, operator_text(op), name(left.type), name(right.type));
    return Operand::poison(span);
  };
  if (is_bitwise(op) ? !types().is_integer(lane) && !(types().is(lane, TypeKind::Bool) && !is_shift(op))
                     : !types().is_numeric(lane))
    return mismatch();
  const auto to_vector = [&](Operand operand) -> Operand {
    if (operand.type == type)
      return operand;
    if (!types().is_numeric(operand.type) && !types().is(operand.type, TypeKind::Bool))
      return Operand::poison(span);
    const Operand scalar = convert(operand, lane, {.site = span});
    return scalar.poisoned() ? scalar : make(hir::Splat{scalar.node}, type, operand.span);
  };
  if ((types().is(left.type, TypeKind::Vector) && types().is(right.type, TypeKind::Vector) && left.type != right.type))
    return mismatch();
  for (const Operand* operand : {&left, &right})
    if (operand->type != type && !types().is_numeric(operand->type) && !types().is(operand->type, TypeKind::Bool))
      return mismatch();
  left = to_vector(left);
  right = to_vector(right);
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  return make(hir::Binary{hir_operator(op), left.node, right.node}, type, span);
}

Operand BodyChecker::tuple_concatenation(Operand left, Operand right, Span span) {
  std::vector<hir::NodeId> before;
  const hir::LocalId a = spill(left, before);
  const hir::LocalId b = spill(right, before);
  std::vector<TypeId> elements;
  std::vector<hir::MemberInit> inits;
  for (const hir::LocalId local : {a, b}) {
    const TypeId tuple = body().locals[local.index()].type;
    for (std::uint32_t i = 0; i < types()[tuple].elements.size(); ++i) {
      const TypeId type = types()[tuple].elements[i];
      const hir::NodeId part = emit(hir::Field{emit(hir::Local{local}, tuple, span), i}, type, span);
      inits.push_back({static_cast<std::uint32_t>(inits.size()), emit(hir::Load{part}, type, span)});
      elements.push_back(type);
    }
  }
  const TypeId type = types().tuple(std::move(elements));
  return sequence(before, value(aggregate(inits, type, span), type, span), span);
}

Operand BodyChecker::tuple_repetition(Operand left, Operand right, Span span) {
  constexpr std::size_t max_elements = 1 << 16;
  const std::size_t width = types()[left.type].elements.size();
  if (!right.constant.is_literal || !right.constant.is_integer() || right.constant.integer < 0) {
    report<diag::operands_do_not_fit>(right.span, "*", name(left.type), name(right.type));
    return Operand::poison(span);
  }
  if (right.constant.integer * static_cast<__int128>(width) > static_cast<__int128>(max_elements)) {
    report<diag::limit_exceeded>(right.span, "the number of elements of a tuple", max_elements);
    return Operand::poison(span);
  }
  std::vector<hir::NodeId> before;
  const hir::LocalId local = spill(left, before);
  std::vector<TypeId> elements;
  std::vector<hir::MemberInit> inits;
  for (__int128 round = 0; round < right.constant.integer; ++round)
    for (std::uint32_t i = 0; i < width; ++i) {
      const TypeId type = types()[left.type].elements[i];
      const hir::NodeId part = emit(hir::Field{emit(hir::Local{local}, left.type, span), i}, type, span);
      inits.push_back({static_cast<std::uint32_t>(inits.size()), emit(hir::Load{part}, type, span)});
      elements.push_back(type);
    }
  const TypeId type = types().tuple(std::move(elements));
  return sequence(before, value(aggregate(inits, type, span), type, span), span);
}

Operand BodyChecker::check_logical(const ast::Binary& binary, AstId node, Expect expect) {
  if (binary.op == BinaryOp::Or && (is_failable_operand(binary.lhs) || is_failable_operand(binary.rhs)))
    return check_or_chain(binary, node, expect);
  const Span span = span_of(node);
  const Operand left = to_condition(check_condition_operand(binary.lhs));
  const Operand right = to_condition(check_condition_operand(binary.rhs));
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  Operand result = binary.op == BinaryOp::And ? make(hir::LogicalAnd{left.node, right.node}, types().bool_, span)
                                              : make(hir::LogicalOr{left.node, right.node}, types().bool_, span);
  if (left.constant.kind == Folded::Kind::Bool && right.constant.kind == Folded::Kind::Bool)
    result.constant =
        Folded::of_bool(binary.op == BinaryOp::And ? left.constant.integer != 0 && right.constant.integer != 0
                                                   : left.constant.integer != 0 || right.constant.integer != 0);
  return result;
}

Operand BodyChecker::check_condition_operand(AstId node) {
  Operand operand = check(node, Expect::none());
  operand.narrowed = false; // presence, not payload
  return read_through_reference(std::move(operand));
}

} // namespace sx::sema
