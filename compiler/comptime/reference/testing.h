#pragma once
// Help for the tests of this room: a host that records, and one-function programs.

#include "comptime/reference/engine.h"
#include "ir/builder.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sx::comptime::testing {

class RecordingHost final : public Host {
public:
  bool ensure_body(ir::FuncId function) override { return on_body && on_body(function); }
  std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId global) override {
    if (on_global)
      if (auto failure = on_global(global))
        return std::unexpected(*failure);
    if (module && module->global(global).image)
      return &*module->global(global).image;
    return nullptr;
  }
  bool write(int fd, std::string_view bytes) override {
    if (fd != 1 && fd != 2)
      return false;
    (fd == 1 ? out : err) += bytes;
    return true;
  }
  std::expected<std::string, Failure> compiler_call(std::uint32_t call,
                                                    std::span<const std::string> arguments) override {
    std::string text = std::to_string(call);
    for (const std::string& argument : arguments)
      text += "|" + argument;
    requests.push_back(text);
    return answer;
  }

  const ir::Module* module = nullptr;
  std::string out, err, answer;
  std::vector<std::string> requests;
  std::function<bool(ir::FuncId)> on_body;
  std::function<std::optional<Failure>(ir::GlobalId)> on_global;
};

/// A module with functions that are built one after the other.
class Program {
public:
  explicit Program(std::uint32_t pointer_bytes = 8) {
    module.target.pointer_bytes = pointer_bytes;
    host.module = &module;
  }

  ir::FuncId declare(std::string_view name, std::vector<ir::TypeId> params, ir::TypeId result) {
    ir::Function function;
    function.name = function.symbol = module.strings.intern(name);
    ir::Type signature;
    signature.kind = ir::TypeKind::Signature;
    signature.element = result;
    signature.params = params;
    function.signature = module.intern_type(signature);
    function.param_count = static_cast<std::uint32_t>(params.size());
    for (std::size_t i = 0; i < params.size(); ++i)
      function.locals.push_back({module.strings.intern("p" + std::to_string(i)), params[i]});
    module.functions.push_back(std::move(function));
    return ir::FuncId(module.functions.size() - 1);
  }
  ir::Builder build(ir::FuncId id) { return ir::Builder(module, module.function(id)); }
  /// The body: the nodes in order.
  static void body(ir::Builder& b, std::vector<ir::NodeId> nodes) {
    b.finish(b.block(b.new_label(), b.type_of(nodes.back()), nodes));
  }
  ir::ExternId add_extern(std::string_view symbol, ir::TypeId signature) {
    ir::Extern row;
    row.symbol = module.strings.intern(symbol);
    row.signature = signature;
    module.externs.push_back(row);
    return ir::ExternId(module.externs.size() - 1);
  }

  Outcome run(ir::FuncId entry, Mode mode = Mode::Comptime, Limits limits = {},
              std::span<const ir::FoldImage> arguments = {}) {
    const auto engine = make_reference_engine(module, host);
    return engine->evaluate({entry, arguments, mode, limits});
  }

  ir::Module module;
  RecordingHost host;
};

/// The little-endian integer that the result's first object holds.
inline std::uint64_t word_of(const Outcome& outcome) {
  std::uint64_t word = 0;
  if (outcome.image)
    for (std::size_t i = 0; i < outcome.image->objects[0].bytes.size() && i < 8; ++i)
      word |= std::uint64_t{outcome.image->objects[0].bytes[i]} << (8 * i);
  return word;
}

inline std::string reason_of(const Outcome& outcome) {
  return outcome.failure ? describe(*outcome.failure) : "no failure";
}

} // namespace sx::comptime::testing
