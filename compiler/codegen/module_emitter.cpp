#include "codegen/module_emitter.h"

#include "codegen/function_emitter.h"

#include <llvm/IR/Constants.h>

namespace sx::codegen {

using ir::TypeKind;

ModuleEmitter::ModuleEmitter(const ir::Module& module, llvm::Module& out, const TargetFacts& target,
                             const Options& options, RuntimeUse use)
    : module_(module), out_(out), target_(target), options_(options), use_(use), types_(module, out.getContext()),
      signatures_(module, types_, target.platform, out.getContext()), debug_(module, out, options) {}

void ModuleEmitter::fail(std::string message) {
  if (!error_)
    error_ = Error{std::move(message)};
}

std::expected<void, Error> ModuleEmitter::run() {
  auto reached = reach(module_);
  if (!reached)
    return std::unexpected(std::move(reached.error()));
  // What is defined comes first: an extern of the same name means it.
  declare_functions(*reached);
  declare_globals(*reached);
  declare_externs(*reached);
  emit_data(*reached);
  emit_frames(*reached);
  emit_images(*reached);
  for (const ir::FuncId id : reached->functions) {
    if (failed())
      break;
    FunctionEmitter(*this, id).run();
  }
  if (!failed())
    emit_main();
  debug_.finish();
  if (!failed())
    if (auto linked = link_runtime(out_, target_, use_); !linked)
      return linked;
  if (error_)
    return std::unexpected(std::move(*error_));
  return {};
}

// ---- functions and externs ----

bool ModuleEmitter::is_c_main(const ir::Function& row) const {
  const ir::Type& signature = module_.type(row.signature);
  const ir::Type& result = module_.type(signature.element);
  return module_.text(row.symbol) == "main" && signature.conv == ir::CallConv::C && signature.params.empty() &&
         result.kind == TypeKind::Int && result.bits == 32;
}

void ModuleEmitter::declare_functions(const Reachable& reached) {
  const std::string_view entry = module_.text(module_.entry_symbol);
  // Exports first: what is internal gives way where names collide.
  for (const bool exports : {true, false})
    for (const ir::FuncId id : reached.functions) {
      const ir::Function& row = module_.function(id);
      const bool is_entry = !entry.empty() && module_.text(row.symbol) == entry;
      const bool is_main = is_entry && is_c_main(row);
      // An entry that is no C `main` itself leaves that name to the wrapper.
      const bool wrapped = is_entry && !is_main;
      const bool external =
          is_main || (row.linkage == ir::Linkage::Export && !(wrapped && module_.text(row.symbol) == "main"));
      if (external != exports)
        continue;
      const Signature& signature = signatures_.of(row.signature);
      const std::string_view symbol = module_.text(row.symbol);
      auto* made = llvm::Function::Create(
          signature.type, external ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage,
          ref(!external && symbol == "main" ? std::string_view("sx.main") : symbol), out_);
      made->setAttributes(signature.attributes);
      functions_.emplace(id.value, made);
    }
}

void ModuleEmitter::declare_externs(const Reachable& reached) {
  for (const ir::ExternId id : reached.externs) {
    const ir::Extern& row = module_.externs[id.index()];
    const llvm::StringRef name = ref(module_.text(row.symbol));
    if (llvm::GlobalValue* known = out_.getNamedValue(name); known && !known->hasLocalLinkage()) {
      externs_.emplace(id.value, known);
      continue;
    }
    // A local symbol of this name can't be the one meant: C would not see it.
    if (llvm::GlobalValue* local = out_.getNamedValue(name))
      local->setName(name + ".local");
    if (row.is_variable) {
      auto* made = new llvm::GlobalVariable(out_, types_.bytes(types_.size(row.signature)), false,
                                            llvm::GlobalValue::ExternalLinkage, nullptr, name);
      made->setAlignment(types_.align(row.signature));
      externs_.emplace(id.value, made);
      continue;
    }
    const Signature& signature = signatures_.of(row.signature);
    auto* made = llvm::Function::Create(signature.type, llvm::Function::ExternalLinkage, name, out_);
    made->setAttributes(signature.attributes.removeFnAttribute(context(), llvm::Attribute::NoUnwind));
    externs_.emplace(id.value, made);
  }
}

void ModuleEmitter::emit_main() {
  const std::string_view entry = module_.text(module_.entry_symbol);
  if (entry.empty())
    return;
  for (const auto& [id, callee] : functions_) {
    const ir::Function& row = module_.functions[id];
    if (module_.text(row.symbol) != entry || is_c_main(row))
      continue;
    const ir::Type& signature = module_.type(row.signature);
    const ir::TypeId result = signature.element;
    const TypeKind kind = module_.type(result).kind;
    if (!signature.params.empty() || (kind != TypeKind::Void && kind != TypeKind::Int && kind != TypeKind::Never))
      return fail("the entry function must take nothing and return an integer or nothing");
    auto* type = llvm::FunctionType::get(int_type(32), false);
    if (llvm::GlobalValue* other = out_.getNamedValue("main"))
      return fail("'" + other->getName().str() + "' is defined beside the entry function");
    auto* wrapper = llvm::Function::Create(type, llvm::Function::ExternalLinkage, "main", out_);
    wrapper->addFnAttr(llvm::Attribute::NoUnwind);
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context(), "", wrapper));
    llvm::CallInst* call = builder.CreateCall(callee);
    call->setAttributes(callee->getAttributes());
    llvm::Value* status = builder.getInt32(0);
    if (kind == TypeKind::Int)
      status = builder.CreateIntCast(call, builder.getInt32Ty(), module_.type(result).is_signed);
    builder.CreateRet(status);
    return;
  }
}

llvm::FunctionCallee ModuleEmitter::runtime(llvm::StringRef name, llvm::Type* result,
                                            llvm::ArrayRef<llvm::Type*> params) {
  return out_.getOrInsertFunction(name, llvm::FunctionType::get(result, params, false));
}

} // namespace sx::codegen
