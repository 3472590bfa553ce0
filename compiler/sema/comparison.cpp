// Comparison, equality and membership (sections 2.7, 2.15, 6.3, 6.4).

#include "sema/body_checker.h"
#include "sema/operator_text.h"

#include <algorithm>

namespace sx::sema {

using syntax::BinaryOp;

namespace {

hir::CompareOp compare_op(BinaryOp op) {
  switch (op) {
  case BinaryOp::Equal: return hir::CompareOp::Equal;
  case BinaryOp::NotEqual: return hir::CompareOp::NotEqual;
  case BinaryOp::Less: return hir::CompareOp::Less;
  case BinaryOp::LessEqual: return hir::CompareOp::LessEqual;
  case BinaryOp::Greater: return hir::CompareOp::Greater;
  default: return hir::CompareOp::GreaterEqual;
  }
}

bool is_equality(BinaryOp op) {
  return op == BinaryOp::Equal || op == BinaryOp::NotEqual;
}

template <class T> bool holds(BinaryOp op, T a, T b) {
  switch (op) {
  case BinaryOp::Equal: return a == b;
  case BinaryOp::NotEqual: return a != b;
  case BinaryOp::Less: return a < b;
  case BinaryOp::LessEqual: return a <= b;
  case BinaryOp::Greater: return a > b;
  default: return a >= b;
  }
}

bool is_scalar_kind(TypeKind kind) {
  switch (kind) {
  case TypeKind::Bool:
  case TypeKind::Int:
  case TypeKind::USize:
  case TypeKind::ISize:
  case TypeKind::Float:
  case TypeKind::Enum:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString:
  case TypeKind::Function:
  case TypeKind::Type:
  case TypeKind::ErrorSet: return true;
  default: return false;
  }
}

} // namespace

Operand BodyChecker::check_compare(const ast::Binary& binary, AstId node) {
  const Span span = span_of(node);
  // An error literal on the left is typed by the other side (R6.70).
  if (tree().is(binary.lhs, AstKind::ErrorLiteral) && !tree().is(binary.rhs, AstKind::ErrorLiteral)) {
    const NaturalType right = natural_type(binary.rhs);
    Operand left =
        check(binary.lhs, types().is(right.type, TypeKind::ErrorSet) ? Expect::of(right.type) : Expect::none());
    Operand other = check(binary.rhs, Expect::none());
    return compare(binary.op, std::move(left), std::move(other), span);
  }
  Operand left = check(binary.lhs, Expect::none());
  if (!left.is_type() && !left.is_place()) // the type of a getter or function name is that of its value
    left = to_value(std::move(left));
  Operand right = check(binary.rhs, right_expect(left, Expect::none(), true, binary.rhs));
  return compare(binary.op, std::move(left), std::move(right), span);
}

Operand BodyChecker::check_compare_chain(const ast::CompareChain& chain, AstId node) {
  const Span span = span_of(node);
  std::vector<hir::NodeId> before;
  std::vector<Operand> operands;
  bool poisoned = false;
  for (const AstId item : tree().list(chain.operands)) {
    const Expect expect = operands.empty() ? Expect::none() : right_expect(operands.back(), Expect::none(), true, item);
    Operand operand = to_value(read_through_reference(check(item, expect)));
    poisoned = poisoned || operand.poisoned();
    if (!operand.poisoned()) {
      Operand once = operand;
      once.local = spill(operand, before);
      once.node = {};
      operands.push_back(once);
    } else {
      operands.push_back(operand);
    }
  }
  if (poisoned)
    return Operand::poison(span);
  const auto read = [&](const Operand& operand) {
    Operand copy = operand;
    copy.node = local_value(operand.local, operand.span);
    copy.local = {};
    return copy;
  };
  Operand result;
  const std::span<const std::uint32_t> ops = tree().words(chain.ops);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Operand pair = compare(static_cast<BinaryOp>(ops[i]), read(operands[i]), read(operands[i + 1]), span);
    if (pair.poisoned() || !types().is(pair.type, TypeKind::Bool))
      return pair.poisoned() ? pair : (report<diag::not_a_condition>(span, name(pair.type)), Operand::poison(span));
    result = i == 0 ? pair : make(hir::LogicalAnd{result.node, pair.node}, types().bool_, span);
  }
  return sequence(before, result, span);
}

