// Compile-time values of expressions without running anything: counts (R7.31 to R7.35) and scalar constants (R2.13).

#include "sema/checker.h"
#include "sema/scalar.h"
#include "sema/tables.h"

#include <cmath>

namespace sx::sema {

using syntax::BinaryOp;
using syntax::Kind;
using syntax::UnaryOp;

namespace {

Fold failed(FoldFailure why = FoldFailure::NotConstant) {
  return {.value = {}, .failure = why, .ok = false};
}

Fold folded(ConstValue value) {
  return {.value = std::move(value), .failure = FoldFailure::NotConstant, .ok = true};
}

/// A count knows only numbers.
Fold in_domain(ConstValue value, FoldDomain domain, const TypeTable& types) {
  if (domain == FoldDomain::Scalar)
    return folded(std::move(value));
  if (value.is(ConstValue::Kind::Float))
    return folded(std::move(value));
  if (!value.is(ConstValue::Kind::Int))
    return failed();
  const bool is_unsigned = types.is_integer(value.type) && !types.is_signed(value.type);
  if (is_unsigned && value.as_signed() < 0)
    return failed(); // above the range of `i64`
  return folded(std::move(value));
}

} // namespace

ConstValue Checker::integer_constant(std::int64_t value, TypeId type) {
  ConstValue made;
  made.kind = ConstValue::Kind::Int;
  made.type = type.valid() ? type : types.i64;
  made.bits = static_cast<std::uint64_t>(value);
  return made;
}

Fold Checker::fold(const Site& site, AstId node, FoldDomain domain, bool report_errors) {
  const DepthGuard guard(tables_->fold_depth, max_fold_nesting);
  if (!guard.ok)
    return failed(FoldFailure::TooDeep);
  ConstValue value;
  value.untyped = value.is_literal = true;
  const bool scalar = domain == FoldDomain::Scalar;
  switch (site.kind(node)) {
  case Kind::IntLiteral:
    value.kind = ConstValue::Kind::Int;
    value.bits = site.get<ast::IntLiteral>(node).value;
    value.type = value.as_signed() < 0 ? types.u64 : types.i64;
    return in_domain(value, domain, types);
  case Kind::CharLiteral:
    value.kind = ConstValue::Kind::Int;
    value.bits = site.get<ast::CharLiteral>(node).value;
    value.type = types.i64;
    return folded(value);
  case Kind::FloatLiteral:
    value.kind = ConstValue::Kind::Float;
    value.real = site.get<ast::FloatLiteral>(node).value;
    value.type = types.f64;
    return folded(value);
  case Kind::BoolLiteral:
    if (!scalar)
      return failed();
    value.kind = ConstValue::Kind::Bool;
    value.bits = site.get<ast::BoolLiteral>(node).value;
    value.type = types.bool_;
    return folded(value);
  case Kind::StringLiteral:
    if (!scalar)
      return failed();
    value.kind = ConstValue::Kind::String;
    value.text = site.get<ast::StringLiteral>(node).value;
    value.type = types.string;
    return folded(value);
  case Kind::ErrorLiteral:
    if (!scalar)
      return failed();
    value.kind = ConstValue::Kind::Int;
    value.bits = error_tag(site.get<ast::ErrorLiteral>(node).tag.text);
    value.type = types.u32;
    value.is_literal = false;
    return folded(value);
  case Kind::Paren: return fold(site, site.get<ast::Paren>(node).inner, domain, report_errors);
  case Kind::Unary: return fold_unary(site, node, domain, report_errors);
  case Kind::Binary: return fold_binary(site, node, domain, report_errors);
  case Kind::Name: return fold_name(site, node, domain);
  case Kind::Member: return fold_member(site, node, domain, report_errors);
  case Kind::Index: return fold_index(site, node, domain, report_errors);
  case Kind::Call: return fold_intrinsic_call(site, node, report_errors);
  default: break;
  }
  if (scalar && names_type(site, node)) {
    const TypeId type = try_resolve_type(site, node);
    if (type.valid()) {
      value.kind = ConstValue::Kind::Type;
      value.denoted = type;
      value.type = types.type;
      value.untyped = value.is_literal = false;
      return folded(value);
    }
  }
  return failed();
}

// ---- operators --------------------------------------------------------------------------------------

Fold Checker::fold_unary(const Site& site, AstId node, FoldDomain domain, bool report_errors) {
  const auto& unary = site.get<ast::Unary>(node);
  const bool scalar = domain == FoldDomain::Scalar;
  if (unary.op == UnaryOp::Pointer && scalar && names_type(site, node)) {
    ConstValue value;
    value.kind = ConstValue::Kind::Type;
    value.type = types.type;
    value.denoted = try_resolve_type(site, node);
    return value.denoted.valid() ? folded(value) : failed();
  }
  if (unary.op != UnaryOp::Negate && !(scalar && (unary.op == UnaryOp::BitNot || unary.op == UnaryOp::Not)))
    return failed();
  const bool lone = site.tree->is(unary.operand, Kind::IntLiteral) ||
                    site.tree->is(unary.operand, Kind::FloatLiteral) || site.tree->is(unary.operand, Kind::CharLiteral);
  Fold operand = fold(site, unary.operand, domain, report_errors);
  if (!operand)
    return operand;
  ScalarOps ops(types);
  Fold made = domain == FoldDomain::Count ? ops.count_negate(operand.value) : ops.unary(unary.op, operand.value);
  made.value.is_literal = made.ok && lone && unary.op == UnaryOp::Negate;
  return made;
}

/// Operator chains lean to the left without bound: the spine is walked with a stack of its own.
Fold Checker::fold_binary(const Site& site, AstId node, FoldDomain domain, bool report_errors) {
  std::vector<const ast::Binary*> spine;
  while (const auto* binary = site.try_get<ast::Binary>(node)) {
    spine.push_back(binary);
    node = binary->lhs;
  }
  Fold left = fold(site, node, domain, report_errors);
  ScalarOps ops(types);
  while (!spine.empty()) {
    const ast::Binary& binary = *spine.back();
    spine.pop_back();
    if (!left)
      return left;
    if (binary.op == BinaryOp::And || binary.op == BinaryOp::Or) {
      if (domain == FoldDomain::Count || !left.value.is(ConstValue::Kind::Bool))
        return failed();
      if ((left.value.bits != 0) == (binary.op == BinaryOp::Or))
        continue; // short circuit
      left = fold(site, binary.rhs, domain, report_errors);
      if (left && !left.value.is(ConstValue::Kind::Bool))
        return failed();
      continue;
    }
    const Fold right = fold(site, binary.rhs, domain, report_errors);
    if (!right)
      return right;
    left = domain == FoldDomain::Count ? ops.count_binary(binary.op, left.value, right.value)
                                       : ops.binary(binary.op, left.value, right.value);
  }
  return left;
}

// ---- names ------------------------------------------------------------------------------------------

Fold Checker::fold_declaration(DeclId id, EnvironmentId environment, FoldDomain domain) {
  id = follow(id);
  switch (decl(id).kind) {
  case DeclKind::Poison: return failed(FoldFailure::Poison);
  case DeclKind::Constant: {
    if (is_constant_in_progress(id, environment))
      return failed(FoldFailure::Cycle);
    const ConstantInfo info = constant_of(id, environment);
    if (info.kind == ConstantInfo::Kind::Poison)
      return failed(FoldFailure::Poison);
    if (info.kind != ConstantInfo::Kind::Scalar)
      return failed();
    ConstValue value = info.value;
    value.untyped = value.is_literal = false;
    return in_domain(std::move(value), domain, types);
  }
  case DeclKind::Function:
  case DeclKind::GenericFunction: {
    if (domain == FoldDomain::Count)
      return failed();
    ConstValue value;
    value.kind = ConstValue::Kind::Function;
    value.function = id;
    return folded(value);
  }
  case DeclKind::Type:
  case DeclKind::TypeAlias: {
    if (domain == FoldDomain::Count)
      return failed();
    ConstValue value;
    value.kind = ConstValue::Kind::Type;
    value.type = types.type;
    value.denoted = declared_type(id, environment);
    return value.denoted == types.poison ? failed(FoldFailure::Poison) : folded(value);
  }
  default: return failed();
  }
}

Fold Checker::fold_found(const Found& found, FoldDomain domain, StringId name) {
  ConstValue type_value;
  type_value.kind = ConstValue::Kind::Type;
  type_value.type = types.type;
  const bool scalar = domain == FoldDomain::Scalar;
  switch (found.kind) {
  case Found::Kind::Declaration: return fold_declaration(found.decl, {}, domain);
  case Found::Kind::TargetConstant: return in_domain(target_constant(name), domain, types);
  case Found::Kind::Argument:
    if (found.argument.kind == GenericArgument::Kind::Value)
      return in_domain(found.argument.value, domain, types);
    if (found.argument.kind != GenericArgument::Kind::Type || !scalar)
      return failed();
    type_value.denoted = found.argument.type;
    return folded(type_value);
  case Found::Kind::Local:
    if (found.local.kind == LocalEntity::Kind::Constant)
      return in_domain(found.local.constant, domain, types);
    if (found.local.kind != LocalEntity::Kind::Type || !scalar)
      return failed();
    type_value.denoted = found.local.type;
    return folded(type_value);
  case Found::Kind::BuiltinType:
    if (!scalar)
      return failed();
    type_value.denoted = found.type;
    return folded(type_value);
  case Found::Kind::Poison: return failed(FoldFailure::Poison);
  default: return failed();
  }
}

Fold Checker::fold_name(const Site& site, AstId node, FoldDomain domain) {
  const auto& name = site.get<ast::Name>(node).name;
  return fold_found(find_quietly(site, name.text, Use::Value, name.raw), domain, name.text);
}

Fold Checker::fold_member(const Site& site, AstId node, FoldDomain domain, bool report_errors) {
  const auto& member = site.get<ast::Member>(node);
  if (const auto limit = limit_of_builtin(site, member))
    return in_domain(*limit, domain, types);
  AstId consumed;
  const Found found = find_path_quietly(site, node, Use::Value, &consumed);
  if (consumed == node)
    return fold_found(found, domain, member.name.text);
  if (consumed == member.base) {
    const bool is_pack_argument =
        found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Pack;
    const bool is_pack_local = found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Pack;
    if ((is_pack_argument || is_pack_local) && strings.text(member.name.text) == "len") {
      const auto& pack = is_pack_argument ? found.argument : found.local.argument;
      return folded(integer_constant(static_cast<std::int64_t>(pack.types.size())));
    }
    if (found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Type &&
        types.is_numeric(found.argument.type)) {
      const auto limit = numeric_limit(found.argument.type, strings.text(member.name.text));
      return limit ? in_domain(*limit, domain, types) : failed();
    }
    if (found.kind == Found::Kind::Declaration)
      if (const Fold part = fold_part(found.decl, member.name.text, domain, report_errors))
        return part;
  }
  const TypeId type = try_resolve_type(site, member.base);
  return type.valid() ? fold_type_member(type, member.name.text, domain) : failed();
}

/// `T.NAME` of a struct body, `Gear.low` of a plain enum.
Fold Checker::fold_type_member(TypeId type, StringId name, FoldDomain domain) {
  if (types.is(type, TypeKind::Enum) && domain == FoldDomain::Scalar) {
    const auto variant = find_variant(type, name);
    return variant ? folded(integer_constant(types.nominal(type).variants[*variant].value, type)) : failed();
  }
  const MemberDecl member = find_struct_constant(type, name);
  return member ? fold_declaration(member.decl, member.environment, domain) : failed();
}

namespace {

/// The literal behind an array or struct constant.
template <class Literal> const Literal* literal_of(const Decl& declaration) {
  return declaration.value.valid() ? declaration.site.try_get<Literal>(declaration.value) : nullptr;
}

} // namespace

/// `K.len` of an array constant, `S.f` of an explicitly initialised field of a struct constant.
Fold Checker::fold_part(DeclId id, StringId name, FoldDomain domain, bool report_errors) {
  id = follow(id);
  if (decl(id).kind != DeclKind::Constant || is_constant_in_progress(id, {}))
    return failed();
  if (const auto* array = literal_of<ast::ArrayLiteral>(decl(id))) {
    if (strings.text(name) != "len" || constant_of(id).kind == ConstantInfo::Kind::Poison)
      return failed();
    return folded(integer_constant(array->elements.count));
  }
  const auto* literal = literal_of<ast::StructLiteral>(decl(id));
  if (!literal)
    return failed();
  const Site site = site_of(id);
  const TypeId type = constant_type(id);
  const auto index = find_field(type, name);
  if (!index)
    return failed();
  const auto elements = site.tree->list(literal->elements);
  AstId value;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (const auto* named = site.try_get<ast::NamedElement>(elements[i])) {
      if (named->name.text == name)
        value = named->value;
    } else if (const auto* shorthand = site.try_get<ast::ShorthandElement>(elements[i])) {
      if (site.get<ast::Name>(shorthand->name).name.text == name)
        value = shorthand->name;
    } else if (site.tree->is(elements[i], Kind::Spread)) {
      return failed();
    } else if (i == *index) {
      value = elements[i];
    }
  }
  if (!value.valid())
    return failed();
  const Fold part = fold(site, value, FoldDomain::Scalar, report_errors);
  if (!part)
    return part;
  const auto converted = convert_constant(part.value, types.nominal(type).fields[*index].type);
  return converted ? in_domain(*converted, domain, types) : failed();
}

