#include "sema/intrinsic_calls.h"

#include "sema/generic_state.h"
#include "sema/reflection.h"
#include "source/diagnostic_notes.h"

#include <array>
#include <utility>

namespace sx::sema {
namespace {

/// Run-time forms of the one-type queries.
struct DynamicQuery {
  std::string_view name;
  hir::Intrinsic which;
};
constexpr DynamicQuery dynamic_queries[] = {
    {"size_of", hir::Intrinsic::TypeSize},
    {"align_of", hir::Intrinsic::TypeAlign},
    {"type_name", hir::Intrinsic::TypeName},
    {"is_unsigned", hir::Intrinsic::TypeIsUnsigned},
    {"is_flags", hir::Intrinsic::TypeIsFlags},
    {"struct_field_count", hir::Intrinsic::FieldCount},
    {"variant_count", hir::Intrinsic::VariantCount},
    {"vector_lanes", hir::Intrinsic::VectorLanes},
    {"__sx_variant_tag_width", hir::Intrinsic::TagWidth},
    {"struct_field_name", hir::Intrinsic::MemberName},
    {"struct_field_type", hir::Intrinsic::MemberType},
    {"struct_field_offset", hir::Intrinsic::MemberOffset},
    {"variant_name", hir::Intrinsic::MemberName},
    {"variant_type", hir::Intrinsic::MemberType},
    {"variant_value", hir::Intrinsic::MemberValue},
};

std::optional<hir::Intrinsic> dynamic_query(std::string_view name) {
  for (const DynamicQuery& row : dynamic_queries)
    if (row.name == name)
      return row.which;
  return {};
}

bool answers_bool(std::string_view name) {
  return name.starts_with("is_");
}

bool is_call(hir::Kind kind) {
  return kind == hir::Kind::Call || kind == hir::Kind::CallExtern || kind == hir::Kind::CallPointer ||
         kind == hir::Kind::CallClosure || kind == hir::Kind::CallMethod;
}

} // namespace

// ---- arguments ----

bool IntrinsicCall::list_arguments() {
  if (site_.receiver)
    arguments_.push_back({{}, *site_.receiver, site_.receiver->span});
  for (const AstId node : site_.args) {
    const Span span = body_.span_of(node);
    if (body_.tree().is(node, AstKind::NamedArgument)) {
      body_.report<diag::names_without_declaration>(name_span_, entry_.name);
      return false;
    }
    const auto* spread = body_.tree().try_get<ast::Spread>(node);
    if (!spread) {
      arguments_.push_back({node, {}, span});
      continue;
    }
    std::vector<Operand> parts;
    if (!body_.spread_parts(spread->value, span, parts, before_))
      return false;
    for (Operand& part : parts)
      arguments_.push_back({{}, std::move(part), span});
  }
  return true;
}

Operand IntrinsicCall::argument(std::size_t i, Expect expect) {
  const Argument& own = arguments_[i];
  return own.node.valid() ? body_.check(own.node, expect) : own.operand;
}

Operand IntrinsicCall::argument_as(std::size_t i, TypeId type) {
  return body_.convert(argument(i, Expect::of(type)), type, {.site = site_.span, .is_argument = true});
}

hir::NodeId IntrinsicCall::member_of_any(hir::LocalId any_local, std::uint32_t member) {
  const Operand base = body_.local_place(any_local, site_.span);
  const TypeId type = member == 0 ? types().void_pointer : types().type;
  return body_.emit(hir::Load{body_.emit(hir::Field{base.node, member}, type, site_.span)}, type, site_.span);
}

/// The tag of an `any`, or the type it holds if it holds a Type (R8.303).
hir::NodeId IntrinsicCall::held_type_word(const Operand& any_value, Span span) {
  std::vector<hir::NodeId> before;
  const hir::LocalId local = body_.spill(body_.to_value(any_value), before);
  const hir::NodeId type_type = body_.emit(hir::TypeConst{types().type}, types().type, span);
  const hir::NodeId holds_type =
      body_.emit(hir::Compare{hir::CompareOp::Equal, member_of_any(local, 1), type_type}, types().bool_, span);
  const hir::NodeId pointer = body_.emit(hir::Convert{hir::ConvertOp::PointerCast, member_of_any(local, 0)},
                                         types().pointer(types().type), span);
  const hir::NodeId held =
      body_.emit(hir::Load{body_.emit(hir::Deref{pointer}, types().type, span)}, types().type, span);
  const Operand chosen = body_.make(hir::If{holds_type, held, member_of_any(local, 1)}, types().type, span);
  return body_.sequence(before, chosen, span).node;
}

IntrinsicCall::TypeArgument IntrinsicCall::type_argument(std::size_t i) {
  const Span span = argument_span(i);
  if (const AstId node = arguments_[i].node; node.valid()) {
    // `$T` directly as the argument: the sigil belongs to the declaration (R5.10).
    StringId sigil;
    if (const auto* intro = body_.tree().try_get<ast::TypeIntro>(node))
      sigil = intro->name.text;
    else if (const auto* name = body_.tree().try_get<ast::PackName>(node)) {
      const GenericArgument* argument = body_.checker().find_argument(body_.here().environment, name->name.text);
      if (argument && argument->kind == GenericArgument::Kind::Type)
        sigil = name->name.text;
    }
    if (sigil.valid()) {
      const std::string spelled(body_.text(sigil));
      body_.report<diag::sigil_at_use>(span, spelled).help("write '" + spelled + "'");
      return {.poisoned = true};
    }
    if (const TypeId denoted = body_.denoted_type(node); denoted.valid())
      return types().is(denoted, TypeKind::Poison) ? TypeArgument{.poisoned = true} : TypeArgument{.type = denoted};
  }
  Operand operand = argument(i, Expect::of(types().type));
  if (operand.poisoned())
    return {.poisoned = true};
  if (operand.is_type() && operand.denoted.valid())
    return types().is(operand.denoted, TypeKind::Poison) ? TypeArgument{.poisoned = true}
                                                         : TypeArgument{.type = operand.denoted};
  if (operand.is_value() || operand.is_place()) {
    if (operand.is_value() && body_.body().kind(operand.node) == hir::Kind::TypeConst)
      return {.type = body_.body().get<hir::TypeConst>(operand.node).value};
    if (operand.type == types().type)
      return {.word = body_.to_value(operand).node};
    if (operand.type == types().any)
      return {.word = held_type_word(operand, span), .from_any = true};
  }
  if (operand.kind == Operand::Kind::Pack) {
    const std::string pack(body_.text(operand.name));
    body_.report<diag::pack_stands_for_several_types>(span, pack);
    return {.poisoned = true};
  }
  operand = body_.to_value(operand, Expect::of(types().type));
  if (operand.poisoned())
    return {.poisoned = true};
  if (operand.type == types().type) {
    if (body_.body().kind(operand.node) == hir::Kind::TypeConst)
      return {.type = body_.body().get<hir::TypeConst>(operand.node).value};
    return {.word = operand.node};
  }
  body_.report<diag::type_expected>(span, entry_.name, body_.name(operand.type));
  return {.poisoned = true};
}

hir::NodeId IntrinsicCall::word_of(const TypeArgument& argument, Span span) {
  return argument.is_static() ? body_.emit(hir::TypeConst{argument.type}, types().type, span) : argument.word;
}

std::optional<std::int64_t> IntrinsicCall::constant_index(std::size_t i, bool report) {
  const Argument& own = arguments_[i];
  if (own.node.valid()) {
    if (const auto folded = body_.fold_integer(own.node))
      return folded;
  } else if (own.operand.constant.is_integer()) {
    return own.operand.constant.integer;
  }
  if (report)
    body_.report<diag::member_index_not_constant>(argument_span(i), entry_.name);
  return {};
}

// ---- results ----

Operand IntrinsicCall::type_operand(TypeId type) {
  return body_.type_operand(type, site_.span);
}

Operand IntrinsicCall::integer(std::int64_t value, TypeId type) {
  Operand result = body_.value(body_.word(static_cast<std::uint64_t>(value), type, site_.span), type, site_.span);
  result.constant = Folded::of_integer(value);
  return result;
}

Operand IntrinsicCall::boolean(bool value) {
  Operand result = body_.value(body_.word(value ? 1 : 0, types().bool_, site_.span), types().bool_, site_.span);
  result.constant = Folded::of_bool(value);
  return result;
}

Operand IntrinsicCall::string(std::string_view text) {
  const StringId id = body_.strings().intern(text);
  Operand result = body_.make(hir::StringConst{id}, types().string, site_.span);
  result.constant = {.kind = Folded::Kind::String, .text = id};
  return result;
}

Operand IntrinsicCall::make_intrinsic(hir::Intrinsic which, std::initializer_list<hir::NodeId> args, TypeId result,
                                      TypeId type, std::uint32_t immediate) {
  const std::vector<hir::NodeId> list(args);
  return body_.make(hir::CallIntrinsic{which, type, immediate, body_.body().add_list(list)}, result, site_.span);
}

Operand IntrinsicCall::any_value(hir::NodeId data, hir::NodeId type_word) {
  const std::array inits{hir::MemberInit{0, data}, hir::MemberInit{1, type_word}};
  return body_.value(body_.aggregate(inits, types().any, site_.span), types().any, site_.span);
}

hir::NodeId IntrinsicCall::advance(hir::NodeId data, hir::NodeId bytes) {
  const Span span = site_.span;
  const TypeId many = types().many_pointer(types().u8);
  const hir::NodeId start = body_.emit(hir::Convert{hir::ConvertOp::PointerCast, data}, many, span);
  const hir::NodeId byte = body_.emit(hir::PointerElement{start, bytes}, types().u8, span);
  const hir::NodeId address = body_.emit(hir::AddressOf{byte}, types().pointer(types().u8), span);
  return body_.emit(hir::Convert{hir::ConvertOp::PointerCast, address}, types().void_pointer, span);
}

// ---- queries ----

Operand IntrinsicCall::check() {
  if (site_.trailing.valid()) {
    body_.report<diag::trailing_block_on_value>(name_span_, entry_.name);
    return Operand::poison(site_.span);
  }
  if (!list_arguments())
    return Operand::poison(site_.span);
  if (arguments_.size() != entry_.parameters) {
    if (entry_.form == IntrinsicForm::Atomic)
      body_.report<diag::atomic_argument_count>(name_span_, entry_.name, entry_.parameters);
    else
      body_.report<diag::introspection_argument_count>(name_span_, entry_.name, entry_.parameters, arguments_.size());
    return Operand::poison(site_.span);
  }
  Operand result = dispatch();
  return result.node.valid() ? body_.sequence(before_, std::move(result), site_.span) : result;
}

Operand IntrinsicCall::dispatch() {
  switch (entry_.form) {
  case IntrinsicForm::TypeQuery: return type_query();
  case IntrinsicForm::MemberQuery: return member_query();
  case IntrinsicForm::MemberView: return member_view();
  case IntrinsicForm::TypeOf: return type_of();
  case IntrinsicForm::VariantIndex: return variant_index();
  case IntrinsicForm::ErrorName: return error_name();
  case IntrinsicForm::AnyElement: return any_element();
  case IntrinsicForm::AnyData: return any_data();
  case IntrinsicForm::MakeAny: return make_any();
  case IntrinsicForm::TypeEq: return type_eq();
  case IntrinsicForm::HasImpl: return has_impl();
  case IntrinsicForm::IsComptime: return make_intrinsic(hir::Intrinsic::IsComptime, {}, types().bool_);
  case IntrinsicForm::PrintFrames: return make_intrinsic(hir::Intrinsic::PrintFrames, {}, types().void_);
  case IntrinsicForm::Math: return math();
  case IntrinsicForm::Atomic: return atomic();
  case IntrinsicForm::ResolveFrame: return resolve_frame();
  case IntrinsicForm::TypeInfo: return type_info();
  case IntrinsicForm::Evaluate: return evaluated();
  }
  return body_.not_supported("the intrinsic '" + std::string(entry_.name) + "'", site_.span);
}

/// R7.107: kinds a static argument in value position must not have.
bool IntrinsicCall::gate(TypeId type) {
  const std::string_view name = entry_.name;
  const TypeKind kind = types().kind(type);
  const bool indexed = kind == TypeKind::Array || kind == TypeKind::Vector;
  std::string_view instead;
  bool wrong = false;
  if (name == "struct_field_offset") {
    wrong = !has_fields(types(), type);
  } else if (name.starts_with("struct_field")) {
    wrong = has_variants(types(), type) || indexed;
    if (has_variants(types(), type))
      instead = name == "struct_field_count"  ? "variant_count"
                : name == "struct_field_name" ? "variant_name"
                : name == "struct_field_type" ? "variant_type"
                                              : "variant_payload";
  } else if (name.starts_with("variant_")) {
    wrong = !has_variants(types(), type);
    if (has_fields(types(), type))
      instead = name == "variant_count"  ? "struct_field_count"
                : name == "variant_name" ? "struct_field_name"
                : name == "variant_type" ? "struct_field_type"
                                         : "";
  } else if (name == "vector_lanes") {
    wrong = kind != TypeKind::Vector;
  } else if (name == "pointee_type") {
    wrong = kind != TypeKind::Pointer && kind != TypeKind::ManyPointer;
  }
  if (!wrong)
    return true;
  Report& report = body_.report<diag::wrong_kind_of_type>(name_span_, name, body_.name(type));
  if (indexed)
    report.help("use '.len' or an index");
  else if (!instead.empty())
    report.help("use '" + std::string(instead) + "'");
  return false;
}

Operand IntrinsicCall::static_query(TypeId type) {
  if (entry_.name == "type_name")
    return string(body_.name(type));
  if (!gate(type))
    return Operand::poison(site_.span);
  if (entry_.name == "pointee_type")
    return type_operand(types()[type].element);
  const std::optional<std::int64_t> answer = static_type_query(types(), entry_.name, type);
  return answers_bool(entry_.name) ? boolean(*answer != 0) : integer(*answer, types().i64);
}

Operand IntrinsicCall::type_query() {
  const TypeArgument type = type_argument(0);
  if (type.poisoned)
    return Operand::poison(site_.span);
  if (type.is_static())
    return body_.checker().require_layout(type.type) ? static_query(type.type) : Operand::poison(site_.span);
  const std::optional<hir::Intrinsic> which = dynamic_query(entry_.name);
  if (!which) {
    body_.report<diag::run_time_type_query>(name_span_, entry_.name);
    return Operand::poison(site_.span);
  }
  const TypeId result = entry_.name == "type_name"  ? types().string
                        : answers_bool(entry_.name) ? types().bool_
                                                    : types().i64;
  return make_intrinsic(*which, {type.word}, result);
}

Operand IntrinsicCall::static_member(TypeId type, std::int64_t index) {
  const std::vector<MemberRow> rows = type_members(types(), type);
  if (index < 0 || static_cast<std::uint64_t>(index) >= rows.size()) {
    const Span at = entry_.name == "struct_field_offset" || index < 0 ? argument_span(1) : name_span_;
    body_.report<diag::member_index_out_of_range>(at, body_.name(type), rows.size(), index);
    return Operand::poison(site_.span);
  }
  const MemberRow& row = rows[static_cast<std::size_t>(index)];
  if (entry_.name.ends_with("_name"))
    return string(body_.text(row.name));
  if (entry_.name.ends_with("_type"))
    return type_operand(row.type);
  return integer(entry_.name == "variant_value" ? row.value : static_cast<std::int64_t>(row.offset), types().i64);
}

Operand IntrinsicCall::member_query() {
  const TypeArgument type = type_argument(0);
  if (type.poisoned)
    return Operand::poison(site_.span);
  const std::string_view name = entry_.name;
  const bool index_may_vary = name == "struct_field_name" || name == "variant_name" || name == "variant_value";
  if (type.is_static()) {
    if (!body_.checker().require_layout(type.type) || !gate(type.type))
      return Operand::poison(site_.span);
    if (const auto index = constant_index(1, !index_may_vary))
      return static_member(type.type, *index);
    if (!index_may_vary)
      return Operand::poison(site_.span);
  }
  const Operand index = argument_as(1, types().i64);
  if (index.poisoned())
    return Operand::poison(site_.span);
  const TypeId result = name.ends_with("_name") ? types().string : name.ends_with("_type") ? types().type : types().i64;
  return make_intrinsic(*dynamic_query(name), {word_of(type, site_.span), index.node}, result);
}

Operand IntrinsicCall::type_of() {
  Operand operand = argument(0);
  if (operand.poisoned())
    return Operand::poison(site_.span);
  if (operand.is_type())
    return type_operand(types().type);
  operand = body_.unwrap_narrowed(operand);
  if (!operand.is_place())
    operand = body_.to_value(operand);
  if (operand.poisoned())
    return Operand::poison(site_.span);
  if (operand.type == types().any || types().is(operand.type, TypeKind::Protocol)) {
    const Operand base = body_.to_place(operand);
    const hir::NodeId tag = body_.emit(hir::Field{base.node, 1}, types().type, site_.span);
    return body_.make(hir::Load{tag}, types().type, site_.span);
  }
  if (operand.is_value() && is_call(body_.body().kind(operand.node))) {
    // The call happens; only its result is not needed.
    const std::vector<hir::NodeId> before{operand.node};
    return body_.sequence(before, body_.make(hir::TypeConst{operand.type}, types().type, site_.span), site_.span);
  }
  return type_operand(operand.type);
}

// ---- views ----

Operand IntrinsicCall::view_of_any(const Operand& receiver) {
  const Span span = site_.span;
  std::vector<hir::NodeId> before;
  const hir::LocalId view = body_.spill(body_.to_value(receiver), before);
  const Operand index = argument_as(1, types().i64);
  if (index.poisoned())
    return index;
  const hir::LocalId at = body_.spill(index, before);
  const auto query = [&](hir::Intrinsic which, TypeId result) {
    return make_intrinsic(which, {member_of_any(view, 1), body_.local_value(at, span)}, result).node;
  };
  const hir::NodeId data = advance(member_of_any(view, 0), query(hir::Intrinsic::MemberOffset, types().i64));
  return body_.sequence(before, any_value(data, query(hir::Intrinsic::MemberType, types().type)), span);
}

Operand IntrinsicCall::view_of_place(const Operand& receiver) {
  const Span span = site_.span;
  if (!gate(receiver.type))
    return Operand::poison(span);
  const Operand base = body_.to_place(receiver);
  const auto address = [&](hir::NodeId place) {
    const hir::NodeId pointer = body_.emit(hir::AddressOf{place}, types().pointer(body_.body().type(place)), span);
    return body_.emit(hir::Convert{hir::ConvertOp::PointerCast, pointer}, types().void_pointer, span);
  };
  if (const auto index = constant_index(1, false)) {
    const std::vector<MemberRow> rows = type_members(types(), receiver.type);
    if (*index < 0 || static_cast<std::uint64_t>(*index) >= rows.size()) {
      body_.report<diag::member_index_out_of_range>(*index < 0 ? argument_span(1) : name_span_,
                                                    body_.name(receiver.type), rows.size(), *index);
      return Operand::poison(span);
    }
    const auto member = static_cast<std::uint32_t>(*index);
    const TypeId type = rows[member].type;
    const hir::NodeId word = body_.emit(hir::TypeConst{type}, types().type, span);
    if (type == types().void_)
      return any_value(body_.emit(hir::Zero{}, types().void_pointer, span), word);
    const hir::NodeId part = has_variants(types(), receiver.type)
                                 ? body_.emit(hir::Payload{base.node, member}, type, span)
                                 : body_.emit(hir::Field{base.node, member}, type, span);
    return any_value(address(part), word);
  }
  std::vector<hir::NodeId> before;
  const TypeId void_pointer = types().void_pointer;
  const hir::LocalId data = body_.temporary(void_pointer, span);
  before.push_back(body_.let(data, address(base.node), span));
  const Operand index = argument_as(1, types().i64);
  if (index.poisoned())
    return index;
  const hir::LocalId at = body_.spill(index, before);
  const auto query = [&](hir::Intrinsic which, TypeId result) {
    const hir::NodeId type = body_.emit(hir::TypeConst{receiver.type}, types().type, span);
    return make_intrinsic(which, {type, body_.local_value(at, span)}, result).node;
  };
  const hir::NodeId moved = advance(body_.local_value(data, span), query(hir::Intrinsic::MemberOffset, types().i64));
  return body_.sequence(before, any_value(moved, query(hir::Intrinsic::MemberType, types().type)), span);
}

Operand IntrinsicCall::member_view() {
  Operand receiver = argument(0);
  if (!receiver.is_place())
    receiver = body_.to_value(receiver);
  if (receiver.poisoned())
    return Operand::poison(site_.span);
  return receiver.type == types().any ? view_of_any(receiver) : view_of_place(receiver);
}

/// One value of a switch over an `i64`.
hir::NodeId IntrinsicCall::switch_case(std::int64_t value, hir::NodeId result) {
  const auto low = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value));
  const auto high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32);
  const std::array bounds{low, high, low, high};
  return body_.emit(hir::SwitchCase{body_.body().add_words(bounds), result}, types().i64, site_.span);
}

