#pragma once
// Renderers of diagnostics: the text form of 10.2 and JSON lines.

#include "source/diagnostics.h"
#include "source/source_map.h"

#include <string>

namespace sx {

/// All reports exactly as R10.6 to R10.14 describe; empty if there are none.
/// Warnings are shown only together with at least one error (R1.171).
std::string render_text(const Diagnostics& diagnostics, const SourceMap& sources);

/// One JSON object a line: `{"code","level","message","file","line","column","end_line","end_column","parts":[...]}`.
std::string render_json_lines(const Diagnostics& diagnostics, const SourceMap& sources);

} // namespace sx
