#include "codegen/signatures.h"

namespace sx::codegen {

using ir::TypeKind;

namespace {

/// Registers that System V has left for arguments (R2.136). Unlimited elsewhere: only counted there.
struct FreeRegisters {
  std::size_t integer = 6, sse = 8;

  bool take(const Passing& how) {
    if (how.integer_registers() > integer || how.sse_registers() > sse)
      return false;
    integer -= how.integer_registers();
    sse -= how.sse_registers();
    return true;
  }
  void take_scalar(bool is_float) {
    std::size_t& left = is_float ? sse : integer;
    if (left > 0)
      --left;
  }
};

/// Collects LLVM parameters and their attributes.
class Assembler {
public:
  Assembler(const ir::Module& module, const TypeLowering& types, Platform platform, llvm::LLVMContext& context,
            bool is_c)
      : module_(module), types_(types), context_(context), platform_(platform), is_c_(is_c) {}

  Passing pass(ir::TypeId type) const {
    if (is_c_)
      return classify(module_, platform_, type);
    if (types_.is_empty(type))
      return {};
    return {types_.in_memory(type) ? PassKind::Pointer : PassKind::Scalar, type, {}};
  }

  void result(Signature& out, ir::TypeId type) {
    out.result.type = type;
    out.result.how = pass(type);
    const PassKind kind = out.result.how.kind;
    if (kind == PassKind::Stack || kind == PassKind::Pointer) {
      out.hidden_result = true;
      llvm::AttrBuilder attributes(context_);
      attributes.addAttribute(llvm::Attribute::NoAlias);
      if (is_c_)
        attributes.addStructRetAttr(types_.bytes(types_.size(type)));
      attributes.addAlignmentAttr(types_.align(type));
      add(llvm::PointerType::get(context_, 0), attributes);
      free_.take_scalar(false);
    } else if (kind == PassKind::Scalar) {
      llvm::AttrBuilder attributes(context_);
      out.result.types.push_back(scalar_type(out.result.how.type, attributes, type == out.result.how.type));
      result_attributes_ = llvm::AttributeSet::get(context_, attributes);
    } else if (kind == PassKind::Registers) {
      part_types(out.result);
    }
  }

  void parameter(Signature& out, ir::TypeId type, bool is_extra) {
    Slot slot;
    slot.type = type;
    slot.how = pass(type);
    if (slot.how.kind == PassKind::Registers && !free_.take(slot.how))
      slot.how.kind = PassKind::Stack;
    llvm::AttrBuilder attributes(context_);
    switch (slot.how.kind) {
    case PassKind::Ignore: break;
    case PassKind::Scalar:
      slot.types.push_back(is_extra ? promoted(slot.how.type, attributes)
                                    : scalar_type(slot.how.type, attributes, type == slot.how.type));
      free_.take_scalar(types_.row(slot.how.type).kind == TypeKind::Float);
      add(slot.types[0], attributes);
      break;
    case PassKind::Registers:
      part_types(slot);
      for (llvm::Type* part : slot.types)
        add(part, llvm::AttrBuilder(context_));
      break;
    case PassKind::Stack:
      attributes.addByValAttr(types_.bytes(types_.size(type)));
      attributes.addAlignmentAttr(std::max(types_.align(type), llvm::Align(8)));
      slot.types.push_back(llvm::PointerType::get(context_, 0));
      add(slot.types[0], attributes);
      break;
    case PassKind::Pointer:
      attributes.addAttribute(llvm::Attribute::NoAlias);
      attributes.addAlignmentAttr(types_.align(type));
      slot.types.push_back(llvm::PointerType::get(context_, 0));
      add(slot.types[0], attributes);
      break;
    }
    out.params.push_back(std::move(slot));
  }

