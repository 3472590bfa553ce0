// Binary, prefix and postfix operators (chapter 01, 1.6.4).

#include "syntax/parser_impl.h"

#include <array>

namespace sx::syntax {

namespace {

struct Operator {
  Level level = Level::None;
  BinaryOp op = BinaryOp::None;
};

constexpr std::size_t token_kinds = static_cast<std::size_t>(TokenKind::DirFramework) + 1;

constexpr auto binary_operators = [] {
  std::array<Operator, token_kinds> table{};
  const auto set = [&](TokenKind kind, Level level, BinaryOp op) {
    table[static_cast<std::size_t>(kind)] = {level, op};
  };
  set(TokenKind::BarGreater, Level::Pipe, BinaryOp::None);
  set(TokenKind::QuestionQuestion, Level::Coalesce, BinaryOp::Coalesce);
  set(TokenKind::KwOr, Level::Or, BinaryOp::Or);
  set(TokenKind::KwAnd, Level::And, BinaryOp::And);
  set(TokenKind::Bar, Level::BitOr, BinaryOp::BitOr);
  set(TokenKind::Caret, Level::BitXor, BinaryOp::BitXor);
  set(TokenKind::Ampersand, Level::BitAnd, BinaryOp::BitAnd);
  set(TokenKind::EqualEqual, Level::Compare, BinaryOp::Equal);
  set(TokenKind::BangEqual, Level::Compare, BinaryOp::NotEqual);
  set(TokenKind::Less, Level::Compare, BinaryOp::Less);
  set(TokenKind::LessEqual, Level::Compare, BinaryOp::LessEqual);
  set(TokenKind::Greater, Level::Compare, BinaryOp::Greater);
  set(TokenKind::GreaterEqual, Level::Compare, BinaryOp::GreaterEqual);
  set(TokenKind::KwIn, Level::Compare, BinaryOp::In);
  set(TokenKind::LessLess, Level::Shift, BinaryOp::ShiftLeft);
  set(TokenKind::GreaterGreater, Level::Shift, BinaryOp::ShiftRight);
  set(TokenKind::Plus, Level::Additive, BinaryOp::Add);
  set(TokenKind::Minus, Level::Additive, BinaryOp::Sub);
  set(TokenKind::Star, Level::Multiplicative, BinaryOp::Mul);
  set(TokenKind::Slash, Level::Multiplicative, BinaryOp::Div);
  set(TokenKind::Percent, Level::Multiplicative, BinaryOp::Rem);
  return table;
}();

Operator binary_operator(TokenKind kind) {
  return binary_operators[static_cast<std::size_t>(kind)];
}

Level above(Level level) {
  return static_cast<Level>(static_cast<int>(level) + 1);
}

bool unary_operator(TokenKind kind, UnaryOp& op) {
  switch (kind) {
  case TokenKind::Minus: op = UnaryOp::Negate; return true;
  case TokenKind::Bang: op = UnaryOp::Not; return true;
  case TokenKind::Tilde: op = UnaryOp::BitNot; return true;
  case TokenKind::KwXx: op = UnaryOp::Xx; return true;
  case TokenKind::Star: op = UnaryOp::Pointer; return true;
  case TokenKind::KwTry: op = UnaryOp::Try; return true;
  default: return false;
  }
}

/// The nine range tokens (R1.11).
bool range_operator(TokenKind kind, RangeOp& op) {
  switch (kind) {
  case TokenKind::DotDot:
  case TokenKind::EqualDotDot: op = {false, false, false}; return true;
  case TokenKind::DotDotEqual:
  case TokenKind::EqualDotDotEqual: op = {false, true, true}; return true;
  case TokenKind::DotDotLess:
  case TokenKind::EqualDotDotLess: op = {false, false, true}; return true;
  case TokenKind::LessDotDot: op = {true, false, false}; return true;
  case TokenKind::LessDotDotEqual: op = {true, true, true}; return true;
  case TokenKind::LessDotDotLess: op = {true, false, true}; return true;
  default: return false;
  }
}

/// Whether a node of this kind can stand right of `|>` as the callee itself (R4.63).
bool can_be_piped_callee(Kind kind) {
  return kind != Kind::Unary && kind != Kind::Binary && kind != Kind::CompareChain && kind != Kind::Catch;
}

} // namespace

// ---- binary operators -------------------------------------------------------------------------------

NodeId Parser::parse_binary(Level lowest) {
  const Offset start = begin();
  return continue_binary(start, parse_unary(), lowest);
}

NodeId Parser::continue_binary(Offset start, NodeId lhs, Level lowest) {
  for (;;) {
    const Operator found = binary_operator(kind());
    if (found.level < lowest || found.level == Level::None)
      return lhs;
    if (found.level == Level::Compare) {
      lhs = parse_comparisons(start, lhs);
      continue;
    }
    const Nesting nesting(*this);
    advance();
    if (found.level == Level::Pipe) {
      lhs = parse_pipe(lhs);
      continue;
    }
    const bool right_associative = found.level == Level::Coalesce;
    const NodeId rhs = parse_binary(right_associative ? found.level : above(found.level));
    lhs = add(start, ast::Binary{found.op, lhs, rhs});
  }
}

/// A run of operators of the comparison level (R1.77): `in` is an ordinary left-associative operator,
/// two or more of the others in a row are one chain.
NodeId Parser::parse_comparisons(Offset start, NodeId first) {
  std::vector<NodeId> operands{first};
  std::vector<std::uint32_t> ops;
  const auto joined = [&] {
    if (ops.empty())
      return operands[0];
    if (ops.size() == 1)
      return add(start, ast::Binary{static_cast<BinaryOp>(ops[0]), operands[0], operands[1]});
    return add(start, ast::CompareChain{list(operands), tree_->add_words(ops)});
  };
  while (binary_operator(kind()).level == Level::Compare) {
    const Nesting nesting(*this);
    const BinaryOp op = binary_operator(kind()).op;
    const NodeId left = op == BinaryOp::In ? joined() : NodeId();
    advance();
    // A match has its subject right after `if` (R1.72).
    if (op == BinaryOp::Equal && header_ == Header::If && at(TokenKind::LeftBrace))
      fail_expected("an operand of '=='");
    const NodeId right = parse_binary(Level::Shift);
    if (op == BinaryOp::In) {
      operands = {add(start, ast::Binary{op, left, right})};
      ops.clear();
    } else {
      operands.push_back(right);
      ops.push_back(static_cast<std::uint32_t>(op));
    }
  }
  return joined();
}

/// `value |> rhs`, behind the operator (R1.78).
NodeId Parser::parse_pipe(NodeId value) {
  const Offset start = begin();
  const NodeId rhs = parse_binary(Level::Coalesce);
  if (insert_piped(rhs, value))
    return rhs;
  if (!facts_[rhs.index()].grouped && !can_be_piped_callee(tree_->kind(rhs)))
    fail<diag::expected_token>(from(start), "a call or something to call behind '|>'", source(from(start)));
  return add(start, ast::Call{rhs, list({value}), {}, true, {}});
}

/// Puts `value` first into the call that `rhs` is, or wraps in `try`, `catch`, `or`, `??`. False if there is none.
bool Parser::insert_piped(NodeId rhs, NodeId value) {
  std::vector<NodeId> path;
  for (NodeId node = rhs;;) {
    path.push_back(node);
    if (facts_[node.index()].grouped)
      return false;
    if (is(node, Kind::Call))
      break;
    const auto* unary = tree_->try_get<ast::Unary>(node);
    const auto* binary = tree_->try_get<ast::Binary>(node);
    if (unary && unary->op == UnaryOp::Try)
      node = unary->operand;
    else if (const auto* handler = tree_->try_get<ast::Catch>(node))
      node = handler->operand;
    else if (binary && (binary->op == BinaryOp::Or || binary->op == BinaryOp::Coalesce))
      node = binary->lhs;
    else
      return false;
  }
  auto& call = tree_->get_mutable<ast::Call>(path.back());
  std::vector<NodeId> args{value};
  for (NodeId arg : tree_->list(call.args))
    args.push_back(arg);
  call.args = list(args);
  call.piped = true;
  for (auto node = path.rbegin(); node != path.rend(); ++node)
    measure(*node);
  return true;
}

NodeId Parser::parse_unary() {
  UnaryOp op{};
  if (!unary_operator(kind(), op))
    return parse_postfix();
  const Nesting nesting(*this);
  if (op == UnaryOp::Try)
    refuse_jump_in_cleanup();
  const Offset start = begin();
  advance();
  const NodeId operand = parse_unary();
  return add(start, ast::Unary{op, operand});
}

// ---- postfix operators ------------------------------------------------------------------------------

NodeId Parser::parse_postfix() {
  const Offset start = begin();
  return continue_postfix(start, parse_primary());
}

NodeId Parser::continue_postfix(Offset start, NodeId base) {
  for (;;) {
    switch (kind()) {
    case TokenKind::LeftParen:
      if (header_ == Header::For && opens_captures(at_))
        return base;
      base = parse_call(start, base);
      if (tree_->get<ast::Call>(base).trailing.valid()) {
        if (at(TokenKind::Dot))
          fail<diag::chain_after_trailing_block>(span());
        return base;
      }
      break;
    case TokenKind::Dot: base = parse_dot_suffix(start, base); break;
    case TokenKind::QuestionDot: base = parse_optional_chain(start, base); break;
    case TokenKind::LeftBracket: base = parse_index(start, base); break;
    case TokenKind::Bang:
      advance();
      base = add(start, ast::ForceUnwrap{base});
      break;
    case TokenKind::KwCatch: base = parse_catch(start, base); break;
    default: return base;
    }
  }
}

NodeId Parser::parse_call(Offset start, NodeId callee) {
  ast::Call call;
  call.callee = callee;
  const Offset open = begin();
  call.args = parse_arguments();
  call.args_span = from(open);
  if (header_ == Header::None && at(TokenKind::LeftBrace) && on_line_of_previous())
    call.trailing = parse_function_body_block();
  return add(start, call);
}

NodeList Parser::parse_arguments() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftParen);
  std::vector<NodeId> args;
  while (!at(TokenKind::RightParen)) {
    args.push_back(parse_argument<ast::NamedArgument>());
    if (!accept(TokenKind::Comma))
      break;
  }
  if (!at(TokenKind::RightParen))
    fail_expected("',' or ')'");
  advance();
  return list(args);
}

