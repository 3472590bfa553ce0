// Structured control: blocks, branches, loops, and what leaves them.

#include "codegen/function_emitter.h"

namespace sx::codegen {

using ir::Op;
using ir::TypeKind;

llvm::BasicBlock* FunctionEmitter::new_block(const llvm::Twine& name) {
  return llvm::BasicBlock::Create(m_.context(), name, function_);
}

void FunctionEmitter::start_dead_block() {
  b_.SetInsertPoint(new_block("dead"));
}

void FunctionEmitter::unreachable() {
  b_.CreateUnreachable();
  start_dead_block();
}

llvm::Value* FunctionEmitter::control(const ir::Node& n, std::optional<Place> to) {
  Join join;
  join.type = n.type;
  if (m_.types().in_memory(n.type))
    join.to = to ? *to : slot(n.type);
  switch (n.op) {
  case Op::Block: return block(n, join);
  case Op::If: return if_(n, join);
  case Op::Loop: return loop(n, join);
  default: return switch_(n, join);
  }
}

llvm::Value* FunctionEmitter::pass_through(Join& join, ir::NodeId id) {
  if (is_kind(join.type, TypeKind::Void) || type_of(id) != join.type) {
    effect(id);
    return nothing(join.type); // dropped, or control never comes here
  }
  if (m_.types().in_memory(join.type)) {
    value_into(id, join.to);
    return join.to.address;
  }
  return value(id);
}

void FunctionEmitter::deliver(Join& join, std::uint32_t id) {
  llvm::Value* made = nullptr;
  if (id != ir::none)
    made = pass_through(join, ir::NodeId(id));
  else if (m_.types().in_memory(join.type))
    zero(join.to, m_.types().size(join.type));
  else
    made = nothing(join.type);
  if (!join.block)
    join.block = new_block("join");
  join.incoming.emplace_back(made, b_.GetInsertBlock());
  b_.CreateBr(join.block);
}

llvm::Value* FunctionEmitter::arrive(Join& join) {
  if (!join.block) {
    start_dead_block();
    return nothing(join.type);
  }
  join.block->moveAfter(&function_->back());
  b_.SetInsertPoint(join.block);
  if (m_.types().in_memory(join.type))
    return join.to.address;
  if (m_.types().is_empty(join.type))
    return nullptr;
  llvm::PHINode* made = b_.CreatePHI(m_.types().in_register(join.type), static_cast<unsigned>(join.incoming.size()));
  for (const auto& [incoming, from] : join.incoming)
    made->addIncoming(incoming, from);
  return made;
}

llvm::Value* FunctionEmitter::block(const ir::Node& n, Join& join) {
  const auto words = list(n);
  if (words.empty())
    return nullptr;
  targets_.push_back({n.a, &join, nullptr});
  for (const std::uint32_t word : words.first(words.size() - 1))
    effect(ir::NodeId(word));
  llvm::Value* last = pass_through(join, ir::NodeId(words.back()));
  targets_.pop_back();
  if (!join.block) // nobody broke out
    return last;
  join.incoming.emplace_back(last, b_.GetInsertBlock());
  b_.CreateBr(join.block);
  return arrive(join);
}

llvm::Value* FunctionEmitter::if_(const ir::Node& n, Join& join) {
  if (const auto known = static_condition(row_, ir::NodeId(n.a))) {
    const std::uint32_t arm = *known ? n.b : n.c;
    return arm == ir::none ? nullptr : pass_through(join, ir::NodeId(arm));
  }
  llvm::Value* condition = value(ir::NodeId(n.a));
  llvm::BasicBlock* then_block = new_block("then");
  llvm::BasicBlock* else_block = new_block("else");
  b_.CreateCondBr(condition, then_block, else_block);
  b_.SetInsertPoint(then_block);
  deliver(join, n.b);
  else_block->moveAfter(&function_->back());
  b_.SetInsertPoint(else_block);
  deliver(join, n.c);
  return arrive(join);
}

llvm::Value* FunctionEmitter::loop(const ir::Node& n, Join& join) {
  llvm::BasicBlock* repeat = new_block("loop");
  b_.CreateBr(repeat);
  b_.SetInsertPoint(repeat);
  targets_.push_back({n.a, &join, repeat});
  effect(ir::NodeId(n.b));
  targets_.pop_back();
  b_.CreateBr(repeat);
  return arrive(join);
}

llvm::Value* FunctionEmitter::switch_(const ir::Node& n, Join& join) {
  const auto words = list(n);
  const ir::TypeId subject_type = type_of(ir::NodeId(n.a));
  llvm::Value* subject = value(ir::NodeId(n.a));
  auto* of = llvm::cast<llvm::IntegerType>(m_.types().in_register(subject_type));
  llvm::BasicBlock* otherwise = new_block("default");
  llvm::SwitchInst* made = b_.CreateSwitch(subject, otherwise, static_cast<unsigned>(words.size() / 3));
  for (std::size_t i = 1; i < words.size(); i += 3) {
    const std::uint64_t pattern = words[i] | std::uint64_t{words[i + 1]} << 32;
    llvm::BasicBlock* arm = new_block("case");
    made->addCase(llvm::ConstantInt::get(m_.context(), llvm::APInt(of->getBitWidth(), pattern, false, true)), arm);
    b_.SetInsertPoint(arm);
    deliver(join, words[i + 2]);
  }
  otherwise->moveAfter(&function_->back());
  b_.SetInsertPoint(otherwise);
  deliver(join, words[0]);
  return arrive(join);
}

void FunctionEmitter::leave(const ir::Node& n) {
  for (auto target = targets_.rbegin(); target != targets_.rend(); ++target) {
    if (target->label != n.a || (n.op == Op::Continue && !target->repeat))
      continue;
    if (n.op == Op::Continue)
      b_.CreateBr(target->repeat);
    else
      deliver(*target->join, n.b);
    return start_dead_block();
  }
  m_.fail("break or continue to a label that encloses nothing");
}

void FunctionEmitter::trap(const ir::Node& n) {
  const auto kind = static_cast<ir::TrapKind>(n.sub);
  if (kind == ir::TrapKind::Unreachable) {
    b_.CreateIntrinsic(llvm::Intrinsic::trap, {});
    return unreachable();
  }
  // R6.25: standard error; R4.159: standard output.
  const int descriptor = kind == ir::TrapKind::NullUnwrap ? 2 : 1;
  const std::string_view message = m_.ir().text(StringId(n.a));
  b_.CreateCall(m_.runtime(runtime_trap_exit, b_.getVoidTy(), {b_.getInt32Ty(), m_.pointer_type(), m_.word_type()}),
                {b_.getInt32(static_cast<std::uint32_t>(descriptor)), m_.text(message),
                 llvm::ConstantInt::get(m_.word_type(), message.size())});
  unreachable();
}

} // namespace sx::codegen
