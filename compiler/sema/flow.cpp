// Phase 5d: failable functions that never fail (W0801). Phase 5e: reads of values whose error may be present (E0825)
// and failures without taker in cleanup bodies (E0826), in the functions of one file, reached or not (R6.104, R6.118).

#include "sema/callees.h"
#include "sema/flow_tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace sx::sema {

using syntax::Kind;

namespace {

/// Names proved at one point of a body: error variables known to be absent, values assigned since the destructure.
using Facts = std::set<std::uint32_t>;

Facts common(const Facts& a, const Facts& b) {
  Facts both;
  std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
  return both;
}

/// What a condition proves on each of its edges.
struct Edges {
  Facts on_true;
  Facts on_false;
};

/// One function with the lambdas and nested functions in it.
class FlowCheck {
public:
  /// Methods are free of the read check (R6.104), not of the check of cleanup bodies.
  FlowCheck(Checker& checker, const Site& site, bool checks_reads)
      : checker_(checker), site_(site), scopes_(checker, site), callees_(checker, site, scopes_),
        checks_reads_(checks_reads) {}

  void check(AstId function) {
    scopes_.declare_surroundings(function);
    boundary(function);
  }

private:
  enum class Cleanup : std::uint8_t { None, Defer, OnFail };
  const syntax::Tree& tree() const { return *site_.tree; }

  // ---- functions ----

  /// A function of its own: fresh facts, and outer names are not tracked.
  void boundary(AstId function) {
    const Cleanup outer = cleanup_;
    cleanup_ = Cleanup::None;
    const std::size_t mark = scopes_.mark();
    scopes_.enter_function();
    scopes_.declare_signature(function);
    Facts facts;
    for (AstId param : tree().list(parameters(function)))
      walk(tree().get<ast::Param>(param).initial, facts);
    const AstId body = body_of(function);
    if (body.valid() && tree().is(body, Kind::Block))
      statements(body, facts);
    else
      walk(body, facts);
    scopes_.leave_function();
    scopes_.release(mark);
    cleanup_ = outer;
  }

  syntax::NodeList parameters(AstId function) const {
    if (const auto* plain = tree().try_get<ast::Function>(function))
      return plain->params;
    return tree().get<ast::Lambda>(function).params;
  }

  AstId body_of(AstId function) const {
    if (const auto* plain = tree().try_get<ast::Function>(function))
      return plain->body;
    return tree().get<ast::Lambda>(function).body;
  }

  // ---- statements; each gives whether control never gets behind it ----

  /// The statements of a block in a scope of their own; their facts stay in `facts`.
  bool statements(AstId block, Facts& facts) {
    const std::size_t mark = scopes_.mark();
    bool diverges = false;
    for (AstId statement : tree().list(tree().get<ast::Block>(block).statements)) {
      diverges = walk(statement, facts);
      if (diverges) // what follows is dead (R6.85)
        break;
    }
    scopes_.release(mark);
    return diverges;
  }

  /// A part that may not run, or not to its end: its proofs stay inside, what it takes back is gone.
  bool contained(AstId node, Facts& facts) {
    if (!node.valid())
      return false;
    Facts inner = facts;
    const bool diverges = tree().is(node, Kind::Block) ? statements(node, inner) : walk(node, inner);
    if (!diverges)
      facts = common(facts, inner);
    return diverges;
  }

  /// A block that always runs: assignments in it count afterwards, proofs of absence do not (R6.104).
  bool plain_block(AstId node, Facts& facts) {
    Facts inner = facts;
    const bool diverges = statements(node, inner);
    Facts after = common(facts, inner);
    for (std::uint32_t id : inner)
      if (error_of_.contains(id))
        after.insert(id);
    facts = std::move(after);
    return diverges;
  }

