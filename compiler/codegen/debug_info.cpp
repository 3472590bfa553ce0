#include "codegen/debug_info.h"

#include "codegen/llvm_types.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfoMetadata.h>

namespace sx::codegen {

namespace {
constexpr unsigned dwarf_version = 4;
}

DebugInfo::DebugInfo(const ir::Module& module, llvm::Module& out, const Options& options)
    : module_(module), locator_(options.locator), optimized_(options.opt > 0) {
  if (!options.debug_info || !locator_)
    return;
  out.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  out.addModuleFlag(llvm::Module::Warning, "Dwarf Version", dwarf_version);
  builder_ = std::make_unique<llvm::DIBuilder>(out);
  const std::string first = module.files.empty() ? std::string("unknown") : module.files.front();
  unit_ = builder_->createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C), file(first), "sx", optimized_,
                                      "", 0, "", llvm::DICompileUnit::LineTablesOnly);
}

llvm::DIFile* DebugInfo::file(std::string_view path) {
  const auto [entry, is_new] = files_.try_emplace(std::string(path), nullptr);
  if (is_new) {
    const std::size_t slash = path.rfind('/');
    const bool has_directory = slash != std::string_view::npos;
    entry->second = builder_->createFile(ref(has_directory ? path.substr(slash + 1) : path),
                                         ref(has_directory ? path.substr(0, slash) : std::string_view(".")));
  }
  return entry->second;
}

void DebugInfo::enter(llvm::IRBuilderBase& builder, llvm::Function& function, const ir::Function& row) {
  if (!enabled())
    return;
  const auto place = locator_->locate(row.span);
  const unsigned line = place ? place->line : 0;
  llvm::DIFile* in = place ? file(place->file) : unit_->getFile();
  auto* type = builder_->createSubroutineType(builder_->getOrCreateTypeArray({}));
  auto flags = llvm::DISubprogram::SPFlagDefinition;
  if (function.hasLocalLinkage())
    flags |= llvm::DISubprogram::SPFlagLocalToUnit;
  if (optimized_)
    flags |= llvm::DISubprogram::SPFlagOptimized;
  current_ = builder_->createFunction(in, ref(module_.text(row.name)), function.getName(), in, line, type, line,
                                      llvm::DINode::FlagZero, flags);
  function.setSubprogram(current_);
  builder.SetCurrentDebugLocation(llvm::DILocation::get(function.getContext(), line, 0, current_));
}

void DebugInfo::at(llvm::IRBuilderBase& builder, Span span) {
  if (!enabled() || !span.valid())
    return;
  const auto place = locator_->locate(span);
  if (!place)
    return;
  // Inserted code may lie in another file than the function around it.
  llvm::DIFile* in = file(place->file);
  llvm::DIScope* scope = current_;
  if (in != current_->getFile())
    scope = builder_->createLexicalBlockFile(current_, in);
  builder.SetCurrentDebugLocation(llvm::DILocation::get(builder.getContext(), place->line, place->column, scope));
}

void DebugInfo::finish() {
  if (enabled())
    builder_->finalize();
}

} // namespace sx::codegen
