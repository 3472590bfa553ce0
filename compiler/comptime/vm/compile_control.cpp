// Structured control: blocks, conditions, loops, switches, jumps out of them.

#include "comptime/vm/function_compiler.h"

#include <algorithm>
#include <bit>

namespace sx::comptime::vm {

void FunctionCompiler::control(std::uint32_t id, const Dest& dest) {
  if (stopped())
    return;
  const At at(*this, id);
  const ir::Node& n = node(id);
  switch (n.op) {
  case ir::Op::Block: return block(n, dest);
  case ir::Op::If: return if_(n, dest);
  case ir::Op::Loop: return loop(id, dest);
  case ir::Op::Switch: return switch_(id, dest);
  case ir::Op::Break:
  case ir::Op::Continue: return jump_out(n);
  case ir::Op::Return: return return_(n);
  case ir::Op::Trap: emit(Opcode::Trap, n.sub); return emit_word(n.a);
  case ir::Op::Poison: return emit(encode_wide(Opcode::Poison, 0, n.a));
  default: fail(Reason::Unsupported, ir::info(n.op).text);
  }
}

void FunctionCompiler::block(const ir::Node& n, const Dest& dest) {
  const LabelId exit = new_label();
  Target target;
  target.exit = exit;
  target.dest = dest;
  target.type = n.type;
  targets_[n.a] = target;
  const auto words = list(n);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (i + 1 < words.size() || type(n.type).kind == ir::TypeKind::Void)
      effect(words[i]);
    else
      value_to(words[i], dest);
  targets_.erase(n.a);
  bind(exit);
}

std::optional<LabelId> FunctionCompiler::plain_jump(std::uint32_t id) const {
  for (;;) {
    const ir::Node& n = node(id);
    if (n.op == ir::Op::Block && n.c == 1) {
      id = list(n)[0];
      continue;
    }
    if (n.op != ir::Op::Break && n.op != ir::Op::Continue)
      return std::nullopt;
    const auto found = targets_.find(n.a);
    if (found == targets_.end())
      return std::nullopt; // of a block just skipped
    if (n.op == ir::Op::Continue)
      return found->second.again;
    if (n.b != ir::none)
      return std::nullopt;
    return found->second.exit;
  }
}

void FunctionCompiler::if_(const ir::Node& n, const Dest& dest) {
  const bool has_else = n.c != ir::none;
  if (const auto value = constant(n.a)) {
    if (*value != 0)
      value_to(n.b, dest);
    else if (has_else)
      value_to(n.c, dest);
    return;
  }
  if (const auto jumps = plain_jump(n.b)) {
    const LabelId otherwise = new_label();
    condition(n.a, *jumps, otherwise, false);
    bind(otherwise);
    if (has_else)
      value_to(n.c, dest);
    return;
  }
  const LabelId then = new_label();
  if (has_else) {
    if (const auto jumps = plain_jump(n.c)) {
      condition(n.a, then, *jumps, true);
      bind(then);
      return value_to(n.b, dest);
    }
  }
  const LabelId otherwise = new_label();
  condition(n.a, then, otherwise, true);
  bind(then);
  value_to(n.b, dest);
  if (has_else) {
    const LabelId done = new_label();
    if (kind_of(n.b) != ir::TypeKind::Never)
      jump(done);
    bind(otherwise);
    value_to(n.c, dest);
    return bind(done);
  }
  bind(otherwise);
}

void FunctionCompiler::condition(std::uint32_t id, LabelId yes, LabelId no, bool yes_next) {
  if (stopped())
    return;
  const At at(*this, id);
  const ir::Node& n = node(id);
  const Reg mark = top_;
  if (const auto value = constant(id)) {
    if ((*value != 0) != yes_next)
      jump(*value != 0 ? yes : no);
    return;
  }
  if (n.op == ir::Op::Compare && compare_and_branch(n, yes, no, yes_next)) {
    top_ = mark;
    return;
  }
  if (n.op == ir::Op::Unary && kind_of(n.a) == ir::TypeKind::Bool &&
      static_cast<ir::UnaryOp>(n.sub) == ir::UnaryOp::BitNot)
    return condition(n.a, no, yes, !yes_next);
  if (n.op == ir::Op::If && n.c != ir::none) {
    // `and` and `or`: one arm is a constant.
    const auto then = constant(n.b), otherwise = constant(n.c);
    const LabelId middle = new_label();
    if (otherwise && *otherwise == 0) {
      condition(n.a, middle, no, true);
      bind(middle);
      return condition(n.b, yes, no, yes_next);
    }
    if (then && *then != 0) {
      condition(n.a, yes, middle, false);
      bind(middle);
      return condition(n.c, yes, no, yes_next);
    }
  }
  const Reg value = scalar(id);
  branch_truth(value, !yes_next, yes_next ? no : yes);
  top_ = mark;
}

namespace {

struct Jump {
  Opcode op;
  bool swapped; ///< operands change sides
};

// By CompareOp: the jump taken when the comparison holds, and when it doesn't.
constexpr Jump signed_jumps[6][2] = {
    {{Opcode::JmpEq, false}, {Opcode::JmpNe, false}},  {{Opcode::JmpNe, false}, {Opcode::JmpEq, false}},
    {{Opcode::JmpLtS, false}, {Opcode::JmpLeS, true}}, {{Opcode::JmpLeS, false}, {Opcode::JmpLtS, true}},
    {{Opcode::JmpLtS, true}, {Opcode::JmpLeS, false}}, {{Opcode::JmpLeS, true}, {Opcode::JmpLtS, false}},
};
constexpr Jump unsigned_jumps[6][2] = {
    {{Opcode::JmpEq, false}, {Opcode::JmpNe, false}},  {{Opcode::JmpNe, false}, {Opcode::JmpEq, false}},
    {{Opcode::JmpLtU, false}, {Opcode::JmpLeU, true}}, {{Opcode::JmpLeU, false}, {Opcode::JmpLtU, true}},
    {{Opcode::JmpLtU, true}, {Opcode::JmpLeU, false}}, {{Opcode::JmpLeU, true}, {Opcode::JmpLtU, false}},
};
constexpr Opcode signed_immediate[6][2] = {
    {Opcode::JmpEqI, Opcode::JmpNeI},   {Opcode::JmpNeI, Opcode::JmpEqI},   {Opcode::JmpLtSI, Opcode::JmpGeSI},
    {Opcode::JmpLeSI, Opcode::JmpGtSI}, {Opcode::JmpGtSI, Opcode::JmpLeSI}, {Opcode::JmpGeSI, Opcode::JmpLtSI},
};
constexpr Opcode unsigned_immediate[6][2] = {
    {Opcode::JmpEqI, Opcode::JmpNeI},   {Opcode::JmpNeI, Opcode::JmpEqI},   {Opcode::JmpLtUI, Opcode::JmpGeUI},
    {Opcode::JmpLeUI, Opcode::JmpGtUI}, {Opcode::JmpGtUI, Opcode::JmpLeUI}, {Opcode::JmpGeUI, Opcode::JmpLtUI},
};
// NaN makes "not less" another thing than "greater or equal". F32 follows F64 at a fixed distance.
constexpr Jump float_jumps[6][2] = {
    {{Opcode::JmpEqF64, false}, {Opcode::JmpNeF64, false}},  {{Opcode::JmpNeF64, false}, {Opcode::JmpEqF64, false}},
    {{Opcode::JmpLtF64, false}, {Opcode::JmpNLtF64, false}}, {{Opcode::JmpLeF64, false}, {Opcode::JmpNLeF64, false}},
    {{Opcode::JmpLtF64, true}, {Opcode::JmpNLtF64, true}},   {{Opcode::JmpLeF64, true}, {Opcode::JmpNLeF64, true}},
};
constexpr unsigned single_distance = static_cast<unsigned>(Opcode::JmpEqF32) - static_cast<unsigned>(Opcode::JmpEqF64);

// The comparison seen from the other side.
constexpr ir::CompareOp mirrored(ir::CompareOp op) {
  switch (op) {
  case ir::CompareOp::Lt: return ir::CompareOp::Gt;
  case ir::CompareOp::Le: return ir::CompareOp::Ge;
  case ir::CompareOp::Gt: return ir::CompareOp::Lt;
  case ir::CompareOp::Ge: return ir::CompareOp::Le;
  default: return op;
  }
}

} // namespace

bool FunctionCompiler::compare_and_branch(const ir::Node& n, LabelId yes, LabelId no, bool yes_next) {
  const ir::Type& t = type(type_of(n.a));
  if (rep(type_of(n.a)) != Rep::Word)
    return false;
  const LabelId to = yes_next ? no : yes;
  const std::size_t sense = yes_next ? 1 : 0;
  auto op = static_cast<std::size_t>(n.sub);
  if (t.kind == ir::TypeKind::Float) {
    const Jump jump = float_jumps[op][sense];
    const auto [a, b] = operands(n.a, n.b);
    const Opcode code = static_cast<Opcode>(static_cast<unsigned>(jump.op) + (t.bits == 32 ? single_distance : 0));
    branch(code, jump.swapped ? b : a, jump.swapped ? a : b, to);
    return true;
  }
  const bool is_signed = t.kind == ir::TypeKind::Int && t.is_signed;
  std::uint32_t lhs = n.a;
  auto value = constant(n.b);
  if (!value && constant(n.a)) {
    lhs = n.b;
    value = constant(n.a);
    op = static_cast<std::size_t>(mirrored(static_cast<ir::CompareOp>(n.sub)));
  }
  if (value && *value == 0 && op <= 1) {
    // x % 2^k and x & mask against 0: no need of the remainder's sign.
    if (const auto mask = tested_bits(lhs)) {
      const bool jumps_if_zero = (op == 0) != yes_next;
      branch(jumps_if_zero ? Opcode::JmpNoBits : Opcode::JmpBits, scalar(node(lhs).a), *mask, to);
      return true;
    }
  }
  if (value && fits_immediate(*value)) {
    const Opcode code = is_signed ? signed_immediate[op][sense] : unsigned_immediate[op][sense];
    branch(code, scalar(lhs), static_cast<std::uint32_t>(*value), to);
    return true;
  }
  const Jump jump = is_signed ? signed_jumps[n.sub][sense] : unsigned_jumps[n.sub][sense];
  const auto [a, b] = operands(n.a, n.b);
  branch(jump.op, jump.swapped ? b : a, jump.swapped ? a : b, to);
  return true;
}

// The mask of an integer expression that is zero exactly if these bits of its first operand are.
std::optional<std::uint32_t> FunctionCompiler::tested_bits(std::uint32_t id) const {
  const ir::Node& n = node(id);
  const auto op = static_cast<ir::BinaryOp>(n.sub);
  constexpr std::uint64_t most = 1 << 14;
  if (n.op != ir::Op::Binary || type(n.type).kind != ir::TypeKind::Int || constant(id))
    return std::nullopt;
  const auto value = op == ir::BinaryOp::And || op == ir::BinaryOp::Rem ? constant(n.b) : std::nullopt;
  if (!value || *value == 0 || *value > most || (op == ir::BinaryOp::Rem && !std::has_single_bit(*value)))
    return std::nullopt;
  return static_cast<std::uint32_t>(op == ir::BinaryOp::Rem ? *value - 1 : *value);
}

void FunctionCompiler::loop(std::uint32_t id, const Dest& dest) {
  const ir::Node& n = node(id);
  Target target;
  target.exit = new_label();
  target.again = new_label();
  target.dest = dest;
  target.type = n.type;
  targets_[n.a] = target;
  compute_invariants(id);
  const std::size_t top = here();
  barrier_ = top;
  effect(n.b);
  bind(target.again);
  if (!stopped() && !invert_loop(top, target.exit)) {
    emit(Opcode::Back);
    const LabelId start = new_label();
    labels_[start].position = top;
    use(start, Use::Form::Wide, here() - 1, here());
  }
  targets_.erase(n.a);
  bind(target.exit);
}

namespace {

struct Inverse {
  Opcode jump, back;
  bool swapped;
};
// The back-edge that repeats the loop where the jump would leave it.
constexpr Inverse inverses[] = {
    {Opcode::JmpT, Opcode::BackF, false},
    {Opcode::JmpF, Opcode::BackT, false},
    {Opcode::JmpEq, Opcode::BackNe, false},
    {Opcode::JmpNe, Opcode::BackEq, false},
    {Opcode::JmpLtS, Opcode::BackLeS, true},
    {Opcode::JmpLeS, Opcode::BackLtS, true},
    {Opcode::JmpLtU, Opcode::BackLeU, true},
    {Opcode::JmpLeU, Opcode::BackLtU, true},
    {Opcode::JmpEqI, Opcode::BackNeI, false},
    {Opcode::JmpNeI, Opcode::BackEqI, false},
    {Opcode::JmpLtSI, Opcode::BackGeSI, false},
    {Opcode::JmpLeSI, Opcode::BackGtSI, false},
    {Opcode::JmpGtSI, Opcode::BackLeSI, false},
    {Opcode::JmpGeSI, Opcode::BackLtSI, false},
    {Opcode::JmpBits, Opcode::BackNoBits, false},
    {Opcode::JmpNoBits, Opcode::BackBits, false},
    {Opcode::JmpLtUI, Opcode::BackGeUI, false},
    {Opcode::JmpLeUI, Opcode::BackGtUI, false},
    {Opcode::JmpGtUI, Opcode::BackLeUI, false},
    {Opcode::JmpGeUI, Opcode::BackLtUI, false},
#define SX_FLOAT(K)                                                                                                    \
  {Opcode::JmpEq##K, Opcode::BackNe##K, false}, {Opcode::JmpNe##K, Opcode::BackEq##K, false},                          \
      {Opcode::JmpLt##K, Opcode::BackNLt##K, false}, {Opcode::JmpLe##K, Opcode::BackNLe##K, false},                    \
      {Opcode::JmpNLt##K, Opcode::BackLt##K, false}, {                                                                 \
    Opcode::JmpNLe##K, Opcode::BackLe##K, false                                                                        \
  }
    SX_FLOAT(F64),
    SX_FLOAT(F32),
#undef SX_FLOAT
};

const Inverse* find_inverse(Opcode op) {
  const auto found = std::ranges::find(inverses, op, &Inverse::jump);
  return found == std::end(inverses) ? nullptr : &*found;
}

// Straight-line instructions that may be executed from a copy.
bool is_copyable(const OpcodeInfo& row) {
  const bool one_piece =
      row.extension == Extension::None || row.extension == Extension::Word || row.extension == Extension::Scale;
  return row.flow == Flow::Falls && one_piece && row.a == Operand::Def && row.c != Operand::Jump &&
         row.b != Operand::JumpLow && row.a != Operand::Window;
}

} // namespace

// A loop that ends by counting one up and goes on while that is less does both in one instruction.
bool FunctionCompiler::step_and_repeat(std::size_t top, std::size_t test, Opcode back, Reg counter,
                                       std::uint32_t limit) {
  const Insn step = newest(1);
  const bool counts = opcode(step) == Opcode::AddI64 && field_a(step) == counter && field_b(step) == counter &&
                      static_cast<std::int16_t>(field_c(step)) == 1;
  const bool alone = top == test && last_ > test;
  if (!counts || !alone || (back != Opcode::BackLtS && back != Opcode::BackLtSI))
    return false;
  if (back == Opcode::BackLtS && limit == counter)
    return false;
  const std::int64_t distance = static_cast<std::int64_t>(test) - static_cast<std::int64_t>(last_);
  drop_newest();
  emit(back == Opcode::BackLtS ? Opcode::StepLtS : Opcode::StepLtSI, counter, limit,
       static_cast<std::uint32_t>(distance));
  return true;
}

// A loop that begins with its condition repeats by testing a copy of it, which saves the jump back to the top.
bool FunctionCompiler::invert_loop(std::size_t top, LabelId exit) {
  constexpr std::size_t most_words = 8;
  std::size_t test = top;
  const Inverse* inverse = nullptr;
  while (test < here() && test - top <= most_words) {
    const Opcode op = opcode(code_->words[test]);
    inverse = find_inverse(op);
    if (inverse || !is_copyable(info(op)))
      break;
    test += instruction_size(code_->words, test);
  }
  if (!inverse || test - top > most_words || test >= here())
    return false;
  const auto& uses = labels_[exit].uses;
  if (std::ranges::none_of(uses, [test](const Use& open) { return open.word == test; }))
    return false;
  const std::int64_t distance =
      static_cast<std::int64_t>(test + 1) - static_cast<std::int64_t>(here() + (test - top) + 1);
  const bool wide = info(inverse->jump).b == Operand::JumpLow;
  if (!wide && distance != static_cast<std::int16_t>(distance))
    return false;
  for (std::size_t at = top; at < test; ++at) {
    const Insn word = code_->words[at];
    const std::uint32_t owner = code_->nodes[at];
    emit(word);
    code_->nodes.back() = owner;
  }
  const Insn jump = code_->words[test];
  const Reg first = inverse->swapped ? field_b(jump) : field_a(jump);
  const Reg second = inverse->swapped ? field_a(jump) : field_b(jump);
  if (step_and_repeat(top, test, inverse->back, first, second))
    return true;
  if (wide)
    emit(encode_wide(inverse->back, field_a(jump), static_cast<std::uint32_t>(distance)));
  else
    emit(inverse->back, first, second, static_cast<std::uint32_t>(distance));
  return true;
}

void FunctionCompiler::zero_dest(const Dest& dest, ir::TypeId id) {
  if (dest.kind == Dest::Kind::Register)
    load_constant(dest.reg, 0);
  else if (dest.kind == Dest::Kind::Memory)
    zero(dest.place, layout(id).size);
}

void FunctionCompiler::switch_(std::uint32_t id, const Dest& dest) {
  const ir::Node& n = node(id);
  const auto words = list(n);
  struct Arm {
    std::uint64_t value;
    std::uint32_t body;
    LabelId label;
  };
  std::vector<Arm> arms;
  for (std::size_t i = 1; i < words.size(); i += 3)
    arms.push_back({words[i] | std::uint64_t{words[i + 1]} << 32, words[i + 2], new_label()});
  std::vector<Arm> sorted = arms;
  std::ranges::sort(sorted, {}, &Arm::value);
  const Reg mark = top_;
  const Reg subject = scalar(n.a);
  // The host predicts a chain of comparisons; what a table says it must wait for.
  constexpr std::size_t most_compared = 8;
  const bool few = arms.size() <= most_compared &&
                   std::ranges::all_of(arms, [](const Arm& arm) { return fits_immediate(arm.value); });
  // Signed order puts negative cases before the others.
  const auto as_signed = [](const Arm& arm) { return static_cast<std::int64_t>(arm.value); };
  std::uint64_t low = 0, range = ~std::uint64_t{0};
  if (!arms.empty()) {
    low = std::ranges::min_element(arms, {}, as_signed)->value;
    range = std::ranges::max_element(arms, {}, as_signed)->value - low;
  }
  const LabelId done = new_label(), otherwise = new_label();
  if (few) {
    for (const Arm& arm : arms)
      branch(Opcode::JmpEqI, subject, static_cast<std::uint32_t>(arm.value), arm.label);
  } else if (range < 4 * arms.size() + 16) {
    emit(Opcode::SwitchDense, subject);
    emit_word(low);
    emit_word(range + 1);
    const std::size_t first = here(), base = first + range + 1;
    std::vector<LabelId> table(range + 1, otherwise);
    for (const Arm& arm : arms)
      table[arm.value - low] = arm.label;
    for (std::size_t i = 0; i <= range; ++i) {
      emit_word(0);
      use(table[i], Use::Form::Word, first + i, base);
    }
  } else {
    emit(Opcode::SwitchSparse, subject);
    emit_word(sorted.size());
    const std::size_t first = here(), base = first + 2 * sorted.size();
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      emit_word(sorted[i].value);
      emit_word(0);
      use(sorted[i].label, Use::Form::Word, first + 2 * i + 1, base);
    }
  }
  top_ = mark;
  bind(otherwise);
  if (words[0] != ir::none)
    value_to(words[0], dest);
  else
    zero_dest(dest, n.type);
  for (const Arm& arm : arms) {
    jump(done);
    bind(arm.label);
    value_to(arm.body, dest);
  }
  bind(done);
}

void FunctionCompiler::jump_out(const ir::Node& n) {
  const auto found = targets_.find(n.a);
  if (found == targets_.end())
    return fail(Reason::MalformedIr, "a jump to a label that is not open");
  const Target target = found->second;
  if (n.op == ir::Op::Continue)
    return jump(target.again);
  if (n.b != ir::none)
    value_to(n.b, target.dest);
  jump(target.exit);
}

void FunctionCompiler::return_(const ir::Node& n) {
  if (n.a == ir::none)
    return emit(Opcode::RetVoid);
  const Reg mark = top_;
  switch (rep(type_of(n.a))) {
  case Rep::None:
    effect(n.a);
    emit(Opcode::RetVoid);
    break;
  case Rep::Word: emit(Opcode::Ret, scalar(n.a)); break;
  case Rep::Memory: {
    Place result;
    result.kind = Place::Kind::Memory;
    result.base = result_address_;
    build(n.a, result);
    emit(Opcode::RetVoid);
  }
  }
  top_ = mark;
}

} // namespace sx::comptime::vm
