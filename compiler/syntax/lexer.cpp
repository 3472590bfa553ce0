#include "syntax/lexer.h"

#include "source/diagnostic_notes.h"
#include "syntax/literal.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace sx::syntax {

namespace {

struct Punctuation {
  TokenKind kind;
  std::string_view spelling;
};

constexpr Punctuation punctuations[] = {
#define SX_PUNCTUATION(name, spelling) {TokenKind::name, spelling},
#include "syntax/token.def"
};

constexpr std::string_view platform_directives[] = {
#define SX_PLATFORM_DIRECTIVE(word) word,
#include "syntax/token.def"
};

using WordTable = std::unordered_map<std::string_view, TokenKind>;

const WordTable& keywords() {
  static const WordTable table = {
#define SX_KEYWORD(name, spelling) {spelling, TokenKind::name},
#include "syntax/token.def"
  };
  return table;
}

const WordTable& directives() {
  static const WordTable table = {
#define SX_DIRECTIVE(name, word) {word, TokenKind::name},
#include "syntax/token.def"
  };
  return table;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
  return is_word_start(c) || is_digit(c);
}

/// The digits that may follow a base prefix, `_` included; empty if `c` is no base letter.
std::string_view digits_of_base(char c) {
  switch (c) {
  case 'x':
  case 'X': return "0123456789abcdefABCDEF_";
  case 'o':
  case 'O': return "01234567_";
  case 'b':
  case 'B': return "01_";
  default: return "";
  }
}

std::string shown_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f)
    return std::string(1, c);
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

class Lexer {
public:
  Lexer(std::string_view text, Interner& strings) : text_(text), strings_(strings) {}

  TokenBuffer run() {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark))
      at_ = byte_order_mark.size();
    while (!tokens_.error) {
      skip_blanks();
      if (at_ == text_.size())
        break;
      token();
    }
    push(TokenKind::EndOfFile, text_.size(), text_.size(), 0);
    return std::move(tokens_);
  }

