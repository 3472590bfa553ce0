// Phase 5f: the bare spelling of a built-in type can't be the name of a declaration or binding (R1.17, R10.27).

#include "sema/checker.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;

namespace {

/// Calls `visit(Ident)` for the names that one node introduces, in source order. Parameters belong to what declares
/// them: those of a struct or protocol header and of a method without body are no bindings.
template <class Visit> void for_each_binding(const syntax::Tree& tree, AstId node, bool binds_parameters, Visit visit) {
  switch (tree.kind(node)) {
  case Kind::ConstDecl: return visit(tree.get<ast::ConstDecl>(node).name);
  case Kind::VarDecl: return visit(tree.get<ast::VarDecl>(node).name);
  case Kind::If: return visit(tree.get<ast::If>(node).binding);
  case Kind::While: return visit(tree.get<ast::While>(node).binding);
  case Kind::Capture: return visit(tree.get<ast::Capture>(node).name);
  case Kind::Case: return visit(tree.get<ast::Case>(node).capture);
  case Kind::Catch: return visit(tree.get<ast::Catch>(node).binding);
  case Kind::OnFail: return visit(tree.get<ast::OnFail>(node).binding);
  case Kind::Param:
    if (binds_parameters)
      visit(tree.get<ast::Param>(node).name);
    return;
  case Kind::Destructure:
    for (AstId name : tree.list(tree.get<ast::Destructure>(node).names))
      visit(tree.get<ast::Name>(name).name);
    return;
  default: return;
  }
}

bool declares_parameters(const syntax::Tree& tree, AstId node) {
  switch (tree.kind(node)) {
  case Kind::Function:
  case Kind::Lambda: return true;
  case Kind::ProtocolMethod: return tree.get<ast::ProtocolMethod>(node).body.valid();
  default: return false;
  }
}

} // namespace

void Checker::check_reserved_names(ModuleId id) {
  const syntax::Tree& tree = *module(id).tree;
  struct Visit {
    AstId node;
    bool binds_parameters; ///< of the node that declares it, for a Param
  };
  std::vector<Visit> open;
  std::vector<syntax::Ident> found;
  const auto collect = [&](AstId root) {
    open.push_back({root, false});
    while (!open.empty()) {
      const Visit at = open.back();
      open.pop_back();
      for_each_binding(tree, at.node, at.binds_parameters, [&](syntax::Ident name) {
        if (name.present() && !name.raw && is_reserved_name(name.text))
          found.push_back(name);
      });
      const bool binds_parameters = declares_parameters(tree, at.node);
      tree.for_each_child(at.node, [&](AstId child) { open.push_back({child, binds_parameters}); });
    }
  };
  for (const ModuleItem& item : module(id).items)
    collect(item.node);
  std::ranges::sort(found, {}, [](const syntax::Ident& name) { return name.span.begin; });
  for (const syntax::Ident& name : found)
    report<diag::reserved_name>(name.span, text(name.text)).help(help::write_with_backtick(text(name.text)));
}

} // namespace sx::sema
