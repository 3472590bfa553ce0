#include "source/excerpt.h"

#include <algorithm>

namespace sx {
namespace {

/// Splits `text` into lines and underlines the bytes from offset `begin` to `end`, line ends excluded.
Excerpt underline(std::uint32_t first_line, std::string_view text, std::size_t begin, std::size_t end) {
  Excerpt excerpt{first_line, {}};
  for (std::size_t start = 0;;) {
    const std::size_t stop = std::min(text.find('\n', start), text.size());
    const std::size_t from = std::clamp(begin, start, stop);
    const std::size_t to = std::clamp(end, from, stop);
    excerpt.lines.push_back(
        {std::string(text.substr(start, stop - start)), from - start + 1, std::max<std::size_t>(1, to - from)});
    if (stop == text.size())
      return excerpt;
    start = stop + 1;
  }
}

/// Offset of the end of the line that holds `offset`.
std::uint32_t line_end(const SourceFile& file, std::uint32_t offset) {
  const std::uint32_t line = file.locate(offset).line;
  return file.line_begin(line) + static_cast<std::uint32_t>(file.line_text(line).size());
}

} // namespace

Excerpt source_excerpt(const SourceFile& file, Span span) {
  const std::uint32_t first = file.locate(span.begin).line;
  const std::uint32_t begin = file.line_begin(first);
  // A span that ends with an LF does not reach into the next line.
  const std::uint32_t end = line_end(file, span.size() == 0 ? span.begin : span.end - 1);
  return underline(first, file.text().substr(begin, end - begin), span.begin - begin, span.end - begin);
}

Excerpt replaced_excerpt(const SourceFile& file, Span span, std::string_view replacement) {
  const std::uint32_t first = file.locate(span.begin).line;
  const std::uint32_t begin = file.line_begin(first);
  const std::string_view text = file.text();
  std::string replaced(text.substr(begin, span.begin - begin));
  const std::size_t from = replaced.size();
  replaced += replacement;
  const std::size_t to = replaced.size();
  replaced += text.substr(span.end, line_end(file, span.end) - span.end);
  return underline(first, replaced, from, to);
}

} // namespace sx
