#pragma once
// One emission: context, module and target machine, with everything LLVM reports turned into `Error`s.

#include "codegen/runtime_text.h"

#include <functional>
#include <llvm/Target/TargetMachine.h>
#include <memory>

namespace sx::codegen {

/// Errors that LLVM's passes reported through the context's diagnostic handler.
using Reports = std::shared_ptr<std::string>;

struct Session {
  TargetFacts target;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  Reports reports;

  /// The reports so far as an error, if there are any.
  std::expected<void, Error> check() const;
};

/// Registers targets and replaces LLVM's fatal error handler, once a process.
void initialize_llvm();
/// Emits, verifies and optimises. Deep programs need deep recursion here and in LLVM: call it through `on_large_stack`.
std::expected<Session, Error> build(const ir::Module& module, const Options& options, RuntimeUse use);
/// Runs `work` on a thread with a stack that bounded nesting cannot exhaust, and waits for it.
void on_large_stack(const std::function<void()>& work);
std::expected<void, Error> optimize(llvm::Module& module, llvm::TargetMachine& machine, int level);
llvm::CodeGenOptLevel codegen_level(int level);

} // namespace sx::codegen
