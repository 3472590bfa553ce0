// The bytecode of a whole module, for people.

#include "comptime/vm/engine.h"
#include "comptime/vm/program.h"

namespace sx::comptime::vm {

namespace {

/// Bodies are what the module has; nothing is evaluated.
class ListingHost final : public Host {
public:
  explicit ListingHost(const ir::Module& module) : module_(module) {}
  bool ensure_body(ir::FuncId function) override { return module_.function(function).has_body(); }
  std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId) override { return nullptr; }
  bool write(int, std::string_view) override { return false; }
  std::expected<std::string, Failure> compiler_call(std::uint32_t, std::span<const std::string>) override {
    return std::unexpected(Failure{Reason::MissingService, "the compiler interface", {}, {}});
  }

private:
  const ir::Module& module_;
};

} // namespace

std::string disassemble(ir::Module& module) {
  ListingHost host(module);
  Program program(module, host);
  std::string out;
  for (std::uint32_t id = 0; id < module.functions.size(); ++id) {
    if (!module.functions[id].has_body())
      continue;
    out += "function " + std::string(module.text(module.functions[id].symbol)) + "\n";
    const auto code = program.function(ir::FuncId(id), Mode::Main);
    out += code ? disassemble(**code) : "  not compiled: " + describe(code.error()) + "\n";
  }
  return out;
}

} // namespace sx::comptime::vm
