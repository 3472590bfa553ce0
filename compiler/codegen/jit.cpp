// Running a module in this process (ORC LLJIT).

#include "codegen/session.h"

#include <array>
#include <dlfcn.h>
#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/Support/FileSystem.h>

/// A trap of the program that runs here ends the process as it does without the address sanitizer, which asks for this.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __asan_default_options() {
  return "handle_sigfpe=0:handle_sigill=0";
}

namespace sx::codegen {

namespace {

/// Takes what has to live as long as the process: the program may have left callbacks behind that run at its end.
llvm::orc::LLJIT& keep(std::unique_ptr<llvm::orc::LLJIT> jit) {
  static auto& kept = *new std::vector<std::unique_ptr<llvm::orc::LLJIT>>;
  return *kept.emplace_back(std::move(jit));
}

/// The trace buffer of a thread that runs JIT-compiled code (R6.129).
void* thread_trace_ring() {
  alignas(8) static thread_local std::array<std::byte, trace_ring_bytes> ring{};
  return ring.data();
}

std::string text_of(llvm::Error error) {
  return llvm::toString(std::move(error));
}

Error failure(const std::string& what, llvm::Error error) {
  return Error{what + ": " + text_of(std::move(error))};
}

/// The file that `-l<name>` means: in the given directories a shared object, then an archive; empty if there is none.
std::string find_library(const std::string& name, const std::vector<std::string>& directories) {
  for (const std::string& directory : directories)
    for (const char* suffix : {".so", ".a"}) {
      const std::string path = directory + "/lib" + name + suffix;
      if (llvm::sys::fs::exists(path))
        return path;
    }
  return {};
}

/// Major versions under which distributions install a library whose plain name needs its development package.
constexpr int max_library_version = 20;

/// Makes the symbols of a system library visible in the process. What the name resolves to is up to the loader.
bool open_system_library(const std::string& name) {
  const std::string base = "lib" + name + ".so";
  if (::dlopen(base.c_str(), RTLD_NOW | RTLD_GLOBAL))
    return true;
  for (int version = 0; version <= max_library_version; ++version)
    if (::dlopen((base + "." + std::to_string(version)).c_str(), RTLD_NOW | RTLD_GLOBAL))
      return true;
  return false;
}

bool is_part_of_process(const std::string& name) {
  for (const char* known : {"c", "m", "pthread", "dl", "rt"})
    if (name == known)
      return true;
  return false;
}

std::expected<void, Error> add_library(llvm::orc::LLJIT& jit, const std::string& name, const RunRequest& request) {
  const std::string path = find_library(name, request.library_paths);
  if (path.ends_with(".a")) {
    auto archive = llvm::orc::StaticLibraryDefinitionGenerator::Load(jit.getObjLinkingLayer(), path.c_str());
    if (!archive)
      return std::unexpected(failure("cannot load library '" + name + "'", archive.takeError()));
    jit.getMainJITDylib().addGenerator(std::move(*archive));
    return {};
  }
  if (is_part_of_process(name))
    return {};
  const bool opened =
      path.empty() ? open_system_library(name) : ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
  if (!opened) {
    const char* reason = ::dlerror();
    return std::unexpected(Error{"cannot load library '" + name + "': " + (reason ? reason : "not found")});
  }
  return {};
}

std::expected<void, Error> add_inputs(llvm::orc::LLJIT& jit, const RunRequest& request) {
  llvm::orc::SymbolMap own;
  own[jit.mangleAndIntern(runtime_trace_ring)] = {llvm::orc::ExecutorAddr::fromPtr(&thread_trace_ring),
                                                  llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  if (auto error = jit.getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(own))))
    return std::unexpected(failure("cannot prepare the program", std::move(error)));
  for (const std::string& name : request.libraries)
    if (auto added = add_library(jit, name, request); !added)
      return added;
  for (const std::string& path : request.objects) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer)
      return std::unexpected(Error{"cannot read '" + path + "': " + buffer.getError().message()});
    if (auto error = jit.addObjectFile(std::move(*buffer)))
      return std::unexpected(failure("cannot load '" + path + "'", std::move(error)));
  }
  for (const std::string& image : request.images)
    if (auto error = jit.addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(image, "C source")))
      return std::unexpected(failure("cannot load the C sources", std::move(error)));
  return {};
}

using Entry = int (*)();

/// Compiles and links; the program is ready to be called.
std::expected<Entry, Error> prepare(const ir::Module& module, const Options& options, const RunRequest& request) {
  auto session = build(module, options, RuntimeUse::InProcess);
  if (!session)
    return std::unexpected(std::move(session.error()));
  if (session->target.platform != Platform::SystemV64)
    return std::unexpected(Error{"a program for '" + session->target.triple + "' cannot be run here"}); // R1.163
  if (!session->module->getFunction("main"))
    return std::unexpected(Error{"the program has no entry function"});

  llvm::orc::JITTargetMachineBuilder machine{llvm::Triple(session->target.triple)};
  machine.setCPU(session->machine->getTargetCPU().str());
  machine.setRelocationModel(llvm::Reloc::PIC_);
  machine.setCodeGenOptLevel(codegen_level(options.opt));
  auto made = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(machine)).create();
  if (!made)
    return std::unexpected(failure("cannot start the JIT compiler", made.takeError()));
  llvm::orc::LLJIT& jit = keep(std::move(*made));
  // Symbols of global assembly are known only once the object is there.
  if (auto* linking = llvm::dyn_cast<llvm::orc::ObjectLinkingLayer>(&jit.getObjLinkingLayer()))
    linking->setAutoClaimResponsibilityForObjectSymbols(true);
  auto reports = std::make_shared<std::string>();
  jit.getExecutionSession().setErrorReporter([reports](llvm::Error error) {
    if (!reports->empty())
      *reports += '\n';
    *reports += text_of(std::move(error));
  });
  if (auto added = add_inputs(jit, request); !added)
    return std::unexpected(std::move(added.error()));
  llvm::orc::ThreadSafeModule code(std::move(session->module), std::move(session->context));
  if (auto error = jit.addIRModule(std::move(code)))
    return std::unexpected(failure("cannot compile the program", std::move(error)));
  auto entry = jit.lookup("main");
  const std::string problems = *session->reports + *reports;
  if (!entry) {
    const std::string reason = text_of(entry.takeError());
    return std::unexpected(Error{"cannot link the program: " + (problems.empty() ? reason : problems)});
  }
  if (!problems.empty())
    return std::unexpected(Error{problems});
  return entry->toPtr<Entry>();
}

// JIT-compiled code has no type mark in front of it, which the sanitizer of indirect calls would look for.
#ifdef __clang__
[[clang::no_sanitize("function")]]
#endif
int enter(Entry entry) {
  return entry();
}

} // namespace

std::expected<int, Error> run_jit(const ir::Module& module, const Options& options, const RunRequest& request) {
  std::optional<std::expected<Entry, Error>> ready;
  on_large_stack([&] { ready.emplace(prepare(module, options, request)); });
  if (!ready->has_value())
    return std::unexpected(std::move(ready->error()));
  return enter(**ready); // on this thread: the program is the process's own
}

} // namespace sx::codegen
