// Name lookup across scopes and modules (chapter 01, 1.11 and 1.12).

#include "sema/checker.h"
#include "sema/generic_state.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <set>

namespace sx::sema {

using syntax::Kind;

namespace {

bool is_function(DeclKind kind) {
  return kind == DeclKind::Function || kind == DeclKind::GenericFunction || kind == DeclKind::Intrinsic;
}

bool is_type(DeclKind kind) {
  return kind == DeclKind::Type || kind == DeclKind::TypeAlias || kind == DeclKind::GenericType;
}

bool is_value(DeclKind kind) {
  return kind == DeclKind::Constant || kind == DeclKind::RunConstant || kind == DeclKind::Variable;
}

} // namespace

/// One search of the module level: which declarations could be meant, before anything is reported.
class Lookup {
public:
  Lookup(Checker& checker, const Site& site, StringId name) : checker_(checker), site_(site), name_(name) {}

  struct Result {
    std::vector<DeclId> entities; ///< 0: not visible, 1: found, more: ambiguous
  };

  /// Own declaration, else the public ones of direct flat imports; aliases followed, one entity once (R1.119).
  /// For `Use::Any` a lone candidate is given as it stands: an alias chain is walked one hop at a time.
  Result visible(Use use) {
    Result result = candidates(use);
    if (use == Use::Any && result.entities.size() == 1)
      return result;
    std::vector<DeclId> entities;
    for (DeclId id : result.entities)
      add(entities, checker_.follow(id));
    return {std::move(entities)};
  }

  /// What `N` of `N.member` denotes when no value is meant: a type of the file itself comes before a namespace alias
  /// that an import carries (R1.119 (1), R8.203).
  Result name_space() {
    const DeclId own = own_declaration();
    return own.valid() && checker_.serves(own, Use::Type) ? Result{{checker_.follow(own)}} : visible(Use::Namespace);
  }

private:
  DeclId own_declaration() {
    const auto& names = checker_.module(site_.module).names;
    const auto known = names.find(name_);
    return known == names.end() ? DeclId() : known->second;
  }

  Result candidates(Use use) {
    Result result;
    const Module& own = checker_.module(site_.module);
    if (const DeclId declared = own_declaration(); declared.valid() && checker_.serves(declared, use)) {
      result.entities.push_back(declared);
      return result;
    }
    for (const ImportEdge& edge : own.flat)
      for (ModuleId target : edge.targets) {
        const auto& names = checker_.module(target).names;
        const auto known = names.find(name_);
        if (known == names.end() || checker_.decl(known->second).is_private || !checker_.serves(known->second, use))
          continue;
        if (std::ranges::find(result.entities, known->second) == result.entities.end())
          result.entities.push_back(known->second);
        break; // the first file of a directory wins (R1.113)
      }
    return result;
  }

public:
  /// A declaration somewhere in the program that could serve the use but can't be seen from the site.
  DeclId hidden(Use use, bool is_private) {
    const auto& tables = checker_.tables();
    const auto& names = is_private ? tables.private_names : tables.public_names;
    const auto known = names.find(name_);
    if (known == names.end())
      return {};
    for (DeclId id : known->second)
      if (checker_.serves(id, use))
        return id;
    return {};
  }

private:
  void add(std::vector<DeclId>& entities, DeclId id) {
    const bool known = std::ranges::any_of(entities, [&](DeclId other) { return same_entity(other, id); });
    if (!known)
      entities.push_back(id);
  }

  bool same_entity(DeclId a, DeclId b) {
    if (a == b)
      return true;
    const Decl& first = checker_.decl(a);
    const Decl& second = checker_.decl(b);
    if (first.kind == DeclKind::Namespace && second.kind == DeclKind::Namespace)
      return first.surface == second.surface;
    if (first.kind == DeclKind::TypeAlias && second.kind == DeclKind::TypeAlias)
      return first.resolved_type.valid() && first.resolved_type == second.resolved_type;
    return first.is_extern && second.is_extern && checker_.extern_of(a) == checker_.extern_of(b);
  }

