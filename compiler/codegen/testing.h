#pragma once
// Help for the tests of this room: programs in the IR's text form, and a scratch directory.

#include "codegen/codegen.h"
#include "ir/read.h"
#include "ir/verify.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>

namespace sx::codegen::testing {

/// The verified module of a text; a failed expectation and an empty module if it is not well-formed.
inline std::unique_ptr<ir::Module> read_good(std::string_view text) {
  auto module = ir::read(text);
  if (!module) {
    ADD_FAILURE() << module.error().line << ":" << module.error().column << ": " << module.error().message << "\n"
                  << text;
    return std::make_unique<ir::Module>();
  }
  for (const auto& error : ir::verify(**module))
    ADD_FAILURE() << error.message << "\n" << text;
  return std::move(*module);
}

/// Runs the entry in this process. -1 and a failed expectation if it can't be compiled.
inline int run(const ir::Module& module, int opt = 0, const RunRequest& request = {}) {
  Options options;
  options.opt = opt;
  const auto status = run_jit(module, options, request);
  if (!status) {
    ADD_FAILURE() << status.error().message;
    return -1;
  }
  return *status;
}
inline int run(std::string_view text, int opt = 0, const RunRequest& request = {}) {
  return run(*read_good(text), opt, request);
}

/// A program whose `main` has the given locals and body.
inline std::string program(std::string_view locals, std::string_view body, std::string_view tables = "") {
  std::ostringstream text;
  text << "(entry main) " << tables << " (func main export (signature (sig c () i32)) " << locals << " (body (block 0 "
       << body << ")))";
  return text.str();
}

/// A directory that goes away with the object.
class ScratchDirectory {
public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sx-codegen-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      ADD_FAILURE() << "no scratch directory";
    path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string file(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(file(name)) << content;
    return file(name);
  }

private:
  std::filesystem::path path_;
};

/// What a file holds.
inline std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

} // namespace sx::codegen::testing
