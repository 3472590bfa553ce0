// Inferred error sets: what syntax tells about a body, what body checking notes, and the least solution.

#include "sema/error_inference.h"

#include "sema/callees.h"
#include "sema/flow_tables.h"

#include <algorithm>
#include <set>

namespace sx::sema {

using syntax::Kind;

namespace {

void add_once(std::vector<StringId>& tags, StringId tag) {
  if (std::ranges::find(tags, tag) == tags.end())
    tags.push_back(tag);
}

AstId body_of(const syntax::Tree& tree, AstId function) {
  if (const auto* plain = tree.try_get<ast::Function>(function))
    return plain->body;
  if (const auto* lambda = tree.try_get<ast::Lambda>(function))
    return lambda->body;
  if (const auto* method = tree.try_get<ast::ProtocolMethod>(function))
    return method->body;
  return {};
}

} // namespace

// ---- one body by its syntax -------------------------------------------------------------------------

class ErrorGraph::Scanner {
public:
  Scanner(Checker& checker, ErrorGraph& graph, const Site& site, AstId function)
      : checker_(checker), graph_(graph), site_(site), scopes_(checker, site), callees_(checker, site, scopes_) {
    scopes_.declare_surroundings(function);
    scopes_.declare_signature(function);
    own_ = callees_.shape_of({site, function, CallTarget::How::Direct});
  }

  /// Facts of the whole body; its last value counts as returned.
  Facts scan(AstId body) {
    if (body.valid()) {
      returned_tail(body);
      walk(body);
    }
    return std::move(facts_);
  }

private:
  const syntax::Tree& tree() const { return *site_.tree; }

  // Recursion is bounded: no tree is higher than `syntax::max_nesting`.
  void walk(AstId node) {
    if (!node.valid())
      return;
    switch (tree().kind(node)) {
    case Kind::Lambda:
    case Kind::Function:
    case Kind::Run: return; // bodies of their own; `#run` takes the failure itself (R6.127)
    case Kind::Defer:
    case Kind::OnFail: return; // nothing leaves a cleanup body (R6.118)
    case Kind::Raise: raised(tree().get<ast::Raise>(node).value); break;
    case Kind::Return: returned(tree().get<ast::Return>(node)); break;
    case Kind::Unary: {
      const auto& unary = tree().get<ast::Unary>(node);
      if (unary.op == syntax::UnaryOp::Try)
        escapes(unary.operand, true);
      break;
    }
    case Kind::Binary:
      if (tree().get<ast::Binary>(node).op == syntax::BinaryOp::Or && is_failable_chain(tree(), callees_, node)) {
        chain(node, false);
        return;
      }
      break;
    case Kind::Catch: return handler(tree().get<ast::Catch>(node));
    case Kind::Block: return block(tree().list(tree().get<ast::Block>(node).statements));
    case Kind::If: return branch(tree().get<ast::If>(node));
    case Kind::For: {
      const auto& loop = tree().get<ast::For>(node);
      walk_list(loop.iterables);
      const std::size_t mark = scopes_.mark();
      for (AstId capture : tree().list(loop.captures))
        scopes_.declare(tree().get<ast::Capture>(capture).name, SyntaxLocal::Kind::Unknown);
      walk(loop.body);
      scopes_.release(mark);
      return;
    }
    case Kind::While: {
      const auto& loop = tree().get<ast::While>(node);
      walk(loop.condition);
      return bound(loop.binding, loop.body);
    }
    case Kind::Case: {
      const auto& arm = tree().get<ast::Case>(node);
      return bound(arm.capture, arm.body);
    }
    case Kind::ConstDecl: return walk(tree().get<ast::ConstDecl>(node).value);
    case Kind::VarDecl: return walk(tree().get<ast::VarDecl>(node).value);
    default: break;
    }
    tree().for_each_child(node, [&](AstId child) { walk(child); });
  }

  void walk_list(syntax::NodeList nodes) {
    for (AstId node : tree().list(nodes))
      walk(node);
  }

  void bound(syntax::Ident name, AstId body) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare(name, SyntaxLocal::Kind::Unknown);
    walk(body);
    scopes_.release(mark);
  }

