// Module variables and C variables (R3.14.7, R3.14.8, R1.152).

#include "sema/checker.h"
#include "sema/scalar.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;
using syntax::UnaryOp;

TypeId Checker::variable_type(DeclId id) {
  id = follow(id);
  if (const auto known = tables_->variable_types.find(id); known != tables_->variable_types.end())
    return known->second;
  if (decl(id).kind != DeclKind::Variable)
    return types.poison;
  if (!tables_->variables_in_progress.insert(id).second)
    return types.poison;
  const Unmuted unmuted(diagnostics);
  const Site site = site_of(id);
  const TypeId type =
      decl(id).type.valid() ? resolve_type(site, decl(id).type) : type_of_initializer(site, decl(id).value);
  tables_->variables_in_progress.erase(id);
  tables_->variable_types.emplace(id, type);
  return type;
}

/// Type of `g := e;`, `e` one of the forms of R3.14.7; poison for every other form, reported by `global_of`.
TypeId Checker::type_of_initializer(const Site& site, AstId node) {
  switch (site.kind(node)) {
  case Kind::NullLiteral:
  case Kind::UndefinedLiteral: report<diag::literal_cannot_type_itself>(site.span(node)); return types.poison;
  case Kind::DotName:
    report<diag::shorthand_without_destination>(site.span(node), text(site.get<ast::DotName>(node).name.text));
    return types.poison;
  default: break;
  }
  if (!is_variable_initializer(site, node, {}))
    return types.poison;
  const Fold made = fold(site, node, FoldDomain::Scalar);
  if (made && made.value.type.valid())
    return made.value.type;
  return type_of_expression(site, node, {});
}

/// The forms a module variable may start out with (R3.14.7); aggregates by their leaves.
bool Checker::is_variable_initializer(const Site& site, AstId node, TypeId type) {
  while (type.valid() && types.is(type, TypeKind::Optional))
    type = types[type].element;
  switch (site.kind(node)) {
  case Kind::IntLiteral:
  case Kind::FloatLiteral:
  case Kind::CharLiteral:
  case Kind::BoolLiteral:
  case Kind::StringLiteral:
  case Kind::NullLiteral:
  case Kind::UndefinedLiteral:
  case Kind::ErrorLiteral: return true;
  case Kind::Paren: return is_variable_initializer(site, site.get<ast::Paren>(node).inner, type);
  case Kind::DotName: return is_constant_leaf(site, node, type, true);
  case Kind::StructLiteral:
  case Kind::ArrayLiteral: return is_constant_literal(site, node, type, true);
  case Kind::Unary: {
    const auto& unary = site.get<ast::Unary>(node);
    if (unary.op == UnaryOp::Pointer)
      return is_address_of_variable(site, node) || names_type(site, node);
    const bool number = site.tree->is(unary.operand, Kind::IntLiteral) ||
                        site.tree->is(unary.operand, Kind::FloatLiteral) ||
                        site.tree->is(unary.operand, Kind::CharLiteral);
    return unary.op == UnaryOp::Negate &&
           (number || (site.tree->is(unary.operand, Kind::Name) && fold(site, unary.operand, FoldDomain::Scalar).ok));
  }
  case Kind::Name: return is_constant_leaf(site, node, type, true);
  case Kind::Member: {
    // `ns.K`, `Gear.low`, `i32.max`; not `S.f` of a struct constant (R3.14.8).
    AstId consumed;
    const Found found = find_path_quietly(site, node, Use::Value, &consumed);
    if (consumed == node)
      return is_constant_leaf(site, node, type, true);
    const bool of_value = found.kind == Found::Kind::Declaration && serves(found.decl, Use::Value);
    return !of_value && fold(site, node, FoldDomain::Scalar).ok;
  }
  default: return names_type(site, node);
  }
}

/// Range and kind of a scalar initializer with an annotation; the conversion itself is the body checker's.
bool Checker::check_variable_scalar(DeclId id, const Site& site, TypeId type) {
  const AstId value = decl(id).value;
  TypeId target = type;
  while (types.is(target, TypeKind::Optional))
    target = types[target].element;
  if (const auto* shorthand = site.try_get<ast::DotName>(value)) {
    if (!types.is(target, TypeKind::Enum)) {
      if (types.is(target, TypeKind::TaggedUnion))
        report<diag::global_not_constant>(site.span(value), text(decl(id).name)).help(help::compute_with_run());
      else
        report<diag::shorthand_against_non_enum>(site.span(value), text(shorthand->name.text), types.name(type));
      return false;
    }
    if (!find_variant(target, shorthand->name.text)) {
      report_no_variant(site.span(value), target, shorthand->name.text);
      return false;
    }
    return true;
  }
  if (!types.is_integer(target))
    return true;
  const Fold made = fold(site, value, FoldDomain::Scalar);
  const bool literal_out_of_range =
      made && made.value.is(ConstValue::Kind::Int) && made.value.is_literal && !convert_constant(made.value, target);
  const bool fraction = made && made.value.is(ConstValue::Kind::Float) && !convert_constant(made.value, target);
  if (!literal_out_of_range && !fraction)
    return true;
  report_constant_range(id, site, value, made.value, target);
  return false;
}

GlobalId Checker::global_of(DeclId id) {
  id = follow(id);
  if (const auto known = tables_->globals.find(id); known != tables_->globals.end())
    return known->second;
  if (decl(id).kind != DeclKind::Variable || decl(id).is_extern)
    return {};
  const Unmuted unmuted(diagnostics);
  const Site site = site_of(id);
  const AstId value = decl(id).value;
  const std::size_t before = diagnostics.error_count();
  const TypeId type = variable_type(id);
  GlobalId made;
  bool good = type != types.poison;
  if (!good && value.valid() && !decl(id).type.valid() && diagnostics.error_count() == before &&
      !is_variable_initializer(site, value, {}))
    report<diag::global_not_constant>(site.span(value), text(decl(id).name)).help(help::compute_with_run());
  if (good && value.valid()) {
    const bool shorthand = site.tree->is(value, Kind::DotName);
    const bool union_literal = types.is(type, TypeKind::Union) && !site.tree->is(value, Kind::UndefinedLiteral);
    if (!shorthand && (union_literal || !is_variable_initializer(site, value, type))) {
      report<diag::global_not_constant>(site.span(value), text(decl(id).name)).help(help::compute_with_run());
      good = false;
    } else {
      good = check_variable_scalar(id, site, type);
    }
  }
  if (good && !value.valid() && types.is(type, TypeKind::Struct)) {
    complete(type);
    if (!has_constant_defaults(type, {})) {
      report<diag::global_not_constant>(decl(id).name_span, text(decl(id).name)).help(help::compute_with_run());
      good = false;
    }
  }
  if (good) {
    // `---` means zero bytes here (R3.14.7); a struct without initializer has the defaults of its fields.
    const bool zero = !value.valid() || site.tree->is(value, Kind::UndefinedLiteral);
    made = add_global(id, site, type, zero ? AstId() : value);
    const bool defaults =
        !value.valid() && types.is(type, TypeKind::Struct) &&
        std::ranges::any_of(types.nominal(type).fields, [](const FieldInfo& field) { return field.initial.valid(); });
    if (defaults) {
      EntryRequest request;
      request.type = type;
      request.name = decl(id).name;
      request.constant_only = request.default_value = true;
      program.globals[made.index()].initializer = make_entry(site, request);
    }
  }
  tables_->globals.emplace(id, made);
  return made;
}

} // namespace sx::sema
