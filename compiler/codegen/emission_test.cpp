// Text, objects, linking, targets, and what is refused.

#include "codegen/testing.h"
#include "comptime/trace_text.h"
#include "ir/codec.h"
#include "ir/generate.h"

#include <csignal>

namespace sx::codegen {
namespace {

using testing::program;
using testing::read_good;
using testing::ScratchDirectory;

std::string text_of(const ir::Module& module, const Options& options = {}) {
  auto text = emit_llvm_text(module, options);
  if (!text)
    ADD_FAILURE() << text.error().message;
  return text.value_or("");
}
std::string text_of(std::string_view source, const Options& options = {}) {
  return text_of(*read_good(source), options);
}
std::string error_of(std::string_view source, const Options& options = {}) {
  auto text = emit_llvm_text(*read_good(source), options);
  EXPECT_FALSE(text.has_value());
  return text ? "" : text.error().message;
}
bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Finished {
  int status = -1;
  std::string output;
};
/// Runs a shell command of the test itself.
Finished shell(const std::string& command, const ScratchDirectory& scratch) {
  const std::string out = scratch.file("captured");
  const int raw = std::system((command + " >" + out + " 2>&1").c_str());
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw), testing::content_of(out)};
}

// ---- text ----

TEST(LlvmText, IsDeterministic) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ir::SeededChoices first(seed), second(seed);
    const auto a = ir::generate(first, 20), b = ir::generate(second, 20);
    Options options;
    options.opt = static_cast<int>(seed % 3);
    EXPECT_EQ(text_of(*a, options), text_of(*b, options));
  }
}

TEST(LlvmText, HoldsOnlyWhatRuntimeRootsReach) {
  const std::string text =
      text_of("(entry main)(func unused (body (call helper)))(func helper (body (block 0)))"
              "(extern puts (sig c (ptr) i32)) (data \"never seen\")"
              "(func linked (result i32) (body (return 2:i32)))"
              "(global table code (image code (object 8 (hex 0000000000000000) (reloc 0 function linked 0))))"
              "(func main export (signature (sig c () i32)) (body (block 0 (load (global table)) (return 1:i32))))");
  EXPECT_TRUE(contains(text, "@linked"));
  for (const char* absent : {"@unused", "@helper", "@puts", "never seen"})
    EXPECT_FALSE(contains(text, absent)) << absent;
}

TEST(LlvmText, ModuleWithoutRootsHoldsEverything) {
  const std::string text =
      text_of("(func one (body (block 0))) (func two (body (block 0))) (func hidden comptime (body (block 0)))");
  EXPECT_TRUE(contains(text, "@one") && contains(text, "@two"));
  EXPECT_FALSE(contains(text, "@hidden"));
}

TEST(LlvmText, OrderDoesNotDependOnTheOrderOfTheTable) {
  const char* a = "(func a (body (call b)))";
  const char* b = "(func b (body (block 0)))";
  const std::string main =
      "(entry main)(func main export (signature (sig c () i32)) (body (block 0 (call a) (return 1:i32))))";
  EXPECT_EQ(text_of(main + a + b), text_of(std::string(b) + a + main));
}

TEST(LlvmText, ReflectionTablesAppearWhenUsed) {
  const std::string rows = "(reflect 0 void 0 1 0 0 0 0) (reflect 1 Point 16 8 1 0 0 0 (member x 0 0 0))";
  const std::string used = text_of(program("", "(return (resize :i32 (intrinsic :i64 reflect 11 1:i64 0:i64)))", rows));
  EXPECT_TRUE(contains(used, "@__sx_field_offset_ptrs = internal constant [2 x ptr]"));
  EXPECT_FALSE(contains(used, "@__sx_type_names"));
  EXPECT_FALSE(contains(text_of(program("", "(return 0:i32)", rows)), "__sx_"));
}

TEST(LlvmText, DivisionIsGuardedUnlessTheDivisorIsHarmless) {
  const auto division = [](const char* divisor) {
    return text_of(program("(local x i32)", std::string("(store x 8:i32) (return (div x ") + divisor + "))"));
  };
  EXPECT_TRUE(contains(division("x"), "sx.trap.divide"));
  EXPECT_TRUE(contains(division("-1:i32"), "sx.trap.divide"));
  EXPECT_FALSE(contains(division("3:i32"), "sx.trap.divide"));
}

