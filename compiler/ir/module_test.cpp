#include "ir/builder.h"
#include "ir/codec.h"
#include "ir/module.h"
#include "ir/print.h"
#include "ir/read.h"
#include "ir/verify.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sx::ir {
namespace {

struct LayoutCase {
  const char* type;
  std::uint64_t size;
  std::uint32_t align;
  std::uint64_t narrow_size; ///< where pointers have 4 bytes
};

TEST(Layout, FollowsTheTableOfTypes) {
  const LayoutCase cases[] = {
      {"void", 0, 1, 0},
      {"never", 0, 1, 0},
      {"bool", 1, 1, 1},
      {"i1", 1, 1, 1},
      {"u8", 1, 1, 1},
      {"i9", 2, 2, 2},
      {"u17", 4, 4, 4},
      {"i33", 8, 8, 8},
      {"f32", 4, 4, 4},
      {"f64", 8, 8, 8},
      {"ptr", 8, 8, 4},
      {"code", 8, 8, 4},
      {"(array 3 u12)", 6, 2, 6},
      {"(array 0 i64)", 0, 8, 0},
      {"(array 5 ptr)", 40, 8, 20},
      {"(vector 3 f32)", 16, 16, 16},
      {"(vector 4 f64)", 32, 32, 32},
      {"(vector 3 bool)", 4, 4, 4},
      {"(aggregate S 24 8 (a u8 0) (b i64 8) (c u16 16))", 24, 8, 24},
  };
  for (const LayoutCase& entry : cases)
    for (const std::uint32_t pointer : {8u, 4u}) {
      auto module =
          read("(target \"\" " + std::to_string(pointer) + ") (type i8) (func f (local x " + entry.type + "))");
      ASSERT_TRUE(module.has_value()) << entry.type;
      const Layout layout = (*module)->layout((*module)->functions[0].locals[0].type);
      EXPECT_EQ(layout.size, pointer == 8 ? entry.size : entry.narrow_size) << entry.type;
      if (pointer == 8) {
        EXPECT_EQ(layout.align, entry.align) << entry.type;
      }
    }
}

TEST(Layout, RefusesWhatHasNone) {
  const auto module = read("(type i8) (type (array 99999999999 i8)) (type (array 4 $1)) (type (array 2 $9))"
                           "(type (array 2 $4)) (type (sig () i8)) (type (aggregate A 8 0)) (type i0) (type f80)"
                           "(type (array 65536 i8)) (type (array 65536 $9))");
  ASSERT_TRUE(module.has_value());
  for (std::size_t row = 1; row <= 8; ++row)
    EXPECT_FALSE((*module)->try_layout(TypeId(row)).has_value()) << row;
  EXPECT_EQ((*module)->layout(TypeId(9)).size, 65536u);
  EXPECT_FALSE((*module)->try_layout(TypeId(10)).has_value());
  EXPECT_EQ((*module)->layout(TypeId(10)).size, max_type_bytes);
  EXPECT_FALSE((*module)->try_layout(TypeId()).has_value());
}

TEST(Module, InterningFindsEqualRows) {
  Module module;
  Function scratch;
  Builder b(module, scratch);
  EXPECT_EQ(b.int_type(32, true), b.int_type(32, true));
  EXPECT_NE(b.int_type(32, true), b.int_type(32, false));
  EXPECT_EQ(b.string_type(), b.string_type());
  EXPECT_EQ(module.intern_data("abc"), module.intern_data("abc"));
  EXPECT_NE(module.intern_data("abc"), module.intern_data("abd"));
}

TEST(Module, InterningKnowsRowsAppendedDirectly) {
  Module module;
  module.types.push_back({});
  module.types.push_back({});
  module.data.push_back("x");
  EXPECT_EQ(module.intern_type({}), TypeId(0));
  EXPECT_EQ(module.intern_data("x"), DataId(0));
}

TEST(Module, FindsReflectionRowsByWord) {
  const auto module = read("(reflect -9 a 1 1 0 0 0 0) (reflect 4 b 1 1 0 0 0 0)");
  ASSERT_TRUE(module.has_value());
  EXPECT_EQ((*module)->text((*module)->find_reflection(4)->name), "b");
  EXPECT_EQ((*module)->find_reflection(5), nullptr);
}

RC_GTEST_PROP(Module, CanonicalPatternsAreFixedPoints, (std::uint64_t pattern, bool is_signed)) {
  Type type;
  type.kind = TypeKind::Int;
  type.bits = static_cast<std::uint8_t>(*rc::gen::inRange(1, 65));
  type.is_signed = is_signed;
  const std::uint64_t once = canonical_pattern(type, pattern);
  RC_ASSERT(canonical_pattern(type, once) == once);
  RC_ASSERT(((once ^ pattern) & (~std::uint64_t{0} >> (64 - type.bits))) == 0u);
}

TEST(Builder, BuildsAVerifiedFunction) {
  Module module;
  Function& function = module.functions.emplace_back();
  Builder b(module, function);
  function.name = function.symbol = module.strings.intern("sum");
  const TypeId i64 = b.int_type(64, true);
  const TypeId params[] = {i64};
  function.signature = b.signature_type(params, i64);
  const LocalId n = b.add_local(module.strings.intern("n"), i64);
  function.param_count = 1;
  const NodeId place = b.local(n);
  const NodeId less = b.binary(BinaryOp::Sub, b.load(b.local(n)), b.const_int(i64, 1));
  const NodeId again = b.store(place, less);
  const NodeId result = b.return_(b.load(b.local(n)));
  const NodeId children[] = {again, result};
  b.finish(b.block(b.new_label(), b.never_type(), children));
  EXPECT_TRUE(verify(module).empty());
  EXPECT_NE(print(module).find("(store n (sub n 1:i64))"), std::string::npos) << print(module);
}

TEST(Builder, DivergeGivesNeverAType) {
  Module module;
  Function& function = module.functions.emplace_back();
  Builder b(module, function);
  function.name = function.symbol = module.strings.intern("f");
  function.signature = b.signature_type({}, b.void_type());
  const TypeId i8 = b.int_type(8, true);
  const NodeId lhs = b.const_int(i8, 300);
  b.finish(b.binary(BinaryOp::Add, lhs, b.diverge(b.return_(), i8)));
  EXPECT_TRUE(verify(module).empty());
}

TEST(Codec, RefusesWhatIsNoEncoding) {
  EXPECT_FALSE(decode({}).has_value());
  Module module;
  auto bytes = encode(module);
  EXPECT_TRUE(decode(bytes).has_value());
  bytes.push_back(0);
  EXPECT_EQ(decode(bytes).error(), "bytes after the end at byte " + std::to_string(bytes.size() - 1));
  bytes[4] = 99;
  EXPECT_EQ(decode(bytes).error(), "not a module of this version at byte 0");
}

} // namespace
} // namespace sx::ir
