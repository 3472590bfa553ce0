#pragma once
// The commands of `sx` (1.15): what each does once its options are known. Results are exit statuses (R1.159).

#include "driver/backend.h"

#include <string>
#include <vector>

namespace sx::driver {

enum class IrStage : std::uint8_t { Typed, Bytecode, Llvm };

struct CommandOptions {
  std::string input;
  std::string target;               ///< triple or shorthand; empty: the host
  std::string engine;               ///< `reference`, `vm:switch`, ...; empty: the build's default
  std::string fold_log;             ///< file for every fold (check)
  std::string diagnostics = "text"; ///< or `json`
  IrStage stage = IrStage::Llvm;
  bool opt_given = false;
  bool time = false;
  BuildOptions build;
};

int run_command(const CommandOptions& options);
/// Evaluates `main` with an engine and the modelled host library.
int eval_command(const CommandOptions& options);
int build_command(const CommandOptions& options);
int check_command(const CommandOptions& options);
int ir_command(const CommandOptions& options);
int asm_command(const CommandOptions& options);

} // namespace sx::driver