TEST(LlvmText, LeavesOutTracesWhenAsked) {
  const std::string source = program("", "(intrinsic trace.push 0 (frame #0)) (intrinsic trace.clear 0) (return 0:i32)",
                                     "(frame a.sx 1 1 f \"\")");
  Options options;
  EXPECT_TRUE(contains(text_of(source, options), "sx_trace_push"));
  options.traces = false;
  EXPECT_FALSE(contains(text_of(source, options), "sx_trace_"));
}

TEST(LlvmText, NakedFunctionsHaveNoFrame) {
  const std::string text = text_of(program("", "(return (call bare 1:i32))",
                                           "(asm \"leal 1(%rdi), %eax\\nret\" \"\" volatile)"
                                           "(func bare naked (param n i32) (signature (sig c (i32) i32))"
                                           " (body (block 0 (intrinsic :void asm 0) (trap unreachable \"\"))))"));
  EXPECT_TRUE(contains(text, "naked"));
  EXPECT_TRUE(contains(text, "asm sideeffect \"leal 1(%rdi), %eax"));
  EXPECT_FALSE(contains(text, "alloca"));
}

// ---- refused ----

TEST(Refused, AssemblyOperandsThatDoNotFit) {
  const auto with = [](std::string_view constraints) {
    return error_of(program("", "(return (intrinsic :i32 asm 0 1:i32))",
                            "(asm nop \"" + std::string(constraints) + "\" volatile)"));
  };
  for (const char* constraints : {"r", "=r", "=r,r,r", "=~{x", "=r,{", ""})
    EXPECT_TRUE(contains(with(constraints), "the operands of an 'asm' are wrong")) << constraints;
}

TEST(Refused, UnevaluatedGlobal) {
  EXPECT_TRUE(
      contains(error_of(program("", "(return (load (global n)))",
                                "(func make comptime (result i32) (body (return 1:i32))) (global n i32 (init make))")),
               "was not evaluated"));
}

TEST(Refused, CompileTimeFunctionAtRunTime) {
  EXPECT_TRUE(contains(error_of(program("", "(call only) (return 0:i32)", "(func only comptime (body (block 0)))")),
                       "exists at compile time only"));
}

TEST(Refused, Poison) {
  EXPECT_TRUE(contains(error_of(program("", "(poison \"an unknown name\") (return 0:i32)")), "an unknown name"));
}

TEST(Refused, FunctionWithoutBody) {
  EXPECT_TRUE(contains(error_of(program("", "(call gone) (return 0:i32)", "(func gone)")), "has no body"));
}

TEST(Refused, SparseTypeWords) {
  EXPECT_TRUE(contains(error_of(program("", "(return (resize :i32 (intrinsic :i64 reflect 3 1:i64 0:i64)))",
                                        "(reflect 4611686018427387904 Far 1 1 0 0 0 0)")),
                       "not dense"));
}

TEST(Refused, TargetsAndProcessors) {
  const std::string source = program("", "(return 0:i32)");
  Options options;
  options.triple = "linux-arm";
  EXPECT_TRUE(contains(error_of(source, options), "linux-arm"));
  options.triple = "no-such-machine";
  EXPECT_TRUE(contains(error_of(source, options), "no-such-machine"));
  options.triple = "wasm32"; // the module is laid out for 8-byte pointers
  EXPECT_TRUE(contains(error_of(source, options), "pointers"));
  options.triple = "";
  options.cpu = "quantum";
  EXPECT_TRUE(contains(error_of(source, options), "quantum"));
}

TEST(Refused, MissingSymbolIsAnError) {
  const auto status = run_jit(*read_good(program("", "(call_extern sx_no_such_function) (return 0:i32)",
                                                 "(extern sx_no_such_function (sig c () void))")),
                              {});
  ASSERT_FALSE(status.has_value());
  EXPECT_TRUE(contains(status.error().message, "sx_no_such_function")) << status.error().message;
}

