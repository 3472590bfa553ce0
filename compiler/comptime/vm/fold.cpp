#include "comptime/vm/fold.h"

#include "comptime/vm/program.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace sx::comptime::vm {

namespace {

using Kind = ir::Relocation::Kind;

class Folder {
public:
  explicit Folder(const Machine& machine)
      : machine_(machine), module_(machine.program.module()), width_(module_.target.pointer_bytes) {}

  ir::FoldImage run(ir::TypeId type, std::span<const std::uint8_t> bytes) {
    image_.type = type;
    image_.objects.emplace_back();
    ir::ImageObject value;
    const ir::Layout layout = module_.layout(type);
    value.align = layout.align;
    value.bytes.assign(layout.size, 0);
    source_ = bytes;
    take(type, 0, value);
    seal(0, std::move(value));
    for (std::size_t i = 0; i < pending_.size(); ++i)
      object(i);
    return std::move(image_);
  }

private:
  /// Memory that becomes an object of the image.
  struct Piece {
    Address start = 0;
    std::uint64_t size = 0;
    std::uint32_t align = 1;
    bool has_pointers = false;
  };

  // ---- the value itself, by its type ----

  // Copies what belongs to the value, so that padding stays zero.
  void take(ir::TypeId id, std::uint64_t offset, ir::ImageObject& to) {
    const ir::Type& type = module_.type(id);
    const ir::Layout layout = module_.layout(id);
    if (offset > source_.size() || layout.size > source_.size() - offset)
      return;
    switch (type.kind) {
    case ir::TypeKind::Void:
    case ir::TypeKind::Never:
    case ir::TypeKind::Signature: return;
    case ir::TypeKind::Bool: to.bytes[offset] = source_[offset] & 1; return;
    case ir::TypeKind::Int: return integer(type, layout.size, offset, to);
    case ir::TypeKind::Float: return raw(offset, layout.size, to);
    case ir::TypeKind::Pointer:
    case ir::TypeKind::Code: return pointer(type.kind == ir::TypeKind::Code, source_, offset, to);
    case ir::TypeKind::Vector: return raw(offset, type.count * module_.layout(type.element).size, to);
    case ir::TypeKind::Array: {
      const std::uint64_t stride = module_.layout(type.element).size;
      for (std::uint64_t i = 0; stride != 0 && i < type.count; ++i)
        take(type.element, offset + i * stride, to);
      return;
    }
    case ir::TypeKind::Aggregate:
      for (const ir::Field& field : type.fields)
        take(field.type, offset + field.offset, to);
      return;
    }
  }

