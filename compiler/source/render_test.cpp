#include "source/diagnostic_notes.h"
#include "source/render.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

namespace sx {
namespace {

/// The first occurrence of `needle` in a file.
Span find(const SourceMap& sources, FileId id, std::string_view needle) {
  const std::size_t at = sources.file(id).text().find(needle);
  EXPECT_NE(at, std::string_view::npos) << needle;
  return {id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + needle.size())};
}

class Render : public testing::Test {
protected:
  FileId add(std::string path, std::string text) { return sources.add(std::move(path), std::move(text)); }
  /// The text of one E0623 at a span of a file `a.sx` with this content.
  std::string at(std::string text, std::uint32_t begin, std::uint32_t end) {
    const FileId id = add("a.sx", std::move(text));
    Diagnostics one;
    one.report<diag::nothing_used_as_value>({id, begin, end});
    const std::string out = render_text(one, sources);
    const std::string header = "error: this gives no value [E0623]\n";
    EXPECT_TRUE(out.starts_with(header)) << out;
    return out.substr(header.size());
  }

  SourceMap sources;
  Diagnostics diagnostics;
};

TEST_F(Render, ExampleOfR10_11) {
  const FileId id = add("yard/load.sx", std::string(30, '\n') + "    total += weigh(it);\n");
  Span it = find(sources, id, "(it)");
  it = {id, it.begin + 1, it.end - 1};
  diagnostics.report<diag::named_pointer_for_value>(it, "argument", "it", "Crate")
      .help(help::pass_pointee(), it, "it.*");
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: argument 'it' is a '*Crate', a 'Crate' is wanted [E0413]
  --> yard/load.sx:31:20
   |
31 |     total += weigh(it);
   |                    ^^

help: pass the pointed-to value
   |
31 |     total += weigh(it.*);
   |                    ^^^^
)");
}

TEST_F(Render, ExampleOfR1_167) {
  const FileId id = add("demo/calc.sx", std::string(11, '\n') + "    total := plsu(2, 3);\n");
  const Span name = find(sources, id, "plsu");
  diagnostics.report<diag::unknown_name>(name, "plsu").help("did you mean 'plus'?", name, "plus");
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: nothing called 'plsu' is known here [E0303]
  --> demo/calc.sx:12:14
   |
12 |     total := plsu(2, 3);
   |              ^^^^

help: did you mean 'plus'?
   |
12 |     total := plus(2, 3);
   |              ^^^^
)");
}

TEST_F(Render, ExampleOfR10_49) {
  const FileId id = add("demo.sx", std::string(8, '\n') + "limit :: #run probe();\n");
  Report& report = diagnostics.report<diag::error_escaped_run>(find(sources, id, "#run"), "limit", "Cold");
  report.trace = "error return trace (most recent call last):\n  probe at demo.sx:4:17\n";
  report.help(help::catch_inside_run());
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: unhandled error in #run (limit): error.Cold [E0910]
  --> demo.sx:9:10
error return trace (most recent call last):
  probe at demo.sx:4:17
help: use 'catch' or 'or' inside the '#run'
)");
}

TEST_F(Render, PartWithoutSpanIsItsMessage) {
  diagnostics.report<diag::no_main>({});
  EXPECT_EQ(render_text(diagnostics, sources), "error: there is no 'main' to run [E0330]\n");
}

TEST_F(Render, ReportsAndPartsAreSeparatedByOneEmptyLineNotesFirst) {
  diagnostics.report<diag::no_main>({}).help("h1").note("n1").help("h2").note("n2");
  diagnostics.report<diag::linker_failed>({});
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: there is no 'main' to run [E0330]

note: n1

note: n2

help: h1

help: h2

error: linking failed [E1011]
)");
}

TEST_F(Render, ListLinesAreIndented) {
  diagnostics.report<diag::compile_time_function_at_run_time>({}, "f").note(note::reached_this_way() +
                                                                            "\nmain\n-> f\n");
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: 'f' exists at compile time only [E0906]

note: it is reached this way:
    main
    -> f
)");
}

TEST_F(Render, CodeStandsOnTheFirstLineOfAMessage) {
  diagnostics.report<diag::live_error_directive>({}, "first.\nsecond\n\nlast");
  EXPECT_EQ(render_text(diagnostics, sources), "error: first. [E0901]\n    second\n    \n    last\n");
}

