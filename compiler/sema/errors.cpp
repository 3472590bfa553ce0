// `try`, `catch`, failable `or`, `raise` (sections 6.18 to 6.25).

#include "sema/scopes.h"

namespace sx::sema {

/// Where the errors of this function are collected if its set is open.
ErrorSource BodyChecker::own_source() const {
  return checker_.error_source_of(function_);
}

/// One report for each tag of `from` that the function's named set lacks (R6.88, R10.45).
void BodyChecker::check_escape(TypeId from, ErrorSource source, Span span) {
  if (!result_.failable || !result_.error_set.valid() || !from.valid())
    return;
  const Nominal& target = types().nominal(result_.error_set);
  if (target.inferred_set) {
    if (!types().nominal(from).inferred_set)
      for (const StringId tag : types().nominal(from).tags)
        checker_.absorb_tag(own_source(), tag);
    else
      checker_.absorb_source(own_source(), source);
    return;
  }
  if (from == result_.error_set)
    return;
  std::vector<std::pair<std::uint32_t, StringId>> missing;
  for (const StringId tag : checker_.converged_tags(from, source))
    if (std::find(target.tags.begin(), target.tags.end(), tag) == target.tags.end())
      missing.emplace_back(checker_.error_tag(tag), tag);
  std::sort(missing.begin(), missing.end());
  for (const auto& [number, tag] : missing)
    report<diag::tag_escapes_set>(span, text(tag), name(result_.error_set));
}

Operand BodyChecker::settle_failable(Operand operand, Expect expect) {
  if (cleanup_kind_ != nullptr) {
    report<diag::failure_in_cleanup>(operand.span, cleanup_kind_).help("'catch' it, or give a fallback with 'or'");
    return Operand::poison(operand.span);
  }
  const Type shape = types()[operand.type];
  if (!types().is(shape.element, TypeKind::Void)) {
    report<diag::value_failure_ignored>(operand.span).help("use 'try', 'catch', 'or', or bind the error");
    return Operand::poison(operand.span);
  }
  if (!expect.wants_value)
    report<diag::failure_ignored>(statement_span_.valid() ? statement_span_ : operand.span);
  Operand result = make(hir::FailableParts{operand.node}, shape.error_set, operand.span);
  result.error_source = operand.error_source;
  return result;
}

Operand BodyChecker::check_try(const ast::Unary& unary, AstId node, Expect expect) {
  const Span span = span_of(node);
  Expect inner = Expect::of(expect.type);
  inner.accepts_failable = inner.consumes_assertion = true;
  const Operand operand = check(unary.operand, inner);
  if (!result_.failable) {
    report<diag::try_in_infallible_function>(span).help("declare its result with '!'");
    return Operand::poison(span);
  }
  if (operand.poisoned())
    return Operand::poison(span);
  if (!operand.is_failable_call) {
    report<diag::try_on_non_failable>(span, type_text(operand));
    return Operand::poison(span);
  }
  const Type shape = types()[operand.type];
  check_escape(shape.error_set, operand.error_source, span);
  return make(hir::Try{operand.node}, shape.element, span);
}

Operand BodyChecker::check_catch(const ast::Catch& handler, AstId node, Expect expect) {
  const Span span = span_of(node);
  Expect inner = Expect::of(expect.type);
  inner.accepts_failable = inner.consumes_assertion = true;
  const Operand operand = check(handler.operand, inner);
  const bool open = !operand.poisoned() && operand.is_failable_call;
  if (!operand.poisoned() && !open) {
    const auto* chain = tree().try_get<ast::Binary>(handler.operand);
    if (chain != nullptr && chain->op == syntax::BinaryOp::Or &&
        (is_failable_operand(chain->lhs) || is_failable_operand(chain->rhs)))
      report<diag::catch_on_absorbed_chain>(span);
    else
      report<diag::catch_on_non_failable>(span, type_text(operand));
  }
  const TypeId success = open ? types()[operand.type].element : types().poison;
  const TypeId error_set = open ? types()[operand.type].error_set : types().poison;
  const bool carries = !types().is(success, TypeKind::Void);

  const Scope scope(*this);
  hir::LocalId binding;
  if (handler.binding.present()) {
    binding = declare_local(handler.binding, error_set, Access::Capture);
    bindings_.back().error_source = operand.error_source;
  }
  Expect body_expect;
  const ConversionSite site{.site = span};
  if (carries && open) {
    body_expect.type = success;
    body_expect.site = &site;
    body_expect.no_value_is_fine = true; // E0818 instead
  } else {
    body_expect = Expect::statement();
  }
  Operand body;
  const auto* match = tree().try_get<ast::Match>(handler.body);
  if (match != nullptr && !match->subject.valid()) {
    if (!binding.valid())
      return Operand::poison(span);
    if (carries && open && !match_gives_value(*match))
      body_expect = Expect::statement();
    body = match_on(*match, handler.body, local_place(binding, handler.binding.span, Access::Capture),
                    handler.binding.span, body_expect, {});
  } else {
    body = check(handler.body, body_expect);
  }
  if (!open || body.poisoned())
    return Operand::poison(span);
  if (!carries) {
    const TypeId type = leaves(body) ? types().noreturn : types().void_;
    return make(hir::Catch{operand.node, binding, statement_node(body)}, leaves(body) ? types().void_ : type, span);
  }
  if (!leaves(body)) {
    if (is_void(body)) {
      report<diag::catch_without_value>(span, name(success))
          .help("end it with a value, or leave with 'return' or 'raise'");
      return Operand::poison(span);
    }
    body = convert(body, success, site);
    if (body.poisoned())
      return Operand::poison(span);
  }
  return make(hir::Catch{operand.node, binding, body.node}, success, span);
}

/// Whether any arm of a handler's match can give a value; if none does, the handler gives none (E0818).
bool BodyChecker::match_gives_value(const ast::Match& match) {
  for (const AstId item : tree().list(match.cases)) {
    const auto& arm = tree().get<ast::Case>(item);
    if (arm.form == syntax::CaseForm::Arrow)
      return true;
    if (arm.form == syntax::CaseForm::Statements) {
      const auto statements = tree().list(tree().get<ast::Block>(arm.body).statements);
      if (!statements.empty())
        return true;
    }
  }
  return match.else_body.valid();
}

/// R6.95: the operands that make an `or` a failable chain.
bool BodyChecker::is_failable_operand(AstId node) {
  if (const auto* paren = tree().try_get<ast::Paren>(node))
    return is_failable_operand(paren->inner);
  switch (tree().kind(node)) {
  case AstKind::Unary: return tree().get<ast::Unary>(node).op == syntax::UnaryOp::Try;
  case AstKind::Binary: {
    const auto& binary = tree().get<ast::Binary>(node);
    return binary.op == syntax::BinaryOp::Or && (is_failable_operand(binary.lhs) || is_failable_operand(binary.rhs));
  }
  case AstKind::Call: return natural_type(node).is_failable;
  case AstKind::Cast: {
    const Tentative tentative(*this);
    Expect expect = Expect::none();
    expect.accepts_failable = expect.consumes_assertion = true;
    return check(node, expect).is_failable_call;
  }
  default: return false;
  }
}

/// `x` of `try x`, or the node itself.
AstId BodyChecker::strip_try(AstId node, bool& marked) {
  marked = false;
  if (const auto* paren = tree().try_get<ast::Paren>(node))
    return strip_try(paren->inner, marked);
  const auto* unary = tree().try_get<ast::Unary>(node);
  if (unary == nullptr || unary->op != syntax::UnaryOp::Try)
    return node;
  marked = true;
  return unary->operand;
}

/// An open failure with its success value converted to `success`; its error set stays.
Operand BodyChecker::map_success(Operand operand, TypeId success, Span span) {
  const Type shape = types()[operand.type];
  if (shape.element == success)
    return operand;
  const TypeId type = types().failable(success, shape.error_set);
  hir::FailableMap map{operand.node, {}, {}};
  if (!types().is(success, TypeKind::Void)) {
    map.success = temporary(shape.element, span);
    const Operand converted = convert(local_place(map.success, span), success, {.site = span});
    if (converted.poisoned())
      return converted;
    map.value = converted.node;
  }
  operand.node = emit(map, type, span);
  operand.type = type;
  return operand;
}

Operand BodyChecker::check_or_chain(const ast::Binary& binary, AstId node, Expect expect) {
  const Span span = span_of(node);
  std::vector<AstId> items{binary.rhs};
  for (AstId left = binary.lhs;;) {
    const auto* inner = tree().try_get<ast::Binary>(left);
    if (inner != nullptr && inner->op == syntax::BinaryOp::Or &&
        (is_failable_operand(inner->lhs) || is_failable_operand(inner->rhs))) {
      items.push_back(inner->rhs);
      left = inner->lhs;
      continue;
    }
    items.push_back(left);
    break;
  }
  std::reverse(items.begin(), items.end());

  std::vector<hir::NodeId> operands;
  TypeId success;
  TypeId last_set;
  ErrorSource last_source;
  bool poisoned = false;
  bool last_marked = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool last = i + 1 == items.size();
    bool marked = false;
    const AstId item = strip_try(items[i], marked);
    if (last && !marked && !is_failable_operand(item)) {
      if (poisoned || !success.valid()) {
        check(item, Expect::of(types().poison));
        return Operand::poison(span);
      }
      return finish_chain(operands, success, item, items[0], span);
    }
    Expect inner = Expect::of(success.valid() ? success : expect.type);
    inner.accepts_failable = inner.consumes_assertion = true;
    Operand operand = check(item, inner);
    if (operand.poisoned()) {
      poisoned = true;
      continue;
    }
    if (!operand.is_failable_call) {
      report<diag::or_operand_not_failable>(span_of(items[i]), type_text(operand));
      poisoned = true;
      continue;
    }
    if (!success.valid())
      success = types()[operand.type].element;
    operand = map_success(std::move(operand), success, span_of(items[i]));
    if (operand.poisoned()) {
      poisoned = true;
      continue;
    }
    const Type shape = types()[operand.type];
    last_set = shape.error_set;
    last_source = operand.error_source;
    last_marked = marked;
    operands.push_back(operand.node);
  }
  if (poisoned || !success.valid())
    return Operand::poison(span);
  const TypeId type = types().failable(success, last_set);
  Operand chain = make(hir::OrChain{body().add_list(operands), {}}, type, span);
  if (expect.consumes_assertion) { // the chain is itself an operand of `try`, `catch` or `or`
    chain.is_failable_call = true;
    chain.error_source = last_source;
    return chain;
  }
  const Span first_span = span_of(items.front());
  if (!result_.failable) {
    report<diag::chain_escapes_infallible_function>(first_span).help("end the chain with a value, or 'catch'");
    return Operand::poison(span);
  }
  if (!last_marked) {
    report<diag::value_failure_ignored>(span_of(items.back())).help("use 'try', 'catch', 'or', or bind the error");
    return Operand::poison(span);
  }
  check_escape(last_set, last_source, span_of(items.back()));
  return make(hir::Try{chain.node}, success, span);
}