NodeId Parser::parse_spread() {
  const Offset start = begin();
  expect(TokenKind::DotDot);
  const NodeId value = parse_expression();
  return add(start, ast::Spread{value});
}

NodeId Parser::parse_dot_suffix(Offset start, NodeId base) {
  switch (kind(1)) {
  case TokenKind::LeftParen: return parse_cast(start, base);
  case TokenKind::LeftBrace: return parse_struct_literal(start, base);
  case TokenKind::LeftBracket: return parse_array_literal(start, base);
  default: break;
  }
  advance();
  if (accept(TokenKind::Star))
    return add(start, ast::Deref{base});
  if (at(TokenKind::Integer)) {
    const std::uint64_t index = tokens_.integer(at_);
    const Span index_span = span();
    advance();
    return add(start, ast::MemberIndex{base, index, index_span});
  }
  const Ident name = expect_member();
  return add(start, ast::Member{base, name});
}

NodeId Parser::parse_cast(Offset start, NodeId base) {
  const Nesting nesting(*this);
  expect(TokenKind::Dot);
  if (is(base, Kind::TupleType))
    stop(report<diag::dot_parenthesis_literal>(span()).help(help::braces()));
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftParen);
  const NodeId type = parse_type();
  const NodeId allocator = accept(TokenKind::Comma) ? parse_expression() : NodeId();
  if (at(TokenKind::Comma))
    fail<diag::cast_argument_count>(span());
  expect(TokenKind::RightParen);
  return add(start, ast::Cast{base, type, allocator, false});
}

