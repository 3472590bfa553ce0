// export_seeds CORPUS OUT [text]: the IR module of every corpus program that compiles, as a fuzzer seed.

#include "driver/backend.h"
#include "ir/codec.h"
#include "ir/print.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const bool as_text = argc == 4 && std::string_view(argv[3]) == "text";
  if (argc != 3 && !as_text) {
    std::fprintf(stderr, "usage: export_seeds CORPUS OUT [text]\n");
    return 2;
  }
  std::error_code error;
  fs::create_directories(argv[2], error);
  unsigned count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1], error)) {
    if (entry.path().extension() != ".sx")
      continue;
    sx::driver::CompilationOptions options;
    options.check = sx::driver::host_check_options(entry.path().string());
    options.output = [](int, std::string_view) {};
    sx::driver::Compilation compilation(std::move(options));
    if (!compilation.check() || !compilation.evaluate())
      continue;
    std::string seed = sx::ir::print(compilation.module());
    if (!as_text) {
      const auto bytes = sx::ir::encode(compilation.module());
      seed.assign(bytes.begin(), bytes.end());
    }
    std::string name = entry.path().lexically_relative(argv[1]).string();
    for (char& c : name)
      if (c == '/')
        c = '_';
    std::ofstream(fs::path(argv[2]) / name, std::ios::binary)
        .write(seed.data(), static_cast<std::streamsize>(seed.size()));
    ++count;
  }
  std::printf("%u seeds\n", count);
  return 0;
}
