#include "syntax/token.h"

namespace sx::syntax {

std::string_view spelling(TokenKind kind) {
  switch (kind) {
#define SX_TOKEN(name, description)                                                                                    \
  case TokenKind::name: return description;
#define SX_PUNCTUATION(name, text)                                                                                     \
  case TokenKind::name: return text;
#define SX_KEYWORD(name, text)                                                                                         \
  case TokenKind::name: return text;
#define SX_DIRECTIVE(name, word)                                                                                       \
  case TokenKind::name: return "#" word;
#include "syntax/token.def"
  }
  return "?";
}

bool is_keyword(TokenKind kind) {
  return kind >= TokenKind::KwAbi && kind <= TokenKind::KwXx;
}

} // namespace sx::syntax
