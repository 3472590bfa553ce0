#include "comptime/vm/memory.h"

#include <gtest/gtest.h>

namespace sx::comptime::vm {
namespace {

TEST(FlatMemory, has_nothing_accessible_at_first) {
  for (const std::uint32_t width : {4u, 8u}) {
    const FlatMemory memory(width);
    ASSERT_TRUE(memory.reserved());
    for (const Address address : {Address{0}, Address{1}, Address{4096}, memory.stack_end(), ~Address{0}}) {
      EXPECT_FALSE(memory.readable(address, 1));
      EXPECT_FALSE(memory.writable(address, 1));
    }
  }
}

TEST(FlatMemory, keeps_addresses_of_narrow_targets_in_32_bits) {
  EXPECT_LT(FlatMemory::bias(4) + FlatMemory::region_bytes, std::uint64_t{1} << 32);
  EXPECT_LE(FlatMemory::region_bytes, FlatMemory::externs_offset);
}

TEST(FlatMemory, allocates_aligned_zeroed_blocks) {
  FlatMemory memory(8);
  Address last = 0;
  for (const std::uint64_t size : {0, 1, 15, 16, 17, 100'000}) {
    const auto at = memory.allocate(size);
    ASSERT_TRUE(at);
    EXPECT_EQ(*at % 16, 0u);
    EXPECT_GT(*at, last);
    EXPECT_TRUE(memory.readable(*at, size));
    for (std::uint64_t i = 0; i < size; ++i)
      ASSERT_EQ(memory.host(*at)[i], 0);
    std::memset(memory.host(*at), 0xff, size);
    EXPECT_EQ(memory.find_block(*at + size)->start, *at);
    last = *at;
  }
  EXPECT_FALSE(memory.allocate(FlatMemory::heap_bytes));
  EXPECT_FALSE(memory.allocate(~std::uint64_t{0}));
}

TEST(FlatMemory, refuses_ranges_that_leave_a_segment) {
  FlatMemory memory(8);
  const Address at = *memory.allocate(64);
  EXPECT_TRUE(memory.writable(at, 64));
  EXPECT_FALSE(memory.writable(at, 1 << 20));
  EXPECT_FALSE(memory.writable(at, ~std::uint64_t{0}));
  EXPECT_FALSE(memory.readable(at - 8, 8));
  EXPECT_FALSE(memory.readable(~Address{0} - 3, 8));
}

TEST(FlatMemory, lets_constants_be_read_only) {
  FlatMemory memory(8);
  const Address base = FlatMemory::bias(8) + FlatMemory::constants_offset;
  ASSERT_TRUE(memory.grow_constants(base + 10));
  EXPECT_TRUE(memory.readable(base, 10));
  EXPECT_FALSE(memory.writable(base, 1));
  EXPECT_TRUE(memory.is_constant(base + 9));
  EXPECT_FALSE(memory.grow_constants(base + FlatMemory::constants_bytes));
}

TEST(FlatMemory, grows_the_stack_down_to_its_bound) {
  FlatMemory memory(8);
  EXPECT_TRUE(memory.grow_stack(memory.stack_end() - 1'000'000));
  EXPECT_TRUE(memory.writable(memory.stack_end() - 1'000'000, 1'000'000));
  EXPECT_FALSE(memory.grow_stack(memory.stack_end() - FlatMemory::stack_bytes));
  EXPECT_FALSE(memory.grow_stack(0));
}

TEST(FlatMemory, forgets_stack_and_heap) {
  for (const std::uint64_t size : {64u, 4u << 20}) {
    FlatMemory memory(4);
    ASSERT_TRUE(memory.grow_stack(memory.stack_end() - 64));
    const Address at = *memory.allocate(size);
    std::memset(memory.host(at), 7, size);
    memory.reset();
    EXPECT_FALSE(memory.readable(at, 1));
    EXPECT_EQ(memory.find_block(at), nullptr);
    const Address again = *memory.allocate(size);
    EXPECT_EQ(again, at);
    EXPECT_EQ(std::count(memory.host(again), memory.host(again) + size, 0), static_cast<std::ptrdiff_t>(size));
  }
}

} // namespace
} // namespace sx::comptime::vm
