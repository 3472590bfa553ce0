#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"
#include "interrupt_designs.h"

namespace sx::comptime::vm {

void run_with_tag(Machine& machine) {
  static const void* const labels[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) &&op_##op,
#include "comptime/vm/bytecode.def"
  };
  Machine* const vm = &machine;
  std::uint8_t* const mem = vm->memory.base();
  const Insn* ip = vm->ip;
  std::uint64_t* fp = vm->fp;
  Frame* fs = vm->fs;
  Address sp = vm->sp;
  std::int64_t budget = vm->budget;
  Insn insn = 0;
#define TAG(flag) reinterpret_cast<const Insn*>(reinterpret_cast<std::uintptr_t>(vm->ip) | std::uintptr_t{flag})
#define AFTER_ROUTINE() ip = TAG(vm->interrupted());
#define OP(name) op_##name:
#define OUTLINE(name)                                                                                                  \
  name:
#define NEXT()                                                                                                         \
  do {                                                                                                                 \
    if ((reinterpret_cast<std::uintptr_t>(ip) & 1) != 0) [[unlikely]]                                                  \
      ip = vm->ip;                                                                                                     \
    insn = *ip++;                                                                                                      \
    goto* labels[static_cast<std::uint16_t>(insn)];                                                                    \
  } while (false)
#define GOTO(name) goto name
#define LEAVE() return
  NEXT();
#include "comptime/vm/handlers.inc"
}

} // namespace sx::comptime::vm
