// Implicit conversions (R2.72), explicit ones (R2.100), conditions (R2.42), joins (R3.15.19).

#include "sema/body_checker.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sx::sema {

namespace {

/// Rows of R2.72. `Refused` and the rows named after what they refuse convert nothing.
enum class Rule : std::uint8_t {
  Refused,
  Identity,
  NoReturn,
  Box,
  Elementwise,
  ArrayToSlice,
  SliceToMany,
  NullPointer,
  NullOptional,
  Wrap,
  MapOptional,
  ConvertThenWrap,
  Erase,
  View,
  IntToFloat,
  FloatToInt,
  FloatResize,
  PointerToInt,
  IntToPointer,
  PointerCast,
  Resize,
  Truth,
  Same,
  ScalarBits,
  WidenClosure,
};

bool is_pointer_to(const TypeTable& types, TypeId type, TypeKind target) {
  return types.is(type, TypeKind::Pointer) && types.is(types[type].element, target);
}

bool is_scalar(const TypeTable& types, TypeId type) {
  switch (types.kind(type)) {
  case TypeKind::Bool:
  case TypeKind::Int:
  case TypeKind::USize:
  case TypeKind::ISize:
  case TypeKind::Float:
  case TypeKind::CString:
  case TypeKind::Type:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::Function:
  case TypeKind::Enum:
  case TypeKind::ErrorSet: return true;
  default: return false;
  }
}

bool is_bytes(const TypeTable& types, TypeId type) {
  return types.is(type, TypeKind::Slice) && types[type].element == types.u8;
}

/// Same field names and types in order, at least one side anonymous (D31).
bool same_shape(const TypeTable& types, TypeId a, TypeId b) {
  if (!types.is(a, TypeKind::Struct) || !types.is(b, TypeKind::Struct))
    return false;
  const Nominal& x = types.nominal(a);
  const Nominal& y = types.nominal(b);
  if ((!x.anonymous && !y.anonymous) || x.fields.size() != y.fields.size())
    return false;
  return std::ranges::equal(
      x.fields, y.fields, [](const FieldInfo& p, const FieldInfo& q) { return p.name == q.name && p.type == q.type; });
}

/// Types of the parts of a tuple or anonymous struct; nothing for other types.
std::optional<std::vector<TypeId>> parts_of(const TypeTable& types, TypeId type) {
  if (types.is(type, TypeKind::Tuple))
    return types[type].elements;
  if (!types.is(type, TypeKind::Struct) || !types.nominal(type).anonymous)
    return {};
  std::vector<TypeId> parts;
  for (const FieldInfo& field : types.nominal(type).fields)
    parts.push_back(field.type);
  return parts;
}

/// R6.69: every tag of `from` is in `to`, or a set is open.
bool error_set_fits(const TypeTable& types, TypeId from, TypeId to) {
  const Nominal& source = types.nominal(from);
  const Nominal& target = types.nominal(to);
  if (source.inferred_set || target.inferred_set)
    return true;
  return std::ranges::all_of(source.tags,
                             [&](StringId tag) { return std::ranges::find(target.tags, tag) != target.tags.end(); });
}

bool widens_closure(const TypeTable& types, TypeId from, TypeId to) {
  const Type& a = types[from];
  const Type& b = types[to];
  return a.kind == TypeKind::Closure && b.kind == TypeKind::Closure && a.elements == b.elements &&
         widens_result(types, a.element, b.element);
}

} // namespace

bool widens_result(const TypeTable& types, TypeId from, TypeId to) {
  if (!types.is(to, TypeKind::Failable))
    return false;
  if (!types.is(from, TypeKind::Failable))
    return types[to].element == from;
  return types[to].element == types[from].element && error_set_fits(types, types[from].error_set, types[to].error_set);
}

