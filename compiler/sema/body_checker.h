#pragma once
// Checks one function body: syntax in, hir::Body out. One BodyChecker lives per function instance; lambdas, nested
// functions and `#run` entries get one of their own whose `parent` is the body that contains them.
// The methods are grouped into files by language feature; each section below names its file.

#include "sema/checker.h"
#include "sema/operand.h"
#include "sema/program.h"
#include "syntax/ast.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sx::sema {

namespace ast = syntax::ast;
using AstId = syntax::NodeId;
using AstKind = syntax::Kind;

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
    Local,       ///< variable, parameter, capture, local constant
    Constant,    ///< comptime parameter, `inline for` cursor: `constant`; `local` is invalid
    Type,        ///< local type or alias, bound type parameter: `type`
    Declaration, ///< nested function, generic head, ufcs alias, namespace: `declaration`
    Pack,        ///< comptime pack: `pack` is an index of the owner's pack table
    PackElement, ///< `inline for` alias of a pack element: `local` holds it
    Run,         ///< `name :: #run e`: `run`
  };
  Kind kind = Kind::Local;
  Access access = Access::Variable;
  StringId name;
  Span span;
  hir::LocalId local;
  TypeId type;
  Folded constant;
  DeclId declaration;
  RunId run;
  std::uint32_t pack = 0xffff'ffff;
  TypeId constraint; ///< PackElement: the protocol that limits its members, or invalid
  TypeId open_set_origin; ///< fresh error value of an inferred set: that set (R6.69)
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

/// One parameter as calls see it.
struct Parameter {
  StringId name;
  TypeId type; ///< invalid while generic
  bool has_default = false;
  bool is_variadic = false; ///< `type` is the slice type
  bool is_pack = false;     ///< takes any number, by position only
  bool is_comptime = false; ///< `$p`: by position only
  AstId initial;            ///< in the tree of the declaring module
  Span span;
};

/// What initialises one parameter (R4.30 to R4.48).
struct BoundArgument {
  enum class Kind : std::uint8_t { Missing, Expression, Checked, Default, Variadic, Whole, TrailingBlock };
  Kind kind = Kind::Missing;
  AstId node;      ///< Expression; Default; Whole: the array or slice that becomes the variadic slice; TrailingBlock
  Operand operand; ///< Checked: a receiver or an element of a spread
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
  std::optional<Operand> receiver; ///< of a dot call: the first argument of the callee, not counted in messages
  Expect expect;
};

/// Arguments ready for a call node.
struct CheckedArguments {
  std::vector<hir::NodeId> values;
  std::vector<std::uint32_t> order; ///< empty: as listed
  std::vector<hir::NodeId> before;  ///< `Let`s of spread operands, in front of the call
  bool poisoned = false;
};

class BodyChecker {
public:
  /// `function` must be registered in the program. Names resolve at `where`.
  BodyChecker(Checker& checker, FunctionId function, const Site& where, BodyChecker* parent, Boundary boundary);
  BodyChecker(const BodyChecker&) = delete;
  BodyChecker& operator=(const BodyChecker&) = delete;

  /// Nesting of expressions, statements and bodies together; deeper is E0991. The checking thread has room for it.
  static constexpr int max_depth = 3000;

  // ---- expressions (expressions.cpp) ----
  /// Checks one expression; the result may be anything `Operand` can be, but never an open failure unless accepted.
  Operand check(AstId node, Expect expect);
  /// The same, then `to_value`.
  Operand check_value(AstId node, Expect expect);
  /// `check` with `target` as ambient type, then `convert`.
  Operand check_converted(AstId node, TypeId target, const ConversionSite& site);
  /// Loads places, calls getters, makes constants of types and functions, refuses packs, namespaces and void.
  Operand to_value(Operand operand, Expect expect = Expect::none());
  /// The operand itself if it is a place, else a frame slot holding its value.
  Operand to_place(Operand operand);
  struct NaturalType {
    TypeId type; ///< Poison: none by itself; Null: a bare `null`
    bool context_typed = false, diverges = false, no_value = false;
    bool failable() const { return is_failable; }
    bool is_failable = false;
  };
  /// Type of an expression without target, from a muted check that leaves no trace; memoised per node.
  NaturalType natural_type(AstId node);

