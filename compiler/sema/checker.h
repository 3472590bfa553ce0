#pragma once
// The core that all parts of checking share: modules, declarations, lookup, type resolution, constants, instances.
// Member functions are grouped by the file that defines them. Every function that can report gives poison (or an
// empty optional) after a report, and poison is silent in whatever uses it (R10.55).

#include "sema/check.h"
#include "sema/entities.h"
#include "sema/module.h"
#include "sema/program.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sx::sema {

namespace ast = syntax::ast;
using AstId = syntax::NodeId;

/// What a name may be at its use (R1.120).
enum class Use : std::uint8_t {
  Call,       ///< called: functions, function aliases, callable constants and globals only as errors (E0315)
  Type,       ///< type position, literal head, type argument
  TypeHead,   ///< `N(args)` as a type: generic struct or protocol, type function
  Value,      ///< constants, globals, functions as values
  MemberBase, ///< `N.m`: a visible value, else a namespace, else a type
  Namespace,
  Any, ///< right side of an alias: whatever it denotes
};

/// What a name denotes.
struct Found {
  enum class Kind : std::uint8_t {
    None,          ///< nothing (only from quiet lookups)
    Poison,        ///< reported
    Local,         ///< `local`, from the site's LocalNames
    Argument,      ///< `argument`: a generic binding of the site's environment
    Declaration,   ///< `decl`: what aliases (ufcs aliases too) lead to
    BuiltinType,   ///< `type`
    Constructor,   ///< `Vector` or `Array` without declaration in sight (R1.136)
    Intrinsic,     ///< a name of the intrinsic registry without declaration in sight (R1.136)
    TargetConstant ///< OS, ARCH, POINTER_SIZE (R1.137)
  };
  Kind kind = Kind::None;
  DeclId decl;
  TypeId type;
  LocalEntity local;
  GenericArgument argument;

  bool poisoned() const { return kind == Kind::Poison; }
  explicit operator bool() const { return kind != Kind::None && kind != Kind::Poison; }
};

/// How a value may be known to a fold (R7.31).
enum class FoldDomain : std::uint8_t {
  Count,  ///< integer and float literals, limits, `+ - * / %`, ...
  Scalar, ///< additionally bool, string, bitwise, shift, comparison, logic: typed constants and constant elements
};

/// Why there is no fold.
enum class FoldFailure : std::uint8_t { NotConstant, Overflow, DivisionByZero, Cycle, TooDeep, Poison };

struct Fold {
  ConstValue value;
  FoldFailure failure = FoldFailure::NotConstant;
  bool ok = false;
  explicit operator bool() const { return ok; }
};

enum class CountUse : std::uint8_t { ArrayDimension, VectorLane, GenericArgument };

/// How a module-level or local constant is used (chapter 03, 12; R7.36 to R7.47).
struct ConstantInfo {
  enum class Kind : std::uint8_t {
    Poison,
    Scalar,   ///< `value` is the canonical value in its type
    Stored,   ///< `global`: array or struct constant with storage, `#run` constant
    Repeated, ///< the initializer is checked anew at every use with target `type` (or none): R3.12.14
    Function, ///< a lambda bound at module level: `decl` of the constant itself is called (site of the constant)
  };
  Kind kind = Kind::Poison;
  ConstValue value;
  TypeId type; ///< invalid for Repeated without annotation
  GlobalId global;
};

/// Members of a nominal type that are declarations: methods, accessors, constants of a struct body.
struct MemberDecl {
  DeclId decl;
  EnvironmentId environment; ///< bindings of the instance that owns the member
  explicit operator bool() const { return decl.valid(); }
};

struct EntryRequest {
  AstId node;                 ///< the expression, or a Block
  TypeId type;                ///< wanted type; invalid: the expression's own
  StringId name;              ///< trace name
  bool constant_only = false; ///< module variable or stored constant: the expression was accepted as constant already
  bool default_value = false; ///< no node: the default value of `type` (R3.14.5)
  bool is_run = false;        ///< `#run`: failable results keep their success values (R7.14)
  bool is_statement = false;  ///< `#run e;` at module level: any value is dropped
  bool is_context = false;    ///< no node: the default context, made of `Checker::context_extensions`
};

