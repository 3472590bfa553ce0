// Indices that phases 5d to 5g build once.

#include "sema/flow_tables.h"

namespace sx::sema {

using syntax::Kind;

Checker::FlowTables& Checker::flow_tables() {
  if (!flow_tables_)
    flow_tables_ = std::make_shared<FlowTables>();
  return *flow_tables_;
}

const std::vector<AstId>& Checker::FlowTables::parents_of(const syntax::Tree& tree) {
  std::vector<AstId>& parents = parents_[&tree];
  if (parents.size() != tree.size()) {
    parents.assign(tree.size(), AstId());
    for (std::size_t i = 0; i < tree.size(); ++i)
      tree.for_each_child(AstId(i), [&](AstId child) { parents[child.index()] = AstId(i); });
  }
  return parents;
}

const std::vector<MemberFunction>& Checker::FlowTables::members_called(Checker& checker, StringId name) {
  index_members(checker);
  static const std::vector<MemberFunction> none;
  const auto known = members_.find(name);
  return known == members_.end() ? none : known->second;
}

void Checker::FlowTables::index_members(Checker& checker) {
  for (; indexed_modules_ < checker.module_count(); ++indexed_modules_) {
    const ModuleId id{indexed_modules_};
    if (!checker.module(id).tree)
      continue;
    const syntax::Tree& tree = *checker.module(id).tree;
    using Owner = MemberFunction::Owner;
    const auto add = [&](StringId name, AstId node, AstId owner, Owner kind) {
      members_[name].push_back({id, node, owner, kind});
    };
    const auto add_method = [&](AstId member, AstId owner, Owner kind) {
      const auto* constant = tree.try_get<ast::ConstDecl>(member);
      if (constant && (tree.is(constant->value, Kind::Function) || tree.is(constant->value, Kind::Lambda)))
        add(constant->name.text, constant->value, owner, kind);
    };
    for (std::size_t i = 0; i < tree.size(); ++i) {
      const AstId node{i};
      if (const auto* type = tree.try_get<ast::StructType>(node)) {
        for (AstId member : tree.list(type->members)) {
          add_method(member, node, Owner::Struct);
          if (const auto* group = tree.try_get<ast::FieldGroup>(member))
            for (AstId name : tree.list(group->names))
              add(tree.get<ast::Name>(name).name.text, group->type, node, Owner::Field);
        }
      } else if (const auto* impl = tree.try_get<ast::Impl>(node)) {
        for (AstId method : tree.list(impl->methods))
          add_method(method, node, Owner::Impl);
      } else if (const auto* protocol = tree.try_get<ast::ProtocolType>(node)) {
        for (AstId method : tree.list(protocol->methods))
          add(tree.get<ast::ProtocolMethod>(method).name.text, method, node, Owner::Protocol);
      }
    }
  }
}

} // namespace sx::sema
