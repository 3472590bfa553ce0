// Linking through the system's driver, or the one the user names.

#include "codegen/process.h"
#include "codegen/targets.h"

#include <sys/wait.h>

namespace sx::codegen {

namespace {

std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : command) {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty())
    words.push_back(std::move(word));
  return words;
}

} // namespace

std::vector<std::string> link_command(const LinkRequest& request) {
  const bool is_wasm = expand_target(request.triple).starts_with("wasm");
  // The system's driver makes programs for the host only.
  std::vector<std::string> command = words_of(is_wasm && request.linker == "cc" ? "emcc" : request.linker);
  if (command.empty())
    command.emplace_back("cc");
  if (!request.sysroot.empty())
    command.push_back("--sysroot=" + request.sysroot);
  command.emplace_back("-o");
  command.push_back(request.output);
  command.insert(command.end(), request.objects.begin(), request.objects.end());
  for (const std::string& directory : request.library_paths)
    command.push_back("-L" + directory);
  for (const std::string& name : request.libraries)
    command.push_back("-l" + name);
  command.insert(command.end(), request.flags.begin(), request.flags.end());
  if (!is_wasm) // whose C library has the mathematics
    command.emplace_back("-lm");
  return command;
}

std::expected<void, Error> link(const LinkRequest& request) {
  const auto command = link_command(request);
  auto finished = run_captured(command);
  if (!finished)
    return std::unexpected(std::move(finished.error()));
  if (WIFEXITED(finished->status) && WEXITSTATUS(finished->status) == 0)
    return {};
  std::string& output = finished->output;
  while (output.ends_with('\n'))
    output.pop_back();
  return std::unexpected(
      Error{"'" + command[0] + "' could not link '" + request.output + "'" + (output.empty() ? "" : ":\n" + output)});
}

} // namespace sx::codegen