/// First matching row of R2.72 for plain values.
static Rule rule_for(BodyChecker& checker, TypeId from, TypeId to, int depth = 0) {
  const TypeTable& types = checker.types();
  const TypeKind source = types.kind(from);
  const TypeKind target = types.kind(to);
  if (depth > 64)
    return Rule::Refused;
  if (from == to || source == TypeKind::Poison || target == TypeKind::Poison)
    return Rule::Identity;
  if (source == TypeKind::NoReturn)
    return Rule::NoReturn;
  if (source == TypeKind::Void || target == TypeKind::Void || target == TypeKind::NoReturn)
    return target == TypeKind::Any ? Rule::Box : Rule::Refused;
  if (source == TypeKind::Null) {
    if (target == TypeKind::Optional)
      return Rule::NullOptional;
    return types.is_pointer_like(to) ? Rule::NullPointer : Rule::Refused;
  }
  if ((source == TypeKind::String && target == TypeKind::CString) ||
      (source == TypeKind::CString && target == TypeKind::String) || source == TypeKind::Any)
    return source == TypeKind::Any && target == TypeKind::Optional && types[to].element == from ? Rule::Wrap
                                                                                                : Rule::Refused;
  if (target == TypeKind::Any)
    return Rule::Box;
  if (source == TypeKind::Closure) {
    if (target == TypeKind::Function)
      return Rule::Refused;
    if (widens_closure(types, from, to))
      return Rule::WidenClosure;
  }
  if (target == TypeKind::Tuple) {
    if (const auto parts = parts_of(types, from); parts && parts->size() == types[to].elements.size()) {
      for (std::size_t i = 0; i < parts->size(); ++i)
        if (rule_for(checker, (*parts)[i], types[to].elements[i], depth + 1) == Rule::Refused)
          return Rule::Refused;
      return Rule::Elementwise;
    }
  }
  if (source == TypeKind::Array && target == TypeKind::Slice)
    return types[from].element == types[to].element ? Rule::ArrayToSlice : Rule::Refused;
  if (source == TypeKind::ManyPointer && target == TypeKind::Slice)
    return Rule::Refused;
  if (source == TypeKind::Slice && target == TypeKind::ManyPointer)
    return types[from].element == types[to].element ? Rule::SliceToMany : Rule::Refused;
  if (target == TypeKind::Optional) {
    if (types[to].element == from)
      return Rule::Wrap;
    if (source == TypeKind::Optional) {
      if (rule_for(checker, types[from].element, types[to].element, depth + 1) != Rule::Refused)
        return Rule::MapOptional;
    }
    return rule_for(checker, from, types[to].element, depth + 1) != Rule::Refused ? Rule::ConvertThenWrap
                                                                                  : Rule::Refused;
  }
  if (source == TypeKind::Optional)
    return Rule::Refused;
  if (target == TypeKind::Protocol)
    return checker.erasable(from, to) ? Rule::Erase : Rule::Refused;
  if (is_pointer_to(types, to, TypeKind::Protocol) && source != TypeKind::ManyPointer && !types.is_integer(from)) {
    const TypeId concrete = source == TypeKind::Pointer ? types[from].element : from;
    if (concrete != types.void_ && !types.is(concrete, TypeKind::Protocol))
      return checker.erasable(concrete, types[to].element) ? Rule::View : Rule::Refused;
  }
  const bool source_integer = types.is_integer(from) || source == TypeKind::Bool;
  const bool target_integer = types.is_integer(to);
  if (source_integer && target == TypeKind::Float)
    return Rule::IntToFloat;
  if (source == TypeKind::Float && target_integer)
    return Rule::FloatToInt;
  if (source == TypeKind::Float && target == TypeKind::Bool)
    return Rule::Refused;
  if (types.is_pointer_like(from) && target_integer)
    return Rule::PointerToInt;
  if (types.is_integer(from) && types.is_pointer_like(to))
    return target == TypeKind::Function ? Rule::Refused : Rule::IntToPointer;
  if (source_integer && target_integer)
    return Rule::Resize;
  if (source_integer && target == TypeKind::Bool)
    return Rule::Truth;
  if (source == TypeKind::Float && target == TypeKind::Float)
    return Rule::FloatResize;
  if (types.is_pointer_like(from) && types.is_pointer_like(to))
    return target == TypeKind::Function ? Rule::Refused : Rule::PointerCast;
  if ((source == TypeKind::String && is_bytes(types, to)) || (is_bytes(types, from) && target == TypeKind::String))
    return Rule::Same;
  if (same_shape(types, from, to))
    return Rule::Same;
  if (source == TypeKind::ErrorSet && target == TypeKind::ErrorSet)
    return error_set_fits(types, from, to) ? Rule::Same : Rule::Refused;
  if (source == TypeKind::Enum && target == TypeKind::Enum)
    return Rule::Refused;
  if (is_scalar(types, from) && is_scalar(types, to) && target != TypeKind::Function && target != TypeKind::Bool &&
      source != TypeKind::Bool && types.layout(from).size == types.layout(to).size) {
    if (source == TypeKind::Float || target == TypeKind::Float)
      return Rule::ScalarBits;
    // Enums and types are integers in the IR, pointers are not.
    if (types.is_pointer_like(from) != types.is_pointer_like(to))
      return types.is_pointer_like(from) ? Rule::PointerToInt : Rule::IntToPointer;
    return Rule::Resize;
  }
  return Rule::Refused;
}

