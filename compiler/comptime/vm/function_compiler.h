#pragma once
// The bytecode compiler of one function, in parts: compile.cpp (frame, emission, labels), compile_place.cpp (places,
// memory), compile_value.cpp (scalars), compile_aggregate.cpp (values in memory), compile_call.cpp,
// compile_control.cpp.

#include "comptime/vm/body_facts.h"
#include "comptime/vm/bytecode.h"
#include "comptime/vm/compile.h"
#include "comptime/vm/copies.h"
#include "comptime/vm/machine.h"
#include "comptime/vm/program.h"

#include <map>
#include <unordered_map>

namespace sx::comptime::vm {

/// How a type's values are held.
enum class Rep : std::uint8_t {
  None,   ///< no bytes
  Word,   ///< in a register
  Memory, ///< at an address
};

using LabelId = std::uint32_t;

class FunctionCompiler {
public:
  FunctionCompiler(Program& program, ir::FuncId id, Mode mode, bool long_branches);

  std::unique_ptr<Code> run();
  const std::optional<Failure>& failure() const { return failure_; }
  /// A short branch did not reach: compile again with long ones.
  bool too_far() const { return too_far_; }

private:
  static constexpr Reg no_reg = 0xffff'ffff;
  static constexpr Reg max_registers = 0xfff0;
  static constexpr std::uint64_t max_frame = std::uint64_t{1} << 30;

  /// A scalar member, at any depth, of an aggregate that is split.
  struct Leaf {
    std::int64_t offset = 0;
    std::uint64_t size = 0;
    ir::TypeId type;
  };
  /// Storage: a register, one register a leaf, frame memory, or base + index * scale + offset.
  struct Place {
    enum class Kind : std::uint8_t { Register, Split, Slot, Memory } kind = Kind::Slot;
    Reg base = no_reg; ///< Register: itself; Split: of the first leaf; Slot: one that holds the slot's start, or none
    Reg index = no_reg;
    std::uint64_t scale = 0;
    std::int64_t offset = 0;                   ///< Slot: in the frame; Split: in the object
    std::int64_t low = 0, high = 0;            ///< Slot: the object's extent in the frame
    const std::vector<Leaf>* leaves = nullptr; ///< Split
    std::uint32_t reader = ir::none;           ///< the load that reads it, if another node than the current one
  };
  struct LocalHome {
    Place place;
    std::uint32_t copy_store = ir::none; ///< the store that needs no code: the local stands for its source
    std::vector<Leaf> leaves;            ///< of `place` if that is split
    std::optional<std::uint64_t> value;  ///< of a parameter of an inlined function: a constant
  };
  /// Where a value goes.
  struct Dest {
    enum class Kind : std::uint8_t { Drop, Register, Memory } kind = Kind::Drop;
    Reg reg = no_reg;
    Place place;
  };
  /// A displacement to fill in.
  struct Use {
    enum class Form : std::uint8_t { Short, Wide, Word } form = Form::Short;
    std::size_t word = 0;
    std::size_t base = 0; ///< word that it counts from
  };
  struct Label {
    std::size_t position = ~std::size_t{0};
    std::vector<Use> uses;
  };
  struct Target {
    LabelId exit = 0, again = 0;
    Dest dest;
    ir::TypeId type;
  };
  /// Sets the node that instructions belong to.
  class At {
  public:
    At(FunctionCompiler& compiler, std::uint32_t id) : compiler_(compiler), outer_(compiler.at_) { compiler.at_ = id; }
    ~At() { compiler_.at_ = outer_; }
    At(const At&) = delete;
    At& operator=(const At&) = delete;

  private:
    FunctionCompiler& compiler_;
    std::uint32_t outer_;
  };

