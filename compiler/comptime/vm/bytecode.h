#pragma once
// Instructions of the virtual machine and compiled functions.

#include "ir/module.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sx::comptime::vm {

enum class Opcode : std::uint16_t {
#define SX_VM_OP(op, a, b, c, ext, flow) op,
#include "comptime/vm/bytecode.def"
};
inline constexpr std::size_t opcode_count = 0
#define SX_VM_OP(op, a, b, c, ext, flow) +1
#include "comptime/vm/bytecode.def"
    ;

/// Kinds of operands and extensions; bytecode.def explains them.
enum class Operand : std::uint8_t {
  None,
  Def,
  Use,
  Imm,
  Low,
  High,
  Jump,
  JumpLow,
  JumpHigh,
  Slot1,
  Slot2,
  Slot4,
  Slot8,
  Window
};
enum class Extension : std::uint8_t { None, Word, Callee, Scale, Divisor, Dense, Sparse };
enum class Flow : std::uint8_t { Falls, Ends };

struct OpcodeInfo {
  std::string_view name;
  Operand a, b, c;
  Extension extension;
  Flow flow;
};
/// `op` may be any number; one that is no opcode is described as `Halt`.
const OpcodeInfo& info(Opcode op);

using Insn = std::uint64_t;
/// A register, numbered within its frame.
using Reg = std::uint32_t;

constexpr Insn encode(Opcode op, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0) {
  return static_cast<Insn>(op) | Insn{a & 0xffff} << 16 | Insn{b & 0xffff} << 32 | Insn{c & 0xffff} << 48;
}
constexpr Insn encode_wide(Opcode op, std::uint32_t a, std::uint32_t bc) {
  return encode(op, a, bc & 0xffff, bc >> 16);
}
constexpr Opcode opcode(Insn insn) {
  return static_cast<Opcode>(insn & 0xffff);
}
constexpr std::uint32_t field_a(Insn insn) {
  return static_cast<std::uint16_t>(insn >> 16);
}
constexpr std::uint32_t field_b(Insn insn) {
  return static_cast<std::uint16_t>(insn >> 32);
}
constexpr std::uint32_t field_c(Insn insn) {
  return static_cast<std::uint16_t>(insn >> 48);
}
constexpr std::int32_t field_bc(Insn insn) {
  return static_cast<std::int32_t>(insn >> 32);
}

/// What a `CallIntrinsic` does. If the result is an aggregate, its address is the window's first register.
struct IntrinsicCall {
  ir::Intrinsic which;
  std::uint32_t immediate = 0;
  ir::TypeId result;
  std::vector<ir::TypeId> arguments;
};

/// A compiled function. Its address is stable: calls that were linked hold it.
struct Code {
  const Insn* entry = nullptr;
  std::uint32_t registers = 0;                   ///< of a frame, arguments first
  std::uint32_t frame_bytes = 0;                 ///< frame memory, a multiple of 16
  std::uint64_t frame_mask = ~std::uint64_t{15}; ///< aligns the frame's address
  std::uint64_t cost = 0;                        ///< against `Limits::frame_bytes`
  ir::FuncId function;
  ir::TypeId signature;
  bool returns_memory = false; ///< the first argument is the address of the result
  std::vector<Insn> words;
  std::vector<std::uint32_t> nodes; ///< the IR node of each word
  std::vector<IntrinsicCall> intrinsics;
};

/// Number of words of the instruction at `at`, 0 if it leaves `words` or is no instruction.
std::size_t instruction_size(std::span<const Insn> words, std::size_t at);

/// One line an instruction.
std::string disassemble(const Code& code);

/// Whether every register, displacement, frame slot and table of `code` is in range and control can't run off its end.
/// The answer says what is wrong.
std::optional<std::string> verify(const Code& code);

} // namespace sx::comptime::vm
