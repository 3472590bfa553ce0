#include "ir/generate.h"

#include "ir/builder.h"

#include <algorithm>
#include <bit>

namespace sx::ir {

std::uint64_t SeededChoices::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t ByteChoices::next() {
  std::uint64_t value = 0;
  const std::size_t taken = std::min<std::size_t>(bytes_.size(), 2);
  for (std::size_t i = 0; i < taken; ++i)
    value |= static_cast<std::uint64_t>(bytes_[i]) << (8 * i);
  bytes_ = bytes_.subspan(taken);
  return value;
}

namespace {

constexpr unsigned max_depth = 6;
constexpr std::uint64_t max_iterations = 7;
constexpr std::uint64_t function_steps = max_generated_steps / 8;

/// What all functions of the module may use.
struct Shared {
  std::vector<TypeId> scalars;      ///< bool, ints, floats
  std::vector<TypeId> composites;   ///< structs, arrays, vectors of scalars
  GlobalId numbers;                 ///< constant array of four i32
  std::vector<std::uint64_t> steps; ///< upper bound of one call, by function
};

class FunctionGenerator {
public:
  FunctionGenerator(Choices& choices, Module& module, Shared& shared, FuncId id, unsigned nodes)
      : choices_(choices), module_(module), shared_(shared), b_(module, module.function(id)), id_(id),
        budget_(static_cast<int>(nodes)) {}

  /// The parameters must be the function's locals already. Returns a bound of the steps of one call.
  std::uint64_t run() {
    const TypeId result = module_.type(b_.function().signature).element;
    for (std::size_t i = 0; i < b_.function().locals.size(); ++i)
      variables_.push_back(LocalId(i));
    std::vector<NodeId> body;
    for (unsigned i = 0; i < 3 + choices_.below(5); ++i)
      body.push_back(declare(any_type()));
    while (budget_ > 0 && body.size() < 40)
      body.push_back(statement(max_depth));
    body.push_back(step(b_.return_(value(result, max_depth))));
    b_.finish(step(b_.block(b_.new_label(), b_.never_type(), body)));
    return steps_;
  }

private:
  struct Target {
    std::uint32_t label;
    TypeId type;
    bool is_loop;
    std::uint64_t repeat;
  };

  // Counts a node as often as the loops around it may run it.
  NodeId step(NodeId node) {
    --budget_;
    steps_ += repeat_;
    return node;
  }
  bool affordable(std::uint64_t steps) const { return steps_ + repeat_ * steps <= function_steps; }
  bool tired() const { return budget_ <= 0 || !affordable(64); }

  TypeId scalar_type() { return shared_.scalars[choices_.below(shared_.scalars.size())]; }
  TypeId any_type() {
    return choices_.one_in(3) ? shared_.composites[choices_.below(shared_.composites.size())] : scalar_type();
  }
  TypeId i64() { return b_.int_type(64, true); }

  // ---- places ----

  NodeId declare(TypeId type) {
    const std::string name = "v" + std::to_string(b_.function().locals.size());
    const LocalId id = b_.add_local(module_.strings.intern(choices_.one_in(8) ? "" : name), type);
    const NodeId place = step(b_.local(id));
    const NodeId initial = value(type, 2);
    variables_.push_back(id);
    return step(b_.store(place, initial));
  }

  std::vector<LocalId> variables_of(TypeId type) const {
    std::vector<LocalId> found;
    for (LocalId id : variables_)
      if (b_type(id) == type)
        found.push_back(id);
    return found;
  }
  TypeId b_type(LocalId id) const { return module_.function(id_).locals[id.index()].type; }

  /// A readable place of `type`, or none.
  NodeId place(TypeId type, unsigned depth) {
    if (type == b_.int_type(8, false) && choices_.one_in(2))
      return text_byte(depth);
    if (type == b_.int_type(32, true) && choices_.one_in(4)) {
      const NodeId numbers = step(b_.global(shared_.numbers));
      return step(b_.index(numbers, bounded_index(4, depth)));
    }
    const auto same = variables_of(type);
    if (!same.empty() && !choices_.one_in(3))
      return through_pointer(step(b_.local(same[choices_.below(same.size())])));
    for (LocalId id : variables_)
      if (const NodeId part = part_of(id, type, depth))
        return part;
    return same.empty() ? NodeId() : step(b_.local(same[0]));
  }

