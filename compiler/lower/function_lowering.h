#pragma once
// Lowers one checked body to IR. One object a function; methods are grouped in files by concern.

#include "lower/impl.h"

#include <functional>

namespace sx::lower {

namespace hir = sema::hir;

class FunctionLowering {
public:
  FunctionLowering(Lowerer::Impl& owner, sema::FunctionId checked, ir::FuncId lowered);
  void run();

private:
  using Nodes = std::vector<ir::NodeId>;

  // ---- dispatch (function_lowering.cpp) ----
  ir::NodeId value(hir::NodeId id);
  ir::NodeId place(hir::NodeId id);
  /// A place that holds the operand: the place itself when the operand is a load, else a temporary.
  ir::NodeId operand_place(hir::NodeId id);
  ir::NodeId value_of_kind(hir::NodeId id);
  void add_statement(Nodes& out, hir::NodeId id) { out.push_back(value(id)); }

  // ---- small tools ----
  sema::TypeId checked_type(hir::NodeId id) const { return body_.type(id); }
  ir::TypeId type_of(hir::NodeId id) { return owner_.value_type(body_.type(id)); }
  ir::TypeId storage_of(hir::NodeId id) { return owner_.storage_type(body_.type(id)); }
  bool is_void(hir::NodeId id) const;
  bool diverges(ir::NodeId node) { return module().type(b_.type_of(node)).kind == ir::TypeKind::Never; }
  ir::Module& module() { return owner_.module; }
  ir::LocalId temporary(ir::TypeId type) { return b_.add_local(StringId(0), type); }
  ir::LocalId local(hir::LocalId id);
  ir::NodeId read(ir::LocalId id) { return b_.load(b_.local(id)); }
  ir::NodeId write(ir::LocalId id, ir::NodeId v) { return b_.store(b_.local(id), v); }
  /// Evaluates `v` now into a new local; a void or diverging value is only evaluated.
  ir::LocalId bind(Nodes& out, ir::NodeId v);
  /// Statements, then the value of the last one. The type is the last node's unless something before it diverges.
  ir::NodeId sequence(const Nodes& nodes);
  ir::NodeId sequence(Nodes nodes, ir::NodeId last);
  /// Ends the evaluation or the process: `text` says what was expected, `found` is the type word of what was there.
  ir::NodeId failed_assertion(const std::string& text, ir::NodeId found);
  ir::NodeId unit() { return b_.zero(owner_.void_type()); }
  ir::NodeId word(std::int64_t v) { return b_.const_int(owner_.int_type(64, true), static_cast<std::uint64_t>(v)); }
  ir::NodeId tag_word(std::uint32_t v) { return b_.const_int(owner_.int_type(32, false), v); }
  ir::NodeId member(ir::NodeId base, std::uint32_t index) { return b_.load(b_.field(base, index)); }

  // ---- expressions (expressions.cpp) ----
  ir::NodeId constant_text(hir::NodeId id, StringId text);
  ir::NodeId binary(ir::BinaryOp op, ir::NodeId lhs, ir::NodeId rhs) { return b_.binary(op, lhs, rhs); }
  ir::NodeId compare_composite(hir::NodeId id);
  ir::NodeId convert(hir::NodeId id);
  ir::NodeId reinterpret_bits(ir::NodeId v, sema::TypeId from, sema::TypeId to);
  ir::NodeId aggregate(hir::NodeId id);
  ir::NodeId variant_init(hir::NodeId id);
  ir::NodeId optional_wrap(sema::TypeId optional, ir::NodeId payload);
  ir::NodeId optional_has(hir::NodeId operand);
  ir::NodeId optional_payload(hir::NodeId operand);
  /// True if evaluating the node twice is the same as once (no calls, no stores).
  bool is_repeatable_place(hir::NodeId id) const;
  bool is_simple_value(hir::NodeId id) const;
  ir::NodeId update(hir::NodeId id);

  // ---- calls (calls.cpp) ----
  Nodes arguments(Nodes& out, hir::NodeList args, hir::WordList order);
  ir::NodeId argument(hir::NodeId id);
  ir::NodeId call(hir::NodeId id);
  ir::NodeId call_extern(hir::NodeId id);
  ir::NodeId call_pointer(hir::NodeId id);
  ir::NodeId call_closure(hir::NodeId id);
  ir::NodeId call_method(hir::NodeId id);
  ir::NodeId call_intrinsic(hir::NodeId id);
  ir::NodeId type_info(hir::NodeId id);
  ir::NodeId assembly(hir::NodeId id);
  ir::NodeId dispatch(ir::NodeId receiver_place, sema::TypeId protocol, std::uint32_t method, const Nodes& args,
                      Nodes& out);
  ir::NodeId context_pointer();

