#include "sema/hir_dump.h"
#include "sema/report_cases.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

class Bodies : public testing::TestWithParam<TextCase> {};

TEST_P(Bodies, Report) {
  expect_reports(GetParam());
}

const TextCase literals[] = {
    {"Ranges",
     "main :: () {\n  a : u8 = 256;\n  b : i8 = -128;\n  c : i8 = -129;\n  d : u8 = xx 515;\n  e := 515.(u8);\n}\n",
     {"E0406 2:12", "E0406 4:12"}},
    {"Characters", "main :: () {\n  a : u8 = 'a';\n  b : u8 = '\\u{100}';\n}\n", {"E0407 3:12"}},
    {"ExpressionsJustCompute", "main :: () {\n  s : u8 = 250 + 10;\n}\n", {}},
    {"LossyFloat",
     "HALF : f64 : 0.5;\nmain :: () {\n  a : i64 = HALF + 1.5;\n  b : i64 = xx (HALF + 1.0);\n  c : i64 = HALF + "
     "1.0;\n}\n",
     {"E0408 5:13"}},
    {"NullNeedsAType", "main :: () {\n  a := null;\n  b : *u8 = null;\n  c : ?i64 = null;\n}\n", {"E0518 2:8"}},
    {"CStrings",
     "main :: () {\n  a : cstring = \"x\";\n  s := \"x\";\n  b : cstring = s;\n  c : string = a;\n}\n",
     {"E0409 4:3", "E0410 5:3"}},
};
INSTANTIATE_TEST_SUITE_P(Literals, Bodies, testing::ValuesIn(literals), case_name<const char*>);

const TextCase operators[] = {
    {"Arithmetic",
     "main :: () {\n  b : u8 = 200;\n  p := b + 100;\n  q := -3 + 0.5;\n  r := 1 + b;\n  s : i64 = r;\n  t : f64 = "
     "q;\n  u : u8 = p;\n}\n",
     {}},
    {"Mismatch", "main :: () {\n  a := \"x\" + 1;\n  b := true * 2;\n}\n", {"E0415 2:8", "E0415 3:8"}},
    {"MemberNumberOfFunction", "f :: () {}\nmain :: () {\n  a := f.1;\n}\n", {"E0501 3:8"}},
    {"PacksAreNoValues",
     "f :: (..$xs) -> i64 {\n  a := xs.0;\n  b := xs[0..1];\n  c := xs.(i64);\n  return 1;\n}\n"
     "main :: () -> i64 { return f(1, 2); }\n",
     {"E0734 2:8", "E0734 3:8", "E0734 4:8"}},
    {"AddressOfNoReturn",
     "stop :: () -> noreturn { while true { } }\nmain :: () {\n  p := *stop();\n}\n",
     {"E0623 3:9"}},
    {"FunctionNames", "f :: () -> i64 { return 1; }\nmain :: () {\n  a := f > 9;\n}\n", {"E0415 3:8"}},
    {"Optionals",
     "main :: () {\n  o : ?i64 = 3;\n  a := o + 1;\n  b := 1 + o;\n  c := o < 2;\n}\n",
     {"E0802 3:8", "E0802 4:12", "E0802 5:8"}},
    {"Not", "main :: () {\n  a := !true;\n  b := !3;\n  c := !\"x\";\n}\n", {"E0416 4:8"}},
    {"Equality",
     "P :: struct { x: i64; }\nQ :: struct { x: i64; }\nR :: struct { a: [2]u8; }\nmain :: () {\n  p := P.{};\n  q := "
     "Q.{};\n"
     "  r := R.{};\n  a := p == p;\n  b := p == q;\n  c := r == r;\n}\n",
     {"E0419 9:13", "E0418 10:8"}},
    {"Conditions", "main :: () {\n  if 3 { }\n  if \"x\" { }\n  while 1.5 { }\n}\n", {"E0417 3:6", "E0417 4:9"}},
    {"Chains", "main :: () {\n  n := 3;\n  b : bool = 1 < n <= 4;\n}\n", {}},
    {"Poison", "main :: () {\n  x := nope + 1;\n  y := x * 2;\n  z : string = y;\n}\n", {"E0303 2:8"}},
    {"Vectors",
     "main :: () {\n  v : Vector(3, f32) = .[1, 2, 3];\n  w := v * 2;\n  x := 2 * v;\n  y := v.y + w[1];\n  z := "
     "v.w;\n}\n",
     {"E0501 6:8"}},
    {"Tuples",
     "main :: () {\n  t := Tuple(i64, bool).{1, true};\n  a : i64 = t.0;\n  b := t + t;\n  c : bool = b.3;\n  d := "
     "t.7;\n}\n",
     {"E0501 6:8"}},
};
INSTANTIATE_TEST_SUITE_P(Operators, Bodies, testing::ValuesIn(operators), case_name<const char*>);

