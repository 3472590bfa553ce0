// Constants of register types, operators, conversions: sections 2.6, 2.7 and 2.14 of the language reference.

#include "codegen/function_emitter.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/IR/Constants.h>

namespace sx::codegen {

using ir::BinaryOp;
using ir::CompareOp;
using ir::ConvertOp;
using ir::Op;
using ir::TypeKind;

llvm::Value* FunctionEmitter::constant(const ir::Node& n) {
  const std::uint64_t bits = n.a | std::uint64_t{n.b} << 32;
  switch (n.op) {
  case Op::ConstInt: {
    auto* wanted = llvm::cast<llvm::IntegerType>(m_.types().in_register(n.type));
    return llvm::ConstantInt::get(m_.context(), llvm::APInt(wanted->getBitWidth(), bits, false, true));
  }
  case Op::ConstFloat: {
    const bool single = type(n.type).bits == 32;
    const llvm::APFloat exact(single ? llvm::APFloat::IEEEsingle() : llvm::APFloat::IEEEdouble(),
                              llvm::APInt(single ? 32 : 64, bits, false, true));
    return llvm::ConstantFP::get(m_.context(), exact);
  }
  case Op::ConstData: return m_.data(ir::DataId(n.a));
  case Op::ConstFunction: return m_.function(ir::FuncId(n.a));
  case Op::ConstExtern: return m_.external(ir::ExternId(n.a));
  case Op::ConstFrame: return b_.CreatePtrToInt(m_.frame(ir::FrameId(n.a)), b_.getInt64Ty());
  default: return nothing(n.type); // zero, and zero for what is undefined
  }
}

// ---- binary ----

llvm::Value* FunctionEmitter::binary(ir::NodeId id, const ir::Node& n) {
  llvm::Value* a = value(ir::NodeId(n.a));
  llvm::Value* b = value(ir::NodeId(n.b));
  locate(id);
  const bool is_float = m_.types().lane(n.type).kind == TypeKind::Float;
  const auto op = static_cast<BinaryOp>(n.sub);
  switch (op) {
  case BinaryOp::Add: return is_float ? b_.CreateFAdd(a, b) : b_.CreateAdd(a, b);
  case BinaryOp::Sub: return is_float ? b_.CreateFSub(a, b) : b_.CreateSub(a, b);
  case BinaryOp::Mul: return is_float ? b_.CreateFMul(a, b) : b_.CreateMul(a, b);
  case BinaryOp::Div:
    if (is_float)
      return b_.CreateFDiv(a, b);
    return divide(op, a, b, n.type);
  case BinaryOp::Rem:
    if (is_float)
      return b_.CreateFRem(a, b);
    return divide(op, a, b, n.type);
  case BinaryOp::And: return b_.CreateAnd(a, b);
  case BinaryOp::Or: return b_.CreateOr(a, b);
  case BinaryOp::Xor: return b_.CreateXor(a, b);
  case BinaryOp::Shl:
  case BinaryOp::Shr: return shift(op, a, b, n.type);
  }
  return nothing(n.type);
}

llvm::Value* FunctionEmitter::divide(BinaryOp op, llvm::Value* a, llvm::Value* b, ir::TypeId type) {
  guard_division(a, b, type);
  const bool is_signed = m_.types().lane(type).is_signed;
  if (op == BinaryOp::Div)
    return is_signed ? b_.CreateSDiv(a, b) : b_.CreateUDiv(a, b);
  return is_signed ? b_.CreateSRem(a, b) : b_.CreateURem(a, b);
}

// R2.32: the optimizer must never see a division that may trap, because it may assume that none does.
void FunctionEmitter::guard_division(llvm::Value* a, llvm::Value* b, ir::TypeId type) {
  const ir::Type& lane = m_.types().lane(type);
  llvm::Type* of = a->getType();
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(b))
    if (!known->isZero() && !(lane.is_signed && known->isMinusOne()))
      return;
  llvm::Value* traps = b_.CreateICmpEQ(b, llvm::Constant::getNullValue(of));
  if (lane.is_signed) {
    llvm::Value* least = llvm::ConstantInt::get(of, llvm::APInt::getSignedMinValue(lane.bits));
    llvm::Value* overflows =
        b_.CreateAnd(b_.CreateICmpEQ(a, least), b_.CreateICmpEQ(b, llvm::Constant::getAllOnesValue(of)));
    traps = b_.CreateOr(traps, overflows);
  }
  if (of->isVectorTy())
    traps = b_.CreateOrReduce(traps);
  llvm::BasicBlock* bad = new_block("divide.trap");
  llvm::BasicBlock* good = new_block("divide");
  b_.CreateCondBr(traps, bad, good);
  b_.SetInsertPoint(bad);
  b_.CreateCall(m_.runtime(runtime_divide_trap, b_.getVoidTy(), {}));
  b_.CreateUnreachable();
  b_.SetInsertPoint(good);
}

