// Packs inside type lists (5.22): the projection `..xs.T` and the application `..F(Ts)`.

#include "sema/generic_state.h"

namespace sx::sema {
namespace {

/// The pack that `name` is bound to at `site`, or nothing.
std::optional<GenericArgument> find_pack(Checker& checker, const Site& site, StringId name) {
  const Found found = checker.find_quietly(site, name, Use::Any);
  if (found.kind == Found::Kind::Argument && found.argument.kind == GenericArgument::Kind::Pack)
    return found.argument;
  if (found.kind == Found::Kind::Local && found.local.kind == LocalEntity::Kind::Pack)
    return found.local.argument;
  return {};
}

StringId pack_spelling(const Site& site, AstId node) {
  if (const auto* name = site.try_get<ast::Name>(node))
    return name->name.text;
  if (const auto* intro = site.try_get<ast::TypeIntro>(node))
    return intro->name.text;
  if (const auto* pack = site.try_get<ast::PackName>(node))
    return pack->name.text;
  return {};
}

/// The argument that parameter `name` of the header of `protocol` has for an element; invalid if it has none.
TypeId protocol_argument(Checker& checker, DeclId protocol, TypeId element, StringId name) {
  const Decl& decl = checker.decl(protocol);
  const auto params = decl.site.tree->list(decl.site.get<ast::ProtocolType>(decl.value).params);
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto* param = decl.site.try_get<ast::Param>(params[i]);
    const auto* slot = decl.site.try_get<ast::TypeSlot>(params[i]);
    if ((param ? param->name.text : slot ? slot->name.text : StringId{}) != name)
      continue;
    TypeId instance = element;
    if (checker.generics().protocols.declaration(element) != protocol) {
      const ImplInstance* impl = checker.generics().impls.find_any(element, protocol);
      if (!impl)
        return {};
      instance = impl->protocol;
    }
    const std::vector<TypeId>& arguments = checker.types.nominal(instance).arguments;
    return i < arguments.size() ? arguments[i] : TypeId{};
  }
  return {};
}

} // namespace

bool Checker::project_pack(const Site&, const GenericArgument& pack, syntax::Ident name, syntax::Ident projection,
                           std::vector<TypeId>& out) {
  const DeclId protocol = pack.constraint.valid() ? generics().protocols.declaration(pack.constraint) : DeclId{};
  for (const TypeId element : pack.types) {
    const TypeId argument = protocol.valid() ? protocol_argument(*this, protocol, element, projection.text) : TypeId{};
    if (!argument.valid()) {
      report<diag::pack_projection>(cover(name.span, projection.span), text(name.text), text(projection.text),
                                    types.name(element));
      return false;
    }
    out.push_back(argument);
  }
  return true;
}

bool Checker::apply_to_pack(const Site& site, AstId application, std::vector<TypeId>& out) {
  const auto& apply = site.get<ast::TypeApply>(application);
  for (const AstId arg : site.tree->list(apply.args)) {
    const StringId name = pack_spelling(site, arg);
    const auto pack = name.valid() ? find_pack(*this, site, name) : std::nullopt;
    if (!pack)
      continue;
    // The name of the pack means one element at a time.
    for (const TypeId element : pack->types) {
      const NamedArgument one{name, GenericArgument::of_type(element)};
      const TypeId applied = resolve_type(site.in(extend(site.environment, {&one, 1})), application);
      if (types.is(applied, TypeKind::Poison))
        return false;
      out.push_back(applied);
    }
    return true;
  }
  report<diag::bad_spread>(site.span(application), source_text(site.span(application)));
  return false;
}

} // namespace sx::sema
