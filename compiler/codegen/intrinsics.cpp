#include "codegen/function_emitter.h"

namespace sx::codegen {

using ir::Intrinsic;
using ir::TypeKind;

llvm::Value* FunctionEmitter::intrinsic(const ir::Node& n, std::optional<Place> to) {
  const auto which = static_cast<Intrinsic>(n.sub);
  if (which == Intrinsic::Compiler) {
    m_.fail("function '" + std::string(m_.ir().text(row_.name)) +
            "' calls the compiler, which exists at compile time only");
    return nothing(n.type);
  }
  if (which == Intrinsic::Asm)
    return assembly(n, to);
  llvm::SmallVector<llvm::Value*, 4> args;
  for (const std::uint32_t word : list(n))
    args.push_back(value(ir::NodeId(word)));
  const auto math = [&](llvm::Intrinsic::ID id) { return b_.CreateUnaryIntrinsic(id, args[0]); };
  switch (which) {
  case Intrinsic::MemCopy:
  case Intrinsic::MemMove:
  case Intrinsic::MemSet:
  case Intrinsic::MemEqual: return memory_intrinsic(which, args);
  case Intrinsic::Sqrt: return math(llvm::Intrinsic::sqrt);
  case Intrinsic::Sin: return math(llvm::Intrinsic::sin);
  case Intrinsic::Cos: return math(llvm::Intrinsic::cos);
  case Intrinsic::Floor: return math(llvm::Intrinsic::floor);
  case Intrinsic::IsComptime: return b_.getFalse();
  case Intrinsic::PrintFrames: return nullptr; // R6.140: nothing in compiled code
  case Intrinsic::TracePush:
    if (!m_.options().traces)
      return nullptr;
    b_.CreateCall(m_.runtime(runtime_trace_push, b_.getVoidTy(), {b_.getInt64Ty()}), args);
    return nullptr;
  case Intrinsic::TraceClear:
    if (m_.options().traces)
      b_.CreateCall(m_.runtime(runtime_trace_clear, b_.getVoidTy(), {}));
    return nullptr;
  case Intrinsic::TraceResolve: {
    llvm::Value* record = b_.CreateIntToPtr(b_.CreateIntCast(args[0], m_.word_type(), false), m_.pointer_type());
    if (to)
      copy(*to, {record, llvm::Align(8)}, n.type);
    return nullptr;
  }
  case Intrinsic::Reflect: return reflect(n, args, to);
  case Intrinsic::ErrorName:
    if (to)
      b_.CreateCall(m_.error_name(), {to->address, args[0]});
    return nullptr;
  case Intrinsic::Compiler: return nothing(n.type);
  default: return atomic(n, args);
  }
}

llvm::Value* FunctionEmitter::memory_intrinsic(Intrinsic which, std::span<llvm::Value* const> args) {
  llvm::Value* count = b_.CreateIntCast(args[2], m_.word_type(), true);
  const llvm::MaybeAlign any(1);
  switch (which) {
  case Intrinsic::MemCopy: b_.CreateMemCpy(args[0], any, args[1], any, count); return nullptr;
  case Intrinsic::MemMove: b_.CreateMemMove(args[0], any, args[1], any, count); return nullptr;
  case Intrinsic::MemSet: b_.CreateMemSet(args[0], args[1], count, any); return nullptr;
  default: break;
  }
  llvm::Type* pointer = m_.pointer_type();
  const auto compare = m_.runtime("memcmp", b_.getInt32Ty(), {pointer, pointer, m_.word_type()});
  return b_.CreateICmpEQ(b_.CreateCall(compare, {args[0], args[1], count}), b_.getInt32(0));
}

llvm::Value* FunctionEmitter::reflect(const ir::Node& n, std::span<llvm::Value* const> args, std::optional<Place> to) {
  llvm::Function* answer = m_.reflection(static_cast<ir::ReflectQuery>(n.a));
  if (!answer)
    return nothing(n.type);
  if (!to)
    return b_.CreateCall(answer, {args[0], args[1]});
  return b_.CreateCall(answer, {to->address, args[0], args[1]});
}

// ---- atomics (2.28) ----

namespace {

llvm::AtomicOrdering ordering(std::uint32_t packed) {
  switch (static_cast<ir::Ordering>(packed & 0xff)) {
  case ir::Ordering::Relaxed: return llvm::AtomicOrdering::Monotonic;
  case ir::Ordering::Acquire: return llvm::AtomicOrdering::Acquire;
  case ir::Ordering::Release: return llvm::AtomicOrdering::Release;
  case ir::Ordering::AcqRel: return llvm::AtomicOrdering::AcquireRelease;
  case ir::Ordering::SeqCst: return llvm::AtomicOrdering::SequentiallyConsistent;
  }
  return llvm::AtomicOrdering::SequentiallyConsistent;
}

std::optional<llvm::AtomicRMWInst::BinOp> read_modify_write(Intrinsic which, bool is_signed) {
  using Rmw = llvm::AtomicRMWInst;
  switch (which) {
  case Intrinsic::AtomicAdd: return Rmw::Add;
  case Intrinsic::AtomicSub: return Rmw::Sub;
  case Intrinsic::AtomicAnd: return Rmw::And;
  case Intrinsic::AtomicOr: return Rmw::Or;
  case Intrinsic::AtomicXor: return Rmw::Xor;
  case Intrinsic::AtomicMin: return is_signed ? Rmw::Min : Rmw::UMin;
  case Intrinsic::AtomicMax: return is_signed ? Rmw::Max : Rmw::UMax;
  case Intrinsic::AtomicSwap: return Rmw::Xchg;
  default: return std::nullopt;
  }
}

} // namespace

llvm::Value* FunctionEmitter::atomic(const ir::Node& n, std::span<llvm::Value* const> args) {
  const auto which = static_cast<Intrinsic>(n.sub);
  if (which == Intrinsic::AtomicFence) {
    b_.CreateFence(ordering(n.a));
    return nullptr;
  }
  const ir::TypeId element = which == Intrinsic::AtomicLoad ? n.type : type_of(ir::NodeId(list(n)[1]));
  llvm::Type* memory = m_.types().stored(element);
  const llvm::Align align(m_.types().size(element)); // atomics need their natural alignment
  if (which == Intrinsic::AtomicLoad) {
    llvm::LoadInst* made = b_.CreateAlignedLoad(memory, args[0], align);
    made->setAtomic(ordering(n.a));
    return m_.types().from_stored(b_, made, element);
  }
  if (which == Intrinsic::AtomicStore) {
    llvm::StoreInst* made = b_.CreateAlignedStore(m_.types().to_stored(b_, args[1], element), args[0], align);
    made->setAtomic(ordering(n.a));
    return nullptr;
  }
  if (which == Intrinsic::AtomicExchange)
    return atomic_exchange(n, args);
  const ir::Type& row = type(element);
  const bool arithmetic = which == Intrinsic::AtomicAdd || which == Intrinsic::AtomicSub;
  if (arithmetic && memory != m_.types().in_register(element)) {
    m_.fail("atomic arithmetic on an integer of " + std::to_string(row.bits) + " bits");
    return nothing(n.type);
  }
  const auto op = read_modify_write(which, row.is_signed);
  if (!op)
    return nothing(n.type);
  llvm::Value* old = b_.CreateAtomicRMW(*op, args[0], m_.types().to_stored(b_, args[1], element), align, ordering(n.a));
  return m_.types().from_stored(b_, old, element);
}

// The value found goes to the last argument either way.
llvm::Value* FunctionEmitter::atomic_exchange(const ir::Node& n, std::span<llvm::Value* const> args) {
  const ir::TypeId element = type_of(ir::NodeId(list(n)[1]));
  const llvm::Align align(m_.types().size(element));
  llvm::Value* expected = m_.types().to_stored(b_, args[1], element);
  llvm::Value* desired = m_.types().to_stored(b_, args[2], element);
  llvm::Value* pair = b_.CreateAtomicCmpXchg(args[0], expected, desired, align, ordering(n.a), ordering(n.a >> 8));
  llvm::Value* found = b_.CreateExtractValue(pair, 0);
  b_.CreateAlignedStore(found, args[3], std::min(align, llvm::Align(8)));
  return b_.CreateExtractValue(pair, 1);
}

} // namespace sx::codegen
