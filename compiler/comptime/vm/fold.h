#pragma once
// Images coming out: the entry's value as it will stand in the binary.

#include "comptime/vm/machine.h"

namespace sx::comptime::vm {

/// The image of a value of `type`, taken from `bytes` (its layout in the target's memory). Addresses of dead frames
/// become zero: no image refers to an engine's memory.
ir::FoldImage fold(const Machine& machine, ir::TypeId type, std::span<const std::uint8_t> bytes);

} // namespace sx::comptime::vm
