#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"
#include "interrupt_designs.h"

namespace sx::comptime::vm {

namespace {

void run_until_interrupted(Machine& machine) {
  static const void* const labels[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) &&op_##op,
#include "comptime/vm/bytecode.def"
  };
#include "comptime/vm/loop_state.inc"
#define AFTER_ROUTINE()                                                                                                \
  if (vm->interrupted()) [[unlikely]]                                                                                  \
    return;
#define OP(name) op_##name:
#define NEXT()                                                                                                         \
  do {                                                                                                                 \
    insn = *ip++;                                                                                                      \
    goto* labels[static_cast<std::uint16_t>(insn)];                                                                    \
  } while (false)
  NEXT();
#include "comptime/vm/handlers.inc"
}

} // namespace

void run_with_outer_loop(Machine& machine) {
  do
    run_until_interrupted(machine);
  while (machine.interrupted() && machine.returned());
}

} // namespace sx::comptime::vm
