#include "ir/codec.h"
#include "ir/print.h"
#include "ir/read.h"
#include "ir/tree.h"
#include "ir/verify.h"

#include <gtest/gtest.h>
#include <set>

namespace sx::ir {
namespace {

std::unique_ptr<Module> read_good(std::string_view text) {
  auto module = read(text);
  if (!module) {
    ADD_FAILURE() << module.error().line << ":" << module.error().column << ": " << module.error().message;
    return std::make_unique<Module>();
  }
  const auto errors = verify(**module);
  EXPECT_TRUE(errors.empty()) << errors[0].message;
  return std::move(*module);
}

void expect_round_trips(const Module& module) {
  const std::string text = print(module);
  const auto again = read(text);
  ASSERT_TRUE(again.has_value()) << again.error().line << ": " << again.error().message << "\n" << text;
  EXPECT_EQ(print(**again), text);
  EXPECT_EQ(encode(**again), encode(module)) << text;
  const auto decoded = decode(encode(module));
  ASSERT_TRUE(decoded.has_value()) << decoded.error();
  EXPECT_EQ(print(**decoded), text);
}

constexpr std::string_view everything = R"(
; Every node kind, every table.
(target "wasm32-unknown-unknown" 4)
(file "a.sx")
(type (aggregate pair 8 4 (first i32 0) (second f32 4)))
(type (aggregate string 16 8 (ptr ptr 0) (len i64 8)))
(data "loose \x00\xff\n")
(extern puts (sig c (ptr ...) i32) (library "c") @0:5-9)
(extern environ ptr variable)
(frame "a.sx" 3 7 all "x := 1;")
(asm "incq ${0}\n$$x" "=*m,~{memory}" volatile (memory i64))
(asm ret "")
(reflect -4 "[]u8" 16 8 2 0 0 0 unsigned flags (category 9) (elements -2) (info answer) (member ptr 3 0 0) (member len 4 8 -1))
(errors "" NotFound)
(entry all)
(global zeros (array 4 i32) export (symbol "mod.zeros") @0:1-2)
(global answer i32 constant (init make_answer))
(global table (array 3 ptr) (image (array 3 ptr)
  (object 4 (hex 000000000000000000000000)
    (reloc 0 global answer 4) (reloc 4 function all 0) (reloc 8 object #1 -1))
  (object 1 (hex 6869 00))))
(func bare naked (result i32) (body (block 0 (intrinsic :void asm 1) (trap unreachable ""))))
(func make_answer comptime (result i32) (body (return 42:i32)))
(func identity (param v $pair) (result $pair) (body (return v)))
(func all export @0:10-13 (param n i64) (local p $pair) (local a (array 4 i32)) (local x i32) (local "" f64)
  (local b bool) (result i64)
  (body
    (block 0
      (start p)
      (store p (aggregate :$pair (first 1:i32) (second 1.5:f32)))
      (store (field p first) (load (index (global "mod.zeros") (and n 3:i64))))
      (store a (splat :(array 4 i32) -7:i32))
      (store a (zero :(array 4 i32)))
      (store a (undef :(array 4 i32)))
      (store x (load (payload :i32 p 4)))
      (store x (load (deref :i32 (element (address a) 2:i64 i32))))
      (store x (load (temp (sub x 1:i32))))
      (store #4 (div 0x7ff0000000000000:f64 #4))
      (store p (call identity p))
      (store p (call_indirect (sig ($pair) $pair) (function identity) p))
      (call_extern puts (data "hi") 1:i32)
      (if (eq (extern environ) (zero :ptr)) (intrinsic trace.push 0 (frame #0)))
      (intrinsic :void asm 0 (address n))
      (intrinsic mem.copy 0 (address a) (address a) 16:i64)
      (store b (truth (float_to_int :u8 (neg 2:f32))))
      (store x (loop :i32 1 (block 2 (if b (break 1 5:i32) (continue 1)))))
      (store x (switch (resize :i8 n) (case -1 1:i32) (case 2 (poison :i32 "bad name")) (default 3:i32)))
      (if (not b) (trap unreachable "stopped"))
      (return n @0:20-21))))
)";

TEST(Text, EveryTableAndNodeKindRoundTrips) {
  const auto module = read_good(everything);
  std::set<Op> shown;
  for (const Function& function : module->functions)
    for (const Node& node : function.nodes)
      shown.insert(node.op);
  for (std::size_t i = 0; i < op_count; ++i)
    EXPECT_TRUE(shown.contains(static_cast<Op>(i))) << info(static_cast<Op>(i)).text;
  expect_round_trips(*module);
}

// A body that is a list of nodes, one of each row of the tables, with operands that fit nothing.
TEST(Text, RawBodiesRoundTripWhateverTheyHold) {
  Module module;
  Function& function = module.functions.emplace_back();
  function.words = {1, none, 7};
  for (std::size_t i = 0; i < op_count; ++i)
    for (unsigned sub = 0; sub < sub_count(static_cast<Op>(i)); ++sub) {
      Node node;
      node.op = static_cast<Op>(i);
      node.sub = static_cast<std::uint8_t>(sub);
      node.type = TypeId(i);
      node.a = info(node.op).a == Shape::Text ? none : info(node.op).a == Shape::None ? 0 : 3;
      node.b = info(node.op).b == Shape::None ? 0 : none;
      function.nodes.push_back(node);
      function.spans.push_back({});
    }
  function.root = NodeId(2);
  expect_round_trips(module);
  EXPECT_FALSE(verify(module).empty());
}

TEST(Text, ShortFormsMeanTheLongOnes) {
  const auto brief = read_good("(func f (param x i32) (result i32) (body (return (add x 1:i32))))");
  const auto full = read_good("(func f (param x i32) (signature (sig (i32) i32)) (body (return :never (add :i32"
                              " (load :i32 (local :i32 x)) (int :i32 1)))))");
  EXPECT_EQ(encode(*brief), encode(*full));
}

TEST(Text, SpansAreInheritedFromTheUser) {
  const auto module = read_good("(file \"a\") (func f (param x i32) (body (block 0 (add x 1:i32 @0:1-2) @0:3-4)))");
  const Function& function = module->functions[0];
  const auto begin = [&](std::size_t node) { return function.spans[node].begin; };
  EXPECT_EQ(begin(0), 1u); // place x
  EXPECT_EQ(begin(3), 1u); // add
  EXPECT_EQ(begin(4), 3u); // block
}

TEST(Text, FloatsKeepTheirBits) {
  for (const char* literal : {"0.1:f64", "-0:f64", "1e+300:f64", "0.1:f32", "0x7fc00001:f32", "0xfff8000000000001:f64",
                              "5e-324:f64", "1e-45:f32"}) {
    const auto module = read_good("(func f (body " + std::string(literal) + "))");
    EXPECT_NE(print(*module).find(literal), std::string::npos) << print(*module);
  }
}

TEST(Text, NamesThatClashAreReferredToByNumber) {
  const auto module = read("(func f (local x i32) (local x i64) (local none i8) (body (store #1 2:i64)))"
                           "(func f (body (call #0)))");
  ASSERT_TRUE(module.has_value());
  expect_round_trips(**module);
  EXPECT_FALSE(read("(func f) (func f) (func g (body (call f)))").has_value());
}

TEST(Text, DuplicateTypeRowsStayApart) {
  const auto module = read("(type i32) (type i32) (type (array 2 $1)) (func f (local a $1) (local b $2))");
  ASSERT_TRUE(module.has_value());
  EXPECT_EQ((*module)->functions[0].locals[0].type, TypeId(1));
  expect_round_trips(**module);
}

TEST(Text, CanonicalOrderMakesPrintingFaithful) {
  // The second operand of `sub` stands before the first.
  const auto text = "(func f (raw (root 2) (int 0 i32 2 0 0) (int 0 i32 1 0 0) (binary 1 i32 1 0 0)))";
  auto raw = read(text);
  ASSERT_TRUE(raw.has_value());
  EXPECT_NE(print(**raw).find("(sub 1:i32 2:i32)"), std::string::npos);
  canonicalise((*raw)->functions[0]);
  expect_round_trips(**raw);
}

struct BadText {
  const char* text;
  std::uint32_t line, column;
  const char* message;
};

TEST(Text, ErrorsHaveAPlace) {
  const BadText cases[] = {
      {"(func f", 1, 1, "unclosed '('"},
      {"(func f))", 1, 9, "')' without '('"},
      {"(func \"f", 1, 7, "unclosed string"},
      {"(func \"\\q\")", 1, 8, "unknown escape"},
      {"(sxir 2)", 1, 1, "expected (sxir 1)"},
      {"\n (what)", 2, 2, "expected a top-level form such as (func ...)"},
      {"atom", 1, 1, "expected a top-level form such as (func ...)"},
      {"(type q7)", 1, 7, "unknown type 'q7'"},
      {"(type (array x i32))", 1, 14, "expected a number that fits"},
      {"(func f (local a $b))", 1, 18, "unknown type 'b'"},
      {"(func f (thing))", 1, 9, "unknown part of a function"},
      {"(func f (local a i32) (param b i32))", 1, 23, "parameters come before other locals"},
      {"(func f\n  (body (ad 1:i32)))", 2, 9, "unknown node kind 'ad'"},
      {"(func f (body (add 1:i32)))", 1, 15, "missing operand"},
      {"(func f (body (neg 1:i32 2:i32)))", 1, 26, "too many operands"},
      {"(func f (body (neg y)))", 1, 20, "unknown local 'y'"},
      {"(func f (body (call g)))", 1, 21, "unknown function 'g'"},
      {"(func f (body 5:bad))", 1, 15, "unknown type 'bad'"},
      {"(func f (body 5.5:i32))", 1, 15, "not a number of type i32"},
      {"(func f (body (int 5)))", 1, 15, "the type doesn't follow from the operands: write :type after the node kind"},
      {"(func f (body (trap nothing \"\")))", 1, 21, "unknown operator name 'nothing'"},
      {"(target \"\" 3)", 1, 12, "pointers have 4 or 8 bytes"},
      {"(global g i8 (image i8 (object 1 (hex 0))))", 1, 39, "expected an even number of hexadecimal digits"},
      {"(type (aggregate A 4 4 (x i32 0))) (func f (local a $A) (body (load (field a y))))", 1, 78,
       "unknown member 'y'"},
  };
  for (const BadText& entry : cases) {
    const auto module = read(entry.text);
    ASSERT_FALSE(module.has_value()) << entry.text;
    EXPECT_EQ(module.error().message, entry.message) << entry.text;
    EXPECT_EQ(module.error().line, entry.line) << entry.text;
    EXPECT_EQ(module.error().column, entry.column) << entry.text;
  }
}

TEST(Text, DeepInputIsRefusedWithoutRecursion) {
  EXPECT_EQ(read(std::string(1'000'000, '(')).error().message, "lists nest deeper than 5000");
  std::string deep = "true", types = "i32";
  for (int i = 0; i < 2100; ++i)
    deep = "(not " + deep + ")";
  EXPECT_EQ(read("(func f (body " + deep + "))").error().message, "nodes nest deeper than 2000");
  for (int i = 0; i < 100; ++i)
    types = "(array 1 " + types + ")";
  EXPECT_EQ(read("(type " + types + ")").error().message, "type nests too deep");
}

TEST(Text, TheDeepestTreesRoundTrip) {
  std::string deep = "1:i32";
  for (std::uint32_t i = 1; i < max_tree_depth; ++i)
    deep = "(switch 1:i32 (default " + deep + "))";
  expect_round_trips(*read_good("(func f (body " + deep + "))"));
}

TEST(Text, TheExampleOfTheReadmeIsWellFormed) {
  expect_round_trips(*read_good("(func fib (param n i64) (result i64) (body (if (lt n 2:i64) (return n)"
                                " (return (add (call fib (sub n 1:i64)) (call fib (sub n 2:i64)))))))"));
}

TEST(Text, PrintsTypesAsReferences) {
  const auto module = read("(type i32) (type (array 3 i32)) (type (aggregate pair 8 4 (a i32 0) (b i32 4)))"
                           "(type (array 2 $pair)) (type (array 2 $3)) (type (sig c (i32 ...) $pair))");
  ASSERT_TRUE(module.has_value());
  const char* names[] = {"i32", "(array 3 i32)", "$pair", "(array 2 $pair)", "(array 2 $3)", "(sig c (i32 ...) $pair)"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    EXPECT_EQ(print_type(**module, TypeId(i)), names[i]);
  EXPECT_EQ(print_type(**module, TypeId()), "none");
  EXPECT_EQ(print_type(**module, TypeId(77)), "$77");
}

} // namespace
} // namespace sx::ir
