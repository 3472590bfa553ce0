#pragma once
// Changes that mostly keep a verified module verified, so that the engines get to run it.

#include "ir/generate.h"
#include "ir/module.h"

#include <vector>

namespace sx::fuzz {

/// The functions that an evaluation of the module starts from (see `entries`) and what they call or take the address
/// of: changing others shows nothing.
std::vector<ir::FuncId> live_functions(const ir::Module& module);

/// Makes one change to a live function. `donor` (verified, or null) gives trees and functions. The result is verified
/// often, not always.
void mutate_typed(ir::Choices& choices, ir::Module& module, const ir::Module* donor);

} // namespace sx::fuzz
