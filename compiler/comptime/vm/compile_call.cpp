// Calls and intrinsics.

#include "comptime/limits.h"
#include "comptime/vm/function_compiler.h"

#include <algorithm>

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

void FunctionCompiler::arguments(std::span<const std::uint32_t> values, Reg base, std::size_t first) {
  for (std::size_t i = first; i < values.size() && !stopped(); ++i) {
    const Reg reg = base + static_cast<Reg>(i);
    top_ = reg;
    temp();
    argument(values[i], reg);
    top_ = reg + 1;
  }
}

bool FunctionCompiler::passes_context(std::span<const std::uint32_t> values) const {
  if (values.empty() || function_->param_count == 0 || node(values[0]).op != ir::Op::Load)
    return false;
  const ir::Node& place = node(node(values[0]).a);
  if (place.op != ir::Op::PlaceLocal || place.a != 0)
    return false;
  const Place& home = locals_[0].place;
  return home.kind == Place::Kind::Register && home.base == 0 &&
         std::ranges::none_of(values, [this](std::uint32_t value) {
           return (facts_.effects[value].writes & BodyFacts::local_class(0)) != 0;
         });
}

std::vector<FunctionCompiler::LocalHome> FunctionCompiler::inlined_parameters(std::span<const std::uint32_t> values,
                                                                              const ir::Function& callee) {
  std::vector<LocalHome> homes(callee.locals.size());
  for (std::size_t i = 0; i < values.size() && !stopped(); ++i) {
    homes[i].place.kind = Place::Kind::Register;
    homes[i].value = constant(values[i]);
    if (homes[i].value)
      continue;
    if (rep(type_of(values[i])) != Rep::Word) {
      effect(values[i]);
      continue;
    }
    Reg reg = scalar(values[i]);
    for (const std::uint32_t later : values.subspan(i + 1))
      reg = keep(reg, later);
    homes[i].place.base = reg;
  }
  return homes;
}

bool FunctionCompiler::inline_call(std::uint32_t id, const Dest& dest) {
  const ir::Node& n = node(id);
  const auto expression = inlined_at_ == ir::none ? program_.expression_of(ir::FuncId(n.a)) : std::nullopt;
  if (!expression || rep(n.type) != Rep::Word)
    return false;
  const Reg mark = top_;
  const ir::Function& callee = module_.function(ir::FuncId(n.a));
  std::vector<LocalHome> homes = inlined_parameters(list(n), callee);
  emit(encode_wide(Opcode::CountCall, 0, n.a));
  emit_word(std::min(frame_cost(module_, callee), ~std::uint64_t{0} >> 2));
  // From here on the nodes are those of the callee. Its expression is total, so positions in it are of no interest.
  BodyFacts facts(callee);
  facts.in_loop.assign(callee.nodes.size(), facts_.in_loop[id]);
  const ir::Function* const outer = function_;
  inlined_at_ = id;
  function_ = &callee;
  std::swap(facts_, facts);
  std::swap(locals_, homes);
  Dest word = dest;
  if (word.kind != Dest::Kind::Register) {
    word.kind = Dest::Kind::Register;
    word.reg = temp();
  }
  // The result may be the register of a local that the expression reads more than once: it is written last.
  scalar(*expression, word.reg);
  std::swap(locals_, homes);
  std::swap(facts_, facts);
  function_ = outer;
  inlined_at_ = ir::none;
  if (dest.kind == Dest::Kind::Memory)
    store_word(n.type, dest.place, word.reg);
  top_ = mark;
  return true;
}

void FunctionCompiler::call(std::uint32_t id, const Dest& dest) {
  const At at(*this, id);
  const ir::Node& n = node(id);
  if (n.op == ir::Op::Call && inline_call(id, dest))
    return;
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
  const bool shares_context = n.op == ir::Op::Call && first == window && passes_context(values);
  arguments(values, first, shares_context ? 1 : 0);
  if (top_ <= window)
    temp(); // a window has at least one register, for the result
  const Reg to = result == Rep::Word && dest.kind == Dest::Kind::Register ? dest.reg : window;
  switch (n.op) {
  case ir::Op::Call:
    emit(shares_context ? Opcode::CallLinkC : Opcode::CallLink, window, to);
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
  case ir::Intrinsic::Sqrt:
    if (mode_ == Mode::Comptime || kind_of(list(n)[0]) != ir::TypeKind::Float)
      break;
    {
      const Reg to = dest.kind == Dest::Kind::Register ? dest.reg : temp();
      emit(type(n.type).bits == 64 ? Opcode::SqrtF64 : Opcode::SqrtF32, to, scalar(list(n)[0]));
      result_word(to, dest, n.type);
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
  const bool is_math = which == ir::Intrinsic::Sqrt || which == ir::Intrinsic::Sin || which == ir::Intrinsic::Cos ||
                       which == ir::Intrinsic::Floor;
  const bool refused = which == ir::Intrinsic::Asm || (mode_ == Mode::Comptime && is_math);
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
    // R7.100, R2.127: not evaluable at compile time.
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
