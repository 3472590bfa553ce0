#pragma once
// A readable form of checked bodies for tests and for looking at what the checker made of a program.

#include "sema/program.h"

#include <string>

namespace sx::sema {

/// One expression per body: `(Kind field... )`, local names where there are any, types behind values that convert.
/// Nesting deeper than 200 prints as `...`.
std::string dump_body(const Program& program, const Interner& strings, FunctionId function);

} // namespace sx::sema