Operand IntrinsicCall::variant_index() {
  const TypeArgument type = type_argument(0);
  if (type.poisoned)
    return Operand::poison(site_.span);
  const Span span = site_.span;
  if (!type.is_static()) {
    const Operand value = body_.to_value(argument(1));
    if (value.poisoned())
      return value;
    if (value.type != types().any) {
      body_.report<diag::run_time_variant_query>(argument_span(1), entry_.name);
      return Operand::poison(span);
    }
    return run_time_variant_index(type.word, value);
  }
  if (!body_.checker().require_layout(type.type) || !gate(type.type))
    return Operand::poison(span);
  const Operand value = argument_as(1, type.type);
  if (value.poisoned())
    return value;
  const bool tagged = types().is(type.type, TypeKind::TaggedUnion);
  const TypeId tag_type = tagged ? types().union_layout(type.type).tag : types().nominal(type.type).backing;
  const hir::NodeId tag = tagged ? body_.emit(hir::VariantTag{value.node}, tag_type, span)
                                 : body_.emit(hir::Convert{hir::ConvertOp::Resize, value.node}, tag_type, span);
  std::vector<hir::NodeId> before;
  const hir::LocalId word = body_.temporary(types().i64, span);
  before.push_back(body_.let(word, body_.emit(hir::Convert{hir::ConvertOp::Resize, tag}, types().i64, span), span));
  std::vector<hir::NodeId> cases;
  const std::vector<MemberRow> rows = type_members(types(), type.type);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cases.push_back(switch_case(rows[i].value, body_.word(i, types().i64, span)));
  }
  const Operand found = body_.make(
      hir::Switch{body_.local_value(word, span), body_.body().add_list(cases), body_.local_value(word, span)},
      types().i64, span);
  return body_.sequence(before, found, span);
}

