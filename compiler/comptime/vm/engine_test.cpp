// Programs of IR text and the outcome that each dispatch kind must give.

#include "comptime/vm/testing.h"
#include "ir/generate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx::comptime::vm {
namespace {

using testing::describe_outcome;
using testing::find_function;
using testing::ModuleHost;
using testing::word_of;

constexpr std::string_view prelude = R"(
(file "x.sx")
(type (aggregate string 16 8 (ptr ptr 0) (len i64 8)))
(type (aggregate pair 16 8 (a i32 0) (b i64 8)))
(type (aggregate node 16 8 (next ptr 0) (v i64 8)))
(type (aggregate trace_frame 56 8 (file $string 0) (line i32 16) (col i32 20) (func $string 24) (text $string 40)))
(type (aggregate bits 8 8 (whole i64 0) (low i7 0) (flag bool 0)))
(extern malloc (sig c (i64) ptr))
(extern getpid (sig c () i32))
(extern exit (sig c (i32) never))
(extern abort (sig c () never))
(extern write (sig c (i32 ptr i64) i64))
(extern strlen (sig c (ptr) i64))
(extern memset (sig c (i32) ptr))
(extern environ ptr variable)
(extern sx_trace_push (sig c (u64) void))
(extern sx_trace_len (sig c () u32))
(extern sx_trace_truncated (sig c () u32))
(extern sx_trace_frame_at (sig c (u32) u64))
(global g i64 (symbol g) (init seventy))
(global k i64 constant (symbol k) (init seventy))
(global bad i64 (symbol bad) (init divides))
(global zero i64 (symbol zero))
(global table (array 2 ptr) (symbol table) (init addresses))
(frame "a.sx" 3 4 "fn" "text")
(errors "" Hot)
(func seventy (result i64) (body (return 70:i64)))
(func divides (result i64) (body (return (div 1:i64 0:i64 @0:5-6) @0:1-9)))
(func addresses (result (array 2 ptr)) (body (return (aggregate :(array 2 ptr) (0 (address (global k))) (1 (data :ptr "t"))))))
(func pair_of (param a i32) (param b i64) (result $pair) (body (return (aggregate :$pair (0 a) (1 b)))))
(func swap (param p $pair) (result $pair) (body (block 1
  (store (field p 0) (add (load (field p 0)) 1:i32))
  (return (aggregate :$pair (0 (load (field p 0))) (1 (sub 0:i64 (load (field p 1)))))))))
(func add3 (param a i64) (param b i64) (param c i64) (result i64) (body (return (add (mul a 100:i64) (add (mul b 10:i64) c)))))
(func fib (param n i64) (result i64) (body
  (if (lt n 2:i64) (return n) (return (add (call fib (sub n 1:i64)) (call fib (sub n 2:i64)))))))
(func forever (body (loop 1 (block :void 2) @0:2-20)))
(func recur (result i64) (body (return (call recur @0:3-8))))
)";

struct Example {
  std::string_view name;
  std::string_view function; ///< parts after the name
  std::string_view outcome;  ///< start of `describe_outcome`
  Mode mode = Mode::Comptime;
  std::string_view out = "", err = "";
};