/// One `#context_extend`, in field order (R4.137).
struct ContextField {
  StringId name;
  TypeId type;
  Site site; ///< of the default
  AstId value;
  AstId node; ///< ast::ContextExtend
  Span span;
};

class GenericState;
struct CompilerCall;
struct StructMembers;

/// One program while it is being checked.
class Checker {
public:
  Checker(Program& program_, const Options& options_, SourceMap& sources_, Interner& strings_,
          Diagnostics& diagnostics_, Evaluator& evaluator_);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  Program& program;
  TypeTable& types;
  const Options& options;
  SourceMap& sources;
  Interner& strings;
  Diagnostics& diagnostics;
  Evaluator& evaluator;

  // ================================================================ phases.cpp
  /// Phases 1 to 7 of R10.19.
  bool run();

  // ================================================================ checker.cpp: tables, reports
  StringId intern(std::string_view text) { return strings.intern(text); }
  std::string text(StringId id) const { return std::string(strings.text(id)); }
  std::string source_text(Span span) const { return std::string(sources.text(span)); }
  template <const DiagnosticInfo& Info, class... Arguments> Report& report(Span span, Arguments&&... arguments) {
    return diagnostics.report<Info>(span, std::forward<Arguments>(arguments)...);
  }
  /// E0990; `construct` names it in the plural or with an article ("inline assembly").
  TypeId not_supported(Span span, std::string_view construct);
  /// Path of a module as diagnostics show it.
  std::string file_name(ModuleId module) const;
  /// Names of two types for one message: where two different types are spelled alike, both get
  /// " (declared in '<file>')" (R10.3).
  std::pair<std::string, std::string> names(TypeId first, TypeId second) const;

  Module& module(ModuleId id) { return modules_[id.index()]; }
  const Module& module(ModuleId id) const { return modules_[id.index()]; }
  std::size_t module_count() const { return modules_.size(); }
  Decl& decl(DeclId id) { return decls_[id.index()]; }
  const Decl& decl(DeclId id) const { return decls_[id.index()]; }
  std::size_t decl_count() const { return decls_.size(); }
  /// Registers a declaration: a ConstDecl, VarDecl or namespaced import. Its kind is found by syntax alone; kinds that
  /// need lookup are `Unresolved` until `resolve_decl`.
  DeclId add_decl(const Site& site, AstId node, DeclScope scope, TypeId owner = {});
  /// Site of the declaration's own text, with `environment` instead of its own if one is given.
  Site site_of(DeclId id, EnvironmentId environment = {}) const;
  Site site_of(ModuleId id) const;
  /// Site in which the members of a nominal type were written, with the bindings of the instance.
  Site site_of_type(TypeId nominal) const;

  // ================================================================ environments.cpp
  EnvironmentId empty_environment() const { return EnvironmentId{0}; }
  const Environment& environment(EnvironmentId id) const { return environments_[id.index()]; }
  /// `base` with more bindings; a name that exists is replaced. Equal contents give equal ids.
  EnvironmentId extend(EnvironmentId base, std::span<const NamedArgument> bindings);
  const GenericArgument* find_argument(EnvironmentId id, StringId name) const;
  /// Spelling of a binding inside the display name of an instance (R2.119).
  std::string argument_name(const GenericArgument& argument) const;

