#include "source/render.h"

#include <nlohmann/json.hpp>

namespace sx {
namespace {

using Json = nlohmann::ordered_json;

void put_span(Json& object, Span at, const SourceMap& sources) {
  const Span span = sources.clip(at);
  if (!span.valid())
    return;
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = file.locate(span.begin);
  const LineColumn end = file.locate(span.end);
  object["file"] = file.path();
  object["line"] = begin.line;
  object["column"] = begin.column;
  object["end_line"] = end.line;
  object["end_column"] = end.column;
}

Json to_json(const DiagnosticPart& part, const SourceMap& sources) {
  Json object;
  object["level"] = level_name(part.level);
  object["message"] = part.message;
  put_span(object, part.span, sources);
  if (part.replacement)
    object["replacement"] = *part.replacement;
  return object;
}

Json to_json(const Report& report, const SourceMap& sources) {
  Json object;
  object["code"] = report.info->code;
  object["level"] = level_name(report.info->level);
  object["message"] = report.message;
  put_span(object, report.span, sources);
  if (report.trace)
    object["trace"] = *report.trace;
  Json parts = Json::array();
  for (const DiagnosticPart& part : report.parts)
    parts.push_back(to_json(part, sources));
  object["parts"] = std::move(parts);
  return object;
}

} // namespace

std::string render_json_lines(const Diagnostics& diagnostics, const SourceMap& sources) {
  std::string out;
  if (!diagnostics.has_errors())
    return out;
  for (const Report& report : diagnostics.reports()) {
    out += to_json(report, sources).dump(-1, ' ', false, Json::error_handler_t::replace);
    out += '\n';
  }
  return out;
}

} // namespace sx
