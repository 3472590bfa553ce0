// Behaviour of the engine on hand-built programs.

#include "comptime/limits.h"
#include "comptime/reference/testing.h"

#include <gtest/gtest.h>

namespace sx::comptime {
namespace {

using ir::BinaryOp;
using ir::Builder;
using ir::CompareOp;
using ir::ConvertOp;
using ir::Intrinsic;
using ir::LocalId;
using ir::NodeId;
using ir::TypeId;
using testing::Program;
using testing::reason_of;
using testing::word_of;

// Type rows that most programs use.
struct Types {
  explicit Types(ir::Module& module) {
    ir::Function scratch;
    Builder b(module, scratch);
    nothing = b.void_type();
    never = b.never_type();
    boolean = b.bool_type();
    i64 = b.int_type(64, true);
    u64 = b.int_type(64, false);
    i32 = b.int_type(32, true);
    u8 = b.int_type(8, false);
    f64 = b.float_type(64);
    pointer = b.pointer_type();
    code = b.code_type();
    string = b.string_type();
  }
  TypeId nothing, never, boolean, i64, u64, i32, u8, f64, pointer, code, string;
};

struct Engine : ::testing::Test {
  Program p;
  Types t{p.module};

  NodeId num(Builder& b, std::int64_t value) { return b.const_int(t.i64, static_cast<std::uint64_t>(value)); }

  /// Runs `fill` as the body of `main() -> result`; it returns the nodes of the body.
  template <class Fill> Outcome evaluate(TypeId result, Fill fill, Mode mode = Mode::Comptime, Limits limits = {}) {
    const auto main = p.declare("main", {}, result);
    auto b = p.build(main);
    Program::body(b, fill(b));
    return p.run(main, mode, limits);
  }
  /// The detail of the undefined behaviour that the body has.
  template <class Fill> std::string undefined(Fill fill) {
    const Outcome outcome = evaluate(t.i64, fill);
    EXPECT_EQ(outcome.verdict, Verdict::Undefined);
    return outcome.failure ? outcome.failure->detail : "no failure";
  }
  ir::FuncId recursive(std::string_view name) {
    const auto f = p.declare(name, {t.i64}, t.i64);
    auto b = p.build(f);
    const NodeId zero = b.compare(CompareOp::Le, b.load(b.local(LocalId(0))), num(b, 0));
    const NodeId stop = b.return_(num(b, 0));
    const NodeId less = b.binary(BinaryOp::Sub, b.load(b.local(LocalId(0))), num(b, 1));
    const NodeId deeper = b.binary(BinaryOp::Add, b.call(f, std::vector{less}), num(b, 1));
    Program::body(b, {b.if_(zero, stop, b.return_(deeper), t.never)});
    return f;
  }
  /// `main` calls `f(n)`.
  Outcome call_with(ir::FuncId f, std::int64_t n, Limits limits = {}) {
    return evaluate(
        t.i64, [&](Builder& b) { return std::vector{b.return_(b.call(f, std::vector{num(b, n)}))}; }, Mode::Comptime,
        limits);
  }
};

// ---- values and control ----

TEST_F(Engine, ReturnsAScalar) {
  const Outcome outcome = evaluate(
      t.i64, [&](Builder& b) { return std::vector{b.return_(b.binary(BinaryOp::Mul, num(b, 6), num(b, 7)))}; });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(word_of(outcome), 42u);
  EXPECT_EQ(outcome.verdict, Verdict::Defined);
  EXPECT_EQ(outcome.image->type, t.i64);
  EXPECT_EQ(outcome.counters, (Counters{1, 0, 0, 1}));
}

TEST_F(Engine, LoopsCountBackEdges) {
  // i := 0; loop { if i == 10 break; i += 1; }
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId i = b.add_local(p.module.strings.intern("i"), t.i64);
    const auto label = b.new_label();
    const NodeId init = b.store(b.local(i), num(b, 0));
    const NodeId done = b.if_(b.compare(CompareOp::Eq, b.load(b.local(i)), num(b, 10)), b.break_(label), {}, t.nothing);
    const NodeId next = b.binary(BinaryOp::Add, b.load(b.local(i)), num(b, 1));
    const NodeId body = b.block(b.new_label(), t.nothing, std::vector{done, b.store(b.local(i), next)});
    const NodeId loop = b.loop(label, t.nothing, body);
    return std::vector{init, loop, b.return_(b.load(b.local(i)))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(word_of(outcome), 10u);
  EXPECT_EQ(outcome.counters.back_edges, 10u);
}

TEST_F(Engine, BlocksGiveTheValueOfABreak) {
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const auto label = b.new_label();
    const NodeId broken = b.if_(b.const_bool(true), b.break_(label, num(b, 5)), {}, t.nothing);
    return std::vector{b.return_(b.block(label, t.i64, std::vector{broken, num(b, 6)}))};
  });
  EXPECT_EQ(word_of(outcome), 5u) << reason_of(outcome);
}

TEST_F(Engine, SwitchWithoutMatchingArmIsZero) {
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const NodeId subject = num(b, -3);
    const Builder::Case cases[] = {{1, num(b, 10)}};
    return std::vector{b.return_(b.switch_(subject, cases, {}, t.i64))};
  });
  EXPECT_EQ(word_of(outcome), 0u) << reason_of(outcome);
  const Outcome second = evaluate(t.i64, [&](Builder& b) {
    const NodeId subject = num(b, -3);
    const Builder::Case cases[] = {{1, num(b, 10)}, {static_cast<std::uint64_t>(-3), num(b, 11)}};
    return std::vector{b.return_(b.switch_(subject, cases, num(b, 12), t.i64))};
  });
  EXPECT_EQ(word_of(second), 11u) << reason_of(second);
}

