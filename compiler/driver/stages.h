#pragma once
// Which code runs at which time (7.9): what run-time roots reach must not need the compiler.

#include "ir/module.h"
#include "source/diagnostics.h"

#include <span>

namespace sx::driver {

/// Reports E0906 for every call in the run-time graph of `roots` that exists at compile time only: calls of the
/// compiler and of functions that return `Type` (R7.93, R7.94). Bodies must be lowered and globals have their images.
void check_stages(const ir::Module& module, std::span<const ir::FuncId> roots, Diagnostics& diagnostics);

} // namespace sx::driver