  // ================================================================ lookup.cpp (R1.118 to R1.142)
  /// What `name` denotes at `site` for this use; reports E0303 to E0311, E0313, E0314, E0320 at `report_at` (the name
  /// itself if invalid). Locals first, then generic bindings, then module level, then builtin names. A raw name never
  /// means a builtin (R1.21).
  Found find(const Site& site, syntax::Ident name, Use use, Span report_at = {});
  /// The same without reports; ambiguity and invisibility give None.
  Found find_quietly(const Site& site, StringId name, Use use, bool raw = false);
  /// `namespace.name`; reports E0312 at `path` (from the path's start through the segment).
  Found find_in_namespace(const Site& site, DeclId name_space, syntax::Ident name, Use use, Span path);
  /// Name or Member path as far as namespaces go. `rest` gets the Member node (or none) that was not consumed because
  /// what stands before it is no namespace.
  struct PathFound {
    Found found;
    AstId consumed; ///< the node that `found` denotes
  };
  PathFound find_path(const Site& site, AstId node, Use use, Span report_at = {});
  /// Declarations `name` that a dot call may use: own and flat-visible `ufcs` functions and ufcs aliases (tier 1), or
  /// those of all modules (tier 2) (R4.61). Same entity once.
  std::vector<DeclId> ufcs_candidates(const Site& site, StringId name, bool all_modules);
  /// The declaration behind aliases and ufcs aliases; one of kind Poison after a report (E0319 once per cycle).
  DeclId follow(DeclId id);
  /// One hop: what the right side of an alias denotes at its own site.
  void resolve_alias(DeclId id);
  /// Kinds that need lookup become known; reports at most once per declaration.
  DeclKind resolve_decl(DeclId id);
  /// Is `module` reachable from `from` over imports of either kind (R1.133)?
  bool reaches(ModuleId from, ModuleId module);
  /// Can the declaration serve this kind of use (R1.120)? Follows aliases; poison serves all.
  bool serves(DeclId id, Use use);
  /// Reports E0320 and its kin; in phases 5b to 5f those of the entry file wait for phase 5g (R10.30).
  template <const DiagnosticInfo& Info, class... Arguments>
  void report_unknown_type(Span span, std::string help_text, Arguments&&... arguments) {
    static_assert(sizeof...(Arguments) == Info.parameters);
    add_unknown_type(Info, span, {DiagnosticArgument(std::forward<Arguments>(arguments))...}, std::move(help_text));
  }
  void add_unknown_type(const DiagnosticInfo& info, Span span, std::vector<DiagnosticArgument> arguments,
                        std::string help_text);
  /// Phase 5g: reports what waited, in source order.
  void flush_unknown_types();

  // ================================================================ resolve_type.cpp
  /// The type that `node` (any type syntax, or an expression naming a type) denotes. Poison after a report.
  TypeId resolve_type(const Site& site, AstId node);
  /// The head of the literal at `literal`, which is what a name nobody declares is reported at (R1.121).
  TypeId resolve_literal_head(const Site& site, AstId head, Span literal);
  /// The same without reports: invalid if `node` is not a type. For positions where a type or a value may stand.
  TypeId try_resolve_type(const Site& site, AstId node);
  /// Could `node` be a type by its syntax and the names in it? No reports, no instances made.
  bool names_type(const Site& site, AstId node);
  /// An instance of the generic head `head`: struct, union, protocol or type function. `span` is `Head(args)`.
  TypeId apply_head(const Site& site, DeclId head, std::span<const AstId> args, Span span, Span head_span);
  /// Result type of `-> node`: (value type, error set or invalid). An inferred `!` gets the set of `owner`.
  struct ResultType {
    TypeId value;                  ///< Void if nothing; a Tuple for several slots
    TypeId error_set;              ///< invalid: cannot fail
    bool inferred = false;         ///< `!` without set: `error_set` is made by the caller
    std::vector<ResultSlot> slots; ///< of a ReturnList
  };
  ResultType resolve_result(const Site& site, AstId node);
  TypeId result_type(const ResultType& result); ///< the value type, or Failable
  /// `..xs`, `..$xs`, `..xs.T` in a type list (a Spread node): appends the types; false after a report.
  bool expand_pack(const Site& site, AstId spread, std::vector<TypeId>& out);
  bool expand_named_pack(const Site& site, syntax::Ident pack, syntax::Ident projection, std::vector<TypeId>& out);
  TypeId builtin_type(StringId name); ///< `i32`, `usize`, `string`, ...; invalid if none
  bool is_reserved_name(StringId name);

