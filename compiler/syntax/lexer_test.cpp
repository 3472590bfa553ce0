#include "syntax/lexer.h"
#include "syntax/literal.h"

#include <cmath>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <vector>

namespace sx::syntax {
namespace {

/// The spellings of the tokens, joined by spaces; strings by their value in quotes.
std::string tokens_of(std::string_view text) {
  Interner strings;
  const TokenBuffer tokens = lex(text, strings);
  std::string out;
  for (TokenIndex i = 0; i + 1 < tokens.size(); ++i) {
    if (i != 0)
      out += ' ';
    switch (tokens.kind(i)) {
    case TokenKind::Identifier: out += strings.text(tokens.name(i)); break;
    case TokenKind::Integer: out += std::to_string(tokens.integer(i)); break;
    case TokenKind::Float: out += "f" + std::to_string(tokens.floating(i)); break;
    case TokenKind::Character: out += "c" + std::to_string(tokens.code_point(i)); break;
    case TokenKind::String: (out += '"').append(strings.text(tokens.string(i).value)) += '"'; break;
    case TokenKind::Heredoc: (out += '<').append(strings.text(tokens.string(i).value)) += '>'; break;
    case TokenKind::Invalid: out += tokens.error->info->code; break;
    default: out += spelling(tokens.kind(i)); break;
    }
  }
  return out;
}

struct Case {
  std::string_view text;
  std::string_view tokens;
};

TEST(Lexer, TakesTheLongestToken) {
  const Case cases[] = {
      {"p.*=v", "p . *= v"},
      {"p.*==q", "p . *= = q"},
      {"x!=y", "x != y"},
      {"x! = y", "x ! = y"},
      {"??T", "?? T"},
      {"t.0.1", "t . f0.100000"},
      {"a<..b", "a <.. b"},
      {"a---b", "a --- b"},
      {"a--b", "a - - b"},
      {"0..9", "0 .. 9"},
      {"1..=2", "1 ..= 2"},
      {"1=..<2", "1 =..< 2"},
      {"1=..=2", "1 =..= 2"},
      {"1<..=2", "1 <..= 2"},
      {"1<..<2", "1 <..< 2"},
      {"1=..2", "1 =.. 2"},
      {"a<<=b>>=c", "a <<= b >>= c"},
      {"a|>b|=c|d", "a |> b |= c | d"},
      {"a:=b::c:d", "a := b :: c : d"},
      {"a->b=>c", "a -> b => c"},
      {"a?.b", "a ?. b"},
      {"5.(u8)", "5 . ( u8 )"},
      {"&&", "& &"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(tokens_of(c.text), c.tokens) << c.text;
}

TEST(Lexer, RecognisesEveryPunctuationKeywordAndDirective) {
  for (std::string_view text : {
#define SX_PUNCTUATION(name, spelling) std::string_view(spelling),
#define SX_KEYWORD(name, spelling) std::string_view(spelling),
#define SX_DIRECTIVE(name, word) std::string_view("#" word),
#include "syntax/token.def"
       })
    EXPECT_EQ(tokens_of(text), text);
}

TEST(Lexer, SkipsBlanksCommentsAndAByteOrderMark) {
  EXPECT_EQ(tokens_of("\xEF\xBB\xBF a\t\r\n// b \x80 `\nc//"), "a c");
  EXPECT_EQ(tokens_of(""), "");
  EXPECT_EQ(tokens_of("a \xEF\xBB\xBF"), "a E0101");
}

TEST(Lexer, KeywordsAreWholeWords) {
  EXPECT_EQ(tokens_of("iff if _if"), "iff if _if");
}

TEST(Lexer, ReadsIntegers) {
  const Case cases[] = {
      {"12_500", "12500"},
      {"0x_1F", "31"},
      {"0XfF", "255"},
      {"0o17", "15"},
      {"0b10_1", "5"},
      {"007", "7"},
      {"1__0_", "10"},
      {"0b12", "1 2"},
      {"9abc", "9 abc"},
      {"1e5", "1 e5"},
      {"_1", "_1"},
      {"18446744073709551615", "18446744073709551615"},
      {"1_000.max", "1000 . max"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(tokens_of(c.text), c.tokens) << c.text;
}

TEST(Lexer, ReadsFloats) {
  EXPECT_EQ(tokens_of("1_0.2_5"), "f10.250000");
  EXPECT_EQ(tokens_of("5. .5"), "5 . . 5");
  EXPECT_TRUE(std::isinf(float_value(std::string(400, '9') + ".0")));
  EXPECT_EQ(float_value("0." + std::string(400, '0') + "1"), 0.0);
}

TEST(Lexer, ReplacesEscapesInStrings) {
  EXPECT_EQ(tokens_of(R"("a\n\t\\\"\q\x41")"), "\"a\n\t\\\"qx41\"");
  EXPECT_EQ(tokens_of("\"two\nlines\""), "\"two\nlines\"");
  EXPECT_EQ(unescape_string("\\0\\r"), std::string("\0\r", 2));
}

TEST(Lexer, ReadsCharacters) {
  const Case cases[] = {
      {"'a'", "c97"},         {"'\\n'", "c10"},
      {"'\\''", "c39"},       {"'\\x7'", "c7"},
      {"'\\xff'", "c255"},    {"'\\u{1F600}'", "c128512"},
      {"'\xC3\xA9'", "c233"}, {"'\xF0\x9F\x98\x80'", "c128512"},
      {"'\xff'", "c255"},     {"'\"'", "c34"},
      {"'\\0'", "c0"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(tokens_of(c.text), c.tokens) << c.text;
}

TEST(Lexer, RejectsBadCharacters) {
  for (std::string_view text : {"''", "'ab'", "'\\q'", "'\\x'", "'\\xg'", "'\\u'", "'\\u{}'", "'\\u{1234567}'",
                                "'\\u{D800}'", "'\xC0\x80'", "'\xED\xA0\x80'", "'\xF4\x90\x80\x80'", "'\xE9''"})
    EXPECT_EQ(tokens_of(text).substr(0, 4), text == "'\xE9''" ? "c233" : "E010") << text;
}

TEST(Lexer, ReadsStringBlocks) {
  EXPECT_EQ(tokens_of("#string DOC\na\\n\n \"x\"\nDOC;"), "<a\\n\n \"x\"\n> ;");
  EXPECT_EQ(tokens_of("#string\tD ignored\nD"), "<>");
  EXPECT_EQ(tokens_of("#string D\nDx\n D\nD+1"), "<Dx\n D\n> + 1");
  EXPECT_EQ(tokens_of("#string D\r\nx\r\nD;\r\n"), "<x\r\n> ;");
}

TEST(Lexer, RawIdentifiersExcludeTheBacktick) {
  Interner strings;
  const TokenBuffer tokens = lex("`while x", strings);
  EXPECT_EQ(tokens.kind(0), TokenKind::Identifier);
  EXPECT_EQ(strings.text(tokens.name(0)), "while");
  EXPECT_EQ(tokens.begins[0], 1u);
  EXPECT_EQ(tokens.ends[0], 6u);
}

TEST(Lexer, PairsBracketsOfOneKind) {
  Interner strings;
  const TokenBuffer tokens = lex("( { ( ) ] } ) (", strings);
  EXPECT_EQ(tokens.match(0), 6u);
  EXPECT_EQ(tokens.match(1), 5u);
  EXPECT_EQ(tokens.match(2), 3u);
  EXPECT_EQ(tokens.match(7), no_token);
}

TEST(Lexer, StopsAtTheFirstInvalidToken) {
  Interner strings;
  const TokenBuffer tokens = lex("a @ b", strings);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens.kind(1), TokenKind::Invalid);
  EXPECT_EQ(tokens.kind(2), TokenKind::EndOfFile);
  EXPECT_EQ(tokens.begins[2], 5u);
}

TEST(LexerProperty, TokensAreOrderedAndInsideTheText) {
  rc::check([](const std::vector<char>& bytes) {
    const std::string text(bytes.begin(), bytes.end());
    Interner strings;
    const TokenBuffer tokens = lex(text, strings);
    std::uint32_t last = 0;
    for (TokenIndex i = 0; i < tokens.size(); ++i) {
      RC_ASSERT(tokens.begins[i] >= last);
      RC_ASSERT(tokens.ends[i] >= tokens.begins[i]);
      RC_ASSERT(tokens.ends[i] <= text.size());
      last = tokens.ends[i];
    }
    RC_ASSERT(tokens.kinds.back() == TokenKind::EndOfFile);
    RC_ASSERT(tokens.ends.back() == text.size());
  });
}

TEST(LexerProperty, IntegersRoundTrip) {
  rc::check([](std::uint64_t value) { RC_ASSERT(integer_value(std::to_string(value)).value() == value); });
}

TEST(LexerProperty, ScalarsRoundTripThroughEscapes) {
  rc::check([] {
    const auto value = *rc::gen::inRange<std::uint32_t>(0, 0x120000);
    char body[16];
    std::snprintf(body, sizeof body, "\\u{%X}", value);
    const bool is_scalar = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    const auto read = character_value(body);
    RC_ASSERT(read.has_value() == is_scalar);
    RC_ASSERT(!is_scalar || *read == value);
  });
}

} // namespace
} // namespace sx::syntax
