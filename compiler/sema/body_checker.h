#pragma once
// Checks one function body: syntax in, hir::Body out. One BodyChecker lives per function instance; lambdas and `#run`
// entries get one of their own whose `parent` is the body that contains them.
// The methods are grouped into files by language feature; each section below names its files.

#include "sema/checker.h"
#include "sema/operand.h"
#include "sema/program.h"
#include "syntax/ast.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sx::sema {

using AstKind = syntax::Kind;

inline constexpr const char* optional_help = "unwrap with '!', give a fallback with '?\?', or test it first";

/// May a callable with result `from` stand where one with the failable result `to` is wanted (R6.121, R6.122)?
bool widens_result(const TypeTable& types, TypeId from, TypeId to);

/// Why the names of a parent body are not simply visible here.
enum class Boundary : std::uint8_t {
  None,   ///< no parent; a nested function sees its surroundings through the names of its site
  Lambda, ///< values of the parent are captured
  Typing, ///< no parent, and only a type is asked for: values around it keep theirs
  Run,    ///< a compile-time entry: values of the parent that are no constants are E0926
};

/// A name declared in a body.
struct Binding {
  enum class Kind : std::uint8_t {
    Local,       ///< variable, parameter, capture, local constant
    Constant,    ///< `inline for` cursor, folded constant without storage: `value`
    Type,        ///< local alias of a type: `type`
    Declaration, ///< nested function, local type, generic head, ufcs alias, namespace: `declaration`
    Pack,        ///< comptime pack: `index` in the pack table
    PackElement, ///< `inline for` alias of a pack element: `local` holds it
    Run,         ///< `name :: #run e`: `run`
  };
  Kind kind = Kind::Local;
  Access access = Access::Variable;
  StringId name;
  Span span;
  hir::LocalId local;
  TypeId type;
  ConstValue value; ///< Constant; Local: set if it is a constant that folds (R3.12.16)
  DeclId declaration;
  EnvironmentId environment;
  RunId run;
  std::uint32_t index = 0xffff'ffff;
  TypeId constraint;        ///< PackElement: the protocol that limits its members, or invalid
  ErrorSource error_source; ///< of a fresh error value (R6.69)
};

/// A comptime pack parameter inside an instance: one local per element.
struct PackBinding {
  StringId name;
  std::vector<hir::LocalId> elements;
  std::vector<TypeId> types;
  TypeId constraint;      ///< protocol, or invalid
  bool has_types = false; ///< `..$xs`: `$xs` is a list of types
};

/// A function declaration with the bindings it is used under.
struct FunctionRef {
  DeclId decl;
  EnvironmentId environment;
};

/// What initialises one parameter (R4.30 to R4.48).
struct BoundArgument {
  enum class Kind : std::uint8_t { Missing, Expression, Checked, Default, Variadic, Whole, TrailingBlock };
  Kind kind = Kind::Missing;
  AstId node;      ///< Expression; Default; Whole: the array or slice that becomes the variadic slice; TrailingBlock
  Operand operand; ///< Checked: a receiver or an element of a spread; Whole: the checked operand
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

/// The operator of a binary expression or of an update.
hir::BinaryOp hir_operator(syntax::BinaryOp op);

class BodyChecker;
/// `call` as it is written, without a receiver.
CallSite call_site(BodyChecker& body, const ast::Call& call, AstId node, Expect expect);

/// Arguments ready for a call node.
struct CheckedArguments {
  std::vector<hir::NodeId> values;
  std::vector<std::uint32_t> order; ///< empty: as listed
  std::vector<hir::NodeId> before;  ///< `Let`s of spread operands, in front of the call
  bool poisoned = false;
};

class BodyChecker : public LocalNames {
public:
  /// `function` must be registered in the program. Names resolve at `where`; its `locals` are used for names outside
  /// of this body and are replaced by this object.
  BodyChecker(Checker& checker, FunctionId function, const Site& where, BodyChecker* parent, Boundary boundary);
  ~BodyChecker() override;
  BodyChecker(const BodyChecker&) = delete;
  BodyChecker& operator=(const BodyChecker&) = delete;

  /// Nesting of expressions, statements and bodies together; deeper is E0991. The checking thread has room for it.
  static constexpr int max_depth = 2500;

  std::optional<LocalEntity> find_local(StringId name) const override;

