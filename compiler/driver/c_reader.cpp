#include "driver/c_reader.h"

#include "source/read_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <clang-c/Index.h>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <set>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sx::driver {

using sema::CPrototype;
using sema::CType;

namespace {

// Bounds of one request.
constexpr std::size_t max_header_bytes = std::size_t{8} << 20;
constexpr std::size_t max_source_bytes = std::size_t{64} << 20;
constexpr std::size_t max_reply_bytes = std::size_t{32} << 20;
constexpr rlim_t max_seconds = 30;
[[maybe_unused]] constexpr rlim_t max_memory = rlim_t{4} << 30;
constexpr unsigned max_messages = 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true; // shadow memory counts as data
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
#else
constexpr bool is_sanitized = false;
#endif

std::string take(CXString text) {
  const char* bytes = clang_getCString(text);
  std::string copy = bytes ? bytes : "";
  clang_disposeString(text);
  return copy;
}

// ---- types (R2.131) ----

CType type_behind_pointer(CXType type) {
  switch (type.kind) {
  case CXType_Char_S:
  case CXType_Char_U:
  case CXType_UChar: return CType::Bytes;
  case CXType_Short: return CType::ToI16;
  case CXType_Int: return CType::ToI32;
  case CXType_UInt: return CType::ToU32;
  case CXType_Float: return CType::ToF32;
  case CXType_Double: return CType::ToF64;
  default: return CType::Pointer;
  }
}

CType type_of(CXType type) {
  switch (type.kind) {
  case CXType_Void: return CType::Void;
  case CXType_Bool:
  case CXType_Char_S:
  case CXType_Char_U:
  case CXType_SChar:
  case CXType_UChar: return CType::U8;
  case CXType_Short: return CType::I16;
  case CXType_UShort: return CType::U16;
  case CXType_Int: return CType::I32;
  case CXType_UInt: return CType::U32;
  case CXType_Long:
  case CXType_LongLong: return CType::I64;
  case CXType_ULong:
  case CXType_ULongLong: return CType::U64;
  case CXType_Float: return CType::F32;
  case CXType_Double: return CType::F64;
  case CXType_Pointer: return type_behind_pointer(clang_getPointeeType(type));
  case CXType_ConstantArray:
  case CXType_IncompleteArray:
  case CXType_VariableArray: return type_behind_pointer(clang_getArrayElementType(type));
  case CXType_FunctionProto:
  case CXType_FunctionNoProto: return CType::Pointer;
  default: return take(clang_getTypeSpelling(clang_getUnqualifiedType(type))) == "size_t" ? CType::U64 : CType::I64;
  }
}

// ---- the child's side: a reply of one line a declaration, ended by a line of its own ----

constexpr std::string_view end_of_reply = ".\n";

constexpr char letters[] = {
#define SX_C_TYPE(name, letter, text) letter,
    SX_C_TYPES(SX_C_TYPE)
#undef SX_C_TYPE
};

char letter_of(CType type) {
  return letters[static_cast<std::size_t>(type)];
}

struct Request {
  std::vector<std::string> arguments;
  std::vector<std::string> headers; ///< whose functions are wanted
  std::string source;               ///< or a source whose definitions are wanted
};

struct Visit {
  const Request& request;
  CXTranslationUnit unit;
  std::vector<CXFile> files;
  std::string reply;
};

void add_function(Visit& visit, CXCursor cursor) {
  std::string line = take(clang_getCursorSpelling(cursor)) + "\t" + take(clang_Cursor_getMangling(cursor)) + "\t";
  const CXType type = clang_getCursorType(cursor);
  line += clang_isFunctionTypeVariadic(type) && type.kind == CXType_FunctionProto ? '1' : '0';
  line += letter_of(type_of(clang_getResultType(type)));
  const int count = std::max(0, clang_Cursor_getNumArguments(cursor));
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<unsigned>(i);
    line += "\t";
    line += letter_of(type_of(clang_getArgType(type, at)));
    line += take(clang_getCursorSpelling(clang_Cursor_getArgument(cursor, at)));
  }
  visit.reply += line + "\n";
}

