// Text, assembly and object files.

#include "codegen/session.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/raw_ostream.h>

namespace sx::codegen {

namespace {

std::expected<void, Error> write_file(const std::string& path, llvm::StringRef content) {
  std::error_code problem;
  llvm::raw_fd_ostream stream(path, problem, llvm::sys::fs::OF_None);
  if (problem)
    return std::unexpected(Error{"cannot write '" + path + "': " + problem.message()});
  stream << content;
  stream.close();
  if (!stream.has_error())
    return {};
  const std::string reason = stream.error().message();
  stream.clear_error();
  return std::unexpected(Error{"cannot write '" + path + "': " + reason});
}

std::expected<void, Error> emit_file(const ir::Module& module, const Options& options, const std::string& path,
                                     llvm::CodeGenFileType kind) {
  auto session = build(module, options, RuntimeUse::Linked);
  if (!session)
    return std::unexpected(std::move(session.error()));
  llvm::SmallVector<char, 0> content;
  llvm::raw_svector_ostream stream(content);
  llvm::legacy::PassManager passes;
  if (session->machine->addPassesToEmitFile(passes, stream, nullptr, kind))
    return std::unexpected(Error{"target '" + session->target.triple + "' can't write this kind of file"});
  passes.run(*session->module);
  if (auto clean = session->check(); !clean)
    return clean;
  return write_file(path, llvm::StringRef(content.data(), content.size()));
}

template <class Result, class Work> Result on_worker(Work&& work) {
  std::optional<Result> result;
  on_large_stack([&] { result.emplace(work()); });
  return std::move(*result);
}

} // namespace

std::expected<std::string, Error> emit_llvm_text(const ir::Module& module, const Options& options) {
  using Result = std::expected<std::string, Error>;
  return on_worker<Result>([&]() -> Result {
    auto session = build(module, options, RuntimeUse::Linked);
    if (!session)
      return std::unexpected(std::move(session.error()));
    std::string text;
    llvm::raw_string_ostream stream(text);
    session->module->print(stream, nullptr);
    return text;
  });
}

std::expected<void, Error> emit_object(const ir::Module& module, const Options& options, const std::string& path) {
  using Result = std::expected<void, Error>;
  return on_worker<Result>([&] { return emit_file(module, options, path, llvm::CodeGenFileType::ObjectFile); });
}

std::expected<void, Error> emit_assembly(const ir::Module& module, const Options& options, const std::string& path) {
  using Result = std::expected<void, Error>;
  return on_worker<Result>([&] { return emit_file(module, options, path, llvm::CodeGenFileType::AssemblyFile); });
}

} // namespace sx::codegen
