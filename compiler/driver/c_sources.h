#pragma once
// The C sources of a program (R1.151): checked before code generation, compiled when the program is run or linked.

#include "driver/c_reader.h"
#include "sema/program.h"
#include "source/diagnostics.h"

namespace sx::driver {

/// Reports sources that do not compile (E1004) and symbols that two of them define (E1003), each at its import. False
/// after a report.
bool check_c_sources(const sema::Program& program, ClangReader& reader, Diagnostics& diagnostics);

/// Compiles every source with the defines and flags of its unit to an object file whose path starts with `prefix`.
std::expected<std::vector<std::string>, std::string>
compile_c_sources(const sema::Program& program, const std::string& triple, int opt, const std::string& prefix);

} // namespace sx::driver