  // ---- conversions (conversions.cpp) ----
  /// Implicit conversion by R2.72; a refusal is reported as `site` says and gives poison.
  Operand convert(Operand operand, TypeId target, const ConversionSite& site);
  /// True if a plain value of type `from` converts.
  bool converts(TypeId from, TypeId to);
  /// `xx` and `.(T)` by R2.100; `cast` is the span for reports.
  Operand explicit_convert(Operand operand, TypeId target, Span cast);
  /// Reduces to `bool` (R2.42); E0417 at the operand otherwise.
  Operand to_condition(Operand operand);
  /// Unwraps a narrowed optional with the presence check (R6.49); other operands are returned as they are.
  Operand unwrap_narrowed(Operand operand);
  /// The payload of an optional, trapping when it is absent; `at` names the place in the trap's text.
  Operand unwrap_or_trap(Operand operand, Span at);
  /// The joined type of two arm types (R3.15.19); invalid if there is none.
  TypeId join(TypeId first, TypeId second);
  Operand refuse(const Operand& operand, TypeId target, const ConversionSite& site);

  // ---- calls (calls.cpp) ----
  Operand check_call(const ast::Call& call, AstId node, Expect expect);
  /// Calls a declaration, generic or not; `receiver` in `site` is its first argument.
  Operand call_declaration(CallSite& site, const FunctionRef& callee);
  /// Calls a closure or function pointer value.
  Operand call_value(CallSite& site, Operand callee, std::string_view name);
  /// Binds written arguments; reports E0603 to E0613, E0607, E0601, E0602. Nothing if it reported.
  std::optional<std::vector<BoundArgument>> bind_arguments(CallSite& site, std::string_view callee,
                                                           std::span<const Parameter> parameters,
                                                           CheckedArguments& out);
  /// Evaluates bound arguments with the parameter types as targets. Defaults are checked at `declaring`.
  void check_arguments(CallSite& site, std::span<const Parameter> parameters, std::vector<BoundArgument>& bound,
                       const Site& declaring, CheckedArguments& out);
  /// One argument against one parameter type: conversion, implicit address-of (R4.49 to R4.52).
  hir::NodeId check_argument(CallSite& site, const BoundArgument& argument, TypeId parameter);
  hir::NodeId pass_argument(CallSite& site, Operand operand, TypeId parameter, Span span);
  /// Receiver adaptation of R4.57.
  Operand adapt_receiver(Operand receiver, TypeId parameter, Span span);
  Operand finish_call(hir::NodeId call, TypeId result, CheckedArguments& arguments, Span span);
  Operand caller_location(Span call);
  std::vector<Parameter> parameters_of(const FunctionRef& callee);
  /// Checks an expression of another file or scope, without this body's names (defaults, constants).
  template <class Work> auto elsewhere(const Site& where, Work&& work);

  // ---- methods (methods.cpp) ----
  Operand check_member_call(const ast::Call& call, const ast::Member& member, AstId node, Expect expect);
  Operand check_dot_call(const ast::Call& call, const ast::DotName& name, AstId node, Expect expect);
  Operand call_method(CallSite& site, Operand receiver, StringId name, Span name_span);
  Operand check_optional_call(const ast::Call& call, const ast::OptionalMember& member, AstId node, Expect expect);