bool BodyChecker::converts(TypeId from, TypeId to) {
  return rule_for(*this, from, to) != Rule::Refused;
}

namespace {

bool wants_literal_pointer(const TypeTable& types, TypeId type) {
  if (types.is(type, TypeKind::Optional))
    type = types[type].element;
  if (types.is(type, TypeKind::CString))
    return true;
  return types.is(type, TypeKind::ManyPointer) && (types[type].element == types.u8 || types[type].element == types.i8);
}

hir::ConvertOp convert_op(Rule rule) {
  switch (rule) {
  case Rule::IntToFloat: return hir::ConvertOp::IntToFloat;
  case Rule::FloatToInt: return hir::ConvertOp::FloatToInt;
  case Rule::FloatResize: return hir::ConvertOp::FloatResize;
  case Rule::PointerToInt: return hir::ConvertOp::PointerToInt;
  case Rule::IntToPointer: return hir::ConvertOp::IntToPointer;
  case Rule::PointerCast: return hir::ConvertOp::PointerCast;
  case Rule::Resize: return hir::ConvertOp::Resize;
  case Rule::Truth: return hir::ConvertOp::Truth;
  case Rule::ScalarBits: return hir::ConvertOp::Bits;
  default: return hir::ConvertOp::Same;
  }
}

} // namespace

Operand BodyChecker::unwrap_or_trap(Operand operand, Span at) {
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return operand;
  const TypeId payload = types()[operand.type].element;
  std::vector<hir::NodeId> before;
  const hir::LocalId local = spill(operand, before);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(local, at)}, types().bool_, at);
  const hir::NodeId present = emit(hir::OptionalPayload{local_value(local, at)}, payload, at);
  const hir::NodeId absent = trap(hir::TrapKind::NullUnwrap, "null unwrap at " + location_text(at), at);
  const Operand result = make(hir::If{has, present, absent}, payload, operand.span);
  return sequence(before, result, operand.span);
}

Operand BodyChecker::unwrap_narrowed(Operand operand) {
  if (operand.poisoned() || !operand.narrowed || !types().is(operand.type, TypeKind::Optional))
    return operand;
  return unwrap_or_trap(operand, operand.span);
}

static bool is_whole(double value) {
  return value == static_cast<double>(static_cast<__int128>(value));
}

