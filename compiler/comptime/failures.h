#pragma once
// The details of failures that both engines report: one wording for each, so that diagnostics agree.

#include "comptime/outcome.h"
#include "ir/module.h"

#include <string>
#include <string_view>
#include <utility>

namespace sx::comptime {

inline Failure fail(Reason reason, Span span = {}, std::string_view detail = {}) {
  return Failure{reason, std::string(detail), span, {}};
}

/// Assigning a module variable by name at compile time (R7.160).
inline Failure global_write(Span span, std::string_view variable) {
  return fail(Reason::GlobalWrite, span, variable);
}

/// A store through a pointer into a constant or into text (R4.160).
inline Failure constant_write(Span span) {
  return fail(Reason::GlobalWrite, span, "constant storage");
}

/// A `poison` node: `reason` is its text.
inline Failure poisoned(Span span, std::string_view reason) {
  return fail(Reason::MalformedIr, span, reason);
}

/// A trap node reached at compile time. A failed assertion says what its text says, without the line end.
inline Failure trapped(Span span, ir::TrapKind kind, std::string_view text) {
  switch (kind) {
  case ir::TrapKind::NullUnwrap: return fail(Reason::NullUnwrap, span);
  case ir::TrapKind::FailedAssertion:
    while (text.ends_with('\n'))
      text.remove_suffix(1);
    return fail(Reason::FailedAssertion, span, text);
  case ir::TrapKind::Unreachable: break;
  }
  return fail(Reason::Unreachable, span);
}

/// The verdict that goes with a failure when nothing is known about undefined behaviour.
constexpr Verdict verdict_of(Reason reason) {
  switch (reason) {
  case Reason::DepthLimit:
  case Reason::StepLimit:
  case Reason::AllocationLimit:
  case Reason::Interrupted: return Verdict::Limit;
  case Reason::Unsupported:
  case Reason::SymbolNotFound:
  case Reason::ExternRefused:
  case Reason::ExternSignature:
  case Reason::MissingService: return Verdict::Unsupported;
  case Reason::Undefined:
  case Reason::OutOfBounds: return Verdict::Undefined;
  default: return Verdict::Defined;
  }
}

} // namespace sx::comptime