hir::NodeId IntrinsicCall::tag_word(hir::LocalId view, hir::LocalId type) {
  const Span span = site_.span;
  const TypeId i64 = types().i64;
  const auto read = [&](TypeId tag) {
    const hir::NodeId pointer =
        body_.emit(hir::Convert{hir::ConvertOp::PointerCast, member_of_any(view, 0)}, types().pointer(tag), span);
    const hir::NodeId word = body_.emit(hir::Load{body_.emit(hir::Deref{pointer}, tag, span)}, tag, span);
    return tag == i64 ? word : body_.emit(hir::Convert{hir::ConvertOp::Resize, word}, i64, span);
  };
  // Widths as `__sx_variant_tag_width` gives them: negative for signed tags (R8.307).
  const std::pair<std::int64_t, TypeId> widths[] = {{1, types().u8},   {-1, types().i8}, {2, types().u16},
                                                    {-2, types().i16}, {4, types().u32}, {-4, types().i32}};
  std::vector<hir::NodeId> cases;
  for (const auto& [width, tag] : widths)
    cases.push_back(switch_case(width, read(tag)));
  const hir::NodeId width = make_intrinsic(hir::Intrinsic::TagWidth, {body_.local_value(type, span)}, i64).node;
  return body_.emit(hir::Switch{width, body_.body().add_list(cases), read(i64)}, i64, span);
}

