// Dispatch by tail calls: every handler is a function with the machine's state in its arguments, which stay in
// registers because the calling convention preserves none.

#include "comptime/vm/arithmetic.h"
#include "comptime/vm/engine.h"
#include "comptime/vm/machine.h"

#if defined(__clang__) && defined(__has_attribute)
#if __has_attribute(preserve_none) && __has_cpp_attribute(clang::musttail)
#define SX_VM_TAIL_CALLS 1
#endif
#endif

namespace sx::comptime::vm {

#ifdef SX_VM_TAIL_CALLS

namespace {

#define STATE                                                                                                          \
  [[maybe_unused]] const Insn *ip, [[maybe_unused]] Insn insn, [[maybe_unused]] std::uint64_t *fp,                     \
      [[maybe_unused]] std::uint8_t *mem, [[maybe_unused]] Address sp, [[maybe_unused]] Frame *fs,                     \
      [[maybe_unused]] std::int64_t budget, [[maybe_unused]] Machine *vm, [[maybe_unused]] const void *dispatch_table
#define ARGUMENTS ip, insn, fp, mem, sp, fs, budget, vm, dispatch_table
#define HANDLER __attribute__((preserve_none)) void

using Handler = HANDLER (*)(STATE);

#define OP(name) HANDLER op_##name(STATE)
#define OUTLINE(name) __attribute__((noinline, cold)) HANDLER name(STATE)
#define NEXT()                                                                                                         \
  do {                                                                                                                 \
    insn = *ip++;                                                                                                      \
    [[clang::musttail]] return static_cast<const Handler*>(dispatch_table)[static_cast<std::uint16_t>(insn)](          \
        ARGUMENTS);                                                                                                    \
  } while (false)
#define GOTO(name) [[clang::musttail]] return name(ARGUMENTS)
#define LEAVE() return

OUTLINE(stopped);
OUTLINE(division_by_zero);
OUTLINE(division_overflow);
OUTLINE(access_fault);
OUTLINE(enter);
OUTLINE(back_edge);

#include "comptime/vm/handlers.inc"

constexpr Handler handlers[] = {
#define SX_VM_OP(op, a, b, c, ext, flow) op_##op,
#include "comptime/vm/bytecode.def"
};

} // namespace

void run_tail_call(Machine& machine) {
  Machine* const vm = &machine;
  const Insn* const ip = vm->ip;
  handlers[static_cast<std::uint16_t>(*ip)](ip + 1, *ip, vm->fp, vm->memory.base(), vm->sp, vm->fs, vm->budget, vm,
                                            handlers);
}

#else

void run_tail_call(Machine&) {}

#endif

std::span<const Dispatch> available_dispatch() {
  static constexpr Dispatch kinds[] = {
      Dispatch::Switch,
      Dispatch::Threaded,
#ifdef SX_VM_TAIL_CALLS
      Dispatch::TailCall,
#endif
  };
  return kinds;
}

} // namespace sx::comptime::vm
