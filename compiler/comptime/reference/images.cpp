// Images into memory, and the result out of it.

#include "comptime/reference/big_stack.h"
#include "comptime/reference/evaluator.h"

#include <algorithm>
#include <map>

namespace sx::comptime::reference {

using ir::Relocation;
using ir::TypeKind;

std::expected<void, Failure> Evaluator::load_pending(std::uint32_t slot) {
  const ir::GlobalId id(memory_.object(slot).owner);
  auto image = host_.global_image(id);
  if (!image)
    return std::unexpected(std::move(image.error()));
  Object& object = memory_.object(slot);
  if (!memory_.affordable(object.size))
    return std::unexpected(ObjectMemory::exhausted(object.size));
  Bytes bytes(object.size);
  if (*image) {
    const ObjectInfo parts{.kind = ObjectKind::Part, .read_only = object.read_only, .owner = id.value};
    if (auto loaded = load_image(**image, bytes, parts); !loaded)
      return loaded;
  }
  object.bytes = std::move(bytes);
  object.life = Life::Alive;
  return {};
}

std::expected<void, Failure> Evaluator::load_image(const ir::FoldImage& image, Bytes& root, const ObjectInfo& parts) {
  const auto broken = [](std::string_view what) { return std::unexpected(fail(Reason::MalformedIr, {}, what)); };
  if (image.objects.empty() || image.objects[0].bytes.size() != root.size())
    return broken("an image of another size than its type");
  std::vector<Pointer> pointers{{}};
  for (std::size_t i = 1; i < image.objects.size(); ++i) {
    ObjectInfo info = parts;
    info.size = image.objects[i].bytes.size();
    info.align = image.objects[i].align;
    if (info.align == 0 || info.align > ir::max_alignment)
      return broken("alignment of an image object");
    auto slot = memory_.create(info);
    if (!slot)
      return std::unexpected(std::move(slot.error()));
    pointers.push_back(memory_.pointer_to(*slot));
  }
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const ir::ImageObject& from = image.objects[i];
    Bytes& to = i == 0 ? root : memory_.object(slot_of(pointers[i].provenance)).bytes;
    to.write(0, from.bytes);
    for (const Relocation& relocation : from.relocations) {
      const std::uint64_t wanted = relocation.kind == Relocation::Kind::Frame ? 8 : pointer_bytes_;
      if (relocation.offset > to.size() || to.size() - relocation.offset < wanted)
        return broken("a relocation outside of its object");
      if (relocation.kind == Relocation::Kind::Object && relocation.target == 0)
        return broken("a relocation to the value itself");
      std::uint64_t address = 0;
      auto provenance = relocation_target(relocation, pointers, address);
      if (!provenance)
        return std::unexpected(std::move(provenance.error()));
      encode(to, relocation.offset, wanted, Value::scalar(address, *provenance));
    }
  }
  return {};
}

