// Types as they are written: every type syntax, and expressions that name types.

#include "sema/generic_state.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;

// ---- builtin names ----------------------------------------------------------------------------------

namespace {

/// `i17`, `u64`: the width, or 0.
unsigned integer_width(std::string_view name) {
  if (name.size() < 2 || name.size() > 3 || (name[0] != 'i' && name[0] != 'u') || name[1] == '0')
    return 0;
  unsigned bits = 0;
  for (const char digit : name.substr(1)) {
    if (digit < '0' || digit > '9')
      return 0;
    bits = bits * 10 + static_cast<unsigned>(digit - '0');
  }
  return bits <= 64 ? bits : 0;
}

struct BuiltinName {
  std::string_view name;
  TypeId TypeTable::* type;
};

constexpr BuiltinName builtin_names[] = {
    {"bool", &TypeTable::bool_},        {"string", &TypeTable::string}, {"cstring", &TypeTable::cstring},
    {"void", &TypeTable::void_},        {"any", &TypeTable::any},       {"Type", &TypeTable::type},
    {"noreturn", &TypeTable::noreturn}, {"usize", &TypeTable::usize},   {"isize", &TypeTable::isize},
    {"f32", &TypeTable::f32},           {"f64", &TypeTable::f64},
};

} // namespace

TypeId Checker::builtin_type(StringId name) {
  const std::string_view spelled = strings.text(name);
  if (const unsigned bits = integer_width(spelled))
    return types.integer(bits, spelled[0] == 'i');
  for (const BuiltinName& builtin : builtin_names)
    if (builtin.name == spelled)
      return types.*builtin.type;
  return {};
}

bool Checker::is_reserved_name(StringId name) {
  const std::string_view spelled = strings.text(name);
  return (builtin_type(name).valid() && spelled != "noreturn") || spelled == "Self"; // R1.16
}

// ---- the resolver -----------------------------------------------------------------------------------

TypeId Checker::limited(TypeId made, Span span) {
  if (types[made].depth <= TypeTable::max_depth)
    return made;
  report<diag::limit_exceeded>(span, "nesting of types", TypeTable::max_depth);
  return types.poison;
}

TypeId Checker::resolve_type(const Site& site, AstId node) {
  const Span span = site.span(node);
  const DepthGuard guard(tables_->type_depth, max_type_nesting);
  if (!guard.ok) {
    report<diag::limit_exceeded>(span, "nesting of types", max_type_nesting);
    return types.poison;
  }
  switch (site.kind(node)) {
  case Kind::Name:
  case Kind::Member: return resolve_named_type(site, node);
  case Kind::OptionalType: {
    const TypeId element = resolve_type(site, site.get<ast::OptionalType>(node).element);
    if (element == types.void_)
      return report<diag::optional_of_nothing>(span), types.poison;
    return limited(types.optional(element), span);
  }
  case Kind::PointerType:
    return limited(types.pointer(resolve_type(site, site.get<ast::PointerType>(node).element)), span);
  case Kind::Unary: {
    const auto& unary = site.get<ast::Unary>(node);
    if (unary.op != syntax::UnaryOp::Pointer)
      break;
    return limited(types.pointer(resolve_type(site, unary.operand)), span);
  }
  case Kind::ManyPointerType:
    return limited(types.many_pointer(resolve_type(site, site.get<ast::ManyPointerType>(node).element)), span);
  case Kind::SliceType: return limited(types.slice(resolve_type(site, site.get<ast::SliceType>(node).element)), span);
  case Kind::SentinelSliceType: {
    const auto& slice = site.get<ast::SentinelSliceType>(node);
    const TypeId element = resolve_type(site, slice.element);
    if (element == types.poison)
      return element;
    if (slice.sentinel == 0 && element == types.u8)
      return types.string;
    report<diag::no_such_type>(span, source_text(span)).help("'[:0]u8' is the only slice with an end mark");
    return types.poison;
  }
  case Kind::ArrayType: {
    const auto& array = site.get<ast::ArrayType>(node);
    const auto count = fold_count(site, array.count, CountUse::ArrayDimension);
    const TypeId element = resolve_type(site, array.element);
    return count ? limited(types.array(element, *count), span) : types.poison;
  }
  case Kind::VoidType: return types.void_;
  case Kind::Paren: return resolve_type(site, site.get<ast::Paren>(node).inner);
  case Kind::ErrorChannel: return resolve_error_channel(site, node);
  case Kind::TypeIntro: return resolve_sigil(site, node);
  case Kind::PackElement: return resolve_pack_element(site, node);
  case Kind::PackName: {
    report<diag::pack_outside_function>(span, text(site.get<ast::PackName>(node).name.text));
    return types.poison;
  }
  case Kind::TypeApply: {
    const auto& apply = site.get<ast::TypeApply>(node);
    return resolve_application(site, apply.head, site.tree->list(apply.args), span);
  }
  case Kind::Call: {
    const auto& call = site.get<ast::Call>(node);
    return resolve_application(site, call.callee, site.tree->list(call.args), span);
  }
  case Kind::FunctionType: return resolve_function_type(site, node);
  case Kind::ClosureType: return resolve_closure_type(site, node);
  case Kind::TupleType: return resolve_tuple_type(site, node);
  case Kind::ReturnList: report<diag::result_list_as_type>(span).help(help::write_tuple_type()); return types.poison;
  case Kind::StructType:
  case Kind::EnumType:
  case Kind::UnionType:
  case Kind::ErrorSet: return inline_type(site, node);
  default: break;
  }
  report<diag::value_used_as_type>(span, source_text(span));
  return types.poison;
}