TEST(Refused, MissingLibraryAndObject) {
  const auto module = read_good(program("", "(return 0:i32)"));
  RunRequest request;
  request.libraries = {"sx_no_such_library"};
  const auto library = run_jit(*module, {}, request);
  ASSERT_FALSE(library.has_value());
  EXPECT_TRUE(contains(library.error().message, "sx_no_such_library"));
  request = {};
  request.objects = {"/no/such/object.o"};
  const auto object = run_jit(*module, {}, request);
  ASSERT_FALSE(object.has_value());
  EXPECT_TRUE(contains(object.error().message, "/no/such/object.o"));
}

TEST(Libraries, ArchivesAndSharedObjectsAreFoundOnTheGivenPath) {
  const ScratchDirectory scratch;
  const std::string source = scratch.write("part.c", "int sx_part(void) { return 30; }");
  const std::string other = scratch.write("other.c", "int sx_other(void) { return 12; }");
  ASSERT_EQ(shell("cc -fPIC -c " + source + " -o " + scratch.file("part.o") + " && ar rc " +
                      scratch.file("libsxpart.a") + " " + scratch.file("part.o") + " && cc -shared -fPIC " + other +
                      " -o " + scratch.file("libsxother.so"),
                  scratch)
                .status,
            0);
  RunRequest request;
  request.libraries = {"sxpart", "sxother", "m"};
  request.library_paths = {scratch.file("")};
  EXPECT_EQ(testing::run(program("", "(return (add (call_extern sx_part) (call_extern sx_other)))",
                                 "(extern sx_part (sig c () i32)) (extern sx_other (sig c () i32))"),
                         0, request),
            42);
}

TEST(Refused, UnwritableOutput) {
  const auto written = emit_object(*read_good(program("", "(return 0:i32)")), {}, "/no/such/directory/out.o");
  ASSERT_FALSE(written.has_value());
  EXPECT_TRUE(contains(written.error().message, "/no/such/directory/out.o"));
}

TEST(Depth, DeepTreesAreEmitted) {
  std::string body = "x";
  for (int i = 0; i < 1900; ++i)
    body = "(block " + std::to_string(i + 1) + " " + body + ")";
  EXPECT_EQ(testing::run(program("(local x i32)", "(store x 5:i32) (return " + body + ")"), 2), 5);
}

TEST(Robustness, WhateverVerifiesIsEmittedOrRefused) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    ir::SeededChoices choices(seed);
    std::vector<std::uint8_t> bytes = ir::encode(*ir::generate(choices, 4));
    for (int i = 0; i < 3; ++i)
      bytes[choices.below(bytes.size())] = static_cast<std::uint8_t>(choices.next());
    const auto module = ir::decode_tolerant(bytes);
    if (!module || !ir::verify(*module, 1).empty())
      continue;
    const auto text = emit_llvm_text(*module, {});
    EXPECT_TRUE(text || !contains(text.error().message, "internal error")) << seed << ": " << text.error().message;
  }
}

// ---- objects and linking ----

std::string build(const ir::Module& module, const ScratchDirectory& scratch, int opt) {
  Options options;
  options.opt = opt;
  const auto object = emit_object(module, options, scratch.file("program.o"));
  EXPECT_TRUE(object.has_value()) << (object ? "" : object.error().message);
  LinkRequest request;
  request.objects = {scratch.file("program.o")};
  request.output = scratch.file("program");
  const auto linked = link(request);
  EXPECT_TRUE(linked.has_value()) << (linked ? "" : linked.error().message);
  return request.output;
}

TEST(Executable, RunsLikeTheJit) {
  for (std::uint64_t seed = 100; seed < 106; ++seed) {
    ir::SeededChoices choices(seed);
    const auto module = ir::generate(choices, 20);
    const ScratchDirectory scratch;
    EXPECT_EQ(shell(build(*module, scratch, seed % 2 ? 2 : 0), scratch).status, testing::run(*module) & 255);
  }
}

