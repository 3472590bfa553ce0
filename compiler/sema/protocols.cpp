// Protocol types: members, instances of parameterised protocols.

#include "sema/checker.h"
#include "sema/generic_state.h"
#include "sema/tables.h"

namespace sx::sema {
namespace {

/// Does `Self` stand in the written type?
bool mentions_self(const syntax::Tree& tree, const Interner& strings, AstId node) {
  if (!node.valid())
    return false;
  std::vector<AstId> pending{node};
  while (!pending.empty()) {
    const AstId at = pending.back();
    pending.pop_back();
    if (const auto* name = tree.try_get<ast::Name>(at);
        name && !name->name.raw && strings.text(name->name.text) == "Self")
      return true;
    tree.for_each_child(at, [&](AstId child) { pending.push_back(child); });
  }
  return false;
}

AstId parameter_type(const Site& site, AstId node) {
  if (const auto* param = site.try_get<ast::Param>(node))
    return param->type;
  const auto* slot = site.try_get<ast::TypeSlot>(node);
  return slot ? slot->type : AstId{};
}

StringId parameter_name(const Site& site, AstId node) {
  if (const auto* param = site.try_get<ast::Param>(node))
    return param->name.text;
  const auto* slot = site.try_get<ast::TypeSlot>(node);
  return slot ? slot->name.text : StringId{};
}

} // namespace

void Checker::complete_protocol(TypeId protocol) {
  const AstId node = types.nominal(protocol).node;
  if (types.nominal(protocol).complete || !node.valid())
    return;
  types.nominal(protocol).complete = true; // a method may mention its own protocol
  Site site = site_of_type(protocol);
  const auto& written = site.get<ast::ProtocolType>(node);
  types.nominal(protocol).is_inline = written.is_inline;
  types.nominal(protocol).is_identity = written.is_identity;
  std::vector<ProtocolMethodInfo> methods;
  for (const AstId id : site.tree->list(written.methods)) {
    const auto& method = site.get<ast::ProtocolMethod>(id);
    ProtocolMethodInfo info{.name = method.name.text,
                            .self_by_pointer = method.self_by_pointer,
                            .params = {},
                            .result = {},
                            .dispatchable = true,
                            .node = id,
                            .span = method.name.span};
    bool self = mentions_self(*site.tree, strings, method.result);
    for (const AstId param : site.tree->list(method.params))
      self = self || mentions_self(*site.tree, strings, parameter_type(site, param));
    info.dispatchable = !self;
    // `Self` has no type here: what mentions it stays open until a concrete type asks (R5.88).
    site.self_type = types.poison;
    for (const AstId param : site.tree->list(method.params))
      info.params.push_back(resolve_type(site, parameter_type(site, param)));
    info.result = types.void_;
    if (method.result.valid()) {
      const ResultType result = resolve_result(site, method.result);
      TypeId set = result.error_set;
      if (result.inferred && !set.valid())
        set = open_error_set();
      info.result = set.valid() ? types.failable(result.value, set) : result.value;
    }
    methods.push_back(std::move(info));
  }
  types.nominal(protocol).methods = std::move(methods);
}

std::optional<StringId> self_parameter(Checker& checker, TypeId protocol, std::uint32_t method) {
  const Site site = checker.site_of_type(protocol);
  const auto& written = site.get<ast::ProtocolMethod>(checker.types.nominal(protocol).methods[method].node);
  for (const AstId param : site.tree->list(written.params))
    if (mentions_self(*site.tree, checker.strings, parameter_type(site, param)))
      return parameter_name(site, param);
  return {};
}

TypeId ProtocolInstances::get(Checker& checker, DeclId id, std::span<const TypeId> arguments) {
  const auto key = std::pair(id, std::vector<TypeId>(arguments.begin(), arguments.end()));
  if (const auto found = made_.find(key); found != made_.end())
    return found->second;
  const Decl& decl = checker.decl(id);
  const auto& written = decl.site.get<ast::ProtocolType>(decl.value);
  const auto params = decl.site.tree->list(written.params);
  std::vector<NamedArgument> bindings;
  std::string name = checker.text(decl.name);
  for (std::size_t i = 0; i < params.size() && i < arguments.size(); ++i) {
    const GenericArgument argument = GenericArgument::of_type(arguments[i]);
    bindings.push_back({parameter_name(decl.site, params[i]), argument});
    name += "__" + checker.argument_name(argument);
  }
  // Without arguments the type stands for every instance: its methods are known by name only.
  for (std::size_t i = arguments.size(); i < params.size(); ++i)
    bindings.push_back({parameter_name(decl.site, params[i]), GenericArgument::of_type(checker.types.poison)});
  Nominal nominal;
  nominal.name = checker.intern(name);
  nominal.module = decl.site.module;
  const AstId written_node = decl.value;
  nominal.node = written_node;
  nominal.span = decl.name_span;
  nominal.environment = checker.extend(checker.empty_environment(), bindings).value;
  nominal.is_inline = written.is_inline;
  nominal.is_identity = written.is_identity;
  nominal.arguments.assign(arguments.begin(), arguments.end());
  const EnvironmentId environment{nominal.environment};
  const TypeId type = checker.types.add_nominal(TypeKind::Protocol, std::move(nominal));
  checker.tables().owners.emplace(
      type, TypeOwner{.site = checker.site_of(id, environment), .decl = id, .node = written_node});
  made_.emplace(key, type);
  declarations_.emplace(type, id);
  checker.complete_protocol(type);
  return type;
}

DeclId ProtocolInstances::declaration(TypeId type) const {
  const auto found = declarations_.find(type);
  return found == declarations_.end() ? DeclId{} : found->second;
}

DeclId ProtocolInstances::open_declaration(const Checker& checker, TypeId type) const {
  const DeclId id = declaration(type);
  return id.valid() && checker.types.nominal(type).arguments.empty() ? id : DeclId{};
}

TypeId Checker::protocol_instance(DeclId id, std::span<const TypeId> arguments) {
  return generics().protocols.get(*this, id, arguments);
}

} // namespace sx::sema
