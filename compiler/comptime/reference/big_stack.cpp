#include "comptime/reference/big_stack.h"

#include <cstddef>
#include <pthread.h>

namespace sx::comptime::reference {

namespace {

constexpr std::size_t wanted_bytes = std::size_t{512} << 20; // reserved, not committed
constexpr std::size_t least_bytes = std::size_t{8} << 20;
// For the host's callbacks and the library below the last check.
constexpr std::size_t reserve_bytes = std::size_t{2} << 20;

thread_local std::uintptr_t lowest = 0; // 0: not on a big stack

struct Job {
  const std::function<void()>* work;
  std::size_t bytes;
};

std::uintptr_t here() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

void* run(void* argument) {
  const Job& job = *static_cast<Job*>(argument);
  lowest = here() - job.bytes + reserve_bytes;
  (*job.work)();
  return nullptr;
}

bool start(Job job) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread{};
  const bool started =
      pthread_attr_setstacksize(&attributes, job.bytes) == 0 && pthread_create(&thread, &attributes, run, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (started)
    pthread_join(thread, nullptr);
  return started;
}

} // namespace

void on_big_stack(const std::function<void()>& work) {
  if (lowest != 0)
    return work();
  for (std::size_t bytes = wanted_bytes; bytes >= least_bytes; bytes /= 2)
    if (start({&work, bytes}))
      return;
  // No thread to be had: the caller's own stack, of which little is assumed.
  lowest = here() - (std::size_t{1} << 20);
  work();
  lowest = 0;
}

bool stack_left() {
  return here() > lowest;
}

} // namespace sx::comptime::reference
