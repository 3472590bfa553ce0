#pragma once
// Images coming out: the entry's value as it will stand in the binary.

#include "comptime/vm/machine.h"

namespace sx::comptime::vm {

/// The image of a value of `type`, taken from `bytes` (its layout in the target's memory) while the entry's frame is
/// still as it left it.
ir::FoldImage fold(const Machine& machine, const Code& entry, ir::TypeId type, std::span<const std::uint8_t> bytes);

} // namespace sx::comptime::vm
