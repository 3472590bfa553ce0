#include "comptime/vm/compile.h"

#include "comptime/failures.h"
#include "comptime/limits.h"
#include "comptime/vm/function_compiler.h"

#include <algorithm>

namespace sx::comptime::vm {

std::expected<std::unique_ptr<Code>, Failure> compile(Program& program, ir::FuncId function, Mode mode) {
  FunctionCompiler compiler(program, function, mode, false);
  auto code = compiler.run();
  if (compiler.too_far() && !compiler.failure()) {
    FunctionCompiler again(program, function, mode, true);
    code = again.run();
    if (again.failure())
      return std::unexpected(*again.failure());
  }
  if (compiler.failure())
    return std::unexpected(*compiler.failure());
  return code;
}

FunctionCompiler::FunctionCompiler(Program& program, ir::FuncId id, Mode mode, bool long_branches)
    : program_(program), module_(program.module()), function_(module_.function(id)), mode_(mode),
      long_branches_(long_branches), facts_(module_, function_), code_(std::make_unique<Code>()) {
  code_->function = id;
  code_->signature = function_.signature;
}

std::unique_ptr<Code> FunctionCompiler::run() {
  at_ = function_.root.value;
  assign_locals();
  if (frame_ > max_frame) {
    // No call of it can be allowed, so it needs no code; entering it reports the limit.
    code_->cost = ~std::uint64_t{0} >> 2;
    frame_ = frame_most_ = 0;
    emit(Opcode::Halt);
  } else {
    code_->cost = std::min(frame_cost(module_, function_), ~std::uint64_t{0} >> 2);
    prologue();
    effect(function_.root.value);
    if (kind_of(function_.root.value) != ir::TypeKind::Never) {
      emit(Opcode::RetVoid);
    } else {
      emit(Opcode::Trap, static_cast<std::uint32_t>(ir::TrapKind::Unreachable));
      emit_word(ir::none);
    }
  }
  finish();
  return std::move(code_);
}

void FunctionCompiler::finish() {
  code_->registers = most_ + 1;
  if (frame_most_ > max_frame)
    fail(Reason::Unsupported, "a frame of this size");
  code_->frame_bytes = static_cast<std::uint32_t>((frame_most_ + 15) / 16 * 16);
  code_->frame_mask = ~(std::uint64_t{frame_align_} - 1);
  code_->entry = code_->words.data();
  if (stopped() || too_far_)
    return;
  if (const auto wrong = verify(*code_))
    fail(Reason::Unsupported, "bytecode: " + *wrong);
}

// ---- frame ----

Rep FunctionCompiler::rep(ir::TypeId id) const {
  switch (type(id).kind) {
  case ir::TypeKind::Void:
  case ir::TypeKind::Never:
  case ir::TypeKind::Signature: return Rep::None;
  case ir::TypeKind::Bool:
  case ir::TypeKind::Int:
  case ir::TypeKind::Float:
  case ir::TypeKind::Pointer:
  case ir::TypeKind::Code: return Rep::Word;
  case ir::TypeKind::Array:
  case ir::TypeKind::Vector:
  case ir::TypeKind::Aggregate: break;
  }
  return layout(id).size == 0 ? Rep::None : Rep::Memory;
}

void FunctionCompiler::assign_locals() {
  // Most registers go to locals; what does not fit lives in the frame.
  constexpr Reg most_locals = 40'000;
  const ir::Type& signature = type(function_.signature);
  const auto pin = [this](std::uint32_t local) {
    local_of_.push_back(local);
    return pinned_++;
  };
  if (rep(signature.element) == Rep::Memory) {
    result_address_ = pin(ir::none);
    code_->returns_memory = true;
  }
  if (function_.param_count > most_locals)
    return fail(Reason::Unsupported, "a function of " + std::to_string(function_.param_count) + " parameters");
  locals_.resize(function_.locals.size());
  for (std::uint32_t i = 0; i < function_.locals.size(); ++i) {
    const ir::TypeId local = function_.locals[i].type;
    LocalHome& home = locals_[i];
    const Rep held = rep(local);
    const bool parameter = i < function_.param_count;
    const Reg incoming = parameter ? pin(i) : no_reg;
    if (held == Rep::Memory && parameter) {
      home.place.kind = Place::Kind::Memory;
      home.place.base = incoming;
      home.by_reference = true;
    } else if (held == Rep::Word && !facts_.partial[i] && (parameter || pinned_ < most_locals)) {
      home.place.kind = Place::Kind::Register;
      home.place.base = parameter ? incoming : pin(i);
    } else {
      home.place = object_slot(local);
      if (held == Rep::Memory && facts_.indexed[i] && pinned_ < most_locals)
        home.place.base = pin(ir::none);
    }
  }
  for (std::uint32_t id = 0; id < function_.nodes.size(); ++id)
    if (node(id).op == ir::Op::PlaceTemp)
      temporaries_.emplace(id, object_slot(type_of(id)));
  top_ = most_ = pinned_;
}

void FunctionCompiler::prologue() {
  for (std::uint32_t i = 0; i < locals_.size(); ++i) {
    const Place& place = locals_[i].place;
    if (place.kind != Place::Kind::Slot)
      continue;
    const Reg incoming = (result_address_ == no_reg ? 0 : 1) + i;
    if (i < function_.param_count && rep(function_.locals[i].type) == Rep::Word)
      store_word(function_.locals[i].type, place, incoming);
    else if (place.base != no_reg)
      emit(encode_wide(Opcode::SlotAddr, place.base, static_cast<std::uint32_t>(place.low)));
  }
}

Reg FunctionCompiler::temp() {
  if (top_ >= max_registers) {
    fail(Reason::Unsupported, "an expression that needs so many registers");
    return 0;
  }
  const Reg reg = top_++;
  most_ = std::max(most_, top_);
  return reg;
}

Reg FunctionCompiler::result_at(Reg mark, Reg want) {
  if (want != no_reg)
    return want;
  while (top_ <= mark && !stopped())
    temp();
  return mark;
}

Reg FunctionCompiler::finish_at(Reg mark, Reg want) {
  top_ = want == no_reg ? mark + 1 : mark;
  return want == no_reg ? mark : want;
}

FunctionCompiler::Place FunctionCompiler::slot(std::uint64_t size, std::uint32_t align) {
  Place place;
  frame_align_ = std::max(frame_align_, align);
  frame_ = (frame_ + align - 1) / align * align;
  place.offset = place.low = static_cast<std::int64_t>(frame_);
  frame_ += size;
  place.high = static_cast<std::int64_t>(frame_);
  frame_most_ = std::max(frame_most_, frame_);
  return place;
}

FunctionCompiler::Place FunctionCompiler::object_slot(ir::TypeId type) {
  const ir::Layout bytes = layout(type);
  return slot(bytes.size, std::max(bytes.align, 8u));
}

FunctionCompiler::Place FunctionCompiler::scratch(ir::TypeId type) {
  const ir::Layout bytes = layout(type);
  if (bytes.size > max_frame || frame_ > max_frame) {
    fail(Reason::Unsupported, "a temporary of this size");
    return {};
  }
  return slot(bytes.size, std::max(bytes.align, 8u));
}

void FunctionCompiler::fail(Reason reason, std::string_view detail) {
  if (!failure_)
    failure_ = comptime::fail(reason, function_.spans[at_], detail);
}

// ---- emission ----

void FunctionCompiler::emit(Insn insn) {
  code_->words.push_back(insn);
  code_->nodes.push_back(at_);
}

bool FunctionCompiler::fits_immediate(std::uint64_t value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int16_t>(value))) == value;
}

