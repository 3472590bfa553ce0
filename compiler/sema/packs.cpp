// Uses of a pack inside its instance (5.22): index, length, projections, `$xs`, the slice bridge.

#include "sema/body_checker.h"
#include "sema/generic_state.h"

#include <array>

namespace sx::sema {

Operand BodyChecker::pack_element(std::uint32_t pack_number, std::size_t index, Span span) {
  const PackBinding& elements = pack(pack_number);
  if (index >= elements.elements.size()) {
    // Inside a compile-time entry only the types of the elements are known.
    report<diag::comptime_value_needed>(span, std::string(text(elements.name)));
    return Operand::poison(span);
  }
  // An element is an rvalue of its own type (R5.148).
  Operand element = value(local_value(elements.elements[index], span), elements.types[index], span);
  element.constraint = elements.constraint;
  return element;
}

Operand BodyChecker::pack_index(Operand operand, AstId index, Span span) {
  const PackBinding& elements = pack(operand.index);
  const std::string name(text(elements.name));
  const std::optional<std::int64_t> at = fold_integer(index);
  if (!at) {
    if (!check(index, Expect::of(types().i64)).poisoned())
      report<diag::pack_index_not_constant>(span_of(index), name);
    return Operand::poison(span);
  }
  if (*at < 0 || static_cast<std::uint64_t>(*at) >= elements.types.size()) {
    report<diag::pack_index_out_of_range>(span_of(index), name, elements.types.size(), *at);
    return Operand::poison(span);
  }
  return pack_element(operand.index, static_cast<std::size_t>(*at), span);
}

/// `xs.len` and the value projection `xs.m`: the tuple of `xs[i].m()` (R5.152).
Operand BodyChecker::pack_member(Operand operand, syntax::Ident member, Span span) {
  const PackBinding elements = pack(operand.index);
  if (text(member.text) == "len") {
    const std::size_t length = elements.types.size();
    Operand result = value(word(length, types().i64, span), types().i64, span);
    result.constant = Folded::of_integer(static_cast<__int128>(length));
    return result;
  }
  std::vector<TypeId> slots;
  std::vector<hir::MemberInit> inits;
  for (std::uint32_t i = 0; i < elements.types.size(); ++i) {
    Operand element = pack_element(operand.index, i, span);
    if (element.poisoned())
      return element;
    if (!elements.constraint.valid() || !has_protocol_method(elements.constraint, member.text)) {
      report<diag::pack_projection>(span, std::string(text(elements.name)), std::string(text(member.text)),
                                    name(elements.types[i]));
      return Operand::poison(span);
    }
    CallSite site{.node = {}, .span = span, .callee_span = span};
    const Operand projected = to_value(call_method(site, element, member));
    if (projected.poisoned())
      return projected;
    slots.push_back(projected.type);
    inits.push_back({i, projected.node});
  }
  const TypeId tuple = types().tuple(slots);
  return value(aggregate(inits, tuple, span), tuple, span);
}

bool BodyChecker::allowed_by_constraint(const Operand& base, StringId member, Span access) {
  if (!base.constraint.valid() || has_protocol_method(base.constraint, member))
    return true;
  report<diag::member_outside_constraint>(access, name(base.constraint), std::string(text(member)))
      .help("a pack element shows its protocol only");
  return false;
}

/// The pack called `name`: of this function, or of the bindings of an entry inside it (types only).
static std::optional<std::uint32_t> find_pack(BodyChecker& body, StringId name, Span span) {
  if (const Binding* binding = body.find_binding(name, span))
    return binding->kind == Binding::Kind::Pack ? std::optional(binding->index) : std::nullopt;
  const GenericArgument* argument = body.checker().find_argument(body.here().environment, name);
  if (!argument || argument->kind != GenericArgument::Kind::Pack)
    return {};
  return body.add_pack(
      {.name = name, .elements = {}, .types = argument->types, .constraint = argument->constraint, .has_types = true});
}

/// `$xs` as a value: a `[]Type` over an array in the frame (R5.150); `$T` of a type parameter is the type.
Operand BodyChecker::check_pack_name(const ast::PackName& name, Span span) {
  const StringId id = name.name.text;
  if (const GenericArgument* argument = checker().find_argument(here().environment, id);
      argument && argument->kind == GenericArgument::Kind::Type)
    return type_operand(argument->type, span);
  const std::optional<std::uint32_t> number = find_pack(*this, id, span);
  if (!number) {
    report<diag::pack_outside_function>(span, "$" + std::string(text(id)));
    return Operand::poison(span);
  }
  const std::vector<TypeId> elements = pack(*number).types;
  const TypeId slice = types().slice(types().type);
  if (elements.empty())
    return make(hir::Zero{}, slice, span);
  const TypeId array = types().array(types().type, elements.size());
  std::vector<hir::MemberInit> inits;
  for (std::uint32_t i = 0; i < elements.size(); ++i)
    inits.push_back({i, emit(hir::TypeConst{elements[i]}, types().type, span)});
  return slice_over(aggregate(inits, array, span), array, slice, span);
}

/// A slice of a frame slot that holds `elements`, an array value.
Operand BodyChecker::slice_over(hir::NodeId elements, TypeId array, TypeId slice, Span span) {
  const TypeId many = types().many_pointer(types()[slice].element);
  const hir::NodeId slot = emit(hir::Materialize{elements}, array, span);
  const hir::NodeId address = emit(hir::AddressOf{slot}, types().pointer(array), span);
  const hir::NodeId data = emit(hir::Convert{hir::ConvertOp::PointerCast, address}, many, span);
  const std::array inits{hir::MemberInit{0, data}, hir::MemberInit{1, word(types()[array].count, types().i64, span)}};
  return value(aggregate(inits, slice, span), slice, span);
}

Operand BodyChecker::check_pack_element(const ast::PackElement& element, Span span) {
  const std::string spelled = "$" + std::string(text(element.name.text));
  const std::optional<std::uint32_t> number = find_pack(*this, element.name.text, span);
  if (!number) {
    report<diag::pack_outside_function>(span, spelled);
    return Operand::poison(span);
  }
  const PackBinding& elements = pack(*number);
  if (element.index >= elements.types.size()) {
    report<diag::pack_index_out_of_range>(span, spelled, elements.types.size(), element.index);
    return Operand::poison(span);
  }
  return type_operand(elements.types[element.index], span);
}

/// `xx xs` to `[]any` or `[]P`: protocol elements refer to the instance's own parameter slots (R5.155).
Operand BodyChecker::pack_to_slice(Operand operand, TypeId slice, Span span) {
  const PackBinding elements = pack(operand.index);
  const TypeId target = types()[slice].element;
  const bool to_protocol = types().is(target, TypeKind::Protocol);
  if (!to_protocol && target != types().any) {
    report<diag::pack_as_value>(span, std::string(text(elements.name)))
        .help("make a tuple of it, or a slice with 'xx " + std::string(text(elements.name)) + "'");
    return Operand::poison(span);
  }
  if (elements.types.empty())
    return make(hir::Zero{}, slice, span);
  std::vector<hir::MemberInit> inits;
  for (std::uint32_t i = 0; i < elements.elements.size(); ++i) {
    const Operand slot = local_place(elements.elements[i], span);
    Operand converted;
    if (to_protocol && elements.types[i] != target) {
      if (!checker().generics().impls.require(elements.types[i], target, span))
        return Operand::poison(span);
      const hir::NodeId address = emit(hir::AddressOf{slot.node}, types().pointer(slot.type), span);
      converted = make(hir::ProtocolBorrow{address, elements.types[i]}, target, span);
    } else {
      converted = to_protocol ? to_value(slot) : box(slot, span);
    }
    if (converted.poisoned())
      return converted;
    inits.push_back({i, converted.node});
  }
  const TypeId array = types().array(target, elements.types.size());
  return slice_over(aggregate(inits, array, span), array, slice, span);
}

} // namespace sx::sema
