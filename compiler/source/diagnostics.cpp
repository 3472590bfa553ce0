#include "source/diagnostics.h"

#include <algorithm>

namespace sx {

const std::vector<const DiagnosticInfo*>& all_diagnostics() {
  static const std::vector<const DiagnosticInfo*> table = {
#define SX_ERROR(code, name, message) &diag::name,
#define SX_WARNING(code, name, message) &diag::name,
#include "source/diagnostics.def"
  };
  return table;
}

Report& Report::note(std::string message_text, Span at) {
  parts.push_back({Level::Note, std::move(message_text), at, {}});
  return *this;
}

Report& Report::help(std::string message_text, Span at, std::optional<std::string> replacement) {
  parts.push_back({Level::Help, std::move(message_text), at, std::move(replacement)});
  return *this;
}

std::string format_message(std::string_view message, const std::vector<DiagnosticArgument>& arguments) {
  std::string out;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const std::size_t close = message[i] == '{' ? message.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos || close == i + 1) {
      out += message[i];
      continue;
    }
    const std::string_view name = message.substr(i + 1, close - i - 1);
    auto known = std::ranges::find(names, name);
    const auto slot = static_cast<std::size_t>(known - names.begin());
    if (known == names.end())
      names.push_back(name);
    if (slot < arguments.size())
      out += arguments[slot].text;
    i = close;
  }
  return out;
}

Report& Diagnostics::add(const DiagnosticInfo& info, Span span, const std::vector<DiagnosticArgument>& arguments) {
  if (muted()) {
    muted_errors_ += info.level == Level::Error;
    discarded_ = Report{};
    return discarded_;
  }
  std::string message = format_message(info.message, arguments);
  if (span.valid())
    for (Report& earlier : reports_)
      if (earlier.span == span && earlier.info->level == info.level && earlier.message == message)
        return earlier;
  error_count_ += info.level == Level::Error;
  return reports_.emplace_back(Report{&info, std::move(message), span, {}});
}

void Diagnostics::append(const Diagnostics& other) {
  for (const Report& report : other.reports_) {
    const bool known = report.span.valid() && std::ranges::any_of(reports_, [&](const Report& earlier) {
                         return earlier.span == report.span && earlier.info->level == report.info->level &&
                                earlier.message == report.message;
                       });
    if (known)
      continue;
    error_count_ += report.info->level == Level::Error;
    reports_.push_back(report);
  }
}

} // namespace sx
