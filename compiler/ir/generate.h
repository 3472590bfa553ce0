#pragma once
// Random well-formed modules for property tests and fuzzers.

#include "ir/module.h"

#include <cstdint>
#include <memory>
#include <span>

namespace sx::ir {

/// Where the generator's decisions come from.
class Choices {
public:
  virtual ~Choices() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform enough in [0, bound); 0 for bound 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
};

/// A seeded sequence (splitmix64): the same on every platform.
class SeededChoices final : public Choices {
public:
  explicit SeededChoices(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

private:
  std::uint64_t state_;
};

/// Decisions from a fuzzer's input, zero after its end.
class ByteChoices final : public Choices {
public:
  explicit ByteChoices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t next() override;

private:
  std::span<const std::uint8_t> bytes_;
};

/// A module that `verify` accepts. Its entry (`entry_symbol`) takes nothing and returns an i64; every evaluation ends
/// within `max_generated_steps` nodes without traps, undefined reads, writes to globals or externs, and without
/// results that depend on addresses or on the bits of a NaN. `size` bounds the nodes: about 40 * (size + 1).
std::unique_ptr<Module> generate(Choices& choices, unsigned size, std::uint32_t pointer_bytes = 8);

inline constexpr std::uint64_t max_generated_steps = 400'000;

} // namespace sx::ir
