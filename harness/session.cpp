#include "session.h"

#include "source/source_map.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

namespace sx::harness {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

class Progress {
public:
  explicit Progress(std::size_t total) : total_(total), shown_(isatty(2) != 0) {}
  void advance(bool failed) {
    ++done_;
    failed_ += failed;
    if (!shown_)
      return;
    constexpr std::size_t width = 40;
    const std::size_t filled = total_ ? done_ * width / total_ : width;
    std::fprintf(stderr, "\r[%s%s] %zu/%zu  %zu failed ", std::string(filled, '#').c_str(),
                 std::string(width - filled, '.').c_str(), done_, total_, failed_);
  }
  void finish() {
    if (shown_)
      std::fprintf(stderr, "\r\033[K");
  }

private:
  std::size_t total_, done_ = 0, failed_ = 0;
  bool shown_;
};

struct Task {
  std::size_t index; ///< of the case
  std::size_t group;
};

struct Slot {
  Task task;
  RunningGroup running;
  Clock::time_point deadline;
};

std::string golden_path(const SessionOptions& options, const Case& program) {
  return options.golden_directory + "/" + program.name + ".golden";
}

void check_golden(const SessionOptions& options, CaseReport& report) {
  const std::optional<std::string>& actual = report.golden;
  if (!actual)
    return;
  const auto expected = read_file(golden_path(options, report.program), 64u << 20);
  if (!expected)
    report.verdict.findings.push_back({"golden", "there is no golden for this case",
                                       "  create it: sx-diff --update-goldens --name " + report.program.name + "\n"});
  else if (*expected != *actual)
    report.verdict.findings.push_back(
        {"golden", "the result differs from the golden", line_difference(*expected, *actual)});
}

void count(Summary& summary, const CaseReport& report) {
  ++summary.cases;
  summary.failed_cases += !report.verdict.findings.empty();
  for (const auto& [name, result] : report.results) {
    LaneCounts& counts = summary.lanes[name];
    counts.instructions += result.instructions;
    switch (result.end) {
    case End::Crashed:
      ++counts.crashed;
      summary.compiler_crashed = true;
      break;
    case End::TimedOut: ++counts.timed_out; break;
    case End::Skipped: ++counts.skipped; break;
    case End::Incomparable: ++counts.incomparable[result.reason]; break;
    case End::Completed:
      if (std::ranges::find(report.verdict.agreed, name) != report.verdict.agreed.end())
        ++counts.agreed;
      else
        ++counts.differed;
    }
  }
}

void print_findings(const CaseReport& report, const SessionOptions& options) {
  std::printf("%s: FAILED\n", report.program.path.c_str());
  for (const Finding& finding : report.verdict.findings)
    std::printf("  %s: %s\n%s", finding.lane.c_str(), finding.what.c_str(), finding.detail.c_str());
  std::printf("  reproduce: sx-diff %s --name %s\n", options.roots.front().c_str(), report.program.name.c_str());
}

void print_summary(const Summary& summary, double seconds) {
  std::printf("\n%-16s %8s %8s %8s %8s %8s %8s\n", "lane", "agreed", "differed", "incomp.", "crashed", "timeout",
              "skipped");
  for (const Lane& lane : all_lanes()) {
    const auto found = summary.lanes.find(std::string(lane.name));
    if (found == summary.lanes.end())
      continue;
    const LaneCounts& counts = found->second;
    std::uint64_t incomparable = 0;
    for (const auto& [reason, number] : counts.incomparable)
      incomparable += number;
    std::printf("%-16s %8lu %8lu %8lu %8lu %8lu %8lu\n", std::string(lane.name).c_str(), counts.agreed, counts.differed,
                incomparable, counts.crashed, counts.timed_out, counts.skipped);
    for (const auto& [reason, number] : counts.incomparable)
      std::printf("    incomparable: %s %lu\n", reason.c_str(), number);
  }
  std::printf("%lu cases, %lu failed, %.1f s\n", summary.cases, summary.failed_cases, seconds);
}

double incomparable_share(const Summary& summary) {
  std::uint64_t incomparable = 0, all = 0;
  for (const auto& [name, counts] : summary.lanes) {
    for (const auto& [reason, number] : counts.incomparable)
      incomparable += number;
    all += counts.agreed + counts.differed;
  }
  return all + incomparable ? static_cast<double>(incomparable) / static_cast<double>(all + incomparable) : 0;
}

ExitCode update_goldens(const std::vector<CaseReport>& reports, const SessionOptions& options) {
  for (const CaseReport& report : reports)
    if (!report.verdict.findings.empty()) {
      print_findings(report, options);
      std::fprintf(stderr, "sx-diff: goldens are not updated while lanes disagree\n");
      return ExitCode::Disagree;
    }
  for (const CaseReport& report : reports) {
    const std::optional<std::string>& text = report.golden;
    if (!text) {
      std::fprintf(stderr, "sx-diff: no lane of %s completed, there is nothing to write\n",
                   report.program.path.c_str());
      return ExitCode::Crash;
    }
    const std::string path = golden_path(options, report.program);
    const auto before = read_file(path, 64u << 20);
    if (before && *before == *text) {
      std::printf("%s: unchanged\n", path.c_str());
      continue;
    }
    std::printf("%s: %s\n%s", path.c_str(), before ? "changed" : "new",
                line_difference(before ? *before : "", *text).c_str());
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << *text;
    if (!out.flush()) {
      std::fprintf(stderr, "sx-diff: cannot write %s\n", path.c_str());
      return ExitCode::Usage;
    }
  }
  return ExitCode::Agree;
}

} // namespace

