#include "comptime/vm/bytecode.h"
#include "comptime/vm/compile.h"
#include "comptime/vm/program.h"
#include "comptime/vm/testing.h"

#include <gtest/gtest.h>
#include <set>

namespace sx::comptime::vm {
namespace {

TEST(Bytecode, encodes_its_fields) {
  const Insn insn = encode(Opcode::Add64, 0xffff, 2, 0x8000);
  EXPECT_EQ(opcode(insn), Opcode::Add64);
  EXPECT_EQ(field_a(insn), 0xffffu);
  EXPECT_EQ(field_b(insn), 2u);
  EXPECT_EQ(field_c(insn), 0x8000u);
  EXPECT_EQ(field_bc(encode_wide(Opcode::ConstI, 1, static_cast<std::uint32_t>(-5))), -5);
}

TEST(Bytecode, names_every_opcode_once) {
  std::set<std::string_view> names;
  for (std::size_t op = 0; op < opcode_count; ++op)
    names.insert(info(static_cast<Opcode>(op)).name);
  EXPECT_EQ(names.size(), opcode_count);
}

Code code_of(std::vector<Insn> words) {
  Code code;
  code.registers = 4;
  code.frame_bytes = 16;
  code.words = std::move(words);
  code.nodes.resize(code.words.size());
  code.entry = code.words.data();
  return code;
}

TEST(BytecodeVerifier, accepts_sound_code) {
  EXPECT_EQ(verify(code_of({encode(Opcode::Ret, 3)})), std::nullopt);
  EXPECT_EQ(verify(code_of({encode(Opcode::Const64, 1), ~Insn{0},
                            encode_wide(Opcode::JmpT, 1, static_cast<std::uint32_t>(-3)), encode(Opcode::RetVoid)})),
            std::nullopt);
}

TEST(BytecodeVerifier, says_what_is_wrong) {
  const std::pair<std::vector<Insn>, std::string_view> rows[] = {
      {{}, "control runs off the end"},
      {{encode(Opcode::Mov, 0, 1)}, "control runs off the end"},
      {{encode(Opcode::Ret, 4)}, "operand is out of range"},
      {{encode(Opcode::Mov, 0, 9), encode(Opcode::RetVoid)}, "operand is out of range"},
      {{encode(Opcode::Const64, 0)}, "no whole instruction"},
      {{0xffff}, "no whole instruction"},
      {{encode_wide(Opcode::Jmp, 0, 5)}, "a jump goes to no instruction"},
      {{encode(Opcode::JmpEq, 0, 0, 1), encode(Opcode::Const64, 0), 0, encode(Opcode::RetVoid)},
       "a jump goes to no instruction"},
      {{encode_wide(Opcode::LoadF64, 0, 9), encode(Opcode::RetVoid)}, "operand is out of range"},
      {{encode_wide(Opcode::StoreF8, 0, static_cast<std::uint32_t>(-1)), encode(Opcode::RetVoid)},
       "operand is out of range"},
      {{encode(Opcode::DivIS, 0, 0, 0), encode(Opcode::RetVoid)}, "immediate divisor"},
      {{encode(Opcode::CallIntrinsic, 0, 0), 3, encode(Opcode::RetVoid)}, "no such intrinsic"},
      {{encode(Opcode::SwitchDense, 0), 0, 99, encode(Opcode::RetVoid)}, "no whole instruction"},
      {{encode(Opcode::SwitchSparse, 0), 1, 5, 7, encode(Opcode::RetVoid)}, "a jump goes to no instruction"},
  };
  for (const auto& [words, message] : rows) {
    const auto wrong = verify(code_of(words));
    ASSERT_TRUE(wrong) << message;
    EXPECT_NE(wrong->find(message), std::string::npos) << *wrong;
  }
}

std::string listing(std::string_view text, std::string_view function) {
  auto module = ir::read(text);
  if (!module)
    return module.error().message;
  testing::ModuleHost host(**module);
  Program program(**module, host);
  const auto code = program.function(testing::find_function(**module, function), Mode::Comptime);
  return code ? disassemble(**code) : describe(code.error());
}

// A loop that starts with its test repeats by a copy of the test; additions and comparisons take their constants.
TEST(Compiler, makes_tight_loops) {
  EXPECT_EQ(listing("(func f (param n i64) (result i64) (local i i64) (body (block 1 (store i 0:i64)"
                    " (loop 2 (if (lt i n) (store i (add i 3:i64)) (break 2))) (return i))))",
                    "f"),
            "0: ConstI r1 0\n"
            "1: JmpLeS r0 r1 @4\n"
            "2: AddI64 r1 r1 3\n"
            "3: BackLtS r1 r0 @2\n"
            "4: Ret r1\n"
            "5: Trap 0 #4294967295\n");
}

TEST(Compiler, indexes_arrays_in_one_instruction) {
  const std::string text = listing("(func f (param p ptr) (param i i64) (result i32)"
                                   " (body (return (load (index (deref :(array 9 i32) p) i)))))",
                                   "f");
  EXPECT_NE(text.find("0: LoadXS32 r2 r0 r1\n"), std::string::npos) << text;
}

// Branches further away than a short displacement reaches.
TEST(Compiler, compiles_bodies_of_any_length) {
  std::string text = "(func f (result i64) (local i i64) (local s i64) (body (block 1 (store i 0:i64) (store s 0:i64)"
                     " (loop 2 (if (lt i 3:i64) (block 3 (store i (add i 1:i64))";
  for (int n = 0; n < 20'000; ++n)
    text += " (store s (add (mul s i) 1:i64))";
  text += ") (break 2))) (return s))))";
  auto module = ir::read(text);
  ASSERT_TRUE(module) << module.error().message;
  testing::ModuleHost host(**module);
  for (const Dispatch dispatch : available_dispatch()) {
    const auto engine = make_vm_engine(**module, host, dispatch);
    std::uint64_t expected = 0;
    for (std::uint64_t i = 1; i <= 3; ++i)
      for (int n = 0; n < 20'000; ++n)
        expected = expected * i + 1;
    EXPECT_EQ(testing::word_of(engine->evaluate({ir::FuncId(std::size_t{0}), {}, Mode::Comptime, {}})), expected);
  }
}

} // namespace
} // namespace sx::comptime::vm
