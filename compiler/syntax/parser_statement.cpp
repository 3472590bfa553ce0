// Statements (chapter 01, 1.6.3).

#include "syntax/parser_impl.h"

namespace sx::syntax {

namespace {

/// `=` and the compound assignment operators.
bool assignment_operator(TokenKind kind, BinaryOp& op) {
  switch (kind) {
  case TokenKind::Equal: op = BinaryOp::None; return true;
  case TokenKind::PlusEqual: op = BinaryOp::Add; return true;
  case TokenKind::MinusEqual: op = BinaryOp::Sub; return true;
  case TokenKind::StarEqual: op = BinaryOp::Mul; return true;
  case TokenKind::SlashEqual: op = BinaryOp::Div; return true;
  case TokenKind::PercentEqual: op = BinaryOp::Rem; return true;
  case TokenKind::AmpersandEqual: op = BinaryOp::BitAnd; return true;
  case TokenKind::BarEqual: op = BinaryOp::BitOr; return true;
  case TokenKind::CaretEqual: op = BinaryOp::BitXor; return true;
  case TokenKind::LessLessEqual: op = BinaryOp::ShiftLeft; return true;
  case TokenKind::GreaterGreaterEqual: op = BinaryOp::ShiftRight; return true;
  default: return false;
  }
}

} // namespace

NodeId Parser::parse_block() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> statements;
  while (!at(TokenKind::RightBrace) && !at_eof())
    statements.push_back(parse_statement());
  expect(TokenKind::RightBrace);
  return add(start, ast::Block{list(statements)});
}

NodeId Parser::parse_statement() {
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  switch (kind()) {
  case TokenKind::Semicolon: fail<diag::stray_semicolon>(span());
  case TokenKind::KwPrivate: fail<diag::private_in_body>(span());
  case TokenKind::DirImport: fail<diag::import_in_body>(span());
  case TokenKind::DirContextExtend: fail<diag::context_extend_in_body>(span());
  case TokenKind::DirError: return parse_error_directive();
  case TokenKind::DirInsert: return parse_insert();
  case TokenKind::KwReturn: return parse_return_statement();
  case TokenKind::KwBreak:
  case TokenKind::KwContinue: return parse_jump_statement();
  case TokenKind::KwRaise: return parse_raise();
  case TokenKind::KwDefer: return parse_defer();
  case TokenKind::KwOnfail: return parse_onfail();
  case TokenKind::KwInline: return parse_inline_statement();
  // R1.66: complete statements, no operator may follow.
  case TokenKind::KwIf: return finish_expression_statement(start, parse_if(start, false, Place::Body));
  case TokenKind::KwWhile: return finish_expression_statement(start, parse_while());
  case TokenKind::KwFor: return finish_expression_statement(start, parse_for(start, false));
  case TokenKind::KwPush: return finish_expression_statement(start, parse_push());
  case TokenKind::LeftBrace: return finish_expression_statement(start, parse_block());
  case TokenKind::KwImpl:
    if (kind(1) == TokenKind::Identifier)
      fail<diag::impl_in_body>(span());
    break;
  default: break;
  }
  return parse_declaration_or_expression();
}

NodeId Parser::parse_declaration_or_expression() {
  const TokenKind next = kind(1);
  const bool declares = next == TokenKind::ColonColon || next == TokenKind::ColonEqual || next == TokenKind::Colon;
  if (at_name() && declares)
    return parse_named_declaration(Place::Body, false);
  return parse_expression_statement();
}

NodeId Parser::parse_expression_statement() {
  const Offset start = begin();
  const NodeId value = parse_expression();
  BinaryOp op{};
  if (at(TokenKind::Comma))
    return parse_multiple_targets(start, value);
  if (assignment_operator(kind(), op))
    return parse_assignment(start, value);
  return finish_expression_statement(start, value);
}

NodeId Parser::finish_expression_statement(Offset start, NodeId value) {
  // `push` takes no `;`, and neither does a loop whose single statement has its own end (R4.12).
  const auto* loop = tree_->try_get<ast::For>(value);
  const bool ended = is(value, Kind::Push) || (loop && loop->arrow);
  ast::ExprStatement statement{value, {}};
  if (!ended && at(TokenKind::Semicolon)) {
    statement.semicolon = span();
    advance();
  } else if (!ended && !is_block_form(value) && !at_list_end()) {
    expect(TokenKind::Semicolon);
  }
  return add(start, statement);
}

/// R1.48: values behind which a `;` may be left out.
bool Parser::is_block_form(NodeId value) const {
  if (facts_[value.index()].grouped)
    return false;
  switch (tree_->kind(value)) {
  case Kind::Match:
  case Kind::While:
  case Kind::For:
  case Kind::Push:
  case Kind::Block: return true;
  case Kind::Call: return tree_->get<ast::Call>(value).trailing.valid();
  case Kind::If: {
    const auto& node = tree_->get<ast::If>(value);
    return !node.then_form && (!node.else_arm.valid() || is_block_form(node.else_arm));
  }
  default: return false;
  }
}

// ---- assignment -------------------------------------------------------------------------------------

