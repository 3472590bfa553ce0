#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"
#include "interrupt_designs.h"

namespace sx::comptime::vm {

void run_with_tag(Machine& machine) {
  static const void* const labels[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) &&op_##op,
#include "comptime/vm/bytecode.def"
  };
#include "comptime/vm/loop_state.inc"
#define TAG(flag) reinterpret_cast<const Insn*>(reinterpret_cast<std::uintptr_t>(vm->ip) | std::uintptr_t{flag})
#define AFTER_ROUTINE() ip = TAG(vm->interrupted());
#define OP(name) op_##name:
#define NEXT()                                                                                                         \
  do {                                                                                                                 \
    if ((reinterpret_cast<std::uintptr_t>(ip) & 1) != 0) [[unlikely]]                                                  \
      ip = vm->ip;                                                                                                     \
    insn = *ip++;                                                                                                      \
    goto* labels[static_cast<std::uint16_t>(insn)];                                                                    \
  } while (false)
  NEXT();
#include "comptime/vm/handlers.inc"
}

} // namespace sx::comptime::vm
