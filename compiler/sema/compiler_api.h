#pragma once
// The compiler interface of compile-time code (7.15): questions about the type table, and making types while checking
// goes on. Arguments and answers are the texts that the engines exchange with their host (comptime/engine.h).

#include "sema/program.h"
#include "source/interner.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sx::sema {

/// The library that stands for the compiler itself; it is never linked (R7.150).
inline constexpr std::string_view compiler_library = "compiler";

/// One call of the interface. Parameters and result are a letter each: s string, u string or type id, i i64, t Type,
/// m slice of members.
struct CompilerCall {
  std::uint32_t number = 0; ///< what the IR carries
  std::string_view name;
  std::string_view parameters;
  char result = 'v';
};

class CompilerApi {
public:
  /// The call behind an evaluate-only intrinsic (7.10.2), or nothing.
  static std::optional<CompilerCall> find_intrinsic_call(std::string_view intrinsic);
  /// The call that a binding of this name gets (R7.152), or nothing: the list of exported names.
  static std::optional<CompilerCall> find_binding(std::string_view name);
  /// The name of a call in reports, `?` for other numbers.
  static std::string_view name_of(std::uint32_t number);

  struct Refusal {
    std::string reason;
    bool registers = false; ///< making a type failed; otherwise a question without an answer
  };
  using Answer = std::expected<std::string, Refusal>;

  CompilerApi(Program& program, const Interner& names) : program_(program), names_(names) {}

  /// Answers a call. Any arguments are fine: what does not fit is refused.
  Answer call(std::uint32_t number, std::span<const std::string> arguments);

private:
  using Arguments = std::span<const std::string>;
  using Handler = Answer (CompilerApi::*)(Arguments);
  struct Row;
  static const Row rows[];

  Answer intern(Arguments arguments);
  Answer text_of(Arguments arguments);
  Answer find_type(Arguments arguments);
  Answer type_kind(Arguments arguments);
  Answer type_name(Arguments arguments);
  Answer field_count(Arguments arguments);
  Answer field_name(Arguments arguments);
  Answer field_type(Arguments arguments);
  Answer variant_value(Arguments arguments);
  Answer pointer_to(Arguments arguments);
  Answer declare_type(Arguments arguments);
  Answer register_type(Arguments arguments);
  Answer register_struct(Arguments arguments);

  std::expected<TypeId, Refusal> type(const std::string& word) const;
  struct Member {
    TypeId owner;
    std::size_t index = 0;
  };
  std::expected<Member, Refusal> member(Arguments arguments) const;
  std::int64_t kind_code(TypeId type) const;

  Program& program_;
  const Interner& names_;
  /// Texts of string ids, in order of first use: ids do not depend on what else the compilation interned.
  Interner texts_;
};

} // namespace sx::sema
