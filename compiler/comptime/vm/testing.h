#pragma once
// Surroundings for the tests of this room: a host over a module and short ways to evaluate.

#include "comptime/vm/engine.h"
#include "ir/module.h"
#include "ir/read.h"

#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

namespace sx::comptime::vm::testing {

/// Bodies are those of the module; globals are evaluated by `engine` when first read.
class ModuleHost final : public Host {
public:
  explicit ModuleHost(ir::Module& module) : module_(module) {}

  bool ensure_body(ir::FuncId function) override { return module_.function(function).has_body(); }
  std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId id) override {
    const ir::Global& global = module_.global(id);
    if (global.image)
      return &*global.image;
    if (!global.initializer || !engine)
      return nullptr;
    const auto found = memo_.find(id.value);
    if (found != memo_.end())
      return &found->second;
    Outcome outcome = engine->evaluate({global.initializer, {}, Mode::Comptime, {}});
    if (!outcome.image)
      return std::unexpected(*outcome.failure);
    return &(memo_[id.value] = *outcome.image);
  }
  bool write(int fd, std::string_view bytes) override {
    if (fd != 1 && fd != 2)
      return false;
    (fd == 1 ? out : err) += bytes;
    return true;
  }
  /// Answers with the number of the call and its arguments.
  std::expected<std::string, Failure> compiler_call(std::uint32_t call,
                                                    std::span<const std::string> arguments) override {
    std::string text = std::to_string(call);
    for (const std::string& argument : arguments)
      text += " " + argument;
    return text;
  }

  std::string out, err;
  Engine* engine = nullptr;

private:
  ir::Module& module_;
  std::unordered_map<std::uint32_t, ir::FoldImage> memo_;
};

inline ir::FuncId find_function(const ir::Module& module, std::string_view name) {
  for (std::size_t id = 0; id < module.functions.size(); ++id)
    if (module.text(module.functions[id].symbol) == name)
      return ir::FuncId(id);
  return {};
}

/// The first bytes of a value as a word.
inline std::uint64_t word_of(const Outcome& outcome) {
  std::uint64_t word = 0;
  if (outcome.image)
    std::memcpy(&word, outcome.image->objects[0].bytes.data(),
                std::min<std::size_t>(8, outcome.image->objects[0].bytes.size()));
  return word;
}

/// Everything about an outcome that must not depend on the dispatch kind.
inline std::string describe_outcome(const Outcome& outcome) {
  std::string text;
  if (outcome.failure) {
    text = "failure: " + describe(*outcome.failure) + " at " + std::to_string(outcome.failure->span.begin);
    for (const CallSite& site : outcome.failure->calls)
      text += " in " + std::to_string(site.function.value) + "@" + std::to_string(site.call.begin);
  }
  if (outcome.exit_code)
    text += "exit " + std::to_string(*outcome.exit_code);
  if (outcome.image)
    for (const ir::ImageObject& object : outcome.image->objects) {
      text += "[";
      constexpr std::string_view digits = "0123456789abcdef";
      for (const std::uint8_t byte : object.bytes)
        text += {digits[byte >> 4], digits[byte & 15]};
      for (const ir::Relocation& relocation : object.relocations)
        text += " @" + std::to_string(relocation.offset) + "=" + "OGFDEX"[static_cast<int>(relocation.kind)] +
                std::to_string(relocation.target) + "+" + std::to_string(relocation.addend);
      text += "]";
    }
  const Counters& c = outcome.counters;
  return text + " calls " + std::to_string(c.calls) + " repeats " + std::to_string(c.back_edges) + " bytes " +
         std::to_string(c.allocated_bytes) + " depth " + std::to_string(c.max_depth);
}

} // namespace sx::comptime::vm::testing
