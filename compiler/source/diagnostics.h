#pragma once
// Diagnostics (chapter 10): one registry of codes, and the list that a compilation produces.

#include "source/span.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sx {

enum class Level : std::uint8_t { Error, Warning, Note, Help };

/// One entry of `diagnostics.def`: a code, a neutral name, and a message whose `{name}`
/// placeholders are filled in order of first appearance.
struct DiagnosticInfo {
  std::string_view code;    ///< `E0501`, `W0802`
  std::string_view name;    ///< C++ name in `diag::`
  Level level;              ///< Error or Warning
  std::string_view message; ///< one line, chapter 10 style (R10.3)
  int parameters;           ///< number of distinct placeholders
};

namespace detail {
consteval int count_placeholders(std::string_view message) {
  // Distinct names only: `{type}` twice is one parameter.
  std::array<std::string_view, 16> seen{};
  int count = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message[i] != '{')
      continue;
    const std::size_t close = message.find('}', i);
    if (close == std::string_view::npos || close == i + 1)
      continue;
    const std::string_view name = message.substr(i + 1, close - i - 1);
    bool known = false;
    for (int k = 0; k < count; ++k)
      known = known || seen[static_cast<std::size_t>(k)] == name;
    if (!known)
      seen[static_cast<std::size_t>(count++)] = name;
    i = close;
  }
  return count;
}
} // namespace detail

/// `diag::no_such_field` and so on.
namespace diag {
#define SX_ERROR(code, name, message)                                                                                  \
  inline constexpr DiagnosticInfo name{#code, #name, Level::Error, message, detail::count_placeholders(message)};
#define SX_WARNING(code, name, message)                                                                                \
  inline constexpr DiagnosticInfo name{#code, #name, Level::Warning, message, detail::count_placeholders(message)};
#include "source/diagnostics.def"
} // namespace diag

/// Every registered diagnostic in file order.
const std::vector<const DiagnosticInfo*>& all_diagnostics();

/// A placeholder value: text or an integer.
struct DiagnosticArgument {
  std::string text;
  DiagnosticArgument(std::string value) : text(std::move(value)) {}
  DiagnosticArgument(std::string_view value) : text(value) {}
  DiagnosticArgument(const char* value) : text(value) {}
  template <class T>
    requires std::is_integral_v<T>
  DiagnosticArgument(T value) : text(std::to_string(value)) {}
};

/// A note or help of a report. `replacement` (help only) is shown in place of the spanned text (R10.10).
struct DiagnosticPart {
  Level level = Level::Note;
  std::string message; ///< further lines are list items (R10.12)
  Span span;
  std::optional<std::string> replacement;
};

/// A primary diagnostic with its parts (R10.1).
struct Report {
  const DiagnosticInfo* info = nullptr;
  std::string message;
  Span span;
  std::vector<DiagnosticPart> parts;

  /// Both return *this so that parts can be chained at the place of the report.
  Report& note(std::string message_text, Span at = {});
  Report& help(std::string message_text, Span at = {}, std::optional<std::string> replacement = {});
};

std::string format_message(std::string_view message, const std::vector<DiagnosticArgument>& arguments);

/// The reports of one compilation in order of production (R10.19). Drops exact duplicates (R10.22).
class Diagnostics {
public:
  /// Reports `Info` at `span`. The returned reference stays valid until the list is destroyed.
  /// A duplicate returns the surviving report.
  template <const DiagnosticInfo& Info, class... Arguments> Report& report(Span span, Arguments&&... arguments) {
    static_assert(sizeof...(Arguments) == Info.parameters, "one argument for each placeholder of the message");
    return add(Info, span, {DiagnosticArgument(std::forward<Arguments>(arguments))...});
  }
  Report& add(const DiagnosticInfo& info, Span span, const std::vector<DiagnosticArgument>& arguments);

  bool has_errors() const { return error_count_ != 0; }
  std::size_t error_count() const { return error_count_; }
  const std::deque<Report>& reports() const { return reports_; }

  /// Appends the reports of `other`, again dropping duplicates.
  void append(const Diagnostics& other);

  /// While muted (nests), reports are counted in `muted_errors` and not kept: tentative checks use it.
  void mute() { ++mute_depth_; }
  void unmute() { --mute_depth_; }
  bool muted() const { return mute_depth_ != 0; }
  std::size_t muted_errors() const { return muted_errors_; }

private:
  std::deque<Report> reports_;
  Report discarded_;
  std::size_t error_count_ = 0;
  std::size_t muted_errors_ = 0;
  int mute_depth_ = 0;
};

} // namespace sx
