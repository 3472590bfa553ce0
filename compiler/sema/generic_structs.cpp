// Instances of generic structs (section 5.6).

#include "sema/checker.h"
#include "sema/tables.h"

namespace sx::sema {

using syntax::Kind;

/// `$T: Type`, `$T: Protocol`, `$N: u32` or `..$Ts: []Type` (R5.6).
Checker::HeaderParameter Checker::classify_header_parameter(const Site& site, AstId node) {
  const auto& param = site.get<ast::Param>(node);
  HeaderParameter made;
  made.name = param.name;
  if (param.is_variadic) {
    made.kind = HeaderParameter::Kind::Pack;
    return made;
  }
  if (const auto* name = site.try_get<ast::Name>(param.type); name && !name->name.raw) {
    if (strings.text(name->name.text) == "Type") {
      made.kind = HeaderParameter::Kind::Type;
      for (AstId constraint : site.tree->list(param.constraints))
        made.constraints.push_back(constraint);
      return made;
    }
    const Found found = find_quietly(site, name->name.text, Use::Type);
    if (found.kind == Found::Kind::Declaration && decl(found.decl).kind == DeclKind::Type &&
        site_of(found.decl).tree->is(decl(found.decl).value, Kind::ProtocolType)) {
      made.kind = HeaderParameter::Kind::Type;
      made.constraints.push_back(param.type);
      return made;
    }
  }
  made.kind = HeaderParameter::Kind::Value;
  made.type_node = param.type;
  return made;
}

TypeId Checker::apply_struct(const Site& site, DeclId head, std::span<const AstId> args, Span head_span) {
  const Site own = site_of(head);
  const auto params = own.tree->list(own.get<ast::StructType>(decl(head).value).params);
  const std::string name = text(decl(head).name);
  std::vector<HeaderParameter> header;
  for (AstId param : params)
    header.push_back(classify_header_parameter(own, param));
  const bool has_pack = !header.empty() && header.back().kind == HeaderParameter::Kind::Pack;
  const std::size_t fixed = header.size() - has_pack;

  // A spread may stand for any number of arguments, so the arguments are flattened first.
  std::vector<FlatArgument> flat;
  bool good = true;
  for (AstId arg : args) {
    if (!site.tree->is(arg, Kind::Spread)) {
      flat.push_back({arg, {}});
      continue;
    }
    std::vector<TypeId> expanded;
    good = expand_pack(site, arg, expanded) && good;
    for (TypeId type : expanded)
      flat.push_back({arg, type});
  }
  if (!good)
    return types.poison;
  if (flat.size() < fixed || (!has_pack && flat.size() > fixed)) {
    report<diag::type_argument_count>(head_span, name, fixed, flat.size());
    return types.poison;
  }
  std::vector<GenericArgument> arguments;
  for (std::size_t i = 0; i < fixed; ++i) {
    auto argument = header_argument(site, own, header[i], flat[i]);
    if (!argument)
      good = false;
    else
      arguments.push_back(std::move(*argument));
  }
  if (has_pack) {
    GenericArgument pack{.kind = GenericArgument::Kind::Pack, .type = {}, .value = {}, .types = {}, .constraint = {}};
    for (std::size_t i = fixed; i < flat.size(); ++i) {
      pack.types.push_back(flat[i].type.valid() ? flat[i].type : resolve_type(site, flat[i].node));
      good = good && pack.types.back() != types.poison;
    }
    arguments.push_back(std::move(pack));
  }
  return good ? struct_instance(head, arguments) : types.poison;
}

std::optional<GenericArgument> Checker::header_argument(const Site& site, const Site& own,
                                                        const HeaderParameter& parameter, const FlatArgument& from) {
  if (parameter.kind == HeaderParameter::Kind::Type) {
    const TypeId type = from.type.valid() ? from.type : resolve_type(site, from.node);
    if (type == types.poison)
      return std::nullopt;
    for (AstId constraint : parameter.constraints) {
      const TypeId protocol = resolve_type(own, constraint);
      if (protocol == types.poison)
        return std::nullopt;
      if (!implements(type, protocol, site.module)) {
        report<diag::constraint_not_satisfied>(site.span(from.node), types.name(type), types.name(protocol));
        return std::nullopt;
      }
    }
    return GenericArgument::of_type(type);
  }
  const TypeId type = resolve_type(own, parameter.type_node);
  if (type == types.poison)
    return std::nullopt;
  if (from.type.valid()) {
    report<diag::value_argument_not_constant>(site.span(from.node), text(parameter.name.text));
    return std::nullopt;
  }
  const auto value = fold_value_argument(site, from.node, type, parameter.name.text);
  return value ? std::optional(GenericArgument::of_value(*value)) : std::nullopt;
}

TypeId Checker::struct_instance(DeclId id, std::span<const GenericArgument> arguments) {
  const Site own = site_of(id);
  const auto params = own.tree->list(own.get<ast::StructType>(decl(id).value).params);
  std::vector<NamedArgument> bindings;
  std::string name = text(decl(id).name);
  std::vector<TypeId> type_arguments;
  for (std::size_t i = 0; i < params.size() && i < arguments.size(); ++i) {
    bindings.push_back({own.get<ast::Param>(params[i]).name.text, arguments[i]});
    const std::string spelled = argument_name(arguments[i]);
    if (!spelled.empty() && name.size() < max_instance_name)
      name += "__" + spelled;
    if (arguments[i].kind == GenericArgument::Kind::Type)
      type_arguments.push_back(arguments[i].type);
    else if (arguments[i].kind == GenericArgument::Kind::Pack)
      type_arguments.insert(type_arguments.end(), arguments[i].types.begin(), arguments[i].types.end());
  }
  const EnvironmentId environment = extend(own.environment, bindings);
  const auto known = tables_->declared_types.find({id, environment});
  if (known != tables_->declared_types.end())
    return known->second;
  if (tables_->instance_count++ >= max_instances) {
    report<diag::limit_exceeded>(decl(id).name_span, "the number of instances of generic types", max_instances);
    return types.poison;
  }
  Site site = own.in(environment);
  const TypeId type = nominal_from_node(site, decl(id).value, intern(name), decl(id).name_span, id);
  types.nominal(type).arguments = std::move(type_arguments);
  tables_->declared_types.emplace(std::pair(id, environment), type);
  return type;
}

} // namespace sx::sema
