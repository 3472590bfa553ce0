#pragma once

#include "source/read_file.h"
#include "source/span.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sx {

/// A 1-based position; columns count bytes (R1.4).
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend constexpr bool operator==(LineColumn, LineColumn) = default;
};

/// One loaded file: the spelling shown in diagnostics (R1.110), its bytes, its line starts.
/// LF alone ends a line; CR is an ordinary byte (R1.4). A file always has at least one line.
class SourceFile {
public:
  /// `text` is at most `SourceMap::max_text_bytes` long.
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }
  /// Offsets past the end are clipped to the end.
  LineColumn locate(std::uint32_t offset) const;
  /// The bytes of the 1-based `line` without its LF; empty if there is no such line.
  std::string_view line_text(std::uint32_t line) const;
  /// Byte offset of the first byte of the 1-based `line`, which must exist.
  std::uint32_t line_begin(std::uint32_t line) const { return line_starts_[line - 1]; }

private:
  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

/// The files of one compilation. References stay valid while the map lives.
class SourceMap {
public:
  /// R1.1: at most 10 MiB a file.
  static constexpr std::size_t max_file_bytes = 10u << 20;
  /// Texts that are no files (inserted code) may be longer; offsets must fit 32 bits.
  static constexpr std::size_t max_text_bytes = 0xFFFFFFFFu;

  /// `text` beyond `max_text_bytes` is the caller's error.
  FileId add(std::string path, std::string text);
  /// `id` must come from this map.
  const SourceFile& file(FileId id) const { return files_[id.index()]; }
  bool contains(FileId id) const { return id.valid() && id.index() < files_.size(); }
  std::size_t size() const { return files_.size(); }

  /// `span` cut to its file, `begin <= end`. "No position" if the file is not in the map.
  Span clip(Span span) const;
  /// The spanned bytes; empty without position.
  std::string_view text(Span span) const;
  /// Position of the first byte; 0:0 without position.
  LineColumn locate(Span span) const;

private:
  std::deque<SourceFile> files_;
};

} // namespace sx
