#pragma once
// Appends nodes to one function body in post-order, so that operand ids are always smaller than their user's.

#include "ir/module.h"

#include <initializer_list>

namespace sx::ir {

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

  NodeId append(const Node& node);
  /// With a list as operands b, c.
  NodeId append_list(Node node, std::span<const std::uint32_t> words);

  NodeId const_int(TypeId type, std::uint64_t pattern);
  NodeId const_float(TypeId type, std::uint64_t bits);
  NodeId zero(TypeId type);
  NodeId undefined(TypeId type);
  NodeId data(TypeId pointer, std::string_view bytes);

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

  NodeId binary(BinaryOp op, NodeId lhs, NodeId rhs);
  NodeId compare(CompareOp op, NodeId lhs, NodeId rhs);
  NodeId unary(UnaryOp op, NodeId operand);
  NodeId convert(ConvertOp op, NodeId operand, TypeId to);
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
  NodeId poison(std::string_view reason);

  // Frequently used types of the module.
  TypeId void_type();
  TypeId never_type();
  TypeId bool_type();
  TypeId int_type(unsigned bits, bool is_signed);
  TypeId float_type(unsigned bits);
  TypeId pointer_type();
  TypeId code_type();

private:
  Module& module_;
  Function& function_;
  Span span_;
  std::uint32_t next_label_ = 0;
};

} // namespace sx::ir
