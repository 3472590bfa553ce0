// Intrinsics.

#include "comptime/reference/evaluator.h"
#include "comptime/reference/scalar.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace sx::comptime::reference {

using ir::BinaryOp;
using ir::Intrinsic;
using ir::TypeKind;

namespace {

Pointer pointer_of(const Value& value) {
  return {value.bits, value.provenance};
}

constexpr std::uint64_t string_bytes = 16;
constexpr std::uint64_t string_length_offset = 8;
constexpr std::uint64_t member_bytes = 24; // {name: string, type: i64}

} // namespace

Flow Evaluator::signature_error(ir::NodeId id, Intrinsic which) {
  return malformed(id, "argument or result type of `" + std::string(ir::text(which)) + "`");
}

Flow Evaluator::intrinsic(ir::NodeId id, const ir::Node& n, Value& out) {
  const auto which = static_cast<Intrinsic>(n.sub);
  const auto words = frame_->function->list(n);
  const int arity = ir::arity(which);
  if (arity >= 0 && words.size() != static_cast<std::size_t>(arity))
    return malformed(id, "number of arguments of `" + std::string(ir::text(which)) + "`");
  Values a;
  for (const std::uint32_t word : words) {
    Value value;
    if (const Flow flow = eval(word, value); flow != Flow::Normal)
      return flow;
    if (const Flow flow = defined(id, value); flow != Flow::Normal)
      return flow;
    a.push_back(std::move(value));
  }
  const auto kind = [&](std::size_t i) { return type(frame_->function->nodes[words[i]].type).kind; };

  switch (which) {
  case Intrinsic::MemCopy:
  case Intrinsic::MemMove:
  case Intrinsic::MemSet:
  case Intrinsic::MemEqual: return memory_intrinsic(id, which, n, a, out);
  case Intrinsic::Sqrt:
  case Intrinsic::Sin:
  case Intrinsic::Cos:
  case Intrinsic::Floor: return math_intrinsic(id, which, n, a, out);
  case Intrinsic::IsComptime:
    if (type(n.type).kind != TypeKind::Bool)
      return signature_error(id, which);
    out = Value::scalar(request_.mode == Mode::Comptime ? 1 : 0);
    return Flow::Normal;
  case Intrinsic::TracePush:
    if (kind(0) != TypeKind::Int || type(n.type).kind != TypeKind::Void)
      return signature_error(id, which);
    trace_.push(a[0].bits);
    return Flow::Normal;
  case Intrinsic::TraceClear:
    if (type(n.type).kind != TypeKind::Void)
      return signature_error(id, which);
    trace_.clear();
    return Flow::Normal;
  case Intrinsic::TraceResolve:
    if (kind(0) != TypeKind::Int)
      return signature_error(id, which);
    return resolve_frame(id, n, a[0].bits, out);
  case Intrinsic::PrintFrames:
    if (type(n.type).kind != TypeKind::Void)
      return signature_error(id, which);
    return print_frames();
  case Intrinsic::Reflect:
    if (kind(0) != TypeKind::Int || kind(1) != TypeKind::Int)
      return signature_error(id, which);
    return reflect(id, n, a, out);
  case Intrinsic::ErrorName:
    if (kind(0) != TypeKind::Int)
      return signature_error(id, which);
    use_address(a[0]);
    if (a[0].bits >= module_.error_names.size())
      return undefined(id, "the name of error tag " + std::to_string(a[0].bits) + ", which does not exist");
    return string_value(id, n.type, module_.error_names[a[0].bits], out);
  case Intrinsic::AtomicLoad:
  case Intrinsic::AtomicStore:
  case Intrinsic::AtomicAdd:
  case Intrinsic::AtomicSub:
  case Intrinsic::AtomicAnd:
  case Intrinsic::AtomicOr:
  case Intrinsic::AtomicXor:
  case Intrinsic::AtomicMin:
  case Intrinsic::AtomicMax:
  case Intrinsic::AtomicSwap:
  case Intrinsic::AtomicExchange: return atomic_intrinsic(id, which, n, a, out);
  case Intrinsic::AtomicFence:
    if (type(n.type).kind != TypeKind::Void)
      return signature_error(id, which);
    return Flow::Normal;
  case Intrinsic::Compiler: return compiler_call(id, n, a, out);
  case Intrinsic::Asm: return stop(Reason::Unsupported, id, ir::text(which)); // R2.127
  }
  return malformed(id, "unknown intrinsic");
}

