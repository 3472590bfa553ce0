#pragma once
// The back end as the commands and the harness use it: one evaluated compilation in, text, files or a run out.

#include "driver/compilation.h"

#include <expected>
#include <string>
#include <vector>

namespace sx::driver {

/// `sema` options for the host: standard-library directories by R1.109, host operating system and architecture.
sema::Options host_check_options(std::string entry_path);

/// Triple (shorthands expanded, R1.155), operating system, architecture and pointer size of `target` (R1.148).
std::expected<void, std::string> apply_target(const std::string& target, CompilationOptions& options);

struct BuildOptions {
  int opt = 2;
  bool debug_info = false;
  std::string cpu = "generic";
  std::string output; ///< executable or assembly path
  std::string linker = "cc";
  std::vector<std::string> linker_flags;
  std::string sysroot;                    ///< may be empty
  std::vector<std::string> library_paths; ///< `-L`
  bool traces = true;                     ///< keep return traces (R6.132)
  bool keep_object = false;
};

/// LLVM module text, deterministic. Errors are one line each, for a diagnostic or an internal report.
std::expected<std::string, std::string> llvm_text(Compilation& compilation, int opt = 0);
/// Runs `main` in this process and gives its exit status.
std::expected<int, std::string> run_jit(Compilation& compilation, int opt,
                                        const std::vector<std::string>& library_paths = {});
std::expected<void, std::string> write_assembly(Compilation& compilation, const BuildOptions& options);
std::expected<void, std::string> build_executable(Compilation& compilation, const BuildOptions& options);

} // namespace sx::driver