  // A byte of read-only data.
  NodeId text_byte(unsigned depth) {
    constexpr std::string_view texts[] = {"even", "ten!", "\"q\"\n"};
    const TypeId byte = b_.int_type(8, false);
    const NodeId start = step(b_.data(b_.pointer_type(), texts[choices_.below(std::size(texts))]));
    return step(b_.deref(step(b_.element_pointer(start, bounded_index(4, depth), byte)), byte));
  }

  // The place itself, or what its address points at.
  NodeId through_pointer(NodeId place) {
    const TypeId type = b_.type_of(place);
    if (!choices_.one_in(6))
      return place;
    const NodeId address = step(b_.address_of(place));
    return step(b_.deref(address, type));
  }

  // A member or element of that type.
  NodeId part_of(LocalId id, TypeId type, unsigned depth) {
    const Type& whole = module_.type(b_type(id));
    if (whole.kind == TypeKind::Aggregate)
      for (std::uint32_t i = 0; i < whole.fields.size(); ++i)
        if (whole.fields[i].type == type) {
          const NodeId base = through_pointer(step(b_.local(id)));
          return choices_.one_in(4) ? step(b_.payload(base, whole.fields[i].offset, type)) : step(b_.field(base, i));
        }
    if ((whole.kind == TypeKind::Array || whole.kind == TypeKind::Vector) && whole.element == type) {
      const std::uint64_t count = whole.count;
      const NodeId base = through_pointer(step(b_.local(id)));
      return step(b_.index(base, bounded_index(count, depth)));
    }
    return {};
  }

  // An i64 in [0, count); count is a power of two.
  NodeId bounded_index(std::uint64_t count, unsigned depth) {
    if (depth == 0 || tired())
      return step(b_.const_int(i64(), choices_.below(count)));
    const NodeId any = value(i64(), depth - 1);
    return step(b_.binary(BinaryOp::And, any, step(b_.const_int(i64(), count - 1))));
  }

  // ---- values ----

  NodeId constant(TypeId type) {
    const Type& row = module_.type(type);
    switch (row.kind) {
    case TypeKind::Bool:
    case TypeKind::Int: return step(b_.const_int(type, choices_.one_in(2) ? choices_.next() : choices_.below(16)));
    case TypeKind::Float: {
      const double number = static_cast<double>(static_cast<std::int32_t>(choices_.next())) / 64;
      return step(b_.const_float(type, row.bits == 64 ? std::bit_cast<std::uint64_t>(number)
                                                      : std::bit_cast<std::uint32_t>(static_cast<float>(number))));
    }
    default: return step(b_.zero(type));
    }
  }

  NodeId leaf(TypeId type) {
    if (const auto same = variables_of(type); !same.empty() && choices_.one_in(2))
      return step(b_.load(step(b_.local(same[choices_.below(same.size())]))));
    return constant(type);
  }

  NodeId value(TypeId type, unsigned depth) {
    if (depth == 0 || tired())
      return leaf(type);
    --depth;
    switch (choices_.below(8)) {
    case 0: return leaf(type);
    case 1:
      if (const NodeId from = place(type, depth))
        return step(b_.load(from));
      return leaf(type);
    case 2: return call(type, depth);
    case 3: return control(type, depth);
    case 4: return step(b_.load(step(b_.temp(value(type, depth)))));
    default: return computed(type, depth);
    }
  }

  NodeId computed(TypeId type, unsigned depth) {
    switch (module_.type(type).kind) {
    case TypeKind::Bool: return truth(depth);
    case TypeKind::Int: return integer(type, depth);
    case TypeKind::Float: return floating(type, depth);
    case TypeKind::Vector: return choices_.one_in(2) ? lanes(type, depth) : aggregate(type, depth);
    default: return aggregate(type, depth);
    }
  }