/// The position of the variant whose value is the tag word; a word of no variant answers itself (R7.110).
Operand IntrinsicCall::run_time_variant_index(hir::NodeId type_word, const Operand& any_operand) {
  const Span span = site_.span;
  const TypeId i64 = types().i64;
  std::vector<hir::NodeId> before;
  const hir::LocalId type = body_.temporary(types().type, span);
  before.push_back(body_.let(type, type_word, span));
  const hir::LocalId view = body_.spill(any_operand, before);
  const auto start = [&](hir::NodeId value) {
    const hir::LocalId local = body_.temporary(i64, span);
    before.push_back(body_.let(local, value, span));
    return local;
  };
  const auto type_value = [&] { return body_.local_value(type, span); };
  const hir::LocalId word = start(tag_word(view, type));
  const hir::LocalId found = start(body_.local_value(word, span));
  const hir::LocalId count = start(make_intrinsic(hir::Intrinsic::VariantCount, {type_value()}, i64).node);
  const hir::LocalId at = start(body_.word(0, i64, span));

  const hir::LoopId loop = body_.body().add_loop();
  const auto leave = [&] { return body_.emit(hir::Break{loop}, types().noreturn, span); };
  const auto nothing = [&] { return body_.block({}, {}, types().void_, span); };
  const auto compare = [&](hir::CompareOp op, hir::NodeId left, hir::NodeId right) {
    return body_.emit(hir::Compare{op, left, right}, types().bool_, span);
  };
  const hir::NodeId more = compare(hir::CompareOp::Less, body_.local_value(at, span), body_.local_value(count, span));
  const hir::NodeId value =
      make_intrinsic(hir::Intrinsic::MemberValue, {type_value(), body_.local_value(at, span)}, i64).node;
  const hir::NodeId same = compare(hir::CompareOp::Equal, value, body_.local_value(word, span));
  const hir::NodeId found_place = body_.emit(hir::Local{found}, i64, span);
  const std::array hit{body_.emit(hir::Store{found_place, body_.local_value(at, span)}, types().void_, span), leave()};
  const std::array round{
      body_.emit(hir::If{more, nothing(), leave()}, types().void_, span),
      body_.emit(hir::If{same, body_.block(hit, {}, types().void_, span), nothing()}, types().void_, span)};
  const hir::NodeId cursor = body_.emit(hir::Local{at}, i64, span);
  const hir::NodeId step =
      body_.emit(hir::Update{hir::BinaryOp::Add, cursor, body_.word(1, i64, span)}, types().void_, span);
  before.push_back(body_.emit(hir::Loop{loop, body_.block(round, {}, types().void_, span), step}, types().void_, span));
  return body_.sequence(before, body_.value(body_.local_value(found, span), i64, span), span);
}

