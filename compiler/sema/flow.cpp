// Phases 5d and 5e: value slots read without proof (E0825), failures in cleanup bodies (E0826), functions declared
// failable that never fail (W0801). Works on syntax alone, before any body is checked (R6.104, R6.118, R10.46).

#include "sema/checker.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace sx::sema {

namespace {

using syntax::Kind;

/// What is known at one point of a function.
struct FlowState {
  std::map<StringId, StringId> tainted; ///< value variable -> the error variable that guards it
  std::set<StringId> errors;            ///< error variables of destructures
  std::set<StringId> absent;            ///< error variables known to hold no error

  void declare(StringId name) {
    tainted.erase(name);
    errors.erase(name);
    absent.erase(name);
  }
};

class Flow {
public:
  Flow(Checker& checker, const Site& site) : checker_(checker), site_(site) {}

  void function(AstId body) {
    FlowState state;
    if (site_.kind(body) == Kind::Block)
      statements(site_.get<ast::Block>(body).statements, state);
    else
      expression(body, state);
  }

private:
  // ---- statements: true if control can go on behind them ----

  bool statements(syntax::NodeList list, FlowState& state) {
    const FlowState outer = state;
    std::set<StringId> declared;
    bool completes = true;
    for (const AstId item : site_.tree->list(list)) {
      completes = statement(item, state, declared);
      if (!completes)
        break;
    }
    // Names of this scope give way to the outer ones again.
    for (const StringId name : declared) {
      state.declare(name);
      if (const auto found = outer.tainted.find(name); found != outer.tainted.end())
        state.tainted.insert(*found);
      if (outer.errors.contains(name))
        state.errors.insert(name);
      if (outer.absent.contains(name))
        state.absent.insert(name);
    }
    return completes;
  }

  bool statement(AstId node, FlowState& state, std::set<StringId>& declared) {
    const auto declare = [&](const syntax::Ident& name) {
      declared.insert(name.text);
      state.declare(name.text);
    };
    switch (site_.kind(node)) {
    case Kind::VarDecl: {
      const auto& declaration = site_.get<ast::VarDecl>(node);
      const bool blank = checker_.text(declaration.name.text) == "_";
      if (declaration.value.valid() && !(blank && site_.kind(declaration.value) == Kind::Name))
        expression(declaration.value, state);
      if (!blank)
        declare(declaration.name);
      return true;
    }
    case Kind::ConstDecl: {
      const auto& declaration = site_.get<ast::ConstDecl>(node);
      if (site_.kind(declaration.value) != Kind::Function)
        expression(declaration.value, state);
      declare(declaration.name);
      return true;
    }
    case Kind::Destructure: {
      const auto& destructure = site_.get<ast::Destructure>(node);
      expression(destructure.value, state);
      const auto names = site_.tree->list(destructure.names);
      for (const AstId name : names)
        declare(site_.get<ast::Name>(name).name);
      if (names.size() >= 2 && is_failable(destructure.value)) {
        const StringId error = site_.get<ast::Name>(names.back()).name.text;
        if (checker_.text(error) != "_") {
          state.errors.insert(error);
          for (std::size_t i = 0; i + 1 < names.size(); ++i)
            state.tainted[site_.get<ast::Name>(names[i]).name.text] = error;
        }
      }
      return true;
    }
    case Kind::Assign: {
      const auto& assign = site_.get<ast::Assign>(node);
      expression(assign.value, state);
      const auto* name = site_.try_get<ast::Name>(assign.target);
      if (name != nullptr && assign.op == syntax::BinaryOp::None) {
        state.tainted.erase(name->name.text);
        state.absent.erase(name->name.text);
      } else {
        expression(assign.target, state);
      }
      return true;
    }
    case Kind::MultiAssign: {
      const auto& assign = site_.get<ast::MultiAssign>(node);
      for (const AstId value : site_.tree->list(assign.values))
        expression(value, state);
      for (const AstId target : site_.tree->list(assign.targets)) {
        if (const auto* name = site_.try_get<ast::Name>(target)) {
          state.tainted.erase(name->name.text);
          state.absent.erase(name->name.text);
        } else {
          expression(target, state);
        }
      }
      return true;
    }
    case Kind::Raise: expression(site_.get<ast::Raise>(node).value, state); return false;
    case Kind::Defer: cleanup(site_.get<ast::Defer>(node).body, "defer", state); return true;
    case Kind::OnFail: cleanup(site_.get<ast::OnFail>(node).body, "onfail", state); return true;
    case Kind::ExprStatement: return expression_statement(site_.get<ast::ExprStatement>(node).value, state);
    default: return expression_statement(node, state);
    }
  }

