#include "comptime/reference/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sx::comptime::reference {
namespace {

// The obvious model: a record for each byte.
struct Model {
  struct Byte {
    std::uint8_t value = 0;
    bool undefined = false;
    Provenance provenance = no_provenance;
    friend bool operator==(const Byte&, const Byte&) = default;
  };
  std::vector<Byte> bytes;
};

void expect_equal(const Bytes& bytes, const Model& model) {
  for (std::uint64_t i = 0; i < model.bytes.size(); ++i) {
    const Model::Byte found{bytes.data(i, 1)[0], bytes.first_undefined(i, 1).has_value(), bytes.provenance_at(i)};
    RC_ASSERT(found == model.bytes[i]);
  }
}

RC_GTEST_PROP(Bytes, BehaveLikeARecordForEachByte, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, 40);
  Bytes bytes(size, Bytes::Fill::Undefined);
  Model model;
  model.bytes.assign(size, {0, true, no_provenance});
  const int steps = *rc::gen::inRange(1, 30);
  for (int step = 0; step < steps; ++step) {
    const auto at = *rc::gen::inRange<std::uint64_t>(0, size);
    const auto count = *rc::gen::inRange<std::uint64_t>(0, size - at + 1);
    const auto byte = *rc::gen::arbitrary<std::uint8_t>();
    const auto provenance = *rc::gen::inRange<Provenance>(0, 4);
    switch (*rc::gen::inRange(0, 4)) {
    case 0:
      bytes.fill(at, byte, count);
      std::fill_n(model.bytes.begin() + static_cast<long>(at), count, Model::Byte{byte, false, no_provenance});
      break;
    case 1:
      bytes.set_undefined(at, count);
      std::fill_n(model.bytes.begin() + static_cast<long>(at), count, Model::Byte{0, true, no_provenance});
      break;
    case 2:
      bytes.set_provenance(at, count, provenance);
      for (std::uint64_t i = at; i < at + count; ++i)
        model.bytes[i].provenance = provenance;
      break;
    default: {
      const auto from = *rc::gen::inRange<std::uint64_t>(0, size - count + 1);
      bytes.copy(at, bytes, from, count);
      const auto old = model.bytes;
      std::copy_n(old.begin() + static_cast<long>(from), count, model.bytes.begin() + static_cast<long>(at));
    }
    }
    expect_equal(bytes, model);
  }
  expect_equal(Bytes(bytes), model);
}

TEST(Bytes, CommonProvenanceNeedsEveryByte) {
  Bytes bytes(16);
  bytes.set_provenance(3, 8, 7);
  EXPECT_EQ(bytes.common_provenance(3, 8), 7u);
  EXPECT_EQ(bytes.common_provenance(2, 8), no_provenance);
  EXPECT_TRUE(bytes.has_provenance(10, 4));
  EXPECT_FALSE(bytes.has_provenance(11, 5));
  bytes.fill(5, 0, 1);
  EXPECT_EQ(bytes.common_provenance(3, 8), no_provenance);
}

TEST(Bytes, LargeRunsAreCharged) {
  const std::uint64_t before = Charge::live();
  {
    Bytes bytes(1 << 20);
    const Bytes other(bytes);
    EXPECT_EQ(Charge::live(), before + (2u << 20));
  }
  EXPECT_EQ(Charge::live(), before);
}

} // namespace
} // namespace sx::comptime::reference