TEST(Executable, ReportsAnErrorLikeTheEngines) {
  std::string text = "(entry main)(extern sx_trace_report_unhandled (sig c (u32 ptr u64) void))";
  for (int i = 0; i < 34; ++i)
    text += "(frame \"demo.sx\" " + std::to_string(i * 7) + " " + std::to_string(1 + i * 5) + " f" + std::to_string(i) +
            " \"" + (i % 3 ? "  try it();" : "") + "\")";
  text += "(func main export (signature (sig c () i32)) (body (block 0 ";
  for (int i = 0; i < 34; ++i)
    text += "(intrinsic trace.push 0 (frame #" + std::to_string(i) + "))";
  text += "(call_extern sx_trace_report_unhandled 3:u32 (data \"Hot\") 3:u64) (return 1:i32))))";
  const auto module = read_good(text);
  std::vector<std::uint64_t> kept;
  for (std::uint64_t handle = 3; handle <= 34; ++handle)
    kept.push_back(handle);
  const ScratchDirectory scratch;
  for (const int opt : {0, 2}) {
    const Finished finished = shell(build(*module, scratch, opt), scratch);
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.output, comptime::unhandled_report(*module, "Hot", kept, true));
  }
}

TEST(Executable, DiesOfDivisionByZero) {
  const ScratchDirectory scratch;
  const auto module = read_good(program("(local x i32)", "(store x 0:i32) (return (div 1:i32 x))"));
  const Finished finished = shell("exec " + build(*module, scratch, 2), scratch);
  EXPECT_EQ(finished.status, 128 + SIGFPE);
  EXPECT_EQ(finished.output, "");
}

TEST(Assembly, NamesTheEntry) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(emit_assembly(*read_good(program("", "(return 0:i32)")), {}, scratch.file("a.s")).has_value());
  EXPECT_TRUE(contains(testing::content_of(scratch.file("a.s")), "main:"));
}

TEST(Link, KeepsWhatTheDriverSaid) {
  const ScratchDirectory scratch;
  LinkRequest request;
  request.objects = {"/no/such/object.o"};
  request.output = scratch.file("output");
  const auto linked = link(request);
  ASSERT_FALSE(linked.has_value());
  EXPECT_TRUE(contains(linked.error().message, "/no/such/object.o")) << linked.error().message;
  request.linker = "no-such-driver-at-all";
  const auto missing = link(request);
  ASSERT_FALSE(missing.has_value());
  EXPECT_TRUE(contains(missing.error().message, "no-such-driver-at-all"));
}

TEST(Link, CommandHoldsPathsLibrariesAndFlags) {
  LinkRequest request;
  request.objects = {"a.o"};
  request.libraries = {"z"};
  request.library_paths = {"lib"};
  request.flags = {"-static"};
  request.sysroot = "/root";
  request.output = "out";
  EXPECT_EQ(link_command(request),
            (std::vector<std::string>{"cc", "--sysroot=/root", "-o", "out", "a.o", "-Llib", "-lz", "-static", "-lm"}));
}

// ---- debug information ----

class Lines final : public SourceLocator {
public:
  std::optional<Location> locate(Span span) const override {
    if (!span.valid())
      return std::nullopt;
    return Location{"dir/prog.sx", 1 + span.begin / 10, 1 + span.begin % 10};
  }
};

TEST(DebugInfo, HasALineForEachNode) {
  const Lines lines;
  Options options;
  options.debug_info = true;
  options.locator = &lines;
  const auto module = read_good("(file \"dir/prog.sx\") (entry main) (extern getpid (sig c () i32))"
                                "(func main export (signature (sig c () i32)) @0:20-24 (body (block 0"
                                " (call_extern getpid @0:43-50) (return 0:i32 @0:61-70))))");
  for (const int opt : {0, 2}) {
    options.opt = opt;
    const std::string text = text_of(*module, options);
    EXPECT_TRUE(contains(text, "!DIFile(filename: \"prog.sx\", directory: \"dir\")")) << text;
    EXPECT_TRUE(contains(text, "line: 5, column: 4")) << text;
  }
  const ScratchDirectory scratch;
  EXPECT_TRUE(emit_object(*module, options, scratch.file("a.o")).has_value());
}

// ---- WebAssembly ----

/// A program for wasm32 that gives its result to the page that loads it.
class WebAssembly : public ::testing::Test {
protected:
  static bool available() { return std::system("command -v node wasm-ld-22 >/dev/null 2>&1") == 0; }

