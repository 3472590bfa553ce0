// Calls: operands left to right, then the call by the callee's convention (`signatures.h`).

#include "codegen/function_emitter.h"

namespace sx::codegen {

using ir::Op;
using ir::TypeKind;

namespace {
constexpr std::uint64_t parts_bytes = 16;
}

Place FunctionEmitter::parts_slot(ir::TypeId type) {
  return slot(m_.types().bytes(parts_bytes), std::max(m_.types().align(type), llvm::Align(8)));
}

void FunctionEmitter::pass(const Slot& param, ir::NodeId argument, llvm::SmallVectorImpl<llvm::Value*>& out) {
  const ir::TypeId of = type_of(argument);
  switch (param.how.kind) {
  case PassKind::Ignore: effect(argument); return;
  case PassKind::Pointer:
  case PassKind::Stack: {
    // The address of a copy that nobody else knows.
    if (m_.types().in_memory(of)) {
      out.push_back(value(argument));
      return;
    }
    const Place copied = slot(of);
    store(copied, value(argument), of);
    out.push_back(copied.address);
    return;
  }
  case PassKind::Scalar: {
    llvm::Value* made = value(argument);
    if (m_.types().in_memory(of))
      made = b_.CreateAlignedLoad(param.types[0], made, m_.types().align(of));
    else if (made->getType() != param.types[0]) {
      made = m_.types().to_stored(b_, made, of);
      if (made->getType()->isFloatTy() && param.types[0]->isDoubleTy()) // promotions of extra arguments
        made = b_.CreateFPExt(made, param.types[0]);
      else if (made->getType() != param.types[0])
        made = b_.CreateIntCast(made, param.types[0], type(of).is_signed);
    }
    out.push_back(made);
    return;
  }
  case PassKind::Registers: {
    const Place whole = parts_slot(of);
    value_into(argument, whole);
    for (unsigned i = 0; i < param.types.size(); ++i) {
      const Place part = offset(whole, std::uint64_t{8} * i);
      out.push_back(b_.CreateAlignedLoad(param.types[i], part.address, part.align));
    }
    return;
  }
  }
}

llvm::Value* FunctionEmitter::call(ir::NodeId id, const ir::Node& n, std::optional<Place> to) {
  auto arguments = list(n);
  ir::TypeId signature_id;
  llvm::Value* callee = nullptr;
  if (n.op == Op::Call) {
    signature_id = m_.ir().function(ir::FuncId(n.a)).signature;
    callee = m_.function(ir::FuncId(n.a));
  } else if (n.op == Op::CallExtern) {
    signature_id = m_.ir().externs[n.a].signature;
    callee = m_.external(ir::ExternId(n.a));
  } else {
    signature_id = ir::TypeId(n.a);
    callee = value(ir::NodeId(arguments[0]));
    arguments = arguments.subspan(1);
  }

  std::vector<ir::TypeId> extra;
  for (std::size_t i = type(signature_id).params.size(); i < arguments.size(); ++i)
    extra.push_back(type_of(ir::NodeId(arguments[i])));
  const Signature own = extra.empty() ? Signature() : m_.signatures().with_extra(signature_id, extra);
  const Signature& signature = extra.empty() ? m_.signatures().of(signature_id) : own;

  llvm::SmallVector<llvm::Value*, 8> operands;
  Place result;
  if (signature.hidden_result) {
    result = to ? *to : slot(n.type);
    operands.push_back(result.address);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i)
    pass(signature.params[i], ir::NodeId(arguments[i]), operands);

  locate(id);
  llvm::CallInst* made = b_.CreateCall(signature.type, callee, operands);
  llvm::AttributeList attributes = signature.attributes;
  if (n.op != Op::Call) // foreign code may do what it likes
    attributes = attributes.removeFnAttribute(m_.context(), llvm::Attribute::NoUnwind);
  made->setAttributes(attributes);

  if (!signature.returns) {
    unreachable();
    return nothing(n.type);
  }
  switch (signature.result.how.kind) {
  case PassKind::Ignore: return nothing(n.type);
  case PassKind::Stack:
  case PassKind::Pointer: return m_.types().in_memory(n.type) ? result.address : load(result, n.type);
  case PassKind::Scalar:
    if (to) {
      b_.CreateAlignedStore(made, to->address, to->align);
      return to->address;
    }
    return signature.is_c ? m_.types().from_stored(b_, made, n.type) : made;
  case PassKind::Registers: {
    const Place whole = parts_slot(n.type);
    for (unsigned i = 0; i < signature.result.types.size(); ++i) {
      const Place part = offset(whole, std::uint64_t{8} * i);
      llvm::Value* piece = signature.result.types.size() == 1 ? made : b_.CreateExtractValue(made, i);
      b_.CreateAlignedStore(piece, part.address, part.align);
    }
    if (!to)
      return load(whole, n.type);
    copy(*to, whole, n.type);
    return to->address;
  }
  }
  return nothing(n.type);
}

} // namespace sx::codegen