private:
  /// 0 past the end; a NUL in the text starts no token either.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void push(TokenKind kind, std::size_t begin, std::size_t end, std::uint32_t value) {
    tokens_.kinds.push_back(kind);
    tokens_.begins.push_back(static_cast<std::uint32_t>(begin));
    tokens_.ends.push_back(static_cast<std::uint32_t>(end));
    tokens_.values.push_back(value);
  }

  void invalid(std::size_t begin, std::size_t end, LexError error) {
    push(TokenKind::Invalid, begin, end, 0);
    tokens_.error = std::move(error);
  }

  void skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '/' && peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size())
          return;
      } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        return;
      }
    }
  }

  void token() {
    const char c = peek();
    if (is_word_start(c))
      word();
    else if (is_digit(c))
      number();
    else if (c == '"')
      string();
    else if (c == '\'')
      character();
    else if (c == '#' && is_word_start(peek(1)))
      directive();
    else if (c == '`' && is_word_start(peek(1)))
      raw_identifier();
    else
      punctuation();
  }

  std::string_view take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_]))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void word() {
    const std::size_t begin = at_;
    const std::string_view text = take_word();
    const auto keyword = keywords().find(text);
    push(keyword == keywords().end() ? TokenKind::Identifier : keyword->second, begin, at_,
         strings_.intern(text).value);
  }

  void raw_identifier() {
    const std::size_t begin = ++at_;
    const std::string_view text = take_word();
    push(TokenKind::Identifier, begin, at_, strings_.intern(text).value);
  }

  void number() {
    const std::size_t begin = at_;
    const std::string_view base_digits = peek() == '0' ? digits_of_base(peek(1)) : std::string_view();
    const std::string_view digits = base_digits.empty() ? "0123456789_" : base_digits;
    at_ += base_digits.empty() ? 0 : 2;
    const auto take_digits = [&] {
      while (at_ < text_.size() && digits.contains(text_[at_]))
        ++at_;
    };
    take_digits();
    if (base_digits.empty() && peek() == '.' && is_digit(peek(1))) {
      ++at_;
      take_digits();
      push(TokenKind::Float, begin, at_, static_cast<std::uint32_t>(tokens_.floats.size()));
      tokens_.floats.push_back(float_value(text_.substr(begin, at_ - begin)));
      return;
    }
    auto value = integer_value(text_.substr(begin, at_ - begin));
    if (!value)
      return invalid(begin, at_, std::move(value.error()));
    push(TokenKind::Integer, begin, at_, static_cast<std::uint32_t>(tokens_.integers.size()));
    tokens_.integers.push_back(*value);
  }

  /// Moves past the closing `quote`, a backslash protecting the next byte. Returns the body, or nothing at the end.
  std::optional<std::string_view> quoted(char quote) {
    const std::size_t body = ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote)
        return text_.substr(body, at_++ - body);
      if (text_[at_] == '\\')
        ++at_;
    }
    at_ = text_.size();
    return {};
  }

  void string() {
    const std::size_t begin = at_;
    const auto body = quoted('"');
    if (!body)
      return invalid(begin, text_.size(), {&diag::unterminated_string, {}, {}});
    const StringId verbatim = strings_.intern(*body);
    const StringId value = body->contains('\\') ? strings_.intern(unescape_string(*body)) : verbatim;
    push_string(TokenKind::String, begin, at_, {value, verbatim});
  }

  void push_string(TokenKind kind, std::size_t begin, std::size_t end, StringToken token) {
    push(kind, begin, end, static_cast<std::uint32_t>(tokens_.strings.size()));
    tokens_.strings.push_back(token);
  }

  void character() {
    const std::size_t begin = at_;
    const auto body = quoted('\'');
    if (!body)
      return invalid(begin, text_.size(), {&diag::unterminated_character, {}, {}});
    auto value = character_value(*body);
    if (!value)
      return invalid(begin, at_, std::move(value.error()));
    push(TokenKind::Character, begin, at_, *value);
  }

  void directive() {
    const std::size_t begin = at_++;
    const std::string_view text = take_word();
    if (text == "string")
      return heredoc(begin);
    if (const auto known = directives().find(text); known != directives().end())
      return push(known->second, begin, at_, 0);
    if (std::ranges::find(platform_directives, text) != std::end(platform_directives))
      return invalid(begin, at_, {&diag::unsupported_directive, {text}, {}});
    std::string advice;
    if (keywords().contains(text))
      advice = help::keyword_instead(text);
    invalid(begin, at_, {&diag::unknown_directive, {text}, std::move(advice)});
  }

  /// R1.38; `begin` is the offset of `#string`, and `at_` stands behind the word.
  void heredoc(std::size_t begin) {
    const std::size_t word_end = at_;
    while (peek() == ' ' || peek() == '\t')
      ++at_;
    if (!is_word_start(peek()))
      return invalid(begin, word_end, {&diag::string_block_without_delimiter, {}, {}});
    const std::string_view delimiter = take_word();
    for (std::size_t line = text_.find('\n', at_); line != std::string_view::npos; line = text_.find('\n', line + 1)) {
      const std::string_view rest = text_.substr(line + 1);
      if (!rest.starts_with(delimiter) || (rest.size() > delimiter.size() && is_word(rest[delimiter.size()])))
        continue;
      const std::size_t content = text_.find('\n', at_) + 1;
      const StringId value = strings_.intern(text_.substr(content, line + 1 - content));
      push_string(TokenKind::Heredoc, content, line + 1, {value, value});
      at_ = line + 1 + delimiter.size();
      return;
    }
    invalid(begin, text_.size(), {&diag::unterminated_string_block, {delimiter}, {}});
  }

  void punctuation() {
    const std::string_view rest = text_.substr(at_);
    for (const Punctuation& candidate : punctuations) {
      if (!rest.starts_with(candidate.spelling))
        continue;
      const std::size_t begin = at_;
      at_ += candidate.spelling.size();
      push(candidate.kind, begin, at_, no_token);
      return pair_brackets(candidate.kind);
    }
    invalid(at_, at_ + 1, {&diag::stray_character, {shown_byte(peek())}, {}});
  }

  /// Links the token just pushed with its opening bracket.
  void pair_brackets(TokenKind kind) {
    switch (kind) {
    case TokenKind::LeftParen: open_parens_.push_back(tokens_.size() - 1); break;
    case TokenKind::LeftBrace: open_braces_.push_back(tokens_.size() - 1); break;
    case TokenKind::RightParen: close(open_parens_); break;
    case TokenKind::RightBrace: close(open_braces_); break;
    default: break;
    }
  }

  void close(std::vector<TokenIndex>& open) {
    if (open.empty())
      return;
    tokens_.values[open.back()] = tokens_.size() - 1;
    open.pop_back();
  }

  std::string_view text_;
  Interner& strings_;
  std::size_t at_ = 0;
  TokenBuffer tokens_;
  std::vector<TokenIndex> open_parens_;
  std::vector<TokenIndex> open_braces_;
};

} // namespace

TokenBuffer lex(std::string_view text, Interner& strings) {
  return Lexer(text, strings).run();
}

} // namespace sx::syntax