CXChildVisitResult visit_declaration(CXCursor cursor, CXCursor, CXClientData data) {
  Visit& visit = *static_cast<Visit*>(data);
  const CXCursorKind kind = clang_getCursorKind(cursor);
  const bool is_function = kind == CXCursor_FunctionDecl;
  if ((!is_function && kind != CXCursor_VarDecl) || clang_getCursorLinkage(cursor) != CXLinkage_External)
    return CXChildVisit_Continue;
  const bool is_defined = clang_isCursorDefinition(cursor) != 0;
  // An inline definition leaves no symbol behind.
  if (is_function && is_defined && clang_Cursor_isFunctionInlined(cursor))
    return CXChildVisit_Continue;
  if (!visit.request.source.empty()) {
    const bool tentative = !is_function && clang_Cursor_getStorageClass(cursor) == CX_SC_None;
    if (is_defined || tentative)
      visit.reply += take(clang_Cursor_getMangling(cursor)) + "\n";
    return CXChildVisit_Continue;
  }
  CXFile file = nullptr;
  clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, nullptr, nullptr, nullptr);
  const bool is_listed = std::ranges::any_of(
      visit.files, [&](CXFile listed) { return file && listed && clang_File_isEqual(listed, file); });
  if (is_function && is_listed)
    add_function(visit, cursor);
  return CXChildVisit_Continue;
}

std::string messages_of(CXTranslationUnit unit) {
  std::string text;
  unsigned errors = 0;
  for (unsigned i = 0; i < clang_getNumDiagnostics(unit) && errors < max_messages; ++i) {
    CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
    if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
      text += take(clang_formatDiagnostic(diagnostic, CXDiagnostic_DisplaySourceLocation | CXDiagnostic_DisplayColumn));
      text += "\n";
      ++errors;
    }
    clang_disposeDiagnostic(diagnostic);
  }
  return text;
}

/// `+` and the lines asked for, or `-` and messages.
std::string read(const Request& request) {
  std::string text;
  for (const std::string& header : request.headers)
    text += "#include \"" + header + "\"\n";
  if (!request.source.empty())
    text = "#include \"" + request.source + "\"\n";
  std::vector<const char*> arguments;
  for (const std::string& argument : request.arguments)
    arguments.push_back(argument.c_str());
  const std::string main = "c-import.c";
  CXUnsavedFile file{main.c_str(), text.c_str(), static_cast<unsigned long>(text.size())};
  CXIndex index = clang_createIndex(0, 0);
  CXTranslationUnit unit = nullptr;
  const unsigned options = request.source.empty() ? CXTranslationUnit_SkipFunctionBodies : CXTranslationUnit_None;
  const CXErrorCode code = clang_parseTranslationUnit2(index, main.c_str(), arguments.data(),
                                                       static_cast<int>(arguments.size()), &file, 1, options, &unit);
  if (code != CXError_Success || !unit)
    return "-the C compiler stopped: it does not accept the flags, or cannot read the files\n";
  if (std::string messages = messages_of(unit); !messages.empty())
    return "-" + messages;
  Visit visit{request, unit, {}, "+\n"};
  for (const std::string& header : request.headers)
    visit.files.push_back(clang_getFile(unit, header.c_str()));
  clang_visitChildren(clang_getTranslationUnitCursor(unit), visit_declaration, &visit);
  return visit.reply;
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
}

[[noreturn]] void serve(const Request& request, int descriptor) {
  const auto bound = [](auto which, rlim_t value) {
    const rlimit limit{value, value};
    ::setrlimit(which, &limit);
  };
  bound(RLIMIT_CPU, max_seconds);
  bound(RLIMIT_CORE, 0);
  if constexpr (!is_sanitized)
    bound(RLIMIT_DATA, max_memory);
  if (const int null = ::open("/dev/null", O_WRONLY); null >= 0)
    ::dup2(null, 2);
  write_all(descriptor, read(request) + std::string(end_of_reply));
  ::_exit(0);
}

// ---- this process's side ----