Operand BodyChecker::compare(BinaryOp op, Operand left, Operand right, Span span) {
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  left = read_through_reference(std::move(left));
  right = read_through_reference(std::move(right));
  // Two types known here fold (R2.41, R7.67).
  if (left.is_type() && right.is_type() && left.denoted.valid() && right.denoted.valid() && is_equality(op)) {
    const bool equal = (left.denoted == right.denoted) == (op == BinaryOp::Equal);
    Operand result = make(hir::IntConst{equal}, types().bool_, span);
    result.constant = Folded::of_bool(equal);
    return result;
  }
  if (!is_equality(op)) {
    left = unwrap_narrowed(std::move(left));
    right = unwrap_narrowed(std::move(right));
  }
  left = to_value(std::move(left));
  right = to_value(std::move(right));
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  if (types().is(left.type, TypeKind::NoReturn) || types().is(right.type, TypeKind::NoReturn))
    return value(emit(hir::Sequence{body().add_list(std::array{left.node}), right.node}, types().noreturn, span),
                 types().noreturn, span);
  if (is_equality(op))
    return compare_equal(op == BinaryOp::Equal, std::move(left), std::move(right), span);

  const TypeKind lk = types().kind(left.type);
  const TypeKind rk = types().kind(right.type);
  for (const Operand* operand : {&left, &right})
    if (types().is(operand->type, TypeKind::Optional)) {
      report<diag::optional_as_operand>(operand->span, name(operand->type)).help(optional_help);
      return Operand::poison(span);
    }
  if (lk == TypeKind::Tuple && rk == TypeKind::Tuple)
    return compare_tuples(op, left, right, span);
  const bool ordered = types().is_numeric(left.type) || lk == TypeKind::Bool || lk == TypeKind::Enum ||
                       lk == TypeKind::Pointer || lk == TypeKind::ManyPointer || lk == TypeKind::Vector ||
                       rk == TypeKind::Vector;
  if (ordered)
    if (std::optional<Operand> result = compare_scalars(op, left, right, span))
      return *result;
  report<diag::operands_do_not_fit>(left.span, operator_text(op), name(left.type), name(right.type));
  return Operand::poison(span);
}

std::optional<Operand> BodyChecker::compare_scalars(BinaryOp op, Operand left, Operand right, Span span) {
  const TypeKind lk = types().kind(left.type);
  const TypeKind rk = types().kind(right.type);
  const Folded a = left.constant;
  const Folded b = right.constant;
  if (lk == TypeKind::Vector || rk == TypeKind::Vector) {
    const TypeId type = lk == TypeKind::Vector ? left.type : right.type;
    for (Operand* operand : {&left, &right}) {
      if (operand->type == type)
        continue;
      if (!converts(operand->type, types()[type].element))
        return {};
      const Operand lane = convert(*operand, types()[type].element, {.site = span});
      if (lane.poisoned())
        return lane;
      *operand = make(hir::Splat{lane.node}, type, operand->span);
    }
    const TypeId result = types().vector(types().bool_, types()[type].count);
    return make(hir::Compare{compare_op(op), left.node, right.node}, result, span);
  }
  TypeId common;
  const bool left_integer = types().is_integer(left.type);
  const bool right_integer = types().is_integer(right.type);
  if (left_integer && right_integer) {
    const unsigned bits = std::max(types().bit_width(left.type), types().bit_width(right.type));
    const bool is_signed = types().is_signed(left.type) && types().is_signed(right.type);
    common = left.type == right.type ? left.type : types().integer(bits, is_signed);
  } else if (types().is_numeric(left.type) && types().is_numeric(right.type)) {
    common = lk == TypeKind::Float ? left.type : right.type;
  } else if (left.type == right.type) {
    common = left.type;
  } else if (types().is_pointer_like(left.type) && types().is_pointer_like(right.type)) {
    common = left.type;
    right = make(hir::Convert{hir::ConvertOp::PointerCast, right.node}, common, right.span);
  } else if (lk == TypeKind::ErrorSet && rk == TypeKind::ErrorSet) {
    common = left.type;
    right = make(hir::Convert{hir::ConvertOp::Same, right.node}, common, right.span);
  } else if (lk != TypeKind::ErrorSet && rk != TypeKind::ErrorSet && is_scalar_kind(lk) && is_scalar_kind(rk) &&
             converts(right.type, left.type)) {
    common = left.type;
  } else if (lk == TypeKind::Bool && right_integer) {
    common = right.type;
  } else {
    return {};
  }
  const ConversionSite site{.site = span};
  // Constants keep their value: no fraction is lost on either side here.
  left.constant = right.constant = {};
  left = convert(left, common, site);
  right = convert(right, common, site);
  if (left.poisoned() || right.poisoned())
    return Operand::poison(span);
  Operand result = make(hir::Compare{compare_op(op), left.node, right.node}, types().bool_, span);
  if ((a.is_integer() && b.is_integer()) || (a.kind == Folded::Kind::Bool && b.kind == Folded::Kind::Bool))
    result.constant = Folded::of_bool(holds(op, a.integer, b.integer));
  else if (a.is_float() && b.is_float())
    result.constant = Folded::of_bool(holds(op, a.real, b.real));
  return result;
}

