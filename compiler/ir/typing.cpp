#include "ir/typing.h"

#include "ir/tree.h"

namespace sx::ir {

Type plain_type(TypeKind kind) {
  Type type;
  type.kind = kind;
  return type;
}

Type int_row(unsigned bits, bool is_signed) {
  Type type = plain_type(TypeKind::Int);
  type.bits = static_cast<std::uint8_t>(bits);
  type.is_signed = is_signed;
  return type;
}

namespace {

class Typing {
public:
  Typing(const Module& module, const Function& function) : module_(module), function_(function) {}

  NaturalType of(const Node& node) const {
    switch (node.op) {
    case Op::PlaceLocal: return row_type(function_.locals, node.a);
    case Op::PlaceGlobal: return row_type(module_.globals, node.a);
    case Op::PlaceField: return field(node);
    case Op::PlaceIndex: return element(type_of(node.a));
    case Op::PlaceTemp:
    case Op::Load:
    case Op::Unary:
    case Op::Binary: return {type_of(node.a), {}};
    case Op::ConstData:
    case Op::AddressOf:
    case Op::ElementPointer: return plain(TypeKind::Pointer);
    case Op::ConstFunction: return plain(TypeKind::Code);
    case Op::ConstExtern: return extern_address(node.a);
    case Op::ConstFrame: return {{}, int_row(64, false)};
    case Op::Store:
    case Op::LocalStart:
    case Op::Loop: return plain(TypeKind::Void);
    case Op::Compare: return compare(type_of(node.a));
    case Op::Convert:
      return static_cast<ConvertOp>(node.sub) == ConvertOp::Truth ? plain(TypeKind::Bool) : NaturalType{};
    case Op::Call:
      return node.a < module_.functions.size() ? element(module_.functions[node.a].signature) : NaturalType{};
    case Op::CallIndirect: return element(TypeId(node.a));
    case Op::CallExtern:
      return node.a < module_.externs.size() ? element(module_.externs[node.a].signature) : NaturalType{};
    case Op::Intrinsic: return intrinsic(node);
    case Op::Block: return block(node);
    case Op::If: return either(type_of(node.b), node.c);
    case Op::Switch: return switch_type(node);
    case Op::Break:
    case Op::Continue:
    case Op::Return:
    case Op::Trap:
    case Op::Poison: return plain(TypeKind::Never);
    default: return {};
    }
  }

private:
  static NaturalType plain(TypeKind kind) { return {{}, plain_type(kind)}; }

  template <class Table> NaturalType row_type(const Table& table, std::uint32_t id) const {
    return id < table.size() ? NaturalType{table[id].type, {}} : NaturalType{};
  }

  TypeId type_of(std::uint32_t node) const {
    return node < function_.nodes.size() ? function_.nodes[node].type : TypeId();
  }

  const Type* row(TypeId id) const { return id.index() < module_.types.size() ? &module_.types[id.index()] : nullptr; }

  NaturalType element(TypeId id) const {
    const Type* type = row(id);
    return type ? NaturalType{type->element, {}} : NaturalType{};
  }

  NaturalType field(const Node& node) const {
    const Type* type = row(type_of(node.a));
    return type && node.b < type->fields.size() ? NaturalType{type->fields[node.b].type, {}} : NaturalType{};
  }

  NaturalType extern_address(std::uint32_t id) const {
    if (id >= module_.externs.size())
      return {};
    return plain(module_.externs[id].is_variable ? TypeKind::Pointer : TypeKind::Code);
  }

  NaturalType compare(TypeId operand) const {
    const Type* type = row(operand);
    if (!type || type->kind != TypeKind::Vector)
      return plain(TypeKind::Bool);
    Type lanes = plain_type(TypeKind::Vector);
    lanes.element = module_.find_type(plain_type(TypeKind::Bool));
    lanes.count = type->count;
    return lanes.element ? NaturalType{{}, lanes} : NaturalType{};
  }

  NaturalType intrinsic(const Node& node) const {
    const auto words = list_of(function_, node);
    const auto argument = [&](std::size_t i) {
      return i < words.size() ? NaturalType{type_of(words[i]), {}} : NaturalType{};
    };
    switch (static_cast<Intrinsic>(node.sub)) {
    case Intrinsic::MemCopy:
    case Intrinsic::MemMove:
    case Intrinsic::MemSet:
    case Intrinsic::TracePush:
    case Intrinsic::TraceClear:
    case Intrinsic::PrintFrames:
    case Intrinsic::AtomicStore:
    case Intrinsic::AtomicFence: return plain(TypeKind::Void);
    case Intrinsic::MemEqual:
    case Intrinsic::IsComptime:
    case Intrinsic::AtomicExchange: return plain(TypeKind::Bool);
    case Intrinsic::Sqrt:
    case Intrinsic::Sin:
    case Intrinsic::Cos:
    case Intrinsic::Floor: return argument(0);
    case Intrinsic::AtomicAdd:
    case Intrinsic::AtomicSub:
    case Intrinsic::AtomicAnd:
    case Intrinsic::AtomicOr:
    case Intrinsic::AtomicXor:
    case Intrinsic::AtomicMin:
    case Intrinsic::AtomicMax:
    case Intrinsic::AtomicSwap: return argument(1);
    default: return {};
    }
  }

  bool is_never(TypeId id) const {
    const Type* type = row(id);
    return type && type->kind == TypeKind::Never;
  }

  NaturalType block(const Node& node) const {
    const auto words = list_of(function_, node);
    return words.empty() ? plain(TypeKind::Void) : NaturalType{type_of(words.back()), {}};
  }

  NaturalType either(TypeId first, std::uint32_t other) const {
    if (other == none)
      return plain(TypeKind::Void);
    return {is_never(first) ? type_of(other) : first, {}};
  }

  NaturalType switch_type(const Node& node) const {
    const auto words = list_of(function_, node);
    if (words.empty() || words[0] == none)
      return plain(TypeKind::Void);
    TypeId type = type_of(words[0]);
    for (std::size_t i = 3; i < words.size() && is_never(type); i += 3)
      type = type_of(words[i]);
    return {type, {}};
  }

  const Module& module_;
  const Function& function_;
};

} // namespace

NaturalType natural_type(const Module& module, const Function& function, const Node& node) {
  return Typing(module, function).of(node);
}

} // namespace sx::ir