  // Recursion is bounded: no tree is higher than `syntax::max_nesting`.
  bool walk(AstId node, Facts& facts) {
    if (!node.valid())
      return false;
    switch (tree().kind(node)) {
    case Kind::Name: read(tree().get<ast::Name>(node).name, facts); return false;
    case Kind::ExprStatement: return walk(tree().get<ast::ExprStatement>(node).value, facts);
    case Kind::VarDecl: return variable(tree().get<ast::VarDecl>(node), node, facts);
    case Kind::ConstDecl: return constant(tree().get<ast::ConstDecl>(node), node, facts);
    case Kind::Destructure: return destructure(tree().get<ast::Destructure>(node), facts);
    case Kind::Assign: return assign(tree().get<ast::Assign>(node), facts);
    case Kind::MultiAssign: return assign_all(tree().get<ast::MultiAssign>(node), facts);
    case Kind::Return:
    case Kind::Raise:
    case Kind::Break:
    case Kind::Continue: children(node, facts); return true;
    case Kind::Block: return plain_block(node, facts);
    case Kind::Push: {
      const auto& push = tree().get<ast::Push>(node);
      walk(push.context, facts);
      return plain_block(push.body, facts);
    }
    case Kind::If: return branch(tree().get<ast::If>(node), facts);
    case Kind::Match: return match(tree().get<ast::Match>(node), facts);
    case Kind::While: {
      const auto& loop = tree().get<ast::While>(node);
      Facts inner = facts;
      const Edges edges = condition(loop.condition, inner);
      inner.insert(edges.on_true.begin(), edges.on_true.end());
      Facts body = inner;
      bound({&loop.binding, 1}, loop.body, body);
      facts = common(facts, body);
      return false;
    }
    case Kind::For: return for_loop(tree().get<ast::For>(node), facts);
    case Kind::Catch: return handler(tree().get<ast::Catch>(node), facts);
    case Kind::Defer: cleanup(tree().get<ast::Defer>(node).body, {}, Cleanup::Defer, facts); return false;
    case Kind::OnFail: {
      const auto& node_value = tree().get<ast::OnFail>(node);
      cleanup(node_value.body, node_value.binding, Cleanup::OnFail, facts);
      return false;
    }
    case Kind::Lambda:
    case Kind::Function: boundary(node); return false;
    case Kind::Call: return call(node, facts);
    case Kind::Binary:
    case Kind::Unary:
    case Kind::Paren: condition(node, facts); return false;
    case Kind::Cast: {
      const auto& cast = tree().get<ast::Cast>(node);
      walk(cast.operand, facts);
      walk(cast.allocator, facts);
      return false;
    }
    case Kind::StructLiteral: {
      const auto& literal = tree().get<ast::StructLiteral>(node);
      walk_list(literal.elements, facts);
      contained(literal.init, facts);
      return false;
    }
    case Kind::ArrayLiteral: walk_list(tree().get<ast::ArrayLiteral>(node).elements, facts); return false;
    case Kind::Run:
    case Kind::StructType:
    case Kind::EnumType:
    case Kind::UnionType:
    case Kind::ErrorSet:
    case Kind::ProtocolType: return false;
    default: children(node, facts); return false;
    }
  }

  void walk_list(syntax::NodeList nodes, Facts& facts) {
    for (AstId node : tree().list(nodes))
      walk(node, facts);
  }

  void children(AstId node, Facts& facts) {
    tree().for_each_child(node, [&](AstId child) { walk(child, facts); });
  }

  /// A body that may not run, with names that it alone knows.
  bool bound(std::span<const syntax::Ident> names, AstId body, Facts& facts) {
    const std::size_t mark = scopes_.mark();
    for (const syntax::Ident& name : names)
      scopes_.declare(name, SyntaxLocal::Kind::Unknown);
    const bool diverges = contained(body, facts);
    scopes_.release(mark);
    return diverges;
  }

  // ---- declarations and assignments ----

  bool variable(const ast::VarDecl& node, AstId id, Facts& facts) {
    const bool dropped = checker_.strings.text(node.name.text) == "_" && tree().is(node.value, Kind::Name);
    const bool diverges = !dropped && walk(node.value, facts);
    scopes_.declare_statement(id);
    return diverges;
  }

  bool constant(const ast::ConstDecl& node, AstId id, Facts& facts) {
    const bool is_function = tree().is(node.value, Kind::Function);
    if (is_function) // it may call itself
      scopes_.declare_statement(id);
    const bool diverges = walk(node.value, facts);
    if (!is_function)
      scopes_.declare_statement(id);
    return diverges;
  }

