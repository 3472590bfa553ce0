#pragma once
// The two designs of interrupts that the machine does not use, so that the choice stays measured. Both are the threaded
// loop; the machine's own (a sentinel in the place of the next instruction) costs neither a test.

namespace sx::comptime::vm {

struct Machine;

/// An interrupted helper tags the instruction pointer; every dispatch tests the tag.
void run_with_tag(Machine& machine);
/// Behind every helper the loop is left if it was interrupted, and entered again.
void run_with_outer_loop(Machine& machine);

} // namespace sx::comptime::vm
