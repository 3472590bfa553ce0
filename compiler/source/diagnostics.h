#pragma once
// Diagnostics (chapter 10): one registry of codes, and the list that a compilation produces.

#include "source/message.h"
#include "source/span.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sx {

enum class Level : std::uint8_t { Error, Warning, Note, Help };

/// `error`, `warning`, `note`, `help`.
std::string_view level_name(Level level);

/// One entry of `diagnostics.def`: a code, a neutral name, and a message template (`format_message`).
struct DiagnosticInfo {
  std::string_view code;    ///< `E0501`, `W0802`
  std::string_view name;    ///< C++ name in `diag::`
  Level level;              ///< Error or Warning
  std::string_view message; ///< one line, chapter 10 style (R10.3)
  int parameters;           ///< number of distinct placeholders
};

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

/// A note or help of a report. `replacement` (help only) is shown in place of the spanned text (R10.10).
struct DiagnosticPart {
  Level level = Level::Note;
  std::string message; ///< further lines are list items, not indented (R10.12)
  Span span;
  std::optional<std::string> replacement;

  friend bool operator==(const DiagnosticPart&, const DiagnosticPart&) = default;
};

/// A primary diagnostic with its parts (R10.1).
struct Report {
  const DiagnosticInfo* info = nullptr;
  std::string message; ///< further lines are list items, not indented (R10.12)
  Span span;
  std::vector<DiagnosticPart> parts;
  /// Lines of a return trace, each ended by LF. A report that has one, even empty, is rendered
  /// without excerpt and empty lines, the trace below the position (R10.49).
  std::optional<std::string> trace;

  /// Both return *this so that parts can be chained at the place of the report. A part equal to an
  /// earlier one is dropped: a deduplicated report gets its parts once (R10.22).
  Report& note(std::string message_text, Span at = {});
  Report& help(std::string message_text, Span at = {}, std::optional<std::string> replacement = {});
};

/// The reports of one compilation in order of production (R10.19). Drops exact duplicates (R10.22).
class Diagnostics {
public:
  /// Reports `Info` at `span`. The returned reference stays valid until the list is destroyed.
  /// A duplicate returns the surviving report; reports without span are never duplicates.
  template <const DiagnosticInfo& Info, class... Arguments> Report& report(Span span, Arguments&&... arguments) {
    static_assert(sizeof...(Arguments) == Info.parameters, "one argument for each placeholder of the message");
    return add(Info, span, {DiagnosticArgument(std::forward<Arguments>(arguments))...});
  }
  Report& add(const DiagnosticInfo& info, Span span, const std::vector<DiagnosticArgument>& arguments);

  bool has_errors() const { return error_count_ != 0; }
  std::size_t error_count() const { return error_count_; }
  const std::deque<Report>& reports() const { return reports_; }

  /// Appends the reports of `other`; the parts of a duplicate go to the surviving report.
  void append(const Diagnostics& other);

  /// While muted (nests), reports are counted in `muted_errors` and not kept: tentative checks use it.
  void mute() { ++mute_depth_; }
  void unmute() { --mute_depth_; }
  bool muted() const { return mute_depth_ != 0; }
  /// Ends muting for work that is no longer tentative (a declaration that a tentative check came across); give the
  /// result to `resume_mute` afterwards.
  int suspend_mute() { return std::exchange(mute_depth_, 0); }
  void resume_mute(int depth) { mute_depth_ = depth; }
  std::size_t muted_errors() const { return muted_errors_; }
  /// From now on nothing is kept: compile-time code ended the compiler, and what is left undone is nobody's mistake.
  void stop() { stopped_ = true; }

private:
  /// The earlier report that equals this one, or the new one at the end of the list.
  Report& insert(const DiagnosticInfo& info, Span span, std::string message);

  std::deque<Report> reports_;
  std::unordered_multimap<std::size_t, std::size_t> index_; ///< hash of a spanned report -> its place in `reports_`
  Report discarded_;                                        ///< what a muted `add` returns
  std::size_t error_count_ = 0;
  std::size_t muted_errors_ = 0;
  int mute_depth_ = 0;
  bool stopped_ = false;
};

} // namespace sx
