#include "comptime/vm/memory.h"

#include <algorithm>
#include <bit>
#include <sys/mman.h>

namespace sx::comptime::vm {

namespace {

constexpr std::uint64_t commit_unit = std::uint64_t{64} << 10;
/// Above this, giving pages back is cheaper than clearing them.
constexpr std::uint64_t clear_limit = std::uint64_t{256} << 10;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

} // namespace

FlatMemory::FlatMemory(std::uint32_t pointer_bytes) : bias_(bias(pointer_bytes)) {
  void* region = mmap(nullptr, region_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region != MAP_FAILED) {
    host_ = static_cast<std::uint8_t*>(region);
    // Addresses carry the bias, so the base is moved by it; the sum is formed as an integer because it is no object.
    base_ = std::bit_cast<std::uint8_t*>(std::bit_cast<std::uintptr_t>(host_) - bias_);
  }
  low_ = heap_top_ = stack_end();
  constants_low_ = constants_top_ = bias_ + constants_offset;
  globals_low_ = globals_top_ = bias_ + globals_offset;
  // Slack behind an empty heap: the stack's last bytes may be read by a wider access.
  if (host_ != nullptr && !commit(stack_end_offset, heap_committed_, stack_end_offset + slack)) {
    munmap(host_, region_bytes);
    host_ = nullptr;
  }
}

FlatMemory::~FlatMemory() {
  if (host_ != nullptr)
    munmap(host_, region_bytes);
}

// Extends the committed part of the segment at `base` up to `end`.
bool FlatMemory::commit(std::uint64_t base, std::uint64_t& committed, std::uint64_t end) {
  if (end <= committed)
    return true;
  // Growing by half of what there is keeps the number of calls small.
  const std::uint64_t step = round_up(std::max(end - committed, (committed - base) / 2), commit_unit);
  const std::uint64_t to = std::min(committed + step, region_bytes);
  if (to < end || mprotect(host_ + committed, to - committed, PROT_READ | PROT_WRITE) != 0)
    return false;
  committed = to;
  return true;
}

bool FlatMemory::grow_stack(Address address) {
  if (address >= low_)
    return true;
  constexpr std::uint64_t page = 4096;
  const std::uint64_t offset = (address - bias_) / page * page;
  if (address < bias_ || offset < stack_end_offset - stack_bytes + commit_unit || offset > stack_end_offset)
    return false;
  if (offset < stack_committed_) {
    const std::uint64_t limit = stack_end_offset - stack_bytes;
    const std::uint64_t step =
        round_up(std::max(stack_committed_ - offset, (stack_end_offset - stack_committed_) / 2), commit_unit);
    const std::uint64_t begin = stack_committed_ - limit < step ? limit : stack_committed_ - step;
    if (mprotect(host_ + begin, stack_committed_ - begin, PROT_READ | PROT_WRITE) != 0)
      return false;
    stack_committed_ = begin;
  }
  low_ = bias_ + offset;
  return true;
}

bool FlatMemory::grow_constants(Address end) {
  if (end > bias_ + globals_offset - slack)
    return false;
  if (end > constants_top_) {
    if (!commit(constants_offset, constants_committed_, end - bias_ + slack))
      return false;
    constants_top_ = end;
  }
  return true;
}

bool FlatMemory::grow_globals(Address end) {
  if (end > bias_ + globals_offset + globals_bytes - slack)
    return false;
  if (end > globals_top_) {
    if (!commit(globals_offset, globals_committed_, end - bias_ + slack))
      return false;
    globals_top_ = end;
  }
  return true;
}

std::optional<Address> FlatMemory::allocate(std::uint64_t size) {
  // A gap behind each block keeps "one past its end" apart from the next block.
  constexpr std::uint64_t gap = 16;
  const std::uint64_t left = bias_ + region_bytes - heap_top_;
  if (size > left || left - size < gap + 16 + slack)
    return std::nullopt;
  const Address start = heap_top_;
  const Address top = start + round_up(size, 16) + gap;
  if (!commit(stack_end_offset, heap_committed_, top - bias_ + slack))
    return std::nullopt;
  heap_top_ = top;
  blocks_.push_back({start, size});
  return start;
}

const HeapBlock* FlatMemory::find_block(Address address) const {
  const auto after = std::ranges::upper_bound(blocks_, address, {}, &HeapBlock::start);
  if (after == blocks_.begin())
    return nullptr;
  const HeapBlock& block = *(after - 1);
  return address - block.start <= block.size ? &block : nullptr;
}

void FlatMemory::clear(std::uint64_t from, std::uint64_t to) {
  if (to - from <= clear_limit) {
    std::memset(host_ + from, 0, to - from);
    return;
  }
  constexpr std::uint64_t page = 4096;
  const std::uint64_t first = round_up(from, page), last = to / page * page;
  std::memset(host_ + from, 0, first - from);
  madvise(host_ + first, last - first, MADV_DONTNEED);
  std::memset(host_ + last, 0, to - last);
}

void FlatMemory::reset() {
  clear(low_ - bias_, heap_top_ - bias_ + slack);
  low_ = heap_top_ = stack_end();
  blocks_.clear();
}

} // namespace sx::comptime::vm
