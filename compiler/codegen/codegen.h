#pragma once
// The LLVM back end: one evaluated `ir::Module` in; text, assembly, an object file or a run out. No LLVM type appears
// here, so only this room depends on its headers.
//
// The module must be verified (`ir::verify`) and evaluated: every reachable global has an image or is all zero bytes.
// Whatever else is wrong comes back as an `Error`; nothing here aborts on user input.

#include "ir/module.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sx::codegen {

/// Why something could not be emitted, linked or run: one line or more, without a final line end.
struct Error {
  std::string message;
};

/// A source position for debug information; line and column count from 1.
struct Location {
  std::string_view file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Turns spans into positions. Called during emission only, from one thread at a time.
class SourceLocator {
public:
  virtual ~SourceLocator() = default;
  /// Nothing for a span without position. `file` must live as long as the locator.
  virtual std::optional<Location> locate(Span span) const = 0;
};

struct Options {
  /// Target triple or shorthand (R1.155). Empty: the module's, and if that is empty too the host's.
  std::string triple;
  std::string cpu = "generic"; ///< a model of the target, or `native`
  int opt = 0;                 ///< 0 to 3
  bool debug_info = false;     ///< DWARF line tables; needs `locator`
  bool traces = true;          ///< keep pushes and clears of the return trace (R6.132)
  const SourceLocator* locator = nullptr;
  /// Assembly text that stands beside the functions (R2.124).
  std::string global_assembly;
};

/// The LLVM module as text, after optimisation at `options.opt`. The same module gives the same text.
std::expected<std::string, Error> emit_llvm_text(const ir::Module& module, const Options& options);
/// Writes an object file. `path` is replaced; after an error its content is unspecified.
std::expected<void, Error> emit_object(const ir::Module& module, const Options& options, const std::string& path);
/// Writes assembly text, likewise.
std::expected<void, Error> emit_assembly(const ir::Module& module, const Options& options, const std::string& path);

struct LinkRequest {
  std::string linker = "cc";              ///< driver command, found through PATH; `cc` means `emcc` for WebAssembly
  std::string triple;                     ///< as in Options
  std::vector<std::string> objects;       ///< object and archive files
  std::vector<std::string> libraries;     ///< names for `-l`; libc and libm are always linked (R2.128)
  std::vector<std::string> library_paths; ///< directories for `-L`
  std::vector<std::string> flags;         ///< handed to the driver as they are
  std::string sysroot;                    ///< may be empty
  std::string output;                     ///< path of the executable
};

/// The command that `link` runs, program first.
std::vector<std::string> link_command(const LinkRequest& request);
/// Links with the driver, without a shell. The error holds what the driver wrote.
std::expected<void, Error> link(const LinkRequest& request);

struct RunRequest {
  std::vector<std::string> libraries;     ///< names as for `-l`
  std::vector<std::string> library_paths; ///< searched first
  std::vector<std::string> objects;       ///< object files to link in
  std::vector<std::string> images;        ///< the same, as bytes in memory
};

/// Compiles the module for the host, runs its entry in this process and returns the entry's exit status (not reduced
/// to a byte). A program that ends the process, traps or crashes does that to this process. Its code stays mapped
/// until the process ends, because callbacks it registered may still run.
std::expected<int, Error> run_jit(const ir::Module& module, const Options& options, const RunRequest& request = {});

} // namespace sx::codegen
