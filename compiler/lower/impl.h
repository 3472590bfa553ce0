#pragma once
// Module-level state of lowering: maps from checked entities to IR ids, and the functions lowering itself makes.

#include "ir/builder.h"
#include "lower/lower.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace sx::lower {

/// What a thunk or helper function does; with its keys it names one generated function.
enum class HelperKind : std::uint8_t {
  FunctionAdapter, ///< (context, env, params...) calling a plain function (R4.89, R6.121)
  ExternAdapter,
  ClosureWiden,  ///< env points to a closure; wraps its result as a success (R4.91)
  WitnessMethod, ///< (context, ctx, params...) loading the receiver by value (R5.75)
  Equal,         ///< (ptr, ptr) -> bool for a composite type (R2.41)
  TupleLess,
  TupleLessEqual,
  AnyToInt,   ///< (data ptr, type word) -> i64 by the width and signedness of the tag (R2.94)
  AnyToFloat, ///< the same -> f64
  MismatchReporter,
};

class Lowerer::Impl {
public:
  Impl(sema::Program& checked, ir::Module& out, const SourceMap& source_map, Interner& interner)
      : program(checked), types(checked.types), module(out), sources(source_map), strings(interner) {}

  sema::Program& program;
  sema::TypeTable& types;
  ir::Module& module;
  const SourceMap& sources;
  Interner& strings;
  std::vector<std::pair<sema::RunId, ir::GlobalId>> runs_found;
  std::unordered_map<std::uint32_t, Lowerer::Origin> origins; ///< by IR global

  // ---- types (types.cpp) ----
  /// The IR type of values: `void` stays void.
  ir::TypeId value_type(sema::TypeId id);
  /// The IR type of storage: `void` is an empty aggregate.
  ir::TypeId storage_type(sema::TypeId id);
  /// Of a function's code as it is called: hidden context, environment, declared parameters.
  ir::TypeId signature(sema::TypeId function_type, bool has_context, bool has_environment);
  ir::TypeId extern_signature(sema::TypeId function_type);
  ir::TypeId method_signature(const sema::ProtocolMethodInfo& method);
  /// The result type of a function: a Failable becomes its tag or its struct.
  ir::TypeId result_type(sema::TypeId id) { return value_type(id); }
  ir::TypeId environment_type(const sema::Function& lambda);
  bool has_context_mode() const { return program.context.type.valid(); }
  /// Entries run under the default context and take none (R7.155).
  bool takes_context(const sema::Function& function) const {
    return function.has_context && function.kind != sema::FunctionKind::Entry && has_context_mode();
  }
  /// Dispatchable index of a protocol method, its row in the method table (R5.69).
  std::uint32_t dispatch_index(sema::TypeId protocol, std::uint32_t method) const;

  ir::TypeId primitive(ir::TypeKind kind, unsigned bits = 0, bool is_signed = false);
  ir::TypeId void_type() { return primitive(ir::TypeKind::Void); }
  ir::TypeId never_type() { return primitive(ir::TypeKind::Never); }
  ir::TypeId bool_type() { return primitive(ir::TypeKind::Bool); }
  ir::TypeId pointer_type() { return primitive(ir::TypeKind::Pointer); }
  ir::TypeId code_type() { return primitive(ir::TypeKind::Code); }
  ir::TypeId int_type(unsigned bits, bool is_signed) { return primitive(ir::TypeKind::Int, bits, is_signed); }
  ir::TypeId string_type() { return value_type(types.string); }

