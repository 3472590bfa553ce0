#include "source/read_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sx {
namespace {

namespace fs = std::filesystem;
using Kind = ReadError::Kind;

class ReadFile : public testing::Test {
protected:
  ReadFile() {
    std::string pattern = (fs::temp_directory_path() / "sx_read_file_XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ReadFile() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  static Kind failure_of(const std::string& file, std::size_t max_bytes = 100) {
    const auto text = read_file(file, max_bytes);
    EXPECT_FALSE(text.has_value());
    return text ? Kind::Other : text.error().kind;
  }

  fs::path directory_;
};

TEST_F(ReadFile, GivesBytesUnchanged) {
  const std::string bytes("\xEF\xBB\xBF"
                          "a\r\n\0b\xFF",
                          9);
  EXPECT_EQ(read_file(write("a.sx", bytes), 100), bytes);
  EXPECT_EQ(read_file(write("empty.sx", ""), 100), "");
}

TEST_F(ReadFile, BoundIsInclusive) {
  const std::string file = write("a.sx", std::string(100, 'x'));
  EXPECT_EQ(read_file(file, 100)->size(), 100u);
  EXPECT_EQ(failure_of(file, 99), Kind::TooLarge);
  EXPECT_EQ(read_file(file, 99).error().reason, "it is larger than 99 bytes");
}

TEST_F(ReadFile, FilesThatReportNoSizeAreReadToTheEndOrTheBound) {
  const std::string file = "/proc/self/maps";
  if (!fs::exists(file))
    GTEST_SKIP() << "no /proc";
  EXPECT_FALSE(read_file(file, 10u << 20)->empty());
  EXPECT_EQ(failure_of(file, 10), Kind::TooLarge);
}

TEST_F(ReadFile, NamesTheReason) {
  EXPECT_EQ(failure_of(path("none.sx")), Kind::NotFound);
  EXPECT_EQ(failure_of(write("a.sx", "") + "/b.sx"), Kind::NotFound);
  EXPECT_EQ(failure_of(""), Kind::NotFound);
  EXPECT_EQ(failure_of(path("")), Kind::Directory);
  EXPECT_EQ(read_file(path(""), 1).error().reason, "it is a directory");
  EXPECT_EQ(failure_of(write("a.sx", "") + std::string("\0x", 2)), Kind::NotFound);
  EXPECT_EQ(failure_of(std::string(100000, 'a')), Kind::Other);
}

TEST_F(ReadFile, LoopOfLinksIsAnError) {
  fs::create_symlink(path("loop"), path("loop"));
  EXPECT_EQ(failure_of(path("loop")), Kind::Other);
}

TEST_F(ReadFile, UnreadableFileIsDenied) {
  if (::geteuid() == 0)
    GTEST_SKIP() << "root reads everything";
  const std::string file = write("a.sx", "x");
  fs::permissions(file, fs::perms::none);
  EXPECT_EQ(failure_of(file), Kind::Denied);
}

TEST_F(ReadFile, FifosAndDevicesDoNotBlock) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(failure_of(path("fifo")), Kind::NotRegular);
  EXPECT_EQ(failure_of("/dev/zero"), Kind::NotRegular);
}

TEST_F(ReadFile, ReadsBackWhatWasWritten) {
  rc::check("read_file inverts writing", [&](const std::string& bytes) {
    const auto text = read_file(write("a.sx", bytes), bytes.size());
    RC_ASSERT(text.has_value());
    RC_ASSERT(*text == bytes);
    if (!bytes.empty())
      RC_ASSERT(!read_file(path("a.sx"), bytes.size() - 1).has_value());
  });
}

} // namespace
} // namespace sx
