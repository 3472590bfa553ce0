#pragma once
// Interrupts of running evaluations: Ctrl-C, deadlines, profilers.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

namespace sx::comptime::vm {

/// Routines of the handlers in the middle of which a test can raise an interrupt.
enum class Helper : std::uint8_t {
  Enter,
  BackEdge,
  CountCall,
  Link,
  CallIndirect,
  CallExtern,
  CallIntrinsic,
  GlobalAddress,
  Probe,
  Copy,
  Zero,
  Replicate,
  Vector,
};
inline constexpr std::size_t helper_count = static_cast<std::size_t>(Helper::Vector) + 1;

/// What may interrupt the evaluations of an engine. The machine looks at it whenever its counter of calls and
/// back-edges runs out, every `look_distance` of them at the latest, and inside its helpers.
class Interrupts {
public:
  static constexpr std::int64_t usual_distance = std::int64_t{1} << 16;

  /// From any thread or a signal handler: interrupts the evaluation that runs, or the next one.
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  /// Evaluations that still run then are interrupted, again at each look.
  void set_deadline(std::chrono::steady_clock::time_point when) { deadline_ = when; }
  /// Called on the evaluating thread when an interrupt is taken; true: go on (a profiler took its sample), false: the
  /// evaluation ends with `Reason::Interrupted`. Without one it ends.
  void set_answer(std::function<bool()> answer) { answer_ = std::move(answer); }
  /// Calls and back-edges between two looks, 1 or more.
  void set_look_distance(std::int64_t events) { look_distance_ = events; }
  std::int64_t look_distance() const { return look_distance_; }
  /// For tests: a request is raised inside the `nth` run (from 1) of a helper.
  void raise_inside(Helper helper, std::uint64_t nth) {
    chosen_ = helper;
    runs_left_ = nth;
  }

  /// Whether an interrupt waits, as seen from inside a helper.
  bool waits_in(Helper helper) {
    if (helper == chosen_ && runs_left_ != 0 && --runs_left_ == 0)
      request();
    return requested_.load(std::memory_order_relaxed);
  }
  bool waits() const {
    return requested_.load(std::memory_order_relaxed) ||
           (deadline_ != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() >= deadline_);
  }
  /// Takes the interrupt; whether the evaluation goes on.
  bool take() {
    requested_.store(false, std::memory_order_relaxed);
    return answer_ && answer_();
  }

private:
  std::atomic<bool> requested_ = false;
  static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers need it");
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::function<bool()> answer_;
  std::int64_t look_distance_ = usual_distance;
  Helper chosen_ = Helper::Enter;
  std::uint64_t runs_left_ = 0;
};

} // namespace sx::comptime::vm
