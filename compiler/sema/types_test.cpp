#include "sema/program.h"
#include "sema/types.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx::sema {
namespace {

struct Table {
  explicit Table(std::uint32_t pointer_bytes = 8) : types(strings, pointer_bytes) {}
  Interner strings;
  TypeTable types;

  TypeId structure(std::vector<TypeId> fields, std::string_view name = "S") {
    Nominal made;
    made.name = strings.intern(name);
    for (std::size_t i = 0; i < fields.size(); ++i)
      made.fields.push_back(
          {.name = strings.intern("f" + std::to_string(i)), .type = fields[i], .span = {}, .initial = {}});
    return types.add_nominal(TypeKind::Struct, std::move(made));
  }
  TypeId tagged_union(std::vector<TypeId> payloads, TypeId backing = {}) {
    Nominal made;
    made.name = strings.intern("U");
    made.backing = backing.valid() ? backing : types.i64;
    made.explicit_backing = backing.valid();
    for (std::size_t i = 0; i < payloads.size(); ++i)
      made.variants.push_back({strings.intern("v" + std::to_string(i)), payloads[i], static_cast<std::int64_t>(i), {}});
    return types.add_nominal(TypeKind::TaggedUnion, std::move(made));
  }
};

void expect_layout(const TypeTable& types, TypeId type, std::uint64_t size, std::uint32_t align) {
  EXPECT_EQ(types.layout(type).size, size) << types.name(type);
  EXPECT_EQ(types.layout(type).align, align) << types.name(type);
}

TEST(BuiltTypes, HaveNoSizeBeforeTheyAreFilledIn) {
  Table t;
  TypeTable& types = t.types;
  const TypeId node = types.add_built(t.strings.intern("Node"), {}, {});
  const TypeId holder = t.structure({types.i8, types.array(node, 3)});
  types.nominal(holder).complete = true;
  EXPECT_FALSE(types.is_sized(node));
  EXPECT_FALSE(types.is_sized(holder));
  EXPECT_TRUE(types.is_sized(types.pointer(holder)));
  EXPECT_TRUE(types.is_sized(types.slice(node)));
  types.fill(
      node, TypeKind::TaggedUnion,
      {{.name = t.strings.intern("some"), .type = types.u8}, {.name = t.strings.intern("none"), .type = types.void_}});
  EXPECT_TRUE(types.is_sized(holder));
  expect_layout(types, node, 16, 8);
  EXPECT_EQ(types.union_layout(node).payload_offset, 8u); // R7.132, whatever the payloads are
  expect_layout(types, holder, 56, 8);
}

TEST(BuiltTypes, HoldWhatTheirMembersHold) {
  Table t;
  TypeTable& types = t.types;
  const TypeId node = types.add_built(t.strings.intern("Node"), {}, {});
  const TypeId inner = t.structure({types.optional(node)});
  EXPECT_TRUE(types.holds(types.array(inner, 2), node));
  EXPECT_FALSE(types.holds(types.pointer(inner), node));
  // A cycle in the table is no endless walk, and has no size.
  types.fill(node, TypeKind::Struct, {{.name = t.strings.intern("a"), .type = inner}});
  types.nominal(inner).complete = true;
  EXPECT_TRUE(types.holds(node, inner));
  EXPECT_FALSE(types.is_sized(node));
}

TEST(BuiltTypes, TuplesAreTypesOfTheirOwn) {
  Table t;
  TypeTable& types = t.types;
  const TypeId pair = types.add_built(t.strings.intern("Pair"), {}, {});
  types.fill(pair, TypeKind::Tuple, {{.name = {}, .type = types.u8}, {.name = {}, .type = types.i64}});
  EXPECT_NE(pair, types.tuple({types.u8, types.i64}));
  EXPECT_EQ(types.name(pair), "Pair");
  EXPECT_EQ(types.field_offset(pair, 1), 8u);
}

// The table of R2.110 for both pointer sizes.
class Layouts : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Layouts, FollowTheReference) {
  Table t(GetParam());
  TypeTable& types = t.types;
  const std::uint32_t p = GetParam();
  expect_layout(types, t.structure({types.u8, types.i64, types.u16}), 24, 8);
  expect_layout(types, t.structure({types.u16, types.u8}), 4, 2);
  const TypeId text = t.structure({types.i8, types.string, types.i32});
  expect_layout(types, text, 32, 8);
  EXPECT_EQ(types.field_offset(text, 1), 8u);
  EXPECT_EQ(types.field_offset(text, 2), 24u);
  expect_layout(types, types.optional(types.u8), 2, 1);
  expect_layout(types, types.optional(types.i64), 16, 8);
  expect_layout(types, types.optional(types.pointer(types.u8)), p, p);
  expect_layout(types, types.array(types.integer(12, false), 3), 6, 2);
  expect_layout(types, types.vector(types.f32, 3), 16, 16);
  const TypeId with_vector = t.structure({types.i32, types.vector(types.f32, 3), types.i32});
  expect_layout(types, with_vector, 48, 16);
  EXPECT_EQ(types.field_offset(with_vector, 1), 16u);
  EXPECT_EQ(types.field_offset(with_vector, 2), 32u);
  expect_layout(types, t.structure({types.i32, types.vector(types.f64, 4)}), 64, 32);
  expect_layout(types, types.tuple({types.u8, types.i32, types.u8}), 12, 4);
  expect_layout(types, t.tagged_union({types.void_, types.f32}), 16, 8);
  expect_layout(types, types.closure({}, types.void_), 2 * p, p);
  expect_layout(types, types.string, 16, 8);
  expect_layout(types, types.any, 16, 8);
  expect_layout(types, types.type, 8, 8);
  expect_layout(types, types.optional(types.optional(types.i64)), 24, 8);
  expect_layout(types, types.optional(types.array(types.u8, 3)), 4, 1);
}
INSTANTIATE_TEST_SUITE_P(PointerSizes, Layouts, testing::Values(8u, 4u));