  void block(std::span<const AstId> statements) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare_constants(statements);
    for (AstId statement : statements) {
      walk(statement);
      if (!tree().is(statement, Kind::ConstDecl))
        scopes_.declare_statement(statement);
    }
    scopes_.release(mark);
  }

  void branch(const ast::If& node) {
    walk(node.condition);
    const auto known =
        node.is_inline ? fold_inline_condition(checker_, site_, scopes_, node.condition) : std::optional<bool>();
    if (known.value_or(true))
      bound(node.binding, node.then_arm);
    if (!known.value_or(false))
      walk(node.else_arm);
  }

  /// The operand's failure is taken here; what its arguments do is not.
  void handler(const ast::Catch& node) {
    const AstId operand = strip_markers(tree(), node.operand);
    if (is_failable_chain(tree(), callees_, operand))
      chain(operand, true);
    else
      tree().for_each_child(operand, [&](AstId child) { walk(child); });
    const std::size_t mark = scopes_.mark();
    scopes_.declare(node.binding, SyntaxLocal::Kind::Value, {}, {}, operand);
    walk(node.body);
    scopes_.release(mark);
  }

  /// Operands but the last are absorbed by what follows them; the last one escapes unless it is a terminator.
  void chain(AstId node, bool caught) {
    const auto operands = chain_operands(tree(), node);
    for (AstId operand : operands) {
      const AstId inner = strip_markers(tree(), operand);
      if (operand == operands.back()) {
        if (!caught && is_failable_operand(tree(), callees_, operand))
          escapes(inner, operand != inner);
        else if (!is_failable_operand(tree(), callees_, operand))
          return walk(operand);
      }
      tree().for_each_child(inner, [&](AstId child) { walk(child); });
    }
  }

  /// The failures of `operand` leave the function.
  void escapes(AstId operand, bool tried) {
    operand = strip_markers(tree(), operand);
    switch (tree().kind(operand)) {
    case Kind::Call: return call_escapes(operand, tried);
    case Kind::Cast: return add_once(facts_.tags, checker_.intern("mismatch")); // checked assertion (R6.128)
    case Kind::Binary: {
      const auto operands = chain_operands(tree(), operand);
      if (operands.size() > 1 && is_failable_operand(tree(), callees_, operands.back()))
        escapes(operands.back(), tried);
      return;
    }
    case Kind::Name: return raised(operand);
    default: facts_.complete = false;
    }
  }

  void call_escapes(AstId call, bool tried) {
    const auto targets = callees_.targets(call);
    if (targets.empty()) {
      facts_.complete = false;
      facts_.tries_unknowable = facts_.tries_unknowable || tried;
    }
    for (const CallTarget& target : targets) {
      if (tried && target.how != CallTarget::How::Direct)
        facts_.tries_unknowable = true;
      const FailureShape shape = callees_.shape_of(target);
      if (!shape.fails)
        continue;
      if (!shape.bare)
        add_set(target.site, shape.set, targets.size() == 1);
      else
        add_target(target, targets.size() == 1);
    }
  }

  void add_target(const CallTarget& target, bool certain) {
    switch (target.how) {
    case CallTarget::How::Direct:
      facts_.edges.push_back({graph_.function_node(target.site, target.node), certain});
      return;
    case CallTarget::How::Protocol:
      facts_.edges.push_back({graph_.method_node(target.site, target.node), certain});
      return;
    case CallTarget::How::Value: {
      auto shape = written_shape(checker_, target.site, target.node);
      if (shape.empty())
        facts_.complete = false;
      else
        facts_.edges.push_back({graph_.shape_node(std::move(shape)), certain});
    }
    }
  }

  /// All tags of a named set.
  void add_set(const Site& site, AstId path, bool certain) {
    const ErrorSetFound set = callees_.error_set(site, path);
    if (!set) {
      facts_.complete = false;
      return;
    }
    for (AstId tag : set.site.tree->list(set.site.get<ast::ErrorSet>(set.node).tags))
      add_once(certain ? facts_.tags : facts_.maybe, set.site.get<ast::Name>(tag).name.text);
  }

  // ---- values that are raised or returned ----

  void raised(AstId value) {
    value = strip_markers(tree(), value);
    switch (tree().kind(value)) {
    case Kind::ErrorLiteral: return add_once(facts_.tags, tree().get<ast::ErrorLiteral>(value).tag.text);
    case Kind::Name: return raised_name(tree().get<ast::Name>(value).name);
    case Kind::Call: return call_escapes(value, false);
    case Kind::If: {
      const auto& node = tree().get<ast::If>(value);
      raised_arm(node.then_arm);
      return raised_arm(node.else_arm);
    }
    default: facts_.complete = false;
    }
  }

  void raised_arm(AstId arm) {
    if (!arm.valid())
      return;
    const AstId value = tail_of(arm);
    if (value.valid())
      raised(value);
    else
      facts_.complete = false;
  }

  /// The value of a block, or the expression itself.
  AstId tail_of(AstId node) const {
    const auto* block_node = tree().try_get<ast::Block>(node);
    if (!block_node)
      return node;
    const auto statements = tree().list(block_node->statements);
    const auto* last = statements.empty() ? nullptr : tree().try_get<ast::ExprStatement>(statements.back());
    return last && !last->semicolon.valid() ? last->value : AstId();
  }

  void raised_name(syntax::Ident name) {
    const SyntaxLocal* local = scopes_.find(name.text);
    if (!local || local->kind != SyntaxLocal::Kind::Value) {
      facts_.complete = false;
    } else if (local->type.valid()) {
      add_set(site_, local->type, true);
    } else if (local->failure.valid()) {
      const AstId origin = strip_markers(tree(), local->failure);
      const Kind kind = tree().kind(origin);
      if (kind == Kind::Call || kind == Kind::Cast || kind == Kind::Binary)
        escapes(origin, false);
      else
        facts_.complete = false;
    } else {
      facts_.complete = false;
    }
  }

  void returned(const ast::Return& node) {
    const auto values = tree().list(node.values);
    if (values.size() == 1)
      returned_value(values.front());
  }

  /// Forwards, error values of a pure failable, and the full form with an error slot (R6.78, R6.79).
  void returned_value(AstId value) {
    const AstId inner = value;
    if (tree().kind(inner) == Kind::Call) {
      const auto shape = callees_.shape(inner);
      if ((shape && shape->fails) || (!shape && own_.values == 0))
        call_escapes(inner, false);
      return;
    }
    if (tree().kind(inner) == Kind::ErrorLiteral || (own_.values == 0 && tree().kind(inner) == Kind::Name)) {
      raised(inner);
      return;
    }
    const auto* literal = tree().try_get<ast::StructLiteral>(inner);
    if (!literal || literal->head.valid() || own_.values == 0)
      return;
    const auto elements = tree().list(literal->elements);
    if (elements.size() != own_.values + 1)
      return;
    const auto* shorthand = tree().try_get<ast::ShorthandElement>(elements.back());
    raised(shorthand ? shorthand->name : elements.back());
  }

  /// The value at the end of a body is returned, through the arms of a conditional.
  void returned_tail(AstId body) {
    const AstId value = body.valid() ? tail_of(body) : AstId();
    if (!value.valid())
      return;
    const std::size_t mark = scopes_.mark();
    if (const auto* statements = tree().try_get<ast::Block>(body))
      for (AstId statement : tree().list(statements->statements))
        scopes_.declare_statement(statement);
    if (const auto* branch_node = tree().try_get<ast::If>(value)) {
      returned_tail(branch_node->then_arm);
      returned_tail(branch_node->else_arm);
    } else if (const auto* match = tree().try_get<ast::Match>(value)) {
      for (AstId arm : tree().list(match->cases))
        returned_tail(tree().get<ast::Case>(arm).body);
      returned_tail(match->else_body);
    } else {
      returned_value(value);
    }
    scopes_.release(mark);
  }

  Checker& checker_;
  ErrorGraph& graph_;
  Site site_;
  SyntaxScopes scopes_;
  Callees callees_;
  FailureShape own_;
  Facts facts_;
};

