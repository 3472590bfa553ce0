#include "ir/print.h"
#include "ir/tree.h"
#include "ir/typing.h"
#include "ir/verify_internal.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace sx::ir {

namespace {

/// Arguments and result of an intrinsic whose types are fixed, one letter a type:
/// p pointer, i i64, b u8, w u32, q u64, f any float, v void, B bool, s string, = the first argument's type.
struct IntrinsicTypes {
  Intrinsic which;
  std::string_view arguments;
  char result;
};
constexpr IntrinsicTypes fixed_intrinsics[] = {
    {Intrinsic::MemCopy, "ppi", 'v'},  {Intrinsic::MemMove, "ppi", 'v'}, {Intrinsic::MemSet, "pbi", 'v'},
    {Intrinsic::MemEqual, "ppi", 'B'}, {Intrinsic::Sqrt, "f", '='},      {Intrinsic::Sin, "f", '='},
    {Intrinsic::Cos, "f", '='},        {Intrinsic::Floor, "f", '='},     {Intrinsic::IsComptime, "", 'B'},
    {Intrinsic::TracePush, "q", 'v'},  {Intrinsic::TraceClear, "", 'v'}, {Intrinsic::TraceResolve, "q", 'T'},
    {Intrinsic::PrintFrames, "", 'v'}, {Intrinsic::ErrorName, "w", 's'},
};

/// Size of the record that `trace.resolve` gives (6.30).
constexpr std::uint64_t trace_frame_bytes = 56;

class TypeVerifier {
public:
  TypeVerifier(const Module& module, FuncId id, VerifySink& sink)
      : module_(module), id_(id), function_(module.function(id)), sink_(sink),
        result_(module.type(function_.signature).element) {}

  void run() {
    for (std::size_t node = 0; node < function_.nodes.size() && !sink_.full(); ++node) {
      at_ = NodeId(node);
      visit(function_.nodes[node]);
    }
    at_ = function_.root;
    const TypeId root = function_.node(function_.root).type;
    if (info(function_.node(function_.root).op).category == Category::Place)
      fail(Rule::Category, "the root is a place");
    else if (kind(root) != TypeKind::Never && kind(result_) != TypeKind::Void)
      fail(Rule::Completion, "control comes out of the body of a function that returns " + name(result_));
    labels();
    at_ = function_.root;
    if (function_.is_naked && !is_frameless())
      fail(Rule::Naked, "the body needs a frame or does not end in a trap");
  }

private:
  // ---- naked functions ----

  static bool is_frameless(const Node& node) {
    switch (node.op) {
    case Op::Block:
    case Op::PlaceGlobal:
    case Op::PlaceDeref:
    case Op::AddressOf:
    case Op::ConstFunction:
    case Op::ConstExtern: return true;
    case Op::Intrinsic: return static_cast<Intrinsic>(node.sub) == Intrinsic::Asm;
    case Op::Trap: return static_cast<TrapKind>(node.sub) == TrapKind::Unreachable;
    default: return false;
    }
  }

  bool is_frameless() const {
    return kind(function_.node(function_.root).type) == TypeKind::Never &&
           std::ranges::all_of(function_.nodes, [](const Node& node) { return is_frameless(node); }) &&
           std::ranges::none_of(function_.nodes, [&](const Node& node) {
             return node.op == Op::Intrinsic && kind(node.type) == TypeKind::Aggregate;
           });
  }

  // ---- reporting and small questions ----

  void fail(Rule rule, std::string detail) { sink_.report(rule, std::move(detail), id_, at_); }
  // Reports are bounded in number, so a pass over the tables for each is affordable.
  std::string name(TypeId type) const { return print_type(module_, type); }

  const Type& row(TypeId type) const { return module_.type(type); }
  TypeKind kind(TypeId type) const { return row(type).kind; }
  TypeId type_of(std::uint32_t node) const { return function_.nodes[node].type; }
  TypeKind kind_of(std::uint32_t node) const { return kind(type_of(node)); }

