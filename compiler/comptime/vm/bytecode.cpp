#include "comptime/vm/bytecode.h"

#include <algorithm>

namespace sx::comptime::vm {

namespace {

constexpr OpcodeInfo opcode_table[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) {#op, Operand::a, Operand::b, Operand::c, Extension::ext, Flow::flow},
#include "comptime/vm/bytecode.def"
};

/// A displacement: where it stands, how far it goes.
struct Target {
  std::size_t word = 0;
  std::int64_t displacement = 0;
};

std::vector<Target> targets(std::span<const Insn> words, std::size_t at) {
  const Insn insn = words[at];
  const OpcodeInfo& row = info(opcode(insn));
  std::vector<Target> result;
  if (row.c == Operand::Jump)
    result.push_back({at, static_cast<std::int16_t>(field_c(insn))});
  if (row.b == Operand::JumpLow)
    result.push_back({at, field_bc(insn)});
  if (row.extension == Extension::Dense)
    for (std::size_t i = 0; i < words[at + 2]; ++i)
      result.push_back({at, static_cast<std::int64_t>(words[at + 3 + i])});
  if (row.extension == Extension::Sparse)
    for (std::size_t i = 0; i < words[at + 1]; ++i)
      result.push_back({at, static_cast<std::int64_t>(words[at + 3 + 2 * i])});
  return result;
}

std::string operand_text(Operand kind, std::uint32_t value, Insn insn, std::size_t next) {
  switch (kind) {
  case Operand::Def:
  case Operand::Use: return "r" + std::to_string(value);
  case Operand::Window: return "r" + std::to_string(value) + "..";
  case Operand::Imm: return std::to_string(static_cast<std::int16_t>(value));
  case Operand::Low: return std::to_string(field_bc(insn));
  case Operand::Slot1:
  case Operand::Slot2:
  case Operand::Slot4:
  case Operand::Slot8: return "[" + std::to_string(field_bc(insn)) + "]";
  case Operand::Jump: return "@" + std::to_string(static_cast<std::int64_t>(next) + static_cast<std::int16_t>(value));
  case Operand::JumpLow: return "@" + std::to_string(static_cast<std::int64_t>(next) + field_bc(insn));
  case Operand::None:
  case Operand::High:
  case Operand::JumpHigh: break;
  }
  return {};
}

class Verifier {
public:
  explicit Verifier(const Code& code) : code_(code), starts_(code.words.size(), false) {}

  std::optional<std::string> run() {
    Opcode last = Opcode::Mov;
    for (std::size_t at = 0; at < code_.words.size();) {
      const std::size_t size = instruction_size(code_.words, at);
      if (size == 0)
        return "no whole instruction at word " + std::to_string(at);
      starts_[at] = true;
      last = opcode(code_.words[at]);
      at += size;
    }
    if (code_.words.empty() || info(last).flow != Flow::Ends)
      return "control runs off the end";
    for (std::size_t at = 0; at < code_.words.size(); at += instruction_size(code_.words, at))
      if (auto wrong = instruction(at))
        return *wrong + " in word " + std::to_string(at) + " (" + std::string(info(opcode(code_.words[at])).name) + ")";
    return std::nullopt;
  }

private:
  std::optional<std::string> instruction(std::size_t at) const {
    const Insn insn = code_.words[at];
    const OpcodeInfo& row = info(opcode(insn));
    const auto good = [&](Operand kind, std::uint32_t value) {
      switch (kind) {
      case Operand::Def:
      case Operand::Use:
      case Operand::Window: return value < code_.registers;
      case Operand::Slot1: return slot(insn, 1);
      case Operand::Slot2: return slot(insn, 2);
      case Operand::Slot4: return slot(insn, 4);
      case Operand::Slot8: return slot(insn, 8);
      default: return true;
      }
    };
    if (!good(row.a, field_a(insn)) || !good(row.b, field_b(insn)) || !good(row.c, field_c(insn)))
      return "an operand is out of range";
    if (opcode(insn) == Opcode::Interrupt)
      return "an interrupt stands in the code";
    if (opcode(insn) == Opcode::CallIntrinsic && code_.words[at + 1] >= code_.intrinsics.size())
      return "no such intrinsic";
    if (opcode(insn) >= Opcode::DivIS && opcode(insn) <= Opcode::RemIU && static_cast<std::int16_t>(field_c(insn)) <= 0)
      return "an immediate divisor is not positive";
    const auto next = static_cast<std::int64_t>(at + instruction_size(code_.words, at));
    for (const Target& target : targets(code_.words, at)) {
      const std::int64_t to = next + target.displacement;
      if (to < 0 || to >= static_cast<std::int64_t>(starts_.size()) || !starts_[static_cast<std::size_t>(to)])
        return "a jump goes to no instruction";
    }
    return std::nullopt;
  }

  bool slot(Insn insn, std::int64_t size) const {
    return field_bc(insn) >= 0 && field_bc(insn) + size <= static_cast<std::int64_t>(code_.frame_bytes);
  }

  const Code& code_;
  std::vector<bool> starts_;
};

} // namespace

const OpcodeInfo& info(Opcode op) {
  const auto index = static_cast<std::size_t>(op);
  return opcode_table[index < opcode_count ? index : static_cast<std::size_t>(Opcode::Halt)];
}

std::size_t instruction_size(std::span<const Insn> words, std::size_t at) {
  if (at >= words.size() || static_cast<std::size_t>(opcode(words[at])) >= opcode_count)
    return 0;
  const std::size_t left = words.size() - at;
  std::size_t size = 1;
  switch (info(opcode(words[at])).extension) {
  case Extension::None: break;
  case Extension::Word:
  case Extension::Callee:
  case Extension::Scale: size = 2; break;
  case Extension::Divisor: size = 3; break;
  case Extension::Dense:
    if (left < 3 || words[at + 2] > left - 3)
      return 0;
    return 3 + static_cast<std::size_t>(words[at + 2]);
  case Extension::Sparse:
    if (left < 2 || words[at + 1] > (left - 2) / 2)
      return 0;
    return 2 + 2 * static_cast<std::size_t>(words[at + 1]);
  }
  return size <= left ? size : 0;
}

std::string disassemble(const Code& code) {
  std::string text;
  for (std::size_t at = 0; at < code.words.size();) {
    const std::size_t size = instruction_size(code.words, at);
    const Insn insn = code.words[at];
    const OpcodeInfo& row = info(opcode(insn));
    text += std::to_string(at) + ": " + std::string(row.name);
    const Operand kinds[] = {row.a, row.b, row.c};
    const std::uint32_t values[] = {field_a(insn), field_b(insn), field_c(insn)};
    for (std::size_t i = 0; i < 3; ++i)
      if (const std::string operand = operand_text(kinds[i], values[i], insn, at + std::max<std::size_t>(size, 1));
          !operand.empty())
        text += " " + operand;
    // The words of a callee are host addresses, which no output shows.
    if (row.extension != Extension::None && row.extension != Extension::Callee)
      for (std::size_t i = 1; i < size; ++i)
        text += " #" + std::to_string(static_cast<std::int64_t>(code.words[at + i]));
    text += "\n";
    at += std::max<std::size_t>(size, 1);
  }
  return text;
}

std::optional<std::string> verify(const Code& code) {
  return Verifier(code).run();
}

} // namespace sx::comptime::vm
