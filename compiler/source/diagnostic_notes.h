#pragma once
// The standing notes and helps of chapter 10: `report.help(help::import_file(path))`.

#include "source/message.h"

#include <string>
#include <string_view>
#include <utility>

namespace sx {

/// A text with `Parameters` placeholders; calling it fills them (`format_message`).
template <int Parameters> struct PartText {
  std::string_view text;

  template <class... Arguments>
    requires(sizeof...(Arguments) == Parameters)
  std::string operator()(Arguments&&... arguments) const {
    return format_message(text, {DiagnosticArgument(std::forward<Arguments>(arguments))...});
  }
};

namespace note {
#define SX_NOTE(name, text) inline constexpr PartText<detail::count_placeholders(text)> name{text};
#include "source/diagnostic_notes.def"
} // namespace note

namespace help {
#define SX_HELP(name, text) inline constexpr PartText<detail::count_placeholders(text)> name{text};
#include "source/diagnostic_notes.def"
} // namespace help

} // namespace sx
