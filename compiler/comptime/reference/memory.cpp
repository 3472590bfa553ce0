#include "comptime/reference/memory.h"

#include <algorithm>
#include <cstring>

namespace sx::comptime::reference {

namespace {

// No two objects touch, so that one past the end of one is never the start of another.
constexpr std::uint64_t gap = 16;
// Ended objects are described for a while before their slots are used again.
constexpr std::size_t remembered = 256;

std::unexpected<Failure> undefined(const std::string& detail) {
  return std::unexpected(fail(Reason::Undefined, {}, detail));
}

std::string_view verb(AccessKind kind) {
  return kind == AccessKind::Read ? "read" : "write";
}

std::string bytes_text(std::uint64_t size) {
  return std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

std::string address_text(std::uint64_t address) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  do
    text.insert(text.begin(), digits[address % 16]);
  while ((address /= 16) != 0);
  return "0x" + text;
}

} // namespace

ObjectMemory::ObjectMemory(const ir::Module& module, const Limits& limits)
    : module_(module), limits_(limits), static_region_{0x1'0000, 0x2000'0000}, stack_region_{0x2000'0000, 0x4000'0000},
      heap_region_{0x4000'0000, 0xffff'0000} {
  if (module.target.pointer_bytes == 8) {
    static_region_ = {0x1'0000, 0x100'0000'0000};
    stack_region_ = {0x100'0000'0000, 0x200'0000'0000};
    heap_region_ = {0x200'0000'0000, 0x4000'0000'0000};
  }
}

bool ObjectMemory::affordable(std::uint64_t size) const {
  // Values on their way between objects need room beside the objects themselves.
  std::uint64_t bound = std::uint64_t{1} << 29;
  if (__builtin_add_overflow(bound, limits_.heap_bytes, &bound) ||
      __builtin_add_overflow(bound, limits_.frame_bytes, &bound))
    bound = ~std::uint64_t{0};
  return size <= ir::max_type_bytes && Charge::live() <= bound && size <= bound - Charge::live();
}

Failure ObjectMemory::exhausted(std::uint64_t size) {
  return fail(Reason::AllocationLimit, {}, "an object of " + bytes_text(size));
}

std::uint32_t ObjectMemory::take_slot() {
  if (free_.size() > remembered) {
    const std::uint32_t slot = free_.front();
    free_.pop_front();
    return slot;
  }
  objects_.emplace_back();
  return static_cast<std::uint32_t>(objects_.size() - 1);
}

ObjectMemory::Checked<std::uint32_t> ObjectMemory::create(const ObjectInfo& info, Life life) {
  if (!affordable(info.size))
    return std::unexpected(exhausted(info.size));
  const bool frame = info.kind == ObjectKind::Local || info.kind == ObjectKind::Temporary;
  const bool heap = info.kind == ObjectKind::Heap;
  Region& region = frame ? stack_region_ : heap ? heap_region_ : static_region_;
  const std::uint64_t align = std::max<std::uint64_t>(info.align, 1);
  const std::uint64_t base = (region.next + align - 1) / align * align;
  if (base > region.end || info.size + gap > region.end - base)
    return std::unexpected(exhausted(info.size));

  const std::uint32_t slot = take_slot();
  Object& object = objects_[slot];
  const std::uint32_t generation = (object.generation + 1) & generation_mask;
  if (life == Life::Alive)
    object.bytes.reset(info.size, frame ? Bytes::Fill::Undefined : Bytes::Fill::Zero);
  object.base = base;
  object.size = info.size;
  object.generation = generation;
  object.align = info.align;
  object.kind = info.kind;
  object.life = life;
  object.read_only = info.read_only;
  object.owner = info.owner;
  object.item = info.item;
  object.where = info.where;
  region.next = base + info.size + gap;
  (frame ? stack_ : heap ? heap_ : static_).push_back({base, slot});
  return slot;
}

void ObjectMemory::end_life(std::uint32_t slot) {
  Object& object = objects_[slot];
  object.life = Life::Ended;
  object.generation = (object.generation + 1) & generation_mask;
  if (object.size > gap)
    object.bytes = Bytes();
  free_.push_back(slot);
}

void ObjectMemory::end_frame_objects(std::size_t count) {
  while (stack_.size() > count) {
    stack_region_.next = stack_.back().base;
    end_life(stack_.back().slot);
    stack_.pop_back();
  }
}

void ObjectMemory::restart(std::uint32_t slot) {
  Object& object = objects_[slot];
  object.generation = (object.generation + 1) & generation_mask;
  object.bytes.reset(object.size, Bytes::Fill::Undefined);
}

Pointer ObjectMemory::pointer_to(std::uint32_t slot) const {
  const Object& object = objects_[slot];
  return {object.base, object_provenance(slot, object.generation)};
}

Object* ObjectMemory::alive(Provenance provenance) {
  if (!is_object(provenance) || slot_of(provenance) >= objects_.size())
    return nullptr;
  Object& object = objects_[slot_of(provenance)];
  return object.life != Life::Ended && object.generation == generation_of(provenance) ? &object : nullptr;
}

bool ObjectMemory::in_bounds(Pointer pointer) {
  const Object* object = alive(pointer.provenance);
  return object && pointer.address >= object->base && pointer.address - object->base <= object->size;
}

Object* ObjectMemory::find(const std::vector<Placed>& placed, std::uint64_t address) {
  const auto after = std::ranges::upper_bound(placed, address, {}, &Placed::base);
  if (after == placed.begin())
    return nullptr;
  Object& object = objects_[std::prev(after)->slot];
  // A frame object may have started a new life in place; a heap slot may hold another block by now.
  if (object.base != std::prev(after)->base || object.life == Life::Ended || address - object.base > object.size)
    return nullptr;
  return &object;
}

Pointer ObjectMemory::from_address(std::uint64_t address) {
  for (const auto* placed : {&static_, &stack_, &heap_})
    if (const Object* object = find(*placed, address)) {
      const auto after = std::ranges::upper_bound(*placed, address, {}, &Placed::base);
      return {address, object_provenance(std::prev(after)->slot, object->generation)};
    }
  return {address, no_provenance};
}

std::string ObjectMemory::function_name(std::uint32_t index) const {
  if (index >= module_.functions.size())
    return "?";
  return std::string(text(module_.functions[index].name));
}

std::string ObjectMemory::describe(const Object& object) const {
  std::string name;
  switch (object.kind) {
  case ObjectKind::Data:
  case ObjectKind::Text: name = "constant text"; break;
  case ObjectKind::Global: name = "global `" + std::string(text(module_.globals[object.owner].name)) + "`"; break;
  case ObjectKind::Part: name = "data of global `" + std::string(text(module_.globals[object.owner].name)) + "`"; break;
  case ObjectKind::Argument: name = "data of an argument of the evaluation"; break;
  case ObjectKind::Local: {
    const ir::Function& function = module_.functions[object.owner];
    const std::string_view local = text(function.locals[object.item].name);
    name = "local `" + (local.empty() ? "#" + std::to_string(object.item) : std::string(local)) + "` of `" +
           function_name(object.owner) + "`";
    break;
  }
  case ObjectKind::Temporary: name = "a temporary of `" + function_name(object.owner) + "`"; break;
  case ObjectKind::Heap: name = "a heap block allocated in `" + function_name(object.owner) + "`"; break;
  }
  if (object.where.valid() && object.where.file.index() < module_.files.size())
    name += " at " + module_.files[object.where.file.index()] + ", byte " + std::to_string(object.where.begin);
  return name + " (" + bytes_text(object.size) + ")";
}

Failure ObjectMemory::out_of_bounds(const Object& object, std::int64_t offset, std::uint64_t size,
                                    AccessKind kind) const {
  return fail(Reason::Undefined, {},
              std::string(verb(kind)) + " of " + bytes_text(size) + " at offset " + std::to_string(offset) + " of " +
                  describe(object));
}

ObjectMemory::Checked<Access> ObjectMemory::access(Pointer pointer, std::uint64_t size, AccessKind kind) {
  if (size == 0)
    return Access{};
  if (pointer.provenance == no_provenance) {
    if (pointer.address < null_page_bytes)
      return std::unexpected(fail(Reason::NullDereference));
    pointer = from_address(pointer.address);
    if (pointer.provenance == no_provenance)
      return undefined(std::string(verb(kind)) + " through the forged pointer " + address_text(pointer.address));
    depend_on_address();
  }
  if (is_code(pointer.provenance))
    return undefined(std::string(verb(kind)) + " of memory through the address of a function");
  const std::uint32_t slot = slot_of(pointer.provenance);
  if (slot >= objects_.size())
    return undefined("a forged pointer");
  Object& object = objects_[slot];
  const auto offset = static_cast<std::int64_t>(pointer.address - object.base);
  if (object.generation != generation_of(pointer.provenance) || object.life == Life::Ended) {
    const bool known = ((generation_of(pointer.provenance) + 1) & generation_mask) == object.generation;
    const bool freed = known && object.kind == ObjectKind::Heap;
    return undefined(std::string(verb(kind)) + " of " + bytes_text(size) +
                     (known ? " at offset " + std::to_string(offset) + " of " + describe(object) : " of an object") +
                     (freed ? ", which was freed" : ", whose life has ended"));
  }
  if (object.life == Life::Pending)
    if (auto loaded = loader_(slot); !loaded)
      return std::unexpected(std::move(loaded.error()));
  if (offset < 0 || static_cast<std::uint64_t>(offset) > object.size ||
      size > object.size - static_cast<std::uint64_t>(offset))
    return std::unexpected(out_of_bounds(object, offset, size, kind));
  if (kind == AccessKind::Write && object.read_only)
    return std::unexpected(constant_write({}));
  return Access{&object, static_cast<std::uint64_t>(offset)};
}

ObjectMemory::Checked<Access> ObjectMemory::read(Pointer pointer, std::uint64_t size) {
  auto range = access(pointer, size, AccessKind::Read);
  if (!range || !range->object)
    return range;
  if (const auto at = range->object->bytes.first_undefined(range->offset, size))
    return undefined("read of " + bytes_text(size) + " at offset " + std::to_string(range->offset) + ": byte " +
                     std::to_string(*at) + " of " + describe(*range->object) + " is undefined");
  return range;
}

ObjectMemory::Checked<void> ObjectMemory::move(Pointer to, Pointer from, std::uint64_t size) {
  auto source = access(from, size, AccessKind::Read);
  if (!source)
    return std::unexpected(std::move(source.error()));
  auto target = access(to, size, AccessKind::Write);
  if (!target)
    return std::unexpected(std::move(target.error()));
  if (target->object)
    target->object->bytes.copy(target->offset, source->object->bytes, source->offset, size);
  return {};
}

ObjectMemory::Checked<void> ObjectMemory::fill(Pointer to, std::uint8_t byte, std::uint64_t size) {
  auto target = access(to, size, AccessKind::Write);
  if (!target)
    return std::unexpected(std::move(target.error()));
  if (target->object)
    target->object->bytes.fill(target->offset, byte, size);
  return {};
}

ObjectMemory::Checked<Pointer> ObjectMemory::allocate(std::uint64_t size, ir::FuncId function, Span where) {
  if (!allocation_allowed(limits_, allocated_, size))
    return std::unexpected(fail(Reason::AllocationLimit, {}, bytes_text(size)));
  const ObjectInfo info{.kind = ObjectKind::Heap, .size = size, .align = 16, .owner = function.value, .where = where};
  const auto slot = create(info);
  if (!slot)
    return std::unexpected(slot.error());
  allocated_ += allocation_cost(size);
  return pointer_to(*slot);
}

// The slot of the live block that starts at `pointer`.
ObjectMemory::Checked<std::uint64_t> ObjectMemory::heap_block(Pointer pointer, std::string_view action) {
  if (pointer.provenance == no_provenance)
    pointer = from_address(pointer.address);
  if (!is_object(pointer.provenance))
    return undefined(std::string(action) + " of a pointer to no object");
  const std::uint32_t slot = slot_of(pointer.provenance);
  const Object* object = alive(pointer.provenance);
  if (!object) {
    const bool known = slot < objects_.size() && objects_[slot].kind == ObjectKind::Heap &&
                       ((generation_of(pointer.provenance) + 1) & generation_mask) == objects_[slot].generation;
    return undefined(
        std::string(action) + " of " +
        (known ? describe(objects_[slot]) + ", which was already freed" : "an object whose life has ended"));
  }
  if (object->kind != ObjectKind::Heap)
    return undefined(std::string(action) + " of " + describe(*object));
  if (pointer.address != object->base)
    return undefined(std::string(action) + " at offset " +
                     std::to_string(static_cast<std::int64_t>(pointer.address - object->base)) + " of " +
                     describe(*object));
  return slot;
}

ObjectMemory::Checked<void> ObjectMemory::release(Pointer pointer) {
  if (pointer.address == 0 && pointer.provenance == no_provenance)
    return {};
  const auto slot = heap_block(pointer, "free");
  if (!slot)
    return std::unexpected(slot.error());
  end_life(static_cast<std::uint32_t>(*slot));
  return {};
}

ObjectMemory::Checked<std::uint64_t> ObjectMemory::allocation_size(Pointer pointer) {
  const auto slot = heap_block(pointer, "realloc");
  if (!slot)
    return std::unexpected(slot.error());
  return objects_[*slot].size;
}

ObjectMemory::Checked<std::uint64_t> ObjectMemory::string_length(Pointer pointer) {
  auto first = access(pointer, 1, AccessKind::Read);
  if (!first)
    return std::unexpected(std::move(first.error()));
  const Object& object = *first->object;
  const std::uint64_t left = object.size - first->offset;
  const auto bytes = object.bytes.data(first->offset, left);
  const void* nul = std::memchr(bytes.data(), 0, left);
  const std::uint64_t length =
      nul ? static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(nul) - bytes.data()) : left;
  if (auto range = read(pointer, nul ? length + 1 : left); !range)
    return std::unexpected(std::move(range.error()));
  if (!nul)
    return std::unexpected(out_of_bounds(object, static_cast<std::int64_t>(object.size), 1, AccessKind::Read));
  return length;
}

} // namespace sx::comptime::reference
