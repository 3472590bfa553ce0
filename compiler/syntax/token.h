#pragma once
// Tokens of one file in flat arrays. Kinds are listed in `token.def`.

#include "source/diagnostics.h"
#include "source/interner.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace sx::syntax {

enum class TokenKind : std::uint8_t {
#define SX_TOKEN(name, description) name,
#define SX_PUNCTUATION(name, spelling) name,
#define SX_KEYWORD(name, spelling) name,
#define SX_DIRECTIVE(name, word) name,
#include "syntax/token.def"
};

/// The fixed spelling (`;`, `if`, `#run`), or a description for tokens whose spelling varies.
std::string_view spelling(TokenKind kind);
/// Whether `kind` is one of the reserved words (R1.12).
bool is_keyword(TokenKind kind);

/// A position in a TokenBuffer.
using TokenIndex = std::uint32_t;
inline constexpr TokenIndex no_token = std::numeric_limits<TokenIndex>::max();

/// The two readings of a string token (R1.35, R1.36); equal for a heredoc.
struct StringToken {
  StringId value;
  StringId verbatim;
};

/// Why the lexer stopped. The offending text is the Invalid token.
struct LexError {
  const DiagnosticInfo* info = nullptr;
  std::vector<DiagnosticArgument> arguments;
  std::string help; ///< empty if there is none
};

/// All tokens of one text. The last token is EndOfFile; if `error` is set, the one before it is Invalid
/// and the text behind that was not read (parsing can't get past it, R1.9).
class TokenBuffer {
public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(kinds.size()); }
  /// Positions past the end read as EndOfFile.
  TokenKind kind(TokenIndex i) const { return i < size() ? kinds[i] : TokenKind::EndOfFile; }

  /// Identifier or keyword: its text. A backtick is not part of it.
  StringId name(TokenIndex i) const { return StringId(values[i]); }
  std::uint64_t integer(TokenIndex i) const { return integers[values[i]]; }
  double floating(TokenIndex i) const { return floats[values[i]]; }
  const StringToken& string(TokenIndex i) const { return strings[values[i]]; }
  std::uint32_t code_point(TokenIndex i) const { return values[i]; }
  /// For `(` and `{`: the closing token of that bracket kind, all other kinds being ignored (R1.88); or `no_token`.
  TokenIndex match(TokenIndex i) const { return values[i]; }

  std::vector<TokenKind> kinds;
  std::vector<std::uint32_t> begins; ///< byte offsets
  std::vector<std::uint32_t> ends;
  std::vector<std::uint32_t> values; ///< meaning depends on the kind; see the accessors
  std::vector<std::uint64_t> integers;
  std::vector<double> floats;
  std::vector<StringToken> strings;
  std::optional<LexError> error;
};

} // namespace sx::syntax