/// The record type is the one the destination asks for, else the library's `TraceFrame` (R6.133).
Operand IntrinsicCall::resolve_frame() {
  TypeId record = site_.expect.type;
  if (!record.valid() || !types().is(record, TypeKind::Struct))
    if (const DeclId library = library_type(body_.checker(), "TraceFrame"); library.valid())
      record = body_.checker().declared_type(library);
  if (!record.valid() || !types().is(record, TypeKind::Struct)) {
    body_.report<diag::unknown_type>(name_span_, "TraceFrame").help(help::import_file("modules/std/trace.sx"));
    return Operand::poison(site_.span);
  }
  const Operand frame = argument_as(0, types().u64);
  return frame.poisoned() ? frame : make_intrinsic(hir::Intrinsic::TraceResolve, {frame.node}, record);
}

Operand IntrinsicCall::error_name() {
  const Operand value = body_.to_value(argument(0));
  if (value.poisoned())
    return value;
  if (types().is(value.type, TypeKind::ErrorSet))
    return make_intrinsic(hir::Intrinsic::ErrorName, {value.node}, types().string);
  const Operand tag = body_.convert(value, types().u32, {.site = site_.span, .is_argument = true});
  return tag.poisoned() ? tag : make_intrinsic(hir::Intrinsic::ErrorName, {tag.node}, types().string);
}

