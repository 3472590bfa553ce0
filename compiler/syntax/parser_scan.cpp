// Lookahead: the places where one token does not tell how to go on (R1.88 to R1.91).

#include "syntax/parser_impl.h"

namespace sx::syntax {

namespace {

/// Tokens of a type outside brackets that are not treated one by one below.
bool continues_type(TokenKind kind) {
  switch (kind) {
  case TokenKind::Identifier:
  case TokenKind::KwProtocol:
  case TokenKind::KwImpl:
  case TokenKind::KwUfcs:
  case TokenKind::KwF32:
  case TokenKind::KwF64:
  case TokenKind::KwType:
  case TokenKind::KwSelf:
  case TokenKind::KwTrue:
  case TokenKind::KwFalse:
  case TokenKind::Integer:
  case TokenKind::Float:
  case TokenKind::Character:
  case TokenKind::String:
  case TokenKind::Dot:
  case TokenKind::Dollar:
  case TokenKind::Star:
  case TokenKind::Slash:
  case TokenKind::Percent:
  case TokenKind::Plus:
  case TokenKind::Minus:
  case TokenKind::Question:
  case TokenKind::Bang:
  case TokenKind::Arrow: return true;
  default: return false;
  }
}

bool begins_aggregate(TokenKind kind) {
  return kind == TokenKind::KwStruct || kind == TokenKind::KwUnion || kind == TokenKind::KwEnum;
}

} // namespace

TokenIndex Parser::after_group(TokenIndex open) const {
  const TokenIndex close = tokens_.match(open);
  return close == no_token ? no_token : close + 1;
}

TokenIndex Parser::after_type(TokenIndex i) const {
  int brackets = 0;
  bool braces_expected = false; // behind `struct`, `union` or `enum`
  for (;; ++i) {
    const TokenKind k = tokens_.kind(i);
    if (k == TokenKind::LeftParen || (k == TokenKind::LeftBrace && braces_expected)) {
      if (tokens_.match(i) == no_token)
        return i;
      braces_expected = braces_expected && k == TokenKind::LeftParen;
      i = tokens_.match(i);
    } else if (k == TokenKind::LeftBracket) {
      ++brackets;
    } else if (k == TokenKind::RightBracket && brackets > 0) {
      --brackets;
    } else if (begins_aggregate(k)) {
      braces_expected = true;
    } else if (!continues_type(k) && !(k == TokenKind::Colon && brackets > 0)) {
      return i;
    }
  }
}

TokenIndex Parser::after_abi(TokenIndex i) const {
  if (tokens_.kind(i) != TokenKind::KwAbi || tokens_.kind(i + 1) != TokenKind::LeftParen)
    return i;
  const TokenIndex after = after_group(i + 1);
  return after == no_token ? i : after;
}

bool Parser::looks_like_parameters(TokenIndex open) const {
  switch (tokens_.kind(open + 1)) {
  case TokenKind::DotDot:
  case TokenKind::Dollar: return true;
  default: return is_identifier_like(tokens_.kind(open + 1)) && tokens_.kind(open + 2) == TokenKind::Colon;
  }
}

bool Parser::opens_function(TokenIndex open) {
  refuse_unreadable_group(open);
  TokenIndex after = after_group(open);
  if (after == no_token)
    return looks_like_parameters(open);
  const bool has_result = tokens_.kind(after) == TokenKind::Arrow;
  if (has_result)
    after = after_type(after + 1);
  switch (tokens_.kind(after)) {
  case TokenKind::LeftBrace:
  case TokenKind::FatArrow:
  case TokenKind::KwIntrinsic:
  case TokenKind::DirGet:
  case TokenKind::DirSet:
  case TokenKind::KwExtern:
  case TokenKind::KwExport: return true;
  // `F :: (A) -> B abi(.c);` names a function type.
  case TokenKind::KwAbi: return !has_result || tokens_.kind(after_abi(after)) != TokenKind::Semicolon;
  case TokenKind::Invalid: fail_invalid_token();
  default: return false;
  }
}

Parser::ParenMeaning Parser::meaning_of_paren(TokenIndex open) const {
  const TokenIndex after = after_group(open);
  if (after == no_token)
    return ParenMeaning::Group;
  const auto opens_body = [&](TokenIndex i) {
    return tokens_.kind(i) == TokenKind::FatArrow || tokens_.kind(i) == TokenKind::LeftBrace;
  };
  switch (tokens_.kind(after)) {
  case TokenKind::FatArrow: return header_ == Header::For ? ParenMeaning::Group : ParenMeaning::Lambda;
  case TokenKind::Arrow:
    return opens_body(after_abi(after_type(after + 1))) ? ParenMeaning::Lambda : ParenMeaning::FunctionType;
  case TokenKind::KwAbi: return opens_body(after_abi(after)) ? ParenMeaning::Lambda : ParenMeaning::Group;
  case TokenKind::LeftBrace: break;
  default: return ParenMeaning::Group;
  }
  if (header_ != Header::None)
    return ParenMeaning::Group;
  if (after == open + 2)
    return ParenMeaning::Lambda;
  const TokenKind second = tokens_.kind(open + 2);
  const bool parameter_follows =
      second == TokenKind::Colon || second == TokenKind::Comma || second == TokenKind::RightParen;
  return is_identifier_like(tokens_.kind(open + 1)) && parameter_follows ? ParenMeaning::Lambda : ParenMeaning::Group;
}

bool Parser::opens_captures(TokenIndex open) const {
  const TokenIndex after = after_group(open);
  return after != no_token &&
         (tokens_.kind(after) == TokenKind::LeftBrace || tokens_.kind(after) == TokenKind::FatArrow);
}

bool Parser::on_line_of_previous() const {
  return !text_.substr(previous_end(), begin() - previous_end()).contains('\n');
}

} // namespace sx::syntax
