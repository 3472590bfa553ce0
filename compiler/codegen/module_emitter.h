#pragma once
// Emission of one `ir::Module` into one `llvm::Module`: declarations of everything reached, then values and bodies.

#include "codegen/debug_info.h"
#include "codegen/reach.h"
#include "codegen/runtime_text.h"
#include "codegen/signatures.h"

#include <llvm/IR/Module.h>
#include <map>
#include <unordered_map>

namespace sx::codegen {

class ModuleEmitter {
public:
  /// `out` must have its triple and data layout. `use`: where the code will run.
  ModuleEmitter(const ir::Module& module, llvm::Module& out, const TargetFacts& target, const Options& options,
                RuntimeUse use);

  std::expected<void, Error> run();

  // ---- for the emission of bodies ----

  const ir::Module& ir() const { return module_; }
  llvm::Module& out() { return out_; }
  llvm::LLVMContext& context() { return out_.getContext(); }
  const TargetFacts& target() const { return target_; }
  const Options& options() const { return options_; }
  const TypeLowering& types() const { return types_; }
  Signatures& signatures() { return signatures_; }
  DebugInfo& debug() { return debug_; }

  llvm::Function* function(ir::FuncId id) const { return functions_.at(id.value); }
  llvm::Constant* global(ir::GlobalId id) const { return globals_.at(id.value); }
  llvm::Constant* data(ir::DataId id) const { return data_.at(id.value); }
  llvm::Constant* external(ir::ExternId id) const { return externs_.at(id.value); }
  llvm::Constant* frame(ir::FrameId id) const { return frames_.at(id.value); }

  /// A read-only text, NUL-terminated, one for equal texts.
  llvm::Constant* text(std::string_view bytes);
  /// A `string` constant as it lies in memory: address and i64 length.
  llvm::Constant* string(std::string_view bytes);
  llvm::StructType* string_type();
  llvm::Type* pointer_type() { return llvm::PointerType::get(context(), 0); }
  llvm::IntegerType* word_type() { return llvm::IntegerType::get(context(), target_.pointer_bytes * 8); }
  llvm::IntegerType* int_type(unsigned bits) { return llvm::IntegerType::get(context(), bits); }

  /// A function of the runtime, declared on first use (`runtime_text.h` defines it).
  llvm::FunctionCallee runtime(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params);
  /// The function that answers a reflection query, and its tables (R7.117): (word, index) -> scalar, or for texts
  /// (address of a `string`, word, index) -> void.
  llvm::Function* reflection(ir::ReflectQuery query);
  /// (address of a `string`, tag: i32) -> void.
  llvm::Function* error_name();

  /// The first error is kept; emission goes on with harmless values.
  void fail(std::string message);
  bool failed() const { return error_.has_value(); }

private:
  void declare_functions(const Reachable& reached);
  void declare_externs(const Reachable& reached);
  void emit_data(const Reachable& reached);
  void emit_frames(const Reachable& reached);
  void declare_globals(const Reachable& reached);
  void emit_images(const Reachable& reached);
  llvm::Constant* object_constant(std::uint32_t global, const ir::ImageObject& object);
  llvm::Constant* relocated(std::uint32_t global, const ir::Relocation& relocation);
  void emit_main();
  bool is_c_main(const ir::Function& row) const;

  const ir::Module& module_;
  llvm::Module& out_;
  const TargetFacts& target_;
  const Options& options_;
  RuntimeUse use_;
  TypeLowering types_;
  Signatures signatures_;
  DebugInfo debug_;
  std::optional<Error> error_;

  std::unordered_map<std::uint32_t, llvm::Function*> functions_;
  std::unordered_map<std::uint32_t, llvm::Constant*> externs_, data_, frames_;
  std::unordered_map<std::uint32_t, llvm::GlobalVariable*> globals_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, llvm::GlobalVariable*> objects_; ///< by global and object number
  std::unordered_map<std::string, llvm::Constant*> texts_;
};

} // namespace sx::codegen
