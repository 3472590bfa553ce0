#include "sema/report_cases.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

class Generics : public testing::TestWithParam<TextCase> {};

TEST_P(Generics, Reports) {
  expect_reports(GetParam());
}

const TextCase functions[] = {
    {"InfersFromFirstArgument",
     "larger :: (a: $T, b: T) -> T { if a > b { return a; } return b; }\n"
     "main :: () { x : i64 = larger(1, 2); }\n",
     {}},
    {"FloatWinsOverInteger",
     "larger :: (a: $T, b: T) -> T { if a > b { return a; } return b; }\n"
     "main :: () { x : f64 = larger(40, 2.5); }\n",
     {}},
    {"InfersElementOfArray",
     "head :: (xs: []$T) -> T { return xs[0]; }\n"
     "main :: () { a : [2]i64 = .[1, 2]; x : i64 = head(a); }\n",
     {}},
    {"ExplicitTypeArgument",
     "bytes :: ($T: Type, n: i64) -> i64 { return n * size_of(T); }\n"
     "main :: () { x := bytes(i32, 4); }\n",
     {}},
    {"InferredWhenCountsDiffer",
     "keep :: ($T: Type, v: T) -> T { return v; }\n"
     "main :: () { x : i64 = keep(3); y : u8 = keep(u8, 3); }\n",
     {}},
    {"OpenParameter",
     "make :: (n: i64, x: ?$T) -> i64 { return n; }\n"
     "main :: () { y := make(1, null); }\n",
     {"E0703 2:19"}},
    {"RecursionReusesTheInstance",
     "down :: (n: $T) -> T { if n == 0 { return n; } return down(n - 1); }\n"
     "main :: () { x := down(5); }\n",
     {}},
    {"EndlessInstantiationIsCutOff",
     "grow :: (x: $T) { grow(*x); }\n"
     "main :: () { grow(1); }\n",
     {"E0991 2:14"}},
    {"ComptimeInteger",
     "fill :: ($n: i64) -> i64 { a : [n]i64 = ---; return a.len; }\n"
     "main :: () { x := fill(4); }\n",
     {}},
    {"ComptimeNeedsConstant",
     "fill :: ($n: i64) -> i64 { return n; }\n"
     "main :: () { k := 4; x := fill(k); }\n",
     {"E0926 2:32"}},
    {"UnusedTemplateIsNotChecked", "odd :: (x: $T) -> i64 { return x.nothing; }\nmain :: () { }\n", {}},
    {"ErrorInsideInstance",
     "odd :: (x: $T) -> i64 { return x.nothing; }\nmain :: () { y := odd(.{ a = 1 }); }\n",
     {"E0501 1:32"}},
};
INSTANTIATE_TEST_SUITE_P(Functions, Generics, testing::ValuesIn(functions), case_name<const char*>);

const TextCase structs[] = {
    {"InstanceAndMethod",
     "Box :: struct ($T: Type) {\n  item: T;\n  get :: (self: *Box(T)) -> T { return self.item; }\n}\n"
     "main :: () { b := Box(i64).{ item = 3 }; x : i64 = b.get(); }\n",
     {}},
    {"HeadMatchesInstance",
     "Box :: struct ($T: Type) { item: T; }\n"
     "open :: (b: Box($T)) -> T { return b.item; }\n"
     "main :: () { b := Box(f64).{ item = 3.0 }; x : f64 = open(b); y : f64 = open(b); }\n",
     {}},
    {"BareHeadInMethod",
     "Box :: struct ($T: Type) {\n  item: T;\n  put :: (self: *Box, v: T) { self.item = v; }\n}\n"
     "main :: () { b := Box(i64).{ item = 3 }; b.put(4); }\n",
     {}},
    {"ConstraintOfFunction",
     "Weigh :: protocol { grams :: (self: *Self) -> i64; }\n"
     "total :: (a: $T/Weigh) -> i64 { return a.grams(); }\n"
     "main :: () { x := total(3); }\n",
     {"E0742 3:19"}},
};
INSTANTIATE_TEST_SUITE_P(Structs, Generics, testing::ValuesIn(structs), case_name<const char*>);