const TextCase conversions[] = {
    {"Initializer", "main :: () {\n  a : i64 = \"x\";\n}\n", {"E0401 2:13"}},
    {"Assignment", "main :: () {\n  a := 1;\n  a = \"x\";\n}\n", {"E0402 3:7"}},
    {"Return", "f :: () -> i64 { return \"x\"; }\nmain :: () { f(); }\n", {"E0404 1:25"}},
    {"Tail", "f :: () -> i64 { \"x\" }\nmain :: () { f(); }\n", {"E0404 1:18"}},
    {"Argument", "f :: (a: i64) {}\nmain :: () {\n  f(\"x\");\n}\n", {"E0405 3:3"}},
    {"PointerForValue", "f :: (a: i64) {}\nmain :: () {\n  n := 1;\n  p := *n;\n  f(p.*);\n}\n", {}},
    {"Any", "main :: () {\n  a : any = 3;\n  b : i64 = a;\n  c : i64 = xx a;\n}\n", {"E0412 3:3"}},
    {"OptionalAsPayload",
     "main :: () {\n  a : ?i64 = 3;\n  b : i64 = a;\n  c : bool = a;\n}\n",
     {"E0801 3:3", "E0803 4:3"}},
    {"Slices",
     "f :: (xs: []i64) -> i64 { return xs.len; }\nmain :: () {\n  a : [3]i64 = .[1, 2, 3];\n  f(a);\n  f(.[4, 5]);\n  "
     "s : []i64 = a;\n}\n",
     {}},
    {"ManyPointerToSlice", "main :: () {\n  p : [*]i64 = null;\n  s : []i64 = p;\n}\n", {"E0411 3:3"}},
};
INSTANTIATE_TEST_SUITE_P(Conversions, Bodies, testing::ValuesIn(conversions), case_name<const char*>);

const TextCase aggregates[] = {
    {"Struct",
     "P :: struct { x: i64; y: i64 = 2; }\nmain :: () {\n  a := P.{ x = 1 };\n  b : P = .{ 1, 2 };\n  c := P.{ z = 1 "
     "};\n"
     "  d := P.{ x = 1, x = 2 };\n  e := P.{ 1, 2, 3 };\n}\n",
     {"E0501 5:16", "E0516 6:19", "E0516 7:18"}},
    {"NotAnAggregate", "main :: () {\n  a : i64 = .{};\n  b := .{};\n}\n", {"E0504 2:13", "E0518 3:8"}},
    {"Arrays",
     "main :: () {\n  a := .[1, 2];\n  b : [3]i64 = .[1, 2];\n  c := .[];\n  d := i32.[1];\n}\n",
     {"E0516 3:16", "E0518 4:8", "E0515 5:8"}},
    {"Enums",
     "G :: enum { low; high; }\nmain :: () {\n  a : G = .low;\n  b : G = .nope;\n  c := .low;\n  d : i64 = .low;\n  e "
     ":= G.high;\n}\n",
     {"E0510 4:11", "E0508 5:8", "E0509 6:13"}},
    {"TaggedUnions",
     "M :: enum { quit; text: string; move: struct { x: i64; }; }\nmain :: () {\n  a : M = .quit;\n  b : M = "
     ".text(\"x\");\n"
     "  c : M = .move.{ x = 1 };\n  d : M = .text();\n  e : M = .{ text = \"x\" };\n  b.text = \"y\";\n}\n",
     {"E0513 6:11", "E0512 7:11", "E0514 8:3"}},
    {"Unions",
     "U :: union { f: f32; u: u32; }\nmain :: () {\n  a : U = .{ f = 1.0 };\n  b : U = .{ f = 1.0, u = 1 };\n  c : U = "
     ".{ 1.0 };\n  n := a.u;\n}\n",
     {"E0506 4:11", "E0507 5:11"}},
    {"Properties",
     "D :: struct { raw: i64;\n  pct :: (self: *D) -> i64 #get => self.raw;\n  pct :: (self: *D, v: i64) #set { "
     "self.raw = v; }\n"
     "  size :: (self: *D) -> i64 #get => 1; }\nmain :: () {\n  d : D = .{};\n  d.pct = 4;\n  d.pct += 3;\n  n := "
     "d.pct;\n  d.size = 2;\n}\n",
     {"E0502 10:3"}},
    {"InitBlock",
     "Q :: struct { n: i64; push :: (self: *Q, k: i64) { self.n += k; } }\nmain :: () {\n  q := Q.{ n = 1 } { "
     "self.push(3); };\n}\n",
     {}},
};
INSTANTIATE_TEST_SUITE_P(Aggregates, Bodies, testing::ValuesIn(aggregates), case_name<const char*>);

