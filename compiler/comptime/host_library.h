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
  /// Stores the pointer word `pointer` in the target's pointer size, keeping what the engine knows about it.
  virtual std::expected<void, Failure> write_pointer(std::uint64_t address, std::uint64_t pointer) = 0;
  /// Copies with provenance and undefinedness; ranges may overlap.
  virtual std::expected<void, Failure> move(std::uint64_t to, std::uint64_t from, std::uint64_t size) = 0;
  virtual std::expected<void, Failure> fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) = 0;
  /// 16-aligned zeroed bytes; size 0 gives a valid non-null address. Counted by `allocation_cost`; too much is
  /// `Reason::AllocationLimit`.
  virtual std::expected<std::uint64_t, Failure> allocate(std::uint64_t size) = 0;
  /// Freeing null does nothing. The reference reports a bad or double free.
  virtual std::expected<void, Failure> release(std::uint64_t address) = 0;
  /// The size that the live block at `address` was allocated with (for `realloc`).
  virtual std::expected<std::uint64_t, Failure> allocation_size(std::uint64_t address) = 0;
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
  /// The C prototype, result first: v void, n noreturn, i int, l long, q long long, z size_t (or ssize_t), p pointer,
  /// d double, f float.
  std::string_view prototype;
  HostFunction function;

  std::size_t arguments() const { return prototype.size() - 1; }
};

/// The entry for a linked symbol name, or null: not modelled.
const HostEntry* find_host_function(std::string_view symbol);

/// Whether a declaration with `signature` can call `entry`: equal argument count, integers (any width) for integers,
/// pointers or pointer-sized integers for pointers, floats of the exact width; any result may be ignored (void).
bool accepts(const HostEntry& entry, const ir::Module& module, const ir::Type& signature);

/// The result word as the declared result type holds it (canonical integers, pointers in the target's width).
Word declared_result(const ir::Module& module, const ir::Type& result, Word word);

} // namespace sx::comptime