constexpr Example examples[] = {
    // integers and control
    {"loop",
     "(result i64) (local i i64) (local s i64) (body (block 1 (store i 0:i64) (store s 0:i64) (loop 2 (if (lt i 10:i64)"
     " (block 3 (store s (add s i)) (store i (add i 1:i64))) (break 2))) (return s)))",
     "[2d00000000000000] calls 1 repeats 10"},
    {"continue",
     "(result i64) (local i i64) (body (block 1 (store i 0:i64) (loop 2 (block 3 (store i (add i 1:i64))"
     " (if (lt i 5:i64) (continue 2)) (break 2))) (return i)))",
     "[0500000000000000] calls 1 repeats 4"},
    {"loop_value",
     "(result i64) (local i i64) (body (block 1 (store i 0:i64) (return (loop :i64 2 (block 3"
     " (store i (add i 3:i64)) (if (gt i 10:i64) (break 2 i)))))))",
     "[0c00000000000000]"},
    {"block_value",
     "(result i64) (local x i64) (body (block 1 (store x 4:i64) (return (add (block :i64 2 (if (eq x 4:i64)"
     " (break 2 40:i64)) 1:i64) 2:i64))))",
     "[2a00000000000000]"},
    {"recursion", "(result i64) (body (return (call fib 10:i64)))",
     "[3700000000000000] calls 178 repeats 0 bytes 0 depth 11"},
    {"arguments", "(result i64) (body (return (call add3 1:i64 (call add3 0:i64 0:i64 2:i64) 3:i64)))",
     "[7b00000000000000]"},
    {"left_to_right",
     "(result i64) (local x i64) (body (block 1 (store x 1:i64) (return (add x (block :i64 2 (store x 10:i64) x)))))",
     "[0b00000000000000]"},
    {"and_or",
     "(result i32) (local x i32) (body (block 1 (store x 5:i32) (return (if :i32 (if :bool (gt x 3:i32)"
     " (if :bool (eq x 9:i32) true (lt x 6:i32)) false) 1:i32 2:i32))))",
     "[01000000]"},
    {"dense_switch",
     "(result i64) (local x i64) (body (block 1 (store x -1:i64) (return (switch :i64 x (case -2 1:i64)"
     " (case -1 2:i64) (case 0 3:i64) (case 1 4:i64) (case 2 5:i64) (default 6:i64)))))",
     "[0200000000000000]"},
    {"sparse_switch",
     "(result i64) (local x i64) (body (block 1 (store x 5000000000:i64) (return (switch :i64 x (case 7 1:i64)"
     " (case 100000 2:i64) (case 5000000000 3:i64) (case -7 4:i64) (default 6:i64)))))",
     "[0300000000000000]"},
    {"switch_without_match",
     "(result i64) (local x i64) (body (block 1 (store x 8:i64) (return (switch :i64 x (case 7 1:i64)))))",
     "[0000000000000000]"},
    {"nan",
     "(result bool) (local x f64) (body (block 1 (store x (div 0.0:f64 0.0:f64)) (return (if :bool (lt x 1.0:f64) false"
     " (if :bool (ge x 1.0:f64) false (ne x x))))))",
     "[01]"},
    {"single_precision",
     "(result f32) (local x f32) (body (block 1 (store x 16777216.0:f32) (return (sub (add x 1.0:f32) x))))",
     "[00000000]"},
    // memory
    {"aggregate_call",
     "(result $pair) (local p $pair) (body (block 1 (store p (call pair_of 3:i32 4:i64))"
     " (store p (call swap (load p))) (return p)))",
     "[0400000000000000fcffffffffffffff]"},
    {"argument_is_a_copy",
     "(result i32) (local p $pair) (body (block 1 (store p (call pair_of 3:i32 4:i64))"
     " (call swap (load p)) (return (load (field p 0)))))",
     "[03000000]"},
    {"swap_members",
     "(result $pair) (local p $pair) (body (block 1 (store p (aggregate :$pair (0 1:i32) (1 2:i64)))"
     " (store p (aggregate :$pair (0 (resize :i32 (load (field p 1)))) (1 (resize :i64 (load (field p 0))))))"
     " (return p)))",
     "[02000000000000000100000000000000]"},
    {"abandoned_store",
     "(result i64) (local p $pair) (body (block 1 (store p (aggregate :$pair (0 1:i32) (1 2:i64)))"
     " (block 2 (store p (aggregate :$pair (0 9:i32) (1 (block :i64 3 (break 2))))))"
     " (return (resize :i64 (load (field p 0))))))",
     "[0100000000000000]"},
    {"matrix",
     "(result i64) (local m (array 3 (array 4 i16))) (local i i64) (local j i64) (body (block 1 (store i 2:i64) (store "
     "j 1:i64)"
     " (store m (zero :(array 3 (array 4 i16)))) (store (index (index m i) j) -5:i16)"
     " (return (resize :i64 (load (index (index m 2:i64) (sub i 1:i64)))))))",
     "[fbffffffffffffff]"},
    {"odd_width_in_a_union",
     "(result i7) (local u $bits) (body (block 1 (store (field u 0) 255:i64) (return (load (field u 1)))))", "[ff]"},
    {"escaping_local",
     "(result i64) (local x i64) (local p ptr) (body (block 1 (store x 1:i64) (store p (address x))"
     " (store (deref :i64 p) 9:i64) (return x)))",
     "[0900000000000000]"},
    {"vector",
     "(result (vector 3 i32)) (local v (vector 3 i32)) (body (block 1 (store v (aggregate :(vector 3 i32) (0 1:i32) (1 "
     "2:i32)"
     " (2 3:i32))) (return (mul v (add v (splat :(vector 3 i32) 1:i32))))))",
     "[02000000060000000c00000000000000]"},
    {"vector_compare",
     "(result (vector 3 bool)) (local v (vector 3 u8)) (body (block 1 (store v (aggregate :(vector 3 u8) (0 1:u8)"
     " (1 200:u8) (2 3:u8))) (return (gt v (splat :(vector 3 u8) 2:u8)))))",
     "[00010100]"},
    {"splat_of_aggregates",
     "(result (array 3 $pair)) (body (return (splat :(array 3 $pair) (call pair_of 1:i32 2:i64))))",
     "[010000000000000002000000000000000100000000000000020000000000000001000000000000000200000000000000]"},
    {"moving_bytes",
     "(result (array 4 u8)) (local a (array 4 u8)) (body (block 1 (store a (aggregate :(array 4 u8) (0 1:u8) (1 2:u8)"
     " (2 3:u8) (3 4:u8))) (intrinsic mem.move 0 (address (index a 1:i64)) (address a) 3:i64) (return a)))",
     "[01010203]"},
    {"atomics",
     "(result i64) (local x i64) (local p ptr) (body (block 1 (store x 5:i64) (store p (address x))"
     " (intrinsic :i64 atomic.add 0 p 3:i64) (intrinsic :i64 atomic.max 0 p 100:i64)"
     " (return (add (intrinsic :i64 atomic.swap 0 p 1:i64) x))))",
     "[6500000000000000]"},
    // images
    {"string", "(result $string) (body (return (aggregate :$string (0 (data :ptr \"hello\")) (1 5:i64))))",
     "[00000000000000000500000000000000 @0=D"},
    {"function_pointer", "(result code) (body (return (function fib)))", "[0000000000000000 @0=F6+0]"},
    {"global_pointer", "(result ptr) (body (return (address (global g))))", "[0000000000000000 @0=G0+0]"},
    {"list",
     "(result $node) (local p ptr) (local q ptr) (body (block 1 (store p (call_extern malloc 16:i64))"
     " (store q (call_extern malloc 16:i64)) (store (field (deref :$node p) 0) q) (store (field (deref :$node p) 1) "
     "1:i64)"
     " (store (field (deref :$node q) 0) p) (store (field (deref :$node q) 1) 2:i64)"
     " (return (aggregate :$node (0 p) (1 0:i64)))))",
     "[00000000000000000000000000000000 @0=O1+0][00000000000000000100000000000000 @0=O2+0]"
     "[00000000000000000200000000000000 @0=O1+0]"},
    {"past_the_end", "(result ptr) (body (return (element (call_extern malloc 10:i64) 10:i64 u8)))",
     "[0000000000000000 @0=O1+10][00000000000000000000]"},
    {"dead_frame", "(result ptr) (local x i64) (body (return (address x)))", "[0000000000000000] "},
    {"plain_pointer", "(result ptr) (body (return (int_to_pointer :ptr 16:i64)))", "[1000000000000000] "},
    // globals
    {"read_globals",
     "(result i64) (body (return (add (load (global g)) (add (load (global k)) (load (global zero))))))",
     "[8c00000000000000]"},
    {"pointers_in_globals", "(result i64) (body (return (load (deref :i64 (load (index (global table) 0:i64))))))",
     "[4600000000000000]"},
    {"write_a_global", "(result i64) (body (block 1 (store (global g) 5:i64 @0:1-9) (return (load (global g)))))",
     "failure: a module variable cannot be written at compile time: `g` at 1"},
    {"write_a_global_in_main",
     "(result i64) (body (block 1 (store (global g) 5:i64 @0:1-9) (return (load (global g)))))", "[0500000000000000]",
     Mode::Main},
    {"write_a_copy",
     "(result i64) (body (block 1 (store (deref :i64 (address (global g))) 5:i64) (return (load (global g)))))",
     "[0500000000000000]"},
    {"write_a_constant", "(body (store (deref :i64 (address (global k))) 5:i64 @0:1-9))",
     "failure: a module variable cannot be written at compile time: `constant storage` at 1"},
    {"failing_global", "(result i64) (body (return (load (global bad))))", "failure: division by zero at 5 in 1@0"},
    // failures
    {"division", "(result i64) (body (return (add 1:i64 (call divides @0:20-25)) @0:10-30))",
     "failure: division by zero at 5 in 1@20 in 9@0"},
    {"overflow",
     "(result i8) (local x i8) (local y i8) (body (block 1 (store x -128:i8) (store y -1:i8) (return (rem x y "
     "@0:5-6))))",
     "failure: division overflows: the minimum divided by -1 at 5"},
    {"null", "(result i64) (body (return (load (deref :i64 (zero :ptr)) @0:7-8)))",
     "failure: access through a null pointer at 7"},
    {"null_member", "(result i64) (body (return (load (field (deref :$pair (zero :ptr)) 1) @0:7-8)))",
     "failure: access through a null pointer at 7"},
    {"outside", "(result i64) (body (return (load (deref :i64 (int_to_pointer :ptr 99999999999:i64)) @0:7-8)))",
     "failure: access outside of memory at 7"},
    {"null_function", "(result i64) (body (return (call_indirect (sig () i64) (zero :code) @0:7-8)))",
     "failure: call of a null function at 7"},
    {"wrong_signature", "(result i32) (body (return (call_indirect (sig () i32) (function seventy) @0:7-8)))",
     "failure: access outside of memory: function of another signature at 7"},
    {"indirect", "(result i64) (body (return (call_indirect (sig () i64) (function seventy))))", "[4600000000000000]"},
    {"depth", "(result i64) (body (return (call recur)))", "failure: recursion limit exceeded at 3"},
    {"steps", "(body (call forever))", "failure: step limit exceeded at 2"},
    {"square_root", "(result f64) (body (return (intrinsic sqrt 0 2.0:f64 @0:4-9)))",
     "failure: unsupported operation at compile time: `sqrt` at 4"},
    {"square_root_in_main", "(result f64) (body (return (intrinsic sqrt 0 4.0:f64)))", "[0000000000000040]",
     Mode::Main},
    {"poison", "(body (poison \"why\" @0:4-7))", "failure: malformed IR: why at 4"},
    {"trap", "(body (trap null_unwrap \"absent\\n\" @0:4-7))", "failure: unwrap of an absent optional at 4"},
    {"trap_in_main", "(body (trap null_unwrap \"absent\\n\"))", "exit 1", Mode::Main, "", "absent\n"},
    {"assertion_in_main", "(body (trap failed_assertion \"no\\n\"))", "exit 1", Mode::Main, "no\n", ""},
    // surroundings
    {"output", "(result i64) (body (return (call_extern write 2:i32 (data :ptr \"hi\\n\") 3:i64)))",
     "[0300000000000000]", Mode::Comptime, "", "hi\n"},
    {"exit", "(body (call_extern exit 3:i32))", "exit 3"},
    {"abort", "(body (call_extern abort @0:3-4))", "failure: `abort` was called at 3"},
    {"refused", "(result i32) (body (return (call_extern getpid @0:4-8)))",
     "failure: function `getpid` cannot be called at compile time"},
    {"extern_signature", "(result ptr) (body (return (call_extern memset 1:i32 @0:4-8)))",
     "failure: function `memset` is not declared as the C library has it at 4"},
    {"extern_variable", "(result ptr) (body (return (extern environ @0:4-5)))",
     "failure: function `environ` cannot be called at compile time"},
    {"extern_through_pointer",
     "(result i64) (body (return (call_indirect (sig c (ptr) i64) (extern strlen) (data :ptr \"abc\"))))",
     "[0300000000000000]"},
    {"too_much", "(result ptr) (body (return (call_extern malloc 999999999999:i64 @0:2-4)))",
     "failure: allocation limit exceeded: malloc of 999999999999 bytes at 2"},
    {"trace",
     "(result u64) (body (block 1 (intrinsic trace.push 0 (frame #0)) (call_extern sx_trace_push 7:u64)"
     " (return (add (call_extern sx_trace_frame_at 1:u32) (resize :u64 (call_extern sx_trace_len))))))",
     "[0900000000000000]"},
    {"resolve",
     "(result i32) (local f $trace_frame) (body (block 1 (store f (intrinsic :$trace_frame trace.resolve 0 (frame #0)))"
     " (return (load (field f 1)))))",
     "[03000000]"},
    {"error_name",
     "(result u8) (local s $string) (body (block 1 (store s (intrinsic :$string error_name 0 1:u32))"
     " (return (load (deref :u8 (load (field s 0)))))))",
     "[48]"},
    {"is_comptime", "(result bool) (body (return (intrinsic is_comptime 0)))", "[01]"},
    {"is_not_comptime", "(result bool) (body (return (intrinsic is_comptime 0)))", "[00]", Mode::Main},
    {"compiler",
     "(result u8) (local s $string) (body (block 1 (store s (intrinsic :$string compiler 4 7:i64))"
     " (return (load (deref :u8 (element (load (field s 0)) 2:i64 u8))))))",
     "[37]"},
};

