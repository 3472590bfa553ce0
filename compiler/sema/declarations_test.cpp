#include "sema/report_cases.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

class Declarations : public testing::TestWithParam<TextCase> {};

TEST_P(Declarations, Report) {
  const CheckedSource checked(std::string(GetParam().source) + "main :: () {}\n");
  EXPECT_EQ(checked.codes(), GetParam().codes) << checked.messages();
}

const TextCase counts[] = {
    {"Expressions", "A :: .[4, 8];\nW :: A[1] - A.len;\nx : [W * 2]u8 = ---;\ny : [3.0]u8;\nz : [7 / 2]u8;\n", {}},
    {"Limits", "x : [u8.max]u8;\ny : [-i8.min]u8;\n", {}},
    {"StructConstants", "P :: struct { w: i64; N :: 3; }\nS :: P.{ w = 2 };\nx : [S.w]u8;\ny : [P.N]u8;\n", {}},
    {"Sizes", "P :: struct { w: i64; v: u8; }\nx : [size_of(P)]u8;\n", {}},
    {"NotConstant", "g : i64 = 1;\nx : [g]u8;\n", {"E0427 2:6"}},
    {"Negative", "x : [1 - 3]u8;\n", {"E0428 1:6"}},
    {"TooLarge", "x : [4294967296]u8;\n", {"E0429 1:6"}},
    {"Fraction", "x : [7.0 / 2.0]u8;\n", {"E0430 1:6"}},
    {"Overflow", "x : [9223372036854775807 + 1]u8;\n", {"E0427 1:6"}},
    {"DivisionByZero", "x : [1 / 0]u8;\n", {"E0427 1:6"}},
    {"ShiftsDoNotCount", "x : [1 << 3]u8;\n", {"E0427 1:6"}},
    {"RunConstantsDoNotCount", "R :: #run 4;\nx : [R]u8;\n", {"E0427 2:6"}},
    {"Lanes", "x : Vector(0, f32);\ny : Vector(2.5, f32);\nz : Vector(4, f32);\n", {"E0431 1:12", "E0431 2:12"}},
    {"IndexOutsideOfConstant", "A :: .[4, 8];\nx : [A[2]]u8;\n", {"E0524 2:6"}},
    {"CycleThroughOperators", "A :: B + 1;\nB :: A;\nx : [A]u8;\n", {"E0427 3:6"}},
};
INSTANTIATE_TEST_SUITE_P(Counts, Declarations, testing::ValuesIn(counts), case_name<const char*>);

const TextCase constants[] = {
    {"Typed",
     "A : u8 : 250 + 5;\nB : f32 : 3;\nC : i64 : 4.0;\nD : *u8 : null;\nE : i32 : ---;\nF : cstring : \"x\";\n",
     {}},
    {"OutOfRange", "A : u8 : 256;\nB : u8 : 250 + 10;\nC : i8 : -129;\n", {"E0406 1:10", "E0406 2:10", "E0406 3:10"}},
    {"Character", "A : u8 : '\\u{100}';\n", {"E0407 1:10"}},
    {"Fraction", "BASE :: 2;\nA : i64 : BASE + 0.5;\nB : i64 : BASE + 2.0;\n", {"E0408 2:11"}},
    {"Mismatch",
     "A : i64 : true;\nB : bool : 1;\nC : string : 4;\nD : i64 : null;\n",
     {"E0519 1:11", "E0519 2:12", "E0519 3:14", "E0519 4:11"}},
    {"MismatchIsNotReportedTwice", "A : i64 : true;\nx : [A]u8;\n", {"E0519 1:11"}},
    {"Shorthand",
     "G :: enum { low; high; }\nA : G : .low;\nB : G : .none;\nC : i64 : .low;\nD :: .low;\n",
     {"E0510 3:9", "E0509 4:11", "E0508 5:6"}},
    {"BareNull", "A :: null;\n", {"E0518 1:6"}},
    {"ArrayInference", "A :: .[1, 2.5];\nB : [2]f64 = ---;\nC :: .[true, false];\nD :: .[\"a\", \"b\"];\n", {}},
    {"ArrayMix", "A :: .[1, true];\nB :: .[\"a\", 1, 2];\n", {"E0520 1:11", "E0520 2:13"}},
    {"ArrayNotInferable", "K :: 1;\nA :: .[];\nB :: .[K];\n", {"E0523 2:6", "E0523 3:8"}},
    {"ArrayElementNotConstant",
     "g : i64 = 1;\nf :: () -> i64 { return 1; }\nA : [2]i64 : .[1, g];\nB :: .[f()];\n",
     {"E0521 3:14", "E0521 4:6"}},
    {"ArrayLength", "A : [3]i64 : .[1, 2];\nB : i64 : .[1];\n", {"E0522 1:14", "E0522 2:11"}},
    {"ElementTypeAsHead", "A :: i32.[1, 2];\n", {"E0515 1:6"}},
    {"LiteralForScalar", "A : i64 : .{ 1 };\n", {"E0504 1:11"}},
    {"LaterDeclarations", "A :: B * 2;\nB :: C + 1;\nC :: 1;\nx : [A]u8;\n", {}},
};
INSTANTIATE_TEST_SUITE_P(Constants, Declarations, testing::ValuesIn(constants), case_name<const char*>);

