#pragma once
// IR types as LLVM sees them. A scalar or vector has two forms: in a register (`i1`, `i7`, `<3 x i1>`) and in memory
// (`i8`, canonical in the next power of two of bytes, R2.107). Arrays and aggregates exist in memory only.

#include "codegen/codegen.h"

#include <llvm/IR/IRBuilder.h>
#include <string>

namespace sx::codegen {

/// An address and the alignment it is known to have.
struct Place {
  llvm::Value* address = nullptr;
  llvm::Align align;
};

class TypeLowering {
public:
  TypeLowering(const ir::Module& module, llvm::LLVMContext& context) : module_(module), context_(context) {}

  const ir::Type& row(ir::TypeId type) const { return module_.type(type); }
  std::uint64_t size(ir::TypeId type) const { return module_.layout(type).size; }
  llvm::Align align(ir::TypeId type) const { return llvm::Align(module_.layout(type).align); }

  /// Arrays and aggregates: values that are handled by address.
  bool in_memory(ir::TypeId type) const;
  /// Void, never, and arrays and aggregates without bytes: nothing to compute or pass.
  bool is_empty(ir::TypeId type) const;
  /// The lane type of a vector, else the type itself.
  const ir::Type& lane(ir::TypeId type) const;

  /// Register form; `void` for void and never. Must not be asked for arrays and aggregates.
  llvm::Type* in_register(ir::TypeId type) const;
  /// Memory form: what is loaded and stored; bytes for arrays and aggregates.
  llvm::Type* stored(ir::TypeId type) const;
  llvm::Type* bytes(std::uint64_t count) const;

  llvm::Value* to_stored(llvm::IRBuilderBase& builder, llvm::Value* value, ir::TypeId type) const;
  llvm::Value* from_stored(llvm::IRBuilderBase& builder, llvm::Value* value, ir::TypeId type) const;

private:
  llvm::Type* scalar(const ir::Type& type, bool stored) const;
  llvm::Type* form(ir::TypeId type, bool stored) const;

  const ir::Module& module_;
  llvm::LLVMContext& context_;
};

inline llvm::StringRef ref(std::string_view text) {
  return {text.data(), text.size()};
}

} // namespace sx::codegen