Operand BodyChecker::convert(Operand operand, TypeId target, const ConversionSite& site) {
  if (operand.poisoned() || !target.valid() || types().is(target, TypeKind::Poison))
    return Operand::poison(operand.span);
  if (operand.kind == Operand::Kind::Function)
    return convert_function(operand, target, site);
  if (operand.kind != Operand::Kind::Place || operand.access == Access::Reference)
    operand = to_value(std::move(operand), Expect::of(target));
  if (operand.poisoned())
    return operand;

  if (operand.string_literal && wants_literal_pointer(types(), target)) {
    const bool optional = types().is(target, TypeKind::Optional);
    const TypeId pointer = optional ? types()[target].element : target;
    const StringId literal = operand.constant.text;
    Operand bytes = make(hir::StringConst{literal}, pointer, operand.span);
    return optional ? make(hir::OptionalWrap{bytes.node}, target, operand.span) : bytes;
  }
  if (operand.narrowed && types().is(operand.type, TypeKind::Optional) && !types().is(target, TypeKind::Optional) &&
      !types().is(target, TypeKind::Any)) {
    if (rule_for(*this, types()[operand.type].element, target) == Rule::Refused)
      return refuse(operand, target, site);
    return convert(unwrap_narrowed(operand), target, site);
  }
  if (operand.constant.is_float() && types().is_integer(target)) {
    if (!is_whole(operand.constant.real)) {
      report<diag::lossy_float_constant>(operand.span, checker_.sources.text(operand.span), name(target))
          .help("cut it off with 'xx' or '.(" + name(target) + ")'");
      return Operand::poison(operand.span);
    }
    return make(hir::IntConst{wrap_pattern(static_cast<__int128>(operand.constant.real), target)}, target,
                operand.span);
  }

  // Arguments are never followed implicitly, nor is an address taken for a number (R4.51).
  const bool pointer_for_value = site.is_argument && is_pointer_to(types(), operand.type, types().kind(target)) &&
                                 types()[operand.type].element == target;
  const Rule rule = pointer_for_value ? Rule::Refused : rule_for(*this, operand.type, target);
  const Span span = operand.span;
  switch (rule) {
  case Rule::Refused: return refuse(operand, target, site);
  case Rule::Identity:
    if (types().is(operand.type, TypeKind::Poison))
      return Operand::poison(span);
    return to_value(operand, Expect::of(target));
  case Rule::NoReturn: return operand;
  case Rule::Box: return box(operand, span);
  case Rule::Erase: return erase(operand, target, site, false, false, {});
  case Rule::View: return view(operand, target, site);
  case Rule::ArrayToSlice: return array_to_slice(operand, target);
  default: break;
  }

  if (rule == Rule::ConvertThenWrap) {
    // Storage stays storage: a slice or view of it may be what is wrapped.
    operand.narrowed = false;
    const Operand payload = convert(operand, types()[target].element, site);
    return payload.poisoned() ? payload : make(hir::OptionalWrap{payload.node}, target, span);
  }
  const Folded constant = operand.constant;
  Operand source = to_value(operand);
  if (source.poisoned())
    return source;
  Operand result;
  switch (rule) {
  case Rule::NullPointer:
  case Rule::NullOptional: return make(hir::Zero{}, target, span);
  case Rule::Wrap: return make(hir::OptionalWrap{source.node}, target, span);
  case Rule::SliceToMany: {
    const Operand slot = to_place(source);
    return make(hir::Load{emit(hir::Field{slot.node, 0}, target, span)}, target, span);
  }
  case Rule::MapOptional: {
    std::vector<hir::NodeId> before;
    const hir::LocalId local = spill(source, before);
    const hir::NodeId has = emit(hir::OptionalHas{local_value(local, span)}, types().bool_, span);
    const TypeId from = types()[source.type].element;
    const Operand payload =
        convert(make(hir::OptionalPayload{local_value(local, span)}, from, span), types()[target].element, site);
    if (payload.poisoned())
      return payload;
    const hir::NodeId present = emit(hir::OptionalWrap{payload.node}, target, span);
    return sequence(before, make(hir::If{has, present, emit(hir::Zero{}, target, span)}, target, span), span);
  }
  case Rule::Elementwise: {
    std::vector<hir::NodeId> before;
    const hir::LocalId local = spill(source, before);
    const std::vector<TypeId> parts = *parts_of(types(), source.type);
    std::vector<hir::MemberInit> inits;
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      const Operand whole = local_place(local, span);
      const Operand part = convert(place(emit(hir::Field{whole.node, i}, parts[i], span), parts[i], span),
                                   types()[target].elements[i], site);
      if (part.poisoned())
        return part;
      inits.push_back({i, part.node});
    }
    return sequence(before, value(aggregate(inits, target, span), target, span), span);
  }
  case Rule::WidenClosure:
    // Between failable closures only the sets differ.
    return types().is(types()[source.type].element, TypeKind::Failable)
               ? make(hir::Convert{hir::ConvertOp::Same, source.node}, target, span)
               : make(hir::ClosureWiden{source.node}, target, span);
  default: result = make(hir::Convert{convert_op(rule), source.node}, target, span); break;
  }
  if (constant.is_integer() && types().is(target, TypeKind::Float))
    result.constant = Folded::of_float(static_cast<double>(constant.integer));
  else if (constant.is_integer() && types().is_integer(target))
    result.constant = Folded::of_integer(wrap_integer(constant.integer, target));
  else if (constant.is_float() && types().is(target, TypeKind::Float))
    result.constant = Folded::of_float(types()[target].bits == 32 ? static_cast<float>(constant.real) : constant.real);
  return result;
}

