#include "case.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace sx::harness {
namespace {

class CaseFile : public testing::Test {
protected:
  std::filesystem::path directory =
      std::filesystem::temp_directory_path() /
      ("sx-case-test-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()));

  void SetUp() override { std::filesystem::create_directories(directory / "a" / "parts"); }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory / name;
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(CaseFile, ReadsItsHeader) {
  const auto path =
      write("x.sx", "// shows: a thing\n// rules: R1.2, R3.4.5\n// expect: one \n// expect:\n// prose without colon\n"
                    "// expect-exit: 7\nmain :: () { }\n// expect: not part of the header\n");
  const auto made = read_case(path, "x");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->shows, "a thing");
  EXPECT_EQ(made->rules, (std::vector<std::string>{"R1.2", "R3.4.5"}));
  EXPECT_EQ(made->expected_output, "one \n\n");
  EXPECT_EQ(made->expected_exit, 7);
}

TEST_F(CaseFile, ReadsExpectedErrors) {
  const auto path = write("x.sx", "// expect-error: E0501 @ 12:5\n// expect-error: E0330 @ none\n");
  const auto made = read_case(path, "x");
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->expected_errors.size(), 2u);
  EXPECT_EQ(made->expected_errors[0].code, "E0501");
  EXPECT_EQ(made->expected_errors[0].line, 12u);
  EXPECT_EQ(made->expected_errors[0].column, 5u);
  EXPECT_EQ(made->expected_errors[1].line, 0u);
}

TEST_F(CaseFile, RefusesWhatItDoesNotKnow) {
  for (const char* header : {"// expects: x\n", "// expect-exit: 300\n", "// expect-error: E05 @ 1:2\n",
                             "// expect-error: E0501 1:2\n", "// rules: R1.1,\n"})
    EXPECT_FALSE(read_case(write("x.sx", header), "x")) << header;
}

TEST_F(CaseFile, DiscoversInByteOrderAndSkipsParts) {
  write("b.sx", "");
  write("a/z.sx", "");
  write("a/parts/helper.sx", "");
  write("a/notes.txt", "");
  const auto found = discover(directory.string());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "a/z");
  EXPECT_EQ((*found)[1].name, "b");
}

TEST_F(CaseFile, ReportsAMissingRoot) {
  EXPECT_FALSE(discover((directory / "missing").string()));
}

} // namespace
} // namespace sx::harness
