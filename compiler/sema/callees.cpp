// Callees by syntax and lookup.

#include "sema/callees.h"

#include "sema/flow_tables.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;
using How = CallTarget::How;

namespace {

constexpr int max_steps = 16; ///< of following written types; longer chains count as unknown

struct Nested {
  explicit Nested(int& depth) : depth_(depth) { ++depth_; }
  ~Nested() { --depth_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

private:
  int& depth_;
};

} // namespace

AstId written_result(const syntax::Tree& tree, AstId function) {
  switch (tree.kind(function)) {
  case Kind::Function: return tree.get<ast::Function>(function).result;
  case Kind::Lambda: return tree.get<ast::Lambda>(function).result;
  case Kind::ProtocolMethod: return tree.get<ast::ProtocolMethod>(function).result;
  case Kind::FunctionType: return tree.get<ast::FunctionType>(function).result;
  case Kind::ClosureType: return tree.get<ast::ClosureType>(function).result;
  default: return {};
  }
}

AstId strip_markers(const syntax::Tree& tree, AstId node) {
  for (;;) {
    const auto* unary = tree.try_get<ast::Unary>(node);
    if (unary && unary->op == syntax::UnaryOp::Try)
      node = unary->operand;
    else if (const auto* paren = tree.try_get<ast::Paren>(node))
      node = paren->inner;
    else
      return node;
  }
}

std::vector<AstId> chain_operands(const syntax::Tree& tree, AstId node) {
  std::vector<AstId> operands;
  for (;;) {
    const auto* binary = tree.try_get<ast::Binary>(node);
    if (!binary || binary->op != syntax::BinaryOp::Or)
      break;
    operands.push_back(binary->rhs);
    node = binary->lhs;
  }
  operands.push_back(node);
  std::ranges::reverse(operands);
  return operands;
}

bool is_failable_operand(const syntax::Tree& tree, const Callees& callees, AstId node) {
  switch (tree.kind(node)) {
  case Kind::Paren: return is_failable_operand(tree, callees, tree.get<ast::Paren>(node).inner);
  case Kind::Unary: return tree.get<ast::Unary>(node).op == syntax::UnaryOp::Try;
  case Kind::Binary: return is_failable_chain(tree, callees, node);
  case Kind::Call: {
    const auto shape = callees.shape(node);
    return shape && shape->fails;
  }
  default: return false;
  }
}

bool is_failable_chain(const syntax::Tree& tree, const Callees& callees, AstId node) {
  const auto* binary = tree.try_get<ast::Binary>(node);
  if (!binary || binary->op != syntax::BinaryOp::Or)
    return false;
  const auto operands = chain_operands(tree, node);
  // `a or b or f()` is boolean up to `b`, so the first two decide; what follows belongs to the same chain.
  return std::ranges::any_of(operands, [&](AstId one) { return is_failable_operand(tree, callees, one); });
}

// ---- lookup -----------------------------------------------------------------------------------------

Found Callees::find(const Site& site, syntax::Ident name, Use use) const {
  return checker_.find_quietly(site, name.text, use, name.raw);
}

/// The declaration behind `base.name` if `base` is a module alias.
DeclId Callees::namespace_member(AstId base, StringId name) const {
  const auto* head = site_.try_get<ast::Name>(base);
  if (!head || scopes_.find(head->name.text))
    return {};
  const Found space = find(site_, head->name, Use::MemberBase);
  if (space.kind != Found::Kind::Declaration || checker_.decl(space.decl).kind != DeclKind::Namespace)
    return {};
  for (ModuleId target : checker_.decl(space.decl).surface) {
    const auto& names = checker_.module(target).names;
    const auto known = names.find(name);
    if (known != names.end())
      return checker_.follow(known->second);
  }
  return {};
}

DeclId Callees::enclosing_type() const {
  if (!site_.self_type.valid())
    return {};
  return checker_.declaration_of(site_.self_type);
}

// ---- targets ----------------------------------------------------------------------------------------

std::vector<CallTarget> Callees::targets(AstId call) const {
  AstId callee = site_.get<ast::Call>(call).callee;
  if (const auto* paren = site_.try_get<ast::Paren>(callee))
    callee = paren->inner;
  if (const auto* name = site_.try_get<ast::Name>(callee))
    return named(name->name);
  if (const auto* path = site_.try_get<ast::Member>(callee))
    return member(*path);
  if (site_.kind(callee) == Kind::Lambda)
    return {{site_, callee, How::Direct}};
  return {};
}

std::vector<CallTarget> Callees::named(syntax::Ident name) const {
  if (const SyntaxLocal* local = scopes_.find(name.text)) {
    if (local->kind == SyntaxLocal::Kind::Constant && local->value.valid()) {
      const Kind kind = site_.kind(local->value);
      if (kind == Kind::Function || kind == Kind::Lambda)
        return {{site_, local->value, How::Direct}};
      return of_value(local->value);
    }
    if (local->type.valid())
      return of_type(site_, local->type);
    return local->value.valid() ? of_value(local->value) : std::vector<CallTarget>();
  }
  const Found found = find(site_, name, Use::Call);
  return found.kind == Found::Kind::Declaration ? of_declaration(found.decl, How::Direct) : std::vector<CallTarget>();
}

std::vector<CallTarget> Callees::member(const ast::Member& callee) const {
  if (const DeclId id = namespace_member(callee.base, callee.name.text); id.valid())
    return of_declaration(id, How::Direct);
  return dotted(callee.base, callee.name.text);
}

std::vector<CallTarget> Callees::of_declaration(DeclId id, How how) const {
  const Decl& found = checker_.decl(id);
  const Site& site = found.site;
  if (!found.value.valid())
    return found.kind == DeclKind::Variable && found.type.valid() ? of_type(site, found.type)
                                                                  : std::vector<CallTarget>();
  if (found.type.valid())
    return of_type(site, found.type);
  const Kind kind = site.kind(found.value);
  if (kind != Kind::Function && kind != Kind::Lambda)
    return {};
  const bool is_value = found.kind == DeclKind::Variable;
  return {{site, found.value, is_value ? How::Value : how}};
}

/// A closure or function type, perhaps behind an alias.
std::vector<CallTarget> Callees::of_type(const Site& site, AstId type) const {
  Site at = site;
  for (int step = 0; step < max_steps && type.valid(); ++step) {
    const Kind kind = at.kind(type);
    if (kind == Kind::ClosureType || kind == Kind::FunctionType)
      return {{at, type, How::Value}};
    const auto* name = at.try_get<ast::Name>(type);
    if (!name || (at.tree == site_.tree && scopes_.find(name->name.text)))
      return {};
    const Found found = find(at, name->name, Use::Type);
    if (found.kind != Found::Kind::Declaration || checker_.decl(found.decl).kind != DeclKind::TypeAlias)
      return {};
    type = checker_.decl(found.decl).value;
    at = checker_.decl(found.decl).site;
  }
  return {};
}

/// A variable that was initialised with a lambda or a function's name.
std::vector<CallTarget> Callees::of_value(AstId value) const {
  if (site_.kind(value) == Kind::Lambda)
    return {{site_, value, How::Value}};
  const auto* name = site_.try_get<ast::Name>(value);
  if (!name)
    return {};
  if (const SyntaxLocal* local = scopes_.find(name->name.text))
    return local->type.valid() ? of_type(site_, local->type) : std::vector<CallTarget>();
  const Found found = find(site_, name->name, Use::Value);
  return found.kind == Found::Kind::Declaration ? of_declaration(found.decl, How::Value) : std::vector<CallTarget>();
}

/// `base.name(...)`: the members of the type of `base` if it is known, else all members of the program that share the
/// name; what they have in common is certain.
std::vector<CallTarget> Callees::dotted(AstId base, StringId name) const {
  std::vector<CallTarget> found;
  const auto add = [&](const MemberFunction& one) {
    const Site site = checker_.site_of(one.module);
    if (one.kind != MemberFunction::Owner::Field) {
      const bool is_protocol = one.kind == MemberFunction::Owner::Protocol;
      found.push_back({site, one.node, is_protocol ? How::Protocol : How::Direct});
      return true;
    }
    const auto values = of_type(site, one.node);
    found.insert(found.end(), values.begin(), values.end());
    return !values.empty();
  };
  const auto& members = checker_.flow_tables().members_called(checker_, name);
  const auto* head = site_.try_get<ast::Name>(base);
  DeclId type;
  if (head && !scopes_.find(head->name.text))
    if (const Found named_type = find(site_, head->name, Use::Type); named_type.kind == Found::Kind::Declaration)
      type = named_type.decl; // `Box.make()`
  if (!type.valid())
    type = nominal(type_of(base));
  if (type.valid()) {
    for (const MemberFunction& one : members)
      if (belongs(one, type))
        add(one);
    if (!found.empty())
      return found;
  }
  bool certain = true;
  for (const MemberFunction& one : members)
    certain = add(one) && certain;
  for (DeclId id : checker_.ufcs_candidates(site_, name, true)) {
    const auto functions = of_declaration(id, How::Direct);
    certain = certain && !functions.empty();
    found.insert(found.end(), functions.begin(), functions.end());
  }
  for (DeclId id : checker_.ufcs_candidates(site_, name, false))
    if (checker_.decl(id).is_private || found.empty()) {
      const auto functions = of_declaration(id, How::Direct);
      found.insert(found.end(), functions.begin(), functions.end());
    }
  return certain ? found : std::vector<CallTarget>();
}

bool Callees::belongs(const MemberFunction& member, DeclId type) const {
  const Decl& wanted = checker_.decl(type);
  const syntax::Tree& tree = *checker_.module(member.module).tree;
  if (member.kind != MemberFunction::Owner::Impl)
    return wanted.site.tree == &tree && wanted.value == member.owner;
  const Site site = checker_.site_of(member.module);
  return nominal({site, tree.get<ast::Impl>(member.owner).target}) == type;
}

// ---- written types of expressions -------------------------------------------------------------------

DeclId Callees::nominal(Written written) const {
  AstId type = written.type;
  for (int step = 0; step < max_steps && type.valid(); ++step) {
    switch (written.site.kind(type)) {
    case Kind::PointerType: type = written.site.get<ast::PointerType>(type).element; continue;
    case Kind::OptionalType: type = written.site.get<ast::OptionalType>(type).element; continue;
    case Kind::TypeApply: type = written.site.get<ast::TypeApply>(type).head; continue;
    case Kind::Call: type = written.site.get<ast::Call>(type).callee; continue;
    case Kind::Member: {
      const auto& path = written.site.get<ast::Member>(type);
      if (written.site.tree != site_.tree)
        return {};
      return namespace_member(path.base, path.name.text);
    }
    case Kind::Name: {
      const syntax::Ident name = written.site.get<ast::Name>(type).name;
      if (checker_.text(name.text) == "Self")
        return enclosing_type();
      if (written.site.tree == site_.tree && scopes_.find(name.text))
        return {};
      const Found found = find(written.site, name, Use::TypeHead);
      if (found.kind != Found::Kind::Declaration)
        return {};
      const Decl& declared = checker_.decl(found.decl);
      if (declared.kind != DeclKind::TypeAlias)
        return found.decl;
      type = declared.value;
      written.site = declared.site;
      continue;
    }
    default: return {};
    }
  }
  return {};
}

Callees::Written Callees::type_of_local(const SyntaxLocal& local) const {
  if (local.type.valid())
    return {site_, local.type};
  return local.value.valid() ? type_of(local.value) : Written();
}

Callees::Written Callees::type_of(AstId expression) const {
  if (nesting_ == max_steps || !expression.valid())
    return {};
  const Nested nested(nesting_);
  switch (site_.kind(expression)) {
  case Kind::Name: {
    const syntax::Ident name = site_.get<ast::Name>(expression).name;
    if (const SyntaxLocal* local = scopes_.find(name.text))
      return type_of_local(*local);
    const Found found = find(site_, name, Use::Value);
    if (found.kind != Found::Kind::Declaration || checker_.decl(found.decl).site.tree == nullptr)
      return {};
    const Decl& global = checker_.decl(found.decl);
    return global.type.valid() ? Written{global.site, global.type} : Written();
  }
  case Kind::StructLiteral: return {site_, site_.get<ast::StructLiteral>(expression).head};
  case Kind::Cast: return {site_, site_.get<ast::Cast>(expression).type};
  case Kind::Paren: return type_of(site_.get<ast::Paren>(expression).inner);
  case Kind::ForceUnwrap: return type_of(site_.get<ast::ForceUnwrap>(expression).operand);
  case Kind::Deref: return type_of(site_.get<ast::Deref>(expression).operand);
  case Kind::Catch: return type_of(site_.get<ast::Catch>(expression).operand);
  case Kind::Unary: {
    const auto& unary = site_.get<ast::Unary>(expression);
    const bool keeps = unary.op == syntax::UnaryOp::Try || unary.op == syntax::UnaryOp::Pointer;
    return keeps ? type_of(unary.operand) : Written();
  }
  case Kind::Member: {
    const auto& access = site_.get<ast::Member>(expression);
    return type_of_field(access.base, access.name.text);
  }
  case Kind::Call: return result_of(expression);
  default: return {};
  }
}

Callees::Written Callees::result_of(AstId call) const {
  const auto found = targets(call);
  if (found.size() != 1)
    return {};
  const Site& site = found.front().site;
  AstId result = written_result(*site.tree, found.front().node);
  if (const auto* list = site.tree->try_get<ast::ReturnList>(result)) {
    const auto slots = site.tree->list(list->slots);
    result = slots.size() == 1 ? site.get<ast::TypeSlot>(slots.front()).type : AstId();
  }
  return {site, result};
}

Callees::Written Callees::type_of_field(AstId base, StringId name) const {
  const DeclId owner = nominal(type_of(base));
  if (!owner.valid())
    return {};
  const Decl& declared = checker_.decl(owner);
  const auto* type = declared.value.valid() ? declared.site.try_get<ast::StructType>(declared.value) : nullptr;
  if (!type)
    return {};
  for (AstId member : declared.site.tree->list(type->members))
    if (const auto* group = declared.site.try_get<ast::FieldGroup>(member))
      for (AstId field : declared.site.tree->list(group->names))
        if (declared.site.get<ast::Name>(field).name.text == name)
          return {declared.site, group->type};
  return {};
}

// ---- shapes -----------------------------------------------------------------------------------------

ErrorSetFound Callees::error_set(const Site& site, AstId path) const {
  Site at = site;
  for (int step = 0; step < max_steps && path.valid(); ++step) {
    DeclId id;
    if (at.kind(path) == Kind::ErrorSet)
      return {at, path};
    if (const auto* name = at.try_get<ast::Name>(path)) {
      if (const SyntaxLocal* local = at.tree == site_.tree ? scopes_.find(name->name.text) : nullptr) {
        path = local->kind == SyntaxLocal::Kind::Constant ? local->value : AstId();
        continue;
      }
      const Found found = find(at, name->name, Use::Type);
      id = found.kind == Found::Kind::Declaration ? found.decl : DeclId();
    } else if (const auto* member = at.try_get<ast::Member>(path); member && at.tree == site_.tree) {
      id = namespace_member(member->base, member->name.text);
    } else if (member) {
      const SyntaxScopes none(checker_, at);
      id = Callees(checker_, at, none).namespace_member(member->base, member->name.text);
    }
    if (!id.valid())
      return {};
    path = checker_.decl(id).value;
    at = checker_.decl(id).site;
  }
  return {};
}

FailureShape Callees::shape_of(const CallTarget& target) const {
  const syntax::Tree& tree = *target.site.tree;
  const AstId result = written_result(tree, target.node);
  if (!result.valid())
    return {};
  AstId channel = result;
  std::uint32_t values = 0;
  if (const auto* list = tree.try_get<ast::ReturnList>(result)) {
    channel = list->channel;
    values = list->slots.count;
  }
  if (const auto* written = channel.valid() ? tree.try_get<ast::ErrorChannel>(channel) : nullptr)
    return {true, values, !written->set.valid(), written->set};
  const bool is_path = tree.is(result, Kind::Name) || tree.is(result, Kind::Member);
  if (is_path && error_set(target.site, result))
    return {true, 0, false, result};
  return {};
}

std::optional<FailureShape> Callees::shape(AstId call) const {
  std::optional<FailureShape> common;
  for (const CallTarget& target : targets(call)) {
    const FailureShape one = shape_of(target);
    if (common && (common->fails != one.fails || common->values != one.values))
      return {};
    common = one;
  }
  return common;
}

bool Callees::never_returns(AstId call) const {
  const auto found = targets(call);
  return !found.empty() && std::ranges::all_of(found, [&](const CallTarget& target) {
    const AstId result = written_result(*target.site.tree, target.node);
    const auto* name = result.valid() ? target.site.try_get<ast::Name>(result) : nullptr;
    return name && !name->name.raw && checker_.text(name->name.text) == "noreturn";
  });
}

} // namespace sx::sema