Operand BodyChecker::array_to_slice(const Operand& operand, TypeId target) {
  const Span span = operand.span;
  const Operand storage = to_place(operand);
  if (storage.poisoned())
    return storage;
  const TypeId many = types().many_pointer(types()[target].element);
  const hir::NodeId address = emit(hir::AddressOf{storage.node}, types().pointer(operand.type), span);
  const hir::NodeId data = emit(hir::Convert{hir::ConvertOp::PointerCast, address}, many, span);
  const std::array inits{hir::MemberInit{0, data},
                         hir::MemberInit{1, word(types()[operand.type].count, types().i64, span)}};
  return value(aggregate(inits, target, span), target, span);
}

Operand BodyChecker::refuse(const Operand& operand, TypeId target, const ConversionSite& site) {
  const TypeKind from = types().kind(operand.type);
  const TypeKind to = types().kind(target);
  const Span value_span = operand.span;
  const Span at = site.site.valid() ? site.site : value_span;
  const std::string source_name = name(operand.type);
  const std::string target_name = name(target);
  const bool wants_string =
      to == TypeKind::String || (to == TypeKind::Optional && types()[target].element == types().string);
  const bool wants_cstring =
      to == TypeKind::CString || (to == TypeKind::Optional && types()[target].element == types().cstring);
  const auto poison = [&] { return Operand::poison(value_span); };

  if (from == TypeKind::Void) {
    report<diag::nothing_used_as_value>(value_span);
    return poison();
  }
  if (from == TypeKind::String && wants_cstring) {
    report<diag::string_to_cstring>(at).help("use 'to_cstring'");
    return poison();
  }
  if (from == TypeKind::CString && wants_string) {
    report<diag::cstring_to_string>(at).help("use 'from_cstring'");
    return poison();
  }
  if (from == TypeKind::ManyPointer && to == TypeKind::Slice) {
    report<diag::many_pointer_to_slice>(at).help("cut it: p[0..count]");
    return poison();
  }
  if (from == TypeKind::Any) {
    report<diag::implicit_unboxing>(at, target_name)
        .help("match on its type, assert with '.(" + target_name + ")', or force it with 'xx'");
    return poison();
  }
  if (from == TypeKind::Closure && to == TypeKind::Function) {
    report<diag::closure_for_function_pointer>(at).help("pass a literal, or take a 'Closure(...)'");
    return poison();
  }
  if (to == TypeKind::Protocol || is_pointer_to(types(), target, TypeKind::Protocol)) {
    if (report_not_erasable(operand, target, site))
      return poison();
  }
  if (from == TypeKind::Optional && to == TypeKind::Bool) {
    report<diag::optional_as_bool>(at, source_name).help("compare it: x != null");
    return poison();
  }
  if (from == TypeKind::Optional && to != TypeKind::Optional) {
    report<diag::optional_as_payload>(at, source_name, target_name).help(optional_help);
    return poison();
  }
  if (to == TypeKind::Optional) {
    report<diag::payload_mismatch>(at, source_name, target_name);
    return poison();
  }
  if (site.is_argument && from == TypeKind::Pointer && types()[operand.type].element == target) {
    auto& made = operand.name.valid() && operand.name.value != 0
                     ? report<diag::named_pointer_for_value>(
                           value_span, operand.access == Access::Reference ? "loop capture" : "argument",
                           text(operand.name), target_name)
                     : report<diag::pointer_for_value>(value_span, target_name);
    made.help("pass the pointed-to value", value_span, std::string(checker_.sources.text(value_span)) + ".*");
    return poison();
  }
  if (from == TypeKind::ErrorSet && to == TypeKind::ErrorSet && site.kind == ConversionSite::Kind::Other) {
    report<diag::value_mismatch>(at, source_name, target_name);
    return poison();
  }
  switch (site.kind) {
  case ConversionSite::Kind::Initializer:
    report<diag::initializer_mismatch>(value_span, text(site.name), target_name, source_name);
    break;
  case ConversionSite::Kind::Assignment:
    report<diag::assigned_value_mismatch>(value_span, text(site.name), target_name, source_name);
    break;
  case ConversionSite::Kind::Field:
    report<diag::stored_field_mismatch>(value_span, source_name, text(site.name), target_name);
    break;
  case ConversionSite::Kind::Element:
    report<diag::stored_element_mismatch>(value_span, source_name, target_name);
    break;
  case ConversionSite::Kind::Pointee:
    report<diag::stored_pointee_mismatch>(value_span, source_name, target_name);
    break;
  case ConversionSite::Kind::Name:
    report<diag::stored_name_mismatch>(value_span, source_name, text(site.name), target_name);
    break;
  case ConversionSite::Kind::Return: report<diag::returned_value_mismatch>(value_span, target_name, source_name); break;
  case ConversionSite::Kind::Other: report<diag::value_mismatch>(at, source_name, target_name); break;
  }
  return poison();
}

