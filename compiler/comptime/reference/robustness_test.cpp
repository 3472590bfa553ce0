// Laws over generated and damaged modules.

#include "comptime/reference/testing.h"
#include "ir/codec.h"
#include "ir/generate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sx::comptime {
namespace {

ir::FuncId entry_of(const ir::Module& module) {
  for (std::size_t i = 0; i < module.functions.size(); ++i)
    if (module.functions[i].symbol == module.entry_symbol)
      return ir::FuncId(i);
  return ir::FuncId(0u);
}

Limits small_limits() {
  Limits limits;
  limits.calls = 20'000;
  limits.back_edges = 20'000;
  limits.heap_bytes = 1 << 20;
  limits.single_allocation = 1 << 18;
  limits.frame_bytes = 1 << 20;
  return limits;
}

Outcome run(ir::Module& module, ir::FuncId entry, Mode mode, const Limits& limits) {
  testing::RecordingHost host;
  host.module = &module;
  return make_reference_engine(module, host)->evaluate({entry, {}, mode, limits});
}

RC_GTEST_PROP(Generated, ProgramsAreDefined, ()) {
  ir::SeededChoices choices(*rc::gen::arbitrary<std::uint64_t>());
  const auto module = ir::generate(choices, *rc::gen::inRange(0u, 24u), *rc::gen::element(4u, 8u));
  const Outcome outcome = run(*module, entry_of(*module), Mode::Comptime, {});
  RC_ASSERT(testing::reason_of(outcome) == "no failure");
  RC_ASSERT(outcome.verdict == Verdict::Defined);
  const Outcome again = run(*module, entry_of(*module), Mode::Comptime, {});
  RC_ASSERT(again.image == outcome.image);
  RC_ASSERT(again.counters == outcome.counters);
}

// Every function, with whatever the damage made of it, ends with a value, a failure or an exit.
void survive(ir::Module& module) {
  for (std::size_t i = 0; i < module.functions.size() && i < 8; ++i)
    for (const Mode mode : {Mode::Comptime, Mode::Main}) {
      const Outcome outcome = run(module, ir::FuncId(i), mode, small_limits());
      RC_ASSERT(outcome.image.has_value() || outcome.failure.has_value() || outcome.exit_code.has_value());
    }
}

RC_GTEST_PROP(Damaged, BytesNeverCrash, ()) {
  ir::SeededChoices choices(*rc::gen::arbitrary<std::uint64_t>());
  auto bytes = ir::encode(*ir::generate(choices, *rc::gen::inRange(0u, 16u)));
  const int hits = *rc::gen::inRange(1, 12);
  for (int i = 0; i < hits; ++i)
    bytes[choices.below(bytes.size())] = static_cast<std::uint8_t>(choices.next());
  survive(*ir::decode_tolerant(bytes));
}

RC_GTEST_PROP(Damaged, NodesNeverCrash, ()) {
  ir::SeededChoices choices(*rc::gen::arbitrary<std::uint64_t>());
  const auto module = ir::generate(choices, *rc::gen::inRange(0u, 16u));
  const int hits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < hits; ++i) {
    ir::Function& function = module->functions[choices.below(module->functions.size())];
    if (function.nodes.empty())
      continue;
    ir::Node& node = function.nodes[choices.below(function.nodes.size())];
    const auto word = static_cast<std::uint32_t>(choices.one_in(4) ? choices.next() : choices.below(64));
    switch (choices.below(7)) {
    case 0: node.op = static_cast<ir::Op>(choices.below(ir::op_count + 2)); break;
    case 1: node.sub = static_cast<std::uint8_t>(choices.below(40)); break;
    case 2: node.type = ir::TypeId(static_cast<std::uint32_t>(choices.below(module->types.size() + 1))); break;
    case 3: node.a = word; break;
    case 4: node.b = word; break;
    case 5: node.c = word; break;
    default:
      if (!function.words.empty())
        function.words[choices.below(function.words.size())] = word;
    }
  }
  survive(*module);
}

RC_GTEST_PROP(Damaged, RandomBytesNeverCrash, (const std::vector<std::uint8_t>& bytes)) {
  survive(*ir::decode_tolerant(bytes));
}

} // namespace
} // namespace sx::comptime