  NodeId binary(BinaryOp op, TypeId type, unsigned depth) {
    const NodeId lhs = value(type, depth);
    return step(b_.binary(op, lhs, value(type, depth)));
  }

  NodeId truth(unsigned depth) {
    const TypeId operand = scalar_type();
    switch (choices_.below(4)) {
    case 0: return binary(choices_.one_in(2) ? BinaryOp::And : BinaryOp::Or, b_.bool_type(), depth);
    case 1: return step(b_.unary(UnaryOp::BitNot, value(b_.bool_type(), depth)));
    case 2:
      if (module_.type(operand).kind != TypeKind::Bool)
        return step(b_.convert(ConvertOp::Truth, value(operand, depth), b_.bool_type()));
      [[fallthrough]];
    default: {
      const auto op = static_cast<CompareOp>(choices_.below(6));
      const NodeId lhs = value(operand, depth);
      return step(b_.compare(op, lhs, value(operand, depth)));
    }
    }
  }

  NodeId integer(TypeId type, unsigned depth) {
    constexpr BinaryOp ops[] = {BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::And,
                                BinaryOp::Or,  BinaryOp::Xor, BinaryOp::Shl, BinaryOp::Shr};
    switch (choices_.below(6)) {
    case 0: {
      const UnaryOp op = choices_.one_in(2) ? UnaryOp::Neg : UnaryOp::BitNot;
      return step(b_.unary(op, value(type, depth)));
    }
    case 1: return conversion(type, depth);
    case 2: { // a divisor that neither traps nor overflows
      const NodeId lhs = value(type, depth);
      const std::uint64_t divisor = module_.type(type).bits > 2 ? 1 + choices_.below(3) : 1;
      return step(
          b_.binary(choices_.one_in(2) ? BinaryOp::Div : BinaryOp::Rem, lhs, step(b_.const_int(type, divisor))));
    }
    default: return binary(ops[choices_.below(std::size(ops))], type, depth);
    }
  }

  NodeId conversion(TypeId type, unsigned depth) {
    const TypeId from = scalar_type();
    const bool is_float = module_.type(from).kind == TypeKind::Float;
    return step(b_.convert(is_float ? ConvertOp::FloatToInt : ConvertOp::Resize, value(from, depth), type));
  }

  NodeId floating(TypeId type, unsigned depth) {
    constexpr BinaryOp ops[] = {BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div};
    const TypeId from = scalar_type();
    switch (choices_.below(4)) {
    case 0: return step(b_.unary(UnaryOp::Neg, value(type, depth)));
    case 1: {
      const bool is_float = module_.type(from).kind == TypeKind::Float;
      return step(b_.convert(is_float ? ConvertOp::FloatResize : ConvertOp::IntToFloat, value(from, depth), type));
    }
    default: return binary(ops[choices_.below(std::size(ops))], type, depth);
    }
  }

  NodeId lanes(TypeId type, unsigned depth) {
    const bool is_int = module_.type(module_.type(type).element).kind == TypeKind::Int;
    return binary(is_int && choices_.one_in(2) ? BinaryOp::Xor : BinaryOp::Add, type, depth);
  }

  NodeId aggregate(TypeId type, unsigned depth) {
    const Type& row = module_.type(type);
    const bool by_count = row.kind != TypeKind::Aggregate;
    if (by_count && choices_.one_in(3))
      return step(b_.splat(type, value(row.element, depth)));
    std::vector<Builder::Init> inits;
    const std::uint64_t count = by_count ? row.count : row.fields.size();
    for (std::uint32_t i = 0; i < count; ++i)
      if (!choices_.one_in(3))
        inits.push_back({i, value(by_count ? row.element : row.fields[i].type, depth)});
    return step(b_.aggregate(type, inits));
  }

