#include "compare.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace sx::harness {
namespace {

LaneResult completed() {
  LaneResult result;
  result.end = End::Completed;
  return result;
}

LaneResults agreeing() {
  LaneResults results;
  for (const char* lane : {"reference", "vm:switch", "native:O0", "native:O2", "reference:main", "vm:main"})
    results[lane] = completed();
  return results;
}

TEST(Compare, EqualResultsAgree) {
  const CaseVerdict verdict = compare_lanes(agreeing());
  EXPECT_TRUE(verdict.findings.empty());
  EXPECT_EQ(verdict.agreed.size(), 6u);
}

TEST(Compare, NamesTheFieldOfADifferentFold) {
  LaneResults results = agreeing();
  FoldRecord fold{"K : P", "fold", {1, 0, 0, 0, 2, 0, 0, 0}, {{0, 4, ".x"}, {4, 4, ".y"}}, true};
  results["reference"].folds = {fold};
  fold.bytes[5] = 9;
  results["vm:switch"].folds = {fold};
  const CaseVerdict verdict = compare_lanes(results);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].lane, "vm:switch");
  EXPECT_NE(verdict.findings[0].detail.find("byte 5, field .y"), std::string::npos) << verdict.findings[0].detail;
}

TEST(Compare, NoticesEveryKindOfDifference) {
  struct Row {
    const char* lane;
    void (*change)(LaneResult&);
  };
  const Row rows[] = {
      {"vm:switch", [](LaneResult& r) { r.diagnostics = "error"; }},
      {"vm:switch", [](LaneResult& r) { r.comptime_output = "x"; }},
      {"vm:switch", [](LaneResult& r) { r.llvm = "define"; }},
      {"native:O2", [](LaneResult& r) { r.output = "x"; }},
      {"vm:main", [](LaneResult& r) { r.errors = "x"; }},
      {"reference:main", [](LaneResult& r) { r.status = 1; }},
      {"vm:main", [](LaneResult& r) { r.end = End::Crashed; }},
      {"vm:main", [](LaneResult& r) { r.end = End::TimedOut; }},
  };
  for (const Row& row : rows) {
    LaneResults results = agreeing();
    row.change(results[row.lane]);
    const CaseVerdict verdict = compare_lanes(results);
    ASSERT_EQ(verdict.findings.size(), 1u) << row.lane;
    EXPECT_EQ(verdict.findings[0].lane, row.lane);
  }
}

TEST(Compare, IncomparableLanesAreNoDifference) {
  LaneResults results = agreeing();
  results["vm:main"].end = End::Incomparable;
  results["vm:main"].output = "something else";
  EXPECT_TRUE(compare_lanes(results).findings.empty());
}

TEST(Compare, AddressesAreMasked) {
  LaneResults results = agreeing();
  results["native:O0"].output = "*i64@0x7fffe310\n";
  for (const char* lane : {"native:O2", "reference:main", "vm:main"})
    results[lane].output = "*i64@0x10040\n";
  EXPECT_TRUE(compare_lanes(results).findings.empty());
}

TEST(Compare, ExpectationsAreChecked) {
  Case program;
  program.expected_output = "7\n";
  LaneResults results = agreeing();
  for (auto& [name, result] : results)
    result.output = "8\n";
  CaseVerdict verdict = compare_lanes(results);
  check_expectations(program, results, verdict);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].lane, "expect");
}

TEST(Compare, RejectionsCompareCodesAndPositions) {
  Case program;
  program.expected_errors = {{"E0501", 3, 4}};
  LaneResults results = agreeing();
  for (const char* lane : {"reference", "vm:switch"}) {
    results[lane].rejected = true;
    results[lane].codes = {"E0501 @ 3:4"};
  }
  CaseVerdict verdict = compare_lanes(results);
  check_expectations(program, results, verdict);
  EXPECT_TRUE(verdict.findings.empty());
  results["reference"].codes = {"E0501 @ 3:5"};
  check_expectations(program, results, verdict);
  EXPECT_EQ(verdict.findings.size(), 1u);
}

TEST(Compare, LineDifferenceShowsTheChangedLines) {
  EXPECT_EQ(line_difference("a\nb\nc\n", "a\nx\nc\n"), "  @ line 2\n   a\n  -b\n  +x\n");
}

} // namespace
} // namespace sx::harness