  bool destructure(const ast::Destructure& node, Facts& facts) {
    const bool diverges = absorbed(node.value, facts);
    const auto names = tree().list(node.names);
    const AstId value = strip_parentheses(node.value);
    const auto shape = tree().is(value, Kind::Call) ? callees_.shape(value) : std::optional<FailureShape>();
    const bool names_error = shape && shape->fails && shape->values + 1 == names.size();
    std::vector<std::uint32_t> ids;
    for (AstId name : names) {
      const AstId failure = name == names.back() ? node.value : AstId();
      ids.push_back(scopes_.declare(tree().get<ast::Name>(name).name, SyntaxLocal::Kind::Value, {}, {}, failure));
    }
    const std::uint32_t error = ids.back();
    if (!names_error || error == 0)
      return diverges;
    ids.pop_back();
    errors_.emplace(error, tree().get<ast::Name>(names.back()).name.text);
    for (std::uint32_t id : ids)
      error_of_.emplace(id, error);
    return diverges;
  }

  bool assign(const ast::Assign& node, Facts& facts) {
    const auto* name = node.op == syntax::BinaryOp::None ? tree().try_get<ast::Name>(node.target) : nullptr;
    if (!name)
      walk(node.target, facts);
    const bool diverges = walk(node.value, facts);
    if (name)
      assigned(name->name, facts);
    return diverges;
  }

  bool assign_all(const ast::MultiAssign& node, Facts& facts) {
    for (AstId target : tree().list(node.targets))
      if (!tree().is(target, Kind::Name))
        walk(target, facts);
    walk_list(node.values, facts);
    for (AstId target : tree().list(node.targets))
      if (const auto* name = tree().try_get<ast::Name>(target))
        assigned(name->name, facts);
    return false;
  }

  /// A value that is assigned is no longer open; an error variable may hold anything again.
  void assigned(syntax::Ident name, Facts& facts) {
    const SyntaxLocal* local = scopes_.find(name.text);
    if (!local || local->frame != scopes_.frame())
      return;
    if (error_of_.contains(local->id))
      facts.insert(local->id);
    else
      facts.erase(local->id);
  }

  void read(syntax::Ident name, const Facts& facts) {
    const SyntaxLocal* local = checks_reads_ ? scopes_.find(name.text) : nullptr;
    if (!local || local->frame != scopes_.frame())
      return;
    const auto known = error_of_.find(local->id);
    if (known == error_of_.end() || facts.contains(local->id) || facts.contains(known->second))
      return;
    const std::string error = checker_.text(errors_.at(known->second));
    checker_.report<diag::value_read_without_proof>(name.span, checker_.text(name.text), error)
        .help(help::read_after_test(error));
  }

  // ---- control ----

  bool branch(const ast::If& node, Facts& facts) {
    const auto known =
        node.is_inline ? fold_inline_condition(checker_, site_, scopes_, node.condition) : std::optional<bool>();
    const Edges edges = condition(node.condition, facts);
    Facts taken = facts;
    Facts other = facts;
    taken.insert(edges.on_true.begin(), edges.on_true.end());
    other.insert(edges.on_false.begin(), edges.on_false.end());
    bool taken_ends = true;
    if (known.value_or(true)) {
      const std::size_t mark = scopes_.mark();
      scopes_.declare(node.binding, SyntaxLocal::Kind::Value);
      taken_ends = arm(node.then_arm, taken);
      scopes_.release(mark);
    }
    const bool other_ends = known.value_or(false) || arm(node.else_arm, other);
    if (!taken_ends && !other_ends)
      facts = common(taken, other);
    else if (!taken_ends)
      facts = std::move(taken);
    else if (!other_ends)
      facts = std::move(other);
    return taken_ends && other_ends;
  }

  /// An arm keeps its facts: they are joined afterwards.
  bool arm(AstId node, Facts& facts) {
    return node.valid() && (tree().is(node, Kind::Block) ? statements(node, facts) : walk(node, facts));
  }

