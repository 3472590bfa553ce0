#pragma once
// The memory of one evaluation: a set of objects. Addresses are synthetic and deterministic; only provenance decides
// what an address may touch.

#include "comptime/failures.h"
#include "comptime/limits.h"
#include "comptime/reference/value.h"

#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sx::comptime::reference {

enum class ObjectKind : std::uint8_t { Data, Text, Global, Part, Argument, Local, Temporary, Heap };
enum class Life : std::uint8_t {
  Pending, ///< has an address; its content is loaded at the first access
  Alive,
  Ended,
};

/// One object. `owner` and `item` say what it is: Data: DataId; Text: StringId; Global and Part: GlobalId; Local:
/// function and local; Temporary: function and node; Heap: the allocating function.
struct Object {
  Bytes bytes;
  std::uint64_t base = 0;
  std::uint64_t size = 0; ///< also while the content is not there
  std::uint32_t generation = 0;
  std::uint32_t align = 1;
  ObjectKind kind = ObjectKind::Heap;
  Life life = Life::Ended;
  bool read_only = false;
  std::uint32_t owner = 0;
  std::uint32_t item = 0;
  Span where; ///< of the operation that made it
};

/// A checked range of one object.
struct Access {
  Object* object = nullptr; ///< null for an empty range of nothing
  std::uint64_t offset = 0;
};

enum class AccessKind : std::uint8_t { Read, Write };

/// What a new object is.
struct ObjectInfo {
  ObjectKind kind = ObjectKind::Heap;
  std::uint64_t size = 0;
  std::uint32_t align = 1;
  bool read_only = false;
  std::uint32_t owner = 0;
  std::uint32_t item = 0;
  Span where;
};

class ObjectMemory {
public:
  template <class T> using Checked = std::expected<T, Failure>;
  /// Fills a pending object.
  using Loader = std::function<Checked<void>(std::uint32_t slot)>;

  ObjectMemory(const ir::Module& module, const Limits& limits);
  void set_loader(Loader loader) { loader_ = std::move(loader); }

  /// A slot with zeroed (static, heap) or undefined (frame) content. Failures: host memory or address space used up.
  Checked<std::uint32_t> create(const ObjectInfo& info, Life life = Life::Alive);
  /// Ends the newest frame objects until `count` are left.
  std::size_t frame_objects() const { return stack_.size(); }
  void end_frame_objects(std::size_t count);
  /// The object starts a new life with undefined bytes.
  void restart(std::uint32_t slot);

  Object& object(std::uint32_t slot) { return objects_[slot]; }
  Pointer pointer_to(std::uint32_t slot) const;
  /// The object of a provenance, if that life of it goes on.
  Object* alive(Provenance provenance);
  /// Whether the address lies in (or one past) a living object that it was made from.
  bool in_bounds(Pointer pointer);

  /// A range that may be read or written, else the failure that names the object and the offset.
  Checked<Access> access(Pointer pointer, std::uint64_t size, AccessKind kind);
  /// The same, and no byte of it is undefined.
  Checked<Access> read(Pointer pointer, std::uint64_t size);
  Checked<void> move(Pointer to, Pointer from, std::uint64_t size);
  Checked<void> fill(Pointer to, std::uint8_t byte, std::uint64_t size);
  Checked<Pointer> allocate(std::uint64_t size, ir::FuncId function, Span where);
  Checked<void> release(Pointer pointer);
  Checked<std::uint64_t> allocation_size(Pointer pointer);
  Checked<std::uint64_t> string_length(Pointer pointer);

  /// The address with the provenance of the living object it lies in or just behind, if any.
  Pointer from_address(std::uint64_t address);
  /// "local `x` of `f` (8 bytes)".
  std::string describe(const Object& object) const;

  /// Whether `size` more bytes of host memory may be held.
  bool affordable(std::uint64_t size) const;
  static Failure exhausted(std::uint64_t size);

  std::uint64_t allocated_bytes() const { return allocated_; }
  /// Set when what happens depends on where something was placed.
  void depend_on_address() { address_dependent_ = true; }
  bool address_dependent() const { return address_dependent_; }

private:
  struct Placed {
    std::uint64_t base;
    std::uint32_t slot;
  };
  struct Region {
    std::uint64_t next;
    std::uint64_t end;
  };

  Object* find(const std::vector<Placed>& placed, std::uint64_t address);
  std::uint32_t take_slot();
  void end_life(std::uint32_t slot);
  Checked<std::uint64_t> heap_block(Pointer pointer, std::string_view action);
  Failure out_of_bounds(const Object& object, std::int64_t offset, std::uint64_t size, AccessKind kind) const;
  std::string_view text(StringId id) const { return module_.text(id); }
  std::string function_name(std::uint32_t index) const;

  const ir::Module& module_;
  const Limits& limits_;
  Loader loader_;
  std::deque<Object> objects_;
  std::deque<std::uint32_t> free_;
  std::vector<Placed> static_, stack_, heap_; ///< each by ascending base
  Region static_region_, stack_region_, heap_region_;
  std::uint64_t allocated_ = 0;
  bool address_dependent_ = false;
};

} // namespace sx::comptime::reference