const TextCase calls[] = {
    {"Counts",
     "f :: (a: i64, b: i64 = 2) {}\ng :: (..xs: []i64) {}\nmain :: () {\n  f();\n  f(1);\n  f(1, 2, 3);\n  g();\n  "
     "g(1, 2, 3);\n}\n",
     {"E0601 4:3", "E0601 6:3"}},
    {"Named",
     "f :: (a: i64, b: i64 = 2) {}\nmain :: () {\n  f(b = 1, a = 2);\n  f(b = 1);\n  f(1, a = 2);\n  f(1, c = 2);\n  "
     "f(a = 1, 2);\n}\n",
     {"E0607 4:3", "E0604 5:8", "E0605 6:8", "E0603 7:12"}},
    {"Methods",
     "P :: struct { x: i64; get :: (self: *P) -> i64 { return self.x; } make :: (x: i64) -> P { return .{ x = x }; } "
     "}\nmain :: () {\n"
     "  p := P.{ x = 1 };\n  n := p.get();\n  q := P.make(3);\n  r : P = .make(4);\n  p.nope();\n}\n",
     {"E0303 7:3"}},
    {"Ufcs",
     "f :: ufcs (a: i64, b: i64) -> i64 { a + b }\ng :: (a: i64) {}\nmain :: () {\n  n := 1;\n  m := n.f(2);\n  "
     "n.g();\n}\n",
     {"E0615 6:3"}},
    {"AddressOf",
     "f :: (p: *i64) { p.* = 1; }\nmain :: () {\n  n := 0;\n  f(n);\n  f(*n);\n  f(3.(i64));\n}\n",
     {"E0438 6:5"}},
    {"Values",
     "main :: () {\n  f := (n: i64) -> i64 => n + 1;\n  a := f(1);\n  b := f(1, 2);\n  c := 3;\n  d := c(1);\n  e := "
     "f(n = 1);\n}\n",
     {"E0601 4:8", "E0639 6:8", "E0608 7:8"}},
    {"TrailingBlock",
     "twice :: (n: i64 = 2, body: Closure()) { for 0..n { body(); } }\nmain :: () {\n  k := 1;\n  twice() { k2 := 2; "
     "}\n  twice(3) { }\n}\n",
     {}},
    {"Spread",
     "f :: (a: i64, b: i64) {}\ng :: (..xs: []i64) {}\nmain :: () {\n  t := .{1, 2};\n  f(..t);\n  xs : [3]i64 = .[1, "
     "2, 3];\n  g(..xs);\n  s : []i64 = xs;\n  g(..s);\n  f(..s);\n}\n",
     {"E0602 10:5"}},
    {"BodiesAreCheckedAtFirstReference",
     "dent :: (n: i64) -> i64 { return n.mass; }\nmain :: () {\n  x : i64 = 4;\n  a := x.mass;\n  b := dent(x);\n  c "
     ":= b.mass;\n}\n",
     {"E0501 4:8", "E0501 1:34", "E0501 6:8"}},
    {"InferredResult",
     "f :: (n: i64) { if n < 0 { return 0; } n }\ng :: (w: i64) => w * 2;\nmain :: () {\n  a : i64 = f(1) + g(2);\n}\n",
     {}},
};
INSTANTIATE_TEST_SUITE_P(Calls, Bodies, testing::ValuesIn(calls), case_name<const char*>);

