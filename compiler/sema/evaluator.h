#pragma once
// What checking asks of the engines while it is still going on: texts for `#insert`, types from constructors.

#include "sema/hir.h"
#include "source/span.h"

#include <expected>
#include <string>

namespace sx::sema {

/// Why an evaluation gave nothing, in one line; the full diagnostics were already reported if `reported`.
struct EvaluationError {
  std::string reason;
  bool reported = false;
  Span at = {};           ///< of the operation that stopped; may be none
  std::string calls = {}; ///< the active calls, a line each; may be empty
};

/// Implemented above lowering. `entry` is a checked nullary function (FunctionKind::Entry).
class Evaluator {
public:
  virtual ~Evaluator() = default;
  /// `entry` returns `string`: its bytes.
  virtual std::expected<std::string, EvaluationError> evaluate_string(FunctionId entry) = 0;
  /// `entry` returns a scalar: its canonical word (a Type: its word).
  virtual std::expected<std::uint64_t, EvaluationError> evaluate_word(FunctionId entry) = 0;
};

} // namespace sx::sema