const TextCase type_functions[] = {
    {"NominalResult",
     "Tagged :: ($T: Type) -> Type { return struct { raw: i64; val: T; }; }\n"
     "main :: () { t := Tagged(f32).{ raw = 1, val = 2.0 }; u : Tagged(f32) = t; }\n",
     {}},
    {"StructuralResult",
     "Many :: ($T: Type, $N: u32) -> Type { return [N]T; }\n"
     "main :: () { a : Many(i64, 3) = ---; b : [3]i64 = a; }\n",
     {}},
    {"Statements",
     "Odd :: ($T: Type) -> Type { x := 1; return T; }\nmain :: () { a : Odd(i64) = 1; }\n",
     {"E0911 2:18"}},
};
INSTANTIATE_TEST_SUITE_P(TypeFunctions, Generics, testing::ValuesIn(type_functions), case_name<const char*>);

const TextCase packs[] = {
    {"ElementsThatNeverComeOut",
     "count :: (..$xs) -> i64 { return xs.len; }\n"
     "main :: () -> i64 {\n  a := count(1, return 4);\n  return a;\n}\n",
     {"E0623 3:17"}},
    {"LengthAndIndex",
     "count :: (..$xs) -> i64 { return xs.len; }\n"
     "first :: (..$xs) -> i64 { return xs[0]; }\n"
     "main :: () { a := count(1, true, \"s\"); b := first(7, 8); }\n",
     {}},
    {"IndexOutOfRange",
     "third :: (..$xs) -> i64 { return xs[2]; }\nmain :: () { b := third(7, 8); }\n",
     {"E0730 1:37"}},
    {"RunTimeIndex",
     "at :: (i: i64, ..$xs) -> i64 { return xs[i]; }\nmain :: () { b := at(0, 7, 8); }\n",
     {"E0731 1:42"}},
    {"InlineFor",
     "sum :: (..$xs) -> i64 { t := 0; inline for xs (x) { t += x; } return t; }\n"
     "main :: () { b := sum(7, 8, 9); }\n",
     {}},
    {"InlineForRange", "main :: () { t := 0; inline for 0..3 (i) { a : [i]u8 = ---; t += a.len; } }\n", {}},
    {"InlineForBound", "main :: () { n := 3; inline for 0..n (i) { } }\n", {"E0735 1:36"}},
    {"Constraint",
     "Coin :: protocol { cents :: (self: *Self) -> i64; }\n"
     "Dime :: struct { n: i64; }\n"
     "impl Coin for Dime { cents :: (self: *Dime) -> i64 { return self.n; } }\n"
     "sum :: (..cs: Coin) -> i64 { t := 0; inline for cs (c) { t += c.cents(); } return t; }\n"
     "main :: () { a := sum(Dime.{ n = 1 }); b := sum(3); }\n",
     {"E0732 5:49"}},
    {"MemberOutsideConstraint",
     "Coin :: protocol { cents :: (self: *Self) -> i64; }\n"
     "Dime :: struct { n: i64; }\n"
     "impl Coin for Dime { cents :: (self: *Dime) -> i64 { return self.n; } }\n"
     "sum :: (..cs: Coin) -> i64 { return cs[0].n; }\n"
     "main :: () { a := sum(Dime.{ n = 1 }); }\n",
     {"E0733 4:37"}},
    {"TypesAsValue", "kinds :: (..$xs) -> i64 { ts := $xs; return ts.len; }\nmain :: () { a := kinds(1, 2.0); }\n", {}},
};
INSTANTIATE_TEST_SUITE_P(Packs, Generics, testing::ValuesIn(packs), case_name<const char*>);