Flow Evaluator::memory_intrinsic(ir::NodeId id, Intrinsic which, const ir::Node& n, Values& a, Value& out) {
  const auto words = frame_->function->list(n);
  const auto kind = [&](std::size_t i) { return type(frame_->function->nodes[words[i]].type).kind; };
  const TypeKind second = which == Intrinsic::MemSet ? TypeKind::Int : TypeKind::Pointer;
  const TypeKind result = which == Intrinsic::MemEqual ? TypeKind::Bool : TypeKind::Void;
  if (kind(0) != TypeKind::Pointer || kind(1) != second || kind(2) != TypeKind::Int || type(n.type).kind != result)
    return signature_error(id, which);
  use_address(a[2]);
  const Pointer to = pointer_of(a[0]);
  const Pointer from = pointer_of(a[1]);
  const std::uint64_t size = a[2].bits;
  if (which == Intrinsic::MemEqual)
    return equal_memory(id, to, from, size, out);
  if (which == Intrinsic::MemSet)
    use_address(a[1]);
  else if (which == Intrinsic::MemCopy && to.provenance == from.provenance && to.address != from.address &&
           std::max(to.address, from.address) - std::min(to.address, from.address) < size)
    return undefined(id, "a copy between overlapping ranges");
  auto done = which == Intrinsic::MemSet ? memory_.fill(to, static_cast<std::uint8_t>(a[1].bits), size)
                                         : memory_.move(to, from, size);
  return done ? Flow::Normal : stop_at(id, done);
}

Flow Evaluator::equal_memory(ir::NodeId id, Pointer a, Pointer b, std::uint64_t size, Value& out) {
  auto left = memory_.read(a, size);
  if (!left)
    return stop_at(id, left);
  auto right = memory_.read(b, size);
  if (!right)
    return stop_at(id, right);
  out = Value::scalar(1);
  if (!left->object || !right->object)
    return Flow::Normal;
  const Bytes& x = left->object->bytes;
  const Bytes& y = right->object->bytes;
  out.bits = std::ranges::equal(x.data(left->offset, size), y.data(right->offset, size)) ? 1 : 0;
  if (!x.has_provenance(left->offset, size) && !y.has_provenance(right->offset, size))
    return Flow::Normal;
  for (std::uint64_t i = 0; i < size; ++i)
    if (x.provenance_at(left->offset + i) != y.provenance_at(right->offset + i)) {
      memory_.depend_on_address();
      break;
    }
  return Flow::Normal;
}

Flow Evaluator::math_intrinsic(ir::NodeId id, Intrinsic which, const ir::Node& n, const Values& a, Value& out) {
  if (request_.mode == Mode::Comptime)
    return stop(Reason::Unsupported, id, ir::text(which));
  const ir::TypeId argument = frame_->function->nodes[frame_->function->list(n)[0]].type;
  if (argument != n.type || type(n.type).kind != TypeKind::Float)
    return signature_error(id, which);
  const auto apply = [which](auto x) {
    switch (which) {
    case Intrinsic::Sqrt: return std::sqrt(x);
    case Intrinsic::Sin: return std::sin(x);
    case Intrinsic::Cos: return std::cos(x);
    default: return std::floor(x);
    }
  };
  if (type(n.type).bits == 32)
    out =
        Value::scalar(std::bit_cast<std::uint32_t>(apply(std::bit_cast<float>(static_cast<std::uint32_t>(a[0].bits)))));
  else
    out = Value::scalar(std::bit_cast<std::uint64_t>(apply(std::bit_cast<double>(a[0].bits))));
  return Flow::Normal;
}