  // ---- closures and protocols (closures.cpp, protocols.cpp) ----
  ir::NodeId closure_make(hir::NodeId id);
  ir::NodeId adapter(hir::NodeId function, sema::TypeId to);
  ir::NodeId closure_promote(hir::NodeId id);
  ir::NodeId closure_widen(hir::NodeId id);
  ir::NodeId closure_value(sema::TypeId type, ir::NodeId code, ir::NodeId environment);
  ir::NodeId protocol_value(sema::TypeId protocol, sema::TypeId concrete, ir::NodeId data);
  ir::NodeId protocol_own(hir::NodeId id);
  ir::NodeId protocol_copy(hir::NodeId id);
  /// `size` bytes through the allocator value in `allocator` (a protocol place), or the context's.
  ir::NodeId allocate(Nodes& out, hir::NodeId allocator, ir::NodeId size);

  // ---- control (control.cpp) ----
  ir::NodeId block(hir::NodeId id);
  ir::NodeId sequence_node(hir::NodeId id);
  ir::NodeId let(hir::NodeId id);
  ir::NodeId if_(hir::NodeId id);
  ir::NodeId loop(hir::NodeId id);
  ir::NodeId leave_loop(hir::LoopId id, bool to_step);
  ir::NodeId switch_(hir::NodeId id);
  ir::NodeId return_(hir::NodeId id);
  ir::NodeId push(hir::NodeId id);
  /// `return` of a success value that is already computed: cleanups, then the function's result form.
  ir::NodeId leave_with(Nodes out, ir::NodeId success_value);
  /// `success_value` (invalid: none) as a result of type `result_type`, with an empty error slot if that can fail.
  ir::NodeId success_result(sema::TypeId result_type, ir::NodeId success_value);

  // ---- errors (errors.cpp) ----
  struct FailableResult {
    sema::TypeId type; ///< Failable
    ir::LocalId holder;
  };
  FailableResult bind_failable(Nodes& out, hir::NodeId operand);
  ir::NodeId error_of(const FailableResult& result);
  ir::NodeId values_of(const FailableResult& result);
  ir::NodeId failable_from_error(sema::TypeId type, ir::NodeId tag);
  ir::NodeId is_success(const FailableResult& result);
  ir::NodeId raise(hir::NodeId id);
  ir::NodeId try_(hir::NodeId id);
  ir::NodeId catch_(hir::NodeId id);
  ir::NodeId or_chain(hir::NodeId id);
  ir::NodeId failable_map(hir::NodeId id);
  ir::NodeId failable_parts(hir::NodeId id);
  ir::NodeId trace_push(Span at);
  ir::NodeId trace_clear();
  /// Runs the cleanups of an error exit and returns `tag` from the function.
  ir::NodeId leave_with_error(ir::LocalId tag);

  // ---- cleanups (cleanups.cpp) ----
  struct Cleanup {
    enum class Kind : std::uint8_t { Defer, OnFail, CatchBody };
    Kind kind;
    hir::NodeId body;
    hir::LocalId binding;
    ir::LocalId context; ///< current when it was registered (R4.145)
  };
  /// Appends the cleanups registered above `depth`, last first. `error` is the tag on an error exit, else invalid.
  void run_cleanups(Nodes& out, std::size_t depth, ir::LocalId error);
  bool has_cleanups(std::size_t depth) const { return cleanups_.size() > depth; }

  struct LoopState {
    std::uint32_t break_label = 0;
    std::uint32_t continue_label = 0;
    std::size_t cleanup_depth = 0;
  };

  Lowerer::Impl& owner_;
  sema::Function& checked_;
  const hir::Body& body_;
  ir::FuncId lowered_;
  ir::Builder b_;
  std::vector<ir::LocalId> locals_;
  std::vector<LoopState> loops_;
  std::vector<Cleanup> cleanups_;
  ir::LocalId context_; ///< pointer to the current context; invalid: the default context
  sema::TypeId result_; ///< declared result of the function
};

} // namespace sx::lower
