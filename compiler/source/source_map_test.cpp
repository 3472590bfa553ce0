#include "source/source_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx {
namespace {

TEST(SourceFile, EmptyFileHasOneEmptyLine) {
  const SourceFile file("a.sx", "");
  EXPECT_EQ(file.line_count(), 1u);
  EXPECT_EQ(file.line_text(1), "");
  EXPECT_EQ(file.locate(0), (LineColumn{1, 1}));
}

TEST(SourceFile, LineAfterTheLastLfIsEmpty) {
  const SourceFile file("a.sx", "ab\ncd\n");
  EXPECT_EQ(file.line_count(), 3u);
  EXPECT_EQ(file.line_text(2), "cd");
  EXPECT_EQ(file.line_text(3), "");
  EXPECT_EQ(file.locate(6), (LineColumn{3, 1}));
}

TEST(SourceFile, LfBelongsToTheLineItEnds) {
  const SourceFile file("a.sx", "ab\ncd");
  EXPECT_EQ(file.locate(2), (LineColumn{1, 3}));
  EXPECT_EQ(file.locate(3), (LineColumn{2, 1}));
}

TEST(SourceFile, CrAndTabAreOrdinaryBytes) {
  const SourceFile file("a.sx", "\ta\r\nb\rc");
  EXPECT_EQ(file.line_count(), 2u);
  EXPECT_EQ(file.line_text(1), "\ta\r");
  EXPECT_EQ(file.locate(1), (LineColumn{1, 2}));
  EXPECT_EQ(file.line_text(2), "b\rc");
}

TEST(SourceFile, OffsetsAndLinesOutsideAreClipped) {
  const SourceFile file("a.sx", "ab\nc");
  EXPECT_EQ(file.locate(0xFFFFFFFFu), (LineColumn{2, 2}));
  EXPECT_EQ(file.line_text(0), "");
  EXPECT_EQ(file.line_text(3), "");
}

TEST(SourceMap, TextAndPositionOfASpan) {
  SourceMap sources;
  sources.add("a.sx", "one");
  const FileId second = sources.add("b.sx", "x\nyard");
  EXPECT_EQ(sources.text({second, 2, 6}), "yard");
  EXPECT_EQ(sources.locate({second, 3, 4}), (LineColumn{2, 2}));
  EXPECT_EQ(sources.file(second).path(), "b.sx");
}

TEST(SourceMap, SpansAreClippedToTheirFile) {
  SourceMap sources;
  const FileId id = sources.add("a.sx", "abc");
  EXPECT_EQ(sources.clip({id, 1, 99}), (Span{id, 1, 3}));
  EXPECT_EQ(sources.clip({id, 50, 99}), (Span{id, 3, 3}));
  EXPECT_EQ(sources.clip({id, 2, 1}), (Span{id, 2, 2}));
  EXPECT_FALSE(sources.clip({FileId(7), 0, 1}).valid());
  EXPECT_FALSE(sources.clip({}).valid());
}

TEST(SourceMap, SpanWithoutFileHasNoTextAndNoPosition) {
  const SourceMap sources;
  EXPECT_EQ(sources.text({}), "");
  EXPECT_EQ(sources.locate({FileId(3), 1, 2}), LineColumn());
}

TEST(Span, CoverIgnoresInvalidSpans) {
  const FileId id(0);
  EXPECT_EQ(cover({}, {id, 1, 2}), (Span{id, 1, 2}));
  EXPECT_EQ(cover({id, 1, 2}, {}), (Span{id, 1, 2}));
  EXPECT_EQ(cover({id, 5, 9}, {id, 1, 6}), (Span{id, 1, 9}));
}

/// Texts with many line ends.
rc::Gen<std::string> texts() {
  return rc::gen::container<std::string>(rc::gen::element('\n', 'a', '\r', '\t', '\xC3'));
}

RC_GTEST_PROP(SourceFileLaws, JoinedLinesAreTheText, ()) {
  const std::string text = *texts();
  const SourceFile file("a.sx", text);
  std::string joined;
  for (std::uint32_t line = 1; line <= file.line_count(); ++line) {
    if (line != 1)
      joined += '\n';
    joined += file.line_text(line);
  }
  RC_ASSERT(joined == text);
}

RC_GTEST_PROP(SourceFileLaws, LocateInvertsLineBeginPlusColumn, ()) {
  const std::string text = *texts();
  const SourceFile file("a.sx", text);
  for (std::uint32_t offset = 0; offset <= file.size(); ++offset) {
    const LineColumn at = file.locate(offset);
    RC_ASSERT(file.line_begin(at.line) + at.column - 1 == offset);
    RC_ASSERT(at.column <= file.line_text(at.line).size() + 1);
  }
}

RC_GTEST_PROP(SourceFileLaws, LocateGrowsWithTheOffset, ()) {
  const SourceFile file("a.sx", *texts());
  for (std::uint32_t offset = 1; offset <= file.size(); ++offset) {
    const LineColumn before = file.locate(offset - 1);
    const LineColumn at = file.locate(offset);
    RC_ASSERT((at == LineColumn{before.line, before.column + 1} || at == LineColumn{before.line + 1, 1}));
  }
}

RC_GTEST_PROP(SourceMapLaws, ClippedSpansLieInTheFileAndStayThere, (std::uint32_t begin, std::uint32_t end)) {
  SourceMap sources;
  const FileId id = sources.add("a.sx", *texts());
  const Span span = sources.clip({id, begin, end});
  RC_ASSERT(span.begin <= span.end);
  RC_ASSERT(span.end <= sources.file(id).size());
  RC_ASSERT(sources.clip(span) == span);
}

} // namespace
} // namespace sx
