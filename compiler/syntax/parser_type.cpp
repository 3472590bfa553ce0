// Types (chapter 01, 1.6.2).

#include "syntax/parser_impl.h"

namespace sx::syntax {

namespace {

bool is_path_segment(TokenKind kind) {
  switch (kind) {
  case TokenKind::Identifier:
  case TokenKind::KwProtocol:
  case TokenKind::KwImpl:
  case TokenKind::KwUfcs:
  case TokenKind::KwF32:
  case TokenKind::KwF64:
  case TokenKind::KwType:
  case TokenKind::KwSelf: return true;
  default: return false;
  }
}

} // namespace

bool Parser::at_type_constructor() const {
  return kind(1) == TokenKind::LeftParen && (at_word("Tuple") || at_word("Closure"));
}

NodeId Parser::parse_type() {
  const Nesting nesting(*this);
  const Offset start = begin();
  switch (kind()) {
  case TokenKind::Question: advance(); return add(start, ast::OptionalType{parse_type()});
  case TokenKind::Star: advance(); return add(start, ast::PointerType{parse_type()});
  case TokenKind::LeftBracket: return parse_bracket_type();
  case TokenKind::Dollar: return parse_dollar_type();
  case TokenKind::LeftParen: return parse_paren_type(false);
  case TokenKind::KwStruct: return parse_struct_type();
  case TokenKind::KwUnion: return parse_union_type();
  case TokenKind::KwEnum: return parse_enum_type();
  default: break;
  }
  if (at_type_constructor())
    return at_word("Tuple") ? parse_tuple_type() : parse_closure_type();
  if (!is_path_segment(kind()))
    fail_type_expected();
  return parse_path_type();
}

NodeId Parser::parse_return_type() {
  const Offset start = begin();
  const bool bare_channel = at(TokenKind::Bang);
  const NodeId type = bare_channel               ? parse_error_channel()
                      : at(TokenKind::LeftParen) ? parse_paren_type(true)
                                                 : parse_type();
  if (at(TokenKind::Bang)) {
    Report& made = report<diag::error_channel_after_type>(span());
    if (!bare_channel)
      made.help(help::write_failable_result(source(from(start))));
    stop(made);
  }
  return type;
}

/// `!`, `!Set`. The set name is not taken if it starts the next declaration (a `;` may be missing there).
NodeId Parser::parse_error_channel() {
  const Offset start = begin();
  expect(TokenKind::Bang);
  const bool named = at(TokenKind::Identifier) && kind(1) != TokenKind::ColonColon;
  const NodeId set = named ? parse_path() : NodeId();
  return add(start, ast::ErrorChannel{set});
}

NodeId Parser::parse_bracket_type() {
  const Offset start = begin();
  expect(TokenKind::LeftBracket);
  if (accept(TokenKind::RightBracket))
    return add(start, ast::SliceType{parse_type()});
  if (at(TokenKind::Star) && kind(1) == TokenKind::RightBracket) {
    advance();
    advance();
    return add(start, ast::ManyPointerType{parse_type()});
  }
  if (accept(TokenKind::Colon)) {
    if (!at(TokenKind::Integer))
      fail_expected("an integer");
    const std::uint64_t sentinel = tokens_.integer(at_);
    advance();
    expect(TokenKind::RightBracket);
    return add(start, ast::SentinelSliceType{sentinel, parse_type()});
  }
  const Scoped header(header_, Header::None);
  const NodeId count = parse_expression();
  expect(TokenKind::RightBracket);
  return add(start, ast::ArrayType{count, parse_type()});
}

NodeId Parser::parse_dollar_type() {
  const Offset start = begin();
  expect(TokenKind::Dollar);
  const Ident name = expect_identifier();
  if (!accept(TokenKind::LeftBracket))
    return add(start, ast::TypeIntro{name, parse_constraints()});
  if (!at(TokenKind::Integer) || tokens_.integer(at_) > 0xFFFFFFFFu)
    fail<diag::pack_index_in_type>(span());
  const auto index = static_cast<std::uint32_t>(tokens_.integer(at_));
  advance();
  expect(TokenKind::RightBracket);
  return add(start, ast::PackElement{name, index});
}

NodeId Parser::parse_path() {
  const Offset start = begin();
  NodeId path = add_name(take_ident());
  while (at(TokenKind::Dot) && is_path_segment(kind(1))) {
    advance();
    const Ident name = take_ident();
    path = add(start, ast::Member{path, name});
  }
  return path;
}

NodeId Parser::parse_path_type() {
  const Offset start = begin();
  const NodeId head = parse_path();
  if (!at(TokenKind::LeftParen))
    return head;
  const NodeList args = parse_type_arguments();
  return add(start, ast::TypeApply{head, args});
}

NodeList Parser::parse_type_arguments() {
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftParen);
  std::vector<NodeId> args;
  while (!at(TokenKind::RightParen)) {
    args.push_back(parse_type_argument());
    if (!accept(TokenKind::Comma))
      break;
  }
  expect(TokenKind::RightParen);
  return list(args);
}

