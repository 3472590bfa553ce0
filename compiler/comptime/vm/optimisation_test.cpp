// What the bytecode compiler leaves out or fuses: the shape of the code, and programs that a wrong shortcut would
// change.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/compile.h"
#include "comptime/vm/program.h"
#include "comptime/vm/testing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx::comptime::vm {
namespace {

using testing::describe_outcome;
using testing::find_function;
using testing::ModuleHost;

constexpr std::string_view prelude = R"(
(file "x.sx")
(type (aggregate slice 16 8 (ptr ptr 0) (len i64 8)))
(type (aggregate pair 16 8 (a i64 0) (b i64 8)))
(type (aggregate padded 16 8 (a i32 0) (b i64 8)))
(global cells (array 8 i64) (symbol cells))
(global grid (array 4 (array 4 i64)) (symbol grid))
(global bad i64 (symbol bad) (init divides))
(func divides (result i64) (body (return (div 1:i64 0:i64 @0:5-6))))
(func set (param p ptr) (param v i64) (body (store (deref :i64 p) v)))
(func turn (param c ptr) (param x u32) (param n u32) (result u32) (body (block 1 (return (or (shr x n) (shl x (sub 32:u32 n)))))))
(func half (param x i64) (result i64) (body (return (div x 2:i64))))
(func quotient (param x i64) (param y i64) (result i64) (body (return (div x y))))
(func sum_to (param c i64) (param n i64) (result i64) (body
  (if (le n 0:i64) (return c) (return (add n (call sum_to c (sub n 1:i64)))))))
(func text_sum (param s $slice) (result i64) (local i i64) (local t i64) (body (block 1 (store i 0:i64) (store t 0:i64)
  (loop 2 (if (lt i (load (field s 1))) (block 3
    (store t (add t (resize :i64 (load (deref :u8 (element (load (field s 0)) i u8))))))
    (store i (add i 1:i64))) (break 2))) (return t))))
)";

struct Row {
  std::string_view name;
  std::string_view function; ///< parts after the name
  std::string_view outcome;  ///< start of `describe_outcome`
  std::string_view has = ""; ///< in the listing
  std::string_view lacks = "";
  Mode mode = Mode::Comptime;
};