// R2.123: ordinary operations.
Flow Evaluator::atomic_intrinsic(ir::NodeId id, Intrinsic which, const ir::Node& n, Values& a, Value& out) {
  const auto words = frame_->function->list(n);
  const auto type_at = [&](std::size_t i) { return frame_->function->nodes[words[i]].type; };
  const ir::TypeId element = which == Intrinsic::AtomicLoad ? n.type : type_at(1);
  if (type(type_at(0)).kind != TypeKind::Pointer || !is_scalar(element))
    return signature_error(id, which);
  Place at;
  at.pointer = pointer_of(a[0]);
  at.by_pointer = true;
  const bool gives_void = which == Intrinsic::AtomicStore;
  const bool gives_bool = which == Intrinsic::AtomicExchange;
  if (gives_void   ? type(n.type).kind != TypeKind::Void
      : gives_bool ? type(n.type).kind != TypeKind::Bool
                   : n.type != element)
    return signature_error(id, which);
  if (which == Intrinsic::AtomicStore)
    return store(id, at, element, a[1]);

  Value old;
  if (const Flow flow = load(id, at, element, old); flow != Flow::Normal)
    return flow;
  if (which == Intrinsic::AtomicLoad) {
    out = std::move(old);
    return Flow::Normal;
  }
  if (which == Intrinsic::AtomicExchange) {
    if (type_at(2) != element || type(type_at(3)).kind != TypeKind::Pointer)
      return signature_error(id, which);
    // By bits, as the hardware compares: only integers and addresses are allowed here (R2.121).
    if (old.provenance != a[1].provenance)
      compare_addresses(ir::CompareOp::Eq, old, a[1]);
    const bool success = old.bits == a[1].bits;
    if (success)
      if (const Flow flow = store(id, at, element, a[2]); flow != Flow::Normal)
        return flow;
    Place found;
    found.pointer = pointer_of(a[3]);
    found.by_pointer = true;
    out = Value::scalar(success ? 1 : 0);
    return store(id, found, element, old);
  }

  const ir::Type& t = type(element);
  Value next;
  if (which == Intrinsic::AtomicSwap) {
    next = copy(a[1]);
  } else if (which == Intrinsic::AtomicMin || which == Intrinsic::AtomicMax) {
    auto less = scalar_compare(ir::CompareOp::Lt, t, a[1], old);
    if (!less)
      return stop_at(id, less);
    next = copy((less->bits != 0) == (which == Intrinsic::AtomicMin) ? a[1] : old);
  } else {
    const BinaryOp op = which == Intrinsic::AtomicAdd   ? BinaryOp::Add
                        : which == Intrinsic::AtomicSub ? BinaryOp::Sub
                        : which == Intrinsic::AtomicAnd ? BinaryOp::And
                        : which == Intrinsic::AtomicOr  ? BinaryOp::Or
                                                        : BinaryOp::Xor;
    auto result = scalar_binary(op, t, old, a[1]);
    if (!result)
      return stop_at(id, result);
    next = std::move(*result);
  }
  if (const Flow flow = store(id, at, element, next); flow != Flow::Normal)
    return flow;
  out = std::move(old);
  return Flow::Normal;
}

bool Evaluator::put_string(Bytes& bytes, std::uint64_t offset, Pointer text, std::uint64_t length) {
  if (offset > bytes.size() || bytes.size() - offset < string_bytes)
    return false;
  encode(bytes, offset, pointer_bytes_, Value::scalar(text.address, text.provenance));
  encode(bytes, offset + string_length_offset, 8, Value::scalar(length));
  return true;
}

Flow Evaluator::string_value(ir::NodeId id, ir::TypeId wanted, StringId text, Value& out) {
  auto value = zero_value(wanted);
  if (!value)
    return stop_at(id, value);
  auto slot = text_slot(text);
  if (!slot)
    return stop_at(id, slot);
  if (type(wanted).kind != TypeKind::Aggregate || value->bytes->size() != string_bytes ||
      !put_string(*value->bytes, 0, memory_.pointer_to(*slot), module_.text(text).size()))
    return malformed(id, "a string of another type");
  out = std::move(*value);
  return Flow::Normal;
}

Flow Evaluator::resolve_frame(ir::NodeId id, const ir::Node& n, std::uint64_t frame, Value& out) {
  constexpr std::uint64_t file_at = 0, line_at = 16, column_at = 20, function_at = 24, text_at_offset = 40;
  constexpr std::uint64_t record_bytes = 56; // R6.133
  if (frame == 0 || frame > module_.frames.size())
    return undefined(id, "trace frame " + std::to_string(frame) + ", which does not exist");
  auto value = zero_value(n.type);
  if (!value)
    return stop_at(id, value);
  if (!value->bytes || value->bytes->size() != record_bytes)
    return signature_error(id, Intrinsic::TraceResolve);
  const ir::TraceFrame& site = module_.frames[frame - 1];
  const struct {
    std::uint64_t offset;
    StringId text;
  } texts[] = {{file_at, site.file}, {function_at, site.function}, {text_at_offset, site.line_text}};
  for (const auto& [offset, text] : texts) {
    auto slot = text_slot(text);
    if (!slot)
      return stop_at(id, slot);
    put_string(*value->bytes, offset, memory_.pointer_to(*slot), module_.text(text).size());
  }
  encode(*value->bytes, line_at, 4, Value::scalar(static_cast<std::uint32_t>(site.line)));
  encode(*value->bytes, column_at, 4, Value::scalar(static_cast<std::uint32_t>(site.column)));
  out = std::move(*value);
  return Flow::Normal;
}

