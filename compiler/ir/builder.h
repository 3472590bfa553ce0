#pragma once
// Appends nodes to one function body in post-order, so that operand ids are always smaller than their user's.

#include "ir/module.h"

#include <initializer_list>
#include <vector>

namespace sx::ir {

///
/// Result types follow from operands where the node table says so; operands are not checked here (that is the
/// verifier's work), but an operand of the wrong kind never makes the builder itself fail: the type is void then.
class Builder {
public:
  Builder(Module& module, Function& function) : module_(module), function_(function) {}

  Module& module() { return module_; }
  Function& function() { return function_; }
  /// The span given to nodes appended from now on.
  void set_span(Span span) { span_ = span; }
  Span span() const { return span_; }

  LocalId add_local(StringId name, TypeId type);
  std::uint32_t new_label() { return next_label_++; }
  TypeId type_of(NodeId node) const { return function_.node(node).type; }

  /// `Node::type` must be set. The operands must already be appended.
  NodeId append(const Node& node);
  /// With a list as operands b, c.
  NodeId append_list(Node node, std::span<const std::uint32_t> words);

  NodeId const_int(TypeId type, std::uint64_t pattern);
  NodeId const_float(TypeId type, std::uint64_t bits);
  NodeId zero(TypeId type);
  NodeId undefined(TypeId type);
  NodeId data(TypeId pointer, std::string_view bytes);
  NodeId const_bool(bool value);
  NodeId const_function(FuncId id);
  /// Address of a C variable, or code of a C function.
  NodeId const_extern(ExternId id);
  NodeId frame(FrameId id);
  NodeId splat(TypeId type, NodeId element);

  NodeId local(LocalId id);
  NodeId global(GlobalId id);
  NodeId deref(NodeId pointer, TypeId type);
  NodeId field(NodeId place, std::uint32_t index);
  NodeId index(NodeId place, NodeId index_value);
  NodeId payload(NodeId place, std::uint64_t offset, TypeId type);
  NodeId temp(NodeId value);

  NodeId load(NodeId place);
  NodeId store(NodeId place, NodeId value);
  NodeId address_of(NodeId place);
  /// pointer + index * size_of(element); `index_value` is an i64.
  NodeId element_pointer(NodeId pointer, NodeId index_value, TypeId element);
  NodeId local_start(LocalId id);

  NodeId binary(BinaryOp op, NodeId lhs, NodeId rhs);
  NodeId compare(CompareOp op, NodeId lhs, NodeId rhs);
  NodeId unary(UnaryOp op, NodeId value);
  NodeId convert(ConvertOp op, NodeId value, TypeId to);
  struct Init {
    std::uint32_t index;
    NodeId value;
  };
  NodeId aggregate(TypeId type, std::span<const Init> inits);

  NodeId call(FuncId callee, std::span<const NodeId> arguments);
  NodeId call_indirect(TypeId signature, NodeId callee, std::span<const NodeId> arguments);
  NodeId call_extern(ExternId callee, std::span<const NodeId> arguments);
  NodeId intrinsic(Intrinsic which, std::uint32_t immediate, TypeId result, std::span<const NodeId> arguments);

  NodeId block(std::uint32_t label, TypeId type, std::span<const NodeId> children);
  NodeId if_(NodeId condition, NodeId then_arm, NodeId else_arm, TypeId type);
  NodeId loop(std::uint32_t label, TypeId type, NodeId body);
  NodeId break_(std::uint32_t label, NodeId value = {});
  NodeId continue_(std::uint32_t label);
  struct Case {
    std::uint64_t value;
    NodeId body;
  };
  NodeId switch_(NodeId subject, std::span<const Case> cases, NodeId default_arm, TypeId type);
  NodeId return_(NodeId value = {});
  NodeId trap(TrapKind kind, std::string_view text);
  /// Stands for a value of `type` (default: never).
  NodeId poison(std::string_view reason, TypeId type = {});
  /// Gives an operand that control doesn't leave (type never) the type that its user asks for.
  NodeId diverge(NodeId never_value, TypeId type);
  /// Makes `root` the body. Nothing may be appended afterwards.
  void finish(NodeId root) { function_.root = root; }

  // Frequently used types of the module.
  TypeId void_type();
  TypeId never_type();
  TypeId bool_type();
  TypeId int_type(unsigned bits, bool is_signed);
  TypeId float_type(unsigned bits);
  TypeId pointer_type();
  TypeId code_type();
  TypeId array_type(TypeId element, std::uint64_t count);
  TypeId vector_type(TypeId element, std::uint64_t count);
  /// {ptr @0, len: i64 @8}, 16 bytes on every target (R2.107).
  TypeId string_type();
  TypeId signature_type(std::span<const TypeId> params, TypeId result, CallConv conv = CallConv::Sx,
                        bool is_variadic = false);

private:
  /// `value`, or where control doesn't come out of it, that wrapped to have the type that its user wants.
  NodeId operand(NodeId value, TypeId wanted);
  std::vector<NodeId> operands(std::span<const NodeId> values, std::span<const TypeId> wanted);

  Module& module_;
  Function& function_;
  Span span_;
  std::uint32_t next_label_ = 0;
};

} // namespace sx::ir
