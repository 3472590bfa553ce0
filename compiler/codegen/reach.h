#pragma once
// What the binary must contain: everything that the runtime roots reach (R7.90, R7.92).

#include "codegen/codegen.h"

namespace sx::codegen {

/// The reached rows of each table, in the order in which a walk from the roots first meets them, which does not depend
/// on the order in which bodies were lowered.
struct Reachable {
  std::vector<ir::FuncId> functions;
  std::vector<ir::GlobalId> globals;
  std::vector<ir::ExternId> externs;
  std::vector<ir::DataId> data;
  std::vector<ir::FrameId> frames;
};

/// Roots are the entry and all exports; without either, everything that may be emitted. An error if a function is
/// reached that has no body or exists at compile time only, or a global whose value was never evaluated.
std::expected<Reachable, Error> reach(const ir::Module& module);

/// The value that a condition has in emitted code whatever happens at run time: constants, and what follows from
/// `is_comptime` being false (R7.95). Operands of such conditions have no effects.
std::optional<bool> static_condition(const ir::Function& function, ir::NodeId condition);

} // namespace sx::codegen