TypeId Checker::resolve_literal_head(const Site& site, AstId head, Span literal) {
  if (const auto* name = site.try_get<ast::Name>(head))
    if (find(site, name->name, Use::Type, literal).poisoned())
      return types.poison;
  return resolve_type(site, head);
}

TypeId Checker::try_resolve_type(const Site& site, AstId node) {
  if (!names_type(site, node))
    return {};
  diagnostics.mute();
  const TypeId type = resolve_type(site, node);
  diagnostics.unmute();
  return type == types.poison ? TypeId() : type;
}

bool Checker::names_type(const Site& site, AstId node) {
  const DepthGuard guard(tables_->type_depth, max_type_nesting);
  if (!guard.ok || !node.valid())
    return false;
  switch (site.kind(node)) {
  case Kind::OptionalType:
  case Kind::PointerType:
  case Kind::ManyPointerType:
  case Kind::SliceType:
  case Kind::SentinelSliceType:
  case Kind::ArrayType:
  case Kind::VoidType:
  case Kind::FunctionType:
  case Kind::TupleType:
  case Kind::ClosureType:
  case Kind::StructType:
  case Kind::EnumType:
  case Kind::UnionType:
  case Kind::ErrorSet:
  case Kind::TypeApply:
  case Kind::TypeIntro: return true;
  case Kind::PackElement: {
    const auto* argument = find_argument(site.environment, site.get<ast::PackElement>(node).name.text);
    return argument && argument->kind == GenericArgument::Kind::Pack;
  }
  case Kind::Paren: return names_type(site, site.get<ast::Paren>(node).inner);
  case Kind::Unary: {
    const auto& unary = site.get<ast::Unary>(node);
    return unary.op == syntax::UnaryOp::Pointer && names_type(site, unary.operand);
  }
  case Kind::Name:
  case Kind::Member: return names_type_by_name(site, node);
  case Kind::Call:
    return head_makes_type(site, site.get<ast::Call>(node).callee) && !generics().built.needs_values(site, node);
  default: return false;
  }
}

/// Quiet form of a path lookup for `names_type`.
Found Checker::find_path_quietly(const Site& site, AstId node, Use use, AstId* consumed) {
  diagnostics.mute();
  PathFound path = find_path(site, node, use);
  diagnostics.unmute();
  if (consumed)
    *consumed = path.consumed;
  return path.found.poisoned() ? Found() : std::move(path.found);
}