  bool expression_statement(AstId node, FlowState& state) {
    switch (site_.kind(node)) {
    case Kind::If: return branch(node, state);
    case Kind::Block: {
      FlowState inner = state;
      const bool completes = statements(site_.get<ast::Block>(node).statements, inner);
      forget_assigned(inner, state);
      return completes;
    }
    case Kind::Return:
    case Kind::Break:
    case Kind::Continue: expression(node, state); return false;
    case Kind::Call: expression(node, state); return !never_returns(node);
    default: expression(node, state); return true;
    }
  }

  /// What an inner copy of the state found out about assignments holds outside as well.
  static void forget_assigned(const FlowState& inner, FlowState& outer) {
    std::erase_if(outer.tainted, [&](const auto& entry) { return !inner.tainted.contains(entry.first); });
    std::erase_if(outer.absent, [&](StringId name) { return !inner.absent.contains(name); });
  }

  bool branch(AstId node, FlowState& state) {
    const auto& choice = site_.get<ast::If>(node);
    expression(choice.condition, state);
    FlowState taken = state;
    edge(choice.condition, true, taken);
    if (choice.binding.present())
      taken.declare(choice.binding.text);
    const bool first = arm(choice.then_arm, taken);
    FlowState other = state;
    edge(choice.condition, false, other);
    const bool second = !choice.else_arm.valid() || arm(choice.else_arm, other);
    if (first && second) {
      state.tainted = taken.tainted;
      state.tainted.insert(other.tainted.begin(), other.tainted.end());
      state.absent.clear();
      std::set_intersection(taken.absent.begin(), taken.absent.end(), other.absent.begin(), other.absent.end(),
                            std::inserter(state.absent, state.absent.begin()));
    } else if (first || second) {
      state = first ? taken : other;
    }
    return first || second;
  }

  bool arm(AstId node, FlowState& state) {
    if (const auto* block = site_.try_get<ast::Block>(node))
      return statements(block->statements, state);
    return expression_statement(node, state);
  }

  /// Facts of a condition (R6.104): error variables that are absent when it is `truth`.
  void edge(AstId node, bool truth, FlowState& state) {
    if (const auto* name = site_.try_get<ast::Name>(node)) {
      if (!truth && state.errors.contains(name->name.text))
        state.absent.insert(name->name.text);
    } else if (const auto* paren = site_.try_get<ast::Paren>(node)) {
      edge(paren->inner, truth, state);
    } else if (const auto* unary = site_.try_get<ast::Unary>(node)) {
      if (unary->op == syntax::UnaryOp::Not)
        edge(unary->operand, !truth, state);
    } else if (const auto* binary = site_.try_get<ast::Binary>(node)) {
      const bool both = (binary->op == syntax::BinaryOp::And && truth) || (binary->op == syntax::BinaryOp::Or && !truth);
      if (both) {
        edge(binary->lhs, truth, state);
        edge(binary->rhs, truth, state);
      }
    }
  }

  // ---- expressions ----