  class Scope;
  class Tentative;
  class DepthGuard;
  class CategoryScope;

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
  /// `to_value` of an operand of an operator: references followed, narrowed optionals unwrapped (R4.112, R6.48).
  Operand to_operand(Operand operand);
  struct NaturalType {
    TypeId type; ///< Poison: none by itself; Null: a bare `null`; Failable for an open failure
    bool context_typed = false, diverges = false, no_value = false, is_failable = false;
  };
  /// Type of an expression without target, from a muted check that leaves no trace; memoised per node.
  /// `arm`: a Block that holds the statements of a match arm.
  NaturalType natural_type(AstId node, bool arm = false);
  /// Forgets memoised types: the same syntax is about to be checked under other bindings (`inline for`).
  void forget_natural_types() { natural_types_.clear(); }

  // ---- conversions (conversions.cpp) ----
  /// Implicit conversion by R2.72; a refusal is reported as `site` says and gives poison.
  Operand convert(Operand operand, TypeId target, const ConversionSite& site);
  /// True if a plain value of type `from` converts.
  bool converts(TypeId from, TypeId to);
  /// True if this operand converts; no reports.
  bool can_convert(const Operand& operand, TypeId target);
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
  Operand array_to_slice(const Operand& operand, TypeId target);
  Operand convert_function(const Operand& operand, TypeId target, const ConversionSite& site);

  // ---- calls (calls.cpp, arguments.cpp) ----
  Operand check_call(const ast::Call& call, AstId node, Expect expect);
  /// Calls a declaration, generic or not; `receiver` in `site` is its first argument.
  Operand call_declaration(CallSite& site, const FunctionRef& callee);
  /// Calls an operand that stands as callee: function, type head, intrinsic or value.
  Operand call_operand(CallSite& site, Operand callee);
  /// Calls a closure or function pointer value.
  Operand call_value(CallSite& site, Operand callee);
  /// Binds written arguments; reports E0603 to E0613, E0607, E0601, E0602. Nothing if it reported.
  std::optional<std::vector<BoundArgument>>
  bind_arguments(CallSite& site, std::string_view callee, std::span<const Parameter> parameters, CheckedArguments& out);
  /// Evaluates bound arguments with the parameter types as targets. Defaults are checked at `declaring`.
  void check_arguments(CallSite& site, std::span<const Parameter> parameters, std::vector<BoundArgument>& bound,
                       const Site& declaring, CheckedArguments& out);
  /// One argument against one parameter type: conversion, implicit address-of (R4.49 to R4.52).
  Operand check_argument(CallSite& site, const BoundArgument& argument, TypeId parameter);
  Operand pass_argument(CallSite& site, Operand operand, TypeId parameter);
  /// The slice of a variadic parameter (R4.46).
  Operand variadic_slice(CallSite& site, BoundArgument& argument, TypeId slice);
  /// Receiver adaptation of R4.57.
  Operand adapt_receiver(Operand receiver, TypeId parameter, Span span);
  /// The call's operand: an open failure if the callee can fail; `before` in front of it.
  Operand finish_call(hir::NodeId call, TypeId result, CheckedArguments& arguments, Span span);
  Operand caller_location(Span directive, Span call, TypeId type);
  /// The elements of `..e` as operands, `e` evaluated once into `before`; false after a report.
  bool spread_parts(AstId node, Span span, std::vector<Operand>& parts, std::vector<hir::NodeId>& before);
  /// Arguments of a call that failed: checked for their own errors only.
  void check_stray_arguments(const CallSite& site);
  std::string callee_name(const FunctionRef& callee);

  /// Checks an expression of another file or scope, without this body's names (defaults, constants).
  template <class Work> auto elsewhere(const Site& other, Work&& work);

  // ---- methods (methods.cpp) ----
  Operand check_member_call(const ast::Call& call, const ast::Member& member, AstId node, Expect expect);
  Operand check_dot_call(const ast::Call& call, const ast::DotName& name, AstId node, Expect expect);
  Operand check_optional_call(const ast::Call& call, const ast::OptionalMember& member, AstId node, Expect expect);
  Operand call_method(CallSite& site, Operand receiver, syntax::Ident name);
  Operand call_static(CallSite& site, Operand type, syntax::Ident name);
  Operand call_ufcs(CallSite& site, Operand receiver, syntax::Ident name);
  /// A method of the struct body or of an `impl`; reports E0311 for several at `report_at` if it is valid.
  MemberDecl method_of(TypeId type, StringId name, Span report_at = {});

