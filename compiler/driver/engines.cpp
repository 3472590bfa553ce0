// The engines of this build by name.

#include "comptime/reference/engine.h"
#include "comptime/vm/engine.h"
#include "driver/compilation.h"

#include <array>

namespace sx::driver {

namespace {

struct Row {
  EngineKind kind;
  std::string_view name;
};

constexpr std::array rows{
    Row{EngineKind::Reference, "reference"},
    Row{EngineKind::VmSwitch, "vm:switch"},
    Row{EngineKind::VmThreaded, "vm:threaded"},
#ifdef __clang__
    Row{EngineKind::VmTailCall, "vm:tailcall"},
#endif
};

} // namespace

std::string_view engine_name(EngineKind kind) {
  for (const Row& row : rows)
    if (row.kind == kind)
      return row.name;
  return "?";
}

std::optional<EngineKind> find_engine(std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name)
      return row.kind;
  return std::nullopt;
}

EngineKind default_engine() {
#ifdef SX_COMPTIME_FLAT
  return EngineKind::VmThreaded;
#else
  return EngineKind::Reference;
#endif
}

std::unique_ptr<comptime::Engine> make_engine(EngineKind kind, ir::Module& module, comptime::Host& host) {
  using comptime::vm::Dispatch;
  switch (kind) {
  case EngineKind::Reference: return comptime::make_reference_engine(module, host);
  case EngineKind::VmSwitch: return comptime::vm::make_vm_engine(module, host, Dispatch::Switch);
  case EngineKind::VmThreaded: return comptime::vm::make_vm_engine(module, host, Dispatch::Threaded);
  case EngineKind::VmTailCall: return comptime::vm::make_vm_engine(module, host, Dispatch::TailCall);
  }
  return nullptr;
}

} // namespace sx::driver
