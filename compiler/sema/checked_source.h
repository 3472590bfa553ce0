#pragma once
// For tests: checks a program given as text and shows its reports as `E0703 3:5` lines.

#include "sema/check.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sx::sema {

/// Answers every `#insert` operand with one text; has no types to offer.
class FixedText : public Evaluator {
public:
  explicit FixedText(std::string text) : text_(std::move(text)) {}
  std::expected<std::string, EvaluationError> evaluate_string(FunctionId) override { return text_; }
  std::expected<std::uint64_t, EvaluationError> evaluate_word(FunctionId) override {
    return std::unexpected(EvaluationError{"there is no engine here"});
  }

private:
  std::string text_;
};

/// A file of a test program: its path below the program's directory, and its text.
using SourceText = std::pair<std::string, std::string>;

/// A program in a directory of its own, checked on construction: one file `main.sx`, or several of which the first is
/// the entry.
class CheckedSource {
public:
  explicit CheckedSource(const std::string& text, std::string inserted = {})
      : CheckedSource(std::vector<SourceText>{{"main.sx", text}}, std::move(inserted)) {}
  explicit CheckedSource(const std::vector<SourceText>& files, std::string inserted = {},
                         const Options& with = Options())
      : program(strings, 8), evaluator(std::move(inserted)) {
    namespace fs = std::filesystem;
    static int count = 0;
    directory_ = fs::temp_directory_path() / ("sx-sema-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    for (const auto& [path, text] : files) {
      fs::create_directories((directory_ / path).parent_path());
      std::ofstream(directory_ / path) << text;
    }
    Options options = with;
    options.entry_path = (directory_ / files.front().first).string();
    ok = check_program(program, options, sources, strings, diagnostics, evaluator);
  }
  ~CheckedSource() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  CheckedSource(const CheckedSource&) = delete;
  CheckedSource& operator=(const CheckedSource&) = delete;

  /// Errors in order: code, line and column; before them the file, unless it is the entry.
  std::vector<std::string> codes() const {
    std::vector<std::string> list;
    for (const Report& report : diagnostics.reports()) {
      if (report.info->level != Level::Error)
        continue;
      const LineColumn at = sources.locate(report.span);
      std::string place;
      if (report.span.valid() && report.span.file.index() != 0)
        place = std::filesystem::path(sources.file(report.span.file).path()).filename().string() + " ";
      list.push_back(place + std::string(report.info->code) + " " + std::to_string(at.line) + ":" +
                     std::to_string(at.column));
    }
    return list;
  }
  /// Messages of the errors, one a line.
  std::string messages() const {
    std::string all;
    for (const Report& report : diagnostics.reports())
      all += std::string(report.info->code) + ": " + report.message + "\n";
    return all;
  }
  /// Number of checked functions whose trace name is `name`.
  std::size_t instances(std::string_view name) const {
    std::size_t count = 0;
    for (const Function& function : program.functions)
      count += function.checked && strings.text(function.name) == name;
    return count;
  }

  Interner strings;
  SourceMap sources;
  Diagnostics diagnostics;
  Program program;
  FixedText evaluator;
  bool ok = false;

private:
  std::filesystem::path directory_;
};

} // namespace sx::sema
