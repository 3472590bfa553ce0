#include "sema/flow_fixture.h"

#include <gtest/gtest.h>

namespace sx::sema {
namespace {

/// Declarations that the bodies of the tables below use, in front of them on one line.
const std::string prelude = "Fault :: error { Cold, Hot } "
                            "probe :: (n: i64) -> (i64, !Fault) { return n; } "
                            "pair :: () -> (i64, i64, !Fault) { return 1, 2; } "
                            "plain :: () -> (i64, i64) { return 1, 2; } "
                            "flush :: () -> !Fault { return; } "
                            "leave :: () -> noreturn { leave(); } "
                            "use :: (n: i64) { } "
                            "File :: struct { n: i64; close :: (self: *File) -> !Fault { return; } "
                            "size :: (self: *File) -> i64 { return 1; } "
                            "read :: (self: *File) -> (i64, !Fault) { return 1; } }\n";

std::string flow(const std::string& text) {
  LoadedProgram program(prelude + text);
  if (program.loaded)
    program.checker.check_flow(program.checker.entry_module);
  return program.outcome();
}

std::string in_function(const std::string& body) {
  return flow("f :: (n: i64) -> i64 {\n" + body + "\n}");
}

TEST(ValueSlotLiveness, BodiesByTheirProofs) {
  const FlowCase cases[] = {
      {"read without a test", "v, e := probe(n);\nreturn v;", "E0825@4:8 v"},
      {"read after a leaving branch", "v, e := probe(n); if e { return 0; } return v;", "ok"},
      {"read in the negated branch", "v, e := probe(n); if !e { return v; } return 0;", "ok"},
      {"read in the branch with the error", "v, e := probe(n);\nif e { return v; } return 0;", "E0825@4:15 v"},
      {"read in the else branch", "v, e := probe(n); if e { return 0; } else { return v; }", "ok"},
      {"every read is reported", "v, e := probe(n);\nuse(v); use(v + v);", "E0825@4:5 v + E0825@4:13 v + E0825@4:17 v"},
      {"both slots of a list", "a, b, e := pair();\nuse(a); if e { return 0; } return b;", "E0825@4:5 a"},
      {"a list that cannot fail", "a, b := plain(); return b;", "ok"},
      {"and proves on its true edge", "v, e := probe(n); if !e and v > 1 { return v; } return 0;", "ok"},
      {"or proves on its false edge", "v, e := probe(n); if e or v > 1 { return 0; } return v;", "ok"},
      {"the false edge of and proves nothing", "v, e := probe(n);\nif e and n > 1 { return 0; } return v;",
       "E0825@4:37 v"},
      {"comparing with one tag proves nothing", "v, e := probe(n);\nif e == error.Cold { return 0; } return v;",
       "E0825@4:41 v"},
      {"a branch that completes", "v, e := probe(n);\nif e { use(1); } return v;", "E0825@4:25 v"},
      {"a branch that raises", "v, e := probe(n); if e { raise e; } return v;", "ok"},
      {"a branch that ends in a noreturn call", "v, e := probe(n); if e { leave(); } return v;", "ok"},
      {"both branches leave", "v, e := probe(n); if n > 1 { if e { return 0; } else { return 1; } } return 2;", "ok"},
      {"proof in one of two branches", "v, e := probe(n);\nif n > 1 { if e { return 0; } } return v;", "E0825@4:40 v"},
      {"proof in both branches",
       "v, e := probe(n); if n > 1 { if e { return 0; } } else { if e { return 1; } } return v;", "ok"},
      {"proofs stay inside a loop", "v, e := probe(n);\nwhile n > 1 { if e { return 0; } } return v;", "E0825@4:43 v"},
      {"proofs reach into a loop", "v, e := probe(n); if e { return 0; } while n > 1 { use(v); } return v;", "ok"},
      {"a loop condition proves for its body", "v, e := probe(n); while !e { use(v); break; } return 0;", "ok"},
      {"proofs stay inside a block", "v, e := probe(n);\n{ if e { return 0; } } return v;", "E0825@4:31 v"},
      {"proofs stay inside a match arm",
       "v, e := probe(n);\nif n == { case 1: { if e { return 0; } } else: { return 1; } } return v;", "E0825@4:71 v"},
      {"assigning gives a value", "v, e := probe(n); v = 3; return v;", "ok"},
      {"assigning in one branch only", "v, e := probe(n);\nif n > 1 { v = 3; } return v;", "E0825@4:28 v"},
      {"assigning the error takes the proof", "v, e := probe(n);\nif e { return 0; } e = flush(); return v;",
       "E0825@4:40 v"},
      {"dropping is no read", "v, e := probe(n); _ := v; return 0;", "ok"},
      {"a new declaration hides the open value", "v, e := probe(n); { v := 3; use(v); } return 0;", "ok"},
      {"a hidden proof is not the outer one", "v, e := probe(n);\n{ e := false; if e { return 0; } return v; }",
       "E0825@4:41 v"},
      {"lambdas do not see open values", "v, e := probe(n); g := () -> i64 => v; return 0;", "ok"},
      {"lambdas have open values of their own", "g := () -> i64 {\nv, e := probe(1);\nreturn v; };\nreturn 0;",
       "E0825@5:8 v"},
      {"methods of a known receiver", "file := File.{ n = 1 };\nv, e := file.read();\nreturn v;", "E0825@5:8 v"},
      {"a field of an open value", "v, e := probe(n);\nreturn v.bits;", "E0825@4:8 v"},
      {"dead code is not looked at", "v, e := probe(n); return 0; use(v);", "ok"},
      {"a catch handler knows what is known outside", "v, e := probe(n);\nx := probe(2) catch { use(v); 3 };",
       "E0825@4:27 v"},
  };
  for (const FlowCase& one : cases)
    EXPECT_EQ(in_function(one.text), one.reports) << one.name;
}

TEST(CleanupBodies, FailuresNeedATaker) {
  const FlowCase cases[] = {
      {"call as the body", "defer flush();", "E0826@3:7 flush()"},
      {"call in a block", "defer { use(1);\nflush(); }", "E0826@4:1 flush()"},
      {"onfail", "onfail (e) {\nflush(); }", "E0826@4:1 flush()"},
      {"initializer", "defer {\ne := flush(); }", "E0826@4:6 flush()"},
      {"condition", "defer {\nif flush() { use(1); } }", "E0826@4:4 flush()"},
      {"caught", "defer { flush() catch { }; }", "ok"},
      {"caught without block", "defer flush() catch { };", "ok"},
      {"fallback", "defer { use(probe(1) or 3); }", "ok"},
      {"chain without fallback", "defer {\nx := probe(1) or probe(2); }", "E0826@4:18 probe(2)"},
      {"caught chain", "defer { (flush() or flush()) catch { }; }", "ok"},
      {"destructured", "defer { v, e := probe(1); }", "ok"},
      {"nested blocks and loops", "defer {\nwhile n > 1 { if n > 2 { flush(); } } }", "E0826@4:26 flush()"},
      {"in a handler", "defer {\nflush() catch { flush(); }; }", "E0826@4:17 flush()"},
      {"argument of a caught call", "defer {\nprobe(probe(1)) catch { 3 }; }", "E0826@4:7 probe(1)"},
      {"the innermost call", "defer {\nprobe(probe(1)); }", "E0826@4:7 probe(1)"},
      {"a lambda is a function of its own", "defer { g := () -> !Fault { flush(); }; }", "ok"},
      {"method of a known receiver", "file := File.{ n = 1 };\ndefer file.close();", "E0826@4:7 file.close()"},
      {"method that cannot fail", "file := File.{ n = 1 }; defer file.size();", "ok"},
      {"closure value", "g := () -> !Fault { return; };\ndefer g();", "E0826@4:7 g()"},
      {"unknown callee", "defer somewhere.else_(1);", "ok"},
      {"outside of a cleanup body", "flush();", "ok"},
  };
  for (const FlowCase& one : cases)
    EXPECT_EQ(in_function(one.text), one.reports) << one.name;
  EXPECT_EQ(flow("Box :: struct { n: i64; drop :: (self: *Box) {\ndefer flush(); } }"), "E0826@3:7 flush()");
  EXPECT_EQ(flow("Box :: struct { n: i64; drop :: (self: *Box) { v, e := probe(1); use(v); } }"), "ok");
}

TEST(NeedlessChannel, InferredSets) {
  const FlowCase cases[] = {
      {"nothing fails", "f :: () -> ! { return; }", "W0801@2:12 !"},
      {"nothing fails beside a value", "f :: () -> (i64, !) { return 1; }", "W0801@2:12 (i64, !)"},
      {"raise", "f :: () -> ! { raise error.Late; }", "ok"},
      {"try of a named set", "f :: () -> ! { try flush(); }", "ok"},
      {"absorbed failures", "f :: () -> ! { flush() catch { }; }", "W0801@2:12 !"},
      {"forward", "f :: () -> ! { return flush(); }", "ok"},
      {"trailing forward", "f :: () -> ! { flush() }", "ok"},
      {"arrow forward", "f :: () -> (i64, !) => probe(1);", "ok"},
      {"chain", "f :: () -> (i64, !) { return probe(1) or probe(2); }", "ok"},
      {"chain with fallback", "f :: () -> (i64, !) { return probe(1) or 2; }", "W0801@2:12 (i64, !)"},
      {"over two functions", "f :: () -> ! { try g(); } g :: () -> ! { raise error.Late; }", "ok"},
      {"a cycle without failures", "f :: () -> ! { try g(); } g :: () -> ! { try f(); }",
       "W0801@2:12 ! + W0801@2:38 !"},
      {"raised error of a handler", "f :: () -> ! { flush() catch (e) { raise e; }; }", "ok"},
      {"returned error of a call", "f :: () -> ! { e := flush(); return e; }", "ok"},
      {"full form", "f :: () -> (i64, !) { return .{ 1, error.Late }; }", "ok"},
      {"try of a closure", "f :: (g: Closure() -> !) -> ! { try g(); }", "ok"},
      {"lambdas are bodies of their own", "f :: () -> ! { g := () -> ! { raise error.Late; }; }", "W0801@2:12 !"},
      {"unknown callee", "f :: () -> ! { try somewhere(); }", "ok"},
      {"main", "main :: () -> ! { }", "ok"},
      {"named set", "f :: () -> !Fault { }", "ok"},
  };
  for (const FlowCase& one : cases)
    EXPECT_EQ(flow(one.text), one.reports) << one.name;
}

TEST(NeedlessChannel, ComesBeforeTheFlowOfAnyFunction) {
  EXPECT_EQ(flow("f :: () {\ndefer flush(); }\ng :: () -> ! { }"), "W0801@4:12 ! + E0826@3:7 flush()");
}

TEST(ReservedNames, EveryBindingOfAFile) {
  const FlowCase cases[] = {
      {"module level", "u8 := 1;\nbool :: 2;\ni7 : i64 = 3;\nstring : i64 : 4;",
       "E0301@1:1 u8 + E0301@2:1 bool + E0301@3:1 i7 + E0301@4:1 string"},
      {"declarations", "u1 :: () { } u2 :: struct { } u3 :: enum { a } u4 :: union { a: i64; } u5 :: error { A }",
       "E0301@1:1 u1 + E0301@1:14 u2 + E0301@1:31 u3 + E0301@1:48 u4 + E0301@1:72 u5"},
      {"a function and its parameters", "f :: (i8: i64) { u16 := 1; }", "E0301@1:7 i8 + E0301@1:18 u16"},
      {"lambda", "f :: () { g := (u8: i64) -> i64 => u8; }", "E0301@1:17 u8"},
      {"destructuring", "f :: () { a, usize := g(); }", "E0301@1:14 usize"},
      {"if and while bindings", "f :: () { if u8 := g() { } while i8 := g() { } }", "E0301@1:14 u8 + E0301@1:34 i8"},
      {"loop captures", "f :: () { for xs, ys (i8, i9) { } }", "E0301@1:23 i8 + E0301@1:27 i9"},
      {"match captures", "f :: () { if x == { case .a: (i8) { } } }", "E0301@1:31 i8"},
      {"error names", "f :: () -> ! { onfail (u8) { } g() catch (u9) { }; }", "E0301@1:24 u8 + E0301@1:43 u9"},
      {"struct constants and methods", "S :: struct { u8: i64; i8 :: 3; i9 :: (self: *S, u7: i64) { } }",
       "E0301@1:24 i8 + E0301@1:33 i9 + E0301@1:50 u7"},
      {"members are exempt", "E :: enum { u8; i8 } U :: union { u8: i64; }", "ok"},
      {"method signatures are exempt", "P :: protocol { u8 :: (self: *Self, i8: i64); }", "ok"},
      {"methods with a body bind parameters", "P :: protocol { u8 :: (self: *Self, i8: i64) { i9 := 1; } }",
       "E0301@1:37 i8 + E0301@1:48 i9"},
      {"impl methods", "impl P for S { u8 :: (self: *S) { } }", "E0301@1:16 u8"},
      {"raw names are exempt", "`u8 := 1; f :: (`i8: i64) { `u16 := 1; }", "ok"},
      {"wider than any integer", "u65 := 1; i0 := 2; noreturn := 3; int := 4;", "ok"},
      {"libraries and ufcs", "u8 :: #library \"m\"; i8 :: ufcs f;", "E0301@1:1 u8 + E0301@1:21 i8"},
  };
  for (const FlowCase& one : cases) {
    LoadedProgram program(one.text);
    if (program.loaded)
      program.checker.check_reserved_names(program.checker.entry_module);
    EXPECT_EQ(program.outcome(), one.reports) << one.name;
  }
}

TEST(UnknownTypes, BodiesAndSignatures) {
  const FlowCase cases[] = {
      {"parameter and result", "f :: (a: Nope) -> Gone { }", "E0320@1:10 Nope + E0320@1:19 Gone"},
      {"local annotation", "f :: () { a : *Nope = null; }", "E0320@1:16 Nope"},
      {"inside constructors", "f :: () { a : ?[]Nope; b : [3]Gone; c : Closure(Lost) -> Far; }",
       "E0320@1:18 Nope + E0320@1:31 Gone + E0320@1:49 Lost + E0320@1:58 Far"},
      {"literal head", "f :: () { a := Nope.{ 1 }; }", "E0320@1:16 Nope.{ 1 }"},
      {"cast target", "f :: () { a := 1.(Nope); }", "E0435@1:19 Nope"},
      {"lambda", "f :: () { g := (a: Nope) -> i64 => 1; }", "E0320@1:20 Nope"},
      {"nested function", "f :: () { g :: (a: Nope) { } }", "E0320@1:20 Nope"},
      {"local types", "f :: () { T :: struct { n: i64; } a : T; b : *T; }", "ok"},
      {"local types used before", "f :: () { a : T; T :: struct { n: i64; } }", "ok"},
      {"local types end with their block", "f :: () { { T :: struct { n: i64; } } a : T; }", "E0320@1:43 T"},
      {"type parameters", "f :: (a: $T, b: T) -> T { c : T = a; }", "ok"},
      {"declared type parameters", "f :: ($T: Type, b: T) -> T { c : ?T = b; }", "ok"},
      {"runtime type parameter", "f :: (T: Type) { a : T; }", "E0701@1:22 T"},
      {"comptime value as a type", "f :: ($N: u32) { a : N; b := 1.(N); }", "E0701@1:22 N + E0701@1:33 N"},
      {"number as a type", "LIMIT :: 9; f :: (a: LIMIT) { }", "E0320@1:22 LIMIT"},
      {"field of a local struct", "f :: () { T :: struct { a: $R; } }", "E0706@1:28 $R"},
      {"header parameters", "Box :: struct ($T: Type) { a: T; b: $T; get :: (self: *Box) -> T { c : T; } }", "ok"},
      {"unknown error set", "f :: () -> !Nope { }", "E0807@1:12 !Nope"},
      {"value as an error set", "V :: 3; f :: () -> (i64, !V) { }", "E0807@1:26 !V"},
      {"other type as an error set", "S :: struct { } f :: () -> !S { } g :: () -> !i64 { }",
       "E0808@1:28 !S + E0808@1:46 !i64"},
      {"error set", "E :: error { A } A :: E; f :: () -> !E { } g :: () -> !A { }", "ok"},
      {"pruned branch", "f :: () { inline if OS == .windows { a : Nope; } else { b : Gone; } }", "E0320@1:61 Gone"},
      {"pruned by a constant", "ON :: false; f :: () { inline if ON { a : Nope; } }", "ok"},
      {"generic arguments", "Box :: struct ($T: Type) { a: T; } f :: (a: Box(Nope), b: Box(i64)) { }",
       "E0320@1:49 Nope"},
      {"aliases", "A :: i64; B :: A; f :: (a: A, b: B) { }", "ok"},
      {"unknown values are not looked at", "f :: () { a := nope(gone, size_of(lost)); }", "ok"},
      {"raw names are user types", "f :: (a: `i8) { }", "E0320@1:11 i8"},
      {"methods", "S :: struct { go :: (self: *S, a: Nope) { } }", "E0320@1:35 Nope"},
      {"impl methods", "S :: struct { } impl P for S { go :: (self: *S, a: Nope) { } }", "E0320@1:52 Nope"},
  };
  for (const FlowCase& one : cases) {
    LoadedProgram program(one.text);
    if (program.loaded)
      program.checker.check_named_types(program.checker.entry_module);
    EXPECT_EQ(program.outcome(), one.reports) << one.name;
  }
}

TEST(UnknownTypes, HiddenTypesAreNotUnknown) {
  LoadedProgram program(
      "#import \"a.sx\";\nf :: (x: Far, y: Mine, z: Near) { }",
      {{"a.sx", "#import \"b.sx\"; Near :: struct { } private Mine :: struct { }"}, {"b.sx", "Far :: struct { }"}});
  ASSERT_TRUE(program.loaded);
  program.checker.check_named_types(program.checker.entry_module);
  EXPECT_EQ(program.outcome(), "ok");
}

} // namespace
} // namespace sx::sema
