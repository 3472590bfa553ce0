// Cleanups on an exit (R4.121 to R4.125, 6.26): each exit gets its own copy of the registered bodies.

#include "lower/function_lowering.h"

namespace sx::lower {

void FunctionLowering::run_cleanups(Nodes& out, std::size_t depth, ir::LocalId error) {
  // A catch body that is left normally clears the trace before the cleanups of that exit (R6.131).
  if (!error.valid())
    for (std::size_t i = cleanups_.size(); i > depth; --i)
      if (cleanups_[i - 1].kind == Cleanup::Kind::CatchBody) {
        out.push_back(trace_clear());
        break;
      }
  const std::vector<Cleanup> registered = cleanups_;
  const ir::LocalId context = context_;
  for (std::size_t i = registered.size(); i > depth; --i) {
    const Cleanup& cleanup = registered[i - 1];
    if (cleanup.kind == Cleanup::Kind::CatchBody || (cleanup.kind == Cleanup::Kind::OnFail && !error.valid()))
      continue;
    // Inside a body only what was registered before it is pending; it cannot be left by a jump (R4.125).
    cleanups_.resize(i - 1);
    context_ = cleanup.context;
    if (cleanup.kind == Cleanup::Kind::OnFail && cleanup.binding.valid())
      out.push_back(write(local(cleanup.binding), read(error)));
    out.push_back(value(cleanup.body));
  }
  cleanups_ = registered;
  context_ = context;
}

} // namespace sx::lower