TEST(Engine, gives_the_expected_outcomes) {
  std::string text(prelude);
  for (const Example& example : examples)
    text += "(func " + std::string(example.name) + " (symbol \"test." + std::string(example.name) + "\") " +
            std::string(example.function) + ")\n";
  auto module = ir::read(text);
  ASSERT_TRUE(module) << module.error().line << ":" << module.error().column << " " << module.error().message;
  // Failures name functions by number, so that of a test is written as 9.
  for (const Dispatch dispatch : available_dispatch())
    for (const Example& example : examples) {
      SCOPED_TRACE(std::string(example.name));
      ModuleHost host(**module);
      const auto engine = make_vm_engine(**module, host, dispatch);
      host.engine = engine.get();
      Request request{find_function(**module, "test." + std::string(example.name)), {}, example.mode, {}};
      request.limits.back_edges = 1'000'000;
      std::string outcome = describe_outcome(engine->evaluate(request));
      const std::string self = " in " + std::to_string(request.entry.value) + "@";
      if (const auto at = outcome.find(self); at != std::string::npos)
        outcome.replace(at, self.size(), " in 9@");
      EXPECT_EQ(outcome.substr(0, example.outcome.size()), example.outcome) << outcome;
      EXPECT_EQ(host.out, example.out);
      EXPECT_EQ(host.err, example.err);
    }
}