  // ================================================================ constants.cpp
  /// A count (R2.20, R7.35): reports E0427 to E0431 at the expression, or what a part of it deserves (E0524, lookup
  /// errors). Empty after a report.
  std::optional<std::uint64_t> fold_count(const Site& site, AstId node, CountUse use);
  Fold fold_plain_argument(const Site& site, AstId node, TypeId type);
  /// A value argument for a header parameter of type `type`: an integer in range (E0704, E0705), or a constant bool,
  /// float, string or variant; empty after a report. `parameter` names it in reports.
  std::optional<ConstValue> fold_value_argument(const Site& site, AstId node, TypeId type, StringId parameter);
  /// Folds without reports (except E0524 and errors of names that must not be silent: `report`).
  Fold fold(const Site& site, AstId node, FoldDomain domain, bool report = false);
  /// The constant behind a Constant, RunConstant declaration or struct-body constant; reports once.
  ConstantInfo constant_of(DeclId id, EnvironmentId environment = {});
  /// Type of a constant; poison after a report. Repeated constants without annotation: the type of the literal head.
  TypeId constant_type(DeclId id, EnvironmentId environment = {});
  /// Phase 5b: a cycle through operators is an error of its uses only (R7.38).
  bool is_registering_constants() const;
  /// The storage of an array literal that stands for a slice in a constant or the initial value of a module variable
  /// (R2.52).
  GlobalId static_array(const Site& site, AstId literal, TypeId array);
  /// Is `node` a constant in the sense of R3.12.13 with target `type` (or none)? No reports.
  bool is_constant_element(const Site& site, AstId node, TypeId type);
  /// Conversion of a folded scalar to `type` by R2.13; empty if it does not fit.
  std::optional<ConstValue> convert_constant(const ConstValue& value, TypeId type);
  bool is_constant_in_progress(DeclId id, EnvironmentId environment);
  ConstValue integer_constant(std::int64_t value, TypeId type = {});
  /// `OS`, `ARCH`, `POINTER_SIZE`.
  ConstValue target_constant(StringId name);
  /// E0510 with the list of variants.
  void report_no_variant(Span at, TypeId enum_type, StringId name);
  /// `min`, `max`, `epsilon`, ... of a numeric type (R2.22); empty if there is no such limit.
  std::optional<ConstValue> numeric_limit(TypeId type, std::string_view name);
  std::optional<ConstValue> limit_of_builtin(const Site& site, const ast::Member& member);

  // ================================================================ globals.cpp
  /// The module variable; its initializer is checked now (R3.14.7) and its entry requested. Invalid after a report.
  GlobalId global_of(DeclId id);
  TypeId variable_type(DeclId id);
  /// The C function or variable of an `extern` declaration.
  ExternId extern_of(DeclId id);

  // ================================================================ structs.cpp, enums.cpp, error_sets.cpp
  /// The type of a Type declaration in its environment. Members may be incomplete: see `complete`.
  TypeId declared_type(DeclId id, EnvironmentId environment = {});
  /// A type declared inside another construct: anonymous struct, inline enum, error set.
  TypeId inline_type(const Site& site, AstId node, StringId display_name = {});
  /// A parameter of a struct header (R5.6).
  struct HeaderParameter {
    enum class Kind : std::uint8_t { Type, Value, Pack };
    Kind kind = Kind::Type;
    syntax::Ident name;
    AstId type_node;                ///< Value: the declared type
    std::vector<AstId> constraints; ///< Type: names of protocols, at the declaration's site
  };
  HeaderParameter classify_header_parameter(const Site& site, AstId param);
  /// Instance of a generic struct (R5.41); `arguments` are canonical. Memoised by declaration and arguments.
  TypeId struct_instance(DeclId id, std::span<const GenericArgument> arguments);
  /// The declaration an instance was made from, or the declaration of a nominal type; invalid for anonymous and minted.
  DeclId declaration_of(TypeId nominal) const;
  /// Makes the members known; reports problems of the declaration once.
  void complete(TypeId type);
  void complete_named_types();
  /// Complete, and everything held by value is complete: `layout` may be asked. False (once reported) for a type that
  /// contains itself by value (E0432).
  /// `at` is where a structural type that is too large is reported.
  bool require_layout(TypeId type, Span at = {});
  /// A new nominal type made of `node` (StructType, EnumType, ...) at `site`; every call makes another one. For
  /// declarations, instances, and the inline types that type functions return.
  TypeId nominal_from_node(const Site& site, AstId node, StringId name, Span span, DeclId declaration);
  std::optional<std::uint32_t> find_field(TypeId aggregate, StringId name);
  std::optional<std::uint32_t> find_variant(TypeId enum_type, StringId name);
  /// Field of a union reached through an anonymous-struct arm: (arm index, field index) (R3.11.2).
  std::optional<std::pair<std::uint32_t, std::uint32_t>> find_promoted(TypeId union_type, StringId name);
  /// Tag id of an error name, made on demand.
  std::uint32_t error_tag(StringId name);
  /// The one set of every bare `!` (R6.66); the tags that a function really raises belong to the flow analysis.
  TypeId open_error_set();

