#pragma once
// IR signatures as LLVM function types with attributes.
//
// The sx convention: scalars and vectors in their register form; arrays and aggregates by the address of a copy that
// the callee owns; such results through a hidden first pointer; values without bytes not at all.

#include "codegen/c_abi.h"
#include "codegen/llvm_types.h"

#include <llvm/IR/Attributes.h>
#include <unordered_map>

namespace sx::codegen {

/// How one parameter or the result crosses.
struct Slot {
  Passing how;
  ir::TypeId type;
  llvm::SmallVector<llvm::Type*, 2> types; ///< LLVM parameters (result: the members of what is returned)
};

struct Signature {
  bool is_c = false;
  bool hidden_result = false; ///< the first LLVM parameter is the address for the result
  bool returns = true;        ///< false: result type never
  Slot result;
  std::vector<Slot> params;
  llvm::FunctionType* type = nullptr;
  llvm::AttributeList attributes;
};

class Signatures {
public:
  Signatures(const ir::Module& module, const TypeLowering& types, Platform platform, llvm::LLVMContext& context)
      : module_(module), types_(types), platform_(platform), context_(context) {}

  /// The signature of a row; the reference stays valid.
  const Signature& of(ir::TypeId signature);
  /// For one call of a variadic C function: the fixed parameters and the types of the extra arguments, which undergo
  /// C's default promotions (R2.134).
  Signature with_extra(ir::TypeId signature, std::span<const ir::TypeId> extra);

private:
  Signature build(const ir::Type& row, std::span<const ir::TypeId> extra);

  const ir::Module& module_;
  const TypeLowering& types_;
  Platform platform_;
  llvm::LLVMContext& context_;
  std::unordered_map<ir::TypeId, Signature> known_;
};

} // namespace sx::codegen
