#pragma once
// One compilation from source to evaluated IR: checking, lowering, compile-time evaluation (phases 1 to 8 of R10.19).

#include "comptime/engine.h"
#include "driver/c_reader.h"
#include "driver/fold_log.h"
#include "ir/module.h"
#include "lower/lower.h"
#include "sema/check.h"
#include "sema/compiler_api.h"
#include "source/diagnostics.h"
#include "source/source_map.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sx::driver {

/// Which engine evaluates compile-time code.
enum class EngineKind : std::uint8_t { Reference, VmSwitch, VmThreaded, VmTailCall };

std::string_view engine_name(EngineKind kind);
/// The engine of that name (`reference`, `vm:switch`, ...), or nothing if it is unknown or not in this build.
std::optional<EngineKind> find_engine(std::string_view name);
/// The engine of this build's configuration (the parity gate sets the VM).
EngineKind default_engine();
std::unique_ptr<comptime::Engine> make_engine(EngineKind kind, ir::Module& module, comptime::Host& host);

struct CompilationOptions {
  sema::Options check;
  std::string triple; ///< empty: the host
  EngineKind engine = default_engine();
  comptime::Limits limits;
  /// Receives what compile-time code prints, at once; default: the process's own descriptors.
  std::function<void(int fd, std::string_view bytes)> output;
};

class Compilation final : private sema::Evaluator, private comptime::Host {
public:
  explicit Compilation(CompilationOptions options);
  ~Compilation() override;
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  /// Phases 1 to 7. False: errors were reported.
  bool check();
  /// Phase 8 after a successful `check`: run constants, run statements, operands in reached bodies, values of globals.
  /// False: errors were reported, or compile-time code ended the process (`exit_code`).
  bool evaluate();
  /// Evaluates `main` with the engine and the modelled host library (lanes `reference:main`, `vm:main`).
  comptime::Outcome run_main();

  Diagnostics& diagnostics() { return diagnostics_; }
  const SourceMap& sources() const { return sources_; }
  ir::Module& module() { return module_; }
  const std::string& target_triple() const { return options_.triple; } ///< empty: the host
  sema::Program& program() { return program_; }
  const FoldLog& folds() const { return folds_; }
  /// Set when compile-time code called `exit` (R7.167).
  std::optional<int> exit_code() const { return exit_code_; }
  std::uint64_t instructions() const { return instructions_; }
  /// The worst verdict of all evaluations so far, with the first reason.
  comptime::Verdict verdict() const { return verdict_; }
  const std::string& verdict_reason() const { return verdict_reason_; }

private:
  // sema::Evaluator
  std::expected<std::string, sema::EvaluationError> evaluate_string(sema::FunctionId entry) override;
  std::expected<std::uint64_t, sema::EvaluationError> evaluate_word(sema::FunctionId entry) override;
  // comptime::Host
  bool ensure_body(ir::FuncId function) override;
  std::expected<const ir::FoldImage*, comptime::Failure> global_image(ir::GlobalId global) override;
  bool write(int fd, std::string_view bytes) override;
  std::expected<std::string, comptime::Failure> compiler_call(std::uint32_t call,
                                                              std::span<const std::string> arguments) override;

  /// What a global is to the reports: a named `#run` constant, a `#run` operand, or a plain initializer.
  struct Site {
    std::string name;
    sema::TypeId type;
    Span span;
    bool is_run = false;
    bool is_statement = false;
    bool is_failable = false; ///< the entry returns a whole failable result
  };
  bool is_failable(sema::FunctionId entry) const;
  bool run_phases();
  /// Puts the fold log into its final form.
  void settle_folds(bool complete);
  comptime::Outcome run_entry(ir::FuncId entry, comptime::Mode mode);
  /// Evaluates a global's initializer, checks and keeps its value. False: a report was made.
  bool evaluate_global(ir::GlobalId global);
  /// Checks and reports one outcome; the image to keep, or nothing.
  std::optional<ir::FoldImage> settle(const Site& site, comptime::Outcome outcome);
  /// Reduces a whole failable result to its success value; the error's tag if there is one.
  std::uint32_t take_success(sema::TypeId success, ir::FoldImage& image);
  void report_failure(const Site& site, const comptime::Failure& failure);
  /// The active calls of a failure, a line each under a heading; empty if there are none.
  std::string call_list(const comptime::Failure& failure, Span entry) const;
  /// What an evaluation for the checker gave, or why it gave nothing.
  std::expected<comptime::Outcome, sema::EvaluationError> evaluate_for_checking(sema::FunctionId entry);
  std::string error_tag_name(std::uint32_t tag) const;
  void report_escaped_error(const Site& site, std::uint32_t tag, const comptime::Outcome& outcome);
  void note_verdict(const comptime::Outcome& outcome);
  Site site_of(ir::GlobalId global) const;
  std::string position(Span span) const;
  std::optional<std::string> first_byte_string(const ir::FoldImage& image) const;

  CompilationOptions options_;
  ClangReader c_reader_;
  SourceMap sources_;
  Interner strings_;
  Diagnostics diagnostics_;
  sema::Program program_;
  ir::Module module_;
  lower::Lowerer lowerer_;
  std::unique_ptr<comptime::Engine> engine_;
  sema::CompilerApi api_;
  FoldLog folds_;
  std::vector<std::uint32_t> evaluating_; ///< globals whose initializer is running, outermost first
  std::vector<bool> failed_;              ///< by IR global
  std::optional<int> exit_code_;
  std::uint64_t instructions_ = 0;
  comptime::Verdict verdict_ = comptime::Verdict::Defined;
  std::string verdict_reason_;
};

} // namespace sx::driver
