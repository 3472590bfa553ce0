// Names of bodies by syntax alone; conditions of `inline if`.

#include "sema/syntax_scopes.h"

#include "sema/flow_tables.h"

#include <algorithm>
#include <ranges>

namespace sx::sema {

using syntax::Kind;

namespace {

/// What may stand between the file and a module-level declaration (R1.143).
bool is_module_scope(Kind kind) {
  return kind == Kind::File || kind == Kind::If || kind == Kind::Match || kind == Kind::Case || kind == Kind::Block;
}

} // namespace

// ---- declaring --------------------------------------------------------------------------------------

const SyntaxLocal* SyntaxScopes::find(StringId name) const {
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(), [&](const auto& one) { return one.name == name; });
  return found == locals_.rend() ? nullptr : &*found;
}

std::uint32_t SyntaxScopes::declare(syntax::Ident name, SyntaxLocal::Kind kind, AstId type, AstId value,
                                    AstId failure) {
  if (!name.present() || checker_.strings.text(name.text) == "_")
    return 0;
  locals_.push_back({name.text, kind, type, value, failure, frame_, next_id_});
  return next_id_++;
}

void SyntaxScopes::declare_statement(AstId statement) {
  const syntax::Tree& tree = *site_.tree;
  if (const auto* variable = tree.try_get<ast::VarDecl>(statement)) {
    declare(variable->name, SyntaxLocal::Kind::Value, variable->type, variable->value, variable->value);
  } else if (const auto* constant = tree.try_get<ast::ConstDecl>(statement)) {
    declare(constant->name, SyntaxLocal::Kind::Constant, constant->type, constant->value);
  } else if (const auto* destructure = tree.try_get<ast::Destructure>(statement)) {
    const auto names = tree.list(destructure->names);
    for (AstId name : names) {
      const bool last = name == names.back();
      declare(tree.get<ast::Name>(name).name, SyntaxLocal::Kind::Value, {}, {}, last ? destructure->value : AstId());
    }
  }
}

void SyntaxScopes::declare_constants(std::span<const AstId> statements) {
  for (AstId statement : statements)
    if (site_.tree->is(statement, Kind::ConstDecl))
      declare_statement(statement);
}

void SyntaxScopes::declare_introductions(AstId type) {
  if (!type.valid())
    return;
  const syntax::Tree& tree = *site_.tree;
  std::vector<AstId> open{type};
  while (!open.empty()) {
    const AstId node = open.back();
    open.pop_back();
    if (const auto* intro = tree.try_get<ast::TypeIntro>(node))
      declare(intro->name, SyntaxLocal::Kind::Type);
    if (const auto* closure = tree.try_get<ast::ClosureType>(node))
      declare(closure->pack, SyntaxLocal::Kind::Unknown);
    tree.for_each_child(node, [&](AstId child) { open.push_back(child); });
  }
}

/// The test of R5.6 and R5.7: a protocol or `Type` as annotation makes a type parameter.
SyntaxLocal::Kind SyntaxScopes::parameter_kind(const ast::Param& param) const {
  using enum SyntaxLocal::Kind;
  const syntax::Tree& tree = *site_.tree;
  const auto* annotation = tree.try_get<ast::Name>(param.type);
  const bool is_type_word = annotation && !annotation->name.raw && checker_.text(annotation->name.text) == "Type";
  if (param.is_variadic)
    return param.is_comptime ? Unknown : Value;
  if (!param.is_comptime)
    return is_type_word ? RuntimeType : Value;
  if (is_type_word)
    return Type;
  if (!annotation)
    return Unknown;
  const Found found = checker_.find_quietly(site_, annotation->name.text, Use::Type, annotation->name.raw);
  if (found.kind == Found::Kind::BuiltinType)
    return ComptimeValue;
  if (found.kind != Found::Kind::Declaration || checker_.decl(found.decl).kind != DeclKind::Type)
    return Unknown;
  const Decl& annotated = checker_.decl(found.decl);
  return annotated.site.tree->is(annotated.value, Kind::ProtocolType) ? Type : ComptimeValue;
}

void SyntaxScopes::declare_parameters(syntax::NodeList params) {
  for (AstId id : site_.tree->list(params)) {
    const auto& param = site_.tree->get<ast::Param>(id);
    declare(param.name, parameter_kind(param), param.type);
  }
}

void SyntaxScopes::declare_header(syntax::NodeList params) {
  declare_parameters(params);
  // A protocol's `T: Type` needs no `$` to be a type parameter.
  for (AstId id : site_.tree->list(params)) {
    const auto& param = site_.tree->get<ast::Param>(id);
    if (parameter_kind(param) == SyntaxLocal::Kind::RuntimeType)
      declare(param.name, SyntaxLocal::Kind::Type, param.type);
  }
}

void SyntaxScopes::declare_signature(AstId function) {
  const syntax::Tree& tree = *site_.tree;
  syntax::NodeList params;
  AstId result;
  if (const auto* plain = tree.try_get<ast::Function>(function)) {
    params = plain->params;
    result = plain->result;
  } else if (const auto* lambda = tree.try_get<ast::Lambda>(function)) {
    params = lambda->params;
    result = lambda->result;
  } else if (const auto* method = tree.try_get<ast::ProtocolMethod>(function)) {
    params = method->params;
    result = method->result;
  }
  for (AstId id : tree.list(params))
    declare_introductions(tree.get<ast::Param>(id).type);
  declare_parameters(params);
  if (const auto* list = tree.try_get<ast::ReturnList>(result))
    for (AstId slot : tree.list(list->slots)) {
      const auto& named = tree.get<ast::TypeSlot>(slot);
      declare(named.name, SyntaxLocal::Kind::Value, named.type);
    }
}

