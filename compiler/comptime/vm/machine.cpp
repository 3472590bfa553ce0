#include "comptime/vm/machine.h"

#include "comptime/failures.h"
#include "comptime/limits.h"
#include "comptime/vm/program.h"

#include <algorithm>

namespace sx::comptime::vm {

namespace {

/// Where the entry returns to: its call instruction stands two words before.
const Insn entry_return[] = {encode(Opcode::Call, 0, 0), 0, encode(Opcode::Halt)};

constexpr std::uint64_t most_cost = ~std::uint64_t{0} >> 2;
constexpr std::int64_t most_chunk = std::int64_t{1} << 20;

} // namespace

Machine::Machine(Program& owner, FlatMemory& bytes, const Request& request, Interrupts* interrupts)
    : program(owner), memory(bytes), host(owner.host()), limits(request.limits), mode(request.mode),
      interrupts_(interrupts) {
  frame_limit = std::min(limits.frame_bytes, most_cost);
  registers_.resize(1024);
  frames_.resize(64);
  frames_[0].sp = memory.stack_end();
  fs = frames_.data();
  frame_soft = fs;
  fp = registers_.data();
  registers_end = fp + registers_.size();
  sp = memory.stack_end();
  ip = entry_return + 2;
  refresh();
  refresh_tables();
}

void Machine::refresh_tables() {
  if (!program.load_constants(memory))
    stop(Reason::AllocationLimit, "constants");
  refresh();
  global_table_.resize(std::max(global_table_.size(), program.module().globals.size()));
  globals = global_table_.data();
  global_count = global_table_.size();
  const auto linked = program.functions(mode);
  functions = linked.data();
  function_count = linked.size();
}

// ---- calls ----

// Brings the next chunk of events; the caller has asked for one more than there were.
bool Machine::refill(bool is_call) {
  if (interrupts_ && interrupts_->waits() && !interrupts_->take()) {
    settle_chunk();
    return stop(Reason::Interrupted);
  }
  settle_chunk();
  const std::uint64_t back_edges = consumed_ - calls;
  const std::uint64_t calls_left = limits.calls - std::min(limits.calls, calls);
  const std::uint64_t back_left = limits.back_edges - std::min(limits.back_edges, back_edges);
  if ((is_call ? calls_left : back_left) == 0)
    return stop(Reason::StepLimit);
  chunk_ = static_cast<std::int64_t>(std::min(
      {calls_left, back_left, static_cast<std::uint64_t>(interrupts_ ? interrupts_->look_distance() : most_chunk)}));
  if (chunk_ == 0)
    ++consumed_; // one kind is used up, so each event of the other comes here
  else
    budget = chunk_ - 1;
  return true;
}

// The chunk is used up; what was refused beyond it is not counted.
void Machine::settle_chunk() {
  consumed_ += static_cast<std::uint64_t>(chunk_);
  chunk_ = budget = 0;
}

bool Machine::finish(Helper helper, const Insn* resume) {
  if (!interrupts_ || !interrupts_->waits_in(helper) || interrupted())
    return true;
  interrupted_at_ = ip;
  fs->resume = resume;
  ip = interrupt_sentinel;
  return true;
}

bool Machine::interrupt() {
  ip = interrupted_at_;
  if (interrupts_ && !interrupts_->take())
    return stop(Reason::Interrupted);
  ip = fs->resume;
  return true;
}

// What was refused is not counted.
void Machine::unconsume() {
  if (chunk_ == 0)
    --consumed_;
  else
    ++budget;
}

bool Machine::back_edge() {
  if (!refill(false))
    return false;
  const Insn* const loop = ip;
  ip = pending;
  if (finish(Helper::BackEdge) && interrupted())
    interrupted_at_ = loop;
  return true;
}

bool Machine::enter() {
  if (budget < 0 && !refill(true))
    return false;
  if (reach(*callee))
    return true;
  unconsume();
  return false;
}

bool Machine::count_call(std::uint32_t function, std::uint64_t cost) {
  if (budget < 0 && !refill(true))
    return false;
  const auto depth = static_cast<std::size_t>(fs - frames_.data()) + 1;
  if (!allowed(ir::FuncId(function), depth, cost)) {
    unconsume();
    return false;
  }
  reserve_frame(depth);
  ++calls;
  return finish(Helper::CountCall);
}

// Calls down to `depth` need not come here again.
void Machine::reserve_frame(std::size_t depth) {
  if (depth >= frames_.size()) {
    const auto current = fs - frames_.data();
    frames_.resize(frames_.size() * 2);
    fs = frames_.data() + current;
  }
  max_depth_ = std::max(max_depth_, depth);
  frame_soft = frames_.data() + max_depth_;
}

std::string Machine::locals_of(ir::FuncId function) const {
  const ir::Module& module = program.module();
  return "locals of `" + std::string(module.text(module.function(function).name)) + "`";
}

bool Machine::allowed(ir::FuncId function, std::size_t depth, std::uint64_t cost) {
  if (depth > limits.depth)
    return stop(Reason::DepthLimit);
  return cost <= frame_limit || stop(Reason::AllocationLimit, locals_of(function));
}

// A call with all checks; what is short of room is made larger.
bool Machine::reach(const Code& code) {
  const auto depth = static_cast<std::size_t>(fs - frames_.data()) + 1;
  const std::uint64_t cost = fs->cost + code.cost;
  if (!allowed(code.function, depth, cost))
    return false;
  const Address frame = (sp - code.frame_bytes) & code.frame_mask;
  if (!memory.grow_stack(frame))
    return stop(Reason::AllocationLimit, locals_of(code.function));
  refresh();
  reserve_frame(depth);
  const auto window = static_cast<std::size_t>(fp - registers_.data()) + field_a(ip[-2]);
  if (window + code.registers > registers_.size()) {
    registers_.resize(std::max(registers_.size() * 2, window + code.registers));
    registers_end = registers_.data() + registers_.size();
  }
  fp = registers_.data() + window;
  ++calls;
  ++fs;
  *fs = {ip, &code, cost, frame};
  sp = frame;
  ip = code.entry;
  return finish(Helper::Enter);
}

bool Machine::enter_entry(const Code& code) {
  frames_[0].code = &code;
  ip = entry_return + 2;
  callee = &code;
  --budget;
  refresh_tables();
  return !failure && enter();
}

Address Machine::reserve_stack(std::uint64_t size, std::uint32_t align) {
  if (size > FlatMemory::stack_bytes / 2) {
    stop(Reason::AllocationLimit, "the stack");
    return 0;
  }
  const Address at = (sp - size) & ~(std::uint64_t{std::max(align, 16u)} - 1);
  if (!memory.grow_stack(at)) {
    stop(Reason::AllocationLimit, "the stack");
    return 0;
  }
  refresh();
  sp = at;
  return at;
}

bool Machine::link() {
  const auto made = program.function(ir::FuncId(static_cast<std::uint32_t>(ip[-1])), mode);
  if (!made)
    return stop(made.error());
  refresh_tables();
  if (failure)
    return false;
  callee = *made;
  // The words belong to a Code of the program; only their constness is given away to the loops.
  Insn* const call = const_cast<Insn*>(ip) - 2;
  const Opcode linked = opcode(call[0]) == Opcode::CallLinkC ? Opcode::CallC : Opcode::Call;
  call[0] = (call[0] & ~Insn{0xffff}) | static_cast<Insn>(linked);
  call[1] = std::bit_cast<Insn>(callee);
  if (finish(Helper::Link, call) && interrupted())
    callee = nullptr;
  return true;
}

// Whether code of one signature may be called as another: the same registers and bytes on both sides.
bool Machine::compatible(ir::TypeId wanted, ir::TypeId found) const {
  if (wanted == found)
    return true;
  const ir::Module& module = program.module();
  const auto same = [&module](ir::TypeId a, ir::TypeId b) {
    if (a == b)
      return true;
    const ir::Type &x = module.type(a), &y = module.type(b);
    if (x.kind >= ir::TypeKind::Array && y.kind >= ir::TypeKind::Array)
      return module.layout(a).size == module.layout(b).size;
    return x.kind == y.kind && x.bits == y.bits && x.is_signed == y.is_signed;
  };
  const ir::Type &x = module.type(wanted), &y = module.type(found);
  return x.kind == y.kind && same(x.element, y.element) && std::ranges::equal(x.params, y.params, same);
}

bool Machine::call_indirect(std::uint64_t function_word, ir::TypeId signature) {
  callee = nullptr;
  if (finish(Helper::CallIndirect, ip - 2) && interrupted())
    return true; // executed again
  if (function_word == 0)
    return stop(Reason::NullFunction);
  const ir::Module& module = program.module();
  const std::uint64_t extern_id = (function_word & ~extern_code_bit) - 1;
  if ((function_word & extern_code_bit) != 0 && extern_id < module.externs.size() &&
      !module.externs[extern_id].is_variable) {
    if (!compatible(signature, module.externs[extern_id].signature))
      return stop(Reason::ExternSignature, module.text(module.externs[extern_id].symbol));
    return call_extern(static_cast<std::uint32_t>(extern_id));
  }
  if (function_word - 1 >= module.functions.size())
    return stop(Reason::OutOfBounds, "function");
  const auto made = program.function(ir::FuncId(static_cast<std::uint32_t>(function_word - 1)), mode);
  if (!made)
    return stop(made.error());
  refresh_tables();
  if (failure)
    return false;
  if (!compatible(signature, (*made)->signature))
    return stop(Reason::OutOfBounds, "function of another signature");
  callee = *made;
  return true;
}

// ---- C functions ----

bool Machine::call_extern(std::uint32_t extern_id) {
  const ir::Module& module = program.module();
  if (extern_id >= module.externs.size())
    return stop(Reason::MalformedIr, "no such extern");
  const ir::Extern& target = module.externs[extern_id];
  if (target.signature.index() >= module.types.size() || module.type(target.signature).kind != ir::TypeKind::Signature)
    return stop(Reason::MalformedIr, "an extern without a signature");
  const ir::Type& signature = module.type(target.signature);
  const Insn call = ip[-2];
  const auto result = call_host(target, signature, {fp + field_a(call), signature.params.size()});
  if (!result)
    return stop(result.error());
  if (result->aborted)
    return stop(Reason::Aborted);
  if (result->exit_code) {
    exit_code = result->exit_code;
    return false;
  }
  refresh();
  fp[field_b(call)] = declared_result(module, module.type(signature.element), result->value);
  return finish(Helper::CallExtern);
}

bool Machine::probe(Address from, std::uint64_t size) {
  return readable(from, size) != nullptr && finish(Helper::Probe);
}

std::expected<HostResult, Failure> Machine::call_host(const ir::Extern& target, const ir::Type& signature,
                                                      std::span<const Word> arguments) {
  const ir::Module& module = program.module();
  const std::string_view symbol = module.text(target.symbol);
  if (auto traced = call_trace(symbol, arguments))
    return *traced;
  const HostEntry* entry = find_host_function(symbol);
  if (!entry)
    return std::unexpected(comptime::fail(Reason::ExternRefused, {}, symbol));
  if (!accepts(*entry, module, signature))
    return std::unexpected(comptime::fail(Reason::ExternSignature, {}, symbol));
  HostCallContext context{*this, host, limits, module.target.pointer_bytes};
  return entry->function(context, arguments);
}

// The trace buffer's entry points (R6.130).
std::optional<std::expected<HostResult, Failure>> Machine::call_trace(std::string_view symbol,
                                                                      std::span<const Word> arguments) {
  struct Row {
    std::string_view symbol;
    std::size_t arguments;
  };
  constexpr Row rows[] = {{"sx_trace_push", 1},      {"sx_trace_clear", 0},    {"sx_trace_len", 0},
                          {"sx_trace_truncated", 0}, {"sx_trace_frame_at", 1}, {"sx_trace_report_unhandled", 3}};
  const auto* row = std::ranges::find(rows, symbol, &Row::symbol);
  if (row == std::end(rows))
    return std::nullopt;
  if (arguments.size() != row->arguments)
    return std::unexpected(comptime::fail(Reason::ExternSignature, {}, symbol));
  switch (row - rows) {
  case 0: trace.push(arguments[0]); return HostResult{};
  case 1: trace.clear(); return HostResult{};
  case 2: return HostResult{trace.size(), {}, false};
  case 3: return HostResult{trace.truncated() ? 1u : 0u, {}, false};
  case 4: return HostResult{trace.at(arguments[0]), {}, false};
  default: return report_unhandled(arguments);
  }
}

// ---- failures ----

Span Machine::span_at(const Code& code, const Insn* behind) const {
  const ir::Function& function = program.module().function(code.function);
  const auto word = static_cast<std::size_t>(behind - code.words.data()) - 1;
  if (word >= code.nodes.size() || code.nodes[word] >= function.spans.size())
    return function.span;
  return function.spans[code.nodes[word]];
}

void Machine::attach_position(Failure& why) const {
  const Frame* const entry = frames_.data() + 1;
  if (fs < entry)
    return;
  if (!why.span.valid())
    why.span = span_at(*fs->code, ip);
  for (const Frame* frame = fs; frame > entry; --frame)
    why.calls.push_back({frame->code->function, span_at(*(frame - 1)->code, frame->ret)});
  why.calls.push_back({entry->code->function, {}}); // nothing calls the entry
}

bool Machine::stop(Failure why) {
  if (!failure) {
    if (why.calls.empty()) // else it comes from an evaluation of its own
      attach_position(why);
    failure = std::move(why);
  }
  return false;
}

bool Machine::stop(Reason reason, std::string_view detail) {
  return stop(comptime::fail(reason, {}, detail));
}

Failure Machine::refused(Address address, bool is_write) const {
  if (is_write && memory.is_constant(address))
    return constant_write({});
  if (address < null_page_bytes)
    return comptime::fail(Reason::NullDereference);
  return comptime::fail(Reason::OutOfBounds);
}

void Machine::access_fault() {
  // Only a write is refused where reading is allowed.
  stop(refused(fault_address, memory.is_constant(fault_address)));
}

void Machine::trap(std::uint32_t kind, std::uint32_t text) {
  const std::string_view message = program.module().text(StringId(text));
  const auto which = static_cast<ir::TrapKind>(kind);
  if (mode == Mode::Main && which != ir::TrapKind::Unreachable) {
    host.write(which == ir::TrapKind::NullUnwrap ? 2 : 1, message);
    exit_code = 1;
    return;
  }
  stop(trapped({}, which, message));
}

void Machine::poison(std::uint32_t text) {
  stop(poisoned({}, program.module().text(StringId(text))));
}

void Machine::unsupported(std::uint32_t text) {
  stop(Reason::Unsupported, program.module().text(StringId(text)));
}

void Machine::extern_variable(std::uint32_t id) {
  const ir::Module& module = program.module();
  stop(Reason::ExternRefused, module.text(module.externs[id].symbol));
}

void Machine::stop_global_write(std::uint32_t global) {
  const ir::Module& module = program.module();
  stop(global_write({}, module.text(module.globals[global].name)));
}

Counters Machine::counters() const {
  Counters result;
  result.calls = calls;
  result.back_edges = events() - calls;
  result.allocated_bytes = allocated_;
  result.max_depth = static_cast<std::uint32_t>(max_depth_);
  return result;
}

// ---- memory ----

const std::uint8_t* Machine::readable(Address address, std::uint64_t size) {
  if (memory.readable(address, size))
    return memory.host(address);
  stop(refused(address, false));
  return nullptr;
}

std::uint8_t* Machine::writable(Address address, std::uint64_t size) {
  if (memory.writable(address, size))
    return memory.host(address);
  stop(refused(address, true));
  return nullptr;
}

bool Machine::copy(Address to, Address from, std::uint64_t size) {
  if (size == 0)
    return true;
  if (!memory.readable(from, size)) {
    --ip; // the first word of the instruction belongs to the reader, the second to the writer
    return stop(refused(from, false));
  }
  std::uint8_t* target = writable(to, size);
  if (!target)
    return false;
  std::memmove(target, memory.host(from), size);
  return finish(Helper::Copy);
}

bool Machine::zero(Address to, std::uint64_t size) {
  std::uint8_t* target = writable(to, size);
  if (target)
    std::memset(target, 0, size);
  return target != nullptr && finish(Helper::Zero);
}

bool Machine::replicate(Address at, std::uint64_t element_size, std::uint64_t count) {
  std::uint8_t* target = writable(at, element_size * count);
  if (!target)
    return false;
  // Doubling what is there already.
  const std::uint64_t total = element_size * count;
  for (std::uint64_t done = element_size; done < total;) {
    const std::uint64_t part = std::min(done, total - done);
    std::memcpy(target + done, target, part);
    done += part;
  }
  return finish(Helper::Replicate);
}

std::expected<void, Failure> Machine::read(std::uint64_t address, std::span<std::uint8_t> out) {
  if (out.empty())
    return {};
  if (!memory.readable(address, out.size()))
    return std::unexpected(refused(address, false));
  std::memcpy(out.data(), memory.host(address), out.size());
  return {};
}

std::expected<void, Failure> Machine::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  if (bytes.empty())
    return {};
  if (!memory.writable(address, bytes.size()))
    return std::unexpected(refused(address, true));
  std::memcpy(memory.host(address), bytes.data(), bytes.size());
  return {};
}

