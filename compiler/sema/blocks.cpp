// Blocks and their values (section 4.2).

#include "sema/scopes.h"

namespace sx::sema {

/// The `inline for` at `node`: a statement, never an operand (R7.2).
static const ast::For* inline_for(const syntax::Tree& tree, AstId node) {
  const auto* loop = tree.try_get<ast::For>(node);
  return loop != nullptr && loop->is_inline ? loop : nullptr;
}

Operand BodyChecker::check_block(AstId node, Expect expect) {
  const auto& block = tree().get<ast::Block>(node);
  return check_statements(tree().list(block.statements), span_of(node), expect, false);
}

Operand BodyChecker::check_statements(std::span<const AstId> statements, Span span, Expect expect, bool arm) {
  const Scope scope(*this);
  const std::size_t errors = errors_;
  std::vector<hir::NodeId> out;
  bool diverges = false;
  for (std::size_t i = 0; i < statements.size() && !diverges; ++i) {
    const AstId statement = statements[i];
    const auto* expression = tree().try_get<ast::ExprStatement>(statement);
    const bool is_tail = i + 1 == statements.size() && expression != nullptr && expect.wants_value &&
                         (arm || !expression->semicolon.valid()) && !inline_for(tree(), expression->value);
    if (!is_tail) {
      check_statement(statement, out, diverges);
      continue;
    }
    if (expect.function_body)
      return finish_tail(expression->value, out, span);
    Operand tail = check(expression->value, expect);
    if (!expect.accepts_failable || !tail.is_failable_call) {
      if (!tail.poisoned() && is_void(tail)) {
        if (expect.no_value_is_fine)
          return finish_block(out, tail, false, span);
        return missing_value(tail, span_of(expression->value), span, expect);
      }
      if (expect.site != nullptr && expect.type.valid() && !tail.poisoned())
        tail = convert(tail, expect.type, *expect.site);
      else
        tail = to_value(tail, expect);
    }
    return finish_block(out, tail, true, span);
  }
  if (diverges)
    return value(block(out, {}, types().noreturn, span), types().noreturn, span);
  if (!expect.wants_value || expect.no_value_is_fine)
    return finish_block(out, {}, false, span);
  if (errors_ != errors)
    return Operand::poison(span);

  // A value was wanted and there is none (R4.13, R4.14).
  const auto* last = statements.empty() ? nullptr : tree().try_get<ast::ExprStatement>(statements.back());
  if (last != nullptr && last->semicolon.valid() && !arm && last_statement_has_value_) {
    report<diag::value_dropped_by_semicolon>(last->semicolon, expect.function_body ? "function" : "block")
        .help("remove the ';'", last->semicolon, "");
  } else if (expect.arm_without_value) {
    report<diag::arm_without_value>(span);
  } else {
    Span at{span.file, span.begin, span.begin + 1};
    if (!statements.empty())
      at = span_of(statements.back());
    if (expect.function_body)
      report<diag::body_without_value>(at, text(function().name)).help("end with an expression or a 'return'");
    else
      report<diag::block_without_value>(at);
  }
  return Operand::poison(span);
}

bool BodyChecker::is_void(const Operand& operand) const {
  return operand.is_value() && types().is(operand.type, TypeKind::Void);
}

Operand BodyChecker::missing_value(const Operand&, Span tail, Span span, Expect expect) {
  if (expect.arm_without_value)
    report<diag::arm_without_value>(span);
  else if (expect.function_body)
    report<diag::body_without_value>(tail, text(function().name)).help("end with an expression or a 'return'");
  else
    report<diag::nothing_used_as_value>(tail);
  return Operand::poison(span);
}

Operand BodyChecker::finish_block(std::span<const hir::NodeId> out, const Operand& tail, bool has_value, Span span) {
  if (!has_value) {
    std::vector<hir::NodeId> all(out.begin(), out.end());
    if (tail.node.valid())
      all.push_back(tail.node);
    return value(block(all, {}, types().void_, span), types().void_, span);
  }
  if (tail.poisoned())
    return Operand::poison(span);
  if (types().is(tail.type, TypeKind::NoReturn)) {
    std::vector<hir::NodeId> all(out.begin(), out.end());
    all.push_back(tail.node);
    return value(block(all, {}, types().noreturn, span), types().noreturn, span);
  }
  Operand result = value(block(out, tail.node, tail.type, span), tail.type, tail.span);
  result.is_failable_call = tail.is_failable_call;
  result.context_typed = tail.context_typed;
  result.is_null = tail.is_null;
  return result;
}

void BodyChecker::check_statement(AstId node, std::vector<hir::NodeId>& out, bool& diverges) {
  last_statement_has_value_ = false;
  const DepthGuard depth(*this);
  const Span span = span_of(node);
  if (depth.exceeded()) {
    report_depth(span);
    return;
  }
  switch (tree().kind(node)) {
  case AstKind::VarDecl: return var_statement(tree().get<ast::VarDecl>(node), node, out, diverges);
  case AstKind::ConstDecl: return const_statement(tree().get<ast::ConstDecl>(node), node, out, diverges);
  case AstKind::Assign: return assign_statement(tree().get<ast::Assign>(node), node, out);
  case AstKind::MultiAssign: return multi_assign_statement(tree().get<ast::MultiAssign>(node), node, out);
  case AstKind::Destructure: return destructure_statement(tree().get<ast::Destructure>(node), node, out);
  case AstKind::Raise:
    raise_statement(tree().get<ast::Raise>(node), node, out);
    diverges = true;
    return;
  case AstKind::Defer:
  case AstKind::OnFail: return cleanup_statement(node, out);
  case AstKind::Insert: return insert_statement(tree().get<ast::Insert>(node), span, out, diverges);
  case AstKind::ErrorDirective: report_error_directive(tree().get<ast::ErrorDirective>(node), span); return;
  case AstKind::ExprStatement: {
    const AstId expression = tree().get<ast::ExprStatement>(node).value;
    if (const auto* loop = inline_for(tree(), expression))
      return inline_for_statement(*loop, expression, out, diverges);
    statement_span_ = span;
    Operand operand = check(expression, Expect::statement());
    drop_value(operand, out, diverges);
    return;
  }
  default: {
    // Jumps and conditionals may also stand as statements of their own.
    if (const auto* loop = inline_for(tree(), node))
      return inline_for_statement(*loop, node, out, diverges);
    statement_span_ = span;
    Operand operand = check(node, Expect::statement());
    drop_value(operand, out, diverges);
  }
  }
}

void BodyChecker::drop_value(Operand operand, std::vector<hir::NodeId>& out, bool& diverges) {
  if (operand.poisoned())
    return;
  last_statement_has_value_ = !is_void(operand);
  if (operand.kind == Operand::Kind::Property || operand.kind == Operand::Kind::Place)
    operand = to_value(operand);
  if (!operand.node.valid())
    return;
  diverges = types().is(operand.type, TypeKind::NoReturn);
  if (diverges)
    last_statement_has_value_ = false;
  out.push_back(operand.node);
}

} // namespace sx::sema
