// `if`, `while`, jumps and the joining of arms (sections 4.10, 4.11, 4.13; R3.15.19, R6.44 to R6.51).

#include "sema/scopes.h"

namespace sx::sema {

// ---- narrowing facts ----------------------------------------------------------------------------------

void BodyChecker::collect_facts(AstId condition, bool when, std::vector<hir::LocalId>& out) {
  if (const auto* paren = tree().try_get<ast::Paren>(condition))
    return collect_facts(paren->inner, when, out);
  const auto* binary = tree().try_get<ast::Binary>(condition);
  if (binary == nullptr)
    return;
  using syntax::BinaryOp;
  if ((binary->op == BinaryOp::And && when) || (binary->op == BinaryOp::Or && !when)) {
    collect_facts(binary->lhs, when, out);
    collect_facts(binary->rhs, when, out);
    return;
  }
  if (binary->op != (when ? BinaryOp::NotEqual : BinaryOp::Equal))
    return;
  AstId tested = binary->lhs;
  AstId null = binary->rhs;
  if (tree().is(tested, AstKind::NullLiteral))
    std::swap(tested, null);
  const auto* name = tree().try_get<ast::Name>(tested);
  if (name == nullptr || !tree().is(null, AstKind::NullLiteral))
    return;
  const Binding* binding = own_binding(name->name.text);
  if (binding != nullptr && binding->kind == Binding::Kind::Local && binding->type.valid() &&
      types().is(binding->type, TypeKind::Optional))
    out.push_back(binding->local);
}

void BodyChecker::add_facts(AstId condition, bool when) {
  collect_facts(condition, when, facts_);
}

bool BodyChecker::is_narrowed(hir::LocalId local) const {
  return std::find(facts_.begin(), facts_.end(), local) != facts_.end();
}

void BodyChecker::kill_fact(hir::LocalId local) {
  std::erase(facts_, local);
  killed_facts_.push_back(local);
}

/// Ends the facts about every name that `node` assigns anywhere (R6.46).
void BodyChecker::kill_assigned(AstId node) {
  if (facts_.empty())
    return;
  std::vector<AstId> pending{node};
  const auto kill = [&](AstId target) {
    if (const auto* name = tree().try_get<ast::Name>(target))
      if (const Binding* binding = own_binding(name->name.text); binding != nullptr && binding->local.valid())
        kill_fact(binding->local);
  };
  while (!pending.empty()) {
    const AstId next = pending.back();
    pending.pop_back();
    if (const auto* assign = tree().try_get<ast::Assign>(next))
      kill(assign->target);
    if (const auto* assign = tree().try_get<ast::MultiAssign>(next))
      for (const AstId target : tree().list(assign->targets))
        kill(target);
    tree().for_each_child(next, [&](AstId child) { pending.push_back(child); });
  }
}

// ---- joining arms -------------------------------------------------------------------------------------

TypeId BodyChecker::join_arms(std::span<Arm> arms, TypeId wanted, bool is_match, Span undecided) {
  TypeId result;
  TypeId first_context_typed;
  bool any_null = false;
  bool all_diverge = true;
  bool any_value = false;
  bool poisoned = false;
  for (Arm& arm : arms) {
    if (arm.natural.diverges || arm.skipped)
      continue;
    all_diverge = false;
    if (arm.natural.no_value)
      continue;
    any_value = true;
    if (types().is(arm.natural.type, TypeKind::Poison)) {
      poisoned = poisoned || !arm.natural.context_typed;
      continue;
    }
    if (types().is(arm.natural.type, TypeKind::Null)) {
      any_null = true;
      continue;
    }
    if (arm.natural.context_typed) {
      if (!first_context_typed.valid())
        first_context_typed = arm.natural.type;
      continue;
    }
    if (!result.valid()) {
      result = arm.natural.type;
      continue;
    }
    const TypeId joined = join(result, arm.natural.type);
    if (!joined.valid()) {
      report<diag::arms_do_not_agree>(arm.span, name(arm.natural.type), name(result));
      arm.rejected = true;
      continue;
    }
    result = joined;
  }
  if (all_diverge && !arms.empty())
    return types().noreturn;
  if (!any_value && !wanted.valid() && tentative_ != 0)
    return types().void_;
  const bool wanted_optional = wanted.valid() && types().is(wanted, TypeKind::Optional);
  if (!result.valid()) {
    if (wanted.valid())
      return wanted;
    if (first_context_typed.valid() && !any_null)
      return first_context_typed;
    if (first_context_typed.valid())
      result = first_context_typed;
    else if (any_null && !poisoned) {
      if (tentative_ != 0)
        return types().null;
      if (is_match)
        report<diag::all_arms_null>(undecided).help("give the binding an optional type");
      else
        report<diag::both_arms_null>(undecided).help("give the binding an optional type");
      return types().poison;
    } else {
      return types().poison;
    }
  }
  if (wanted_optional && (types()[wanted].element == result || wanted == result))
    return wanted;
  if (any_null && !types().is(result, TypeKind::Optional)) {
    // A plain pointer destination takes the null itself.
    if (wanted.valid() && types().is_pointer_like(wanted) && types().is_pointer_like(result))
      return result;
    return types().optional(result);
  }
  return result;
}

// ---- if ------------------------------------------------------------------------------------------------

Operand BodyChecker::check_if(const ast::If& branch, AstId node, Expect expect) {
  const Span span = span_of(node);
  if (branch.is_inline)
    if (const std::optional<bool> folded = fold_condition(branch.condition))
      return taken_arm(*folded ? branch.then_arm : branch.else_arm, span, expect);
  if (!branch.is_inline && !branch.binding.present())
    if (const std::optional<bool> folded = fold_static_condition(branch.condition))
      if (*folded || branch.else_arm.valid() || !expect.wants_value)
        return taken_arm(*folded ? branch.then_arm : branch.else_arm, span, expect);
  if (branch.binding.present())
    return check_if_binding(branch, node, expect);

  const Operand condition = to_condition(check_condition_operand(branch.condition));
  if (expect.wants_value)
    return check_value_if(branch, node, condition, expect);
  Operand then_arm, else_arm;
  {
    const Scope scope(*this);
    add_facts(branch.condition, true);
    then_arm = check(branch.then_arm, Expect::statement());
  }
  if (branch.else_arm.valid()) {
    const Scope scope(*this);
    add_facts(branch.condition, false);
    else_arm = check(branch.else_arm, Expect::statement());
  }
  const bool then_diverges = then_arm.is_value() && types().is(then_arm.type, TypeKind::NoReturn);
  if (!branch.else_arm.valid() && then_diverges)
    add_facts(branch.condition, false);
  if (condition.poisoned())
    return Operand::poison(span);
  return finish_if(condition.node, then_arm, branch.else_arm.valid() ? &else_arm : nullptr, span);
}

/// A statement `if`: arms reduced to statements; noreturn if both leave.
Operand BodyChecker::finish_if(hir::NodeId condition, const Operand& then_arm, const Operand* else_arm, Span span) {
  const bool diverges = else_arm != nullptr && leaves(then_arm) && leaves(*else_arm);
  const TypeId type = diverges ? types().noreturn : types().void_;
  const hir::NodeId then_node = statement_node(then_arm);
  const hir::NodeId else_node = else_arm != nullptr ? statement_node(*else_arm) : hir::NodeId();
  return make(hir::If{condition, then_node, else_node}, type, span);
}

bool BodyChecker::leaves(const Operand& operand) const {
  return operand.is_value() && types().is(operand.type, TypeKind::NoReturn);
}

/// The node of an arm whose value is dropped.
hir::NodeId BodyChecker::statement_node(Operand operand) {
  if (operand.poisoned())
    return emit(hir::Poison{}, types().poison, operand.span);
  if (operand.kind == Operand::Kind::Place || operand.kind == Operand::Kind::Property)
    operand = to_value(operand);
  if (!operand.node.valid())
    return block({}, {}, types().void_, operand.span);
  if (is_void(operand) || leaves(operand))
    return operand.node;
  return block(std::array{operand.node}, {}, types().void_, operand.span);
}

Operand BodyChecker::taken_arm(AstId arm, Span span, Expect expect) {
  if (!arm.valid())
    return void_value(span);
  Expect inner = expect;
  if (tree().is(arm, AstKind::Block) && expect.wants_value)
    inner.no_value_is_fine = !expect.type.valid();
  return check(arm, inner);
}

Operand BodyChecker::check_value_if(const ast::If& branch, AstId node, Operand condition, Expect expect) {
  const Span span = span_of(node);
  if (!branch.else_arm.valid()) {
    if (expect.typing_only)
      return typed_only(types().void_, span);
    report<diag::value_if_without_else>(span_of(branch.condition));
    return Operand::poison(span);
  }
  std::array<Arm, 2> arms;
  const std::array<AstId, 2> nodes{branch.then_arm, branch.else_arm};
  for (std::size_t i = 0; i < 2; ++i) {
    const Scope scope(*this);
    add_facts(branch.condition, i == 0);
    arms[i].node = nodes[i];
    arms[i].span = span_of(nodes[i]);
    arms[i].natural = natural_type(nodes[i]);
  }
  const TypeId type = join_arms(arms, expect.type, false, span_of(branch.condition));
  if (expect.typing_only)
    return typed_only(type, span);
  std::array<hir::NodeId, 2> values;
  bool poisoned = condition.poisoned() || types().is(type, TypeKind::Poison);
  for (std::size_t i = 0; i < 2; ++i) {
    const Scope scope(*this);
    add_facts(branch.condition, i == 0);
    const Operand arm = check_arm_value(arms[i], type);
    poisoned = poisoned || arm.poisoned();
    values[i] = node_of(arm);
  }
  if (poisoned)
    return Operand::poison(span);
  return make(hir::If{condition.node, values[0], values[1]}, type, span);
}

Operand BodyChecker::typed_only(TypeId type, Span span) {
  if (types().is(type, TypeKind::Poison))
    return Operand::poison(span);
  Operand operand = make(hir::Poison{}, type, span);
  operand.is_null = types().is(type, TypeKind::Null);
  return operand;
}

/// One arm of a value `if` or match with the joined type as target (R3.15.20).
Operand BodyChecker::check_arm_value(const Arm& arm, TypeId type) {
  const ConversionSite site{.site = arm.span};
  Expect expect;
  expect.type = types().is(type, TypeKind::NoReturn) || types().is(type, TypeKind::Poison) ? TypeId() : type;
  expect.site = &site;
  expect.arm_without_value = true;
  if (arm.rejected) {
    return Operand::poison(arm.span);
  }
  Operand operand = arm.statements ? check_statements(tree().list(tree().get<ast::Block>(arm.node).statements),
                                                      arm.span, expect, true)
                                   : check(arm.node, expect);
  if (operand.poisoned() || leaves(operand))
    return operand;
  if (is_void(operand)) {
    if (!types().is(type, TypeKind::Poison))
      report<diag::arm_without_value>(arm.span);
    return Operand::poison(arm.span);
  }
  return expect.type.valid() ? convert(operand, type, site) : to_value(operand);
}

Operand BodyChecker::check_if_binding(const ast::If& branch, AstId node, Expect expect) {
  const Span span = span_of(node);
  Operand optional = to_value(check(branch.condition, Expect::none()));
  if (!optional.poisoned() && !types().is(optional.type, TypeKind::Optional)) {
    report<diag::unwrap_of_non_optional>(optional.span, name(optional.type));
    optional = Operand::poison(optional.span);
  }
  const TypeId payload = optional.poisoned() ? types().poison : types()[optional.type].element;
  if (expect.wants_value && !branch.else_arm.valid()) {
    report<diag::value_if_without_else>(span_of(branch.condition));
    return Operand::poison(span);
  }
  std::vector<hir::NodeId> before;
  const hir::LocalId tested = spill(optional, before);
  const hir::NodeId has = emit(hir::OptionalHas{local_value(tested, span)}, types().bool_, span);
  std::array<Arm, 2> arms;
  const std::array<AstId, 2> nodes{branch.then_arm, branch.else_arm};
  if (expect.wants_value) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Scope scope(*this);
      if (i == 0)
        declare_local(branch.binding, payload);
      arms[i].node = nodes[i];
      arms[i].span = span_of(nodes[i]);
      arms[i].natural = natural_type(nodes[i]);
    }
  }
  const TypeId type =
      expect.wants_value ? join_arms(arms, expect.type, false, span_of(branch.condition)) : types().void_;
  if (expect.wants_value && expect.typing_only)
    return typed_only(type, span);
  std::array<Operand, 2> values;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!nodes[i].valid())
      continue;
    const Scope scope(*this);
    hir::LocalId bound;
    if (i == 0)
      bound = declare_local(branch.binding, payload);
    values[i] = expect.wants_value ? check_arm_value(arms[i], type) : check(nodes[i], Expect::statement());
    if (i == 0 && !values[i].poisoned()) {
      const hir::NodeId inner =
          emit(hir::OptionalPayload{local_value(tested, branch.binding.span)}, payload, branch.binding.span);
      const hir::NodeId binding = let(bound, inner, branch.binding.span);
      if (expect.wants_value) {
        values[i] = sequence(std::array{binding}, values[i], values[i].span);
      } else {
        const TypeId arm_type = leaves(values[i]) ? types().noreturn : types().void_;
        values[i] = value(block(std::array{binding, statement_node(values[i])}, {}, arm_type, span), arm_type, span);
      }
    }
  }
  if (optional.poisoned() ||
      (expect.wants_value && (values[0].poisoned() || values[1].poisoned() || types().is(type, TypeKind::Poison))))
    return Operand::poison(span);
  if (expect.wants_value)
    return sequence(before, make(hir::If{has, values[0].node, values[1].node}, type, span), span);
  return sequence(before, finish_if(has, values[0], branch.else_arm.valid() ? &values[1] : nullptr, span), span);
}