/// Everything the child writes until it closes its end; cut short where it takes too long or says too much.
std::string receive(int descriptor) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(2 * max_seconds);
  std::string text;
  char buffer[16384];
  while (text.size() <= max_reply_bytes) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{descriptor, POLLIN, 0};
    const int count = left > 0 ? ::poll(&ready, 1, static_cast<int>(left)) : 0;
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    const ssize_t size = ::read(descriptor, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

std::expected<std::string, std::string> ask(const Request& request) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return std::unexpected("cannot start the C compiler");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    serve(request, ends[1]);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return std::unexpected("cannot start the C compiler");
  }
  std::string reply = receive(ends[0]);
  ::close(ends[0]);
  const bool is_whole = reply.ends_with(end_of_reply);
  if (!is_whole)
    ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!is_whole)
    return std::unexpected("the C compiler needs too much time or memory, or stopped");
  reply.resize(reply.size() - end_of_reply.size());
  if (reply.starts_with('+'))
    return reply.substr(2);
  while (reply.ends_with('\n'))
    reply.pop_back();
  return std::unexpected(reply.substr(1));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<CType> type_from(char letter) {
  const auto found = std::ranges::find(letters, letter);
  if (found == std::end(letters))
    return std::nullopt;
  return static_cast<CType>(found - std::begin(letters));
}

std::optional<CPrototype> prototype_from(std::string_view line) {
  const auto parts = split(line, '\t');
  if (parts.size() < 3 || parts[0].empty() || parts[1].empty() || parts[2].size() != 2)
    return std::nullopt;
  CPrototype made;
  made.name = parts[0];
  made.symbol = parts[1];
  made.is_variadic = parts[2][0] == '1';
  const auto result = type_from(parts[2][1]);
  if (!result)
    return std::nullopt;
  made.result = *result;
  for (std::size_t i = 3; i < parts.size(); ++i) {
    const auto type = parts[i].empty() ? std::nullopt : type_from(parts[i][0]);
    if (!type)
      return std::nullopt;
    made.parameters.push_back({std::string(parts[i].substr(1)), *type});
  }
  return made;
}

/// The limit on a file that a unit names, which the C compiler itself does not have.
std::expected<void, std::string> check_size(const std::string& path, std::size_t limit) {
  if (auto content = read_file(path, limit); !content)
    return std::unexpected("'" + path + "': " + content.error().reason);
  return {};
}

} // namespace

std::vector<std::string> c_arguments(const sema::CUnit& unit, const std::string& triple) {
  std::vector<std::string> arguments;
  if (!triple.empty())
    arguments.push_back("--target=" + triple);
  for (const std::string& define : unit.defines)
    arguments.push_back("-D" + define);
  arguments.insert(arguments.end(), unit.flags.begin(), unit.flags.end());
  return arguments;
}

std::expected<std::vector<CPrototype>, std::string> ClangReader::prototypes(const sema::CUnit& unit) {
  if (unit.headers.empty())
    return {};
  for (const std::string& header : unit.headers)
    if (auto fits = check_size(header, max_header_bytes); !fits)
      return std::unexpected(fits.error());
  const auto reply = ask({c_arguments(unit, triple_), unit.headers, {}});
  if (!reply)
    return std::unexpected(reply.error());
  std::vector<CPrototype> made;
  std::set<std::string> known;
  for (const std::string_view line : split(*reply, '\n')) {
    if (line.empty())
      continue;
    auto prototype = prototype_from(line);
    if (!prototype)
      return std::unexpected("a declaration could not be read: " + std::string(line));
    if (known.insert(prototype->name).second)
      made.push_back(std::move(*prototype));
  }
  return made;
}

std::expected<std::vector<std::string>, std::string> ClangReader::definitions(const sema::CUnit& unit,
                                                                              const std::string& source) {
  if (auto fits = check_size(source, max_source_bytes); !fits)
    return std::unexpected(fits.error());
  const auto reply = ask({c_arguments(unit, triple_), {}, source});
  if (!reply)
    return std::unexpected(reply.error());
  std::vector<std::string> made;
  for (const std::string_view line : split(*reply, '\n'))
    if (!line.empty())
      made.emplace_back(line);
  return made;
}

} // namespace sx::driver