bool Checker::names_type_by_name(const Site& site, AstId node) {
  // A value of the name wins: `x` is a type only if nothing but a type is visible.
  AstId consumed;
  const Found found = find_path_quietly(site, node, Use::Value, &consumed);
  if (consumed != node)
    return bool(member_type(site, node));
  switch (found.kind) {
  case Found::Kind::BuiltinType: return true;
  case Found::Kind::Argument: return found.argument.kind == GenericArgument::Kind::Type;
  case Found::Kind::Local: return found.local.kind == LocalEntity::Kind::Type;
  case Found::Kind::Declaration: {
    const DeclKind kind = decl(found.decl).kind;
    return kind == DeclKind::Type || kind == DeclKind::TypeAlias || kind == DeclKind::GenericType;
  }
  default: return false;
  }
}

/// `Vector` may be written through any namespace, though no module declares it (R1.127).
bool Checker::is_qualified_vector(const Site& site, AstId head) {
  const auto* member = site.try_get<ast::Member>(head);
  return member && strings.text(member->name.text) == "Vector" &&
         find_path_quietly(site, member->base, Use::Namespace, nullptr).kind == Found::Kind::Declaration &&
         !find_path_quietly(site, head, Use::TypeHead, nullptr);
}

bool Checker::head_makes_type(const Site& site, AstId head) {
  if (is_qualified_vector(site, head))
    return true;
  if (site.kind(head) != Kind::Name && site.kind(head) != Kind::Member)
    return false;
  AstId consumed;
  const Found found = find_path_quietly(site, head, Use::Call, &consumed);
  if (consumed != head)
    return false;
  if (found.kind == Found::Kind::Constructor)
    return true;
  if (found.kind == Found::Kind::Intrinsic)
    return is_type_intrinsic(intrinsic_name(site, head));
  if (found.kind != Found::Kind::Declaration)
    return false;
  if (decl(found.decl).kind == DeclKind::Intrinsic)
    return is_type_intrinsic(decl(found.decl).name);
  const DeclKind kind = decl(found.decl).kind;
  return kind == DeclKind::GenericType ||
         ((kind == DeclKind::GenericFunction || kind == DeclKind::Function) && is_type_function(found.decl));
}

StringId Checker::intrinsic_name(const Site& site, AstId head) {
  if (const auto* name = site.try_get<ast::Name>(head))
    return name->name.text;
  return site.get<ast::Member>(head).name.text;
}

// ---- names ------------------------------------------------------------------------------------------

TypeId Checker::resolve_named_type(const Site& site, AstId node) {
  const Span span = site.span(node);
  PathFound path = find_path(site, node, Use::Type, {});
  const Found& found = path.found;
  if (found.poisoned())
    return types.poison;
  if (path.consumed != node) {
    if (const MemberDecl member = member_type(site, node))
      return declared_type(member.decl, member.environment);
    report<diag::value_used_as_type>(span, source_text(span));
    return types.poison;
  }
  switch (found.kind) {
  case Found::Kind::BuiltinType: return found.type;
  case Found::Kind::Argument:
    switch (found.argument.kind) {
    case GenericArgument::Kind::Type: return found.argument.type;
    case GenericArgument::Kind::Pack:
      report<diag::pack_stands_for_several_types>(span, source_text(span));
      return types.poison;
    default: return refuse_value_as_type(span);
    }
  case Found::Kind::Local:
    if (found.local.kind == LocalEntity::Kind::Type)
      return found.local.type;
    if (found.local.kind == LocalEntity::Kind::Pack) {
      report<diag::pack_stands_for_several_types>(span, source_text(span));
      return types.poison;
    }
    return refuse_value_as_type(span);
  case Found::Kind::Declaration: return type_of_declaration(site, found.decl, span);
  default: break;
  }
  report_unknown_type<diag::unknown_type>(span, "", source_text(span));
  return types.poison;
}

/// A run-time `T: Type` or a value parameter in a type position (R5.8, R5.9).
TypeId Checker::refuse_value_as_type(Span span) {
  const std::string name = source_text(span);
  report_unknown_type<diag::value_parameter_as_type>(span, help::declare_as_type_parameter(name), name);
  return types.poison;
}

