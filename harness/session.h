#pragma once
// One run of sx-diff: cases over lanes in worker processes, verdicts, goldens, the summary.

#include "compare.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sx::harness {

struct SessionOptions {
  std::vector<std::string> roots;
  std::vector<std::string> names; ///< only cases with one of these names
  std::vector<const Lane*> lanes; ///< wanted lanes, in table order
  std::string golden_directory = "goldens";
  bool update_goldens = false;
  unsigned jobs = 2;
  unsigned shard_index = 0, shard_count = 1;
  std::string json_file;
  WorkerOptions worker;
  double max_incomparable_share = 0.05;
};

/// Counts of one lane over all cases.
struct LaneCounts {
  std::uint64_t agreed = 0, differed = 0, crashed = 0, timed_out = 0, skipped = 0;
  std::map<std::string, std::uint64_t> incomparable; ///< by reason code
  std::uint64_t instructions = 0;
};

struct CaseReport {
  Case program;
  LaneResults results;               ///< of a finished case without what it printed and emitted
  std::optional<std::string> golden; ///< what the golden file should say; nothing if no lane can say
  CaseVerdict verdict;
};

struct Summary {
  std::uint64_t cases = 0, failed_cases = 0;
  std::map<std::string, LaneCounts> lanes;
  bool compiler_crashed = false;
};

/// Exit codes of the command (design section 7).
enum class ExitCode : int { Agree = 0, Disagree = 1, Usage = 2, Crash = 3 };

/// Runs everything and prints the report. Progress goes to a terminal only.
ExitCode run_session(const SessionOptions& options);

/// Runs a tiny corpus with planted faults; every one must be noticed.
ExitCode self_test(const SessionOptions& options);

/// Runs the given cases; results in the order of `cases`. `progress` is called after each finished case.
std::vector<CaseReport> run_cases(const std::vector<Case>& cases, const SessionOptions& options);

/// The machine-readable report (schema: harness/report-schema.md).
std::string json_report(const std::vector<CaseReport>& reports, const Summary& summary);

} // namespace sx::harness