const TextCase variables[] = {
    {"Accepted",
     "K :: 3;\nG :: enum { low; high; }\nP :: struct { x: i64; y: i64 = 2; }\n"
     "a := 1;\nb : u8 = K;\nc : G = .low;\nd := *a;\ne : P = .{ x = 1 };\nf : ?i64 = null;\ng : [2]i64 = .[1, K];\n"
     "h : i64 = ---;\ni : P;\nj := -4;\n",
     {}},
    {"Rejected",
     "K :: 3;\nS :: struct { x: i64; }\nC :: S.{ x = 1 };\nf :: () -> i64 { return 1; }\n"
     "a := f();\nb := K + 1;\nc := C.x;\nd : i64 = #run f();\n",
     {"E0517 5:6", "E0517 6:6", "E0517 7:6", "E0517 8:11"}},
    {"NonConstantLeafIsReportedAtTheLiteral",
     "f :: () -> i64 { return 1; }\na : [2]i64 = .[1, f()];\n",
     {"E0517 2:14"}},
    {"UnknownVariant", "G :: enum { low; }\na : G = .none;\n", {"E0510 2:9"}},
    {"Fraction", "a : i64 = 2.5;\nb : i64 = 2.0;\n", {"E0408 1:11"}},
    {"OutOfRange", "a : u8 = 256;\n", {"E0406 1:10"}},
};
INSTANTIATE_TEST_SUITE_P(Variables, Declarations, testing::ValuesIn(variables), case_name<const char*>);

const TextCase aggregates[] = {
    {"ContainsItself", "A :: struct { b: B; }\nB :: struct { a: [2]A; }\n", {"E0432 1:1"}},
    {"PointersBreakTheCycle", "A :: struct { b: *A; c: []A; d: ?*A; }\n", {}},
    {"EnumContainsItself", "E :: enum { none; some: E; }\n", {"E0432 1:1"}},
    {"Using",
     "G :: struct { lat: i32; lon: i32; }\nS :: struct { code: u8; #using G; }\nx : S = .{ code = 1, lat = 2 };\n",
     {}},
    {"UsingUnknown", "S :: struct { #using G; }\n", {"E0322 1:22"}},
    {"UsingSecondField", "G :: struct { a: i32; }\nS :: struct { a: u8; #using G; }\n", {"E0322 2:29"}},
    {"SigilInField", "S :: struct { a: $T; }\n", {"E0706 1:18"}},
    {"ResultListAsType", "S :: struct { a: (i32, i64); }\n", {"E0433 1:18"}},
    {"TupleOfValue", "x : Tuple(i32, 1);\n", {"E0434 1:16"}},
    {"BackingType", "E :: enum string { a; }\nF :: enum u8 { a; b :: 256; }\n", {"E0546 1:11", "E0546 2:24"}},
    {"EnumValue", "E :: enum { a :: 1 + 2; }\n", {"E0546 1:18"}},
    {"LayoutStruct",
     "L :: struct { tag: u16; _: u16; payload: [3]u32; }\nE :: enum L { a: u32; b: [4]u32; }\n",
     {"E0546 2:26"}},
    {"LayoutStructWithoutPayloads", "L :: struct { tag: u16; payload: [3]u32; }\nE :: enum L { a; }\n", {"E0546 2:11"}},
    {"EmptyErrorSet", "E :: error { }\n", {"E0809 1:1"}},
    {"UnknownErrorSet", "f :: () -> !Nope { }\nS :: struct { }\ng :: () -> !S { }\n", {"E0807 1:12", "E0808 3:12"}},
    {"ParameterWithoutType", "f :: (a) { }\n", {"E0437 1:7"}},
    {"RunTimeTypeParameter", "f :: (T: Type, x: T) { }\n", {"E0701 1:19"}},
    {"UnboundResult", "f :: (a: i64) -> $T { }\n", {"E0702 1:18"}},
};
INSTANTIATE_TEST_SUITE_P(Aggregates, Declarations, testing::ValuesIn(aggregates), case_name<const char*>);

const TextCase generic_structs[] = {
    {"Instances",
     "Ring :: struct ($N: u32, $T: Type) { data: [N]T; }\nM :: 2;\na : Ring(3, f32) = ---;\n"
     "b : *Ring(M + 1, f32) = *a;\n",
     {}},
    {"ArgumentCount", "Box :: struct ($T: Type) { v: T; }\nx : Box(i32, i64);\n", {"E0743 2:5"}},
    {"ValueArgument",
     "Ring :: struct ($N: u8) { data: [N]u8; }\ng : i64 = 1;\nx : Ring(g);\ny : Ring(256);\nz : Ring(-1);\n",
     {"E0704 3:10", "E0705 4:10", "E0705 5:10"}},
    {"ValueParameterAsType", "Ring :: struct ($N: u8) { data: N; }\nx : Ring(1);\n", {"E0701 1:33"}},
    {"AliasOfHead", "Box :: struct ($T: Type) { v: T; }\nB :: Box;\nx : B(i32);\ny : *Box(i32) = *x;\n", {}},
};
INSTANTIATE_TEST_SUITE_P(GenericStructs, Declarations, testing::ValuesIn(generic_structs), case_name<const char*>);