TypeId Checker::type_of_declaration(const Site& site, DeclId id, Span span) {
  const Decl& d = decl(id);
  switch (d.kind) {
  case DeclKind::Poison: return types.poison;
  case DeclKind::Type:
  case DeclKind::TypeAlias: return declared_type(id);
  case DeclKind::GenericType:
    // Inside of its own members the bare head is the current instance (R5.47).
    if (const auto* current = find_argument(site.environment, intern(current_instance_name));
        current && declaration_of(current->type) == id)
      return current->type;
    report<diag::type_argument_count>(span, text(d.name), generic_arity(id), 0);
    return types.poison;
  default: break;
  }
  // Reached through a namespace or as the only thing of that name: no type (R10.30).
  report_unknown_type<diag::unknown_type>(span, "", source_text(span));
  return types.poison;
}

TypeId Checker::resolve_sigil(const Site& site, AstId node) {
  const auto& intro = site.get<ast::TypeIntro>(node);
  const Span span = site.span(node);
  const std::string name = text(intro.name.text);
  if (const GenericArgument* argument = find_argument(site.environment, intro.name.text)) {
    if (argument->kind == GenericArgument::Kind::Type)
      return argument->type;
    if (argument->kind == GenericArgument::Kind::Pack)
      report<diag::pack_stands_for_several_types>(span, name);
    else
      report_unknown_type<diag::value_parameter_as_type>(span, help::declare_as_type_parameter(name), name);
    return types.poison;
  }
  if (!tables_->unbound_results.contains({site.tree, node}))
    report_unknown_type<diag::type_parameter_in_field_type>(span, help::type_parameter_in_header(name), name);
  return types.poison;
}

TypeId Checker::resolve_pack_element(const Site& site, AstId node) {
  const auto& element = site.get<ast::PackElement>(node);
  const std::string name = text(element.name.text);
  const GenericArgument* argument = find_argument(site.environment, element.name.text);
  if (!argument || argument->kind != GenericArgument::Kind::Pack) {
    report<diag::pack_outside_function>(site.span(node), name);
    return types.poison;
  }
  if (element.index < argument->types.size())
    return argument->types[element.index];
  report<diag::pack_index_out_of_range>(site.span(node), name, argument->types.size(), element.index);
  return types.poison;
}

TypeId Checker::resolve_error_channel(const Site& site, AstId node) {
  const auto& channel = site.get<ast::ErrorChannel>(node);
  if (!channel.set.valid())
    return open_error_set();
  const Span span = site.span(node);
  const std::string spelled = source_text(site.span(channel.set));
  AstId consumed;
  const Found quiet = find_path_quietly(site, channel.set, Use::Type, &consumed);
  if (!quiet || consumed != channel.set) {
    // Ambiguous, hidden and private sets keep their own reports; nothing at all is E0807 at the `!`.
    const std::size_t before = diagnostics.error_count() + diagnostics.muted_errors();
    const bool named = site.tree->is(channel.set, Kind::Name);
    const StringId name = named ? site.get<ast::Name>(channel.set).name.text : StringId(0);
    const bool known_elsewhere = named &&
                                 (tables_->public_names.contains(name) || tables_->private_names.contains(name)) &&
                                 !module(site.module).names.contains(name);
    if (!named || known_elsewhere)
      find_path(site, channel.set, Use::Type);
    if (diagnostics.error_count() + diagnostics.muted_errors() == before)
      report_unknown_type<diag::unknown_error_set>(span, "", spelled);
    return types.poison;
  }
  if (quiet.kind == Found::Kind::Declaration && decl(quiet.decl).kind != DeclKind::Type &&
      decl(quiet.decl).kind != DeclKind::TypeAlias && decl(quiet.decl).kind != DeclKind::GenericType) {
    report_unknown_type<diag::unknown_error_set>(span, "", spelled);
    return types.poison;
  }
  const TypeId set = resolve_named_type(site, channel.set);
  if (set == types.poison || types.is(set, TypeKind::ErrorSet))
    return set;
  report_unknown_type<diag::not_an_error_set>(span, "", types.name(set));
  return types.poison;
}

