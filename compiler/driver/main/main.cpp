// sx: the command line (1.15).

#include "driver/commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

using namespace sx::driver;

namespace {

void add_common(CLI::App& command, CommandOptions& options, std::string& opt) {
  command.add_option("FILE", options.input, "the entry file")->required();
  command.add_option("--target", options.target,
                     "target triple or shorthand (linux, wasm32, ...); default: this machine");
  command.add_option("--cpu", options.build.cpu, "CPU model")->capture_default_str();
  command.add_option("--opt,-O", opt, "none/0, less/1, default/2, aggressive/3; also written -O2");
  command.add_option("--engine", options.engine, "compile-time engine: reference, vm:switch, vm:threaded, vm:tailcall");
  command.add_option("--diagnostics", options.diagnostics, "text, or json: one object a line")
      ->check(CLI::IsMember({"text", "json"}));
  command.add_flag("--time", options.time, "times of the stages on standard error");
  command.add_option("-L", options.build.library_paths, "library search path")->allow_extra_args(false);
}

/// R1.159: one line and status 2.
int usage_error(const std::string& what) {
  std::fprintf(stderr, "error: %s [E1013]\n", what.c_str());
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"The sx compiler.\n\n"
               "  sx run hello.sx               compile and execute\n"
               "  sx build hello.sx -o hello    an executable\n"
               "  sx check hello.sx             diagnostics only\n"
               "  sx ir hello.sx --stage=typed  the compiler's IR; also bytecode, llvm\n\n"
               "Exit status: the program's own (run), 1 after errors, 2 wrong usage, 3 a fault of the compiler."};
  app.require_subcommand(1);
  CommandOptions options;
  std::string opt;
  int (*selected)(const CommandOptions&) = nullptr;
  const auto add = [&](const char* name, const char* about, int (*command)(const CommandOptions&)) {
    CLI::App* made = app.add_subcommand(name, about);
    add_common(*made, options, opt);
    made->callback([&selected, command] { selected = command; });
    return made;
  };
  CLI::App* run = add("run", "compile, then execute in the same process", run_command);
  CLI::App* build = add("build", "compile and link an executable", build_command);
  CLI::App* check = add("check", "report diagnostics, evaluate compile-time code", check_command);
  CLI::App* ir = add("ir", "print an intermediate representation", ir_command);
  CLI::App* dump = add("ir-dump", "print the compiler's own IR", ir_command);
  CLI::App* assembly = add("asm", "write an assembly file", asm_command);
  add("eval", "compile, then evaluate main with a compile-time engine", eval_command);
  (void)run;
  for (CLI::App* command : {build, assembly})
    command->add_option("-o", options.build.output, "output path");
  build->add_option("--lflags", options.build.linker_flags, "extra linker flag")->allow_extra_args(false);
  build->add_option("--sysroot", options.build.sysroot, "sysroot for cross compilation");
  build->add_option("--linker", options.build.linker, "linker driver")->capture_default_str();
  build->add_flag("--emit-obj", options.build.keep_object, "keep the object file, with debug information");
  for (CLI::App* command : {build, assembly})
    command->add_flag("-g", options.build.debug_info, "line information for debuggers");
  bool release_traces = false;
  build->add_flag("--release-traces", release_traces, "keep return traces in optimised builds");
  check->add_option("--fold-log", options.fold_log, "write every fold of the compilation to this file");
  const std::map<std::string, IrStage> stages{
      {"typed", IrStage::Typed}, {"bytecode", IrStage::Bytecode}, {"llvm", IrStage::Llvm}};
  ir->add_option("--stage", options.stage, "typed, bytecode or llvm")->transform(CLI::CheckedTransformer(stages));

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  if (dump->parsed())
    options.stage = IrStage::Typed;
  const std::map<std::string, int> levels{{"none", 0},    {"0", 0}, {"less", 1},       {"1", 1},
                                          {"default", 2}, {"2", 2}, {"aggressive", 3}, {"3", 3}};
  if (!opt.empty()) {
    const auto level = levels.find(opt);
    if (level == levels.end()) {
      return usage_error("'" + opt + "' is no optimisation level");
    }
    options.build.opt = level->second;
    options.opt_given = true;
  } else if (options.build.keep_object) {
    options.build.opt = 0;
  }
  options.build.traces = options.build.opt <= 1 || release_traces;
  options.build.debug_info |= options.build.keep_object;
  return selected(options);
}
