#pragma once
// The reference engine: a walk over the IR with tagged values and a memory of separate objects. Correctness and
// explanation before speed; it is the oracle of the comparison.

#include "comptime/engine.h"

#include <memory>

namespace sx::comptime {

/// `module` and `host` must outlive the engine. `module` grows only by interned data (texts that a result refers to).
std::unique_ptr<Engine> make_reference_engine(ir::Module& module, Host& host);

} // namespace sx::comptime
