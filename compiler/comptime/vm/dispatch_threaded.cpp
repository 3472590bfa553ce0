// Dispatch by a computed goto at the end of each handler.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"

namespace sx::comptime::vm {

void run_threaded(Machine& machine) {
  static const void* const labels[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) &&op_##op,
#include "comptime/vm/bytecode.def"
  };
#include "comptime/vm/loop_state.inc"
#define OP(name) op_##name:
#define NEXT()                                                                                                         \
  do {                                                                                                                 \
    insn = *ip++;                                                                                                      \
    goto* labels[static_cast<std::uint16_t>(insn)];                                                                    \
  } while (false)
  NEXT();
#include "comptime/vm/handlers.inc"
}

} // namespace sx::comptime::vm
