#pragma once

#include "sema/c_import.h"
#include "sema/evaluator.h"
#include "sema/program.h"
#include "source/diagnostics.h"
#include "source/source_map.h"

#include <memory>
#include <string>
#include <vector>

namespace sx::sema {

struct Options {
  std::string entry_path;
  std::vector<std::string> library_directories; ///< R1.109, in order
  std::string target_os = "linux";              ///< variant names of R1.148
  std::string target_arch = "x86_64";
  std::uint32_t pointer_bytes = 8;
  bool require_main = false;   ///< `run`: E0330 after import resolution
  bool for_build = false;      ///< implicit import of modules/build.sx (R1.162)
  CReader* c_reader = nullptr; ///< without one `#import c` is refused
};

/// Phases 1 to 7 of R10.19, into `program` (fresh, made for the same target). True if no error was reported; otherwise
/// the program is incomplete and only `diagnostics` counts. Phase 8 (run constants and statements) belongs to the
/// driver. `evaluator` is called while checking goes on: the functions it needs are checked and complete in `program`
/// by then.
bool check_program(Program& program, const Options& options, SourceMap& sources, Interner& strings,
                   Diagnostics& diagnostics, Evaluator& evaluator);

} // namespace sx::sema
