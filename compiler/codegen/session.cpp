#include "codegen/session.h"

#include "codegen/module_emitter.h"

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/thread.h>
#include <llvm/TargetParser/Host.h>
#include <mutex>
#include <unistd.h>

namespace sx::codegen {

namespace {

constexpr unsigned stack_bytes = 256u << 20; // virtual; pages are only used where recursion goes
constexpr int internal_error_status = 3;

/// What LLVM can't go on from. There is no way back into the caller, but the status says whose fault it was.
void report_fatal(void*, const char* reason, bool) {
  const std::string line = std::string("internal error: LLVM: ") + reason + "\n";
  [[maybe_unused]] const auto written = ::write(2, line.data(), line.size());
  ::_exit(internal_error_status);
}

class Collector final : public llvm::DiagnosticHandler {
public:
  explicit Collector(Reports reports) : reports_(std::move(reports)) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() == llvm::DS_Error) {
      llvm::raw_string_ostream stream(*reports_);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      if (!reports_->empty())
        stream << '\n';
      info.print(printer);
    }
    return true;
  }

private:
  Reports reports_;
};

std::expected<std::unique_ptr<llvm::TargetMachine>, Error> make_machine(const TargetFacts& target,
                                                                        const Options& options) {
  const llvm::Triple triple(target.triple);
  std::string problem;
  const llvm::Target* found = llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!found)
    return std::unexpected(Error{"no code generation for target '" + target.triple + "': " + problem});
  const std::string cpu = options.cpu == "native" ? llvm::sys::getHostCPUName().str() : options.cpu;
  const std::unique_ptr<llvm::MCSubtargetInfo> known(found->createMCSubtargetInfo(triple, "", ""));
  if (!cpu.empty() && (!known || !known->isCPUStringValid(cpu)))
    return std::unexpected(Error{"target '" + target.triple + "' has no CPU model '" + cpu + "'"});
  llvm::TargetOptions machine_options;
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, cpu, "", machine_options, llvm::Reloc::PIC_, std::nullopt, codegen_level(options.opt)));
  if (!machine)
    return std::unexpected(Error{"no code generation for target '" + target.triple + "'"});
  return machine;
}

std::expected<void, Error> verify(const llvm::Module& module) {
  std::string problems;
  llvm::raw_string_ostream stream(problems);
  if (llvm::verifyModule(module, &stream))
    return std::unexpected(Error{"internal error: the emitted LLVM module is malformed: " + problems});
  return {};
}

} // namespace

void initialize_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::install_fatal_error_handler(report_fatal, nullptr);
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeWebAssemblyTargetInfo();
    LLVMInitializeWebAssemblyTarget();
    LLVMInitializeWebAssemblyTargetMC();
    LLVMInitializeWebAssemblyAsmPrinter();
    LLVMInitializeWebAssemblyAsmParser();
  });
}

void on_large_stack(const std::function<void()>& work) {
  llvm::thread worker(std::optional<unsigned>(stack_bytes), [&work] { work(); });
  worker.join();
}

llvm::CodeGenOptLevel codegen_level(int level) {
  switch (level) {
  case 0: return llvm::CodeGenOptLevel::None;
  case 1: return llvm::CodeGenOptLevel::Less;
  case 2: return llvm::CodeGenOptLevel::Default;
  default: return llvm::CodeGenOptLevel::Aggressive;
  }
}

std::expected<void, Error> Session::check() const {
  if (reports->empty())
    return {};
  return std::unexpected(Error{*reports});
}

std::expected<void, Error> optimize(llvm::Module& module, llvm::TargetMachine& machine, int level) {
  if (level <= 0)
    return {};
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  const auto optimization = level == 1   ? llvm::OptimizationLevel::O1
                            : level == 2 ? llvm::OptimizationLevel::O2
                                         : llvm::OptimizationLevel::O3;
  builder.buildPerModuleDefaultPipeline(optimization).run(module, modules);
  return verify(module);
}

std::expected<Session, Error> build(const ir::Module& module, const Options& options, RuntimeUse use) {
  initialize_llvm();
  Session session;
  auto target = find_target(options.triple.empty() ? module.target.triple : options.triple);
  if (!target)
    return std::unexpected(std::move(target.error()));
  session.target = std::move(*target);
  if (session.target.pointer_bytes != module.target.pointer_bytes)
    return std::unexpected(Error{"the program was compiled for pointers of " +
                                 std::to_string(module.target.pointer_bytes) + " bytes, target '" +
                                 session.target.triple + "' has " + std::to_string(session.target.pointer_bytes)});
  auto machine = make_machine(session.target, options);
  if (!machine)
    return std::unexpected(std::move(machine.error()));
  session.machine = std::move(*machine);
  session.context = std::make_unique<llvm::LLVMContext>();
  session.reports = std::make_shared<std::string>();
  session.context->setDiagnosticHandler(std::make_unique<Collector>(session.reports));
  session.module = std::make_unique<llvm::Module>("sx", *session.context);
  session.module->setTargetTriple(llvm::Triple(session.target.triple));
  session.module->setDataLayout(session.machine->createDataLayout());
  session.module->setPICLevel(llvm::PICLevel::BigPIC);
  session.module->setPIELevel(llvm::PIELevel::Large);
  session.module->setModuleInlineAsm(options.global_assembly);
  if (auto emitted = ModuleEmitter(module, *session.module, session.target, options, use).run(); !emitted)
    return std::unexpected(std::move(emitted.error()));
  if (auto verified = verify(*session.module); !verified)
    return std::unexpected(std::move(verified.error()));
  if (auto optimized = optimize(*session.module, *session.machine, options.opt); !optimized)
    return std::unexpected(std::move(optimized.error()));
  if (auto clean = session.check(); !clean)
    return std::unexpected(std::move(clean.error()));
  return session;
}

} // namespace sx::codegen