  Checker& checker_;
  const Site& site_;
  StringId name_;
};

// ---- aliases ----------------------------------------------------------------------------------------

DeclKind Checker::resolve_decl(DeclId id) {
  if (decl(id).kind == DeclKind::Unresolved)
    resolve_alias(id);
  return decl(id).kind;
}

DeclId Checker::follow(DeclId id) {
  std::vector<DeclId> path;
  std::set<DeclId> seen;
  for (;;) {
    if (!seen.insert(id).second) {
      report_alias_cycle({std::ranges::find(path, id), path.end()});
      return id;
    }
    DeclKind kind = resolve_decl(id);
    if (kind == DeclKind::UfcsAlias && !decl(id).target.valid()) {
      resolve_ufcs_alias(id);
      kind = decl(id).kind;
    }
    if ((kind != DeclKind::Alias && kind != DeclKind::UfcsAlias) || !decl(id).target.valid())
      break;
    path.push_back(id);
    id = decl(id).target;
  }
  for (DeclId hop : path) // the next walk over this chain is one step
    decl(hop).target = id;
  return id;
}

/// One report per cycle, at the member declared first (R1.131).
void Checker::report_alias_cycle(std::vector<DeclId> cycle) {
  std::ranges::rotate(cycle, std::ranges::min_element(cycle));
  for (DeclId member : cycle)
    decl(member).kind = DeclKind::Poison;
  tables_->alias_cycles.push_back(std::move(cycle));
  if (!tables_->defer_alias_cycles)
    flush_alias_cycles();
}

void Checker::flush_alias_cycles() {
  const Unmuted unmuted(diagnostics);
  for (const auto& cycle : tables_->alias_cycles) {
    const Decl& first = decl(cycle.front());
    std::vector<std::string> members;
    for (DeclId id : cycle)
      members.push_back(text(decl(id).name));
    if (members.size() == 1)
      report<diag::alias_names_itself>(first.name_span, members.front());
    else
      report<diag::alias_cycle>(first.name_span, quote_list(members));
  }
  tables_->alias_cycles.clear();
}

void Checker::resolve_ufcs_alias(DeclId id) {
  const Unmuted unmuted(diagnostics);
  const Site site = site_of(id);
  const auto& node = site.get<ast::UfcsAlias>(decl(id).value);
  const Found found = find(site, node.target, Use::Call);
  if (found.kind == Found::Kind::Intrinsic)
    decl(id).target = intrinsic_declaration(*this, node.target.text);
  else if (found.kind == Found::Kind::Declaration && is_function(decl(found.decl).kind))
    decl(id).target = found.decl;
  else
    decl(id).kind = DeclKind::Poison;
  const bool is_told = found.poisoned() || decl(id).target.valid();
  if (!is_told)
    report<diag::callee_not_callable>(node.target.span, text(node.target.text));
}

/// What the right side of an untyped `::` denotes, where syntax alone does not tell (7.3).
void Checker::resolve_alias(DeclId id) {
  if (decl(id).resolving) { // met again on its own path; `follow` sees the cycle, a composite one has no type
    return;
  }
  const DepthGuard guard(tables_->alias_depth, max_alias_nesting);
  if (!guard.ok) {
    report<diag::limit_exceeded>(decl(id).name_span, "nesting of aliases", max_alias_nesting);
    decl(id).kind = DeclKind::Poison;
    return;
  }
  const Unmuted unmuted(diagnostics);
  decl(id).resolving = true;
  Site site = site_of(id);
  // What a name in a generic struct is, it is in every instance: the one that asks first serves.
  if (decl(id).scope == DeclScope::Member && types.is(decl(id).owner, TypeKind::Struct))
    site.environment = EnvironmentId(types.nominal(decl(id).owner).environment);
  const AstId value = decl(id).value;
  const auto become = [&](DeclKind kind) { decl(id).kind = kind; };
  switch (site.kind(value)) {
  case Kind::Name:
  case Kind::Member: {
    const PathFound path = find_path(site, value, Use::Any);
    const Found& found = path.found;
    if (found.poisoned()) {
      become(DeclKind::Poison);
    } else if (path.consumed != value) { // `Gear.low`, `S.f`, `i64.max`, or a member type of a struct
      const MemberDecl member = member_type(site, value);
      if (member) {
        decl(id).target = member.decl;
        become(DeclKind::Alias);
      } else {
        become(DeclKind::Constant);
      }
    } else if (found.kind == Found::Kind::Declaration) {
      decl(id).target = found.decl;
      become(DeclKind::Alias);
    } else if (found.kind == Found::Kind::BuiltinType ||
               (found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Type) ||
               (found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Type)) {
      become(DeclKind::TypeAlias);
    } else if (found.kind == Found::Kind::Intrinsic) {
      decl(id).target = intrinsic_declaration(*this, site.get<ast::Name>(value).name.text);
      become(DeclKind::Alias);
    } else if (found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Declaration) {
      decl(id).target = found.local.decl;
      become(DeclKind::Alias);
    } else {
      become(DeclKind::Constant);
    }
    break;
  }
  case Kind::Unary: become(names_type(site, value) ? DeclKind::TypeAlias : DeclKind::Constant); break;
  case Kind::Call: become(kind_of_call(site, value, decl(id).type.valid())); break;
  default: become(DeclKind::Constant); break;
  }
  decl(id).resolving = false;
}

/// `N :: callee(...)`: a type, a variant, or a value computed at compile time (R7.46).
DeclKind Checker::kind_of_call(const Site& site, AstId call, bool typed) {
  if (!typed && names_type(site, call))
    return DeclKind::TypeAlias;
  const AstId callee = site.get<ast::Call>(call).callee;
  if (site.tree->is(callee, Kind::DotName))
    return DeclKind::Constant;
  if (const auto* member = site.try_get<ast::Member>(callee)) {
    // `Gear.some(1)` builds a variant; `T.make()` calls.
    const TypeId type = try_resolve_type(site, member->base);
    if (type.valid() && types.is(type, TypeKind::TaggedUnion) && find_variant(type, member->name.text))
      return DeclKind::Constant;
  }
  return DeclKind::RunConstant;
}

/// `Outer.Inner` where `Inner` is declared in the body of the struct `Outer`.
MemberDecl Checker::member_type(const Site& site, AstId node) {
  const auto* member = site.try_get<ast::Member>(node);
  if (!member)
    return {};
  const TypeId owner = try_resolve_type(site, member->base);
  if (!owner.valid() || !types.is(owner, TypeKind::Struct))
    return {};
  const MemberDecl found = find_struct_constant(owner, member->name.text);
  return found && is_type(resolve_decl(found.decl)) ? found : MemberDecl();
}

bool Checker::serves(DeclId id, Use use) {
  if (use == Use::Any)
    return true;
  const DeclId entity = follow(id);
  const Decl& target = decl(entity);
  switch (target.kind) {
  case DeclKind::Poison: return true;
  case DeclKind::Unresolved: return false; // on the path of its own resolution
  default: break;
  }
  switch (use) {
  case Use::Call: return is_function(target.kind);
  case Use::Type: return is_type(target.kind);
  case Use::TypeHead:
    return target.kind == DeclKind::GenericType || (is_function(target.kind) && is_type_function(entity));
  case Use::Value: return is_value(target.kind) || is_function(target.kind);
  case Use::MemberBase: return is_value(target.kind);
  case Use::Namespace: return target.kind == DeclKind::Namespace;
  case Use::Any: return true;
  }
  return false;
}

// ---- bare names -------------------------------------------------------------------------------------

namespace {

/// The uses that a use falls back to, in order, when nothing visible serves it directly. A wrong kind of thing is then
/// the finding, and the asker words the error.
std::span<const Use> stages(Use use) {
  static constexpr Use call[] = {Use::Call, Use::Value, Use::TypeHead, Use::Type};
  static constexpr Use type[] = {Use::Type};
  static constexpr Use head[] = {Use::TypeHead, Use::Type};
  static constexpr Use value[] = {Use::Value, Use::Type, Use::Namespace};
  static constexpr Use base[] = {Use::MemberBase, Use::Namespace, Use::Type, Use::Call};
  static constexpr Use space[] = {Use::Namespace};
  static constexpr Use any[] = {Use::Any};
  switch (use) {
  case Use::Call: return call;
  case Use::Type: return type;
  case Use::TypeHead: return head;
  case Use::Value: return value;
  case Use::MemberBase: return base;
  case Use::Namespace: return space;
  case Use::Any: return any;
  }
  return {};
}

Found found_declaration(const Checker& checker, DeclId id) {
  Found found;
  found.kind = checker.decl(id).kind == DeclKind::Poison ? Found::Kind::Poison : Found::Kind::Declaration;
  found.decl = id;
  return found;
}

} // namespace

/// Locals, generic bindings, builtin types: what a name means before module level is asked.
Found Checker::find_inner(const Site& site, StringId name, Use use, bool raw) {
  Found found;
  Found builtin;
  if (!raw)
    if (const TypeId type = builtin_type(name); type.valid()) {
      builtin.kind = Found::Kind::BuiltinType;
      builtin.type = type;
      if (use == Use::Type || use == Use::TypeHead)
        return builtin; // whatever is declared with a backtick (R1.18)
    }
  if (site.locals)
    if (auto local = site.locals->find_local(name)) {
      const bool is_type_name = local->kind == LocalEntity::Kind::Type ||
                                (local->kind == LocalEntity::Kind::Declaration && local->decl.valid() &&
                                 (serves(local->decl, Use::Type) || serves(local->decl, Use::TypeHead)));
      const bool wants_type = use == Use::Type || use == Use::TypeHead;
      const bool type_valued = local->kind == LocalEntity::Kind::Value && local->type == types.type;
      const bool is_pack = local->kind == LocalEntity::Kind::Pack;
      if (!wants_type || is_type_name || type_valued || is_pack) {
        if (local->kind == LocalEntity::Kind::Declaration && local->decl.valid())
          return found_declaration(*this, follow(local->decl));
        found.kind = Found::Kind::Local;
        found.local = std::move(*local);
        return found;
      }
    }
  if (const GenericArgument* argument = find_argument(site.environment, name)) {
    found.kind = Found::Kind::Argument;
    found.argument = *argument;
    return found;
  }
  if (raw)
    return found;
  if (site.self_type.valid() && strings.text(name) == "Self") {
    found.kind = Found::Kind::BuiltinType;
    found.type = site.self_type;
    return found;
  }
  return builtin ? find_declared_builtin(site, name, use, std::move(builtin)) : found;
}

/// In an expression a value declared with a backtick, or a function in call position, hides the type (R1.18).
Found Checker::find_declared_builtin(const Site& site, StringId name, Use use, Found builtin) {
  if (use != Use::Call && use != Use::Value && use != Use::MemberBase)
    return builtin;
  const auto declared = Lookup(*this, site, name).visible(use == Use::Value ? Use::MemberBase : use);
  return declared.entities.size() == 1 ? found_declaration(*this, declared.entities.front()) : builtin;
}

/// What everybody may use without import, after the module level had nothing (R1.136, R1.137).
Found Checker::find_outer(StringId name, Use use, bool raw) {
  Found found;
  if (raw || use == Use::Type || use == Use::Namespace)
    return found;
  const std::string_view spelled = strings.text(name);
  if (spelled == "OS" || spelled == "ARCH" || spelled == "POINTER_SIZE")
    found.kind = Found::Kind::TargetConstant;
  else if (spelled == "Vector" || spelled == "Array")
    found.kind = Found::Kind::Constructor;
  else if (is_intrinsic(name))
    found.kind = Found::Kind::Intrinsic;
  return found;
}

Found Checker::find_quietly(const Site& site, StringId name, Use use, bool raw) {
  if (Found inner = find_inner(site, name, use, raw); inner.kind != Found::Kind::None)
    return inner;
  Lookup lookup(*this, site, name);
  for (Use stage : stages(use)) {
    const bool is_base = use == Use::MemberBase && stage == Use::Namespace;
    const auto result = is_base ? lookup.name_space() : lookup.visible(stage);
    if (result.entities.size() == 1)
      return found_declaration(*this, result.entities.front());
    if (result.entities.size() > 1)
      return {};
  }
  return find_outer(name, use, raw);
}

Found Checker::find(const Site& site, syntax::Ident name, Use use, Span report_at) {
  const Span at = report_at.valid() ? report_at : name.span;
  if (Found inner = find_inner(site, name.text, use, name.raw); inner.kind != Found::Kind::None)
    return inner;
  Lookup lookup(*this, site, name.text);
  for (Use stage : stages(use)) {
    const bool is_base = use == Use::MemberBase && stage == Use::Namespace;
    const auto result = is_base ? lookup.name_space() : lookup.visible(stage);
    if (result.entities.size() == 1)
      return found_declaration(*this, result.entities.front());
    if (result.entities.size() > 1)
      return report_ambiguous(stage, result.entities, name, at);
  }
  if (Found outer = find_outer(name.text, use, name.raw); outer.kind != Found::Kind::None)
    return outer;
  return report_missing(site, name, use, at);
}

Found Checker::report_ambiguous(Use use, const std::vector<DeclId>& entities, syntax::Ident name, Span at) {
  if (use == Use::Any) {
    const DeclKind kind = decl(entities.front()).kind;
    use = is_function(kind)             ? Use::Call
          : is_type(kind)               ? Use::Type
          : kind == DeclKind::Namespace ? Use::Namespace
                                        : Use::Value;
  }
  const bool functions = std::ranges::all_of(entities, [&](DeclId id) { return is_function(decl(id).kind); });
  const std::string spelled = text(name.text);
  const std::string whole = at == name.span ? spelled : source_text(at);
  if (use == Use::Namespace)
    report<diag::ambiguous_alias>(name.span, spelled).help(help::declare_it_here());
  else if (use == Use::Type || use == Use::TypeHead)
    report<diag::ambiguous_type>(at, whole).help(help::name_module_or_drop_import());
  else if (functions)
    report<diag::ambiguous_function>(at, spelled).help(help::name_module_in_call());
  else
    report<diag::ambiguous_value>(at, spelled).help(help::name_module_or_drop_import());
  return {.kind = Found::Kind::Poison, .decl = {}, .type = {}, .local = {}, .argument = {}};
}

/// Declared somewhere but not visible, private, or unknown (R1.119 (3)).
Found Checker::report_missing(const Site& site, syntax::Ident name, Use use, Span at) {
  const Found poison{.kind = Found::Kind::Poison, .decl = {}, .type = {}, .local = {}, .argument = {}};
  Lookup lookup(*this, site, name.text);
  const std::string spelled = text(name.text);
  const bool wants_type = use == Use::Type || use == Use::TypeHead;
  const std::string whole = use == Use::TypeHead && at != name.span ? source_text(at) : spelled;
  for (const bool is_private : {false, true})
    for (Use stage : stages(use)) {
      const DeclId id = lookup.hidden(stage, is_private);
      if (!id.valid() || decl(id).site.module == site.module)
        continue;
      const DeclKind kind = decl(follow(id)).kind;
      const std::string file = file_name(decl(id).site.module);
      const bool type_like = is_type(kind) || (wants_type && kind != DeclKind::Poison);
      if (kind == DeclKind::Namespace && !is_private)
        report<diag::alias_not_imported>(name.span, spelled).help(help::declare_alias_here(spelled));
      else if (is_private && type_like)
        report<diag::private_type>(at, whole, file);
      else if (is_private)
        report<diag::private_name>(at, spelled, file);
      else if (type_like)
        report<diag::type_not_imported>(at, whole).help(help::import_file(file));
      else if (is_unowned_c_function(id))
        report<diag::c_function_not_imported>(at, spelled);
      else
        report<diag::name_not_imported>(at, spelled).help(help::import_file(file));
      return poison;
    }
  if (wants_type || use == Use::Any)
    report_unknown_type<diag::unknown_type>(use == Use::TypeHead ? name.span : at, "", spelled);
  else
    report<diag::unknown_name>(at, spelled);
  return poison;
}

/// An `extern` function without library: it comes with whatever is linked (E0305).
bool Checker::is_unowned_c_function(DeclId id) {
  const Decl& d = decl(follow(id));
  if (!d.is_extern || d.kind != DeclKind::Function)
    return false;
  const auto* function = d.site.try_get<ast::Function>(d.value);
  return function && !function->library.present();
}

// ---- namespaces and paths ---------------------------------------------------------------------------

Found Checker::find_in_namespace(const Site& site, DeclId name_space, syntax::Ident name, Use use, Span path) {
  const Decl& space = decl(name_space);
  for (Use stage : stages(use)) {
    for (ModuleId target : space.surface) {
      const auto& names = module(target).names;
      const auto known = names.find(name.text);
      if (known == names.end())
        continue;
      // Authority is always the file of the reference (R1.141).
      if (decl(known->second).is_private && target != site.module)
        continue;
      if (serves(known->second, stage))
        return found_declaration(*this, stage == Use::Any ? known->second : follow(known->second));
    }
  }
  // A declaration of another kind is still a member: the asker words what is wrong with it.
  for (ModuleId target : space.surface) {
    const auto& names = module(target).names;
    const auto known = names.find(name.text);
    if (known != names.end() && (!decl(known->second).is_private || target == site.module))
      return found_declaration(*this, follow(known->second));
  }
  report<diag::missing_namespace_member>(path, text(space.name), text(name.text));
  return {.kind = Found::Kind::Poison, .decl = {}, .type = {}, .local = {}, .argument = {}};
}

Checker::PathFound Checker::find_path(const Site& site, AstId node, Use use, Span report_at) {
  std::vector<AstId> segments; // outermost first
  AstId at = node;
  while (const auto* member = site.try_get<ast::Member>(at)) {
    segments.push_back(at);
    at = member->base;
  }
  const auto* head = site.try_get<ast::Name>(at);
  if (!head)
    return {{}, at};
  Found found = find(site, head->name, segments.empty() ? use : Use::MemberBase, segments.empty() ? report_at : Span());
  while (!segments.empty() && found.kind == Found::Kind::Declaration && decl(found.decl).kind == DeclKind::Namespace) {
    const AstId step = segments.back();
    segments.pop_back();
    const Span span = segments.empty() && report_at.valid() ? report_at : site.span(step);
    found = find_in_namespace(site, found.decl, site.get<ast::Member>(step).name,
                              segments.empty() ? use : Use::MemberBase, span);
    at = step;
  }
  return {std::move(found), at};
}

std::vector<DeclId> Checker::ufcs_candidates(const Site& site, StringId name, bool all_modules) {
  std::vector<DeclId> found;
  const auto add = [&](DeclId id) {
    const Decl& written = decl(id);
    const bool dot_callable = written.kind == DeclKind::UfcsAlias || written.is_ufcs;
    if (!dot_callable)
      return;
    const DeclId entity = follow(id);
    if (decl(entity).kind != DeclKind::Poison && std::ranges::find(found, entity) == found.end())
      found.push_back(entity);
  };
  const auto& own = module(site.module);
  if (all_modules) {
    if (const auto known = tables_->public_names.find(name); known != tables_->public_names.end())
      std::ranges::for_each(known->second, add);
    return found;
  }
  if (const auto known = own.names.find(name); known != own.names.end())
    add(known->second);
  for (ModuleId target : own.flat_targets) {
    const auto& names = module(target).names;
    if (const auto known = names.find(name); known != names.end() && !decl(known->second).is_private)
      add(known->second);
  }
  return found;
}

bool Checker::reaches(ModuleId from, ModuleId target) {
  std::vector<bool> seen(modules_.size(), false);
  std::vector<ModuleId> open{from};
  while (!open.empty()) {
    const ModuleId id = open.back();
    open.pop_back();
    if (id == target)
      return true;
    if (seen[id.index()])
      continue;
    seen[id.index()] = true;
    const Module& m = module(id);
    open.insert(open.end(), m.flat_targets.begin(), m.flat_targets.end());
    open.insert(open.end(), m.named_targets.begin(), m.named_targets.end());
  }
  return false;
}

// ---- unknown types of the entry file ----------------------------------------------------------------

void Checker::add_unknown_type(const DiagnosticInfo& info, Span span, std::vector<DiagnosticArgument> arguments,
                               std::string help_text) {
  const bool in_cast = tables_->in_cast_target && &info == &diag::unknown_type;
  const DiagnosticInfo& shown = in_cast ? diag::cast_target_unknown : info;
  const bool wait =
      tables_->defer_unknown_types && !diagnostics.muted() && span.valid() && span.file == module(entry_module).file;
  if (wait) {
    tables_->unknown_types.push_back({&shown, span, std::move(arguments), std::move(help_text)});
    return;
  }
  Report& made = diagnostics.add(shown, span, arguments);
  if (!help_text.empty())
    made.help(std::move(help_text));
}

void Checker::flush_unknown_types() {
  tables_->defer_unknown_types = false;
  auto waiting = std::move(tables_->unknown_types);
  tables_->unknown_types.clear();
  std::ranges::sort(waiting, {}, [](const auto& one) { return std::pair(one.span.begin, one.span.end); });
  for (auto& one : waiting) {
    Report& made = diagnostics.add(*one.info, one.span, one.arguments);
    if (!one.help.empty())
      made.help(std::move(one.help));
  }
}

} // namespace sx::sema
