// Values built from parts: aggregate, array and vector literals, splats.

#include "codegen/function_emitter.h"

namespace sx::codegen {

using ir::TypeKind;

namespace {

/// Splats of at most so many elements are written out, longer ones by a loop.
constexpr std::uint64_t max_unrolled = 8;

} // namespace

void FunctionEmitter::zero(Place to, std::uint64_t size) {
  if (size != 0)
    b_.CreateMemSet(to.address, b_.getInt8(0), llvm::ConstantInt::get(m_.word_type(), size), to.align);
}

llvm::Value* FunctionEmitter::vector_aggregate(const ir::Node& n) {
  if (type(n.type).kind != TypeKind::Vector)
    return nothing(n.type);
  const auto words = list(n);
  llvm::SmallVector<llvm::Value*, 8> lanes;
  for (std::size_t i = 1; i < words.size(); i += 2)
    lanes.push_back(value(ir::NodeId(words[i])));
  llvm::Value* made = llvm::Constant::getNullValue(m_.types().in_register(n.type));
  for (std::size_t i = 0; i < lanes.size(); ++i)
    made = b_.CreateInsertElement(made, lanes[i], std::uint64_t{words[2 * i]});
  return made;
}

bool FunctionEmitter::covers_all_bytes(const ir::Node& n) const {
  const ir::Type& whole = type(n.type);
  const auto words = list(n);
  if (whole.kind == TypeKind::Array)
    return words.size() / 2 == whole.count;
  std::uint64_t end = 0; // members that ascend without gaps
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const ir::Field& field = whole.fields[words[i]];
    if (field.offset != end)
      return false;
    end += m_.types().size(field.type);
    // A vector's tail is padding, which a store of the vector leaves alone.
    const ir::Type& member = type(field.type);
    if (member.kind == TypeKind::Vector &&
        member.count * m_.types().size(member.element) != m_.types().size(field.type))
      return false;
  }
  return end == m_.types().size(n.type);
}

void FunctionEmitter::aggregate_into(const ir::Node& n, Place to) {
  const ir::Type& whole = type(n.type);
  const bool is_array = whole.kind == TypeKind::Array;
  if (!covers_all_bytes(n))
    zero(to, m_.types().size(n.type));
  const auto words = list(n);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::uint64_t at = is_array ? words[i] * m_.types().size(whole.element) : whole.fields[words[i]].offset;
    value_into(ir::NodeId(words[i + 1]), offset(to, at));
  }
}

void FunctionEmitter::splat_into(const ir::Node& n, Place to) {
  const ir::Type& whole = type(n.type);
  const ir::TypeId element = whole.element;
  const std::uint64_t stride = m_.types().size(element);
  llvm::Value* made = value(ir::NodeId(n.a));
  if (whole.count == 0 || stride == 0)
    return;
  const Place source{made, m_.types().align(element)};
  const auto put = [&](Place at) {
    if (m_.types().in_memory(element))
      copy(at, source, element);
    else
      store(at, made, element);
  };
  if (whole.count <= max_unrolled) {
    for (std::uint64_t i = 0; i < whole.count; ++i)
      put(offset(to, i * stride));
    return;
  }
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* body = new_block("splat");
  llvm::BasicBlock* after = new_block("splat.end");
  b_.CreateBr(body);
  b_.SetInsertPoint(body);
  llvm::PHINode* index = b_.CreatePHI(b_.getInt64Ty(), 2);
  index->addIncoming(b_.getInt64(0), before);
  put({element_address(to.address, index, stride), llvm::commonAlignment(to.align, stride)});
  llvm::Value* next = b_.CreateAdd(index, b_.getInt64(1));
  index->addIncoming(next, body);
  b_.CreateCondBr(b_.CreateICmpULT(next, b_.getInt64(whole.count)), body, after);
  b_.SetInsertPoint(after);
}

} // namespace sx::codegen