// ---- nodes ------------------------------------------------------------------------------------------

ErrorGraph::NodeIndex ErrorGraph::function_node(const Site& site, AstId node) {
  const auto key = std::tuple(site.tree, node, site.environment);
  const auto [known, added] = functions_.emplace(key, nodes_.size());
  if (added) {
    Node made;
    made.site = site;
    made.site.locals = nullptr; // the names around a nested function are found by its syntax
    made.node = node;
    nodes_.push_back(std::move(made));
  }
  return known->second;
}

ErrorGraph::NodeIndex ErrorGraph::shape_node(std::vector<TypeId> shape) {
  const auto [known, added] = shapes_.emplace(shape, nodes_.size());
  if (added) {
    Node made;
    made.kind = Node::Kind::Shape;
    made.shape = std::move(shape);
    nodes_.push_back(std::move(made));
  }
  return known->second;
}

ErrorGraph::NodeIndex ErrorGraph::method_node(const Site& site, AstId method) {
  const NodeIndex index = function_node(site, method);
  nodes_[index].kind = Node::Kind::Method;
  return index;
}

void ErrorGraph::scan(Checker& checker, NodeIndex index) {
  if (nodes_[index].scanned)
    return;
  nodes_[index].scanned = true;
  switch (nodes_[index].kind) {
  case Node::Kind::Function: {
    const Site site = nodes_[index].site;
    const AstId node = nodes_[index].node;
    Facts facts = Scanner(checker, *this, site, node).scan(body_of(*site.tree, node));
    nodes_[index].facts = std::move(facts);
    return;
  }
  case Node::Kind::Shape: return scan_shape(checker, index);
  case Node::Kind::Method: return scan_method(checker, index);
  }
}