Operand IntrinsicCall::any_element() {
  const Span span = site_.span;
  const Operand view = argument_as(0, types().any);
  const TypeArgument element = type_argument(1);
  const Operand index = argument_as(2, types().i64);
  if (view.poisoned() || element.poisoned || index.poisoned())
    return Operand::poison(span);
  std::vector<hir::NodeId> before;
  const hir::LocalId whole = body_.spill(view, before);
  const hir::LocalId type = body_.temporary(types().type, span);
  before.push_back(body_.let(type, word_of(element, span), span));
  const hir::NodeId size =
      element.is_static() ? body_.word(types().layout(element.type).size, types().i64, span)
                          : make_intrinsic(hir::Intrinsic::TypeSize, {body_.local_value(type, span)}, types().i64).node;
  const hir::NodeId offset = body_.emit(hir::Binary{hir::BinaryOp::Mul, index.node, size}, types().i64, span);
  const hir::NodeId data = advance(member_of_any(whole, 0), offset);
  return body_.sequence(before, any_value(data, body_.local_value(type, span)), span);
}

Operand IntrinsicCall::any_data() {
  const Operand view = argument_as(0, types().any);
  if (view.poisoned())
    return view;
  const Operand base = body_.to_place(view);
  return body_.make(hir::Load{body_.emit(hir::Field{base.node, 0}, types().void_pointer, site_.span)},
                    types().void_pointer, site_.span);
}