/// A chain that ends in a plain value, the terminator (R6.96).
Operand BodyChecker::finish_chain(std::span<const hir::NodeId> operands, TypeId success, AstId item, AstId first,
                                  Span span) {
  if (types().is(success, TypeKind::Void)) {
    report<diag::fallback_for_pure_failable>(span_of(first)).help("use 'catch'");
    check(item, Expect::of(types().poison));
    return Operand::poison(span);
  }
  Operand fallback = check_converted(item, success, {.site = span});
  if (fallback.poisoned())
    return Operand::poison(span);
  return make(hir::OrChain{body().add_list(operands), fallback.node}, success, span);
}

void BodyChecker::raise_statement(const ast::Raise& raise, AstId node, std::vector<hir::NodeId>& out) {
  const Span span = span_of(node);
  const Expect expect = result_.failable ? Expect::of(result_.error_set) : Expect::none();
  Operand operand = check(raise.value, expect);
  if (!result_.failable) {
    if (boundary_ == Boundary::Lambda)
      report<diag::raise_in_infallible_closure>(span).help("declare its result with '!'");
    else
      report<diag::raise_in_infallible_function>(span).help("declare its result with '!'");
    return;
  }
  const ErrorSource origin = operand.error_source;
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return;
  if (!types().is(operand.type, TypeKind::ErrorSet)) {
    report<diag::value_mismatch>(operand.span, name(operand.type), name(result_.error_set));
    return;
  }
  if (!operand.error_tag.valid()) {
    const std::size_t before = errors_;
    check_escape(operand.type, origin, span);
    if (errors_ != before)
      return;
  } else {
    checker_.absorb_tag(own_source(), operand.error_tag);
  }
  const hir::NodeId tag = operand.type == result_.error_set
                              ? operand.node
                              : emit(hir::Convert{hir::ConvertOp::Same, operand.node}, result_.error_set, operand.span);
  out.push_back(emit(hir::Raise{tag}, types().noreturn, span));
}

