// Generated programs give natively what the reference engine says they mean.

#include "codegen/testing.h"
#include "comptime/reference/testing.h"
#include "ir/generate.h"
#include "ir/print.h"

#include <rapidcheck/gtest.h>

namespace sx::codegen {
namespace {

std::optional<std::uint64_t> reference_result(ir::Module& module) {
  comptime::testing::RecordingHost host;
  host.module = &module;
  for (std::size_t id = 0; id < module.functions.size(); ++id)
    if (module.functions[id].symbol == module.entry_symbol) {
      const auto engine = comptime::make_reference_engine(module, host);
      const auto outcome = engine->evaluate({ir::FuncId(id), {}, comptime::Mode::Main, {}});
      if (outcome.image)
        return comptime::testing::word_of(outcome);
    }
  return std::nullopt;
}

class Differential : public ::testing::TestWithParam<int> {};

TEST_P(Differential, GeneratedProgramsGiveTheReferenceResult) {
  rc::check("native == reference", [opt = GetParam()](std::uint64_t seed) {
    ir::SeededChoices choices(seed);
    const auto module = ir::generate(choices, 12);
    const auto expected = reference_result(*module);
    RC_ASSERT(expected.has_value());
    Options options;
    options.opt = opt;
    const auto status = run_jit(*module, options);
    if (!status)
      RC_FAIL(status.error().message);
    if (*status != static_cast<int>(*expected))
      RC_FAIL(std::to_string(*status) + " instead of " + std::to_string(static_cast<int>(*expected)) + "\n" +
              ir::print(*module));
  });
}

INSTANTIATE_TEST_SUITE_P(Levels, Differential, ::testing::Values(0, 2));

} // namespace
} // namespace sx::codegen
