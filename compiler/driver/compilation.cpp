#include "driver/compilation.h"

#include "driver/c_sources.h"
#include "driver/materialize.h"
#include "driver/stages.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <unistd.h>

namespace sx::driver {

namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace

Compilation::Compilation(CompilationOptions options)
    : options_(std::move(options)), c_reader_(options_.triple), program_(strings_, options_.check.pointer_bytes),
      lowerer_(program_, module_, sources_, strings_), api_(program_, strings_) {
  options_.check.c_reader = &c_reader_;
  module_.target.triple = options_.triple;
  module_.target.pointer_bytes = options_.check.pointer_bytes;
  engine_ = make_engine(options_.engine, module_, *this);
  if (!options_.output)
    options_.output = write_all;
}

Compilation::~Compilation() = default;

bool Compilation::check() {
  const bool checked = sema::check_program(program_, options_.check, sources_, strings_, diagnostics_, *this) &&
                       !diagnostics_.has_errors() && !exit_code_;
  if (!checked)
    settle_folds(false);
  return checked;
}

bool Compilation::evaluate() {
  const bool done = run_phases();
  settle_folds(done);
  return done;
}

void Compilation::settle_folds(bool complete) {
  // Plain initializers are evaluated when an engine first needs them: of a rejected program that is not all of them.
  if (!complete)
    std::erase_if(folds_, [](const Fold& fold) { return !fold.is_run; });
  // For the same reason the order in the log is the order of the source.
  std::ranges::sort(folds_, {}, [](const Fold& fold) {
    const auto& objects = fold.image.objects;
    return std::tuple(fold.site, fold.type, objects.empty() ? std::vector<std::uint8_t>() : objects.front().bytes);
  });
}

bool Compilation::run_phases() {
  // Phase 2: constants, in program order, whether or not anything uses them (R7.16).
  for (const sema::GlobalId id : program_.run_constants) {
    evaluate_global(lowerer_.global(id));
    if (exit_code_)
      return false;
  }
  // Phase 3: statements; a failure does not stop the others (R7.19).
  for (const sema::RunId id : program_.run_statements) {
    const sema::RunSite& run = program_.runs[id.index()];
    const Site site{run.label, run.type, run.span, true, true, is_failable(run.entry)};
    settle(site, run_entry(lowerer_.function(run.entry), comptime::Mode::Comptime));
    if (exit_code_)
      return false;
  }
  if (diagnostics_.has_errors())
    return false;
  // Phase 4: everything the emitted program reaches, until no body brings new operands or globals.
  std::vector<ir::FuncId> roots;
  for (const sema::FunctionId id : program_.exports)
    roots.push_back(lowerer_.function(id));
  if (const ir::FuncId entry = lowerer_.entry_point(); entry.valid())
    roots.push_back(entry);
  for (std::size_t known = ~std::size_t{0}; known != module_.globals.size();) {
    known = module_.globals.size();
    lowerer_.lower_reachable(roots);
    for (std::uint32_t id = 0; id < module_.globals.size(); ++id) {
      const ir::Global& global = module_.globals[id];
      if (global.initializer.valid() && !global.image && !evaluate_global(ir::GlobalId(id)) && exit_code_)
        return false;
    }
    if (diagnostics_.has_errors())
      return false;
  }
  check_stages(module_, roots, diagnostics_);
  lowerer_.sync_tables();
  return !diagnostics_.has_errors() && check_c_sources(program_, c_reader_, diagnostics_); // phase 9
}

comptime::Outcome Compilation::run_main() {
  const ir::FuncId entry = lowerer_.entry_point();
  if (!entry.valid()) {
    comptime::Outcome outcome;
    outcome.failure = comptime::Failure{comptime::Reason::Unsupported, "there is no main", {}, {}};
    return outcome;
  }
  return run_entry(entry, comptime::Mode::Main);
}

comptime::Outcome Compilation::run_entry(ir::FuncId entry, comptime::Mode mode) {
  lowerer_.sync_tables();
  comptime::Request request;
  request.entry = entry;
  request.mode = mode;
  request.limits = options_.limits;
  comptime::Outcome outcome = engine_->evaluate(request);
  instructions_ += outcome.instructions;
  note_verdict(outcome);
  return outcome;
}

void Compilation::note_verdict(const comptime::Outcome& outcome) {
  if (outcome.verdict == comptime::Verdict::Defined || verdict_ != comptime::Verdict::Defined)
    return;
  verdict_ = outcome.verdict;
  verdict_reason_ = outcome.failure ? comptime::describe(*outcome.failure) : "";
}

bool Compilation::is_failable(sema::FunctionId entry) const {
  return entry.valid() &&
         program_.types.is(program_.types[program_.function(entry).type].element, sema::TypeKind::Failable);
}

Compilation::Site Compilation::site_of(ir::GlobalId id) const {
  const lower::Lowerer::Origin origin = lowerer_.origin(id);
  if (origin.run) {
    const sema::RunSite& site = program_.runs[origin.run->index()];
    return {site.label, site.type, site.span, true, false, is_failable(site.entry)};
  }
  if (origin.global) {
    const sema::Global& checked = program_.globals[origin.global->index()];
    return {std::string(strings_.text(checked.name)), checked.type, checked.value_span, checked.is_run, false,
            is_failable(checked.initializer)};
  }
  const ir::Global& global = module_.global(id);
  return {std::string(module_.text(global.name)), {}, global.span, false, false, false};
}

bool Compilation::evaluate_global(ir::GlobalId id) {
  failed_.resize(module_.globals.size());
  if (failed_[id.index()])
    return false;
  if (module_.global(id).image || !module_.global(id).initializer.valid())
    return true;
  const auto running = std::ranges::find(evaluating_, id.value);
  if (running != evaluating_.end()) {
    std::vector<std::string> names;
    for (auto at = running; at != evaluating_.end(); ++at)
      names.push_back(std::string(module_.text(module_.globals[*at].name)));
    const Span first = site_of(ir::GlobalId(*running)).span;
    if (names.size() == 1)
      diagnostics_.report<diag::constant_needs_itself>(first, names.front());
    else
      diagnostics_.report<diag::constant_cycle>(first, quote_list(names));
    for (auto at = running; at != evaluating_.end(); ++at)
      failed_[*at] = true;
    return false;
  }
  evaluating_.push_back(id.value);
  const Site site = site_of(id);
  comptime::Outcome outcome = run_entry(module_.global(id).initializer, comptime::Mode::Comptime);
  evaluating_.pop_back();
  failed_.resize(module_.globals.size());
  if (failed_[id.index()])
    return false; // part of a cycle that was reported
  std::optional<ir::FoldImage> image = settle(site, std::move(outcome));
  if (!image) {
    failed_[id.index()] = true;
    return false;
  }
  module_.globals[id.index()].image = std::move(image);
  if (site.is_failable)
    module_.globals[id.index()].initializer = {}; // it returns an error slot as well, which the image has left behind
  return true;
}

std::optional<ir::FoldImage> Compilation::settle(const Site& site, comptime::Outcome outcome) {
  if (outcome.exit_code) {
    exit_code_ = outcome.exit_code;
    return std::nullopt;
  }
  if (outcome.failure) {
    // What a failed constant drags down is not reported again (C32).
    if (outcome.failure->reason != comptime::Reason::Dependency || !diagnostics_.has_errors())
      report_failure(site, *outcome.failure);
    return std::nullopt;
  }
  ir::FoldImage image = outcome.image ? std::move(*outcome.image) : ir::FoldImage{};
  if (site.is_run && site.type.valid()) {
    if (const std::uint32_t tag = site.is_failable ? take_success(site.type, image) : 0; tag != 0) {
      report_escaped_error(site, tag, outcome);
      return std::nullopt;
    }
    if (!site.is_statement) {
      auto kept = materialize(program_.types, module_, site.type, image);
      if (!kept) {
        if (kept.error().is_function)
          diagnostics_.report<diag::result_is_function_like>(site.span, site.name, kept.error().kind);
        else
          diagnostics_.report<diag::result_cannot_be_kept>(site.span, site.name, kept.error().kind);
        return std::nullopt;
      }
      image = std::move(*kept);
    }
  }
  const std::string type = site.type.valid() ? program_.types.name(site.type) : "";
  folds_.push_back({position(site.span) + " " + site.name, type, image, site.is_run});
  return image;
}

std::uint32_t Compilation::take_success(sema::TypeId success, ir::FoldImage& image) {
  const ir::TypeId wanted = lowerer_.type(success);
  if (image.objects.empty() || image.type == wanted || !image.type.valid())
    return 0;
  const ir::Type& type = module_.type(image.type);
  const bool has_values = type.kind == ir::TypeKind::Aggregate && module_.text(type.name) == "result";
  const bool only_tag = type.kind == ir::TypeKind::Int && program_.types.is(success, sema::TypeKind::Void);
  if (!has_values && !only_tag)
    return 0;
  // R7.14: the values stand as in the success type, the error slot follows them.
  std::vector<std::uint8_t>& bytes = image.objects.front().bytes;
  const std::uint64_t slot = has_values ? type.fields.back().offset : 0;
  std::uint32_t tag = 0;
  if (slot + 4 <= bytes.size())
    std::memcpy(&tag, bytes.data() + slot, 4);
  bytes.resize(only_tag ? 0 : module_.layout(wanted).size);
  image.type = wanted;
  return tag;
}

std::string Compilation::position(Span span) const {
  if (!span.valid())
    return "-";
  const LineColumn at = sources_.locate(span);
  return sources_.file(span.file).path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

void Compilation::report_failure(const Site& site, const comptime::Failure& failure) {
  Report& report = diagnostics_.report<diag::evaluation_failed>(site.span, comptime::describe(failure));
  if (failure.span.valid() && failure.span != site.span)
    report.note("it happened here", failure.span);
  if (std::string list = call_list(failure, site.span); !list.empty())
    report.note(std::move(list));
}

std::string Compilation::call_list(const comptime::Failure& failure, Span entry) const {
  if (failure.calls.empty())
    return "";
  constexpr std::size_t shown = 16;
  std::string list = "while evaluating:";
  for (std::size_t i = 0; i < failure.calls.size() && i < shown; ++i) {
    const comptime::CallSite& call = failure.calls[i];
    const std::string_view name = call.function.index() < module_.functions.size()
                                      ? module_.text(module_.function(call.function).name)
                                      : std::string_view("?");
    list += "\n" + std::string(name) + " at " + position(call.call.valid() ? call.call : entry);
  }
  if (failure.calls.size() > shown)
    list += "\n... " + std::to_string(failure.calls.size() - shown) + " more";
  return list;
}

std::string Compilation::error_tag_name(std::uint32_t tag) const {
  return tag < program_.error_tags.size() ? std::string(strings_.text(program_.error_tags[tag])) : std::to_string(tag);
}

void Compilation::report_escaped_error(const Site& site, std::uint32_t tag, const comptime::Outcome& outcome) {
  const std::string name = error_tag_name(tag);
  const std::string label = site.is_statement ? "top-level statement" : site.name;
  Report& report = diagnostics_.report<diag::error_escaped_run>(site.span, label, name);
  std::string trace;
  if (!outcome.trace.empty()) {
    trace = "error return trace (most recent call last):\n";
    if (outcome.trace_truncated)
      trace += "  ... older frames omitted (buffer full)\n";
    for (const std::uint64_t handle : outcome.trace) {
      if (handle == 0 || handle > module_.frames.size())
        continue;
      const ir::TraceFrame& frame = module_.frames[handle - 1];
      trace += "  " + std::string(module_.text(frame.function)) + " at " + std::string(module_.text(frame.file)) + ":" +
               std::to_string(frame.line) + ":" + std::to_string(frame.column) + "\n";
    }
  }
  report.trace = std::move(trace);
  report.help("use 'catch' or 'or' inside the '#run'");
}

std::optional<std::string> Compilation::first_byte_string(const ir::FoldImage& image) const {
  if (image.objects.empty() || image.objects.front().bytes.size() < 16)
    return std::nullopt;
  const ir::ImageObject& value = image.objects.front();
  std::uint64_t length = 0;
  std::memcpy(&length, value.bytes.data() + 8, 8);
  if (value.relocations.empty())
    return length == 0 ? std::optional<std::string>("") : std::nullopt;
  const ir::Relocation& pointer = value.relocations.front();
  std::string_view bytes;
  if (pointer.kind == ir::Relocation::Kind::Data)
    bytes = module_.data[pointer.target];
  else if (pointer.kind == ir::Relocation::Kind::Object) {
    const auto& object = image.objects[pointer.target].bytes;
    bytes = {reinterpret_cast<const char*>(object.data()), object.size()};
  }
  const auto start = static_cast<std::uint64_t>(pointer.addend);
  if (start > bytes.size() || length > bytes.size() - start)
    return std::nullopt;
  return std::string(bytes.substr(start, length));
}

std::expected<comptime::Outcome, sema::EvaluationError> Compilation::evaluate_for_checking(sema::FunctionId entry) {
  // `exit` ends the compiler, not the program: nothing more is evaluated, and there is nothing to report (R7.167).
  const auto ended = [] { return sema::EvaluationError{"the evaluation ended the compiler", true, {}, {}}; };
  if (exit_code_)
    return std::unexpected(ended());
  comptime::Outcome outcome = run_entry(lowerer_.function(entry), comptime::Mode::Comptime);
  if (outcome.failure) {
    const comptime::Failure& failure = *outcome.failure;
    sema::EvaluationError error{comptime::describe(failure), false, failure.span,
                                call_list(failure, program_.function(entry).span)};
    // What is missing failed with a report of its own (C32), or waits for a type that is being built.
    if (failure.reason == comptime::Reason::Dependency) {
      error.reported = diagnostics_.has_errors();
      error.reason = "it needs a function that uses a type before the type is filled in (" + failure.detail + ")";
    }
    return std::unexpected(std::move(error));
  }
  if (outcome.exit_code) {
    exit_code_ = outcome.exit_code;
    diagnostics_.stop();
    return std::unexpected(ended());
  }
  return outcome;
}

std::expected<std::string, sema::EvaluationError> Compilation::evaluate_string(sema::FunctionId entry) {
  const auto outcome = evaluate_for_checking(entry);
  if (!outcome)
    return std::unexpected(outcome.error());
  if (outcome->image && is_failable(entry)) {
    ir::FoldImage image = *outcome->image;
    if (const std::uint32_t tag = take_success(program_.types.string, image); tag != 0)
      return std::unexpected(sema::EvaluationError{"unhandled error." + error_tag_name(tag), false, {}, {}});
  }
  std::optional<std::string> text = outcome->image ? first_byte_string(*outcome->image) : std::nullopt;
  if (!text)
    return std::unexpected(sema::EvaluationError{"the result is not a text", false, {}, {}});
  return *text;
}

std::expected<std::uint64_t, sema::EvaluationError> Compilation::evaluate_word(sema::FunctionId entry) {
  const auto outcome = evaluate_for_checking(entry);
  if (!outcome)
    return std::unexpected(outcome.error());
  if (!outcome->image || outcome->image->objects.empty())
    return std::unexpected(sema::EvaluationError{"the result is not a scalar", false, {}, {}});
  std::uint64_t word = 0;
  const auto& bytes = outcome->image->objects.front().bytes;
  std::memcpy(&word, bytes.data(), std::min<std::size_t>(bytes.size(), 8));
  return word;
}

bool Compilation::ensure_body(ir::FuncId function) {
  const bool made = lowerer_.ensure_body(function);
  lowerer_.sync_tables();
  return made;
}

std::expected<const ir::FoldImage*, comptime::Failure> Compilation::global_image(ir::GlobalId global) {
  if (!evaluate_global(global)) {
    comptime::Failure failure;
    failure.reason = comptime::Reason::Dependency;
    failure.detail = std::string(module_.text(module_.global(global).name));
    return std::unexpected(std::move(failure));
  }
  const std::optional<ir::FoldImage>& image = module_.global(global).image;
  return image ? &*image : nullptr;
}

bool Compilation::write(int fd, std::string_view bytes) {
  if (fd != 1 && fd != 2)
    return false;
  options_.output(fd, bytes);
  return true;
}

std::expected<std::string, comptime::Failure> Compilation::compiler_call(std::uint32_t call,
                                                                         std::span<const std::string> arguments) {
  comptime::Failure failure;
  auto answer = api_.call(call, arguments);
  lowerer_.sync_tables(); // a type may be new, or filled in
  if (answer)
    return std::move(*answer);
  failure.reason = answer.error().registers ? comptime::Reason::TypeRegistration : comptime::Reason::CompilerQuery;
  failure.detail = std::move(answer.error().reason);
  return std::unexpected(std::move(failure));
}

} // namespace sx::driver