TEST_F(Engine, VectorsWorkLaneByLane) {
  ir::Function scratch;
  const TypeId vector = Builder(p.module, scratch).vector_type(t.u8, 3);
  const Outcome outcome = evaluate(vector, [&](Builder& b) {
    const NodeId two = b.splat(vector, b.const_int(t.u8, 200));
    const Builder::Init inits[] = {{0, b.const_int(t.u8, 100)}, {2, b.const_int(t.u8, 1)}};
    return std::vector{b.return_(b.binary(BinaryOp::Add, two, b.aggregate(vector, inits)))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(outcome.image->objects[0].bytes, (std::vector<std::uint8_t>{44, 200, 201, 0}));
}

TEST_F(Engine, LoadedAggregatesAreValues) {
  ir::Function scratch;
  const TypeId array = Builder(p.module, scratch).array_type(t.i64, 2);
  const Outcome outcome = evaluate(array, [&](Builder& b) {
    const LocalId a = b.add_local({}, array), copy = b.add_local({}, array);
    const NodeId init = b.store(b.local(a), b.splat(array, num(b, 1)));
    const NodeId saved = b.store(b.local(copy), b.load(b.local(a)));
    const NodeId changed = b.store(b.index(b.local(a), num(b, 0)), num(b, 9));
    return std::vector{init, saved, changed, b.return_(b.load(b.local(copy)))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(word_of(outcome), 1u);
}

TEST_F(Engine, StoresEvaluateTheValueFirst) {
  // a[f()] = g(): g's output comes first.
  const auto say = [&](std::string_view name, char c) {
    const auto f = p.declare(name, {}, t.i64);
    auto b = p.build(f);
    const auto putchar = p.add_extern("putchar", b.signature_type(std::vector{t.i32}, t.i32, ir::CallConv::C));
    const NodeId out = b.call_extern(putchar, std::vector{b.const_int(t.i32, static_cast<std::uint64_t>(c))});
    Program::body(b, {out, b.return_(num(b, 1))});
    return f;
  };
  const auto f = say("f", 'f'), g = say("g", 'g');
  ir::Function scratch;
  const TypeId array = Builder(p.module, scratch).array_type(t.i64, 2);
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId a = b.add_local({}, array);
    const NodeId value = b.call(g, {});
    const NodeId place = b.index(b.local(a), b.call(f, {}));
    const NodeId store = b.store(place, value);
    const NodeId result = b.load(b.index(b.local(a), num(b, 1)));
    return std::vector{store, b.return_(result)};
  });
  EXPECT_EQ(word_of(outcome), 1u) << reason_of(outcome);
  EXPECT_EQ(p.host.out, "gf");
}

TEST_F(Engine, FunctionValuesAreCalledThroughTheirAddress) {
  const auto f = p.declare("double", {t.i64}, t.i64);
  auto fb = p.build(f);
  Program::body(fb,
                {fb.return_(fb.binary(BinaryOp::Add, fb.load(fb.local(LocalId(0))), fb.load(fb.local(LocalId(0)))))});
  const TypeId signature = p.module.function(f).signature;
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const NodeId callee = b.const_function(f);
    return std::vector{b.return_(b.call_indirect(signature, callee, std::vector{num(b, 21)}))};
  });
  EXPECT_EQ(word_of(outcome), 42u) << reason_of(outcome);
  const Outcome null = evaluate(t.i64, [&](Builder& b) {
    const NodeId callee = b.zero(t.code);
    return std::vector{b.return_(b.call_indirect(signature, callee, std::vector{num(b, 21)}))};
  });
  EXPECT_EQ(null.failure->reason, Reason::NullFunction);
  EXPECT_EQ(null.verdict, Verdict::Defined);
}

TEST_F(Engine, BodiesAreLoweredOnDemand) {
  const auto f = p.declare("later", {}, t.i64);
  int asked = 0;
  p.host.on_body = [&](ir::FuncId id) {
    EXPECT_EQ(id, f);
    ++asked;
    auto b = p.build(f);
    Program::body(b, {b.return_(num(b, 8))});
    return true;
  };
  const auto twice = [&](Builder& b) { return std::vector{b.call(f, {}), b.return_(b.call(f, {}))}; };
  EXPECT_EQ(word_of(evaluate(t.i64, twice)), 8u);
  EXPECT_EQ(asked, 1);
  const auto missing = p.declare("missing", {}, t.i64);
  p.host.on_body = {};
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) { return std::vector{b.return_(b.call(missing, {}))}; });
  EXPECT_EQ(outcome.failure->reason, Reason::Dependency);
}

TEST_F(Engine, ArgumentsComeFromImages) {
  const auto f = p.declare("f", {t.i64, t.pointer}, t.i64);
  auto b = p.build(f);
  const NodeId pointed = b.load(b.deref(b.load(b.local(LocalId(1))), t.i64));
  Program::body(b, {b.return_(b.binary(BinaryOp::Add, b.load(b.local(LocalId(0))), pointed))});
  ir::FoldImage first{t.i64, {{8, {2, 0, 0, 0, 0, 0, 0, 0}, {}}}};
  ir::FoldImage second{t.pointer,
                       {{8, std::vector<std::uint8_t>(8), {{0, ir::Relocation::Kind::Object, 1, 8}}},
                        {8, {1, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0}, {}}}};
  const std::vector<ir::FoldImage> arguments{first, second};
  const Outcome outcome = p.run(f, Mode::Comptime, {}, arguments);
  EXPECT_EQ(word_of(outcome), 42u) << reason_of(outcome);
}

// ---- failures ----

TEST_F(Engine, FailuresCarryTheCallChain) {
  const auto bad = p.declare("bad", {}, t.i64);
  auto bb = p.build(bad);
  const FileId file(0);
  p.module.files.push_back("demo.sx");
  bb.set_span({file, 10, 20});
  Program::body(bb, {bb.return_(bb.binary(BinaryOp::Div, num(bb, 1), num(bb, 0)))});
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    b.set_span({file, 30, 35});
    return std::vector{b.return_(b.call(bad, {}))};
  });
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, Reason::DivisionByZero);
  EXPECT_EQ(outcome.failure->span, (Span{file, 10, 20}));
  ASSERT_EQ(outcome.failure->calls.size(), 2u);
  EXPECT_EQ(outcome.failure->calls[0].function, bad);
  EXPECT_EQ(outcome.failure->calls[0].call, (Span{file, 30, 35}));
  EXPECT_FALSE(outcome.failure->calls[1].call.valid());
  EXPECT_EQ(outcome.verdict, Verdict::Defined);
}

TEST_F(Engine, TrapsDependOnTheMode) {
  struct Case {
    ir::TrapKind kind;
    Reason reason;
    std::string_view out, err, detail;
  };
  const Case cases[] = {
      {ir::TrapKind::NullUnwrap, Reason::NullUnwrap, "", "boom\n", ""},
      {ir::TrapKind::FailedAssertion, Reason::FailedAssertion, "boom\n", "", "boom"},
  };
  for (const Case& c : cases) {
    const auto trap = [&](Builder& b) { return std::vector{b.trap(c.kind, "boom\n")}; };
    const Outcome comptime = evaluate(t.i64, trap);
    EXPECT_EQ(comptime.failure->reason, c.reason);
    EXPECT_EQ(comptime.failure->detail, c.detail);
    EXPECT_EQ(p.host.out + p.host.err, "");
    const Outcome main = evaluate(t.i64, trap, Mode::Main);
    EXPECT_EQ(main.exit_code, 1);
    EXPECT_FALSE(main.failure);
    EXPECT_EQ(p.host.out, c.out);
    EXPECT_EQ(p.host.err, c.err);
    p.host.out.clear(), p.host.err.clear();
  }
  const auto end = [&](Builder& b) { return std::vector{b.trap(ir::TrapKind::Unreachable, "")}; };
  EXPECT_EQ(evaluate(t.i64, end, Mode::Main).failure->reason, Reason::Unreachable);
}

TEST_F(Engine, TrapsMayHaveNoText) {
  const auto silent = [&](Builder& b) {
    ir::Node node;
    node.op = ir::Op::Trap;
    node.type = t.never;
    node.a = ir::none;
    return std::vector{b.append(node)};
  };
  EXPECT_EQ(evaluate(t.i64, silent).failure->reason, Reason::Unreachable);
}

TEST_F(Engine, PoisonFailsWhenReached) {
  const Outcome outcome =
      evaluate(t.i64, [&](Builder& b) { return std::vector{b.poison("unknown name `x`", t.never)}; });
  EXPECT_EQ(outcome.failure->detail, "unknown name `x`");
  const Outcome skipped = evaluate(t.i64, [&](Builder& b) {
    return std::vector{b.if_(b.const_bool(true), b.return_(num(b, 1)), b.poison("bad", t.never), t.never)};
  });
  EXPECT_TRUE(skipped.image);
}

