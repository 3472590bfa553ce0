#include "sema/report_cases.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

class Modules : public testing::TestWithParam<FilesCase> {};

TEST_P(Modules, Report) {
  expect_reports(GetParam());
}

const FilesCase imports[] = {
    {"MissingFile", {{"main.sx", "x :: 1;\n#import \"nope.sx\";\nmain :: () {}\n"}}, {"E0317 2:1"}},
    {"MissingNamespacedFile", {{"main.sx", "ns :: #import \"nope.sx\";\n"}}, {"E0317 1:1"}},
    {"CyclesAreLegal",
     {{"main.sx", "#import \"kit.sx\";\nA :: 3;\nmain :: () -> i64 { return B; }\n"},
      {"kit.sx", "#import \"main.sx\";\nB :: A + 1;\n"}},
     {}},
    {"SyntaxErrorOfImportStops",
     {{"main.sx", "#import \"kit.sx\";\nmain :: () { nope(); }\n"}, {"kit.sx", "B :: ;\n"}},
     {"kit.sx E0205 1:6"}},
    {"DirectoryIsOneSurface",
     {{"main.sx", "d :: #import \"dir\";\nmain :: () -> i64 { return d.one + d.two; }\n"},
      {"dir/a.sx", "one :: 1;\n"},
      {"dir/b.sx", "two :: 2;\n"}},
     {}},
    {"FirstFileOfDirectoryWins",
     {{"main.sx", "#import \"dir\";\nx : [same]u8 = ---;\nmain :: () { y : [1]u8 = x; }\n"},
      {"dir/a.sx", "same :: 1;\n"},
      {"dir/b.sx", "same :: 2;\n"}},
     {}},
    {"DirectoryBesideFileIsAmbiguous",
     {{"main.sx", "#import \"kit\";\n"}, {"kit/a.sx", ""}, {"kit.sx", ""}},
     {"E0316 1:1"}},
    {"FileMayImportItsOwnDirectory",
     {{"kit.sx", "#import \"kit\";\nmain :: () -> i64 { return one; }\n"}, {"kit/a.sx", "one :: 1;\n"}},
     {}},
    {"OneFileOverTwoPathsIsOneModule",
     {{"main.sx", "#import \"kit.sx\";\n#import \"sub/../kit.sx\";\nmain :: () -> i64 { return one; }\n"},
      {"kit.sx", "one :: 1;\n"},
      {"sub/x.sx", ""}},
     {}},
    {"DuplicateNames", {{"main.sx", "a :: 1;\nb :: 2;\na :: () {}\nmain :: () {}\n"}}, {"E0302 3:1"}},
    {"DuplicateNamespace",
     {{"main.sx", "k :: #import \"kit.sx\";\nk :: #import \"kit.sx\";\nmain :: () {}\n"}, {"kit.sx", ""}},
     {"E0302 2:1"}},
};
INSTANTIATE_TEST_SUITE_P(Imports, Modules, testing::ValuesIn(imports), case_name<std::vector<SourceText>>);

const FilesCase conditionals[] = {
    {"TakenArmDeclares",
     {{"main.sx", "inline if OS == .linux { A :: 1; } else { A :: nope; }\nmain :: () -> i64 { return A; }\n"}},
     {}},
    {"UntakenImportIsNotLoaded",
     {{"main.sx", "inline if ARCH == .wasm32 { #import \"nope.sx\"; }\nmain :: () {}\n"}},
     {}},
    {"ElseIfChains",
     {{"main.sx", "inline if OS == .macos { A :: 1; } else if POINTER_SIZE == 8 { B :: 2; }\n"
                  "main :: () -> i64 { return B; }\n"}},
     {}},
    {"MatchTakesFirstEqualCase",
     {{"main.sx", "inline if OS == { case .macos: A :: 1; case .linux: B :: 2; else: C :: 3; }\n"
                  "main :: () -> i64 { return B; }\n"}},
     {}},
    {"ShortCircuitHidesTheSecondOperand",
     {{"main.sx", "inline if OS == .linux or whatever { B :: 2; }\nmain :: () -> i64 { return B; }\n"}},
     {}},
    {"ConstantsDoNotDecide", {{"main.sx", "F :: true;\ninline if F { B :: 2; }\nmain :: () {}\n"}}, {"E0902 2:11"}},
    {"MatchSubject", {{"main.sx", "inline if F == { case .a: B :: 2; }\nmain :: () {}\n"}}, {"E0902 1:11"}},
    {"LiveErrorDirective",
     {{"main.sx", "inline if OS == .linux { #error(\"no\"); }\nmain :: () {}\n"}},
     {"E0901 1:26"}},
    {"ConditionsAndDuplicatesAccumulate",
     {{"main.sx", "a :: 1;\na :: 2;\n#error(\"no\");\ninline if x { }\nmain :: () {}\n"}},
     {"E0902 4:11", "E0302 2:1", "E0901 3:1"}},
};
INSTANTIATE_TEST_SUITE_P(Conditionals, Modules, testing::ValuesIn(conditionals), case_name<std::vector<SourceText>>);

TEST(EntryFile, UnreadableIsReportedWithoutPosition) {
  Options options;
  Interner strings;
  SourceMap sources;
  Diagnostics diagnostics;
  Program program(strings, 8);
  FixedText evaluator("");
  options.entry_path = "no/such/file.sx";
  EXPECT_FALSE(check_program(program, options, sources, strings, diagnostics, evaluator));
  ASSERT_EQ(diagnostics.reports().size(), 1u);
  EXPECT_EQ(diagnostics.reports()[0].info->code, "E0333");
}

TEST(EntryFile, NeedsMainToRun) {
  Options options;
  options.require_main = true;
  EXPECT_EQ(CheckedSource({{"main.sx", "x :: 1;\n"}}, "", options).codes().size(), 1u);
  EXPECT_TRUE(CheckedSource({{"main.sx", "#import \"kit.sx\";\n"}, {"kit.sx", "main :: () {}\n"}}, "", options).ok);
  EXPECT_FALSE(
      CheckedSource({{"main.sx", "k :: #import \"kit.sx\";\n"}, {"kit.sx", "main :: () {}\n"}}, "", options).ok);
}

TEST(Imports, LongChainsDoNotOverflow) {
  std::vector<SourceText> files;
  const int count = 3000;
  for (int i = 0; i < count; ++i)
    files.emplace_back("f" + std::to_string(i) + ".sx", "#import \"f" + std::to_string((i + 1) % count) + ".sx\";\n");
  EXPECT_TRUE(CheckedSource(files).ok);
}

TEST(BuildMarker, NeedsARunStatementInAFlatModule) {
  EXPECT_TRUE(CheckedSource("#run 1;\nmain :: () {}\n").program.has_build_marker);
  EXPECT_FALSE(CheckedSource("main :: () {}\n").program.has_build_marker);
  const std::vector<SourceText> behind_a_name{{"main.sx", "k :: #import \"kit.sx\";\nmain :: () {}\n"},
                                              {"kit.sx", "#run 1;\n"}};
  EXPECT_FALSE(CheckedSource(behind_a_name).program.has_build_marker);
}

} // namespace
} // namespace sx::sema
