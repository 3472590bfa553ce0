// Any bytes become a module, which every engine evaluates unverified.

#include "ir/codec.h"
#include "mutator.h"
#include "oracle.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = sx::ir::decode_tolerant({data, size});
  sx::fuzz::evaluate_unverified(*module);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (seed % 8 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  return sx::fuzz::mutate_module(data, size, max_size, seed, sx::fuzz::Keep::Nothing);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data, std::size_t size, const std::uint8_t* donor,
                                                 std::size_t donor_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  return sx::fuzz::cross_modules({data, size}, {donor, donor_size}, {out, max_size}, seed);
}