std::vector<CaseReport> run_cases(const std::vector<Case>& cases, const SessionOptions& options) {
  const std::vector<LaneGroup> groups = group_lanes(options.lanes);
  std::vector<CaseReport> reports;
  std::vector<std::size_t> missing(cases.size(), groups.size());
  for (const Case& program : cases)
    reports.push_back({.program = program});
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (std::size_t group = 0; group < groups.size(); ++group)
      tasks.push_back({i, group});
  std::ranges::reverse(tasks);

  Progress progress(cases.size());
  std::vector<Slot> slots;
  const auto finish = [&](std::size_t slot_index, bool timed_out) {
    Slot slot = std::move(slots[slot_index]);
    slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(slot_index));
    CaseReport& report = reports[slot.task.index];
    report.results.merge(finish_group(slot.running, groups[slot.task.group], timed_out));
    if (--missing[slot.task.index] != 0)
      return;
    report.verdict = compare_lanes(report.results);
    check_expectations(report.program, report.results, report.verdict);
    report.golden = golden_text(report.results);
    // Workers are forks of this process: each page it keeps costs every later one.
    for (auto& [name, result] : report.results) {
      LaneResult kept;
      kept.end = result.end;
      kept.reason = std::move(result.reason);
      kept.status = result.status;
      kept.instructions = result.instructions;
      std::swap(result, kept); // assigning an empty string would keep the old capacity
    }
    progress.advance(!report.verdict.findings.empty());
  };
  while (!tasks.empty() || !slots.empty()) {
    while (!tasks.empty() && slots.size() < options.jobs) {
      const Task task = tasks.back();
      tasks.pop_back();
      const LaneGroup& group = groups[task.group];
      // One compilation and one run a lane, each with its own limit, one after the other.
      const auto patience = std::chrono::seconds(options.worker.wall_seconds) * (group.lanes.size() + 1);
      slots.push_back({task, start_group(cases[task.index], group, options.worker), Clock::now() + patience});
    }
    std::vector<pollfd> waiting;
    for (const Slot& slot : slots)
      waiting.push_back({slot.running.descriptor, POLLIN, 0});
    poll(waiting.data(), waiting.size(), 100);
    for (std::size_t i = slots.size(); i-- > 0;) {
      if (waiting[i].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) {
        char buffer[1 << 16];
        const ssize_t got = read(slots[i].running.descriptor, buffer, sizeof buffer);
        if (got > 0)
          slots[i].running.received.append(buffer, static_cast<std::size_t>(got));
        else
          finish(i, false);
      } else if (Clock::now() > slots[i].deadline) {
        finish(i, true);
      }
    }
  }
  progress.finish();
  return reports;
}

