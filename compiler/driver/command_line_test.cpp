// The `sx` command from outside: exit statuses, and sources nobody should ever give it.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

constexpr rlim_t memory_bytes = 2ull << 30;
constexpr rlim_t cpu_seconds = sanitized ? 100 : 10;

struct Ended {
  int status = -1; ///< exit status, or 128 + signal
  std::string output, errors;
};

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A directory of the test's own, with `sx` run in it under the limits that bad input must respect.
class CommandLine : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "sx-command-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  fs::path write(std::string_view name, std::string_view text) {
    const fs::path path = directory_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  Ended run(std::vector<std::string> arguments) {
    const fs::path program = fs::canonical("/proc/self/exe").parent_path() / "sx";
    const fs::path output = directory_ / "stdout", errors = directory_ / "stderr";
    const pid_t child = fork();
    if (child == 0) {
      const rlimit cpu{cpu_seconds, cpu_seconds}, memory{memory_bytes, memory_bytes};
      setrlimit(RLIMIT_CPU, &cpu);
      if (!sanitized)
        setrlimit(RLIMIT_DATA, &memory);
      if (chdir(directory_.c_str()) != 0 || !std::freopen(output.c_str(), "w", stdout) ||
          !std::freopen(errors.c_str(), "w", stderr))
        _exit(126);
      std::vector<char*> words{const_cast<char*>(program.c_str())};
      for (std::string& argument : arguments)
        words.push_back(argument.data());
      words.push_back(nullptr);
      execv(program.c_str(), words.data());
      _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_all(output), read_all(errors)};
  }

  Ended check(std::string_view source) {
    write("bad.sx", source);
    return run({"check", "bad.sx"});
  }

  fs::path directory_;
};

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    out += text;
  return out;
}

TEST_F(CommandLine, UsageErrorsEndWithTwo) {
  const std::vector<std::vector<std::string>> calls{{}, {"frobnicate", "x.sx"}, {"check"}, {"run", "--no-such-flag"}};
  for (const auto& call : calls) {
    const Ended ended = run(call);
    EXPECT_EQ(ended.status, 2);
    EXPECT_FALSE(ended.errors.empty());
  }
}

TEST_F(CommandLine, HelpTeachesAndSucceeds) {
  for (const char* command : {"run", "build", "check", "ir", "asm"}) {
    const Ended ended = run({command, "--help"});
    EXPECT_EQ(ended.status, 0) << command;
    EXPECT_NE(ended.output.find("FILE"), std::string::npos) << command;
  }
}

TEST_F(CommandLine, RunGivesTheStatusOfMain) {
  write("seven.sx", "main :: () -> i64 { return 7; }\n");
  EXPECT_EQ(run({"run", "seven.sx"}).status, 7);
}