Operand BodyChecker::compare_tuples(BinaryOp op, Operand left, Operand right, Span span) {
  const std::size_t width = types()[left.type].elements.size();
  if (types()[right.type].elements.size() != width) {
    report<diag::equality_of_different_types>(right.span, name(left.type), name(right.type));
    return Operand::poison(span);
  }
  if (left.type == right.type)
    if (std::optional<NoEquality> missing = missing_equality(left.type)) {
      report_no_equality(left, operator_text(op), *missing);
      return Operand::poison(span);
    }
  const bool ordering = !is_equality(op);
  if (left.type == right.type && !ordering)
    return make(hir::CompareComposite{compare_op(op), left.node, right.node}, types().bool_, span);
  // Element by element: the last pair decides, earlier ones only if they are unequal.
  std::vector<hir::NodeId> before;
  const hir::LocalId a = spill(left, before);
  const hir::LocalId b = spill(right, before);
  const auto part = [&](hir::LocalId local, std::uint32_t i, const Operand& whole) {
    const TypeId type = types()[whole.type].elements[i];
    return value(
        emit(hir::Load{emit(hir::Field{emit(hir::Local{local}, whole.type, span), i}, type, span)}, type, span), type,
        whole.span);
  };
  const bool when_equal = op != BinaryOp::Less && op != BinaryOp::Greater && op != BinaryOp::NotEqual;
  Operand result = make(hir::IntConst{when_equal}, types().bool_, span);
  for (std::uint32_t i = static_cast<std::uint32_t>(width); i-- > 0;) {
    const Operand differs = compare(BinaryOp::NotEqual, part(a, i, left), part(b, i, right), span);
    const BinaryOp strict = op == BinaryOp::LessEqual      ? BinaryOp::Less
                            : op == BinaryOp::GreaterEqual ? BinaryOp::Greater
                                                           : op;
    const Operand decides = ordering ? compare(strict, part(a, i, left), part(b, i, right), span)
                                     : make(hir::IntConst{op == BinaryOp::NotEqual}, types().bool_, span);
    if (differs.poisoned() || decides.poisoned())
      return Operand::poison(span);
    result = make(hir::If{differs.node, decides.node, result.node}, types().bool_, span);
  }
  return sequence(before, result, span);
}

void BodyChecker::report_no_equality(const Operand& left, std::string_view op, const NoEquality& missing) {
  if (missing.part.empty())
    report<diag::no_equality>(left.span, name(left.type), op).note("compare the elements", left.span);
  else
    report<diag::no_equality_of_part>(left.span, name(left.type), op, missing.part, name(missing.type))
        .note("compare one member", left.span);
}

Operand BodyChecker::compare_null(bool equal, Operand operand, Span span) {
  if (operand.poisoned())
    return Operand::poison(span);
  if (types().is(operand.type, TypeKind::Optional)) {
    const hir::NodeId has = emit(hir::OptionalHas{operand.node}, types().bool_, span);
    return equal ? make(hir::Unary{hir::UnaryOp::Not, has}, types().bool_, span) : value(has, types().bool_, span);
  }
  if (types().is_pointer_like(operand.type)) {
    const hir::NodeId zero = emit(hir::Zero{}, operand.type, span);
    return make(hir::Compare{equal ? hir::CompareOp::Equal : hir::CompareOp::NotEqual, operand.node, zero},
                types().bool_, span);
  }
  report<diag::operands_do_not_fit>(operand.span, equal ? "==" : "!=", name(operand.type), "null");
  return Operand::poison(span);
}