  bool is_int(TypeId type, unsigned bits, bool is_signed) const {
    const Type& r = row(type);
    return r.kind == TypeKind::Int && r.bits == bits && r.is_signed == is_signed;
  }

  /// The lane type of a vector, else the type itself.
  const Type& lane(TypeId type) const { return kind(type) == TypeKind::Vector ? row(row(type).element) : row(type); }

  bool is_string(TypeId type) const {
    const Type& r = row(type);
    return r.kind == TypeKind::Aggregate && r.size == 16 && r.fields.size() == 2 &&
           kind(r.fields[0].type) == TypeKind::Pointer && r.fields[0].offset == 0 &&
           is_int(r.fields[1].type, 64, true) && r.fields[1].offset == 8;
  }

  bool fits(std::uint32_t node, TypeId wanted) const {
    return type_of(node) == wanted || kind_of(node) == TypeKind::Never || kind(wanted) == TypeKind::Void;
  }

  bool storable(TypeId type) const { return is_storable(module_, type); }

  void want_type(const Node& node, TypeId type) {
    if (node.type != type)
      fail(Rule::NodeType, "the type is " + name(node.type) + ", not " + name(type));
  }
  void want_kind(const Node& node, TypeKind wanted) {
    if (kind(node.type) != wanted)
      fail(Rule::NodeType, "a type of kind " + print_kind(wanted) + " is due, found " + name(node.type));
  }
  void want_storable(TypeId type) {
    if (!storable(type))
      fail(Rule::NodeType, name(type) + " is no storable type");
  }
  void want_operand(std::uint32_t node, TypeId type) {
    if (type_of(node) != type)
      fail(Rule::OperandType, operand_is(node) + ", not " + name(type));
  }
  void want_operand_kind(std::uint32_t node, TypeKind wanted) {
    if (kind_of(node) != wanted)
      fail(Rule::OperandType, operand_is(node) + ", a type of kind " + print_kind(wanted) + " is due");
  }
  std::string operand_is(std::uint32_t node) const {
    return "operand " + std::to_string(node) + " is of type " + name(type_of(node));
  }
  static std::string print_kind(TypeKind kind) {
    constexpr std::string_view names[] = {"void", "never", "bool",   "int",       "float",    "ptr",
                                          "code", "array", "vector", "aggregate", "signature"};
    return std::string(names[static_cast<std::size_t>(kind)]);
  }

  // ---- one node ----

  void visit(const Node& node) {
    switch (node.op) {
    case Op::PlaceLocal: return want_type(node, function_.locals[node.a].type);
    case Op::PlaceGlobal: return want_type(node, module_.globals[node.a].type);
    case Op::PlaceDeref: want_operand_kind(node.a, TypeKind::Pointer); return want_storable(node.type);
    case Op::PlaceField: return field(node);
    case Op::PlaceIndex: return index(node);
    case Op::PlacePayload: return payload(node);
    case Op::PlaceTemp: want_storable(node.type); return want_type(node, type_of(node.a));
    case Op::ConstInt:
    case Op::ConstFloat: return constant(node);
    case Op::ConstZero:
    case Op::ConstUndefined: return want_storable(node.type);
    case Op::ConstData:
    case Op::AddressOf: return want_kind(node, TypeKind::Pointer);
    case Op::ConstFunction: return want_kind(node, TypeKind::Code);
    case Op::ConstExtern:
      return want_kind(node, module_.externs[node.a].is_variable ? TypeKind::Pointer : TypeKind::Code);
    case Op::ConstFrame:
      if (!is_int(node.type, 64, false))
        fail(Rule::NodeType, "a frame handle is a u64");
      return;
    case Op::Load: return want_type(node, type_of(node.a));
    case Op::Store: want_kind(node, TypeKind::Void); return want_operand(node.b, type_of(node.a));
    case Op::ElementPointer: return element_pointer(node);
    case Op::LocalStart: return want_kind(node, TypeKind::Void);
    case Op::Binary: return binary(node);
    case Op::Compare: return compare(node);
    case Op::Unary: return unary(node);
    case Op::Convert: return convert(node);
    case Op::Splat: return splat(node);
    case Op::Aggregate: return aggregate(node);
    case Op::Call: return call(node, module_.functions[node.a].signature, function_.list(node));
    case Op::CallIndirect: return call_indirect(node);
    case Op::CallExtern: return call_extern(node);
    case Op::Intrinsic: return intrinsic(node);
    case Op::Block: return block(node);
    case Op::If: return if_(node);
    case Op::Loop: return;
    case Op::Switch: return switch_(node);
    case Op::Return: return return_(node);
    case Op::Break:
    case Op::Continue:
    case Op::Trap: return want_kind(node, TypeKind::Never);
    case Op::Poison: return;
    }
  }

