// Primary expressions (chapter 01, 1.6.4) and inline assembly (R2.124).

#include "syntax/parser_impl.h"

namespace sx::syntax {

NodeId Parser::parse_primary() {
  switch (kind()) {
  case TokenKind::Integer:
  case TokenKind::Float:
  case TokenKind::String:
  case TokenKind::Heredoc:
  case TokenKind::Character:
  case TokenKind::KwTrue:
  case TokenKind::KwFalse:
  case TokenKind::KwNull:
  case TokenKind::Undefined: return parse_literal();
  case TokenKind::Identifier:
    if (at_type_constructor())
      return parse_type();
    return add_name(take_ident());
  case TokenKind::KwProtocol:
  case TokenKind::KwImpl:
  case TokenKind::KwUfcs:
  case TokenKind::KwF32:
  case TokenKind::KwF64:
  case TokenKind::KwType:
  case TokenKind::KwSelf: return add_name(take_ident());
  case TokenKind::LeftBracket:
  case TokenKind::Question:
  case TokenKind::KwStruct:
  case TokenKind::KwEnum:
  case TokenKind::KwUnion: return parse_type();
  case TokenKind::Dollar: return parse_pack();
  case TokenKind::Dot: return parse_dot_primary();
  case TokenKind::LeftParen: return parse_paren();
  case TokenKind::LeftBrace: return parse_block();
  case TokenKind::KwError: return parse_error_literal();
  case TokenKind::KwIf: return parse_if(begin(), false, Place::Body);
  case TokenKind::KwWhile: return parse_while();
  case TokenKind::KwFor: return parse_for(begin(), false);
  case TokenKind::KwPush: return parse_push();
  case TokenKind::KwBreak:
  case TokenKind::KwContinue:
  case TokenKind::KwReturn: return parse_jump_operand();
  case TokenKind::KwRaise: refuse_jump_in_cleanup(); fail<diag::statement_as_operand>(span(), "raise");
  case TokenKind::KwOnfail: fail<diag::statement_as_operand>(span(), "onfail");
  case TokenKind::KwAsm: return parse_asm();
  case TokenKind::DirRun: return parse_run();
  case TokenKind::DirCallerLocation: {
    const Offset start = begin();
    advance();
    return add(start, ast::CallerLocation{});
  }
  default: fail_expression_expected();
  }
}

NodeId Parser::parse_literal() {
  const TokenIndex i = at_;
  advance();
  const Span where = token_span(i);
  switch (tokens_.kind(i)) {
  case TokenKind::Integer: return add_at(where, ast::IntLiteral{tokens_.integer(i)});
  case TokenKind::Float: return add_at(where, ast::FloatLiteral{tokens_.floating(i)});
  case TokenKind::Character: return add_at(where, ast::CharLiteral{tokens_.code_point(i)});
  case TokenKind::KwTrue: return add_at(where, ast::BoolLiteral{true});
  case TokenKind::KwFalse: return add_at(where, ast::BoolLiteral{false});
  case TokenKind::KwNull: return add_at(where, ast::NullLiteral{});
  case TokenKind::Undefined: return add_at(where, ast::UndefinedLiteral{});
  default: return add_at(where, ast::StringLiteral{tokens_.string(i).value, tokens_.string(i).verbatim});
  }
}

// ---- parentheses ------------------------------------------------------------------------------------

NodeId Parser::parse_paren() {
  switch (meaning_of_paren(at_)) {
  case ParenMeaning::Lambda: return parse_lambda();
  case ParenMeaning::FunctionType: return parse_type();
  case ParenMeaning::Group: break;
  }
  return parse_group();
}

/// `(e)`; anything that looks like a tuple is refused where it shows (R1.83).
NodeId Parser::parse_group() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const TokenIndex open = at_;
  expect(TokenKind::LeftParen);
  const auto refuse_tuple = [&] {
    refuse_unreadable_group(open);
    stop(report<diag::parenthesised_tuple>(span()).help(help::braces_with_tuple_type()));
  };
  if (at(TokenKind::RightParen) || at(TokenKind::DotDot) || (at_name() && kind(1) == TokenKind::Colon))
    refuse_tuple();
  const NodeId inner = parse_expression();
  if (at(TokenKind::Comma))
    refuse_tuple();
  expect(TokenKind::RightParen);
  facts_[inner.index()].grouped = true;
  return inner;
}

NodeId Parser::parse_lambda() {
  const Nesting nesting(*this);
  const Offset start = begin();
  ast::Lambda lambda;
  lambda.params = parse_parameters(ParameterKinds::Plain);
  if (accept(TokenKind::Arrow))
    lambda.result = parse_return_type();
  lambda.abi = parse_abi();
  lambda.arrow = accept(TokenKind::FatArrow);
  if (lambda.arrow) {
    const Scoped cleanup(cleanup_, Cleanup::None);
    lambda.body = parse_expression();
  } else {
    lambda.body = parse_function_body_block();
  }
  return add(start, lambda);
}

// ---- dots, tags, packs ------------------------------------------------------------------------------

