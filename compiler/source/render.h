#pragma once
// Renderers of diagnostics: the text form of 10.2, one-line text, and JSON lines.
// All of them show warnings only together with at least one error (R1.171), end every line with LF,
// and accept any span: one of no known file is "no position", one beyond its file is clipped (R10.8).

#include "source/diagnostics.h"
#include "source/source_map.h"

#include <functional>
#include <string>
#include <string_view>

namespace sx {

/// One report as R10.6 to R10.14 describe, without the empty line to its neighbours.
/// Notes come before helps, each in the order of attaching (R10.11).
std::string render_report(const Report& report, const SourceMap& sources);

/// All reports, separated by one empty line; empty if there are none.
std::string render_text(const Diagnostics& diagnostics, const SourceMap& sources);

/// As `render_text`, handed over report by report: memory is bounded by the largest report.
void write_text(const Diagnostics& diagnostics, const SourceMap& sources,
                const std::function<void(std::string_view)>& write);

/// One line a part, `file:line:column: level: message`, without excerpts (10.21, point 12).
std::string render_compact(const Diagnostics& diagnostics, const SourceMap& sources);

/// One JSON object a line: `{"code","level","message","file","line","column","end_line","end_column","parts":[...]}`.
/// Parts have the same keys without `code` and `parts`, and `replacement` if there is one. The five
/// position keys are absent without span; `end_line`/`end_column` stand behind the last byte. `trace` is
/// the return trace of R10.49, if any. Bytes that are no UTF-8 become U+FFFD.
std::string render_json_lines(const Diagnostics& diagnostics, const SourceMap& sources);

} // namespace sx