void ErrorGraph::scan_shape(Checker& checker, NodeIndex index) {
  Facts facts;
  for (const Callable& one : callables(checker))
    if (one.shape == nodes_[index].shape)
      facts.edges.push_back({function_node(one.site, one.node), true});
  nodes_[index].facts = std::move(facts);
}

/// All implementations of the method, and its default body.
void ErrorGraph::scan_method(Checker& checker, NodeIndex index) {
  const Site site = nodes_[index].site;
  const auto& method = site.get<ast::ProtocolMethod>(nodes_[index].node);
  const auto& parents = checker.flow_tables().parents_of(*site.tree);
  const AstId protocol = parents[nodes_[index].node.index()];
  Facts facts;
  if (method.body.valid())
    facts = Scanner(checker, *this, site, nodes_[index].node).scan(method.body);
  for (const MemberFunction& one : checker.flow_tables().members_called(checker, method.name.text)) {
    if (one.kind != MemberFunction::Owner::Impl)
      continue;
    const Site at = checker.site_of(one.module);
    const syntax::Ident head = at.get<ast::Impl>(one.owner).protocol;
    const Found found = checker.find_quietly(at, head.text, Use::TypeHead, head.raw);
    if (found.kind != Found::Kind::Declaration)
      continue;
    const Decl& declared = checker.decl(found.decl);
    if (declared.site.tree == site.tree && declared.value == protocol)
      facts.edges.push_back({function_node(at, one.node), true});
  }
  nodes_[index].facts = std::move(facts);
}

// ---- shapes -----------------------------------------------------------------------------------------

std::vector<TypeId> ErrorGraph::written_shape(Checker& checker, const Site& site, AstId node) {
  const syntax::Tree& tree = *site.tree;
  std::vector<TypeId> shape;
  bool whole = true;
  const auto add = [&](AstId type) {
    const TypeId resolved = type.valid() ? checker.try_resolve_type(site, type) : TypeId();
    whole = whole && resolved.valid();
    shape.push_back(resolved);
  };
  const auto add_slots = [&](syntax::NodeList slots) {
    for (AstId slot : tree.list(slots))
      add(tree.get<ast::TypeSlot>(slot).type);
  };
  switch (tree.kind(node)) {
  case Kind::Function:
    for (AstId param : tree.list(tree.get<ast::Function>(node).params))
      add(tree.get<ast::Param>(param).type);
    break;
  case Kind::Lambda:
    for (AstId param : tree.list(tree.get<ast::Lambda>(node).params))
      add(tree.get<ast::Param>(param).type);
    break;
  case Kind::FunctionType: add_slots(tree.get<ast::FunctionType>(node).params); break;
  case Kind::ClosureType: add_slots(tree.get<ast::ClosureType>(node).params); break;
  default: return {};
  }
  const AstId result = written_result(tree, node);
  const auto* list = result.valid() ? tree.try_get<ast::ReturnList>(result) : nullptr;
  if (!list) {
    shape.push_back(checker.types.void_);
  } else if (list->slots.count == 1) {
    add_slots(list->slots);
  } else {
    std::vector<TypeId> elements;
    std::vector<StringId> names;
    for (AstId slot : tree.list(list->slots)) {
      const auto& one = tree.get<ast::TypeSlot>(slot);
      elements.push_back(checker.try_resolve_type(site, one.type));
      names.push_back(one.name.present() ? one.name.text : StringId(0));
      whole = whole && elements.back().valid();
    }
    const bool named = std::ranges::any_of(names, [](StringId name) { return name != StringId(0); });
    shape.push_back(whole ? checker.types.tuple(elements, named ? names : std::vector<StringId>()) : TypeId());
  }
  return whole ? shape : std::vector<TypeId>();
}