Operand BodyChecker::explicit_convert(Operand operand, TypeId target, Span cast) {
  if (operand.poisoned() || !target.valid() || types().is(target, TypeKind::Poison))
    return Operand::poison(cast);
  if (operand.kind == Operand::Kind::Function) {
    // `xx f` gives the code address, unchecked (R2.62).
    if (const TypeKind kind = types().kind(target);
        kind == TypeKind::Type || kind == TypeKind::Closure || kind == TypeKind::Any || kind == TypeKind::Optional)
      return convert_function(operand, target, {.site = cast});
    operand = to_value(operand);
  }
  if (operand.kind != Operand::Kind::Place || operand.access == Access::Reference)
    operand = to_value(std::move(operand), Expect::of(target));
  if (operand.poisoned())
    return operand;
  const Span operand_span = std::exchange(operand.span, cast);
  const TypeKind from = types().kind(operand.type);
  const TypeKind to = types().kind(target);
  if (operand.type == target)
    return to_value(operand);
  if (from == TypeKind::NoReturn)
    return operand;
  if (from == TypeKind::Void) {
    report<diag::nothing_used_as_value>(cast);
    return Operand::poison(cast);
  }
  if (from == TypeKind::Protocol && target != types().any && !(to == TypeKind::Protocol && target == operand.type))
    return recover_protocol(operand, target, cast);
  if (from == TypeKind::Protocol && target == types().any)
    return recover_protocol(operand, target, cast);
  if (from == TypeKind::Any)
    return unbox(operand, target, cast);
  if (to == TypeKind::Protocol) {
    operand.span = operand_span;
    return erase(operand, target, {.site = cast}, true, false, {});
  }
  if (operand.narrowed && from == TypeKind::Optional && to != TypeKind::Optional)
    return explicit_convert(unwrap_narrowed(operand), target, cast);
  if (operand.string_literal && wants_literal_pointer(types(), target))
    return convert(operand, target, {.site = cast});
  if (from == TypeKind::Float && to == TypeKind::Bool)
    return make(hir::Convert{hir::ConvertOp::Truth, to_value(operand).node}, target, cast);
  if (from == TypeKind::Enum && (types().is_integer(target) || to == TypeKind::Enum || to == TypeKind::Bool))
    return make(
        hir::Convert{to == TypeKind::Bool ? hir::ConvertOp::Truth : hir::ConvertOp::Resize, to_value(operand).node},
        target, cast);
  if ((types().is_integer(operand.type) || from == TypeKind::Bool) &&
      (to == TypeKind::Enum || to == TypeKind::ErrorSet))
    return make(hir::Convert{hir::ConvertOp::Resize, to_value(operand).node}, target, cast);
  if (from == TypeKind::ErrorSet && types().is_integer(target))
    return make(hir::Convert{hir::ConvertOp::Resize, to_value(operand).node}, target, cast);
  if (from == TypeKind::TaggedUnion && types().is_integer(target)) {
    const TypeId tag = types().union_layout(operand.type).tag;
    const Operand tag_value = make(hir::VariantTag{to_value(operand).node}, tag, cast);
    return tag == target ? tag_value : make(hir::Convert{hir::ConvertOp::Resize, tag_value.node}, target, cast);
  }
  operand.constant = {}; // explicit conversions cut fractions off (R2.21)
  if (rule_for(*this, operand.type, target) != Rule::Refused)
    return convert(operand, target, {.site = cast});
  Operand written = operand;
  written.span = operand_span;
  if (std::optional<Operand> converted = user_conversion(std::move(written), target, cast))
    return *converted;
  const Operand source = to_value(operand);
  if (types().is_pointer_like(source.type) && types().is_pointer_like(target))
    return make(hir::Convert{hir::ConvertOp::PointerCast, source.node}, target, cast);
  if (types().is_integer(source.type) && types().is_pointer_like(target))
    return make(hir::Convert{hir::ConvertOp::IntToPointer, source.node}, target, cast);
  return make(hir::Convert{hir::ConvertOp::Bits, source.node}, target, cast);
}