Operand IntrinsicCall::make_any() {
  const TypeArgument type = type_argument(0);
  const Operand data = body_.to_value(argument(1, Expect::of(types().void_pointer)));
  if (type.poisoned || data.poisoned())
    return Operand::poison(site_.span);
  switch (types().kind(data.type)) {
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString: break;
  case TypeKind::Null:
    return any_value(body_.emit(hir::Zero{}, types().void_pointer, site_.span), word_of(type, site_.span));
  default:
    body_.report<diag::any_data_is_no_pointer>(argument_span(1), body_.name(data.type));
    return Operand::poison(site_.span);
  }
  const hir::NodeId address =
      data.type == types().void_pointer
          ? data.node
          : body_.emit(hir::Convert{hir::ConvertOp::PointerCast, data.node}, types().void_pointer, site_.span);
  return any_value(address, word_of(type, site_.span));
}

Operand IntrinsicCall::type_eq() {
  const TypeArgument left = type_argument(0);
  const TypeArgument right = type_argument(1);
  if (left.poisoned || right.poisoned)
    return Operand::poison(site_.span);
  if (left.is_static() && right.is_static())
    return boolean(left.type == right.type);
  return body_.make(hir::Compare{hir::CompareOp::Equal, word_of(left, site_.span), word_of(right, site_.span)},
                    types().bool_, site_.span);
}

