#pragma once
// Oracles shared by the fuzz targets, the replay test and the command line: a target joins an input to one of these.

#include "comptime/engine.h"
#include "ir/module.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sx::fuzz {

/// Surroundings without services: bodies are what the module has, globals are their images, output is dropped.
class ClosedHost final : public comptime::Host {
public:
  explicit ClosedHost(const ir::Module& module) : module_(module) {}
  bool ensure_body(ir::FuncId function) override;
  std::expected<const ir::FoldImage*, comptime::Failure> global_image(ir::GlobalId global) override;
  bool write(int fd, std::string_view bytes) override;
  std::expected<std::string, comptime::Failure> compiler_call(std::uint32_t call,
                                                              std::span<const std::string> arguments) override;

  /// What was written since `clear`: the first bytes of each stream, and how many there were.
  struct Output {
    std::string start[2];
    std::uint64_t size[2] = {0, 0};
    friend bool operator==(const Output&, const Output&) = default;
  };
  const Output& output() const { return output_; }
  void clear() { output_ = {}; }

private:
  const ir::Module& module_;
  Output output_;
};

/// Small enough that no input is slow, large enough that programs do something.
comptime::Limits small_limits();

/// Every engine and dispatch kind of this build.
std::vector<std::unique_ptr<comptime::Engine>> make_engines(ir::Module& module, comptime::Host& host);

/// Where evaluations start: the program's entry and a few other functions with a body and without parameters.
std::vector<ir::FuncId> entries(const ir::Module& module);

/// Evaluates every parameterless function (at most a few) of any module on every engine. Only has to come back.
void evaluate_unverified(ir::Module& module);

/// Evaluates a verified module's functions on every engine; what differs between two of them, or nothing.
std::optional<std::string> find_disagreement(ir::Module& module);

} // namespace sx::fuzz
