// The switch loop once more, counting what it executes.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/engine.h"
#include "comptime/vm/machine.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace sx::comptime::vm {

void run_counting(Machine& machine, Profile& profile) {
  profile.executed.resize(opcode_count);
  std::uint64_t* const executed = profile.executed.data();
#include "comptime/vm/loop_state.inc"
#define OP(name) case Opcode::name:
#define NEXT() goto dispatch
dispatch:
  insn = *ip++;
  ++executed[static_cast<std::uint16_t>(insn)];
  switch (opcode(insn)) {
#include "comptime/vm/handlers.inc"
  }
}

std::uint64_t Profile::total() const {
  return std::accumulate(executed.begin(), executed.end(), std::uint64_t{0});
}

std::string Profile::text() const {
  std::vector<std::size_t> order(executed.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater{}, [this](std::size_t op) { return executed[op]; });
  std::string result;
  for (const std::size_t op : order) {
    if (executed[op] == 0)
      break;
    char line[96];
    std::snprintf(line, sizeof line, "%14llu %5.1f %% %s\n", static_cast<unsigned long long>(executed[op]),
                  100 * static_cast<double>(executed[op]) / static_cast<double>(total()),
                  std::string(info(static_cast<Opcode>(op)).name).c_str());
    result += line;
  }
  return result;
}

} // namespace sx::comptime::vm