Operand IntrinsicCall::has_impl() {
  for (const Argument& own : arguments_)
    if (!own.node.valid()) {
      body_.report<diag::bad_spread>(own.span, body_.type_text(own.operand));
      return Operand::poison(site_.span);
    }
  const AstId first = arguments_[0].node;
  const AstId second = arguments_[1].node;
  const std::optional<bool> answer = body_.checker().has_impl(body_.here(), first, second);
  if (answer)
    return boolean(*answer);
  // One of the two is no type, or the first no protocol: the reports of the arguments say which.
  const TypeId protocol = body_.resolve_type(first);
  const TypeId type = body_.resolve_type(second);
  if (!types().is(protocol, TypeKind::Poison) && !types().is(type, TypeKind::Poison))
    body_.report<diag::wrong_kind_of_type>(name_span_, entry_.name, body_.name(protocol));
  return Operand::poison(site_.span);
}

Operand IntrinsicCall::math() {
  const Operand value = body_.to_value(argument(0));
  if (value.poisoned())
    return value;
  if (!types().is_numeric(value.type)) {
    body_.convert(value, types().f64, {.site = site_.span, .is_argument = true});
    return Operand::poison(site_.span);
  }
  const hir::Intrinsic which = entry_.name == "sqrt"  ? hir::Intrinsic::Sqrt
                               : entry_.name == "sin" ? hir::Intrinsic::Sin
                               : entry_.name == "cos" ? hir::Intrinsic::Cos
                                                      : hir::Intrinsic::Floor;
  if (types().is(value.type, TypeKind::Float))
    return make_intrinsic(which, {value.node}, value.type);
  const hir::NodeId wide = body_.emit(hir::Convert{hir::ConvertOp::IntToFloat, value.node}, types().f64, site_.span);
  const Operand result = make_intrinsic(which, {wide}, types().f64);
  return body_.make(hir::Convert{hir::ConvertOp::FloatToInt, result.node}, value.type, site_.span);
}

Operand BodyChecker::call_intrinsic(CallSite& site, StringId name, Span name_span) {
  const IntrinsicEntry* entry = find_intrinsic(text(name));
  if (!entry)
    return Operand::poison(site.span);
  return IntrinsicCall(*this, site, *entry, name_span).check();
}

} // namespace sx::sema