  void field(const Node& node) {
    const Type& place = row(type_of(node.a));
    if (place.kind != TypeKind::Aggregate)
      return want_operand_kind(node.a, TypeKind::Aggregate);
    if (node.b >= place.fields.size())
      return fail(Rule::Member, "there is no member " + std::to_string(node.b));
    want_type(node, place.fields[node.b].type);
  }

  void index(const Node& node) {
    const Type& place = row(type_of(node.a));
    if (place.kind != TypeKind::Array && place.kind != TypeKind::Vector)
      return want_operand_kind(node.a, TypeKind::Array);
    want_operand_kind(node.b, TypeKind::Int);
    want_type(node, place.element);
  }

  void payload(const Node& node) {
    want_storable(node.type);
    const auto whole = module_.try_layout(type_of(node.a)), part = module_.try_layout(node.type);
    if (!whole || !part || node.b > whole->size || part->size > whole->size - node.b)
      fail(Rule::Payload, "the bytes at offset " + std::to_string(node.b) + " leave the place");
  }

  void constant(const Node& node) {
    const Type& type = row(node.type);
    const std::uint64_t bits = node.a | std::uint64_t{node.b} << 32;
    if (node.op == Op::ConstFloat) {
      if (type.kind != TypeKind::Float || (type.bits == 32 && node.b != 0))
        fail(Rule::Constant, "not the bits of a value of type " + name(node.type));
    } else if ((type.kind != TypeKind::Int && type.kind != TypeKind::Bool) || canonical_pattern(type, bits) != bits) {
      fail(Rule::Constant, "not the canonical pattern of a value of type " + name(node.type));
    }
  }

  void element_pointer(const Node& node) {
    want_kind(node, TypeKind::Pointer);
    want_operand_kind(node.a, TypeKind::Pointer);
    want_i64(node.b, Rule::OperandType);
    if (!storable(TypeId(node.c)))
      fail(Rule::OperandType, "the element type is not storable");
  }

  void want_i64(std::uint32_t node, Rule rule) {
    if (!is_int(type_of(node), 64, true))
      fail(rule, operand_is(node) + ", not an i64");
  }

  // ---- operators ----

  static bool binary_allows(BinaryOp op, TypeKind kind) {
    switch (op) {
    case BinaryOp::Add:
    case BinaryOp::Sub:
    case BinaryOp::Mul:
    case BinaryOp::Div:
    case BinaryOp::Rem: return kind == TypeKind::Int || kind == TypeKind::Float;
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Xor: return kind == TypeKind::Int || kind == TypeKind::Bool;
    case BinaryOp::Shl:
    case BinaryOp::Shr: return kind == TypeKind::Int;
    }
    return false;
  }

  void binary(const Node& node) {
    if (!binary_allows(static_cast<BinaryOp>(node.sub), lane(type_of(node.a)).kind))
      fail(Rule::OperandType, operand_is(node.a) + ", which the operator is not defined for");
    want_operand(node.b, type_of(node.a));
    want_type(node, type_of(node.a));
  }

