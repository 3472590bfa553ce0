#include "driver/c_sources.h"

#include "codegen/process.h"

#include <map>
#include <sys/wait.h>

namespace sx::driver {

namespace {

constexpr const char* c_compiler = "clang-22";

} // namespace

bool check_c_sources(const sema::Program& program, ClangReader& reader, Diagnostics& diagnostics) {
  std::map<std::string, std::string> defined_in; ///< by symbol
  bool good = true;
  for (const sema::CUnit& unit : program.c_units)
    for (const std::string& source : unit.sources) {
      const auto symbols = reader.definitions(unit, source);
      if (!symbols) {
        diagnostics.report<diag::c_import_failed>(unit.span).note(symbols.error());
        good = false;
        continue;
      }
      bool reported = false; // one report names the pair of files
      for (const std::string& symbol : *symbols) {
        const auto [known, is_new] = defined_in.try_emplace(symbol, source);
        if (is_new || known->second == source || reported)
          continue;
        diagnostics.report<diag::c_symbol_defined_twice>(unit.span, symbol, known->second, source);
        reported = true;
        good = false;
      }
    }
  return good;
}

std::expected<std::vector<std::string>, std::string>
compile_c_sources(const sema::Program& program, const std::string& triple, int opt, const std::string& prefix) {
  std::vector<std::string> objects;
  for (const sema::CUnit& unit : program.c_units)
    for (const std::string& source : unit.sources) {
      std::string object = prefix + std::to_string(objects.size()) + ".o";
      std::vector<std::string> command{c_compiler, "-c", source, "-o", object, "-fPIC", "-O" + std::to_string(opt)};
      const auto arguments = c_arguments(unit, triple);
      command.insert(command.end(), arguments.begin(), arguments.end());
      const auto finished = codegen::run_captured(command);
      if (!finished)
        return std::unexpected(finished.error().message);
      if (!WIFEXITED(finished->status) || WEXITSTATUS(finished->status) != 0)
        return std::unexpected("'" + source + "' could not be compiled:\n" + finished->output);
      objects.push_back(std::move(object));
    }
  return objects;
}

} // namespace sx::driver
