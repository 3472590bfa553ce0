#include "comptime/vm/body_facts.h"

#include "ir/tree.h"

namespace sx::comptime::vm {

namespace {

std::uint32_t root(const ir::Function& function, std::uint32_t place) {
  for (;;) {
    const ir::Node& n = function.nodes[place];
    if (n.op != ir::Op::PlaceField && n.op != ir::Op::PlaceIndex && n.op != ir::Op::PlacePayload)
      return place;
    place = n.a;
  }
}

// Whether a node computes a word from the words of its operands and can't fail.
bool is_total(const ir::Function& function, const ir::Node& n) {
  switch (n.op) {
  case ir::Op::PlaceLocal:
  case ir::Op::ConstInt:
  case ir::Op::ConstFloat:
  case ir::Op::ConstZero:
  case ir::Op::Load:
  case ir::Op::Compare:
  case ir::Op::Unary:
  case ir::Op::Convert: return true;
  case ir::Op::Binary: {
    const auto op = static_cast<ir::BinaryOp>(n.sub);
    const ir::Node& divisor = function.nodes[n.b];
    return (op != ir::BinaryOp::Div && op != ir::BinaryOp::Rem) ||
           (divisor.op == ir::Op::ConstInt && divisor.b == 0 && divisor.a != 0);
  }
  default: return false;
  }
}

} // namespace

std::uint32_t root_local(const ir::Function& function, std::uint32_t place) {
  const ir::Node& n = function.nodes[root(function, place)];
  return n.op == ir::Op::PlaceLocal ? n.a : ir::none;
}

std::uint32_t root_global(const ir::Function& function, std::uint32_t place) {
  const ir::Node& n = function.nodes[root(function, place)];
  return n.op == ir::Op::PlaceGlobal ? n.a : ir::none;
}

BodyFacts::BodyFacts(const ir::Function& function)
    : effects(function.nodes.size()), escapes(function.locals.size()), partial(function.locals.size()),
      indexed(function.locals.size()), in_loop(function.nodes.size()), parent(function.nodes.size(), ir::none),
      unread(function.locals.size()), named_begin(function.locals.size() + 1) {
  for (std::size_t id = 0; id < function.nodes.size(); ++id) {
    const ir::Node& n = function.nodes[id];
    Effects& own = effects[id];
    own.total = is_total(function, n);
    ir::for_each_operand(function, n, [&](const ir::Operand& operand) {
      const Effects& part = effects[operand.node];
      parent[operand.node] = static_cast<std::uint32_t>(id);
      own.total &= part.total;
      own.reads |= part.reads;
      own.writes |= part.writes;
      own.memory_reads |= part.memory_reads;
      own.memory_writes |= part.memory_writes;
      own.leaves |= part.leaves;
    });
    switch (n.op) {
    case ir::Op::PlaceLocal:
      own.reads |= local_class(n.a);
      ++named_begin[n.a + 1];
      break;
    case ir::Op::LocalStart: own.writes |= local_class(n.a); break;
    case ir::Op::PlaceGlobal:
    case ir::Op::PlaceDeref: own.memory_reads = true; break;
    case ir::Op::PlaceField:
    case ir::Op::PlacePayload:
    case ir::Op::PlaceIndex: {
      const ir::Node& inner = function.nodes[n.a];
      if (inner.op == ir::Op::PlaceLocal)
        partial[inner.a] = true;
      const std::uint32_t local = root_local(function, n.a);
      if (n.op == ir::Op::PlaceIndex && local != ir::none && function.nodes[n.b].op != ir::Op::ConstInt)
        indexed[local] = true;
      break;
    }
    case ir::Op::AddressOf:
      if (const std::uint32_t local = root_local(function, n.a); local != ir::none) {
        escapes[local] = true;
        partial[local] = true;
      }
      break;
    case ir::Op::Store:
      if (const std::uint32_t local = root_local(function, n.a); local != ir::none)
        own.writes |= local_class(local);
      else
        own.memory_writes = true;
      break;
    case ir::Op::Call:
    case ir::Op::CallIndirect:
    case ir::Op::CallExtern:
    case ir::Op::Intrinsic:
    case ir::Op::PlaceTemp: own.memory_reads = own.memory_writes = true; break;
    case ir::Op::Break:
    case ir::Op::Continue:
    case ir::Op::Return:
    case ir::Op::Trap:
    case ir::Op::Poison: own.leaves = true; break;
    default: break;
    }
  }
  find_uses(function);
  for (std::uint32_t local = 0; local < function.locals.size(); ++local)
    unread[local] = is_unread(function, local);
  // Users follow their operands, so going down reaches each node after its user.
  for (std::size_t id = function.nodes.size(); id-- > 0;) {
    const bool repeats = in_loop[id] || function.nodes[id].op == ir::Op::Loop;
    if (repeats)
      ir::for_each_operand(function, function.nodes[id],
                           [this](const ir::Operand& operand) { in_loop[operand.node] = true; });
  }
}

void BodyFacts::find_uses(const ir::Function& function) {
  for (std::size_t local = 0; local < function.locals.size(); ++local)
    named_begin[local + 1] += named_begin[local];
  named.resize(named_begin.back());
  std::vector<std::uint32_t> next(named_begin.begin(), named_begin.end() - 1);
  for (std::uint32_t id = 0; id < function.nodes.size(); ++id)
    if (function.nodes[id].op == ir::Op::PlaceLocal)
      named[next[function.nodes[id].a]++] = id;
}

// Every use is the place of a store, or is read by the value of one into the same local.
bool BodyFacts::is_unread(const ir::Function& function, std::uint32_t local) const {
  const auto stores_to_local = [&](std::uint32_t id) {
    const ir::Node& n = function.nodes[id];
    return n.op == ir::Op::Store && function.nodes[n.a].op == ir::Op::PlaceLocal && function.nodes[n.a].a == local;
  };
  if (partial[local])
    return false;
  for (const std::uint32_t use : uses(local)) {
    std::uint32_t user = parent[use];
    constexpr int most_steps = 16;
    for (int step = 0; step < most_steps && user != ir::none && effects[user].total; ++step)
      user = parent[user];
    if (user == ir::none || !stores_to_local(user) || !effects[function.nodes[user].b].total)
      return false;
  }
  return true;
}

void BodyFacts::widen(std::uint32_t use, std::uint64_t reads, bool memory_reads) {
  for (std::uint32_t id = use; id != ir::none; id = parent[id]) {
    Effects& own = effects[id];
    if ((own.reads | reads) == own.reads && (own.memory_reads || !memory_reads))
      return;
    own.reads |= reads;
    own.memory_reads |= memory_reads;
  }
}

} // namespace sx::comptime::vm
