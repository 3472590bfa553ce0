// Modules that the verifier accepts have one outcome on all engines and dispatch kinds.

#include "ir/codec.h"
#include "ir/verify.h"
#include "mutator.h"
#include "oracle.h"

#include <cstdio>
#include <cstdlib>

namespace {

/// How many inputs reach the engines: what makes the target worth running. Said at the end.
struct Share {
  std::uint64_t seen = 0, verified = 0;
  ~Share() {
    std::fprintf(stderr, "verified: %llu of %llu inputs\n", static_cast<unsigned long long>(verified),
                 static_cast<unsigned long long>(seen));
  }
} share;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = sx::ir::decode_tolerant({data, size});
  ++share.seen;
  if (!sx::ir::verify(*module, 1).empty())
    return -1; // not worth keeping
  ++share.verified;
  if (const auto difference = sx::fuzz::find_disagreement(*module)) {
    std::fprintf(stderr, "%s\n", difference->c_str());
    std::abort();
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return sx::fuzz::mutate_module(data, size, max_size, seed, sx::fuzz::Keep::Verified);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data, std::size_t size, const std::uint8_t* donor,
                                                 std::size_t donor_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  return sx::fuzz::cross_modules({data, size}, {donor, donor_size}, {out, max_size}, seed);
}
