// sx-diff: runs every program of a corpus on all lanes and demands that they agree.

#include "session.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <thread>

using namespace sx::harness;

int main(int argc, char** argv) {
  CLI::App app{"Proves that the compile-time engines, and native code, are one language.\n\n"
               "  sx-diff corpus/                     every case on every lane\n"
               "  sx-diff corpus/ --name json/tokens  one case\n"
               "  sx-diff corpus/ --lane reference --lane vm:switch\n"
               "  sx-diff --update-goldens --name A,B corpus/\n\n"
               "Exit status: 0 all agree, 1 a disagreement or a failed expectation, 2 usage or unreadable input,\n"
               "3 a crash or internal error of the compiler."};
  SessionOptions options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::string> lane_names;
  bool list_lanes = false, run_self_test = false;
  std::string shard;
  app.add_option("PATH", options.roots, "directories or files with cases");
  app.add_option("--name", options.names, "only the cases with these names (path below PATH without .sx)")
      ->delimiter(',');
  app.add_option("--lane", lane_names, "only these lanes")->delimiter(',');
  app.add_flag("--list-lanes", list_lanes, "print the lanes of this build");
  app.add_flag("--self-test", run_self_test, "plant faults and demand that they are noticed");
  app.add_flag("--update-goldens", options.update_goldens, "write the goldens of the cases given by --name");
  app.add_option("--goldens", options.golden_directory, "directory of the goldens")->capture_default_str();
  app.add_option("--json", options.json_file, "write the machine-readable report to this file");
  app.add_option("--jobs", options.jobs, "worker processes at once")->capture_default_str()->check(CLI::Range(1, 256));
  app.add_option("--seconds", options.worker.seconds, "time limit of each process")->capture_default_str();
  app.add_option("--shard", shard, "I/N: every N-th case, starting with I (from 0)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return static_cast<int>(ExitCode::Usage);
  }
  const auto usage = [](const char* message) {
    std::fprintf(stderr, "sx-diff: %s; see sx-diff --help\n", message);
    return static_cast<int>(ExitCode::Usage);
  };
  if (list_lanes) {
    for (const Lane& lane : all_lanes())
      std::printf("%s\n", std::string(lane.name).c_str());
    return 0;
  }
  for (const std::string& name : lane_names)
    if (!find_lane(name))
      return usage(("there is no lane '" + name + "'").c_str());
  for (const Lane& lane : all_lanes())
    if (lane_names.empty() || std::ranges::find(lane_names, lane.name) != lane_names.end())
      options.lanes.push_back(&lane);
  if (!shard.empty() && (std::sscanf(shard.c_str(), "%u/%u", &options.shard_index, &options.shard_count) != 2 ||
                         options.shard_count == 0 || options.shard_index >= options.shard_count))
    return usage("--shard is written I/N with I below N");
  if (run_self_test)
    return static_cast<int>(self_test(options));
  if (options.roots.empty())
    return usage("name a directory with cases");
  if (options.update_goldens && options.names.empty())
    return usage("--update-goldens needs --name");
  return static_cast<int>(run_session(options));
}
