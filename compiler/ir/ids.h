#pragma once

#include "source/ids.h"
#include "source/interner.h"

namespace sx::ir {

using NodeId = Id<struct IrNodeTag>;
using TypeId = Id<struct IrTypeTag>;
using LocalId = Id<struct IrLocalTag>;
using GlobalId = Id<struct IrGlobalTag>;
using FuncId = Id<struct IrFuncTag>;
using ExternId = Id<struct IrExternTag>;
using DataId = Id<struct IrDataTag>;
using FrameId = Id<struct IrFrameTag>;

} // namespace sx::ir
