// No text, however deep, broken or random, may do more than give one error.

#include "syntax/parse_fixture.h"
#include "syntax/token.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <string>
#include <vector>

namespace sx::syntax {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  out.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    out += part;
  return out;
}

/// Nodes on the longest path from the root.
int height(const Tree& tree) {
  std::vector<int> heights(tree.size(), 0);
  std::vector<NodeId> order{tree.root()};
  for (std::size_t i = 0; i < order.size(); ++i)
    tree.for_each_child(order[i], [&](NodeId child) { order.push_back(child); });
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    int below = 0;
    tree.for_each_child(*node, [&](NodeId child) { below = std::max(below, heights[child.index()]); });
    heights[node->index()] = below + 1;
  }
  return heights[tree.root().index()];
}

struct Nest {
  std::string_view open;
  std::string_view middle;
  std::string_view close;
};

/// Everything that can contain itself, and every chain that grows to one side.
const Nest nests[] = {
    {"(", "1", ")"},
    {"{ ", "1", " }"},
    {"-", "1", ""},
    {"* ", "a", ""},
    {"try ", "a", ""},
    {"f(", "1", ")"},
    {"a[", "1", "]"},
    {".{ ", "1", " }"},
    {".[ ", "1", " ]"},
    {".{ x = ", "1", " }"},
    {"[]", "T", ""},
    {"[1", "]T", ""},
    {"?(", "T", ")"},
    {"? ", "T", ""},
    {"(A) -> ", "B", ""},
    {"Tuple(", "T", ")"},
    {"Closure(", "T", ")"},
    {"Closure() -> ", "T", ""},
    {"() => ", "1", ""},
    {"() { ", "1", " }"},
    {"if a { ", "1", " }"},
    {"if a then ", "1", ""},
    {"if a then b else ", "1", ""},
    {"if a { } else ", "{ }", ""},
    {"if a == { case 1: ", "1;", " }"},
    {"while a { ", "1", " }"},
    {"for a { ", "1", " }"},
    {"for a => ", "b();", ""},
    {"push a { ", "1", " }"},
    {"#run ", "1", ""},
    {"return ", "1", ""},
    {"struct { a: ", "T", " }"},
    {"struct { a: u8 = ", "1", " }"},
    {"enum { a: ", "T", " }"},
    {"enum ", "u8 {}", " {}"},
    {"union { a: ", "T", " }"},
    {"union { struct { a: ", "T", "} }"},
    {"f() catch (e) ", "1", ""},
    {"a ?? ", "1", ""},
    {"f() { ", "1", " }"},
    {"asm { ", "\"\"", " }"},
    {"a.(B(", "1", "))"},
    {"1 + ", "1", ""},
    {"1 < ", "1", ""},
    {"1 in ", "1", ""},
    {"a |> ", "f", ""},
    {"", "f", "()"},
    {"", "f", ".x"},
    {"", "f", "!"},
    {"", "f", "[0]"},
    {"", "f", ".*"},
    {"", "f", ".{}"},
    {"", "f", "?.x"},
    {"", "f", " catch { }"},
    {"a | (", "1", ")"},
    {"a |> b ?? c or d and e | f ^ g & h < i << j + k * (", "1", ")"},
};

TEST(DeepNesting, IsAnErrorAndNotACrash) {
  for (const Nest& nest : nests) {
    constexpr std::size_t depth = 100'000;
    const std::string text = repeated(nest.open, depth) + std::string(nest.middle) + repeated(nest.close, depth);
    const Parsed parsed("x := " + text + ";");
    ASSERT_EQ(parsed.diagnostics.reports().size(), parsed.ok() ? 0u : 1u) << nest.open << nest.close;
    if (!parsed.ok())
      continue;
    EXPECT_LE(height(*parsed.tree), max_nesting) << nest.open << nest.close;
  }
}