void SyntaxScopes::declare_surroundings(AstId node) {
  const syntax::Tree& tree = *site_.tree;
  const std::vector<AstId>& parents = checker_.flow_tables().parents_of(tree);
  std::vector<AstId> path; // from the node outwards
  for (AstId at = parents[node.index()]; at.valid(); at = parents[at.index()])
    path.push_back(at);
  bool in_body = false; // the blocks of module-scope conditionals are no scopes
  for (AstId at : std::views::reverse(path)) {
    switch (tree.kind(at)) {
    case Kind::StructType: {
      const auto& type = tree.get<ast::StructType>(at);
      declare_header(type.params);
      declare_constants(tree.list(type.members));
      break;
    }
    case Kind::ProtocolType: declare_header(tree.get<ast::ProtocolType>(at).params); break;
    case Kind::Impl: {
      const auto& impl = tree.get<ast::Impl>(at);
      for (AstId argument : tree.list(impl.args))
        declare_introductions(argument);
      declare_introductions(impl.target);
      break;
    }
    case Kind::Function:
    case Kind::Lambda:
    case Kind::ProtocolMethod:
      declare_signature(at);
      enter_function();
      break;
    case Kind::Block:
      if (in_body)
        for (AstId statement : tree.list(tree.get<ast::Block>(at).statements))
          declare_statement(statement);
      break;
    default: break;
    }
    in_body = in_body || !is_module_scope(tree.kind(at));
  }
}

// ---- conditions of `inline if` ----------------------------------------------------------------------

namespace {

class ConditionFold {
public:
  ConditionFold(Checker& checker, const Site& site, const SyntaxScopes& scopes)
      : checker_(checker), site_(site), scopes_(scopes) {}

  std::optional<bool> fold(AstId node) {
    if (!node.valid())
      return {};
    switch (site_.kind(node)) {
    case Kind::BoolLiteral: return site_.get<ast::BoolLiteral>(node).value;
    case Kind::Paren: return fold(site_.get<ast::Paren>(node).inner);
    case Kind::Unary: return negation(site_.get<ast::Unary>(node));
    case Kind::Binary: return binary(site_.get<ast::Binary>(node), node);
    case Kind::Name: return constant(node);
    default: return {};
    }
  }

private:
  std::optional<bool> negation(const ast::Unary& unary) {
    if (unary.op != syntax::UnaryOp::Not)
      return {};
    const auto inner = fold(unary.operand);
    return inner ? std::optional(!*inner) : std::nullopt;
  }

  std::optional<bool> binary(const ast::Binary& node, AstId id) {
    const bool is_and = node.op == syntax::BinaryOp::And;
    if (is_and || node.op == syntax::BinaryOp::Or) {
      const auto left = fold(node.lhs);
      const bool decides = left && *left != is_and;
      return !left || decides ? left : fold(node.rhs);
    }
    const bool equal = node.op == syntax::BinaryOp::Equal;
    if (!equal && node.op != syntax::BinaryOp::NotEqual)
      return {};
    if (const auto same = target_comparison(node.lhs, node.rhs))
      return *same == equal;
    return constant(id);
  }

  /// `OS == .linux` and `ARCH == .x86_64`, where no declaration hides the name.
  std::optional<bool> target_comparison(AstId subject, AstId value) {
    const auto* name = site_.try_get<ast::Name>(subject);
    const auto* variant = site_.try_get<ast::DotName>(value);
    if (!name || !variant || scopes_.find(name->name.text))
      return {};
    const Found found = checker_.find_quietly(site_, name->name.text, Use::Value, name->name.raw);
    if (found.kind != Found::Kind::TargetConstant)
      return {};
    const std::string spelled = checker_.text(name->name.text);
    const std::string wanted = checker_.text(variant->name.text);
    if (spelled == "OS")
      return wanted == checker_.options.target_os;
    if (spelled == "ARCH")
      return wanted == checker_.options.target_arch;
    return {};
  }

  /// A constant expression without names of this body.
  std::optional<bool> constant(AstId node) {
    if (mentions_local(node))
      return {};
    const Fold folded = checker_.fold(site_, node, FoldDomain::Scalar);
    if (!folded || !folded.value.is(ConstValue::Kind::Bool))
      return {};
    return folded.value.bits != 0;
  }

  bool mentions_local(AstId root) const {
    std::vector<AstId> open{root};
    while (!open.empty()) {
      const AstId node = open.back();
      open.pop_back();
      const auto* name = site_.try_get<ast::Name>(node);
      if (name && scopes_.find(name->name.text))
        return true;
      site_.tree->for_each_child(node, [&](AstId child) { open.push_back(child); });
    }
    return false;
  }

  Checker& checker_;
  const Site& site_;
  const SyntaxScopes& scopes_;
};

} // namespace

std::optional<bool> fold_inline_condition(Checker& checker, const Site& site, const SyntaxScopes& scopes,
                                          AstId condition) {
  return ConditionFold(checker, site, scopes).fold(condition);
}

} // namespace sx::sema
