// `xx`, `.(T)`, boxing and unboxing of `any`, assertions (2.19, 2.22).

#include "sema/scopes.h"
#include "sema/tables.h"

namespace sx::sema {

Operand BodyChecker::check_xx(const ast::Unary& unary, AstId node, Expect expect) {
  const Span span = span_of(node);
  Expect inner = Expect::of(expect.type);
  inner.truncates = true;
  Operand operand = check(unary.operand, inner);
  if (operand.poisoned())
    return Operand::poison(span);
  if (operand.kind == Operand::Kind::Pack && expect.type.valid() && types().is(expect.type, TypeKind::Slice))
    return pack_to_slice(std::move(operand), expect.type, span);
  if (operand.is_failable_call)
    operand = settle_failable(std::move(operand), Expect::none());
  if (operand.kind == Operand::Kind::Pack && expect.type.valid() && types().is(expect.type, TypeKind::Slice))
    return pack_to_slice(std::move(operand), expect.type, span);
  if (!expect.type.valid() || types().is(expect.type, TypeKind::Null)) {
    Operand result = to_value(std::move(operand));
    result.constant.is_literal = false;
    return result;
  }
  TypeId target = expect.type;
  // Towards an optional the payload is what is converted, unless the value is the optional itself.
  if (types().is(target, TypeKind::Optional) && operand.type != target && operand.is_value_or_place() &&
      !types().is(operand.type, TypeKind::Any)) {
    TypeId payload = types()[target].element;
    if (types().is(operand.type, TypeKind::Optional))
      return convert(operand, target, {.site = span});
    const Operand converted = explicit_convert(std::move(operand), payload, span);
    return converted.poisoned() ? converted : make(hir::OptionalWrap{converted.node}, target, span);
  }
  Operand result = explicit_convert(std::move(operand), target, span);
  result.span = span;
  return result;
}

TypeId BodyChecker::resolve_cast_target(AstId node) {
  const CastTarget unknown_are_targets(checker_.tables().in_cast_target);
  return resolve_type(node);
}

Operand BodyChecker::check_cast(const ast::Cast& cast, AstId node, Expect expect) {
  const Span span = span_of(node);
  const TypeId target = resolve_cast_target(cast.type);
  if (!target.valid() || types().is(target, TypeKind::Poison)) {
    check(cast.operand, Expect::of(types().poison));
    return Operand::poison(span);
  }
  const TypeId ambient = types().is(target, TypeKind::Optional) ? types()[target].element : target;
  Expect inner = cast.optional ? Expect::none() : Expect::of(ambient);
  inner.truncates = true;
  Operand operand = check(cast.operand, inner);
  if (operand.is_failable_call)
    operand = settle_failable(std::move(operand), Expect::none());
  // Functions are chosen by the target; names of modules and packs have no type.
  if (!operand.is_place() && !operand.is_value() && operand.kind != Operand::Kind::Function)
    operand = to_value(std::move(operand));
  operand = read_through_reference(std::move(operand));
  if (operand.poisoned())
    return Operand::poison(span);
  const bool is_optional = operand.type.valid() && types().is(operand.type, TypeKind::Optional);
  if (cast.optional)
    return optional_cast(std::move(operand), target, span, expect);
  if (is_optional && operand.type != target) {
    report<diag::cast_on_optional>(span, name(target));
    return Operand::poison(span);
  }
  if (cast.allocator.valid())
    return allocating_cast(cast, std::move(operand), target, span);
  return cast_value(std::move(operand), target, span, expect.consumes_assertion);
}

/// `e.(P, a)` (R5.96).
Operand BodyChecker::allocating_cast(const ast::Cast& cast, Operand operand, TypeId target, Span span) {
  Operand allocator = check(cast.allocator, Expect::none());
  if (!types().is(target, TypeKind::Protocol)) {
    report<diag::allocator_without_allocation>(span, name(target)).help("write '.(" + name(target) + ")'");
    return Operand::poison(span);
  }
  if (allocator.poisoned())
    return Operand::poison(span);
  return erase(std::move(operand), target, {.site = span}, true, true, std::move(allocator));
}

/// `.(T)` of a non-optional operand by the table of R2.102.
Operand BodyChecker::cast_value(Operand operand, TypeId target, Span span, bool consumed) {
  const TypeKind to = types().kind(target);
  if (operand.kind == Operand::Kind::Function)
    return explicit_convert(std::move(operand), target, span);
  if (types().is(operand.type, TypeKind::Any)) {
    if (operand.type == target)
      return to_value(std::move(operand));
    const TypeId asked = to == TypeKind::Optional ? types()[target].element : target;
    if (types().is(asked, TypeKind::Protocol)) {
      report<diag::protocol_assertion_on_any>(span, name(asked)).help("assert the concrete type");
      return Operand::poison(span);
    }
    if (is_raw_shape(target, "AnyRaw", "data"))
      return reinterpret(std::move(operand), target, span);
    return assertion(std::move(operand), target, span, consumed);
  }
  if (types().is(operand.type, TypeKind::Protocol)) {
    const bool conversion = to == TypeKind::Pointer || to == TypeKind::Any || to == TypeKind::Protocol ||
                            is_raw_shape(target, "ProtocolRaw", "ctx");
    if (conversion)
      return recover_protocol(std::move(operand), target, span);
    return assertion(std::move(operand), target, span, consumed);
  }
  if (to == TypeKind::Protocol)
    return erase(std::move(operand), target, {.site = span}, true, true, {});
  if (to == TypeKind::Optional && !types().is(operand.type, TypeKind::Optional) && !operand.is_null) {
    const Operand payload = explicit_convert(std::move(operand), types()[target].element, span);
    return payload.poisoned() ? payload : make(hir::OptionalWrap{payload.node}, target, span);
  }
  return explicit_convert(std::move(operand), target, span);
}

/// A standard raw view, recognised by name and first field (R2.105).
bool BodyChecker::is_raw_shape(TypeId type, std::string_view type_name, std::string_view first_field) {
  if (!types().is(type, TypeKind::Struct))
    return false;
  checker_.complete(type);
  const Nominal& nominal = types().nominal(type);
  return text(nominal.name) == type_name && nominal.fields.size() == 2 && text(nominal.fields[0].name) == first_field &&
         text(nominal.fields[1].name) == "type_id" && nominal.fields[0].type == types().void_pointer &&
         nominal.fields[1].type == types().type;
}

Operand BodyChecker::reinterpret(Operand operand, TypeId target, Span span) {
  const Operand storage = to_place(std::move(operand));
  if (storage.poisoned())
    return Operand::poison(span);
  return make(hir::Load{emit(hir::Reinterpret{storage.node}, target, span)}, target, span);
}

/// `o?.(T)` (R6.39).
Operand BodyChecker::optional_cast(Operand operand, TypeId target, Span span, Expect expect) {
  if (!types().is(operand.type, TypeKind::Optional)) {
    report<diag::optional_cast_on_non_optional>(span, name(target));
    return Operand::poison(span);
  }
  const TypeId payload = types()[operand.type].element;
  const bool consumed =
      expect.consumes_assertion && types().is(payload, TypeKind::Any) && !types().is(target, TypeKind::Optional);
  if (!consumed)
    return map_optional(std::move(operand), span,
                        [&](Operand inner) { return cast_value(std::move(inner), target, span, false); });
  // Failable `(?T, !CastError)`: absent is a success without value, a present mismatch fails.
  std::vector<hir::NodeId> before;
  const hir::LocalId local = spill(to_value(operand), before);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(local, span)}, types().bool_, span);
  const TypeId optional = types().optional(target);
  const TypeId failable = types().failable(optional, cast_error_set());
  const hir::NodeId inside = emit(hir::Payload{emit(hir::Local{local}, operand.type, span), 0}, payload, span);
  const Operand soft = assertion(place(inside, payload, span), optional, span, false);
  if (soft.poisoned())
    return soft;
  const hir::LocalId found = temporary(optional, span);
  const hir::NodeId bind_found = let(found, soft.node, span);
  const hir::NodeId matched = emit(hir::OptionalHas{local_value(found, span)}, types().bool_, span);
  const hir::NodeId outcome =
      emit(hir::If{matched, success_node(local_value(found, span), failable, span), mismatch_node(failable, span)},
           failable, span);
  const hir::NodeId present = emit(hir::Sequence{body().add_list(std::array{bind_found}), outcome}, failable, span);
  const hir::NodeId absent = success_node(emit(hir::Zero{}, optional, span), failable, span);
  Operand result = sequence(before, make(hir::If{has, present, absent}, failable, span), span);
  result.is_failable_call = true;
  return result;
}