const TextCase protocols[] = {
    {"IdentityBorrow",
     "Lamp :: protocol #identity { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { b := Bulb.{ w = 2 }; l : Lamp = b; x : i64 = l.lux(); }\n",
     {}},
    {"IdentityOfTemporary",
     "Lamp :: protocol #identity { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { l : Lamp = Bulb.{ w = 2 }; }\n",
     {"E0717 4:25"}},
    {"OwningDemand",
     "Lamp :: protocol { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { b := Bulb.{ w = 2 }; l : Lamp = b; }\n",
     {"E0718 4:46"}},
    {"View",
     "Lamp :: protocol { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "cool :: (l: *Lamp) -> i64 { return l.lux(); }\n"
     "main :: () { b := Bulb.{ w = 2 }; x := cool(b); v : *Lamp = b; }\n",
     {}},
    {"MissingMethod",
     "Lamp :: protocol #identity { lux :: (self: *Self) -> i64; dim :: (self: *Self); }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { b := Bulb.{ w = 2 }; l : Lamp = b; }\n",
     {"E0712 4:46"}},
    {"OtherResult",
     "Lamp :: protocol #identity { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> f64 { return 1.0; } }\n"
     "main :: () { b := Bulb.{ w = 2 }; l : Lamp = b; }\n",
     {"E0713 4:46"}},
    {"DefaultMethod",
     "Gauge :: protocol #identity { read :: (self: *Self) -> i64; both :: (self: *Self) -> i64 "
     "{ return self.read() + self.read(); } }\n"
     "Probe :: struct { n: i64; }\n"
     "impl Gauge for Probe { read :: (self: *Probe) -> i64 { return 20; } }\n"
     "main :: () { p := Probe.{ n = 1 }; g : Gauge = p; x := g.both(); y := p.both(); }\n",
     {}},
    {"DuplicateImpl",
     "Lamp :: protocol { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { }\n",
     {"E0711 4:1"}},
    {"UnknownProtocol", "Bulb :: struct { w: i64; }\nimpl Lamp for Bulb { }\nmain :: () { }\n", {"E0709 2:1"}},
    {"NotDispatchable",
     "Same :: protocol #identity { same :: (self: *Self, other: Self) -> bool; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Same for Bulb { same :: (self: *Bulb, other: Bulb) -> bool { return true; } }\n"
     "main :: () { b := Bulb.{ w = 2 }; s : Same = b; s.same(b); }\n",
     {"E0715 4:49"}},
    {"Parameterised",
     "Source :: protocol(T: Type) #identity { pull :: (self: *Self) -> T; }\n"
     "Tap :: struct { level: i64; }\n"
     "impl Source(i64) for Tap { pull :: (self: *Tap) -> i64 { return self.level; } }\n"
     "main :: () { t := Tap.{ level = 3 }; s : Source(i64) = t; x : i64 = s.pull(); }\n",
     {}},
    {"GenericImpl",
     "Source :: protocol(T: Type) #identity { pull :: (self: *Self) -> T; }\n"
     "Tap :: struct ($T: Type) { level: T; }\n"
     "impl Source($R) for Tap($R) { pull :: (self: *Tap) -> R { return self.level; } }\n"
     "main :: () { t := Tap(f64).{ level = 3.0 }; s : Source(f64) = t; x : f64 = s.pull(); }\n",
     {}},
    {"HasImpl",
     "Lamp :: protocol { lux :: (self: *Self) -> i64; }\n"
     "Bulb :: struct { w: i64; }\n"
     "impl Lamp for Bulb { lux :: (self: *Bulb) -> i64 { return self.w; } }\n"
     "main :: () { inline if has_impl(Lamp, i64) { nothing(); } inline if has_impl(Lamp, Bulb) { } else "
     "{ nothing(); } }\n",
     {}},
};
INSTANTIATE_TEST_SUITE_P(Protocols, Generics, testing::ValuesIn(protocols), case_name<const char*>);

