#pragma once
// Emission of one function body. Each concern of the IR has its file: places.cpp, operators.cpp, aggregates.cpp,
// calls.cpp, intrinsics.cpp, control.cpp.
//
// Values of register types are LLVM values. Arrays and aggregates are written into memory that only their user knows
// ("fresh" memory), so that a value read earlier never changes under a later store. All slots are allocated in the
// entry block: loops run in constant stack (R4.102).
//
// After control has left (return, break, ...) emission goes on in a block without predecessors; such blocks are
// removed at the end.

#include "codegen/module_emitter.h"

namespace sx::codegen {

class FunctionEmitter {
public:
  FunctionEmitter(ModuleEmitter& module, ir::FuncId id);
  void run();

private:
  using Builder = llvm::IRBuilder<>;

  // ---- function.cpp ----
  void run_naked(llvm::BasicBlock* first);
  void bind_parameters();
  void receive(const Slot& slot, unsigned first, ir::LocalId local);
  void emit_return(const ir::Node& node);
  const ir::Node& node(ir::NodeId id) const { return row_.node(id); }
  ir::TypeId type_of(ir::NodeId id) const { return row_.node(id).type; }
  const ir::Type& type(ir::TypeId id) const { return m_.ir().type(id); }
  bool is_kind(ir::TypeId id, ir::TypeKind kind) const { return type(id).kind == kind; }
  /// Debug position of what is made next.
  void locate(ir::NodeId id) { m_.debug().at(b_, row_.spans[id.index()]); }
  std::span<const std::uint32_t> list(const ir::Node& n) const { return row_.list(n); }

  /// The value of a node of a register type; for memory types the address of fresh memory; null for empty types.
  llvm::Value* value(ir::NodeId id);
  /// Writes the value into fresh memory.
  void value_into(ir::NodeId id, Place to);
  /// Evaluates and drops.
  void effect(ir::NodeId id);
  llvm::Value* register_value(ir::NodeId id, const ir::Node& n);
  void memory_value(ir::NodeId id, const ir::Node& n, Place to);
  llvm::Value* nothing(ir::TypeId type) const;

  // ---- places.cpp ----
  Place slot(llvm::Type* type, llvm::Align align, const llvm::Twine& name = "");
  Place slot(ir::TypeId type, const llvm::Twine& name = "");
  Place place(ir::NodeId id);
  /// Whether finding the place evaluates nothing that could have an effect.
  bool is_plain_place(ir::NodeId id) const;
  Place offset(Place base, std::uint64_t bytes);
  llvm::Value* load(Place from, ir::TypeId type);
  void store(Place to, llvm::Value* value, ir::TypeId type);
  void copy(Place to, Place from, ir::TypeId type, bool may_overlap = false);
  void emit_store(const ir::Node& n);
  llvm::Value* wide_index(ir::NodeId id);
  llvm::Value* element_address(llvm::Value* base, llvm::Value* index, std::uint64_t stride);

  // ---- operators.cpp ----
  llvm::Value* constant(const ir::Node& n);
  llvm::Value* binary(ir::NodeId id, const ir::Node& n);
  llvm::Value* divide(ir::BinaryOp op, llvm::Value* a, llvm::Value* b, ir::TypeId type);
  void guard_division(llvm::Value* a, llvm::Value* b, ir::TypeId type);
  llvm::Value* shift(ir::BinaryOp op, llvm::Value* a, llvm::Value* count, ir::TypeId type);
  llvm::Value* compare(const ir::Node& n);
  llvm::Value* unary(const ir::Node& n);
  llvm::Value* convert(const ir::Node& n);
  llvm::Value* reinterpret(llvm::Value* from, ir::TypeId from_type, ir::TypeId to_type);

  // ---- aggregates.cpp ----
  llvm::Value* vector_aggregate(const ir::Node& n);
  void aggregate_into(const ir::Node& n, Place to);
  void splat_into(const ir::Node& n, Place to);
  bool covers_all_bytes(const ir::Node& n) const;
  void zero(Place to, std::uint64_t size);

  // ---- calls.cpp ----
  llvm::Value* call(ir::NodeId id, const ir::Node& n, std::optional<Place> to);
  void pass(const Slot& slot, ir::NodeId argument, llvm::SmallVectorImpl<llvm::Value*>& out);
  /// Memory seen through a register of an ABI type: 16 bytes, enough for two parts.
  Place parts_slot(ir::TypeId type);

  // ---- intrinsics.cpp ----
  llvm::Value* intrinsic(const ir::Node& n, std::optional<Place> to);
  llvm::Value* memory_intrinsic(ir::Intrinsic which, std::span<llvm::Value* const> args);
  llvm::Value* reflect(const ir::Node& n, std::span<llvm::Value* const> args, std::optional<Place> to);
  llvm::Value* assembly(const ir::Node& n, std::optional<Place> to);
  llvm::Value* atomic(const ir::Node& n, std::span<llvm::Value* const> args);
  llvm::Value* atomic_exchange(const ir::Node& n, std::span<llvm::Value* const> args);

  // ---- control.cpp ----
  /// Where control and values of one control node come together. The block is made when it is first needed.
  struct Join {
    ir::TypeId type;
    Place to; ///< memory types
    llvm::BasicBlock* block = nullptr;
    llvm::SmallVector<std::pair<llvm::Value*, llvm::BasicBlock*>, 4> incoming;
  };
  struct Target {
    std::uint32_t label;
    Join* join;
    llvm::BasicBlock* repeat; ///< loops only
  };
  llvm::Value* control(const ir::Node& n, std::optional<Place> to);
  llvm::Value* block(const ir::Node& n, Join& join);
  llvm::Value* if_(const ir::Node& n, Join& join);
  llvm::Value* loop(const ir::Node& n, Join& join);
  llvm::Value* switch_(const ir::Node& n, Join& join);
  void leave(const ir::Node& n);
  void trap(const ir::Node& n);
  /// Evaluates a node (none: zero) as the value of the join and branches to it.
  void deliver(Join& join, std::uint32_t id);
  /// Evaluates a node as the join's value where control simply goes on.
  llvm::Value* pass_through(Join& join, ir::NodeId id);
  /// Continues after the join; its value.
  llvm::Value* arrive(Join& join);
  llvm::BasicBlock* new_block(const llvm::Twine& name);
  /// Ends the current block with `unreachable` and goes on in a dead one.
  void unreachable();
  void start_dead_block();

  ModuleEmitter& m_;
  const ir::Function& row_;
  llvm::Function* function_;
  const Signature& signature_;
  Builder b_;
  llvm::BasicBlock* entry_ = nullptr; ///< allocations only, until the end
  std::vector<Place> locals_;
  std::vector<Target> targets_;
  Place empty_;
};

} // namespace sx::codegen