  // Exit status of the loader: the low byte of the program's status, 200 for a trap.
  static int run_in_node(const ir::Module& module, int opt) {
    const ScratchDirectory scratch;
    Options options;
    options.triple = "wasm32";
    options.opt = opt;
    const auto object = emit_object(module, options, scratch.file("a.o"));
    EXPECT_TRUE(object.has_value()) << (object ? "" : object.error().message);
    const Finished linked = shell("wasm-ld-22 --no-entry --export-all --allow-undefined " + scratch.file("a.o") +
                                      " -o " + scratch.file("a.wasm"),
                                  scratch);
    EXPECT_EQ(linked.status, 0) << linked.output;
    scratch.write("load.js", R"(
const bytes = require('fs').readFileSync(process.argv[2]);
let memory;
const env = new Proxy({
  fmod: (a, b) => a % b,
  fmodf: (a, b) => Math.fround(a % b),
  memcpy: (to, from, n) => { new Uint8Array(memory.buffer).copyWithin(to, from, from + n); return to; },
  memmove: (to, from, n) => { new Uint8Array(memory.buffer).copyWithin(to, from, from + n); return to; },
  memset: (to, byte, n) => { new Uint8Array(memory.buffer).fill(byte, to, to + n); return to; },
  memcmp: (a, b, n) => {
    const all = new Uint8Array(memory.buffer);
    for (let i = 0; i < n; ++i) if (all[a + i] !== all[b + i]) return all[a + i] - all[b + i];
    return 0;
  },
}, { get: (known, name) => known[name] ?? (() => { throw new Error(name); }) });
WebAssembly.instantiate(bytes, { env }).then(({ instance }) => {
  memory = instance.exports.memory;
  const main = instance.exports.__original_main ?? instance.exports.main ?? instance.exports.__main_void;
  try { process.exit(main(0, 0) & 255); } catch (error) { console.log(error); process.exit(200); }
});
)");
    return shell("node " + scratch.file("load.js") + " " + scratch.file("a.wasm"), scratch).status;
  }
};

TEST_F(WebAssembly, GeneratedProgramsGiveTheSameResult) {
  if (!available())
    GTEST_SKIP() << "no node or wasm-ld";
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    ir::SeededChoices narrow(seed), wide(seed);
    const auto module = ir::generate(narrow, 20, 4);
    const auto native = ir::generate(wide, 20, 8);
    EXPECT_EQ(run_in_node(*module, seed % 2 ? 2 : 0), testing::run(*native) & 255) << seed;
  }
}

TEST_F(WebAssembly, DivisionByZeroTraps) {
  if (!available())
    GTEST_SKIP() << "no node or wasm-ld";
  const auto module = read_good("(target \"wasm32-unknown-emscripten\" 4)" +
                                program("(local x i32)", "(store x 0:i32) (return (div 1:i32 x))"));
  EXPECT_EQ(run_in_node(*module, 2), 200);
}

TEST_F(WebAssembly, EverythingIsEmittedForBothPointerSizes) {
  const std::string source =
      program("(local s $string) (local v $two) (local f u64)",
              "(store s (intrinsic :$string reflect 0 0:i64 0:i64)) (store s (intrinsic :$string error_name 0 1:u32))"
              "(store v (call_extern two v)) (intrinsic trace.push 0 (frame #0)) (intrinsic trace.clear 0)"
              "(if (intrinsic mem.equal 0 (address s) (address v) 4:i64) (trap null_unwrap \"no\\n\"))"
              "(call_extern sx_trace_report_unhandled 1:u32 (load (field s 0)) 1:u32) (return 0:i32)",
              "(type (aggregate string 16 8 (ptr ptr 0) (len i64 8))) (type (aggregate two 8 4 (a i32 0) (b i32 4)))"
              "(reflect 0 void 0 1 0 0 0 0) (errors \"\" Bad) (frame \"a.sx\" 1 1 f \"\")"
              "(extern sx_trace_report_unhandled (sig c (u32 ptr u32) void)) (extern two (sig c ($two) $two))");
  const auto module = read_good("(target \"wasm32-unknown-emscripten\" 4)" + source);
  const ScratchDirectory scratch;
  for (const int opt : {0, 2}) {
    Options options;
    options.opt = opt;
    const auto object = emit_object(*module, options, scratch.file("a.o"));
    EXPECT_TRUE(object.has_value()) << (object ? "" : object.error().message);
    EXPECT_EQ(testing::content_of(scratch.file("a.o")).substr(0, 4), std::string("\0asm", 4));
  }
}

} // namespace
} // namespace sx::codegen
