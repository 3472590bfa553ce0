// Phase 5g: type names in the bodies of the entry file that no declaration explains (R10.30).

#include "sema/checker.h"

#include <set>

namespace sx::sema {

namespace {

/// Walks one declaration and looks at every name in a type position.
class TypeNames {
public:
  TypeNames(Checker& checker, const Site& site) : checker_(checker), site_(site) {}

  void run(AstId root) {
    collect(root);
    walk(root);
  }

private:
  /// Names that the declaration itself introduces explain a type name anywhere in it.
  void collect(AstId root) {
    std::vector<AstId> pending{root};
    while (!pending.empty()) {
      const AstId node = pending.back();
      pending.pop_back();
      if (const auto* declared = site_.try_get<ast::ConstDecl>(node))
        own_.insert(declared->name.text);
      if (const auto* param = site_.try_get<ast::Param>(node))
        own_.insert(param->name.text);
      if (const auto* intro = site_.try_get<ast::TypeIntro>(node))
        own_.insert(intro->name.text);
      if (site_.kind(node) == syntax::Kind::Insert)
        opaque_ = true; // inserted text may declare anything
      site_.tree->for_each_child(node, [&](AstId child) { pending.push_back(child); });
    }
  }

  void walk(AstId root) {
    if (opaque_)
      return;
    std::vector<AstId> pending{root};
    while (!pending.empty()) {
      const AstId node = pending.back();
      pending.pop_back();
      const auto* branch = site_.try_get<ast::If>(node);
      const auto* match = site_.try_get<ast::Match>(node);
      if ((branch != nullptr && branch->is_inline) || (match != nullptr && match->is_inline))
        continue; // pruned arms are never looked at
      look(node);
      std::vector<AstId> children;
      site_.tree->for_each_child(node, [&](AstId child) { children.push_back(child); });
      pending.insert(pending.end(), children.rbegin(), children.rend());
    }
  }

  void look(AstId node) {
    using syntax::Kind;
    switch (site_.kind(node)) {
    case Kind::VarDecl: type(site_.get<ast::VarDecl>(node).type); break;
    case Kind::ConstDecl: type(site_.get<ast::ConstDecl>(node).type); break;
    case Kind::Param: type(site_.get<ast::Param>(node).type); break;
    case Kind::Function: type(site_.get<ast::Function>(node).result); break;
    case Kind::Lambda: type(site_.get<ast::Lambda>(node).result); break;
    case Kind::Cast: type(site_.get<ast::Cast>(node).type); break;
    case Kind::StructLiteral: type(site_.get<ast::StructLiteral>(node).head, site_.span(node)); break;
    case Kind::TypeSlot: type(site_.get<ast::TypeSlot>(node).type); break;
    case Kind::OptionalType: type(site_.get<ast::OptionalType>(node).element); break;
    case Kind::PointerType: type(site_.get<ast::PointerType>(node).element); break;
    case Kind::ManyPointerType: type(site_.get<ast::ManyPointerType>(node).element); break;
    case Kind::SliceType: type(site_.get<ast::SliceType>(node).element); break;
    case Kind::ArrayType: type(site_.get<ast::ArrayType>(node).element); break;
    default: break;
    }
  }

  void type(AstId node, Span report_at = {}) {
    if (!node.valid())
      return;
    const auto* name = site_.try_get<ast::Name>(node);
    if (name == nullptr || own_.contains(name->name.text) || declared_somewhere(name->name))
      return;
    checker_.find(site_, name->name, Use::Type, report_at);
  }

  bool declared_somewhere(const syntax::Ident& name) {
    if (checker_.find_quietly(site_, name.text, Use::Type, name.raw) ||
        checker_.find_quietly(site_, name.text, Use::Any, name.raw))
      return true;
    if (checker_.text(name.text) == "Self")
      return true;
    for (std::size_t i = 0; i < checker_.module_count(); ++i)
      if (checker_.module(ModuleId{i}).names.contains(name.text))
        return true;
    return false;
  }

  Checker& checker_;
  Site site_;
  std::set<StringId> own_;
  bool opaque_ = false;
};

} // namespace

void Checker::check_named_types(DeclId id) {
  const Site site = site_of(id);
  if (decl(id).node.valid())
    TypeNames(*this, site).run(decl(id).node);
}

} // namespace sx::sema
