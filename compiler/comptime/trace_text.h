#pragma once
// The text of return traces (R6.135, R6.137), for the engines' `sx_trace_report_unhandled` and for diagnostics.

#include "ir/module.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sx::comptime {

/// The rendering of R6.135; empty for an empty buffer. `frames` are handles (frame index + 1), oldest first; handles
/// that name no frame are left out.
std::string trace_text(const ir::Module& module, std::span<const std::uint64_t> frames, bool truncated);

/// The report of an error that escaped `main` (R6.137).
std::string unhandled_report(const ir::Module& module, std::string_view tag, std::span<const std::uint64_t> frames,
                             bool truncated);

} // namespace sx::comptime