NodeId Parser::parse_optional_chain(Offset start, NodeId base) {
  expect(TokenKind::QuestionDot);
  if (at(TokenKind::LeftParen)) {
    const Nesting nesting(*this);
    const Scoped header(header_, Header::None);
    advance();
    const NodeId type = parse_type();
    if (at(TokenKind::Comma))
      fail<diag::optional_cast_argument_count>(span());
    expect(TokenKind::RightParen);
    return add(start, ast::Cast{base, type, {}, true});
  }
  if (at(TokenKind::Integer)) {
    const std::uint64_t index = tokens_.integer(at_);
    const Span index_span = span();
    advance();
    return add(start, ast::OptionalMemberIndex{base, index, index_span});
  }
  const Ident name = expect_member();
  return add(start, ast::OptionalMember{base, name});
}

/// Consumes a range token and keeps its spelling.
RangeOp Parser::take_range(std::string_view& spelled) {
  RangeOp op;
  range_operator(kind(), op);
  spelled = spelling(kind());
  advance();
  return op;
}

bool Parser::at_range() const {
  RangeOp ignored;
  return range_operator(kind(), ignored);
}

void Parser::fail_range_end(std::string_view spelled) {
  stop(report<diag::end_marked_range_without_end>(span(), spelled).help(help::open_range_spelling()));
}