TEST_F(Engine, MathIntrinsicsAreForMainOnly) {
  const auto root = [&](Builder& b) {
    const NodeId x = b.const_float(t.f64, std::bit_cast<std::uint64_t>(2.25));
    return std::vector{b.return_(b.intrinsic(Intrinsic::Sqrt, 0, t.f64, std::vector{x}))};
  };
  const Outcome comptime = evaluate(t.f64, root);
  EXPECT_EQ(reason_of(comptime), "unsupported operation at compile time: `sqrt`");
  EXPECT_EQ(comptime.verdict, Verdict::Unsupported);
  EXPECT_EQ(word_of(evaluate(t.f64, root, Mode::Main)), std::bit_cast<std::uint64_t>(1.5));
}

TEST_F(Engine, AssemblyIsNeverEvaluated) {
  p.module.assemblies.push_back({p.module.strings.intern("nop"), p.module.strings.intern(""), true, {}});
  for (const Mode mode : {Mode::Comptime, Mode::Main}) {
    const Outcome outcome = evaluate(
        t.i64, [&](Builder& b) { return std::vector{b.return_(b.intrinsic(Intrinsic::Asm, 0, t.i64, {}))}; }, mode);
    EXPECT_EQ(reason_of(outcome), "unsupported operation at compile time: `asm`");
    EXPECT_EQ(outcome.verdict, Verdict::Unsupported);
  }
}

// ---- limits ----

TEST_F(Engine, DepthStopsExactlyAtTheLimit) {
  const auto f = recursive("f");
  Limits limits;
  limits.depth = 600;
  const Outcome fits = call_with(f, 598, limits); // main, f(598) ... f(0)
  EXPECT_EQ(word_of(fits), 598u) << reason_of(fits);
  EXPECT_EQ(fits.counters.max_depth, 600u);
  const Outcome over = call_with(f, 599, limits);
  ASSERT_TRUE(over.failure);
  EXPECT_EQ(over.failure->reason, Reason::DepthLimit);
  EXPECT_EQ(over.verdict, Verdict::Limit);
  EXPECT_EQ(over.counters.max_depth, 600u);
  EXPECT_EQ(over.counters.calls, 600u);
  EXPECT_EQ(over.failure->calls.size(), 600u);
}

TEST_F(Engine, DefaultDepthIsReachable) {
  const auto f = recursive("f");
  const Outcome outcome = call_with(f, 4094);
  EXPECT_EQ(word_of(outcome), 4094u) << reason_of(outcome);
}

TEST_F(Engine, CallsAndBackEdgesAreBudgeted) {
  const auto f = recursive("f");
  Limits limits;
  limits.calls = 12;
  EXPECT_EQ(word_of(call_with(f, 10, limits)), 10u);
  EXPECT_EQ(call_with(f, 11, limits).failure->reason, Reason::StepLimit);

  limits = {};
  limits.back_edges = 1000;
  const Outcome outcome = evaluate(
      t.i64,
      [&](Builder& b) { return std::vector{b.loop(b.new_label(), t.never, b.block(b.new_label(), t.nothing, {}))}; },
      Mode::Comptime, limits);
  EXPECT_EQ(outcome.failure->reason, Reason::StepLimit);
  EXPECT_EQ(outcome.counters.back_edges, 1000u);
}

TEST_F(Engine, FrameBytesAreBounded) {
  ir::Function scratch;
  const TypeId big = Builder(p.module, scratch).array_type(t.u8, 1 << 20);
  const auto f = p.declare("f", {t.i64}, t.i64);
  auto b = p.build(f);
  b.add_local({}, big);
  Program::body(b, {b.return_(b.call(f, std::vector{num(b, 1)}))});
  Limits limits;
  limits.frame_bytes = 10 * (frame_cost(p.module, p.module.function(f)));
  const Outcome outcome = call_with(f, 1, limits);
  EXPECT_EQ(outcome.failure->reason, Reason::AllocationLimit);
  EXPECT_EQ(outcome.counters.calls, 11u);
}

TEST_F(Engine, ManyCallsRunInConstantMemory) {
  const auto f = p.declare("f", {}, t.i64);
  auto fb = p.build(f);
  ir::Function scratch;
  const TypeId big = Builder(p.module, scratch).array_type(t.u8, 1 << 16);
  const LocalId buffer = fb.add_local({}, big);
  Program::body(fb, {fb.store(fb.local(buffer), fb.zero(big)), fb.return_(num(fb, 1))});
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId i = b.add_local({}, t.i64);
    const auto label = b.new_label();
    const NodeId init = b.store(b.local(i), num(b, 0));
    const NodeId done =
        b.if_(b.compare(CompareOp::Eq, b.load(b.local(i)), num(b, 30'000)), b.break_(label), {}, t.nothing);
    const NodeId sum = b.binary(BinaryOp::Add, b.load(b.local(i)), b.call(f, {}));
    const NodeId body = b.block(b.new_label(), t.nothing, std::vector{done, b.store(b.local(i), sum)});
    const NodeId loop = b.loop(label, t.nothing, body);
    return std::vector{init, loop, b.return_(b.load(b.local(i)))};
  });
  EXPECT_EQ(word_of(outcome), 30'000u) << reason_of(outcome);
}

// ---- undefined behaviour ----

TEST_F(Engine, NamesReadsOfUndefinedBytes) {
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId x = b.add_local(p.module.strings.intern("x"), t.i64);
              return std::vector{b.return_(b.load(b.local(x)))};
            }),
            "read of 8 bytes at offset 0: byte 0 of local `x` of `main` (8 bytes) is undefined");
  EXPECT_EQ(undefined([&](Builder& b) {
              return std::vector{b.return_(b.binary(BinaryOp::Add, b.undefined(t.i64), num(b, 1)))};
            }),
            "use of an undefined value");
}

TEST_F(Engine, CopiesOfUndefinedBytesAreAllowed) {
  ir::Function scratch;
  const TypeId array = Builder(p.module, scratch).array_type(t.i64, 2);
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId a = b.add_local({}, array), c = b.add_local({}, array);
    const NodeId init = b.store(b.index(b.local(a), num(b, 1)), num(b, 3));
    const NodeId copy = b.store(b.local(c), b.load(b.local(a)));
    return std::vector{init, copy, b.return_(b.load(b.index(b.local(c), num(b, 1))))};
  });
  EXPECT_EQ(word_of(outcome), 3u) << reason_of(outcome);
}

TEST_F(Engine, NamesAccessesOutsideOfObjects) {
  ir::Function scratch;
  const TypeId array = Builder(p.module, scratch).array_type(t.i64, 4);
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId a = b.add_local(p.module.strings.intern("a"), array);
              const NodeId init = b.store(b.local(a), b.zero(array));
              return std::vector{init, b.return_(b.load(b.index(b.local(a), num(b, 4))))};
            }),
            "index 4 outside of an array of 4 in local `a` of `main` (32 bytes)");
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId a = b.add_local(p.module.strings.intern("a"), array);
              const NodeId init = b.store(b.local(a), b.zero(array));
              const NodeId end = b.address_of(b.index(b.local(a), num(b, 4))); // one past the end is fine
              return std::vector{init, b.return_(b.load(b.deref(end, t.i64)))};
            }),
            "read of 8 bytes at offset 32 of local `a` of `main` (32 bytes)");
}

TEST_F(Engine, NamesDanglingPointers) {
  const auto f = p.declare("f", {}, t.pointer);
  auto fb = p.build(f);
  const LocalId x = fb.add_local(p.module.strings.intern("x"), t.i64);
  Program::body(fb, {fb.store(fb.local(x), num(fb, 1)), fb.return_(fb.address_of(fb.local(x)))});
  EXPECT_EQ(undefined([&](Builder& b) { return std::vector{b.return_(b.load(b.deref(b.call(f, {}), t.i64)))}; }),
            "read of 8 bytes at offset 0 of local `x` of `f` (8 bytes), whose life has ended");
}

