#include "codegen/targets.h"

#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

namespace sx::codegen {

namespace {

struct Shorthand {
  std::string_view name, triple;
};
constexpr Shorthand shorthands[] = {
    {"linux", "x86_64-linux-gnu"},
    {"linux-x86", "x86_64-linux-gnu"},
    {"linux-arm", "aarch64-linux-gnu"},
    {"linux-musl", "x86_64-linux-musl"},
    {"linux-musl-arm", "aarch64-linux-musl"},
    {"windows", "x86_64-windows-msvc"},
    {"windows-gnu", "x86_64-windows-gnu"},
    {"macos", "aarch64-apple-darwin"},
    {"macos-arm", "aarch64-apple-darwin"},
    {"macos-x86", "x86_64-apple-darwin"},
    {"wasm", "wasm32-unknown-emscripten"},
    {"wasm32", "wasm32-unknown-emscripten"},
    {"emscripten", "wasm32-unknown-emscripten"},
    {"wasm64", "wasm64-unknown-emscripten"},
};

} // namespace

std::string expand_target(std::string_view name) {
  for (const Shorthand& row : shorthands)
    if (row.name == name)
      return std::string(row.triple);
  return std::string(name);
}

std::string host_triple() {
  return llvm::Triple::normalize(llvm::sys::getDefaultTargetTriple());
}

std::expected<TargetFacts, Error> find_target(std::string_view name) {
  const llvm::Triple triple(name.empty() ? host_triple() : llvm::Triple::normalize(expand_target(name)));
  TargetFacts facts;
  facts.triple = triple.str();
  if (triple.getArch() == llvm::Triple::x86_64 && !triple.isOSWindows() && !triple.isX32())
    return facts;
  if (triple.isWasm()) {
    facts.platform = Platform::WebAssembly;
    facts.pointer_bytes = triple.isArch64Bit() ? 8 : 4;
    return facts;
  }
  return std::unexpected(Error{"no code generation for target '" + std::string(name.empty() ? facts.triple : name) +
                               "': only x86-64 with the System V ABI and WebAssembly are supported"});
}

} // namespace sx::codegen
