#pragma once
// The functions that emitted code needs at run time: return traces (6.30 to 6.32) and traps. They are LLVM assembly
// text, linked into the module itself, so that JIT and object files run the same code.

#include "codegen/targets.h"

#include <llvm/IR/Module.h>

namespace sx::codegen {

inline constexpr const char* runtime_trace_push = "sx_trace_push";
inline constexpr const char* runtime_trace_clear = "sx_trace_clear";
/// (descriptor: i32, text, length: word): writes and ends the process with status 1.
inline constexpr const char* runtime_trap_exit = "sx.trap.exit";
/// Ends the process as a division by zero does on the target (R2.32).
inline constexpr const char* runtime_divide_trap = "sx.trap.divide";
/// () -> address of the thread's trace buffer.
inline constexpr const char* runtime_trace_ring = "sx_trace_ring";

/// Bytes of a thread's trace buffer: start, count, truncated, padding, 32 frames.
inline constexpr std::size_t trace_ring_bytes = 16 + 32 * 8;

/// Where the emitted code runs. In this process the buffer belongs to the host, because thread-local storage of
/// JIT-compiled code needs a runtime of its own; `runtime_trace_ring` is then left undefined.
enum class RuntimeUse : std::uint8_t { Linked, InProcess };

/// Defines what `out` declares of the runtime. If any `sx_trace_` function is used, C code may use the others too, so
/// all of them are defined, weakly: the program's own definition wins.
std::expected<void, Error> link_runtime(llvm::Module& out, const TargetFacts& target, RuntimeUse use);

} // namespace sx::codegen