std::expected<void, Failure> Machine::write_pointer(std::uint64_t address, std::uint64_t pointer) {
  std::uint8_t bytes[8];
  std::memcpy(bytes, &pointer, sizeof bytes);
  return write(address, {bytes, program.module().target.pointer_bytes});
}

std::expected<void, Failure> Machine::move(std::uint64_t to, std::uint64_t from, std::uint64_t size) {
  if (size == 0)
    return {};
  if (!memory.readable(from, size))
    return std::unexpected(refused(from, false));
  if (!memory.writable(to, size))
    return std::unexpected(refused(to, true));
  std::memmove(memory.host(to), memory.host(from), size);
  return {};
}

std::expected<void, Failure> Machine::fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) {
  if (size == 0)
    return {};
  if (!memory.writable(address, size))
    return std::unexpected(refused(address, true));
  std::memset(memory.host(address), byte, size);
  return {};
}

std::expected<std::uint64_t, Failure> Machine::allocate(std::uint64_t size) {
  const auto address = allocation_allowed(limits, allocated_, size) ? memory.allocate(size) : std::nullopt;
  if (!address)
    return std::unexpected(comptime::fail(Reason::AllocationLimit, {}, std::to_string(size) + " bytes"));
  allocated_ += allocation_cost(size);
  refresh();
  return *address;
}

std::expected<void, Failure> Machine::release(std::uint64_t) {
  return {}; // R7.162: no effect
}

std::expected<std::uint64_t, Failure> Machine::allocation_size(std::uint64_t address) {
  const HeapBlock* block = memory.find_block(address);
  if (!block || block->start != address)
    return std::unexpected(comptime::fail(Reason::OutOfBounds, {}, "no allocated block"));
  return block->size;
}

std::expected<std::uint64_t, Failure> Machine::string_length(std::uint64_t address) {
  for (std::uint64_t length = 0;; ++length) {
    if (!memory.readable(address + length, 1))
      return std::unexpected(refused(address + length, false));
    if (*memory.host(address + length) == 0)
      return length;
  }
}

std::uint64_t Machine::load_pointer(const std::uint8_t* from) const {
  std::uint64_t word = 0;
  std::memcpy(&word, from, program.module().target.pointer_bytes);
  return word;
}

std::expected<std::string, Failure> Machine::read_text(Address at, std::uint64_t size) {
  if (size != 0 && !memory.readable(at, size))
    return std::unexpected(refused(at, false));
  return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(memory.host(at)), size);
}

} // namespace sx::comptime::vm