NodeId Parser::parse_assignment(Offset start, NodeId target) {
  BinaryOp op{};
  assignment_operator(kind(), op);
  advance();
  const NodeId value = parse_expression();
  expect(TokenKind::Semicolon);
  return add(start, ast::Assign{op, target, value});
}

/// Behind the first target of `a, b = ...` or `a, b := ...` (R1.68).
NodeId Parser::parse_multiple_targets(Offset start, NodeId first) {
  std::vector<NodeId> targets{first};
  while (accept(TokenKind::Comma))
    targets.push_back(parse_expression());
  if (accept(TokenKind::ColonEqual))
    return parse_destructure(start, targets);
  BinaryOp op{};
  if (!assignment_operator(kind(), op))
    fail_expected("'=' or ':='");
  if (op != BinaryOp::None)
    fail<diag::compound_multi_assignment>(span());
  std::vector<NodeId> values;
  do {
    advance();
    values.push_back(parse_expression());
  } while (at(TokenKind::Comma));
  if (values.size() != targets.size())
    fail<diag::assignment_count>(span(), targets.size(), values.size());
  expect(TokenKind::Semicolon);
  return add(start, ast::MultiAssign{list(targets), list(values)});
}

NodeId Parser::parse_destructure(Offset start, const std::vector<NodeId>& targets) {
  for (NodeId target : targets) {
    const auto* name = tree_->try_get<ast::Name>(target);
    const bool plain = name && !facts_[target.index()].grouped && is_plain_name(name->name);
    if (!plain)
      fail<diag::destructuring_target>(span());
  }
  const NodeId value = parse_expression();
  finish_value(value);
  return add(start, ast::Destructure{list(targets), value});
}

// ---- leaving ----------------------------------------------------------------------------------------

void Parser::refuse_jump_in_cleanup() {
  if (cleanup_ != Cleanup::None)
    fail<diag::jump_out_of_cleanup>(span(), spelling(kind()), cleanup_ == Cleanup::Defer ? "defer" : "onfail");
}

NodeId Parser::parse_return_statement() {
  refuse_jump_in_cleanup();
  const Offset start = begin();
  expect(TokenKind::KwReturn);
  std::vector<NodeId> values;
  if (!at(TokenKind::Semicolon)) {
    do
      values.push_back(parse_argument<ast::ReturnElement>());
    while (accept(TokenKind::Comma));
  }
  expect(TokenKind::Semicolon);
  return add(start, ast::Return{list(values)});
}

NodeId Parser::parse_jump_statement() {
  refuse_jump_in_cleanup();
  const Offset start = begin();
  const bool breaks = at(TokenKind::KwBreak);
  advance();
  expect(TokenKind::Semicolon);
  return breaks ? add(start, ast::Break{}) : add(start, ast::Continue{});
}

NodeId Parser::parse_raise() {
  refuse_jump_in_cleanup();
  const Offset start = begin();
  expect(TokenKind::KwRaise);
  const NodeId value = parse_expression();
  expect(TokenKind::Semicolon);
  return add(start, ast::Raise{value});
}

// ---- cleanup ----------------------------------------------------------------------------------------

NodeId Parser::parse_defer() {
  const Nesting nesting(*this);
  const Scoped cleanup(cleanup_, Cleanup::Defer);
  const Offset start = begin();
  expect(TokenKind::KwDefer);
  if (at(TokenKind::LeftBrace)) {
    const NodeId body = parse_block();
    return add(start, ast::Defer{body});
  }
  const NodeId body = parse_expression();
  expect(TokenKind::Semicolon);
  return add(start, ast::Defer{body});
}

NodeId Parser::parse_onfail() {
  const Nesting nesting(*this);
  const Scoped cleanup(cleanup_, Cleanup::OnFail);
  const Offset start = begin();
  ast::OnFail node;
  expect(TokenKind::KwOnfail);
  if (at_name() && kind(1) == TokenKind::LeftBrace)
    fail<diag::error_binding_without_parentheses>(span(), "onfail");
  const bool bound = at(TokenKind::LeftParen) && kind(1) == TokenKind::Identifier && kind(2) == TokenKind::RightParen &&
                     kind(3) == TokenKind::LeftBrace;
  if (bound) {
    advance();
    node.binding = take_ident();
    advance();
  }
  if (at(TokenKind::LeftBrace)) {
    node.body = parse_block();
  } else {
    node.body = parse_expression();
    expect(TokenKind::Semicolon);
  }
  return add(start, node);
}

// ---- the rest ---------------------------------------------------------------------------------------

NodeId Parser::parse_insert() {
  const Offset start = begin();
  expect(TokenKind::DirInsert);
  const NodeId value = parse_expression();
  expect(TokenKind::Semicolon);
  return add(start, ast::Insert{value});
}

NodeId Parser::parse_inline_statement() {
  const Offset start = begin();
  if (kind(1) != TokenKind::KwIf && kind(1) != TokenKind::KwFor)
    fail<diag::dangling_inline>(span());
  advance();
  const NodeId value = at(TokenKind::KwIf) ? parse_if(start, true, Place::Body) : parse_for(start, true);
  return finish_expression_statement(start, value);
}

} // namespace sx::syntax