  NodeId call(TypeId type, unsigned depth) {
    for (std::uint32_t callee = 0; callee < id_.value; ++callee) {
      const Type& signature = module_.type(module_.function(FuncId(callee)).signature);
      if (signature.element != type || !affordable(shared_.steps[callee]) || choices_.one_in(3))
        continue;
      steps_ += repeat_ * shared_.steps[callee];
      const bool indirect = choices_.one_in(3);
      const NodeId code = indirect ? step(b_.const_function(FuncId(callee))) : NodeId();
      std::vector<NodeId> arguments;
      for (TypeId param : signature.params)
        arguments.push_back(value(param, depth));
      const TypeId id = module_.function(FuncId(callee)).signature;
      return step(indirect ? b_.call_indirect(id, code, arguments) : b_.call(FuncId(callee), arguments));
    }
    return leaf(type);
  }

  NodeId control(TypeId type, unsigned depth) {
    switch (choices_.below(4)) {
    case 0: {
      const NodeId condition = value(b_.bool_type(), depth);
      const NodeId then_arm = value(type, depth);
      return step(b_.if_(condition, then_arm, value(type, depth), type));
    }
    case 1: return switch_value(type, depth);
    case 2: return counted_loop(type, depth);
    default: return block(type, depth);
    }
  }

  NodeId block(TypeId type, unsigned depth) {
    targets_.push_back({b_.new_label(), type, false, repeat_});
    std::vector<NodeId> children;
    for (unsigned i = 0; i < choices_.below(3) && !tired(); ++i)
      children.push_back(statement(depth));
    children.push_back(value(type, depth));
    const std::uint32_t label = targets_.back().label;
    targets_.pop_back();
    return step(b_.block(label, type, children));
  }

  NodeId switch_value(TypeId type, unsigned depth) {
    const TypeId subject_type = b_.int_type(8, false);
    const NodeId any = value(subject_type, depth);
    const NodeId subject = step(b_.binary(BinaryOp::And, any, step(b_.const_int(subject_type, 3))));
    const NodeId default_arm = choices_.one_in(4) ? NodeId() : value(type, depth);
    std::vector<Builder::Case> cases;
    for (std::uint64_t i = choices_.below(2); i < 4; i += 1 + choices_.below(2))
      cases.push_back({i, value(type, depth)});
    return step(b_.switch_(subject, cases, default_arm, type));
  }

  // loop { if counter >= n break value; counter += 1; statements }
  NodeId counted_loop(TypeId type, unsigned depth) {
    const std::uint64_t rounds = 1 + choices_.below(max_iterations);
    if (!affordable(64 * (rounds + 1)))
      return module_.type(type).kind == TypeKind::Void ? assignment(0) : leaf(type);
    const TypeId counter_type = b_.int_type(32, true);
    const LocalId counter =
        b_.add_local(module_.strings.intern("n" + std::to_string(b_.function().locals.size())), counter_type);
    const NodeId start = step(b_.local(counter));
    const NodeId clear = step(b_.store(start, step(b_.const_int(counter_type, 0))));

    const std::uint64_t outer = repeat_;
    repeat_ *= rounds + 1;
    const std::uint32_t label = b_.new_label(), body_label = b_.new_label(), whole_label = b_.new_label();
    targets_.push_back({label, type, true, outer});
    std::vector<NodeId> body;
    const NodeId current = step(b_.load(step(b_.local(counter))));
    const NodeId done = step(b_.compare(CompareOp::Ge, current, step(b_.const_int(counter_type, rounds))));
    const bool is_void = module_.type(type).kind == TypeKind::Void;
    const NodeId leave = step(b_.break_(label, is_void ? NodeId() : value(type, std::min(depth, 1u))));
    body.push_back(step(b_.if_(done, leave, NodeId(), b_.void_type())));
    const NodeId target = step(b_.local(counter));
    const NodeId old = step(b_.load(step(b_.local(counter))));
    body.push_back(step(b_.store(target, step(b_.binary(BinaryOp::Add, old, step(b_.const_int(counter_type, 1)))))));
    for (unsigned i = 0; i < 1 + choices_.below(3) && !tired(); ++i)
      body.push_back(statement(depth));
    const NodeId round = step(b_.block(body_label, b_.void_type(), body));
    targets_.pop_back();
    repeat_ = outer;
    const NodeId loop = step(b_.loop(label, type, round));
    const NodeId children[] = {clear, loop};
    return step(b_.block(whole_label, type, children));
  }

