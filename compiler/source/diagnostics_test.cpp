#include "source/diagnostics.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <set>

namespace sx {
namespace {

constexpr Span here{FileId(0), 4, 7};
constexpr Span there{FileId(0), 8, 9};

TEST(Registry, CodesHaveALetterAndFourDigitsThatFitTheLevel) {
  for (const DiagnosticInfo* info : all_diagnostics()) {
    ASSERT_EQ(info->code.size(), 5u) << info->name;
    EXPECT_EQ(info->code[0], info->level == Level::Error ? 'E' : 'W') << info->name;
    EXPECT_TRUE(std::ranges::all_of(info->code.substr(1), [](char c) { return c >= '0' && c <= '9'; })) << info->name;
  }
}

TEST(Registry, NoTwoWordingsOfACodeAreEqual) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const DiagnosticInfo* info : all_diagnostics())
    EXPECT_TRUE(seen.emplace(info->code, info->message).second) << info->name;
}

TEST(Registry, WordingsOfACodeStandTogether) {
  std::set<std::string_view> closed;
  std::string_view current;
  for (const DiagnosticInfo* info : all_diagnostics()) {
    if (info->code == current)
      continue;
    EXPECT_TRUE(closed.insert(info->code).second) << info->code;
    current = info->code;
  }
}

TEST(Registry, MessagesKeepTheStyle) {
  for (const DiagnosticInfo* info : all_diagnostics()) {
    const std::string_view text = info->message;
    ASSERT_FALSE(text.empty()) << info->name;
    EXPECT_EQ(text.find('\n'), text.npos) << info->name;
    EXPECT_NE(text.back(), '.') << info->name;
    EXPECT_NE(text.back(), ' ') << info->name;
    EXPECT_EQ(std::ranges::count(text, '\'') % 2, 0) << info->name;
  }
}

TEST(Registry, EveryPlaceholderTakesItsArgument) {
  for (const DiagnosticInfo* info : all_diagnostics()) {
    std::vector<DiagnosticArgument> arguments;
    for (int i = 0; i < info->parameters; ++i)
      arguments.emplace_back("<" + std::to_string(i) + ">");
    const std::string text = format_message(info->message, arguments);
    EXPECT_EQ(detail::next_placeholder(text, 0).begin, std::string_view::npos) << text;
    EXPECT_EQ(text.find('|'), text.npos) << text;
  }
}

TEST(Diagnostics, ReportFormatsAndCounts) {
  Diagnostics diagnostics;
  EXPECT_FALSE(diagnostics.has_errors());
  const Report& report = diagnostics.report<diag::no_such_field>(here, "Crate", "lid");
  EXPECT_EQ(report.message, "'Crate' has no field 'lid'");
  EXPECT_EQ(report.info->code, "E0501");
  EXPECT_EQ(diagnostics.error_count(), 1u);
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.report<diag::failure_ignored>(here);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.reports().size(), 1u);
}

TEST(Diagnostics, EqualReportsAreOneAndKeepTheirPartsOnce) {
  Diagnostics diagnostics;
  for (int i = 0; i < 3; ++i)
    diagnostics.report<diag::duplicate_module_name>(here, "a").note("first declared here", there);
  ASSERT_EQ(diagnostics.reports().size(), 1u);
  EXPECT_EQ(diagnostics.error_count(), 1u);
  EXPECT_EQ(diagnostics.reports()[0].parts.size(), 1u);
}

TEST(Diagnostics, PartsOfADuplicateGoToTheSurvivor) {
  Diagnostics diagnostics;
  diagnostics.report<diag::value_failure_ignored>(here);
  diagnostics.report<diag::value_failure_ignored>(here).help("use 'try'");
  EXPECT_EQ(diagnostics.reports()[0].parts.size(), 1u);
}

TEST(Diagnostics, AnyDifferenceKeepsBoth) {
  Diagnostics diagnostics;
  diagnostics.report<diag::unknown_name>(here, "a");
  diagnostics.report<diag::unknown_name>(here, "b");
  diagnostics.report<diag::unknown_name>(there, "a");
  diagnostics.report<diag::unknown_name>(Span{FileId(1), 4, 7}, "a");
  diagnostics.report<diag::failure_ignored>(here); // equal text, other level
  diagnostics.report<diag::value_failure_ignored>(here);
  EXPECT_EQ(diagnostics.reports().size(), 6u);
}

TEST(Diagnostics, ReportsWithoutSpanAreNeverDuplicates) {
  Diagnostics diagnostics;
  diagnostics.report<diag::no_main>({});
  diagnostics.report<diag::no_main>({});
  EXPECT_EQ(diagnostics.reports().size(), 2u);
}

TEST(Diagnostics, MutedReportsAreOnlyCounted) {
  Diagnostics diagnostics;
  diagnostics.mute();
  diagnostics.mute();
  diagnostics.report<diag::no_main>({}).note("dropped");
  diagnostics.report<diag::failure_ignored>(here);
  diagnostics.unmute();
  EXPECT_TRUE(diagnostics.muted());
  diagnostics.unmute();
  EXPECT_EQ(diagnostics.muted_errors(), 1u);
  EXPECT_TRUE(diagnostics.reports().empty());
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(Diagnostics, AppendDropsDuplicatesAndMergesParts) {
  Diagnostics first, second;
  first.report<diag::unknown_name>(here, "a");
  second.report<diag::unknown_name>(here, "a").note("merged");
  second.report<diag::unknown_name>(there, "b");
  first.append(second);
  first.append(first);
  ASSERT_EQ(first.reports().size(), 2u);
  EXPECT_EQ(first.reports()[0].parts.size(), 1u);
  EXPECT_EQ(first.error_count(), 2u);
}

TEST(Diagnostics, CopiesAreIndependent) {
  Diagnostics first;
  first.report<diag::unknown_name>(here, "a");
  Diagnostics copy = first;
  copy.report<diag::unknown_name>(here, "a").note("only here");
  EXPECT_TRUE(first.reports()[0].parts.empty());
  EXPECT_EQ(copy.reports()[0].parts.size(), 1u);
}

RC_GTEST_PROP(DiagnosticsLaws, KeepsTheFirstOfEachReportInOrder, (const std::vector<std::uint8_t>& raw)) {
  Diagnostics diagnostics;
  std::vector<std::uint32_t> expected;
  for (const std::uint8_t byte : raw) {
    const std::uint32_t place = byte % 16;
    diagnostics.report<diag::value_failure_ignored>(Span{FileId(0), place, place + 1});
    if (std::ranges::find(expected, place) == expected.end())
      expected.push_back(place);
  }
  RC_ASSERT(diagnostics.reports().size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    RC_ASSERT(diagnostics.reports()[i].span.begin == expected[i]);
  Diagnostics copy;
  copy.append(diagnostics);
  copy.append(diagnostics);
  RC_ASSERT(copy.reports().size() == expected.size());
}

} // namespace
} // namespace sx