// R7.172: nothing outside of compile-time evaluation; the innermost function is the one that prints.
Flow Evaluator::print_frames() {
  if (request_.mode != Mode::Comptime)
    return Flow::Normal;
  std::vector<std::string_view> names;
  for (const Frame* frame = frame_->caller; frame; frame = frame->caller)
    names.push_back(module_.text(frame->function->name));
  if (names.empty())
    return Flow::Normal;
  host_.write(1, "comptime call frames (most recent call last):\n");
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    host_.write(1, "  at " + std::string(*name) + "\n");
  return Flow::Normal;
}

Flow Evaluator::reflect(ir::NodeId id, const ir::Node& n, const Values& a, Value& out) {
  using ir::ReflectQuery;
  use_address(a[0]);
  use_address(a[1]);
  const auto word = static_cast<std::int64_t>(a[0].bits);
  const ir::ReflectRow* row = module_.find_reflection(word);
  if (!row)
    return undefined(id, "reflection on the word " + std::to_string(word) + ", which is no type");
  const std::uint64_t index = a[1].bits;
  const ir::ReflectMember* member = index < row->members.size() ? &row->members[index] : nullptr;
  const TypeKind result = type(n.type).kind;
  const auto integer = [&](std::int64_t value) {
    if (result != TypeKind::Int || type(n.type).bits != 64)
      return signature_error(id, Intrinsic::Reflect);
    out = Value::scalar(static_cast<std::uint64_t>(value));
    return Flow::Normal;
  };
  const auto boolean = [&](bool value) {
    if (result != TypeKind::Bool)
      return signature_error(id, Intrinsic::Reflect);
    out = Value::scalar(value ? 1 : 0);
    return Flow::Normal;
  };
  if (n.a >= ir::reflect_query_count)
    return malformed(id, "unknown reflection query");
  switch (static_cast<ReflectQuery>(n.a)) {
  case ReflectQuery::Name: return string_value(id, n.type, row->name, out);
  case ReflectQuery::IsUnsigned: return boolean(row->is_unsigned);
  case ReflectQuery::IsFlags: return boolean(row->is_flags);
  case ReflectQuery::Size: return integer(row->size);
  case ReflectQuery::Align: return integer(row->align);
  case ReflectQuery::FieldCount: return integer(row->field_count);
  case ReflectQuery::VariantCount: return integer(row->variant_count);
  case ReflectQuery::VectorLanes: return integer(row->lanes);
  case ReflectQuery::TagWidth: return integer(row->tag_width);
  case ReflectQuery::MemberName: return string_value(id, n.type, member ? member->name : StringId(0), out);
  case ReflectQuery::MemberType: return integer(member ? member->type : 0);
  case ReflectQuery::MemberOffset: return integer(member ? member->offset : 0);
  case ReflectQuery::Category: return integer(row->category);
  case ReflectQuery::ElementCount: return integer(row->element_count);
  case ReflectQuery::MemberValue: return integer(member ? member->value : 0);
  case ReflectQuery::Info: return type_record(id, n, *row, out);
  }
  return malformed(id, "unknown reflection query");
}

/// The address of the constant record behind `type_info` (7.12).
Flow Evaluator::type_record(ir::NodeId id, const ir::Node& n, const ir::ReflectRow& row, Value& out) {
  if (type(n.type).kind != TypeKind::Pointer)
    return signature_error(id, Intrinsic::Reflect);
  if (row.info.index() >= module_.globals.size())
    return undefined(id, "`type_info` of a type without a record");
  auto slot = global_slot(row.info);
  if (!slot)
    return stop_at(id, slot);
  const Pointer record = memory_.pointer_to(*slot);
  out = Value::scalar(record.address, record.provenance);
  return Flow::Normal;
}

