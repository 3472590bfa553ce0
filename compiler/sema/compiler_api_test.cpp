#include "sema/compiler_api.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx::sema {
namespace {

/// A program with the struct `P {x: i64; y: bool}`, and a builder that only takes notes.
class Api : public testing::Test, protected TypeBuilder {
protected:
  Api() : program(strings, 8), api(program, strings) {
    Nominal made;
    made.name = strings.intern("P");
    made.complete = true;
    made.fields = {{.name = strings.intern("x"), .type = program.types.i64},
                   {.name = strings.intern("y"), .type = program.types.bool_}};
    point = program.types.add_nominal(TypeKind::Struct, std::move(made));
  }

  std::expected<TypeId, std::string> declare(std::string_view name) override {
    notes.push_back("declare " + std::string(name));
    return point;
  }
  std::expected<void, std::string> fill(TypeId handle, std::int64_t kind,
                                        std::span<const BuiltMember> members) override {
    std::string note = "fill " + program.types.name(handle) + " " + std::to_string(kind);
    for (const BuiltMember& member : members)
      note += " " + member.name + ":" + program.types.name(member.type);
    notes.push_back(note);
    return {};
  }
  TypeId find(std::string_view) override { return {}; }
  void complete(TypeId) override {}

  CompilerApi::Answer ask(std::string_view name, std::vector<std::string> arguments) {
    return api.call(CompilerApi::find_intrinsic_call(name)->number, arguments);
  }
  std::string answer(std::string_view name, std::vector<std::string> arguments) {
    const auto given = ask(name, std::move(arguments));
    return given ? *given : "refused: " + given.error().reason;
  }
  std::string word(TypeId type) const { return std::to_string(program.types.word(type)); }

  Interner strings;
  Program program;
  CompilerApi api;
  TypeId point;
  std::vector<std::string> notes;
};

TEST_F(Api, StringIdsStartAtZeroAndFollowFirstUse) {
  strings.intern("before");
  EXPECT_EQ(answer("raw_intern", {""}), "0");
  EXPECT_EQ(answer("raw_intern", {"a"}), "1");
  EXPECT_EQ(answer("raw_intern", {"b"}), "2");
  EXPECT_EQ(answer("raw_intern", {"a"}), "1");
  EXPECT_EQ(answer("raw_text_of", {"2"}), "b");
  EXPECT_EQ(answer("raw_text_of", {"99"}), "");
}

TEST_F(Api, IdsBeyondThirtyTwoBitsAreRefused) {
  EXPECT_FALSE(ask("raw_text_of", {"4294967296"}));
  EXPECT_FALSE(ask("raw_text_of", {"-1"}));
  EXPECT_TRUE(ask("raw_text_of", {"4294967295"}));
}

TEST_F(Api, ReadersTellTheTypeTable) {
  const std::string id = answer("raw_find_type", {answer("raw_intern", {"P"})});
  EXPECT_EQ(id, word(point));
  EXPECT_EQ(answer("raw_type_kind", {id}), "1");
  EXPECT_EQ(answer("raw_field_count", {id}), "2");
  EXPECT_EQ(answer("raw_text_of", {answer("raw_field_name", {id, "1"})}), "y");
  EXPECT_EQ(answer("raw_field_type", {id, "1"}), word(program.types.bool_));
  EXPECT_FALSE(ask("raw_field_type", {id, "2"}));
  EXPECT_FALSE(ask("raw_variant_value", {id, "0"}));
  EXPECT_EQ(answer("raw_type_kind", {"0"}), "0");
  EXPECT_EQ(answer("raw_type_kind", {"99999"}), "0");
  EXPECT_FALSE(ask("raw_field_count", {"0"}));
}

TEST_F(Api, NothingIsMadeAfterChecking) {
  const auto late = ask("raw_declare_type", {"T"});
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().registers);
  program.builder = this;
  EXPECT_EQ(answer("raw_declare_type", {"T"}), word(point));
  EXPECT_EQ(answer("raw_register_type", {word(point), "1", word(program.types.i64) + " 1 a" + word(point) + " 0 "}),
            word(point));
  EXPECT_EQ(notes, (std::vector<std::string>{"declare T", "fill P 1 a:i64 :P"}));
}

TEST_F(Api, NothingElseIsReachable) {
  EXPECT_FALSE(CompilerApi::find_intrinsic_call("size_of"));
  EXPECT_FALSE(CompilerApi::find_binding("raw_intern"));
  EXPECT_FALSE(CompilerApi::find_binding("malloc"));
  EXPECT_FALSE(api.call(0xffff'ffff, {}));
  EXPECT_FALSE(ask("raw_intern", {}));
}

TEST_F(Api, BothSpellingsAreOneCall) {
  EXPECT_EQ(CompilerApi::find_binding("type_field_name")->number, CompilerApi::find_binding("field_name")->number);
  EXPECT_EQ(CompilerApi::find_binding("intern")->number, CompilerApi::find_intrinsic_call("raw_intern")->number);
  program.builder = this;
  const std::string name = answer("raw_intern", {"Made"});
  const std::vector<std::string> arguments{name, word(program.types.u8) + " 1 b"};
  EXPECT_EQ(api.call(CompilerApi::find_binding("register_struct")->number, arguments), word(point));
  EXPECT_EQ(notes, (std::vector<std::string>{"declare Made", "fill P 1 b:u8"}));
}

/// What an engine sends comes from the program that runs: any text is answered or refused.
RC_GTEST_FIXTURE_PROP(Api, AnyArgumentsAreFine, (std::uint32_t number, std::vector<std::string> arguments)) {
  program.builder = this;
  static_cast<void>(api.call(number % 256, arguments));
}

} // namespace
} // namespace sx::sema