TEST(Engine, starts_each_evaluation_from_fresh_memory) {
  auto module = ir::read(R"(
(extern malloc (sig c (i64) ptr))
(global g i64 (symbol g))
(func count (result i64) (local p ptr) (body (block 1
  (store (deref :i64 (address (global g))) (add (load (global g)) 1:i64))
  (store p (call_extern malloc 4096:i64))
  (store (deref :i64 p) (add (load (deref :i64 p)) 1:i64))
  (return (add (mul (load (deref :i64 p)) 10:i64) (load (global g))))))))");
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  const auto engine = make_vm_engine(**module, host, Dispatch::Switch);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(word_of(engine->evaluate({find_function(**module, "count"), {}, Mode::Comptime, {}})), 11u);
}

TEST(Engine, takes_arguments_as_images) {
  auto module = ir::read(R"(
(type (aggregate string 16 8 (ptr ptr 0) (len i64 8)))
(func second (param n i16) (param s $string) (result i64) (body
  (return (add (resize :i64 n) (resize :i64 (load (deref :u8 (element (load (field s 0)) 1:i64 u8))))))))
)");
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  const auto engine = make_vm_engine(**module, host, Dispatch::Threaded);
  ir::FoldImage number, text;
  number.objects = {{2, {0xfe, 0xff}, {}}};
  text.objects = {{8, std::vector<std::uint8_t>(16), {{0, ir::Relocation::Kind::Object, 1, 0}}},
                  {1, {'a', 'b', 'c'}, {}}};
  const ir::FoldImage arguments[] = {number, text};
  EXPECT_EQ(word_of(engine->evaluate({find_function(**module, "second"), arguments, Mode::Comptime, {}})), 'b' - 2u);
}

