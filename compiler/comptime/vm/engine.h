#pragma once
// The flat-memory virtual machine as a compile-time engine.

#include "comptime/engine.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sx::comptime::vm {

/// How the machine gets from one instruction to the next. All kinds run the same handlers.
enum class Dispatch : std::uint8_t {
  Switch,   ///< one loop around one switch
  Threaded, ///< computed goto at the end of each handler
  TailCall, ///< each handler tail-calls the next; only where the compiler guarantees it
};

/// The kinds that this build has.
std::span<const Dispatch> available_dispatch();

class Interrupts;
struct Machine;

/// An engine over `module`; all references must outlive it. `name()` is "vm:switch", "vm:threaded" or "vm:tailcall".
/// A kind that the build lacks gives null. `interrupts` may be null.
std::unique_ptr<Engine> make_vm_engine(ir::Module& module, Host& host, Dispatch dispatch,
                                       Interrupts* interrupts = nullptr);
/// One with a loop of its own, for benchmarks of other designs; no lane runs it.
std::unique_ptr<Engine> make_vm_engine(ir::Module& module, Host& host, std::string name,
                                       std::function<void(Machine&)> loop, Interrupts* interrupts = nullptr);

/// How often each instruction was executed, summed over evaluations.
struct Profile {
  std::vector<std::uint64_t> executed; ///< by opcode

  std::uint64_t total() const;
  /// One line an opcode that was executed, most frequent first: count, share, name.
  std::string text() const;
};

/// A switch engine that counts into `profile`, which must outlive it. For benchmarks; no lane runs it.
std::unique_ptr<Engine> make_counting_engine(ir::Module& module, Host& host, Profile& profile);

/// The bytecode of every function with a body, as text.
std::string disassemble(ir::Module& module);

} // namespace sx::comptime::vm