  void compare(const Node& node) {
    const TypeKind operand = lane(type_of(node.a)).kind;
    if (operand != TypeKind::Bool && operand != TypeKind::Int && operand != TypeKind::Float &&
        operand != TypeKind::Pointer && operand != TypeKind::Code)
      fail(Rule::OperandType, operand_is(node.a) + ", which can't be compared");
    want_operand(node.b, type_of(node.a));
    const Type& operands = row(type_of(node.a));
    const Type& type = row(node.type);
    if (operands.kind != TypeKind::Vector)
      return want_kind(node, TypeKind::Bool);
    if (type.kind != TypeKind::Vector || type.count != operands.count || kind(type.element) != TypeKind::Bool)
      fail(Rule::NodeType, "a comparison of vectors gives a vector of as many bools, not " + name(node.type));
  }

  void unary(const Node& node) {
    const TypeKind operand = lane(type_of(node.a)).kind;
    const TypeKind other = static_cast<UnaryOp>(node.sub) == UnaryOp::Neg ? TypeKind::Float : TypeKind::Bool;
    if (operand != TypeKind::Int && operand != other)
      fail(Rule::OperandType, operand_is(node.a) + ", which the operator is not defined for");
    want_type(node, type_of(node.a));
  }

  bool is_scalar(TypeKind kind) const { return kind >= TypeKind::Bool && kind <= TypeKind::Code; }

  // Any source, but a result of which every bit pattern is a value.
  bool same_bits(TypeId from, TypeId to) const {
    const bool scalars = (is_scalar(kind(from)) || kind(from) == TypeKind::Vector) &&
                         (is_scalar(kind(to)) || kind(to) == TypeKind::Vector);
    const Type& target = lane(to);
    const bool any_pattern =
        target.kind != TypeKind::Bool &&
        (target.kind != TypeKind::Int || (target.bits % 8 == 0 && (target.bits & (target.bits - 1)) == 0));
    return scalars && any_pattern && module_.layout(from).size == module_.layout(to).size;
  }

  bool convertible(ConvertOp op, TypeId from_id, TypeId to_id) const {
    const TypeKind from = kind(from_id), to = kind(to_id);
    const bool from_int = from == TypeKind::Int || from == TypeKind::Bool;
    const bool from_address = from == TypeKind::Pointer || from == TypeKind::Code;
    switch (op) {
    case ConvertOp::Resize: return from_int && to == TypeKind::Int;
    case ConvertOp::Truth:
      return (from == TypeKind::Int || from == TypeKind::Float || from_address) && to == TypeKind::Bool;
    case ConvertOp::IntToFloat: return from_int && to == TypeKind::Float;
    case ConvertOp::FloatToInt: return from == TypeKind::Float && to == TypeKind::Int;
    case ConvertOp::FloatResize: return from == TypeKind::Float && to == TypeKind::Float;
    case ConvertOp::PointerToInt: return from_address && to == TypeKind::Int;
    case ConvertOp::IntToPointer: return from == TypeKind::Int && (to == TypeKind::Pointer || to == TypeKind::Code);
    case ConvertOp::CodeCast: return from_address && (to == TypeKind::Pointer || to == TypeKind::Code) && from != to;
    case ConvertOp::Bits: return same_bits(from_id, to_id);
    }
    return false;
  }

  void convert(const Node& node) {
    if (!convertible(static_cast<ConvertOp>(node.sub), type_of(node.a), node.type))
      fail(Rule::Conversion, std::string(sub_text(node.op, node.sub)) + " does not go from " + name(type_of(node.a)) +
                                 " to " + name(node.type));
  }

  void splat(const Node& node) {
    if (kind(node.type) != TypeKind::Array && kind(node.type) != TypeKind::Vector)
      return want_kind(node, TypeKind::Array);
    want_operand(node.a, row(node.type).element);
  }

  void aggregate(const Node& node) {
    const Type& type = row(node.type);
    const bool by_count = type.kind == TypeKind::Array || type.kind == TypeKind::Vector;
    if (!by_count && type.kind != TypeKind::Aggregate)
      return want_kind(node, TypeKind::Aggregate);
    const auto words = function_.list(node);
    const std::uint64_t count = by_count ? type.count : type.fields.size();
    for (std::size_t i = 0; i < words.size(); i += 2) {
      if (words[i] >= count || (i > 0 && words[i] <= words[i - 2]))
        return fail(Rule::Member, "member " + std::to_string(words[i]) + " is out of range or does not ascend");
      want_operand(words[i + 1], by_count ? type.element : type.fields[words[i]].type);
    }
  }

