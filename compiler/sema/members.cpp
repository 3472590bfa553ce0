// Declarations in the body of a struct: methods, accessors, constants (R3.6.1, R3.7.1, R3.8.3).

#include "sema/checker.h"
#include "sema/tables.h"

namespace sx::sema {

/// The table of a struct body; made once for all instances of the struct.
const StructMembers* Checker::members_of(TypeId type) {
  const auto owner = tables_->owners.find(type);
  if (owner == tables_->owners.end())
    return nullptr;
  const AstId node = owner->second.node;
  const Site& inside = owner->second.site;
  const auto* body = inside.try_get<ast::StructType>(node);
  if (!body)
    return nullptr;
  const auto [known, is_new] = tables_->members.emplace(std::pair(inside.tree, node), StructMembers());
  StructMembers& members = known->second;
  if (!is_new)
    return &members;
  Site site = inside;
  if (owner->second.decl.valid()) // without the bindings of one instance
    site.environment = decl(owner->second.decl).site.environment;
  for (AstId id : inside.tree->list(body->members)) {
    const auto* constant = inside.try_get<ast::ConstDecl>(id);
    if (!constant)
      continue;
    const DeclId made = add_decl(site, id, DeclScope::Member, type);
    auto* table = &members.constants;
    if (const auto* function = inside.try_get<ast::Function>(constant->value))
      table = function->accessor == syntax::Accessor::Get   ? &members.getters
              : function->accessor == syntax::Accessor::Set ? &members.setters
                                                            : &members.methods;
    table->emplace(constant->name.text, made);
  }
  return &members;
}

namespace {

MemberDecl pick(const std::unordered_map<StringId, DeclId>& table, StringId name, EnvironmentId environment) {
  const auto known = table.find(name);
  return known == table.end() ? MemberDecl() : MemberDecl{known->second, environment};
}

} // namespace

MemberDecl Checker::find_method(TypeId type, StringId name) {
  const StructMembers* members = members_of(type);
  return members ? pick(members->methods, name, EnvironmentId(types.nominal(type).environment)) : MemberDecl();
}

MemberDecl Checker::find_accessor(TypeId type, StringId name, syntax::Accessor accessor) {
  const StructMembers* members = members_of(type);
  if (!members)
    return {};
  const auto& table = accessor == syntax::Accessor::Set ? members->setters : members->getters;
  return pick(table, name, EnvironmentId(types.nominal(type).environment));
}

MemberDecl Checker::find_struct_constant(TypeId type, StringId name) {
  const StructMembers* members = members_of(type);
  return members ? pick(members->constants, name, EnvironmentId(types.nominal(type).environment)) : MemberDecl();
}

} // namespace sx::sema
