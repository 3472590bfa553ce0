// Addresses that stay the same in a loop are computed before it. Computing one can't fail and reads no memory, so it
// does no harm if the loop does not come to use it.

#include "comptime/vm/function_compiler.h"

#include <tuple>

namespace sx::comptime::vm {

namespace {

constexpr std::size_t most_invariants = 64;
constexpr int most_steps = 64; ///< of looking for loops around a place

} // namespace

// The register of a local's word, if `value_id` reads one.
Reg FunctionCompiler::word_of_local(std::uint32_t value_id) const {
  const ir::Node& n = node(value_id);
  return n.op == ir::Op::Load && node(n.a).op == ir::Op::PlaceLocal ? home_register(n.a) : no_reg;
}

// The register that holds the address of an array's first element.
Reg FunctionCompiler::start_of(std::uint32_t place_id) const {
  const ir::Node& n = node(place_id);
  switch (n.op) {
  case ir::Op::PlaceGlobal: {
    const auto home = global_homes_.find(n.a);
    return home == global_homes_.end() ? no_reg : home->second;
  }
  case ir::Op::PlaceLocal: {
    const Place& home = locals_[n.a].place;
    return home.kind == Place::Kind::Slot ? home.base : no_reg;
  }
  case ir::Op::PlaceDeref: return word_of_local(n.a);
  default: return no_reg;
  }
}

void FunctionCompiler::find_invariants() {
  std::map<std::tuple<std::uint32_t, Reg, Reg, std::uint64_t>, Reg> known;
  for (std::uint32_t id = 0; id < function_->nodes.size(); ++id) {
    const ir::Node& n = node(id);
    if (n.op != ir::Op::PlaceIndex || !facts_.in_loop[id] || known.size() >= most_invariants)
      continue;
    const ir::Op user = node(facts_.parent[id]).op;
    const std::uint64_t stride = layout(n.type).size;
    // An element that is read or written whole needs no address of its own.
    if ((user != ir::Op::PlaceIndex && user != ir::Op::PlaceField) || stride > 0xffff'ffff)
      continue;
    const Reg start = start_of(n.a), index = word_of_local(n.b);
    const std::uint32_t loop = start == no_reg || index == no_reg ? ir::none : outermost_loop(id, start, index);
    if (loop == ir::none)
      continue;
    const auto [invariant, is_new] = known.try_emplace({loop, start, index, stride}, no_reg);
    if (is_new) {
      invariant->second = pin(ir::none);
      invariants_[loop].push_back({invariant->second, start, index, stride});
    }
    invariant_places_.emplace(id, invariant->second);
  }
}

// The outermost loop around `place` in which neither register is written.
std::uint32_t FunctionCompiler::outermost_loop(std::uint32_t place, Reg start, Reg index) const {
  std::uint64_t classes = 0;
  for (const Reg reg : {start, index})
    if (local_of_[reg] != ir::none)
      classes |= BodyFacts::local_class(local_of_[reg]);
  std::uint32_t found = ir::none;
  std::uint32_t at = facts_.parent[place];
  for (int step = 0; step < most_steps && at != ir::none; ++step, at = facts_.parent[at]) {
    if (node(at).op != ir::Op::Loop)
      continue;
    if ((facts_.effects[at].writes & classes) != 0)
      break;
    found = at;
  }
  return found;
}

void FunctionCompiler::compute_invariants(std::uint32_t loop) {
  const auto found = invariants_.find(loop);
  if (found == invariants_.end())
    return;
  for (const Invariant& invariant : found->second) {
    emit(Opcode::Lea, invariant.reg, invariant.start, invariant.index);
    emit_word(invariant.stride);
  }
}

} // namespace sx::comptime::vm