namespace {

bool has_bare_channel(const syntax::Tree& tree, AstId function) {
  AstId result = written_result(tree, function);
  if (const auto* list = result.valid() ? tree.try_get<ast::ReturnList>(result) : nullptr)
    result = list->channel;
  const auto* channel = result.valid() ? tree.try_get<ast::ErrorChannel>(result) : nullptr;
  return channel && !channel->set.valid();
}

} // namespace

const std::vector<ErrorGraph::Callable>& ErrorGraph::callables(Checker& checker) {
  for (; scanned_modules_ < checker.module_count(); ++scanned_modules_) {
    const ModuleId id{scanned_modules_};
    if (!checker.module(id).tree)
      continue;
    const syntax::Tree& tree = *checker.module(id).tree;
    const Site site = checker.site_of(id);
    const auto add = [&](const Site& at, AstId node) {
      auto shape = written_shape(checker, at, node);
      const bool known = std::ranges::any_of(
          callables_, [&](const Callable& one) { return one.site.tree == at.tree && one.node == node; });
      if (!shape.empty() && !known)
        callables_.push_back({at, node, std::move(shape)});
    };
    std::vector<bool> called(tree.size(), false);
    for (std::size_t i = 0; i < tree.size(); ++i)
      if (const auto* call = tree.try_get<ast::Call>(AstId(i)))
        called[call->callee.index()] = true;
    for (std::size_t i = 0; i < tree.size(); ++i) {
      const AstId node{i};
      if (tree.is(node, Kind::Lambda) && has_bare_channel(tree, node))
        add(site, node);
      const auto* name = called[i] ? nullptr : tree.try_get<ast::Name>(node);
      if (!name)
        continue;
      const Found found = checker.find_quietly(site, name->name.text, Use::Value, name->name.raw);
      if (found.kind != Found::Kind::Declaration || checker.decl(found.decl).kind != DeclKind::Function)
        continue;
      const Decl& function = checker.decl(found.decl);
      if (has_bare_channel(*function.site.tree, function.value))
        add(function.site, function.value);
    }
  }
  return callables_;
}

// ---- solution ---------------------------------------------------------------------------------------

/// Breadth first over the edges. Certain nodes come before possible ones, so a tag is `maybe` only if no certain path
/// leads to it.
ErrorGraph::Tags ErrorGraph::solve(Checker& checker, NodeIndex start) {
  Tags result;
  for (const bool certain : {true, false}) {
    std::set<NodeIndex> seen{start};
    std::vector<NodeIndex> open{start};
    for (std::size_t next = 0; next < open.size(); ++next) {
      const NodeIndex index = open[next];
      if (!nodes_[index].finished)
        scan(checker, index);
      const Facts facts = nodes_[index].finished ? nodes_[index].noted : nodes_[index].facts;
      if (index == start)
        result.tries_unknowable = facts.tries_unknowable;
      result.complete = result.complete && facts.complete;
      for (StringId tag : facts.tags)
        if (certain)
          add_once(result.tags, tag);
        else if (std::ranges::find(result.tags, tag) == result.tags.end())
          add_once(result.maybe, tag);
      if (!certain)
        for (StringId tag : facts.maybe)
          add_once(result.maybe, tag);
      for (const Edge& edge : facts.edges)
        if ((edge.certain || !certain) && seen.insert(edge.to).second)
          open.push_back(edge.to);
    }
  }
  return result;
}