  // ================================================================ members.cpp
  /// A method of the struct body (not of `impl`s); accessors are separate.
  MemberDecl find_method(TypeId type, StringId name);
  MemberDecl find_accessor(TypeId type, StringId name, syntax::Accessor accessor);
  MemberDecl find_struct_constant(TypeId type, StringId name);

  // ================================================================ signatures.cpp
  /// Signature in an environment that binds every type parameter; memoised; reports once per declaration.
  const Signature& signature(DeclId id, EnvironmentId environment = {});
  /// The same for a Function, Lambda or ProtocolMethod node at any site.
  Signature build_signature(const Site& site, AstId node);
  /// Checks the types in the head of a declared function without making an instance: E0437, E0702 and what does not
  /// resolve. Generic parts are left to the instances.
  void check_head(DeclId id);
  /// The function type of a signature.
  TypeId function_type(const Signature& signature);
  /// The instance of a function declaration or method. Registers it in the program; nothing is checked yet.
  FunctionId function_instance(DeclId id, EnvironmentId environment = {});
  /// Checks the body now if it was not begun (R10.20); too deep nesting and a question for a type alone put it in the
  /// queue.
  void require_body(FunctionId function);
  /// Checks what the queue holds: before code is evaluated, and last.
  void drain_bodies();
  const FunctionOrigin& origin(FunctionId function) const { return origins_.at(function); }
  /// Registers a function with its origin (lambdas and entries of the body checker too).
  FunctionId add_function(Function function, FunctionOrigin origin);

  // ================================================================ context_extend.cpp
  std::vector<FunctionId> context_entries; ///< entries of the defaults (R4.140), checked with the bodies
  bool has_context() const { return program.context.type.valid(); }
  std::span<const ContextField> context_extensions() const;
  /// `name: type` lines of the known context fields, for E0501 and E0636 (R4.136).
  std::vector<std::string> context_fields() const;

  // ================================================================ hooks: sema-bodies
  /// [check_function.cpp] Checks the body of a registered function into its `hir::Body`.
  void check_body(FunctionId function);
  /// [check_function.cpp] Result type of a function without `->` (R4.3, R5.21); `parameters` are resolved already.
  TypeId infer_result(const Site& site, AstId function_node, const Signature& partial);
  /// [check_function.cpp] An Entry function around an expression; its body is checked by `require_body`. For
  /// `request.type` invalid the type is the expression's own, in the function's result afterwards.
  FunctionId make_entry(const Site& site, const EntryRequest& request);
  /// [check_function.cpp] Type of an expression at module level without evaluating it, checked with `target` as ambient
  /// type; poison after a report.
  TypeId type_of_expression(const Site& site, AstId node, TypeId target = {});
  /// [check_function.cpp] Number in the trace name of the next lambda (R6.134).
  std::uint32_t lambda_number(bool is_tentative);
  TypeId cast_error;                                   ///< `CastError` where the library declares none
  int body_depth = 0;                                  ///< nesting over all bodies being checked
  std::vector<std::unique_ptr<LocalNames>> kept_names; ///< snapshots that sites refer to
  std::map<FunctionId, TypeId> entry_types;            ///< wanted types of entries

  // ================================================================ hooks: sema-flow
  /// [flow.cpp] Phases 5d and 5e for the functions of a module: W0801, then E0825 and E0826.
  void check_flow(ModuleId module);
  /// [reserved.cpp] Phase 5f: E0301 of every binding in a module.
  void check_reserved_names(ModuleId module);
  /// [unknown_types.cpp] Phase 5g: unknown types in a declaration, bodies included; or in all items of a module.
  void check_named_types(DeclId declaration);
  void check_named_types(ModuleId module);