  bool match(const ast::Match& node, Facts& facts) {
    walk(node.subject, facts);
    Facts after = facts;
    const auto visit = [&](syntax::Ident capture, AstId body) {
      Facts inner = facts;
      bound({&capture, 1}, body, inner);
      after = common(after, inner);
    };
    for (AstId item : tree().list(node.cases)) {
      const auto& one = tree().get<ast::Case>(item);
      walk(one.pattern, facts);
      visit(one.capture, one.body);
    }
    visit({}, node.else_body);
    facts = std::move(after);
    return false;
  }

  bool for_loop(const ast::For& node, Facts& facts) {
    walk_list(node.iterables, facts);
    std::vector<syntax::Ident> names;
    for (AstId capture : tree().list(node.captures))
      names.push_back(tree().get<ast::Capture>(capture).name);
    bound(names, node.body, facts);
    return false;
  }

  bool handler(const ast::Catch& node, Facts& facts) {
    absorbed(node.operand, facts);
    const std::size_t mark = scopes_.mark();
    scopes_.declare(node.binding, SyntaxLocal::Kind::Value, {}, {}, node.operand);
    contained(node.body, facts);
    scopes_.release(mark);
    return false;
  }

  void cleanup(AstId body, syntax::Ident binding, Cleanup kind, Facts& facts) {
    const Cleanup outer = cleanup_;
    cleanup_ = kind;
    Facts inner = facts;
    const std::size_t mark = scopes_.mark();
    scopes_.declare(binding, SyntaxLocal::Kind::Value);
    if (tree().is(body, Kind::Block))
      statements(body, inner);
    else
      walk(body, inner);
    scopes_.release(mark);
    cleanup_ = outer;
  }

  // ---- conditions ----

  Edges condition(AstId node, Facts& facts) {
    switch (tree().kind(node)) {
    case Kind::Paren: return condition(tree().get<ast::Paren>(node).inner, facts);
    case Kind::Name: {
      const syntax::Ident name = tree().get<ast::Name>(node).name;
      read(name, facts);
      const SyntaxLocal* local = scopes_.find(name.text);
      const bool is_error = local && local->frame == scopes_.frame() && errors_.contains(local->id);
      return is_error ? Edges{{}, {local->id}} : Edges{};
    }
    case Kind::Unary: {
      const auto& unary = tree().get<ast::Unary>(node);
      const Edges inner = condition(unary.operand, facts);
      return unary.op == syntax::UnaryOp::Not ? Edges{inner.on_false, inner.on_true} : Edges{};
    }
    case Kind::Binary: return binary(tree().get<ast::Binary>(node), node, facts);
    default: walk(node, facts); return {};
    }
  }

  Edges binary(const ast::Binary& node, AstId id, Facts& facts) {
    const bool is_and = node.op == syntax::BinaryOp::And;
    if (node.op == syntax::BinaryOp::Or && is_failable_chain(tree(), callees_, id)) {
      chain(id, facts, false);
      return {};
    }
    if (!is_and && node.op != syntax::BinaryOp::Or) {
      walk(node.lhs, facts);
      walk(node.rhs, facts);
      return {};
    }
    Edges left = condition(node.lhs, facts);
    const Facts& entered = is_and ? left.on_true : left.on_false;
    Facts inner = facts;
    inner.insert(entered.begin(), entered.end());
    Edges right = condition(node.rhs, inner);
    for (std::uint32_t id_lost : Facts(facts))
      if (!inner.contains(id_lost))
        facts.erase(id_lost);
    if (is_and) {
      left.on_true.insert(right.on_true.begin(), right.on_true.end());
      return {left.on_true, {}};
    }
    left.on_false.insert(right.on_false.begin(), right.on_false.end());
    return {{}, left.on_false};
  }

  // ---- failures ----

  bool call(AstId node, Facts& facts) {
    const std::size_t reports = cleanup_reports_;
    const bool never_returns = parts_of_call(node, facts);
    if (cleanup_ == Cleanup::None || reports != cleanup_reports_) // the innermost call is the one to report (R10.46)
      return never_returns;
    const auto shape = callees_.shape(node);
    if (shape && shape->fails) {
      ++cleanup_reports_;
      checker_.report<diag::failure_in_cleanup>(tree().span(node), cleanup_ == Cleanup::Defer ? "defer" : "onfail")
          .help(help::catch_in_cleanup());
    }
    return never_returns;
  }

