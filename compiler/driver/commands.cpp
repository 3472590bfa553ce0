#include "driver/commands.h"

#include "comptime/vm/engine.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "source/read_file.h"
#include "source/render.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

namespace sx::driver {

namespace {

using Clock = std::chrono::steady_clock;

/// Times of the stages for `--time`.
class Stopwatch {
public:
  void lap(const char* stage) {
    const auto now = Clock::now();
    laps_.emplace_back(stage, std::chrono::duration<double, std::milli>(now - last_).count());
    last_ = now;
  }
  void print() const {
    for (const auto& [stage, milliseconds] : laps_)
      std::fprintf(stderr, "%-12s %9.3f ms\n", stage, milliseconds);
  }

private:
  Clock::time_point last_ = Clock::now();
  std::vector<std::pair<const char*, double>> laps_;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return 1;
}

void show(Compilation& compilation, const CommandOptions& options) {
  const std::string text = options.diagnostics == "json"
                               ? render_json_lines(compilation.diagnostics(), compilation.sources())
                               : render_text(compilation.diagnostics(), compilation.sources());
  std::fwrite(text.data(), 1, text.size(), stderr);
}

/// A checked and evaluated compilation, or the exit status of the command.
struct Front {
  std::unique_ptr<Compilation> compilation;
  int status = 0;
};

Front compile(const CommandOptions& options, bool needs_main, Stopwatch& watch) {
  Front front;
  CompilationOptions made;
  made.check = host_check_options(options.input);
  made.check.require_main = needs_main;
  if (auto applied = apply_target(options.target, made); !applied) {
    front.status = fail(applied.error());
    return front;
  }
  if (!options.engine.empty()) {
    const auto engine = find_engine(options.engine);
    if (!engine) {
      std::fprintf(stderr, "error: there is no engine '%s' in this build\n", options.engine.c_str());
      front.status = 2;
      return front;
    }
    made.engine = *engine;
  }
  front.compilation = std::make_unique<Compilation>(std::move(made));
  const bool checked = front.compilation->check();
  watch.lap("check");
  const bool evaluated = checked && front.compilation->evaluate();
  watch.lap("evaluate");
  show(*front.compilation, options);
  if (front.compilation->exit_code())
    front.status = *front.compilation->exit_code() & 255;
  else if (!evaluated)
    front.status = 1;
  else
    return front;
  front.compilation.reset();
  return front;
}

/// A module that does not verify is the compiler's own fault: exit status 3.
std::optional<int> verify_module(Compilation& compilation) {
  const auto errors = ir::verify(compilation.module());
  if (errors.empty())
    return std::nullopt;
  std::fprintf(stderr, "internal error: the IR does not verify\n");
  for (const ir::VerifyError& error : errors)
    std::fprintf(stderr, "  %s\n", error.message.c_str());
  return 3;
}

} // namespace

int run_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, true, watch);
  if (!front.compilation)
    return front.status;
  if (auto status = verify_module(*front.compilation))
    return *status;
  if (front.compilation->program().has_build_marker) {
    std::fputs("--- build done ---\n", stdout);
    std::fflush(stdout);
  }
  auto status = run_jit(*front.compilation, options.opt_given ? options.build.opt : 0, options.build.library_paths);
  watch.lap("run");
  if (options.time)
    watch.print();
  if (!status)
    return fail(status.error());
  return *status & 255;
}

int eval_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, true, watch);
  if (!front.compilation)
    return front.status;
  const comptime::Outcome outcome = front.compilation->run_main();
  watch.lap("evaluate main");
  if (options.time) {
    watch.print();
    std::fprintf(stderr, "%lu instructions\n", outcome.instructions);
  }
  if (outcome.exit_code)
    return *outcome.exit_code & 255;
  if (outcome.failure)
    return fail("evaluation stopped: " + comptime::describe(*outcome.failure));
  return outcome.image ? outcome.image->objects.front().bytes.front() : 0;
}

int build_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, true, watch);
  if (!front.compilation)
    return front.status;
  if (auto status = verify_module(*front.compilation))
    return *status;
  BuildOptions build = options.build;
  if (build.output.empty())
    build.output = std::filesystem::path(options.input).stem().string();
  auto built = build_executable(*front.compilation, build);
  watch.lap("emit, link");
  if (options.time)
    watch.print();
  if (!built)
    return fail(built.error());
  std::fprintf(stderr, "compiled %s\n", build.output.c_str());
  return 0;
}

int check_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, false, watch);
  if (options.time)
    watch.print();
  if (!front.compilation)
    return front.status;
  if (auto status = verify_module(*front.compilation))
    return *status;
  if (options.fold_log.empty())
    return 0;
  std::ofstream out(options.fold_log, std::ios::binary);
  out << print_folds(front.compilation->module(), front.compilation->folds());
  return out.flush() ? 0 : fail("cannot write '" + options.fold_log + "'");
}

int ir_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, false, watch);
  if (!front.compilation)
    return front.status;
  std::string text;
  switch (options.stage) {
  case IrStage::Typed: text = ir::print(front.compilation->module()); break;
  case IrStage::Bytecode: text = comptime::vm::disassemble(front.compilation->module()); break;
  case IrStage::Llvm: {
    auto made = llvm_text(*front.compilation, options.opt_given ? options.build.opt : 0);
    if (!made)
      return fail(made.error());
    text = std::move(*made);
    break;
  }
  }
  if (!text.ends_with('\n'))
    text += '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int asm_command(const CommandOptions& options) {
  Stopwatch watch;
  Front front = compile(options, false, watch);
  if (!front.compilation)
    return front.status;
  if (auto status = verify_module(*front.compilation))
    return *status;
  BuildOptions build = options.build;
  if (build.output.empty())
    build.output = std::filesystem::path(options.input).stem().string() + ".s";
  auto written = write_assembly(*front.compilation, build);
  if (!written)
    return fail(written.error());
  std::fprintf(stderr, "emitted %s\n", build.output.c_str());
  return 0;
}

} // namespace sx::driver
