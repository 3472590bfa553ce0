#pragma once
// Corpus programs: discovery in a directory and the header that says what a program shows and must give.

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace sx::harness {

/// `// expect-error: E0501 @ 12:5`: one primary diagnostic, in order of production.
struct ExpectedError {
  std::string code;
  unsigned line = 0, column = 0;
};

/// One corpus program. Its header is the run of `//` lines at the top of the file.
struct Case {
  std::string path;                           ///< as found, relative to the working directory
  std::string name;                           ///< path below the directory that was asked for, without `.sx`
  std::string shows;                          ///< `// shows:` what the program is about
  std::vector<std::string> rules;             ///< `// rules: R4.12, R2.30`
  std::optional<std::string> expected_output; ///< `// expect:` lines, each one line of standard output
  std::optional<int> expected_exit;           ///< `// expect-exit:`
  std::vector<ExpectedError> expected_errors; ///< a program that has some must be rejected with exactly these
};

/// What is wrong with a header or a path.
struct CaseError {
  std::string path;
  std::string message;
};

/// Reads a header. Unknown directives and malformed values are errors.
std::expected<Case, CaseError> read_case(const std::string& path, const std::string& name);

/// All `.sx` files below `root` (or `root` itself if it is a file) in byte order of their paths. Files in a directory
/// named `parts` are imported by cases and are no cases themselves.
std::expected<std::vector<Case>, CaseError> discover(const std::string& root);

} // namespace sx::harness