// ---- function, closure and tuple types --------------------------------------------------------------

Checker::ResultType Checker::resolve_result(const Site& site, AstId node) {
  ResultType result;
  result.value = types.void_;
  if (!node.valid())
    return result;
  if (const auto* channel = site.try_get<ast::ErrorChannel>(node)) {
    result.error_set = resolve_error_channel(site, node);
    result.inferred = !channel->set.valid();
    return result;
  }
  const auto* list = site.try_get<ast::ReturnList>(node);
  if (!list) {
    result.value = resolve_type(site, node);
    return result;
  }
  std::vector<TypeId> parts;
  std::vector<StringId> part_names;
  for (AstId id : site.tree->list(list->slots)) {
    const auto& slot = site.get<ast::TypeSlot>(id);
    if (const auto* spread = site.try_get<ast::Spread>(slot.type)) {
      expand_pack(site, slot.type, parts);
      part_names.resize(parts.size(), StringId(0));
      (void)spread;
      continue;
    }
    const TypeId type = resolve_type(site, slot.type);
    result.slots.push_back({slot.name, type, slot.initial, id});
    parts.push_back(type);
    part_names.push_back(slot.name.present() ? slot.name.text : StringId(0));
  }
  if (std::ranges::find(parts, types.poison) != parts.end())
    result.value = types.poison;
  else if (list->channel.valid() && parts.size() == 1)
    result.value = parts.front();
  else
    result.value = limited(types.tuple(std::move(parts), std::move(part_names)), site.span(node));
  if (list->channel.valid()) {
    result.error_set = resolve_error_channel(site, list->channel);
    result.inferred = !site.get<ast::ErrorChannel>(list->channel).set.valid();
  }
  return result;
}

TypeId Checker::result_type(const ResultType& result) {
  if (!result.error_set.valid())
    return result.value;
  if (result.error_set == types.poison)
    return types.poison;
  return types.failable(result.value, result.error_set);
}

/// Types of the slots of a list; false if one is poison.
bool Checker::resolve_slots(const Site& site, syntax::NodeList slots, std::vector<TypeId>& out,
                            std::vector<StringId>* slot_names) {
  bool good = true;
  for (AstId id : site.tree->list(slots)) {
    const auto& slot = site.get<ast::TypeSlot>(id);
    if (site.tree->is(slot.type, Kind::Spread)) {
      good = expand_pack(site, slot.type, out) && good;
    } else {
      out.push_back(resolve_type(site, slot.type));
      good = good && out.back() != types.poison;
    }
    if (slot_names) {
      slot_names->resize(out.size(), StringId(0));
      if (slot.name.present() && !out.empty())
        slot_names->back() = slot.name.text;
    }
  }
  return good;
}

TypeId Checker::resolve_function_type(const Site& site, AstId node) {
  const auto& function = site.get<ast::FunctionType>(node);
  std::vector<TypeId> params;
  const bool good = resolve_slots(site, function.params, params, nullptr);
  const TypeId result = result_type(resolve_result(site, function.result));
  if (function.abi == syntax::Abi::Zig) {
    // It marks bindings of the compiler, not types; the word is the last but one token (R2.61).
    const Span whole = site.span(node);
    const auto begin = whole.begin + static_cast<std::uint32_t>(source_text(whole).rfind("zig"));
    report<diag::unknown_calling_convention>(Span{whole.file, begin, begin + 3}, "zig")
        .help(help::calling_convention_names());
    return types.poison;
  }
  if (!good || result == types.poison)
    return types.poison;
  const Convention convention = function.abi == syntax::Abi::C ? Convention::C : Convention::Sx;
  return limited(types.function(std::move(params), result, convention), site.span(node));
}

