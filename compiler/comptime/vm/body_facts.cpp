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

} // namespace

std::uint32_t root_local(const ir::Function& function, std::uint32_t place) {
  const ir::Node& n = function.nodes[root(function, place)];
  return n.op == ir::Op::PlaceLocal ? n.a : ir::none;
}

std::uint32_t root_global(const ir::Function& function, std::uint32_t place) {
  const ir::Node& n = function.nodes[root(function, place)];
  return n.op == ir::Op::PlaceGlobal ? n.a : ir::none;
}

BodyFacts::BodyFacts(const ir::Module&, const ir::Function& function)
    : effects(function.nodes.size()), escapes(function.locals.size()), partial(function.locals.size()),
      indexed(function.locals.size()) {
  for (std::size_t id = 0; id < function.nodes.size(); ++id) {
    const ir::Node& n = function.nodes[id];
    Effects& own = effects[id];
    ir::for_each_operand(function, n, [&](const ir::Operand& operand) {
      const Effects& part = effects[operand.node];
      own.reads |= part.reads;
      own.writes |= part.writes;
      own.memory_reads |= part.memory_reads;
      own.memory_writes |= part.memory_writes;
      own.leaves |= part.leaves;
    });
    switch (n.op) {
    case ir::Op::PlaceLocal: own.reads |= local_class(n.a); break;
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
}

} // namespace sx::comptime::vm