void FunctionCompiler::load_constant(Reg reg, std::uint64_t value) {
  if (static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value))) == value)
    return emit(encode_wide(Opcode::ConstI, reg, static_cast<std::uint32_t>(value)));
  emit(Opcode::Const64, reg);
  emit_word(value);
}

void FunctionCompiler::move(Reg to, Reg from) {
  if (to != from)
    emit(Opcode::Mov, to, from);
}

LabelId FunctionCompiler::new_label() {
  labels_.emplace_back();
  return static_cast<LabelId>(labels_.size() - 1);
}

void FunctionCompiler::bind(LabelId label) {
  labels_[label].position = here();
  for (const Use& open : labels_[label].uses)
    patch(open, here());
}

void FunctionCompiler::use(LabelId label, Use::Form form, std::size_t word, std::size_t base) {
  const Use open{form, word, base};
  labels_[label].uses.push_back(open);
  if (labels_[label].position != ~std::size_t{0})
    patch(open, labels_[label].position);
}

void FunctionCompiler::patch(const Use& open, std::size_t target) {
  const std::int64_t distance = static_cast<std::int64_t>(target) - static_cast<std::int64_t>(open.base);
  Insn& word = code_->words[open.word];
  switch (open.form) {
  case Use::Form::Short:
    if (distance != static_cast<std::int16_t>(distance))
      too_far_ = true;
    word = (word & 0x0000'ffff'ffff'ffff) | static_cast<std::uint64_t>(distance) << 48;
    break;
  case Use::Form::Wide:
    if (distance != static_cast<std::int32_t>(distance))
      fail(Reason::Unsupported, "a function of this size");
    word = (word & 0xffff'ffff) | static_cast<std::uint64_t>(distance) << 32;
    break;
  case Use::Form::Word: word = static_cast<std::uint64_t>(distance); break;
  }
}

void FunctionCompiler::jump(LabelId label) {
  emit(Opcode::Jmp);
  use(label, Use::Form::Wide, here() - 1, here());
}

void FunctionCompiler::branch(Opcode op, std::uint32_t a, std::uint32_t b, LabelId label) {
  if (long_branches_) {
    emit(op, a, b, 1);
    emit(encode_wide(Opcode::Jmp, 0, 1));
    return jump(label);
  }
  emit(op, a, b);
  use(label, Use::Form::Short, here() - 1, here());
}

void FunctionCompiler::branch_truth(Reg reg, bool when, LabelId label) {
  emit(when ? Opcode::JmpT : Opcode::JmpF, reg);
  use(label, Use::Form::Wide, here() - 1, here());
}

std::optional<std::uint64_t> FunctionCompiler::constant(std::uint32_t id) const {
  const ir::Node& n = node(id);
  if (n.op == ir::Op::ConstInt)
    return n.a | std::uint64_t{n.b} << 32;
  if (n.op == ir::Op::ConstZero && rep(n.type) == Rep::Word)
    return 0;
  if (n.op == ir::Op::Intrinsic && static_cast<ir::Intrinsic>(n.sub) == ir::Intrinsic::IsComptime)
    return mode_ == Mode::Comptime ? 1 : 0;
  return std::nullopt;
}

} // namespace sx::comptime::vm
