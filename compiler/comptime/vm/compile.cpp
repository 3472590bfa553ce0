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
    : program_(program), module_(program.module()), function_(&module_.function(id)), mode_(mode),
      long_branches_(long_branches), facts_(*function_), code_(std::make_unique<Code>()) {
  code_->function = id;
  code_->signature = function_->signature;
}

std::unique_ptr<Code> FunctionCompiler::run() {
  at_ = function_->root.value;
  assign_locals();
  if (frame_ > max_frame) {
    // No call of it can be allowed, so it needs no code; entering it reports the limit.
    code_->cost = ~std::uint64_t{0} >> 2;
    frame_ = frame_most_ = 0;
    emit(Opcode::Halt);
  } else {
    code_->cost = std::min(frame_cost(module_, *function_), ~std::uint64_t{0} >> 2);
    prologue();
    effect(function_->root.value);
    if (kind_of(function_->root.value) != ir::TypeKind::Never) {
      emit(Opcode::RetVoid);
    } else {
      emit(Opcode::Trap, static_cast<std::uint32_t>(ir::TrapKind::Unreachable));
      emit_word(ir::none);
    }
    load_loop_constants();
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
  code_->entry = code_->words.data() + entry_.value_or(0);
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

Reg FunctionCompiler::pin(std::uint32_t local) {
  local_of_.push_back(local);
  return pinned_++;
}

namespace {

// Most registers go to locals; what does not fit lives in the frame.
constexpr Reg most_locals = 40'000;

} // namespace

void FunctionCompiler::assign_locals() {
  if (rep(type(function_->signature).element) == Rep::Memory) {
    result_address_ = pin(ir::none);
    code_->returns_memory = true;
  }
  if (function_->param_count > most_locals)
    return fail(Reason::Unsupported, "a function of " + std::to_string(function_->param_count) + " parameters");
  const std::vector<Copy> copies = find_copies(*function_, facts_);
  std::vector<bool> is_copy(function_->locals.size());
  for (const Copy& copy : copies)
    is_copy[copy.local] = true;
  locals_.resize(function_->locals.size());
  for (std::uint32_t i = 0; i < function_->param_count; ++i)
    pin(i);
  for (std::uint32_t i = 0; i < function_->locals.size(); ++i)
    if (!is_copy[i])
      assign_local(i, i < function_->param_count ? (result_address_ == no_reg ? 0 : 1) + i : no_reg);
  for (const Copy& copy : copies)
    if (!adopt_copy(copy))
      assign_local(copy.local, no_reg);
  for (std::uint32_t id = 0; id < function_->nodes.size(); ++id)
    if (node(id).op == ir::Op::PlaceTemp)
      temporaries_.emplace(id, object_slot(type_of(id)));
  assign_globals();
  find_invariants();
  // Constants of loops, as far as it pays.
  constexpr Reg most_loop_constants = 16;
  first_constant_ = pinned_;
  for (std::uint32_t id = 0; id < function_->nodes.size() && most_constants_ < most_loop_constants; ++id)
    if (facts_.in_loop[id] && ir::info(node(id).op).category == ir::Category::Value && is_constant_word(node(id)))
      ++most_constants_;
  for (Reg i = 0; i < most_constants_; ++i)
    pin(ir::none);
  top_ = most_ = pinned_;
}

// `incoming`: the register in which a parameter arrives.
void FunctionCompiler::assign_local(std::uint32_t local, Reg incoming) {
  LocalHome& home = locals_[local];
  const Rep held = rep(function_->locals[local].type);
  const bool parameter = incoming != no_reg;
  if (held == Rep::Memory && pinned_ < most_locals && split_local(local, incoming))
    return;
  if (held == Rep::Memory && parameter) {
    home.place.kind = Place::Kind::Memory;
    home.place.base = incoming;
  } else if (held == Rep::Word && !facts_.partial[local] && (parameter || pinned_ < most_locals)) {
    home.place.kind = Place::Kind::Register;
    home.place.base = parameter ? incoming : pin(local);
  } else {
    home.place = object_slot(function_->locals[local].type);
    if (held == Rep::Memory && facts_.indexed[local] && pinned_ < most_locals)
      home.place.base = pin(ir::none);
  }
}

// Lets the local stand for its source, if that is a register or reached through one.
bool FunctionCompiler::adopt_copy(const Copy& copy) {
  const Place& base = locals_[copy.base].place;
  if (base.kind != Place::Kind::Register)
    return false;
  Place source = base;
  if (node(copy.source).op != ir::Op::PlaceLocal) {
    std::uint64_t offset = 0;
    std::uint32_t at = copy.source;
    for (; node(at).op != ir::Op::PlaceDeref; at = node(at).a)
      offset += node(at).op == ir::Op::PlacePayload ? node(at).b : type(type_of(node(at).a)).fields[node(at).b].offset;
    if (rep(function_->locals[copy.local].type) != Rep::Memory || offset > 0x7fff)
      return false;
    source.kind = Place::Kind::Memory;
    source.offset = static_cast<std::int64_t>(offset);
  }
  LocalHome& home = locals_[copy.local];
  home.place = source;
  home.copy_store = copy.store;
  for (const std::uint32_t use : facts_.uses(copy.local))
    facts_.widen(use, BodyFacts::local_class(copy.base), source.kind == Place::Kind::Memory);
  return true;
}

// Addresses of globals that are used again and again are taken once, at the entry.
void FunctionCompiler::assign_globals() {
  constexpr std::size_t most_homes = 32;
  std::unordered_map<std::uint32_t, unsigned> uses;
  for (std::uint32_t id = 0; id < function_->nodes.size(); ++id) {
    const ir::Node& n = node(id);
    if (n.op != ir::Op::PlaceGlobal || global_homes_.size() >= most_homes || pinned_ >= most_locals)
      continue;
    if ((uses[n.a] += facts_.in_loop[id] ? 2 : 1) >= 2 && !global_homes_.contains(n.a) &&
        program_.stands_alone(ir::GlobalId(n.a)))
      global_homes_.emplace(n.a, pin(ir::none));
  }
}

bool FunctionCompiler::is_constant_word(const ir::Node& n) const {
  switch (n.op) {
  case ir::Op::ConstInt:
  case ir::Op::ConstFloat:
  case ir::Op::ConstData:
  case ir::Op::ConstFunction: return true;
  case ir::Op::ConstZero: return rep(n.type) == Rep::Word;
  default: return false;
  }
}

Reg FunctionCompiler::loop_constant(std::uint64_t value) {
  const auto known = std::ranges::find(loop_constants_, value);
  const auto number = static_cast<Reg>(known - loop_constants_.begin());
  if (known != loop_constants_.end())
    return first_constant_ + number;
  if (number >= most_constants_)
    return no_reg;
  loop_constants_.push_back(value);
  return first_constant_ + number;
}

// Which constants want a register is only known behind the body, so the code begins there and jumps to its first word.
void FunctionCompiler::load_loop_constants() {
  if (loop_constants_.empty())
    return;
  entry_ = here();
  for (std::size_t i = 0; i < loop_constants_.size(); ++i)
    load_constant(first_constant_ + static_cast<Reg>(i), loop_constants_[i]);
  const LabelId body = new_label();
  labels_[body].position = 0;
  jump(body);
}

void FunctionCompiler::prologue() {
  for (std::uint32_t i = 0; i < locals_.size(); ++i) {
    const Place& place = locals_[i].place;
    const Reg incoming = (result_address_ == no_reg ? 0 : 1) + i;
    if (place.kind == Place::Kind::Split && i < function_->param_count) {
      Place argument;
      argument.kind = Place::Kind::Memory;
      argument.base = incoming;
      copy_split(place, argument, layout(function_->locals[i].type).size);
    }
    if (place.kind != Place::Kind::Slot)
      continue;
    if (i < function_->param_count && rep(function_->locals[i].type) == Rep::Word)
      store_word(function_->locals[i].type, place, incoming);
    else if (place.base != no_reg)
      emit(encode_wide(Opcode::SlotAddr, place.base, static_cast<std::uint32_t>(place.low)));
  }
  for (const auto& [global, home] : global_homes_)
    take_global(global, home);
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
    failure_ = comptime::fail(reason, function_->spans[at_], detail);
}

// ---- emission ----

void FunctionCompiler::emit(Insn insn) {
  last_ = here();
  emit_word(insn);
}

void FunctionCompiler::emit_word(std::uint64_t insn) {
  code_->words.push_back(insn);
  code_->nodes.push_back(inlined_at_ != ir::none ? inlined_at_ : at_);
}

Insn FunctionCompiler::newest(std::size_t words) const {
  const bool last = last_ + words == here() && last_ >= barrier_;
  return last ? code_->words[last_] : encode(Opcode::Halt);
}

void FunctionCompiler::drop_newest() {
  code_->words.resize(last_);
  code_->nodes.resize(last_);
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
  if (!labels_[label].uses.empty())
    barrier_ = here();
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

std::optional<std::uint64_t> FunctionCompiler::constant(std::uint32_t id, unsigned depth) const {
  const ir::Node& n = node(id);
  if (n.op == ir::Op::ConstInt)
    return n.a | std::uint64_t{n.b} << 32;
  if (n.op == ir::Op::ConstZero && rep(n.type) == Rep::Word)
    return 0;
  if (n.op == ir::Op::Intrinsic && static_cast<ir::Intrinsic>(n.sub) == ir::Intrinsic::IsComptime)
    return mode_ == Mode::Comptime ? 1 : 0;
  if (n.op == ir::Op::Load && inlined_at_ != ir::none)
    return node(n.a).op == ir::Op::PlaceLocal ? locals_[node(n.a).a].value : std::nullopt;
  // What a body of constant arguments needs; whoever writes more in constants can wait for it.
  constexpr unsigned most_depth = 3;
  if (depth == most_depth)
    return std::nullopt;
  if (n.op == ir::Op::Convert && static_cast<ir::ConvertOp>(n.sub) == ir::ConvertOp::Resize &&
      kind_of(n.a) == ir::TypeKind::Int && type(n.type).kind == ir::TypeKind::Int) {
    const auto value = constant(n.a, depth + 1);
    return value ? std::optional(ir::canonical_pattern(type(n.type), *value)) : std::nullopt;
  }
  if (n.op == ir::Op::Binary && type(n.type).kind == ir::TypeKind::Int) {
    const auto op = static_cast<ir::BinaryOp>(n.sub);
    const auto lhs = op == ir::BinaryOp::Add || op == ir::BinaryOp::Sub ? constant(n.a, depth + 1) : std::nullopt;
    const auto rhs = lhs ? constant(n.b, depth + 1) : std::nullopt;
    if (rhs)
      return ir::canonical_pattern(type(n.type), op == ir::BinaryOp::Add ? *lhs + *rhs : *lhs - *rhs);
  }
  return std::nullopt;
}

} // namespace sx::comptime::vm