TypeId Checker::resolve_closure_type(const Site& site, AstId node) {
  const auto& closure = site.get<ast::ClosureType>(node);
  std::vector<TypeId> params;
  bool good = resolve_slots(site, closure.params, params, nullptr);
  if (closure.pack.present())
    good = expand_named_pack(site, closure.pack, closure.projection, params) && good;
  const TypeId result = result_type(resolve_result(site, closure.result));
  if (!good || result == types.poison)
    return types.poison;
  return limited(types.closure(std::move(params), result), site.span(node));
}

TypeId Checker::resolve_tuple_type(const Site& site, AstId node) {
  const auto& tuple = site.get<ast::TupleType>(node);
  std::vector<TypeId> parts;
  std::vector<StringId> part_names;
  bool good = true;
  for (AstId id : site.tree->list(tuple.slots)) {
    const auto& slot = site.get<ast::TypeSlot>(id);
    switch (site.kind(slot.type)) {
    case Kind::IntLiteral:
    case Kind::CharLiteral:
    case Kind::FloatLiteral:
    case Kind::StringLiteral:
    case Kind::BoolLiteral:
    case Kind::Binary:
      report<diag::tuple_element_is_no_type>(site.span(slot.type));
      good = false;
      continue;
    case Kind::Spread: good = expand_pack(site, slot.type, parts) && good; break;
    default: parts.push_back(resolve_type(site, slot.type)); good = good && parts.back() != types.poison;
    }
    part_names.resize(parts.size(), StringId(0));
    if (slot.name.present() && !parts.empty())
      part_names.back() = slot.name.text;
  }
  return good ? limited(types.tuple(std::move(parts), std::move(part_names)), site.span(node)) : types.poison;
}

bool Checker::expand_pack(const Site& site, AstId spread, std::vector<TypeId>& out) {
  const AstId operand = site.get<ast::Spread>(spread).value;
  if (const auto* name = site.try_get<ast::Name>(operand))
    return expand_named_pack(site, name->name, {}, out);
  if (const auto* intro = site.try_get<ast::TypeIntro>(operand))
    return expand_named_pack(site, intro->name, {}, out);
  if (const auto* pack = site.try_get<ast::PackName>(operand))
    return expand_named_pack(site, pack->name, {}, out);
  if (const auto* member = site.try_get<ast::Member>(operand))
    if (const auto* base = site.try_get<ast::Name>(member->base))
      return expand_named_pack(site, base->name, member->name, out);
  if (site.tree->is(operand, Kind::TypeApply))
    return apply_to_pack(site, operand, out);
  report<diag::pack_outside_function>(site.span(operand), source_text(site.span(operand)));
  return false;
}

bool Checker::expand_named_pack(const Site& site, syntax::Ident pack, syntax::Ident projection,
                                std::vector<TypeId>& out) {
  const GenericArgument* argument = find_argument(site.environment, pack.text);
  GenericArgument local;
  if (!argument && site.locals)
    if (auto entity = site.locals->find_local(pack.text); entity && entity->kind == LocalEntity::Kind::Pack) {
      local = std::move(entity->argument);
      argument = &local;
    }
  if (!argument || argument->kind != GenericArgument::Kind::Pack) {
    report<diag::pack_outside_function>(pack.span, text(pack.text));
    return false;
  }
  if (projection.present())
    return project_pack(site, *argument, pack, projection, out);
  if (argument->types.size() + out.size() > max_type_list) {
    report<diag::limit_exceeded>(pack.span, "the number of types in a list", max_type_list);
    return false;
  }
  out.insert(out.end(), argument->types.begin(), argument->types.end());
  return std::ranges::find(argument->types, types.poison) == argument->types.end();
}

// ---- Head(args) -------------------------------------------------------------------------------------