std::expected<Provenance, Failure>
Evaluator::relocation_target(const Relocation& relocation, std::span<const Pointer> objects, std::uint64_t& address) {
  const auto broken = [] { return std::unexpected(fail(Reason::MalformedIr, {}, "the target of a relocation")); };
  const auto at = [&](Pointer base) {
    address = (base.address + static_cast<std::uint64_t>(relocation.addend)) & pointer_mask();
    return base.provenance;
  };
  const std::uint32_t target = relocation.target;
  switch (relocation.kind) {
  case Relocation::Kind::Object:
    if (target >= objects.size())
      return broken();
    return at(objects[target]);
  case Relocation::Kind::Global: {
    if (target >= module_.globals.size())
      return broken();
    auto slot = global_slot(ir::GlobalId(target));
    if (!slot)
      return std::unexpected(std::move(slot.error()));
    return at(memory_.pointer_to(*slot));
  }
  case Relocation::Kind::Data: {
    if (target >= module_.data.size())
      return broken();
    auto slot = data_slot(ir::DataId(target));
    if (!slot)
      return std::unexpected(std::move(slot.error()));
    return at(memory_.pointer_to(*slot));
  }
  case Relocation::Kind::Function:
    if (target >= module_.functions.size())
      return broken();
    return at({std::uint64_t{target} + 1, function_provenance(ir::FuncId(target))});
  case Relocation::Kind::Extern:
    if (target >= module_.externs.size())
      return broken();
    if (module_.externs[target].is_variable)
      return std::unexpected(fail(Reason::ExternRefused, {}, module_.text(module_.externs[target].symbol)));
    return at({0x4000'0001 + std::uint64_t{target}, extern_provenance(ir::ExternId(target))});
  case Relocation::Kind::Frame:
    if (target >= module_.frames.size())
      return broken();
    return at({std::uint64_t{target} + 1, no_provenance});
  }
  return broken();
}

std::expected<Value, Failure> Evaluator::argument_value(const ir::FoldImage& image, ir::TypeId wanted) {
  const auto broken = [] { return std::unexpected(fail(Reason::MalformedIr, {}, "an argument of the entry")); };
  if (wanted.index() >= module_.types.size())
    return broken();
  const auto layout = module_.try_layout(wanted);
  if (!layout)
    return broken();
  if (!memory_.affordable(layout->size))
    return std::unexpected(ObjectMemory::exhausted(layout->size));
  Bytes bytes(layout->size);
  if (auto loaded = load_image(image, bytes, {.kind = ObjectKind::Argument}); !loaded)
    return std::unexpected(std::move(loaded.error()));
  if (is_scalar(wanted))
    return decode(bytes, 0, type(wanted), layout->size);
  auto value = zero_value(wanted);
  if (value && value->bytes)
    value->bytes->copy(0, bytes, 0, bytes.size());
  return value;
}

namespace {

enum class ByteUse : std::uint8_t { Padding, Plain, Address };

/// Says of each byte of a value whether a member covers it, and whether an address may stand there.
class Coverage {
public:
  Coverage(const ir::Module& module, std::uint64_t size)
      : module_(module), uses_(size, ByteUse::Padding), budget_(16 * size + (1u << 20)) {}

  /// False if the type is nested too deeply or its members overlap too often.
  bool add(ir::TypeId id, std::uint64_t offset) {
    const auto layout = module_.try_layout(id);
    if (budget_-- == 0 || !stack_left() || !layout || offset > uses_.size() || layout->size > uses_.size() - offset)
      return false;
    const ir::Type& type = module_.type(id);
    if (const auto use = scalar_use(type)) {
      mark(offset, layout->size, *use);
      return true;
    }
    switch (type.kind) {
    case TypeKind::Array:
    case TypeKind::Vector: return sequence(type, offset);
    case TypeKind::Aggregate:
      return std::ranges::all_of(type.fields, [&](const ir::Field& field) {
        return field.offset <= layout->size && add(field.type, offset + field.offset);
      });
    default: return true;
    }
  }

  ByteUse at(std::uint64_t offset) const { return uses_[offset]; }

private:
  static std::optional<ByteUse> scalar_use(const ir::Type& type) {
    switch (type.kind) {
    case TypeKind::Pointer:
    case TypeKind::Code: return ByteUse::Address;
    case TypeKind::Bool:
    case TypeKind::Float: return ByteUse::Plain;
    // Single bytes are the raw storage of unions and payload areas.
    case TypeKind::Int: return type.bits == 8 ? ByteUse::Address : ByteUse::Plain;
    default: return std::nullopt;
    }
  }
  bool sequence(const ir::Type& type, std::uint64_t offset) {
    const std::uint64_t size = module_.layout(type.element).size;
    if (const auto use = scalar_use(module_.type(type.element))) {
      mark(offset, size * type.count, *use);
      return true;
    }
    for (std::uint64_t i = 0; size != 0 && i < type.count; ++i)
      if (!add(type.element, offset + i * size))
        return false;
    return true;
  }
  void mark(std::uint64_t offset, std::uint64_t size, ByteUse use) {
    for (std::uint64_t i = offset; i < offset + size; ++i)
      uses_[i] = std::max(uses_[i], use);
  }

  const ir::Module& module_;
  std::vector<ByteUse> uses_;
  std::uint64_t budget_;
};

} // namespace

// Turns bytes into image objects; `reached` numbers the objects in the order in which relocations reach them.
class ImageWriter {
public:
  ImageWriter(ir::Module& module, ObjectMemory& memory) : module_(module), memory_(memory) {}

  ir::ImageObject write(const Bytes& bytes, std::uint32_t align, const Coverage* coverage) {
    ir::ImageObject out;
    out.align = align;
    const auto data = bytes.data(0, bytes.size());
    out.bytes.assign(data.begin(), data.end());
    const std::uint64_t pointer_bytes = module_.target.pointer_bytes;
    for (std::uint64_t at = 0; at < bytes.size();) {
      const ByteUse use = coverage ? coverage->at(at) : ByteUse::Address;
      if (use == ByteUse::Address && bytes.size() - at >= pointer_bytes)
        if (const Provenance provenance = bytes.common_provenance(at, pointer_bytes)) {
          relocate(out, bytes, at, provenance);
          at += pointer_bytes;
          continue;
        }
      if (use == ByteUse::Padding) {
        out.bytes[at] = 0;
      } else if (bytes.first_undefined(at, 1)) {
        out.bytes[at] = 0;
        undefined_ = true;
      } else if (bytes.provenance_at(at) != no_provenance) {
        memory_.depend_on_address();
      }
      ++at;
    }
    return out;
  }

  /// Slots in order of first reach; object number is the index plus one.
  const std::vector<std::uint32_t>& reached() const { return reached_; }
  bool undefined() const { return undefined_; }

private:
  void relocate(ir::ImageObject& out, const Bytes& bytes, std::uint64_t at, Provenance provenance) {
    const std::uint64_t pointer_bytes = module_.target.pointer_bytes;
    std::uint64_t address = 0;
    for (std::uint64_t i = 0; i < pointer_bytes; ++i) {
      address |= std::uint64_t{out.bytes[at + i]} << (8 * i);
      out.bytes[at + i] = 0;
    }
    if (bytes.first_undefined(at, pointer_bytes)) {
      undefined_ = true;
      return;
    }
    Relocation relocation;
    relocation.offset = at;
    if (is_code(provenance)) {
      relocation.kind = is_extern(provenance) ? Relocation::Kind::Extern : Relocation::Kind::Function;
      relocation.target = code_index(provenance);
    } else {
      const Object* object = memory_.alive(provenance);
      if (!object) {
        undefined_ = true; // a dangling pointer
        return;
      }
      relocation.addend = static_cast<std::int64_t>(address - object->base);
      target(relocation, *object, slot_of(provenance));
    }
    out.relocations.push_back(relocation);
  }

  void target(Relocation& relocation, const Object& object, std::uint32_t slot) {
    switch (object.kind) {
    case ObjectKind::Data:
      relocation.kind = Relocation::Kind::Data;
      relocation.target = object.owner;
      return;
    case ObjectKind::Text:
      relocation.kind = Relocation::Kind::Data;
      relocation.target = module_.intern_data(module_.text(StringId(object.owner))).value;
      return;
    case ObjectKind::Global:
      relocation.kind = Relocation::Kind::Global;
      relocation.target = object.owner;
      return;
    default: {
      const auto [known, added] = numbers_.try_emplace(slot, static_cast<std::uint32_t>(reached_.size() + 1));
      if (added)
        reached_.push_back(slot);
      relocation.kind = Relocation::Kind::Object;
      relocation.target = known->second;
    }
    }
  }

  ir::Module& module_;
  ObjectMemory& memory_;
  std::map<std::uint32_t, std::uint32_t> numbers_;
  std::vector<std::uint32_t> reached_;
  bool undefined_ = false;
};

std::expected<ir::FoldImage, Failure> Evaluator::make_image(ir::TypeId wanted, const Value& value) {
  const auto layout = module_.try_layout(wanted);
  if (!layout)
    return std::unexpected(fail(Reason::MalformedIr, {}, "the type of the result"));
  Bytes bytes(layout->size);
  if (value.bytes)
    bytes.copy(0, *value.bytes, 0, layout->size);
  else
    encode(bytes, 0, layout->size, value);
  Coverage coverage(module_, layout->size);
  if (!coverage.add(wanted, 0))
    return std::unexpected(fail(Reason::MalformedIr, {}, "the members of the result's type"));

  ir::FoldImage image;
  image.type = wanted;
  ImageWriter writer(module_, memory_);
  image.objects.push_back(writer.write(bytes, layout->align, &coverage));
  // `reached` grows while its objects are written.
  for (std::size_t i = 0; i < writer.reached().size(); ++i) {
    const Object& object = memory_.object(writer.reached()[i]);
    image.objects.push_back(writer.write(object.bytes, object.align, nullptr));
  }
  undefined_result_ = undefined_result_ || writer.undefined();
  return image;
}

} // namespace sx::comptime::reference