TEST(DeepNesting, InTypesIsAnErrorToo) {
  for (std::string_view open : {"[]", "*", "? ", "(", "[1]", "Box(", "Tuple(", "Closure(", "struct { a: ", "(a) -> "}) {
    const Parsed parsed("x : " + repeated(open, 100'000) + "T");
    ASSERT_EQ(parsed.diagnostics.reports().size(), 1u) << open;
    EXPECT_EQ(parsed.diagnostics.reports()[0].info->code, "E0299") << open;
  }
}

TEST(DeepNesting, InModuleConditionalsIsAnErrorToo) {
  for (std::string_view open :
       {"inline if a { ", "inline if a { } else ", "inline if a == { case 1: ", "inline if a == { else: "}) {
    const bool chain = open.ends_with("else ");
    const Parsed parsed(chain ? "inline " + repeated("if a { } else ", 100'000) + "{ }" : repeated(open, 100'000));
    ASSERT_EQ(parsed.diagnostics.reports().size(), 1u) << open;
    EXPECT_EQ(parsed.diagnostics.reports()[0].info->code, "E0299") << open;
  }
}

TEST(DeepNesting, AFewHundredLevelsAreFine) {
  for (const Nest& nest : nests) {
    if (nest.open == "[1" || nest.open == "enum ")
      continue;
    const std::string text = repeated(nest.open, 60) + std::string(nest.middle) + repeated(nest.close, 60);
    const Parsed parsed("x := { " + text + "; };");
    const std::string outcome = parsed.outcome();
    EXPECT_NE(outcome.substr(0, 5), "E0299") << nest.open << nest.middle << nest.close;
  }
  EXPECT_EQ(expression(repeated("(", 400) + "1" + repeated(")", 400)), "(IntLiteral 1)");
  EXPECT_EQ(outcome_of("x := 1" + repeated(" + 1", 900) + ";"), "ok");
  EXPECT_EQ(outcome_of("f :: () { " + repeated("if a { } else ", 900) + "{ } }"), "ok");
}

TEST(DeepNesting, LongListsAreNoNesting) {
  EXPECT_EQ(outcome_of("f :: () { " + repeated("a = 1; ", 50'000) + "}"), "ok");
  EXPECT_EQ(outcome_of("x := .[" + repeated("1, ", 50'000) + "];"), "ok");
  EXPECT_EQ(outcome_of(repeated("a :: 1;\n", 50'000)), "ok");
}

// ---- random texts -----------------------------------------------------------------------------------

void expect_clean_outcome(const std::string& text, bool as_statements) {
  const Parsed parsed(text, as_statements);
  RC_ASSERT(parsed.diagnostics.reports().size() <= 1u);
  if (!parsed.ok()) {
    const Span span = parsed.diagnostics.reports()[0].span;
    RC_ASSERT(span.valid() && span.begin <= span.end && span.end <= text.size());
    return;
  }
  // An accepted tree is whole: spans lie in the text and children inside the file.
  for (std::uint32_t i = 0; i < parsed.tree->size(); ++i)
    RC_ASSERT(parsed.tree->span(NodeId(i)).end <= text.size());
  RC_ASSERT(height(*parsed.tree) <= max_nesting);
  RC_ASSERT(!dump(*parsed.tree, parsed.strings).empty());
}

TEST(Robustness, RandomBytes) {
  rc::check([](const std::vector<char>& bytes, bool as_statements) {
    expect_clean_outcome(std::string(bytes.begin(), bytes.end()), as_statements);
  });
}

const std::vector<std::string>& vocabulary() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> out = {
#define SX_PUNCTUATION(name, spelling) spelling,
#define SX_KEYWORD(name, spelling) spelling,
#define SX_DIRECTIVE(name, word) "#" word,
#include "syntax/token.def"
    };
    for (const char* word : {"a", "b", "main", "self", "Tuple", "Closure", "flags", "c", "1", "2.5", "\"s\"", "'c'",
                             "`if", "#string D\nx\nD", "\n", "volatile", "clobbers"})
      for (int weight = 0; weight < 4; ++weight)
        out.emplace_back(word);
    return out;
  }();
  return words;
}

TEST(Robustness, RandomTokens) {
  rc::check([] {
    const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(vocabulary()));
    std::string text = *rc::gen::elementOf(
        std::vector<std::string>{"", "f :: () { ", "x := ", "S :: struct { ", "x : ", "f :: (", "P :: protocol { "});
    for (const std::string& word : words)
      text += word + " ";
    expect_clean_outcome(text, *rc::gen::arbitrary<bool>());
  });
}

/// Uses most of the grammar.
constexpr std::string_view program = R"(#import "modules/std.sx";
ns :: #import "x.sx";
unit :: #import c { #include "h.h"; #flags "-O"; };
lib :: #library "m";
private K : i64 : 3 + 0x1F;
G := .{ a = 1, b, ..c, (d) };
U :: union { a: i64; struct { b: u8; c: u8; } }
E :: enum flags u16 { ink; wet :: 0x40; }
M :: enum { quit; move: struct { dx: i32; }; text :: 4: string; }
Fault :: error { Late, Hot }
Eq :: protocol(T: Type) #inline { same :: (self: *Self, o: T) -> bool; not :: (self: Self) { } }
impl Eq(i64) for Box($T) { same :: (self: *Box, o: i64) -> bool => self.v == o; }
Box :: struct($T: Type/Eq, ..$Ts: []Type) { #using Base; v, w: T = 1; N :: 3;
  p :: (self: *Box) -> T #get => self.v; p :: (self: *Box, v: T) #set { self.v = v; } }
inline if OS == .linux { #import "l.sx"; asm { "nop" }; } else if POINTER_SIZE == 4 { #error("no"); }
#context_extend log: Log = .{};
#run f();
ext :: (a: *u8, n: usize) -> i64 abi(.c) extern lib "ext";
cb : ?(i64, x: u8) -> (i64, !Fault) = null;
tr :: (f: Closure(..ins.T) -> $R, ..ins: Sig) -> (lo: R = 1, hi: [N + 1]R, !) {
  defer { print("{}\n", 'c'); }
  onfail (e) { note(e); }
  a, b := pair(1, n = 2) catch (e) == { case .Late: (x) => 1; case .Hot: break; else: 2; };
  a, b = b, a;
  x := if a < b <= c then 1 else if q { 2 } else { 3 };
  while v := next() { if v == { case int: v; else: continue; } }
  for xs, 0<..=n (*p, i) { p.* += i; }
  for f(a) (z) => g(z) { trailing(); }
  inline for ins (i) { #insert gen(i); }
  push Ctx.{ a = 1 } { work(); }
  y := l |> try f(1) |> m.g() ?? xx h.(i8, al)[1..].len;
  z := Box(u8).{ v = 1 } { self.p = 3; };
  t := (n: i64) -> i64 { return n * 7; }(6);
  asm volatile { #string A
nop
A, [r] "=r" -> i64, "r" = a, clobbers(.cc) };
  o!.q?.r?.0 = $xs[1].s - ~k % -2 ^ 3 & 4;
  raise error.Late;
  return a, hi = b;
}
)";

TEST(Robustness, TheSampleProgramIsAccepted) {
  EXPECT_EQ(outcome_of(program), "ok");
}

TEST(Robustness, EveryTruncationGivesOneErrorAtMost) {
  for (std::size_t length = 0; length < program.size(); ++length)
    ASSERT_LE(Parsed(std::string(program.substr(0, length))).diagnostics.reports().size(), 1u) << length;
}

TEST(Robustness, MutatedPrograms) {
  rc::check([] {
    std::string text(program);
    const auto edits = *rc::gen::inRange(1, 5);
    for (int i = 0; i < edits; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto cut = std::min<std::size_t>(*rc::gen::inRange<std::size_t>(0, 12), text.size() - at);
      text.replace(at, cut, *rc::gen::elementOf(vocabulary()));
    }
    expect_clean_outcome(text, false);
  });
}

} // namespace
} // namespace sx::syntax
