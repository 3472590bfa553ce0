#include "ir/codec.h"
#include "ir/generate.h"
#include "ir/print.h"
#include "ir/read.h"
#include "ir/tree.h"
#include "ir/verify.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sx::ir {
namespace {

std::unique_ptr<Module> any_module() {
  SeededChoices choices(*rc::gen::arbitrary<std::uint64_t>());
  return generate(choices, *rc::gen::inRange(0u, 24u), *rc::gen::element(4u, 8u));
}

std::string first_message(const Module& module) {
  const auto errors = verify(module, 1);
  return errors.empty() ? std::string() : errors[0].message;
}

RC_GTEST_PROP(Generate, VerifierAccepts, ()) {
  RC_ASSERT(first_message(*any_module()) == "");
}

RC_GTEST_PROP(Generate, AnyBytesAsChoicesGiveAVerifiedModule, (const std::vector<std::uint8_t>& bytes)) {
  ByteChoices choices(bytes);
  RC_ASSERT(first_message(*generate(choices, 6)) == "");
}

RC_GTEST_PROP(Generate, TextRoundTrips, ()) {
  const auto module = any_module();
  const std::string text = print(*module);
  const auto again = read(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(print(**again) == text);
  RC_ASSERT(encode(**again) == encode(*module));
}

RC_GTEST_PROP(Generate, BinaryRoundTrips, ()) {
  const auto module = any_module();
  const auto bytes = encode(*module);
  const auto strict = decode(bytes);
  RC_ASSERT(strict.has_value());
  RC_ASSERT(encode(**strict) == bytes);
  RC_ASSERT(print(**strict) == print(*module));
  RC_ASSERT(encode(*decode_tolerant(bytes)) == bytes);
}

RC_GTEST_PROP(Generate, BuilderOrderIsCanonical, ()) {
  const auto module = any_module();
  for (Function& function : module->functions) {
    const auto nodes = function.nodes;
    canonicalise(function);
    RC_ASSERT(function.nodes == nodes);
  }
}

TEST(Generate, OneSeedGivesOneModule) {
  SeededChoices a(7), b(7);
  EXPECT_EQ(encode(*generate(a, 10)), encode(*generate(b, 10)));
}

// ---- malformed modules ----

std::vector<std::uint8_t> mutated_encoding() {
  auto bytes = encode(*any_module());
  const auto edits = *rc::gen::inRange(1, 12);
  for (int i = 0; i < edits && !bytes.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    switch (*rc::gen::inRange(0, 3)) {
    case 0: bytes[at] = *rc::gen::arbitrary<std::uint8_t>(); break;
    case 1: bytes.erase(bytes.begin() + static_cast<long>(at)); break;
    default: bytes.insert(bytes.begin() + static_cast<long>(at), *rc::gen::arbitrary<std::uint8_t>()); break;
    }
  }
  return bytes;
}

std::size_t rows(const Module& module) {
  std::size_t count = module.types.size() + module.functions.size() + module.globals.size() + module.data.size();
  for (const Function& function : module.functions)
    count += function.nodes.size() + function.words.size() + function.locals.size();
  return count;
}

void survives(std::span<const std::uint8_t> bytes) {
  if (const auto strict = decode(bytes))
    RC_ASSERT(encode(*decode_tolerant(bytes)) == encode(**strict));
  const auto module = decode_tolerant(bytes);
  RC_ASSERT(rows(*module) <= bytes.size());
  for (const VerifyError& error : verify(*module))
    RC_ASSERT(error.message.find(rule_name(error.rule)) != std::string::npos);
  const std::string text = print(*module);
  const auto again = read(text);
  if (!again)
    RC_FAIL(again.error().message + "\n" + text);
  RC_ASSERT(print(**again) == text);
}

RC_GTEST_PROP(Malformed, MutatedEncodingsAreHandled, ()) {
  survives(mutated_encoding());
}

RC_GTEST_PROP(Malformed, AnyBytesAreHandled, (const std::vector<std::uint8_t>& bytes)) {
  survives(bytes);
}

RC_GTEST_PROP(Malformed, TruncatedEncodingsAreRefused, ()) {
  auto bytes = encode(*any_module());
  bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  RC_ASSERT(!decode(bytes).has_value());
}

RC_GTEST_PROP(Malformed, MutatedTextIsReadOrRefused, ()) {
  std::string text = print(*any_module());
  const auto edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i)
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::elementOf(std::string("()\"$#@:_ 0a9-;."));
  const auto module = read(text);
  if (module)
    RC_ASSERT(print(**read(print(**module))) == print(**module));
  else
    RC_ASSERT(!module.error().message.empty());
}

} // namespace
} // namespace sx::ir