TEST_F(Render, NoteMayLieInAnotherFile) {
  const FileId first = add("a.sx", "x :: 1;\n");
  const FileId second = add("lib/b.sx", "\nx :: 2;\n");
  diagnostics.report<diag::duplicate_context_field>(find(sources, second, "x"), "x")
      .note(note::first_declared_here(), find(sources, first, "x"));
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: context field 'x' is declared twice [E0633]
  --> lib/b.sx:2:1
   |
 2 | x :: 2;
   | ^

note: first declared here
  --> a.sx:1:1
   |
 1 | x :: 1;
   | ^
)");
}

TEST_F(Render, HelpWithSpanShowsTheExcerptWithoutPosition) {
  const FileId id = add("a.sx", "x\n");
  diagnostics.report<diag::no_main>({}).help("look", {id, 0, 1});
  EXPECT_EQ(render_text(diagnostics, sources),
            "error: there is no 'main' to run [E0330]\n\nhelp: look\n   |\n 1 | x\n   | ^\n");
}

TEST_F(Render, SpanOverSeveralLinesUnderlinesEach) {
  EXPECT_EQ(at("f :: {\n\n  a;\n}\n", 5, 14), R"(  --> a.sx:1:6
   |
 1 | f :: {
   |      ^
 2 | )"
                                              "\n"
                                              R"(   | ^
 3 |   a;
   | ^^^^
 4 | }
   | ^
)");
}

TEST_F(Render, SpanThatEndsWithALfStaysOnItsLine) {
  EXPECT_EQ(at("ab\ncd\n", 0, 3), "  --> a.sx:1:1\n   |\n 1 | ab\n   | ^^\n");
  EXPECT_EQ(at("ab\ncd\n", 2, 3), "  --> a.sx:1:3\n   |\n 1 | ab\n   |   ^\n");
}

TEST_F(Render, ZeroLengthSpanGetsOneCaret) {
  EXPECT_EQ(at("ab\n", 3, 3), "  --> a.sx:2:1\n   |\n 2 | \n   | ^\n");
  EXPECT_EQ(at("ab", 2, 2), "  --> a.sx:1:3\n   |\n 1 | ab\n   |   ^\n");
  EXPECT_EQ(at("", 0, 0), "  --> a.sx:1:1\n   |\n 1 | \n   | ^\n");
}

TEST_F(Render, SpanBeyondTheFileIsClipped) {
  EXPECT_EQ(at("ab", 1, 99), "  --> a.sx:1:2\n   |\n 1 | ab\n   |  ^\n");
  EXPECT_EQ(at("ab", 70, 99), "  --> a.sx:1:3\n   |\n 1 | ab\n   |   ^\n");
}

TEST_F(Render, SpanOfAnUnknownFileIsNoPosition) {
  diagnostics.report<diag::nothing_used_as_value>({FileId(9), 1, 2});
  EXPECT_EQ(render_text(diagnostics, sources), "error: this gives no value [E0623]\n");
}

TEST_F(Render, ColumnsAreBytesAndLinesAreCopied) {
  EXPECT_EQ(at("\t\xC3\xA9x\r\n", 3, 4), "  --> a.sx:1:4\n   |\n 1 | \t\xC3\xA9x\r\n   |    ^\n");
}

TEST_F(Render, GutterFollowsTheLastLineNumber) {
  const std::string text = at(std::string(98, '\n') + "a\nb\n", 98, 101);
  EXPECT_EQ(text, "  --> a.sx:99:1\n    |\n 99 | a\n    | ^\n100 | b\n    | ^\n");
}

TEST_F(Render, ReplacementMayAddRemoveAndJoinLines) {
  const FileId id = add("a.sx", "one two\nthree\n");
  diagnostics.report<diag::no_main>({})
      .help("delete", {id, 3, 7}, "")
      .help("insert", {id, 3, 3}, ";")
      .help("split", {id, 3, 4}, "\n  ")
      .help("join", {id, 4, 10}, "T");
  EXPECT_EQ(render_text(diagnostics, sources), R"(error: there is no 'main' to run [E0330]

help: delete
   |
 1 | one
   |    ^

help: insert
   |
 1 | one; two
   |    ^

help: split
   |
 1 | one
   |    ^
 2 |   two
   | ^^

help: join
   |
 1 | one Tree
   |     ^
)");
}

TEST_F(Render, WarningsNeedAnError) {
  diagnostics.report<diag::library_not_loaded>({}, "z", "no such file");
  EXPECT_EQ(render_text(diagnostics, sources), "");
  EXPECT_EQ(render_compact(diagnostics, sources), "");
  EXPECT_EQ(render_json_lines(diagnostics, sources), "");
  diagnostics.report<diag::no_main>({});
  EXPECT_EQ(render_text(diagnostics, sources), "warning: library 'z' cannot be opened: no such file [W1001]\n\n"
                                               "error: there is no 'main' to run [E0330]\n");
}