TEST(Layout, TaggedUnionsFollowTheirBacking) {
  Table t;
  TypeTable& types = t.types;
  expect_layout(types, t.tagged_union({types.void_, types.u8}), 16, 8);
  expect_layout(types, t.tagged_union({types.i32, types.array(types.i64, 3)}), 32, 8);
  expect_layout(types, t.tagged_union({types.void_, types.void_}), 16, 8);
  const TypeId narrow = t.tagged_union({types.u32, types.u8}, types.u8);
  expect_layout(types, narrow, 8, 4);
  EXPECT_EQ(types.union_layout(narrow).payload_offset, 4u);
  const TypeId wide = t.tagged_union({types.vector(types.f64, 2)});
  EXPECT_EQ(types.union_layout(wide).payload_offset, 16u);
  expect_layout(types, wide, 32, 16);
}

TEST(Layout, FailablesFlattenTheirValues) {
  Table t;
  TypeTable& types = t.types;
  Nominal set;
  set.name = t.strings.intern("E");
  const TypeId errors = types.add_nominal(TypeKind::ErrorSet, set);
  expect_layout(types, types.failable(types.void_, errors), 4, 4);
  expect_layout(types, types.failable(types.i64, errors), 16, 8);
  expect_layout(types, types.failable(types.u8, errors), 8, 4);
  expect_layout(types, types.failable(types.string, errors), 24, 8);
  expect_layout(types, types.failable(types.tuple({types.i64, types.i32}), errors), 16, 8);
}

TEST(Layout, SaturatesInsteadOfOverflowing) {
  Table t;
  const TypeId huge = t.types.array(t.types.array(t.types.u64, 0xffffffff), 0xffffffff);
  EXPECT_EQ(t.types.layout(huge).size, TypeTable::max_size);
}

