#include "oracle.h"

#include "comptime/reference/engine.h"
#include "comptime/vm/engine.h"

namespace sx::fuzz {

bool ClosedHost::ensure_body(ir::FuncId function) {
  return function.index() < module_.functions.size() && module_.function(function).has_body();
}

std::expected<const ir::FoldImage*, comptime::Failure> ClosedHost::global_image(ir::GlobalId global) {
  if (global.index() >= module_.globals.size())
    return std::unexpected(comptime::Failure{comptime::Reason::MalformedIr, "a global that is not there", {}, {}});
  const std::optional<ir::FoldImage>& image = module_.global(global).image;
  return image ? &*image : nullptr;
}

bool ClosedHost::write(int fd, std::string_view) {
  return fd == 1 || fd == 2;
}

std::expected<std::string, comptime::Failure> ClosedHost::compiler_call(std::uint32_t, std::span<const std::string>) {
  return std::unexpected(comptime::Failure{comptime::Reason::MissingService, "the compiler interface", {}, {}});
}

comptime::Limits small_limits() {
  comptime::Limits limits;
  limits.calls = 2'000;
  limits.back_edges = 5'000;
  limits.depth = 64;
  limits.heap_bytes = 4u << 20;
  limits.single_allocation = 1u << 20;
  limits.frame_bytes = 4u << 20;
  return limits;
}

std::vector<std::unique_ptr<comptime::Engine>> make_engines(ir::Module& module, comptime::Host& host) {
  using comptime::vm::Dispatch;
  std::vector<std::unique_ptr<comptime::Engine>> engines;
  engines.push_back(comptime::make_reference_engine(module, host));
  engines.push_back(comptime::vm::make_vm_engine(module, host, Dispatch::Switch));
  engines.push_back(comptime::vm::make_vm_engine(module, host, Dispatch::Threaded));
#ifdef __clang__
  engines.push_back(comptime::vm::make_vm_engine(module, host, Dispatch::TailCall));
#endif
  return engines;
}

namespace {

constexpr std::uint32_t most_functions = 4;

/// Entries worth evaluating: functions without parameters.
std::vector<ir::FuncId> entries(const ir::Module& module) {
  std::vector<ir::FuncId> found;
  for (std::uint32_t id = 0; id < module.functions.size() && found.size() < most_functions; ++id)
    if (module.functions[id].param_count == 0)
      found.emplace_back(id);
  return found;
}

std::string describe(const comptime::Outcome& outcome) {
  if (outcome.exit_code)
    return "exit " + std::to_string(*outcome.exit_code);
  if (outcome.failure)
    return "failure: " + comptime::describe(*outcome.failure);
  return outcome.image ? "a value" : "nothing";
}

bool same(const comptime::Outcome& a, const comptime::Outcome& b) {
  const bool failures = a.failure.has_value() == b.failure.has_value() &&
                        (!a.failure || (a.failure->reason == b.failure->reason &&
                                        a.failure->detail == b.failure->detail && a.failure->span == b.failure->span));
  return failures && a.exit_code == b.exit_code && a.image == b.image && a.trace == b.trace && a.counters == b.counters;
}

} // namespace

void evaluate_unverified(ir::Module& module) {
  ClosedHost host(module);
  const std::vector<ir::FuncId> roots = entries(module);
  for (const auto& engine : make_engines(module, host))
    for (const ir::FuncId entry : roots)
      for (const comptime::Mode mode : {comptime::Mode::Comptime, comptime::Mode::Main})
        engine->evaluate({entry, {}, mode, small_limits()});
}

std::optional<std::string> find_disagreement(ir::Module& module) {
  ClosedHost host(module);
  const std::vector<ir::FuncId> roots = entries(module);
  const auto engines = make_engines(module, host);
  for (const ir::FuncId entry : roots) {
    const comptime::Outcome expected = engines.front()->evaluate({entry, {}, comptime::Mode::Comptime, small_limits()});
    // Only defined programs have one outcome (R4.160).
    const bool defined = expected.verdict == comptime::Verdict::Defined || expected.verdict == comptime::Verdict::Limit;
    for (std::size_t i = 1; i < engines.size(); ++i) {
      const comptime::Outcome actual = engines[i]->evaluate({entry, {}, comptime::Mode::Comptime, small_limits()});
      if (defined && !same(expected, actual))
        return "function " + std::to_string(entry.value) + ": reference gives " + describe(expected) + ", " +
               std::string(engines[i]->name()) + " gives " + describe(actual);
    }
  }
  return std::nullopt;
}

} // namespace sx::fuzz