  // ---- compile.cpp: frame ----
  void assign_locals();
  void assign_local(std::uint32_t local, Reg incoming);
  bool adopt_copy(const Copy& copy);
  void assign_globals();
  Reg pin(std::uint32_t local);
  void prologue();
  void load_loop_constants();
  void finish();
  Reg temp();
  Reg temp_or(Reg want) { return want == no_reg ? temp() : want; }
  /// Where an operation that began when `top_` was `mark` leaves its result. Operands stay reserved until `finish_at`.
  Reg result_at(Reg mark, Reg want);
  Reg finish_at(Reg mark, Reg want);
  Place slot(std::uint64_t size, std::uint32_t align);
  /// For a local or temporary, of any size; `scratch` refuses what no frame can hold.
  Place object_slot(ir::TypeId type);
  Place scratch(ir::TypeId type);
  void fail(Reason reason, std::string_view detail);
  bool stopped() const { return failure_.has_value(); }

  // ---- compile.cpp: emission ----
  void emit(Insn insn);
  void emit(Opcode op, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0) { emit(encode(op, a, b, c)); }
  void emit_word(std::uint64_t word);
  /// First word of the newest instruction, if it has `words` words and control comes here from nowhere else; else Halt.
  Insn newest(std::size_t words) const;
  void drop_newest();
  void load_constant(Reg reg, std::uint64_t value);
  void move(Reg to, Reg from);
  LabelId new_label();
  void bind(LabelId label);
  void jump(LabelId label);
  /// A conditional jump: `a` and `b` as the short form has them.
  void branch(Opcode op, std::uint32_t a, std::uint32_t b, LabelId label);
  void branch_truth(Reg reg, bool when, LabelId label);
  void use(LabelId label, Use::Form form, std::size_t word, std::size_t base);
  void patch(const Use& use, std::size_t target);
  std::size_t here() const { return code_->words.size(); }

  // ---- questions ----
  const ir::Node& node(std::uint32_t id) const { return function_->nodes[id]; }
  const ir::Type& type(ir::TypeId id) const { return module_.types[id.index()]; }
  ir::TypeId type_of(std::uint32_t id) const { return function_->nodes[id].type; }
  ir::TypeKind kind_of(std::uint32_t id) const { return type(type_of(id)).kind; }
  Rep rep(ir::TypeId id) const;
  ir::Layout layout(ir::TypeId id) const { return module_.layout(id); }
  unsigned pointer_bits() const { return module_.target.pointer_bytes * 8; }
  std::span<const std::uint32_t> list(const ir::Node& n) const { return function_->list(n); }
  std::optional<std::uint64_t> constant(std::uint32_t id, unsigned depth = 0) const;
  bool is_constant_word(const ir::Node& n) const;
  static bool fits_immediate(std::uint64_t value);

  // ---- compile_split.cpp: aggregates in registers ----
  /// The leaves of a type whose bytes are those of its leaves, none if it has others or too many.
  std::optional<std::vector<Leaf>> leaves_of(ir::TypeId type) const;
  bool add_leaves(ir::TypeId type, std::int64_t offset, unsigned depth, std::vector<Leaf>& leaves) const;
  /// Whether a local is used only in ways that registers serve, and gains by it.
  bool wants_split(std::uint32_t local) const;
  bool split_local(std::uint32_t local, Reg incoming);
  /// The leaf's register if `place` is split and a leaf of exactly this type stands there, else none.
  Reg leaf_register(const Place& place, ir::TypeId type) const;
  /// The register in which the word at a place lives, else none.
  Reg home_register(std::uint32_t place_id) const;
  /// A copy of what is left of a split place, in frame memory.
  Place spilled(const Place& place);
  void copy_split(const Place& to, Place from, std::uint64_t size);

  // ---- compile_invariant.cpp: addresses computed before a loop ----
  Reg word_of_local(std::uint32_t value_id) const;
  Reg start_of(std::uint32_t place_id) const;
  void find_invariants();
  std::uint32_t outermost_loop(std::uint32_t place, Reg start, Reg index) const;
  void compute_invariants(std::uint32_t loop);