std::optional<BodyChecker::NoEquality> BodyChecker::missing_equality(TypeId type, int depth) {
  if (depth > 64)
    return {};
  switch (types().kind(type)) {
  case TypeKind::Array:
  case TypeKind::Union:
  case TypeKind::Closure:
  case TypeKind::Any: return NoEquality{"", type};
  case TypeKind::Optional: return missing_part(types()[type].element, "payload", depth + 1);
  case TypeKind::Tuple: {
    const std::vector<TypeId> elements = types()[type].elements;
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (auto missing = missing_part(elements[i], std::to_string(i), depth + 1))
        return missing;
    return {};
  }
  case TypeKind::Struct: {
    const Nominal& nominal = types().nominal(type);
    for (const FieldInfo& field : nominal.fields)
      if (auto missing = missing_part(field.type, std::string(text(field.name)), depth + 1))
        return missing;
    return {};
  }
  default: return {};
  }
}

std::optional<BodyChecker::NoEquality> BodyChecker::missing_part(TypeId type, std::string path, int depth) {
  // Vectors and functions compare by themselves but not as a part (R2.41).
  if (types().is(type, TypeKind::Vector) || types().is(type, TypeKind::Function))
    return NoEquality{std::move(path), type};
  std::optional<NoEquality> missing = missing_equality(type, depth);
  if (missing)
    missing->part = missing->part.empty() ? path : path + "." + missing->part;
  return missing;
}

Operand BodyChecker::compare_equal(bool equal, Operand left, Operand right, Span span) {
  const BinaryOp op = equal ? BinaryOp::Equal : BinaryOp::NotEqual;
  const std::string_view op_text = operator_text(op);
  const hir::CompareOp code = equal ? hir::CompareOp::Equal : hir::CompareOp::NotEqual;
  const auto mismatch = [&] {
    report<diag::operands_do_not_fit>(left.span, op_text, name(left.type), name(right.type));
    return Operand::poison(span);
  };
  const TypeKind lk = types().kind(left.type);
  const TypeKind rk = types().kind(right.type);
  if (lk == TypeKind::Null && rk == TypeKind::Null) {
    Operand result = make(hir::IntConst{equal}, types().bool_, span);
    return result;
  }
  if (right.is_null)
    return compare_null(equal, left, span);
  if (left.is_null)
    return compare_null(equal, right, span);
  if (lk == TypeKind::Any || rk == TypeKind::Any) {
    report<diag::equality_on_any>(span, op_text).help("assert its type first, or compare 'type_of' of it");
    return Operand::poison(span);
  }
  if (lk == TypeKind::Void || rk == TypeKind::Void)
    return mismatch();
  if (lk == TypeKind::Optional || rk == TypeKind::Optional)
    return compare_optionals(equal, left, right, span);
  if (lk == TypeKind::ErrorSet || rk == TypeKind::ErrorSet) {
    const bool left_literal = left.error_tag.valid();
    const bool right_literal = right.error_tag.valid();
    if ((lk != TypeKind::ErrorSet && !left_literal) || (rk != TypeKind::ErrorSet && !right_literal)) {
      report<diag::error_compared_with_non_error>(left.span).help("compare its number: 'xx " +
                                                                  std::string(checker_.sources.text(left.span)) + "'");
      return Operand::poison(span);
    }
    const TypeId common = lk == TypeKind::ErrorSet ? left.type : right.type;
    for (Operand* operand : {&left, &right})
      if (operand->type != common)
        *operand = make(hir::Convert{types().is_integer(operand->type) ? hir::ConvertOp::Resize : hir::ConvertOp::Same,
                                     operand->node},
                        common, operand->span);
    return make(hir::Compare{code, left.node, right.node}, types().bool_, span);
  }
  if (const std::optional<NoEquality> missing = missing_equality(left.type)) {
    report_no_equality(left, op_text, *missing);
    return Operand::poison(span);
  }
  if (lk == TypeKind::Tuple || rk == TypeKind::Tuple) {
    // A tuple of one compares with a scalar (R2.41).
    if (lk == TypeKind::Tuple && rk == TypeKind::Tuple)
      return compare_tuples(op, left, right, span);
    Operand& tuple = lk == TypeKind::Tuple ? left : right;
    const Operand& other = lk == TypeKind::Tuple ? right : left;
    if (types()[tuple.type].elements.size() != 1) {
      report<diag::equality_of_different_types>(right.span, name(left.type), name(right.type));
      return Operand::poison(span);
    }
    const TypeId element = types()[tuple.type].elements[0];
    const Operand slot = to_place(tuple);
    Operand part = make(hir::Load{emit(hir::Field{slot.node, 0}, element, tuple.span)}, element, tuple.span);
    return lk == TypeKind::Tuple ? compare_equal(equal, part, other, span) : compare_equal(equal, other, part, span);
  }
  if (lk == TypeKind::Struct || rk == TypeKind::Struct) {
    if (left.type != right.type) {
      report<diag::equality_of_different_types>(right.span, name(left.type), name(right.type));
      return Operand::poison(span);
    }
    return make(hir::CompareComposite{code, left.node, right.node}, types().bool_, span);
  }
  if (left.type == right.type && !is_scalar_kind(lk) && lk != TypeKind::Vector)
    return make(hir::CompareComposite{code, left.node, right.node}, types().bool_, span);
  if ((lk == TypeKind::String || lk == TypeKind::Slice) && converts(right.type, left.type)) {
    right = convert(right, left.type, {.site = span});
    if (right.poisoned())
      return Operand::poison(span);
    return make(hir::CompareComposite{code, left.node, right.node}, types().bool_, span);
  }
  if (std::optional<Operand> result = compare_scalars(op, left, right, span))
    return *result;
  return mismatch();
}

