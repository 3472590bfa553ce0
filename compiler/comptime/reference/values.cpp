// Values and their bytes; arithmetic on scalars that may hold an address.

#include "comptime/reference/evaluator.h"
#include "comptime/reference/scalar.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sx::comptime::reference {

using ir::BinaryOp;
using ir::CompareOp;
using ir::ConvertOp;
using ir::TypeKind;

namespace {

std::uint64_t low_mask(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

std::unexpected<Failure> no_value(std::string_view what) {
  return std::unexpected(fail(Reason::Undefined, {}, what));
}

Failure reason_failure(Reason reason) {
  return fail(reason, {}, reason == Reason::MalformedIr ? "operator on a wrong type" : "");
}

} // namespace

bool Evaluator::is_scalar(ir::TypeId id) const {
  switch (type(id).kind) {
  case TypeKind::Bool:
  case TypeKind::Int:
  case TypeKind::Float:
  case TypeKind::Pointer:
  case TypeKind::Code: return true;
  default: return false;
  }
}

// Whether every bit of an address fits, so that the value can be turned back into the pointer.
bool Evaluator::keeps_address(const ir::Type& t) const {
  return t.kind == TypeKind::Pointer || t.kind == TypeKind::Code ||
         (t.kind == TypeKind::Int && t.bits >= pointer_bytes_ * 8);
}

std::expected<Value, Failure> Evaluator::zero_value(ir::TypeId id) {
  const auto layout = module_.try_layout(id);
  if (!layout)
    return std::unexpected(fail(Reason::MalformedIr, {}, "a value of a type without a layout"));
  if (is_scalar(id) || type(id).kind == TypeKind::Void || type(id).kind == TypeKind::Never)
    return Value{};
  if (!memory_.affordable(layout->size))
    return std::unexpected(ObjectMemory::exhausted(layout->size));
  Value value;
  value.bytes = std::make_unique<Bytes>(layout->size);
  return value;
}

std::expected<Value, Failure> Evaluator::decode(const Bytes& bytes, std::uint64_t offset, const ir::Type& t,
                                                std::uint64_t size) {
  if (size > 8)
    return std::unexpected(fail(Reason::MalformedIr, {}, "a scalar of a type that is none"));
  if (const auto at = bytes.first_undefined(offset, size))
    return no_value("read of an undefined byte (offset " + std::to_string(*at) + ")");
  std::uint64_t bits = 0;
  const auto data = bytes.data(offset, size);
  for (std::size_t i = 0; i < data.size(); ++i)
    bits |= std::uint64_t{data[i]} << (8 * i);
  Value value;
  value.bits = bits;
  switch (t.kind) {
  case TypeKind::Bool:
    if (bits > 1)
      return no_value("a bool whose byte is " + std::to_string(bits));
    break;
  case TypeKind::Int:
    value.bits = ir::canonical_pattern(t, bits);
    if ((value.bits & low_mask(static_cast<unsigned>(size) * 8)) != bits)
      return no_value("an integer of " + std::to_string(t.bits) + " bits whose bytes are out of its range");
    break;
  case TypeKind::Float:
  case TypeKind::Pointer:
  case TypeKind::Code: break;
  default: return std::unexpected(fail(Reason::MalformedIr, {}, "a scalar of a type that is none"));
  }
  if (bytes.has_provenance(offset, size)) {
    const std::uint64_t part = std::min<std::uint64_t>(size, pointer_bytes_);
    value.provenance = bytes.common_provenance(offset, part);
    const bool kept = value.provenance != no_provenance && t.kind != TypeKind::Float && t.kind != TypeKind::Bool &&
                      !bytes.has_provenance(offset + part, size - part);
    if (!kept) {
      value.provenance = no_provenance;
      memory_.depend_on_address();
    }
  }
  return value;
}

void Evaluator::encode(Bytes& bytes, std::uint64_t offset, std::uint64_t size, const Value& value) {
  if (value.undefined) {
    bytes.set_undefined(offset, size);
    return;
  }
  std::array<std::uint8_t, 8> data{};
  const std::uint64_t count = std::min<std::uint64_t>(size, data.size());
  for (std::size_t i = 0; i < count; ++i)
    data[i] = static_cast<std::uint8_t>(value.bits >> (8 * i));
  bytes.write(offset, std::span(data).first(count));
  if (value.provenance != no_provenance)
    bytes.set_provenance(offset, std::min<std::uint64_t>(count, pointer_bytes_), value.provenance);
}

Flow Evaluator::defined(ir::NodeId id, const Value& value) {
  return value.undefined ? undefined(id, "use of an undefined value") : Flow::Normal;
}

Value Evaluator::copy(const Value& value) const {
  Value result = Value::scalar(value.bits, value.provenance);
  result.undefined = value.undefined;
  if (value.bytes)
    result.bytes = std::make_unique<Bytes>(*value.bytes);
  return result;
}

void Evaluator::use_address(const Value& value) {
  if (value.provenance != no_provenance)
    memory_.depend_on_address();
}

std::expected<Value, Failure> Evaluator::scalar_binary(BinaryOp op, const ir::Type& t, const Value& a, const Value& b) {
  const ScalarResult bits = reference::binary(op, t, a.bits, b.bits);
  if (!bits)
    return std::unexpected(reason_failure(bits.error()));
  if (a.provenance == no_provenance && b.provenance == no_provenance)
    return Value::scalar(*bits);
  return address_binary(op, t, a, b, *bits);
}

std::expected<Value, Failure> Evaluator::scalar_unary(ir::UnaryOp op, const ir::Type& t, const Value& a) {
  const ScalarResult bits = reference::unary(op, t, a.bits);
  if (!bits)
    return std::unexpected(reason_failure(bits.error()));
  use_address(a);
  return Value::scalar(*bits);
}

// Integers made from addresses: moving inside the object and asking for its known alignment depend on nothing.
std::expected<Value, Failure> Evaluator::address_binary(BinaryOp op, const ir::Type& t, const Value& a, const Value& b,
                                                        std::uint64_t bits) {
  const bool one = (a.provenance == no_provenance) != (b.provenance == no_provenance);
  const Value& address = a.provenance != no_provenance ? a : b;
  const Value& other = a.provenance != no_provenance ? b : a;
  const Object* object = memory_.alive(address.provenance);
  const std::uint64_t below = object && keeps_address(t) ? object->align - 1 : 0; // bits that placement cannot change
  const std::uint64_t width = t.kind == TypeKind::Int ? low_mask(t.bits) : 0;
  if (one && keeps_address(t)) {
    if (op == BinaryOp::Add || (op == BinaryOp::Sub && &address == &a))
      return Value::scalar(bits, address.provenance);
    if (op == BinaryOp::And && (other.bits & width & ~below) == 0)
      return Value::scalar(bits);
    if (op == BinaryOp::And && (~other.bits & width & ~below) == 0)
      return Value::scalar(bits, address.provenance);
    const bool aligns = std::has_single_bit(other.bits) && ((other.bits - 1) & ~below) == 0;
    if (op == BinaryOp::Rem && &address == &a && aligns)
      return Value::scalar(bits);
  }
  if (!one && op == BinaryOp::Sub && a.provenance == b.provenance && keeps_address(t))
    return Value::scalar(bits);
  memory_.depend_on_address();
  return Value::scalar(bits);
}

std::expected<Value, Failure> Evaluator::scalar_compare(CompareOp op, const ir::Type& t, const Value& a,
                                                        const Value& b) {
  const ScalarResult bits = reference::compare(op, t, a.bits, b.bits);
  if (!bits)
    return std::unexpected(reason_failure(bits.error()));
  if (a.provenance != b.provenance || !keeps_address(t))
    compare_addresses(op, a, b);
  else if (is_code(a.provenance) && op != CompareOp::Eq && op != CompareOp::Ne)
    memory_.depend_on_address();
  return Value::scalar(*bits);
}

// Two values of different provenance, or parts of addresses.
void Evaluator::compare_addresses(CompareOp op, const Value& a, const Value& b) {
  if (a.provenance == no_provenance && b.provenance == no_provenance)
    return;
  const bool equality = op == CompareOp::Eq || op == CompareOp::Ne;
  const auto sure = [this](const Value& value) {
    if (is_code(value.provenance))
      return true;
    if (value.provenance == no_provenance)
      return value.bits == 0; // null
    const Object* object = memory_.alive(value.provenance);
    // Equal constants may share their storage, and the end of one object may be the start of another.
    const bool own = object && object->kind != ObjectKind::Data && object->kind != ObjectKind::Text &&
                     !object->read_only && object->size != 0;
    return own && value.bits >= object->base && value.bits - object->base < object->size;
  };
  const bool null = (a.provenance == no_provenance && a.bits == 0) || (b.provenance == no_provenance && b.bits == 0);
  const Value& address = a.provenance != no_provenance ? a : b;
  if (equality && null && (is_code(address.provenance) || memory_.in_bounds({address.bits, address.provenance})))
    return;
  if (equality && sure(a) && sure(b))
    return;
  memory_.depend_on_address();
}

std::expected<Value, Failure> Evaluator::scalar_convert(ConvertOp op, const ir::Type& from, const ir::Type& to,
                                                        const Value& a) {
  const ScalarResult bits = reference::convert(op, from, to, a.bits, pointer_bytes_ * 8);
  if (!bits)
    return std::unexpected(reason_failure(bits.error()));
  if (a.provenance == no_provenance || op == ConvertOp::Truth)
    return Value::scalar(*bits);
  const bool moves = op == ConvertOp::Resize || op == ConvertOp::PointerToInt || op == ConvertOp::IntToPointer ||
                     op == ConvertOp::CodeCast;
  if (moves && keeps_address(from) && keeps_address(to))
    return Value::scalar(*bits, a.provenance);
  memory_.depend_on_address();
  return Value::scalar(*bits);
}

} // namespace sx::comptime::reference
