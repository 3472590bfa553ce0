#include "source/message.h"

#include <algorithm>

namespace sx {

std::string format_message(std::string_view message, const std::vector<DiagnosticArgument>& arguments) {
  std::string out;
  std::vector<std::string_view> names;
  const auto value_of = [&](std::string_view name) -> std::string_view {
    const auto slot = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    if (slot == names.size())
      names.push_back(name);
    return slot < arguments.size() ? std::string_view(arguments[slot].text) : std::string_view();
  };
  std::size_t done = 0;
  for (auto p = detail::next_placeholder(message, 0); p.begin != std::string_view::npos;
       p = detail::next_placeholder(message, p.end)) {
    out += message.substr(done, p.begin - done);
    const std::string_view value = value_of(p.name);
    out += !p.choice ? value : value == "1" ? p.one : p.many;
    done = p.end;
  }
  return out += message.substr(done);
}

std::string quote_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty())
      out += ", ";
    out += '\'';
    out += name;
    out += '\'';
  }
  return out;
}

} // namespace sx
