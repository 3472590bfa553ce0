#include "comptime/trace_text.h"

#include <algorithm>

namespace sx::comptime {

std::string trace_text(const ir::Module& module, std::span<const std::uint64_t> frames, bool truncated) {
  if (frames.empty())
    return {};
  std::string text = "error return trace (most recent call last):\n";
  if (truncated)
    text += "  ... older frames omitted (buffer full)\n";
  for (const std::uint64_t handle : frames) {
    if (handle == 0 || handle > module.frames.size())
      continue;
    const ir::TraceFrame& frame = module.frames[handle - 1];
    text.append("  ").append(module.text(frame.function)).append(" at ").append(module.text(frame.file));
    text.append(":").append(std::to_string(frame.line)).append(":").append(std::to_string(frame.column)).append("\n");
    const std::string_view line = module.text(frame.line_text);
    if (line.empty())
      continue;
    // A column beyond the line has no place to point at.
    const auto indent =
        std::clamp<std::int64_t>(std::int64_t{frame.column} - 1, 0, static_cast<std::int64_t>(line.size()));
    text.append("    ").append(line).append("\n    ").append(static_cast<std::size_t>(indent), ' ').append("^\n");
  }
  return text;
}

std::string unhandled_report(const ir::Module& module, std::string_view tag, std::span<const std::uint64_t> frames,
                             bool truncated) {
  std::string text = "error: unhandled error reached main: error.";
  return text.append(tag).append("\n").append(trace_text(module, frames, truncated));
}

} // namespace sx::comptime