  bool parts_of_call(AstId node, Facts& facts) {
    const auto& parts = tree().get<ast::Call>(node);
    walk(parts.callee, facts);
    walk_list(parts.args, facts);
    contained(parts.trailing, facts);
    return callees_.never_returns(node);
  }

  AstId strip_parentheses(AstId node) const {
    while (const auto* paren = tree().try_get<ast::Paren>(node))
      node = paren->inner;
    return node;
  }

  /// An operand whose failure is taken by what stands around it.
  bool absorbed(AstId node, Facts& facts) {
    node = strip_markers(tree(), node);
    if (tree().is(node, Kind::Call))
      return parts_of_call(node, facts);
    if (is_failable_chain(tree(), callees_, node)) {
      chain(node, facts, true);
      return false;
    }
    return walk(node, facts);
  }

  /// Every operand but the last is followed by one that takes its failure.
  void chain(AstId node, Facts& facts, bool caught) {
    const auto operands = chain_operands(tree(), node);
    for (AstId operand : operands)
      if (caught || operand != operands.back())
        absorbed(operand, facts);
      else
        walk(operand, facts);
  }

  Checker& checker_;
  Site site_;
  SyntaxScopes scopes_;
  Callees callees_;
  bool checks_reads_;
  Cleanup cleanup_ = Cleanup::None;
  std::size_t cleanup_reports_ = 0;
  std::unordered_map<std::uint32_t, StringId> errors_;        ///< error variables of destructures
  std::unordered_map<std::uint32_t, std::uint32_t> error_of_; ///< value variable -> its error variable
};

/// R6.108: a bare `!` that no failure ever needs. Silent where syntax cannot follow a failure.
void warn_needless_channel(Checker& checker, DeclId id) {
  const Decl& declaration = checker.decl(id);
  const Site& site = declaration.site;
  const auto* function = site.try_get<ast::Function>(declaration.value);
  const bool has_body =
      function && (function->form == syntax::BodyForm::Block || function->form == syntax::BodyForm::Arrow);
  if (!has_body || !function->result.valid() || checker.strings.text(declaration.name) == "main")
    return;
  AstId channel = function->result;
  if (const auto* list = site.try_get<ast::ReturnList>(channel))
    channel = list->channel;
  const auto* bang = channel.valid() ? site.try_get<ast::ErrorChannel>(channel) : nullptr;
  if (!bang || bang->set.valid())
    return;
  const auto tags = checker.flow_tables().errors.tags_of(checker, site, declaration.value);
  if (tags.complete && !tags.tries_unknowable && tags.tags.empty() && tags.maybe.empty())
    checker.report<diag::failable_never_fails>(site.span(function->result), checker.text(declaration.name))
        .help(help::remove_error_mark());
}

/// The functions that an item declares: itself, or the methods of a type or implementation.
void check_item(Checker& checker, const Site& site, AstId item) {
  const syntax::Tree& tree = *site.tree;
  const auto check_methods = [&](syntax::NodeList members) {
    for (AstId member : tree.list(members))
      if (const auto* method = tree.try_get<ast::ConstDecl>(member); method && tree.is(method->value, Kind::Function))
        FlowCheck(checker, site, false).check(method->value);
  };
  if (const auto* impl = tree.try_get<ast::Impl>(item))
    return check_methods(impl->methods);
  const auto* declaration = tree.try_get<ast::ConstDecl>(item);
  if (!declaration || !declaration->value.valid())
    return;
  if (tree.is(declaration->value, Kind::Function) || tree.is(declaration->value, Kind::Lambda))
    FlowCheck(checker, site, true).check(declaration->value);
  else if (const auto* type = tree.try_get<ast::StructType>(declaration->value))
    check_methods(type->members);
}

} // namespace

void Checker::check_flow(ModuleId id) {
  for (const ModuleItem& item : module(id).items)
    if (item.kind == ModuleItem::Kind::Declaration && item.decl.valid())
      warn_needless_channel(*this, item.decl);
  for (const ModuleItem& item : module(id).items)
    check_item(*this, site_of(id), item.node);
}

} // namespace sx::sema