void BodyChecker::cleanup_statement(AstId node, std::vector<hir::NodeId>& out) {
  const Span span = span_of(node);
  const auto* on_fail = tree().try_get<ast::OnFail>(node);
  const AstId inner = on_fail != nullptr ? on_fail->body : tree().get<ast::Defer>(node).body;
  if (on_fail != nullptr && !result_.failable) {
    report<diag::onfail_in_infallible_function>(span).help("use 'defer'");
    return;
  }
  const Scope scope(*this);
  const Scoped<std::vector<hir::LocalId>> no_facts(facts_, {});
  const Scoped<std::vector<hir::LoopId>> no_loops(loops_, {});
  const Scoped<const char*> cleanup(cleanup_kind_, on_fail != nullptr ? "onfail" : "defer");
  hir::LocalId binding;
  if (on_fail != nullptr && on_fail->binding.present())
    binding = declare_local(on_fail->binding, result_.error_set, Access::Capture);
  statement_span_ = span;
  const Operand operand = check(inner, Expect::statement());
  const hir::NodeId body_node = statement_node(operand);
  if (on_fail != nullptr)
    out.push_back(emit(hir::OnFail{binding, body_node}, types().void_, span));
  else
    out.push_back(emit(hir::Defer{body_node}, types().void_, span));
}

} // namespace sx::sema
