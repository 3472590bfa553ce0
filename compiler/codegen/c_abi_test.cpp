// Values that cross between sx and C, checked against what the C compiler does (R2.135 to R2.137).

#include "codegen/c_abi.h"
#include "codegen/testing.h"

namespace sx::codegen {
namespace {

using Parts = std::vector<PartClass>;
constexpr auto integer = PartClass::Integer;
constexpr auto sse = PartClass::Sse;
constexpr auto sse16 = PartClass::Sse16;

struct Row {
  const char* name;
  const char* tables; ///< ends with a global `v` of the type
  PassKind kind;
  Parts parts;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class SystemV : public ::testing::TestWithParam<Row> {};

TEST_P(SystemV, ClassifiesAsTheTableSays) {
  const auto module = testing::read_good(GetParam().tables);
  const Passing how = classify(*module, Platform::SystemV64, module->globals.back().type);
  EXPECT_EQ(how.kind, GetParam().kind);
  EXPECT_EQ(how.parts, GetParam().parts);
}

const Row rows[] = {
    {"TwoFloats", "(type (aggregate t 8 4 (a f32 0) (b f32 4))) (global v $t)", PassKind::Registers, {sse}},
    {"FourFloats", "(global v (array 4 f32))", PassKind::Registers, {sse, sse}},
    {"DoubleInt", "(type (aggregate t 16 8 (a f64 0) (b i32 8))) (global v $t)", PassKind::Registers, {sse, integer}},
    {"IntFloat", "(type (aggregate t 8 4 (a i32 0) (b f32 4))) (global v $t)", PassKind::Registers, {integer}},
    {"TwoLongs",
     "(type (aggregate t 16 8 (a i64 0) (b i64 8))) (global v $t)",
     PassKind::Registers,
     {integer, integer}},
    {"FourDoubles", "(global v (array 4 f64))", PassKind::Stack, {}},
    {"ThreeLongs", "(global v (array 3 i64))", PassKind::Stack, {}},
    {"Empty", "(type (aggregate t 0 1)) (global v $t)", PassKind::Ignore, {}},
    {"Union", "(type (aggregate t 8 8 (a f64 0) (b i64 0))) (global v $t)", PassKind::Registers, {integer}},
    {"Vector16", "(global v (vector 4 f32))", PassKind::Registers, {sse16}},
    {"Vector8", "(global v (vector 2 f32))", PassKind::Registers, {sse}},
    {"Vector4", "(global v (vector 4 u8))", PassKind::Registers, {integer}},
    {"Vector32", "(global v (vector 4 f64))", PassKind::Stack, {}},
    {"VectorMember", "(type (aggregate t 16 16 (a (vector 4 f32) 0))) (global v $t)", PassKind::Registers, {sse16}},
    {"VectorBesideInts",
     "(type (aggregate t 16 16 (a (vector 4 f32) 0) (b i64 8))) (global v $t)",
     PassKind::Registers,
     {sse, integer}},
    {"TailPadding", "(type (aggregate t 16 16 (a i64 0))) (global v $t)", PassKind::Registers, {integer}},
};
INSTANTIATE_TEST_SUITE_P(Rows, SystemV, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(WebAssemblyAbi, OnlyScalarPassesAsItself) {
  const auto module = testing::read_good("(target \"wasm32-unknown-emscripten\" 4)"
                                         "(type (aggregate inner 8 8 (a f64 0)))"
                                         "(type (aggregate outer 8 8 (e (array 0 i32) 0) (a (array 1 $inner) 0)))"
                                         "(type (aggregate two 8 4 (a i32 0) (b i32 4)))"
                                         "(type (aggregate empty 0 1))"
                                         "(global outer $outer) (global two $two) (global empty $empty)");
  const auto passing = [&](std::size_t global) {
    return classify(*module, Platform::WebAssembly, module->globals[global].type);
  };
  EXPECT_EQ(passing(0).kind, PassKind::Scalar);
  EXPECT_EQ(module->type(passing(0).type).kind, ir::TypeKind::Float);
  EXPECT_EQ(passing(1).kind, PassKind::Pointer);
  EXPECT_EQ(passing(2).kind, PassKind::Ignore);
}

TEST(CAbi, NestedUnionsAreClassifiedInLinearTime) {
  std::string text = "(type (aggregate u0 8 8 (a f64 0) (b f64 0)))";
  for (int i = 1; i <= 60; ++i) {
    const std::string inner = "$u" + std::to_string(i - 1);
    text += "(type (aggregate u" + std::to_string(i) + " 8 8 (a " + inner + " 0) (b " + inner + " 0)))";
  }
  const auto module = testing::read_good(text + "(global v $u60)");
  EXPECT_EQ(classify(*module, Platform::SystemV64, module->globals.back().type).parts, Parts{sse});
}

// ---- against the C compiler ----

/// Types that both sides declare. `fill(n)` gives a value whose members depend on n, `sum` adds them up.
constexpr const char* c_source = R"c(
#include <stdarg.h>
typedef struct { float a, b; } ff;
typedef struct { float a, b, c, d; } ffff;
typedef struct { double a; int b; } di;
typedef struct { int a; float b; } iff;
typedef struct { long a, b; } ll;
typedef struct { double a, b, c, d; } dddd;
typedef struct { long a, b, c; } lll;
typedef struct { unsigned char a, b, c; } ccc;
typedef struct { long a; char b; short c; } lcs;
typedef struct { float a, b, c; } fff;
typedef struct { signed char a[12]; } c12;
typedef union { double d; long l; } un;
typedef struct { char a; } c1;
typedef float v4 __attribute__((vector_size(16)));
typedef float v2 __attribute__((vector_size(8)));
typedef struct { v4 v; } sv4;
typedef int v4i __attribute__((vector_size(16)));

#define PAIR(type, expression) \
  long c_sum_##type(type v) { return (long)(expression); } \
  long sx_sum_##type(type v); \
  type sx_fill_##type(long n);
#define CHECK(type, expression) \
  { type v = sx_fill_##type(n); if ((long)(expression) != sx_sum_##type(v) || (long)(expression) == 0) return __LINE__; }

PAIR(ff, v.a + v.b * 2)
ff c_fill_ff(long n) { ff v = {n, n + 1}; return v; }
PAIR(ffff, v.a + v.b * 2 + v.c * 3 + v.d * 5)
ffff c_fill_ffff(long n) { ffff v = {n, n + 1, n + 2, n + 3}; return v; }
PAIR(di, v.a + v.b * 2)
di c_fill_di(long n) { di v = {n, n + 1}; return v; }
PAIR(iff, v.a + v.b * 2)
iff c_fill_iff(long n) { iff v = {n, n + 1}; return v; }
PAIR(ll, v.a + v.b * 2)
ll c_fill_ll(long n) { ll v = {n, n + 1}; return v; }
PAIR(dddd, v.a + v.b * 2 + v.c * 3 + v.d * 5)
dddd c_fill_dddd(long n) { dddd v = {n, n + 1, n + 2, n + 3}; return v; }
PAIR(lll, v.a + v.b * 2 + v.c * 3)
lll c_fill_lll(long n) { lll v = {n, n + 1, n + 2}; return v; }
PAIR(ccc, v.a + v.b * 2 + v.c * 3)
ccc c_fill_ccc(long n) { ccc v = {n, n + 1, n + 2}; return v; }
PAIR(lcs, v.a + v.b * 2 + v.c * 3)
lcs c_fill_lcs(long n) { lcs v = {n, n + 1, n + 2}; return v; }
PAIR(fff, v.a + v.b * 2 + v.c * 3)
fff c_fill_fff(long n) { fff v = {n, n + 1, n + 2}; return v; }
PAIR(un, v.d)
un c_fill_un(long n) { un v; v.d = n; return v; }
PAIR(c1, v.a)
c1 c_fill_c1(long n) { c1 v = {n}; return v; }
PAIR(sv4, v.v[0] + v.v[1] * 2 + v.v[2] * 3 + v.v[3] * 5)
sv4 c_fill_sv4(long n) { sv4 v = {{n, n + 1, n + 2, n + 3}}; return v; }
PAIR(v4, v[0] + v[1] * 2 + v[2] * 3 + v[3] * 5)
v4 c_fill_v4(long n) { v4 v = {n, n + 1, n + 2, n + 3}; return v; }
PAIR(v2, v[0] + v[1] * 2)
v2 c_fill_v2(long n) { v2 v = {n, n + 1}; return v; }

/* Registers run out in the middle of a struct: all of it goes to the stack, a later scalar still gets a register. */
long c_crowded(long a, long b, long c, long d, long e, ll f, long g, double h, ll i) {
  return a + b * 2 + c * 3 + d * 4 + e * 5 + f.a * 6 + f.b * 7 + g * 8 + (long)h * 9 + i.a * 10 + i.b * 11;
}
long sx_crowded(long a, long b, long c, long d, long e, ll f, long g, double h, ll i);
/* A hidden result pointer takes an integer register. */
lll c_hidden(long a, long b, long c, long d, ll e, long f) {
  lll v = {a + b * 2 + c * 3 + d * 4, e.a + e.b * 2, f};
  return v;
}
long c_small(signed char a, unsigned char b, short c, unsigned short d, _Bool e) { return a + b * 2 + c * 3 + d * 4 + e * 5; }
long sx_small(signed char a, unsigned char b, short c, unsigned short d, _Bool e);
signed char c_negative(void) { return -5; }
_Bool c_true(void) { return 1; }
long c_variadic(int count, ...) {
  va_list list;
  va_start(list, count);
  long sum = 0;
  for (int i = 0; i < count; ++i) { sum += va_arg(list, int) * (i + 1); sum += (long)(va_arg(list, double) * 10); }
  va_end(list);
  return sum;
}
long c_call_back(long (*f)(ff, lll), long n) { ff a = {n, 1}; lll b = {n, 2, 3}; return f(a, b); }

int c_check(long n) {
  CHECK(ff, v.a + v.b * 2)
  CHECK(ffff, v.a + v.b * 2 + v.c * 3 + v.d * 5)
  CHECK(di, v.a + v.b * 2)
  CHECK(iff, v.a + v.b * 2)
  CHECK(ll, v.a + v.b * 2)
  CHECK(dddd, v.a + v.b * 2 + v.c * 3 + v.d * 5)
  CHECK(lll, v.a + v.b * 2 + v.c * 3)
  CHECK(ccc, v.a + v.b * 2 + v.c * 3)
  CHECK(lcs, v.a + v.b * 2 + v.c * 3)
  CHECK(fff, v.a + v.b * 2 + v.c * 3)
  CHECK(un, v.d)
  CHECK(c1, v.a)
  CHECK(sv4, v.v[0] + v.v[1] * 2 + v.v[2] * 3 + v.v[3] * 5)
  CHECK(v4, v[0] + v[1] * 2 + v[2] * 3 + v[3] * 5)
  CHECK(v2, v[0] + v[1] * 2)
  ll f = {6, 7}, i = {10, 11};
  if (sx_crowded(1, 2, 3, 4, 5, f, 8, 9, i) != c_crowded(1, 2, 3, 4, 5, f, 8, 9, i)) return __LINE__;
  if (sx_small(-1, 200, -3, 60000, 1) != c_small(-1, 200, -3, 60000, 1)) return __LINE__;
  return 0;
}
)c";

const char* const tables = R"(
(type (aggregate ff 8 4 (a f32 0) (b f32 4)))
(type (aggregate ffff 16 4 (a f32 0) (b f32 4) (c f32 8) (d f32 12)))
(type (aggregate di 16 8 (a f64 0) (b i32 8)))
(type (aggregate iff 8 4 (a i32 0) (b f32 4)))
(type (aggregate ll 16 8 (a i64 0) (b i64 8)))
(type (aggregate dddd 32 8 (a f64 0) (b f64 8) (c f64 16) (d f64 24)))
(type (aggregate lll 24 8 (a i64 0) (b i64 8) (c i64 16)))
(type (aggregate ccc 3 1 (a u8 0) (b u8 1) (c u8 2)))
(type (aggregate lcs 16 8 (a i64 0) (b i8 8) (c i16 10)))
(type (aggregate fff 12 4 (a f32 0) (b f32 4) (c f32 8)))
(type (aggregate un 8 8 (d f64 0) (l i64 0)))
(type (aggregate c1 1 1 (a i8 0)))
(type (aggregate sv4 16 16 (v (vector 4 f32) 0)))
)";

/// Pass-through functions: what C asks of `sx_sum_T` and `sx_fill_T` goes back to C through the same types, so a value
/// crosses in each direction and role.
std::string passing_functions() {
  const std::pair<const char*, const char*> types[] = {
      {"ff", "$ff"},     {"ffff", "$ffff"}, {"di", "$di"},   {"iff", "$iff"},          {"ll", "$ll"},
      {"dddd", "$dddd"}, {"lll", "$lll"},   {"ccc", "$ccc"}, {"lcs", "$lcs"},          {"fff", "$fff"},
      {"un", "$un"},     {"c1", "$c1"},     {"sv4", "$sv4"}, {"v4", "(vector 4 f32)"}, {"v2", "(vector 2 f32)"},
  };
  std::string text;
  for (const auto& [name, type] : types) {
    const std::string n(name), t(type);
    text += "(extern c_sum_" + n + " (sig c (" + t + ") i64)) (extern c_fill_" + n + " (sig c (i64) " + t + "))";
    text += "(func sx_sum_" + n + " export (signature (sig c (" + t + ") i64)) (param v " + t +
            ") (body (return (call_extern c_sum_" + n + " v))))";
    text += "(func sx_fill_" + n + " export (signature (sig c (i64) " + t + ")) (param n i64) (local v " + t +
            ") (body (block 0 (store v (call_extern c_fill_" + n + " n)) (return v))))";
  }
  return text;
}

constexpr const char* others = R"(
(extern c_check (sig c (i64) i32))
(extern c_crowded (sig c (i64 i64 i64 i64 i64 $ll i64 f64 $ll) i64))
(extern c_small (sig c (i8 u8 i16 u16 bool) i64))
(extern c_hidden (sig c (i64 i64 i64 i64 $ll i64) $lll))
(extern c_negative (sig c () i8))
(extern c_true (sig c () bool))
(extern c_variadic (sig c (i32 ...) i64))
(extern c_call_back (sig c (code i64) i64))
(func sx_crowded export (signature (sig c (i64 i64 i64 i64 i64 $ll i64 f64 $ll) i64))
  (param a i64) (param b i64) (param c i64) (param d i64) (param e i64) (param f $ll) (param g i64) (param h f64) (param i $ll)
  (body (return (call_extern c_crowded a b c d e f g h i))))
(func sx_small export (signature (sig c (i8 u8 i16 u16 bool) i64))
  (param a i8) (param b u8) (param c i16) (param d u16) (param e bool)
  (body (return (call_extern c_small a b c d e))))
(func callee (signature (sig c ($ff $lll) i64)) (param a $ff) (param b $lll)
  (body (return (add (float_to_int :i64 (load (field a 0))) (mul 10:i64 (load (field b 0)))))))
)";

class CCompiler : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    scratch = new testing::ScratchDirectory;
    const std::string source = scratch->write("twin.c", c_source);
    object = scratch->file("twin.o");
    ASSERT_EQ(std::system(("cc -w -O1 -fPIC -c " + source + " -o " + object).c_str()), 0);
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }

  static int run(const std::string& locals, const std::string& body, int opt) {
    RunRequest request;
    request.objects = {object};
    return testing::run(testing::program(locals, body, std::string(tables) + passing_functions() + others), opt,
                        request);
  }
  static void expect(int status, const std::string& locals, const std::string& body) {
    for (const int opt : {0, 2})
      EXPECT_EQ(run(locals, body, opt), status) << "-O" << opt;
  }

  static testing::ScratchDirectory* scratch;
  static std::string object;
};
testing::ScratchDirectory* CCompiler::scratch = nullptr;
std::string CCompiler::object;

TEST_F(CCompiler, ValuesCrossInBothDirections) {
  expect(0, "", "(return (call_extern c_check 3:i64))"); // a failure is the line of the C source
}

TEST_F(CCompiler, HiddenResultPointerTakesARegister) {
  expect(1 + 4 + 9 + 16 + 5 + 12 + 7, "(local v $lll) (local e $ll)",
         "(store e (aggregate :$ll (0 5:i64) (1 6:i64)))"
         "(store v (call_extern c_hidden 1:i64 2:i64 3:i64 4:i64 e 7:i64))"
         "(return (resize :i32 (add (add (load (field v 0)) (load (field v 1))) (load (field v 2)))))");
}

TEST_F(CCompiler, SmallResultsAreExtended) {
  expect(-4, "", "(return (add (resize :i32 (call_extern c_negative)) (resize :i32 (call_extern c_true))))");
}

TEST_F(CCompiler, ExtraArgumentsArePromoted) {
  expect(-3 + 15 + 2 * 200 + 25, "(local a i8) (local b f32) (local c u8)",
         "(store a -3:i8) (store b 1.5:f32) (store c 200:u8)"
         "(return (resize :i32 (call_extern c_variadic 2:i32 a b c 2.5:f64)))");
}

TEST_F(CCompiler, CCallsBack) {
  expect(4 + 40, "", "(return (resize :i32 (call_extern c_call_back (function callee) 4:i64)))");
}

} // namespace
} // namespace sx::codegen
