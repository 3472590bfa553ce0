// Dispatch by one loop around one switch.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"

namespace sx::comptime::vm {

void run_switch(Machine& machine) {
  Machine* const vm = &machine;
  std::uint8_t* const mem = vm->memory.base();
  const Insn* ip = vm->ip;
  std::uint64_t* fp = vm->fp;
  Frame* fs = vm->fs;
  Address sp = vm->sp;
  std::int64_t budget = vm->budget;
  Insn insn = 0;
#define OP(name) case Opcode::name:
#define OUTLINE(name)                                                                                                  \
  name:
#define NEXT() goto dispatch
#define GOTO(name) goto name
#define LEAVE() return
dispatch:
  insn = *ip++;
  switch (opcode(insn)) {
#include "comptime/vm/handlers.inc"
  }
}

} // namespace sx::comptime::vm
