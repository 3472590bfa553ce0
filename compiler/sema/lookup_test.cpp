#include "sema/report_cases.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

class Lookups : public testing::TestWithParam<FilesCase> {};

TEST_P(Lookups, Report) {
  expect_reports(GetParam());
}

const SourceText far{"far.sx", "K :: 7;\nT :: struct { a: i64; }\nf :: () -> i64 { return 1; }\nG : i64 = 2;\n"};
const SourceText near{"near.sx", "#import \"far.sx\";\nown :: 1;\n"};

const FilesCase visibility[] = {
    {"ImportsAreNotTransitive",
     {{"main.sx", "#import \"near.sx\";\nmain :: () { a := K; b := f(); c := G; }\n"}, near, far},
     {"E0304 2:19", "E0304 2:27", "E0304 2:37"}},
    {"HiddenType", {{"main.sx", "#import \"near.sx\";\nx : T;\nmain :: () {}\n"}, near, far}, {"E0307 2:5"}},
    {"UnknownType", {{"main.sx", "S :: struct { a: Nope; }\nmain :: () {}\n"}}, {"E0320 1:18"}},
    {"UnknownName", {{"main.sx", "main :: () { a := nope; }\n"}}, {"E0303 1:19"}},
    {"UnknownFunction", {{"main.sx", "main :: () { nope(1); }\n"}}, {"E0303 1:14"}},
    {"PrivateName",
     {{"main.sx", "#import \"kit.sx\";\nmain :: () { a := K; f(); }\nx : T;\n"},
      {"kit.sx", "private K :: 1;\nprivate f :: () {}\nprivate T :: struct { }\n"}},
     {"E0308 3:5", "E0306 2:19", "E0306 2:22"}},
    {"AmbiguousConstant",
     {{"main.sx", "#import \"a.sx\";\n#import \"b.sx\";\nmain :: () { x := K; f(); }\ny : T;\n"},
      {"a.sx", "K :: 1;\nf :: () {}\nT :: struct { }\n"},
      {"b.sx", "K :: 2;\nf :: () {}\nT :: struct { }\n"}},
     {"E0309 4:5", "E0310 3:19", "E0311 3:22"}},
    {"OwnDeclarationWins",
     {{"main.sx", "#import \"a.sx\";\nK :: true;\nmain :: () -> i64 { return if K == true then 1 else 0; }\n"},
      {"a.sx", "K :: 1;\n"}},
     {}},
    {"PrivateDoesNotMakeAmbiguous",
     {{"main.sx", "#import \"a.sx\";\n#import \"b.sx\";\nmain :: () -> i64 { return K; }\n"},
      {"a.sx", "K :: 1;\n"},
      {"b.sx", "private K :: true;\n"}},
     {}},
    {"ReExportCountsOnce",
     {{"main.sx", "#import \"a.sx\";\n#import \"b.sx\";\nmain :: () -> i64 { return K; }\n"},
      {"a.sx", "K :: 1;\n"},
      {"b.sx", "a :: #import \"a.sx\";\nK :: a.K;\n"}},
     {}},
    {"FunctionDoesNotShowHiddenType",
     {{"main.sx", "#import \"a.sx\";\n#import \"near.sx\";\nx : T;\nmain :: () {}\n"},
      {"a.sx", "T :: () {}\n"},
      near,
      far},
     {"E0307 3:5"}},
    {"NamesResolveWhereTheyAreWritten",
     {{"main.sx", "#import \"kit.sx\";\nBASE :: true;\nx : [K]u8 = ---;\nmain :: () { y : [4]u8 = x; }\n"},
      {"kit.sx", "BASE :: 2;\nK :: BASE * 2;\n"}},
     {}},
};
INSTANTIATE_TEST_SUITE_P(Visibility, Lookups, testing::ValuesIn(visibility), case_name<std::vector<SourceText>>);

const SourceText kit{"kit.sx", "sh :: #import \"shapes.sx\";\nDot :: sh.Dot;\n"};
const SourceText shapes{"shapes.sx", "Dot :: struct { x: i64; }\norigin :: () -> Dot { return .{ x = 0 }; }\n"
                                     "private hidden :: 1;\nlimit : i64 = 4;\n"};

const FilesCase namespaces[] = {
    {"CarriedAlias",
     {{"main.sx", "#import \"kit.sx\";\nmain :: () -> i64 { d : Dot = sh.origin(); return d.x; }\n"}, kit, shapes},
     {}},
    {"AliasIsCarriedOneLevel",
     {{"main.sx", "#import \"app.sx\";\nmain :: () { d := sh.origin(); }\n"},
      {"app.sx", "#import \"kit.sx\";\n"},
      kit,
      shapes},
     {"E0313 2:19"}},
    {"AmbiguousAlias",
     {{"main.sx", "#import \"kit.sx\";\n#import \"other.sx\";\nmain :: () { d := sh.origin(); }\n"},
      {"other.sx", "sh :: #import \"empty.sx\";\n"},
      {"empty.sx", ""},
      kit,
      shapes},
     {"E0314 3:19"}},
    {"SameTargetIsNotAmbiguous",
     {{"main.sx", "#import \"kit.sx\";\n#import \"other.sx\";\nmain :: () { d := sh.origin(); }\n"},
      {"other.sx", "sh :: #import \"shapes.sx\";\n"},
      kit,
      shapes},
     {}},
    {"MissingMember",
     {{"main.sx", "sh :: #import \"shapes.sx\";\nmain :: () { d := sh.nope(); e := sh.hidden; }\nx : sh.Nope;\n"},
      shapes},
     {"E0312 3:5", "E0312 2:19", "E0312 2:35"}},
    {"ImportsAreNoMembers",
     {{"main.sx", "k :: #import \"kit2.sx\";\nx : k.Dot;\nmain :: () {}\n"},
      {"kit2.sx", "#import \"shapes.sx\";\n"},
      shapes},
     {"E0312 2:5"}},
    {"DeepPath",
     {{"main.sx", "k :: #import \"kit.sx\";\nx : k.sh.Dot;\nmain :: () -> i64 { return k.sh.origin().x; }\n"},
      kit,
      shapes},
     {}},
    {"AliasCycle", {{"main.sx", "B :: C;\nC :: D;\nD :: B;\nmain :: () {}\n"}}, {"E0319 1:1"}},
    {"AliasOfItself", {{"main.sx", "B :: B;\nmain :: () {}\n"}}, {"E0319 1:1"}},
    {"CompositeAliasCycle", {{"main.sx", "B :: []B;\nmain :: () {}\n"}}, {"E0323 1:6"}},
    {"ForwardAliasChain", {{"main.sx", "A :: B;\nB :: C;\nC :: i32;\nx : A = 1;\nmain :: () {}\n"}}, {}},
    {"ValueAsType",
     {{"main.sx", "G : i64 = 1;\nS :: struct { a: i64; }\ns : S;\nx : s.a;\nmain :: () {}\n"}},
     {"E0321 4:5"}},
};
INSTANTIATE_TEST_SUITE_P(Namespaces, Lookups, testing::ValuesIn(namespaces), case_name<std::vector<SourceText>>);

TEST(Aliases, LongChainsDoNotOverflow) {
  std::string text;
  const int count = 20000;
  for (int i = 0; i < count; ++i)
    text += "A" + std::to_string(i) + " :: A" + std::to_string(i + 1) + ";\n";
  text += "A" + std::to_string(count) + " :: i32;\nx : A0 = 1;\nmain :: () {}\n";
  const CheckedSource checked(text);
  EXPECT_TRUE(checked.ok) << checked.messages();
}

} // namespace
} // namespace sx::sema