/// A type, or a compile-time value (R5.1). A name is read as a type and may go on as an arithmetic expression.
NodeId Parser::parse_type_argument() {
  const Nesting nesting(*this);
  const Offset start = begin();
  switch (kind()) {
  case TokenKind::DotDot: advance(); return add(start, ast::Spread{parse_type()});
  case TokenKind::Integer:
  case TokenKind::Character:
  case TokenKind::Minus:
  case TokenKind::Float:
  case TokenKind::String:
  case TokenKind::Dot:
  case TokenKind::KwTrue:
  case TokenKind::KwFalse: return parse_binary(Level::Additive);
  default: return continue_binary(start, parse_type(), Level::Additive);
  }
}

NodeId Parser::parse_type_slot() {
  const Offset start = begin();
  ast::TypeSlot slot;
  if (at(TokenKind::DotDot)) {
    advance();
    slot.type = add(start, ast::Spread{parse_type()});
    return add(start, slot);
  }
  if (at_name() && kind(1) == TokenKind::Colon) {
    slot.name = take_ident();
    advance();
  }
  slot.type = parse_type();
  if (accept(TokenKind::Equal))
    slot.initial = parse_expression();
  return add(start, slot);
}

/// R1.60 in its order; `channel_allowed` in return position.
NodeId Parser::parse_paren_type(bool channel_allowed) {
  const Nesting nesting(*this);
  const Offset start = begin();
  std::vector<NodeId> slots;
  NodeId channel;
  bool trailing_comma = false;
  {
    const Scoped header(header_, Header::None);
    expect(TokenKind::LeftParen);
    while (!at(TokenKind::RightParen)) {
      if (channel.valid())
        fail<diag::element_after_error_channel>(span());
      if (at(TokenKind::Bang))
        channel = parse_error_channel();
      else
        slots.push_back(parse_type_slot());
      trailing_comma = accept(TokenKind::Comma);
      if (!trailing_comma)
        break;
    }
    expect(TokenKind::RightParen);
  }
  if (at(TokenKind::Arrow) && !channel.valid()) {
    advance();
    const NodeId result = parse_return_type();
    const Abi abi = parse_abi();
    return add(start, ast::FunctionType{list(slots), result, abi});
  }
  if (slots.empty() && !channel.valid())
    return add(start, ast::VoidType{});
  if (slots.empty() && !trailing_comma && channel_allowed)
    return channel;
  if (slots.size() == 1 && !channel.valid() && !trailing_comma) {
    const ast::TypeSlot slot = tree_->get<ast::TypeSlot>(slots[0]);
    if (!slot.name.present() && !slot.initial.valid() && !is(slot.type, Kind::Spread))
      return slot.type;
  }
  if (slots.size() + channel.valid() < 2)
    fail_expected("'->'");
  return add(start, ast::ReturnList{list(slots), channel});
}

NodeId Parser::parse_tuple_slot() {
  const Offset start = begin();
  ast::TypeSlot slot;
  if (at_name() && kind(1) == TokenKind::Colon) {
    slot.name = take_ident();
    advance();
  }
  slot.type = parse_type_argument();
  return add(start, slot);
}

NodeId Parser::parse_tuple_type() {
  const Offset start = begin();
  advance();
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftParen);
  std::vector<NodeId> slots;
  while (!at(TokenKind::RightParen)) {
    slots.push_back(parse_tuple_slot());
    if (!accept(TokenKind::Comma))
      break;
  }
  expect(TokenKind::RightParen);
  if (at(TokenKind::Arrow))
    fail<diag::result_type_on_tuple>(span());
  return add(start, ast::TupleType{list(slots)});
}

NodeId Parser::parse_closure_type() {
  const Offset start = begin();
  ast::ClosureType type;
  advance();
  {
    const Scoped header(header_, Header::None);
    expect(TokenKind::LeftParen);
    std::vector<NodeId> params;
    while (!at(TokenKind::RightParen)) {
      if (accept(TokenKind::DotDot)) {
        accept(TokenKind::Dollar);
        type.pack = expect_name("the name of a pack");
        if (accept(TokenKind::Dot))
          type.projection = expect_name();
        if (!at(TokenKind::RightParen))
          fail<diag::variadic_parameter_not_last>(span());
        break;
      }
      const Offset slot_start = begin();
      ast::TypeSlot slot;
      if (at_name() && kind(1) == TokenKind::Colon) {
        slot.name = take_ident();
        advance();
      }
      slot.type = parse_type();
      params.push_back(add(slot_start, slot));
      if (!accept(TokenKind::Comma))
        break;
    }
    expect(TokenKind::RightParen);
    type.params = list(params);
  }
  if (accept(TokenKind::Arrow))
    type.result = parse_return_type();
  return add(start, type);
}

} // namespace sx::syntax