  void expression(AstId node, FlowState& state) {
    if (!node.valid())
      return;
    switch (site_.kind(node)) {
    case Kind::Name: read(node, state); return;
    case Kind::Lambda: {
      FlowState fresh;
      const AstId body = site_.get<ast::Lambda>(node).body;
      if (site_.kind(body) == Kind::Block)
        statements(site_.get<ast::Block>(body).statements, fresh);
      else
        expression(body, fresh);
      return;
    }
    case Kind::Binary: {
      const auto& binary = site_.get<ast::Binary>(node);
      expression(binary.lhs, state);
      if (binary.op == syntax::BinaryOp::And || binary.op == syntax::BinaryOp::Or) {
        FlowState right = state;
        edge(binary.lhs, binary.op == syntax::BinaryOp::And, right);
        expression(binary.rhs, right);
      } else {
        expression(binary.rhs, state);
      }
      return;
    }
    case Kind::If: branch(node, state); return;
    case Kind::Block: {
      FlowState inner = state;
      statements(site_.get<ast::Block>(node).statements, inner);
      forget_assigned(inner, state);
      return;
    }
    case Kind::While: {
      const auto& loop = site_.get<ast::While>(node);
      expression(loop.condition, state);
      FlowState inner = state;
      edge(loop.condition, true, inner);
      arm(loop.body, inner);
      forget_assigned(inner, state);
      return;
    }
    case Kind::For: {
      const auto& loop = site_.get<ast::For>(node);
      for (const AstId item : site_.tree->list(loop.iterables)) {
        const auto& iterable = site_.get<ast::Iterable>(item);
        expression(iterable.start, state);
        expression(iterable.end, state);
      }
      FlowState inner = state;
      for (const AstId capture : site_.tree->list(loop.captures))
        inner.declare(site_.get<ast::Capture>(capture).name.text);
      std::set<StringId> declared;
      if (loop.arrow)
        statement(loop.body, inner, declared);
      else
        arm(loop.body, inner);
      forget_assigned(inner, state);
      return;
    }
    case Kind::Match: {
      const auto& match = site_.get<ast::Match>(node);
      expression(match.subject, state);
      for (const AstId item : site_.tree->list(match.cases)) {
        const auto& choice = site_.get<ast::Case>(item);
        if (!choice.body.valid())
          continue;
        FlowState inner = state;
        if (choice.capture.present())
          inner.declare(choice.capture.text);
        arm(choice.body, inner);
        forget_assigned(inner, state);
      }
      if (match.else_body.valid()) {
        FlowState inner = state;
        arm(match.else_body, inner);
      }
      return;
    }
    case Kind::Catch: {
      const auto& handler = site_.get<ast::Catch>(node);
      expression(handler.operand, state);
      FlowState inner = state;
      if (handler.binding.present())
        inner.declare(handler.binding.text);
      arm(handler.body, inner);
      return;
    }
    default: break;
    }
    std::vector<AstId> children;
    site_.tree->for_each_child(node, [&](AstId child) { children.push_back(child); });
    for (const AstId child : children)
      expression(child, state);
  }

  void read(AstId node, const FlowState& state) {
    const StringId name = site_.get<ast::Name>(node).name.text;
    const auto tainted = state.tainted.find(name);
    if (tainted == state.tainted.end() || state.absent.contains(tainted->second))
      return;
    const std::string error = checker_.text(tainted->second);
    checker_.report<diag::value_read_without_proof>(site_.span(node), checker_.text(name), error)
        .help("read it after 'if " + error + " { return; }' or inside 'if !" + error + "'");
  }

  // ---- cleanup bodies (R6.118) ----

  void cleanup(AstId body, std::string_view kind, FlowState& state) {
    unabsorbed(body, kind, false);
    FlowState inner = state;
    expression(body, inner);
  }

  /// Reports failable calls that nothing inside the cleanup body takes.
  void unabsorbed(AstId node, std::string_view kind, bool absorbed) {
    if (!node.valid() || site_.kind(node) == Kind::Lambda || site_.kind(node) == Kind::Function)
      return;
    if (const auto* handler = site_.try_get<ast::Catch>(node)) {
      unabsorbed(handler->operand, kind, true);
      unabsorbed(handler->body, kind, false);
      return;
    }
    if (const auto* chain = site_.try_get<ast::Binary>(node); chain != nullptr && chain->op == syntax::BinaryOp::Or) {
      unabsorbed(chain->lhs, kind, true);
      unabsorbed(chain->rhs, kind, absorbed);
      return;
    }
    if (const auto* destructure = site_.try_get<ast::Destructure>(node)) {
      unabsorbed(destructure->value, kind, true);
      return;
    }
    if (site_.kind(node) == Kind::Call && !absorbed && is_failable(node))
      checker_.report<diag::failure_in_cleanup>(site_.span(node), kind)
          .help("'catch' it, or give a fallback with 'or'");
    std::vector<AstId> children;
    site_.tree->for_each_child(node, [&](AstId child) { children.push_back(child); });
    for (const AstId child : children)
      unabsorbed(child, kind, false);
  }