  // ---- hooks for generics, protocols, packs, comptime (generic_*.cpp, protocol_*.cpp, ...) ----
  Operand call_generic(CallSite& site, const FunctionRef& callee);
  Operand call_ufcs(CallSite& site, Operand receiver, StringId name, Span name_span);
  Operand call_protocol_method(CallSite& site, Operand receiver, StringId name);
  bool has_protocol_method(TypeId protocol, StringId name);
  /// Implicit erasure to a protocol or view; `explicit_cast` for `xx` and `.(P)`; `allocator` optional.
  Operand erase(Operand operand, TypeId protocol, const ConversionSite& site, bool explicit_cast, bool copies,
                std::optional<Operand> allocator);
  Operand view(Operand operand, TypeId pointer_to_protocol, const ConversionSite& site);
  bool erasable(TypeId from, TypeId protocol);
  Operand recover_protocol(Operand operand, TypeId target, Span cast);
  /// `Into` (R2.100 step 6): nothing if no implementation applies.
  std::optional<Operand> user_conversion(Operand operand, TypeId target, Span cast);
  Operand call_intrinsic(CallSite& site, StringId name, Span name_span);
  Operand pack_index(Operand pack, AstId index, Span span);
  Operand pack_member(Operand pack, syntax::Ident member, Span span);
  Operand check_pack_name(const ast::PackName& name, Span span);
  Operand check_pack_element(const ast::PackElement& element, Span span);
  void insert_statement(const ast::Insert& insert, Span span, std::vector<hir::NodeId>& out);
  void inline_for_statement(const ast::For& loop, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  Operand check_asm(const ast::Asm& code, AstId node, Expect expect);

  // ---- literals (literals.cpp) ----
  Operand check_int_literal(std::uint64_t value, bool negative, bool character, Span span, Expect expect);
  Operand check_float_literal(double value, Span span, Expect expect);
  Operand check_string_literal(const ast::StringLiteral& literal, Span span, Expect expect);
  Operand check_null(Span span, Expect expect);
  Operand check_undefined(Span span, Expect expect);
  Operand check_error_literal(const ast::ErrorLiteral& literal, Span span, Expect expect);

  // ---- names (names.cpp) ----
  Operand check_name(const ast::Name& name, AstId node, Expect expect);
  Operand name_operand(syntax::Ident name, Span span, bool as_callee);
  Operand binding_operand(const Binding& binding, Span span);
  Operand declaration_operand(DeclId declaration, Span span, StringId name);
  Operand global_operand(DeclId declaration, Span span, StringId name);
  Operand constant_operand(DeclId declaration, Span span, StringId name);
  /// The innermost visible binding; crosses boundaries (captures, E0617, E0926). Null if there is none.
  const Binding* find_binding(StringId name, Span span);
  const Binding* own_binding(StringId name) const;
  hir::LocalId capture(const Binding& outer, Span span);
  hir::LocalId declare_local(syntax::Ident name, TypeId type, Access access = Access::Variable);
  void bind(Binding binding) { bindings_.push_back(std::move(binding)); }
  hir::LocalId temporary(TypeId type, Span span);

  // ---- operators (operators.cpp, comparison.cpp) ----
  Operand check_unary(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_address_of(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_binary(const ast::Binary& binary, AstId node, Expect expect);
  Operand arithmetic(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand vector_arithmetic(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand tuple_concatenation(Operand left, Operand right, Span span);
  Operand tuple_repetition(Operand left, Operand right, Span span);
  Operand check_logical(const ast::Binary& binary, AstId node, Expect expect);
  Operand check_in(const ast::Binary& binary, AstId node);
  Operand check_compare(const ast::Binary& binary, AstId node);
  Operand check_compare_chain(const ast::CompareChain& chain, AstId node);
  Operand compare(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand compare_equal(bool equal, Operand left, Operand right, Span span);
  Operand compare_null(bool equal, Operand operand, Span span);
  /// The first part without equality, as a path (R2.41); empty if all have.
  struct NoEquality {
    std::string part;
    TypeId type;
  };
  std::optional<NoEquality> missing_equality(TypeId type);
  Expect right_expect(const Operand& left, Expect whole, bool comparison, AstId right);

  // ---- members (members.cpp, index.cpp) ----
  Operand check_member(const ast::Member& member, AstId node, Expect expect);
  Operand member_of(Operand base, StringId name, Span access, bool for_write = false);
  Operand type_member(Operand base, syntax::Ident name, Span access);
  Operand check_member_index(const ast::MemberIndex& member, AstId node);
  Operand part_of(Operand base, std::uint64_t index, Span access);
  Operand field_of(Operand base, std::uint32_t index, TypeId type, Span span);
  Operand check_index(const ast::Index& index, AstId node);
  Operand check_slice(const ast::SliceExpr& slice, AstId node);
  Operand check_deref(const ast::Deref& deref, AstId node);
  Operand deref(Operand pointer, Span span);
  Operand check_optional_member(AstId node, Expect expect);
  /// Maps `inner` over the payload of an optional; the result is flattened (R6.36).
  Operand map_optional(Operand base, Span span, const std::function<Operand(Operand payload)>& inner);
  std::optional<std::uint32_t> find_field(TypeId aggregate, StringId name);

  // ---- aggregates (aggregates.cpp) ----
  Operand check_struct_literal(const ast::StructLiteral& literal, AstId node, Expect expect);
  Operand check_array_literal(const ast::ArrayLiteral& literal, AstId node, Expect expect);
  Operand struct_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand tuple_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand union_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand words_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand anonymous_literal(const ast::StructLiteral& literal, AstId node);
  Operand elements_literal(std::span<const AstId> elements, AstId node, TypeId type, bool may_be_short);
  Operand with_init_block(Operand literal, AstId block);
  /// The value of a field that a literal or declaration leaves out (R3.2.12, R3.2.13); invalid: zero bytes.
  hir::NodeId field_default(TypeId aggregate, std::uint32_t index, Span use);
  /// `x : T;`
  hir::NodeId default_value(TypeId type, Span span);
  Operand check_dot_name(const ast::DotName& name, AstId node, Expect expect);
  Operand variant_value(TypeId type, std::uint32_t variant, Span span, bool qualified);
  Operand construct_variant(TypeId type, syntax::Ident variant, std::span<const AstId> args, Span span,
                            Span name_span);
  std::optional<std::uint32_t> find_variant(TypeId type, StringId name);
  void report_no_variant(TypeId type, StringId name, Span span);

  // ---- casts and any (casts.cpp) ----
  Operand check_xx(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_cast(const ast::Cast& cast, AstId node, Expect expect);
  Operand box(Operand operand, Span span);
  Operand unbox(Operand operand, TypeId target, Span span);
  /// `.(T)` on an erased value; `consumed`: a Failable result, else a trap on mismatch (R2.103).
  Operand assertion(Operand operand, TypeId target, Span cast, bool consumed);

  // ---- lambdas and nested functions (lambdas.cpp) ----
  Operand check_lambda(const ast::Lambda& lambda, AstId node, Expect expect);
  void nested_function(const ast::ConstDecl& declaration, AstId node);

  // ---- control (blocks.cpp, if_while.cpp, for.cpp, match.cpp) ----
  Operand check_block(AstId node, Expect expect);
  /// Statements of a block that is its own scope; `tail` as the block's value.
  Operand check_statements(std::span<const AstId> statements, Span span, Expect expect, bool arm, bool scope = true);
  void check_statement(AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  Operand check_if(const ast::If& branch, AstId node, Expect expect);
  Operand check_while(const ast::While& loop, AstId node, Expect expect);
  Operand check_for(const ast::For& loop, AstId node, Expect expect);
  Operand check_match(const ast::Match& match, AstId node, Expect expect);
  Operand match_on(const ast::Match& match, AstId node, Operand subject, Span subject_span, Expect expect);
  Operand check_push(const ast::Push& push, AstId node, Expect expect);
  Operand check_jump(AstKind kind, Span span);
  Operand check_return(const ast::Return& statement, AstId node);

  // ---- statements (statements.cpp, assignment.cpp) ----
  void var_statement(const ast::VarDecl& declaration, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  void const_statement(const ast::ConstDecl& declaration, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  void assign_statement(const ast::Assign& assign, AstId node, std::vector<hir::NodeId>& out);
  void multi_assign_statement(const ast::MultiAssign& assign, AstId node, std::vector<hir::NodeId>& out);
  void destructure_statement(const ast::Destructure& destructure, AstId node, std::vector<hir::NodeId>& out);
  void cleanup_statement(AstId node, std::vector<hir::NodeId>& out);

  // ---- optionals and errors (optionals.cpp, errors.cpp) ----
  Operand check_force_unwrap(const ast::ForceUnwrap& unwrap, AstId node);
  Operand check_coalesce(const ast::Binary& binary, AstId node);
  Operand check_try(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_catch(const ast::Catch& handler, AstId node, Expect expect);
  Operand check_or_chain(const ast::Binary& binary, AstId node, Expect expect);
  bool is_failable_operand(AstId node);
  void raise_statement(const ast::Raise& raise, AstId node, std::vector<hir::NodeId>& out);
  /// An open failure whose value is used as such: E0830, or the error value of a pure call (R6.100, R6.102).
  Operand settle_failable(Operand operand, Expect expect);

  // ---- comptime (run.cpp, inline_if.cpp) ----
  Operand check_run(const ast::Run& run, AstId node, Expect expect, StringId label);
  /// R7.66, R7.67: the value of a condition that folds.
  std::optional<bool> fold_condition(AstId node);
  /// A compile-time integer (R7.31); local constants and cursors included.
  std::optional<std::int64_t> fold_integer(AstId node);

  // ---- types in bodies (names.cpp) ----
  /// Resolves a type expression here; poison if it was reported.
  TypeId resolve_type(AstId node);
  /// The type an expression denotes, or invalid if it denotes none; never reports.
  TypeId denoted_type(AstId node);

  // ---- tree building (build.cpp) ----
  template <class T> hir::NodeId emit(T node, TypeId type, Span span) { return body().add(node, type, span); }
  Operand value(hir::NodeId node, TypeId type, Span span);
  template <class T> Operand make(T node, TypeId type, Span span) { return value(emit(node, type, span), type, span); }
  Operand place(hir::NodeId node, TypeId type, Span span, Access access = Access::Variable);
  Operand local_place(hir::LocalId local, Span span, Access access = Access::Variable);
  hir::NodeId local_value(hir::LocalId local, Span span);
  hir::NodeId word(std::uint64_t pattern, TypeId type, Span span);
  Operand void_value(Span span);
  /// The node of a value operand; a Poison node of its type for poison.
  hir::NodeId node_of(const Operand& operand);
  hir::NodeId let(hir::LocalId local, hir::NodeId value, Span span);
  /// Evaluates a value once into a temporary; `before` receives the `Let`.
  hir::LocalId spill(const Operand& operand, std::vector<hir::NodeId>& before);
  Operand sequence(std::span<const hir::NodeId> statements, Operand last, Span span);
  hir::NodeId block(std::span<const hir::NodeId> statements, hir::NodeId value, TypeId type, Span span);
  hir::NodeId aggregate(std::span<const hir::MemberInit> inits, TypeId type, Span span);
  hir::NodeId trap(hir::TrapKind kind, std::string_view text, Span span);
  std::string location_text(Span span);

  // ---- reports (build.cpp) ----
  template <const DiagnosticInfo& Info, class... Arguments> Report& report(Span span, Arguments&&... arguments) {
    failed_ = true;
    return diagnostics().report<Info>(span, std::forward<Arguments>(arguments)...);
  }
  Operand not_supported(std::string_view construct, Span span);
  std::string name(TypeId type) const;
  std::string_view text(StringId id) const;

  Checker& checker() { return checker_; }
  TypeTable& types() const;
  Diagnostics& diagnostics() const;
  Interner& strings() const;
  Program& program() const;
  hir::Body& body() const;
  Function& function() const;
  const syntax::Tree& tree() const { return *where_.tree; }
  const Site& where() const { return where_; }
  Span span_of(AstId node) const { return tree().span(node); }

private:
  Checker& checker_;
  FunctionId function_;
  Site where_;
  BodyChecker* parent_;
  Boundary boundary_;
  bool failed_ = false;
  std::vector<Binding> bindings_;
};

} // namespace sx::sema
