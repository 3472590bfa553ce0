#pragma once
// The flat memory of one evaluation: one reserved region of host memory in which every VM address is an offset.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace sx::comptime::vm {

/// VM addresses: offsets in the region plus a constant (the bias), so that a word of memory which looks like an address
/// is one and small integers are none. On 32-bit targets they fit in 32 bits.
using Address = std::uint64_t;

/// What an address belongs to, for images.
struct HeapBlock {
  Address start = 0;
  std::uint64_t size = 0;
};

/// Segments in ascending order: a guard around null, constants (read-only), globals, the stack (growing down) and right
/// behind it the heap (growing up), so that stack and heap in use are one range and most accesses need one comparison.
/// Pages are committed when a segment grows into them.
class FlatMemory {
public:
  static constexpr std::uint64_t guard_bytes = 4096;
  static constexpr std::uint64_t constants_bytes = std::uint64_t{256} << 20;
  static constexpr std::uint64_t globals_bytes = std::uint64_t{256} << 20;
  static constexpr std::uint64_t stack_bytes = std::uint64_t{512} << 20;
  static constexpr std::uint64_t heap_bytes = (std::uint64_t{1} << 30) + (std::uint64_t{64} << 20);
  static constexpr std::uint64_t constants_offset = guard_bytes;
  static constexpr std::uint64_t globals_offset = constants_bytes;
  static constexpr std::uint64_t stack_end_offset = globals_offset + globals_bytes + stack_bytes;
  static constexpr std::uint64_t region_bytes = stack_end_offset + heap_bytes;
  static constexpr std::uint64_t wide_bias = 0x0000'5a00'0000'0000;
  /// Above words of four letters or digits and below small negative numbers, which memory is full of.
  static constexpr std::uint64_t narrow_bias = 0x7b00'0000;
  /// Where C variables would be; nothing is committed there.
  static constexpr std::uint64_t externs_offset = region_bytes;
  /// Committed zero bytes behind each segment: a scalar access that starts inside may end there.
  static constexpr std::uint64_t slack = 64;

  explicit FlatMemory(std::uint32_t pointer_bytes);
  FlatMemory(const FlatMemory&) = delete;
  FlatMemory& operator=(const FlatMemory&) = delete;
  ~FlatMemory();

  /// False: the host gave no address space.
  bool reserved() const { return host_ != nullptr; }
  static constexpr Address bias(std::uint32_t pointer_bytes) { return pointer_bytes == 8 ? wide_bias : narrow_bias; }

  /// `base() + address` is the host byte of an address. Only meaningful inside the committed parts.
  std::uint8_t* base() const { return base_; }
  Address stack_end() const { return bias_ + stack_end_offset; }
  /// Lowest committed stack address.
  Address stack_low() const { return low_; }
  Address heap_top() const { return heap_top_; }
  Address constants_low() const { return constants_low_; }
  Address globals_low() const { return globals_low_; }
  Address globals_top() const { return globals_top_; }

  /// Makes the stack usable down to `address`; false if that is too deep.
  bool grow_stack(Address address);
  /// Makes constants or globals usable up to `end`, which must lie in that segment (with slack).
  bool grow_constants(Address end);
  bool grow_globals(Address end);
  /// 16-aligned zeroed bytes, or none if the heap segment is full.
  std::optional<Address> allocate(std::uint64_t size);
  const std::vector<HeapBlock>& blocks() const { return blocks_; }
  /// The block in which `address` lies or directly behind which it stands.
  const HeapBlock* find_block(Address address) const;

  /// Whether `size` bytes may be read or written.
  bool readable(Address address, std::uint64_t size) const {
    return inside(address, size, low_, heap_top_) || inside(address, size, constants_low_, constants_top_) ||
           inside(address, size, globals_low_, globals_top_);
  }
  bool writable(Address address, std::uint64_t size) const {
    return inside(address, size, low_, heap_top_) || inside(address, size, globals_low_, globals_top_);
  }
  /// Bytes of the constants segment that are there.
  std::uint64_t constants_loaded() const { return constants_top_ - constants_low_; }
  bool is_constant(Address address) const { return address - constants_low_ < constants_top_ - constants_low_; }
  /// Whether `address` lies in the region at all.
  bool contains(Address address) const { return address - bias_ < region_bytes; }
  std::uint8_t* host(Address address) const { return base_ + address; }

  /// Forgets stack and heap: all zero again. Constants and globals keep their bytes.
  void reset();

private:
  static bool inside(Address address, std::uint64_t size, Address low, Address top) {
    return address >= low && address <= top && size <= top - address;
  }
  bool commit(std::uint64_t base, std::uint64_t& committed, std::uint64_t end);
  void clear(std::uint64_t from, std::uint64_t to);

  std::uint8_t* host_ = nullptr;
  std::uint8_t* base_ = nullptr;
  Address bias_ = 0;
  Address low_ = 0, heap_top_ = 0;
  Address constants_low_ = 0, constants_top_ = 0, globals_low_ = 0, globals_top_ = 0;
  // Committed ranges as offsets in the region.
  std::uint64_t constants_committed_ = constants_offset, globals_committed_ = globals_offset;
  std::uint64_t stack_committed_ = stack_end_offset, heap_committed_ = stack_end_offset;
  std::vector<HeapBlock> blocks_;
};

} // namespace sx::comptime::vm
