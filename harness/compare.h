#pragma once
// Oracles: do the lanes of one case agree, and does the case give what its header and golden say?

#include "case.h"
#include "worker.h"

#include <optional>
#include <string>
#include <vector>

namespace sx::harness {

/// One thing that is not as it must be.
struct Finding {
  std::string lane;
  std::string what;   ///< `folds`, `diagnostics`, `output`, `golden`, `expect`, ...
  std::string detail; ///< a difference for people to read
};

struct CaseVerdict {
  std::vector<Finding> findings;
  /// End of each lane; `agreed` lists those that were compared and equal.
  std::vector<std::string> agreed, differed;
};

/// Compares comptime lanes with the first comptime lane, run lanes with the first native lane.
CaseVerdict compare_lanes(const LaneResults& results);

/// Checks `// expect` lines against the run lanes (or the rejection).
void check_expectations(const Case& program, const LaneResults& results, CaseVerdict& verdict);

/// What a case must give, as the golden file's text; nothing if no lane can say.
std::optional<std::string> golden_text(const LaneResults& results);

/// A line difference: unchanged lines ` `, removed `-`, added `+`, at most `limit` lines.
std::string line_difference(std::string_view expected, std::string_view actual, std::size_t limit = 40);

/// The first fold that differs, with the field that holds the first differing byte.
std::string fold_difference(const std::vector<FoldRecord>& expected, const std::vector<FoldRecord>& actual);

} // namespace sx::harness