constexpr Row rows[] = {
    // copies
    {"copy_in_a_loop",
     "(result i64) (local h i64) (local i i64) (local s i64) (body (block 1 (store h 0:i64) (store s 0:i64) (loop 2"
     " (block 3 (if (lt h 5:i64) (zero :void) (break 2)) (store i h) (store s (add s i)) (store h (add h 1:i64))))"
     " (return s)))",
     "[0a00000000000000] calls 1 repeats 5", "StepLtSI", "Mov"},
    {"copy_read_after_its_source_changed",
     "(result i64) (local h i64) (local i i64) (local s i64) (body (block 1 (store h 0:i64) (store s 0:i64) (loop 2"
     " (block 3 (if (lt h 5:i64) (zero :void) (break 2)) (store i h) (store h (add h 1:i64)) (store s (add s i))))"
     " (return s)))",
     "[0a00000000000000] calls 1 repeats 5", "Mov"},
    {"copy_read_in_a_loop_that_changes_the_source",
     "(result i64) (local h i64) (local i i64) (local s i64) (body (block 1 (store h 3:i64) (store s 0:i64) (store i h)"
     " (loop 2 (block 3 (store s (add s i)) (store h (sub h 1:i64)) (if (eq h 0:i64) (break 2)))) (return s)))",
     "[0900000000000000] calls 1 repeats 2"},
    {"copy_read_on_one_way_only",
     "(result i64) (local h i64) (local i i64) (body (block 1 (store h 3:i64) (store i h)"
     " (if (gt i 2:i64) (store h 9:i64) (store h i)) (return h)))",
     "[0900000000000000]"},
    {"copy_of_what_a_pointer_names",
     "(result i64) (local x $pair) (local p ptr) (local c $pair) (body (block 1 (store x (aggregate :$pair (0 3:i64)"
     " (1 4:i64))) (store p (address x)) (store c (load (deref :$pair p)))"
     " (return (add (load (field c 0)) (mul 10:i64 (load (field c 1)))))))",
     "[2b00000000000000]", "", "Copy"},
    {"copy_of_what_a_call_changes",
     "(result i64) (local x $pair) (local p ptr) (local c $pair) (body (block 1 (store x (aggregate :$pair (0 3:i64)"
     " (1 4:i64))) (store p (address x)) (store c (load (deref :$pair p))) (call set p 7:i64)"
     " (return (load (field c 0)))))",
     "[0300000000000000]"},
    {"copy_of_what_an_assignment_to_the_local_changes",
     "(result i64) (local x $pair) (local p ptr) (local c $pair) (body (block 1 (store x (aggregate :$pair (0 3:i64)"
     " (1 4:i64))) (store p (address x)) (store c (load (deref :$pair p))) (store (field x 0) 7:i64)"
     " (return (load (field c 0)))))",
     "[0300000000000000]"},
    {"copy_into_what_it_came_from",
     "(result $pair) (local x $pair) (local p ptr) (local c $pair) (body (block 1 (store x (aggregate :$pair (0 3:i64)"
     " (1 4:i64))) (store p (address x)) (store c (load (deref :$pair p)))"
     " (store x (aggregate :$pair (0 (load (field c 1))) (1 (load (field c 0))))) (return x)))",
     "[04000000000000000300000000000000]"},
    {"copy_from_null_fails_where_it_is_made",
     "(result i64) (local p ptr) (local c $pair) (body (block 1 (store p (zero :ptr))"
     " (store c (load (deref :$pair p)) @0:5-9) (return (load (field c 1) @0:20-22))))",
     "failure: access through a null pointer at 5"},
    {"unused_copy_from_null_fails",
     "(result i64) (local p ptr) (local c $pair) (local q i64) (body (block 1 (store p (zero :ptr))"
     " (store c (load (deref :$pair p)) @0:5-9) (if (eq q 7:i64) (return (load (field c 0)))) (return 1:i64)))",
     "failure: access through a null pointer at 5"},
    {"updates_that_nothing_reads",
     "(result i64) (local n i64) (local i i64) (body (block 1 (store n 0:i64) (store i 0:i64) (loop 2 (block 3"
     " (if (lt i 9:i64) (zero :void) (break 2)) (store n (add n 1:i64)) (store i (add i 1:i64)))) (return i)))",
     "[0900000000000000] calls 1 repeats 9", "0: ConstI r1 0\n1: JmpGeSI r1 9 @3\n2: StepLtSI r1 9 @2\n3: Ret r1"},
    {"an_unread_value_that_fails",
     "(result i64) (local n i64) (local z i64) (body (block 1 (store z 0:i64) (store n (div 1:i64 z @0:4-5))"
     " (return 3:i64)))",
     "failure: division by zero at 4"},
    // split aggregates
    {"split_swap",
     "(result i64) (local p $pair) (body (block 1 (store p (aggregate :$pair (0 1:i64) (1 2:i64)))"
     " (store p (aggregate :$pair (0 (load (field p 1))) (1 (load (field p 0)))))"
     " (return (add (load (field p 0)) (mul 10:i64 (load (field p 1)))))))",
     "[0c00000000000000]"},
    {"split_stays_in_registers",
     "(param n i64) (result i64) (local p $pair) (body (block 1 (store p (aggregate :$pair (0 n) (1 2:i64)))"
     " (return (add (load (field p 0)) (load (field p 1))))))",
     "", "Add64", "Store"},
    {"split_from_its_own_pointer",
     "(result i64) (local x $slice) (local s $slice) (body (block 1 (store x (aggregate :$slice (0 (zero :ptr)) (1 "
     "5:i64)))"
     " (store s (aggregate :$slice (0 (address x)) (1 1:i64))) (store s (load (deref :$slice (load (field s 0)))))"
     " (return (load (field s 1)))))",
     "[0500000000000000]"},
    {"split_parameter",
     "(result i64) (body (return (call text_sum (aggregate :$slice (0 (data :ptr \"abc\")) (1 3:i64)))))",
     "[2601000000000000] calls 2 repeats 3"},
    {"split_written_whole_to_memory",
     "(result $pair) (local p $pair) (body (block 1 (store p (zero :$pair)) (store (field p 1) 6:i64)"
     " (store (field p 0) (add (load (field p 1)) 1:i64)) (return p)))",
     "[07000000000000000600000000000000]"},
    {"padding_is_kept",
     "(result u8) (local x i64) (local p ptr) (local s $padded) (local t $padded) (body (block 1"
     " (store s (aggregate :$padded (0 1:i32) (1 2:i64))) (store p (address s))"
     " (store (deref :u8 (element p 5:i64 u8)) 9:u8) (store t (load s)) (store (field t 0) 3:i32)"
     " (store (deref :$padded p) (load t)) (return (load (deref :u8 (element p 5:i64 u8))))))",
     "[09]"},
    // calls
    {"inlined_calls_count",
     "(param x u32) (result u32) (body (return (xor (call turn (zero :ptr) x 7:u32) (call turn (zero :ptr) x 9:u32))))",
     "", "RotR32", "CallLink"},
    {"rotation",
     "(result u32) (local x u32) (body (block 1 (store x 2147483653:u32) (store x (call turn (zero :ptr) x 1:u32))"
     " (return x)))",
     "[020000c0] calls 2 repeats 0 bytes 0 depth 2"},
    {"rotation_by_nothing_is_two_shifts",
     "(result u32) (local x u32) (body (block 1 (store x 5:u32) (return (call turn (zero :ptr) x 0:u32))))",
     "[05000000] calls 2", "CountCall", "RotR"},
    {"inlined_argument_that_changes_another",
     "(result u32) (local x u32) (body (block 1 (store x 16:u32) (return (call turn (zero :ptr) x"
     " (block :u32 2 (store x 99:u32) 4:u32)))))",
     "[01000000]"},
    {"what_may_fail_is_not_inlined", "(result i64) (body (return (call quotient 1:i64 0:i64 @0:5-9)))",
     "failure: division by zero at 0 in 4@5", "CallLink", "CountCall"},
    {"division_by_a_constant_is_inlined", "(result i64) (body (return (call half -7:i64)))", "[fdffffffffffffff]",
     "CountCall"},
    {"context_that_an_argument_changes",
     "(param c i64) (result i64) (body (return (call sum_to c (block :i64 2 (store c 50:i64) 2:i64))))", "",
     "CallLink ", "CallLinkC"},
    {"recursion_passes_the_context", "(result i64) (body (return (call sum_to 100:i64 4:i64)))",
     "[6e00000000000000] calls 6 repeats 0 bytes 0 depth 6"},
    // globals and addresses
    {"globals_in_loops",
     "(result i64) (local i i64) (local k i64) (local s i64) (body (block 1 (store i 0:i64) (store s 0:i64) (loop 2"
     " (block 3 (if (lt i 4:i64) (zero :void) (break 2)) (store k 0:i64) (loop 4 (block 5"
     " (if (lt k 4:i64) (zero :void) (break 4)) (store (index (index (global grid) i) k) (add i k))"
     " (store s (add s (load (index (index (global grid) i) k)))) (store k (add k 1:i64))))"
     " (store i (add i 1:i64)))) (return s)))",
     "[3000000000000000] calls 1 repeats 20", "Lea", "", Mode::Main},
    {"a_loop_that_changes_the_index",
     "(result i64) (local i i64) (local s i64) (body (block 1 (store i 0:i64) (store s 0:i64)"
     " (store (index (index (global grid) 2:i64) 1:i64) 5:i64) (loop 2"
     " (block 3 (if (lt i 4:i64) (zero :void) (break 2)) (store s (add s (load (index (index (global grid) i) 1:i64))))"
     " (store i (add i 1:i64)))) (return s)))",
     "[0500000000000000]", "", "", Mode::Main},
    {"a_failing_global_that_is_not_reached",
     "(result i64) (local i i64) (body (block 1 (store i 0:i64) (loop 2 (block 3 (if (lt i 3:i64) (zero :void) (break "
     "2))"
     " (if (gt i 5:i64) (store i (load (global bad)))) (store i (add i 1:i64)))) (return i)))",
     "[0300000000000000]"},
    {"neighbours_of_an_element",
     "(result i64) (local i i64) (body (block 1 (store (index (global cells) 2:i64) 5:i64)"
     " (store (index (global cells) 4:i64) 7:i64) (store i 3:i64)"
     " (return (add (load (index (global cells) (sub i 1:i64)))"
     " (mul 10:i64 (load (index (global cells) (add i 1:i64))))))))",
     "[4b00000000000000]", "LoadE64", "AddI64", Mode::Main},
    {"an_index_that_wraps",
     "(result i64) (local a (array 300 u8)) (local i u8) (body (block 1 (store a (zero :(array 300 u8)))"
     " (store (index a 1:i64) 6:u8) (store i 255:u8) (return (resize :i64 (load (index a (add i 2:u8)))))))",
     "[0600000000000000]"},
    // arithmetic and tests
    {"even_and_odd",
     "(result i64) (local n i64) (local r i64) (body (block 1 (store n -3:i64) (store r 0:i64) (loop 2 (block 3"
     " (if (eq (rem n 2:i64) 0:i64) (store r (add r 1:i64))) (if (ne (rem n 4:i64) 0:i64) (store r (add r 10:i64)))"
     " (if (eq n 4:i64) (break 2)) (store n (add n 1:i64)))) (return r)))",
     "[4000000000000000]", "JmpBits"},
    {"a_step_that_a_jump_skips",
     "(result i64) (local i i64) (local n i64) (body (block 1 (store i 0:i64) (store n 0:i64) (loop 2 (block 3"
     " (if (lt i 3:i64) (zero :void) (break 2)) (store n (add n 1:i64)) (if (lt n 3:i64) (continue 2))"
     " (store i (add i 1:i64)))) (return n)))",
     "[0500000000000000] calls 1 repeats 5", "", "StepLt"},
    {"products_round_before_they_are_added",
     "(result f64) (local a f64) (local b f64) (local s f64) (body (block 1 (store a 134217729.0:f64) (store b "
     "134217727.0:f64)"
     " (store s -18014398509481984.0:f64) (store s (add s (mul a b))) (return s)))",
     "[0000000000000000]", "AddMulF64"},
    {"a_difference_of_a_product",
     "(result f64) (local a f64) (local s f64) (body (block 1 (store a 3.0:f64) (store s 10.0:f64)"
     " (store s (sub s (mul a a))) (return s)))",
     "[000000000000f03f]", "SubMulF64"},
    {"a_store_takes_the_low_bytes",
     "(result u16) (local x i64) (local p ptr) (local b (array 4 u8)) (body (block 1 (store b (zero :(array 4 u8)))"
     " (store x 4660:i64) (store (index b (rem x 2:i64)) (resize :u8 x)) (store x 1:i64)"
     " (return (resize :u16 (load (index b (sub x 1:i64)))))))",
     "[3400]", "", "ZExt"},
};

