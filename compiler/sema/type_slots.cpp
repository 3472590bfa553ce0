// The types that constructors declare and fill in (R7.127 to R7.133, R7.148).

#include "sema/built_types.h"
#include "sema/generic_state.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <utility>

namespace sx::sema {
namespace {

/// Kind codes that can be registered (R7.146).
std::optional<TypeKind> kind_of_code(std::int64_t code) {
  switch (code) {
  case 1: return TypeKind::Struct;
  case 2: return TypeKind::Enum;
  case 3: return TypeKind::TaggedUnion;
  case 4: return TypeKind::Tuple;
  default: return std::nullopt;
  }
}

} // namespace

// ---- names ----

/// A type of that name that was written in the program and can be seen from `site`.
TypeId BuiltTypes::visible_type(const Site& site, StringId name) {
  if (!site.tree)
    return {};
  Site outer = site;
  outer.locals = nullptr;
  outer.environment = checker_.empty_environment();
  const Found found = checker_.find_quietly(outer, name, Use::Type);
  if (found.kind != Found::Kind::Declaration || checker_.decl(found.decl).kind != DeclKind::Type)
    return {};
  return checker_.declared_type(found.decl);
}

BuiltTypes::Slot& BuiltTypes::slot(const std::optional<Instance>& scope, const std::string& display, const Site& site,
                                   StringId name, Span span) {
  Slot& known = scope ? instance_slots_[{*scope, name}] : slots_[name];
  if (known.type.valid())
    return known;
  known.span = span;
  if (!scope)
    known.type = visible_type(site, name);
  if (known.type.valid())
    return known;
  StringId shown = name;
  if (scope) { // the first one is what the instance is for (R7.140)
    const bool first = std::ranges::count_if(instance_slots_, [&](const auto& entry) {
                         return entry.first.first == *scope && entry.second.type.valid();
                       }) == 0;
    const std::string text = checker_.text(name);
    const std::string head = checker_.text(checker_.decl(scope->first).name);
    shown = checker_.intern(first ? display : text + display.substr(std::min(head.size(), display.size())));
  }
  known.type = checker_.types.add_built(shown, site.module, span);
  return known;
}

/// `base` with a binding for each of the names that the constructor declares.
EnvironmentId BuiltTypes::with_announced(const Site& site, EnvironmentId base, const std::set<StringId>& names) {
  const Open& now = open_.back();
  std::vector<NamedArgument> bindings;
  const auto is_constructor = [&](StringId name) { // `F` in `F :: ($T: Type) -> Type { ... declare("F") ... }`
    const Found found = checker_.find_quietly(site, name, Use::Call);
    return found.kind == Found::Kind::Declaration && checker_.is_type_function(found.decl);
  };
  for (const StringId name : names)
    if (!is_constructor(name) && (now.scope || !visible_type(site, name).valid()))
      bindings.push_back({name, GenericArgument::of_type(slot(now.scope, now.display, site, name, now.name).type)});
  return checker_.extend(base.valid() ? base : checker_.empty_environment(), bindings);
}

void BuiltTypes::announce(ModuleId id) {
  const Site site = checker_.site_of(id);
  std::vector<std::pair<StringId, Span>> found;
  for (const ModuleItem& item : checker_.module(id).items) {
    if (!item.decl.valid())
      continue;
    const Decl& declaration = checker_.decl(item.decl);
    const bool is_constructor =
        declaration.kind == DeclKind::Function && !declaration.is_extern && checker_.is_type_function(item.decl);
    const bool is_call =
        declaration.kind == DeclKind::Unresolved && site.tree->is(declaration.value, syntax::Kind::Call);
    if (!is_constructor && !is_call)
      continue;
    for (const StringId name : declared_literals(*site.tree, checker_.strings, declaration.value))
      found.emplace_back(name, declaration.name_span);
  }
  for (const auto& [name, span] : found) {
    Module& module = checker_.module(id);
    const auto known = module.names.find(name);
    const DeclKind kind = known == module.names.end() ? DeclKind::Poison : checker_.decl(known->second).kind;
    if (known == module.names.end() ? visible_type(site, name).valid() : kind != DeclKind::Unresolved)
      continue;
    const TypeId type = slot({}, {}, site, name, span).type;
    announced_.emplace(std::pair(id, name), type);
    if (known != module.names.end())
      continue; // an alias of its own; `announced` speaks for it while it is resolved
    Decl alias;
    alias.kind = DeclKind::TypeAlias;
    alias.name = name;
    alias.name_span = alias.span = span;
    alias.site = site;
    alias.resolved_type = type;
    const DeclId made = checker_.add_made_decl(std::move(alias));
    checker_.tables().declared_types.emplace(std::pair(made, site.environment), type);
    module.names.emplace(name, made);
  }
}

TypeId BuiltTypes::announced(DeclId alias) {
  const Decl& declaration = checker_.decl(alias);
  const auto known = announced_.find({declaration.site.module, declaration.name});
  if (known == announced_.end() || declaration.scope != DeclScope::Module)
    return {};
  if (declaration.resolving)
    return known->second;
  const auto* call = declaration.site.try_get<ast::Call>(declaration.value);
  if (!call)
    return {};
  checker_.diagnostics.mute();
  const Checker::PathFound path = checker_.find_path(declaration.site, call->callee, Use::Call);
  checker_.diagnostics.unmute();
  const bool open = path.found.kind == Found::Kind::Declaration &&
                    std::ranges::any_of(open_, [&](const Open& one) { return one.constructor == path.found.decl; });
  return open ? known->second : TypeId();
}

TypeId BuiltTypes::find(std::string_view name) {
  const StringId id = checker_.strings.find(name);
  if (!id.valid())
    return {};
  const auto& tables = checker_.tables();
  for (const auto* names : {&tables.public_names, &tables.private_names})
    if (const auto known = names->find(id); known != names->end())
      for (const DeclId candidate : known->second)
        if (checker_.decl(candidate).kind == DeclKind::Type)
          if (const TypeId type = checker_.declared_type(candidate); !checker_.types.is(type, TypeKind::Protocol))
            return type;
  return {};
}

TypeId BuiltTypes::nominal_result(const Site& site, AstId node) {
  const auto known = nominal_results_.find({site.tree, site.environment});
  if (known == nominal_results_.end())
    return {};
  const auto& [display, span] = known->second;
  const TypeId type = checker_.nominal_from_node(site, node, checker_.intern(display), span, {});
  // Its members may mention constants of the body, which is being checked now.
  checker_.complete(type);
  checker_.tables().owners.at(type).site.locals = nullptr;
  return type;
}

// ---- declare and define ----

std::expected<TypeId, std::string> BuiltTypes::declare(std::string_view name) {
  if (name.empty())
    return std::unexpected("a type needs a name");
  if (open_.empty())
    return std::unexpected("types are made by functions that return 'Type'");
  const Open& now = open_.back();
  Slot& made = slot(now.scope, now.display, now.site, checker_.intern(name), now.name);
  if (!std::exchange(made.declared, true))
    made.span = now.span;
  return made.type;
}

std::expected<void, std::string> BuiltTypes::check_members(std::int64_t kind,
                                                           std::span<const BuiltMember> members) const {
  const TypeTable& types = checker_.types;
  std::set<std::string_view> names;
  for (const BuiltMember& member : members) {
    if (kind != 4 && !names.insert(member.name).second)
      return std::unexpected("it has two members '" + member.name + "'");
    if (kind == 2 && !types.is(member.type, TypeKind::Void))
      return std::unexpected("variant '" + member.name + "' of an enum has a payload");
    switch (types.kind(member.type)) {
    case TypeKind::Poison:
    case TypeKind::Null:
    case TypeKind::NoReturn:
    case TypeKind::Failable:
      return std::unexpected("member '" + member.name + "' is of type '" + types.name(member.type) + "'");
    default: break;
    }
  }
  return {};
}

/// Was the type filled in (or declared) with just these members?
bool BuiltTypes::has_members(TypeId type, TypeKind kind, std::span<const BuiltMember> members) const {
  const TypeTable& types = checker_.types;
  if (!types.is(type, kind))
    return false;
  const Nominal& known = types.nominal(type);
  const auto same = [&](const auto& list, auto part) {
    return std::ranges::equal(list, members, [&](const auto& one, const BuiltMember& other) {
      return checker_.strings.text(one.name) == other.name && one.*part == other.type;
    });
  };
  switch (kind) {
  case TypeKind::Tuple: return std::ranges::equal(types[type].elements, members, {}, {}, &BuiltMember::type);
  case TypeKind::Struct: return same(known.fields, &FieldInfo::type);
  default: return same(known.variants, &VariantInfo::payload);
  }
}

std::expected<void, std::string> BuiltTypes::fill(TypeId handle, std::int64_t code,
                                                  std::span<const BuiltMember> members) {
  TypeTable& types = checker_.types;
  checker_.complete(handle);
  if (types[handle].nominal == 0xffff'ffff || types.is(handle, TypeKind::Protocol) ||
      types.is(handle, TypeKind::ErrorSet))
    return std::unexpected("'" + types.name(handle) + "' is no declared type");
  const std::optional<TypeKind> kind = kind_of_code(code);
  if (!kind)
    return std::unexpected("there is no kind " + std::to_string(code) + " of types to be built");
  if (members.size() > max_built_members)
    return std::unexpected("it has " + std::to_string(members.size()) + " members, more than " +
                           std::to_string(max_built_members));
  if (const auto checked = check_members(code, members); !checked)
    return checked;
  if (types.nominal(handle).complete) {
    if (has_members(handle, *kind, members))
      return {};
    return std::unexpected("'" + types.name(handle) + "' has other members already");
  }
  for (const BuiltMember& member : members)
    if (types.holds(member.type, handle)) {
      const Span at = types.nominal(handle).span;
      if (!std::exchange(types.nominal(handle).failed, true))
        checker_.report<diag::type_contains_itself>(at, types.name(handle)).help(help::pointer_in_between());
      if (!open_.empty())
        open_.back().reported = true;
      return std::unexpected("'" + types.name(handle) + "' contains itself");
    }
  std::vector<FieldInfo> fields;
  for (const BuiltMember& member : members)
    fields.push_back({.name = checker_.intern(member.name), .type = member.type, .span = types.nominal(handle).span});
  types.fill(handle, *kind, std::move(fields));
  return {};
}

// ---- types that stay without members ----

void BuiltTypes::forgive_unfilled(Span span) {
  const auto forgive = [&](const Slot& slot) {
    Nominal& nominal = checker_.types.nominal(slot.type);
    if (slot.declared && slot.span == span && nominal.built && !nominal.complete)
      nominal.failed = true;
  };
  for (const auto& [name, slot] : slots_)
    forgive(slot);
  for (const auto& [key, slot] : instance_slots_)
    forgive(slot);
}

void BuiltTypes::report_without_members(TypeId type, Span at) {
  Nominal& nominal = checker_.types.nominal(type);
  if (std::exchange(nominal.failed, true))
    return;
  const std::string name = checker_.types.name(type);
  const Unmuted unmuted(checker_.diagnostics);
  if (!open_.empty())
    checker_.report<diag::type_construction_failed>(open_.back().span,
                                                    "'" + name + "' is used by value before it is filled in");
  else
    checker_.report<diag::declared_never_defined>(at.valid() ? at : nominal.span, name)
        .help("complete it with 'define'");
}

void BuiltTypes::report_unfilled() {
  const auto report = [&](const Slot& slot) {
    Nominal& nominal = checker_.types.nominal(slot.type);
    if (slot.declared && nominal.built && !nominal.complete && !std::exchange(nominal.failed, true))
      checker_.report<diag::declared_never_defined>(slot.span, checker_.types.name(slot.type))
          .help("complete it with 'define'");
  };
  for (const auto& [name, slot] : slots_)
    report(slot);
  for (const auto& [key, slot] : instance_slots_)
    report(slot);
}

} // namespace sx::sema
