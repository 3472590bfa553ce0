#include "codegen/llvm_types.h"

#include <bit>

namespace sx::codegen {

using ir::TypeKind;

namespace {

unsigned storage_bits(const ir::Type& type) {
  return type.kind == TypeKind::Bool ? 8u : std::max(8u, std::bit_ceil(unsigned{type.bits}));
}

} // namespace

bool TypeLowering::in_memory(ir::TypeId type) const {
  const TypeKind kind = row(type).kind;
  return kind == TypeKind::Array || kind == TypeKind::Aggregate;
}

bool TypeLowering::is_empty(ir::TypeId type) const {
  const TypeKind kind = row(type).kind;
  return kind == TypeKind::Void || kind == TypeKind::Never || (in_memory(type) && size(type) == 0);
}

const ir::Type& TypeLowering::lane(ir::TypeId type) const {
  const ir::Type& type_row = row(type);
  return type_row.kind == TypeKind::Vector ? row(type_row.element) : type_row;
}

llvm::Type* TypeLowering::scalar(const ir::Type& type, bool stored) const {
  switch (type.kind) {
  case TypeKind::Bool: return llvm::IntegerType::get(context_, stored ? 8 : 1);
  case TypeKind::Int: return llvm::IntegerType::get(context_, stored ? storage_bits(type) : type.bits);
  case TypeKind::Float: return type.bits == 32 ? llvm::Type::getFloatTy(context_) : llvm::Type::getDoubleTy(context_);
  case TypeKind::Pointer:
  case TypeKind::Code: return llvm::PointerType::get(context_, 0);
  default: return llvm::Type::getVoidTy(context_);
  }
}

llvm::Type* TypeLowering::form(ir::TypeId type, bool stored) const {
  const ir::Type& type_row = row(type);
  if (type_row.kind == TypeKind::Vector)
    return llvm::FixedVectorType::get(scalar(lane(type), stored), static_cast<unsigned>(type_row.count));
  return scalar(type_row, stored);
}

llvm::Type* TypeLowering::in_register(ir::TypeId type) const {
  return form(type, false);
}

llvm::Type* TypeLowering::stored(ir::TypeId type) const {
  return in_memory(type) || is_empty(type) ? bytes(size(type)) : form(type, true);
}

llvm::Type* TypeLowering::bytes(std::uint64_t count) const {
  return llvm::ArrayType::get(llvm::Type::getInt8Ty(context_), count);
}

llvm::Value* TypeLowering::to_stored(llvm::IRBuilderBase& builder, llvm::Value* value, ir::TypeId type) const {
  llvm::Type* wanted = stored(type);
  if (value->getType() == wanted)
    return value;
  return lane(type).is_signed ? builder.CreateSExt(value, wanted) : builder.CreateZExt(value, wanted);
}

llvm::Value* TypeLowering::from_stored(llvm::IRBuilderBase& builder, llvm::Value* value, ir::TypeId type) const {
  llvm::Type* wanted = in_register(type);
  if (value->getType() == wanted)
    return value;
  if (lane(type).kind == TypeKind::Bool)
    return builder.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType()));
  return builder.CreateTrunc(value, wanted);
}

} // namespace sx::codegen