std::string json_report(const std::vector<CaseReport>& reports, const Summary& summary) {
  using nlohmann::json;
  json out{{"schema", "sx-diff-report"}, {"version", 1}, {"cases", json::array()}, {"lanes", json::object()}};
  for (const CaseReport& report : reports) {
    json lanes = json::object();
    for (const auto& [name, result] : report.results)
      lanes[name] = {{"end", end_name(result.end)},
                     {"reason", result.reason},
                     {"status", result.status},
                     {"instructions", result.instructions}};
    json findings = json::array();
    for (const Finding& finding : report.verdict.findings)
      findings.push_back({{"lane", finding.lane}, {"what", finding.what}, {"detail", finding.detail}});
    out["cases"].push_back({{"name", report.program.name},
                            {"path", report.program.path},
                            {"agreed", report.verdict.findings.empty()},
                            {"lanes", lanes},
                            {"findings", findings}});
  }
  for (const auto& [name, counts] : summary.lanes)
    out["lanes"][name] = {{"agreed", counts.agreed},   {"differed", counts.differed},
                          {"crashed", counts.crashed}, {"timed_out", counts.timed_out},
                          {"skipped", counts.skipped}, {"incomparable", counts.incomparable}};
  out["failed_cases"] = summary.failed_cases;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

ExitCode run_session(const SessionOptions& options) {
  std::vector<Case> cases;
  for (const std::string& root : options.roots) {
    auto found = discover(root);
    if (!found) {
      std::fprintf(stderr, "sx-diff: %s: %s\n", found.error().path.c_str(), found.error().message.c_str());
      return ExitCode::Usage;
    }
    for (Case& program : *found)
      if (options.names.empty() || std::ranges::find(options.names, program.name) != options.names.end())
        cases.push_back(std::move(program));
  }
  for (const std::string& name : options.names)
    if (std::ranges::find(cases, name, &Case::name) == cases.end()) {
      std::fprintf(stderr, "sx-diff: there is no case named '%s'\n", name.c_str());
      return ExitCode::Usage;
    }
  if (options.shard_count > 1) {
    std::size_t index = 0;
    std::erase_if(cases, [&](const Case&) { return index++ % options.shard_count != options.shard_index; });
  }
  const auto start = Clock::now();
  std::vector<CaseReport> reports = run_cases(cases, options);
  if (options.update_goldens)
    return update_goldens(reports, options);
  Summary summary;
  for (CaseReport& report : reports) {
    check_golden(options, report);
    count(summary, report);
    if (!report.verdict.findings.empty())
      print_findings(report, options);
  }
  print_summary(summary, std::chrono::duration<double>(Clock::now() - start).count());
  if (!options.json_file.empty()) {
    std::ofstream out(options.json_file, std::ios::binary);
    out << json_report(reports, summary);
    if (!out.flush()) {
      std::fprintf(stderr, "sx-diff: cannot write %s\n", options.json_file.c_str());
      return ExitCode::Usage;
    }
  }
  const double share = incomparable_share(summary);
  if (share > options.max_incomparable_share)
    std::printf("incomparable results: %.1f %%, allowed are %.1f %%\n", share * 100,
                options.max_incomparable_share * 100);
  if (summary.compiler_crashed)
    return ExitCode::Crash;
  return summary.failed_cases || share > options.max_incomparable_share ? ExitCode::Disagree : ExitCode::Agree;
}

ExitCode self_test(const SessionOptions& base) {
  const fs::path directory = fs::temp_directory_path() / ("sx-diff-self-test-" + std::to_string(getpid()));
  std::error_code error;
  fs::create_directories(directory, error);
  const std::string path = (directory / "planted.sx").string();
  std::ofstream(path)
      << "cube :: (n: i64) -> i64 { return n * n * n; }\nK :: #run cube(3);\nmain :: () -> i64 { return K; }\n";
  SessionOptions options = base;
  options.lanes.clear();
  for (const Lane& lane : all_lanes())
    options.lanes.push_back(&lane);
  options.worker.seconds = options.worker.wall_seconds = 3 * slowdown;
  const auto program = read_case(path, "planted");
  struct Fault {
    Plant plant;
    const char* lane;
    const char* name;
  };
  constexpr Fault faults[] = {{Plant::WrongFold, "vm:switch", "a wrong fold"},
                              {Plant::WrongDiagnostic, "vm:switch", "a wrong diagnostic"},
                              {Plant::WrongOutput, "native:O2", "wrong output"},
                              {Plant::Crash, "vm:switch", "a crash in a worker"},
                              {Plant::Hang, "reference", "a hang in a worker"}};
  bool all_seen = true;
  if (!program) {
    std::printf("self-test: cannot write %s\n", path.c_str());
    all_seen = false;
  } else {
    const CaseReport clean = run_cases({*program}, options).front();
    if (!clean.verdict.findings.empty()) {
      std::printf("self-test: the unplanted program must agree\n");
      for (const Finding& finding : clean.verdict.findings)
        std::printf("  %s: %s\n%s", finding.lane.c_str(), finding.what.c_str(), finding.detail.c_str());
      all_seen = false;
    }
    for (const Fault& fault : faults) {
      options.worker.plant = fault.plant;
      options.worker.plant_lane = fault.lane;
      const CaseReport report = run_cases({*program}, options).front();
      const bool seen = std::ranges::any_of(report.verdict.findings,
                                            [&](const Finding& finding) { return finding.lane == fault.lane; }) ||
                        (fault.plant == Plant::Hang && !report.verdict.findings.empty());
      std::printf("self-test: %s in %s: %s\n", fault.name, fault.lane, seen ? "noticed" : "NOT NOTICED");
      all_seen = all_seen && seen;
    }
  }
  fs::remove_all(directory, error);
  return all_seen ? ExitCode::Agree : ExitCode::Disagree;
}

} // namespace sx::harness
