#pragma once
// From the IR of one function to bytecode.

#include "comptime/engine.h"
#include "comptime/vm/bytecode.h"

#include <expected>
#include <memory>

namespace sx::comptime::vm {

class Program;

/// Compiles a verified body. Linear in its size. The code depends on the mode: writes of module variables and
/// `is_comptime` are decided here. Fails with `Unsupported` if the function needs more registers than a frame can have.
std::expected<std::unique_ptr<Code>, Failure> compile(Program& program, ir::FuncId function, Mode mode);

} // namespace sx::comptime::vm
