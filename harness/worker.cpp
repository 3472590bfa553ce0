#include "worker.h"

#include "driver/backend.h"
#include "ir/verify.h"
#include "source/render.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sx::harness {

namespace {

using driver::Compilation;
using nlohmann::json;

// ---- what crosses the pipe: one JSON object a line, a lane each ----

std::string to_hex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::vector<std::uint8_t> from_hex(std::string_view text) {
  const auto nibble = [](char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(nibble(text[i]) << 4 | nibble(text[i + 1])));
  return out;
}

// Program output is bytes, JSON is text: it travels as hexadecimal.
json bytes_json(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}
std::string bytes_from(const json& value) {
  const std::vector<std::uint8_t> bytes = from_hex(value.get_ref<const std::string&>());
  return {bytes.begin(), bytes.end()};
}

std::string encode(std::string_view lane, const LaneResult& result) {
  json out{{"lane", lane},
           {"end", static_cast<int>(result.end)},
           {"reason", bytes_json(result.reason)},
           {"rejected", result.rejected},
           {"diagnostics", bytes_json(result.diagnostics)},
           {"codes", result.codes},
           {"llvm", bytes_json(result.llvm)},
           {"comptime_output", bytes_json(result.comptime_output)},
           {"instructions", result.instructions},
           {"output", bytes_json(result.output)},
           {"errors", bytes_json(result.errors)},
           {"status", result.status}};
  json folds = json::array();
  for (const FoldRecord& fold : result.folds) {
    json leaves = json::array();
    for (const FoldLeaf& leaf : fold.leaves)
      leaves.push_back({leaf.offset, leaf.size, leaf.path});
    folds.push_back({{"head", bytes_json(fold.head)},
                     {"text", bytes_json(fold.text)},
                     {"bytes", to_hex(fold.bytes)},
                     {"leaves", std::move(leaves)},
                     {"run", fold.is_run}});
  }
  out["folds"] = std::move(folds);
  return out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::pair<std::string, LaneResult> decode(std::string_view line) {
  const json in = json::parse(line, nullptr, false);
  LaneResult result;
  if (in.is_discarded() || !in.contains("lane"))
    return {"", result};
  result.end = static_cast<End>(in["end"].get<int>());
  result.reason = bytes_from(in["reason"]);
  result.rejected = in["rejected"].get<bool>();
  result.diagnostics = bytes_from(in["diagnostics"]);
  result.codes = in["codes"].get<std::vector<std::string>>();
  result.llvm = bytes_from(in["llvm"]);
  result.comptime_output = bytes_from(in["comptime_output"]);
  result.instructions = in["instructions"].get<std::uint64_t>();
  result.output = bytes_from(in["output"]);
  result.errors = bytes_from(in["errors"]);
  result.status = in["status"].get<int>();
  for (const json& fold : in["folds"]) {
    FoldRecord record;
    record.head = bytes_from(fold["head"]);
    record.text = bytes_from(fold["text"]);
    record.bytes = from_hex(fold["bytes"].get_ref<const std::string&>());
    record.is_run = fold["run"].get<bool>();
    for (const json& leaf : fold["leaves"])
      record.leaves.push_back({leaf[0].get<std::uint64_t>(), leaf[1].get<std::uint64_t>(), leaf[2].get<std::string>()});
    result.folds.push_back(std::move(record));
  }
  return {in["lane"].get<std::string>(), std::move(result)};
}

void send(int descriptor, const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written <= 0)
      return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

// ---- inside a worker ----

void limit_process(const WorkerOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // The sanitizer's shadow is larger than any program.
  if (const rlimit memory{options.memory_bytes, options.memory_bytes}; !is_sanitized)
    setrlimit(RLIMIT_DATA, &memory);
  const rlimit files{64u << 20, 64u << 20};
  setrlimit(RLIMIT_FSIZE, &files);
  const rlimit cpu{options.seconds + 1, options.seconds + 2};
  setrlimit(RLIMIT_CPU, &cpu);
}

driver::CompilationOptions compilation_options(const Case& program, const Lane& lane, const WorkerOptions& options,
                                               std::string& output) {
  driver::CompilationOptions made;
  made.check = driver::host_check_options(program.path);
  if (!options.library_directories.empty())
    made.check.library_directories = options.library_directories;
  made.engine = lane.engine;
  made.output = [&output](int, std::string_view bytes) { output += bytes; };
  return made;
}

void append_leaves(const ir::Module& module, ir::TypeId id, std::uint64_t offset, const std::string& path,
                   std::vector<FoldLeaf>& out, int depth) {
  constexpr std::size_t most = 4096;
  if (out.size() >= most || depth > 32)
    return;
  const ir::Type& type = module.type(id);
  const ir::Layout layout = module.layout(id);
  switch (type.kind) {
  case ir::TypeKind::Array:
  case ir::TypeKind::Vector: {
    const std::uint64_t stride = module.layout(type.element).size;
    for (std::uint64_t i = 0; i < type.count && out.size() < most; ++i)
      append_leaves(module, type.element, offset + i * stride, path + "[" + std::to_string(i) + "]", out, depth + 1);
    break;
  }
  case ir::TypeKind::Aggregate:
    for (const ir::Field& field : type.fields)
      append_leaves(module, field.type, offset + field.offset, path + "." + std::string(module.text(field.name)), out,
                    depth + 1);
    break;
  default:
    if (layout.size)
      out.push_back({offset, layout.size, path.empty() ? "value" : path});
  }
}

LaneResult comptime_result(Compilation& compilation, bool evaluated, const std::string& output) {
  LaneResult result;
  result.end = End::Completed;
  // Lanes that share a malformed module would agree about it.
  if (evaluated)
    if (const auto errors = ir::verify(compilation.module()); !errors.empty()) {
      result.end = End::Crashed;
      result.reason = "the IR does not verify: " + errors.front().message;
      return result;
    }
  result.rejected = !evaluated;
  result.diagnostics = render_text(compilation.diagnostics(), compilation.sources());
  for (const Report& report : compilation.diagnostics().reports()) {
    if (report.info->level != Level::Error)
      continue;
    std::string position = "none";
    if (report.span.valid()) {
      const LineColumn at = compilation.sources().locate(report.span);
      position = std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    result.codes.push_back(std::string(report.info->code) + " @ " + position);
  }
  result.comptime_output = output;
  result.instructions = compilation.instructions();
  const ir::Module& module = compilation.module();
  for (const driver::Fold& fold : compilation.folds()) {
    FoldRecord record;
    record.head = fold.site + " : " + fold.type;
    record.text = driver::print_fold(module, fold);
    record.is_run = fold.is_run;
    if (!fold.image.objects.empty()) {
      record.bytes = fold.image.objects.front().bytes;
      if (fold.image.type.valid())
        append_leaves(module, fold.image.type, 0, "", record.leaves, 0);
    }
    result.folds.push_back(std::move(record));
  }
  if (compilation.exit_code())
    result.status = *compilation.exit_code();
  return result;
}

/// An evaluation of `main` in terms of what native code does in the same situation (R10.51), or incomparable.
LaneResult main_result(const comptime::Outcome& outcome, std::string output, std::string errors) {
  using comptime::Reason;
  LaneResult result;
  result.end = End::Completed;
  result.output = std::move(output);
  result.errors = std::move(errors);
  const auto incomparable = [&](std::string_view code) {
    result.end = End::Incomparable;
    result.reason = code;
  };
  if (outcome.exit_code) {
    result.status = *outcome.exit_code & 255;
  } else if (!outcome.failure) {
    std::uint32_t status = 0;
    if (outcome.image && !outcome.image->objects.empty() && outcome.image->objects.front().bytes.size() >= 4)
      std::memcpy(&status, outcome.image->objects.front().bytes.data(), 4);
    result.status = static_cast<int>(status & 255);
  } else {
    switch (outcome.failure->reason) {
    case Reason::DivisionByZero:
    case Reason::DivisionOverflow: result.status = 128 + SIGFPE; break;
    case Reason::Aborted: result.status = 128 + SIGABRT; break;
    case Reason::Unreachable: result.status = 128 + SIGILL; break;
    case Reason::ExternRefused:
    case Reason::ExternSignature:
    case Reason::SymbolNotFound: incomparable("host-function"); break;
    case Reason::Unsupported:
    case Reason::MissingService: incomparable("unsupported"); break;
    case Reason::DepthLimit:
    case Reason::StepLimit:
    case Reason::AllocationLimit: incomparable("limit"); break;
    case Reason::Undefined:
    case Reason::NullDereference:
    case Reason::NullFunction:
    case Reason::OutOfBounds: incomparable("undefined"); break;
    default:
      result.end = End::Crashed;
      result.reason = comptime::describe(*outcome.failure);
      break;
    }
    if (result.end == End::Incomparable)
      result.errors += comptime::describe(*outcome.failure);
  }
  if (outcome.verdict == comptime::Verdict::Undefined)
    incomparable("undefined");
  else if (outcome.verdict == comptime::Verdict::AddressDependent)
    incomparable("address-dependent");
  return result;
}

std::string read_back(int descriptor) {
  std::string out;
  const off_t size = lseek(descriptor, 0, SEEK_END);
  if (size > 0) {
    out.resize(static_cast<std::size_t>(size));
    const ssize_t got = pread(descriptor, out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  close(descriptor);
  return out;
}

/// Runs `body` in a child with standard output and error captured; its return value is the exit status.
template <class Body> LaneResult run_child(const WorkerOptions& options, Body&& body) {
  const int out = memfd_create("stdout", 0), err = memfd_create("stderr", 0);
  LaneResult result;
  const pid_t child = fork();
  if (child == 0) {
    limit_process(options);
    dup2(out, 1);
    dup2(err, 2);
    const int quiet = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(quiet, 0);
    _exit(body() & 255);
  }
  int status = 0;
  bool timed_out = false;
  // The child's own processor limit ends a busy hang; this clock ends a sleeping one.
  for (unsigned waited = 0; waitpid(child, &status, WNOHANG) == 0; ++waited) {
    if (waited > options.wall_seconds * 1000) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      timed_out = true;
      break;
    }
    usleep(waited < 50 ? 200 : 1000);
  }
  result.output = read_back(out);
  result.errors = read_back(err);
  result.end = End::Completed;
  if (timed_out || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))) {
    result.end = End::TimedOut;
    result.reason = timed_out ? "no end after " + std::to_string(options.wall_seconds) + " s"
                              : "no end after " + std::to_string(options.seconds) + " s of processor time";
  } else {
    result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return result;
}

LaneResult run_native(Compilation& compilation, const Lane& lane, const WorkerOptions& options) {
  // A failing back end is told apart from a failing program by a marker that programs cannot know.
  const std::string marker = "\x01sx-backend-error: ";
  LaneResult result = run_child(options, [&] {
    auto status = driver::run_jit(compilation, lane.opt);
    if (status)
      return *status;
    const std::string text = marker + status.error();
    send(2, text);
    return 3;
  });
  if (const std::size_t at = result.errors.rfind(marker); at != std::string::npos) {
    result.end = End::Crashed;
    result.reason = result.errors.substr(at + marker.size());
  }
  return result;
}

LaneResult run_main_lane(Compilation& compilation, std::string& captured_out, std::string& captured_err,
                         const WorkerOptions& options, std::string_view lane_name) {
  // In a child of its own, so that a crash of the engine is this lane's result alone.
  const int channel = memfd_create("result", 0);
  LaneResult outer = run_child(options, [&] {
    const comptime::Outcome outcome = compilation.run_main();
    send(channel, encode(lane_name, main_result(outcome, captured_out, captured_err)));
    return 0;
  });
  auto [name, inner] = decode(read_back(channel));
  if (!name.empty())
    return inner;
  if (outer.end != End::TimedOut) {
    outer.end = End::Crashed;
    outer.reason = "the engine ended with status " + std::to_string(outer.status);
  }
  return outer;
}

void plant(LaneResult& result, Plant what) {
  switch (what) {
  case Plant::WrongFold:
    if (!result.folds.empty() && !result.folds.back().bytes.empty()) {
      FoldRecord& fold = result.folds.back();
      fold.bytes.front() ^= 1;
      fold.text += "    (planted)\n";
    }
    break;
  case Plant::WrongDiagnostic: result.diagnostics += "error: planted [E0000]\n"; break;
  case Plant::WrongOutput: result.output += "planted"; break;
  case Plant::Crash: raise(SIGSEGV); break;
  case Plant::Hang:
    for (;;)
      pause();
  case Plant::None: break;
  }
}

[[noreturn]] void run_group(const Case& program, const LaneGroup& group, const WorkerOptions& options, int report) {
  limit_process(options);
  std::string comptime_output, out, err;
  bool running_main = false;
  driver::CompilationOptions made = compilation_options(program, *group.lanes.front(), options, comptime_output);
  made.output = [&](int fd, std::string_view bytes) {
    (running_main ? (fd == 2 ? err : out) : comptime_output) += bytes;
  };
  Compilation compilation(std::move(made));
  const bool evaluated = compilation.check() && compilation.evaluate();
  const bool runnable = evaluated && compilation.module().entry_symbol.valid() &&
                        !compilation.module().text(compilation.module().entry_symbol).empty();
  running_main = true;
  for (const Lane* lane : group.lanes) {
    LaneResult result;
    const bool planted = options.plant != Plant::None && options.plant_lane == lane->name;
    if (planted && (options.plant == Plant::Crash || options.plant == Plant::Hang))
      plant(result, options.plant);
    switch (lane->kind) {
    case LaneKind::Comptime: {
      result = comptime_result(compilation, evaluated, comptime_output);
      if (evaluated) {
        if (auto text = driver::llvm_text(compilation))
          result.llvm = std::move(*text);
        else {
          result.end = End::Crashed;
          result.reason = text.error();
        }
      }
      if (compilation.verdict() == comptime::Verdict::Undefined) {
        result.end = End::Incomparable;
        result.reason = "undefined";
      }
      break;
    }
    case LaneKind::Native:
      if (runnable)
        result = run_native(compilation, *lane, options);
      break;
    case LaneKind::Main:
      if (runnable)
        result = run_main_lane(compilation, out, err, options, lane->name);
      break;
    }
    // What `sx run` writes between compiling and running (R1.158).
    if (lane->kind != LaneKind::Comptime && runnable && compilation.program().has_build_marker)
      result.output.insert(0, "--- build done ---\n");
    if (planted)
      plant(result, options.plant);
    send(report, encode(lane->name, result));
  }
  _exit(0);
}

} // namespace

std::vector<LaneGroup> group_lanes(const std::vector<const Lane*>& wanted) {
  std::vector<LaneGroup> groups;
  std::vector<driver::EngineKind> engines;
  for (const Lane* lane : wanted) {
    auto at = std::ranges::find(engines, lane->engine);
    if (at == engines.end()) {
      engines.push_back(lane->engine);
      groups.emplace_back();
      at = engines.end() - 1;
    }
    groups[static_cast<std::size_t>(at - engines.begin())].lanes.push_back(lane);
  }
  return groups;
}

RunningGroup start_group(const Case& program, const LaneGroup& group, const WorkerOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return {};
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    close(ends[0]);
    const int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {0, 1, 2})
      dup2(quiet, standard);
    run_group(program, group, options, ends[1]);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return {};
  }
  setpgid(child, child);
  return {child, ends[0], {}};
}

LaneResults finish_group(RunningGroup& running, const LaneGroup& group, bool timed_out) {
  LaneResults results;
  if (running.process > 0 && timed_out)
    kill(-running.process, SIGKILL);
  int status = 0;
  if (running.process > 0)
    waitpid(running.process, &status, 0);
  if (running.descriptor >= 0)
    close(running.descriptor);
  std::string_view rest = running.received;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos)
      break;
    auto [name, result] = decode(rest.substr(0, end));
    if (!name.empty())
      results.insert_or_assign(std::move(name), std::move(result));
    rest.remove_prefix(end + 1);
  }
  for (const Lane* lane : group.lanes) {
    if (results.contains(lane->name))
      continue;
    LaneResult lost;
    const bool out_of_time = timed_out || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
    lost.end = out_of_time ? End::TimedOut : End::Crashed;
    lost.reason = out_of_time ? "no end within the time limit"
                  : WIFSIGNALED(status)
                      ? "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")"
                      : "ended with status " + std::to_string(WEXITSTATUS(status));
    results.emplace(lane->name, std::move(lost));
  }
  running = {};
  return results;
}

} // namespace sx::harness
