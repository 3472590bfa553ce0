#pragma once
// Lanes: the ways to execute a case (design section 7), and what each one gives.

#include "driver/compilation.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sx::harness {

enum class LaneKind : std::uint8_t {
  Comptime, ///< compiles with an engine: folds, diagnostics, output, traces, LLVM module text
  Main,     ///< evaluates `main` with the engine and the modelled host library
  Native,   ///< compiles with the reference and runs native code at an optimisation level
};

struct Lane {
  std::string_view name;
  LaneKind kind;
  driver::EngineKind engine; ///< that evaluates compile-time code
  int opt = 0;               ///< Native
};

/// Every lane of this build; the first comptime lane is the oracle of the comptime lanes, the first native lane that of
/// the run lanes.
std::span<const Lane> all_lanes();
const Lane* find_lane(std::string_view name);

/// How a lane ended.
enum class End : std::uint8_t {
  Completed,    ///< the fields below count
  Incomparable, ///< `reason` is a code of the closed list
  Crashed,      ///< a signal, an internal error or silence inside the compiler; `reason` says which
  TimedOut,
  Skipped, ///< the program was rejected, so there is nothing to run
};
std::string_view end_name(End end);

/// Reason codes of `Incomparable` with their meaning.
struct IncomparableReason {
  std::string_view code;
  std::string_view meaning;
};
std::span<const IncomparableReason> incomparable_reasons();

/// A leaf of a fold for the annotated difference: bytes [offset, offset+size) are `path`.
struct FoldLeaf {
  std::uint64_t offset = 0, size = 0;
  std::string path;
};
struct FoldRecord {
  std::string head;                ///< site and type
  std::string text;                ///< `driver::print_fold`
  std::vector<std::uint8_t> bytes; ///< object 0
  std::vector<FoldLeaf> leaves;
  bool is_run = false; ///< of a `#run`; else a plain initializer
};

struct LaneResult {
  End end = End::Skipped;
  std::string reason;
  // Comptime lanes.
  bool rejected = false;
  std::vector<FoldRecord> folds;
  std::string diagnostics;        ///< rendered text
  std::vector<std::string> codes; ///< `E0501 @ 12:5` of each primary
  std::string llvm;
  std::string comptime_output; ///< both descriptors in order of writing
  std::uint64_t instructions = 0;
  // Run lanes.
  std::string output, errors;
  int status = 0; ///< exit status, or 128 + signal
};

} // namespace sx::harness
