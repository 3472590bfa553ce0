#pragma once
// The source lines that a diagnostic shows, and what is underlined in them (R10.7, R10.8, R10.10).

#include "source/source_map.h"

#include <string>
#include <string_view>
#include <vector>

namespace sx {

/// One line of an excerpt: `carets` bytes, at least one, are underlined from the 1-based `column` on.
struct ExcerptLine {
  std::string text; ///< without LF
  std::size_t column = 1;
  std::size_t carets = 1;
};

/// Consecutive lines, at least one.
struct Excerpt {
  std::uint32_t first_line = 1;
  std::vector<ExcerptLine> lines;

  std::uint32_t last_line() const { return first_line + static_cast<std::uint32_t>(lines.size()) - 1; }
};

/// Every line that has a byte of `span`, which must be clipped to `file`.
Excerpt source_excerpt(const SourceFile& file, Span span);

/// The lines of `span` (clipped to `file`) after `replacement` has taken its place.
Excerpt replaced_excerpt(const SourceFile& file, Span span, std::string_view replacement);

} // namespace sx