  // ---- hooks for generics, protocols, packs, comptime (files of those features) ----
  Operand call_generic(CallSite& site, const FunctionRef& callee);
  /// How well a generic `ufcs` candidate fits: nothing if it does not bind, 1 for a structured receiver, 0 for `$T`.
  std::optional<int> generic_fit(CallSite& site, const FunctionRef& callee);
  Operand call_protocol_method(CallSite& site, Operand receiver, StringId name);
  bool has_protocol_method(TypeId type, StringId name);
  Operand erase(Operand operand, TypeId protocol, const ConversionSite& site, bool explicit_cast, bool copies,
                std::optional<Operand> allocator);
  Operand view(Operand operand, TypeId pointer_to_protocol, const ConversionSite& site);
  bool erasable(TypeId from, TypeId protocol);
  /// Reports why an erasure or view is refused; false if that is not the reason.
  bool report_not_erasable(const Operand& operand, TypeId target, const ConversionSite& site);
  Operand recover_protocol(Operand operand, TypeId target, Span cast);
  /// `Into` (R2.100 step 6): nothing if no implementation applies.
  std::optional<Operand> user_conversion(Operand operand, TypeId target, Span cast);
  Operand call_intrinsic(CallSite& site, StringId name, Span name_span);
  Operand pack_index(Operand pack, AstId index, Span span);
  Operand pack_member(Operand pack, syntax::Ident member, Span span);
  Operand pack_element(std::uint32_t pack_number, std::size_t index, Span span);
  /// False (E0733) if the constraint of a pack element does not show `member`.
  bool allowed_by_constraint(const Operand& base, StringId member, Span access);
  /// `xx pack` into a slice.
  Operand pack_to_slice(Operand pack, TypeId slice, Span span);
  Operand slice_over(hir::NodeId elements, TypeId array, TypeId slice, Span span);
  Operand check_pack_name(const ast::PackName& name, Span span);
  Operand check_pack_element(const ast::PackElement& element, Span span);
  /// Inside a default body: the method that conformance selected for the protocol's `method` (R5.85).
  MemberDecl conforming_method(TypeId type, StringId method);
  /// [compiler_calls.cpp] A call of an `abi(.zig)` declaration.
  Operand call_binding(CallSite& site, const FunctionRef& callee, const Signature& signature);
  /// [built_types.cpp] The body of the entry that calls a type constructor.
  struct ConstructorCall {
    DeclId constructor; ///< invalid: the intrinsic `name`
    StringId name;
    std::span<const AstId> args; ///< as written, of a constructor without `$` parameters
    FunctionId instance;         ///< of a generic one
    Span span;
    Span head;
  };
  void run_constructor(const ConstructorCall& what);
  /// Is it a call of a type constructor without `$` parameters?
  bool is_construction(AstId node);
  /// A checked Entry around an expression of this body; invalid after a report.
  FunctionId compile_time_entry(AstId node, TypeId wanted, StringId label);
  void insert_statement(const ast::Insert& insert, Span span, std::vector<hir::NodeId>& out, bool& diverges);
  void inline_for_statement(const ast::For& loop, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  /// A selected `#error` in a body (R10.47).
  void report_error_directive(const ast::ErrorDirective& directive, Span span);
  PackBinding& pack(std::uint32_t index) { return packs_[index]; }
  std::uint32_t add_pack(PackBinding binding);

  // ---- inline assembly (assembly.cpp) ----
  Operand check_asm(const ast::Asm& node, Span span);

  // ---- literals (literals.cpp) ----
  Operand check_int_literal(std::uint64_t value, bool negative, bool character, Span span, Expect expect);
  Operand check_float_literal(double value, Span span, Expect expect);
  Operand check_string_literal(const ast::StringLiteral& literal, Span span, Expect expect);
  Operand check_null(Span span, Expect expect);
  Operand check_undefined(Span span, Expect expect);
  Operand check_error_literal(const ast::ErrorLiteral& literal, Span span, Expect expect);
  struct IntegerRange {
    __int128 min, max;
  };
  IntegerRange integer_range(TypeId type) const;
  __int128 wrap_integer(__int128 value, TypeId type) const;
  std::uint64_t wrap_pattern(__int128 value, TypeId type) const;

  // ---- names (names.cpp) ----
  Operand name_operand(syntax::Ident name, Span span, Use use);
  Operand found_operand(const Found& found, syntax::Ident name, Span span, Use use);
  Operand binding_operand(const Binding& binding, Span span);
  Operand declaration_operand(DeclId declaration, EnvironmentId environment, Span span, StringId name);
  Operand constant_operand(DeclId declaration, EnvironmentId environment, Span span, StringId name);
  Operand constant_value(const ConstValue& value, TypeId type, Span span);
  Operand constant_integer(std::int64_t value, Span span);
  Operand function_operand(DeclId declaration, EnvironmentId environment, Span span, StringId name);
  Operand type_operand(TypeId type, Span span);
  Operand namespace_member(const Operand& base, syntax::Ident name, Span path, Use use);
  /// The pointer to the code of a non-generic function; its body is requested.
  Operand function_value(const Operand& operand);
  TypeId function_operand_type(const Operand& operand);
  /// The innermost visible binding, captured if it belongs to the parent; null if there is none.
  const Binding* find_binding(StringId name, Span span);
  /// The same without capturing or reports.
  const Binding* own_binding(StringId name) const;
  hir::LocalId declare_local(syntax::Ident name, TypeId type, Access access = Access::Variable);
  void bind(Binding binding) { bindings_.push_back(std::move(binding)); }
  hir::LocalId temporary(TypeId type, Span span);
  /// Where names resolve now, with the names of this body.
  Site here() const;
  /// The same for declarations that outlive the body: a snapshot of the visible names.
  Site lasting_site();
  bool is_value_name(AstId node);
  Operand enclosing_local(StringId name, Span span);
  /// Resolves a type expression here; poison if it was reported.
  template <class Resolve> TypeId counting_errors(Resolve resolve);
  TypeId resolve_type(AstId node);
  TypeId resolve_literal_head(AstId head, Span literal);
  TypeId resolve_cast_target(AstId node);
  /// The type an expression denotes, or invalid if it denotes none; never reports.
  TypeId denoted_type(AstId node);

  // ---- operators (operators.cpp, comparison.cpp) ----
  Operand check_unary(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_address_of(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_binary(const ast::Binary& binary, AstId node, Expect expect);
  Operand arithmetic(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand vector_arithmetic(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand tuple_concatenation(Operand left, Operand right, Span span);
  Operand tuple_repetition(Operand left, Operand right, Span span);
  Operand check_logical(const ast::Binary& binary, AstId node, Expect expect);
  Operand check_condition_operand(AstId node);
  Operand check_in(const ast::Binary& binary, AstId node);
  Operand check_compare(const ast::Binary& binary, AstId node);
  Operand check_compare_chain(const ast::CompareChain& chain, AstId node);
  Operand compare(syntax::BinaryOp op, Operand left, Operand right, Span span);
  Operand compare_equal(bool equal, Operand left, Operand right, Span span);
  Operand compare_null(bool equal, Operand operand, Span span);
  Operand compare_optionals(bool equal, Operand left, Operand right, Span span);
  Operand compare_tuples(syntax::BinaryOp op, Operand left, Operand right, Span span);
  std::optional<Operand> compare_scalars(syntax::BinaryOp op, Operand left, Operand right, Span span);
  /// The first part without equality (R2.41); nothing if the type has equality.
  struct NoEquality {
    std::string part;
    TypeId type;
  };
  std::optional<NoEquality> missing_equality(TypeId type, int depth = 0);
  std::optional<NoEquality> missing_part(TypeId type, std::string path, int depth = 0);
  void report_no_equality(const Operand& left, std::string_view op, const NoEquality& missing);
  Expect right_expect(const Operand& left, Expect whole, bool comparison, AstId right);
  Operand read_through_reference(Operand operand);

  // ---- members (members.cpp, index.cpp) ----
  Operand check_member(const ast::Member& member, AstId node, Expect expect);
  /// What stands before a dot: a value, else a namespace, else a type.
  Operand check_base(AstId node);
  Operand member_of(Operand base, StringId name, Span access);
  Operand type_member(Operand base, syntax::Ident name, Span access);
  Operand check_member_index(const ast::MemberIndex& member, AstId node);
  Operand part_of(Operand base, std::uint64_t index, Span access);
  Operand field_of(Operand base, std::uint32_t index, TypeId type, Span span);
  Operand no_field(TypeId type, StringId field, Span access);
  std::optional<Operand> property_of(const Operand& base, StringId member, Span access);
  Operand read_property(const Operand& operand);
  Operand check_index(const ast::Index& index, AstId node);
  Operand element_of(Operand base, const ast::Index& index, Span span);
  Operand constant_part(Operand base, const ast::Index& index, Span span);
  Operand not_indexable(const Operand& base, Span span);
  Operand index_value(AstId node);
  Operand check_slice(const ast::SliceExpr& slice, AstId node);
  Operand check_deref(const ast::Deref& deref, AstId node);
  Operand deref(Operand pointer, Span span);
  Operand check_optional_member(AstId node, Expect expect);
  /// Maps `inner` over the payload of an optional; the result is flattened (R6.36).
  Operand map_optional(Operand base, Span span, const std::function<Operand(Operand payload)>& inner);
  std::optional<std::uint32_t> find_field(TypeId aggregate, StringId name);

  // ---- aggregates (aggregates.cpp, variants.cpp) ----
  Operand check_struct_literal(const ast::StructLiteral& literal, AstId node, Expect expect);
  Operand literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand check_array_literal(const ast::ArrayLiteral& literal, AstId node, Expect expect);
  Operand struct_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand tuple_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand union_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand words_literal_of(const ast::StructLiteral& literal, AstId node, TypeId type);
  Operand anonymous_literal(const ast::StructLiteral& literal, AstId node);
  Operand elements_literal(std::span<const AstId> elements, AstId node, TypeId type, bool may_be_short);
  Operand static_elements(AstId node, TypeId array);
  Operand poison_elements(std::span<const AstId> elements, Span span);
  Operand with_init_block(Operand literal, AstId block);
  /// The value of a field that a literal or declaration leaves out (R3.2.12, R3.2.13); invalid: zero bytes.
  hir::NodeId field_default(TypeId aggregate, std::uint32_t index, Span use);
  /// `x : T;`
  hir::NodeId default_value(TypeId type, Span span);
  Operand check_dot_name(const ast::DotName& name, AstId node, Expect expect);
  Operand variant_value(TypeId type, std::uint32_t variant, Span span, bool qualified);
  Operand construct_variant(TypeId type, syntax::Ident variant, std::span<const AstId> args, Span span, Span name_span);
  Operand variant_literal(const ast::StructLiteral& literal, AstId node, TypeId type, syntax::Ident variant);
  std::optional<std::uint32_t> find_variant(TypeId type, StringId name);
  void report_no_variant(TypeId type, StringId name, Span span);
  AstId element_value(AstId element);

  // ---- casts and any (casts.cpp) ----
  Operand check_xx(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_cast(const ast::Cast& cast, AstId node, Expect expect);
  Operand cast_value(Operand operand, TypeId target, Span span, bool consumed);
  Operand optional_cast(Operand operand, TypeId target, Span span, Expect expect);
  Operand allocating_cast(const ast::Cast& cast, Operand operand, TypeId target, Span span);
  Operand reinterpret(Operand operand, TypeId target, Span span);
  bool is_raw_shape(TypeId type, std::string_view type_name, std::string_view first_field);
  Operand box(Operand operand, Span span);
  Operand unbox(Operand operand, TypeId target, Span span);
  /// `.(T)` on an erased value; `consumed`: a Failable result, else a trap on mismatch (R2.103).
  Operand assertion(Operand operand, TypeId target, Span cast, bool consumed);
  hir::NodeId success_node(hir::NodeId success, TypeId failable, Span span);
  hir::NodeId mismatch_node(TypeId failable, Span span);
  TypeId cast_error_set();

  // ---- lambdas and nested functions (lambdas.cpp) ----
  Operand check_lambda(const ast::Lambda& lambda, AstId node, Expect expect);
  /// `{ body }` after a call as `() => { body }` (R4.40).
  Operand trailing_block(AstId block, TypeId parameter);
  Operand closure_literal(std::span<const AstId> params, AstId result, AstId body, bool arrow, syntax::Abi abi,
                          AstId node, Expect expect);
  void nested_declaration(const ast::ConstDecl& declaration, AstId node);

  // ---- control (blocks.cpp, if_while.cpp, for.cpp, match.cpp, push_context.cpp) ----
  Operand check_block(AstId node, Expect expect);
  /// Statements in a scope of their own. `arm`: of a match arm, whose last `;` drops nothing (R4.17).
  Operand check_statements(std::span<const AstId> statements, Span span, Expect expect, bool arm);
  void check_statement(AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  Operand check_if(const ast::If& branch, AstId node, Expect expect);
  Operand check_value_if(const ast::If& branch, AstId node, Operand condition, Expect expect);
  Operand check_if_binding(const ast::If& branch, AstId node, Expect expect);
  Operand check_while(const ast::While& loop, AstId node, Expect expect);
  Operand check_for(const ast::For& loop, AstId node, Expect expect);
  Operand check_match(const ast::Match& match, AstId node, Expect expect);
  Operand match_on(const ast::Match& match, AstId node, Operand subject, Span subject_span, Expect expect,
                   StringId subject_name);
  Operand check_push(const ast::Push& push, AstId node, Expect expect);
  Operand check_context(Span span);
  Operand check_jump(AstKind kind, Span span);
  /// True if an operand never finishes.
  bool leaves(const Operand& operand) const;
  bool is_void(const Operand& operand) const;
  /// The node of an expression whose value is dropped.
  hir::NodeId statement_node(Operand operand);

  // ---- statements (statements.cpp, assignment.cpp) ----
  void var_statement(const ast::VarDecl& declaration, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  void const_statement(const ast::ConstDecl& declaration, AstId node, std::vector<hir::NodeId>& out, bool& diverges);
  void assign_statement(const ast::Assign& assign, AstId node, std::vector<hir::NodeId>& out);
  void multi_assign_statement(const ast::MultiAssign& assign, AstId node, std::vector<hir::NodeId>& out);
  void destructure_statement(const ast::Destructure& destructure, AstId node, std::vector<hir::NodeId>& out);
  void cleanup_statement(AstId node, std::vector<hir::NodeId>& out);

  // ---- optionals and errors (optionals.cpp, errors.cpp, returns.cpp) ----
  Operand check_force_unwrap(const ast::ForceUnwrap& unwrap, AstId node);
  Operand check_coalesce(const ast::Binary& binary, AstId node);
  Operand check_try(const ast::Unary& unary, AstId node, Expect expect);
  Operand check_catch(const ast::Catch& handler, AstId node, Expect expect);
  Operand check_or_chain(const ast::Binary& binary, AstId node, Expect expect);
  bool is_failable_operand(AstId node);
  void raise_statement(const ast::Raise& raise, AstId node, std::vector<hir::NodeId>& out);
  /// An open failure whose value is used as such: E0830, or the error value of a pure call (R6.100, R6.102).
  Operand settle_failable(Operand operand, Expect expect);
  Operand check_return(const ast::Return& statement, AstId node);

  // ---- comptime (run.cpp, inline_if.cpp) ----
  Operand check_run(const ast::Run& run, AstId node, Expect expect, StringId label);
  /// R7.66, R7.67: the value of a condition that folds.
  std::optional<bool> fold_condition(AstId node);
  /// The forms that fold in an ordinary `if` (R4.96).
  std::optional<bool> fold_static_condition(AstId node);
  /// A compile-time integer (R7.31); local constants and cursors included.
  std::optional<std::int64_t> fold_integer(AstId node);
  std::optional<Operand> check_inline_match(const ast::Match& match, AstId node, Expect expect);

  // ---- whole bodies (check_function.cpp) ----
  /// Checks the body of a function or method with a declared or inferred result.
  void run_function();
  /// Checks the expression of an Entry; `wanted` invalid: its own type, in the function's type afterwards.
  void run_entry(AstId node, TypeId wanted);
  void run_lambda(const Signature& signature, AstId body_node, bool arrow, bool infers);
  /// The result type found for a function without `->`; used on a scratch function.
  TypeId run_inference(AstId node, const Signature& partial);

  // ---- tree building (build.cpp) ----
  template <class T> hir::NodeId emit(T node, TypeId type, Span span) { return body().add(node, type, span); }
  Operand value(hir::NodeId node, TypeId type, Span span);
  template <class T> Operand make(T node, TypeId type, Span span) { return value(emit(node, type, span), type, span); }
  Operand place(hir::NodeId node, TypeId type, Span span, Access access = Access::Variable);
  Operand local_place(hir::LocalId local, Span span, Access access = Access::Variable);
  hir::NodeId local_value(hir::LocalId local, Span span);
  hir::NodeId word(std::uint64_t pattern, TypeId type, Span span);
  Operand void_value(Span span);
  /// The node of a value operand; a Poison node for poison.
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
    if (Info.level == Level::Error)
      ++errors_;
    return diagnostics().report<Info>(span, std::forward<Arguments>(arguments)...);
  }
  Operand not_supported(std::string_view construct, Span span);
  void report_depth(Span span);
  std::string name(TypeId type) const;
  std::string_view text(StringId id) const;
  std::string type_text(const Operand& operand);

  Checker& checker() { return checker_; }
  TypeTable& types() const { return checker_.types; }
  Diagnostics& diagnostics() const { return checker_.diagnostics; }
  Interner& strings() const { return checker_.strings; }
  Program& program() const { return checker_.program; }
  Function& function() const { return checker_.program.function(function_); }
  hir::Body& body() const { return function().body; }
  const syntax::Tree& tree() const { return *where_.tree; }
  Span span_of(AstId node) const { return tree().span(node); }
  FunctionId function_id() const { return function_; }
  bool tentative() const { return tentative_ != 0; }
  std::size_t errors() const { return errors_; }

private:
  friend class Checker;
  friend struct BodyAccess;
  friend class AssemblyCheck;

  /// An accessor pair found for `object.name` (R3.7).
  struct Property {
    Operand object;
    StringId name;
    MemberDecl getter, setter;
  };
  /// What the function returns (R4.20 to R4.29, 6.17).
  struct Result {
    TypeId type;      ///< success value: Void, one type, or a Tuple if `multi`; invalid while being inferred
    TypeId error_set; ///< valid if `failable`
    bool failable = false;
    bool multi = false;
    bool inferring = false; ///< the first `return v` decides
    bool allows_try = true; ///< false directly inside a `#run`
    bool void_type = true;
    std::vector<StringId> slot_names; ///< of a list with names

    bool is_void() const { return void_type; }
    std::size_t count(const TypeTable& types) const { return multi ? types[type].elements.size() : void_type ? 0 : 1; }
  };
  /// One arm of a value `if` or match.
  struct Arm {
    AstId node;
    Span span;
    bool statements = false; ///< `node` is a Block that holds an arm's statements
    bool skipped = false;    ///< takes no part in the join
    bool rejected = false;   ///< E0541 was reported
    NaturalType natural;
  };
  struct Stream;
  struct MatchArm;
  struct CategorySubject {
    hir::LocalId local;
    Category category;
  };
  class Snapshot;

  // conversions, expressions
  Operand check_kind(AstId node, Expect expect);
  Operand typed_only(TypeId type, Span span);

  // blocks
  Operand missing_value(const Operand& tail, Span tail_span, Span span, Expect expect);
  Operand finish_block(std::span<const hir::NodeId> out, const Operand& tail, bool has_value, Span span);
  void drop_value(Operand operand, std::vector<hir::NodeId>& out, bool& diverges);

  // if, while
  void collect_facts(AstId condition, bool when, std::vector<hir::LocalId>& out);
  void add_facts(AstId condition, bool when);
  bool is_narrowed(hir::LocalId local) const;
  void kill_fact(hir::LocalId local);
  void kill_assigned(AstId node);
  TypeId join_arms(std::span<Arm> arms, TypeId wanted, bool is_match, Span undecided);
  Operand check_arm_value(const Arm& arm, TypeId type);
  Operand finish_if(hir::NodeId condition, const Operand& then_arm, const Operand* else_arm, Span span);
  Operand taken_arm(AstId arm, Span span, Expect expect);
  static Span keyword_span(Span span, std::uint32_t length);

  // for
  Operand range_bound(AstId node, bool add_one);
  Stream open_stream(const ast::Iterable& iterable, bool first, std::vector<hir::NodeId>& out);
  Stream open_collection(AstId node, bool first, std::vector<hir::NodeId>& out);
  void stream_words(Stream& stream, hir::NodeId pointer, hir::NodeId length, bool first, Span span,
                    std::vector<hir::NodeId>& out);
  void bind_capture(const ast::Capture& capture, const Stream& stream, hir::LocalId index,
                    std::vector<hir::NodeId>& round);

  // match
  StringId type_of_subject(AstId subject);
  std::vector<MatchArm> value_arms(const ast::Match& match, TypeId type);
  std::vector<MatchArm> type_arms(const ast::Match& match, TypeId subject);
  void arm_body(const ast::Case& arm, AstId node, MatchArm& out);
  bool value_pattern(AstId pattern, TypeId type, MatchArm& out);
  bool integer_pattern(AstId pattern, TypeId type, MatchArm& out, bool& reported);
  bool type_pattern(AstId pattern, MatchArm& out);
  std::optional<StringId> variant_pattern(AstId pattern, TypeId type);
  std::string pattern_text(AstId pattern);
  bool covers_all(TypeId type, std::span<const MatchArm> arms);
  std::string first_open_case(TypeId type, std::span<const MatchArm> arms);
  Operand check_match_arm(const MatchArm& arm, TypeId type, Expect expect, bool by_type);
  hir::NodeId capture_value(const MatchArm& arm, hir::LocalId subject, TypeId type);
  hir::NodeId erased_data(hir::NodeId erased, TypeId type, Span span);
  hir::NodeId as_any_place(hir::NodeId erased, Span span);
  hir::NodeId type_word(hir::NodeId place_node, Span span);
  hir::NodeId type_match_node(std::span<const MatchArm> arms, std::span<const hir::NodeId> bodies, hir::LocalId subject,
                              TypeId subject_type, TypeId type, Span span);
  hir::NodeId switch_node(std::span<const MatchArm> arms, std::span<const hir::NodeId> bodies, hir::LocalId subject,
                          TypeId subject_type, TypeId type, bool exhaustive, Span span);

  // errors, returns
  void check_escape(TypeId from, ErrorSource source, Span span);
  ErrorSource own_source() const;
  ErrorSource error_source_of_call(hir::NodeId call);
  AstId strip_try(AstId node, bool& marked);
  Operand map_success(Operand operand, TypeId success, Span span);
  Operand finish_chain(std::span<const hir::NodeId> operands, TypeId success, AstId item, AstId first, Span span);
  bool match_gives_value(const ast::Match& match);
  Operand returned_value(AstId node);
  Operand full_failable(const ast::StructLiteral& literal, AstId node);
  Operand forward(Operand operand, Span span);
  Operand tuple_of_results(Operand operand, const ConversionSite& site);
  Operand return_list(std::span<const AstId> values, Span span);
  AstId return_element_value(AstId item);
  bool is_literal_target(TypeId type) const;

  // assignment
  struct Target {
    Operand operand;
    bool blank = false; ///< `_`
    bool failed = false;
  };
  Target check_target(AstId node, Span whole, bool compound);
  bool report_unwritable(const Operand& target, Span span);
  ConversionSite target_site(AstId node, const Operand& target, Span whole, bool single);
  hir::NodeId store_to(const Operand& target, const Operand& value, Span span);
  hir::NodeId call_setter(const Operand& target, const Operand& value, Span span);
  bool is_blank(AstId node) const;

  std::string_view variant_name_of(const Operand& target);

  // methods, lambdas
  bool receiver_fits(const Operand& receiver, DeclId candidate);
  Operand lambda_pointer(FunctionId id, std::span<const TypeId> parameters, TypeId result, TypeId target,
                         bool capture_free, AstId body_node, Span span);
  Operand report_lambda_result(TypeId result, TypeId wanted, Span at, Span span);

  // inline if
  std::optional<ConstValue> fixed_name(AstId node);
  std::optional<bool> fold_comparison(const ast::Binary& binary);

  // calls
  Operand box_variadic(Operand operand, CallSite& site);
  Operand call_extern(CallSite& site, const FunctionRef& callee, const Signature& signature);
  bool bind_trailing(CallSite& site, std::string_view callee, std::span<const Parameter> parameters,
                     std::vector<BoundArgument>& bound, std::size_t position, std::uint32_t written);

  // whole bodies
  void declare_parameters(const Signature& signature);
  void declare_slots(const Signature& signature, std::vector<hir::NodeId>& out);
  void set_result(const Signature& signature);
  void check_root(AstId body_node, bool arrow, std::vector<hir::NodeId> before);
  void check_naked(AstId body_node);
  Operand finish_tail(AstId node, std::vector<hir::NodeId>& out, Span span);
  void finish_body(std::vector<hir::NodeId> before, const Operand& root, Span span);
  void report_unset_slots(AstId body_node);
  Span result_list_span(AstId node) const;
  bool assigns(StringId slot, AstId node);
  hir::LocalId capture(const Binding& outer, Span span);

  Checker& checker_;
  FunctionId function_;
  Site where_;
  const LocalNames* outer_names_ = nullptr; ///< names around a nested function
  BodyChecker* parent_;
  Boundary boundary_;
  Result result_;
  std::size_t floor_ = 0;                                   ///< bindings below are hidden (`elsewhere`)
  bool isolated_ = false;                                   ///< inside `elsewhere`: no captures, no parent
  std::size_t errors_ = 0;                                  ///< reported here, muted ones included
  std::vector<std::pair<DeclId, EnvironmentId>> expanding_; ///< constants whose initializers are being checked in place
  int tentative_ = 0;                                       ///< depth of tentative checks, parents included
  bool last_statement_has_value_ = false;
  Span statement_span_;
  const char* cleanup_kind_ = nullptr; ///< inside a `defer` or `onfail` body: its keyword (R6.118)
  Span call_location_;                 ///< call whose defaults are being checked (R4.33)
  std::vector<Binding> bindings_;
  std::vector<Binding> captured_;      ///< names of the parent used here; `local` is this body's copy
  std::vector<Binding> captured_from_; ///< the parent's bindings, in the same order
  std::vector<PackBinding> packs_;
  std::vector<Property> properties_;
  std::vector<hir::LocalId> facts_;
  std::vector<hir::LocalId> killed_facts_;
  std::vector<hir::LoopId> loops_;
  std::vector<CategorySubject> category_subjects_;
  std::set<StringId> reported_enclosing_;
  std::map<std::pair<const syntax::Tree*, std::uint64_t>, NaturalType> natural_types_;
};

} // namespace sx::sema

#include "sema/body_checker_inline.h"
