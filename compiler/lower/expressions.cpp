// Values: constants, conversions, aggregates, optionals, compound assignment.

#include "lower/function_lowering.h"

#include <algorithm>

namespace sx::lower {

using sema::TypeKind;

ir::NodeId FunctionLowering::constant_text(hir::NodeId id, StringId text) {
  const std::string_view bytes = owner_.strings.text(text);
  const ir::NodeId data = b_.data(owner_.pointer_type(), bytes);
  const sema::TypeId type = checked_type(id);
  if (!owner_.types.is(type, TypeKind::String) && !owner_.types.is(type, TypeKind::Slice))
    return data;
  const ir::Builder::Init inits[] = {{0, data}, {1, word(static_cast<std::int64_t>(bytes.size()))}};
  return b_.aggregate(type_of(id), inits);
}

ir::NodeId FunctionLowering::compare_composite(hir::NodeId id) {
  const auto& node = body_.get<hir::CompareComposite>(id);
  const sema::TypeId type = checked_type(node.lhs);
  // The left operand is copied first: evaluating the right one may change where it came from.
  Nodes out;
  ir::NodeId lhs, rhs;
  if (is_simple_value(node.rhs)) {
    lhs = b_.address_of(operand_place(node.lhs));
    rhs = b_.address_of(operand_place(node.rhs));
  } else {
    const ir::LocalId left = bind(out, value(node.lhs));
    lhs = b_.address_of(b_.local(left));
    rhs = b_.address_of(operand_place(node.rhs));
  }
  using enum hir::CompareOp;
  const bool swapped = node.op == Greater || node.op == GreaterEqual;
  const bool ordering = node.op != Equal && node.op != NotEqual;
  if (!ordering) {
    const ir::NodeId pair[] = {lhs, rhs};
    const ir::NodeId equal = b_.call(owner_.equal_function(type), pair);
    return sequence(out, node.op == NotEqual ? b_.unary(ir::UnaryOp::BitNot, equal) : equal);
  }
  const bool or_equal = node.op == LessEqual || node.op == GreaterEqual;
  if (swapped) {
    // Both addresses are computed in source order, then handed over exchanged.
    const ir::LocalId first = bind(out, lhs), second = bind(out, rhs);
    lhs = read(second);
    rhs = read(first);
  }
  const ir::NodeId pair[] = {lhs, rhs};
  return sequence(out, b_.call(owner_.tuple_order_function(type, or_equal), pair));
}

ir::NodeId FunctionLowering::convert(hir::NodeId id) {
  const auto& node = body_.get<hir::Convert>(id);
  const ir::TypeId to = type_of(id);
  using enum hir::ConvertOp;
  if (node.op == Bits)
    return reinterpret_bits(value(node.operand), checked_type(node.operand), checked_type(id));
  const ir::NodeId operand = value(node.operand);
  const ir::TypeId from = b_.type_of(operand);
  if (diverges(operand))
    return operand;
  const ir::TypeKind from_kind = module().type(from).kind, to_kind = module().type(to).kind;
  switch (node.op) {
  case Resize: return from == to ? operand : b_.convert(ir::ConvertOp::Resize, operand, to);
  case Truth: return from_kind == ir::TypeKind::Bool ? operand : b_.convert(ir::ConvertOp::Truth, operand, to);
  case IntToFloat: return b_.convert(ir::ConvertOp::IntToFloat, operand, to);
  case FloatToInt: return b_.convert(ir::ConvertOp::FloatToInt, operand, to);
  case FloatResize: return from == to ? operand : b_.convert(ir::ConvertOp::FloatResize, operand, to);
  case PointerToInt: return b_.convert(ir::ConvertOp::PointerToInt, operand, to);
  case IntToPointer:
    if (to_kind == ir::TypeKind::Code)
      return b_.convert(ir::ConvertOp::CodeCast,
                        b_.convert(ir::ConvertOp::IntToPointer, operand, owner_.pointer_type()), to);
    return b_.convert(ir::ConvertOp::IntToPointer, operand, to);
  case PointerCast: return from_kind == to_kind ? operand : b_.convert(ir::ConvertOp::CodeCast, operand, to);
  case Same:
    if (from == to)
      return operand;
    return b_.load(b_.payload(b_.temp(operand), 0, to));
  case Bits: break;
  }
  return operand;
}

ir::NodeId FunctionLowering::reinterpret_bits(ir::NodeId v, sema::TypeId from, sema::TypeId to) {
  // R2.101: a zeroed slot of the larger size is written as one type and read as the other.
  const ir::TypeId source = owner_.storage_type(from), target = owner_.storage_type(to);
  if (source == target)
    return v;
  const ir::Layout source_layout = module().layout(source), target_layout = module().layout(target);
  ir::Type slot;
  slot.kind = ir::TypeKind::Aggregate;
  slot.name = module().strings.intern("bits");
  slot.align = std::max(source_layout.align, target_layout.align);
  slot.size = std::max(source_layout.size, target_layout.size);
  slot.size = (slot.size + slot.align - 1) / slot.align * slot.align;
  const ir::TypeId slot_type = module().intern_type(slot);
  const ir::LocalId holder = temporary(slot_type);
  Nodes out;
  const ir::LocalId bound = bind(out, v);
  out.push_back(write(holder, b_.zero(slot_type)));
  out.push_back(b_.store(b_.payload(b_.local(holder), 0, source), read(bound)));
  return sequence(out, b_.load(b_.payload(b_.local(holder), 0, target)));
}

ir::NodeId FunctionLowering::aggregate(hir::NodeId id) {
  const auto& node = body_.get<hir::Aggregate>(id);
  const sema::TypeId type = checked_type(id);
  const auto inits = body_.inits(node.inits);
  const bool ascending = std::ranges::is_sorted(inits, std::ranges::less_equal{}, &hir::MemberInit::member);
  bool storable = true;
  for (const hir::MemberInit& init : inits)
    storable = storable && !is_void(init.value);
  // The code word of a closure is written as an untyped pointer (R4.83).
  const auto member_value = [&](const hir::MemberInit& init) {
    const ir::NodeId v = value(init.value);
    const bool is_code = owner_.types.is(type, TypeKind::Closure) && init.member == 0;
    return is_code && b_.type_of(v) == owner_.pointer_type()
               ? b_.convert(ir::ConvertOp::CodeCast, v, owner_.code_type())
               : v;
  };
  if (ascending && storable && (inits.size() <= 1 || !owner_.types.is(type, TypeKind::Union))) {
    std::vector<ir::Builder::Init> made;
    for (const hir::MemberInit& init : inits)
      made.push_back({init.member, member_value(init)});
    return b_.aggregate(type_of(id), made);
  }
  // Written in another order than declared (or overlapping members): all values exist first (R3.3.7), then they are
  // stored in written order.
  Nodes out;
  std::vector<std::pair<std::uint32_t, ir::LocalId>> bound;
  for (const hir::MemberInit& init : inits) {
    if (is_void(init.value))
      out.push_back(value(init.value));
    else
      bound.emplace_back(init.member, bind(out, member_value(init)));
  }
  const ir::LocalId holder = temporary(type_of(id));
  out.push_back(write(holder, b_.zero(type_of(id))));
  const bool array = owner_.types.is(type, TypeKind::Array) || owner_.types.is(type, TypeKind::Vector);
  for (const auto& [index, slot] : bound) {
    const ir::NodeId target = array ? b_.index(b_.local(holder), word(index)) : b_.field(b_.local(holder), index);
    out.push_back(b_.store(target, read(slot)));
  }
  return sequence(out, read(holder));
}

ir::NodeId FunctionLowering::variant_init(hir::NodeId id) {
  const auto& node = body_.get<hir::VariantInit>(id);
  const sema::TypeId type = checked_type(id);
  const sema::VariantInfo& variant = owner_.types.nominal(type).variants[node.variant];
  const ir::TypeId tag_type = owner_.value_type(owner_.types.union_layout(type).tag);
  Nodes out;
  std::vector<ir::Builder::Init> inits{{0, b_.const_int(tag_type, static_cast<std::uint64_t>(variant.value))}};
  if (node.payload.valid()) {
    const ir::NodeId payload = value(node.payload);
    if (is_void(node.payload))
      out.push_back(payload);
    else
      inits.push_back({1 + node.variant, payload});
  }
  return sequence(out, b_.aggregate(type_of(id), inits));
}

ir::NodeId FunctionLowering::optional_wrap(sema::TypeId optional, ir::NodeId payload) {
  if (owner_.types.is_sentinel_optional(optional))
    return payload;
  const ir::Builder::Init inits[] = {{0, payload}, {1, b_.const_int(owner_.bool_type(), 1)}};
  return b_.aggregate(owner_.value_type(optional), inits);
}

ir::NodeId FunctionLowering::optional_has(hir::NodeId operand) {
  const sema::TypeId type = checked_type(operand);
  if (!owner_.types.is_sentinel_optional(type))
    return member(operand_place(operand), 1);
  const TypeKind payload = owner_.types.kind(owner_.types[type].element);
  const bool aggregate = payload == TypeKind::Closure || payload == TypeKind::Protocol;
  const ir::NodeId sentinel = aggregate ? member(operand_place(operand), 0) : value(operand);
  return b_.convert(ir::ConvertOp::Truth, sentinel, owner_.bool_type());
}

ir::NodeId FunctionLowering::optional_payload(hir::NodeId operand) {
  if (owner_.types.is_sentinel_optional(checked_type(operand)))
    return value(operand);
  return member(operand_place(operand), 0);
}

bool FunctionLowering::is_simple_value(hir::NodeId id) const {
  switch (body_.kind(id)) {
  case hir::Kind::IntConst:
  case hir::Kind::FloatConst:
  case hir::Kind::StringConst:
  case hir::Kind::Zero:
  case hir::Kind::TypeConst: return true;
  case hir::Kind::Load: return is_repeatable_place(body_.get<hir::Load>(id).place);
  case hir::Kind::Local: return true;
  case hir::Kind::Convert: return is_simple_value(body_.get<hir::Convert>(id).operand);
  case hir::Kind::Unary: return is_simple_value(body_.get<hir::Unary>(id).operand);
  case hir::Kind::Binary: {
    const auto& node = body_.get<hir::Binary>(id);
    // Division may trap, and a trap must stay where it was written.
    return node.op != hir::BinaryOp::Div && node.op != hir::BinaryOp::Rem && is_simple_value(node.lhs) &&
           is_simple_value(node.rhs);
  }
  default: return false;
  }
}

bool FunctionLowering::is_repeatable_place(hir::NodeId id) const {
  switch (body_.kind(id)) {
  case hir::Kind::Local:
  case hir::Kind::Global:
  case hir::Kind::ExternVariable:
  case hir::Kind::Context: return true;
  case hir::Kind::Deref: return is_simple_value(body_.get<hir::Deref>(id).pointer);
  case hir::Kind::Field: return is_repeatable_place(body_.get<hir::Field>(id).base);
  case hir::Kind::Payload: return is_repeatable_place(body_.get<hir::Payload>(id).base);
  case hir::Kind::Reinterpret: return is_repeatable_place(body_.get<hir::Reinterpret>(id).base);
  case hir::Kind::Element: {
    const auto& node = body_.get<hir::Element>(id);
    return is_repeatable_place(node.base) && is_simple_value(node.index);
  }
  case hir::Kind::PointerElement: {
    const auto& node = body_.get<hir::PointerElement>(id);
    return is_simple_value(node.pointer) && is_simple_value(node.index);
  }
  default: return false;
  }
}

ir::NodeId FunctionLowering::update(hir::NodeId id) {
  const auto& node = body_.get<hir::Update>(id);
  const auto op = static_cast<ir::BinaryOp>(node.op);
  Nodes out;
  // R2.37: the operand, then the place once, load, operate, store.
  std::optional<ir::LocalId> operand;
  if (!is_simple_value(node.value))
    operand = bind(out, value(node.value));
  const auto right = [&] { return operand ? read(*operand) : value(node.value); };
  if (is_repeatable_place(node.place)) {
    const ir::NodeId current = b_.load(place(node.place));
    const ir::NodeId computed = b_.binary(op, current, right());
    return sequence(out, b_.store(place(node.place), computed));
  }
  const ir::LocalId address = bind(out, b_.address_of(place(node.place)));
  const ir::TypeId type = storage_of(node.place);
  const ir::NodeId current = b_.load(b_.deref(read(address), type));
  const ir::NodeId computed = b_.binary(op, current, right());
  return sequence(out, b_.store(b_.deref(read(address), type), computed));
}

} // namespace sx::lower
