// bench/vm: every kernel on each dispatch kind of the VM, on the reference and natively, in one run.

#include "driver/backend.h"
#include "kernel.h"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

namespace fs = std::filesystem;
using sx::bench::Kernel;

/// Instructions of one run of each kernel, by its path: the same for every dispatch kind.
std::map<std::string, std::uint64_t>& instruction_counts() {
  static std::map<std::string, std::uint64_t> counts;
  return counts;
}

std::uint64_t count_instructions(const std::string& path, Kernel& kernel) {
  const auto known = instruction_counts().find(path);
  if (known != instruction_counts().end())
    return known->second;
  sx::comptime::vm::Profile profile;
  kernel.run(*kernel.make_counting_engine(profile));
  return instruction_counts()[path] = profile.total();
}

void run_engine(benchmark::State& state, const std::string& path, const std::string& name) {
  const auto kernel = Kernel::compile(path);
  const auto engine = kernel ? kernel->make_engine(name) : nullptr;
  if (!engine) {
    state.SkipWithError("the kernel does not compile");
    return;
  }
  const bool is_vm = name != "reference";
  const std::uint64_t instructions = is_vm ? count_instructions(path, *kernel) : 0;
  for (auto _ : state) {
    const sx::bench::Run run = kernel->run(*engine);
    state.SetIterationTime(run.seconds);
    if (!run.failure.empty()) {
      state.SkipWithError(run.failure.c_str());
      return;
    }
  }
  if (is_vm)
    state.counters["instructions"] = benchmark::Counter(
        static_cast<double>(instructions) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// Processor time of one run of an executable, its output dropped; below 0 if it could not run.
double time_process(const std::string& path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  std::string name = path;
  char* arguments[] = {name.data(), nullptr};
  pid_t child = 0;
  const bool spawned = posix_spawn(&child, path.c_str(), &actions, nullptr, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  rusage used{};
  if (!spawned || wait4(child, &status, 0, &used) < 0 || status != 0)
    return -1;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void run_native(benchmark::State& state, const std::string& path, int opt) {
  const auto kernel = Kernel::compile(path);
  sx::driver::BuildOptions build;
  build.opt = opt;
  build.output =
      (fs::temp_directory_path() / ("sx-bench-" + std::to_string(getpid()) + "-" + std::to_string(opt))).string();
  if (!kernel || !sx::driver::build_executable(kernel->compilation(), build)) {
    state.SkipWithError("the kernel does not build");
    return;
  }
  for (auto _ : state) {
    const double seconds = time_process(build.output);
    if (seconds < 0) {
      state.SkipWithError("the kernel does not run");
      break;
    }
    state.SetIterationTime(seconds);
  }
  std::error_code error;
  fs::remove(build.output, error);
}

/// Remembers the median-ready times so that ratios can be printed below the usual table.
class RatioReporter : public benchmark::ConsoleReporter {
public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const std::string name = run.benchmark_name();
      const std::size_t slash = name.find('/');
      if (slash == std::string::npos || run.iterations == 0)
        continue;
      const std::string lane = name.substr(slash + 1, name.find('/', slash + 1) - slash - 1);
      times[name.substr(0, slash)][lane] = run.real_accumulated_time / static_cast<double>(run.iterations);
    }
  }
  std::map<std::string, std::map<std::string, double>> times;
};

} // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::string directory = argc > 1 ? argv[1] : "bench/kernels";
  std::error_code error;
  std::vector<fs::path> kernels;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".sx")
      kernels.push_back(entry.path());
  if (kernels.empty()) {
    std::fprintf(stderr, "bench: no kernels in %s\n", directory.c_str());
    return 2;
  }
  std::sort(kernels.begin(), kernels.end());
  for (const fs::path& kernel : kernels) {
    const std::string name = kernel.stem().string();
    for (const char* engine : {"vm:switch", "vm:threaded", "vm:tailcall", "design:tag", "design:outer", "reference"}) {
      if (std::string_view(engine).starts_with("design:") || sx::driver::find_engine(engine))
        benchmark::RegisterBenchmark((name + "/" + engine).c_str(), run_engine, kernel.string(), engine)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
    }
    for (const int opt : {0, 2})
      benchmark::RegisterBenchmark((name + "/native:O" + std::to_string(opt)).c_str(), run_native, kernel.string(), opt)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
  }
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\ntime relative to native:O0\n");
  for (const auto& [kernel, lanes] : reporter.times) {
    const auto base = lanes.find("native:O0");
    std::printf("%-12s", kernel.c_str());
    for (const auto& [lane, seconds] : lanes)
      if (base != lanes.end() && base->second > 0)
        std::printf("  %s %.2f", lane.c_str(), seconds / base->second);
    std::printf("\n");
  }
  return 0;
}
