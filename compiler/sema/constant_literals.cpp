// Array and struct literals as constants: which elements are constant, and what untyped arrays consist of
// (R3.12.9 to R3.12.14, R7.39 to R7.44).

#include "sema/checker.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;
using syntax::UnaryOp;

// ---- array constants --------------------------------------------------------------------------------

ConstantInfo Checker::array_constant(DeclId id, const Site& site, TypeId annotation) {
  const AstId value = decl(id).value;
  const auto& literal = site.get<ast::ArrayLiteral>(value);
  const Span at = site.span(value);
  const std::string name = text(decl(id).name);
  TypeId type = annotation;
  if (literal.head.valid()) {
    const TypeId head = resolve_literal_head(site, literal.head, at);
    if (head == types.poison)
      return {};
    if (!types.is(head, TypeKind::Array) && !types.is(head, TypeKind::Vector)) {
      report<diag::element_type_as_literal_head>(site.span(literal.head), types.name(head))
          .help(help::type_on_binding(literal.elements.count, types.name(head)));
      return {};
    }
    if (annotation.valid() && annotation != head) {
      const auto spelled = names(annotation, head);
      report<diag::typed_constant_mismatch>(at, name, spelled.first, "a '" + spelled.second + "'");
      return {};
    }
    type = head;
  }
  if (!type.valid())
    type = infer_array_type(id, site);
  if (type == types.poison)
    return {};
  if (types.is(type, TypeKind::Vector) || types.is(type, TypeKind::Slice)) {
    ConstantInfo info;
    info.kind = ConstantInfo::Kind::Repeated;
    info.type = type;
    return info;
  }
  if (!types.is(type, TypeKind::Array)) {
    report<diag::constant_elements_without_array>(at, name, types.name(type));
    return {};
  }
  if (!is_constant_literal(site, value, type)) {
    report<diag::constant_element_not_constant>(at, name);
    return {};
  }
  if (literal.elements.count != types[type].count) {
    report<diag::constant_length_differs>(at, name, types[type].count, literal.elements.count);
    return {};
  }
  return stored(id, site, type);
}

namespace {

enum class ElementClass : std::uint8_t { Other, Integer, Float, Bool, String };

/// What an element of an untyped array constant is by its own syntax (R3.12.10).
ElementClass classify(const Site& site, AstId node) {
  if (const auto* unary = site.try_get<ast::Unary>(node); unary && unary->op == UnaryOp::Negate) {
    const ElementClass inner = classify(site, unary->operand);
    return inner == ElementClass::Integer || inner == ElementClass::Float ? inner : ElementClass::Other;
  }
  switch (site.kind(node)) {
  case Kind::IntLiteral:
  case Kind::CharLiteral: return ElementClass::Integer;
  case Kind::FloatLiteral: return ElementClass::Float;
  case Kind::BoolLiteral: return ElementClass::Bool;
  case Kind::StringLiteral: return ElementClass::String;
  case Kind::Paren: return classify(site, site.get<ast::Paren>(node).inner);
  default: return ElementClass::Other;
  }
}

bool is_number(ElementClass c) {
  return c == ElementClass::Integer || c == ElementClass::Float;
}

} // namespace

TypeId Checker::infer_array_type(DeclId id, const Site& site) {
  const AstId value = decl(id).value;
  const auto elements = site.tree->list(site.get<ast::ArrayLiteral>(value).elements);
  const std::string name = text(decl(id).name);
  if (elements.empty()) {
    report<diag::constant_not_inferable>(site.span(value), name).help(help::give_constant_array_type());
    return types.poison;
  }
  ElementClass all = ElementClass::Other;
  for (AstId element : elements) {
    const ElementClass own = classify(site, element);
    if (own == ElementClass::Other) {
      // A call or a run-time read is no constant at all; anything else only lacks a type.
      if (is_constant_element(site, element, {}))
        report<diag::constant_not_inferable>(site.span(element), name).help(help::give_constant_array_type());
      else
        report<diag::constant_element_not_constant>(site.span(value), name);
      return types.poison;
    }
    if (all == ElementClass::Other) {
      all = own;
    } else if (is_number(all) && is_number(own)) {
      all = std::max(all, own);
    } else if (all != own) {
      report<diag::constant_elements_mixed>(site.span(element), name).help(help::give_constant_array_type());
      return types.poison;
    }
  }
  const TypeId element = all == ElementClass::Integer ? types.i64
                         : all == ElementClass::Float ? types.f64
                         : all == ElementClass::Bool  ? types.bool_
                                                      : types.string;
  return types.array(element, elements.size());
}

// ---- constant elements ------------------------------------------------------------------------------

bool Checker::is_constant_element(const Site& site, AstId node, TypeId type) {
  return is_constant_leaf(site, node, type, false);
}