const TextCase intrinsics[] = {
    {"Static",
     "P :: struct { a: i64; b: u8; }\n"
     "main :: () { a : [size_of(P)]u8 = ---; n := struct_field_count(P); s := struct_field_name(P, 1);\n"
     "  t := type_name(P); u := is_unsigned(u8); o := struct_field_offset(P, 1); }\n",
     {}},
    {"RunTimeType",
     "f :: (t: Type) -> i64 { return size_of(t) + struct_field_count(t); }\nmain :: () { x := f(i32); }\n",
     {}},
    {"AnyQueries", "f :: (v: any) -> string { return type_name(v); }\nmain :: () { x := 1; s := f(x); }\n", {}},
    {"ValueForType", "main :: () { x := 1; y := size_of(x + 1); }\n", {"E0913 1:35"}},
    {"WrongKind",
     "E :: enum { a; b; }\nmain :: () { y := struct_field_count(E); z := variant_count(i64); }\n",
     {"E0914 2:19", "E0914 2:47"}},
    {"Count", "main :: () { y := size_of(i64, i64); }\n", {"E0915 1:19"}},
    {"Index", "P :: struct { a: i64; }\nmain :: () { y := struct_field_offset(P, 3); }\n", {"E0916 2:42"}},
    {"MakeAny", "main :: () { x := raw_make_any(i64, 3); }\n", {"E0917 1:37"}},
    {"UnknownIntrinsic", "frob :: (x: i64) -> i64 intrinsic;\nmain :: () { }\n", {"E0903 1:1"}},
    {"OtherModule", "size_of :: ($T: Type) -> i64 intrinsic;\nmain :: () { }\n", {"E0904 1:1"}},
    {"TypeEq", "main :: () { inline if type_eq(i64, i32) { nothing(); } }\n", {}},
    {"Atomics",
     "main :: () { x : i64 = 0; a := atomic_load(i64, *x, .seq_cst); b := atomic_fetch_add(i64, *x, 1, "
     ".relaxed); }\n",
     {}},
    {"AtomicOrdering", "main :: () { x : i64 = 0; a := atomic_load(i64, *x, .release); }\n", {"E0921 1:53"}},
    {"AtomicType", "main :: () { x : f64 = 0.0; a := atomic_fetch_add(f64, *x, 1.0, .relaxed); }\n", {"E0920 1:51"}},
    {"Fence", "main :: () { atomic_fence(.relaxed); }\n", {"E0923 1:27"}},
};
INSTANTIATE_TEST_SUITE_P(Intrinsics, Generics, testing::ValuesIn(intrinsics), case_name<const char*>);

TEST(Instances, AreSharedByEqualBindings) {
  const CheckedSource checked("twice :: (x: $T) -> T { return x + x; }\n"
                              "main :: () { a := twice(1); b := twice(2); c := twice(2.5); }\n");
  EXPECT_TRUE(checked.ok) << checked.messages();
  EXPECT_EQ(checked.instances("twice"), 2u);
}

TEST(Insert, LiteralTextBecomesStatements) {
  const CheckedSource checked("main :: () { n := 1; #insert \"n = n * 3; m := n;\"; k := m + 1; }\n");
  EXPECT_TRUE(checked.ok) << checked.messages();
}

TEST(Insert, ComputedTextComesFromTheEvaluator) {
  const CheckedSource checked("text :: () -> string { return \"\"; }\nmain :: () { #insert text(); k := made + 1; }\n",
                              "made := 41;");
  EXPECT_TRUE(checked.ok) << checked.messages();
}

TEST(Insert, TextThatDoesNotParseIsReportedAtTheOperand) {
  const CheckedSource checked("main :: () { #insert \"n = = 3;\"; }\n");
  EXPECT_EQ(checked.codes(), (std::vector<std::string>{"E0925 1:22"})) << checked.messages();
}

TEST(Insert, ErrorsInTheTextAreReportedAtTheInsert) {
  const CheckedSource checked("main :: () { #insert \"n := missing;\"; }\n");
  EXPECT_EQ(checked.codes(), (std::vector<std::string>{"E0303 1:14"})) << checked.messages();
}

TEST(Insert, NestingIsLimited) {
  const CheckedSource checked("text :: () -> string { return \"\"; }\nmain :: () { #insert text(); }\n",
                              "#insert text();");
  EXPECT_EQ(checked.codes(), (std::vector<std::string>{"E0991 2:14"})) << checked.messages();
}

} // namespace
} // namespace sx::sema