const TextCase control[] = {
    {"ValueIf",
     "main :: () {\n  c := true;\n  a := if c then 1 else 2.5;\n  b : f64 = a;\n  d := if c then 1;\n  e := if c then "
     "1 else \"x\";\n  f := if c then null else 3;\n  g : ?i64 = f;\n}\n",
     {"E0624 5:11", "E0541 6:25"}},
    {"DroppedValue",
     "f :: () -> i64 { 1; }\ng :: () -> i64 { x := 1; }\nh :: () -> i64 { }\nmain :: () { f(); g(); h(); }\n",
     {"E0621 1:19", "E0622 2:18", "E0622 3:16"}},
    {"Divergence",
     "f :: (n: i64) -> i64 { if n > 0 { return 1; } else { return 2; } }\ng :: () -> i64 { while true { } }\nmain :: "
     "() { f(1); g(); }\n",
     {"E0623 2:18"}},
    {"Loops",
     "main :: () {\n  v : [3]i64 = .[5, 6, 7];\n  for v (*e) => e.* += 1;\n  for v, 1.. (x, i) { y := x + i; }\n  for "
     "0..3 { break; }\n  for 5 { }\n  break;\n  for v (x) { x = 1; }\n}\n",
     {"E0631 6:7", "E0632 7:3", "E0527 8:15"}},
    {"Match",
     "G :: enum { low; high; }\nmain :: () {\n  g := G.low;\n  a := if g == { case .low: 1; case .high: 2.5; };\n  if "
     "g == { case .nope: break; case .low: break; case .low: break; }\n"
     "  if 1.5 == { case 1: break; }\n  b : f64 = a;\n}\n",
     {"E0535 5:18", "E0539 5:55", "E0534 6:6"}},
    {"MatchPayload",
     "M :: enum { quit; text: string; }\nlen :: (m: M) -> i64 { if m == { case .quit: 0; case .text: (t) { t.len } } "
     "}\nmain :: () {\n  len(.quit);\n  m : M = .quit;\n  if m == { case .quit: (q) { } }\n}\n",
     {"E0536 6:18"}},
    {"TypeSwitch",
     "main :: () {\n  a : any = 1;\n  s := if a == { case u8: (b) { 1 } case int: 2; case string: (t) { t.len } else: "
     "4; };\n  if a == { case int: break; case u8: break; case struct: (x) { } case 3: break; }\n}\n",
     {"E0539 4:35", "E0537 4:46", "E0538 4:72"}},
    {"NestedFunctions",
     "main :: () {\n  n := 1;\n  f :: (k: i64) -> i64 { if k == 0 { return 0; } return f(k - 1); }\n  g :: () -> i64 { "
     "n }\n  f(1);\n}\n",
     {"E0617 4:20"}},
    {"Lambdas",
     "main :: () {\n  k := 3;\n  scale := (n: i64) -> i64 => n * k;\n  pick : Closure(i64, string) -> i64 = (n, s) => "
     "n + s.len;\n  sign := (n: i64) { if n < 0 { return 0 - 1; } return 1; };\n"
     "  a := scale(1) + pick(1, \"x\") + sign(2);\n  bad := (n) => n;\n}\n",
     {"E0636 3:12", "E0620 7:11"}},
};
INSTANTIATE_TEST_SUITE_P(Control, Bodies, testing::ValuesIn(control), case_name<const char*>);

