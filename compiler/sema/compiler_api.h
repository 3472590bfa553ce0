#pragma once
// The compiler interface of compile-time code (7.15): questions about the type table, and making types while checking
// goes on. Arguments and answers are the texts that the engines exchange with their host (comptime/engine.h).

#include "sema/program.h"
#include "source/interner.h"

#include <expected>
#include <span>
#include <string>

namespace sx::sema {

class CompilerApi {
public:
  struct Refusal {
    std::string reason;
    bool registers = false; ///< making a type failed; otherwise a question without an answer
  };
  using Answer = std::expected<std::string, Refusal>;

  CompilerApi(Program& program, const Interner& names) : program_(program), names_(names) {}

  /// Does the interface answer the intrinsic with this number (`IntrinsicEntry::number`)?
  static bool serves(std::uint32_t number);
  /// Answers it. Any arguments are fine: what does not fit is refused.
  Answer call(std::uint32_t number, std::span<const std::string> arguments);

private:
  struct Call;
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