/// `K[c]` of an array constant; an index outside of it is E0524 (R7.43).
Fold Checker::fold_index(const Site& site, AstId node, FoldDomain domain, bool report_errors) {
  const auto& index = site.get<ast::Index>(node);
  if (!site.tree->is(index.base, Kind::Name) && !site.tree->is(index.base, Kind::Member))
    return failed();
  AstId consumed;
  const Found found = find_path_quietly(site, index.base, Use::Value, &consumed);
  const bool is_local = found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Declaration;
  if (consumed != index.base || (found.kind != Found::Kind::Declaration && !is_local))
    return failed();
  const DeclId id = follow(is_local ? found.local.decl : found.decl);
  if (decl(id).kind != DeclKind::Constant || is_constant_in_progress(id, {}))
    return failed();
  const auto* literal = literal_of<ast::ArrayLiteral>(decl(id));
  if (!literal)
    return failed();
  if (constant_of(id).kind == ConstantInfo::Kind::Poison)
    return failed(FoldFailure::Poison);
  const Fold at = fold(site, index.index, FoldDomain::Count, report_errors);
  if (!at)
    return at;
  if (!at.value.is(ConstValue::Kind::Int))
    return failed();
  const std::int64_t position = at.value.as_signed();
  const Site own = site_of(id);
  const auto elements = own.tree->list(literal->elements);
  if (position < 0 || static_cast<std::uint64_t>(position) >= elements.size()) {
    if (report_errors)
      report<diag::constant_fold_index_out_of_range>(site.span(node), text(decl(id).name), elements.size(), position);
    return failed(FoldFailure::Poison);
  }
  const Fold element = fold(own, elements[static_cast<std::size_t>(position)], FoldDomain::Scalar, report_errors);
  if (!element)
    return element;
  const TypeId array = constant_type(id);
  if (!types.is(array, TypeKind::Array))
    return failed();
  const auto converted = convert_constant(element.value, types[array].element);
  return converted ? in_domain(*converted, domain, types) : failed();
}

