#pragma once
// C functions that need nothing of the host, modelled once against a memory interface that both engines implement
// (R7.162, R7.167; design section 6, "Host library").

#include "comptime/engine.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace sx::comptime {

/// An engine's memory as the library sees it. Addresses are the engine's own words; every access is checked and a
/// refused access is the failure to report.
class Memory {
public:
  virtual ~Memory() = default;
  virtual std::expected<void, Failure> read(std::uint64_t address, std::span<std::uint8_t> out) = 0;
  virtual std::expected<void, Failure> write(std::uint64_t address, std::span<const std::uint8_t> bytes) = 0;
  /// Copies with provenance and undefinedness; ranges may overlap.
  virtual std::expected<void, Failure> move(std::uint64_t to, std::uint64_t from, std::uint64_t size) = 0;
  virtual std::expected<void, Failure> fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) = 0;
  /// 16-aligned zeroed bytes; size 0 gives a valid non-null address.
  virtual std::expected<std::uint64_t, Failure> allocate(std::uint64_t size) = 0;
  /// Freeing null does nothing. The reference reports a bad or double free.
  virtual std::expected<void, Failure> release(std::uint64_t address) = 0;
  /// Number of bytes before the first NUL.
  virtual std::expected<std::uint64_t, Failure> string_length(std::uint64_t address) = 0;
};

/// One argument or result: a 64-bit word (integers canonical, floats as their own bits).
using Word = std::uint64_t;

struct HostCallContext {
  Memory& memory;
  Host& host;
  const Limits& limits;
  std::uint32_t pointer_bytes = 8;
};

/// What a modelled call did: a result word, or the end of the process.
struct HostResult {
  Word value = 0;
  std::optional<int> exit_code;
  bool aborted = false;
};

using HostFunction = std::expected<HostResult, Failure> (*)(HostCallContext&, std::span<const Word>);

struct HostEntry {
  std::string_view symbol;
  int arguments; ///< of the C prototype
  HostFunction function;
};

/// The entry for a linked symbol name, or null: not modelled.
const HostEntry* find_host_function(std::string_view symbol);

} // namespace sx::comptime
