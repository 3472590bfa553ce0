// Dispatch by one loop around one switch.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/machine.h"

namespace sx::comptime::vm {

void run_switch(Machine& machine) {
#include "comptime/vm/loop_state.inc"
#define OP(name) case Opcode::name:
#define NEXT() goto dispatch
dispatch:
  insn = *ip++;
  switch (opcode(insn)) {
#include "comptime/vm/handlers.inc"
  }
}

} // namespace sx::comptime::vm
