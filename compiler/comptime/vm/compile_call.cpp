// Calls and intrinsics.

#include "comptime/vm/function_compiler.h"

namespace sx::comptime::vm {

// A word that stands in `from` goes where the value is wanted.
void FunctionCompiler::result_word(Reg from, const Dest& dest, ir::TypeId id) {
  if (dest.kind == Dest::Kind::Register)
    move(dest.reg, from);
  else if (dest.kind == Dest::Kind::Memory)
    store_word(id, dest.place, from);
}

// Builds an argument in its register of the callee's window; aggregates are passed by the address of a copy.
void FunctionCompiler::argument(std::uint32_t id, Reg reg) {
  switch (rep(type_of(id))) {
  case Rep::None: effect(id); break;
  case Rep::Word: scalar(id, reg); break;
  case Rep::Memory: address(aggregate(id), reg); break;
  }
}

void FunctionCompiler::arguments(std::span<const std::uint32_t> values, Reg base) {
  for (std::size_t i = 0; i < values.size() && !stopped(); ++i) {
    const Reg reg = base + static_cast<Reg>(i);
    top_ = reg;
    temp();
    argument(values[i], reg);
    top_ = reg + 1;
  }
}

void FunctionCompiler::call(std::uint32_t id, const Dest& dest) {
  const At at(*this, id);
  const ir::Node& n = node(id);
  const Reg mark = top_;
  auto values = list(n);
  Reg callee = no_reg;
  if (n.op == ir::Op::CallIndirect) {
    callee = scalar(values[0]);
    if (callee < pinned_) {
      const Reg kept = temp();
      move(kept, callee);
      callee = kept;
    }
    values = values.subspan(1);
  }
  const Reg window = top_;
  Reg first = window;
  const Rep result = rep(n.type);
  if (result == Rep::Memory && n.op != ir::Op::CallExtern) {
    first = temp() + 1;
    // The callee's result must not stand where its arguments are read from; `dest` is such a place by contract.
    address(dest.kind == Dest::Kind::Memory ? dest.place : scratch(n.type), window);
    top_ = first;
  }
  arguments(values, first);
  if (top_ <= window)
    temp(); // a window has at least one register, for the result
  const Reg to = result == Rep::Word && dest.kind == Dest::Kind::Register ? dest.reg : window;
  switch (n.op) {
  case ir::Op::Call:
    emit(Opcode::CallLink, window, to);
    emit_word(n.a);
    break;
  case ir::Op::CallIndirect:
    emit(Opcode::CallInd, window, to, callee);
    emit_word(n.a);
    break;
  default: emit(Opcode::CallExt, window, to); emit_word(n.a);
  }
  if (result == Rep::Word && dest.kind == Dest::Kind::Memory)
    store_word(n.type, dest.place, window);
  top_ = mark;
}

void FunctionCompiler::intrinsic(std::uint32_t id, const Dest& dest) {
  const At at(*this, id);
  const ir::Node& n = node(id);
  const auto which = static_cast<ir::Intrinsic>(n.sub);
  const Reg mark = top_;
  switch (which) {
  case ir::Intrinsic::IsComptime: {
    const Reg value =
        constant_word(mode_ == Mode::Comptime ? 1 : 0, dest.kind == Dest::Kind::Register ? dest.reg : no_reg);
    result_word(value, dest, n.type);
    top_ = mark;
    return;
  }
  case ir::Intrinsic::AtomicFence: return;
  case ir::Intrinsic::AtomicExchange: return atomic_exchange(n, dest);
  case ir::Intrinsic::AtomicLoad:
  case ir::Intrinsic::AtomicStore:
  case ir::Intrinsic::AtomicAdd:
  case ir::Intrinsic::AtomicSub:
  case ir::Intrinsic::AtomicAnd:
  case ir::Intrinsic::AtomicOr:
  case ir::Intrinsic::AtomicXor:
  case ir::Intrinsic::AtomicMin:
  case ir::Intrinsic::AtomicMax:
  case ir::Intrinsic::AtomicSwap: return atomic(id, dest);
  default: break;
  }
  const bool refused = mode_ == Mode::Comptime && (which == ir::Intrinsic::Sqrt || which == ir::Intrinsic::Sin ||
                                                   which == ir::Intrinsic::Cos || which == ir::Intrinsic::Floor);
  const Rep result = rep(n.type);
  const Reg window = top_;
  Reg first = window;
  if (result == Rep::Memory) {
    first = temp() + 1;
    address(dest.kind == Dest::Kind::Memory ? dest.place : scratch(n.type), window);
    top_ = first;
  }
  arguments(list(n), first);
  if (top_ <= window)
    temp();
  if (refused) {
    // R7.100: not evaluable at compile time.
    emit(encode_wide(Opcode::Unsupported, 0, module_.strings.intern(ir::text(which)).value));
    top_ = mark;
    return;
  }
  IntrinsicCall description{which, n.a, n.type, {}};
  for (const std::uint32_t value : list(n))
    description.arguments.push_back(type_of(value));
  const Reg to = result == Rep::Word && dest.kind == Dest::Kind::Register ? dest.reg : window;
  emit(Opcode::CallIntrinsic, window, to);
  emit_word(code_->intrinsics.size());
  code_->intrinsics.push_back(std::move(description));
  if (result == Rep::Word && dest.kind == Dest::Kind::Memory)
    store_word(n.type, dest.place, window);
  top_ = mark;
}

// One thread runs, so atomics are loads and stores.
void FunctionCompiler::atomic(std::uint32_t id, const Dest& dest) {
  const ir::Node& n = node(id);
  const auto which = static_cast<ir::Intrinsic>(n.sub);
  const auto values = list(n);
  const Reg mark = top_;
  Place at;
  at.kind = Place::Kind::Memory;
  at.base = scalar(values[0]);
  if (values.size() > 1)
    at.base = keep(at.base, values[1]);
  const ir::TypeId element = which == ir::Intrinsic::AtomicLoad ? n.type : type_of(values[1]);
  const Reg value = values.size() > 1 ? scalar(values[1]) : no_reg;
  if (which == ir::Intrinsic::AtomicStore) {
    store_word(element, at, value);
    top_ = mark;
    return;
  }
  const Reg old = temp();
  load_word(element, at, old);
  const ir::Type& t = type(element);
  const Reg changed = temp();
  switch (which) {
  case ir::Intrinsic::AtomicLoad: break;
  case ir::Intrinsic::AtomicSwap: store_word(element, at, value); break;
  case ir::Intrinsic::AtomicMin:
  case ir::Intrinsic::AtomicMax:
    atomic_minmax(element, which == ir::Intrinsic::AtomicMin, changed, old, value);
    store_word(element, at, changed);
    break;
  default: {
    Opcode op = Opcode::Add64;
    if (which == ir::Intrinsic::AtomicSub)
      op = Opcode::Sub64;
    else if (which == ir::Intrinsic::AtomicAnd)
      op = Opcode::And;
    else if (which == ir::Intrinsic::AtomicOr)
      op = Opcode::Or;
    else if (which == ir::Intrinsic::AtomicXor)
      op = Opcode::Xor;
    emit(op, changed, old, value);
    if (t.kind == ir::TypeKind::Int && t.bits < 64)
      truncate(changed, changed, t.bits, t.is_signed);
    store_word(element, at, changed);
  }
  }
  result_word(old, dest, element);
  top_ = mark;
}

void FunctionCompiler::atomic_minmax(ir::TypeId element, bool is_min, Reg to, Reg old, Reg value) {
  const LabelId done = new_label();
  const Opcode less = type(element).is_signed ? Opcode::JmpLeS : Opcode::JmpLeU;
  move(to, old);
  branch(less, is_min ? old : value, is_min ? value : old, done);
  move(to, value);
  bind(done);
}

void FunctionCompiler::atomic_exchange(const ir::Node& n, const Dest& dest) {
  const auto values = list(n);
  const Reg mark = top_;
  const ir::TypeId element = type_of(values[1]);
  // All operands in registers of their own: later ones may change what earlier ones name.
  Reg operand[4];
  for (std::size_t i = 0; i < 4; ++i) {
    operand[i] = temp();
    scalar(values[i], operand[i]);
    top_ = operand[i] + 1;
  }
  Place at, out;
  at.kind = out.kind = Place::Kind::Memory;
  at.base = operand[0];
  out.base = operand[3];
  const Reg found = temp(), success = temp();
  const LabelId differs = new_label();
  load_word(element, at, found);
  emit(Opcode::CmpEq, success, found, operand[1]);
  branch_truth(success, false, differs);
  store_word(element, at, operand[2]);
  bind(differs);
  store_word(element, out, found);
  result_word(success, dest, n.type);
  top_ = mark;
}

} // namespace sx::comptime::vm