TEST_F(CommandLine, DiagnosticsGoToStandardError) {
  const Ended ended = check("main :: () { x := missing; }\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(ended.output.empty());
  EXPECT_NE(ended.errors.find("[E0303]"), std::string::npos);
  EXPECT_NE(ended.errors.find("bad.sx:1:19"), std::string::npos);
}

TEST_F(CommandLine, JsonDiagnosticsAreOneObjectALine) {
  write("bad.sx", "main :: () { x := missing; y := gone; }\n");
  const Ended ended = run({"check", "--diagnostics", "json", "bad.sx"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(std::ranges::count(ended.errors, '\n'), 2);
  EXPECT_TRUE(ended.errors.starts_with("{")) << ended.errors;
}

// R7.92, R7.93: what only compile-time code reaches is no part of the program.
TEST_F(CommandLine, FunctionsOfCompileTimeAreNotEmitted) {
  write("stages.sx", "only_then :: () -> i64 { return 4; }\nboth :: () -> i64 { return 5; }\n"
                     "N :: #run only_then() + both();\nmain :: () -> i64 { return N + both(); }\n");
  const Ended ended = run({"ir", "--stage=llvm", "stages.sx"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.output.find("only_then"), std::string::npos);
  EXPECT_NE(ended.output.find("sx.both"), std::string::npos);
}

TEST_F(CommandLine, BuiltProgramsRun) {
  write("five.sx", "main :: () -> i64 { return 5; }\n");
  ASSERT_EQ(run({"build", "five.sx", "-o", "five"}).status, 0);
  const int status = std::system((directory_ / "five").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

TEST_F(CommandLine, SourcesThatCannotBeReadAreErrors) {
  for (const char* name : {"missing.sx", "."}) {
    const Ended ended = run({"check", name});
    EXPECT_EQ(ended.status, 1) << name;
    EXPECT_NE(ended.errors.find("E0333"), std::string::npos) << name;
  }
}

TEST_F(CommandLine, AnEmptySourceHasNoMain) {
  EXPECT_EQ(check("").status, 0);
  const Ended ended = run({"run", "bad.sx"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.errors.find("E0330"), std::string::npos);
}

TEST_F(CommandLine, BinarySourcesAreErrors) {
  std::string bytes;
  for (unsigned i = 0; i < 100'000; ++i)
    bytes += static_cast<char>((i * 2654435761u) >> 13);
  const Ended ended = check(bytes);
  EXPECT_EQ(ended.status, 1);
  EXPECT_FALSE(ended.errors.empty());
}

TEST_F(CommandLine, InvalidUtf8IsAnError) {
  const Ended ended = check("main :: () { s := \"\xff\xfe\"; \xc3\x28 }\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_FALSE(ended.errors.empty());
}

TEST_F(CommandLine, LinesMayEndWithCrLf) {
  write("crlf.sx", "main :: () -> i64 {\r\n  // a comment\r\n  return 3;\r\n}\r\n");
  EXPECT_EQ(run({"run", "crlf.sx"}).status, 3);
}

TEST_F(CommandLine, ImportCyclesAreFineAndMissingImportsAreErrors) {
  write("a.sx", "#import \"b.sx\";\nmain :: () -> i64 { return two(); }\none :: () -> i64 { return 1; }\n");
  write("b.sx", "#import \"a.sx\";\ntwo :: () -> i64 { return one() + 1; }\n");
  EXPECT_EQ(run({"run", "a.sx"}).status, 2);
  const Ended ended = check("#import \"nowhere.sx\";\nmain :: () { }\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.errors.find("nowhere.sx"), std::string::npos);
}

TEST_F(CommandLine, DeepNestingIsALimit) {
  constexpr std::size_t levels = 100'000;
  const std::array<std::string, 8> sources{
      "main :: () { x := " + repeated("(", levels) + "1" + repeated(")", levels) + "; }\n",
      "main :: () " + repeated("{", levels) + repeated("}", levels) + "\n",
      "main :: () { x := " + repeated("-", levels) + "1; }\n",
      "main :: () { x := 1" + repeated(" + 1", levels) + "; }\n",
      "main :: () { x : " + repeated("*", levels) + "i64 = null; }\n",
      "main :: () { x : " + repeated("[]", levels) + "i64 = ---; }\n",
      "main :: () { " + repeated("if true ", levels) + "{ } }\n",
      "main :: () { x := " + repeated(".[", levels) + repeated("]", levels) + "; }\n",
  };
  for (const std::string& source : sources) {
    const Ended ended = check(source);
    EXPECT_LE(ended.status, 1) << source.substr(0, 40);
    EXPECT_EQ(ended.status == 0, ended.errors.empty()) << source.substr(0, 40);
  }
}

TEST_F(CommandLine, AHundredMegabytesAreReadInTime) {
  if (sanitized)
    return; // the limits are those of a release
  const Ended ended = check(repeated("// a line of nothing that goes on for a while\n", 2'300'000) + "main :: () { }\n");
  EXPECT_LE(ended.status, 1) << ended.errors.substr(0, 200);
  EXPECT_EQ(ended.status == 0, ended.errors.empty());
}

} // namespace