  // ---- entities (entities.cpp) ----
  ir::FuncId function(sema::FunctionId id);
  ir::GlobalId global(sema::GlobalId id);
  ir::GlobalId run_value(sema::RunId id);
  ir::ExternId external(sema::ExternId id);
  /// A C function of this symbol with a signature that lowering itself needs (strlen, trace report).
  ir::ExternId runtime_extern(std::string_view symbol, std::vector<ir::TypeId> params, ir::TypeId result);
  bool ensure_body(ir::FuncId id);
  ir::FuncId entry_point();
  void sync_tables();
  /// The constant that `type_info(type)` answers (7.12); the type must be sized.
  ir::GlobalId type_record(sema::TypeId type);
  /// From now on every reflection row has its record: code asks with a run-time word.
  void want_type_records() { records_wanted_ = true; }
  ir::FrameId trace_frame(Span span, StringId function);
  StringId module_text(StringId id) { return module.strings.intern(strings.text(id)); }
  StringId unique_symbol(std::string_view base);

  // ---- generated functions (helpers.cpp, equality.cpp, witnesses.cpp) ----
  /// A function of the shape of `to` (closure or function pointer) that calls `callee`.
  ir::FuncId adapter(std::variant<sema::FunctionId, sema::ExternId> callee, sema::TypeId to);
  ir::NodeId as_success(ir::Builder& b, std::vector<ir::NodeId>& statements, ir::NodeId plain, sema::TypeId from,
                        sema::TypeId to);
  ir::FuncId closure_widener(sema::TypeId from, sema::TypeId to);
  ir::FuncId equal_function(sema::TypeId type);
  ir::FuncId tuple_order_function(sema::TypeId type, bool or_equal);
  ir::FuncId any_reader(bool to_float);
  /// `(text: ptr, length: word, found: type word) -> never`: prints the text, the name of the type and a line end on
  /// standard output and ends the process with status 1 (R4.159).
  ir::FuncId mismatch_reporter();
  /// Code of one method table row, and the table itself.
  ir::FuncId witness_method(sema::TypeId protocol, sema::TypeId concrete, std::uint32_t row);
  ir::GlobalId method_table(sema::TypeId protocol, sema::TypeId concrete);
  /// Declares a generated internal function with named IR parameters; the caller builds its body at once.
  ir::Function& declare_helper(std::string_view name, ir::TypeId signature, Span span, ir::FuncId& id);

private:
  ir::TypeId make_value_type(sema::TypeId id);
  ir::TypeId aggregate(std::string_view name, sema::Layout layout, std::vector<ir::Field> fields);
  ir::Field field(std::string_view name, ir::TypeId type, std::uint64_t offset);
  void lower_body(sema::FunctionId checked, ir::FuncId lowered);
  ir::ReflectRow reflect_row(sema::TypeId id);
  bool is_sized(const sema::Function& checked) const;

  struct HelperKey {
    HelperKind kind;
    std::uint32_t a = 0, b = 0, c = 0;
    friend auto operator<=>(const HelperKey&, const HelperKey&) = default;
  };
  std::unordered_map<std::uint32_t, ir::TypeId> value_types_;
  std::unordered_map<std::uint32_t, ir::FuncId> functions_;
  std::unordered_map<std::uint32_t, sema::FunctionId> checked_of_; ///< by IR function
  std::unordered_map<std::uint32_t, ir::GlobalId> globals_;
  std::unordered_map<std::uint32_t, ir::GlobalId> run_globals_;
  std::unordered_map<std::uint32_t, ir::ExternId> externs_;
  std::map<std::string, ir::ExternId, std::less<>> runtime_externs_;
  std::map<HelperKey, ir::FuncId> helpers_;
  std::map<std::pair<sema::TypeId, sema::TypeId>, ir::GlobalId> tables_;
  std::unordered_set<std::string> symbols_;
  std::unordered_map<std::uint64_t, ir::FrameId> frames_;
  std::unordered_set<std::uint32_t> lowering_;
  std::size_t reflected_ = 0;             ///< types of the table seen so far
  std::vector<sema::TypeId> unreflected_; ///< of these, those still under construction
  ir::FuncId entry_point_;
  bool records_wanted_ = false;
  std::unordered_map<std::uint32_t, ir::GlobalId> records_; ///< by checked type
};

} // namespace sx::lower