std::expected<std::string, Failure> Evaluator::text_at(Pointer pointer, std::uint64_t length) {
  const auto range = memory_.read(pointer, length);
  if (!range)
    return std::unexpected(range.error());
  if (!range->object)
    return std::string();
  if (range->object->bytes.has_provenance(range->offset, length))
    memory_.depend_on_address();
  const auto bytes = range->object->bytes.data(range->offset, length);
  return std::string(bytes.begin(), bytes.end());
}

std::expected<std::string, Failure> Evaluator::compiler_argument(ir::TypeId id, const Value& value) {
  const ir::Type& t = type(id);
  if (t.kind == TypeKind::Code && is_code(value.provenance) && !is_extern(value.provenance))
    return std::to_string(code_index(value.provenance));
  if (t.kind == TypeKind::Int || t.kind == TypeKind::Bool) {
    use_address(value);
    return t.is_signed ? std::to_string(static_cast<std::int64_t>(value.bits)) : std::to_string(value.bits);
  }
  if (t.kind != TypeKind::Aggregate || !value.bytes || value.bytes->size() != string_bytes)
    return std::unexpected(fail(Reason::Unsupported, {}, "an argument of the compiler API of this type"));
  // {ptr, i64}: a text, or a slice of members.
  static const ir::Type address{.kind = TypeKind::Pointer};
  static const ir::Type count{.kind = TypeKind::Int, .bits = 64, .is_signed = true};
  const auto slice = [&](const Bytes& bytes,
                         std::uint64_t offset) -> std::expected<std::pair<Pointer, std::uint64_t>, Failure> {
    const auto first = decode(bytes, offset, address, pointer_bytes_);
    if (!first)
      return std::unexpected(first.error());
    const auto length = decode(bytes, offset + string_length_offset, count, 8);
    if (!length)
      return std::unexpected(length.error());
    return std::pair(pointer_of(*first), length->bits);
  };
  const auto whole = slice(*value.bytes, 0);
  if (!whole)
    return std::unexpected(whole.error());
  if (!module_.text(t.name).starts_with("[]"))
    return text_at(whole->first, whole->second);

  std::string text;
  std::uint64_t size = 0;
  if (__builtin_mul_overflow(whole->second, member_bytes, &size))
    size = ~std::uint64_t{0};
  const auto range = memory_.access(whole->first, size, AccessKind::Read);
  if (!range)
    return std::unexpected(range.error());
  for (std::uint64_t i = 0; i < whole->second; ++i) {
    const std::uint64_t offset = range->offset + i * member_bytes;
    const auto name = slice(range->object->bytes, offset);
    if (!name)
      return std::unexpected(name.error());
    const auto name_text = text_at(name->first, name->second);
    if (!name_text)
      return name_text;
    const auto word = decode(range->object->bytes, offset + string_bytes, count, 8);
    if (!word)
      return std::unexpected(word.error());
    text += std::to_string(static_cast<std::int64_t>(word->bits)) + " " + std::to_string(name_text->size()) + " " +
            *name_text;
  }
  return text;
}

Flow Evaluator::compiler_call(ir::NodeId id, const ir::Node& n, const Values& a, Value& out) {
  const auto words = frame_->function->list(n);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto text = compiler_argument(frame_->function->nodes[words[i]].type, a[i]);
    if (!text)
      return stop_at(id, text);
    texts.push_back(std::move(*text));
  }
  auto answer = host_.compiler_call(n.a, texts);
  if (!answer)
    return stop_at(id, answer);
  const ir::Type& t = type(n.type);
  switch (t.kind) {
  case TypeKind::Void: return Flow::Normal;
  case TypeKind::Bool:
  case TypeKind::Int: {
    const char* end = answer->data() + answer->size();
    std::uint64_t word = 0;
    std::int64_t negative = 0;
    const bool is_negative = answer->starts_with('-');
    const auto parsed =
        is_negative ? std::from_chars(answer->data(), end, negative) : std::from_chars(answer->data(), end, word);
    if (parsed.ec != std::errc() || parsed.ptr != end)
      return stop(Reason::MissingService, id, "compiler call " + std::to_string(n.a));
    out = Value::scalar(ir::canonical_pattern(t, is_negative ? static_cast<std::uint64_t>(negative) : word));
    return Flow::Normal;
  }
  default: return string_value(id, n.type, module_.strings.intern(*answer), out);
  }
}

} // namespace sx::comptime::reference