/// A one-value failable that succeeded.
hir::NodeId BodyChecker::success_node(hir::NodeId success, TypeId failable, Span span) {
  const TypeId set = types()[failable].error_set;
  const std::array inits{hir::MemberInit{0, success}, hir::MemberInit{1, word(0, set, span)}};
  return aggregate(inits, failable, span);
}

/// A one-value failable that failed with `error.mismatch`.
hir::NodeId BodyChecker::mismatch_node(TypeId failable, Span span) {
  const TypeId set = types()[failable].error_set;
  const std::array inits{hir::MemberInit{1, word(checker_.error_tag(strings().intern("mismatch")), set, span)}};
  return aggregate(inits, failable, span);
}

/// `CastError :: error { mismatch }` (R6.128): the declaration of the library, or one of the compiler's own.
TypeId BodyChecker::cast_error_set() {
  const Found found = checker_.find_quietly(where_, strings().intern("CastError"), Use::Type);
  if (found.kind == Found::Kind::Declaration)
    if (const TypeId type = checker_.declared_type(found.decl); type.valid() && types().is(type, TypeKind::ErrorSet))
      return type;
  if (!checker_.cast_error.valid()) {
    Nominal set;
    set.name = strings().intern("CastError");
    set.complete = true;
    set.tags = {strings().intern("mismatch")};
    checker_.error_tag(set.tags[0]);
    checker_.cast_error = types().add_nominal(TypeKind::ErrorSet, std::move(set));
  }
  return checker_.cast_error;
}