Operand BodyChecker::compare_optionals(bool equal, Operand left, Operand right, Span span) {
  const hir::CompareOp code = equal ? hir::CompareOp::Equal : hir::CompareOp::NotEqual;
  const bool left_optional = types().is(left.type, TypeKind::Optional);
  const bool right_optional = types().is(right.type, TypeKind::Optional);
  const TypeId type = left_optional ? left.type : right.type;
  if (const std::optional<NoEquality> missing = missing_part(types()[type].element, "payload")) {
    report_no_equality(left, operator_text(equal ? BinaryOp::Equal : BinaryOp::NotEqual), *missing);
    return Operand::poison(span);
  }
  if (left_optional && right_optional && left.type != right.type && types()[left.type].element != right.type &&
      types()[right.type].element != left.type) {
    report<diag::equality_of_different_types>(right.span, name(left.type), name(right.type));
    return Operand::poison(span);
  }
  for (Operand* operand : {&left, &right}) {
    operand->narrowed = false;
    if (operand->type == type)
      continue;
    const TypeId payload = types()[type].element;
    const bool both_numeric = types().is_numeric(operand->type) && types().is_numeric(payload);
    if (operand->type != payload && !both_numeric && !converts(operand->type, payload)) {
      report<diag::operands_do_not_fit>(left.span, operator_text(equal ? BinaryOp::Equal : BinaryOp::NotEqual),
                                        name(left.type), name(right.type));
      return Operand::poison(span);
    }
    *operand = convert(*operand, type, {.site = span});
    if (operand->poisoned())
      return Operand::poison(span);
  }
  return make(hir::CompareComposite{code, left.node, right.node}, types().bool_, span);
}

Operand BodyChecker::check_in(const ast::Binary& binary, AstId node) {
  const Span span = span_of(node);
  Operand item = to_value(read_through_reference(check(binary.lhs, Expect::none())));
  Operand tuple = to_value(check(binary.rhs, Expect::none()));
  if (item.poisoned() || tuple.poisoned())
    return Operand::poison(span);
  std::vector<TypeId> parts;
  if (types().is(tuple.type, TypeKind::Tuple)) {
    parts = types()[tuple.type].elements;
  } else if (types().is(tuple.type, TypeKind::Struct) && types().nominal(tuple.type).anonymous) {
    for (const FieldInfo& field : types().nominal(tuple.type).fields)
      parts.push_back(field.type);
  } else {
    report<diag::operands_do_not_fit>(tuple.span, "in", name(item.type), name(tuple.type));
    return Operand::poison(span);
  }
  std::vector<hir::NodeId> before;
  const hir::LocalId wanted = spill(item, before);
  const hir::LocalId whole = spill(tuple, before);
  Operand result = make(hir::IntConst{0}, types().bool_, span);
  for (std::uint32_t i = static_cast<std::uint32_t>(parts.size()); i-- > 0;) {
    Operand left = value(local_value(wanted, item.span), item.type, item.span);
    const hir::NodeId field = emit(hir::Field{emit(hir::Local{whole}, tuple.type, span), i}, parts[i], span);
    const Operand right = make(hir::Load{field}, parts[i], tuple.span);
    const Operand pair = compare_equal(true, left, right, span);
    if (pair.poisoned())
      return Operand::poison(span);
    result = make(hir::LogicalOr{pair.node, result.node}, types().bool_, span);
  }
  return sequence(before, result, span);
}

} // namespace sx::sema
