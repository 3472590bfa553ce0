// `if`, match, `while`, `for`, `push` (chapter 01, 1.6.3; R1.72, R1.73, R1.90 to R1.95).

#include "syntax/parser_impl.h"

namespace sx::syntax {

// ---- if ---------------------------------------------------------------------------------------------

/// From the `if` on; `start` is where the node begins (at an `inline` before it). Gives an If or a Match.
NodeId Parser::parse_if(Offset start, bool is_inline, Place place) {
  const Nesting nesting(*this);
  ast::If node;
  node.is_inline = is_inline;
  expect(TokenKind::KwIf);
  const bool binds = place == Place::Body && at(TokenKind::Identifier) && kind(1) == TokenKind::ColonEqual;
  if (binds) {
    node.binding = take_ident();
    advance();
  }
  {
    const Scoped header(header_, Header::If);
    const Offset condition_start = begin();
    const NodeId subject = parse_binary(Level::Shift);
    if (!binds && at(TokenKind::EqualEqual) && kind(1) == TokenKind::LeftBrace) {
      advance();
      return parse_match(start, subject, is_inline, place);
    }
    node.condition = continue_binary(condition_start, subject, Level::Pipe);
  }
  if (!binds && place == Place::Body && accept(TokenKind::KwThen)) {
    node.then_form = true;
    node.then_arm = parse_expression();
    if (at(TokenKind::KwElse) && kind(1) != TokenKind::Colon) {
      advance();
      node.else_arm = parse_expression();
    }
    return add(start, node);
  }
  node.then_arm = parse_arm_block(place);
  if (at(TokenKind::KwElse) && kind(1) != TokenKind::Colon)
    node.else_arm = parse_else_arm(is_inline, place);
  return add(start, node);
}

/// An `else if` below `inline if` is part of the compile-time chain.
NodeId Parser::parse_else_arm(bool is_inline, Place place) {
  expect(TokenKind::KwElse);
  return at(TokenKind::KwIf) ? parse_if(begin(), is_inline, place) : parse_arm_block(place);
}

// ---- match ------------------------------------------------------------------------------------------

/// From the `{` on.
NodeId Parser::parse_match(Offset start, NodeId subject, bool is_inline, Place place) {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  ast::Match match;
  match.subject = subject;
  match.is_inline = is_inline;
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> cases;
  while (at(TokenKind::KwCase))
    cases.push_back(parse_case(place));
  match.cases = list(cases);
  if (at(TokenKind::KwElse))
    parse_match_else(match, place);
  else if (!at(TokenKind::RightBrace))
    fail_expected("'case', 'else' or '}'");
  expect(TokenKind::RightBrace);
  return add(start, match);
}

bool Parser::at_arm_end() const {
  return at(TokenKind::KwCase) || at(TokenKind::RightBrace) || at_eof() ||
         (at(TokenKind::KwElse) && kind(1) == TokenKind::Colon);
}

NodeId Parser::parse_case(Place place) {
  const Nesting nesting(*this);
  const Offset start = begin();
  ast::Case node;
  expect(TokenKind::KwCase);
  node.pattern = parse_pattern();
  expect(TokenKind::Colon);
  if (at(TokenKind::LeftParen) && kind(1) == TokenKind::Identifier && kind(2) == TokenKind::RightParen) {
    advance();
    node.capture = take_ident();
    advance();
  }
  if (at(TokenKind::KwBreak) && kind(1) == TokenKind::Semicolon) {
    node.form = CaseForm::Empty;
    advance();
    advance();
    if (!at_arm_end())
      fail_expected("'case', 'else' or '}'");
  } else if (accept(TokenKind::FatArrow)) {
    node.form = CaseForm::Arrow;
    node.body = parse_expression();
    expect(TokenKind::Semicolon);
  } else {
    node.form = CaseForm::Statements;
    node.body = parse_arm_statements(place);
  }
  return add(start, node);
}

/// The statements of an arm as a Block without braces; empty ones have a zero-length span.
NodeId Parser::parse_arm_statements(Place place) {
  const Offset start = begin();
  std::vector<NodeId> statements;
  while (!at_arm_end())
    statements.push_back(place == Place::Module ? parse_item(true) : parse_statement());
  const Span where = statements.empty() ? Span{file_, start, start} : from(start);
  return add_at(where, ast::Block{list(statements)});
}

/// `else:` and its arm. `break;` and `=> e;` are taken as after `case` (chapter 07, 7.1).
void Parser::parse_match_else(ast::Match& match, Place place) {
  expect(TokenKind::KwElse);
  expect(TokenKind::Colon);
  const bool captures = at(TokenKind::LeftParen) && kind(1) == TokenKind::Identifier &&
                        kind(2) == TokenKind::RightParen &&
                        (kind(3) == TokenKind::LeftBrace || kind(3) == TokenKind::FatArrow);
  if (captures) {
    match.else_capture = true;
    match.else_capture_span = token_span(at_ + 1);
    at_ += 3;
  }
  const Offset start = begin();
  if (at(TokenKind::KwBreak) && kind(1) == TokenKind::Semicolon) {
    advance();
    advance();
    match.else_body = add(start, ast::Block{});
  } else if (accept(TokenKind::FatArrow)) {
    const Offset value_start = begin();
    const NodeId value = parse_expression();
    const Span semicolon = span();
    expect(TokenKind::Semicolon);
    const NodeId statement = add(value_start, ast::ExprStatement{value, semicolon});
    match.else_body = add(value_start, ast::Block{list({statement})});
  } else {
    match.else_body = parse_arm_statements(place);
  }
}

/// A value, a variant, a category or a type (R1.72, R3.15.24). Keywords that name a category become Names.
NodeId Parser::parse_pattern() {
  const Offset start = begin();
  switch (kind()) {
  case TokenKind::KwStruct:
  case TokenKind::KwUnion:
  case TokenKind::KwEnum: return kind(1) == TokenKind::Colon ? add_name(take_ident()) : parse_type();
  case TokenKind::Minus: {
    advance();
    if (!at(TokenKind::Integer) && !at(TokenKind::Character) && !at(TokenKind::Float))
      fail_expected("a number");
    const NodeId operand = parse_literal();
    return add(start, ast::Unary{UnaryOp::Negate, operand});
  }
  case TokenKind::Integer:
  case TokenKind::Float:
  case TokenKind::String:
  case TokenKind::Heredoc:
  case TokenKind::Character:
  case TokenKind::KwTrue:
  case TokenKind::KwFalse:
  case TokenKind::KwNull:
  case TokenKind::Undefined: return parse_literal();
  case TokenKind::Dot: return parse_dot_primary();
  case TokenKind::KwError: return parse_error_literal();
  default: break;
  }
  if (!at_name() && !at(TokenKind::KwSelf) && !at(TokenKind::KwType))
    return parse_type();
  NodeId pattern = parse_type();
  // A variant may be spelled like a keyword: `Level.struct`.
  while (at(TokenKind::Dot) && is_word(kind(1))) {
    advance();
    const Ident name = take_ident();
    pattern = add(start, ast::Member{pattern, name});
  }
  return pattern;
}

// ---- loops ------------------------------------------------------------------------------------------

NodeId Parser::parse_while() {
  const Nesting nesting(*this);
  const Offset start = begin();
  ast::While node;
  expect(TokenKind::KwWhile);
  if (at(TokenKind::Identifier) && kind(1) == TokenKind::ColonEqual) {
    node.binding = take_ident();
    advance();
  }
  {
    const Scoped header(header_, Header::While);
    node.condition = parse_expression();
  }
  node.body = parse_block();
  return add(start, node);
}

/// From the `for` on; `start` is where the node begins (at an `inline` before it).
NodeId Parser::parse_for(Offset start, bool is_inline) {
  const Nesting nesting(*this);
  ast::For node;
  node.is_inline = is_inline;
  expect(TokenKind::KwFor);
  std::vector<NodeId> iterables;
  {
    const Scoped header(header_, Header::For);
    do
      iterables.push_back(parse_iterable());
    while (accept(TokenKind::Comma));
  }
  node.iterables = list(iterables);
  if (at(TokenKind::Colon))
    fail<diag::colon_before_captures>(span());
  if (at(TokenKind::LeftParen))
    node.captures = parse_captures();
  check_captures(iterables, node.captures, is_inline);
  node.arrow = accept(TokenKind::FatArrow);
  if (!node.arrow && !at(TokenKind::LeftBrace))
    fail_expected("'{' or '=>'");
  node.body = node.arrow ? parse_statement() : parse_block();
  return add(start, node);
}

bool Parser::at_iterable_end() const {
  return at(TokenKind::Comma) || at(TokenKind::LeftBrace) || at(TokenKind::FatArrow) || at(TokenKind::Colon) ||
         (at(TokenKind::LeftParen) && opens_captures(at_));
}

NodeId Parser::parse_iterable() {
  const Offset start = begin();
  ast::Iterable node;
  node.start = parse_expression();
  if (!at_range())
    return add(start, node);
  std::string_view spelled;
  node.is_range = true;
  node.range = take_range(spelled);
  if (at_iterable_end()) {
    if (node.range.end_marked)
      fail_range_end(spelled);
  } else {
    node.end = parse_expression();
  }
  return add(start, node);
}

NodeList Parser::parse_captures() {
  expect(TokenKind::LeftParen);
  std::vector<NodeId> captures;
  do {
    const Offset start = begin();
    const bool by_reference = accept(TokenKind::Star);
    if (!at(TokenKind::Identifier)) {
      const std::string found = at_eof() ? "the end of the file" : token_text();
      stop(report<diag::capture_name_expected>(span(), found).help(help::call_as_iterable()));
    }
    const Ident name = take_ident();
    captures.push_back(add(start, ast::Capture{name, by_reference}));
  } while (accept(TokenKind::Comma));
  expect(TokenKind::RightParen);
  return list(captures);
}

/// R1.73, at the token behind the header.
void Parser::check_captures(const std::vector<NodeId>& iterables, NodeList captures, bool is_inline) {
  if (!captures.empty() && captures.count != iterables.size())
    fail<diag::capture_count>(span(), iterables.size(), captures.count);
  const auto& first = tree_->get<ast::Iterable>(iterables[0]);
  if (first.is_range && !first.end.valid())
    stop(report<diag::open_first_range>(span()).help(help::iterable_with_length_first()));
  if (is_inline)
    return;
  for (std::size_t i = 0; i < captures.count; ++i) {
    const bool by_reference = tree_->get<ast::Capture>(tree_->list(captures)[i]).by_reference;
    if (by_reference && tree_->get<ast::Iterable>(iterables[i]).is_range)
      fail<diag::range_capture_by_reference>(span());
  }
}

// ---- push -------------------------------------------------------------------------------------------

NodeId Parser::parse_push() {
  const Nesting nesting(*this);
  const Offset start = begin();
  ast::Push node;
  expect(TokenKind::KwPush);
  {
    const Scoped header(header_, Header::Push);
    node.context = parse_expression();
  }
  node.body = parse_block();
  return add(start, node);
}

} // namespace sx::syntax