  void raw(std::uint64_t offset, std::uint64_t size, ir::ImageObject& to) {
    std::copy_n(source_.begin() + static_cast<std::ptrdiff_t>(offset), size,
                to.bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }

  void integer(const ir::Type& type, std::uint64_t size, std::uint64_t offset, ir::ImageObject& to) {
    std::uint64_t word = 0;
    std::memcpy(&word, source_.data() + offset, size);
    word = ir::canonical_pattern(type, word);
    std::memcpy(to.bytes.data() + offset, &word, size);
  }

  // ---- pointers ----

  void pointer(bool is_code, std::span<const std::uint8_t> from, std::uint64_t offset, ir::ImageObject& to) {
    std::uint64_t word = 0;
    std::memcpy(&word, from.data() + offset, width_);
    if (auto relocation = is_code ? code(word) : data(word)) {
      relocation->offset = offset;
      to.relocations.push_back(*relocation);
    } else if (!machine_.memory.contains(word)) {
      std::memcpy(to.bytes.data() + offset, &word, width_);
    }
  }

  std::optional<ir::Relocation> code(std::uint64_t word) const {
    if (word != 0 && word <= module_.functions.size())
      return ir::Relocation{0, Kind::Function, static_cast<std::uint32_t>(word - 1), 0};
    const std::uint64_t id = (word & ~extern_code_bit) - 1;
    if ((word & extern_code_bit) != 0 && id < module_.externs.size())
      return ir::Relocation{0, Kind::Extern, static_cast<std::uint32_t>(id), 0};
    return std::nullopt;
  }

  std::optional<ir::Relocation> data(Address address) {
    const auto addend = [address](Address start) { return static_cast<std::int64_t>(address - start); };
    if (const Program::Owner* owner = machine_.program.find_owner(address)) {
      switch (owner->kind) {
      case Program::Owner::Kind::Data: return ir::Relocation{0, Kind::Data, owner->id, addend(owner->start)};
      case Program::Owner::Kind::Global: return ir::Relocation{0, Kind::Global, owner->id, addend(owner->start)};
      case Program::Owner::Kind::Text: {
        const auto* text = reinterpret_cast<const char*>(machine_.memory.host(owner->start));
        const ir::DataId id = machine_.program.module().intern_data({text, owner->size});
        return ir::Relocation{0, Kind::Data, id.value, addend(owner->start)};
      }
      case Program::Owner::Kind::Object: return piece({owner->start, owner->size, owner->align, true}, address);
      }
    }
    if (const HeapBlock* block = machine_.memory.find_block(address))
      return piece({block->start, block->size, 16, true}, address);
    const std::uint64_t variable = (address - machine_.program.extern_address(ir::ExternId(0))) / 16;
    if (variable < module_.externs.size() && module_.externs[variable].is_variable)
      return ir::Relocation{
          0, Kind::Extern, static_cast<std::uint32_t>(variable),
          addend(machine_.program.extern_address(ir::ExternId(static_cast<std::uint32_t>(variable))))};
    return std::nullopt;
  }

  // The number is given when the object's relocations are sealed, in the order of their offsets.
  std::optional<ir::Relocation> piece(const Piece& piece, Address address) {
    pieces_.emplace(piece.start, piece);
    return ir::Relocation{0, Kind::Object, static_cast<std::uint32_t>(pieces_.size()),
                          static_cast<std::int64_t>(address)};
  }

  // Sorts the relocations, drops overlapping ones and numbers the objects that they reach first.
  void seal(std::size_t index, ir::ImageObject object) {
    std::map<std::uint64_t, ir::Relocation> sorted; // of overlapping members the first counts
    for (const ir::Relocation& relocation : object.relocations)
      sorted.emplace(relocation.offset, relocation);
    std::vector<ir::Relocation> kept;
    for (auto& [offset, relocation] : sorted) {
      if (!kept.empty() && offset < kept.back().offset + width_)
        continue;
      if (relocation.kind == Kind::Object) {
        const auto address = static_cast<Address>(relocation.addend);
        const Piece& target = std::prev(pieces_.upper_bound(address))->second;
        const auto [known, is_new] = numbers_.try_emplace(target.start, numbers_.size() + 1);
        if (is_new)
          pending_.push_back(target);
        relocation.target = static_cast<std::uint32_t>(known->second);
        relocation.addend = static_cast<std::int64_t>(address - target.start);
      }
      kept.push_back(relocation);
    }
    for (const ir::Relocation& relocation : kept)
      std::fill_n(object.bytes.begin() + static_cast<std::ptrdiff_t>(relocation.offset), width_, std::uint8_t{0});
    object.relocations = std::move(kept);
    if (image_.objects.size() <= index)
      image_.objects.resize(index + 1);
    image_.objects[index] = std::move(object);
  }

  // Memory has no types: a word that is an address of something is taken for a pointer. Wide addresses are found at any
  // offset, as bytes may be copied anywhere; narrow ones are too like other numbers for that.
  void object(std::size_t number) {
    const Piece piece = pending_[number];
    ir::ImageObject object;
    object.align = piece.align;
    const std::span<const std::uint8_t> bytes{machine_.memory.host(piece.start), piece.size};
    object.bytes.assign(bytes.begin(), bytes.end());
    const std::uint64_t step = width_ == 8 ? 1 : width_;
    for (std::uint64_t at = 0; piece.has_pointers && at + width_ <= piece.size;) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, width_);
      std::uint64_t next = at + step;
      // What lies in no object is not an address: texts and numbers keep their bytes.
      if (auto relocation = word < FlatMemory::bias(width_) ? std::nullopt : data(word)) {
        relocation->offset = at;
        object.relocations.push_back(*relocation);
        next = at + width_;
      }
      at = next;
    }
    seal(number + 1, std::move(object));
  }

  const Machine& machine_;
  const ir::Module& module_;
  const std::uint32_t width_;
  std::span<const std::uint8_t> source_;
  ir::FoldImage image_;
  std::map<Address, Piece> pieces_;                  ///< by start
  std::unordered_map<Address, std::size_t> numbers_; ///< object numbers by start
  std::vector<Piece> pending_;                       ///< object i + 1
};

} // namespace

ir::FoldImage fold(const Machine& machine, ir::TypeId type, std::span<const std::uint8_t> bytes) {
  return Folder(machine).run(type, bytes);
}

} // namespace sx::comptime::vm
