// What emitted code does, statement by statement, at each optimisation level.

#include "codegen/testing.h"

#include <csignal>
#include <functional>

namespace sx::codegen {
namespace {

using testing::program;
using testing::run;

struct Case {
  const char* name;
  std::string text;
  int status;
};

void PrintTo(const Case& value, std::ostream* out) {
  *out << value.name;
}

class Semantics : public ::testing::TestWithParam<Case> {};

TEST_P(Semantics, HoldsAtEveryLevel) {
  const auto module = testing::read_good(GetParam().text);
  for (const int opt : {0, 1, 2, 3})
    EXPECT_EQ(run(*module, opt), GetParam().status) << "-O" << opt;
}

/// Returns an expression over two locals whose values the optimizer can't know at -O0.
std::string expression(const char* type, const char* x, const char* y, const std::string& returned) {
  return program(std::string("(local x ") + type + ") (local y " + type + ")",
                 std::string("(store x ") + x + ":" + type + ") (store y " + y + ":" + type + ") (return " + returned +
                     ")");
}

const Case operators[] = {
    {"AddWrapsAtItsWidth", expression("u8", "200", "100", "(resize :i32 (add x y))"), 44},
    {"OddWidthWraps", expression("i7", "63", "1", "(resize :i32 (add x y))"), -64},
    {"NegationOfTheLeastWraps", expression("i8", "-128", "0", "(resize :i32 (neg x))"), -128},
    {"DivisionTruncates", expression("i32", "-7", "2", "(div x y)"), -3},
    {"RemainderHasTheDividendsSign", expression("i32", "-7", "2", "(rem x y)"), -1},
    {"UnsignedDivision", expression("u8", "250", "7", "(resize :i32 (div x y))"), 35},
    {"OverwideLeftShiftIsZero", expression("u8", "255", "8", "(resize :i32 (shl x y))"), 0},
    {"OverwideRightShiftKeepsTheSign", expression("i8", "-2", "100", "(resize :i32 (shr x y))"), -1},
    {"OverwideLogicalShiftIsZero", expression("u16", "65535", "16", "(resize :i32 (shr x y))"), 0},
    {"NegativeCountIsOverwide", expression("i8", "1", "-1", "(resize :i32 (shl x y))"), 0},
    {"ComplementAtTheWidth", expression("u12", "0", "0", "(resize :i32 (not x))"), 4095},
    {"FmodHasTheDividendsSign", expression("f64", "-7.5", "2.0", "(float_to_int :i32 (mul (rem x y) 10:f64))"), -15},
    {"NanIsNotEqual",
     program(
         "(local n f64) (local z f64)",
         "(store z 0.0:f64) (store n (div z z)) (return (add (resize :i32 (ne n n)) (add (mul 2:i32 (resize :i32 (eq n "
         "n))) (mul 4:i32 (resize :i32 (le n n))))))"),
     1},
    {"FloatToIntSaturates", expression("f64", "1e300", "0.0", "(float_to_int :i32 x)"), 2147483647},
    {"FloatToOddIntSaturates", expression("f32", "-1000.0", "0.0", "(resize :i32 (float_to_int :i7 x))"), -64},
    {"NanToIntIsZero", expression("f64", "0.0", "0.0", "(float_to_int :i32 (div x y))"), 0},
    {"NegativeToUnsignedIsZero", expression("f64", "-3.0", "0.0", "(resize :i32 (float_to_int :u8 x))"), 0},
    {"NanIsTrue", expression("f64", "0.0", "0.0", "(resize :i32 (truth (div x y)))"), 1},
    {"NegativeZeroIsFalse", expression("f64", "0.0", "0.0", "(resize :i32 (truth (neg x)))"), 0},
    {"SignedToPointerKeepsTheSign",
     expression("i32", "-1", "0", "(resize :i32 (eq (int_to_pointer :ptr x) (int_to_pointer :ptr -1:i64)))"), 1},
    {"BitsOfAFloat", expression("f32", "1.0", "0.0", "(bits :i32 x)"), 0x3f800000},
    {"UnsignedToFloat",
     expression("u64", "18446744073709551615", "0",
                "(resize :i32 (eq (int_to_float :f64 x) 18446744073709551616.0:f64))"),
     1},
};
INSTANTIATE_TEST_SUITE_P(Operators, Semantics, ::testing::ValuesIn(operators),
                         [](const auto& row) { return row.param.name; });

const std::string pair = "(type (aggregate pair 16 8 (first i64 0) (second u8 8)))";

const Case aggregates[] = {
    {"ValuesAreSnapshots", // swapping through one aggregate reads both members before it writes
     program("(local p $pair2)",
             "(store p (aggregate :$pair2 (0 1:i32) (1 2:i32)))"
             "(store p (aggregate :$pair2 (0 (load (field p 1))) (1 (load (field p 0)))))"
             "(return (add (mul 10:i32 (load (field p 0))) (load (field p 1))))",
             "(type (aggregate pair2 8 4 (a i32 0) (b i32 4)))"),
     21},
    {"ArgumentsAreCopies",
     "(entry main)" + pair +
         "(func change (param p $pair) (result i64) (body (block 0 (store (field p 0) 9:i64) (return (load (field p "
         "0))))))"
         "(func main export (signature (sig c () i32)) (local p $pair) (local r i64) (body (block 0"
         " (store p (aggregate :$pair (0 4:i64) (1 3:u8)))"
         " (store r (call change p))"
         " (return (resize :i32 (add (mul r 10:i64) (load (field p 0))))))))",
     94},
    {"EarlierArgumentKeepsItsValue", // the second argument's call changes what the first one read
     "(entry main)" + pair +
         "(global g $pair (image $pair (object 8 (hex 01000000000000000200000000000000))))"
         "(func bump (result i64) (body (block 0 (store (field (global g) 0) 50:i64) (return 5:i64))))"
         "(func both (param p $pair) (param n i64) (result i64) (body (return (add (load (field p 0)) n))))"
         "(func main export (signature (sig c () i32)) (body"
         " (return (resize :i32 (call both (load (global g)) (call bump))))))",
     6},
    {"AggregateResult",
     "(entry main)" + pair +
         "(func make (param n i64) (result $pair) (body (return (aggregate :$pair (first n) (second 7:u8)))))"
         "(func main export (signature (sig c () i32)) (local p $pair) (body (block 0 (store p (call make 30:i64))"
         " (return (add (resize :i32 (load (field p 0))) (resize :i32 (load (field p 1))))))))",
     37},
    {"PaddingIsZero", // bytes 9..15 of the pair
     program("(local p $pair) (local n i64)",
             "(store p (aggregate :$pair (1 255:u8)))"
             "(store n (load (payload :i64 p 8))) (return (resize :i32 n))",
             pair),
     255},
    {"LongSplat",
     program("(local a (array 100 i32)) (local i i64) (local s i32)",
             "(store a (splat :(array 100 i32) 3:i32)) (store i 0:i64) (store s 0:i32)"
             "(loop 1 (block 2 (if (ge i 100:i64) (break 1))"
             " (store s (add s (load (index a i)))) (store i (add i 1:i64))))"
             "(return s)"),
     300},
    {"VectorLanes",
     program("(local v (vector 3 i16)) (local w (vector 3 i16))",
             "(store v (aggregate :(vector 3 i16) (0 1:i16) (1 -2:i16) (2 30:i16)))"
             "(store w (mul v (splat :(vector 3 i16) 2:i16)))"
             "(return (add (resize :i32 (load (index w 1:i64))) (resize :i32 (load (index w 2:i64)))))"),
     56},
    {"VectorCompareGivesBoolBytes",
     program("(local v (vector 4 i32)) (local m (vector 4 bool))",
             "(store v (aggregate :(vector 4 i32) (0 1:i32) (1 5:i32) (2 9:i32)))"
             "(store m (gt v (splat :(vector 4 i32) 4:i32)))"
             "(return (load (payload :i32 m 0)))"),
     0x00010100},
    {"WidestVector",
     program("(local v (vector 4096 i8)) (local i i64)",
             "(store v (splat :(vector 4096 i8) 3:i8)) (store i 4095:i64) (store v (div (add v v) v))"
             "(return (resize :i32 (load (index v i))))"),
     2},
};
INSTANTIATE_TEST_SUITE_P(Aggregates, Semantics, ::testing::ValuesIn(aggregates),
                         [](const auto& row) { return row.param.name; });

const Case control[] = {
    {"LoopWithValue",
     program("(local i i32)", "(store i 0:i32) (return (loop :i32 1 (block 2 (if (eq i 41:i32) (break 1 (add i 1:i32)))"
                              " (store i (add i 1:i32)))))"),
     42},
    {"ContinueSkips",
     program("(local i i32) (local s i32)", "(store i 0:i32) (store s 0:i32)"
                                            "(loop 1 (block 2 (store i (add i 1:i32)) (if (gt i 10:i32) (break 1))"
                                            " (if (eq (rem i 2:i32) 0:i32) (continue 1)) (store s (add s i))))"
                                            "(return s)"),
     25},
    {"SwitchWithoutMatchIsZero",
     program("(local n i8)", "(store n 9:i8) (return (switch :i32 n (case -1 5:i32) (case 3 6:i32)))"), 0},
    {"SwitchOnNegative",
     program("(local n i8)", "(store n -1:i8) (return (switch n (case -1 5:i32) (case 3 6:i32) (default 7:i32)))"), 5},
    {"AggregateFromArms",
     program("(local b bool) (local p $pair)",
             "(store b true) (store p (if b (aggregate :$pair (0 8:i64)) (zero :$pair)))"
             "(return (resize :i32 (load (field p 0))))",
             pair),
     8},
    {"BlockLeftEarly",
     program("(local n i32)", "(store n 3:i32) (return (block :i32 1 (if (lt n 5:i32) (break 1 11:i32)) 22:i32))"), 11},
    {"CompileTimeArmIsDead",
     program("", "(if (intrinsic :bool is_comptime 0) (intrinsic :void compiler 3)) (return 6:i32)"), 6},
    {"CompileTimeArmOfAConjunctionIsDead",
     program("(local b bool)", "(store b true) (if (if (not (not (intrinsic :bool is_comptime 0))) b false)"
                               " (intrinsic :void compiler 3)) (return 7:i32)"),
     7},
    {"LongLoopsUseConstantStack", // a slot a node and frame (R4.102)
     program("(local i i64) (local a (array 1000 i64))", "(store i 0:i64)"
                                                         "(loop 1 (block 2 (if (ge i 100000:i64) (break 1))"
                                                         " (store a (load (temp (splat :(array 1000 i64) 1:i64))))"
                                                         " (store i (add i 1:i64))))"
                                                         "(return (resize :i32 (load (index a 999:i64))))"),
     1},
    {"IndirectCall",
     "(entry main)(func twice (param n i32) (result i32) (body (return (mul n 2:i32))))"
     "(func main export (signature (sig c () i32)) (local f code) (body (block 0 (store f (function twice))"
     " (return (call_indirect (sig (i32) i32) f 21:i32)))))",
     42},
    {"EntryOfTheSxConvention", "(entry go)(func go (result i64) (body (return 7:i64)))", 7},
    {"EntryWithoutResult", "(entry main)(func main (body (block 0)))", 0},
};
INSTANTIATE_TEST_SUITE_P(Control, Semantics, ::testing::ValuesIn(control),
                         [](const auto& row) { return row.param.name; });

const std::string string_type = "(type (aggregate string 16 8 (ptr ptr 0) (len i64 8)))";
const std::string reflected = string_type + "(reflect 0 void 0 1 0 0 0 0) (reflect 2 u8 1 1 0 0 0 0 unsigned)"
                                            "(reflect 5 Point 16 8 2 0 0 0 (member x 2 0 0) (member yy 2 8 -4))"
                                            "(errors \"\" NotFound)";

const Case intrinsics[] = {
    {"TypeSize",
     program("(local w i64)", "(store w 5:i64) (return (resize :i32 (intrinsic :i64 reflect 3 w 0:i64)))", reflected),
     16},
    {"UnknownWord",
     program("(local w i64)", "(store w 77:i64) (return (resize :i32 (intrinsic :i64 reflect 3 w 0:i64)))", reflected),
     0},
    {"MemberOffset",
     program("(local w i64)", "(store w 5:i64) (return (resize :i32 (intrinsic :i64 reflect 11 w 1:i64)))", reflected),
     8},
    {"MemberValue",
     program("(local w i64)", "(store w 5:i64) (return (resize :i32 (intrinsic :i64 reflect 12 w 1:i64)))", reflected),
     -4},
    {"MemberOutside",
     program("(local w i64)", "(store w 5:i64) (return (resize :i32 (intrinsic :i64 reflect 12 w 2:i64)))", reflected),
     0},
    {"IsUnsigned",
     program("(local w i64)", "(store w 2:i64) (return (resize :i32 (intrinsic :bool reflect 1 w 0:i64)))", reflected),
     1},
    {"MemberName",
     program("(local s $string)",
             "(store s (intrinsic :$string reflect 9 5:i64 1:i64))"
             "(return (add (mul 1000:i32 (resize :i32 (load (field s 1)))) (resize :i32 (load (deref :u8 (load (field "
             "s 0)))))))",
             reflected),
     2000 + 'y'},
    {"ErrorName",
     program("(local s $string)",
             "(store s (intrinsic :$string error_name 0 1:u32))"
             "(return (add (mul 1000:i32 (resize :i32 (load (field s 1)))) (resize :i32 (load (deref :u8 (load (field "
             "s 0)))))))",
             reflected),
     8000 + 'N'},
    {"MemoryEqual",
     program("(local a i64) (local b i64)",
             "(store a 7:i64) (intrinsic mem.copy 0 (address b) (address a) 8:i64)"
             "(return (resize :i32 (intrinsic mem.equal 0 (address a) (address b) 8:i64)))"),
     1},
    {"AtomicMaxIsSigned",
     program(
         "(local a i32) (local old i32)",
         "(store a -5:i32) (store old (intrinsic atomic.max 4 (address a) 3:i32)) (return (add (mul a 100:i32) old))"),
     295},
    {"AtomicExchangeFindsTheValue",
     program("(local a i32) (local found i32) (local ok bool)",
             "(store a 4:i32) (store ok (intrinsic atomic.exchange 0 (address a) 5:i32 6:i32 (address found)))"
             "(return (add (resize :i32 ok) (add (mul 10:i32 found) (mul 100:i32 a))))"),
     440},
    {"Math",
     program("(local x f64)", "(store x 6.25:f64) (return (float_to_int :i32 (mul (intrinsic sqrt 0 (intrinsic floor 0 "
                              "(mul x x))) 100:f64)))"),
     624},
    {"TraceLength",
     "(entry main)(extern sx_trace_len (sig c () u32))(extern sx_trace_truncated (sig c () u32))"
     "(func main export (signature (sig c () i32)) (local i i32) (body (block 0 (intrinsic trace.clear 0) (store i "
     "0:i32)"
     " (loop 1 (block 2 (if (ge i 40:i32) (break 1)) (intrinsic trace.push 0 9:u64) (store i (add i 1:i32))))"
     " (return (add (resize :i32 (call_extern sx_trace_len)) (mul 100:i32 (resize :i32 (call_extern "
     "sx_trace_truncated))))))))",
     132},
    {"TraceDropsTheOldest",
     "(entry main)(extern sx_trace_frame_at (sig c (u32) u64))"
     "(func main export (signature (sig c () i32)) (local i u64) (body (block 0 (intrinsic trace.clear 0) (store i "
     "0:u64)"
     " (loop 1 (block 2 (if (ge i 40:u64) (break 1)) (intrinsic trace.push 0 i) (store i (add i 1:u64))))"
     " (return (add (resize :i32 (call_extern sx_trace_frame_at 0:u32)) (add"
     "   (mul 100:i32 (resize :i32 (call_extern sx_trace_frame_at 31:u32))) (resize :i32 (call_extern "
     "sx_trace_frame_at 32:u32))))))))",
     3908},
    {"FrameRecord",
     program("(local f $frame)",
             "(store f (intrinsic :$frame trace.resolve 0 (frame #0))) (return (add (load (field f line)) (resize :i32 "
             "(load (payload :i64 f 32)))))",
             "(type (aggregate frame 56 8 (head (array 16 u8) 0) (line i32 16) (rest (array 36 u8) 20))) (frame "
             "\"a.sx\" 30 2 fun \"x\")"),
     33},
};
INSTANTIATE_TEST_SUITE_P(Intrinsics, Semantics, ::testing::ValuesIn(intrinsics),
                         [](const auto& row) { return row.param.name; });

const Case images[] = {
    {"ImageBytesAndRelocations",
     program("(local p ptr)",
             "(store p (load (index (global table) 0:i64)))"
             "(return (add (load (deref :i32 p)) (call_indirect (sig () i32) (code_cast :code (load (index (global "
             "table) 1:i64))))))",
             "(func forty (result i32) (body (return 40:i32)))"
             "(global numbers (array 2 i32) constant (image (array 2 i32) (object 4 (hex 0100000002000000))))"
             "(global table (array 2 ptr) (image (array 2 ptr) (object 8 (hex 00000000000000000000000000000000)"
             " (reloc 0 global numbers 4) (reloc 8 function forty 0))))"),
     42},
    {"ObjectsOfAnImage",
     program(
         "", "(return (resize :i32 (load (deref :u8 (load (global p))))))",
         "(global p ptr (image ptr (object 8 (hex 0000000000000000) (reloc 0 object #1 1)) (object 1 (hex 6869))))"),
     'i'},
    {"GlobalsWithoutImageAreZero", program("", "(return (load (index (global z) 2:i64)))", "(global z (array 4 i32))"),
     0},
    {"ExternMeansTheModulesOwnExport",
     program("", "(return (add (load (deref :i32 (extern shared))) (call_extern own)))",
             "(global shared i32 export (image i32 (object 4 (hex 02000000)))) (extern shared i32 variable)"
             "(func own export (signature (sig c () i32)) (body (return 40:i32))) (extern own (sig c () i32))"),
     42},
    {"GlobalsAreVariables",
     program("", "(store (global n) (add (load (global n)) 1:i32)) (return (load (global n)))",
             "(global n i32 (image i32 (object 4 (hex 29000000))))"),
     42},
    {"DataEndsInNul",
     program("(local p ptr)", "(store p (data \"ab\")) (return (resize :i32 (load (deref :u8 (element p 2:i64 u8)))))"),
     0},
};
INSTANTIATE_TEST_SUITE_P(Images, Semantics, ::testing::ValuesIn(images),
                         [](const auto& row) { return row.param.name; });

// ---- ends of the process ----

struct Ending {
  const char* name;
  std::string text;
  std::function<bool(int)> ends;
  const char* stderr_pattern;
};

void PrintTo(const Ending& value, std::ostream* out) {
  *out << value.name;
}

class Traps : public ::testing::TestWithParam<Ending> {};

TEST_P(Traps, EndTheProcessAtEveryLevel) {
  const auto module = testing::read_good(GetParam().text);
  for (const int opt : {0, 2})
    EXPECT_EXIT(run(*module, opt), GetParam().ends, GetParam().stderr_pattern) << "-O" << opt;
}

const auto floating_point_exception = ::testing::KilledBySignal(SIGFPE);

const Ending endings[] = {
    {"DivisionByZero", expression("i32", "7", "0", "(div x y)"), floating_point_exception, "^$"},
    {"RemainderByZero", expression("u8", "7", "0", "(resize :i32 (rem x y))"), floating_point_exception, "^$"},
    {"ConstantDivisionByZero", program("", "(return (div 1:i32 0:i32))"), floating_point_exception, "^$"},
    {"UnusedDivisionByZero",
     program("(local x i32) (local y i32)", "(store x 1:i32) (store y 0:i32) (div x y) (return 0:i32)"),
     floating_point_exception, "^$"},
    {"LeastByMinusOne", expression("i32", "-2147483648", "-1", "(div x y)"), floating_point_exception, "^$"},
    {"LeastOfAnOddWidth", expression("i7", "-64", "-1", "(resize :i32 (rem x y))"), floating_point_exception, "^$"},
    {"OneTrappingLane",
     program("(local a (vector 2 i32)) (local b (vector 2 i32))",
             "(store a (splat :(vector 2 i32) 6:i32)) (store b (aggregate :(vector 2 i32) (0 2:i32)))"
             "(store a (div a b)) (return 0:i32)"),
     floating_point_exception, "^$"},
    {"NullUnwrap",
     program("(local b bool)",
             "(store b true) (if b (trap null_unwrap \"null unwrap at a.sx:1:2\\n\")) (return 0:i32)"),
     ::testing::ExitedWithCode(1), "^null unwrap at a.sx:1:2\n$"},
    {"FailedAssertion",
     program("(local b bool)", "(store b true) (if b (trap failed_assertion \"gone\\n\")) (return 0:i32)"),
     ::testing::ExitedWithCode(1), "^$"},
    {"TrapBesideTheProgramsOwnWrite",
     program("", "(call_extern write 2:i32 (data \"x\") 1:u32) (trap null_unwrap \"y\")",
             "(extern write (sig c (i32 ptr u32) i32))"),
     ::testing::ExitedWithCode(1), "^xy$"},
    {"Unreachable", program("", "(trap unreachable \"\")"), ::testing::KilledBySignal(SIGILL), "^$"},
    {"UnhandledError",
     "(entry main)(extern sx_trace_report_unhandled (sig c (u32 ptr u64) void))(extern _exit (sig c (i32) void))"
     "(frame \"demo.sx\" 2 5 probe \"    raise error.Hot;\")(frame \"demo.sx\" 14 1 main \"\")"
     "(func main export (signature (sig c () i32)) (body (block 0 (intrinsic trace.clear 0)"
     " (intrinsic trace.push 0 (frame #0)) (intrinsic trace.push 0 (frame #1))"
     " (call_extern sx_trace_report_unhandled 3:u32 (data \"Hot\") 3:u64) (call_extern _exit 1:i32) (return 0:i32))))",
     ::testing::ExitedWithCode(1),
     "^error: unhandled error reached main: error.Hot\n"
     "error return trace .most recent call last.:\n"
     "  probe at demo.sx:2:5\n"
     "        raise error.Hot;\n"
     "        \\^\n"
     "  main at demo.sx:14:1\n$"},
};
INSTANTIATE_TEST_SUITE_P(Endings, Traps, ::testing::ValuesIn(endings), [](const auto& row) { return row.param.name; });

TEST(TrapOutput, FailedAssertionWritesToStandardOutput) {
  const auto module = testing::read_good(program("", "(trap failed_assertion \"gone\\n\")"));
  const testing::ScratchDirectory scratch;
  const std::string path = scratch.file("out");
  EXPECT_EXIT(
      {
        if (!std::freopen(path.c_str(), "w", stdout))
          std::_Exit(9);
        run(*module);
      },
      ::testing::ExitedWithCode(1), "");
  EXPECT_EQ(testing::content_of(path), "gone\n");
}

} // namespace
} // namespace sx::codegen