  // ---- calls ----

  void call(const Node& node, TypeId signature, std::span<const std::uint32_t> arguments) {
    if (signature.index() >= module_.types.size() || kind(signature) != TypeKind::Signature)
      return fail(Rule::Call, "the callee has no signature");
    const Type& type = row(signature);
    if (arguments.size() < type.params.size() || (arguments.size() > type.params.size() && !type.is_variadic))
      return fail(Rule::Call, std::to_string(arguments.size()) + " arguments, the signature has " +
                                  std::to_string(type.params.size()) + " parameters");
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (i < type.params.size() ? type_of(arguments[i]) != type.params[i] : !is_scalar(kind_of(arguments[i])))
        fail(Rule::Call, "argument " + std::to_string(i) + " is of type " + name(type_of(arguments[i])));
    want_type(node, type.element);
  }

  void call_indirect(const Node& node) {
    const auto words = function_.list(node);
    if (words.empty() || kind_of(words[0]) != TypeKind::Code)
      return fail(Rule::Call, "the callee is no code address");
    call(node, TypeId(node.a), words.subspan(1));
  }

  void call_extern(const Node& node) {
    if (module_.externs[node.a].is_variable)
      return fail(Rule::Call, "the callee is a variable");
    call(node, module_.externs[node.a].signature, function_.list(node));
  }

  // ---- intrinsics ----

  bool is_of_letter(TypeId type, char letter) const {
    switch (letter) {
    case 'p': return kind(type) == TypeKind::Pointer;
    case 'i': return is_int(type, 64, true);
    case 'b': return is_int(type, 8, false);
    case 'w': return is_int(type, 32, false);
    case 'q': return is_int(type, 64, false);
    case 'f': return kind(type) == TypeKind::Float;
    case 'v': return kind(type) == TypeKind::Void;
    case 'B': return kind(type) == TypeKind::Bool;
    case 's': return is_string(type);
    case 'T': return kind(type) == TypeKind::Aggregate && row(type).size == trace_frame_bytes;
    default: return false;
    }
  }

  void intrinsic(const Node& node) {
    const auto which = static_cast<Intrinsic>(node.sub);
    const auto words = function_.list(node);
    if (const int wanted = arity(which); wanted >= 0 && words.size() != static_cast<std::size_t>(wanted))
      return fail(Rule::Intrinsic, std::to_string(words.size()) + " arguments, not " + std::to_string(wanted));
    for (const IntrinsicTypes& entry : fixed_intrinsics)
      if (entry.which == which)
        return fixed_intrinsic(node, entry, words);
    if (which == Intrinsic::Reflect)
      return reflect(node, words);
    if (which == Intrinsic::Asm)
      return assembly(node, words);
    if (which != Intrinsic::Compiler && !is_atomic(node, which, words))
      fail(Rule::Intrinsic, "operands, result or orderings of the atomic operation are wrong");
  }

  void fixed_intrinsic(const Node& node, const IntrinsicTypes& entry, std::span<const std::uint32_t> words) {
    if (node.a != 0)
      fail(Rule::Intrinsic, "the immediate must be 0");
    for (std::size_t i = 0; i < words.size(); ++i)
      if (!is_of_letter(type_of(words[i]), entry.arguments[i]))
        fail(Rule::Intrinsic, "argument " + std::to_string(i) + " is of type " + name(type_of(words[i])));
    if (entry.result == '=' ? node.type != type_of(words[0]) : !is_of_letter(node.type, entry.result))
      fail(Rule::Intrinsic, "the result is of type " + name(node.type));
  }