  // [error_inference.cpp] What a bare `!` stands for (R6.105 to R6.107). All `!` share one type, the open set, so a
  // failure carries its source beside its type.
  /// A function, method or generic instance that is called directly.
  ErrorSource error_source_of(FunctionId function);
  /// A call through a closure or function value; `callable` is its Function or Closure type.
  ErrorSource error_source_of_callable(TypeId callable);
  /// A dispatched call of a protocol method; invalid if the protocol has no such method.
  ErrorSource error_source_of_method(TypeId protocol, StringId method);
  /// Tags of a named set; of the open set what `source` can raise, nothing without a source. While the body behind a
  /// source is not checked to its end, what its syntax tells for certain.
  std::vector<StringId> converged_tags(TypeId set, ErrorSource source);
  /// Body checking tells what leaves the function `into`.
  void absorb_tag(ErrorSource into, StringId tag);
  void absorb_source(ErrorSource into, ErrorSource from);
  /// The body of the function was checked without errors: it raises what was absorbed, and nothing else.
  void errors_absorbed(ErrorSource function);
  struct FlowTables; ///< flow_tables.h
  FlowTables& flow_tables();

  // ================================================================ hooks: sema-generics
  /// [intrinsics.cpp] Is it a name of the registry (R7.96)?
  bool is_intrinsic(StringId name) const;
  /// [intrinsics.cpp] Checks an `intrinsic` declaration (E0903 to E0905); phase 5b.
  void check_intrinsic_decl(DeclId id);
  /// [intrinsics.cpp] Folding intrinsics in counts: `size_of(T)`, `align_of`, `struct_field_count`, `variant_count`;
  /// failure NotConstant for every other call.
  Fold fold_intrinsic_call(const Site& site, AstId call, bool report);
  /// [intrinsics.cpp] The answer of `has_impl(protocol, type)` (R5.134); nothing if an argument names no such thing.
  std::optional<bool> has_impl(const Site& site, AstId protocol, AstId type);
  /// [externs.cpp] Is it (meant to be) a function of the compiler's own interface?
  bool is_compiler_binding(DeclId id);
  /// [compiler_calls.cpp] What an `abi(.zig)` declaration binds (R7.151); nothing after E0928.
  std::optional<CompilerCall> compiler_binding(DeclId id);
  /// [type_functions.cpp] Is the callee a function that returns `Type`, so that the call is a type?
  bool is_type_function(DeclId id);
  /// [type_functions.cpp] The type that a call of a type function (or a reflecting intrinsic such as `type_of`,
  /// `struct_field_type`, `pointee_type`) denotes; poison after a report.
  TypeId apply_type_function(const Site& site, DeclId function, std::span<const AstId> args, Span span, Span head_span);
  TypeId apply_type_intrinsic(const Site& site, StringId intrinsic, std::span<const AstId> args, Span span,
                              Span head_span);
  /// [constraints.cpp] Does `type` implement `protocol` (R5.59)?
  bool implements(TypeId type, TypeId protocol, ModuleId from);
  /// [impls.cpp] Registers an `impl` block (phase 5b) and finishes heads that did not resolve (phase 7).
  void register_impl(ModuleId module, AstId node);
  void finish_impls();
  /// [impls.cpp] Method or default of the `impl`s of a concrete type (R5.84); `ambiguous` is set for several.
  MemberDecl find_impl_method(TypeId type, StringId name, bool& ambiguous);
  /// [protocols.cpp] Members of a protocol type: methods with resolved types.
  void complete_protocol(TypeId protocol);
  /// [protocols.cpp] Instance of a parameterised protocol.
  TypeId protocol_instance(DeclId id, std::span<const TypeId> arguments);
  /// [generic_state.cpp] Impl blocks, protocol instances and the like.
  GenericState& generics();
  /// [generic_state.cpp] Registers a declaration that has no ConstDecl of its own: a default method.
  DeclId add_made_decl(Decl decl);
  /// [packs.cpp] `..xs.T` in a type list: appends the projection of each element (R5.152); false after a report.
  bool project_pack(const Site& site, const GenericArgument& pack, syntax::Ident name, syntax::Ident projection,
                    std::vector<TypeId>& out);
  /// [intrinsics.cpp] Does a call of this intrinsic denote a type (`type_of`, `struct_field_type`, ...)?
  bool is_type_intrinsic(StringId name) const;
  /// [packs_in_types.cpp] `..F(Ts)` in a type list: appends `F(T)` for each type of the pack (R5.160).
  bool apply_to_pack(const Site& site, AstId application, std::vector<TypeId>& out);

private:
  // lookup.cpp
  Found find_inner(const Site& site, StringId name, Use use, bool raw);
  Found find_declared_builtin(const Site& site, StringId name, Use use, Found builtin);
  Found find_outer(StringId name, Use use, bool raw);
  Found report_ambiguous(Use use, const std::vector<DeclId>& entities, syntax::Ident name, Span at);
  Found report_missing(const Site& site, syntax::Ident name, Use use, Span at);
  bool is_unowned_c_function(DeclId id);
  void resolve_ufcs_alias(DeclId id);
  void report_alias_cycle(std::vector<DeclId> cycle);
  void flush_alias_cycles();
  DeclKind kind_of_call(const Site& site, AstId call, bool typed);
  Found find_path_quietly(const Site& site, AstId node, Use use, AstId* consumed);
  MemberDecl member_type(const Site& site, AstId node);