// ---- counts -----------------------------------------------------------------------------------------

namespace {

constexpr std::int64_t max_count = 0xffff'ffff;

} // namespace

std::optional<std::uint64_t> Checker::fold_count(const Site& site, AstId node, CountUse use) {
  const Span at = site.span(node);
  const bool lanes = use == CountUse::VectorLane;
  const std::size_t before = diagnostics.error_count() + diagnostics.muted_errors();
  const Fold made = fold(site, node, FoldDomain::Count, true);
  if (!made) {
    if (diagnostics.error_count() + diagnostics.muted_errors() != before || made.failure == FoldFailure::Poison)
      return std::nullopt;
    if (made.failure == FoldFailure::TooDeep)
      report<diag::limit_exceeded>(at, "nesting of constant expressions", max_fold_nesting);
    else if (lanes)
      report<diag::lane_count_not_constant>(at);
    else
      report<diag::array_size_not_constant>(at);
    return std::nullopt;
  }
  std::int64_t count = made.value.as_signed();
  if (made.value.is(ConstValue::Kind::Float)) {
    const double real = made.value.real;
    if (!(std::floor(real) == real) || std::abs(real) > 9.0e18) {
      if (lanes)
        report<diag::lane_count_fraction>(at, float_text(real));
      else
        report<diag::array_size_fraction>(at, float_text(real));
      return std::nullopt;
    }
    count = static_cast<std::int64_t>(real);
  }
  if (lanes && count <= 0)
    report<diag::lane_count_too_small>(at);
  else if (count < 0)
    report<diag::array_size_negative>(at, count);
  else if (lanes && count > max_count)
    report<diag::lane_count_too_large>(at, count);
  else if (count > max_count)
    report<diag::array_size_too_large>(at, count);
  else
    return static_cast<std::uint64_t>(count);
  return std::nullopt;
}