TEST(Names, FollowTheReference) {
  Table t;
  TypeTable& types = t.types;
  const StringId x = t.strings.intern("x");
  const struct {
    TypeId type;
    std::string_view name;
  } cases[] = {
      {types.integer(17, true), "i17"},
      {types.usize, "usize"},
      {types.pointer(types.many_pointer(types.u8)), "*[*]u8"},
      {types.optional(types.slice(types.f32)), "?[]f32"},
      {types.array(types.array(types.i8, 2), 3), "[3][2]i8"},
      {types.vector(types.f32, 4), "Vector(4,f32)"},
      {types.function({types.i64, types.bool_}, types.f64), "(i64, bool) -> f64"},
      {types.function({}, types.void_), "()"},
      {types.closure({types.u8}, types.void_), "Closure(u8)"},
      {types.tuple({}), "()"},
      {types.tuple({types.i64}), "(i64,)"},
      {types.tuple({types.i64, types.u8}, {x, t.strings.intern("y")}), "(x: i64, y: u8)"},
      {t.structure({}, "Crate"), "Crate"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(types.name(c.type), c.name);
  EXPECT_EQ(types.argument_name(types.pointer(types.slice(types.array(types.i64, 4)))), "ptr_SL_AR_4_i64");
  EXPECT_EQ(types.argument_name(types.optional(types.vector(types.f32, 2))), "opt_vec_2_f32");
}

TEST(Words, AreReservedForTheBasicTypes) {
  Table t;
  TypeTable& types = t.types;
  EXPECT_EQ(types.word(types.bool_), 1);
  EXPECT_EQ(types.word(types.u64), 9);
  EXPECT_EQ(types.word(types.string), 12);
  EXPECT_EQ(types.word(types.type), 19);
  const TypeId other = types.pointer(types.i64);
  EXPECT_GE(types.word(other), 100);
  EXPECT_EQ(types.from_word(types.word(other)), other);
  EXPECT_FALSE(types.from_word(0).valid());
  EXPECT_FALSE(types.from_word(20).valid());
  EXPECT_FALSE(types.from_word(-1).valid());
  EXPECT_FALSE(types.from_word(1'000'000'000'000).valid());
}

TEST(Identity, IsStructuralOrNominal) {
  Table t;
  TypeTable& types = t.types;
  EXPECT_EQ(types.pointer(types.i64), types.pointer(types.i64));
  EXPECT_NE(types.tuple({types.u8}, {t.strings.intern("a")}), types.tuple({types.u8}));
  EXPECT_EQ(types.tuple({types.u8}, {StringId(0)}), types.tuple({types.u8}));
  EXPECT_NE(types.function({}, types.i64, Convention::C), types.function({}, types.i64));
  EXPECT_NE(t.structure({types.i64}), t.structure({types.i64}));
  EXPECT_NE(types.slice(types.u8), types.string);
}

TEST(Identity, AnonymousTypesAreKeyedByShape) {
  Table t;
  const auto shape = [&](std::string_view field, TypeId type, std::string_view name) {
    Nominal made;
    made.name = name.empty() ? StringId() : t.strings.intern(name);
    made.fields.push_back({.name = t.strings.intern(field), .type = type, .span = {}, .initial = {}});
    return t.types.anonymous(TypeKind::Struct, made);
  };
  const TypeId first = shape("x", t.types.i64, "");
  EXPECT_EQ(t.types.name(first), "__anon");
  EXPECT_EQ(shape("x", t.types.i64, "Crate.part"), first);
  EXPECT_EQ(t.types.name(first), "Crate.part");
  EXPECT_EQ(shape("x", t.types.i64, "Other.part"), first);
  EXPECT_EQ(t.types.name(first), "Crate.part");
  EXPECT_NE(shape("y", t.types.i64, ""), first);
  EXPECT_NE(shape("x", t.types.u64, ""), first);
}

// ---- laws -------------------------------------------------------------------------------------------

TypeId random_type(Table& t, int depth) {
  TypeTable& types = t.types;
  const TypeId leaves[] = {types.bool_, types.u8,  types.i16,    types.i32, types.i64,
                           types.f32,   types.f64, types.string, types.any, types.usize};
  const int choice = depth == 0 ? 0 : *rc::gen::inRange(0, 7);
  const auto inner = [&] { return random_type(t, depth - 1); };
  switch (choice) {
  case 1: return types.pointer(inner());
  case 2: return types.optional(inner());
  case 3: return types.array(inner(), static_cast<std::uint64_t>(*rc::gen::inRange(0, 5)));
  case 4: return types.tuple({inner(), inner()});
  case 5: return t.structure({inner(), inner(), inner()});
  case 6: return t.tagged_union({inner(), types.void_});
  default: return leaves[*rc::gen::inRange<std::size_t>(0, std::size(leaves))];
  }
}

RC_GTEST_PROP(LayoutLaws, SizesAreMultiplesOfAlignment, ()) {
  Table t(*rc::gen::element(4u, 8u));
  const Layout layout = t.types.layout(random_type(t, 3));
  RC_ASSERT(layout.align >= 1u);
  RC_ASSERT((layout.align & (layout.align - 1)) == 0u);
  RC_ASSERT(layout.size % layout.align == 0u);
}

RC_GTEST_PROP(LayoutLaws, FieldsDoNotOverlapAndAreAligned, ()) {
  Table t(*rc::gen::element(4u, 8u));
  const std::vector<TypeId> fields{random_type(t, 2), random_type(t, 2), random_type(t, 2)};
  const TypeId type = t.structure(fields);
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::uint64_t offset = t.types.field_offset(type, i);
    RC_ASSERT(offset >= end);
    RC_ASSERT(offset % t.types.layout(fields[i]).align == 0u);
    end = offset + t.types.layout(fields[i]).size;
  }
  RC_ASSERT(t.types.layout(type).size >= end);
}

RC_GTEST_PROP(TypeTableLaws, WordsRoundTrip, ()) {
  Table t;
  const TypeId type = random_type(t, 3);
  RC_ASSERT(t.types.from_word(t.types.word(type)) == type);
}

} // namespace
} // namespace sx::sema