std::string listing(ir::Module& module, Host& host, ir::FuncId function, Mode mode) {
  Program program(module, host);
  const auto code = program.function(function, mode);
  return code ? disassemble(**code) : describe(code.error());
}

TEST(Optimisations, change_the_code_and_nothing_else) {
  std::string text(prelude);
  for (const Row& row : rows)
    text += "(func " + std::string(row.name) + " (symbol \"test." + std::string(row.name) + "\") " +
            std::string(row.function) + ")\n";
  auto module = ir::read(text);
  ASSERT_TRUE(module) << module.error().line << ":" << module.error().column << " " << module.error().message;
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.name));
    const ir::FuncId function = find_function(**module, "test." + std::string(row.name));
    ModuleHost host(**module);
    const std::string code = listing(**module, host, function, row.mode);
    EXPECT_NE(code.find(row.has), std::string::npos) << code;
    if (!row.lacks.empty()) {
      EXPECT_EQ(code.find(row.lacks), std::string::npos) << code;
    }
    if (row.outcome.empty())
      continue;
    for (const Dispatch dispatch : available_dispatch()) {
      const auto engine = make_vm_engine(**module, host, dispatch);
      host.engine = engine.get();
      const std::string outcome = describe_outcome(engine->evaluate({function, {}, row.mode, {}}));
      EXPECT_EQ(outcome.substr(0, row.outcome.size()), row.outcome) << outcome << "\n" << code;
    }
  }
}

