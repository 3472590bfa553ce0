#include "source/diagnostic_notes.h"
#include "source/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx {
namespace {

struct Case {
  const char* message;
  std::vector<DiagnosticArgument> arguments;
  const char* expected;
};

TEST(FormatMessage, FillsPlaceholdersInOrderOfFirstAppearance) {
  const Case cases[] = {
      {"'{type}' has no field '{field}'", {"Crate", "lid"}, "'Crate' has no field 'lid'"},
      {"'{a}', '{b}', '{a}'", {"x", "y"}, "'x', 'y', 'x'"},
      {"{count} lanes", {-3}, "-3 lanes"},
      {"plain", {}, "plain"},
      {"{missing}!", {}, "!"},
      {"", {}, ""},
  };
  for (const Case& c : cases)
    EXPECT_EQ(format_message(c.message, c.arguments), c.expected);
}

TEST(FormatMessage, BracesThatHoldNoNameAreLiteral) {
  for (const char* text : {"'{}'", "use '.{ ... }'", "{", "}", "{a", "{ a }", "{a b}", "{1}", "{a:b}", "{a|b}", "}{"})
    EXPECT_EQ(format_message(text, {"wrong"}), text);
  EXPECT_EQ(format_message("'.{ {v} = ... }' {{v}}", {"ok"}), "'.{ ok = ... }' {ok}");
}

TEST(FormatMessage, WordsFollowTheirCount) {
  const char* message = "takes {wanted} {wanted:argument|arguments}, {given} {given:is|are} given";
  EXPECT_EQ(format_message(message, {1, 2}), "takes 1 argument, 2 are given");
  EXPECT_EQ(format_message(message, {0, 1}), "takes 0 arguments, 1 is given");
  EXPECT_EQ(format_message("its {count:name|names} {names}", {2, "'a', 'b'"}), "its names 'a', 'b'");
}

TEST(FormatMessage, ArgumentsAreNotScanned) {
  EXPECT_EQ(format_message("{a} {b}", {"{b}", "{a:x|y}"}), "{b} {a:x|y}");
}

RC_GTEST_PROP(FormatMessageLaws, AcceptsAnyTemplate, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('{', '}', ':', '|', 'a', 'b', ' '));
  const std::string out = format_message(text, {});
  RC_ASSERT(out.size() <= text.size());
  if (text.find('{') == std::string::npos)
    RC_ASSERT(out == text);
}

TEST(QuoteList, SeparatesByCommas) {
  EXPECT_EQ(quote_list({}), "");
  EXPECT_EQ(quote_list({"a"}), "'a'");
  EXPECT_EQ(quote_list({"a", "b"}), "'a', 'b'");
}

TEST(PartTexts, FillTheirPlaceholders) {
  EXPECT_EQ(help::give_name_first(), "give it a name first");
  EXPECT_EQ(help::write_with_backtick("i32"), "write it with a backtick: `i32");
  EXPECT_EQ(help::capture_by_reference("x"), "capture it as '(*x)' and write 'x.*'");
  EXPECT_EQ(help::override_with_push("depth"), "override it with 'push .{ depth = ... }'");
  EXPECT_EQ(help::read_after_test("e"), "read it after 'if e { return; }' or inside 'if !e'");
  EXPECT_EQ(note::variants_are("a, b"), "the variants are: a, b");
}

} // namespace
} // namespace sx
