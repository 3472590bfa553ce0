// Place nodes, loads and stores.

#include "comptime/reference/big_stack.h"
#include "comptime/reference/evaluator.h"

namespace sx::comptime::reference {

using ir::Op;
using ir::TypeKind;

Flow Evaluator::place(std::uint32_t word, Place& out) {
  const ir::NodeId id(word);
  if (!stack_left())
    return stop(Reason::DepthLimit, id);
  ++steps_;
  const ir::Node& n = frame_->function->node(id);
  switch (n.op) {
  case Op::PlaceLocal: return local_place(id, n, out);
  case Op::PlaceGlobal: return global_place(id, n, out);
  case Op::PlaceDeref: {
    Value pointer;
    if (const Flow flow = eval_kind(n.a, TypeKind::Pointer, pointer); flow != Flow::Normal)
      return flow;
    out.pointer = {pointer.bits, pointer.provenance};
    out.by_pointer = true;
    return Flow::Normal;
  }
  case Op::PlaceField: return field_place(id, n, out);
  case Op::PlaceIndex: return index_place(id, n, out);
  case Op::PlacePayload: {
    const Flow flow = place(n.a, out);
    out.pointer.address = (out.pointer.address + n.b) & pointer_mask();
    return flow;
  }
  case Op::PlaceTemp: return temp_place(id, n, out);
  default: return malformed(id, "not a place");
  }
}

Flow Evaluator::local_place(ir::NodeId id, const ir::Node& n, Place& out) {
  if (frame_->function->locals[n.a].type != n.type)
    return malformed(id, "a local of another type");
  auto slot = local_slot(n.a);
  if (!slot)
    return stop_at(id, slot);
  out.pointer = memory_.pointer_to(*slot);
  return Flow::Normal;
}

Flow Evaluator::global_place(ir::NodeId id, const ir::Node& n, Place& out) {
  if (module_.globals[n.a].type != n.type)
    return malformed(id, "a global of another type");
  auto slot = global_slot(ir::GlobalId(n.a));
  if (!slot)
    return stop_at(id, slot);
  out.pointer = memory_.pointer_to(*slot);
  out.of_global = true;
  out.global = ir::GlobalId(n.a);
  return Flow::Normal;
}

Flow Evaluator::field_place(ir::NodeId id, const ir::Node& n, Place& out) {
  if (const Flow flow = place(n.a, out); flow != Flow::Normal)
    return flow;
  const ir::Type& parent = type(frame_->function->nodes[n.a].type);
  if (parent.kind != TypeKind::Aggregate || n.b >= parent.fields.size() || parent.fields[n.b].type != n.type)
    return malformed(id, "no such field");
  out.pointer.address = (out.pointer.address + parent.fields[n.b].offset) & pointer_mask();
  return Flow::Normal;
}

Flow Evaluator::index_place(ir::NodeId id, const ir::Node& n, Place& out) {
  if (const Flow flow = place(n.a, out); flow != Flow::Normal)
    return flow;
  Value index;
  if (const Flow flow = eval_kind(n.b, TypeKind::Int, index); flow != Flow::Normal)
    return flow;
  const ir::Type& parent = type(frame_->function->nodes[n.a].type);
  const bool sequence = parent.kind == TypeKind::Array || parent.kind == TypeKind::Vector;
  const auto element = module_.try_layout(n.type);
  if (!sequence || parent.element != n.type || !element)
    return malformed(id, "an element of something else than an array");
  use_address(index);
  // The address one past the end may be taken, so only an access complains.
  if (index.bits >= parent.count && !out.past_array) {
    out.past_array = true;
    out.index = index.bits;
    out.count = parent.count;
  }
  out.pointer.address = (out.pointer.address + index.bits * element->size) & pointer_mask();
  return Flow::Normal;
}

Flow Evaluator::temp_place(ir::NodeId id, const ir::Node& n, Place& out) {
  Value value;
  if (const Flow flow = eval_as(n.a, n.type, value); flow != Flow::Normal)
    return flow;
  std::uint32_t& slot = frame_->temps[frame_->facts->temp_index[id.index()]];
  if (slot != ir::none) {
    memory_.restart(slot);
  } else {
    const auto layout = module_.try_layout(n.type);
    if (!layout)
      return malformed(id, "a temporary without a layout");
    auto made = memory_.create({.kind = ObjectKind::Temporary,
                                .size = layout->size,
                                .align = layout->align,
                                .owner = frame_->id.value,
                                .item = id.value,
                                .where = span_of(id)});
    if (!made)
      return stop_at(id, made);
    slot = *made;
  }
  out.pointer = memory_.pointer_to(slot);
  return store(id, out, n.type, value);
}

std::expected<std::uint32_t, Failure> Evaluator::local_slot(std::uint32_t local) {
  std::uint32_t& slot = frame_->locals[local];
  if (slot != ir::none)
    return slot;
  const auto layout = module_.try_layout(frame_->function->locals[local].type);
  if (!layout)
    return std::unexpected(fail(Reason::MalformedIr, {}, "a local without a layout"));
  auto made = memory_.create({.kind = ObjectKind::Local,
                              .size = layout->size,
                              .align = layout->align,
                              .owner = frame_->id.value,
                              .item = local});
  if (made)
    slot = *made;
  return made;
}

std::expected<std::uint32_t, Failure> Evaluator::global_slot(ir::GlobalId id) {
  if (const auto known = globals_.find(id.value); known != globals_.end())
    return known->second;
  const ir::Global& global = module_.global(id);
  const auto layout = module_.try_layout(global.type);
  if (!layout)
    return std::unexpected(fail(Reason::MalformedIr, global.span, "a global without a layout"));
  auto made = memory_.create({.kind = ObjectKind::Global,
                              .size = layout->size,
                              .align = layout->align,
                              .read_only = global.is_constant,
                              .owner = id.value},
                             Life::Pending);
  if (made)
    globals_.emplace(id.value, *made);
  return made;
}

std::expected<std::uint32_t, Failure> Evaluator::data_slot(ir::DataId id) {
  if (const auto known = data_.find(id.value); known != data_.end())
    return known->second;
  const std::string& text = module_.data[id.index()];
  auto made = memory_.create({.kind = ObjectKind::Data, .size = text.size() + 1, .read_only = true, .owner = id.value});
  if (made) {
    memory_.object(*made).bytes.write(0, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    data_.emplace(id.value, *made);
  }
  return made;
}

std::expected<std::uint32_t, Failure> Evaluator::text_slot(StringId id) {
  if (const auto known = texts_.find(id.value); known != texts_.end())
    return known->second;
  const std::string_view text = module_.text(id);
  auto made = memory_.create({.kind = ObjectKind::Text, .size = text.size() + 1, .read_only = true, .owner = id.value});
  if (made) {
    memory_.object(*made).bytes.write(0, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    texts_.emplace(id.value, *made);
  }
  return made;
}

Flow Evaluator::check_place(ir::NodeId id, const Place& place, std::uint32_t align) {
  const Object* object = memory_.alive(place.pointer.provenance);
  if (place.past_array)
    return undefined(id, "index " + std::to_string(static_cast<std::int64_t>(place.index)) +
                             " outside of an array of " + std::to_string(place.count) +
                             (object ? " in " + memory_.describe(*object) : std::string()));
  if (!place.by_pointer || !object || align <= 1)
    return Flow::Normal;
  const std::uint64_t offset = place.pointer.address - object->base;
  if (offset % align == 0 && object->align >= align)
    return Flow::Normal;
  return undefined(id, "misaligned access: offset " + std::to_string(static_cast<std::int64_t>(offset)) + " of " +
                           memory_.describe(*object) + " is not aligned to " + std::to_string(align));
}

Flow Evaluator::load(ir::NodeId id, const Place& from, ir::TypeId wanted, Value& out) {
  auto value = zero_value(wanted);
  if (!value)
    return stop_at(id, value);
  const ir::Layout layout = module_.layout(wanted);
  if (layout.size == 0) {
    out = std::move(*value);
    return Flow::Normal;
  }
  if (const Flow flow = check_place(id, from, layout.align); flow != Flow::Normal)
    return flow;
  auto range = value->bytes ? memory_.access(from.pointer, layout.size, AccessKind::Read)
                            : memory_.read(from.pointer, layout.size);
  if (!range)
    return stop_at(id, range);
  if (value->bytes) {
    value->bytes->copy(0, range->object->bytes, range->offset, layout.size);
    out = std::move(*value);
    return Flow::Normal;
  }
  auto scalar = decode(range->object->bytes, range->offset, type(wanted), layout.size);
  if (!scalar)
    return stop_at(id, scalar);
  out = std::move(*scalar);
  return Flow::Normal;
}

Flow Evaluator::store(ir::NodeId id, const Place& to, ir::TypeId stored, const Value& value) {
  const auto layout = module_.try_layout(stored);
  if (!layout)
    return malformed(id, "a store of a type without a layout");
  if (layout->size == 0)
    return Flow::Normal;
  if (const Flow flow = check_place(id, to, layout->align); flow != Flow::Normal)
    return flow;
  auto range = memory_.access(to.pointer, layout->size, AccessKind::Write);
  if (!range)
    return stop_at(id, range);
  if (value.bytes)
    range->object->bytes.copy(range->offset, *value.bytes, 0, layout->size);
  else
    encode(range->object->bytes, range->offset, layout->size, value);
  return Flow::Normal;
}

} // namespace sx::comptime::reference
