#pragma once

#include "source/ids.h"

namespace sx {

using FileId = Id<struct FileTag>;

/// A half-open byte range of one source file. A span without a valid file is "no position".
struct Span {
  FileId file;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  constexpr bool valid() const { return file.valid(); }
  constexpr std::uint32_t size() const { return end - begin; }
  friend constexpr bool operator==(Span, Span) = default;
};

/// The smallest span that covers both; `a` and `b` must lie in one file unless one is invalid.
constexpr Span cover(Span a, Span b) {
  if (!a.valid())
    return b;
  if (!b.valid())
    return a;
  return Span{a.file, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

} // namespace sx
