#pragma once
// Checks one function body: syntax in, hir::Body out. One BodyChecker lives per function instance; lambdas, nested
// functions and `#run` entries get one of their own whose `parent` is the body that contains them.
// The methods are grouped into files by language feature; each section below names its file.

#include "sema/operand.h"
#include "sema/program.h"
#include "syntax/ast.h"

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sx::sema {

class Checker;
namespace ast = syntax::ast;
using AstId = syntax::NodeId;

/// Why the names of a parent body are not simply visible here.
enum class Boundary : std::uint8_t {
  None,   ///< a module-level function: no parent
  Lambda, ///< values of the parent are captured
  Nested, ///< values of the parent are E0617
  Run,    ///< a compile-time entry: values of the parent that are no constants are E0926
};

/// A name declared in a body.
struct Binding {
  enum class Kind : std::uint8_t {
    Local,       ///< variable, parameter, capture, local constant with storage
    Constant,    ///< folded: comptime parameter, `inline for` cursor; `local` may hold its run-time value
    Type,        ///< local type or alias, bound type parameter
    Declaration, ///< nested function, generic head, ufcs alias, namespace: index in the checker's table
    Pack,        ///< comptime pack: index in `packs`
    PackElement, ///< `inline for` alias of a pack element: `local` holds it
    RunConstant, ///< `name :: #run e`: value of `run`
  };
  Kind kind = Kind::Local;
  Access access = Access::Variable;
  StringId name;
  Span span;
  hir::LocalId local;
  TypeId type;
  Folded constant;
  std::uint32_t declaration = 0xffff'ffff;
  RunId run;
  TypeId constraint; ///< PackElement: the protocol that limits its members, or invalid
  bool poisoned = false;
};

/// A comptime pack parameter inside an instance: one local per element.
struct PackBinding {
  StringId name;
  std::vector<hir::LocalId> elements;
  std::vector<TypeId> types;
  TypeId constraint;      ///< protocol, or invalid
  bool has_types = false; ///< `..$xs`: `$xs` is a list of types
};

/// One argument after binding: what initialises one parameter (R4.30 to R4.48).
struct BoundArgument {
  enum class Kind : std::uint8_t { Missing, Expression, Checked, Default, Variadic, TrailingBlock, CallerLocation };
  Kind kind = Kind::Missing;
  AstId node;      ///< Expression; Default: in the tree of the callee's module; TrailingBlock: the Block
  Operand operand; ///< Checked: an element of a spread, a receiver
  std::vector<BoundArgument> variadic;
  std::uint32_t written = 0; ///< position in evaluation order
  Span span;
};

/// A call while it is being checked.
struct CallSite {
  AstId node;
  Span span;        ///< the whole call
  Span callee_span; ///< without arguments
  std::span<const AstId> args;
  AstId trailing;
  std::optional<Operand> receiver;  ///< of a dot call; first argument of the callee
  bool receiver_is_written = false; ///< `T.m(v)` or pipe: counted in messages
  Expect expect;
};

class BodyChecker {
public:
  /// `function` must be registered in the program; its body is filled by `check_function` and friends.
  BodyChecker(Checker& checker, FunctionId function, BodyChecker* parent, Boundary boundary);
  BodyChecker(const BodyChecker&) = delete;
  BodyChecker& operator=(const BodyChecker&) = delete;

  // ---- expressions (expressions.cpp) ----
  /// Checks one expression. Counts nesting: deeper than `max_depth` is E0991 and poison.
  Operand check(AstId node, Expect expect);
  /// The same, then `to_value`: never a place, type, function or open failure.
  Operand check_value(AstId node, Expect expect);
  /// `check_value` with `target` as ambient type, then `convert`.
  Operand check_converted(AstId node, TypeId target, const ConversionSite& site);
  /// Loads places, calls getters, makes constants of types and functions, refuses packs and namespaces. `expect.type`
  /// decides what a function or type name becomes (R4.72); `wants_value` refuses void (E0623).
  Operand to_value(Operand operand, Expect expect = Expect::none());
  /// A place: the operand itself, or a slot holding the value.
  Operand to_place(Operand operand);
  /// Type of an expression without target, from a muted tentative check that leaves no trace; memoised per node.
  /// Poison: it has none by itself. Null for a bare `null`. `context_typed` for forms that take any target.
  struct NaturalType {
    TypeId type;
    bool context_typed = false;
    bool diverges = false;
  };
  NaturalType natural_type(AstId node);

  // ---- conversions (conversions.cpp) ----
  /// Implicit conversion by R2.72; reports a refusal as `site` says and gives poison.
  Operand convert(Operand operand, TypeId target, const ConversionSite& site);
  /// True if `convert` of a value of type `from` (no literal, not narrowed) would succeed.
  bool converts(TypeId from, TypeId to);
  /// `xx` and `.(T)` by R2.100. `span` is the cast.
  Operand explicit_convert(Operand operand, TypeId target, Span span);
  /// Reduces to `bool` by R2.42; E0417 at the operand otherwise.
  Operand to_condition(Operand operand);
  /// The joined type of two arms (R3.15.19); invalid if there is none.
  TypeId join(TypeId first, TypeId second);

  // ---- names (names.cpp) ----
  const Binding* find_binding(StringId name);
  /// Declares a mutable local and gives its id; `Let` must follow.
  hir::LocalId declare_local(syntax::Ident name, TypeId type, Access access = Access::Variable);
  void bind(Binding binding) { bindings_.push_back(std::move(binding)); }
  hir::LocalId temporary(TypeId type, Span span);

  // ---- calls (calls.cpp, methods.cpp) ----
  /// Binds written arguments to the parameters of a declaration; reports E0601 to E0613. Nothing if it reported.
  struct Parameter {
    StringId name;
    TypeId type; ///< invalid while generic
    bool has_default = false;
    bool is_variadic = false; ///< `type` is the slice type
    bool is_pack = false, is_comptime = false;
    AstId initial;
    Span span;
  };
  std::optional<std::vector<BoundArgument>> bind_arguments(CallSite& site, std::string_view callee,
                                                           std::span<const Parameter> parameters);
  /// Evaluates bound arguments with the parameter types as targets and converts them; `order` gets the written order
  /// if it differs. `declaring` is where defaults are checked.
  struct CheckedArguments {
    std::vector<hir::NodeId> values;
    std::vector<std::uint32_t> order;
    bool poisoned = false;
  };
  CheckedArguments check_arguments(CallSite& site, std::span<const Parameter> parameters,
                                   std::vector<BoundArgument>& bound, std::uint32_t declaration);
  /// Receiver adaptation of R4.57; the parameter's type decides.
  Operand adapt_receiver(Operand receiver, TypeId parameter, Span span);
  Operand make_call(FunctionId function, CheckedArguments arguments, Span span);

  // ---- tree building (build.cpp) ----
  template <class T> hir::NodeId emit(T node, TypeId type, Span span) { return body().add(node, type, span); }
  Operand value(hir::NodeId node, TypeId type, Span span);
  template <class T> Operand value(T node, TypeId type, Span span) { return value(emit(node, type, span), type, span); }
  Operand place(hir::NodeId node, TypeId type, Span span, Access access = Access::Variable);
  hir::NodeId load(hir::NodeId place, Span span);
  hir::NodeId local_value(hir::LocalId local, Span span);
  Operand integer_constant(std::uint64_t pattern, TypeId type, Span span);
  /// Evaluates `operand` once into a temporary; `before` receives the `Let`.
  hir::LocalId spill(const Operand& operand, std::vector<hir::NodeId>& before);
  hir::NodeId sequence(std::span<const hir::NodeId> statements, hir::NodeId value, TypeId type, Span span);

  // ---- reports (build.cpp) ----
  template <const DiagnosticInfo& Info, class... Arguments> Operand error(Span span, Arguments&&... arguments);
  Operand not_supported(std::string_view construct, Span span);

  Checker& checker() { return checker_; }
  TypeTable& types();
  hir::Body& body();
  Function& function();

private:
  Checker& checker_;
  FunctionId function_;
  BodyChecker* parent_;
  Boundary boundary_;
  std::vector<Binding> bindings_;
};

} // namespace sx::sema
