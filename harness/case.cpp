#include "case.h"

#include "source/source_map.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace sx::harness {

namespace fs = std::filesystem;

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool parse_number(std::string_view text, auto& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<ExpectedError> parse_expected_error(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos)
    return std::nullopt;
  ExpectedError error;
  error.code = trimmed(text.substr(0, at));
  const std::string_view position = trimmed(text.substr(at + 1));
  const std::size_t colon = position.find(':');
  if (error.code.size() != 5 || (error.code[0] != 'E' && error.code[0] != 'W'))
    return std::nullopt;
  if (position == "none")
    return error;
  if (colon == std::string_view::npos || !parse_number(position.substr(0, colon), error.line) ||
      !parse_number(position.substr(colon + 1), error.column))
    return std::nullopt;
  return error;
}

/// Applies one directive; a message if it is wrong.
std::optional<std::string> apply(Case& result, std::string_view key, std::string_view raw_value) {
  const std::string_view value = trimmed(raw_value);
  if (key == "shows") {
    result.shows = value;
  } else if (key == "rules") {
    for (std::size_t start = 0; start <= value.size();) {
      const std::size_t comma = std::min(value.find(',', start), value.size());
      const std::string_view rule = trimmed(value.substr(start, comma - start));
      if (rule.empty())
        return "an empty rule in 'rules'";
      result.rules.emplace_back(rule);
      start = comma + 1;
    }
  } else if (key == "expect") {
    // One space after the colon is separator; the rest of the line is the text, trailing spaces included.
    std::string_view line = raw_value;
    if (!line.empty() && line.front() == ' ')
      line.remove_prefix(1);
    if (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    if (!result.expected_output)
      result.expected_output.emplace();
    *result.expected_output += line;
    *result.expected_output += '\n';
  } else if (key == "expect-exit") {
    int status = 0;
    if (!parse_number(value, status) || status < 0 || status > 255)
      return "'expect-exit' needs a number from 0 to 255";
    result.expected_exit = status;
  } else if (key == "expect-error") {
    const auto error = parse_expected_error(value);
    if (!error)
      return "'expect-error' is written 'E0501 @ 12:5' or 'E0330 @ none'";
    result.expected_errors.push_back(*error);
  } else {
    return "unknown header directive '" + std::string(key) + "'";
  }
  return std::nullopt;
}

bool is_directive_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

} // namespace

std::expected<Case, CaseError> read_case(const std::string& path, const std::string& name) {
  auto text = read_file(path, SourceMap::max_file_bytes);
  if (!text)
    return std::unexpected(CaseError{path, text.error().reason});
  Case result;
  result.path = path;
  result.name = name;
  std::string_view rest = *text;
  while (rest.starts_with("//")) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(2, end - 2);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with(' '))
      line.remove_prefix(1);
    const std::size_t colon = line.find(':');
    // A comment that is no `word: value` is prose.
    if (colon == std::string_view::npos || !is_directive_key(line.substr(0, colon)))
      continue;
    if (auto message = apply(result, line.substr(0, colon), line.substr(colon + 1)))
      return std::unexpected(CaseError{path, *message});
  }
  return result;
}

std::expected<std::vector<Case>, CaseError> discover(const std::string& root) {
  std::error_code error;
  std::vector<std::pair<std::string, std::string>> found; // path, name
  if (fs::is_regular_file(root, error)) {
    found.emplace_back(root, fs::path(root).stem().string());
  } else if (fs::is_directory(root, error)) {
    for (fs::recursive_directory_iterator at(root, error), end; at != end && !error; at.increment(error)) {
      if (at->is_directory() && at->path().filename() == "parts")
        at.disable_recursion_pending();
      else if (at->is_regular_file() && at->path().extension() == ".sx")
        found.emplace_back(at->path().lexically_normal().string(),
                           at->path().lexically_relative(root).replace_extension().string());
    }
    if (error)
      return std::unexpected(CaseError{root, error.message()});
  } else {
    return std::unexpected(CaseError{root, "no such file or directory"});
  }
  std::ranges::sort(found);
  std::vector<Case> cases;
  for (const auto& [path, name] : found) {
    auto made = read_case(path, name);
    if (!made)
      return std::unexpected(made.error());
    cases.push_back(std::move(*made));
  }
  return cases;
}

} // namespace sx::harness
