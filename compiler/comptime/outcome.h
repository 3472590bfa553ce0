#pragma once
// What one evaluation gives. Both engines fill the same structure; the harness compares it field by field.

#include "ir/image.h"
#include "source/span.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sx::comptime {

/// Why an evaluation stopped without a value (R7.207). `describe` gives the text.
enum class Reason : std::uint8_t {
  Unsupported, ///< detail: the operation
  DivisionByZero,
  DivisionOverflow, ///< MIN / -1
  NullDereference,
  OutOfBounds, ///< detail: what was accessed
  NullUnwrap,
  FailedAssertion, ///< detail: expected and found type
  NullFunction,
  Unreachable,
  DepthLimit,
  StepLimit, ///< calls or back-edges
  AllocationLimit,
  MissingContext,
  GlobalWrite,      ///< detail: the variable, or `constant storage` for a store through a pointer
  SymbolNotFound,   ///< detail: the symbol
  ExternRefused,    ///< detail: the symbol; not modelled and not granted
  ExternSignature,  ///< detail: the symbol
  MissingService,   ///< detail: the service
  TypeRegistration, ///< detail: the rule
  CompilerQuery,    ///< detail: why the compiler interface has no answer
  MalformedIr,      ///< detail: what was wrong
  Undefined,        ///< reference only: detail names object, offset and kind of undefined behaviour
  Aborted,          ///< `abort` was called
  Dependency,       ///< a constant it reads failed
  Cycle,            ///< detail: the chain of constants
  Interrupted,
};

/// How far the result can be trusted; the reference engine knows, the VM reports Defined.
enum class Verdict : std::uint8_t { Defined, Undefined, AddressDependent, Unsupported, Limit };

/// A call on the stack when an evaluation stopped, innermost first.
struct CallSite {
  ir::FuncId function;
  Span call; ///< of the call expression in the caller
};

struct Failure {
  Reason reason = Reason::Unsupported;
  std::string detail;
  Span span; ///< of the operation
  std::vector<CallSite> calls;
};

/// Source-level counts, equal in both engines.
struct Counters {
  std::uint64_t calls = 0;
  std::uint64_t back_edges = 0;
  std::uint64_t allocated_bytes = 0;
  std::uint32_t max_depth = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

struct Outcome {
  std::optional<ir::FoldImage> image; ///< the value, unless it failed or the process ended
  std::optional<Failure> failure;
  std::optional<int> exit_code;     ///< `exit`/`_exit` was called
  std::vector<std::uint64_t> trace; ///< frame handles left in the trace buffer, oldest first
  bool trace_truncated = false;
  Counters counters;
  Verdict verdict = Verdict::Defined;
  std::uint64_t instructions = 0; ///< engine steps; informative, never compared
};

} // namespace sx::comptime
