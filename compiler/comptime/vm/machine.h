#pragma once
// The state of one evaluation, as the dispatch loops and the routines that they call see it.

#include "comptime/engine.h"
#include "comptime/host_library.h"
#include "comptime/vm/bytecode.h"
#include "comptime/vm/interrupts.h"
#include "comptime/vm/memory.h"
#include "comptime/vm/trace_ring.h"

#include <bit>
#include <cstring>
#include <vector>

namespace sx::comptime::vm {

class Program;
struct Profile;

/// An active call.
struct Frame {
  const Insn* ret = nullptr;    ///< where the caller goes on; its call instruction is two words before
  const Code* code = nullptr;   ///< of the callee
  std::uint64_t cost = 0;       ///< frame bytes of this and all outer calls
  Address sp = 0;               ///< lowest address of its frame memory
  const Insn* resume = nullptr; ///< while it is interrupted: where it goes on
};

/// What a helper that was interrupted hands to the dispatcher instead of the next instruction: its handler takes the
/// interrupt, and the real position is in the frame. So no instruction pointer is ever tagged or tested.
inline constexpr Insn interrupt_sentinel[] = {encode(Opcode::Interrupt)};

/// Function words: index + 1; C functions have the top bit of a 32-bit word.
inline constexpr std::uint64_t extern_code_bit = 0x8000'0000;

struct Machine final : Memory {
  /// `interrupts` may be null.
  Machine(Program& program, FlatMemory& memory, const Request& request, Interrupts* interrupts);

  // ---- read by the handlers ----
  // A scalar access may begin at any address of these; behind each segment is slack.
  Address low = 0;        ///< stack and heap in use: [low, low + span)
  std::uint64_t span = 0; ///< see low
  Address constants_low = 0, globals_low = 0;
  std::uint64_t constants_span = 0, globals_span = 0;
  Frame* frame_soft = nullptr;            ///< a call from here on takes the slow way
  std::uint64_t frame_limit = 0;          ///< bytes
  std::uint64_t* registers_end = nullptr; ///< of the register stack
  std::uint64_t calls = 0;
  const Address* globals = nullptr; ///< address by GlobalId, 0 until its bytes are there
  std::size_t global_count = 0;
  Code* const* functions = nullptr; ///< compiled code by FuncId, null until linked
  std::size_t function_count = 0;

  // ---- the state of the loop while a routine runs ----
  const Insn* ip = nullptr;
  std::uint64_t* fp = nullptr;
  Frame* fs = nullptr;
  Address sp = 0;
  std::int64_t budget = 0;
  const Code* callee = nullptr;  ///< of a call that takes the slow way
  const Insn* pending = nullptr; ///< where a back-edge that takes the slow way goes
  Address fault_address = 0;     ///< of a refused access

  std::optional<Failure> failure;
  std::optional<int> exit_code;

  /// Makes `code` the entry's call; its registers are `fp` then, for the arguments. False after `stop`.
  bool enter_entry(const Code& code);
  /// Whether the entry returned; `result` is then the word that it returned.
  bool returned() const { return !failure && !exit_code; }
  std::uint64_t result() const { return registers_[0]; }
  /// Bytes above the entry's frame, for its arguments and result; 0 after `stop`. Only before `enter_entry`.
  Address reserve_stack(std::uint64_t size, std::uint32_t align);
  /// Lays an image's objects out on the stack; the address of object 0, or 0 after `stop`.
  Address place_image(const ir::FoldImage& image);

  // ---- routines of the handlers; false: the evaluation stops ----
  bool enter();
  bool back_edge();
  /// A call of a function that stands inlined behind the instruction: all that entering it checks and counts.
  bool count_call(std::uint32_t function, std::uint64_t cost);
  /// Compiles the function that the CallLink at `ip` names, sets `callee` and turns the instruction into a Call.
  /// No callee: it was interrupted, and the instruction is executed again.
  bool link();
  /// Sets `callee`, or runs a C function and leaves it null.
  bool call_indirect(std::uint64_t function_word, ir::TypeId signature);
  bool call_extern(std::uint32_t extern_id);
  bool probe(Address from, std::uint64_t size);
  /// The sentinel's routine: takes the interrupt and goes back to where the frame goes on.
  bool interrupt();
  bool interrupted() const { return ip == interrupt_sentinel; }
  bool call_intrinsic(const IntrinsicCall& call);
  /// `to` is a register, which evaluations that nest in this one don't move.
  bool global_address(std::uint32_t global, std::uint64_t& to);
  bool vector_binary(Address to, Address lhs, Address rhs, std::uint64_t descriptor);
  bool vector_compare(Address to, Address lhs, Address rhs, std::uint64_t descriptor);
  bool vector_unary(Address to, Address from, std::uint64_t descriptor);
  bool copy(Address to, Address from, std::uint64_t size);
  bool zero(Address to, std::uint64_t size);
  bool replicate(Address at, std::uint64_t element_size, std::uint64_t count);
  void access_fault();
  /// Ends the evaluation with a failure at `ip`; always false.
  bool stop(Reason reason, std::string_view detail = {});
  bool stop(Failure why);
  void trap(std::uint32_t kind, std::uint32_t text);
  void poison(std::uint32_t text);
  void unsupported(std::uint32_t text);
  void extern_variable(std::uint32_t id);
  void stop_global_write(std::uint32_t global);
  /// A word of `pointer_bytes` at a checked address.
  std::uint64_t load_pointer(const std::uint8_t* from) const;
  bool store_string(Address at, std::string_view text);
  std::expected<std::string, Failure> read_text(Address at, std::uint64_t size);