  void finish(Signature& out, std::size_t fixed, bool is_variadic) {
    llvm::Type* result = llvm::Type::getVoidTy(context_);
    if (out.result.types.size() == 1)
      result = out.result.types[0];
    else if (out.result.types.size() > 1)
      result = llvm::StructType::get(context_, out.result.types);
    const std::size_t declared = is_variadic ? fixed : params_.size();
    out.type = llvm::FunctionType::get(result, llvm::ArrayRef(params_).take_front(declared), is_variadic);
    llvm::AttrBuilder function(context_);
    function.addAttribute(llvm::Attribute::NoUnwind);
    if (!out.returns)
      function.addAttribute(llvm::Attribute::NoReturn);
    out.attributes = llvm::AttributeList::get(context_, llvm::AttributeSet::get(context_, function), result_attributes_,
                                              attributes_);
  }

  std::size_t llvm_params() const { return params_.size(); }

private:
  void add(llvm::Type* type, const llvm::AttrBuilder& attributes) {
    params_.push_back(type);
    attributes_.push_back(llvm::AttributeSet::get(context_, attributes));
  }

  // `extends`: the callee may rely on the upper bits (R2.135), which C says of scalars but not of members.
  llvm::Type* scalar_type(ir::TypeId id, llvm::AttrBuilder& attributes, bool extends) const {
    if (!is_c_)
      return types_.in_register(id);
    const ir::Type& row = types_.row(id);
    llvm::Type* type = types_.stored(id);
    if (extends && type->isIntegerTy() && type->getIntegerBitWidth() <= 32)
      attributes.addAttribute(row.is_signed ? llvm::Attribute::SExt : llvm::Attribute::ZExt);
    return type;
  }

  llvm::Type* promoted(ir::TypeId id, llvm::AttrBuilder& attributes) const {
    llvm::Type* type = scalar_type(id, attributes, true);
    if (type->isFloatTy())
      return llvm::Type::getDoubleTy(context_);
    return type->isIntegerTy() && type->getIntegerBitWidth() < 32 ? llvm::Type::getInt32Ty(context_) : type;
  }

  void part_types(Slot& slot) const {
    const std::uint64_t size = types_.size(slot.type);
    std::uint64_t offset = 0;
    for (const PartClass part : slot.how.parts) {
      const std::uint64_t left = size - offset;
      if (part == PartClass::Integer)
        slot.types.push_back(llvm::Type::getInt64Ty(context_));
      else if (part == PartClass::Sse16)
        slot.types.push_back(llvm::FixedVectorType::get(llvm::Type::getFloatTy(context_), 4));
      else
        slot.types.push_back(left <= 4 ? llvm::Type::getFloatTy(context_) : llvm::Type::getDoubleTy(context_));
      offset += 8;
    }
  }

  const ir::Module& module_;
  const TypeLowering& types_;
  llvm::LLVMContext& context_;
  Platform platform_;
  bool is_c_;
  FreeRegisters free_;
  llvm::SmallVector<llvm::Type*, 8> params_;
  llvm::SmallVector<llvm::AttributeSet, 8> attributes_;
  llvm::AttributeSet result_attributes_;
};

} // namespace

Signature Signatures::build(const ir::Type& row, std::span<const ir::TypeId> extra) {
  Signature out;
  out.is_c = row.conv == ir::CallConv::C;
  out.returns = types_.row(row.element).kind != TypeKind::Never;
  Assembler assembler(module_, types_, platform_, context_, out.is_c);
  assembler.result(out, row.element);
  for (const ir::TypeId param : row.params)
    assembler.parameter(out, param, false);
  const std::size_t fixed = assembler.llvm_params();
  for (const ir::TypeId param : extra)
    assembler.parameter(out, param, true);
  assembler.finish(out, fixed, row.is_variadic);
  return out;
}

const Signature& Signatures::of(ir::TypeId signature) {
  if (const auto found = known_.find(signature); found != known_.end())
    return found->second;
  return known_.emplace(signature, build(types_.row(signature), {})).first->second;
}

Signature Signatures::with_extra(ir::TypeId signature, std::span<const ir::TypeId> extra) {
  return build(types_.row(signature), extra);
}

} // namespace sx::codegen
