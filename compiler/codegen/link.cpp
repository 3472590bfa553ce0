// Linking through the system's driver, or the one the user names.

#include "codegen/targets.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sx::codegen {

namespace {

/// A driver's output beyond this is cut: it goes into one message.
constexpr std::size_t max_captured = std::size_t{64} << 10;

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

/// Reads until the other end closes; what is too long is read and dropped, so that the child never blocks.
std::string drain(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return text;
    text.append(buffer, std::min(static_cast<std::size_t>(count), max_captured - text.size()));
  }
}

struct Finished {
  int status = 0;
  std::string output;
};

std::expected<Finished, Error> run_captured(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return std::unexpected(Error{std::string("cannot start the linker: ") + std::strerror(errno)});
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::vector<char*> arguments;
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int problem = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (problem != 0) {
    ::close(ends[0]);
    return std::unexpected(Error{"cannot start '" + command[0] + "': " + std::strerror(problem)});
  }
  Finished finished;
  finished.output = drain(ends[0]);
  ::close(ends[0]);
  while (::waitpid(child, &finished.status, 0) < 0 && errno == EINTR) {
  }
  return finished;
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
