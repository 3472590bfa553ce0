// bench_kernel FILE ENGINE [--profile]: evaluates a kernel once. Its output goes to standard output, the processor
// seconds of the evaluation alone to standard error. With --profile: executed instructions by opcode, on the counting
// engine.

#include "kernel.h"

#include <cstdio>
#include <cstring>

namespace {

int profile(sx::bench::Kernel& kernel) {
  sx::comptime::vm::Profile counts;
  const auto engine = kernel.make_counting_engine(counts);
  const sx::bench::Run run = kernel.run(*engine);
  std::fputs(counts.text().c_str(), stdout);
  return run.failure.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: bench_kernel FILE ENGINE | FILE --profile\n", stderr);
    return 2;
  }
  const auto kernel = sx::bench::Kernel::compile(argv[1]);
  if (!kernel) {
    std::fprintf(stderr, "bench_kernel: %s does not compile\n", argv[1]);
    return 1;
  }
  if (std::strcmp(argv[2], "--profile") == 0)
    return profile(*kernel);
  const auto engine = kernel->make_engine(argv[2]);
  if (!engine) {
    std::fprintf(stderr, "bench_kernel: there is no engine %s in this build\n", argv[2]);
    return 2;
  }
  const sx::bench::Run run = kernel->run(*engine);
  if (!run.failure.empty()) {
    std::fprintf(stderr, "bench_kernel: %s\n", run.failure.c_str());
    return 1;
  }
  std::fputs(run.output.c_str(), stdout);
  std::fprintf(stderr, "%.6f\n", run.seconds);
  return 0;
}