// A call that is inlined meets each limit where the call would, and leaves the same counts.
TEST(Optimisations, inlined_calls_meet_the_limits) {
  std::string text(prelude);
  text += "(func once (param x i64) (result i64) (body (return (call half x))))"
          "(func nest (result i64) (body (return (add (call half 8:i64 @0:3-4) (call once 6:i64 @0:7-8)))))";
  auto module = ir::read(text);
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  Limits calls, depth, frames;
  calls.calls = 1;
  depth.depth = 2;
  frames.frame_bytes = 8;
  const std::pair<Limits, std::string_view> cases[] = {
      {{}, "[0700000000000000] calls 4 repeats 0 bytes 0 depth 3"},
      {calls, "failure: step limit exceeded at 3 in "},
      {depth, "failure: recursion limit exceeded at "},
      {frames, "failure: allocation limit exceeded: locals of `half` at 0 in "},
  };
  for (const Dispatch dispatch : available_dispatch()) {
    const auto engine = make_vm_engine(**module, host, dispatch);
    for (const auto& [limits, expected] : cases) {
      const std::string outcome =
          describe_outcome(engine->evaluate({find_function(**module, "nest"), {}, Mode::Comptime, limits}));
      EXPECT_EQ(outcome.substr(0, expected.size()), expected) << outcome;
    }
  }
}