ErrorGraph::Tags ErrorGraph::tags_of(Checker& checker, const Site& site, AstId node) {
  return solve(checker, function_node(site, node));
}

ErrorGraph::Tags ErrorGraph::tags_of_set(Checker& checker, TypeId origin) {
  const auto known = origins_.find(origin);
  if (known != origins_.end())
    return solve(checker, known->second);
  Tags named;
  if (origin.valid() && checker.types.is(origin, TypeKind::ErrorSet))
    named.tags = checker.types.nominal(origin).tags;
  return named;
}

// ---- origins as sets --------------------------------------------------------------------------------

ErrorGraph::NodeIndex ErrorGraph::instance_node(Checker& checker, FunctionId function) {
  const FunctionOrigin& origin = checker.origin(function);
  Site site = origin.site;
  if (origin.environment.valid())
    site.environment = origin.environment;
  return function_node(site, origin.node);
}

TypeId ErrorGraph::origin_of(Checker& checker, NodeIndex index, StringId name, ModuleId module) {
  if (!nodes_[index].origin.valid()) {
    Nominal set;
    set.name = name;
    set.module = module;
    set.inferred_set = true;
    set.complete = true;
    nodes_[index].origin = checker.types.add_nominal(TypeKind::ErrorSet, std::move(set));
    origins_.emplace(nodes_[index].origin, index);
  }
  return nodes_[index].origin;
}

TypeId ErrorGraph::origin_of_function(Checker& checker, FunctionId function) {
  const Function& made = checker.program.function(function);
  return origin_of(checker, instance_node(checker, function), made.name, made.module);
}

TypeId ErrorGraph::origin_of_shape(Checker& checker, TypeId callable) {
  const Type type = checker.types[callable];
  std::vector<TypeId> shape = type.elements;
  const bool fails = type.element.valid() && checker.types.is(type.element, TypeKind::Failable);
  shape.push_back(fails ? checker.types[type.element].element : type.element);
  return origin_of(checker, shape_node(std::move(shape)), checker.intern("!"), {});
}

TypeId ErrorGraph::origin_of_method(Checker& checker, TypeId protocol, StringId method) {
  const Nominal& type = checker.types.nominal(protocol);
  for (const ProtocolMethodInfo& info : type.methods)
    if (info.name == method)
      return origin_of(checker, method_node(checker.site_of(type.module), info.node), method, type.module);
  return {};
}

void ErrorGraph::note_tag(Checker& checker, FunctionId function, StringId tag) {
  add_once(nodes_[instance_node(checker, function)].noted.tags, tag);
}

void ErrorGraph::note_set(Checker& checker, FunctionId function, TypeId from) {
  const NodeIndex index = instance_node(checker, function);
  const auto known = origins_.find(from);
  if (known != origins_.end())
    nodes_[index].noted.edges.push_back({known->second, true});
  else
    for (StringId tag : checker.types.nominal(from).tags)
      add_once(nodes_[index].noted.tags, tag);
}

void ErrorGraph::finish(Checker& checker, FunctionId function) {
  nodes_[instance_node(checker, function)].finished = true;
}

// ---- interface of the checker -----------------------------------------------------------------------

TypeId Checker::failures_of_function(FunctionId function) {
  return flow_tables().errors.origin_of_function(*this, function);
}

TypeId Checker::failures_of_callable(TypeId callable) {
  return flow_tables().errors.origin_of_shape(*this, callable);
}

TypeId Checker::failures_of_method(TypeId protocol, StringId method) {
  return flow_tables().errors.origin_of_method(*this, protocol, method);
}

std::vector<StringId> Checker::converged_tags(TypeId set) {
  return flow_tables().errors.tags_of_set(*this, set).tags;
}

void Checker::note_failure(FunctionId function, StringId tag) {
  flow_tables().errors.note_tag(*this, function, tag);
}

void Checker::note_failures(FunctionId function, TypeId from) {
  if (from.valid() && types.is(from, TypeKind::ErrorSet))
    flow_tables().errors.note_set(*this, function, from);
}

void Checker::failures_noted(FunctionId function) {
  flow_tables().errors.finish(*this, function);
}

} // namespace sx::sema
