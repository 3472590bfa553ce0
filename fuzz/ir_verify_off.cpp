// Any bytes become a module, which every engine evaluates unverified.

#include "ir/codec.h"
#include "mutator.h"
#include "oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = sx::ir::decode_tolerant({data, size});
  sx::fuzz::evaluate_unverified(*module);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return sx::fuzz::mutate_module(data, size, max_size, seed);
}
