#include "lanes.h"

#include <algorithm>
#include <array>

namespace sx::harness {

namespace {

using driver::EngineKind;

constexpr std::array lanes{
    Lane{"reference", LaneKind::Comptime, EngineKind::Reference},
    Lane{"vm:switch", LaneKind::Comptime, EngineKind::VmSwitch},
    Lane{"vm:threaded", LaneKind::Comptime, EngineKind::VmThreaded},
#ifdef __clang__
    Lane{"vm:tailcall", LaneKind::Comptime, EngineKind::VmTailCall},
#endif
    Lane{"native:O0", LaneKind::Native, EngineKind::Reference, 0},
    Lane{"native:O2", LaneKind::Native, EngineKind::Reference, 2},
    Lane{"reference:main", LaneKind::Main, EngineKind::Reference},
    Lane{"vm:main", LaneKind::Main, EngineKind::VmSwitch},
};

constexpr std::array reasons{
    IncomparableReason{"host-function", "the program calls a C function that the host library does not model"},
    IncomparableReason{"undefined", "the reference met an operation without meaning (R4.160)"},
    IncomparableReason{"address-dependent", "the result depends on where something was placed"},
    IncomparableReason{"unsupported", "an operation that cannot be evaluated: assembly, threads, math intrinsics"},
    IncomparableReason{"limit", "a limit of the evaluation was reached that native code does not have"},
    IncomparableReason{"trap", "native code ends by a signal where the engines report a failure"},
};

} // namespace

std::span<const Lane> all_lanes() {
  return lanes;
}

const Lane* find_lane(std::string_view name) {
  const auto found = std::ranges::find(lanes, name, &Lane::name);
  return found == lanes.end() ? nullptr : &*found;
}

std::string_view end_name(End end) {
  switch (end) {
  case End::Completed: return "completed";
  case End::Incomparable: return "incomparable";
  case End::Crashed: return "crashed";
  case End::TimedOut: return "timed out";
  case End::Skipped: return "skipped";
  }
  return "?";
}

std::span<const IncomparableReason> incomparable_reasons() {
  return reasons;
}

} // namespace sx::harness
