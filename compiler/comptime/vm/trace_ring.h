#pragma once
// The return-trace buffer of one evaluation (R6.129).

#include <array>
#include <cstdint>
#include <vector>

namespace sx::comptime::vm {

/// The newest 32 frames; older ones are dropped and leave the `truncated` flag.
class TraceRing {
public:
  static constexpr std::uint32_t capacity = 32;

  void push(std::uint64_t frame) {
    if (size_ == capacity) {
      truncated_ = true;
      first_ = (first_ + 1) % capacity;
      --size_;
    }
    frames_[(first_ + size_++) % capacity] = frame;
  }
  void clear() {
    first_ = size_ = 0;
    truncated_ = false;
  }
  std::uint32_t size() const { return size_; }
  bool truncated() const { return truncated_; }
  /// 0 = oldest; 0 when out of range.
  std::uint64_t at(std::uint64_t index) const { return index < size_ ? frames_[(first_ + index) % capacity] : 0; }
  std::vector<std::uint64_t> all() const {
    std::vector<std::uint64_t> result;
    for (std::uint32_t i = 0; i < size_; ++i)
      result.push_back(at(i));
    return result;
  }

private:
  std::array<std::uint64_t, capacity> frames_{};
  std::uint32_t first_ = 0, size_ = 0;
  bool truncated_ = false;
};

} // namespace sx::comptime::vm
