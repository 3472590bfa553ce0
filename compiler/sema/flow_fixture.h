#pragma once
// A loaded program whose bodies nobody has checked, for the tests of phases 5d to 5g.

#include "sema/checker.h"
#include "sema/modules.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace sx::sema {

struct NoEvaluator : Evaluator {
  std::expected<std::string, EvaluationError> evaluate_string(FunctionId) override {
    return std::unexpected(EvaluationError{"nothing is evaluated here", false});
  }
  std::expected<std::uint64_t, EvaluationError> evaluate_word(FunctionId) override {
    return std::unexpected(EvaluationError{"nothing is evaluated here", false});
  }
};

/// The entry file and files that it may import, in a directory of their own.
struct LoadedProgram {
  using File = std::pair<std::string, std::string>;

  explicit LoadedProgram(const std::string& entry, const std::vector<File>& imports = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "sx-flow-XXXXXX").string();
    directory = mkdtemp(pattern.data());
    for (const auto& [name, text] : imports)
      std::ofstream(directory / name) << text;
    std::ofstream(directory / "entry.sx") << entry;
    options.entry_path = (directory / "entry.sx").string();
    loaded = ModuleLoader(checker).load();
  }
  ~LoadedProgram() { std::filesystem::remove_all(directory); }
  LoadedProgram(const LoadedProgram&) = delete;
  LoadedProgram& operator=(const LoadedProgram&) = delete;

  /// Reports in order as `E0301@1:9 spanned text`, or `ok`.
  std::string outcome() const {
    std::string out;
    for (const Report& report : diagnostics.reports()) {
      const LineColumn at = sources.locate(report.span);
      out += out.empty() ? "" : " + ";
      out += std::string(report.info->code) + "@" + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
             std::string(sources.text(report.span));
    }
    return out.empty() ? "ok" : out;
  }

  std::filesystem::path directory;
  SourceMap sources;
  Interner strings;
  Diagnostics diagnostics;
  Options options;
  Program program{strings, 8};
  NoEvaluator evaluator;
  Checker checker{program, options, sources, strings, diagnostics, evaluator};
  bool loaded = false;
};

/// One row of a table: a program and its reports.
struct FlowCase {
  std::string name;
  std::string text;
  std::string reports;
};

} // namespace sx::sema