const TextCase targets[] = {
    {"Constants",
     "N :: 4;\nK :: .[1, 2];\nmain :: () {\n  N = 5;\n  K[0] = 1;\n  c :: 3;\n  c = 4;\n  p := *N;\n  q := *K;\n}\n",
     {"E0525 4:3", "E0525 5:3", "E0529 7:3", "E0426 8:8"}},
    {"Unknown", "main :: () {\n  x = 1;\n  _ = 2;\n  _ += 1;\n}\n", {"E0530 2:3", "E0531 4:3"}},
    {"Multi", "main :: () {\n  a := 1;\n  b := 2;\n  a, b = b, a;\n  a, nope = 1, 2;\n}\n", {"E0530 5:6"}},
    {"Destructure",
     "f :: () -> (a: i64, b: bool) { return 1, true; }\nmain :: () {\n  x, y := f();\n  z : bool = y;\n  p, q, r := "
     "f();\n  s, t := 3;\n}\n",
     {"E0545 5:9", "E0545 6:11"}},
    {"NamedResults",
     "f :: (n: i64) -> (a: i64, ok: bool = true) { a = n; }\ng :: () -> (a: i64, b: i64) { a = 1; }\nmain :: () { "
     "f(1); g(); }\n",
     {"E0628 2:29"}},
    {"ReturnLists",
     "f :: () -> (a: i64, b: i64) { return 1, 2, 3; }\ng :: () -> (a: i64, b: i64) { return b = 1, a = 2; }\nh :: () "
     "-> (i64, i64) { return 1; }\nmain :: () { f(); g(); h(); }\n",
     {"E0626 1:31", "E0626 3:32"}},
};
INSTANTIATE_TEST_SUITE_P(Targets, Bodies, testing::ValuesIn(targets), case_name<const char*>);

const TextCase optionals[] = {
    {"Narrowing",
     "main :: () {\n  x : ?i64 = 3;\n  if x != null { a : i64 = x; }\n  b : i64 = x;\n  if x == null { return; }\n  c "
     ":= x + 1;\n  x = null;\n  d := x + 1;\n}\n",
     {"E0801 4:3", "E0802 8:8"}},
    {"LoopsForget",
     "main :: () {\n  x : ?i64 = 3;\n  if x == null { return; }\n  while true { a := x + 1; x = null; }\n}\n",
     {"E0802 4:21"}},
    {"Unwrap",
     "main :: () {\n  x : ?i64 = 3;\n  a : i64 = x!;\n  b := a!;\n  c := x ?? 4;\n  d := a ?? 4;\n  e := x ?? "
     "\"s\";\n}\n",
     {"E0831 4:8", "E0804 6:8", "E0805 7:13"}},
    {"Chains",
     "N :: struct { val: i64; next: ?*N; }\nmain :: () {\n  n : ?*N = null;\n  a : ?i64 = n?.val;\n  b : ?*N = "
     "n?.next?.next;\n  n?.val = 1;\n  m := N.{};\n  c := m?.val;\n}\n",
     {"E0832 6:3", "E0831 8:8"}},
    {"Bindings",
     "main :: () {\n  x : ?i64 = 3;\n  if v := x { v += 1; }\n  while v := x { break; }\n  if v := 3 { }\n}\n",
     {"E0831 5:11"}},
};
INSTANTIATE_TEST_SUITE_P(Optionals, Bodies, testing::ValuesIn(optionals), case_name<const char*>);

