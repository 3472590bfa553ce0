#include "source/render.h"

#include "source/excerpt.h"

#include <algorithm>
#include <vector>

namespace sx {
namespace {

constexpr std::string_view list_indent = "    ";

/// `level: message [code]`, then the list lines of the message (R10.4, R10.12).
void put_header(std::string& out, Level level, std::string_view message, std::string_view code) {
  while (message.ends_with('\n'))
    message.remove_suffix(1);
  const std::size_t first_end = std::min(message.find('\n'), message.size());
  out += level_name(level);
  out += ": ";
  out += message.substr(0, first_end);
  if (!code.empty()) {
    out += " [";
    out += code;
    out += ']';
  }
  out += '\n';
  for (std::size_t begin = first_end; begin < message.size();) {
    const std::size_t end = std::min(message.find('\n', begin + 1), message.size());
    out += list_indent;
    out += message.substr(begin + 1, end - begin - 1);
    out += '\n';
    begin = end;
  }
}

std::string position(Span span, const SourceMap& sources) {
  const SourceFile& file = sources.file(span.file);
  const LineColumn at = file.locate(span.begin);
  return file.path() + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
}

void put_position(std::string& out, Span span, const SourceMap& sources) {
  out += "  --> ";
  out += position(span, sources);
  out += '\n';
}

/// R10.7, R10.8.
void put_excerpt(std::string& out, const Excerpt& excerpt) {
  const std::size_t width = std::max<std::size_t>(2, std::to_string(excerpt.last_line()).size());
  const std::string gutter(width + 1, ' ');
  out += gutter;
  out += "|\n";
  std::uint32_t number = excerpt.first_line;
  for (const ExcerptLine& line : excerpt.lines) {
    const std::string digits = std::to_string(number++);
    out.append(width - std::min(width, digits.size()), ' ');
    out += digits;
    out += " | ";
    out += line.text;
    out += '\n';
    out += gutter;
    out += "| ";
    out.append(line.column - 1, ' ');
    out.append(line.carets, '^');
    out += '\n';
  }
}

void put_part(std::string& out, const DiagnosticPart& part, const SourceMap& sources) {
  put_header(out, part.level, part.message, {});
  const Span span = sources.clip(part.span);
  if (!span.valid())
    return;
  if (part.level != Level::Help)
    put_position(out, span, sources);
  const SourceFile& file = sources.file(span.file);
  put_excerpt(out, part.replacement ? replaced_excerpt(file, span, *part.replacement) : source_excerpt(file, span));
}

std::vector<const DiagnosticPart*> notes_then_helps(const Report& report) {
  std::vector<const DiagnosticPart*> parts;
  for (const Level level : {Level::Note, Level::Help})
    for (const DiagnosticPart& part : report.parts)
      if (part.level == level)
        parts.push_back(&part);
  return parts;
}

} // namespace

std::string render_report(const Report& report, const SourceMap& sources) {
  std::string out;
  put_header(out, report.info->level, report.message, report.info->code);
  const Span span = sources.clip(report.span);
  if (span.valid()) {
    put_position(out, span, sources);
    if (!report.trace)
      put_excerpt(out, source_excerpt(sources.file(span.file), span));
  }
  if (report.trace)
    out += *report.trace;
  for (const DiagnosticPart* part : notes_then_helps(report)) {
    if (!report.trace)
      out += '\n';
    put_part(out, *part, sources);
  }
  return out;
}

void write_text(const Diagnostics& diagnostics, const SourceMap& sources,
                const std::function<void(std::string_view)>& write) {
  if (!diagnostics.has_errors())
    return;
  bool first = true;
  for (const Report& report : diagnostics.reports()) {
    if (!first)
      write("\n");
    first = false;
    write(render_report(report, sources));
  }
}

std::string render_text(const Diagnostics& diagnostics, const SourceMap& sources) {
  std::string out;
  write_text(diagnostics, sources, [&](std::string_view piece) { out += piece; });
  return out;
}

std::string render_compact(const Diagnostics& diagnostics, const SourceMap& sources) {
  std::string out;
  if (!diagnostics.has_errors())
    return out;
  const auto put = [&](Level level, std::string_view message, std::string_view code, Span at) {
    const Span span = sources.clip(at);
    if (span.valid())
      out += position(span, sources) + ": ";
    put_header(out, level, message.substr(0, message.find('\n')), code);
  };
  for (const Report& report : diagnostics.reports()) {
    put(report.info->level, report.message, report.info->code, report.span);
    for (const DiagnosticPart* part : notes_then_helps(report))
      put(part->level, part->message, {}, part->span);
  }
  return out;
}

} // namespace sx
