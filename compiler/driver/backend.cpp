#include "driver/backend.h"

#include "codegen/codegen.h"
#include "codegen/targets.h"
#include "driver/c_sources.h"
#include "source/read_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace sx::driver {

namespace fs = std::filesystem;

namespace {

class Locator final : public codegen::SourceLocator {
public:
  explicit Locator(const SourceMap& sources) : sources_(sources) {}
  std::optional<codegen::Location> locate(Span span) const override {
    if (!span.valid() || !sources_.contains(span.file))
      return std::nullopt;
    const LineColumn at = sources_.locate(span);
    return codegen::Location{sources_.file(span.file).path(), at.line, at.column};
  }

private:
  const SourceMap& sources_;
};

codegen::Options options_for(Compilation& compilation, int opt, const Locator& locator) {
  codegen::Options options;
  options.triple = compilation.target_triple();
  options.opt = opt;
  options.locator = &locator;
  for (const std::string& text : compilation.program().global_assembly)
    options.global_assembly += text + "\n";
  return options;
}

/// Removes a scratch directory when the command is done (R1.156).
class Scratch {
public:
  Scratch() : path_(fs::path(".sx-tmp") / std::to_string(getpid())) {
    std::error_code error;
    fs::create_directories(path_, error);
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
    fs::remove(".sx-tmp", error); // only when it is empty
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
  fs::path path_;
};

/// Objects of C sources are held in memory while the program runs: its end may not come back here to remove files.
constexpr std::size_t max_object_bytes = std::size_t{1} << 30;

std::expected<std::vector<std::string>, std::string> c_object_images(Compilation& compilation, int opt) {
  std::vector<std::string> images;
  if (compilation.program().c_units.empty())
    return images;
  const Scratch scratch;
  const auto objects =
      compile_c_sources(compilation.program(), compilation.target_triple(), opt, scratch.file("source"));
  if (!objects)
    return std::unexpected(objects.error());
  for (const std::string& path : *objects) {
    auto image = read_file(path, max_object_bytes);
    if (!image)
      return std::unexpected("cannot read '" + path + "': " + image.error().reason);
    images.push_back(std::move(*image));
  }
  return images;
}

std::string executable_directory() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? "." : self.parent_path().string();
}

} // namespace

sema::Options host_check_options(std::string entry_path) {
  sema::Options options;
  options.entry_path = std::move(entry_path);
  if (const char* path = std::getenv("SX_STDLIB_PATH"); path && *path)
    options.library_directories.emplace_back(path);
  const std::string directory = executable_directory();
  // The build tree keeps the library in the source tree; an installed compiler has it beside its binaries (R1.109).
  for (const char* relative : {"/../../../compiler/library", "/../../library", "/../library", "/library"}) {
    std::error_code error;
    const fs::path candidate = fs::weakly_canonical(directory + relative, error);
    if (!error && fs::is_directory(candidate / "modules", error))
      options.library_directories.push_back(candidate.string());
  }
  return options;
}

std::expected<void, std::string> apply_target(const std::string& target, CompilationOptions& options) {
  if (target.empty())
    return {};
  const std::string triple = codegen::expand_target(target);
  options.triple = triple;
  const auto starts = [&](std::string_view prefix) { return triple.starts_with(prefix); };
  const auto contains = [&](std::string_view part) { return triple.find(part) != std::string::npos; };
  options.check.target_arch = starts("x86_64")                       ? "x86_64"
                              : starts("aarch64") || starts("arm64") ? "aarch64"
                              : starts("wasm32")                     ? "wasm32"
                              : starts("wasm64")                     ? "wasm64"
                                                                     : "unknown";
  options.check.target_os = starts("wasm")                             ? "wasm"
                            : contains("windows") || contains("win32") ? "windows"
                            : contains("android")                      ? "android"
                            : contains("linux")                        ? "linux"
                            : contains("-apple-ios")                   ? "ios"
                            : contains("darwin") || contains("macos")  ? "macos"
                                                                       : "unknown";
  options.check.pointer_bytes = starts("wasm32") ? 4 : 8;
  return {};
}

std::expected<std::string, std::string> llvm_text(Compilation& compilation, int opt) {
  const Locator locator(compilation.sources());
  auto text = codegen::emit_llvm_text(compilation.module(), options_for(compilation, opt, locator));
  if (!text)
    return std::unexpected(text.error().message);
  return std::move(*text);
}

std::expected<int, std::string> run_jit(Compilation& compilation, int opt,
                                        const std::vector<std::string>& library_paths) {
  if (!compilation.target_triple().empty() && compilation.target_triple().starts_with("wasm"))
    return std::unexpected("'" + compilation.target_triple() + "' cannot be run [E1012]");
  const Locator locator(compilation.sources());
  codegen::RunRequest request;
  request.libraries = compilation.program().libraries;
  request.library_paths = library_paths;
  auto images = c_object_images(compilation, opt);
  if (!images)
    return std::unexpected(images.error());
  request.images = std::move(*images);
  auto status = codegen::run_jit(compilation.module(), options_for(compilation, opt, locator), request);
  if (!status)
    return std::unexpected(status.error().message);
  return *status;
}

std::expected<void, std::string> write_assembly(Compilation& compilation, const BuildOptions& build) {
  const Locator locator(compilation.sources());
  codegen::Options options = options_for(compilation, build.opt, locator);
  options.cpu = build.cpu;
  options.debug_info = build.debug_info;
  options.traces = build.traces;
  auto written = codegen::emit_assembly(compilation.module(), options, build.output);
  if (!written)
    return std::unexpected(written.error().message);
  return {};
}

std::expected<void, std::string> build_executable(Compilation& compilation, const BuildOptions& build) {
  const Locator locator(compilation.sources());
  codegen::Options options = options_for(compilation, build.opt, locator);
  options.cpu = build.cpu;
  options.debug_info = build.debug_info;
  options.traces = build.traces;
  std::error_code error;
  if (const fs::path parent = fs::path(build.output).parent_path(); !parent.empty())
    fs::create_directories(parent, error);
  const Scratch scratch;
  const std::string object = build.keep_object ? build.output + ".o" : scratch.file("program.o");
  if (auto written = codegen::emit_object(compilation.module(), options, object); !written)
    return std::unexpected(written.error().message);
  codegen::LinkRequest request;
  request.linker = build.linker;
  request.triple = options.triple;
  request.objects = {object};
  const auto c_objects =
      compile_c_sources(compilation.program(), compilation.target_triple(), build.opt, scratch.file("source"));
  if (!c_objects)
    return std::unexpected(c_objects.error());
  request.objects.insert(request.objects.end(), c_objects->begin(), c_objects->end());
  request.libraries = compilation.program().libraries;
  request.library_paths = build.library_paths;
  request.flags = build.linker_flags;
  request.sysroot = build.sysroot;
  request.output = build.output;
  if (auto linked = codegen::link(request); !linked)
    return std::unexpected(linked.error().message);
  return {};
}

} // namespace sx::driver