  // ---- compile_place.cpp ----
  Place place(std::uint32_t id);
  Place indexed(const ir::Node& n);
  Place temporary(std::uint32_t id);
  Place dereferenced(const ir::Node& n);
  void take_global(std::uint32_t global, Reg to);
  /// An index in a register and what it leaves to a constant offset.
  std::pair<Reg, std::int64_t> index_and_offset(std::uint32_t id, std::uint64_t stride);
  Reg address(const Place& place, Reg want = no_reg);
  Place offset_by(Place place, std::int64_t offset);
  bool in_frame(const Place& place, std::uint64_t size) const;
  void load_word(ir::TypeId type, const Place& from, Reg to);
  void store_word(ir::TypeId type, const Place& to, Reg value);
  std::optional<std::uint32_t> take_probe(Opcode access, const Place& place);
  void access(Opcode base, Reg reg, const Place& place, std::uint64_t size);
  std::uint32_t reader_of(const Place& from) const;
  void copy(const Place& to, const Place& from, std::uint64_t size);
  void zero(const Place& to, std::uint64_t size);
  void store(std::uint32_t id);
  std::uint32_t stored_bits(std::uint32_t value_id) const;
  void probe(const Place& source, std::uint64_t size);
  bool writes_in_place(std::uint32_t place_id, std::uint32_t value_id) const;
  /// A register of `reg`'s value that what `later` evaluates can't change.
  Reg keep(Reg reg, std::uint32_t later);

  // ---- values ----
  /// Any value into `dest`; a value of type never, or one that is dropped, is evaluated only.
  void value_to(std::uint32_t id, const Dest& dest);
  void effect(std::uint32_t id);
  /// A word; without `want` it may be the register of a local.
  Reg scalar(std::uint32_t id, Reg want = no_reg);
  Reg scalar_operator(std::uint32_t id, Reg want);
  Reg constant_word(std::uint64_t value, Reg want);
  /// A register that holds a constant of a loop from the function's entry on, if there is one left.
  Reg loop_constant(std::uint64_t value);
  Reg binary(std::uint32_t id, Reg want);
  Reg integer_binary(const ir::Node& n, Reg want);
  std::optional<Reg> rotate(const ir::Node& n, Reg want);
  bool add_product(const ir::Node& n, Reg to, Reg a, Reg b);
  Reg divide(const ir::Node& n, Reg want);
  Reg shift(const ir::Node& n, Reg want);
  Reg compare(std::uint32_t id, Reg want);
  Reg unary(std::uint32_t id, Reg want);
  Reg convert(std::uint32_t id, Reg want);
  Reg bits(const ir::Node& n, Reg want);
  Reg element_pointer(const ir::Node& n, Reg want);
  Reg canonical(const ir::Type& type, Reg from, Reg want);
  void truncate(Reg to, Reg from, unsigned bits, bool is_signed);
  std::pair<Reg, Reg> operands(std::uint32_t lhs, std::uint32_t rhs);

  // ---- compile_aggregate.cpp ----
  /// The value in memory that nothing else changes until the end of the statement's evaluation.
  Place aggregate(std::uint32_t id);
  /// The value in memory where it is; only good if it is read at once.
  Place aggregate_in_place(std::uint32_t id);
  /// Builds the value at `to`, which its evaluation must not read.
  void build(std::uint32_t id, const Place& to);
  static bool builds_split(const ir::Node& n);
  void build_members(std::uint32_t id, const Place& to);
  void splat(std::uint32_t id, const Place& to);
  void vector_operator(std::uint32_t id, const Place& to);
  Lanes lanes(ir::TypeId vector, std::uint8_t op) const;
  bool covers(const ir::Node& n) const;

