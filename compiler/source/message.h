#pragma once
// Message templates: the `{name}` placeholders of `diagnostics.def` and `diagnostic_notes.def`.

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sx {

/// A placeholder value: text or an integer.
struct DiagnosticArgument {
  std::string text;
  DiagnosticArgument(std::string value) : text(std::move(value)) {}
  DiagnosticArgument(std::string_view value) : text(value) {}
  DiagnosticArgument(const char* value) : text(value) {}
  template <std::integral T> DiagnosticArgument(T value) : text(std::to_string(value)) {}
};

/// Fills the placeholders of `message`; arguments stand in the order in which their names first appear.
/// `{name}` is the argument, `{name:one|many}` chooses by whether the argument is `1` (R10.5).
/// A brace that starts neither form is literal, and so are braces inside arguments.
/// A placeholder without argument becomes empty.
std::string format_message(std::string_view message, const std::vector<DiagnosticArgument>& arguments);

/// `'a', 'b', 'c'`: the value of a placeholder that lists names.
std::string quote_list(const std::vector<std::string>& names);

namespace detail {

struct Placeholder {
  std::size_t begin = std::string_view::npos; ///< of the `{`, npos if there is none
  std::size_t end = std::string_view::npos;   ///< past the `}`
  std::string_view name;
  std::string_view one, many; ///< both empty for the plain form
  bool choice = false;
};

constexpr bool is_placeholder_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The first placeholder at or after `from`.
constexpr Placeholder next_placeholder(std::string_view message, std::size_t from) {
  for (std::size_t open = message.find('{', from); open != std::string_view::npos; open = message.find('{', open + 1)) {
    std::size_t stop = open + 1;
    while (stop < message.size() && is_placeholder_letter(message[stop]))
      ++stop;
    if (stop == open + 1 || stop == message.size())
      continue;
    const std::string_view name = message.substr(open + 1, stop - open - 1);
    if (message[stop] == '}')
      return {open, stop + 1, name, {}, {}, false};
    const std::size_t bar = message.find('|', stop);
    const std::size_t close = message.find('}', stop);
    if (message[stop] == ':' && bar < close && close != std::string_view::npos)
      return {open, close + 1, name, message.substr(stop + 1, bar - stop - 1), message.substr(bar + 1, close - bar - 1),
              true};
  }
  return {};
}

/// The number of distinct placeholder names.
consteval int count_placeholders(std::string_view message) {
  std::array<std::string_view, 16> seen{};
  std::size_t count = 0;
  for (Placeholder p = next_placeholder(message, 0); p.begin != std::string_view::npos;
       p = next_placeholder(message, p.end)) {
    bool known = false;
    for (std::size_t k = 0; k < count; ++k)
      known = known || seen[k] == p.name;
    if (!known)
      seen[count++] = p.name;
  }
  return static_cast<int>(count);
}

} // namespace detail
} // namespace sx
