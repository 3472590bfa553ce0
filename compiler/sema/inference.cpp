#include "sema/inference.h"

namespace sx::sema {
namespace {

/// Written types nest at most as deep as the parser allows; this only guards the recursion.
constexpr int max_pattern_depth = 1000;

} // namespace

TypeParameter* TypeInference::parameter(AstId pattern) const {
  StringId name;
  if (const auto* intro = tree_.try_get<ast::TypeIntro>(pattern))
    name = intro->name.text;
  else if (const auto* plain = tree_.try_get<ast::Name>(pattern))
    name = plain->name.text;
  else
    return nullptr;
  for (TypeParameter& known : parameters_)
    if (known.name == name)
      return &known;
  return nullptr;
}

bool TypeInference::mentions_open(AstId pattern) const {
  if (!pattern.valid())
    return false;
  std::vector<AstId> pending{pattern};
  while (!pending.empty()) {
    const AstId node = pending.back();
    pending.pop_back();
    if (const TypeParameter* found = parameter(node); found && !found->bound.valid())
      return true;
    tree_.for_each_child(node, [&](AstId child) { pending.push_back(child); });
  }
  return false;
}

/// R5.16: the first candidate wins, except that `f64` replaces any other and `f32` one that is no float.
void TypeInference::candidate(TypeParameter& known, TypeId type) {
  if (known.given || !type.valid() || types_.is(type, TypeKind::Null) || types_.is(type, TypeKind::Void) ||
      types_.is(type, TypeKind::NoReturn))
    return;
  if (!known.bound.valid() || types_.is(known.bound, TypeKind::Poison)) {
    known.bound = type;
    return;
  }
  if (type == types_.f64 || (type == types_.f32 && !types_.is(known.bound, TypeKind::Float)))
    known.bound = type;
}

void TypeInference::match_slots(std::span<const AstId> slots, TypeId actual) {
  const auto slot_type = [&](AstId slot) {
    const auto* typed = tree_.try_get<ast::TypeSlot>(slot);
    return typed ? typed->type : slot;
  };
  if (types_.is(actual, TypeKind::Failable))
    actual = types_[actual].element;
  if (!types_.is(actual, TypeKind::Tuple)) {
    if (!slots.empty())
      match(slot_type(slots.front()), actual);
    return;
  }
  const std::vector<TypeId>& elements = types_[actual].elements;
  for (std::size_t i = 0; i < slots.size() && i < elements.size(); ++i)
    match(slot_type(slots[i]), elements[i]);
}

void TypeInference::match_signature(std::span<const AstId> params, AstId result, TypeId actual) {
  const Type& row = types_[actual];
  if (row.kind != TypeKind::Closure && row.kind != TypeKind::Function)
    return;
  if (result.valid() && row.element.valid())
    match(result, row.element);
  for (std::size_t i = 0; i < params.size() && i < row.elements.size(); ++i) {
    const auto* slot = tree_.try_get<ast::TypeSlot>(params[i]);
    match(slot ? slot->type : params[i], row.elements[i]);
  }
}

void TypeInference::match(AstId pattern, TypeId actual) {
  if (!pattern.valid() || !actual.valid() || depth_ >= max_pattern_depth)
    return;
  if (TypeParameter* known = parameter(pattern))
    return candidate(*known, actual);
  ++depth_;
  const Type& row = types_[actual];
  const auto element_of = [&](TypeKind kind) { return row.kind == kind ? row.element : TypeId{}; };
  switch (tree_.kind(pattern)) {
  case syntax::Kind::PointerType:
    // A value stands for its address.
    match(tree_.get<ast::PointerType>(pattern).element, row.kind == TypeKind::Pointer ? row.element : actual);
    break;
  case syntax::Kind::ManyPointerType:
    match(tree_.get<ast::ManyPointerType>(pattern).element, element_of(TypeKind::ManyPointer));
    break;
  case syntax::Kind::SliceType:
    if (row.kind == TypeKind::Slice || row.kind == TypeKind::Array)
      match(tree_.get<ast::SliceType>(pattern).element, row.element);
    break;
  case syntax::Kind::ArrayType: match(tree_.get<ast::ArrayType>(pattern).element, element_of(TypeKind::Array)); break;
  case syntax::Kind::OptionalType:
    match(tree_.get<ast::OptionalType>(pattern).element, element_of(TypeKind::Optional));
    break;
  case syntax::Kind::ClosureType: {
    const auto& closure = tree_.get<ast::ClosureType>(pattern);
    match_signature(tree_.list(closure.params), closure.result, actual);
    break;
  }
  case syntax::Kind::FunctionType: {
    const auto& function = tree_.get<ast::FunctionType>(pattern);
    match_signature(tree_.list(function.params), function.result, actual);
    break;
  }
  case syntax::Kind::TupleType: match_slots(tree_.list(tree_.get<ast::TupleType>(pattern).slots), actual); break;
  case syntax::Kind::ReturnList: match_slots(tree_.list(tree_.get<ast::ReturnList>(pattern).slots), actual); break;
  case syntax::Kind::TypeApply: {
    const auto& apply = tree_.get<ast::TypeApply>(pattern);
    if (const auto arguments = arguments_of_(apply.head, actual)) {
      const auto written = tree_.list(apply.args);
      for (std::size_t i = 0; i < written.size() && i < arguments->size(); ++i)
        match(written[i], (*arguments)[i]); // value arguments are invalid here and give no candidate
    }
    break;
  }
  default: break;
  }
  --depth_;
}

} // namespace sx::sema
