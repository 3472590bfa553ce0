// Modules that the verifier accepts have one outcome on all engines and dispatch kinds.

#include "ir/codec.h"
#include "ir/verify.h"
#include "mutator.h"
#include "oracle.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = sx::ir::decode_tolerant({data, size});
  if (!sx::ir::verify(*module, 1).empty())
    return -1; // not worth keeping
  if (const auto difference = sx::fuzz::find_disagreement(*module)) {
    std::fprintf(stderr, "%s\n", difference->c_str());
    std::abort();
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return sx::fuzz::mutate_module(data, size, max_size, seed);
}
