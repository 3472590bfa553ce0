// Functions that return `Type`, used as types (5.7, 7.14): which form a body has, and what it is applied to.

#include "sema/generic_state.h"

#include <algorithm>

namespace sx::sema {
namespace {

constexpr int max_type_function_depth = 512;

/// A type or value that an application `F(args)` binds, in order of first appearance.
struct HeadParameter {
  StringId name;
  AstId type; ///< of a value parameter; none: a type parameter
  bool is_pack = false;
};

/// Names introduced with `$` in a written type, in order.
void introduced(const syntax::Tree& tree, AstId node, std::vector<HeadParameter>& out) {
  if (!node.valid())
    return;
  if (const auto* intro = tree.try_get<ast::TypeIntro>(node)) {
    if (std::ranges::none_of(out, [&](const HeadParameter& p) { return p.name == intro->name.text; }))
      out.push_back({.name = intro->name.text, .type = {}});
    return;
  }
  tree.for_each_child(node, [&](AstId child) { introduced(tree, child, out); });
}

bool names_protocol(Checker& checker, const Site& site, AstId node) {
  const TypeId type = checker.try_resolve_type(site, node);
  return type.valid() && checker.types.is(type, TypeKind::Protocol);
}

bool is_type_keyword(Checker& checker, const Site& site, AstId node) {
  const auto* name = site.try_get<ast::Name>(node);
  return name && !name->name.raw && checker.strings.text(name->name.text) == "Type";
}

std::vector<HeadParameter> head_parameters(Checker& checker, const Site& site, const ast::Function& function) {
  std::vector<HeadParameter> out;
  for (const AstId id : site.tree->list(function.params)) {
    const auto& param = site.get<ast::Param>(id);
    if (!param.is_comptime) {
      introduced(*site.tree, param.type, out);
      continue;
    }
    const bool is_type =
        !param.type.valid() || is_type_keyword(checker, site, param.type) || names_protocol(checker, site, param.type);
    out.push_back({.name = param.name.text,
                   .type = is_type || param.is_variadic ? AstId{} : param.type,
                   .is_pack = param.is_variadic});
  }
  return out;
}

/// The expression that decides the type: an arrow body, or the only statement of a block.
AstId deciding_expression(const Site& site, const ast::Function& function) {
  if (function.form == syntax::BodyForm::Arrow)
    return function.body;
  if (function.form != syntax::BodyForm::Block)
    return {};
  const auto statements = site.tree->list(site.get<ast::Block>(function.body).statements);
  if (statements.size() != 1)
    return {};
  AstId only = statements.front();
  if (const auto* statement = site.try_get<ast::ExprStatement>(only))
    only = statement->value;
  if (const auto* result = site.try_get<ast::Return>(only)) {
    const auto values = site.tree->list(result->values);
    return values.size() == 1 ? values.front() : AstId{};
  }
  return only;
}

bool is_nominal_body(syntax::Kind kind) {
  return kind == syntax::Kind::StructType || kind == syntax::Kind::EnumType || kind == syntax::Kind::UnionType;
}

/// Counts nested applications; a type function that applies itself for ever is cut off.
struct DepthGuard {
  int& depth;
  explicit DepthGuard(int& counter) : depth(counter) { ++depth; }
  ~DepthGuard() { --depth; }
};

} // namespace

bool Checker::is_type_function(DeclId id) {
  const Decl& declaration = decl(follow(id));
  const auto* function =
      declaration.value.valid() ? declaration.site.try_get<ast::Function>(declaration.value) : nullptr;
  return function && function->result.valid() && function->form != syntax::BodyForm::Intrinsic &&
         is_type_keyword(*this, declaration.site, function->result);
}

TypeId Checker::apply_type_function(const Site& site, DeclId id, std::span<const AstId> args, Span span,
                                    Span head_span) {
  id = follow(id);
  const Decl declaration = decl(id);
  const auto& function = declaration.site.get<ast::Function>(declaration.value);
  const DepthGuard guard(generics().depth);
  if (generics().depth > max_type_function_depth) {
    report<diag::limit_exceeded>(head_span, "the nesting of instantiations", max_type_function_depth);
    return types.poison;
  }
  if (declaration.kind == DeclKind::Function)
    return generics().built.apply(site, {id, declaration.name}, args, span, head_span);
  const std::vector<HeadParameter> parameters = head_parameters(*this, declaration.site, function);
  const bool pack = !parameters.empty() && parameters.back().is_pack;
  const std::size_t fixed = parameters.size() - (pack ? 1 : 0);
  if (args.size() < fixed || (!pack && args.size() != fixed)) {
    report<diag::type_argument_count>(head_span, text(declaration.name), fixed, args.size());
    return types.poison;
  }
  std::vector<NamedArgument> bindings;
  std::string name = text(declaration.name);
  Site inside = site_of(id);
  bool poisoned = false;
  for (std::size_t i = 0; i < fixed; ++i) {
    GenericArgument argument;
    if (!parameters[i].type.valid()) {
      const TypeId type = resolve_type(site, args[i]);
      poisoned = poisoned || types.is(type, TypeKind::Poison);
      argument = GenericArgument::of_type(type);
    } else {
      const TypeId wanted = resolve_type(inside.in(extend(inside.environment, bindings)), parameters[i].type);
      if (types.is(wanted, TypeKind::Poison))
        return types.poison;
      const auto value = fold_value_argument(site, args[i], wanted, parameters[i].name);
      poisoned = poisoned || !value;
      argument = GenericArgument::of_value(value.value_or(ConstValue{}));
    }
    if (poisoned)
      continue;
    name += "__" + argument_name(argument);
    bindings.push_back({parameters[i].name, argument});
  }
  if (poisoned)
    return types.poison;
  if (pack) {
    GenericArgument rest{.kind = GenericArgument::Kind::Pack};
    for (std::size_t i = fixed; i < args.size(); ++i)
      rest.types.push_back(resolve_type(site, args[i]));
    bindings.push_back({parameters.back().name, rest});
  }
  inside = inside.in(extend(inside.environment, bindings));
  const auto key = std::pair(id, inside.environment);
  if (const auto found = generics().type_functions.find(key); found != generics().type_functions.end())
    return found->second;
  const AstId body = deciding_expression(inside, function);
  TypeId result;
  if (body.valid() && is_nominal_body(inside.kind(body)))
    result = nominal_from_node(inside, body, intern(name), declaration.name_span, {});
  else if (body.valid() && names_type(inside, body) && !generics().built.is_construction(inside, body))
    result = resolve_type(inside, body);
  else
    result = generics().built.instance(inside, id, inside.environment, name, span);
  generics().type_functions.emplace(key, result);
  return result;
}

} // namespace sx::sema
