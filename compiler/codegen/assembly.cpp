// Inline assembly (2.29).

#include "codegen/function_emitter.h"

#include <llvm/IR/InlineAsm.h>

namespace sx::codegen {

using ir::TypeKind;

namespace {

/// Every instruction of x86-64 may change these, so no text needs to say it.
constexpr llvm::StringLiteral x86_clobbers = "~{dirflag},~{fpsr},~{flags}";

} // namespace

llvm::Value* FunctionEmitter::assembly(const ir::Node& n, std::optional<Place> to) {
  const ir::Assembly& row = m_.ir().assemblies[n.a];
  const ir::Type& result = type(n.type);
  const bool several = result.kind == TypeKind::Aggregate;
  llvm::SmallVector<llvm::Value*, 8> args;
  llvm::SmallVector<llvm::Type*, 8> params, outputs;
  for (const std::uint32_t word : list(n)) {
    const ir::NodeId id(word);
    args.push_back(m_.types().to_stored(b_, value(id), type_of(id)));
    params.push_back(args.back()->getType());
  }
  if (several)
    for (const ir::Field& field : result.fields)
      outputs.push_back(m_.types().stored(field.type));
  else if (!m_.types().is_empty(n.type))
    outputs.push_back(m_.types().stored(n.type));
  llvm::Type* returned = outputs.empty() ? b_.getVoidTy() : outputs[0];
  if (outputs.size() > 1)
    returned = llvm::StructType::get(m_.context(), outputs);
  auto* of = llvm::FunctionType::get(returned, params, false);

  std::string constraints(m_.ir().text(row.constraints));
  if (m_.target().platform == Platform::SystemV64)
    constraints += (constraints.empty() ? "" : ",") + x86_clobbers.str();
  if (auto problem = llvm::InlineAsm::verify(of, constraints)) {
    m_.fail("function '" + std::string(m_.ir().text(row_.name)) +
            "': the operands of an 'asm' are wrong: " + llvm::toString(std::move(problem)));
    return nothing(n.type);
  }
  llvm::CallInst* made =
      b_.CreateCall(llvm::InlineAsm::get(of, ref(m_.ir().text(row.text)), constraints, row.has_effects), args);
  for (unsigned i = 0; i < row.memory.size(); ++i)
    made->addParamAttr(
        i, llvm::Attribute::get(m_.context(), llvm::Attribute::ElementType, m_.types().stored(row.memory[i])));
  if (!several)
    return outputs.empty() ? nullptr : m_.types().from_stored(b_, made, n.type);
  if (to)
    for (unsigned i = 0; i < outputs.size(); ++i) {
      const Place part = offset(*to, result.fields[i].offset);
      b_.CreateAlignedStore(outputs.size() == 1 ? made : b_.CreateExtractValue(made, i), part.address, part.align);
    }
  return nullptr;
}

} // namespace sx::codegen