NodeId Parser::parse_dot_primary() {
  const Offset start = begin();
  switch (kind(1)) {
  case TokenKind::LeftBrace: return parse_struct_literal(start, {});
  case TokenKind::LeftBracket: return parse_array_literal(start, {});
  case TokenKind::LeftParen: advance(); stop(report<diag::dot_parenthesis_literal>(span()).help(help::braces()));
  default: break;
  }
  advance();
  const Ident name = expect_member();
  return add(start, ast::DotName{name});
}

NodeId Parser::parse_error_literal() {
  const Offset start = begin();
  expect(TokenKind::KwError);
  expect(TokenKind::Dot);
  const Ident tag = expect_member("an error tag");
  return add(start, ast::ErrorLiteral{tag});
}

/// `$xs`, `$xs[2]`; any other index is an ordinary postfix.
NodeId Parser::parse_pack() {
  const Offset start = begin();
  expect(TokenKind::Dollar);
  const Ident name = expect_identifier();
  const bool indexed = at(TokenKind::LeftBracket) && kind(1) == TokenKind::Integer &&
                       kind(2) == TokenKind::RightBracket && tokens_.integer(at_ + 1) <= 0xFFFFFFFFu;
  if (!indexed)
    return add(start, ast::PackName{name});
  const auto index = static_cast<std::uint32_t>(tokens_.integer(at_ + 1));
  at_ += 3;
  return add(start, ast::PackElement{name, index});
}

// ---- keywords ---------------------------------------------------------------------------------------

/// `#run` takes a whole expression (R1.45).
NodeId Parser::parse_run() {
  const Nesting nesting(*this);
  const Offset start = begin();
  expect(TokenKind::DirRun);
  const NodeId value = parse_expression();
  return add(start, ast::Run{value});
}

/// `return`, `break` and `continue` as operands (R1.82).
NodeId Parser::parse_jump_operand() {
  const Nesting nesting(*this);
  refuse_jump_in_cleanup();
  const Offset start = begin();
  if (accept(TokenKind::KwBreak))
    return add(start, ast::Break{});
  if (accept(TokenKind::KwContinue))
    return add(start, ast::Continue{});
  expect(TokenKind::KwReturn);
  std::vector<NodeId> values;
  if (!at(TokenKind::Semicolon))
    values.push_back(parse_expression());
  return add(start, ast::Return{list(values)});
}

// ---- assembly ---------------------------------------------------------------------------------------

void Parser::fail_asm(std::string_view what) {
  fail<diag::assembly_operand_syntax>(span(), what, at_eof() ? "the end of the file" : token_text());
}

NodeId Parser::parse_asm() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  ast::Asm node;
  expect(TokenKind::KwAsm);
  if (at_word("volatile")) {
    node.is_volatile = true;
    advance();
  }
  expect(TokenKind::LeftBrace);
  node.code = parse_expression();
  std::vector<NodeId> operands;
  std::vector<std::uint32_t> clobbers;
  while (accept(TokenKind::Comma) && !at(TokenKind::RightBrace)) {
    if (at_word("clobbers"))
      parse_clobbers(clobbers);
    else
      operands.push_back(parse_asm_operand());
  }
  if (!at(TokenKind::RightBrace))
    fail_asm("',' or '}'");
  advance();
  node.operands = list(operands);
  node.clobbers = tree_->add_words(clobbers);
  return add(start, node);
}

void Parser::parse_clobbers(std::vector<std::uint32_t>& words) {
  advance();
  if (!accept(TokenKind::LeftParen))
    fail_asm("'('");
  for (bool first = true; first || !at(TokenKind::RightParen); first = false) {
    if (!accept(TokenKind::Dot))
      fail_asm("'.'");
    if (!is_word(kind()))
      fail_asm("a clobber name");
    words.push_back(take_ident().text.value);
    if (!accept(TokenKind::Comma))
      break;
  }
  if (!accept(TokenKind::RightParen))
    fail_asm("',' or ')'");
}

NodeId Parser::parse_asm_operand() {
  const Offset start = begin();
  ast::AsmOperand operand;
  if (accept(TokenKind::LeftBracket)) {
    if (!at(TokenKind::Identifier))
      fail_asm("an operand name");
    operand.name = take_ident();
    if (!accept(TokenKind::RightBracket))
      fail_asm("']'");
  }
  if (!at(TokenKind::String))
    fail_asm("a constraint");
  operand.constraint = tokens_.string(at_).verbatim;
  advance();
  if (accept(TokenKind::Equal)) {
    operand.kind = AsmOperandKind::Input;
    operand.value = parse_expression();
  } else if (!accept(TokenKind::Arrow)) {
    fail_asm("'->' or '='");
  } else if (accept(TokenKind::Star)) {
    operand.kind = AsmOperandKind::PlaceOutput;
    operand.value = parse_unary();
  } else {
    operand.kind = AsmOperandKind::ValueOutput;
    operand.value = parse_type();
  }
  return add(start, operand);
}

} // namespace sx::syntax
