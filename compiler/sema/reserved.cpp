// Phase 5f: bare spellings of built-in types as declared names (R10.27).

#include "sema/checker.h"

namespace sx::sema {

using syntax::Ident;

namespace {

/// Calls `declare` for every name that `node` itself introduces.
template <class Declare> void declared_names(const syntax::Tree& tree, AstId node, bool signature_only, Declare&& declare) {
  using syntax::Kind;
  const auto names = [&](syntax::NodeList list) {
    for (const AstId item : tree.list(list))
      if (const auto* name = tree.try_get<ast::Name>(item))
        declare(name->name);
  };
  switch (tree.kind(node)) {
  case Kind::VarDecl: declare(tree.get<ast::VarDecl>(node).name); break;
  case Kind::ConstDecl: declare(tree.get<ast::ConstDecl>(node).name); break;
  case Kind::Param:
    if (!signature_only)
      declare(tree.get<ast::Param>(node).name);
    break;
  case Kind::Destructure: names(tree.get<ast::Destructure>(node).names); break;
  case Kind::If: declare(tree.get<ast::If>(node).binding); break;
  case Kind::While: declare(tree.get<ast::While>(node).binding); break;
  case Kind::Capture: declare(tree.get<ast::Capture>(node).name); break;
  case Kind::Case: declare(tree.get<ast::Case>(node).capture); break;
  case Kind::Catch: declare(tree.get<ast::Catch>(node).binding); break;
  case Kind::OnFail: declare(tree.get<ast::OnFail>(node).binding); break;
  default: break;
  }
}

} // namespace

void Checker::check_reserved_names(ModuleId id) {
  const syntax::Tree& tree = *module(id).tree;
  struct Pending {
    AstId node;
    bool signature_only; ///< parameters of a protocol method without body are exempt
  };
  for (const ModuleItem& item : module(id).items) {
    std::vector<Pending> pending{{item.node, false}};
    while (!pending.empty()) {
      const Pending next = pending.back();
      pending.pop_back();
      declared_names(tree, next.node, next.signature_only, [&](const Ident& name) {
        if (name.present() && !name.raw && is_reserved_name(name.text))
          report<diag::reserved_name>(name.span, text(name.text))
              .help("write it with a backtick: `" + text(name.text));
      });
      const auto* method = tree.try_get<ast::ProtocolMethod>(next.node);
      const auto* function = tree.try_get<ast::Function>(next.node);
      const bool bodyless = (method != nullptr && !method->body.valid()) ||
                            (function != nullptr && function->form == syntax::BodyForm::Intrinsic);
      std::vector<Pending> children;
      tree.for_each_child(next.node, [&](AstId child) { children.push_back({child, bodyless}); });
      pending.insert(pending.end(), children.rbegin(), children.rend());
    }
  }
}

} // namespace sx::sema