// ---- while and jumps ------------------------------------------------------------------------------------

Operand BodyChecker::check_while(const ast::While& loop, AstId node, Expect) {
  const Span span = span_of(node);
  const Scope scope(*this);
  kill_assigned(loop.condition);
  kill_assigned(loop.body);
  const hir::LoopId id = body().add_loop();
  const hir::NodeId leave = emit(hir::Break{id}, types().noreturn, span);
  std::vector<hir::NodeId> round;
  Operand condition;
  if (loop.binding.present()) {
    condition = to_value(check(loop.condition, Expect::none()));
    if (!condition.poisoned() && !types().is(condition.type, TypeKind::Optional)) {
      report<diag::unwrap_of_non_optional>(condition.span, name(condition.type));
      condition = Operand::poison(condition.span);
    }
    const TypeId payload = condition.poisoned() ? types().poison : types()[condition.type].element;
    const hir::LocalId tested = spill(condition, round);
    const hir::NodeId has = emit(hir::OptionalHas{local_value(tested, span)}, types().bool_, span);
    round.push_back(emit(hir::If{has, block({}, {}, types().void_, span), leave}, types().void_, span));
    const hir::LocalId bound = declare_local(loop.binding, payload);
    round.push_back(let(bound, emit(hir::OptionalPayload{local_value(tested, span)}, payload, span), span));
  } else {
    condition = to_condition(check_condition_operand(loop.condition));
    if (!condition.poisoned())
      round.push_back(emit(hir::If{condition.node, block({}, {}, types().void_, span), leave}, types().void_, span));
  }
  loops_.push_back(id);
  const Operand inner = check(loop.body, Expect::statement());
  loops_.pop_back();
  round.push_back(statement_node(inner));
  return make(hir::Loop{id, block(round, {}, types().void_, span), {}}, types().void_, span);
}

Operand BodyChecker::check_jump(AstKind kind, Span span) {
  if (loops_.empty()) {
    report<diag::jump_outside_loop>(keyword_span(span, kind == AstKind::Break ? 5 : 8),
                                    kind == AstKind::Break ? "break" : "continue");
    return Operand::poison(span);
  }
  if (kind == AstKind::Break)
    return make(hir::Break{loops_.back()}, types().noreturn, span);
  return make(hir::Continue{loops_.back()}, types().noreturn, span);
}

Span BodyChecker::keyword_span(Span span, std::uint32_t length) {
  return {span.file, span.begin, span.begin + length};
}

} // namespace sx::sema
