#pragma once
// What checking gives to lowering: the reached functions, globals, externs, compile-time entries and tables of a
// program.

#include "sema/c_import.h"
#include "sema/hir.h"

#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sx::sema {

/// Category of a type at run time (section 2.21); numbers are shared with lowering's reflection rows.
enum class Category : std::uint8_t {
  None,
  Int,
  Float,
  Bool,
  String,
  Void,
  Type,
  Struct,
  Enum,
  TaggedUnion,
  Union,
  Slice,
  Array,
  Vector,
  Optional,
  Closure,
  ErrorSet,
  Pointer,
};
Category category(const TypeTable& types, TypeId type);

enum class FunctionKind : std::uint8_t {
  Plain,  ///< a declared function, method or generic instance
  Lambda, ///< takes its environment: captures are locals loaded from it in order of `captures`
  Entry,  ///< a synthesised nullary function around one compile-time expression or initializer
};

/// One function instance: the unit of checking and lowering.
struct Function {
  StringId name;      ///< trace name (R6.134)
  std::string symbol; ///< base of the linkage name; lowering makes it unique unless exported
  FunctionKind kind = FunctionKind::Plain;
  TypeId type;             ///< TypeKind::Function; a failable result is a Failable type
  bool has_context = true; ///< takes the hidden context parameter (R4.146)
  bool is_export = false;
  bool is_naked = false;
  bool comptime_only = false; ///< returns Type or was made for an entry: never emitted
  Span span;                  ///< declared name
  Span end_span;              ///< closing brace, for "end reached" traps
  ModuleId module;
  std::vector<hir::LocalId> params;       ///< declared parameters, in order
  std::vector<hir::LocalId> captures;     ///< Lambda: locals that receive the captured values (R4.85 order)
  std::vector<hir::LocalId> result_slots; ///< named returns (R4.27): locals returned when the end is reached
  hir::Body body;
  bool checked = false; ///< the body is complete
  bool failed = false;  ///< an error was reported inside; the body must not run
};

/// A module variable, an array or struct constant with storage, or a `#run` constant.
struct Global {
  StringId name;
  std::string symbol;
  TypeId type;
  bool is_constant = false;
  bool is_run = false; ///< F1/F2: evaluated in phase 2, checked by R7.23
  Span span;           ///< declared name
  Span value_span;     ///< initializer (`#run` expression)
  ModuleId module;
  FunctionId initializer; ///< Entry that returns the value; none: zero bytes
  bool initializer_has_context = false;
  bool failed = false;
};

struct Extern {
  std::string symbol;
  std::string library; ///< name given to `-l`, empty if none
  TypeId type;         ///< Function type (C convention), or the variable's type
  bool is_variable = false;
  Span span;
};

/// A compile-time evaluation that is not a global: F3 statements and F4 to F7 operands.
struct RunSite {
  FunctionId entry;
  TypeId type;               ///< of the value; Void for statements
  std::string label;         ///< constant's name or `top-level statement` (R6.138)
  Span span;                 ///< of the `#run`
  bool is_statement = false; ///< F3
};

/// The method table request of one (protocol, concrete type) pair: one function a dispatchable method.
struct Witness {
  TypeId protocol;
  TypeId concrete;
  struct Method {
    FunctionId function;            ///< the impl's method (or default body instance)
    bool receiver_by_value = false; ///< the thunk loads the receiver from ctx (R5.75)
  };
  std::vector<Method> methods;
};

/// The `#context_extend` fields joined into one struct (R4.137).
struct ContextInfo {
  TypeId type;            ///< struct Context, or invalid: no context mode
  GlobalId default_value; ///< constant global holding every default
  std::optional<std::uint32_t> allocator_field;
};

/// A member of a type that is being built, as `raw_register_type` gives it (R7.148).
struct BuiltMember {
  std::string name;
  TypeId type;
};

/// Makes types while checking goes on (7.15). Errors are one line for the diagnostic of the evaluation.
class TypeBuilder {
public:
  virtual ~TypeBuilder() = default;
  /// The type `name` that exists already, or a new one without members (R7.127).
  virtual std::expected<TypeId, std::string> declare(std::string_view name) = 0;
  /// Completes `handle`; checks everything before it changes anything (R7.148). `kind` is a kind code of R7.146.
  virtual std::expected<void, std::string> fill(TypeId handle, std::int64_t kind,
                                                std::span<const BuiltMember> members) = 0;
  /// The declared type of that name although nothing has mentioned it yet, or an invalid id.
  virtual TypeId find(std::string_view name) = 0;
  /// Makes the members of a declared type known.
  virtual void complete(TypeId type) = 0;
};

/// Text and constraints of an `asm` expression, in the form of `ir::Assembly`.
struct Assembly {
  std::string text;
  std::string constraints;
  bool has_effects = false;
  std::vector<TypeId> memory;
};

struct Program {
  explicit Program(Interner& interner, std::uint32_t pointer_bytes) : types(interner, pointer_bytes) {}
  TypeTable types;
  std::deque<Function> functions;
  std::deque<Global> globals;
  std::deque<Extern> externs;
  std::deque<RunSite> runs;
  std::vector<RunId> run_statements;                      ///< F3 in program order
  std::vector<GlobalId> run_constants;                    ///< F1/F2 in program order
  std::map<std::pair<TypeId, TypeId>, Witness> witnesses; ///< by (protocol, concrete)
  ContextInfo context;
  std::vector<StringId> error_tags; ///< by tag id; [0] is empty
  std::vector<FunctionId> exports;
  FunctionId main;
  bool has_build_marker = false;      ///< R7.21
  std::vector<std::string> libraries; ///< `-l` names in order of first declaration
  std::vector<CUnit> c_units;         ///< in order of import
  std::vector<std::string> global_assembly;
  TypeBuilder* builder = nullptr;   ///< while checking goes on; afterwards layouts are fixed (R7.147)
  TypeId type_info;                 ///< `TypeInfo`, once `type_info` was called
  std::vector<Assembly> assemblies; ///< also of expressions that no body kept

  Function& function(FunctionId id) { return functions[id.index()]; }
  const Function& function(FunctionId id) const { return functions[id.index()]; }
};

} // namespace sx::sema
