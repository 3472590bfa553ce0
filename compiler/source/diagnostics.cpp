#include "source/diagnostics.h"

#include <algorithm>
#include <functional>

namespace sx {

std::string_view level_name(Level level) {
  switch (level) {
  case Level::Error: return "error";
  case Level::Warning: return "warning";
  case Level::Note: return "note";
  case Level::Help: return "help";
  }
  return "";
}

const std::vector<const DiagnosticInfo*>& all_diagnostics() {
  static const std::vector<const DiagnosticInfo*> table = {
#define SX_ERROR(code, name, message) &diag::name,
#define SX_WARNING(code, name, message) &diag::name,
#include "source/diagnostics.def"
  };
  return table;
}

namespace {

void attach(Report& report, DiagnosticPart part) {
  if (std::ranges::find(report.parts, part) == report.parts.end())
    report.parts.push_back(std::move(part));
}

std::size_t hash_report(Level level, Span span, const std::string& message) {
  std::size_t hash = std::hash<std::string>{}(message);
  for (const std::size_t field : {static_cast<std::size_t>(level), span.file.index(),
                                  static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end)})
    hash ^= field + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  return hash;
}

} // namespace

Report& Report::note(std::string message_text, Span at) {
  attach(*this, {Level::Note, std::move(message_text), at, {}});
  return *this;
}

Report& Report::help(std::string message_text, Span at, std::optional<std::string> replacement) {
  attach(*this, {Level::Help, std::move(message_text), at, std::move(replacement)});
  return *this;
}

Report& Diagnostics::add(const DiagnosticInfo& info, Span span, const std::vector<DiagnosticArgument>& arguments) {
  if (muted() || stopped_) {
    muted_errors_ += info.level == Level::Error;
    discarded_ = Report{};
    return discarded_;
  }
  return insert(info, span, format_message(info.message, arguments));
}

Report& Diagnostics::insert(const DiagnosticInfo& info, Span span, std::string message) {
  if (span.valid()) {
    const std::size_t hash = hash_report(info.level, span, message);
    const auto [first, last] = index_.equal_range(hash);
    for (auto entry = first; entry != last; ++entry) {
      Report& earlier = reports_[entry->second];
      if (earlier.span == span && earlier.info->level == info.level && earlier.message == message)
        return earlier;
    }
    index_.emplace(hash, reports_.size());
  }
  error_count_ += info.level == Level::Error;
  return reports_.emplace_back(Report{&info, std::move(message), span, {}, {}});
}

void Diagnostics::append(const Diagnostics& other) {
  if (&other == this)
    return;
  for (const Report& report : other.reports_) {
    Report& mine = insert(*report.info, report.span, report.message);
    for (const DiagnosticPart& part : report.parts)
      attach(mine, part);
    if (!mine.trace)
      mine.trace = report.trace;
  }
}

} // namespace sx
