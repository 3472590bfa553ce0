#include "comptime/vm/program.h"

#include "comptime/failures.h"
#include "comptime/vm/body_facts.h"
#include "comptime/vm/compile.h"
#include "ir/verify.h"

#include <algorithm>

namespace sx::comptime::vm {

std::expected<const Code*, Failure> Program::function(ir::FuncId id, Mode mode) {
  if (id.index() >= module_.functions.size())
    return std::unexpected(fail(Reason::MalformedIr, {}, "no function " + std::to_string(id.value)));
  const auto row = static_cast<std::size_t>(mode);
  if (id.index() < compiled_[row].size()) {
    const Compiled& known = compiled_[row][id.index()];
    if (known.code)
      return known.code.get();
    if (known.failure)
      return std::unexpected(*known.failure);
  }
  auto made = make(id, mode);
  // Lowering may have evaluated something and so grown the tables.
  auto& compiled = compiled_[row];
  if (compiled.size() < module_.functions.size()) {
    compiled.resize(module_.functions.size());
    linked_[row].resize(module_.functions.size());
  }
  Compiled& entry = compiled[id.index()];
  if (!made) {
    entry.failure = made.error();
    return std::unexpected(made.error());
  }
  if (!entry.code) {
    entry.code = std::move(*made);
    linked_[row][id.index()] = entry.code.get();
  }
  return entry.code.get();
}

std::expected<std::unique_ptr<Code>, Failure> Program::make(ir::FuncId id, Mode mode) {
  const std::string name(module_.text(module_.function(id).name));
  if (!host_.ensure_body(id) || !module_.function(id).has_body())
    return std::unexpected(fail(Reason::Dependency, {}, "`" + name + "` has no body"));
  check_types();
  if (types_wrong_)
    return std::unexpected(fail(Reason::MalformedIr, {}, *types_wrong_));
  if (const auto errors = ir::verify_function(module_, id, 1); !errors.empty()) {
    const ir::Function& function = module_.function(id);
    const std::size_t node = errors.front().node.index();
    const Span span = node < function.spans.size() ? function.spans[node] : function.span;
    return std::unexpected(fail(Reason::MalformedIr, span, errors.front().message));
  }
  return compile(*this, id, mode);
}

std::optional<std::uint32_t> Program::expression_of(ir::FuncId id) {
  // A body may be lowered later, so only what was looked at is remembered.
  if (id.index() >= module_.functions.size() || !module_.function(id).has_body())
    return std::nullopt;
  const auto [known, is_new] = expressions_.try_emplace(id.value);
  if (is_new)
    known->second = find_expression(id);
  return known->second;
}

std::optional<std::uint32_t> Program::find_expression(ir::FuncId id) {
  constexpr std::size_t most_nodes = 32;
  const ir::Function& function = module_.function(id);
  check_types();
  if (function.nodes.size() > most_nodes || types_wrong_ || !ir::verify_function(module_, id, 1).empty())
    return std::nullopt;
  std::uint32_t at = function.root.value;
  while (function.nodes[at].op == ir::Op::Block && function.nodes[at].c != 0)
    at = function.list(function.nodes[at]).front();
  if (function.nodes[at].op != ir::Op::Return || function.nodes[at].a == ir::none)
    return std::nullopt;
  const std::uint32_t value = function.nodes[at].a;
  const BodyFacts facts(function);
  for (const ir::Node& n : function.nodes)
    if (n.op == ir::Op::PlaceLocal && n.a >= function.param_count)
      return std::nullopt;
  const auto is_word = [this](ir::TypeId type) {
    return module_.type(type).kind >= ir::TypeKind::Bool && module_.type(type).kind < ir::TypeKind::Array;
  };
  const bool words = std::ranges::all_of(module_.type(function.signature).params, is_word) &&
                     is_word(module_.type(function.signature).element);
  return words && facts.effects[value].total ? std::optional(value) : std::nullopt;
}

// The part of the module's tables on which bodies rely. Rows are looked at once: tables only grow.
void Program::check_types() {
  const auto wrong = [this](std::size_t id) { types_wrong_ = "type " + std::to_string(id) + " is not sound"; };
  if (module_.target.pointer_bytes != 4 && module_.target.pointer_bytes != 8)
    types_wrong_ = "pointers have " + std::to_string(module_.target.pointer_bytes) + " bytes";
  const auto component = [this](ir::TypeId part, std::size_t id) {
    return part.index() < id && module_.types[part.index()].kind != ir::TypeKind::Signature;
  };
  for (; types_checked_ < module_.types.size() && !types_wrong_; ++types_checked_) {
    const std::size_t id = types_checked_;
    const ir::Type& row = module_.types[id];
    if (row.kind > ir::TypeKind::Signature) {
      wrong(id);
      return;
    }
    if (row.kind == ir::TypeKind::Signature) {
      const bool good = component(row.element, id) &&
                        std::ranges::all_of(row.params, [&](ir::TypeId param) { return component(param, id); });
      if (!good)
        wrong(id);
      continue;
    }
    const auto layout = module_.try_layout(ir::TypeId(id));
    if (!layout) {
      wrong(id);
      return;
    }
    // A layout may have been kept from before the row was damaged, so it vouches for nothing.
    const bool has_element = row.kind == ir::TypeKind::Vector || row.kind == ir::TypeKind::Array;
    if (has_element && !component(row.element, id)) {
      wrong(id);
      return;
    }
    if (row.kind == ir::TypeKind::Vector) {
      const ir::TypeKind lane = module_.types[row.element.index()].kind;
      if (lane != ir::TypeKind::Bool && lane != ir::TypeKind::Int && lane != ir::TypeKind::Float)
        wrong(id);
    }
    if (row.kind == ir::TypeKind::Aggregate)
      for (const ir::Field& field : row.fields) {
        const auto member = component(field.type, id) ? module_.try_layout(field.type) : std::nullopt;
        if (!member || field.offset > layout->size || member->size > layout->size - field.offset)
          wrong(id);
      }
  }
}

std::optional<Address> Program::place(bool constant, const Owner& owner) {
  const std::uint64_t base = constant ? FlatMemory::constants_offset : FlatMemory::globals_offset;
  const std::uint64_t room =
      (constant ? FlatMemory::constants_bytes - FlatMemory::constants_offset : FlatMemory::globals_bytes) - 4096;
  const std::uint64_t used = constant ? constants_.size() : globals_used_;
  const std::uint64_t align = std::max(owner.align, 16u);
  const std::uint64_t offset = (base + used + align - 1) / align * align - base;
  if (owner.size > room || offset > room - owner.size)
    return std::nullopt;
  // One byte is the NUL behind text, and keeps "one past the end" apart from what follows.
  const std::uint64_t end = offset + owner.size + 1;
  if (constant)
    constants_.resize(end);
  else
    globals_used_ = end;
  Owner placed = owner;
  placed.start = bias() + base + offset;
  (constant ? constant_owners_ : global_owners_).push_back(placed);
  return placed.start;
}

std::optional<Address> Program::data_address(ir::DataId id) {
  if (data_.size() < module_.data.size())
    data_.resize(module_.data.size());
  Address& known = data_[id.index()];
  if (known == 0) {
    const std::string& bytes = module_.data[id.index()];
    const auto placed = place(true, {Owner::Kind::Data, id.value, 0, bytes.size(), 1});
    if (!placed)
      return std::nullopt;
    known = *placed;
    std::ranges::copy(bytes,
                      constants_.begin() + static_cast<std::ptrdiff_t>(known - bias() - FlatMemory::constants_offset));
  }
  return known;
}

std::optional<Address> Program::text_address(std::string_view text) {
  if (const ir::DataId data = module_.find_data(text))
    return data_address(data);
  const auto found = texts_.find(std::string(text));
  if (found != texts_.end())
    return found->second;
  const auto placed = place(true, {Owner::Kind::Text, 0, 0, text.size(), 1});
  if (placed) {
    std::ranges::copy(text, constants_.begin() +
                                static_cast<std::ptrdiff_t>(*placed - bias() - FlatMemory::constants_offset));
    texts_.emplace(text, *placed);
  }
  return placed;
}

std::optional<Address> Program::global_address(ir::GlobalId id) {
  if (globals_.size() < module_.globals.size())
    globals_.resize(module_.globals.size());
  Address& known = globals_[id.index()];
  if (known == 0) {
    const ir::Global& global = module_.global(id);
    const auto layout = module_.try_layout(global.type);
    if (!layout)
      return std::nullopt;
    const auto placed = place(global.is_constant, {Owner::Kind::Global, id.value, 0, layout->size, layout->align});
    if (!placed)
      return std::nullopt;
    known = *placed;
  }
  return known;
}

bool Program::stands_alone(ir::GlobalId id) const {
  const ir::Global& global = module_.global(id);
  if (!global.image)
    return !global.initializer.valid();
  return std::ranges::all_of(global.image->objects, [](const ir::ImageObject& object) {
    return std::ranges::none_of(object.relocations, [](const ir::Relocation& relocation) {
      return relocation.kind == ir::Relocation::Kind::Global;
    });
  });
}

std::optional<Address> Program::object_address(ir::GlobalId id, std::size_t index, const ir::ImageObject& object) {
  const std::uint64_t key = std::uint64_t{id.value} << 32 | index;
  const auto found = objects_.find(key);
  if (found != objects_.end())
    return found->second;
  const auto placed = place(module_.global(id).is_constant, {Owner::Kind::Object, static_cast<std::uint32_t>(index), 0,
                                                             object.bytes.size(), std::min(object.align, 4096u)});
  if (placed)
    objects_.emplace(key, *placed);
  return placed;
}

bool Program::load_constants(FlatMemory& memory) const {
  const std::uint64_t loaded = memory.constants_loaded();
  if (loaded < constants_.size()) {
    const Address base = bias() + FlatMemory::constants_offset;
    if (!memory.grow_constants(base + constants_.size()))
      return false;
    std::memcpy(memory.host(base + loaded), constants_.data() + loaded, constants_.size() - loaded);
  }
  return memory.grow_globals(bias() + FlatMemory::globals_offset + globals_used_);
}

const Program::Owner* Program::find_owner(Address address) const {
  for (const auto* owners : {&constant_owners_, &global_owners_}) {
    const auto after = std::ranges::upper_bound(*owners, address, {}, &Owner::start);
    if (after != owners->begin() && address - (after - 1)->start <= (after - 1)->size)
      return &*(after - 1);
  }
  return nullptr;
}

} // namespace sx::comptime::vm