  // ---- what calls can do, by the syntax of their declarations ----

  const ast::Function* callee_of(AstId node, Site& where) {
    const auto* call = site_.try_get<ast::Call>(node);
    if (call == nullptr)
      return nullptr;
    Found found;
    if (const auto* name = site_.try_get<ast::Name>(call->callee)) {
      found = checker_.find_quietly(site_, name->name.text, Use::Call, name->name.raw);
    } else if (const auto* member = site_.try_get<ast::Member>(call->callee)) {
      const auto* base = site_.try_get<ast::Name>(member->base);
      if (base == nullptr)
        return nullptr;
      const Found space = checker_.find_quietly(site_, base->name.text, Use::Namespace, base->name.raw);
      if (space.kind != Found::Kind::Declaration || checker_.decl(space.decl).kind != DeclKind::Namespace)
        return nullptr;
      for (const ModuleId target : checker_.decl(space.decl).surface) {
        const auto& names = checker_.module(target).names;
        if (const auto known = names.find(member->name.text); known != names.end()) {
          found.kind = Found::Kind::Declaration;
          found.decl = known->second;
        }
      }
    }
    if (found.kind != Found::Kind::Declaration)
      return nullptr;
    const Decl& declaration = checker_.decl(found.decl);
    where = declaration.site;
    if (!declaration.value.valid() || where.tree == nullptr)
      return nullptr;
    return where.try_get<ast::Function>(declaration.value);
  }

  bool is_failable(AstId node) {
    Site where;
    const ast::Function* callee = callee_of(node, where);
    if (callee == nullptr || !callee->result.valid())
      return false;
    if (where.kind(callee->result) == Kind::ErrorChannel)
      return true;
    const auto* list = where.try_get<ast::ReturnList>(callee->result);
    return list != nullptr && list->channel.valid();
  }

  bool never_returns(AstId node) {
    Site where;
    const ast::Function* callee = callee_of(node, where);
    if (callee == nullptr || !callee->result.valid())
      return false;
    const auto* result = where.try_get<ast::Name>(callee->result);
    return result != nullptr && checker_.text(result->name.text) == "noreturn";
  }

  Checker& checker_;
  Site site_;
};

/// W0801: a bare `!` that nothing in the body can fill.
bool can_fail(const syntax::Tree& tree, AstId root) {
  std::vector<AstId> pending{root};
  while (!pending.empty()) {
    const AstId node = pending.back();
    pending.pop_back();
    switch (tree.kind(node)) {
    case Kind::Raise:
    case Kind::Insert: return true;
    case Kind::Return:
      if (!tree.get<ast::Return>(node).values.empty())
        return true;
      break;
    case Kind::Unary:
      if (tree.get<ast::Unary>(node).op == syntax::UnaryOp::Try)
        return true;
      break;
    case Kind::ExprStatement:
      if (!tree.get<ast::ExprStatement>(node).semicolon.valid() &&
          tree.kind(tree.get<ast::ExprStatement>(node).value) == Kind::Call)
        return true; // may be a forward
      break;
    default: break;
    }
    tree.for_each_child(node, [&](AstId child) { pending.push_back(child); });
  }
  return false;
}

} // namespace

void Checker::check_flow(ModuleId id) {
  const Site site = site_of(id);
  std::vector<AstId> bodies;
  for (const ModuleItem& item : module(id).items) {
    if (!item.decl.valid())
      continue;
    if (!decl(item.decl).value.valid())
      continue;
    const auto* function = site.try_get<ast::Function>(decl(item.decl).value);
    if (function == nullptr || !function->body.valid())
      continue;
    const bool bare = function->result.valid() && site.kind(function->result) == Kind::ErrorChannel &&
                      !site.get<ast::ErrorChannel>(function->result).set.valid();
    if (bare && text(decl(item.decl).name) != "main" && function->form == syntax::BodyForm::Block &&
        !can_fail(*site.tree, function->body))
      report<diag::failable_never_fails>(site.span(function->result), text(decl(item.decl).name));
    bodies.push_back(function->body);
  }
  for (const AstId body : bodies)
    Flow(*this, site).function(body);
}

} // namespace sx::sema
