// Any bytes are read as IR text. What is accepted is printed and read to an equal text, verified or not, and keeps that
// through the binary form.

#include "ir/codec.h"
#include "ir/print.h"
#include "ir/read.h"
#include "ir/verify.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void demand_equal(const std::string& found, const std::string& wanted, const char* law) {
  if (found == wanted)
    return;
  std::fprintf(stderr, "%s\n--- wanted\n%s\n--- found\n%s\n", law, wanted.c_str(), found.c_str());
  std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto module = sx::ir::read({reinterpret_cast<const char*>(data), size});
  if (!module)
    return 0;
  const std::string text = sx::ir::print(**module);
  const auto again = sx::ir::read(text);
  if (!again) {
    std::fprintf(stderr, "%s\n%s\n", again.error().message.c_str(), text.c_str());
    std::abort();
  }
  demand_equal(sx::ir::print(**again), text, "printing and reading changes the module");
  const auto bytes = sx::ir::encode(**again);
  const auto decoded = sx::ir::decode(bytes);
  if (!decoded) {
    std::fprintf(stderr, "not decoded: %s\n", decoded.error().c_str());
    std::abort();
  }
  demand_equal(sx::ir::print(**decoded), text, "the binary form changes the module");
  if (sx::ir::verify(**module, 1).empty() != sx::ir::verify(**decoded, 1).empty())
    std::abort();
  return 0;
}
