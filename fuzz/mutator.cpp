#include "mutator.h"

#include "ir/codec.h"
#include "ir/generate.h"
#include "ir/module.h"
#include "ir/verify.h"
#include "typed_mutation.h"

#include <algorithm>

namespace sx::fuzz {

namespace {

using ir::Shape;

/// A new value for one operand field: mostly something that names a row, sometimes anything.
std::uint32_t operand_for(ir::Choices& choices, const ir::Module& module, const ir::Function& function, Shape shape) {
  if (choices.one_in(12))
    return static_cast<std::uint32_t>(choices.next());
  const auto row = [&](std::size_t count) { return static_cast<std::uint32_t>(choices.below(count + 1)); };
  switch (shape) {
  case Shape::Value:
  case Shape::Place: return row(function.nodes.size());
  case Shape::OptValue: return choices.one_in(3) ? ir::none : row(function.nodes.size());
  case Shape::Type: return row(module.types.size());
  case Shape::Local: return row(function.locals.size());
  case Shape::Global: return row(module.globals.size());
  case Shape::Func: return row(module.functions.size());
  case Shape::Extern: return row(module.externs.size());
  case Shape::Data: return row(module.data.size());
  case Shape::Frame: return row(module.frames.size());
  case Shape::Text: return row(module.strings.size());
  case Shape::Label:
  case Shape::Word: return static_cast<std::uint32_t>(choices.below(16));
  case Shape::Low:
  case Shape::High:
    return choices.one_in(2) ? static_cast<std::uint32_t>(choices.below(256))
                             : static_cast<std::uint32_t>(choices.next());
  case Shape::Values:
  case Shape::Inits:
  case Shape::Cases: return row(function.words.size());
  case Shape::None: return choices.one_in(8) ? 1 : 0;
  }
  return 0;
}

void mutate_node(ir::Choices& choices, ir::Module& module, ir::Function& function) {
  ir::Node& node = function.nodes[choices.below(function.nodes.size())];
  switch (choices.below(7)) {
  case 0: node.op = static_cast<ir::Op>(choices.below(ir::op_count)); break;
  case 1: node.sub = static_cast<std::uint8_t>(choices.below(16)); break;
  case 2: node.type = ir::TypeId(static_cast<std::uint32_t>(choices.below(module.types.size() + 1))); break;
  case 3: node.a = operand_for(choices, module, function, ir::info(node.op).a); break;
  case 4: node.b = operand_for(choices, module, function, ir::info(node.op).b); break;
  case 5: node.c = operand_for(choices, module, function, ir::info(node.op).c); break;
  case 6:
    if (!function.words.empty())
      function.words[choices.below(function.words.size())] =
          operand_for(choices, module, function, choices.one_in(2) ? Shape::Value : Shape::Word);
    break;
  }
}

void mutate_type(ir::Choices& choices, ir::Module& module) {
  if (module.types.empty())
    return;
  ir::Type& type = module.types[choices.below(module.types.size())];
  switch (choices.below(5)) {
  case 0: type.kind = static_cast<ir::TypeKind>(choices.below(11)); break;
  case 1: type.bits = static_cast<std::uint8_t>(choices.below(80)); break;
  case 2: type.count = choices.one_in(3) ? choices.next() : choices.below(64); break;
  case 3: type.size = choices.one_in(3) ? choices.next() : choices.below(64); break;
  case 4:
    if (!type.fields.empty())
      type.fields[choices.below(type.fields.size())].offset = choices.one_in(3) ? choices.next() : choices.below(64);
    break;
  }
}

void damage(ir::Choices& choices, ir::Module& module) {
  for (std::uint64_t left = 1 + choices.below(4); left > 0; --left) {
    if (choices.one_in(6)) {
      mutate_type(choices, module);
      continue;
    }
    if (module.functions.empty())
      continue;
    const std::vector<ir::FuncId> live = live_functions(module);
    ir::Function& function = live.empty() || choices.one_in(4)
                                 ? module.functions[choices.below(module.functions.size())]
                                 : module.function(live[choices.below(live.size())]);
    if (!function.nodes.empty())
      mutate_node(choices, module, function);
  }
}

constexpr unsigned attempts = 4;

/// Typed changes of `data`; the last attempt if none of them is verified. Nothing: it doesn't fit.
std::vector<std::uint8_t> typed(ir::Choices& choices, std::span<const std::uint8_t> data, const ir::Module* donor,
                                std::size_t max_size) {
  std::vector<std::uint8_t> bytes;
  for (unsigned attempt = 0; attempt < attempts; ++attempt) {
    const auto module = ir::decode_tolerant(data);
    // Engines rely on tables that the typed changes read without checks.
    if (!ir::verify(*module, 1).empty())
      return {};
    for (std::uint64_t left = 1 + choices.below(3); left > 0; --left)
      mutate_typed(choices, *module, donor);
    const bool good = ir::verify(*module, 1).empty();
    bytes = ir::encode(*module);
    if (good && bytes.size() <= max_size)
      return bytes;
  }
  return bytes.size() <= max_size ? bytes : std::vector<std::uint8_t>();
}

std::unique_ptr<ir::Module> generated(ir::Choices& choices) {
  return ir::generate(choices, static_cast<unsigned>(choices.below(20)), choices.one_in(2) ? 4 : 8);
}

std::size_t deliver(const std::vector<std::uint8_t>& bytes, std::span<std::uint8_t> out) {
  const std::size_t kept = std::min(bytes.size(), out.size());
  std::copy_n(bytes.begin(), kept, out.begin());
  return kept;
}

} // namespace

std::size_t mutate_module(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, Keep keep) {
  ir::SeededChoices choices(seed);
  const std::span<std::uint8_t> out(data, max_size);
  if (choices.one_in(100))
    return deliver(ir::encode(*generated(choices)), out);
  const bool harmless = keep == Keep::Verified ? !choices.one_in(20) : choices.one_in(2);
  if (harmless)
    if (const auto bytes = typed(choices, {data, size}, nullptr, max_size); !bytes.empty())
      return deliver(bytes, out);
  const auto module = ir::decode_tolerant({data, size});
  damage(choices, *module);
  return deliver(ir::encode(*module), out);
}

std::size_t cross_modules(std::span<const std::uint8_t> data, std::span<const std::uint8_t> donor,
                          std::span<std::uint8_t> out, unsigned seed) {
  ir::SeededChoices choices(seed);
  const auto other = ir::decode_tolerant(donor);
  if (!ir::verify(*other, 1).empty())
    return 0;
  return deliver(typed(choices, data, other.get(), out.size()), out);
}

} // namespace sx::fuzz
