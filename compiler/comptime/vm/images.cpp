// Images going in: globals and arguments laid out in memory.

#include "comptime/failures.h"
#include "comptime/vm/machine.h"
#include "comptime/vm/program.h"

namespace sx::comptime::vm {

bool Machine::global_address(std::uint32_t global, std::uint64_t& to) {
  if (global >= program.module().globals.size())
    return stop(Reason::MalformedIr, "no such global");
  if (global >= global_count || globals[global] == 0)
    if (!materialise(ir::GlobalId(global)))
      return false;
  to = globals[global];
  return finish(Helper::GlobalAddress);
}

// Lays out a global and, with it, those that its image points to.
bool Machine::materialise(ir::GlobalId first) {
  const ir::Module& module = program.module();
  const auto full = [this] { return stop(Reason::AllocationLimit, "module variables"); };
  std::vector<ir::GlobalId> queue{first};
  while (!queue.empty()) {
    const ir::GlobalId id = queue.back();
    queue.pop_back();
    if (id.index() >= module.globals.size())
      return stop(Reason::MalformedIr, "no such global");
    refresh_tables();
    if (failure)
      return false;
    if (global_table_[id.index()] != 0)
      continue;
    const auto image = host.global_image(id); // may evaluate its initializer on this engine
    if (!image)
      return stop(image.error());
    const auto address = program.global_address(id);
    const std::uint64_t size = module.layout(module.global(id).type).size;
    std::vector<Address> objects{address.value_or(0)};
    if (!address)
      return full();
    if (*image && ((*image)->objects.empty() || (*image)->objects[0].bytes.size() != size))
      return stop(Reason::MalformedIr, "a global's image is not of its size");
    for (std::size_t i = 1; *image && i < (*image)->objects.size(); ++i) {
      const auto placed = program.object_address(id, i, (*image)->objects[i]);
      if (!placed)
        return full();
      objects.push_back(*placed);
    }
    refresh_tables();
    if (failure)
      return false;
    global_table_[id.index()] = *address;
    if (!*image) {
      std::memset(memory.host(*address), 0, size);
      continue;
    }
    for (std::size_t i = 0; i < objects.size(); ++i)
      if (!write_object(objects[i], (*image)->objects[i], objects, queue))
        return false;
  }
  return true;
}

// The object's room was checked by its placement; nothing of the image is trusted.
bool Machine::write_object(Address at, const ir::ImageObject& object, std::span<const Address> objects,
                           std::vector<ir::GlobalId>& queue) {
  const ir::Module& module = program.module();
  const std::uint32_t width = module.target.pointer_bytes;
  if (!object.bytes.empty())
    std::memcpy(memory.host(at), object.bytes.data(), object.bytes.size());
  for (const ir::Relocation& relocation : object.relocations) {
    const auto bad = [this] { return stop(Reason::MalformedIr, "a relocation is out of range"); };
    if (relocation.offset > object.bytes.size() || object.bytes.size() - relocation.offset < width)
      return bad();
    std::uint64_t word = 0;
    switch (relocation.kind) {
    case ir::Relocation::Kind::Object:
      if (relocation.target >= objects.size())
        return bad();
      word = objects[relocation.target];
      break;
    case ir::Relocation::Kind::Global: {
      if (relocation.target >= module.globals.size())
        return bad();
      const auto address = program.global_address(ir::GlobalId(relocation.target));
      if (!address)
        return stop(Reason::AllocationLimit, "module variables");
      word = *address;
      queue.push_back(ir::GlobalId(relocation.target));
      break;
    }
    case ir::Relocation::Kind::Function:
      if (relocation.target >= module.functions.size())
        return bad();
      word = std::uint64_t{relocation.target} + 1;
      break;
    case ir::Relocation::Kind::Data: {
      if (relocation.target >= module.data.size())
        return bad();
      const auto address = program.data_address(ir::DataId(relocation.target));
      if (!address || !program.load_constants(memory))
        return stop(Reason::AllocationLimit, "constants");
      refresh();
      word = *address;
      break;
    }
    case ir::Relocation::Kind::Extern:
      if (relocation.target >= module.externs.size())
        return bad();
      word = module.externs[relocation.target].is_variable ? program.extern_address(ir::ExternId(relocation.target))
                                                           : extern_code_bit | (std::uint64_t{relocation.target} + 1);
      break;
    case ir::Relocation::Kind::Frame:
      if (relocation.target >= module.frames.size())
        return bad();
      word = std::uint64_t{relocation.target} + 1;
      break;
    }
    word += static_cast<std::uint64_t>(relocation.addend);
    std::memcpy(memory.host(at + relocation.offset), &word, width);
  }
  return true;
}

Address Machine::place_image(const ir::FoldImage& image) {
  std::vector<Address> objects;
  for (const ir::ImageObject& object : image.objects) {
    objects.push_back(reserve_stack(object.bytes.size() + 1, std::min(object.align, ir::max_alignment)));
    if (failure)
      return 0;
  }
  std::vector<ir::GlobalId> queue;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (!write_object(objects[i], image.objects[i], objects, queue))
      return 0;
  for (const ir::GlobalId global : queue)
    if (!materialise(global))
      return 0;
  return objects.empty() ? 0 : objects[0];
}

} // namespace sx::comptime::vm
