#include "ir/builder.h"

namespace sx::ir {

namespace {

Node make(Op op, TypeId type, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0) {
  Node node;
  node.op = op;
  node.type = type;
  node.a = a;
  node.b = b;
  node.c = c;
  return node;
}

template <class Sub> Node make_sub(Op op, Sub sub, TypeId type, std::uint32_t a, std::uint32_t b = 0) {
  Node node = make(op, type, a, b);
  node.sub = static_cast<std::uint8_t>(sub);
  return node;
}

constexpr std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

std::vector<std::uint32_t> words_of(std::span<const NodeId> ids) {
  std::vector<std::uint32_t> words;
  words.reserve(ids.size() + 1);
  for (NodeId id : ids)
    words.push_back(id.value);
  return words;
}

Type plain(TypeKind kind) {
  Type type;
  type.kind = kind;
  return type;
}

} // namespace

LocalId Builder::add_local(StringId name, TypeId type) {
  function_.locals.push_back({name, type});
  return LocalId(function_.locals.size() - 1);
}

NodeId Builder::append(const Node& node) {
  function_.nodes.push_back(node);
  function_.spans.push_back(span_);
  return NodeId(function_.nodes.size() - 1);
}

NodeId Builder::append_list(Node node, std::span<const std::uint32_t> words) {
  node.b = static_cast<std::uint32_t>(function_.words.size());
  node.c = static_cast<std::uint32_t>(words.size());
  function_.words.insert(function_.words.end(), words.begin(), words.end());
  return append(node);
}

// ---- constants ----

NodeId Builder::const_int(TypeId type, std::uint64_t pattern) {
  const std::uint64_t value = canonical_pattern(module_.type(type), pattern);
  return append(make(Op::ConstInt, type, low(value), high(value)));
}

NodeId Builder::const_float(TypeId type, std::uint64_t bits) {
  return append(make(Op::ConstFloat, type, low(bits), high(bits)));
}

NodeId Builder::zero(TypeId type) {
  return append(make(Op::ConstZero, type));
}
NodeId Builder::undefined(TypeId type) {
  return append(make(Op::ConstUndefined, type));
}

NodeId Builder::data(TypeId pointer, std::string_view bytes) {
  return append(make(Op::ConstData, pointer, module_.intern_data(bytes).value));
}

NodeId Builder::const_bool(bool value) {
  return const_int(bool_type(), value ? 1 : 0);
}
NodeId Builder::const_function(FuncId id) {
  return append(make(Op::ConstFunction, code_type(), id.value));
}

NodeId Builder::const_extern(ExternId id) {
  const TypeId type = module_.externs[id.index()].is_variable ? pointer_type() : code_type();
  return append(make(Op::ConstExtern, type, id.value));
}

NodeId Builder::frame(FrameId id) {
  return append(make(Op::ConstFrame, int_type(64, false), id.value));
}

NodeId Builder::operand(NodeId value, TypeId wanted) {
  const bool leaves = module_.type(type_of(value)).kind == TypeKind::Never;
  return leaves && wanted.valid() ? diverge(value, wanted) : value;
}

std::vector<NodeId> Builder::operands(std::span<const NodeId> values, std::span<const TypeId> wanted) {
  std::vector<NodeId> made;
  for (std::size_t i = 0; i < values.size(); ++i)
    made.push_back(operand(values[i], i < wanted.size() ? wanted[i] : int_type(32, true)));
  return made;
}

NodeId Builder::splat(TypeId type, NodeId element) {
  const TypeId lane = module_.type(type).element;
  return append(make(Op::Splat, type, operand(element, lane).value));
}

// ---- places ----

NodeId Builder::local(LocalId id) {
  return append(make(Op::PlaceLocal, function_.locals[id.index()].type, id.value));
}

NodeId Builder::global(GlobalId id) {
  return append(make(Op::PlaceGlobal, module_.global(id).type, id.value));
}
NodeId Builder::deref(NodeId pointer, TypeId type) {
  return append(make(Op::PlaceDeref, type, operand(pointer, pointer_type()).value));
}

NodeId Builder::field(NodeId place, std::uint32_t index) {
  const Type& type = module_.type(type_of(place));
  const TypeId member = index < type.fields.size() ? type.fields[index].type : void_type();
  return append(make(Op::PlaceField, member, place.value, index));
}

NodeId Builder::index(NodeId place, NodeId index_value) {
  const TypeId element = module_.type(type_of(place)).element;
  return append(make(Op::PlaceIndex, element ? element : void_type(), place.value,
                     operand(index_value, int_type(64, true)).value));
}

NodeId Builder::payload(NodeId place, std::uint64_t offset, TypeId type) {
  return append(make(Op::PlacePayload, type, place.value, low(offset)));
}

NodeId Builder::temp(NodeId value) {
  return append(make(Op::PlaceTemp, type_of(value), value.value));
}

// ---- memory ----

NodeId Builder::load(NodeId place) {
  return append(make(Op::Load, type_of(place), place.value));
}

NodeId Builder::store(NodeId place, NodeId value) {
  return append(make(Op::Store, void_type(), place.value, operand(value, type_of(place)).value));
}

NodeId Builder::address_of(NodeId place) {
  return append(make(Op::AddressOf, pointer_type(), place.value));
}

NodeId Builder::element_pointer(NodeId pointer, NodeId index_value, TypeId element) {
  const NodeId base = operand(pointer, pointer_type());
  return append(make(Op::ElementPointer, pointer_type(), base.value, operand(index_value, int_type(64, true)).value,
                     element.value));
}

NodeId Builder::local_start(LocalId id) {
  return append(make(Op::LocalStart, void_type(), id.value));
}

// ---- operators ----

NodeId Builder::binary(BinaryOp op, NodeId lhs, NodeId rhs) {
  const NodeId left = operand(lhs, type_of(rhs)), right = operand(rhs, type_of(left));
  return append(make_sub(Op::Binary, op, type_of(left), left.value, right.value));
}

NodeId Builder::compare(CompareOp op, NodeId lhs, NodeId rhs) {
  const NodeId left = operand(lhs, type_of(rhs)), right = operand(rhs, type_of(left));
  const Type& compared = module_.type(type_of(left));
  const TypeId type = compared.kind == TypeKind::Vector ? vector_type(bool_type(), compared.count) : bool_type();
  return append(make_sub(Op::Compare, op, type, left.value, right.value));
}

NodeId Builder::unary(UnaryOp op, NodeId value) {
  if (module_.type(type_of(value)).kind == TypeKind::Never)
    return value;
  return append(make_sub(Op::Unary, op, type_of(value), value.value));
}

NodeId Builder::convert(ConvertOp op, NodeId value, TypeId to) {
  if (module_.type(type_of(value)).kind == TypeKind::Never)
    return value;
  return append(make_sub(Op::Convert, op, to, value.value));
}

NodeId Builder::aggregate(TypeId type, std::span<const Init> inits) {
  std::vector<std::uint32_t> words;
  for (const Init& init : inits) {
    words.push_back(init.index);
    const Type& row = module_.type(type);
    const TypeId member = row.kind != TypeKind::Aggregate  ? row.element
                          : init.index < row.fields.size() ? row.fields[init.index].type
                                                           : TypeId();
    words.push_back(operand(init.value, member).value);
  }
  return append_list(make(Op::Aggregate, type), words);
}

// ---- calls ----

NodeId Builder::call(FuncId callee, std::span<const NodeId> arguments) {
  const Type& signature = module_.type(module_.function(callee).signature);
  return append_list(make(Op::Call, signature.element, callee.value), words_of(operands(arguments, signature.params)));
}

NodeId Builder::call_indirect(TypeId signature, NodeId callee, std::span<const NodeId> arguments) {
  const NodeId code = operand(callee, code_type());
  std::vector<std::uint32_t> words = words_of(operands(arguments, module_.type(signature).params));
  words.insert(words.begin(), code.value);
  return append_list(make(Op::CallIndirect, module_.type(signature).element, signature.value), words);
}

NodeId Builder::call_extern(ExternId callee, std::span<const NodeId> arguments) {
  const Type& signature = module_.type(module_.externs[callee.index()].signature);
  return append_list(make(Op::CallExtern, signature.element, callee.value),
                     words_of(operands(arguments, signature.params)));
}

NodeId Builder::intrinsic(Intrinsic which, std::uint32_t immediate, TypeId result, std::span<const NodeId> arguments) {
  return append_list(make_sub(Op::Intrinsic, which, result, immediate), words_of(arguments));
}

// ---- control ----

NodeId Builder::block(std::uint32_t label, TypeId type, std::span<const NodeId> children) {
  return append_list(make(Op::Block, type, label), words_of(children));
}

NodeId Builder::if_(NodeId condition, NodeId then_arm, NodeId else_arm, TypeId type) {
  return append(make(Op::If, type, operand(condition, bool_type()).value, then_arm.value, else_arm.value));
}

NodeId Builder::loop(std::uint32_t label, TypeId type, NodeId body) {
  return append(make(Op::Loop, type, label, body.value));
}

NodeId Builder::break_(std::uint32_t label, NodeId value) {
  return append(make(Op::Break, never_type(), label, value.value));
}

NodeId Builder::continue_(std::uint32_t label) {
  return append(make(Op::Continue, never_type(), label));
}

NodeId Builder::switch_(NodeId subject, std::span<const Case> cases, NodeId default_arm, TypeId type) {
  const NodeId selector = operand(subject, int_type(64, true));
  const Type& subject_type = module_.type(type_of(selector));
  std::vector<std::uint32_t> words{default_arm.value};
  for (const Case& entry : cases) {
    const std::uint64_t value = canonical_pattern(subject_type, entry.value);
    words.insert(words.end(), {low(value), high(value), entry.body.value});
  }
  return append_list(make(Op::Switch, type, selector.value), words);
}

NodeId Builder::return_(NodeId value) {
  return append(make(Op::Return, never_type(), value.value));
}

NodeId Builder::trap(TrapKind kind, std::string_view text) {
  return append(make_sub(Op::Trap, kind, never_type(), module_.strings.intern(text).value));
}

NodeId Builder::poison(std::string_view reason, TypeId type) {
  return append(make(Op::Poison, type ? type : never_type(), module_.strings.intern(reason).value));
}

NodeId Builder::diverge(NodeId never_value, TypeId type) {
  return block(new_label(), type, {&never_value, 1});
}

// ---- types ----

TypeId Builder::void_type() {
  return module_.intern_type(plain(TypeKind::Void));
}
TypeId Builder::never_type() {
  return module_.intern_type(plain(TypeKind::Never));
}
TypeId Builder::bool_type() {
  return module_.intern_type(plain(TypeKind::Bool));
}
TypeId Builder::pointer_type() {
  return module_.intern_type(plain(TypeKind::Pointer));
}
TypeId Builder::code_type() {
  return module_.intern_type(plain(TypeKind::Code));
}

TypeId Builder::int_type(unsigned bits, bool is_signed) {
  Type type = plain(TypeKind::Int);
  type.bits = static_cast<std::uint8_t>(bits);
  type.is_signed = is_signed;
  return module_.intern_type(type);
}

TypeId Builder::float_type(unsigned bits) {
  Type type = plain(TypeKind::Float);
  type.bits = static_cast<std::uint8_t>(bits);
  return module_.intern_type(type);
}

TypeId Builder::array_type(TypeId element, std::uint64_t count) {
  Type type = plain(TypeKind::Array);
  type.element = element;
  type.count = count;
  return module_.intern_type(type);
}

TypeId Builder::vector_type(TypeId element, std::uint64_t count) {
  Type type = plain(TypeKind::Vector);
  type.element = element;
  type.count = count;
  return module_.intern_type(type);
}

TypeId Builder::string_type() {
  Type type = plain(TypeKind::Aggregate);
  type.name = module_.strings.intern("string");
  type.size = 16;
  type.align = 8;
  type.fields = {{module_.strings.intern("ptr"), pointer_type(), 0},
                 {module_.strings.intern("len"), int_type(64, true), 8}};
  return module_.intern_type(type);
}

TypeId Builder::signature_type(std::span<const TypeId> params, TypeId result, CallConv conv, bool is_variadic) {
  Type type = plain(TypeKind::Signature);
  type.conv = conv;
  type.is_variadic = is_variadic;
  type.element = result;
  type.params.assign(params.begin(), params.end());
  return module_.intern_type(type);
}

} // namespace sx::ir
