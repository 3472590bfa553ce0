#pragma once
// DWARF line tables: a subprogram for each function, a position for each node.

#include "codegen/codegen.h"

#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <memory>
#include <unordered_map>

namespace sx::codegen {

class DebugInfo {
public:
  DebugInfo(const ir::Module& module, llvm::Module& out, const Options& options);

  bool enabled() const { return builder_ != nullptr; }
  /// Starts a function: attaches its subprogram and sets the builder to its first line.
  void enter(llvm::IRBuilderBase& builder, llvm::Function& function, const ir::Function& row);
  /// Sets the position of what `builder` makes next. Spans without position keep the last one.
  void at(llvm::IRBuilderBase& builder, Span span);
  /// Must be called once, after the last function.
  void finish();

private:
  llvm::DIFile* file(std::string_view path);

  const ir::Module& module_;
  const SourceLocator* locator_ = nullptr;
  std::unique_ptr<llvm::DIBuilder> builder_;
  llvm::DICompileUnit* unit_ = nullptr;
  llvm::DISubprogram* current_ = nullptr;
  bool optimized_ = false;
  std::unordered_map<std::string, llvm::DIFile*> files_;
};

} // namespace sx::codegen