NodeId Parser::parse_index(Offset start, NodeId base) {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftBracket);
  const NodeId first = at_range() ? NodeId() : parse_expression();
  if (!at_range()) {
    expect(TokenKind::RightBracket);
    return add(start, ast::Index{base, first});
  }
  std::string_view spelled;
  const RangeOp range = take_range(spelled);
  if (at(TokenKind::RightBracket) && range.end_marked)
    fail_range_end(spelled);
  const NodeId last = at(TokenKind::RightBracket) ? NodeId() : parse_expression();
  expect(TokenKind::RightBracket);
  return add(start, ast::SliceExpr{base, first, last, range});
}

/// R1.80.
NodeId Parser::parse_catch(Offset start, NodeId operand) {
  const Nesting nesting(*this);
  expect(TokenKind::KwCatch);
  ast::Catch node;
  node.operand = operand;
  if (at(TokenKind::LeftBrace)) {
    node.body = parse_block();
    return add(start, node);
  }
  if (at_name())
    fail<diag::error_binding_without_parentheses>(span(), "catch");
  if (!at(TokenKind::LeftParen) || !is_identifier_like(kind(1)))
    fail<diag::catch_without_name_and_block>(span());
  advance();
  node.binding = expect_identifier();
  expect(TokenKind::RightParen);
  if (at(TokenKind::LeftBrace)) {
    node.body = parse_block();
  } else if (at(TokenKind::EqualEqual) && kind(1) == TokenKind::LeftBrace) {
    const Offset match_start = begin();
    advance();
    node.body = parse_match(match_start, {}, false, Place::Body);
  } else {
    node.body = parse_expression();
  }
  return add(start, node);
}

// ---- literals with a dot ------------------------------------------------------------------------------

/// From the `.` of `.{` on; an invalid `head` if there is none.
NodeId Parser::parse_struct_literal(Offset start, NodeId head) {
  const Nesting nesting(*this);
  ast::StructLiteral literal;
  literal.head = head;
  {
    const Scoped header(header_, Header::None);
    expect(TokenKind::Dot);
    expect(TokenKind::LeftBrace);
    std::vector<NodeId> elements;
    while (!at(TokenKind::RightBrace)) {
      elements.push_back(parse_literal_element());
      if (!accept(TokenKind::Comma))
        break;
    }
    if (!at(TokenKind::RightBrace))
      fail_expected("',' or '}'");
    advance();
    literal.elements = list(elements);
  }
  if (header_ == Header::None && at(TokenKind::LeftBrace))
    literal.init = parse_block();
  return add(start, literal);
}

NodeId Parser::parse_literal_element() {
  if (at(TokenKind::DotDot))
    return parse_spread();
  const Offset start = begin();
  if (is_word(kind()) && kind(1) == TokenKind::Equal) {
    const Ident name = expect_member_declaration("a field name");
    advance();
    const NodeId value = parse_expression();
    return add(start, ast::NamedElement{name, value});
  }
  if (at_name() && (kind(1) == TokenKind::Comma || kind(1) == TokenKind::RightBrace)) {
    const NodeId name = add_name(take_ident());
    return add(start, ast::ShorthandElement{name});
  }
  const bool parenthesised = at(TokenKind::LeftParen);
  const TokenIndex first = at_;
  const NodeId value = parse_expression();
  if (parenthesised && facts_[value.index()].grouped && tokens_.match(first) + 1 == at_)
    return add_at(tree_->span(value), ast::Paren{value});
  return value;
}

NodeId Parser::parse_array_literal(Offset start, NodeId head) {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  expect(TokenKind::Dot);
  expect(TokenKind::LeftBracket);
  std::vector<NodeId> elements;
  while (!at(TokenKind::RightBracket)) {
    elements.push_back(at(TokenKind::DotDot) ? parse_spread() : parse_expression());
    if (!accept(TokenKind::Comma))
      break;
  }
  if (!at(TokenKind::RightBracket))
    fail_expected("',' or ']'");
  advance();
  return add(start, ast::ArrayLiteral{head, list(elements)});
}

} // namespace sx::syntax