  void reflect(const Node& node, std::span<const std::uint32_t> words) {
    for (std::uint32_t word : words)
      want_i64(word, Rule::Intrinsic);
    if (node.a >= reflect_query_count)
      return fail(Rule::Intrinsic, "there is no query " + std::to_string(node.a));
    const auto query = static_cast<ReflectQuery>(node.a);
    char result = 'i';
    if (query == ReflectQuery::Name || query == ReflectQuery::MemberName)
      result = 's';
    if (query == ReflectQuery::IsUnsigned || query == ReflectQuery::IsFlags)
      result = 'B';
    if (query == ReflectQuery::Info)
      result = 'p';
    if (!is_of_letter(node.type, result))
      fail(Rule::Intrinsic, "the result is of type " + name(node.type));
  }

  // What one register operand can hold.
  bool is_register(TypeId type) const { return is_scalar(kind(type)) || kind(type) == TypeKind::Vector; }

  void assembly(const Node& node, std::span<const std::uint32_t> words) {
    if (node.a >= module_.assemblies.size())
      return fail(Rule::Intrinsic, "there is no assembly " + std::to_string(node.a));
    const std::size_t addresses = module_.assemblies[node.a].memory.size();
    if (words.size() < addresses)
      return fail(Rule::Intrinsic, "a memory operand has no address");
    for (std::size_t i = 0; i < words.size(); ++i)
      if (i < addresses ? kind_of(words[i]) != TypeKind::Pointer : !is_register(type_of(words[i])))
        fail(Rule::Intrinsic, "argument " + std::to_string(i) + " is of type " + name(type_of(words[i])));
    const Type& result = row(node.type);
    const bool several =
        result.kind == TypeKind::Aggregate &&
        std::ranges::all_of(result.fields, [&](const Field& field) { return is_register(field.type); });
    if (result.kind != TypeKind::Void && !is_register(node.type) && !several)
      fail(Rule::Intrinsic, "the result is of type " + name(node.type));
  }

  bool is_atomic(const Node& node, Intrinsic which, std::span<const std::uint32_t> words) const {
    const std::uint32_t last = static_cast<std::uint32_t>(Ordering::SeqCst);
    const std::uint32_t success = node.a & 0xff, failure = node.a >> 8;
    const bool releases = success == static_cast<std::uint32_t>(Ordering::Release) ||
                          success == static_cast<std::uint32_t>(Ordering::AcqRel);
    const bool acquires = success == static_cast<std::uint32_t>(Ordering::Acquire) ||
                          success == static_cast<std::uint32_t>(Ordering::AcqRel);
    if (success > last || failure > last || (failure != 0 && which != Intrinsic::AtomicExchange))
      return false;
    if (which == Intrinsic::AtomicFence)
      return kind(node.type) == TypeKind::Void && success != 0;
    if (kind_of(words[0]) != TypeKind::Pointer)
      return false;
    const TypeId element = which == Intrinsic::AtomicLoad ? node.type : type_of(words[1]);
    const TypeKind of = kind(element);
    switch (which) {
    case Intrinsic::AtomicLoad: return is_scalar(of) && !releases;
    case Intrinsic::AtomicStore: return is_scalar(of) && !acquires && kind(node.type) == TypeKind::Void;
    case Intrinsic::AtomicSwap: return is_scalar(of) && node.type == element;
    case Intrinsic::AtomicExchange:
      return is_scalar(of) && of != TypeKind::Float && type_of(words[2]) == element &&
             kind_of(words[3]) == TypeKind::Pointer && kind(node.type) == TypeKind::Bool &&
             failure != static_cast<std::uint32_t>(Ordering::Release) &&
             failure != static_cast<std::uint32_t>(Ordering::AcqRel);
    case Intrinsic::AtomicAnd:
    case Intrinsic::AtomicOr:
    case Intrinsic::AtomicXor: return (of == TypeKind::Int || of == TypeKind::Bool) && node.type == element;
    default: return of == TypeKind::Int && node.type == element;
    }
  }

  // ---- control ----

  void want_fit(std::uint32_t arm, const Node& node) {
    if (!fits(arm, node.type))
      fail(Rule::Arm, operand_is(arm) + ", the node is of type " + name(node.type));
  }

