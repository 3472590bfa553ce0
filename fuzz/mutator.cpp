#include "mutator.h"

#include "ir/codec.h"
#include "ir/generate.h"
#include "ir/module.h"

#include <algorithm>
#include <cstring>

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

} // namespace

std::size_t mutate_module(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  ir::SeededChoices choices(seed);
  std::unique_ptr<ir::Module> module =
      choices.one_in(50) ? ir::generate(choices, static_cast<unsigned>(choices.below(20)), choices.one_in(2) ? 4 : 8)
                         : ir::decode_tolerant({data, size});
  for (std::uint64_t left = 1 + choices.below(4); left > 0; --left) {
    if (choices.one_in(6)) {
      mutate_type(choices, *module);
      continue;
    }
    if (module->functions.empty())
      continue;
    ir::Function& function = module->functions[choices.below(module->functions.size())];
    if (!function.nodes.empty())
      mutate_node(choices, *module, function);
  }
  const std::vector<std::uint8_t> bytes = ir::encode(*module);
  const std::size_t kept = std::min(bytes.size(), max_size);
  std::memcpy(data, bytes.data(), kept);
  return kept;
}

} // namespace sx::fuzz
