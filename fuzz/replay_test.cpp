// Every input that a fuzzer found stays a test: `fuzz/found/<target>/*`. A law on generated modules runs beside it.

#include "ir/codec.h"
#include "ir/generate.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "mutator.h"
#include "oracle.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace sx::fuzz {
namespace {

std::vector<std::filesystem::path> inputs(const char* target) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path("fuzz/found") / target, error))
    if (entry.is_regular_file())
      found.push_back(entry.path());
  return found;
}

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Inputs are bytes as a fuzzer left them, or a small module as text.
std::unique_ptr<ir::Module> module_of(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = bytes_of(path);
  if (path.extension() != ".sxir")
    return ir::decode_tolerant(bytes);
  auto module = ir::read({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!module) {
    ADD_FAILURE() << path << ": " << module.error().message;
    return std::make_unique<ir::Module>();
  }
  return std::move(*module);
}

TEST(Replay, UnverifiedModulesComeBack) {
  for (const auto& path : inputs("ir_verify_off")) {
    SCOPED_TRACE(path.string());
    evaluate_unverified(*module_of(path));
  }
}

TEST(Replay, VerifiedModulesAgree) {
  for (const auto& path : inputs("ir_diff")) {
    SCOPED_TRACE(path.string());
    const auto module = module_of(path);
    const auto errors = ir::verify(*module, 1);
    if (path.extension() == ".sxir" && !errors.empty())
      ADD_FAILURE() << errors.front().message;
    if (errors.empty()) {
      EXPECT_EQ(find_disagreement(*module).value_or(""), "");
    }
  }
}

TEST(Engines, AgreeOnGeneratedModules) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    ir::SeededChoices choices(seed);
    const auto module = ir::generate(choices, static_cast<unsigned>(seed % 30), seed % 2 ? 8 : 4);
    EXPECT_EQ(find_disagreement(*module).value_or(""), "") << "seed " << seed;
  }
}

TEST(Engines, ComeBackFromMutatedModules) {
  std::vector<std::uint8_t> buffer(1 << 16);
  for (unsigned seed = 0; seed < 300; ++seed) {
    ir::SeededChoices choices(seed);
    const auto module = ir::generate(choices, seed % 12, 8);
    const auto bytes = ir::encode(*module);
    std::size_t size = std::min(bytes.size(), buffer.size());
    std::copy_n(bytes.begin(), size, buffer.begin());
    for (unsigned round = 0; round < 4; ++round)
      size = mutate_module(buffer.data(), size, buffer.size(), seed * 7 + round, Keep::Nothing);
    evaluate_unverified(*ir::decode_tolerant({buffer.data(), size}));
  }
}

} // namespace
} // namespace sx::fuzz
