// Evaluation of type constructors; the types they declare and fill in are in type_slots.cpp.

#include "sema/built_types.h"

#include "sema/generic_state.h"
#include "sema/scopes.h"
#include "sema/tables.h"

#include <algorithm>
#include <utility>

namespace sx::sema {
namespace {

/// Applications whose evaluation needs another application, and so on.
constexpr std::size_t max_open_applications = 32;

} // namespace

// ---- what is evaluated ----

TypeId BuiltTypes::refuse(std::string reason) {
  Open& now = open_.back();
  if (!now.reported)
    checker_.report<diag::type_construction_failed>(now.span, reason);
  now.reported = true;
  return checker_.types.poison;
}

/// Opens an application; false after a report.
bool BuiltTypes::begin(Open open) {
  open_.push_back(std::move(open));
  if (!context_is_ready_)
    refuse("the default context does not exist yet");
  else if (open_.size() > max_open_applications)
    checker_.report<diag::limit_exceeded>(open_.back().span, "the nesting of types built at compile time",
                                          max_open_applications);
  else
    return true;
  return false;
}

TypeId BuiltTypes::apply(const Site& site, const Constructor& constructor, std::span<const AstId> args, Span span,
                         Span head) {
  const bool closed = args.empty();
  const auto key =
      std::tuple(constructor.decl, closed ? nullptr : args.data(), closed ? EnvironmentId() : site.environment);
  const Unmuted unmuted(checker_.diagnostics);
  if (const auto known = applications_.find(key); known != applications_.end()) {
    if (!known->second)
      checker_.report<diag::type_construction_failed>(span, "it is needed to build itself");
    return known->second.value_or(checker_.types.poison);
  }
  applications_.emplace(key, std::nullopt);
  const Span name = alias_.first.valid() && site.span(alias_.first) == span ? alias_.second : span;
  const Scoped alias(alias_, {});
  TypeId result = checker_.types.poison;
  if (begin({.constructor = constructor.decl, .span = span, .name = name, .site = site, .scope = {}, .display = {}})) {
    std::set<StringId> names;
    for (const AstId arg : args)
      names.merge(declared_literals(*site.tree, checker_.strings, arg));
    const Site inside = site.in(with_announced(site, site.environment, names));
    const FunctionId entry = make_entry(inside, constructor.name, span);
    {
      BodyChecker body(checker_, entry, inside, nullptr, Boundary::None);
      body.run_constructor({constructor.decl, constructor.name, args, {}, span, head});
    }
    result = evaluate(entry);
  }
  open_.pop_back();
  applications_[key] = result;
  return result;
}

TypeId BuiltTypes::instance(const Site& inside, DeclId constructor, EnvironmentId key, const std::string& display,
                            Span span) {
  const Unmuted unmuted(checker_.diagnostics);
  const Instance scope{constructor, key};
  if (!open_instances_.insert(scope).second) {
    checker_.report<diag::type_construction_failed>(span, "it is needed to build itself");
    return checker_.types.poison;
  }
  const Scoped alias(alias_, {});
  TypeId result = checker_.types.poison;
  if (begin({.constructor = constructor,
             .span = span,
             .name = span,
             .site = inside,
             .scope = scope,
             .display = display})) {
    const Decl declaration = checker_.decl(constructor);
    const auto names = declared_literals(*declaration.site.tree, checker_.strings, declaration.value);
    const EnvironmentId environment = with_announced(inside, key, names);
    const FunctionId function = checker_.function_instance(constructor, environment);
    nominal_results_[{declaration.site.tree, environment}] = {display, declaration.name_span};
    checker_.generics().instance_origins.emplace(function, InstanceOrigin{span, 0});
    const FunctionId entry = make_entry(inside, declaration.name, span);
    checker_.require_body(function);
    {
      BodyChecker body(checker_, entry, inside, nullptr, Boundary::None);
      body.run_constructor({constructor, declaration.name, {}, function, span, span});
    }
    result = evaluate(entry);
  }
  open_.pop_back();
  open_instances_.erase(scope);
  return result;
}

FunctionId BuiltTypes::make_entry(const Site& site, StringId name, Span span) {
  Function made;
  made.kind = FunctionKind::Entry;
  made.name = name;
  made.symbol = "entry." + checker_.text(made.name);
  made.has_context = checker_.has_context();
  made.comptime_only = true;
  made.span = span;
  made.end_span = span;
  made.module = site.module;
  made.type = checker_.types.function({}, checker_.types.type);
  FunctionOrigin origin;
  origin.environment = site.environment;
  origin.site = site;
  origin.site.locals = nullptr;
  origin.begun = true;
  origin.deferred = true;
  return checker_.add_function(std::move(made), std::move(origin));
}

/// The entry's only expression is the call of the constructor.
void BodyChecker::run_constructor(const ConstructorCall& what) {
  const ConversionSite conversion{.kind = ConversionSite::Kind::Initializer, .site = what.span};
  Operand operand;
  if (what.instance.valid()) {
    // Parameters that only bind types have no value; code that reads one reads `---`.
    std::vector<hir::NodeId> arguments;
    for (const TypeId type : types()[program().function(what.instance).type].elements)
      arguments.push_back(emit(hir::Undefined{}, type, what.span));
    operand = make(hir::Call{what.instance, body().add_list(arguments), {}}, types().type, what.span);
  } else {
    CallSite site;
    site.span = what.span;
    site.callee_span = what.head;
    site.args = what.args;
    site.expect = Expect::of(types().type);
    operand = what.constructor.valid() ? call_declaration(site, {what.constructor, {}})
                                       : call_intrinsic(site, what.name, what.head);
    operand = convert(std::move(operand), types().type, conversion);
  }
  Function& made = function();
  made.failed = errors_ != 0 || operand.poisoned();
  made.body.root =
      made.failed ? emit(hir::Poison{}, types().poison, what.span) : block({}, operand.node, types().type, what.span);
  made.checked = true;
}

TypeId BuiltTypes::evaluate(FunctionId entry) {
  TypeTable& types = checker_.types;
  if (checker_.program.function(entry).failed)
    return types.poison; // R7.143
  // It runs under the default context (R7.155), and everything it reaches has to be checked.
  auto& tables = checker_.tables();
  for (const FunctionId context : std::vector(checker_.context_entries))
    checker_.require_body(context);
  {
    const Scoped depth(tables.body_depth, 0);
    checker_.drain_bodies();
  }
  checker_.complete_named_types();
  const auto word = checker_.evaluator.evaluate_word(entry);
  Open& now = open_.back();
  if (!word) {
    forgive_unfilled(now.span);
    if (!word.error().reported && !now.reported) {
      Report& report = checker_.report<diag::type_construction_failed>(now.span, word.error().reason);
      if (word.error().at.valid() && word.error().at != now.span)
        report.note("it happened here", word.error().at);
      if (!word.error().calls.empty())
        report.note(word.error().calls);
    }
    return types.poison;
  }
  const TypeId result = types.from_word(static_cast<std::int64_t>(*word));
  if (!result.valid() || types.is(result, TypeKind::Poison))
    return refuse("the result is no type");
  const bool built = types[result].nominal != 0xffff'ffff && types.nominal(result).built;
  if (built && !types.nominal(result).complete) {
    if (!std::exchange(types.nominal(result).failed, true))
      checker_.report<diag::declared_never_defined>(now.span, types.name(result)).help("complete it with 'define'");
    return types.poison;
  }
  return result;
}

// ---- what is a construction ----

bool BodyChecker::is_construction(AstId node) {
  return checker_.generics().built.is_construction(where_, node);
}

namespace {

/// Intrinsics whose calls make a type, so that an alias of one is a type (7.15).
bool makes_type(std::string_view intrinsic) {
  return intrinsic == "raw_declare_type" || intrinsic == "raw_register_type" || intrinsic == "raw_pointer_to";
}

} // namespace

bool BuiltTypes::is_construction(const Site& site, AstId node) {
  AstId head;
  if (const auto* call = site.try_get<ast::Call>(node))
    head = call->callee;
  else if (const auto* apply = site.try_get<ast::TypeApply>(node))
    head = apply->head;
  if (!head.valid() || (!site.tree->is(head, AstKind::Name) && !site.tree->is(head, AstKind::Member)))
    return false;
  checker_.diagnostics.mute();
  const Checker::PathFound path = checker_.find_path(site, head, Use::Call);
  checker_.diagnostics.unmute();
  if (path.consumed != head)
    return false;
  if (path.found.kind == Found::Kind::Intrinsic)
    return makes_type(checker_.strings.text(site.get<ast::Name>(head).name.text));
  if (path.found.kind != Found::Kind::Declaration)
    return false;
  const Decl& declaration = checker_.decl(path.found.decl);
  return declaration.kind == DeclKind::Intrinsic
             ? makes_type(checker_.strings.text(declaration.name))
             : declaration.kind == DeclKind::Function && checker_.is_type_function(path.found.decl);
}

bool BuiltTypes::needs_values(const Site& site, AstId call) {
  if (!site.locals || !is_construction(site, call))
    return false;
  const auto* node = site.try_get<ast::Call>(call);
  if (!node)
    return false;
  const auto args = site.tree->list(node->args);
  std::vector<AstId> open(args.begin(), args.end());
  while (!open.empty()) {
    const AstId at = open.back();
    open.pop_back();
    if (const auto* name = site.try_get<ast::Name>(at))
      if (const auto local = site.locals->find_local(name->name.text))
        if (local->kind == LocalEntity::Kind::Value)
          return true;
    site.tree->for_each_child(at, [&](AstId child) { open.push_back(child); });
  }
  return false;
}

std::set<StringId> declared_literals(const syntax::Tree& tree, const Interner& strings, AstId node) {
  std::set<StringId> names;
  std::vector<AstId> open;
  if (node.valid())
    open.push_back(node);
  while (!open.empty()) {
    const AstId at = open.back();
    open.pop_back();
    tree.for_each_child(at, [&](AstId child) { open.push_back(child); });
    const auto* call = tree.try_get<ast::Call>(at);
    if (!call || call->args.count != 1)
      continue;
    const auto* name = tree.try_get<ast::Name>(call->callee);
    const auto* member = tree.try_get<ast::Member>(call->callee);
    const StringId callee = name ? name->name.text : member ? member->name.text : StringId();
    const auto* literal = tree.try_get<ast::StringLiteral>(tree.list(call->args)[0]);
    if (callee.valid() && literal && strings.text(callee) == "declare" && !strings.text(literal->value).empty())
      names.insert(literal->value);
  }
  return names;
}

} // namespace sx::sema
