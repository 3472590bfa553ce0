// Intrinsics outside of bodies: declarations (R7.97), folds in counts (R7.31), reflecting calls in type positions.

#include "sema/generic_state.h"
#include "sema/intrinsic_registry.h"
#include "sema/reflection.h"

namespace sx::sema {

bool Checker::is_intrinsic(StringId name) const {
  return find_intrinsic(strings.text(name)) != nullptr;
}

bool Checker::is_type_intrinsic(StringId name) const {
  const std::string_view spelled = strings.text(name);
  return spelled == "type_of" || spelled == "pointee_type" || spelled == "struct_field_type" ||
         spelled == "variant_type" || spelled == "raw_declare_type" || spelled == "raw_register_type" ||
         spelled == "raw_pointer_to";
}

void Checker::check_intrinsic_decl(DeclId id) {
  const Decl& declaration = decl(id);
  const std::string name = text(declaration.name);
  const IntrinsicEntry* entry = find_intrinsic(name);
  if (!entry || entry->module.empty()) {
    report<diag::unknown_intrinsic>(declaration.name_span, name);
    return;
  }
  if (!is_library_module(module(declaration.site.module).path, entry->module)) {
    report<diag::intrinsic_of_another_module>(declaration.name_span, name, entry->module);
    return;
  }
  const auto* function = declaration.site.try_get<ast::Function>(declaration.value);
  const std::size_t given = function ? function->params.count : 0;
  if (given != entry->parameters)
    report<diag::intrinsic_signature>(declaration.name_span, name, entry->parameters, given);
}

namespace {

/// The registry entry a bare callee selects at `site` (R7.98), or null.
const IntrinsicEntry* selected_intrinsic(Checker& checker, const Site& site, AstId callee) {
  const auto* name = site.try_get<ast::Name>(callee);
  if (!name || name->name.raw)
    return nullptr;
  const Found found = checker.find_quietly(site, name->name.text, Use::Call);
  if (found.kind == Found::Kind::None || found.kind == Found::Kind::Intrinsic)
    return find_intrinsic(checker.strings.text(name->name.text));
  if (found.kind != Found::Kind::Declaration)
    return nullptr;
  const Decl& target = checker.decl(checker.follow(found.decl));
  return target.kind == DeclKind::Intrinsic ? find_intrinsic(checker.strings.text(target.name)) : nullptr;
}

Fold folded(const ConstValue& value) {
  return {.value = value, .ok = true};
}

ConstValue boolean(const Checker& checker, bool value) {
  return {.kind = ConstValue::Kind::Bool, .type = checker.types.bool_, .bits = value ? 1u : 0u};
}

} // namespace

Fold Checker::fold_intrinsic_call(const Site& site, AstId call, bool report_problems) {
  const auto& node = site.get<ast::Call>(call);
  const IntrinsicEntry* entry = selected_intrinsic(*this, site, node.callee);
  const auto args = site.tree->list(node.args);
  if (!entry || args.size() != entry->parameters || args.empty())
    return {};
  const auto type_at = [&](std::size_t i) {
    return report_problems && names_type(site, args[i]) ? resolve_type(site, args[i]) : try_resolve_type(site, args[i]);
  };
  const bool two_types = entry->form == IntrinsicForm::TypeEq || entry->form == IntrinsicForm::HasImpl;
  if (entry->form != IntrinsicForm::TypeQuery && entry->form != IntrinsicForm::MemberQuery && !two_types)
    return {};
  if (entry->form == IntrinsicForm::HasImpl) {
    const std::optional<bool> answer = has_impl(site, args[0], args[1]);
    return answer ? folded(boolean(*this, *answer)) : Fold{};
  }
  const TypeId type = type_at(0);
  if (!type.valid())
    return {};
  if (types.is(type, TypeKind::Poison))
    return {.failure = FoldFailure::Poison};
  if (two_types) {
    const TypeId other = type_at(1);
    return other.valid() ? folded(boolean(*this, type == other)) : Fold{};
  }
  if (entry->name != "is_unsigned" && entry->name != "is_struct" && !require_layout(type))
    return {.failure = FoldFailure::Poison};
  if (entry->form == IntrinsicForm::MemberQuery) {
    const Fold index = fold(site, args[1], FoldDomain::Count, report_problems);
    const std::vector<MemberRow> rows = type_members(types, type);
    if (!index || !index.value.is(ConstValue::Kind::Int) || index.value.bits >= rows.size())
      return {};
    const MemberRow& row = rows[index.value.bits];
    if (entry->name == "struct_field_offset" && has_fields(types, type))
      return folded(integer_constant(static_cast<std::int64_t>(row.offset), types.i64));
    if (entry->name == "variant_value" && has_variants(types, type))
      return folded(integer_constant(row.value, types.i64));
    return {};
  }
  const std::optional<std::int64_t> answer = static_type_query(types, entry->name, type);
  if (!answer)
    return {};
  return folded(entry->name.starts_with("is_") ? boolean(*this, *answer != 0) : integer_constant(*answer, types.i64));
}

/// R5.134, R7.114: from the impl declarations of the program; nothing if an argument names no protocol or type.
std::optional<bool> Checker::has_impl(const Site& site, AstId protocol, AstId type) {
  const TypeId concrete = try_resolve_type(site, type);
  if (!concrete.valid())
    return {};
  TypeId wanted = try_resolve_type(site, protocol);
  if (!wanted.valid()) {
    // The unapplied head of a parameterised protocol asks for any instance.
    const auto* name = site.try_get<ast::Name>(protocol);
    const Found found = name ? find_quietly(site, name->name.text, Use::TypeHead, name->name.raw) : Found{};
    if (found.kind != Found::Kind::Declaration)
      return {};
    const DeclId head = follow(found.decl);
    if (!decl(head).site.try_get<ast::ProtocolType>(decl(head).value))
      return {};
    wanted = protocol_instance(head, {});
  }
  if (types.is(concrete, TypeKind::Poison) || types.is(wanted, TypeKind::Poison))
    return false;
  if (!types.is(wanted, TypeKind::Protocol))
    return {};
  if (types.nominal(wanted).arguments.empty())
    return implements(concrete, wanted, site.module);
  return generics().impls.find(concrete, wanted) != nullptr;
}

TypeId Checker::apply_type_intrinsic(const Site& site, StringId intrinsic, std::span<const AstId> args, Span span,
                                     Span head_span) {
  const std::string name = text(intrinsic);
  const IntrinsicEntry* entry = find_intrinsic(name);
  if (entry && entry->form == IntrinsicForm::Evaluate && is_type_intrinsic(intrinsic))
    return generics().built.apply(site, {{}, intrinsic}, args, span, head_span);
  if (!entry || !is_type_intrinsic(intrinsic)) {
    report<diag::value_used_as_type>(span, source_text(span));
    return types.poison;
  }
  if (args.size() != entry->parameters) {
    report<diag::introspection_argument_count>(head_span, name, entry->parameters, args.size());
    return types.poison;
  }
  if (name == "type_of") {
    const TypeId own = type_of_expression(site, args[0]);
    if (own != types.any && !types.is(own, TypeKind::Protocol))
      return own;
    // What such a value holds is known at run time only (R7.112).
    report<diag::value_used_as_type>(span, source_text(span));
    return types.poison;
  }
  const TypeId type = resolve_type(site, args[0]);
  if (types.is(type, TypeKind::Poison))
    return type;
  if (name == "pointee_type") {
    if (types.is(type, TypeKind::Pointer) || types.is(type, TypeKind::ManyPointer))
      return types[type].element;
    report<diag::wrong_kind_of_type>(head_span, name, types.name(type));
    return types.poison;
  }
  complete(type);
  const Fold index = fold(site, args[1], FoldDomain::Count, true);
  if (!index || !index.value.is(ConstValue::Kind::Int)) {
    if (index.failure != FoldFailure::Poison)
      report<diag::member_index_not_constant>(site.span(args[1]), name);
    return types.poison;
  }
  const bool has_members = has_fields(types, type) || has_variants(types, type) || types.is(type, TypeKind::Array) ||
                           types.is(type, TypeKind::Vector) || types.is(type, TypeKind::Slice) ||
                           types.is(type, TypeKind::Optional);
  if (!has_members || (name == "variant_type" && !has_variants(types, type))) {
    report<diag::wrong_kind_of_type>(head_span, name, types.name(type));
    return types.poison;
  }
  const std::int64_t at = index.value.as_signed();
  const std::uint64_t count =
      types.is(type, TypeKind::Slice) || types.is(type, TypeKind::Optional) ? 1 : member_count(types, type);
  if (at < 0 || static_cast<std::uint64_t>(at) >= count) {
    report<diag::member_index_out_of_range>(site.span(args[1]), types.name(type), count, at);
    return types.poison;
  }
  const bool one_type = types.is(type, TypeKind::Array) || types.is(type, TypeKind::Vector);
  return one_type ? types[type].element : type_members(types, type)[static_cast<std::size_t>(at)].type;
}

} // namespace sx::sema