TEST(Engine, stops_at_each_limit) {
  std::string text(prelude);
  text += "(func deep (result i64) (body (return (call fib 20:i64))))"
          "(func big (result i64) (local a (array 100000 u8)) (body (return (call big))))"
          "(func leak (body (loop 1 (call_extern malloc 100:i64))))";
  auto module = ir::read(text);
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  struct Row {
    std::string_view function;
    Limits limits;
    Reason reason;
    Counters counters;
  };
  Limits calls, depth, frames, heap, edges;
  calls.calls = 100;
  depth.depth = 7;
  frames.frame_bytes = 450'000;
  heap.heap_bytes = 1280;
  edges.back_edges = 0;
  const Row rows[] = {
      {"deep", calls, Reason::StepLimit, {100, 0, 0, 21}},    {"deep", depth, Reason::DepthLimit, {7, 0, 0, 7}},
      {"big", frames, Reason::AllocationLimit, {4, 0, 0, 4}}, {"leak", heap, Reason::AllocationLimit, {1, 10, 1280, 1}},
      {"forever", edges, Reason::StepLimit, {1, 0, 0, 1}},
  };
  for (const Dispatch dispatch : available_dispatch()) {
    const auto engine = make_vm_engine(**module, host, dispatch);
    for (const Row& row : rows) {
      const Outcome outcome = engine->evaluate({find_function(**module, row.function), {}, Mode::Comptime, row.limits});
      ASSERT_TRUE(outcome.failure) << row.function;
      EXPECT_EQ(outcome.failure->reason, row.reason) << describe_outcome(outcome);
      EXPECT_EQ(outcome.counters, row.counters) << describe_outcome(outcome);
    }
  }
}

