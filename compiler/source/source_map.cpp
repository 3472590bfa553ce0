#include "source/source_map.h"

#include <algorithm>

namespace sx {

SourceFile::SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t lf = text_.find('\n'); lf != std::string::npos; lf = text_.find('\n', lf + 1))
    line_starts_.push_back(static_cast<std::uint32_t>(lf + 1));
}

LineColumn SourceFile::locate(std::uint32_t offset) const {
  const std::uint32_t place = std::min(offset, size());
  const auto next = std::ranges::upper_bound(line_starts_, place);
  return {static_cast<std::uint32_t>(next - line_starts_.begin()), place - *(next - 1) + 1};
}

std::string_view SourceFile::line_text(std::uint32_t line) const {
  if (line == 0 || line > line_count())
    return {};
  const std::uint32_t begin = line_begin(line);
  const std::uint32_t end = line == line_count() ? size() : line_begin(line + 1) - 1;
  return text().substr(begin, end - begin);
}

FileId SourceMap::add(std::string path, std::string text) {
  files_.emplace_back(std::move(path), std::move(text));
  return FileId(files_.size() - 1);
}

Span SourceMap::clip(Span span) const {
  if (!contains(span.file))
    return {};
  const std::uint32_t size = file(span.file).size();
  const std::uint32_t begin = std::min(span.begin, size);
  return {span.file, begin, std::clamp(span.end, begin, size)};
}

std::string_view SourceMap::text(Span span) const {
  const Span inside = clip(span);
  return inside.valid() ? file(inside.file).text().substr(inside.begin, inside.size()) : std::string_view();
}

LineColumn SourceMap::locate(Span span) const {
  return contains(span.file) ? file(span.file).locate(span.begin) : LineColumn();
}

} // namespace sx
