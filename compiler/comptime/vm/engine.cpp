#include "comptime/vm/engine.h"

#include "comptime/failures.h"
#include "comptime/vm/fold.h"
#include "comptime/vm/machine.h"
#include "comptime/vm/program.h"

#include <algorithm>

namespace sx::comptime::vm {

namespace {

class VmEngine final : public Engine {
public:
  VmEngine(ir::Module& module, Host& host, std::string name, std::function<void(Machine&)> loop, Interrupts* interrupts)
      : program_(module, host), name_(std::move(name)), loop_(std::move(loop)), interrupts_(interrupts) {}

  std::string_view name() const override { return name_; }

  Outcome evaluate(const Request& request) override {
    // Evaluations nest through `Host::global_image`; each has memory of its own.
    if (active_ >= most_nested)
      return failed(fail(Reason::DepthLimit, {}, "constants that need each other"));
    if (memories_.size() <= active_)
      memories_.push_back(std::make_unique<FlatMemory>(program_.module().target.pointer_bytes));
    FlatMemory& memory = *memories_[active_];
    if (!memory.reserved())
      return failed(fail(Reason::AllocationLimit, {}, "no address space for the evaluation"));
    ++active_;
    Outcome outcome = run(memory, request);
    --active_;
    memory.reset();
    return outcome;
  }

private:
  static constexpr std::size_t most_nested = 1000;

  static Outcome failed(Failure why) {
    Outcome outcome;
    outcome.verdict = verdict_of(why.reason);
    outcome.failure = std::move(why);
    return outcome;
  }

  Outcome run(FlatMemory& memory, const Request& request) {
    const auto code = program_.function(request.entry, request.mode);
    if (!code)
      return failed(code.error());
    Machine machine(program_, memory, request, interrupts_);
    const ir::Type signature = program_.module().type((*code)->signature);
    Address result = 0;
    if (enter(machine, **code, signature, request, result))
      loop_(machine);
    Outcome outcome;
    if (machine.returned())
      outcome.image = value(machine, **code, signature.element, result);
    outcome.exit_code = machine.exit_code;
    outcome.trace = machine.trace.all();
    outcome.trace_truncated = machine.trace.truncated();
    outcome.counters = machine.counters();
    outcome.instructions = machine.events();
    if (machine.failure) {
      outcome.verdict = verdict_of(machine.failure->reason);
      outcome.failure = std::move(machine.failure);
    }
    return outcome;
  }

  // Puts result room and arguments on the stack and calls the entry.
  bool enter(Machine& machine, const Code& code, const ir::Type& signature, const Request& request, Address& result) {
    const ir::Module& module = program_.module();
    if (request.arguments.size() != signature.params.size())
      return machine.stop(Reason::MalformedIr, "the entry has other parameters");
    std::vector<std::uint64_t> words;
    if (code.returns_memory) {
      const ir::Layout layout = module.layout(signature.element);
      result = machine.reserve_stack(layout.size + 1, layout.align);
      if (machine.failure)
        return false;
      words.push_back(result);
    }
    for (std::size_t i = 0; i < request.arguments.size(); ++i) {
      const ir::FoldImage& image = request.arguments[i];
      const ir::TypeId parameter = signature.params[i];
      const std::uint64_t size = module.layout(parameter).size;
      if (image.objects.empty() || image.objects[0].bytes.size() != size)
        return machine.stop(Reason::MalformedIr, "an argument is not of its parameter's size");
      const Address address = machine.place_image(image);
      if (machine.failure)
        return false;
      words.push_back(argument(machine, module.type(parameter), address, size));
    }
    if (!machine.enter_entry(code))
      return false;
    std::ranges::copy(words, machine.fp);
    return true;
  }

  static std::uint64_t argument(const Machine& machine, const ir::Type& type, Address address, std::uint64_t size) {
    if (type.kind >= ir::TypeKind::Array || size == 0 || size > 8)
      return address;
    std::uint64_t word = 0;
    std::memcpy(&word, machine.memory.host(address), size);
    return ir::canonical_pattern(type, word);
  }

  ir::FoldImage value(const Machine& machine, const Code& code, ir::TypeId type, Address result) const {
    const std::uint64_t size = program_.module().layout(type).size;
    std::uint8_t word[8];
    const std::uint64_t in_register = machine.result();
    std::memcpy(word, &in_register, sizeof word);
    if (code.returns_memory)
      return fold(machine, type, {machine.memory.host(result), size});
    return fold(machine, type, {word, std::min<std::uint64_t>(size, sizeof word)});
  }

  Program program_;
  std::string name_;
  std::function<void(Machine&)> loop_;
  Interrupts* interrupts_;
  std::vector<std::unique_ptr<FlatMemory>> memories_;
  std::size_t active_ = 0;
};

} // namespace

std::unique_ptr<Engine> make_vm_engine(ir::Module& module, Host& host, std::string name,
                                       std::function<void(Machine&)> loop, Interrupts* interrupts) {
  return std::make_unique<VmEngine>(module, host, std::move(name), std::move(loop), interrupts);
}

std::unique_ptr<Engine> make_vm_engine(ir::Module& module, Host& host, Dispatch dispatch, Interrupts* interrupts) {
  if (std::ranges::find(available_dispatch(), dispatch) == available_dispatch().end())
    return nullptr;
  switch (dispatch) {
  case Dispatch::Switch: return make_vm_engine(module, host, "vm:switch", run_switch, interrupts);
  case Dispatch::Threaded: return make_vm_engine(module, host, "vm:threaded", run_threaded, interrupts);
  case Dispatch::TailCall: break;
  }
  return make_vm_engine(module, host, "vm:tailcall", run_tail_call, interrupts);
}

std::unique_ptr<Engine> make_counting_engine(ir::Module& module, Host& host, Profile& profile) {
  return make_vm_engine(module, host, "vm:counting", [&profile](Machine& machine) { run_counting(machine, profile); });
}

} // namespace sx::comptime::vm
