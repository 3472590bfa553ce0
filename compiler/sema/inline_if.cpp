// Conditions and matches decided while checking (7.6.3, 7.6.4, R4.96).

#include "sema/scopes.h"

namespace sx::sema {

namespace {

bool is_predicate(std::string_view name) {
  return name == "type_eq" || name == "has_impl" || name == "is_struct" || name == "is_flags" || name == "is_identity";
}

/// The category that a word stands for in an inline match; `protocol` exists only there (R7.73).
bool category_matches(const TypeTable& types, std::string_view word, TypeId type) {
  const TypeKind kind = types.kind(type);
  if (word == "protocol")
    return kind == TypeKind::Protocol;
  if (kind == TypeKind::Protocol)
    return false;
  if (word == "int")
    return types.is_integer(type);
  if (word == "float")
    return kind == TypeKind::Float;
  if (word == "bool")
    return kind == TypeKind::Bool;
  if (word == "string")
    return kind == TypeKind::String;
  if (word == "void")
    return kind == TypeKind::Void;
  if (word == "type")
    return kind == TypeKind::Type;
  if (word == "struct")
    return kind == TypeKind::Struct;
  if (word == "enum")
    return kind == TypeKind::Enum || kind == TypeKind::TaggedUnion;
  if (word == "union")
    return kind == TypeKind::Union || kind == TypeKind::TaggedUnion;
  if (word == "slice")
    return kind == TypeKind::Slice;
  if (word == "array")
    return kind == TypeKind::Array;
  if (word == "vector")
    return kind == TypeKind::Vector;
  if (word == "optional")
    return kind == TypeKind::Optional;
  if (word == "error_set")
    return kind == TypeKind::ErrorSet;
  if (word == "closure")
    return kind == TypeKind::Closure;
  if (word == "pointer")
    return kind == TypeKind::Pointer || kind == TypeKind::ManyPointer;
  return false;
}

bool is_category(std::string_view word) {
  for (const std::string_view known :
       {"int", "float", "bool", "string", "void", "type", "struct", "enum", "union", "slice", "array", "vector",
        "optional", "error_set", "closure", "pointer", "protocol"})
    if (word == known)
      return true;
  return false;
}

} // namespace

std::optional<std::int64_t> BodyChecker::fold_integer(AstId node) {
  const Fold folded = checker_.fold(where_, node, FoldDomain::Count);
  if (!folded)
    return {};
  if (folded.value.is(ConstValue::Kind::Int))
    return folded.value.as_signed();
  if (folded.value.is(ConstValue::Kind::Float) && folded.value.real >= -9.2e18 && folded.value.real <= 9.2e18 &&
      folded.value.real == static_cast<double>(static_cast<std::int64_t>(folded.value.real)))
    return static_cast<std::int64_t>(folded.value.real);
  return {};
}

/// A name whose value is fixed for this instance: compiler constants, cursors, comptime parameters (R7.66).
std::optional<ConstValue> BodyChecker::fixed_name(AstId node) {
  if (const auto* paren = tree().try_get<ast::Paren>(node))
    return fixed_name(paren->inner);
  const auto* named = tree().try_get<ast::Name>(node);
  if (named == nullptr)
    return {};
  if (const auto local = find_local(named->name.text)) {
    if (local->kind == LocalEntity::Kind::Constant)
      return local->constant;
    return {};
  }
  const Found found = checker_.find_quietly(where_, named->name.text, Use::Value, named->name.raw);
  if (found.kind == Found::Kind::TargetConstant)
    return checker_.target_constant(named->name.text);
  if (found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Value)
    return found.argument.value;
  return {};
}

/// `X == literal` (R7.66).
std::optional<bool> BodyChecker::fold_comparison(const ast::Binary& binary) {
  const std::optional<ConstValue> left = fixed_name(binary.lhs);
  if (!left)
    return {};
  const bool equal = binary.op == syntax::BinaryOp::Equal;
  const Tentative tentative(*this);
  const TypeId type = left->type.valid() ? left->type : types().i64;
  if (left->is(ConstValue::Kind::Variant)) {
    const auto* dot = tree().try_get<ast::DotName>(binary.rhs);
    const auto variant = dot == nullptr ? std::nullopt : find_variant(type, dot->name.text);
    if (!variant)
      return {};
    return (*variant == left->bits) == equal;
  }
  const AstKind kind = tree().kind(binary.rhs);
  const bool literal = kind == AstKind::IntLiteral || kind == AstKind::CharLiteral || kind == AstKind::BoolLiteral ||
                       kind == AstKind::DotName || kind == AstKind::Unary || kind == AstKind::Member;
  if (!literal)
    return {};
  const Operand own = constant_value(*left, type, span_of(binary.lhs));
  const Operand other = check(binary.rhs, Expect::of(type));
  if (own.poisoned() || other.poisoned() || !own.constant || own.constant.kind != other.constant.kind)
    return {};
  const bool same = own.constant.kind == Folded::Kind::String  ? own.constant.text == other.constant.text
                    : own.constant.kind == Folded::Kind::Float ? own.constant.real == other.constant.real
                                                               : own.constant.integer == other.constant.integer;
  return same == equal;
}

std::optional<bool> BodyChecker::fold_static_condition(AstId node) {
  if (const auto* paren = tree().try_get<ast::Paren>(node))
    return fold_static_condition(paren->inner);
  if (const auto* literal = tree().try_get<ast::BoolLiteral>(node))
    return literal->value;
  const auto* call = tree().try_get<ast::Call>(node);
  if (call == nullptr)
    return {};
  const auto* callee = tree().try_get<ast::Name>(call->callee);
  if (callee == nullptr || !is_predicate(text(callee->name.text)))
    return {};
  const Tentative tentative(*this);
  const Operand operand = check(node, Expect::none());
  if (operand.poisoned() || operand.constant.kind != Folded::Kind::Bool)
    return {};
  return operand.constant.integer != 0;
}

std::optional<bool> BodyChecker::fold_condition(AstId node) {
  if (const auto* paren = tree().try_get<ast::Paren>(node))
    return fold_condition(paren->inner);
  if (const std::optional<bool> direct = fold_static_condition(node))
    return direct;
  if (const auto* binary = tree().try_get<ast::Binary>(node)) {
    using syntax::BinaryOp;
    if (binary->op == BinaryOp::And || binary->op == BinaryOp::Or) {
      const std::optional<bool> left = fold_condition(binary->lhs);
      if (!left)
        return {};
      if (*left != (binary->op == BinaryOp::And))
        return left;
      return fold_condition(binary->rhs);
    }
    if (binary->op != BinaryOp::Equal && binary->op != BinaryOp::NotEqual)
      return {};
    if (const std::optional<bool> compared = fold_comparison(*binary))
      return compared;
    const TypeId left = denoted_type(binary->lhs);
    const TypeId right = left.valid() ? denoted_type(binary->rhs) : TypeId();
    if (left.valid() && right.valid() && !types().is(left, TypeKind::Poison) && !types().is(right, TypeKind::Poison))
      return (left == right) == (binary->op == BinaryOp::Equal);
    return {};
  }
  if (const std::optional<ConstValue> fixed = fixed_name(node))
    return fixed->is(ConstValue::Kind::Bool) ? std::optional<bool>(fixed->bits != 0) : std::nullopt;
  if (!tree().is(node, AstKind::Name) && !tree().is(node, AstKind::Member))
    return {};
  const Fold folded = checker_.fold(where_, node, FoldDomain::Scalar);
  if (folded)
    return folded.value.is(ConstValue::Kind::Bool) ? std::optional<bool>(folded.value.bits != 0) : std::nullopt;
  // A constant defined as a condition that folds (R7.66).
  const auto* named = tree().try_get<ast::Name>(node);
  const DepthGuard depth(*this);
  if (named == nullptr || depth.exceeded() || find_local(named->name.text))
    return {};
  const Found found = checker_.find_quietly(where_, named->name.text, Use::Value, named->name.raw);
  if (found.kind != Found::Kind::Declaration || checker_.resolve_decl(found.decl) != DeclKind::Constant)
    return {};
  const AstId initializer = checker_.decl(found.decl).value;
  return elsewhere(checker_.site_of(found.decl), [&] { return fold_condition(initializer); });
}

std::optional<Operand> BodyChecker::check_inline_match(const ast::Match& match, AstId node, Expect expect) {
  const Span span = span_of(node);
  const TypeId subject =
      tree().is(match.subject, AstKind::Call) || !is_value_name(match.subject) ? denoted_type(match.subject) : TypeId();
  std::optional<ConstValue> fixed;
  if (!subject.valid()) {
    fixed = fixed_name(match.subject);
    if (!fixed)
      return {};
  }
  const auto matches = [&](AstId pattern) {
    if (subject.valid()) {
      const auto* word = tree().try_get<ast::Name>(pattern);
      if (word != nullptr && !word->name.raw && is_category(text(word->name.text)))
        return category_matches(types(), text(word->name.text), subject);
      return denoted_type(pattern) == subject;
    }
    ast::Binary test;
    test.op = syntax::BinaryOp::Equal;
    test.lhs = match.subject;
    test.rhs = pattern;
    return fold_comparison(test).value_or(false);
  };
  Expect inner = expect;
  inner.no_value_is_fine = true;
  for (const AstId item : tree().list(match.cases)) {
    const auto& arm = tree().get<ast::Case>(item);
    if (subject.valid()) {
      const AstKind kind = tree().kind(arm.pattern);
      if (kind == AstKind::IntLiteral || kind == AstKind::CharLiteral || kind == AstKind::StringLiteral ||
          kind == AstKind::BoolLiteral || kind == AstKind::FloatLiteral || kind == AstKind::DotName) {
        report<diag::value_pattern_in_type_match>(span_of(arm.pattern));
        return Operand::poison(span);
      }
    }
    if (!matches(arm.pattern))
      continue;
    if (arm.form == syntax::CaseForm::Empty)
      return void_value(span);
    if (arm.form == syntax::CaseForm::Arrow)
      return check(arm.body, inner);
    return check_statements(tree().list(tree().get<ast::Block>(arm.body).statements), span_of(arm.body), inner, true);
  }
  if (match.else_body.valid())
    return check_statements(tree().list(tree().get<ast::Block>(match.else_body).statements), span_of(match.else_body),
                            inner, true);
  return void_value(span);
}

} // namespace sx::sema