  void block(const Node& node) {
    const auto words = function_.list(node);
    if (words.empty())
      return want_kind(node, TypeKind::Void);
    want_fit(words.back(), node);
  }

  void if_(const Node& node) {
    want_operand_kind(node.a, TypeKind::Bool);
    want_fit(node.b, node);
    if (node.c != none)
      want_fit(node.c, node);
    else if (kind(node.type) != TypeKind::Void)
      fail(Rule::Arm, "an if without else is void");
  }

  void switch_(const Node& node) {
    const auto words = function_.list(node);
    const Type& subject = row(type_of(node.a));
    if (subject.kind != TypeKind::Int && subject.kind != TypeKind::Bool)
      return want_operand_kind(node.a, TypeKind::Int);
    std::unordered_set<std::uint64_t> seen;
    for (std::size_t i = 1; i < words.size(); i += 3) {
      const std::uint64_t value = words[i] | std::uint64_t{words[i + 1]} << 32;
      if (canonical_pattern(subject, value) != value || !seen.insert(value).second)
        fail(Rule::Case, "case value " + std::to_string(value) + " is not canonical or not the first of its kind");
      want_fit(words[i + 2], node);
    }
    if (words[0] != none)
      want_fit(words[0], node);
    else if (!storable(node.type))
      fail(Rule::Arm, "a switch without default gives zero, which " + name(node.type) + " has not");
  }

  void return_(const Node& node) {
    want_kind(node, TypeKind::Never);
    if (kind(result_) == TypeKind::Never)
      return fail(Rule::Return, "the function does not return");
    const bool is_void = kind(result_) == TypeKind::Void;
    if (node.a == none ? !is_void : !value_fits(node.a, result_))
      fail(Rule::Return, "the value returned does not fit " + name(result_));
  }

  // Where a value is handed over: for void only a void one.
  bool value_fits(std::uint32_t node, TypeId wanted) const {
    return type_of(node) == wanted || kind_of(node) == TypeKind::Never;
  }

  // ---- labels ----

  // A walk from the root that knows which blocks and loops enclose a node.
  void labels() {
    std::vector<std::pair<std::uint32_t, bool>> pending{{function_.root.value, false}};
    while (!pending.empty() && !sink_.full()) {
      const auto [id, left] = pending.back();
      pending.pop_back();
      const Node& node = function_.nodes[id];
      at_ = NodeId(id);
      const bool opens = node.op == Op::Block || node.op == Op::Loop;
      if (left) {
        enclosing_.erase(node.a);
        continue;
      }
      if (opens && !enclosing_.try_emplace(node.a, id).second)
        fail(Rule::LabelUnique, "label " + std::to_string(node.a) + " is that of an enclosing node");
      else if (opens)
        pending.push_back({id, true});
      if (node.op == Op::Break || node.op == Op::Continue)
        jump(node);
      for_each_operand(function_, node, [&](const Operand& operand) { pending.push_back({operand.node, false}); });
    }
  }

  void jump(const Node& node) {
    const auto found = enclosing_.find(node.a);
    if (found == enclosing_.end())
      return fail(Rule::LabelScope, "no enclosing node has label " + std::to_string(node.a));
    const Node& target = function_.nodes[found->second];
    if (node.op == Op::Continue) {
      if (target.op != Op::Loop)
        fail(Rule::LabelScope, "continue to a block");
      return;
    }
    const bool is_void = kind(target.type) == TypeKind::Void;
    const bool good = node.b == none ? is_void : value_fits(node.b, target.type);
    if (!good || kind(target.type) == TypeKind::Never)
      fail(Rule::BreakValue, "the value does not fit the target's type " + name(target.type));
  }

  const Module& module_;
  FuncId id_;
  const Function& function_;
  VerifySink& sink_;
  TypeId result_;
  NodeId at_;
  std::unordered_map<std::uint32_t, std::uint32_t> enclosing_; ///< label -> node
};

} // namespace

void verify_types(const Module& module, FuncId function, VerifySink& sink) {
  TypeVerifier(module, function, sink).run();
}

} // namespace sx::ir