// R2.33: LLVM's shifts are defined for counts below the width only.
llvm::Value* FunctionEmitter::shift(BinaryOp op, llvm::Value* a, llvm::Value* count, ir::TypeId type) {
  const ir::Type& lane = m_.types().lane(type);
  llvm::Type* of = a->getType();
  if (op == BinaryOp::Shr && lane.is_signed) {
    llvm::Value* most = llvm::ConstantInt::get(of, lane.bits - 1u);
    return b_.CreateAShr(a, b_.CreateSelect(b_.CreateICmpULT(count, most), count, most));
  }
  llvm::Value* in_range = b_.CreateICmpULT(count, llvm::ConstantInt::get(of, lane.bits));
  llvm::Value* shifted = op == BinaryOp::Shl ? b_.CreateShl(a, count) : b_.CreateLShr(a, count);
  return b_.CreateSelect(in_range, shifted, llvm::Constant::getNullValue(of));
}

// ---- comparison ----

namespace {

struct ComparePredicates {
  llvm::CmpInst::Predicate is_signed, is_unsigned, is_float;
};

/// R2.39: `!=` is the negation of the ordered `==`; the others are false with a NaN.
ComparePredicates predicates(CompareOp op) {
  using P = llvm::CmpInst;
  switch (op) {
  case CompareOp::Eq: return {P::ICMP_EQ, P::ICMP_EQ, P::FCMP_OEQ};
  case CompareOp::Ne: return {P::ICMP_NE, P::ICMP_NE, P::FCMP_UNE};
  case CompareOp::Lt: return {P::ICMP_SLT, P::ICMP_ULT, P::FCMP_OLT};
  case CompareOp::Le: return {P::ICMP_SLE, P::ICMP_ULE, P::FCMP_OLE};
  case CompareOp::Gt: return {P::ICMP_SGT, P::ICMP_UGT, P::FCMP_OGT};
  case CompareOp::Ge: return {P::ICMP_SGE, P::ICMP_UGE, P::FCMP_OGE};
  }
  return {P::ICMP_EQ, P::ICMP_EQ, P::FCMP_OEQ};
}

} // namespace

llvm::Value* FunctionEmitter::compare(const ir::Node& n) {
  const ir::TypeId operands = type_of(ir::NodeId(n.a));
  llvm::Value* a = value(ir::NodeId(n.a));
  llvm::Value* b = value(ir::NodeId(n.b));
  const ir::Type& lane = m_.types().lane(operands);
  const ComparePredicates rows = predicates(static_cast<CompareOp>(n.sub));
  if (lane.kind == TypeKind::Float)
    return b_.CreateFCmp(rows.is_float, a, b);
  return b_.CreateICmp(lane.is_signed ? rows.is_signed : rows.is_unsigned, a, b);
}

llvm::Value* FunctionEmitter::unary(const ir::Node& n) {
  llvm::Value* operand = value(ir::NodeId(n.a));
  if (static_cast<ir::UnaryOp>(n.sub) == ir::UnaryOp::BitNot)
    return b_.CreateNot(operand);
  return m_.types().lane(n.type).kind == TypeKind::Float ? b_.CreateFNeg(operand) : b_.CreateNeg(operand);
}

// ---- conversions ----

llvm::Value* FunctionEmitter::convert(const ir::Node& n) {
  const ir::TypeId from_type = type_of(ir::NodeId(n.a));
  llvm::Value* from = value(ir::NodeId(n.a));
  const ir::Type& source = type(from_type);
  const ir::Type& target = type(n.type);
  const auto op = static_cast<ConvertOp>(n.sub);
  if (op == ConvertOp::Bits)
    return reinterpret(from, from_type, n.type);
  llvm::Type* to = m_.types().in_register(n.type);
  switch (op) {
  case ConvertOp::Resize: return b_.CreateIntCast(from, to, source.is_signed);
  case ConvertOp::Truth: {
    llvm::Value* zero = llvm::Constant::getNullValue(from->getType());
    return source.kind == TypeKind::Float ? b_.CreateFCmpUNE(from, zero) : b_.CreateICmpNE(from, zero);
  }
  case ConvertOp::IntToFloat: return source.is_signed ? b_.CreateSIToFP(from, to) : b_.CreateUIToFP(from, to);
  case ConvertOp::FloatToInt:
    return b_.CreateIntrinsic(target.is_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat,
                              {to, from->getType()}, {from});
  case ConvertOp::FloatResize: return b_.CreateFPCast(from, to);
  case ConvertOp::PointerToInt: return b_.CreateZExtOrTrunc(b_.CreatePtrToInt(from, m_.word_type()), to);
  case ConvertOp::IntToPointer: return b_.CreateIntToPtr(b_.CreateIntCast(from, m_.word_type(), source.is_signed), to);
  case ConvertOp::CodeCast: return from;
  case ConvertOp::Bits: break;
  }
  return nothing(n.type);
}

llvm::Value* FunctionEmitter::reinterpret(llvm::Value* from, ir::TypeId from_type, ir::TypeId to_type) {
  const TypeLowering& types = m_.types();
  const llvm::Align align = std::max(types.align(from_type), types.align(to_type));
  const Place through = slot(types.bytes(types.size(from_type)), align);
  store(through, from, from_type);
  return load(through, to_type);
}

} // namespace sx::codegen
