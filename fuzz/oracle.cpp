#include "oracle.h"

#include "comptime/reference/engine.h"
#include "comptime/vm/engine.h"

#include <algorithm>

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

bool ClosedHost::write(int fd, std::string_view bytes) {
  if (fd != 1 && fd != 2)
    return false;
  constexpr std::size_t kept = 1 << 16;
  std::string& start = output_.start[fd - 1];
  start += bytes.substr(0, kept - std::min(kept, start.size()));
  output_.size[fd - 1] += bytes.size();
  return true;
}

std::expected<std::string, comptime::Failure> ClosedHost::compiler_call(std::uint32_t, std::span<const std::string>) {
  return std::unexpected(comptime::Failure{comptime::Reason::MissingService, "the compiler interface", {}, {}});
}

comptime::Limits small_limits() {
  comptime::Limits limits;
  limits.calls = 500;
  limits.back_edges = 1'500;
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

/// Objects of an image, each as its bytes and relocations.
std::string describe(const ir::FoldImage& image) {
  constexpr std::size_t shown = 256;
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "a value of type " + std::to_string(image.type.value);
  for (const ir::ImageObject& object : image.objects) {
    text += " [" + std::to_string(object.bytes.size()) + "@" + std::to_string(object.align) + ":";
    for (std::size_t i = 0; i < object.bytes.size() && i < shown; ++i)
      text += {i % 8 == 0 ? ' ' : '\0', digits[object.bytes[i] >> 4], digits[object.bytes[i] & 15]};
    for (const ir::Relocation& reloc : object.relocations)
      text += ", " + std::to_string(reloc.offset) + " -> " + std::to_string(static_cast<unsigned>(reloc.kind)) + ":" +
              std::to_string(reloc.target) + "+" + std::to_string(reloc.addend);
    text += "]";
  }
  std::erase(text, '\0');
  return text;
}

std::string describe_span(Span span) {
  return std::to_string(span.begin) + "-" + std::to_string(span.end);
}

std::string describe_failure(const comptime::Failure& failure) {
  std::string text = "failure: " + comptime::describe(failure) + " at " + describe_span(failure.span);
  for (const comptime::CallSite& site : failure.calls)
    text += " in " + std::to_string(site.function.value) + "@" + describe_span(site.call);
  return text;
}

std::string describe(const comptime::Outcome& outcome) {
  if (outcome.exit_code)
    return "exit " + std::to_string(*outcome.exit_code);
  if (outcome.failure)
    return describe_failure(*outcome.failure);
  return outcome.image ? describe(*outcome.image) : "nothing";
}

bool same_calls(const std::vector<comptime::CallSite>& a, const std::vector<comptime::CallSite>& b) {
  return std::ranges::equal(a, b, [](const comptime::CallSite& x, const comptime::CallSite& y) {
    return x.function == y.function && x.call == y.call;
  });
}

bool same_failure(const std::optional<comptime::Failure>& a, const std::optional<comptime::Failure>& b) {
  if (!a || !b)
    return a.has_value() == b.has_value();
  return a->reason == b->reason && a->detail == b->detail && a->span == b->span && same_calls(a->calls, b->calls);
}

/// The parts in which two outcomes differ; empty: none.
std::string differences(const comptime::Outcome& a, const comptime::Outcome& b) {
  std::string parts;
  const auto part = [&](bool equal, std::string_view name) {
    if (!equal)
      parts += (parts.empty() ? "" : ", ") + std::string(name);
  };
  part(same_failure(a.failure, b.failure), "failure");
  part(a.exit_code == b.exit_code, "exit code");
  part(a.image == b.image, "value");
  part(a.trace == b.trace && a.trace_truncated == b.trace_truncated, "trace");
  const auto counts = [](const comptime::Counters& c) {
    return std::to_string(c.calls) + "/" + std::to_string(c.back_edges) + "/" + std::to_string(c.allocated_bytes) +
           "/" + std::to_string(c.max_depth);
  };
  part(a.counters == b.counters, "counters " + counts(a.counters) + " and " + counts(b.counters));
  return parts;
}

/// The first entry is also run as a program.
std::span<const comptime::Mode> modes_of(ir::FuncId entry, const std::vector<ir::FuncId>& roots) {
  static constexpr comptime::Mode modes[] = {comptime::Mode::Comptime, comptime::Mode::Main};
  return {modes, entry == roots.front() ? 2u : 1u};
}

} // namespace

std::vector<ir::FuncId> entries(const ir::Module& module) {
  constexpr std::size_t most = 3;
  std::vector<ir::FuncId> found;
  const auto take = [&](std::uint32_t id) {
    const ir::Function& function = module.functions[id];
    if (found.size() < most && function.param_count == 0 && function.has_body() &&
        std::ranges::find(found, ir::FuncId(id)) == found.end())
      found.emplace_back(id);
  };
  const auto count = static_cast<std::uint32_t>(module.functions.size());
  for (std::uint32_t id = 0; id < count; ++id)
    if (module.functions[id].symbol == module.entry_symbol)
      take(id);
  for (std::uint32_t id = 0; id < count; ++id)
    take(id);
  return found;
}

void evaluate_unverified(ir::Module& module) {
  ClosedHost host(module);
  const std::vector<ir::FuncId> roots = entries(module);
  for (const auto& engine : make_engines(module, host))
    for (const ir::FuncId entry : roots)
      for (const comptime::Mode mode : modes_of(entry, roots)) {
        host.clear();
        engine->evaluate({entry, {}, mode, small_limits()});
      }
}

std::optional<std::string> find_disagreement(ir::Module& module) {
  ClosedHost host(module);
  const std::vector<ir::FuncId> roots = entries(module);
  const auto engines = make_engines(module, host);
  for (const ir::FuncId entry : roots)
    for (const comptime::Mode mode : modes_of(entry, roots)) {
      const comptime::Request request{entry, {}, mode, small_limits()};
      host.clear();
      const comptime::Outcome expected = engines.front()->evaluate(request);
      const ClosedHost::Output output = host.output();
      // Only defined programs have one outcome (R4.160).
      const bool defined =
          expected.verdict == comptime::Verdict::Defined || expected.verdict == comptime::Verdict::Limit;
      for (std::size_t i = 1; i < engines.size(); ++i) {
        host.clear();
        const comptime::Outcome actual = engines[i]->evaluate(request);
        std::string parts = differences(expected, actual);
        if (host.output() != output)
          parts += parts.empty() ? "output" : ", output";
        if (defined && !parts.empty())
          return std::string(mode == comptime::Mode::Main ? "program" : "function") + " " +
                 std::to_string(entry.value) + ": " + parts + "; reference gives " + describe(expected) + ", " +
                 std::string(engines[i]->name()) + " gives " + describe(actual);
      }
    }
  return std::nullopt;
}

} // namespace sx::fuzz