Operand BodyChecker::assertion(Operand operand, TypeId target, Span cast, bool consumed) {
  std::vector<hir::NodeId> before;
  const TypeId erased = operand.type;
  const hir::LocalId local = spill(to_value(std::move(operand)), before);
  const auto whole = [&] { return emit(hir::Local{local}, erased, cast); };
  const bool soft = types().is(target, TypeKind::Optional);
  const TypeId wanted = soft ? types()[target].element : target;
  const hir::NodeId matches = emit(
      hir::Compare{hir::CompareOp::Equal, type_word(whole(), cast), emit(hir::TypeConst{wanted}, types().type, cast)},
      types().bool_, cast);
  const hir::NodeId found = types().is(wanted, TypeKind::Void)
                                ? block({}, {}, types().void_, cast)
                                : emit(hir::Load{erased_data(whole(), wanted, cast)}, wanted, cast);
  if (soft) {
    const hir::NodeId present = emit(hir::OptionalWrap{found}, target, cast);
    return sequence(before, make(hir::If{matches, present, emit(hir::Zero{}, target, cast)}, target, cast), cast);
  }
  if (consumed) {
    const TypeId failable = types().failable(target, cast_error_set());
    Operand result = sequence(
        before,
        make(hir::If{matches, success_node(found, failable, cast), mismatch_node(failable, cast)}, failable, cast),
        cast);
    result.is_failable_call = true;
    return result;
  }
  const LineColumn at = checker_.sources.locate(cast);
  const std::string message = "type assertion failed at " + std::string(checker_.sources.file(cast.file).path()) + ":" +
                              std::to_string(at.line) + ": expected " + name(wanted);
  const hir::NodeId failure =
      emit(hir::Trap{hir::TrapKind::FailedAssertion, strings().intern(message), type_word(whole(), cast)},
           types().noreturn, cast);
  return sequence(before, make(hir::If{matches, found, failure}, target, cast), cast);
}

Operand BodyChecker::box(Operand operand, Span span) {
  const TypeId any = types().any;
  if (operand.poisoned())
    return Operand::poison(span);
  if (types().is(operand.type, TypeKind::Void)) {
    const std::array inits{hir::MemberInit{0, emit(hir::Zero{}, types().void_pointer, span)},
                           hir::MemberInit{1, emit(hir::TypeConst{types().void_}, types().type, span)}};
    return sequence(std::array{operand.node}, value(aggregate(inits, any, span), any, span), span);
  }
  if (operand.is_place() && operand.access == Access::Reference)
    operand = to_value(std::move(operand));
  // Odd widths are widened in a slot of their own (R2.93).
  if (types().is(operand.type, TypeKind::Int)) {
    const unsigned bits = types().bit_width(operand.type);
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
      operand = convert(to_value(operand), types().integer(bits <= 32 ? 32 : 64, types().is_signed(operand.type)), {});
  }
  const TypeId type = operand.type;
  const bool borrowed =
      operand.is_place() && operand.access != Access::LoopElement && operand.access != Access::Capture;
  const Operand storage = borrowed ? operand : to_place(to_value(std::move(operand)));
  if (storage.poisoned())
    return Operand::poison(span);
  const hir::NodeId address = emit(hir::AddressOf{storage.node}, types().pointer(type), span);
  const hir::NodeId data = emit(hir::Convert{hir::ConvertOp::PointerCast, address}, types().void_pointer, span);
  const std::array inits{hir::MemberInit{0, data}, hir::MemberInit{1, emit(hir::TypeConst{type}, types().type, span)}};
  return value(aggregate(inits, any, span), any, span);
}

/// `xx a`: an unchecked load; inside an `int` or `float` arm of a match on `a` by the tag's own width (R2.94).
Operand BodyChecker::unbox(Operand operand, TypeId target, Span span) {
  if (types().is(target, TypeKind::Any))
    return to_value(std::move(operand));
  for (std::size_t i = category_subjects_.size(); i-- > 0;) {
    const CategorySubject& subject = category_subjects_[i];
    if (!operand.local.valid() || subject.local != operand.local)
      continue;
    const bool integers = subject.category == Category::Int && types().is_integer(target);
    const bool floats = subject.category == Category::Float && types().is(target, TypeKind::Float);
    if (!integers && !floats)
      break;
    const std::array args{to_value(operand).node};
    return make(
        hir::CallIntrinsic{
            integers ? hir::Intrinsic::AnyToInt : hir::Intrinsic::AnyToFloat, {}, 0, body().add_list(args)},
        target, span);
  }
  if (types().is(target, TypeKind::Protocol)) {
    report<diag::protocol_assertion_on_any>(span, name(target)).help("assert the concrete type");
    return Operand::poison(span);
  }
  const Operand storage = to_place(std::move(operand));
  if (storage.poisoned())
    return Operand::poison(span);
  return make(hir::Load{erased_data(storage.node, target, span)}, target, span);
}

} // namespace sx::sema