TEST_F(Render, CompactFormIsOneLineAPart) {
  const FileId id = add("a.sx", "x\ny\n");
  diagnostics.report<diag::unknown_name>({id, 2, 3}, "y").note("list\nitem").help("h", {id, 0, 1});
  EXPECT_EQ(render_compact(diagnostics, sources), "a.sx:2:1: error: nothing called 'y' is known here [E0303]\n"
                                                  "note: list\n"
                                                  "a.sx:1:1: help: h\n");
}

TEST_F(Render, JsonLines) {
  const FileId id = add("a.sx", "x\ny\n");
  diagnostics.report<diag::unknown_name>({id, 2, 3}, "y").help("h", {id, 0, 1}, "z");
  diagnostics.report<diag::no_main>({});
  EXPECT_EQ(render_json_lines(diagnostics, sources),
            R"({"code":"E0303","level":"error","message":"nothing called 'y' is known here","file":"a.sx","line":2,)"
            R"("column":1,"end_line":2,"end_column":2,"parts":[{"level":"help","message":"h","file":"a.sx","line":1,)"
            R"("column":1,"end_line":1,"end_column":2,"replacement":"z"}]})"
            "\n"
            R"({"code":"E0330","level":"error","message":"there is no 'main' to run","parts":[]})"
            "\n");
}

TEST_F(Render, JsonEscapesControlAndInvalidBytes) {
  diagnostics.report<diag::live_error_directive>({}, "a\"\n\x01\xFF");
  EXPECT_EQ(render_json_lines(diagnostics, sources),
            "{\"code\":\"E0901\",\"level\":\"error\",\"message\":\"a\\\"\\n\\u0001\xEF\xBF\xBD\",\"parts\":[]}\n");
}

rc::Gen<std::string> bytes() {
  return rc::gen::container<std::string>(rc::gen::element('\n', 'a', '\r', '\t', '\xC3', '\0', '{'));
}

Span any_span() {
  const bool near = *rc::gen::arbitrary<bool>();
  const auto offset = near ? rc::gen::inRange<std::uint32_t>(0, 40) : rc::gen::arbitrary<std::uint32_t>();
  const FileId file = *rc::gen::weightedElement<FileId>({{8, FileId(0)}, {1, FileId(1)}, {1, FileId()}});
  return {file, *offset, *offset};
}

RC_GTEST_PROP(RenderLaws, AnySpanAndTextRenders, ()) {
  SourceMap sources;
  sources.add("a.sx", *bytes());
  Diagnostics diagnostics;
  Report& report = diagnostics.report<diag::live_error_directive>(any_span(), *bytes());
  report.note(*bytes(), any_span()).help(*bytes(), any_span()).help(*bytes(), any_span(), *bytes());
  const std::string text = render_text(diagnostics, sources);
  RC_ASSERT(text.starts_with("error: "));
  RC_ASSERT(text.ends_with('\n'));
  RC_ASSERT(text.find(" [E0901]\n") != std::string::npos);
  RC_ASSERT(render_compact(diagnostics, sources).ends_with('\n'));
  const std::string line = render_json_lines(diagnostics, sources);
  RC_ASSERT(line.find('\n') == line.size() - 1);
  RC_ASSERT(nlohmann::json::accept(line));
}

RC_GTEST_PROP(RenderLaws, CaretsCountTheBytesOfTheSpanOnItsLines, ()) {
  SourceMap sources;
  const FileId id = sources.add("a.sx", *rc::gen::container<std::string>(rc::gen::element('\n', 'a', 'b')));
  const Span span = sources.clip({id, *rc::gen::inRange(0u, 30u), *rc::gen::inRange(0u, 30u)});
  std::size_t expected = 0;
  std::string_view rest = sources.text(span);
  if (rest.ends_with('\n'))
    rest.remove_suffix(1);
  for (std::size_t lf = 0; lf != std::string_view::npos;) {
    lf = rest.find('\n');
    expected += std::max<std::size_t>(1, std::min(lf, rest.size()));
    rest.remove_prefix(lf == std::string_view::npos ? 0 : lf + 1);
  }
  Diagnostics diagnostics;
  diagnostics.report<diag::nothing_used_as_value>(span);
  const std::string text = render_text(diagnostics, sources);
  RC_ASSERT(static_cast<std::size_t>(std::ranges::count(text, '^')) == expected);
}

} // namespace
} // namespace sx
