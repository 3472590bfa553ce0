#pragma once
// The return-trace ring of an evaluation (R6.129).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sx::comptime::reference {

class TraceBuffer {
public:
  static constexpr std::size_t capacity = 32;

  void push(std::uint64_t frame) {
    if (frames_.size() == capacity) {
      frames_.pop_front();
      truncated_ = true;
    }
    frames_.push_back(frame);
  }
  void clear() {
    frames_.clear();
    truncated_ = false;
  }
  std::size_t size() const { return frames_.size(); }
  bool truncated() const { return truncated_; }
  /// 0 = oldest; 0 when out of range.
  std::uint64_t at(std::uint64_t index) const { return index < frames_.size() ? frames_[index] : 0; }
  std::vector<std::uint64_t> frames() const { return {frames_.begin(), frames_.end()}; }

private:
  std::deque<std::uint64_t> frames_;
  bool truncated_ = false;
};

} // namespace sx::comptime::reference
