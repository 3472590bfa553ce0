// Packs inside type lists (5.22): `..xs`, `..$Ts`, `..xs.T`, `..F(Ts)`, `$xs[i]`.

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

StringId spread_name(const Site& site, AstId node) {
  if (const auto* name = site.try_get<ast::Name>(node))
    return name->name.text;
  if (const auto* intro = site.try_get<ast::TypeIntro>(node))
    return intro->name.text;
  if (const auto* pack = site.try_get<ast::PackName>(node))
    return pack->name.text;
  return {};
}

/// The argument that parameter `name` of the header of `protocol` has for an element; invalid if it has none.
TypeId header_argument(Checker& checker, DeclId protocol, TypeId element, StringId name) {
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

bool Checker::expand_pack(const Site& site, AstId spread, std::vector<TypeId>& out) {
  const Span span = site.span(spread);
  if (const auto* element = site.try_get<ast::PackElement>(spread)) {
    const std::string spelled = "$" + text(element->name.text);
    const auto pack = find_pack(*this, site, element->name.text);
    if (!pack) {
      report<diag::pack_outside_function>(span, spelled);
      return false;
    }
    if (element->index >= pack->types.size()) {
      report<diag::pack_index_out_of_range>(span, spelled, pack->types.size(), element->index);
      return false;
    }
    out.push_back(pack->types[element->index]);
    return true;
  }
  AstId inner = spread;
  if (const auto* written = site.try_get<ast::Spread>(spread))
    inner = written->value;
  if (const StringId name = spread_name(site, inner); name.valid()) {
    if (const auto pack = find_pack(*this, site, name)) {
      out.insert(out.end(), pack->types.begin(), pack->types.end());
      return true;
    }
    report<diag::pack_outside_function>(span, text(name));
    return false;
  }
  if (const auto* member = site.try_get<ast::Member>(inner)) {
    const StringId name = spread_name(site, member->base);
    const auto pack = name.valid() ? find_pack(*this, site, name) : std::nullopt;
    if (!pack) {
      report<diag::pack_outside_function>(span, source_text(site.span(member->base)));
      return false;
    }
    const DeclId protocol = pack->constraint.valid() ? generics().protocols.declaration(pack->constraint) : DeclId{};
    for (const TypeId element : pack->types) {
      const TypeId argument =
          protocol.valid() ? header_argument(*this, protocol, element, member->name.text) : TypeId{};
      if (!argument.valid()) {
        report<diag::pack_projection>(span, text(name), text(member->name.text), types.name(element));
        return false;
      }
      out.push_back(argument);
    }
    return true;
  }
  if (const auto* apply = site.try_get<ast::TypeApply>(inner)) {
    for (const AstId arg : site.tree->list(apply->args)) {
      const StringId name = spread_name(site, arg);
      const auto pack = name.valid() ? find_pack(*this, site, name) : std::nullopt;
      if (!pack)
        continue;
      // `F(Ts)`: the name of the pack means one element at a time.
      for (const TypeId element : pack->types) {
        const NamedArgument one{name, GenericArgument::of_type(element)};
        const TypeId applied = resolve_type(site.in(extend(site.environment, {&one, 1})), inner);
        if (types.is(applied, TypeKind::Poison))
          return false;
        out.push_back(applied);
      }
      return true;
    }
  }
  report<diag::bad_spread>(span, source_text(site.span(inner)));
  return false;
}

} // namespace sx::sema