const TextCase context[] = {
    {"Fields", "Context :: struct { }\n#context_extend depth: i64 = 0;\n#context_extend name: string = \"x\";\n", {}},
    {"DuplicateField",
     "Context :: struct { }\n#context_extend depth: i64 = 0;\n#context_extend depth: i64 = 1;\n",
     {"E0633 3:1"}},
    {"WithoutDefault", "Context :: struct { }\n#context_extend depth: i64;\n", {"E0634 2:1"}},
    {"UnknownType", "Context :: struct { }\n#context_extend depth: Nope = 0;\n", {"E0638 2:24"}},
    {"DefaultNotConstant",
     "f :: () -> i64 { return 1; }\nContext :: struct { }\n#context_extend depth: i64 = f();\n",
     {"E0517 3:30"}},
};
INSTANTIATE_TEST_SUITE_P(Context, Declarations, testing::ValuesIn(context), case_name<const char*>);

const TextCase externs[] = {
    {"Handle", "c :: #library \"c\";\nputs :: (s: cstring) -> i32 extern c;\n", {}},
    {"UnknownHandle", "puts :: (s: cstring) -> i32 extern c;\n", {"E1001 1:1"}},
    {"OneSymbolTwice", "puts :: (s: cstring) -> i32 extern;\nput :: (s: cstring) -> i32 extern \"puts\";\n", {}},
    {"DifferentSignatures",
     "puts :: (s: cstring) -> i32 extern;\nput :: (s: cstring) -> i64 extern \"puts\";\n",
     {"E1002 2:1"}},
};
INSTANTIATE_TEST_SUITE_P(Externs, Declarations, testing::ValuesIn(externs), case_name<const char*>);

class Mains : public testing::TestWithParam<TextCase> {};

TEST_P(Mains, Report) {
  expect_reports(GetParam());
}

const TextCase mains[] = {
    {"Parameters", "main :: (n: i64) {}\n", {"E0331 1:10"}},
    {"Result", "main :: () -> string { return \"\"; }\n", {"E0332 1:15"}},
    {"Integer", "main :: () -> u8 { return 1; }\n", {}},
    {"Failable", "E :: error { A }\nmain :: () -> !E { raise error.A; }\n", {}},
    {"FailableInteger", "E :: error { A }\nmain :: () -> (i32, !E) { return 1; }\n", {}},
};
INSTANTIATE_TEST_SUITE_P(Main, Mains, testing::ValuesIn(mains), case_name<const char*>);

TEST(Limits, DeepTypesAndExpressionsAreRefused) {
  std::string deep = "x : ";
  for (int i = 0; i < 900; ++i)
    deep += "*";
  EXPECT_EQ(CheckedSource(deep + "u8;\nmain :: () {}\n").codes().size(), 1u);

  std::string chain = "A0 :: i32;\n";
  for (int i = 1; i < 2000; ++i)
    chain += "A" + std::to_string(i) + " :: *A" + std::to_string(i - 1) + ";\n";
  EXPECT_FALSE(CheckedSource(chain + "main :: () {}\n").ok);

  std::string sum = "K :: 1";
  for (int i = 0; i < 900; ++i)
    sum += " + 1";
  EXPECT_TRUE(CheckedSource(sum + ";\nx : [K]u8;\nmain :: () {}\n").ok);

  std::string structs = "S0 :: struct { a: u8; }\n";
  for (int i = 1; i < 5000; ++i)
    structs += "S" + std::to_string(i) + " :: struct { a: S" + std::to_string(i - 1) + "; }\n";
  EXPECT_TRUE(CheckedSource(structs + "main :: () {}\n").ok);

  EXPECT_FALSE(CheckedSource("x : [4294967295][4294967295]u64;\nmain :: () {}\n").ok);
}

TEST(Layouts, OfDeclaredTypes) {
  const CheckedSource checked("S :: struct { a: u8; b: i64; c: u16; }\nx : S;\n"
                              "E :: enum { a; b: struct { p: i32; q: i32; }; }\ny : E;\nmain :: () {}\n");
  ASSERT_TRUE(checked.ok) << checked.messages();
  ASSERT_EQ(checked.program.globals.size(), 2u);
  EXPECT_EQ(checked.program.types.layout(checked.program.globals[0].type).size, 24u);
  EXPECT_EQ(checked.program.types.layout(checked.program.globals[1].type).size, 16u);
  const TypeId payload = checked.program.types.nominal(checked.program.globals[1].type).variants[1].payload;
  EXPECT_EQ(checked.program.types.name(payload), "E.b");
}

} // namespace
} // namespace sx::sema