  /// Host bytes of a range that may be read or written; null after `stop`.
  const std::uint8_t* readable(Address address, std::uint64_t size);
  std::uint8_t* writable(Address address, std::uint64_t size);

  /// After a segment grew.
  void refresh() {
    low = memory.stack_low();
    span = memory.heap_top() - low;
    constants_low = memory.constants_low();
    constants_span = memory.constants_loaded();
    globals_low = memory.globals_low();
    globals_span = memory.globals_top() - globals_low;
  }
  Counters counters() const;
  std::uint64_t events() const { return consumed_ + static_cast<std::uint64_t>(chunk_ - budget); }
  bool comptime() const { return mode == Mode::Comptime; }

  // ---- comptime::Memory ----
  std::expected<void, Failure> read(std::uint64_t address, std::span<std::uint8_t> out) override;
  std::expected<void, Failure> write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  std::expected<void, Failure> write_pointer(std::uint64_t address, std::uint64_t pointer) override;
  std::expected<void, Failure> move(std::uint64_t to, std::uint64_t from, std::uint64_t size) override;
  std::expected<void, Failure> fill(std::uint64_t address, std::uint8_t byte, std::uint64_t size) override;
  std::expected<std::uint64_t, Failure> allocate(std::uint64_t size) override;
  std::expected<void, Failure> release(std::uint64_t address) override;
  std::expected<std::uint64_t, Failure> allocation_size(std::uint64_t address) override;
  std::expected<std::uint64_t, Failure> string_length(std::uint64_t address) override;

  Program& program;
  FlatMemory& memory;
  Host& host;
  const Limits limits;
  const Mode mode;
  TraceRing trace;

  Failure refused(Address address, bool is_write) const;

private:
  bool refill(bool is_call);
  /// How a helper ends that has done its work: true, and diverted to the sentinel if an interrupt waits.
  bool finish(Helper helper) { return finish(helper, ip); }
  bool finish(Helper helper, const Insn* resume);
  void settle_chunk();
  void unconsume();
  bool reach(const Code& code);
  void reserve_frame(std::size_t depth);
  bool allowed(ir::FuncId function, std::size_t depth, std::uint64_t cost);
  std::string locals_of(ir::FuncId function) const;
  void refresh_tables();
  bool compatible(ir::TypeId wanted, ir::TypeId found) const;
  std::expected<HostResult, Failure> call_host(const ir::Extern& target, const ir::Type& signature,
                                               std::span<const Word> arguments);
  std::optional<std::expected<HostResult, Failure>> call_trace(std::string_view symbol,
                                                               std::span<const Word> arguments);
  std::expected<HostResult, Failure> report_unhandled(std::span<const Word> arguments);
  void print_frames();
  bool run_intrinsic(const IntrinsicCall& call);
  bool reflect(const IntrinsicCall& call, std::uint64_t* window, std::uint64_t& value);
  bool resolve_frame(Address to, std::uint64_t handle);
  bool compiler_call(const IntrinsicCall& call, std::uint64_t* window, std::uint64_t& value);
  std::expected<std::string, Failure> encode_argument(ir::TypeId type, std::uint64_t word);
  bool decode_result(ir::TypeId type, std::string_view text, Address at, std::uint64_t& value);
  bool materialise(ir::GlobalId global);
  bool write_object(Address at, const ir::ImageObject& object, std::span<const Address> objects,
                    std::vector<ir::GlobalId>& pending);
  void attach_position(Failure& why) const;
  Span span_at(const Code& code, const Insn* behind) const;

  Interrupts* const interrupts_;
  const Insn* interrupted_at_ = nullptr; ///< behind the instruction that was interrupted, for reports
  std::vector<Address> global_table_;
  std::vector<std::uint64_t> registers_;
  std::vector<Frame> frames_;
  std::uint64_t consumed_ = 0; ///< events of finished chunks
  std::int64_t chunk_ = 0;     ///< events of this chunk
  std::uint64_t allocated_ = 0;
  std::size_t max_depth_ = 0;
};

/// A description of lanes, packed in one word: operator, kind of lane, bits, signedness, number of lanes.
struct Lanes {
  std::uint8_t op = 0;
  ir::TypeKind kind = ir::TypeKind::Int;
  std::uint8_t bits = 0; ///< 1 to 64; bool: 1
  bool is_signed = false;
  std::uint32_t count = 0;

  std::uint32_t bytes() const { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8; }
  std::uint64_t pack() const {
    return op | std::uint64_t(kind) << 8 | std::uint64_t{bits} << 16 | std::uint64_t{is_signed} << 24 |
           std::uint64_t{count} << 32;
  }
  static Lanes unpack(std::uint64_t word) {
    return {static_cast<std::uint8_t>(word), static_cast<ir::TypeKind>(word >> 8 & 0xff),
            static_cast<std::uint8_t>(word >> 16), (word >> 24 & 1) != 0, static_cast<std::uint32_t>(word >> 32)};
  }
};

/// Operand `number` (1 to 3) of the instruction that `ip` is behind, read from the code.
inline std::uint32_t operand_at(const Insn* ip, unsigned number) {
  if constexpr (std::endian::native != std::endian::little)
    return static_cast<std::uint16_t>(ip[-1] >> (16 * number));
  std::uint16_t field;
  std::memcpy(&field, reinterpret_cast<const std::uint8_t*>(ip) - 8 + std::size_t{2} * number, sizeof field);
  return field;
}

void run_switch(Machine& machine);
void run_threaded(Machine& machine);
void run_tail_call(Machine& machine);
/// The switch loop, with a count of each instruction.
void run_counting(Machine& machine, Profile& profile);

} // namespace sx::comptime::vm