TEST_F(Engine, ALocalStartedAgainIsAnotherObject) {
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId x = b.add_local(p.module.strings.intern("x"), t.i64);
              const LocalId q = b.add_local(p.module.strings.intern("q"), t.pointer);
              const NodeId first = b.store(b.local(x), num(b, 1));
              const NodeId taken = b.store(b.local(q), b.address_of(b.local(x)));
              const NodeId again = b.local_start(x);
              const NodeId second = b.store(b.local(x), num(b, 2));
              const NodeId read = b.load(b.deref(b.load(b.local(q)), t.i64));
              return std::vector{first, taken, again, second, b.return_(read)};
            }),
            "read of 8 bytes at offset 0 of local `x` of `main` (8 bytes), whose life has ended");
}

struct Heap : Engine {
  ir::ExternId malloc, free;
  Heap() {
    ir::Function scratch;
    Builder b(p.module, scratch);
    malloc = p.add_extern("malloc", b.signature_type(std::vector{t.i64}, t.pointer, ir::CallConv::C));
    free = p.add_extern("free", b.signature_type(std::vector{t.pointer}, t.nothing, ir::CallConv::C));
  }
  NodeId allocate(Builder& b, std::int64_t size) { return b.call_extern(malloc, std::vector{num(b, size)}); }
  NodeId release(Builder& b, NodeId pointer) { return b.call_extern(free, std::vector{pointer}); }
};

TEST_F(Heap, BlocksAreZeroedAndCounted) {
  const Outcome outcome =
      evaluate(t.i64, [&](Builder& b) { return std::vector{b.return_(b.load(b.deref(allocate(b, 24), t.i64)))}; });
  EXPECT_EQ(word_of(outcome), 0u) << reason_of(outcome);
  EXPECT_EQ(outcome.counters.allocated_bytes, allocation_cost(24));
}

TEST_F(Heap, NamesUseAfterFreeAndDoubleFree) {
  const auto freed = [&](Builder& b, bool again) {
    const LocalId q = b.add_local({}, t.pointer);
    const NodeId made = b.store(b.local(q), allocate(b, 24));
    const NodeId gone = release(b, b.load(b.local(q)));
    if (again)
      return std::vector{made, gone, release(b, b.load(b.local(q))), b.return_(num(b, 0))};
    return std::vector{made, gone, b.return_(b.load(b.deref(b.load(b.local(q)), t.i64)))};
  };
  EXPECT_EQ(undefined([&](Builder& b) { return freed(b, false); }),
            "read of 8 bytes at offset 0 of a heap block allocated in `main` (24 bytes), which was freed");
  EXPECT_EQ(undefined([&](Builder& b) { return freed(b, true); }),
            "free of a heap block allocated in `main` (24 bytes), which was already freed");
}

TEST_F(Heap, NamesBadFrees) {
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId x = b.add_local(p.module.strings.intern("x"), t.i64);
              return std::vector{release(b, b.address_of(b.local(x))), b.return_(num(b, 0))};
            }),
            "free of local `x` of `main` (8 bytes)");
  EXPECT_EQ(undefined([&](Builder& b) {
              const NodeId inside = b.element_pointer(allocate(b, 24), num(b, 1), t.i64);
              return std::vector{release(b, inside), b.return_(num(b, 0))};
            }),
            "free at offset 8 of a heap block allocated in `main` (24 bytes)");
  const Outcome null =
      evaluate(t.i64, [&](Builder& b) { return std::vector{release(b, b.zero(t.pointer)), b.return_(num(b, 0))}; });
  EXPECT_TRUE(null.image) << reason_of(null);
}

TEST_F(Heap, LimitsBoundTheTotal) {
  Limits limits;
  limits.heap_bytes = 10 * allocation_cost(0);
  const Outcome outcome = evaluate(
      t.i64,
      [&](Builder& b) {
        return std::vector{
            b.loop(b.new_label(), t.never, b.block(b.new_label(), t.pointer, std::vector{allocate(b, 0)}))};
      },
      Mode::Comptime, limits);
  EXPECT_EQ(outcome.failure->reason, Reason::AllocationLimit) << reason_of(outcome);
  EXPECT_EQ(outcome.counters.back_edges, 10u);
  EXPECT_EQ(outcome.counters.allocated_bytes, limits.heap_bytes);
}

TEST_F(Heap, BytewiseCopiesKeepPointers) {
  // Copies a pointer byte by byte through u8 loads and stores, then reads through the copy.
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    ir::Function scratch;
    const TypeId bytes = Builder(p.module, scratch).array_type(t.u8, 8);
    const LocalId x = b.add_local({}, t.i64), from = b.add_local({}, t.pointer), to = b.add_local({}, t.pointer);
    std::vector<NodeId> nodes;
    nodes.push_back(b.store(b.local(x), num(b, 77)));
    nodes.push_back(b.store(b.local(from), b.address_of(b.local(x))));
    for (int i = 0; i < 8; ++i) {
      const NodeId byte = b.load(b.index(b.payload(b.local(from), 0, bytes), num(b, i)));
      nodes.push_back(b.store(b.index(b.payload(b.local(to), 0, bytes), num(b, i)), byte));
    }
    nodes.push_back(b.return_(b.load(b.deref(b.load(b.local(to)), t.i64))));
    return nodes;
  });
  EXPECT_EQ(word_of(outcome), 77u) << reason_of(outcome);
  EXPECT_EQ(outcome.verdict, Verdict::Defined);
}

TEST_F(Heap, NullAccessFailsInBothModes) {
  const auto root = [&](Builder& b) { return std::vector{b.return_(b.load(b.deref(b.zero(t.pointer), t.i64)))}; };
  const Outcome comptime = evaluate(t.i64, root);
  EXPECT_EQ(comptime.failure->reason, Reason::NullDereference);
  EXPECT_EQ(comptime.verdict, Verdict::Defined);
  EXPECT_EQ(evaluate(t.i64, root, Mode::Main).verdict, Verdict::Undefined);
}

TEST_F(Heap, NamesForgedAndMisalignedPointers) {
  EXPECT_EQ(undefined([&](Builder& b) {
              const NodeId forged = b.convert(ConvertOp::IntToPointer, num(b, 0x1234567), t.pointer);
              return std::vector{b.return_(b.load(b.deref(forged, t.i64)))};
            }),
            "read through the forged pointer 0x1234567");
  EXPECT_EQ(undefined([&](Builder& b) {
              const NodeId odd = b.element_pointer(allocate(b, 24), num(b, 3), t.u8);
              return std::vector{b.return_(b.load(b.deref(odd, t.i64)))};
            }),
            "misaligned access: offset 3 of a heap block allocated in `main` (24 bytes) is not aligned to 8");
}

TEST_F(Heap, NamesValuesThatNoTypeHas) {
  EXPECT_EQ(undefined([&](Builder& b) {
              const LocalId x = b.add_local({}, t.i64);
              const NodeId init = b.store(b.local(x), num(b, 2));
              const NodeId flag = b.load(b.payload(b.local(x), 0, t.boolean));
              return std::vector{init, b.return_(b.convert(ConvertOp::Resize, flag, t.i64))};
            }),
            "a bool whose byte is 2");
}

// ---- addresses ----