Operand BodyChecker::to_condition(Operand operand) {
  const Span span = operand.span;
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return operand;
  switch (types().kind(operand.type)) {
  case TypeKind::Bool:
  case TypeKind::NoReturn: return operand;
  case TypeKind::Optional: return make(hir::OptionalHas{operand.node}, types().bool_, span);
  case TypeKind::Int:
  case TypeKind::USize:
  case TypeKind::ISize:
  case TypeKind::Enum:
  case TypeKind::ErrorSet:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString: return make(hir::Convert{hir::ConvertOp::Truth, operand.node}, types().bool_, span);
  case TypeKind::Void: report<diag::nothing_used_as_value>(span); return Operand::poison(span);
  default: report<diag::not_a_condition>(span, name(operand.type)); return Operand::poison(span);
  }
}

TypeId BodyChecker::join(TypeId first, TypeId second) {
  if (first == second || types().is(second, TypeKind::Poison))
    return first;
  if (types().is(first, TypeKind::Poison))
    return second;
  if (types().is_numeric(first) && types().is_numeric(second)) {
    const bool first_float = types().is(first, TypeKind::Float);
    const bool second_float = types().is(second, TypeKind::Float);
    if (first_float != second_float)
      return first_float ? first : second;
    return types().bit_width(second) > types().bit_width(first) ? second : first;
  }
  if (converts(second, first))
    return first;
  if (converts(first, second))
    return second;
  return {};
}

} // namespace sx::sema
