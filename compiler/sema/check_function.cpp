// Whole bodies: parameters, result slots, the value of the body, inferred results, compile-time entries.

#include "sema/scopes.h"
#include "sema/tables.h"

namespace sx::sema {

namespace {

struct BodySyntax {
  AstId body;
  bool arrow = false;
};

BodySyntax body_syntax(const syntax::Tree& tree, AstId node) {
  if (const auto* function = tree.try_get<ast::Function>(node))
    return {function->body, function->form == syntax::BodyForm::Arrow};
  if (const auto* lambda = tree.try_get<ast::Lambda>(node))
    return {lambda->body, lambda->arrow};
  if (const auto* method = tree.try_get<ast::ProtocolMethod>(node))
    return {method->body, false};
  return {};
}

/// R4.3: is there a `return v` among the statements, branches, loops and arms?
bool returns_value(const syntax::Tree& tree, AstId root) {
  std::vector<AstId> pending{root};
  while (!pending.empty()) {
    const AstId node = pending.back();
    pending.pop_back();
    const auto push_list = [&](syntax::NodeList list) {
      for (const AstId item : tree.list(list))
        pending.push_back(item);
    };
    const auto push = [&](AstId item) {
      if (item.valid())
        pending.push_back(item);
    };
    switch (tree.kind(node)) {
    case AstKind::Return:
      if (!tree.get<ast::Return>(node).values.empty())
        return true;
      break;
    case AstKind::Block: push_list(tree.get<ast::Block>(node).statements); break;
    case AstKind::ExprStatement: push(tree.get<ast::ExprStatement>(node).value); break;
    case AstKind::If:
      push(tree.get<ast::If>(node).then_arm);
      push(tree.get<ast::If>(node).else_arm);
      break;
    case AstKind::Match:
      push_list(tree.get<ast::Match>(node).cases);
      push(tree.get<ast::Match>(node).else_body);
      break;
    case AstKind::Case: push(tree.get<ast::Case>(node).body); break;
    case AstKind::While: push(tree.get<ast::While>(node).body); break;
    case AstKind::For: push(tree.get<ast::For>(node).body); break;
    case AstKind::Push: push(tree.get<ast::Push>(node).body); break;
    default: break;
    }
  }
  return false;
}

} // namespace

void BodyChecker::set_result(const Signature& signature) {
  result_ = {};
  result_.type = signature.value;
  result_.error_set = signature.error_set;
  result_.failable = signature.error_set.valid();
  result_.multi =
      signature.slots.size() >= 2 && signature.value.valid() && types().is(signature.value, TypeKind::Tuple);
  result_.void_type = signature.value.valid() && types().is(signature.value, TypeKind::Void);
  for (const ResultSlot& slot : signature.slots)
    result_.slot_names.push_back(slot.name.present() ? slot.name.text : StringId());
}

void BodyChecker::declare_parameters(const Signature& signature) {
  for (const Parameter& parameter : signature.parameters) {
    if (parameter.is_comptime && !parameter.is_pack && !parameter.is_type) {
      // Of a tagged union the variant is fixed and the value is passed (R7.83).
      const GenericArgument* argument = checker_.find_argument(where_.environment, parameter.name.text);
      if (argument != nullptr && argument->value.is(ConstValue::Kind::Variant)) {
        function().params.push_back(declare_local(parameter.name, parameter.type, Access::LocalConstant));
        bindings_.back().value = argument->value;
      }
      continue;
    }
    if (parameter.is_type)
      continue; // bound in the environment
    if (parameter.is_pack) {
      const GenericArgument* argument = checker_.find_argument(where_.environment, parameter.name.text);
      PackBinding pack;
      pack.name = parameter.name.text;
      if (argument != nullptr) {
        pack.types = argument->types;
        pack.constraint = argument->constraint;
      }
      pack.has_types = tree().is(parameter.node, AstKind::Param) && tree().get<ast::Param>(parameter.node).is_comptime;
      for (const TypeId type : pack.types) {
        const hir::LocalId local = body().add_local(parameter.name.text, type, parameter.name.span);
        pack.elements.push_back(local);
        function().params.push_back(local);
      }
      Binding binding;
      binding.kind = Binding::Kind::Pack;
      binding.name = parameter.name.text;
      binding.span = parameter.name.span;
      binding.index = add_pack(std::move(pack));
      bind(binding);
      continue;
    }
    const TypeId type = parameter.type.valid() ? parameter.type : types().poison;
    function().params.push_back(declare_local(parameter.name, type));
  }
}

void BodyChecker::declare_slots(const Signature& signature, std::vector<hir::NodeId>& out) {
  if (!signature.has_names)
    return;
  for (const ResultSlot& slot : signature.slots) {
    const TypeId type = slot.type.valid() ? slot.type : types().poison;
    Operand initial;
    const Span span = slot.name.present() ? slot.name.span : span_of(slot.node);
    if (slot.initial.valid()) {
      initial = check(slot.initial, Expect::of(type));
      if (!initial.poisoned() && !can_convert(initial, type)) {
        report<diag::result_slot_default>(span_of(slot.initial), text(slot.name.text), type_text(initial), name(type));
        initial = Operand::poison(span);
      } else {
        initial = convert(std::move(initial), type, {.site = span_of(slot.initial)});
      }
    } else if (!types().is(type, TypeKind::Poison)) {
      initial = value(default_value(type, span), type, span);
    }
    hir::LocalId local;
    if (slot.name.present()) {
      local = declare_local(slot.name, type);
    } else {
      local = temporary(type, span);
    }
    function().result_slots.push_back(local);
    if (initial.node.valid())
      out.push_back(let(local, initial.node, span));
  }
}

/// R4.29: is result slot `slot` assigned on every path through `node` that reaches its end?
bool BodyChecker::assigns(StringId slot, AstId node) {
  const auto names_slot = [&](AstId target) {
    const auto* named = tree().try_get<ast::Name>(target);
    return named != nullptr && named->name.text == slot;
  };
  if (!node.valid())
    return false;
  switch (tree().kind(node)) {
  case AstKind::Assign: {
    const auto& assign = tree().get<ast::Assign>(node);
    return assign.op == syntax::BinaryOp::None && names_slot(assign.target);
  }
  case AstKind::MultiAssign:
    for (const AstId target : tree().list(tree().get<ast::MultiAssign>(node).targets))
      if (names_slot(target))
        return true;
    return false;
  case AstKind::Return:
  case AstKind::Raise: return true;
  case AstKind::ExprStatement: return assigns(slot, tree().get<ast::ExprStatement>(node).value);
  case AstKind::Block:
    for (const AstId statement : tree().list(tree().get<ast::Block>(node).statements))
      if (assigns(slot, statement))
        return true;
    return false;
  case AstKind::If: {
    const auto& branch = tree().get<ast::If>(node);
    return branch.else_arm.valid() && assigns(slot, branch.then_arm) && assigns(slot, branch.else_arm);
  }
  case AstKind::Match: {
    const auto& match = tree().get<ast::Match>(node);
    if (!match.else_body.valid() || !assigns(slot, match.else_body))
      return false;
    for (const AstId item : tree().list(match.cases))
      if (!assigns(slot, tree().get<ast::Case>(item).body))
        return false;
    return true;
  }
  case AstKind::Push: return assigns(slot, tree().get<ast::Push>(node).body);
  default: return false;
  }
}

/// Checks the body under `result_`; the tree's root is a Block (R4.14).
void BodyChecker::check_root(AstId body_node, bool arrow, std::vector<hir::NodeId> before) {
  const Span span = span_of(body_node);
  const bool is_block = tree().is(body_node, AstKind::Block);
  const bool noreturn = result_.type.valid() && types().is(result_.type, TypeKind::NoReturn);
  const bool poison = result_.type.valid() && types().is(result_.type, TypeKind::Poison);
  const bool wants = !(noreturn || poison) && (result_.inferring || !result_.is_void() || result_.failable);
  Operand root;
  if (is_block) {
    Expect expect = wants ? Expect::of(result_.type) : Expect::statement();
    expect.function_body = wants;
    expect.no_value_is_fine = result_.is_void() || !function().result_slots.empty();
    const auto statements = tree().list(tree().get<ast::Block>(body_node).statements);
    root = check_statements(statements, span, expect, false);
    const bool falls_through = !root.poisoned() && is_void(root);
    if (falls_through && !function().result_slots.empty())
      report_unset_slots(body_node);
  } else if (!wants) {
    const Operand operand = check(body_node, Expect::statement());
    const hir::NodeId statement = statement_node(operand);
    const TypeId type = leaves(operand) ? types().noreturn : types().void_;
    root = value(block(std::array{statement}, {}, type, span), type, span);
  } else {
    std::vector<hir::NodeId> out;
    root = finish_tail(body_node, out, span);
  }
  (void)arrow;
  finish_body(std::move(before), root, span);
  if (result_.failable && errors_ == 0)
    checker_.errors_absorbed(own_source());
}

/// A trailing expression of a function body: the implicit return value, or a forward (R4.14, R6.109).
Operand BodyChecker::finish_tail(AstId node, std::vector<hir::NodeId>& out, Span span) {
  if (result_.is_void() && result_.failable && !result_.inferring) {
    // A pure failable: an error value or failable call is returned, anything else is a statement.
    Expect expect = Expect::statement();
    expect.accepts_failable = true;
    Operand operand = check(node, expect);
    if (operand.poisoned())
      return Operand::poison(span);
    if (operand.is_failable_call) {
      operand = forward(std::move(operand), span_of(node));
      if (operand.poisoned())
        return Operand::poison(span);
      out.push_back(emit(hir::ReturnFailable{operand.node}, types().noreturn, span_of(node)));
      return value(block(out, {}, types().noreturn, span), types().noreturn, span);
    }
    out.push_back(statement_node(operand));
    const TypeId type = leaves(operand) ? types().noreturn : types().void_;
    return value(block(out, {}, type, span), type, span);
  }
  // With named slots a tail that gives no value is a statement like any other (R4.28).
  if (!function().result_slots.empty() && natural_type(node).no_value) {
    const Operand operand = check(node, Expect::statement());
    out.push_back(statement_node(operand));
    const TypeId type = leaves(operand) ? types().noreturn : types().void_;
    return value(block(out, {}, type, span), type, span);
  }
  Operand tail;
  if (result_.inferring && !result_.type.valid()) {
    tail = check_value(node, Expect::none());
    if (!tail.poisoned() && !leaves(tail) && !is_void(tail))
      result_.type = tail.type;
  } else {
    tail = returned_value(node);
  }
  if (tail.poisoned())
    return Operand::poison(span);
  if (tail.is_failable_call) {
    out.push_back(emit(hir::ReturnFailable{tail.node}, types().noreturn, tail.span));
    return value(block(out, {}, types().noreturn, span), types().noreturn, span);
  }
  if (leaves(tail) || is_void(tail)) {
    out.push_back(tail.node);
    return value(block(out, {}, tail.type, span), tail.type, span);
  }
  return value(block(out, tail.node, tail.type, span), tail.type, span);
}

void BodyChecker::report_unset_slots(AstId body_node) {
  const Signature& signature = checker_.origin(function_).signature;
  for (const ResultSlot& slot : signature.slots)
    if (slot.name.present() && !slot.initial.valid() && !assigns(slot.name.text, body_node))
      report<diag::result_slot_unset>(span_of(body_node), text(slot.name.text))
          .help("set it everywhere, give it a default, or return explicitly");
}

void BodyChecker::finish_body(std::vector<hir::NodeId> before, const Operand& root, Span span) {
  Function& made = function();
  made.failed = errors_ != 0 || root.poisoned();
  if (root.poisoned()) {
    made.body.root = block(std::array{emit(hir::Poison{}, types().poison, span)}, {}, types().void_, span);
  } else if (before.empty()) {
    made.body.root = root.node;
  } else if (is_void(root) || leaves(root)) {
    before.push_back(root.node);
    made.body.root = block(before, {}, root.type, span);
  } else {
    made.body.root = block(before, root.node, root.type, span);
  }
  made.checked = true;
}

void BodyChecker::run_function() {
  const FunctionOrigin origin = checker_.origin(function_);
  const Signature& signature = origin.signature;
  const BodySyntax syntax = body_syntax(tree(), origin.node);
  set_result(signature);
  std::vector<hir::NodeId> before;
  const Scope scope(*this);
  if (signature.has_names)
    for (const ResultSlot& slot : signature.slots)
      for (const Parameter& parameter : signature.parameters)
        if (slot.name.present() && parameter.name.text == slot.name.text)
          report<diag::result_slot_named_like_parameter>(result_list_span(origin.node), text(slot.name.text));
  declare_parameters(signature);
  declare_slots(signature, before);
  if (!syntax.body.valid()) {
    finish_body(std::move(before), Operand::poison(span_of(origin.node)), span_of(origin.node));
    return;
  }
  if (function().is_naked)
    return check_naked(syntax.body);
  check_root(syntax.body, syntax.arrow, std::move(before));
}

Span BodyChecker::result_list_span(AstId node) const {
  AstId result;
  if (const auto* function_node = tree().try_get<ast::Function>(node))
    result = function_node->result;
  else if (const auto* lambda = tree().try_get<ast::Lambda>(node))
    result = lambda->result;
  return result.valid() ? span_of(result) : span_of(node);
}

void BodyChecker::run_lambda(const Signature& signature, AstId body_node, bool arrow, bool infers) {
  set_result(signature);
  std::vector<hir::NodeId> before;
  const Scope scope(*this);
  declare_parameters(signature);
  declare_slots(signature, before);
  if (infers) {
    const bool expression = arrow && !tree().is(body_node, AstKind::Block);
    result_.inferring = expression || returns_value(tree(), body_node);
    result_.void_type = !result_.inferring;
    if (result_.void_type)
      result_.type = types().void_;
  }
  check_root(body_node, arrow, std::move(before));
  const TypeId success = result_.type.valid() ? result_.type : types().void_;
  const TypeId result = result_.failable ? types().failable(success, result_.error_set) : success;
  std::vector<TypeId> parameters;
  for (const hir::LocalId local : function().params)
    parameters.push_back(body().locals[local.index()].type);
  function().type = types().function(std::move(parameters), result);
}

TypeId BodyChecker::run_inference(AstId node, const Signature& partial) {
  const BodySyntax syntax = body_syntax(tree(), node);
  set_result(partial);
  declare_parameters(partial);
  if (!syntax.body.valid())
    return types().void_;
  const bool expression = syntax.arrow && !tree().is(syntax.body, AstKind::Block);
  // `-> $R` of a pack function takes the tail expression as well (R5.144).
  const auto* written = tree().try_get<ast::Function>(node);
  const bool open_result = written != nullptr && written->result.valid();
  if (!expression && !open_result && !returns_value(tree(), syntax.body))
    return types().void_;
  result_.inferring = true;
  result_.void_type = false;
  result_.type = {};
  check_root(syntax.body, syntax.arrow, {});
  return result_.type.valid() ? result_.type : types().void_;
}

// ---- hooks of the checker -----------------------------------------------------------------------------

void Checker::check_body(FunctionId id) {
  const Unmuted unmuted(diagnostics);
  const FunctionOrigin& known = origin(id);
  if (known.deferred)
    return;
  Site site = known.site;
  if (known.environment.valid())
    site.environment = known.environment;
  BodyChecker body(*this, id, site, nullptr, Boundary::None);
  if (program.function(id).kind == FunctionKind::Entry) {
    const auto wanted = entry_types.find(id);
    body.run_entry(known.node, wanted == entry_types.end() ? TypeId() : wanted->second);
  } else {
    body.run_function();
  }
}

namespace {

/// A function that exists only to hold nodes of a check whose tree is not kept.
FunctionId scratch_function(Checker& checker, const Site& site) {
  Function made;
  made.kind = FunctionKind::Entry;
  made.name = checker.intern("");
  made.module = site.module;
  made.has_context = true;
  made.comptime_only = true;
  made.failed = true;
  made.type = checker.types.function({}, checker.types.void_);
  FunctionOrigin origin;
  origin.site = site;
  origin.environment = site.environment;
  origin.begun = true;
  origin.deferred = true;
  return checker.add_function(std::move(made), std::move(origin));
}

} // namespace

TypeId Checker::infer_result(const Site& site, AstId node, const Signature& partial) {
  diagnostics.mute();
  TypeId type;
  {
    BodyChecker body(*this, scratch_function(*this, site), site, nullptr, Boundary::None);
    ++body.tentative_;
    type = body.run_inference(node, partial);
  }
  diagnostics.unmute();
  return type;
}

FunctionId Checker::make_entry(const Site& site, const EntryRequest& request) {
  Function made;
  made.kind = FunctionKind::Entry;
  made.name = request.name.valid() ? request.name : intern("");
  made.symbol = "entry." + text(made.name);
  made.module = site.module;
  made.has_context = has_context();
  made.comptime_only = true;
  made.span = request.node.valid() ? site.span(request.node) : Span{};
  made.end_span = made.span;
  made.type = types.function({}, request.type.valid() ? request.type : types.void_);
  FunctionOrigin origin;
  origin.site = site;
  origin.environment = site.environment;
  origin.node = request.node;
  origin.is_static = request.constant_only;
  if (request.default_value) {
    origin.begun = true;
    const FunctionId defaults = add_function(std::move(made), std::move(origin));
    BodyChecker body(*this, defaults, site, nullptr, Boundary::None);
    const hir::NodeId initial = body.default_value(request.type, {});
    hir::Body& tree = program.function(defaults).body;
    tree.root = tree.add(hir::Block{tree.add_list({}), initial}, request.type, {});
    program.function(defaults).checked = true;
    return defaults;
  }
  const FunctionId id = add_function(std::move(made), std::move(origin));
  if (request.type.valid())
    entry_types[id] = request.type;
  return id;
}

TypeId Checker::type_of_expression(const Site& site, AstId node, TypeId target) {
  // A constant's type needs the signatures its operand calls, and their bodies may read that very constant (R7.17).
  const PostponedBodies postponed(tables_->bodies_postponed);
  BodyChecker body(*this, scratch_function(*this, site), site, nullptr, Boundary::Typing);
  if (target.valid()) {
    // The type the expression has where `target` is wanted, before any conversion (R2.25).
    Expect expect = Expect::of(target);
    expect.accepts_failable = true;
    expect.accepts_undefined = true;
    expect.no_value_is_fine = true;
    Operand operand = body.check(node, expect);
    if (operand.is_failable_call)
      return types[operand.type].element;
    operand = body.to_value(std::move(operand), expect);
    return operand.poisoned() ? types.poison : operand.type;
  }
  const BodyChecker::NaturalType natural = body.natural_type(node);
  TypeId type = natural.type;
  if (natural.is_failable)
    type = types[type].element;
  if (types.is(type, TypeKind::Poison) || types.is(type, TypeKind::Null)) {
    // Once more, for its reports.
    const Operand operand = body.check_value(node, Expect::none());
    if (!operand.poisoned())
      report<diag::literal_cannot_type_itself>(site.span(node));
    return types.poison;
  }
  return type;
}

std::uint32_t Checker::lambda_number(bool is_tentative) {
  return is_tentative ? lambda_counter_ : lambda_counter_++;
}

} // namespace sx::sema