struct Addresses : Heap {
  template <class Fill> Verdict verdict(Fill fill) {
    const Outcome outcome = evaluate(t.i64, fill);
    EXPECT_TRUE(outcome.image) << reason_of(outcome);
    return outcome.verdict;
  }
  NodeId as_int(Builder& b, NodeId pointer) { return b.convert(ConvertOp::PointerToInt, pointer, t.i64); }
  NodeId flag(Builder& b, NodeId condition) { return b.convert(ConvertOp::Resize, condition, t.i64); }
};

TEST_F(Addresses, RoundTripsThroughIntegersAreDefined) {
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId q = b.add_local({}, t.pointer);
    const NodeId made = b.store(b.local(q), allocate(b, 32));
    const NodeId moved = b.binary(BinaryOp::Add, as_int(b, b.load(b.local(q))), num(b, 8));
    const NodeId back = b.convert(ConvertOp::IntToPointer, moved, t.pointer);
    const NodeId init = b.store(b.deref(back, t.i64), num(b, 5));
    const NodeId read = b.load(b.deref(b.element_pointer(b.load(b.local(q)), num(b, 1), t.i64), t.i64));
    return std::vector{made, init, b.return_(read)};
  });
  EXPECT_EQ(word_of(outcome), 5u) << reason_of(outcome);
  EXPECT_EQ(outcome.verdict, Verdict::Defined);
}

TEST_F(Addresses, NullTestsAndKnownAlignmentAreDefined) {
  EXPECT_EQ(verdict([&](Builder& b) {
              return std::vector{b.return_(flag(b, b.compare(CompareOp::Ne, allocate(b, 8), b.zero(t.pointer))))};
            }),
            Verdict::Defined);
  EXPECT_EQ(verdict([&](Builder& b) {
              return std::vector{b.return_(b.binary(BinaryOp::And, as_int(b, allocate(b, 8)), num(b, 15)))};
            }),
            Verdict::Defined);
  EXPECT_EQ(verdict([&](Builder& b) {
              return std::vector{b.return_(b.binary(BinaryOp::And, as_int(b, allocate(b, 8)), num(b, 31)))};
            }),
            Verdict::AddressDependent);
}

TEST_F(Addresses, EqualityOfDistinctObjectsIsDefinedOrderingIsNot) {
  const auto compared = [&](CompareOp op) {
    return verdict(
        [&](Builder& b) { return std::vector{b.return_(flag(b, b.compare(op, allocate(b, 8), allocate(b, 8))))}; });
  };
  EXPECT_EQ(compared(CompareOp::Eq), Verdict::Defined);
  EXPECT_EQ(compared(CompareOp::Lt), Verdict::AddressDependent);
}

TEST_F(Addresses, LimitsMetAfterwardsDependOnThemToo) {
  const auto endless = [&](Builder& b) {
    const NodeId compared = b.compare(CompareOp::Lt, allocate(b, 8), allocate(b, 8));
    const NodeId round = b.block(b.new_label(), b.void_type(), {});
    return std::vector{compared, b.loop(b.new_label(), t.never, round)};
  };
  const Outcome outcome = evaluate(t.i64, endless, Mode::Comptime, {.back_edges = 100});
  EXPECT_EQ(outcome.failure->reason, Reason::StepLimit) << reason_of(outcome);
  EXPECT_EQ(outcome.verdict, Verdict::AddressDependent);
}

TEST_F(Addresses, ResultsThatHoldAnAddressDependOnIt) {
  EXPECT_EQ(verdict([&](Builder& b) { return std::vector{b.return_(as_int(b, allocate(b, 8)))}; }),
            Verdict::AddressDependent);
  EXPECT_EQ(verdict([&](Builder& b) {
              return std::vector{b.return_(b.binary(BinaryOp::Mul, as_int(b, allocate(b, 8)), num(b, 3)))};
            }),
            Verdict::AddressDependent);
}

// ---- globals ----

struct Globals : Engine {
  ir::GlobalId add(std::string_view name, bool constant, std::optional<ir::FoldImage> image = {}) {
    ir::Global global;
    global.name = global.symbol = p.module.strings.intern(name);
    global.type = t.i64;
    global.is_constant = constant;
    global.image = std::move(image);
    p.module.globals.push_back(std::move(global));
    return ir::GlobalId(p.module.globals.size() - 1);
  }
  ir::FoldImage five() { return {t.i64, {{8, {5, 0, 0, 0, 0, 0, 0, 0}, {}}}}; }
};

TEST_F(Globals, ReadAsTheirInitialValue) {
  const auto g = add("g", false, five()), zero = add("z", false);
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    return std::vector{b.return_(b.binary(BinaryOp::Add, b.load(b.global(g)), b.load(b.global(zero))))};
  });
  EXPECT_EQ(word_of(outcome), 5u) << reason_of(outcome);
}

TEST_F(Globals, WritesByNameAreForMainOnly) {
  const auto g = add("g", false, five());
  const auto write = [&](Builder& b) {
    return std::vector{b.store(b.global(g), num(b, 6)), b.return_(b.load(b.global(g)))};
  };
  const Outcome comptime = evaluate(t.i64, write);
  EXPECT_EQ(comptime.failure->reason, Reason::GlobalWrite);
  EXPECT_EQ(comptime.failure->detail, "g");
  EXPECT_EQ(word_of(evaluate(t.i64, write, Mode::Main)), 6u);
}

TEST_F(Globals, WritesThroughAPointerStayInTheEvaluation) {
  const auto g = add("g", false, five());
  const auto write = [&](Builder& b) {
    const NodeId store = b.store(b.deref(b.address_of(b.global(g)), t.i64), num(b, 6));
    return std::vector{store, b.return_(b.load(b.global(g)))};
  };
  EXPECT_EQ(word_of(evaluate(t.i64, write)), 6u);
  const auto read = [&](Builder& b) { return std::vector{b.return_(b.load(b.global(g)))}; };
  EXPECT_EQ(word_of(evaluate(t.i64, read)), 5u);
}

TEST_F(Globals, ConstantsCannotBeWritten) {
  const auto g = add("g", true, five());
  const auto write = [&](Builder& b) {
    const NodeId store = b.store(b.deref(b.address_of(b.global(g)), t.i64), num(b, 6));
    return std::vector{store, b.return_(num(b, 0))};
  };
  const Outcome outcome = evaluate(t.i64, write);
  EXPECT_EQ(outcome.failure->reason, Reason::GlobalWrite);
  EXPECT_EQ(outcome.failure->detail, "constant storage");
}

TEST_F(Globals, InitializersMayCallTheEngineAgain) {
  const auto g = add("g", true);
  const auto init = p.declare("init", {}, t.i64);
  auto ib = p.build(init);
  Program::body(ib, {ib.return_(num(ib, 9))});
  p.host.on_global = [&](ir::GlobalId) -> std::optional<Failure> {
    if (!p.module.global(g).image)
      p.module.globals[g.index()].image = p.run(init).image;
    return std::nullopt;
  };
  const auto read = [&](Builder& b) { return std::vector{b.return_(b.load(b.global(g)))}; };
  EXPECT_EQ(word_of(evaluate(t.i64, read)), 9u);
  p.module.globals[g.index()].image.reset();
  p.host.on_global = [](ir::GlobalId) { return Failure{Reason::Cycle, "g -> g", {}, {}}; };
  EXPECT_EQ(evaluate(t.i64, read).failure->reason, Reason::Cycle);
}

