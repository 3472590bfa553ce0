#pragma once
// Checked program -> IR. Functions are declared when first mentioned and their bodies lowered on demand, so that
// compile-time evaluation can begin while checking is still going on.

#include "ir/module.h"
#include "sema/program.h"
#include "source/source_map.h"

#include <memory>
#include <optional>

namespace sx::lower {

class Lowerer {
public:
  /// All references must outlive the lowerer; `module.target` must be set and agree with the program's pointer size.
  Lowerer(sema::Program& program, ir::Module& module, const SourceMap& sources, Interner& strings);
  ~Lowerer();
  Lowerer(const Lowerer&) = delete;
  Lowerer& operator=(const Lowerer&) = delete;

  /// The IR function of a checked function; its body may not exist yet.
  ir::FuncId function(sema::FunctionId id);
  /// The IR global of a checked global.
  ir::GlobalId global(sema::GlobalId id);
  /// The constant global that holds the folded value of a `#run` operand; its initializer is the entry.
  ir::GlobalId run_value(sema::RunId id);
  ir::TypeId type(sema::TypeId id);

  /// Lowers the body of `id` if that has not happened. False: there is none (an error was reported in it).
  bool ensure_body(ir::FuncId id);
  /// A C function `() -> i32` that calls `main` and turns its result into an exit status (R1.101, R6.137).
  ir::FuncId entry_point();
  /// Lowers everything the given roots reach, through bodies and the images and initializers of globals.
  void lower_reachable(std::vector<ir::FuncId> roots);
  /// Brings the reflection rows and error names of the module up to the program's tables.
  void sync_tables();

  /// What an IR global was made for; both empty for tables that lowering made itself.
  struct Origin {
    std::optional<sema::GlobalId> global;
    std::optional<sema::RunId> run;
  };
  Origin origin(ir::GlobalId id) const;

  /// The `#run` operands found in lowered bodies, in order of discovery: phase 4 evaluates their globals.
  const std::vector<std::pair<sema::RunId, ir::GlobalId>>& run_values() const;

  class Impl; ///< of the room alone

private:
  std::unique_ptr<Impl> impl_;
};

} // namespace sx::lower
