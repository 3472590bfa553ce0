// Indexing and slicing (2.8, 2.9, R2.82, R3.4.4, R6.38).

#include "sema/scopes.h"

namespace sx::sema {

namespace {

bool indexes_through_optional(const TypeTable& types, TypeId payload) {
  switch (types.kind(payload)) {
  case TypeKind::Array:
  case TypeKind::Slice:
  case TypeKind::String:
  case TypeKind::ManyPointer:
  case TypeKind::Vector: return true;
  case TypeKind::Pointer:
    return types.is(types[payload].element, TypeKind::Array) || types.is(types[payload].element, TypeKind::Slice);
  default: return false;
  }
}

} // namespace

Operand BodyChecker::check_index(const ast::Index& index, AstId node) {
  const Span span = span_of(node);
  Operand base = check(index.base, Expect::none());
  if (base.kind == Operand::Kind::Pack)
    return pack_index(base, index.index, span);
  // Names of functions, types, modules and packs have no type of their own.
  if (!base.is_place() && !base.is_value())
    base = to_value(std::move(base));
  if (base.is_failable_call)
    base = settle_failable(std::move(base), Expect::none());
  if (base.poisoned()) {
    check(index.index, Expect::none());
    return Operand::poison(span);
  }
  base = read_through_reference(std::move(base));
  if (types().is(base.type, TypeKind::Optional) && indexes_through_optional(types(), types()[base.type].element))
    return map_optional(base, span, [&](Operand payload) { return element_of(std::move(payload), index, span); });
  return element_of(std::move(base), index, span);
}

Operand BodyChecker::not_indexable(const Operand& base, Span span) {
  Report& made = report<diag::not_indexable>(base.span, name(base.type));
  if (types().is(base.type, TypeKind::Pointer))
    made.help("make it a many-pointer, or dereference first");
  return Operand::poison(span);
}

Operand BodyChecker::index_value(AstId node) {
  Operand index = to_operand(check(node, Expect::none()));
  if (index.poisoned())
    return index;
  return convert(index, types().i64, {.site = index.span});
}

Operand BodyChecker::element_of(Operand base, const ast::Index& index, Span span) {
  if (types().is(base.type, TypeKind::Pointer)) {
    const TypeKind target = types().kind(types()[base.type].element);
    if (target != TypeKind::Array && target != TypeKind::Slice && target != TypeKind::Tuple)
      return not_indexable(base, span);
    base = deref(std::move(base), base.span);
    if (base.poisoned())
      return base;
  }
  const Access outer = base.is_place()                        ? base.access
                       : base.access == Access::InlinePayload ? Access::InlinePayload
                                                              : Access::Temporary;
  const Type shape = types()[base.type];
  switch (shape.kind) {
  case TypeKind::Array:
  case TypeKind::Vector: {
    const StringId root = base.name;
    const Operand storage = to_place(base);
    const Operand position = index_value(index.index);
    if (storage.poisoned() || position.poisoned())
      return Operand::poison(span);
    if (base.access == Access::ModuleConstant && position.constant.is_integer() &&
        (position.constant.integer < 0 || position.constant.integer >= static_cast<__int128>(shape.count)) &&
        shape.kind == TypeKind::Array && root.value != 0) {
      report<diag::constant_fold_index_out_of_range>(span, text(root), shape.count,
                                                     static_cast<std::int64_t>(position.constant.integer));
      return Operand::poison(span);
    }
    Operand result =
        place(emit(hir::Element{storage.node, position.node}, shape.element, span), shape.element, span, outer);
    result.name = root;
    return result;
  }
  case TypeKind::Slice:
  case TypeKind::String:
  case TypeKind::ManyPointer: {
    const TypeId element = shape.kind == TypeKind::String ? types().u8 : shape.element;
    const Access through =
        base.is_place() && base.access == Access::ModuleConstant ? Access::ModuleConstant : Access::Variable;
    const StringId root = base.name;
    hir::NodeId pointer;
    if (shape.kind == TypeKind::ManyPointer) {
      pointer = to_value(base).node;
    } else {
      const TypeId many = types().many_pointer(element);
      const Operand storage = to_place(base);
      pointer = emit(hir::Load{emit(hir::Field{storage.node, 0}, many, base.span)}, many, base.span);
    }
    const Operand position = index_value(index.index);
    if (position.poisoned())
      return Operand::poison(span);
    Operand result = place(emit(hir::PointerElement{pointer, position.node}, element, span), element, span, through);
    result.name = root;
    return result;
  }
  case TypeKind::Tuple:
  case TypeKind::Struct: return constant_part(base, index, span);
  case TypeKind::Poison: check(index.index, Expect::none()); return Operand::poison(span);
  default: check(index.index, Expect::none()); return not_indexable(base, span);
  }
}

/// `t[K]` with a compile-time `K` (R2.82, R3.4.4).
Operand BodyChecker::constant_part(Operand base, const ast::Index& index, Span span) {
  const bool tuple = types().is(base.type, TypeKind::Tuple);
  if (!tuple)
    checker_.complete(base.type);
  const std::optional<std::int64_t> position = fold_integer(index.index);
  if (!position) {
    const Operand checked = check(index.index, Expect::none());
    return checked.poisoned() ? Operand::poison(span) : not_indexable(base, span);
  }
  const std::size_t count = tuple ? types()[base.type].elements.size() : types().nominal(base.type).fields.size();
  if (*position < 0 || static_cast<std::uint64_t>(*position) >= count) {
    report<diag::part_index_out_of_range>(span_of(index.index), name(base.type), count, *position);
    return Operand::poison(span);
  }
  const auto i = static_cast<std::uint32_t>(*position);
  const TypeId type = tuple ? types()[base.type].elements[i] : types().nominal(base.type).fields[i].type;
  return field_of(std::move(base), i, type, span);
}

Operand BodyChecker::check_slice(const ast::SliceExpr& slice, AstId node) {
  const Span span = span_of(node);
  Operand base = check(slice.base, Expect::none());
  // Names of functions, types, modules and packs have no type of their own.
  if (!base.is_place() && !base.is_value())
    base = to_value(std::move(base));
  base = read_through_reference(unwrap_narrowed(std::move(base)));
  if (base.poisoned()) {
    for (const AstId bound : {slice.lo, slice.hi})
      if (bound.valid())
        check(bound, Expect::none());
    return Operand::poison(span);
  }
  if (types().is(base.type, TypeKind::Pointer) && (types().is(types()[base.type].element, TypeKind::Array) ||
                                                   types().is(types()[base.type].element, TypeKind::Slice)))
    base = deref(std::move(base), base.span);
  const Type shape = types()[base.type];
  const TypeId i64 = types().i64;
  std::vector<hir::NodeId> before;
  TypeId element = shape.element;
  hir::NodeId pointer;
  hir::NodeId length;
  switch (shape.kind) {
  case TypeKind::Array: {
    if (!base.is_place()) {
      report<diag::slice_of_temporary_array>(base.span).help("give it a name first");
      return Operand::poison(span);
    }
    const hir::NodeId address = emit(hir::AddressOf{base.node}, types().pointer(base.type), base.span);
    pointer = emit(hir::Convert{hir::ConvertOp::PointerCast, address}, types().many_pointer(element), base.span);
    length = word(shape.count, i64, base.span);
    break;
  }
  case TypeKind::Slice:
  case TypeKind::String: {
    if (shape.kind == TypeKind::String)
      element = types().u8;
    const hir::LocalId whole = spill(to_value(base), before);
    const TypeId many = types().many_pointer(element);
    const hir::NodeId stored = emit(hir::Local{whole}, base.type, base.span);
    pointer = emit(hir::Load{emit(hir::Field{stored, 0}, many, base.span)}, many, base.span);
    length = emit(hir::Load{emit(hir::Field{stored, 1}, i64, base.span)}, i64, base.span);
    break;
  }
  case TypeKind::ManyPointer:
    if (!slice.hi.valid()) {
      report<diag::open_slice_of_many_pointer>(base.span);
      return Operand::poison(span);
    }
    pointer = to_value(base).node;
    break;
  case TypeKind::Poison: return Operand::poison(span);
  default: return not_indexable(base, span);
  }
  const TypeId many = types().many_pointer(element);
  const hir::LocalId data = temporary(many, span);
  before.push_back(let(data, pointer, span));
  const auto bound = [&](AstId written, bool add_one, hir::NodeId missing) -> std::optional<hir::LocalId> {
    Operand at;
    if (written.valid())
      at = index_value(written);
    else
      at = value(missing, i64, span);
    if (at.poisoned())
      return {};
    if (add_one)
      at = make(hir::Binary{hir::BinaryOp::Add, at.node, word(1, i64, at.span)}, i64, at.span);
    return spill(at, before);
  };
  const auto lo = bound(slice.lo, slice.range.start_exclusive, word(0, i64, span));
  const auto hi = bound(slice.hi, slice.hi.valid() && slice.range.end_inclusive, length);
  if (!lo || !hi)
    return Operand::poison(span);
  const hir::NodeId first = emit(hir::PointerElement{local_value(data, span), local_value(*lo, span)}, element, span);
  const hir::NodeId address = emit(hir::AddressOf{first}, types().pointer(element), span);
  const hir::NodeId start = emit(hir::Convert{hir::ConvertOp::PointerCast, address}, many, span);
  const hir::NodeId count =
      emit(hir::Binary{hir::BinaryOp::Sub, local_value(*hi, span), local_value(*lo, span)}, i64, span);
  const TypeId type = shape.kind == TypeKind::String ? types().string : types().slice(element);
  const std::array inits{hir::MemberInit{0, start}, hir::MemberInit{1, count}};
  return sequence(before, value(aggregate(inits, type, span), type, span), span);
}

} // namespace sx::sema
