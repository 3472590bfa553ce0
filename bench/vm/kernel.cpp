#include "kernel.h"

#include "interrupt_designs.h"

#include <ctime>

namespace sx::bench {

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

ir::FuncId find_main(const ir::Module& module) {
  for (std::size_t id = 0; id < module.functions.size(); ++id)
    if (module.text(module.functions[id].symbol) == "main")
      return ir::FuncId(id);
  return {};
}

} // namespace

std::unique_ptr<Kernel> Kernel::compile(const std::string& path) {
  driver::CompilationOptions options;
  options.check = driver::host_check_options(path);
  options.output = [](int, std::string_view) {};
  auto kernel = std::make_unique<Kernel>();
  kernel->compilation_ = std::make_unique<driver::Compilation>(std::move(options));
  if (!kernel->compilation_->check() || !kernel->compilation_->evaluate())
    return nullptr;
  kernel->entry_ = find_main(kernel->compilation_->module());
  return kernel->entry_.valid() ? std::move(kernel) : nullptr;
}

std::unique_ptr<comptime::Engine> Kernel::make_engine(const std::string& engine) {
  if (engine == "design:tag")
    return comptime::vm::make_vm_engine(compilation_->module(), *this, engine, comptime::vm::run_with_tag);
  if (engine == "design:outer")
    return comptime::vm::make_vm_engine(compilation_->module(), *this, engine, comptime::vm::run_with_outer_loop);
  const auto kind = driver::find_engine(engine);
  return kind ? driver::make_engine(*kind, compilation_->module(), *this) : nullptr;
}

std::unique_ptr<comptime::Engine> Kernel::make_counting_engine(comptime::vm::Profile& profile) {
  return comptime::vm::make_counting_engine(compilation_->module(), *this, profile);
}

Run Kernel::run(comptime::Engine& engine) {
  comptime::Request request;
  request.entry = entry_;
  request.mode = comptime::Mode::Main;
  request.limits.calls = request.limits.back_edges = ~std::uint64_t{0};
  output_.clear();
  Run result;
  const double start = processor_seconds();
  const comptime::Outcome outcome = engine.evaluate(request);
  result.seconds = processor_seconds() - start;
  result.output = output_;
  result.instructions = outcome.instructions;
  if (outcome.failure)
    result.failure = comptime::describe(*outcome.failure);
  return result;
}

bool Kernel::ensure_body(ir::FuncId function) {
  return compilation_->module().function(function).has_body();
}

std::expected<const ir::FoldImage*, comptime::Failure> Kernel::global_image(ir::GlobalId id) {
  const ir::Global& global = compilation_->module().global(id);
  return global.image ? &*global.image : nullptr;
}

bool Kernel::write(int fd, std::string_view bytes) {
  if (fd == 1)
    output_ += bytes;
  return fd == 1 || fd == 2;
}

std::expected<std::string, comptime::Failure> Kernel::compiler_call(std::uint32_t, std::span<const std::string>) {
  return std::unexpected(comptime::Failure{comptime::Reason::MissingService, "the compiler", {}, {}});
}

} // namespace sx::bench