  // resolve_type.cpp, generic_structs.cpp
  TypeId limited(TypeId made, Span span);
  bool names_type_by_name(const Site& site, AstId node);
  bool is_qualified_vector(const Site& site, AstId head);
  bool head_makes_type(const Site& site, AstId head);
  StringId intrinsic_name(const Site& site, AstId head);
  TypeId resolve_named_type(const Site& site, AstId node);
  TypeId refuse_value_as_type(Span span);
  TypeId type_of_declaration(const Site& site, DeclId id, Span span);
  TypeId resolve_sigil(const Site& site, AstId node);
  TypeId resolve_pack_element(const Site& site, AstId node);
  TypeId resolve_error_channel(const Site& site, AstId node);
  bool resolve_slots(const Site& site, syntax::NodeList slots, std::vector<TypeId>& out,
                     std::vector<StringId>* slot_names);
  TypeId resolve_function_type(const Site& site, AstId node);
  TypeId resolve_closure_type(const Site& site, AstId node);
  TypeId resolve_tuple_type(const Site& site, AstId node);
  TypeId resolve_application(const Site& site, AstId head, std::span<const AstId> args, Span span);
  TypeId resolve_constructor(const Site& site, std::string_view name, std::span<const AstId> args, Span span,
                             Span head_span);
  TypeId apply_protocol(const Site& site, DeclId head, std::span<const AstId> args, Span head_span);
  TypeId apply_struct(const Site& site, DeclId head, std::span<const AstId> args, Span head_span);
  int generic_arity(DeclId id);
  struct FlatArgument {
    AstId node;
    TypeId type; ///< of an expanded pack
  };
  std::optional<GenericArgument> header_argument(const Site& site, const Site& own, const HeaderParameter& parameter,
                                                 const FlatArgument& from);

  // fold.cpp
  Fold fold_unary(const Site& site, AstId node, FoldDomain domain, bool report_errors);
  Fold fold_binary(const Site& site, AstId node, FoldDomain domain, bool report_errors);
  Fold fold_name(const Site& site, AstId node, FoldDomain domain);
  Fold fold_member(const Site& site, AstId node, FoldDomain domain, bool report_errors);
  Fold fold_index(const Site& site, AstId node, FoldDomain domain, bool report_errors);
  Fold fold_found(const Found& found, FoldDomain domain, StringId name);
  Fold fold_declaration(DeclId id, EnvironmentId environment, FoldDomain domain);
  Fold fold_type_member(TypeId type, StringId name, FoldDomain domain);
  Fold fold_part(DeclId id, StringId name, FoldDomain domain, bool report_errors);

  // constants.cpp, array_constants.cpp
  std::pair<DeclId, EnvironmentId> instance_key(DeclId id, EnvironmentId environment) const;
  ConstantInfo make_constant(DeclId id, EnvironmentId environment);
  ConstantInfo run_constant(DeclId id);
  ConstantInfo untyped_constant(DeclId id, const Site& site);
  ConstantInfo typed_constant(DeclId id, const Site& site, TypeId type);
  ConstantInfo typed_scalar(DeclId id, const Site& site, TypeId type);
  ConstantInfo typed_shorthand(DeclId id, const Site& site, TypeId type);
  ConstantInfo array_constant(DeclId id, const Site& site, TypeId annotation);
  TypeId infer_array_type(DeclId id, const Site& site);
  ConstantInfo struct_constant(DeclId id, const Site& site, TypeId annotation);
  ConstantInfo stored(DeclId id, const Site& site, TypeId type);
  GlobalId add_global(DeclId id, const Site& site, TypeId type, AstId value);
  void report_constant_range(DeclId id, const Site& site, AstId node, const ConstValue& value, TypeId type);
  bool is_constant_literal(const Site& site, AstId node, TypeId type, bool in_variable = false);
  bool has_constant_defaults(TypeId type, const std::vector<bool>& given);
  TypeId target_enum(std::string_view type_name, std::span<const std::string_view> variants);
  bool is_constant_leaf(const Site& site, AstId node, TypeId type, bool in_variable);
  bool is_address_of_variable(const Site& site, AstId node);

