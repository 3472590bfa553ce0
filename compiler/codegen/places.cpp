#include "codegen/function_emitter.h"

namespace sx::codegen {

using ir::Op;
using ir::TypeKind;

namespace {

/// What is assumed of an address that the program computed. More than C's allocator gives would only serve wide vector
/// moves and break programs that lay out memory by hand.
constexpr std::uint64_t max_assumed_alignment = 8;

} // namespace

Place FunctionEmitter::slot(llvm::Type* type, llvm::Align align, const llvm::Twine& name) {
  llvm::IRBuilder<> at_entry(entry_);
  llvm::AllocaInst* made = at_entry.CreateAlloca(type, nullptr, name);
  made->setAlignment(align);
  return {made, align};
}

Place FunctionEmitter::slot(ir::TypeId type, const llvm::Twine& name) {
  if (m_.types().is_empty(type))
    return {empty_.address, m_.types().align(type)};
  return slot(m_.types().stored(type), m_.types().align(type), name);
}

Place FunctionEmitter::offset(Place base, std::uint64_t bytes) {
  if (bytes == 0)
    return base;
  return {b_.CreatePtrAdd(base.address, llvm::ConstantInt::get(m_.word_type(), bytes)),
          llvm::commonAlignment(base.align, bytes)};
}

llvm::Value* FunctionEmitter::wide_index(ir::NodeId id) {
  return b_.CreateIntCast(value(id), b_.getInt64Ty(), type(type_of(id)).is_signed);
}

llvm::Value* FunctionEmitter::element_address(llvm::Value* base, llvm::Value* index, std::uint64_t stride) {
  llvm::Value* bytes = b_.CreateMul(index, llvm::ConstantInt::get(b_.getInt64Ty(), stride));
  return b_.CreatePtrAdd(base, b_.CreateIntCast(bytes, m_.word_type(), true));
}

Place FunctionEmitter::place(ir::NodeId id) {
  const ir::Node& n = node(id);
  locate(id);
  const TypeLowering& types = m_.types();
  switch (n.op) {
  case Op::PlaceLocal: return locals_[n.a];
  case Op::PlaceGlobal: {
    auto* global = llvm::cast<llvm::GlobalVariable>(m_.global(ir::GlobalId(n.a)));
    return {global, global->getAlign().valueOrOne()};
  }
  case Op::PlaceDeref:
    return {value(ir::NodeId(n.a)), std::min(types.align(n.type), llvm::Align(max_assumed_alignment))};
  case Op::PlaceField: {
    const ir::Type& whole = type(type_of(ir::NodeId(n.a)));
    return offset(place(ir::NodeId(n.a)), whole.fields[n.b].offset);
  }
  case Op::PlacePayload: return offset(place(ir::NodeId(n.a)), n.b);
  case Op::PlaceIndex: {
    const Place base = place(ir::NodeId(n.a));
    const std::uint64_t stride = types.size(n.type);
    llvm::Value* address = element_address(base.address, wide_index(ir::NodeId(n.b)), stride);
    return {address, stride == 0 ? base.align : llvm::commonAlignment(base.align, stride)};
  }
  case Op::PlaceTemp: {
    // The value may read the slot's last content through a pointer, so it is made elsewhere and then moved.
    const Place to = slot(n.type);
    llvm::Value* made = value(ir::NodeId(n.a));
    if (types.in_memory(n.type))
      copy(to, {made, types.align(n.type)}, n.type);
    else
      store(to, made, n.type);
    return to;
  }
  default: return empty_;
  }
}

bool FunctionEmitter::is_plain_place(ir::NodeId id) const {
  for (;;) {
    const ir::Node& n = node(id);
    if (n.op == Op::PlaceLocal || n.op == Op::PlaceGlobal)
      return true;
    if (n.op != Op::PlaceField && n.op != Op::PlacePayload)
      return false;
    id = ir::NodeId(n.a);
  }
}

llvm::Value* FunctionEmitter::load(Place from, ir::TypeId type) {
  if (m_.types().is_empty(type))
    return nullptr;
  llvm::Value* raw = b_.CreateAlignedLoad(m_.types().stored(type), from.address, from.align);
  return m_.types().from_stored(b_, raw, type);
}

void FunctionEmitter::store(Place to, llvm::Value* value, ir::TypeId type) {
  if (value && !m_.types().is_empty(type))
    b_.CreateAlignedStore(m_.types().to_stored(b_, value, type), to.address, to.align);
}

void FunctionEmitter::copy(Place to, Place from, ir::TypeId type, bool may_overlap) {
  const std::uint64_t size = m_.types().size(type);
  if (size == 0)
    return;
  llvm::Value* count = llvm::ConstantInt::get(m_.word_type(), size);
  if (may_overlap)
    b_.CreateMemMove(to.address, to.align, from.address, from.align, count);
  else
    b_.CreateMemCpy(to.address, to.align, from.address, from.align, count);
}

// The value comes before the place's own operands (R4.151).
void FunctionEmitter::emit_store(const ir::Node& n) {
  const ir::NodeId to(n.a), from(n.b);
  const ir::TypeId of = type_of(from);
  if (!m_.types().in_memory(of)) {
    llvm::Value* made = value(from);
    const Place at = place(to);
    if (node(from).op != Op::ConstUndefined)
      store(at, made, of);
    return;
  }
  if (node(from).op == Op::ConstUndefined) {
    place(to);
    return;
  }
  if (node(from).op == Op::Load && is_plain_place(to)) {
    const Place source = place(ir::NodeId(node(from).a));
    return copy(place(to), source, of, true);
  }
  llvm::Value* made = value(from);
  copy(place(to), {made, m_.types().align(of)}, of);
}

} // namespace sx::codegen
