#pragma once
// One evaluation: the walk over the trees of the functions it calls.

#include "comptime/engine.h"
#include "comptime/host_library.h"
#include "comptime/reference/memory.h"
#include "comptime/reference/shape_check.h"
#include "comptime/reference/trace_buffer.h"

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace sx::comptime::reference {

/// How the evaluation of a node ended. Stop: the evaluation as a whole is over (failure or end of the process).
enum class Flow : std::uint8_t { Normal, Break, Continue, Return, Stop };

/// Storage that a place node denotes.
struct Place {
  Pointer pointer;
  bool of_global = false;  ///< rooted at `PlaceGlobal` by name
  bool by_pointer = false; ///< reached through a pointer
  bool past_array = false; ///< an index outside of the array; `index` and `count` say which
  std::uint64_t index = 0;
  std::uint64_t count = 0;
  ir::GlobalId global;
};

class Evaluator {
public:
  Evaluator(ir::Module& module, Host& host, const Request& request);
  Outcome run();

private:
  struct Frame {
    ir::FuncId id;
    const ir::Function* function = nullptr;
    const FunctionFacts* facts = nullptr;
    Frame* caller = nullptr;
    Span call;
    std::vector<std::uint32_t> locals; ///< slots, `ir::none` before the first use
    std::vector<std::uint32_t> temps;
  };
  using Values = std::vector<Value>;

  // ---- calls and results (evaluator.cpp) ----
  Outcome finish(Flow flow, Value& value);
  Flow call(ir::FuncId callee, Span at, Values& arguments, Value& out);
  Flow body(Frame& frame, Values& arguments, Value& out);
  const FunctionFacts* facts_of(ir::FuncId id, Span at);
  Flow stop(Failure failure);
  Flow stop(Reason reason, ir::NodeId node, std::string_view detail = {});
  Flow malformed(ir::NodeId node, std::string_view detail);
  Flow undefined(ir::NodeId node, std::string_view detail);
  template <class T> Flow stop_at(ir::NodeId node, std::expected<T, Failure>& result) {
    if (!result.error().span.valid())
      result.error().span = span_of(node);
    return stop(std::move(result.error()));
  }
  Span span_of(ir::NodeId node) const;
  Verdict verdict() const;

  // ---- nodes (walk.cpp) ----
  Flow eval(ir::NodeId id, Value& out);
  Flow eval(std::uint32_t id, Value& out) { return eval(ir::NodeId(id), out); }
  /// Evaluates an operand that must have `type`.
  Flow eval_as(std::uint32_t id, ir::TypeId type, Value& out);
  Flow eval_kind(std::uint32_t id, ir::TypeKind kind, Value& out);
  Flow constant(ir::NodeId id, const ir::Node& n, Value& out);
  template <std::size_t Count, class Operation>
  Flow lanewise(ir::NodeId id, ir::TypeId operand, const std::array<Value, Count>& operands, Operation operation,
                Value& out);
  Flow binary(ir::NodeId id, const ir::Node& n, Value& out);
  Flow compare(ir::NodeId id, const ir::Node& n, Value& out);
  Flow unary(ir::NodeId id, const ir::Node& n, Value& out);
  Flow convert(ir::NodeId id, const ir::Node& n, Value& out);
  Flow splat(ir::NodeId id, const ir::Node& n, Value& out);
  Flow aggregate(ir::NodeId id, const ir::Node& n, Value& out);
  Flow load_node(ir::NodeId id, const ir::Node& n, Value& out);
  Flow store_node(ir::NodeId id, const ir::Node& n);
  Flow element_pointer(ir::NodeId id, const ir::Node& n, Value& out);
  Flow local_start(ir::NodeId id, const ir::Node& n);

  // ---- control (control.cpp) ----
  Flow block(ir::NodeId id, const ir::Node& n, Value& out);
  Flow if_(ir::NodeId id, const ir::Node& n, Value& out);
  Flow loop(ir::NodeId id, const ir::Node& n, Value& out);
  Flow break_(ir::NodeId id, const ir::Node& n);
  Flow switch_(ir::NodeId id, const ir::Node& n, Value& out);
  Flow return_(ir::NodeId id, const ir::Node& n);
  Flow trap(ir::NodeId id, const ir::Node& n);
  /// Makes the value of a completed operand the value of control node `n`.
  Flow settle(ir::NodeId id, const ir::Node& n, ir::TypeId got, Value& out);
  Flow broken_out(ir::NodeId id, const ir::Node& n, Value& out);

  // ---- places (places.cpp) ----
  Flow place(std::uint32_t id, Place& out);
  Flow local_place(ir::NodeId id, const ir::Node& n, Place& out);
  Flow global_place(ir::NodeId id, const ir::Node& n, Place& out);
  Flow field_place(ir::NodeId id, const ir::Node& n, Place& out);
  Flow index_place(ir::NodeId id, const ir::Node& n, Place& out);
  Flow temp_place(ir::NodeId id, const ir::Node& n, Place& out);
  Flow load(ir::NodeId id, const Place& from, ir::TypeId type, Value& out);
  Flow store(ir::NodeId id, const Place& to, ir::TypeId type, const Value& value);
  Flow check_place(ir::NodeId id, const Place& place, std::uint32_t align);
  std::expected<std::uint32_t, Failure> local_slot(std::uint32_t local);
  std::expected<std::uint32_t, Failure> global_slot(ir::GlobalId id);
  std::expected<std::uint32_t, Failure> data_slot(ir::DataId id);
  std::expected<std::uint32_t, Failure> text_slot(StringId id);
  std::expected<void, Failure> load_pending(std::uint32_t slot);

  // ---- values (values.cpp) ----
  const ir::Type& type(ir::TypeId id) const { return module_.type(id); }
  bool is_scalar(ir::TypeId id) const;
  std::uint64_t pointer_mask() const { return pointer_bytes_ == 4 ? 0xffff'ffff : ~std::uint64_t{0}; }
  bool keeps_address(const ir::Type& type) const;
  /// An all-zero value; failure if the type has no layout or the value is too large.
  std::expected<Value, Failure> zero_value(ir::TypeId id);
  /// The scalar of `type` at an offset. Undefined bytes and patterns that are no value of the type are failures.
  std::expected<Value, Failure> decode(const Bytes& bytes, std::uint64_t offset, const ir::Type& type,
                                       std::uint64_t size);
  void encode(Bytes& bytes, std::uint64_t offset, std::uint64_t size, const Value& value);
  Flow defined(ir::NodeId id, const Value& value);
  Value copy(const Value& value) const;
  /// Called where an address influences something other than an address.
  void use_address(const Value& value);
  std::expected<Value, Failure> scalar_binary(ir::BinaryOp op, const ir::Type& type, const Value& a, const Value& b);
  std::expected<Value, Failure> scalar_unary(ir::UnaryOp op, const ir::Type& type, const Value& a);
  std::expected<Value, Failure> address_binary(ir::BinaryOp op, const ir::Type& type, const Value& a, const Value& b,
                                               std::uint64_t bits);
  std::expected<Value, Failure> scalar_compare(ir::CompareOp op, const ir::Type& type, const Value& a, const Value& b);
  void compare_addresses(ir::CompareOp op, const Value& a, const Value& b);
  std::expected<Value, Failure> scalar_convert(ir::ConvertOp op, const ir::Type& from, const ir::Type& to,
                                               const Value& a);

  // ---- calls of C and code values (calls.cpp) ----
  Flow call_node(ir::NodeId id, const ir::Node& n, Value& out);
  Flow call_indirect(ir::NodeId id, const ir::Node& n, Value& out);
  Flow call_extern_node(ir::NodeId id, const ir::Node& n, Value& out);
  Flow arguments(ir::NodeId id, std::span<const std::uint32_t> words, const ir::Type& signature, Values& out);
  Flow call_extern(ir::NodeId id, ir::ExternId callee, Values& arguments, Value& out);
  Flow call_modelled(ir::NodeId id, const HostEntry& entry, const ir::Type& signature, Values& arguments, Value& out);
  std::optional<Flow> call_trace_function(ir::NodeId id, std::string_view symbol, const ir::Type& signature,
                                          const Values& arguments, Value& out);
  Flow end_process(int code);

  // ---- intrinsics (intrinsics.cpp) ----
  Flow intrinsic(ir::NodeId id, const ir::Node& n, Value& out);
  Flow memory_intrinsic(ir::NodeId id, ir::Intrinsic which, const ir::Node& n, Values& a, Value& out);
  Flow equal_memory(ir::NodeId id, Pointer a, Pointer b, std::uint64_t size, Value& out);
  Flow math_intrinsic(ir::NodeId id, ir::Intrinsic which, const ir::Node& n, const Values& a, Value& out);
  Flow atomic_intrinsic(ir::NodeId id, ir::Intrinsic which, const ir::Node& n, Values& a, Value& out);
  Flow reflect(ir::NodeId id, const ir::Node& n, const Values& a, Value& out);
  Flow resolve_frame(ir::NodeId id, const ir::Node& n, std::uint64_t frame, Value& out);
  Flow print_frames();
  Flow type_record(ir::NodeId id, const ir::Node& n, const ir::ReflectRow& row, Value& out);
  Flow compiler_call(ir::NodeId id, const ir::Node& n, const Values& a, Value& out);
  std::expected<std::string, Failure> compiler_argument(ir::TypeId type, const Value& value);
  std::expected<std::string, Failure> text_at(Pointer pointer, std::uint64_t length);
  /// A string value of type `type` that denotes `text`.
  Flow string_value(ir::NodeId id, ir::TypeId type, StringId text, Value& out);
  bool put_string(Bytes& bytes, std::uint64_t offset, Pointer text, std::uint64_t length);
  Flow signature_error(ir::NodeId id, ir::Intrinsic which);

  // ---- images (images.cpp) ----
  std::expected<void, Failure> load_image(const ir::FoldImage& image, Bytes& root, const ObjectInfo& parts);
  std::expected<Provenance, Failure> relocation_target(const ir::Relocation& relocation,
                                                       std::span<const Pointer> objects, std::uint64_t& address);
  std::expected<Value, Failure> argument_value(const ir::FoldImage& image, ir::TypeId type);
  std::expected<ir::FoldImage, Failure> make_image(ir::TypeId type, const Value& value);

  friend class HostMemory;

  ir::Module& module_;
  Host& host_;
  const Request& request_;
  std::uint32_t pointer_bytes_;
  ObjectMemory memory_;
  TraceBuffer trace_;
  Counters counters_;
  std::uint64_t steps_ = 0;
  std::uint64_t frame_bytes_ = 0;
  std::uint32_t depth_ = 0;
  Frame* frame_ = nullptr;

  // What a break or return carries to its target.
  std::uint32_t pending_label_ = 0;
  ir::TypeId pending_type_;
  Value pending_;

  std::optional<Failure> failure_;
  std::optional<int> exit_code_;
  bool undefined_result_ = false;

  std::unordered_map<std::uint32_t, std::unique_ptr<FunctionFacts>> facts_;
  std::unordered_map<std::uint32_t, std::uint32_t> globals_, data_, texts_; ///< id -> slot
};

} // namespace sx::comptime::reference
