#pragma once
// A kernel: a program of `bench/kernels`, compiled once and evaluated by any engine.

#include "comptime/vm/engine.h"
#include "driver/backend.h"

#include <memory>
#include <string>

namespace sx::bench {

/// An evaluation of a kernel's `main`.
struct Run {
  double seconds = 0; ///< processor time of this process, of the evaluation alone
  std::string output;
  std::string failure; ///< empty: it ended well
  std::uint64_t instructions = 0;
};

/// A compiled kernel. Bodies and values of globals are all there after the compilation, so engines only look them up.
class Kernel final : private comptime::Host {
public:
  /// Null if the program does not compile.
  static std::unique_ptr<Kernel> compile(const std::string& path);

  /// `engine` as `sx eval --engine` names it, or `design:tag`, `design:outer` (interrupt_designs.h); null if it is not
  /// in this build.
  std::unique_ptr<comptime::Engine> make_engine(const std::string& engine);
  /// One that counts its instructions in `profile`, which must outlive it.
  std::unique_ptr<comptime::Engine> make_counting_engine(comptime::vm::Profile& profile);
  Run run(comptime::Engine& engine);
  driver::Compilation& compilation() { return *compilation_; }

private:
  bool ensure_body(ir::FuncId function) override;
  std::expected<const ir::FoldImage*, comptime::Failure> global_image(ir::GlobalId global) override;
  bool write(int fd, std::string_view bytes) override;
  std::expected<std::string, comptime::Failure> compiler_call(std::uint32_t call,
                                                              std::span<const std::string> arguments) override;

  std::unique_ptr<driver::Compilation> compilation_;
  ir::FuncId entry_;
  std::string output_;
};

} // namespace sx::bench