  // ---- statements: nodes whose value is dropped ----

  NodeId statement(unsigned depth) {
    if (depth == 0 || tired())
      return assignment(0);
    --depth;
    switch (choices_.below(8)) {
    case 0: return counted_loop(b_.void_type(), depth);
    case 1: {
      const NodeId condition = value(b_.bool_type(), depth);
      const NodeId then_arm = statement(depth);
      return step(b_.if_(condition, then_arm, choices_.one_in(2) ? NodeId() : statement(depth), b_.void_type()));
    }
    case 2: return jump_if(depth);
    case 3: return value(any_type(), depth);
    case 4: return copy(depth);
    default: return assignment(depth);
    }
  }

  NodeId assignment(unsigned depth) {
    if (variables_.empty())
      return constant(i64());
    const LocalId target = variables_[choices_.below(variables_.size())];
    const Type& row = module_.type(b_type(target));
    if (row.kind == TypeKind::Aggregate && !row.fields.empty() && choices_.one_in(2)) {
      const auto member = static_cast<std::uint32_t>(choices_.below(row.fields.size()));
      const NodeId part = step(b_.field(through_pointer(step(b_.local(target))), member));
      return step(b_.store(part, value(row.fields[member].type, depth)));
    }
    const NodeId whole = through_pointer(step(b_.local(target)));
    return step(b_.store(whole, value(b_type(target), depth)));
  }

  // Copies the bytes of one variable over another of its type (other than itself).
  NodeId copy(unsigned depth) {
    if (variables_.empty())
      return constant(i64());
    const LocalId target = variables_[choices_.below(variables_.size())];
    const auto same = variables_of(b_type(target));
    const LocalId source = same[choices_.below(same.size())];
    const std::uint64_t size = module_.layout(b_type(target)).size;
    if (source == target || size == 0)
      return assignment(depth);
    const NodeId to = step(b_.address_of(step(b_.local(target))));
    const NodeId from = step(b_.address_of(step(b_.local(source))));
    const NodeId arguments[] = {to, from, step(b_.const_int(i64(), size))};
    return step(
        b_.intrinsic(choices_.one_in(2) ? Intrinsic::MemCopy : Intrinsic::MemMove, 0, b_.void_type(), arguments));
  }

  // if condition { break, continue or return }
  NodeId jump_if(unsigned depth) {
    const NodeId condition = value(b_.bool_type(), depth);
    NodeId jump;
    if (targets_.empty() || choices_.one_in(6)) {
      jump = step(b_.return_(value(module_.type(b_.function().signature).element, std::min(depth, 1u))));
    } else {
      const Target target = targets_[choices_.below(targets_.size())];
      const bool is_void = module_.type(target.type).kind == TypeKind::Void;
      if (target.is_loop && choices_.one_in(2))
        jump = step(b_.continue_(target.label));
      else
        jump = step(b_.break_(target.label, is_void ? NodeId() : value(target.type, std::min(depth, 1u))));
    }
    return step(b_.if_(condition, jump, NodeId(), b_.void_type()));
  }

  Choices& choices_;
  Module& module_;
  Shared& shared_;
  Builder b_;
  FuncId id_;
  int budget_;
  std::uint64_t steps_ = 0;
  std::uint64_t repeat_ = 1; ///< how often the node being made may run in one call
  std::vector<LocalId> variables_;
  std::vector<Target> targets_;
};

class ModuleGenerator {
public:
  ModuleGenerator(Choices& choices, Module& module) : choices_(choices), module_(module) {}

