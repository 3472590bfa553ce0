// A body from entry to return, and the dispatch over node kinds.

#include "codegen/function_emitter.h"

#include <llvm/Transforms/Utils/BasicBlockUtils.h>

namespace sx::codegen {

using ir::Op;
using ir::TypeKind;

FunctionEmitter::FunctionEmitter(ModuleEmitter& module, ir::FuncId id)
    : m_(module), row_(module.ir().function(id)), function_(module.function(id)),
      signature_(module.signatures().of(row_.signature)), b_(module.context()) {}

void FunctionEmitter::run() {
  entry_ = llvm::BasicBlock::Create(m_.context(), "entry", function_);
  auto* first = llvm::BasicBlock::Create(m_.context(), "body", function_);
  b_.SetInsertPoint(first);
  m_.debug().enter(b_, *function_, row_);
  if (row_.is_naked)
    return run_naked(first);
  empty_ = slot(m_.int_type(8), llvm::Align(1), "empty");
  bind_parameters();
  effect(row_.root);
  // Only a body whose root completes comes here alive, and then the result is void.
  if (function_->getReturnType()->isVoidTy() && signature_.returns)
    b_.CreateRetVoid();
  else
    b_.CreateUnreachable();
  llvm::BranchInst::Create(first, entry_);
  llvm::EliminateUnreachableBlocks(*function_);
  if (auto* unused = llvm::cast<llvm::Instruction>(empty_.address); unused->use_empty())
    unused->eraseFromParent();
  llvm::MergeBlockIntoPredecessor(first);
}

// No slots: nothing may touch the stack. The body is a block that ends in a trap (the verifier's rule `naked`), which
// is never reached, because the assembly returns by itself.
void FunctionEmitter::run_naked(llvm::BasicBlock* first) {
  function_->addFnAttr(llvm::Attribute::Naked);
  function_->addFnAttr(llvm::Attribute::NoInline);
  effect(row_.root);
  b_.CreateUnreachable();
  llvm::BranchInst::Create(first, entry_);
  llvm::EliminateUnreachableBlocks(*function_);
  llvm::MergeBlockIntoPredecessor(first);
}

void FunctionEmitter::bind_parameters() {
  locals_.resize(row_.locals.size());
  unsigned next = signature_.hidden_result ? 1 : 0;
  for (std::size_t i = 0; i < row_.locals.size(); ++i) {
    const ir::LocalId id(i);
    const ir::TypeId type = row_.locals[i].type;
    if (i < signature_.params.size()) {
      receive(signature_.params[i], next, id);
      next += static_cast<unsigned>(signature_.params[i].types.size());
    } else {
      locals_[i] = slot(type, ref(m_.ir().text(row_.locals[i].name)));
    }
  }
}

void FunctionEmitter::receive(const Slot& param, unsigned first, ir::LocalId local) {
  const TypeLowering& types = m_.types();
  const ir::TypeId of = param.type;
  Place& place = locals_[local.index()];
  switch (param.how.kind) {
  case PassKind::Ignore: place = empty_; return;
  case PassKind::Stack: place = {function_->getArg(first), std::max(types.align(of), llvm::Align(8))}; return;
  case PassKind::Pointer: place = {function_->getArg(first), types.align(of)}; return;
  case PassKind::Scalar: {
    place = slot(of, ref(m_.ir().text(row_.locals[local.index()].name)));
    llvm::Value* argument = function_->getArg(first);
    // A C scalar arrives in its stored form, an sx scalar in its register form.
    if (signature_.is_c)
      b_.CreateAlignedStore(argument, place.address, place.align);
    else
      store(place, argument, of);
    return;
  }
  case PassKind::Registers: {
    place = parts_slot(of);
    for (unsigned i = 0; i < param.types.size(); ++i) {
      const Place part = offset(place, std::uint64_t{8} * i);
      b_.CreateAlignedStore(function_->getArg(first + i), part.address, part.align);
    }
    return;
  }
  }
}

void FunctionEmitter::emit_return(const ir::Node& n) {
  if (n.a == ir::none) {
    b_.CreateRetVoid();
    return start_dead_block();
  }
  const ir::NodeId operand(n.a);
  const Passing& how = signature_.result.how;
  const ir::TypeId of = signature_.result.type;
  if (is_kind(type_of(operand), TypeKind::Never)) {
    effect(operand);
    return unreachable();
  }
  switch (how.kind) {
  case PassKind::Ignore:
    effect(operand);
    b_.CreateRetVoid();
    break;
  case PassKind::Stack:
  case PassKind::Pointer:
    value_into(operand, {function_->getArg(0), m_.types().align(of)});
    b_.CreateRetVoid();
    break;
  case PassKind::Scalar: {
    llvm::Value* result = value(operand);
    if (m_.types().in_memory(of)) // the only scalar of an aggregate
      result = b_.CreateAlignedLoad(signature_.result.types[0], result, m_.types().align(of));
    else if (signature_.is_c)
      result = m_.types().to_stored(b_, result, of);
    b_.CreateRet(result);
    break;
  }
  case PassKind::Registers: {
    const Place whole = parts_slot(of);
    value_into(operand, whole);
    llvm::SmallVector<llvm::Value*, 2> parts;
    for (unsigned i = 0; i < signature_.result.types.size(); ++i) {
      const Place part = offset(whole, std::uint64_t{8} * i);
      parts.push_back(b_.CreateAlignedLoad(signature_.result.types[i], part.address, part.align));
    }
    if (parts.size() == 1)
      b_.CreateRet(parts[0]);
    else
      b_.CreateAggregateRet(parts.data(), static_cast<unsigned>(parts.size()));
    break;
  }
  }
  start_dead_block();
}

llvm::Value* FunctionEmitter::nothing(ir::TypeId type) const {
  if (m_.types().is_empty(type))
    return nullptr;
  if (m_.types().in_memory(type))
    return llvm::PoisonValue::get(m_.pointer_type());
  return llvm::Constant::getNullValue(m_.types().in_register(type));
}

llvm::Value* FunctionEmitter::value(ir::NodeId id) {
  const ir::Node& n = node(id);
  locate(id);
  if (m_.types().in_memory(n.type)) {
    const Place to = slot(n.type);
    memory_value(id, n, to);
    return to.address;
  }
  return register_value(id, n);
}

void FunctionEmitter::value_into(ir::NodeId id, Place to) {
  const ir::Node& n = node(id);
  if (m_.types().in_memory(n.type)) {
    locate(id);
    return memory_value(id, n, to);
  }
  store(to, value(id), n.type);
}

void FunctionEmitter::effect(ir::NodeId id) {
  value(id);
}

llvm::Value* FunctionEmitter::register_value(ir::NodeId id, const ir::Node& n) {
  switch (n.op) {
  case Op::PlaceLocal:
  case Op::PlaceGlobal:
  case Op::PlaceDeref:
  case Op::PlaceField:
  case Op::PlaceIndex:
  case Op::PlacePayload:
  case Op::PlaceTemp: return nothing(n.type); // only operands of place kind are places
  case Op::ConstInt:
  case Op::ConstFloat:
  case Op::ConstZero:
  case Op::ConstUndefined:
  case Op::ConstData:
  case Op::ConstFunction:
  case Op::ConstExtern:
  case Op::ConstFrame: return constant(n);
  case Op::Load: return load(place(ir::NodeId(n.a)), n.type);
  case Op::Store: emit_store(n); return nullptr;
  case Op::AddressOf: return place(ir::NodeId(n.a)).address;
  case Op::ElementPointer: {
    llvm::Value* base = value(ir::NodeId(n.a));
    llvm::Value* index = value(ir::NodeId(n.b));
    return element_address(base, index, m_.types().size(ir::TypeId(n.c)));
  }
  case Op::LocalStart: return nullptr; // the slot is reused; its bytes are undefined
  case Op::Binary: return binary(id, n);
  case Op::Compare: return compare(n);
  case Op::Unary: return unary(n);
  case Op::Convert: return convert(n);
  case Op::Splat: {
    const auto lanes = static_cast<unsigned>(type(n.type).count);
    return b_.CreateVectorSplat(lanes, value(ir::NodeId(n.a)));
  }
  case Op::Aggregate: return vector_aggregate(n);
  case Op::Call:
  case Op::CallIndirect:
  case Op::CallExtern: return call(id, n, std::nullopt);
  case Op::Intrinsic: return intrinsic(n, std::nullopt);
  case Op::Block:
  case Op::If:
  case Op::Loop:
  case Op::Switch: return control(n, std::nullopt);
  case Op::Break:
  case Op::Continue: leave(n); return nullptr;
  case Op::Return: emit_return(n); return nullptr;
  case Op::Trap: trap(n); return nullptr;
  case Op::Poison:
    m_.fail("function '" + std::string(m_.ir().text(row_.name)) +
            "' holds code that could not be lowered: " + std::string(m_.ir().text(StringId(n.a))));
    return nothing(n.type);
  }
  return nothing(n.type);
}

void FunctionEmitter::memory_value(ir::NodeId id, const ir::Node& n, Place to) {
  switch (n.op) {
  case Op::ConstZero: return zero(to, m_.types().size(n.type));
  case Op::Load: return copy(to, place(ir::NodeId(n.a)), n.type);
  case Op::Splat: return splat_into(n, to);
  case Op::Aggregate: return aggregate_into(n, to);
  case Op::Call:
  case Op::CallIndirect:
  case Op::CallExtern: call(id, n, to); return;
  case Op::Intrinsic: intrinsic(n, to); return;
  case Op::Block:
  case Op::If:
  case Op::Loop:
  case Op::Switch: control(n, to); return;
  case Op::Poison: register_value(id, n); return;
  default: return; // `undef`: the bytes stay as they are
  }
}

} // namespace sx::codegen
