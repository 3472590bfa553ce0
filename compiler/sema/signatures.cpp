// Heads of functions: parameters, results, conventions; instances and the order in which bodies are checked.

#include "sema/checker.h"
#include "sema/tables.h"

#include <algorithm>
#include <utility>

namespace sx::sema {

using syntax::Kind;

namespace {

/// Parameters as names, for the types of their own list: `T: Type` without `$` is E0701 as a type (R5.8).
class ParameterNames : public LocalNames {
public:
  ParameterNames(const LocalNames* outer, std::vector<StringId> names, TypeId type)
      : outer_(outer), names_(std::move(names)), type_(type) {}
  std::optional<LocalEntity> find_local(StringId name) const override {
    if (std::ranges::find(names_, name) == names_.end())
      return outer_ ? outer_->find_local(name) : std::nullopt;
    LocalEntity entity;
    entity.type = type_;
    return entity;
  }

private:
  const LocalNames* outer_;
  std::vector<StringId> names_;
  TypeId type_;
};

struct Head {
  syntax::NodeList params;
  AstId result;
  syntax::Abi abi = syntax::Abi::Default;
  syntax::Linkage linkage = syntax::Linkage::Internal;
  bool needs_types = false; ///< a declaration: every parameter has a type (R4.5)
  bool is_intrinsic = false;
};

Head head_of(const Site& site, AstId node) {
  if (const auto* function = site.try_get<ast::Function>(node))
    return {function->params,
            function->result,
            function->abi,
            function->linkage,
            true,
            function->form == syntax::BodyForm::Intrinsic};
  if (const auto* lambda = site.try_get<ast::Lambda>(node))
    return {lambda->params, lambda->result, lambda->abi, syntax::Linkage::Internal, false, false};
  const auto& method = site.get<ast::ProtocolMethod>(node);
  return {method.params, method.result, syntax::Abi::Default, syntax::Linkage::Internal, true, false};
}

} // namespace

/// The `$` names of a function in order of first appearance, packs included.
std::vector<StringId> Checker::generic_names(const Site& site, AstId function) {
  std::vector<StringId> found;
  const auto add = [&](StringId name) {
    if (std::ranges::find(found, name) == found.end())
      found.push_back(name);
  };
  for (AstId id : site.tree->list(head_of(site, function).params)) {
    const auto& param = site.get<ast::Param>(id);
    const bool is_pack = param.is_variadic && !site.tree->is(param.type, Kind::SliceType);
    if (param.is_comptime || is_pack)
      add(param.name.text);
    std::vector<AstId> open;
    if (param.type.valid())
      open.push_back(param.type);
    while (!open.empty()) {
      const AstId node = open.back();
      open.pop_back();
      if (const auto* intro = site.try_get<ast::TypeIntro>(node))
        add(intro->name.text);
      const std::size_t at = open.size();
      site.tree->for_each_child(node, [&](AstId child) { open.push_back(child); });
      std::reverse(open.begin() + static_cast<std::ptrdiff_t>(at), open.end());
    }
  }
  // `-> $R` of a pack function is bound by the body of the instance (R5.144).
  if (const StringId open = open_result(site, function); open.valid())
    add(open);
  return found;
}

/// The name of a whole result `$R` of a pack function; invalid for other results.
StringId Checker::open_result(const Site& site, AstId function) {
  const Head head = head_of(site, function);
  const auto* intro = head.result.valid() ? site.try_get<ast::TypeIntro>(head.result) : nullptr;
  const auto params = site.tree->list(head.params);
  if (!intro || params.empty())
    return {};
  const auto& last = site.get<ast::Param>(params.back());
  const bool is_pack = last.is_variadic && (last.is_comptime || !site.tree->is(last.type, Kind::SliceType));
  return is_pack ? intro->name.text : StringId{};
}

/// Does a type mention a generic name that the site does not bind?
bool Checker::mentions_unbound(const Site& site, AstId type, std::span<const StringId> generic) {
  std::vector<AstId> open{type};
  const auto unbound = [&](StringId name) {
    return std::ranges::find(generic, name) != generic.end() && !find_argument(site.environment, name);
  };
  while (!open.empty()) {
    const AstId node = open.back();
    open.pop_back();
    if (const auto* name = site.try_get<ast::Name>(node); name && unbound(name->name.text))
      return true;
    if (const auto* intro = site.try_get<ast::TypeIntro>(node); intro && unbound(intro->name.text))
      return true;
    if (const auto* element = site.try_get<ast::PackElement>(node); element && unbound(element->name.text))
      return true;
    if (const auto* pack = site.try_get<ast::PackName>(node); pack && unbound(pack->name.text))
      return true;
    if (const auto* closure = site.try_get<ast::ClosureType>(node);
        closure && closure->pack.present() && unbound(closure->pack.text))
      return true;
    site.tree->for_each_child(node, [&](AstId child) { open.push_back(child); });
  }
  return false;
}

Parameter Checker::build_parameter(const Site& site, AstId node, bool needs_type, std::span<const StringId> generic) {
  const auto& param = site.get<ast::Param>(node);
  Parameter made;
  made.name = param.name;
  made.node = node;
  made.type_node = param.type;
  made.initial = param.initial;
  made.is_variadic = param.is_variadic;
  made.is_comptime = param.is_comptime;
  made.is_pack = param.is_variadic && (param.is_comptime || !site.tree->is(param.type, Kind::SliceType));
  if (!param.type.valid()) {
    if (needs_type && !made.is_pack) {
      report<diag::parameter_without_type>(param.name.span, text(param.name.text));
      made.type = types.poison;
    }
    return made;
  }
  made.is_type = param.is_comptime && !param.is_variadic &&
                 classify_header_parameter(site, node).kind == HeaderParameter::Kind::Type;
  made.mentions_generic = !made.is_type && mentions_unbound(site, param.type, generic);
  if (made.is_type)
    made.type = types.type;
  else if (!made.mentions_generic && !made.is_pack)
    made.type = resolve_type(site, param.type);
  return made;
}

/// Everything of a signature but an inferred result.
Signature Checker::build_head(const Site& site, AstId node) {
  const Head head = head_of(site, node);
  const auto params = site.tree->list(head.params);
  const std::vector<StringId> generic = generic_names(site, node);
  Signature made;
  made.site = site;
  made.node = node;
  made.abi = head.abi;
  made.linkage = head.linkage;

  std::vector<StringId> type_valued;
  for (AstId id : params) {
    const auto& param = site.get<ast::Param>(id);
    const auto* name = param.type.valid() ? site.try_get<ast::Name>(param.type) : nullptr;
    if (!param.is_comptime && name && !name->name.raw && strings.text(name->name.text) == "Type")
      type_valued.push_back(param.name.text);
  }
  if (!type_valued.empty()) {
    tables_->local_names.push_back(std::make_unique<ParameterNames>(site.locals, std::move(type_valued), types.type));
    made.site.locals = tables_->local_names.back().get();
  }
  if (const auto* method = site.try_get<ast::ProtocolMethod>(node)) {
    // The grammar fixes the receiver (R1.57), so the tree does not keep it as a parameter.
    Parameter self;
    self.name = {strings.intern("self"), method->name.span, false};
    const TypeId receiver = site.self_type.valid() ? site.self_type : types.poison;
    self.type = method->self_by_pointer ? types.pointer(receiver) : receiver;
    self.node = node;
    made.parameters.push_back(self);
  }
  for (AstId id : params) {
    made.parameters.push_back(build_parameter(made.site, id, head.needs_types, generic));
    made.failed = made.failed || made.parameters.back().type == types.poison;
  }
  made.is_c_variadic =
      head.linkage == syntax::Linkage::Extern && !made.parameters.empty() && made.parameters.back().is_variadic;
  made.inferred_result = !head.result.valid();
  if (head.result.valid() && !mentions_unbound(made.site, head.result, generic)) {
    ResultType result = resolve_result(made.site, head.result);
    made.value = result.value;
    made.error_set = result.error_set;
    made.result = result_type(result);
    made.slots = std::move(result.slots);
    made.inferred_set = result.inferred;
    made.has_names = std::ranges::any_of(made.slots, [](const ResultSlot& slot) { return slot.name.present(); });
    made.failed = made.failed || made.result == types.poison;
  }
  const bool c_function = head.abi != syntax::Abi::Default || head.linkage != syntax::Linkage::Internal;
  made.has_context = has_context() && !c_function && !head.is_intrinsic;
  if (c_function && !head.is_intrinsic && made.error_set.valid())
    report<diag::error_channel_across_c>(site.span(head.result));
  made.site.locals = site.locals;
  return made;
}

/// `return v` in the body, nested functions and lambdas left out (R4.3).
bool Checker::has_value_return(const Site& site, AstId body) {
  std::vector<AstId> open{body};
  while (!open.empty()) {
    const AstId node = open.back();
    open.pop_back();
    if (const auto* ret = site.try_get<ast::Return>(node); ret && !ret->values.empty())
      return true;
    if (site.tree->is(node, Kind::Function) || site.tree->is(node, Kind::Lambda))
      continue;
    site.tree->for_each_child(node, [&](AstId child) { open.push_back(child); });
  }
  return false;
}

Signature Checker::build_signature(const Site& site, AstId node) {
  Signature made = build_head(site, node);
  if (!made.inferred_result)
    return made;
  const auto* function = site.try_get<ast::Function>(node);
  const bool plain_block = function && (function->form != syntax::BodyForm::Arrow) &&
                           !(function->body.valid() && has_value_return(site, function->body));
  const bool unbound = std::ranges::any_of(made.parameters, [](const Parameter& p) { return p.mentions_generic; });
  if (plain_block || site.tree->is(node, Kind::ProtocolMethod)) {
    made.value = made.result = types.void_;
  } else if (!unbound) {
    made.result = infer_result(site, node, made);
    made.value = made.result;
    if (types.is(made.result, TypeKind::Failable)) {
      made.value = types[made.result].element;
      made.error_set = types[made.result].error_set;
    }
    made.failed = made.failed || made.result == types.poison;
  }
  return made;
}

const Signature& Checker::signature(DeclId id, EnvironmentId environment) {
  id = follow(id);
  const auto key = instance_key(id, environment);
  if (const auto known = tables_->signatures.find(key); known != tables_->signatures.end())
    return *known->second;
  const Unmuted unmuted(diagnostics);
  const Site site = site_of(id, key.second);
  auto made = std::make_unique<Signature>();
  if (!tables_->signatures_in_progress.insert(key).second) {
    // The body that should tell the result asks for it (R4.3).
    report<diag::result_type_needs_itself>(decl(id).name_span, text(decl(id).name));
    *made = build_head(site, decl(id).value);
    made->value = made->result = types.poison;
    made->failed = true;
    return *tables_->signatures.emplace(key, std::move(made)).first->second;
  }
  if (decl(id).kind == DeclKind::Poison) { // its head was reported
    made->value = made->result = types.poison;
    made->failed = true;
    tables_->signatures_in_progress.erase(key);
    return *tables_->signatures.emplace(key, std::move(made)).first->second;
  }
  *made = build_signature(site, decl(id).value);
  tables_->signatures_in_progress.erase(key);
  if (id == tables_->main_decl)
    made->has_context = false; // R4.147
  return *tables_->signatures.emplace(key, std::move(made)).first->second;
}

/// `-> $T` that no parameter mentions (R5.20), at the `$`.
void Checker::check_result_binders(DeclId id, const Site& site, AstId node) {
  const Head head = head_of(site, node);
  if (!head.result.valid())
    return;
  const std::vector<StringId> generic = generic_names(site, node);
  std::vector<AstId> open{head.result};
  while (!open.empty()) {
    const AstId at = open.back();
    open.pop_back();
    if (const auto* intro = site.try_get<ast::TypeIntro>(at)) {
      const bool known = std::ranges::find(generic, intro->name.text) != generic.end() ||
                         find_argument(site.environment, intro->name.text);
      if (!known) {
        tables_->unbound_results.emplace(site.tree, at);
        report<diag::result_cannot_be_bound>(site.span(at), text(decl(id).name), text(intro->name.text));
        decl(id).kind = DeclKind::Poison;
      }
    }
    site.tree->for_each_child(at, [&](AstId child) { open.push_back(child); });
  }
}

void Checker::check_head(DeclId id) {
  const Site site = site_of(id);
  const AstId node = decl(id).value;
  if (!site.tree->is(node, Kind::Function) && !site.tree->is(node, Kind::Lambda))
    return;
  check_result_binders(id, site, node);
  if (decl(id).kind != DeclKind::Poison && decl(id).site.module == entry_module)
    build_head(site, node);
}

TypeId Checker::function_type(const Signature& signature) {
  if (signature.failed)
    return types.poison;
  std::vector<TypeId> params;
  for (const Parameter& parameter : signature.parameters) {
    if (parameter.is_variadic && signature.is_c_variadic)
      continue;
    if (parameter.is_pack) {
      // An instance has one parameter per element (R5.140).
      const GenericArgument* pack = find_argument(signature.site.environment, parameter.name.text);
      if (!pack || pack->kind != GenericArgument::Kind::Pack)
        return types.poison;
      params.insert(params.end(), pack->types.begin(), pack->types.end());
      continue;
    }
    const GenericArgument* fixed =
        parameter.is_comptime ? find_argument(signature.site.environment, parameter.name.text) : nullptr;
    const bool is_passed = fixed && fixed->value.is(ConstValue::Kind::Variant);
    if (parameter.is_type || (parameter.is_comptime && !is_passed))
      continue; // bound in the environment
    if (!parameter.type.valid())
      return types.poison;
    params.push_back(parameter.type);
  }
  const bool c_convention = signature.abi != syntax::Abi::Default || signature.linkage != syntax::Linkage::Internal;
  return types.function(std::move(params), signature.result.valid() ? signature.result : types.poison,
                        c_convention ? Convention::C : Convention::Sx, signature.is_c_variadic);
}

FunctionId Checker::add_function(Function function, FunctionOrigin origin) {
  const FunctionId id{program.functions.size()};
  program.functions.push_back(std::move(function));
  origins_.emplace(id, std::move(origin));
  return id;
}

FunctionId Checker::function_instance(DeclId id, EnvironmentId environment) {
  id = follow(id);
  const auto key = instance_key(id, environment);
  if (const auto known = tables_->functions.find(key); known != tables_->functions.end())
    return known->second;
  const Signature& head = signature(id, key.second);
  const Decl& d = decl(id);
  const auto* node = d.site.try_get<ast::Function>(d.value);
  FunctionOrigin origin;
  origin.decl = id;
  origin.environment = key.second;
  origin.site = site_of(id, key.second);
  origin.node = d.value;
  origin.signature = head;
  if (const auto* current = find_argument(key.second, intern(current_instance_name));
      current && d.scope == DeclScope::Member)
    origin.owner = current->type;

  Function made;
  made.symbol = origin.owner.valid() ? types.name(origin.owner) + "." + text(d.name) : text(d.name);
  made.name = intern(made.symbol);
  made.type = function_type(head);
  made.has_context = head.has_context;
  made.is_export = node && node->linkage == syntax::Linkage::Export;
  made.is_naked = head.abi == syntax::Abi::Naked;
  made.comptime_only = head.result == types.type;
  made.span = d.name_span;
  const Span whole = d.site.span(d.value);
  made.end_span = whole.size() > 0 ? Span{whole.file, whole.end - 1, whole.end} : whole;
  made.module = d.site.module;
  made.failed = head.failed;
  if (made.is_export)
    made.symbol = node->has_symbol ? text(node->symbol) : text(d.name);
  const FunctionId function = add_function(std::move(made), std::move(origin));
  tables_->functions.emplace(key, function);
  return function;
}

void Checker::require_body(FunctionId function) {
  FunctionOrigin& from = origins_.at(function);
  if (from.begun || from.deferred)
    return;
  const bool is_default = std::ranges::find(context_entries, function) != context_entries.end();
  if (!is_default && (tables_->bodies_postponed != 0 || tables_->body_depth >= max_body_nesting)) {
    tables_->body_queue.push_back(function);
    return;
  }
  // What a default of the context refers to may run code that needs the whole default context (R7.155).
  std::optional<PostponedBodies> postponed;
  if (is_default)
    postponed.emplace(tables_->bodies_postponed);
  from.begun = true;
  const Unmuted unmuted(diagnostics);
  ++tables_->body_depth;
  check_body(function);
  --tables_->body_depth;
}

void Checker::drain_bodies() {
  const int postponed = std::exchange(tables_->bodies_postponed, 0);
  while (tables_->body_queue_head < tables_->body_queue.size())
    require_body(tables_->body_queue[tables_->body_queue_head++]);
  tables_->bodies_postponed = postponed;
}

} // namespace sx::sema