RC_GTEST_PROP(Reciprocal, divides_like_the_machine, ()) {
  const auto wide = [] {
    const auto bits = *rc::gen::inRange(2u, 64u);
    return *rc::gen::arbitrary<std::uint64_t>() >> (64 - bits);
  };
  const std::uint64_t divisor = std::max<std::uint64_t>(wide(), 3);
  const Reciprocal reciprocal = reciprocal_of(as_signed(divisor));
  const std::uint64_t near = divisor * (*rc::gen::arbitrary<std::uint64_t>() % 1000);
  for (const std::uint64_t base : {wide(), near, std::uint64_t{0}, std::uint64_t{1} << 63})
    for (const std::uint64_t x : {base - 1, base, base + 1, 0 - base})
      RC_ASSERT(as_signed(divide_by(x, reciprocal.factor, reciprocal.shift)) == as_signed(x) / as_signed(divisor));
}

TEST(Profile, counts_what_was_executed) {
  auto module = ir::read("(func f (result i64) (local i i64) (body (block 1 (store i 0:i64)"
                         " (loop 2 (block 3 (if (lt i 10:i64) (zero :void) (break 2)) (store i (add i 1:i64))))"
                         " (return i))))");
  ASSERT_TRUE(module) << module.error().message;
  ModuleHost host(**module);
  Profile profile;
  const auto engine = make_counting_engine(**module, host, profile);
  engine->evaluate({ir::FuncId(std::size_t{0}), {}, Mode::Comptime, {}});
  EXPECT_EQ(profile.total(), 14u) << profile.text(); // set, test, ten steps, return, halt
  EXPECT_NE(profile.text().find("StepLtSI"), std::string::npos);
}

} // namespace
} // namespace sx::comptime::vm
