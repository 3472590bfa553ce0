#pragma once
// Runs work on a stack that is large enough for the deepest recursion the limits allow.

#include <cstdint>
#include <functional>

namespace sx::comptime::reference {

/// Runs `work` on this thread's big stack, starting a thread for it if there is none yet. The caller waits.
void on_big_stack(const std::function<void()>& work);

/// False when the big stack is nearly used up. Only on a big stack.
bool stack_left();

} // namespace sx::comptime::reference