  void run(unsigned size) {
    module_.files.push_back("generated.sx");
    types();
    const unsigned functions = 1 + size / 8;
    const unsigned nodes = 40 * (size + 1) / functions;
    for (unsigned i = 0; i <= functions; ++i)
      function(i == functions, nodes);
    module_.entry_symbol = module_.functions.back().symbol;
  }

private:
  void types() {
    Function scratch;
    Builder b(module_, scratch);
    // All interned here: later on the order would depend on that in which C++ evaluates arguments.
    b.void_type(), b.never_type(), b.pointer_type(), b.code_type();
    shared_.scalars = {b.bool_type(),        b.int_type(8, false),  b.int_type(64, true), b.int_type(32, true),
                       b.int_type(16, true), b.int_type(64, false), b.int_type(7, true),  b.int_type(12, false),
                       b.float_type(32),     b.float_type(64)};
    for (unsigned i = 0; i < 1 + choices_.below(3); ++i)
      shared_.composites.push_back(structure(i));
    const TypeId numbers = b.array_type(b.int_type(32, true), 4);
    shared_.composites.push_back(numbers);
    constant(numbers);
    shared_.composites.push_back(b.array_type(shared_.composites[0], 2));
    shared_.composites.push_back(b.vector_type(b.int_type(16, true), 4));
    shared_.composites.push_back(b.vector_type(b.float_type(32), 2));
  }

  void constant(TypeId type) {
    Global& row = module_.globals.emplace_back();
    row.name = row.symbol = module_.strings.intern("numbers");
    row.type = type;
    row.is_constant = true;
    ImageObject object{4, {}, {}};
    for (std::uint64_t i = 0; i < module_.layout(type).size; ++i)
      object.bytes.push_back(static_cast<std::uint8_t>(choices_.next()));
    row.image = FoldImage{type, {object}};
    shared_.numbers = GlobalId(module_.globals.size() - 1);
  }

  // Members by the struct rule (R2.108).
  TypeId structure(unsigned number) {
    Type type;
    type.kind = TypeKind::Aggregate;
    type.name = module_.strings.intern("S" + std::to_string(number));
    std::uint64_t end = 0;
    for (unsigned i = 0; i < 1 + choices_.below(4); ++i) {
      const TypeId member = shared_.scalars[choices_.below(shared_.scalars.size())];
      const Layout layout = module_.layout(member);
      const std::uint64_t offset = (end + layout.align - 1) / layout.align * layout.align;
      type.fields.push_back({module_.strings.intern("m" + std::to_string(i)), member, offset});
      type.align = std::max(type.align, layout.align);
      end = offset + layout.size;
    }
    type.size = (end + type.align - 1) / type.align * type.align;
    return module_.intern_type(type);
  }

  TypeId any_type() {
    return choices_.one_in(4) ? shared_.composites[choices_.below(shared_.composites.size())]
                              : shared_.scalars[choices_.below(shared_.scalars.size())];
  }

  void function(bool is_entry, unsigned nodes) {
    const FuncId id(module_.functions.size());
    Function& row = module_.functions.emplace_back();
    Builder b(module_, row);
    row.name = row.symbol = module_.strings.intern(is_entry ? "entry" : "f" + std::to_string(id.value));
    std::vector<TypeId> params;
    for (std::uint64_t i = choices_.below(4); !is_entry && i > 0; --i) {
      params.push_back(any_type());
      b.add_local(module_.strings.intern("p" + std::to_string(i)), params.back());
    }
    row.param_count = static_cast<std::uint32_t>(params.size());
    row.signature = b.signature_type(params, is_entry ? b.int_type(64, true) : any_type());
    row.span = {FileId(0), id.value, id.value + 1};
    shared_.steps.push_back(FunctionGenerator(choices_, module_, shared_, id, nodes).run());
    for (std::size_t i = 0; i < row.spans.size(); i += 1 + choices_.below(8))
      row.spans[i] = {FileId(0), static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i + 1)};
  }

  Choices& choices_;
  Module& module_;
  Shared shared_;
};

} // namespace

std::unique_ptr<Module> generate(Choices& choices, unsigned size, std::uint32_t pointer_bytes) {
  auto module = std::make_unique<Module>();
  module->target.pointer_bytes = pointer_bytes;
  ModuleGenerator(choices, *module).run(size);
  return module;
}

} // namespace sx::ir
