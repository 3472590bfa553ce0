#pragma once
// Running a tool without a shell.

#include "codegen/codegen.h"

#include <expected>
#include <string>
#include <vector>

namespace sx::codegen {

struct Finished {
  int status = 0;     ///< as `waitpid` gives it
  std::string output; ///< both streams together, cut after 64 KiB
};

/// Runs `command` (found through PATH, empty standard input) to its end.
std::expected<Finished, Error> run_captured(const std::vector<std::string>& command);

} // namespace sx::codegen