const TextCase errors[] = {
    {"Consumption",
     "E :: error { A, B }\nf :: (n: i64) -> (i64, !E) { if n > 0 { raise error.A; } return n; }\nmain :: () {\n  a := "
     "f(1) catch (e) 0;\n  b := f(1) or 2;\n  c, e := f(1);\n  if e { return; }\n  d := c;\n  g := f(1);\n  f(2);\n}\n",
     {"E0830 9:8", "E0830 10:3"}},
    {"Try",
     "E :: error { A }\nF :: error { B }\nf :: () -> !E { raise error.A; }\ng :: () -> !F { try f(); }\nh :: () { try "
     "f(); }\ni :: () -> !E { raise error.B; }\nj :: () { raise error.A; }\nmain :: () { g() catch { }; h(); i() catch "
     "{ }; j(); }\n",
     {"E0814 4:17", "E0815 5:11", "E0810 6:23", "E0813 7:11"}},
    {"Liveness",
     "E :: error { A }\nf :: () -> (i64, !E) { return 1; }\nmain :: () {\n  v, e := f();\n  a := v;\n  if e { return; "
     "}\n  b := v;\n}\n",
     {"E0825 5:8"}},
    {"Cleanup",
     "E :: error { A }\nf :: () -> (i64, !E) { return 1; }\nmain :: () {\n  defer f();\n  defer f() catch (e) 0;\n  "
     "onfail { }\n}\n",
     {"E0826 4:9", "E0823 6:3"}},
    {"Forward",
     "E :: error { A }\nf :: () -> (i64, !E) { return 1; }\ng :: () -> (i64, !E) { return f(); }\nh :: () -> !E { "
     "return f(); }\nmain :: () { g() catch (e) 0; h() catch { }; }\n",
     {"E0827 4:24"}},
    {"CatchWithoutValue",
     "E :: error { A }\nf :: () -> (i64, !E) { return 1; }\nmain :: () {\n  a := f() catch { };\n  b := f() catch { "
     "return; };\n}\n",
     {"E0818 4:8"}},
};
INSTANTIATE_TEST_SUITE_P(Errors, Bodies, testing::ValuesIn(errors), case_name<const char*>);

const TextCase comptime[] = {
    {"InlineIf",
     "main :: () {\n  inline if POINTER_SIZE == 8 { a := 1; } else { nope(); }\n  inline if OS == .linux { } else { b "
     ": Missing = 1; }\n  if false { }\n}\n",
     {}},
    {"Run",
     "cube :: (n: i64) -> i64 { n * n * n }\nmain :: () {\n  k :: #run cube(2);\n  a := k + #run cube(1);\n  n := 3;\n "
     " b := #run cube(n);\n}\n",
     {"E0926 6:18"}},
    {"Reserved", "main :: () {\n  u8 := 3;\n  `i8 := 4;\n}\n", {"E0301 2:3"}},
    {"UnknownTypes", "never :: () { x : Missing = 1; }\nmain :: () { }\n", {"E0320 1:19"}},
};

INSTANTIATE_TEST_SUITE_P(Comptime, Bodies, testing::ValuesIn(comptime), case_name<const char*>);

TEST(Bodies, LongChainsOfReferencesDoNotExhaustTheStack) {
  std::string text = "chain0 :: () -> i64 { 1 }\n";
  for (int i = 1; i < 2000; ++i)
    text += "chain" + std::to_string(i) + " :: () -> i64 { chain" + std::to_string(i - 1) + "() }\n";
  const CheckedSource checked(text + "main :: () { chain1999(); }\n");
  EXPECT_EQ(checked.codes(), std::vector<std::string>{}) << checked.messages();
}

std::string dumped(const CheckedSource& checked, std::string_view name) {
  for (std::size_t i = 0; i < checked.program.functions.size(); ++i)
    if (checked.strings.text(checked.program.functions[i].name) == name && checked.program.functions[i].checked)
      return dump_body(checked.program, checked.strings, FunctionId{i});
  return "no such function";
}

TEST(Bodies, TreesAreExplicit) {
  const CheckedSource checked("f :: (n: i64) -> u8 { n + 1 }\n"
                              "g :: (xs: []i64) -> i64 { s := 0; for xs (x) { s += x; } s }\n"
                              "h :: (o: ?i64) -> i64 { o ?? 2 }\n"
                              "main :: () { f(1); g(.[1]); h(null); }\n");
  ASSERT_EQ(checked.codes(), std::vector<std::string>{}) << checked.messages();
  EXPECT_EQ(dumped(checked, "f"),
            "(Block [] (Convert:u8 .0 (Binary .0 (Load (Local n)) (Convert:i64 .0 (IntConst:u8 1)))))");
  EXPECT_NE(dumped(checked, "g").find("(Loop #0"), std::string::npos);
  EXPECT_EQ(dumped(checked, "h"),
            "(Block [] (Sequence [(Let %1 (Load (Local o)))] (If (OptionalHas (Load (Local %1))) (OptionalPayload "
            "(Load (Local %1))) (IntConst:i64 2))))");
}

} // namespace
} // namespace sx::sema
