// The phases of checking and what each of them looks at (R10.19, R1.104).

#include "sema/generic_state.h"
#include "sema/modules.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <iterator>

namespace sx::sema {

using syntax::Kind;

bool check_program(Program& program, const Options& options, SourceMap& sources, Interner& strings,
                   Diagnostics& diagnostics, Evaluator& evaluator) {
  Checker checker(program, options, sources, strings, diagnostics, evaluator);
  program.builder = &checker.generics().built;
  const bool good = checker.run();
  program.builder = nullptr;
  return good;
}

bool Checker::run() {
  if (!ModuleLoader(*this).load())
    return false;
  register_libraries();
  tables_->defer_unknown_types = tables_->defer_alias_cycles = true;
  tables_->main_decl = find_main();
  if (options.require_main && !tables_->main_decl.valid()) {
    report<diag::no_main>(Span());
    return false;
  }
  check_extern_handles();
  if (diagnostics.has_errors())
    return false;

  const bool good_context = collect_context();
  register_declarations();
  if (!good_context)
    return false;
  tables_->defer_alias_cycles = false;
  flush_alias_cycles();
  for (ModuleId id : merge_order)
    if (id == entry_module)
      check_flow(id);
  for (ModuleId id : merge_order)
    check_reserved_names(id);
  check_entry_types();
  check_sizes();

  check_roots();
  check_main();
  finish_impls();
  generics().built.report_unfilled();
  complete_named_types();
  check_body_layouts();
  program.has_build_marker = has_build_marker();
  return !diagnostics.has_errors();
}

/// The function `main` of the entry file, or of a file it imports flat (R1.100).
DeclId Checker::find_main() {
  const StringId name = intern("main");
  const auto function_in = [&](ModuleId id, bool own) -> DeclId {
    const auto& names = module(id).names;
    const auto known = names.find(name);
    if (known == names.end() || (!own && decl(known->second).is_private))
      return {};
    const DeclKind kind = decl(known->second).kind;
    if (kind == DeclKind::Function || kind == DeclKind::GenericFunction)
      return known->second;
    if (kind != DeclKind::Unresolved)
      return {};
    const DeclId target = follow(known->second);
    return decl(target).kind == DeclKind::Function ? target : DeclId();
  };
  if (const DeclId own = function_in(entry_module, true); own.valid())
    return own;
  for (ModuleId id : module(entry_module).flat_targets)
    if (const DeclId found = function_in(id, false); found.valid())
      return found;
  return {};
}

// ---- phase 5b ---------------------------------------------------------------------------------------

void Checker::register_declarations() {
  define_context();
  generics().built.context_is_ready();
  for (ModuleId id : merge_order)
    generics().built.announce(id);
  for (ModuleId id : merge_order)
    register_module(id);
  check_extern_symbols();
}

namespace {

/// The `$` names written in a type.
std::vector<StringId> introduced_names(const syntax::Tree& tree, AstId type) {
  std::vector<StringId> names;
  std::vector<AstId> open;
  if (type.valid())
    open.push_back(type);
  while (!open.empty()) {
    const AstId node = open.back();
    open.pop_back();
    if (const auto* intro = tree.try_get<ast::TypeIntro>(node))
      names.push_back(intro->name.text);
    tree.for_each_child(node, [&](AstId child) { open.push_back(child); });
  }
  return names;
}

/// The site of a template's members: the names of its header are known, what they stand for is not.
Site with_open_names(Checker& checker, const Site& site, std::span<const StringId> names) {
  std::vector<NamedArgument> bindings;
  for (const StringId name : names)
    bindings.push_back({name, GenericArgument::of_type(checker.types.poison)});
  const EnvironmentId base = site.environment.valid() ? site.environment : checker.empty_environment();
  return site.in(checker.extend(base, bindings));
}

} // namespace

/// Source order per pass; the passes are types, aliases, constants, globals, impls, functions (R10 open point 7).
void Checker::register_module(ModuleId id) {
  const auto each_decl = [&](auto&& visit) {
    for_each_item(id, [&](const ModuleItem& item) {
      if (item.decl.valid())
        visit(item.decl);
    });
  };
  each_decl([&](DeclId d) {
    if (decl(d).kind == DeclKind::Type)
      complete(declared_type(d));
  });
  each_decl([&](DeclId d) {
    const bool unresolved = decl(d).kind == DeclKind::Unresolved || decl(d).kind == DeclKind::UfcsAlias;
    if (unresolved)
      follow(d);
    if (decl(d).kind == DeclKind::TypeAlias)
      declared_type(d);
  });
  each_decl([&](DeclId d) {
    if (decl(d).kind != DeclKind::Constant && decl(d).kind != DeclKind::RunConstant)
      return;
    const ConstantInfo info = constant_of(d);
    if (info.kind == ConstantInfo::Kind::Repeated) { // reported here, used or not (03, open point 45)
      tables_->registering_constants = true;
      constant_type(d);
      tables_->registering_constants = false;
    }
    if (info.kind != ConstantInfo::Kind::Stored || decl(d).kind == DeclKind::RunConstant)
      return; // the operands of `#run` are bodies: phase 6
    if (const FunctionId entry = program.globals[info.global.index()].initializer; entry.valid())
      require_body(entry);
  });
  each_decl([&](DeclId d) {
    if (decl(d).kind != DeclKind::Variable || decl(d).is_extern)
      return;
    const GlobalId global = global_of(d);
    if (global.valid() && program.globals[global.index()].initializer.valid())
      require_body(program.globals[global.index()].initializer);
  });
  for_each_item(id, [&](const ModuleItem& item) {
    if (item.kind == ModuleItem::Kind::Impl) {
      register_impl(id, item.node);
      const Site site = site_of(id);
      const auto& impl = site.get<ast::Impl>(item.node);
      std::vector<StringId> names = introduced_names(*site.tree, impl.target);
      for (const AstId argument : site.tree->list(impl.args))
        std::ranges::copy(introduced_names(*site.tree, argument), std::back_inserter(names));
      const Site inside = with_open_names(*this, site, names);
      for (const AstId member : site.tree->list(impl.methods))
        if (const auto* method = site.try_get<ast::ConstDecl>(member))
          check_result_binders(add_decl(site, member, DeclScope::Local), inside, method->value);
    }
    if (item.kind != ModuleItem::Kind::GlobalAsm)
      return;
    const Site site = site_of(id);
    const AstId code = site.get<ast::GlobalAsm>(item.node).code;
    if (const auto* literal = site.try_get<ast::StringLiteral>(code))
      program.global_assembly.push_back(text(literal->value));
    else
      report<diag::assembly_template_not_literal>(site.span(code));
  });
  each_decl([&](DeclId d) {
    switch (decl(d).kind) {
    case DeclKind::Intrinsic: check_intrinsic_decl(d); break;
    case DeclKind::Function:
      if (is_compiler_binding(d))
        compiler_binding(d);
      check_head(d);
      break;
    case DeclKind::GenericFunction: check_head(d); break;
    case DeclKind::Type:
    case DeclKind::GenericType: check_struct_members(d); break;
    default: break;
    }
  });
}

/// Heads of methods and the constants of a struct body.
void Checker::check_struct_members(DeclId id) {
  const Site site = site_of(id);
  if (const auto* protocol = site.try_get<ast::ProtocolType>(decl(id).value))
    for (const AstId param : site.tree->list(protocol->params))
      for (const AstId method : site.tree->list(protocol->methods))
        if (const syntax::Ident name = site.get<ast::ProtocolMethod>(method).name;
            name.text == site.get<ast::Param>(param).name.text)
          report<diag::protocol_parameter_named_like_method>(name.span, text(name.text), text(decl(id).name));
  const auto* body = site.try_get<ast::StructType>(decl(id).value);
  if (!body)
    return;
  const bool generic = decl(id).kind == DeclKind::GenericType;
  const TypeId type = generic ? TypeId() : declared_type(id);
  for (AstId member : site.tree->list(body->members)) {
    const auto* constant = site.try_get<ast::ConstDecl>(member);
    if (!constant)
      continue;
    if (!site.tree->is(constant->value, Kind::Function)) {
      if (type.valid())
        if (const MemberDecl found = find_struct_constant(type, constant->name.text);
            found && decl(found.decl).kind == DeclKind::Constant)
          constant_of(found.decl, found.environment);
      continue;
    }
    if (generic) { // the header's names are bound by an instance only
      std::vector<StringId> names;
      for (const AstId param : site.tree->list(body->params))
        names.push_back(site.get<ast::Param>(param).name.text);
      check_result_binders(add_decl(site, member, DeclScope::Local), with_open_names(*this, site, names),
                           constant->value);
      continue;
    }
    const auto accessor = site.get<ast::Function>(constant->value).accessor;
    const MemberDecl method = accessor == syntax::Accessor::None ? find_method(type, constant->name.text)
                                                                 : find_accessor(type, constant->name.text, accessor);
    if (!method)
      continue;
    const Site inside = site_of(method.decl, method.environment);
    check_result_binders(method.decl, inside, constant->value);
    if (site.module == entry_module && decl(method.decl).kind != DeclKind::Poison)
      build_head(inside, constant->value);
  }
}

// ---- phases 5g and 5h -------------------------------------------------------------------------------

void Checker::check_entry_types() {
  for_each_item(entry_module, [&](const ModuleItem& item) {
    if (!item.decl.valid())
      return;
    const DeclKind kind = decl(item.decl).kind;
    if (kind == DeclKind::Function || kind == DeclKind::GenericFunction || kind == DeclKind::Type ||
        kind == DeclKind::GenericType)
      check_named_types(item.decl);
  });
  flush_unknown_types();
}

void Checker::check_sizes() {
  for (ModuleId id : merge_order)
    for_each_item(id, [&](const ModuleItem& item) {
      if (!item.decl.valid())
        return;
      const Decl& d = decl(item.decl);
      if (d.kind == DeclKind::Type)
        require_layout(declared_type(item.decl), d.name_span);
      else if (d.kind == DeclKind::TypeAlias && declared_type(item.decl) != types.poison)
        require_layout(declared_type(item.decl), d.name_span);
      else if (d.kind == DeclKind::Variable && variable_type(item.decl) != types.poison)
        require_layout(variable_type(item.decl), d.name_span);
    });
}

// ---- phases 6 and 7 ---------------------------------------------------------------------------------

void Checker::check_roots() {
  // Every evaluation runs under the default context (R7.155), `#insert` operands among the first bodies too.
  for (const FunctionId entry : context_entries)
    require_body(entry);
  std::size_t run_count = 0;
  std::map<std::string, DeclId> exported; // by symbol; `main` is what the system starts
  if (tables_->main_decl.valid())
    exported.emplace("main", tables_->main_decl);
  for (const auto& merged : tables_->merged_items) {
    const ModuleItem item = module(merged.module).items[merged.item];
    if (item.kind == ModuleItem::Kind::Run) {
      check_run_item(merged.module, item.node, run_count);
      continue;
    }
    if (!item.decl.valid())
      continue;
    const Decl& d = decl(item.decl);
    if (d.kind == DeclKind::RunConstant) {
      const ConstantInfo info = constant_of(item.decl);
      if (info.kind != ConstantInfo::Kind::Stored)
        continue;
      program.run_constants.push_back(info.global);
      require_body(program.globals[info.global.index()].initializer);
      continue;
    }
    const auto* function = d.kind == DeclKind::Function ? d.site.try_get<ast::Function>(d.value) : nullptr;
    const bool is_export = function && function->linkage == syntax::Linkage::Export;
    if (!is_export && item.decl != tables_->main_decl)
      continue;
    if (d.kind != DeclKind::Function)
      continue;
    const FunctionId instance = function_instance(item.decl);
    if (is_export) {
      const std::string& symbol = program.function(instance).symbol;
      const auto [first, is_new] = exported.try_emplace(symbol, item.decl);
      if (!is_new) {
        const Decl& earlier = decl(first->second);
        report<diag::c_symbol_defined_twice>(d.name_span, symbol, file_name(earlier.site.module),
                                             file_name(d.site.module))
            .note(note::first_declared_here(), earlier.name_span);
        continue;
      }
      program.exports.push_back(instance);
    }
    if (item.decl == tables_->main_decl)
      program.main = instance;
    require_body(instance);
  }
  // `private` or aliased, `main` may be no item of its own name.
  if (tables_->main_decl.valid() && !program.main.valid() && decl(tables_->main_decl).kind == DeclKind::Function) {
    program.main = function_instance(tables_->main_decl);
    require_body(program.main);
  }
  drain_bodies();
}

void Checker::check_run_item(ModuleId id, AstId node, std::size_t& count) {
  const Site site = site_of(id);
  const AstId run = site.get<ast::ExprStatement>(node).value;
  EntryRequest request;
  request.node = site.get<ast::Run>(run).value;
  request.name = intern("__run_" + std::to_string(count++));
  request.is_run = request.is_statement = true;
  const FunctionId entry = make_entry(site, request);
  if (!entry.valid())
    return;
  require_body(entry);
  RunSite made;
  made.entry = entry;
  made.type = types.void_;
  made.label = "top-level statement";
  made.span = site.span(run);
  made.is_statement = true;
  program.run_statements.push_back(RunId{program.runs.size()});
  program.runs.push_back(std::move(made));
}

/// R1.101.
void Checker::check_main() {
  const DeclId id = tables_->main_decl;
  if (!id.valid() || decl(id).kind == DeclKind::Poison)
    return;
  const Site site = site_of(id);
  const auto* node = site.try_get<ast::Function>(decl(id).value);
  if (!node)
    return;
  if (!node->params.empty()) {
    report<diag::parameters_on_main>(site.get<ast::Param>(site.tree->list(node->params)[0]).name.span);
    return;
  }
  const Signature& head = signature(id);
  if (head.failed || !head.result.valid())
    return;
  const bool good = head.value == types.void_ || types.is_integer(head.value) ||
                    (head.value == types.noreturn && !head.error_set.valid());
  if (good)
    return;
  Span at = node->result.valid() ? site.span(node->result) : decl(id).name_span;
  if (const auto* list = node->result.valid() ? site.try_get<ast::ReturnList>(node->result) : nullptr;
      list && list->channel.valid() && !list->slots.empty()) {
    const auto slots = site.tree->list(list->slots);
    at = cover(site.span(slots.front()), site.span(slots.back()));
  }
  report<diag::result_of_main>(at, types.name(head.result)).help(help::results_of_main());
}

/// A type that is only named as a value has a reflection row too (7.11), and a row needs its members.
void Checker::complete_named_types() {
  for (; tables_->completed_types < types.size(); ++tables_->completed_types)
    complete(TypeId{tables_->completed_types});
}

/// Lowering asks for the layout of every type a body mentions.
void Checker::check_body_layouts() {
  for (std::size_t i = 0; i < program.functions.size(); ++i) {
    const Function& function = program.functions[i];
    const hir::Body& body = function.body;
    for (const hir::LocalInfo& local : body.locals)
      if (local.type.valid())
        require_layout(local.type, local.span);
    for (std::size_t n = 0; n < body.size(); ++n) {
      const hir::NodeId node{n};
      if (body.type(node).valid())
        require_layout(body.type(node), body.span(node));
    }
  }
}

/// Does a `#run` statement stand in the entry file or in what it imports flat (R7.21)?
bool Checker::has_build_marker() {
  std::vector<bool> seen(modules_.size(), false);
  std::vector<ModuleId> open{entry_module};
  while (!open.empty()) {
    const ModuleId id = open.back();
    open.pop_back();
    if (seen[id.index()])
      continue;
    seen[id.index()] = true;
    const Module& m = module(id);
    const bool runs =
        std::ranges::any_of(m.items, [](const ModuleItem& item) { return item.kind == ModuleItem::Kind::Run; });
    if (runs)
      return true;
    open.insert(open.end(), m.flat_targets.begin(), m.flat_targets.end());
  }
  return false;
}

} // namespace sx::sema