TEST(Engine, prints_the_active_calls_without_the_printer) {
  auto module = ir::read("(func printer (body (block 1 (intrinsic print_frames 0))))"
                         "(func inner (body (block 1 (call printer))))"
                         "(func outer (body (block 1 (call inner))))");
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  const auto engine = make_vm_engine(**module, host, Dispatch::Switch);
  engine->evaluate({find_function(**module, "outer"), {}, Mode::Comptime, {}});
  engine->evaluate({find_function(**module, "outer"), {}, Mode::Main, {}});
  EXPECT_EQ(host.out, "comptime call frames (most recent call last):\n  at outer\n  at inner\n");
}

TEST(Engine, refuses_malformed_bodies_with_a_message) {
  ir::Module module;
  module.functions.resize(2);
  module.functions[1].root = ir::NodeId(7);
  ModuleHost host(module);
  const auto engine = make_vm_engine(module, host, Dispatch::Switch);
  for (std::uint32_t id : {0u, 1u, 2u, 0xffff'ffffu}) {
    const Outcome outcome = engine->evaluate({ir::FuncId(id), {}, Mode::Comptime, {}});
    ASSERT_TRUE(outcome.failure);
    EXPECT_FALSE(outcome.image);
    EXPECT_FALSE(describe(*outcome.failure).empty());
  }
}

Limits small_limits() {
  Limits limits;
  limits.calls = 2000;
  limits.back_edges = 5000;
  limits.depth = 64;
  limits.heap_bytes = 1 << 20;
  limits.frame_bytes = 1 << 20;
  return limits;
}

// What all dispatch kinds of this build give for every function without parameters.
void expect_agreement(ir::Module& module) {
  ModuleHost host(module);
  for (std::size_t id = 0; id < module.functions.size(); ++id) {
    std::optional<std::string> expected;
    for (const Dispatch dispatch : available_dispatch())
      for (const Mode mode : {Mode::Comptime, Mode::Main}) {
        const auto engine = make_vm_engine(module, host, dispatch);
        const std::string outcome = describe_outcome(engine->evaluate({ir::FuncId(id), {}, mode, small_limits()}));
        if (mode == Mode::Main)
          continue;
        if (!expected)
          expected = outcome;
        RC_ASSERT(outcome == *expected);
      }
  }
}

RC_GTEST_PROP(Dispatch, agrees_on_generated_programs, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  ir::SeededChoices choices(seed);
  const auto module = ir::generate(choices, *rc::gen::inRange(0u, 40u), *rc::gen::element(4u, 8u));
  expect_agreement(*module);
}

// Any field of any row may hold anything.
void damage(ir::Module& module, ir::Choices& choices) {
  ir::Function& function = module.functions[choices.below(module.functions.size())];
  const auto number = [&choices] {
    return static_cast<std::uint32_t>(choices.one_in(2) ? choices.below(40) : choices.next());
  };
  switch (choices.below(8)) {
  case 0:
    if (!function.words.empty())
      function.words[choices.below(function.words.size())] = number();
    return;
  case 1:
    if (!module.types.empty())
      module.types[choices.below(module.types.size())].element = ir::TypeId(number());
    return;
  case 2:
    if (!module.types.empty())
      module.types[choices.below(module.types.size())].count = choices.next();
    return;
  case 3: function.signature = ir::TypeId(number()); return;
  default: break;
  }
  if (function.nodes.empty())
    return;
  ir::Node& node = function.nodes[choices.below(function.nodes.size())];
  switch (choices.below(6)) {
  case 0: node.op = static_cast<ir::Op>(choices.below(ir::op_count)); break;
  case 1: node.sub = static_cast<std::uint8_t>(choices.below(32)); break;
  case 2: node.type = ir::TypeId(number()); break;
  case 3: node.a = number(); break;
  case 4: node.b = number(); break;
  default: node.c = number();
  }
}

RC_GTEST_PROP(Dispatch, survives_damaged_programs, ()) {
  ir::SeededChoices choices(*rc::gen::arbitrary<std::uint64_t>());
  const auto module = ir::generate(choices, *rc::gen::inRange(0u, 20u), 8);
  for (std::uint64_t i = choices.below(4) + 1; i > 0; --i)
    damage(*module, choices);
  expect_agreement(*module);
}

} // namespace
} // namespace sx::comptime::vm
