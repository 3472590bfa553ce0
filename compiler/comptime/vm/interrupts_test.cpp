// An interrupt inside any helper is taken at once, at the right place, and leaves no trace if the evaluation goes on.

#include "comptime/vm/interrupts.h"
#include "comptime/vm/testing.h"

#include <gtest/gtest.h>

namespace sx::comptime::vm {
namespace {

using testing::describe_outcome;
using testing::find_function;
using testing::ModuleHost;

// Runs every helper a few times.
constexpr std::string_view program = R"(
(file "x.sx")
(type (aggregate string 16 8 (ptr ptr 0) (len i64 8)))
(type (aggregate wide 48 8 (a (array 6 i64) 0)))
(type (aggregate trio 24 8 (x i64 0) (y i64 8) (z i64 16)))
(extern malloc (sig c (i64) ptr))
(extern strlen (sig c (ptr) i64))
(global g i64 (symbol g) (init seventy))
(global bytes (array 64 u8) (symbol bytes))
(global spare $wide (symbol spare))
(global three $trio (symbol three))
(func seventy (result i64) (body (return 70:i64)))
(func half (param x i64) (result i64) (body (return (div x 2:i64))))
(func deep (param n i64) (result i64) (body (if (eq n 0:i64) (return 0:i64) (return (add 1:i64 (call deep (sub n 1:i64)))))))
(func round (param i i64) (result i64)
  (local v (vector 3 i32)) (local w $wide) (local u $wide) (local p ptr) (local s (array 5 i32)) (local r i64)
  (local c $trio) (local q ptr)
  (body (block 1
    (store r (add (call half i) (load (global g))))
    (store v (aggregate :(vector 3 i32) (0 1:i32) (1 2:i32) (2 3:i32)))
    (store v (mul v (add v (splat :(vector 3 i32) 1:i32))))
    (store w (zero :$wide))
    (store u (load (global spare)))
    (store q (address (global three)))
    (store c (load (deref :$trio q)))
    (store r (mul r 3:i64))
    (store r (add r (load (field c 1))))
    (store (index (field w 0) i) i)
    (store s (splat :(array 5 i32) (resize :i32 i)))
    (intrinsic mem.set 0 (address (global bytes)) 65:u8 5:i64)
    (store p (call_extern malloc 16:i64))
    (store r (add r (call_extern strlen (address (global bytes)))))
    (store r (add r (call_indirect (sig () i64) (function seventy))))
    (store r (add r (call_indirect (sig c (ptr) i64) (extern strlen) (address (global bytes)))))
    (store r (add r (call deep i)))
    (return (add r (add (resize :i64 (load (index s 4:i64))) (add (load (index (field w 0) 2:i64)) (load (index (field u 0) 1:i64)))))))))
(func main (result i64) (local i i64) (local t i64) (body (block 1 (store i 0:i64) (store t 0:i64)
  (loop 2 (block 3 (if (lt i 5:i64) (zero :void) (break 2)) (store t (add (mul t 3:i64) (call round i @0:2-4)))
    (store i (add i 1:i64))) @0:30-40)
  (return t))))
(func endless (body (loop 1 (block :void 2) @0:2-20)))
)";

class InterruptTest : public ::testing::TestWithParam<Dispatch> {
protected:
  void SetUp() override {
    auto read = ir::read(program);
    ASSERT_TRUE(read) << read.error().message;
    module_ = std::move(*read);
  }
  /// A new engine each time, so that calls are linked anew.
  std::string run(std::string_view function, Interrupts* interrupts) {
    ModuleHost host(*module_);
    const auto engine = make_vm_engine(*module_, host, GetParam(), interrupts);
    host.engine = engine.get();
    return describe_outcome(engine->evaluate({find_function(*module_, function), {}, Mode::Main, {}}));
  }
  std::unique_ptr<ir::Module> module_;
};

TEST_P(InterruptTest, inside_any_helper_is_taken_and_left_without_a_trace) {
  const std::string undisturbed = run("main", nullptr);
  ASSERT_NE(undisturbed.find("repeats 5"), std::string::npos) << undisturbed;
  for (std::size_t helper = 0; helper < helper_count; ++helper) {
    int taken = 0;
    for (std::uint64_t nth = 1; nth <= 12; ++nth) {
      Interrupts interrupts;
      interrupts.set_look_distance(nth % 2 == 0 ? 1 : Interrupts::usual_distance);
      interrupts.raise_inside(static_cast<Helper>(helper), nth);
      interrupts.set_answer([&taken] {
        ++taken;
        return true;
      });
      EXPECT_EQ(run("main", &interrupts), undisturbed) << "helper " << helper << ", run " << nth;
    }
    EXPECT_GE(taken, 1) << "helper " << helper << " was never interrupted";
  }
}

TEST_P(InterruptTest, ends_the_evaluation_inside_any_helper) {
  for (std::size_t helper = 0; helper < helper_count; ++helper) {
    Interrupts interrupts;
    interrupts.set_look_distance(1);
    interrupts.raise_inside(static_cast<Helper>(helper), 1);
    const std::string outcome = run("main", &interrupts);
    EXPECT_TRUE(outcome.starts_with("failure: evaluation was interrupted")) << helper << ": " << outcome;
  }
}

TEST_P(InterruptTest, is_reported_at_the_operation) {
  Interrupts in_round;
  in_round.raise_inside(Helper::Link, 1);
  EXPECT_NE(run("main", &in_round).find("interrupted at 2 in "), std::string::npos);
}

TEST_P(InterruptTest, a_request_or_a_deadline_ends_an_endless_loop) {
  Interrupts requested, late;
  requested.request();
  late.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
  EXPECT_EQ(run("endless", &requested), "failure: evaluation was interrupted at 0 calls 0 repeats 0 bytes 0 depth 0");
  const std::string outcome = run("endless", &late);
  EXPECT_TRUE(outcome.starts_with("failure: evaluation was interrupted at 2 in ")) << outcome;
}

TEST_P(InterruptTest, an_answer_sees_samples_of_a_long_loop) {
  Interrupts interrupts;
  int samples = 0;
  interrupts.set_answer([&] {
    interrupts.request();
    return ++samples < 10;
  });
  interrupts.request();
  const std::string outcome = run("endless", &interrupts);
  EXPECT_EQ(samples, 10);
  EXPECT_TRUE(outcome.starts_with("failure: evaluation was interrupted at 2 in ")) << outcome;
}

INSTANTIATE_TEST_SUITE_P(AllLoops, InterruptTest,
                         ::testing::ValuesIn(available_dispatch().begin(), available_dispatch().end()));

} // namespace
} // namespace sx::comptime::vm