/// A constant for a header parameter that holds no number (R3.9.16): a variant may be written without its type.
Fold Checker::fold_plain_argument(const Site& site, AstId node, TypeId type) {
  if (const auto* shorthand = site.try_get<ast::DotName>(node); shorthand && types.is(type, TypeKind::Enum))
    return fold_type_member(type, shorthand->name.text, FoldDomain::Scalar);
  return fold(site, node, FoldDomain::Scalar, true);
}

std::optional<ConstValue> Checker::fold_value_argument(const Site& site, AstId node, TypeId type, StringId parameter) {
  const Span at = site.span(node);
  const bool is_integer = types.is_integer(type);
  const std::size_t before = diagnostics.error_count() + diagnostics.muted_errors();
  Fold made = is_integer ? fold(site, node, FoldDomain::Count, true) : fold_plain_argument(site, node, type);
  if (is_integer && made && made.value.is(ConstValue::Kind::Float)) {
    const double real = made.value.real;
    if (std::floor(real) == real && std::abs(real) < 9.0e18)
      made.value = integer_constant(static_cast<std::int64_t>(real));
    else
      made.ok = false;
  }
  if (made) {
    if (auto converted = convert_constant(made.value, type))
      return converted;
    if (is_integer) {
      report<diag::value_argument_out_of_range>(at, made.value.as_signed(), text(parameter), types.name(type));
      return std::nullopt;
    }
  }
  if (diagnostics.error_count() + diagnostics.muted_errors() != before || made.failure == FoldFailure::Poison)
    return std::nullopt;
  if (is_integer)
    report<diag::value_argument_not_constant>(at, text(parameter));
  else if (types.is(type, TypeKind::Enum))
    report<diag::comptime_enum_argument>(at, text(parameter), types.name(type));
  else if (made)
    report<diag::value_mismatch>(at, types.name(made.value.type), types.name(type));
  else
    report<diag::comptime_value_needed>(at, source_text(at));
  return std::nullopt;
}

} // namespace sx::sema
