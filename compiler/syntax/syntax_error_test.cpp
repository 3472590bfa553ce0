#include "syntax/parse_fixture.h"

#include <gtest/gtest.h>
#include <set>

namespace sx::syntax {
namespace {

struct Rejected {
  std::string_view source;
  std::string_view outcome; ///< code@line:column and the spanned text
};

/// The tables 10.6 and 10.7 and R1.98, a case or more a row.
const Rejected rejected[] = {
    // E0101
    {"#nothing;", "E0101@1:1 #nothing"},
    {"a := 1 @ 2;", "E0101@1:8 @"},
    {"a := `;", "E0101@1:6 `"},
    {"a := 1 # 2;", "E0101@1:8 #"},
    {"a := \x80;", "E0101@1:6 \x80"},
    {"#objc_class Foo;", "E0101@1:1 #objc_class"},
    {"f :: (a: i64) -> i64 #intrinsic;", "E0101@1:22 #intrinsic"},
    {"f :: (a: i64) #intrinsic;", "E0101@1:15 #intrinsic"},
    {"f :: (a: i64 = @) { }", "E0101@1:16 @"},
    {"f :: () { x := (a: i64) #nothing; }", "E0101@1:25 #nothing"},
    {"#running;", "E0101@1:1 #running"},
    // E0102
    {"a := \"open", "E0102@1:6 \"open"},
    {"a := 'o", "E0102@1:6 'o"},
    {"a := #string END\ntext\n", "E0102@1:6 #string END\ntext\n"},
    {"a := #string END", "E0102@1:6 #string END"},
    {"a := #string END\nENDED\n", "E0102@1:6 #string END\nENDED\n"},
    // E0103
    {"a := 0x;", "E0103@1:6 0x"},
    {"a := 0b_;", "E0103@1:6 0b_"},
    {"a := 0o8;", "E0103@1:6 0o"},
    {"a := 18446744073709551616;", "E0103@1:6 18446744073709551616"},
    // E0105
    {"a := '';", "E0105@1:6 ''"},
    {"a := 'ab';", "E0105@1:6 'ab'"},
    {"a := '\\q';", "E0105@1:6 '\\q'"},
    {"a := '\\x';", "E0105@1:6 '\\x'"},
    {"a := '\\x123';", "E0105@1:6 '\\x123'"},
    {"a := '\\u{}';", "E0105@1:6 '\\u{}'"},
    {"a := '\\u{110000}';", "E0105@1:6 '\\u{110000}'"},
    {"a := '\\u{D800}';", "E0105@1:6 '\\u{D800}'"},
    {"a := '\xff\xff';", "E0105@1:6 '\xff\xff'"},
    {"a := '\\na';", "E0105@1:6 '\\na'"},
    // E0106
    {"a := #string\nx\n", "E0106@1:6 #string"},
    // E0201
    {"a := 1", "E0201@1:7 "},
    {"a := 1 b := 2;", "E0201@1:8 b"},
    {"A :: 3", "E0201@1:7 "},
    {"f :: () { a = 1 }", "E0201@1:17 }"},
    {"f :: () { return 1 }", "E0201@1:20 }"},
    {"f :: () { g( }", "E0205@1:14 }"},
    {"f :: () { g(1 2) }", "E0201@1:15 2"},
    {"f :: () {", "E0201@1:10 "},
    {"S :: struct { a: i64", "E0201@1:21 "},
    {"E :: enum { a, b }", "E0201@1:14 ,"},
    {"x : i64 x;", "E0201@1:9 x"},
    {"x : (T,);", "E0201@1:9 ;"},
    {"f :: () { if a { } + 1; }", "E0205@1:20 +"},
    {"f :: () { t.0.1; }", "E0201@1:13 0.1"},
    {"f :: () { p.*=v; }", "E0201@1:13 *="},
    {"f :: () { if a | b == { } }", "E0201@1:23 {"},
    {"f :: () { a |> f(1) + 1; }", "E0201@1:16 f(1) + 1"},
    {"f :: () { a |> try f; }", "E0201@1:16 try f"},
    {"f :: (x: i64/Eq) { }", "E0201@1:13 /"},
    {"f :: (a: i64) #get => 3;", "E0201@1:15 #get"},
    {"f :: () { if m == { case 1: break; x(); } }", "E0201@1:36 x"},
    {"f :: () { if m == { else: 1; case 2: 3; } }", "E0201@1:30 case"},
    {"impl P for Box(i64) { }", "E0201@1:16 i64"},
    {"impl P for m.T { }", "E0201@1:13 ."},
    {"inline if OS == .linux then x", "E0201@1:24 then"},
    {"f :: () { if v := e then 1 else 2; }", "E0201@1:21 then"},
    {"P :: protocol { m :: (self: *Self) => 3; }", "E0201@1:36 =>"},
    // E0202
    {"3;", "E0202@1:1 3"},
    {"return;", "E0202@1:1 return"},
    {"}", "E0202@1:1 }"},
    {"inline if OS == .linux { x = 3; }", "E0203@1:28 ="},
    // E0203
    {"a = 3;", "E0203@1:3 ="},
    {"main() { }", "E0203@1:5 ("},
    {"a", "E0203@1:2 "},
    // E0204
    {"#import x;", "E0204@1:9 x"},
    {"l :: #library;", "E0204@1:14 ;"},
    {"#framework 3;", "E0204@1:12 3"},
    {"#import c { #include x; };", "E0204@1:22 x"},
    {"#import c { #source 1; };", "E0204@1:21 1"},
    {"#import c { #define; };", "E0204@1:20 ;"},
    {"#import c { #flags 'x'; };", "E0204@1:20 'x'"},
    {"#import #string A\nx\nA;", "E0204@2:1 x\n"},
    // E0205
    {"a := ;", "E0205@1:6 ;"},
    {"a := 1 + ;", "E0205@1:10 ;"},
    {"a : ;", "E0205@1:5 ;"},
    {"a : !E;", "E0205@1:5 !"},
    {"a : ??T;", "E0205@1:5 ??"},
    {"f :: () { x := inline if a { 1 } else { 2 }; }", "E0205@1:16 inline"},
    {"f :: () { x := defer y; }", "E0205@1:16 defer"},
    {"f :: () { x := #insert y; }", "E0205@1:16 #insert"},
    {"f :: () { else }", "E0205@1:11 else"},
    {"f64 := 3;", "E0202@1:1 f64"},
    {"impl P for *T { }", "E0205@1:12 *"},
    {"a :=", "E0205@1:5 "},
    {"a : ", "E0205@1:5 "},
    // E0207
    {"private #import \"x\";", "E0207@1:9 #import"},
    {"private impl P for T { }", "E0207@1:9 impl"},
    {"private asm { \"\" };", "E0207@1:9 asm"},
    {"private #run f();", "E0207@1:9 #run"},
    {"private #error(\"x\");", "E0207@1:9 #error"},
    {"private #context_extend a: i64 = 1;", "E0207@1:9 #context_extend"},
    {"private inline if OS == .linux { }", "E0207@1:9 inline"},
    {"private private a := 1;", "E0207@1:9 private"},
    // E0208
    {"f :: () { private a := 1; }", "E0208@1:11 private"},
    {"private 3;", "E0208@1:9 3"},
    {"private", "E0208@1:8 "},
    // E0209
    {"f :: () { #context_extend a: i64 = 1; }", "E0209@1:11 #context_extend"},
    {"inline if OS == .linux { #context_extend a: i64 = 1; }", "E0209@1:26 #context_extend"},
    // E0210
    {"S :: struct { inline: i64; }", "E0210@1:15 inline"},
    {"S :: struct { a, inline: i64; }", "E0210@1:18 inline"},
    {"S :: struct { inline :: () { } }", "E0210@1:15 inline"},
    {"E :: enum { inline; }", "E0210@1:13 inline"},
    {"P :: protocol { inline :: (self: Self); }", "E0210@1:17 inline"},
    {"impl P for T { inline :: () { } }", "E0210@1:16 inline"},
    {"a := .{ inline = 1 };", "E0210@1:9 inline"},
    // E0211
    {"f :: () -> i64 ! { }", "E0211@1:16 !"},
    {"f : () -> i64 !E;", "E0211@1:15 !"},
    {"f : Closure() -> i64 !;", "E0211@1:22 !"},
    {"P :: protocol { m :: (self: Self) -> T !; }", "E0211@1:40 !"},
    // E0212
    {"f :: () -> (A, !, B) { }", "E0212@1:19 B"},
    // E0213
    {"a := (1, 2);", "E0213@1:8 ,"},
    {"a := ();", "E0213@1:7 )"},
    {"a := (x: 1);", "E0213@1:7 x"},
    {"a := (..xs);", "E0213@1:7 .."},
    {"f :: () { while () { } }", "E0213@1:18 )"},
    // E0214
    {"a := Tuple(A).(1);", "E0214@1:15 ("},
    {"a := .(1, 2);", "E0214@1:7 ("},
    // E0215
    {"a := b.(T, c, d);", "E0215@1:13 ,"},
    {"a := b?.(T, c);", "E0215@1:11 ,"},
    // E0216
    {"f :: (..a: []T, b: T) { }", "E0216@1:21 )"},
    {"S :: struct(..$Ts: []Type, $T: Type) { }", "E0216@1:36 )"},
    {"f : Closure(..a, B);", "E0216@1:16 ,"},
    // E0217
    {"S :: struct { p :: (self: *S, v: i64) -> i64 #set { } }", "E0217@1:51 {"},
    {"S :: struct { p :: (self: *S) #set { } }", "E0217@1:36 {"},
    // E0218
    {"f :: () extern export;", "E0218@1:16 export"},
    {"f :: () export \"x\" extern;", "E0218@1:20 extern"},
    {"S :: struct extern export { }", "E0218@1:20 export"},
    {"v : i64 extern lib export;", "E0218@1:20 export"},
    // E0219
    {"f :: () abi(.fast) { }", "E0219@1:14 fast"},
    {"f :: () abi(.) { }", "E0219@1:14 )"},
    {"f : () -> i64 abi(.fast);", "E0219@1:20 fast"},
    {"S :: struct abi(.x) { }", "E0219@1:18 x"},
    // E0220
    {"E :: enum flags { a: i64; }", "E0220@1:20 :"},
    {"E :: enum flags u8 { a :: 1: i64; }", "E0220@1:28 :"},
    // E0221
    {"P :: protocol { m :: (); }", "E0221@1:24 ;"},
    {"P :: protocol { m :: (a: Self) -> i64; }", "E0221@1:32 ->"},
    {"P :: protocol { m :: (self: *T); }", "E0221@1:32 ;"},
    {"P :: protocol { m :: (self); }", "E0221@1:28 ;"},
    // E0222
    {"P :: protocol #inline #inline { }", "E0222@1:23 #inline"},
    {"P :: protocol #identity #inline #identity { }", "E0222@1:33 #identity"},
    // E0223
    {"impl P for T { n :: 3; }", "E0223@1:21 3"},
    // E0224 - E0229
    {"f :: () { for xs: (x) { } }", "E0224@1:17 :"},
    {"f :: () { for xs (x, i) { } }", "E0225@1:25 {"},
    {"f :: () { for xs, ys (x) => g(); }", "E0225@1:26 =>"},
    {"f :: () { for 0.. (i) { } }", "E0226@1:23 {"},
    {"f :: () { for 0.. { } }", "E0226@1:19 {"},
    {"f :: () { for 0.., xs (i, x) { } }", "E0226@1:30 {"},
    {"f :: () { for 0..= (i) { } }", "E0227@1:20 ("},
    {"f :: () { for 0..< { } }", "E0227@1:20 {"},
    {"f :: () { a[1..=]; }", "E0227@1:17 ]"},
    {"f :: () { a[..<]; }", "E0227@1:16 ]"},
    {"f :: () { for 0..3 (*i) { } }", "E0228@1:25 {"},
    {"f :: () { for f() { } }", "E0229@1:17 )"},
    {"f :: () { for f(1) { } }", "E0229@1:17 1"},
    {"f :: () { for xs (*) { } }", "E0229@1:20 )"},
    // E0230 - E0232
    {"f :: () { g() catch e { } }", "E0230@1:21 e"},
    {"f :: () { onfail e { } }", "E0230@1:18 e"},
    {"f :: () { g() catch 3; }", "E0231@1:21 3"},
    {"f :: () { g() catch; }", "E0231@1:20 ;"},
    {"f :: () { g() { }.x; }", "E0232@1:18 ."},
    // E0233
    {"f :: () { defer { return; } }", "E0233@1:19 return"},
    {"f :: () { defer { for xs { break; } } }", "E0233@1:28 break"},
    {"f :: () { onfail { while a { continue; } } }", "E0233@1:30 continue"},
    {"f :: () { onfail { raise error.X; } }", "E0233@1:20 raise"},
    {"f :: () { defer try g(); }", "E0233@1:17 try"},
    {"f :: () { defer { if c then return; } }", "E0233@1:29 return"},
    {"f :: () { defer { if c then break; } }", "E0233@1:29 break"},
    {"f :: () { defer g() catch (e) { return; } }", "E0233@1:33 return"},
    // E0234
    {"f :: () { x := raise error.X; }", "E0234@1:16 raise"},
    {"f :: () { if c then raise error.X; }", "E0234@1:21 raise"},
    {"f :: () { x := onfail { }; }", "E0234@1:16 onfail"},
    // E0235 - E0237
    {"f :: () { a, b.c := g(); }", "E0235@1:21 g"},
    {"f :: () { a, f64 := g(); }", "E0235@1:21 g"},
    {"f :: () { a, b = 1; }", "E0236@1:19 ;"},
    {"f :: () { a, b = 1, 2, 3; }", "E0236@1:25 ;"},
    {"f :: () { a, b += 1, 2; }", "E0237@1:16 +="},
    // E0238
    {"asm volatile { \"nop\" };", "E0238@1:5 volatile"},
    {"asm { \"nop\", \"r\" = x };", "E0238@1:14 \"r\""},
    {"inline if OS == .linux { asm volatile { \"nop\" }; }", "E0238@1:26 asm volatile { \"nop\" }"},
    {"inline if OS == .linux { asm { \"nop\", clobbers(.cc) }; }", "E0238@1:26 asm { \"nop\", clobbers(.cc) }"},
    // E0239
    {"f :: () { asm { \"\", [1] \"r\" = x }; }", "E0239@1:22 1"},
    {"f :: () { asm { \"\", r = x }; }", "E0239@1:21 r"},
    {"f :: () { asm { \"\", \"r\" : x }; }", "E0239@1:25 :"},
    {"f :: () { asm { \"\", clobbers(cc) }; }", "E0239@1:30 cc"},
    {"f :: () { asm { \"\", clobbers() }; }", "E0239@1:30 )"},
    // E0240
    {"f :: (a: $xs[i]) { }", "E0240@1:14 i"},
    {"f :: (a: $xs[4294967296]) { }", "E0240@1:14 4294967296"},
    // E0241 - E0245
    {"#import c { x; };", "E0241@1:13 x"},
    {"#error(x);", "E0242@1:8 x"},
    {"f :: () { #error(#string A\nx\nA); }", "E0242@2:1 x\n"},
    {"a : Tuple(A) -> B;", "E0243@1:14 ->"},
    {"U :: union { a; }", "E0244@1:15 ;"},
    {"E :: error { 3 }", "E0245@1:14 3"},
    {"E :: error { A, if }", "E0245@1:17 if"},
    // E0246 - E0249
    {"f :: () { inline while a { } }", "E0246@1:11 inline"},
    {"inline for xs (x) { }", "E0246@1:1 inline"},
    {"f :: () { #import \"x\"; }", "E0247@1:11 #import"},
    {"f :: () { n :: #import \"x\"; }", "E0247@1:16 #import"},
    {";", "E0248@1:1 ;"},
    {"S :: struct { };", "E0248@1:16 ;"},
    {"f :: () { };", "E0248@1:12 ;"},
    {"f :: () { ; }", "E0248@1:11 ;"},
    {"f :: () { g();; }", "E0248@1:15 ;"},
    {"f :: () { push c { }; }", "E0248@1:21 ;"},
    {"f :: () { for xs => g();; }", "E0248@1:25 ;"},
    {"S :: struct { m :: () { }; }", "E0248@1:26 ;"},
    {"inline if OS == .linux { };", "E0248@1:27 ;"},
    {"f :: () { P :: protocol { } }", "E0249@1:11 P"},
    {"f :: () { impl P for T { } }", "E0249@1:11 impl"},
};

TEST(SyntaxErrors, HaveTheirCodeAndSpan) {
  for (const Rejected& c : rejected)
    EXPECT_EQ(outcome_of(c.source), c.outcome) << c.source;
}

TEST(SyntaxErrors, EveryRegisteredOneHasACase) {
  // E0104: no spelling of a float fails to convert. E0107 and E0299 have tests of their own.
  std::set<std::string_view> missing;
  for (const DiagnosticInfo* info : all_diagnostics())
    if (info->code.starts_with("E01") || info->code.starts_with("E02"))
      missing.insert(info->code);
  for (std::string_view elsewhere : {"E0104", "E0107", "E0299"})
    missing.erase(elsewhere);
  for (const Rejected& c : rejected)
    missing.erase(c.outcome.substr(0, 5));
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

TEST(SyntaxErrors, OnlyTheFirstIsReported) {
  EXPECT_EQ(outcome_of("a := ; b := ; c = 3; @"), "E0205@1:6 ;");
}

TEST(SyntaxErrors, AnEarlierErrorHidesALexicalOne) {
  EXPECT_EQ(outcome_of("a = 3; \"open"), "E0203@1:3 =");
}

TEST(SyntaxErrors, CarryTheirHelp) {
  const Parsed parsed("f :: () -> []i64 ! { }");
  ASSERT_EQ(parsed.diagnostics.reports().size(), 1u);
  ASSERT_EQ(parsed.diagnostics.reports()[0].parts.size(), 1u);
  EXPECT_EQ(parsed.diagnostics.reports()[0].parts[0].message, "write the result as '([]i64, !)'");
}

TEST(SyntaxErrors, ShowTokensInOneLine) {
  const Parsed parsed("a \"two\nlines\";");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.diagnostics.reports()[0].message.find('\n'), std::string::npos);
}

} // namespace
} // namespace sx::syntax