TEST_F(Globals, MayReferToEachOther) {
  // Two constants, each the address of the other.
  for (int i = 0; i < 2; ++i) {
    const auto id = add(i == 0 ? "a" : "b", true);
    p.module.globals[id.index()].type = t.pointer;
    const auto other = static_cast<std::uint32_t>(1 - i);
    p.module.globals[id.index()].image =
        ir::FoldImage{t.pointer, {{8, std::vector<std::uint8_t>(8), {{0, ir::Relocation::Kind::Global, other, 0}}}}};
  }
  const Outcome outcome = evaluate(t.pointer, [&](Builder& b) {
    return std::vector{b.return_(b.load(b.deref(b.load(b.global(ir::GlobalId(0))), t.pointer)))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(outcome.image->objects[0].relocations,
            (std::vector<ir::Relocation>{{0, ir::Relocation::Kind::Global, 0, 0}}));
}

// ---- results ----

struct Results : Heap {};

TEST_F(Results, StringsBecomeTwoWordsAndAnObject) {
  const Outcome outcome = evaluate(t.string, [&](Builder& b) {
    const LocalId q = b.add_local({}, t.pointer);
    const NodeId made = b.store(b.local(q), allocate(b, 4));
    const NodeId text = b.intrinsic(Intrinsic::MemCopy, 0, t.nothing,
                                    std::vector{b.load(b.local(q)), b.data(t.pointer, "hey"), num(b, 3)});
    const Builder::Init inits[] = {{0, b.load(b.local(q))}, {1, num(b, 3)}};
    const NodeId value = b.aggregate(t.string, inits);
    return std::vector{made, text, b.return_(value)};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  ASSERT_EQ(outcome.image->objects.size(), 2u);
  const ir::ImageObject& value = outcome.image->objects[0];
  EXPECT_EQ(value.relocations, (std::vector<ir::Relocation>{{0, ir::Relocation::Kind::Object, 1, 0}}));
  EXPECT_EQ(value.bytes, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(outcome.image->objects[1].bytes, (std::vector<std::uint8_t>{'h', 'e', 'y', 0}));
}

TEST_F(Results, DataAndFunctionsAreTableIds) {
  const auto f = p.declare("f", {}, t.nothing);
  const Outcome data = evaluate(t.string, [&](Builder& b) {
    const NodeId third = b.element_pointer(b.data(t.pointer, "abcdef"), num(b, 2), t.u8);
    const Builder::Init inits[] = {{0, third}, {1, num(b, 2)}};
    return std::vector{b.return_(b.aggregate(t.string, inits))};
  });
  ASSERT_TRUE(data.image) << reason_of(data);
  EXPECT_EQ(data.image->objects[0].relocations,
            (std::vector<ir::Relocation>{{0, ir::Relocation::Kind::Data, p.module.find_data("abcdef").value, 2}}));
  const Outcome code = evaluate(t.code, [&](Builder& b) { return std::vector{b.return_(b.const_function(f))}; });
  EXPECT_EQ(code.image->objects[0].relocations,
            (std::vector<ir::Relocation>{{0, ir::Relocation::Kind::Function, f.value, 0}}));
  EXPECT_EQ(word_of(code), 0u);
}

TEST_F(Results, ObjectsAreNumberedInOrderOfFirstReach) {
  // {second, first} where first -> second: the walk reaches `second` first.
  ir::Function scratch;
  const TypeId pair = Builder(p.module, scratch).array_type(t.pointer, 2);
  const Outcome outcome = evaluate(pair, [&](Builder& b) {
    const LocalId first = b.add_local({}, t.pointer), second = b.add_local({}, t.pointer);
    const NodeId one = b.store(b.local(first), allocate(b, 8));
    const NodeId two = b.store(b.local(second), allocate(b, 16));
    const NodeId link = b.store(b.deref(b.load(b.local(first)), t.pointer), b.load(b.local(second)));
    const Builder::Init inits[] = {{0, b.load(b.local(second))}, {1, b.load(b.local(first))}};
    return std::vector{one, two, link, b.return_(b.aggregate(pair, inits))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  ASSERT_EQ(outcome.image->objects.size(), 3u);
  EXPECT_EQ(outcome.image->objects[1].bytes.size(), 16u);
  EXPECT_EQ(outcome.image->objects[2].relocations,
            (std::vector<ir::Relocation>{{0, ir::Relocation::Kind::Object, 1, 0}}));
}

TEST_F(Results, PaddingIsZeroAndPointersAreTargetSized) {
  Program small(4);
  Types s(small.module);
  ir::Type row;
  row.kind = ir::TypeKind::Aggregate;
  row.size = 16;
  row.align = 8;
  row.fields = {{StringId(0), s.u8, 0}, {StringId(0), s.pointer, 4}, {StringId(0), s.i64, 8}};
  const TypeId pair = small.module.intern_type(row);
  const auto main = small.declare("main", {}, pair);
  auto b = small.build(main);
  const LocalId x = b.add_local({}, pair);
  const NodeId bytes = b.store(b.payload(b.local(x), 0, s.u64), b.const_int(s.u64, ~0ull));
  const NodeId field = b.store(b.field(b.local(x), 0), b.const_int(s.u8, 7));
  const NodeId text = b.store(b.field(b.local(x), 1), b.data(s.pointer, "t"));
  const NodeId last = b.store(b.field(b.local(x), 2), b.const_int(s.i64, 1));
  Program::body(b, {bytes, field, text, last, b.return_(b.load(b.local(x)))});
  const Outcome outcome = small.run(main);
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(outcome.image->objects[0].bytes,
            (std::vector<std::uint8_t>{7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  ASSERT_EQ(outcome.image->objects[0].relocations.size(), 1u);
  EXPECT_EQ(outcome.image->objects[0].relocations[0].offset, 4u);
}

TEST_F(Results, UndefinedBytesMakeTheVerdict) {
  ir::Function scratch;
  const TypeId array = Builder(p.module, scratch).array_type(t.i64, 2);
  const Outcome outcome = evaluate(array, [&](Builder& b) {
    const LocalId a = b.add_local({}, array);
    const NodeId init = b.store(b.index(b.local(a), num(b, 1)), num(b, 3));
    return std::vector{init, b.return_(b.load(b.local(a)))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(outcome.verdict, Verdict::Undefined);
  EXPECT_EQ(word_of(outcome), 0u);
}

// ---- C functions, traces, reflection, atomics, compiler API ----

struct Services : Engine {
  TypeId signature(std::vector<TypeId> params, TypeId result) {
    ir::Function scratch;
    return Builder(p.module, scratch).signature_type(params, result, ir::CallConv::C);
  }
};

TEST_F(Services, OutputIsUnbuffered) {
  const auto write = p.add_extern("write", signature({t.i32, t.pointer, t.u64}, t.i64));
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const std::vector arguments{b.const_int(t.i32, 1), b.data(t.pointer, "hi\n"), b.const_int(t.u64, 3)};
    return std::vector{b.return_(b.call_extern(write, arguments))};
  });
  EXPECT_EQ(word_of(outcome), 3u) << reason_of(outcome);
  EXPECT_EQ(p.host.out, "hi\n");
}

TEST_F(Services, OtherExternsAreRefused) {
  const auto getpid = p.add_extern("getpid", signature({}, t.i32));
  const Outcome outcome =
      evaluate(t.i32, [&](Builder& b) { return std::vector{b.return_(b.call_extern(getpid, {}))}; });
  EXPECT_EQ(outcome.failure->reason, Reason::ExternRefused);
  EXPECT_EQ(outcome.failure->detail, "getpid");
  EXPECT_EQ(outcome.verdict, Verdict::Unsupported);
  const auto strlen = p.add_extern("strlen", signature({t.f64}, t.i64));
  const Outcome wrong = evaluate(
      t.i64, [&](Builder& b) { return std::vector{b.return_(b.call_extern(strlen, std::vector{b.zero(t.f64)}))}; });
  EXPECT_EQ(wrong.failure->reason, Reason::ExternSignature);
  ir::Extern variable;
  variable.symbol = p.module.strings.intern("environ");
  variable.signature = t.pointer;
  variable.is_variable = true;
  p.module.externs.push_back(variable);
  const ir::ExternId environ_id(p.module.externs.size() - 1);
  EXPECT_EQ(evaluate(t.pointer, [&](Builder& b) { return std::vector{b.return_(b.const_extern(environ_id))}; })
                .failure->reason,
            Reason::ExternRefused);
}

TEST_F(Services, ExitEndsTheProcessAndAbortFails) {
  const auto exit = p.add_extern("_exit", signature({t.i32}, t.never));
  const auto abort = p.add_extern("abort", signature({}, t.never));
  const Outcome ended =
      evaluate(t.i64, [&](Builder& b) { return std::vector{b.call_extern(exit, std::vector{b.const_int(t.i32, 7)})}; });
  EXPECT_EQ(ended.exit_code, 7);
  EXPECT_FALSE(ended.image || ended.failure);
  EXPECT_EQ(evaluate(t.i64, [&](Builder& b) { return std::vector{b.call_extern(abort, {})}; }).failure->reason,
            Reason::Aborted);
}

TEST_F(Services, StrtolKeepsTheEndPointersObject) {
  const auto strtol = p.add_extern("strtol", signature({t.pointer, t.pointer, t.i32}, t.i64));
  const Outcome outcome = evaluate(t.u8, [&](Builder& b) {
    const LocalId end = b.add_local({}, t.pointer);
    const std::vector arguments{b.data(t.pointer, "12x"), b.address_of(b.local(end)), b.const_int(t.i32, 10)};
    const NodeId parsed = b.call_extern(strtol, arguments);
    return std::vector{parsed, b.return_(b.load(b.deref(b.load(b.local(end)), t.u8)))};
  });
  EXPECT_EQ(word_of(outcome), std::uint64_t{'x'}) << reason_of(outcome);
  EXPECT_EQ(outcome.verdict, Verdict::Defined);
}

TEST_F(Services, TheTraceKeepsThe32Newest) {
  const auto push = p.add_extern("sx_trace_push", signature({t.u64}, t.nothing));
  const auto length = p.add_extern("sx_trace_len", signature({}, t.i64));
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    std::vector<NodeId> nodes;
    for (std::uint64_t i = 1; i <= 33; ++i)
      nodes.push_back(i % 2 ? b.intrinsic(Intrinsic::TracePush, 0, t.nothing, std::vector{b.const_int(t.u64, i)})
                            : b.call_extern(push, std::vector{b.const_int(t.u64, i)}));
    nodes.push_back(b.return_(b.call_extern(length, {})));
    return nodes;
  });
  EXPECT_EQ(word_of(outcome), 32u) << reason_of(outcome);
  ASSERT_EQ(outcome.trace.size(), 32u);
  EXPECT_EQ(outcome.trace.front(), 2u);
  EXPECT_EQ(outcome.trace.back(), 33u);
  EXPECT_TRUE(outcome.trace_truncated);
}

TEST_F(Services, UnhandledErrorsAreReported) {
  const auto report = p.add_extern("sx_trace_report_unhandled", signature({t.i32, t.pointer, t.u64}, t.nothing));
  evaluate(t.i64, [&](Builder& b) {
    const std::vector arguments{b.const_int(t.i32, 1), b.data(t.pointer, "Hot"), b.const_int(t.u64, 3)};
    return std::vector{b.call_extern(report, arguments), b.return_(num(b, 0))};
  });
  EXPECT_EQ(p.host.err, "error: unhandled error reached main: error.Hot\n");
}

TEST_F(Services, FramesArePrintedOutermostFirst) {
  const auto print = p.declare("print_interpreter_frames", {}, t.nothing);
  auto pb = p.build(print);
  Program::body(pb, {pb.intrinsic(Intrinsic::PrintFrames, 0, t.nothing, {})});
  const auto middle = p.declare("middle", {}, t.nothing);
  auto mb = p.build(middle);
  Program::body(mb, {mb.call(print, {})});
  const auto body = [&](Builder& b) { return std::vector{b.call(middle, {}), b.return_(num(b, 0))}; };
  evaluate(t.i64, body);
  EXPECT_EQ(p.host.out, "comptime call frames (most recent call last):\n  at main\n  at middle\n");
  p.host.out.clear();
  evaluate(t.i64, body, Mode::Main);
  EXPECT_EQ(p.host.out, "");
}

TEST_F(Services, FrameRecordsResolve) {
  const auto text = [&](std::string_view s) { return p.module.strings.intern(s); };
  p.module.frames.push_back({text("a.sx"), 3, 7, text("f"), text("raise x;")});
  ir::Type row;
  row.kind = ir::TypeKind::Aggregate;
  row.size = 56;
  row.align = 8;
  row.fields = {{text("file"), t.string, 0},
                {text("line"), t.i32, 16},
                {text("col"), t.i32, 20},
                {text("func"), t.string, 24},
                {text("line_text"), t.string, 40}};
  const TypeId record = p.module.intern_type(row);
  const Outcome outcome = evaluate(record, [&](Builder& b) {
    return std::vector{
        b.return_(b.intrinsic(Intrinsic::TraceResolve, 0, record, std::vector{b.frame(ir::FrameId(0))}))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  const ir::ImageObject& object = outcome.image->objects[0];
  EXPECT_EQ(object.bytes[16], 3);
  EXPECT_EQ(object.bytes[20], 7);
  ASSERT_EQ(object.relocations.size(), 3u);
  EXPECT_EQ(object.relocations[1], (ir::Relocation{24, ir::Relocation::Kind::Data, p.module.find_data("f").value, 0}));
}

TEST_F(Services, ReflectionReadsTheTable) {
  ir::ReflectRow row;
  row.word = 12;
  row.name = p.module.strings.intern("Point");
  row.size = 16;
  row.members.push_back({p.module.strings.intern("x"), 3, 0, 0});
  p.module.reflection.push_back(row);
  const auto ask = [&](ir::ReflectQuery query, TypeId result, std::int64_t word) {
    return evaluate(result, [&](Builder& b) {
      return std::vector{b.return_(b.intrinsic(Intrinsic::Reflect, static_cast<std::uint32_t>(query), result,
                                               std::vector{num(b, word), num(b, 0)}))};
    });
  };
  EXPECT_EQ(word_of(ask(ir::ReflectQuery::Size, t.i64, 12)), 16u);
  EXPECT_EQ(word_of(ask(ir::ReflectQuery::MemberType, t.i64, 12)), 3u);
  EXPECT_TRUE(ask(ir::ReflectQuery::Name, t.string, 12).image);
  EXPECT_EQ(ask(ir::ReflectQuery::Size, t.i64, 13).verdict, Verdict::Undefined);
}

TEST_F(Services, TypeRecordsAreGlobals) {
  ir::Global record;
  record.type = t.i64;
  record.is_constant = true;
  record.image = ir::FoldImage{t.i64, {{8, {7, 0, 0, 0, 0, 0, 0, 0}, {}}}};
  p.module.globals.push_back(record);
  const auto add_row = [&](std::int64_t word, ir::GlobalId info) {
    ir::ReflectRow row;
    row.word = word;
    row.name = p.module.strings.intern("Point");
    row.info = info;
    p.module.reflection.push_back(row);
  };
  add_row(12, ir::GlobalId(p.module.globals.size() - 1));
  add_row(13, {});
  add_row(14, ir::GlobalId(99));
  const auto ask = [&](std::int64_t word, TypeId result) {
    return evaluate(t.i64, [&](Builder& b) {
      const NodeId address = b.intrinsic(Intrinsic::Reflect, static_cast<std::uint32_t>(ir::ReflectQuery::Info), result,
                                         std::vector{num(b, word), num(b, 0)});
      return std::vector{b.return_(b.load(b.deref(address, t.i64)))};
    });
  };
  EXPECT_EQ(word_of(ask(12, t.pointer)), 7u);
  EXPECT_EQ(ask(13, t.pointer).verdict, Verdict::Undefined);
  EXPECT_EQ(ask(14, t.pointer).verdict, Verdict::Undefined);
  EXPECT_TRUE(ask(12, t.i64).failure);
}

TEST_F(Services, AtomicsAreOrdinaryOperations) {
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const LocalId x = b.add_local({}, t.i64), found = b.add_local({}, t.i64);
    const auto at = [&](LocalId id) { return b.address_of(b.local(id)); };
    const NodeId init = b.store(b.local(x), num(b, 5));
    const NodeId add = b.intrinsic(Intrinsic::AtomicAdd, 0, t.i64, std::vector{at(x), num(b, 2)});    // 7
    const NodeId least = b.intrinsic(Intrinsic::AtomicMin, 0, t.i64, std::vector{at(x), num(b, -1)}); // -1
    const NodeId fails =
        b.intrinsic(Intrinsic::AtomicExchange, 0, t.boolean, std::vector{at(x), num(b, 7), num(b, 100), at(found)});
    const NodeId works =
        b.intrinsic(Intrinsic::AtomicExchange, 0, t.boolean, std::vector{at(x), num(b, -1), num(b, 40), at(found)});
    const NodeId sum = b.binary(BinaryOp::Add, b.load(b.local(x)), b.load(b.local(found)));
    return std::vector{init, add, least, fails, works, b.return_(sum)};
  });
  EXPECT_EQ(word_of(outcome), 39u) << reason_of(outcome);
}

TEST_F(Services, CompilerCallsTravelAsText) {
  p.host.answer = "-5";
  const Outcome outcome = evaluate(t.i64, [&](Builder& b) {
    const Builder::Init inits[] = {{0, b.data(t.pointer, "name")}, {1, num(b, 4)}};
    const std::vector arguments{num(b, -1), b.aggregate(t.string, inits)};
    return std::vector{b.return_(b.intrinsic(Intrinsic::Compiler, 3, t.i64, arguments))};
  });
  EXPECT_EQ(static_cast<std::int64_t>(word_of(outcome)), -5) << reason_of(outcome);
  EXPECT_EQ(p.host.requests, (std::vector<std::string>{"3|-1|name"}));
}

TEST_F(Services, MemberSlicesTravelWithNamesAndTypes) {
  ir::Function scratch;
  ir::Type row = p.module.type(t.string);
  row.name = p.module.strings.intern("[]Member");
  const TypeId slice = p.module.intern_type(row);
  ir::Type member;
  member.kind = ir::TypeKind::Aggregate;
  member.size = 24;
  member.align = 8;
  member.fields = {{StringId(0), t.string, 0}, {StringId(0), t.i64, 16}};
  const TypeId members = Builder(p.module, scratch).array_type(p.module.intern_type(member), 2);
  p.host.answer = "text";
  const Outcome outcome = evaluate(t.string, [&](Builder& b) {
    const auto element = [&](std::string_view name, std::int64_t word) {
      const Builder::Init text[] = {{0, b.data(t.pointer, name)}, {1, num(b, static_cast<std::int64_t>(name.size()))}};
      const Builder::Init parts[] = {{0, b.aggregate(t.string, text)}, {1, num(b, word)}};
      return b.aggregate(p.module.type(members).element, parts);
    };
    const Builder::Init both[] = {{0, element("x", 3)}, {1, element("long name", -1)}};
    const Builder::Init words[] = {{0, b.address_of(b.temp(b.aggregate(members, both)))}, {1, num(b, 2)}};
    return std::vector{
        b.return_(b.intrinsic(Intrinsic::Compiler, 9, t.string, std::vector{b.aggregate(slice, words)}))};
  });
  ASSERT_TRUE(outcome.image) << reason_of(outcome);
  EXPECT_EQ(p.host.requests, (std::vector<std::string>{"9|3 1 x-1 9 long name"}));
  EXPECT_EQ(outcome.image->objects[0].relocations[0].target, p.module.find_data("text").value);
}

// ---- malformed bodies ----

TEST_F(Engine, MalformedBodiesAreRefused) {
  struct Case {
    std::string_view name;
    std::function<void(ir::Function&)> damage;
  };
  const Case cases[] = {
      {"operand of itself", [](ir::Function& f) { f.nodes[2].a = 2; }},
      {"operand behind", [](ir::Function& f) { f.nodes[2].a = 1000; }},
      {"node used twice", [](ir::Function& f) { f.nodes[2].b = f.nodes[2].a; }},
      {"list outside of the pool", [](ir::Function& f) { f.nodes.back().c = 99; }},
      {"root out of range", [](ir::Function& f) { f.root = ir::NodeId(77u); }},
      {"unknown operator", [](ir::Function& f) { f.nodes[2].sub = 200; }},
      {"type out of range", [](ir::Function& f) { f.nodes[0].type = ir::TypeId(500u); }},
      {"another type", [this](ir::Function& f) { f.nodes[0].type = t.i32; }},
      {"scalar operator on void", [this](ir::Function& f) { f.nodes[2].type = t.nothing; }},
      {"unknown kind", [](ir::Function& f) { f.nodes[1].op = static_cast<ir::Op>(250); }},
      {"signature out of range", [](ir::Function& f) { f.signature = ir::TypeId(400u); }},
      {"parameters without locals", [](ir::Function& f) { f.param_count = 3; }},
  };
  for (const Case& c : cases) {
    const auto main = p.declare("main", {}, t.i64);
    auto b = p.build(main);
    Program::body(b, {b.return_(b.binary(BinaryOp::Add, num(b, 1), num(b, 2)))});
    c.damage(p.module.function(main));
    const Outcome outcome = p.run(main);
    ASSERT_TRUE(outcome.failure) << c.name;
    EXPECT_EQ(outcome.failure->reason, Reason::MalformedIr) << c.name;
  }
  EXPECT_EQ(p.run(ir::FuncId(12345u)).failure->reason, Reason::MalformedIr);
}

TEST_F(Engine, VeryDeepTreesEndInAFailure) {
  const auto main = p.declare("main", {}, t.i64);
  auto b = p.build(main);
  NodeId value = num(b, 1);
  for (int i = 0; i < 3'000'000; ++i)
    value = b.unary(ir::UnaryOp::Neg, value);
  Program::body(b, {b.return_(value)});
  const Outcome outcome = p.run(main);
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->reason, Reason::DepthLimit);
}

} // namespace
} // namespace sx::comptime
