#pragma once
// Runs lanes of one case in processes of their own: a crash, a hang or exhausted memory is that lane's result.

#include "case.h"
#include "lanes.h"

#include <map>
#include <string>

namespace sx::harness {

#ifdef __has_feature
#define SX_HAS_FEATURE(feature) __has_feature(feature)
#else
#define SX_HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || SX_HAS_FEATURE(address_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#undef SX_HAS_FEATURE

/// A compiler under the sanitizers takes so many times as long: time limits grow with it.
inline constexpr unsigned slowdown = is_sanitized ? 8 : 1;

/// What `--self-test` plants into a lane to see that it is noticed.
enum class Plant : std::uint8_t { None, WrongFold, WrongDiagnostic, WrongOutput, Crash, Hang };

struct WorkerOptions {
  unsigned seconds = 10 * slowdown;        ///< processor time of each process
  unsigned wall_seconds = 60 * slowdown;   ///< wall clock of each process: long, so that a busy machine changes nothing
  std::uint64_t memory_bytes = 2ull << 30; ///< address space growth of each process
  std::vector<std::string> library_directories;
  Plant plant = Plant::None;
  std::string plant_lane;
};

/// The lanes that one compilation with one engine serves: the engine's comptime lane first, then run lanes on top.
struct LaneGroup {
  std::vector<const Lane*> lanes;
};

/// Splits the wanted lanes into groups by engine.
std::vector<LaneGroup> group_lanes(const std::vector<const Lane*>& wanted);

using LaneResults = std::map<std::string, LaneResult, std::less<>>;

/// A started group. `descriptor` becomes readable when results arrive and hits end of file when the group is done.
struct RunningGroup {
  int process = -1;
  int descriptor = -1;
  std::string received; ///< bytes so far
};

/// Starts a process for the group. The caller reads `descriptor` to its end, then calls `finish_group`.
RunningGroup start_group(const Case& program, const LaneGroup& group, const WorkerOptions& options);
/// Reaps the process and decodes what it sent; lanes without a result crashed or timed out with it.
LaneResults finish_group(RunningGroup& running, const LaneGroup& group, bool timed_out);

} // namespace sx::harness