  // signatures.cpp
  std::vector<StringId> generic_names(const Site& site, AstId function);
  StringId open_result(const Site& site, AstId function);
  bool mentions_unbound(const Site& site, AstId type, std::span<const StringId> generic);
  Signature build_head(const Site& site, AstId node);
  Parameter build_parameter(const Site& site, AstId node, bool needs_type, std::span<const StringId> generic);
  void finish_signature(Signature& made, DeclId id);
  bool has_value_return(const Site& site, AstId body);
  void check_result_binders(DeclId id, const Site& site, AstId node);

  // context_extend.cpp, externs.cpp, phases.cpp
  bool collect_context();
  void define_context();
  std::string library_of(syntax::Ident handle);
  void check_extern_handles();
  void check_extern_symbols();
  void register_libraries();
  DeclId find_main();
  void register_declarations();
  void register_module(ModuleId id);
  void check_struct_members(DeclId id);
  void check_entry_types();
  void check_sizes();
  void check_roots();
  void check_run_item(ModuleId module, AstId node, std::size_t& count);
  void check_main();
  void check_body_layouts();
  bool has_build_marker();
  template <class Visit> void for_each_item(ModuleId id, Visit&& visit) {
    const Module& m = module(id);
    for (const ModuleItem& item : m.items)
      visit(item);
  }

  // globals.cpp
  bool is_variable_initializer(const Site& site, AstId node, TypeId type);
  TypeId type_of_initializer(const Site& site, AstId node);
  bool check_variable_scalar(DeclId id, const Site& site, TypeId type);

  // structs.cpp, enums.cpp, error_sets.cpp, members.cpp
  void adopt(TypeId type, const Site& site, AstId node, DeclId declaration);
  TypeId member_type_of(const Site& site, AstId node, const std::string& owner, StringId member);
  void read_fields(const Site& site, AstId node, Nominal& out, const std::string& owner);
  void read_using(const Site& site, syntax::Ident base, Nominal& out);
  void read_union_members(const Site& site, AstId node, Nominal& out);
  std::vector<TypeId> contained_types(TypeId type);
  void cut_containment(TypeId nominal);
  void read_backing(const Site& site, AstId node, bool has_payload, Nominal& out);
  bool is_layout_struct(TypeId type);
  void read_variants(const Site& site, AstId node, Nominal& out, const std::string& owner);
  TypeId variant_payload(const Site& site, const ast::Variant& variant, const std::string& owner);
  std::int64_t variant_value(const Site& site, const ast::Variant& variant, std::int64_t ordinal, const Nominal& owner);
  void check_payload_sizes(TypeId type);
  void read_tags(const Site& site, AstId node, Nominal& out);
  const StructMembers* members_of(TypeId type);

  friend class ModuleLoader;
  friend class Lookup;
  struct Tables; ///< memo tables of the parts (tables.h)

  std::deque<Module> modules_;
  std::deque<Decl> decls_;
  std::deque<Environment> environments_;
  std::unordered_multimap<std::size_t, EnvironmentId> environment_index_;
  std::map<FunctionId, FunctionOrigin> origins_;
  std::unique_ptr<Tables> tables_;
  std::shared_ptr<GenericState> generics_;
  std::uint32_t lambda_counter_ = 0;
  std::shared_ptr<FlowTables> flow_tables_; ///< made when first asked for

public:
  Tables& tables() { return *tables_; }
  ModuleId entry_module;
  std::vector<ModuleId> merge_order; ///< modules in order of completion of their imports (R1.115)
};

} // namespace sx::sema