/// The address of a module variable, or of a part of one (R3.14.7).
bool Checker::is_address_of_variable(const Site& site, AstId node) {
  const auto* unary = site.try_get<ast::Unary>(node);
  if (!unary || unary->op != UnaryOp::Pointer)
    return false;
  AstId consumed;
  const Found found = find_path_quietly(site, unary->operand, Use::Value, &consumed);
  return consumed == unary->operand && found.kind == Found::Kind::Declaration &&
         decl(found.decl).kind == DeclKind::Variable;
}

bool Checker::is_constant_leaf(const Site& site, AstId node, TypeId type, bool in_variable) {
  const DepthGuard guard(tables_->fold_depth, max_fold_nesting);
  if (!guard.ok)
    return false;
  while (type.valid() && types.is(type, TypeKind::Optional))
    type = types[type].element;
  switch (site.kind(node)) {
  case Kind::NullLiteral:
  case Kind::UndefinedLiteral: return true;
  case Kind::DotName: // an unknown variant is reported where the literal is checked
    return !type.valid() || !types.is(type, TypeKind::TaggedUnion);
  case Kind::StructLiteral:
  case Kind::ArrayLiteral: return is_constant_literal(site, node, type, in_variable);
  case Kind::Unary:
    if (in_variable && is_address_of_variable(site, node))
      return true;
    break;
  case Kind::Name:
  case Kind::Member: {
    AstId consumed;
    const Found found = find_path_quietly(site, node, Use::Value, &consumed);
    if (consumed == node && found.kind == Found::Kind::Declaration) {
      const DeclKind kind = decl(found.decl).kind;
      if (kind == DeclKind::RunConstant || kind == DeclKind::Poison)
        return true;
      if (kind == DeclKind::Variable) // borrowed by a slot of identity protocol type (R5.103)
        return in_variable && type.valid() && types.is(type, TypeKind::Protocol) && types.nominal(type).is_identity;
      if (kind == DeclKind::Constant) {
        const ConstantInfo info = constant_of(found.decl);
        return info.kind == ConstantInfo::Kind::Scalar || info.kind == ConstantInfo::Kind::Stored ||
               info.kind == ConstantInfo::Kind::Poison;
      }
    }
    break;
  }
  default: break;
  }
  const Fold made = fold(site, node, FoldDomain::Scalar);
  return made.ok || made.failure == FoldFailure::Poison;
}

bool Checker::is_constant_literal(const Site& site, AstId node, TypeId type, bool in_variable) {
  if (const auto* array = site.try_get<ast::ArrayLiteral>(node)) {
    TypeId element;
    if (array->head.valid())
      type = try_resolve_type(site, array->head);
    if (type.valid() && types[type].element.valid())
      element = types[type].element;
    return std::ranges::all_of(site.tree->list(array->elements),
                               [&](AstId e) { return is_constant_leaf(site, e, element, in_variable); });
  }
  const auto& literal = site.get<ast::StructLiteral>(node);
  if (literal.init.valid())
    return false;
  if (literal.head.valid()) {
    type = try_resolve_type(site, literal.head);
    if (!type.valid())
      return false;
  }
  if (type.valid() && (types.is(type, TypeKind::Union) || types.is(type, TypeKind::TaggedUnion)))
    return false;
  if (type.valid())
    complete(type);
  const bool is_struct = type.valid() && types.is(type, TypeKind::Struct);
  const bool is_tuple = type.valid() && types.is(type, TypeKind::Tuple);
  const std::size_t count = is_struct ? types.nominal(type).fields.size() : 0;
  std::vector<bool> given(count, false);
  std::size_t position = 0;
  for (AstId element : site.tree->list(literal.elements)) {
    AstId value = element;
    StringId name;
    if (const auto* named = site.try_get<ast::NamedElement>(element)) {
      value = named->value;
      name = named->name.text;
    } else if (const auto* shorthand = site.try_get<ast::ShorthandElement>(element)) {
      value = shorthand->name;
      const StringId spelled = site.get<ast::Name>(shorthand->name).name.text;
      if (is_struct && find_field(type, spelled))
        name = spelled;
    } else if (site.tree->is(element, Kind::Spread)) {
      return false;
    }
    TypeId slot;
    if (is_struct) {
      const auto index = name.valid() ? find_field(type, name) : std::optional(static_cast<std::uint32_t>(position));
      if (index && *index < count) {
        given[*index] = true;
        slot = types.nominal(type).fields[*index].type;
      }
    } else if (is_tuple && position < types[type].elements.size()) {
      slot = types[type].elements[position];
    }
    ++position;
    if (!is_constant_leaf(site, value, slot, in_variable))
      return false;
  }
  return !is_struct || has_constant_defaults(type, given);
}

/// Missing fields take their defaults, so these have to be constant too (R7.44).
bool Checker::has_constant_defaults(TypeId type, const std::vector<bool>& given) {
  const std::vector<FieldInfo> fields = types.nominal(type).fields;
  const Site site = site_of_type(type);
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].initial.valid() && site.tree && !(i < given.size() && given[i]) &&
        !is_constant_leaf(site, fields[i].initial, fields[i].type, false))
      return false;
  return true;
}

} // namespace sx::sema