  // ---- compile_call.cpp ----
  void call(std::uint32_t id, const Dest& dest);
  /// Compiles a call of a function that is only an expression of its arguments in place. False: it is none.
  bool inline_call(std::uint32_t id, const Dest& dest);
  std::vector<LocalHome> inlined_parameters(std::span<const std::uint32_t> values, const ir::Function& callee);
  /// Whether the callee's window can take over this function's first register, its context, as its own.
  bool passes_context(std::span<const std::uint32_t> values) const;
  void arguments(std::span<const std::uint32_t> values, Reg base, std::size_t first = 0);
  void argument(std::uint32_t id, Reg reg);
  void intrinsic(std::uint32_t id, const Dest& dest);
  void atomic(std::uint32_t id, const Dest& dest);
  void atomic_exchange(const ir::Node& n, const Dest& dest);
  void atomic_minmax(ir::TypeId element, bool is_min, Reg to, Reg old, Reg value);
  void result_word(Reg from, const Dest& dest, ir::TypeId type);

  // ---- compile_control.cpp ----
  void control(std::uint32_t id, const Dest& dest);
  void block(const ir::Node& n, const Dest& dest);
  void if_(const ir::Node& n, const Dest& dest);
  void loop(std::uint32_t id, const Dest& dest);
  bool step_and_repeat(std::size_t top, std::size_t test, Opcode back, Reg counter, std::uint32_t limit);
  bool invert_loop(std::size_t top, LabelId exit);
  void switch_(std::uint32_t id, const Dest& dest);
  void return_(const ir::Node& n);
  void jump_out(const ir::Node& n);
  /// Evaluates a condition; control goes to `yes` or `no`, one of which is bound next.
  void condition(std::uint32_t id, LabelId yes, LabelId no, bool yes_next);
  std::optional<std::uint32_t> tested_bits(std::uint32_t id) const;
  bool compare_and_branch(const ir::Node& n, LabelId yes, LabelId no, bool yes_next);
  /// The label that an arm does nothing but jump to.
  std::optional<LabelId> plain_jump(std::uint32_t id) const;
  void zero_dest(const Dest& dest, ir::TypeId type);

  Program& program_;
  ir::Module& module_;
  const ir::Function* function_; ///< whose nodes are compiled: the function or one that is inlined
  const Mode mode_;
  const bool long_branches_;
  BodyFacts facts_;
  std::unique_ptr<Code> code_;
  std::optional<Failure> failure_;
  bool too_far_ = false;
  std::uint32_t at_ = 0;                ///< node that instructions belong to
  std::uint32_t inlined_at_ = ir::none; ///< the call, while the body of its function is compiled

  std::vector<LocalHome> locals_;
  std::vector<std::uint32_t> local_of_; ///< by pinned register
  /// start + index * stride, of registers that a loop does not change.
  struct Invariant {
    Reg reg, start, index;
    std::uint64_t stride;
  };
  std::unordered_map<std::uint32_t, std::vector<Invariant>> invariants_; ///< by loop
  std::unordered_map<std::uint32_t, Reg> invariant_places_;              ///< registers of addresses by place
  std::map<std::uint32_t, Reg> global_homes_;                            ///< registers that hold addresses of globals
  std::unordered_map<std::uint32_t, Place> temporaries_;                 ///< by PlaceTemp node
  Reg result_address_ = no_reg;
  Reg pinned_ = 0;                            ///< registers of locals come first, then those of constants
  std::vector<std::uint64_t> loop_constants_; ///< in the last of the pinned registers
  Reg first_constant_ = 0, most_constants_ = 0;
  std::optional<std::size_t> entry_; ///< word at which the code begins, if not 0
  Reg top_ = 0, most_ = 0;
  std::uint64_t frame_ = 0; ///< bytes in use
  std::uint64_t frame_most_ = 0;
  std::uint32_t frame_align_ = 16;
  std::vector<Label> labels_;
  std::size_t last_ = 0;    ///< first word of the newest instruction
  std::size_t barrier_ = 0; ///< word to which control may come from elsewhere; the newest such one
  std::unordered_map<std::uint32_t, Target> targets_;
};

} // namespace sx::comptime::vm