TypeId Checker::resolve_application(const Site& site, AstId head, std::span<const AstId> args, Span span) {
  const auto* name = site.try_get<ast::Name>(head);
  const auto* member = site.try_get<ast::Member>(head);
  if (!name && !member) {
    report<diag::value_used_as_type>(span, source_text(span));
    return types.poison;
  }
  if (is_qualified_vector(site, head))
    return resolve_constructor(site, "Vector", args, span, site.span(head));
  PathFound path = find_path(site, head, Use::TypeHead, span);
  if (path.found.poisoned())
    return types.poison;
  if (path.consumed == head && path.found.kind == Found::Kind::Constructor)
    return resolve_constructor(site, strings.text(name->name.text), args, span, site.span(head));
  if (path.consumed == head && path.found.kind == Found::Kind::Intrinsic)
    return apply_type_intrinsic(site, intrinsic_name(site, head), args, span, site.span(head));
  if (path.consumed == head && path.found.kind == Found::Kind::Declaration) {
    if (decl(path.found.decl).kind == DeclKind::Intrinsic)
      return apply_type_intrinsic(site, decl(path.found.decl).name, args, span, site.span(head));
    return apply_head(site, path.found.decl, args, span, site.span(head));
  }
  report<diag::value_used_as_type>(span, source_text(span));
  return types.poison;
}

TypeId Checker::resolve_constructor(const Site& site, std::string_view name, std::span<const AstId> args, Span span,
                                    Span head_span) {
  if (args.size() != 2) {
    report<diag::type_argument_count>(head_span, name, 2, args.size());
    return types.poison;
  }
  const bool is_vector = name == "Vector";
  const auto count = fold_count(site, args[0], is_vector ? CountUse::VectorLane : CountUse::ArrayDimension);
  const TypeId element = resolve_type(site, args[1]);
  if (!count || element == types.poison)
    return types.poison;
  if (is_vector && !types.is_numeric(element) && element != types.bool_) {
    const std::string spelled = "Vector(" + std::to_string(*count) + "," + types.name(element) + ")";
    report<diag::no_such_type>(site.span(args[1]), spelled)
        .help("the lanes of a vector are integers, floats or 'bool'");
    return types.poison;
  }
  return limited(is_vector ? types.vector(element, *count) : types.array(element, *count), span);
}

TypeId Checker::apply_head(const Site& site, DeclId head, std::span<const AstId> args, Span span, Span head_span) {
  const DeclKind kind = decl(head).kind;
  if (kind == DeclKind::Poison)
    return types.poison;
  if (kind == DeclKind::GenericType) {
    const bool is_protocol = site_of(head).tree->is(decl(head).value, Kind::ProtocolType);
    return is_protocol ? apply_protocol(site, head, args, head_span) : apply_struct(site, head, args, head_span);
  }
  if ((kind == DeclKind::GenericFunction || kind == DeclKind::Function) && is_type_function(head))
    return apply_type_function(site, head, args, span, head_span);
  if (kind == DeclKind::Type || kind == DeclKind::TypeAlias) {
    report<diag::type_argument_count>(head_span, text(decl(head).name), 0, args.size());
    return types.poison;
  }
  report_unknown_type<diag::unknown_type>(head_span, "", source_text(head_span));
  return types.poison;
}

TypeId Checker::apply_protocol(const Site& site, DeclId head, std::span<const AstId> args, Span head_span) {
  const int wanted = generic_arity(head);
  std::vector<TypeId> arguments;
  bool good = true;
  for (AstId arg : args) {
    if (site.tree->is(arg, Kind::Spread)) {
      good = expand_pack(site, arg, arguments) && good;
      continue;
    }
    arguments.push_back(resolve_type(site, arg));
    good = good && arguments.back() != types.poison;
  }
  if (static_cast<int>(arguments.size()) != wanted) {
    report<diag::type_argument_count>(head_span, text(decl(head).name), wanted, arguments.size());
    return types.poison;
  }
  return good ? protocol_instance(head, arguments) : types.poison;
}

int Checker::generic_arity(DeclId id) {
  const Site site = site_of(id);
  if (const auto* made = site.try_get<ast::StructType>(decl(id).value))
    return static_cast<int>(made->params.count);
  if (const auto* made = site.try_get<ast::ProtocolType>(decl(id).value))
    return static_cast<int>(made->params.count);
  return 0;
}

} // namespace sx::sema
