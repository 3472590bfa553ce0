#include "comptime/vm/copies.h"

#include "ir/tree.h"

#include <algorithm>
#include <optional>

namespace sx::comptime::vm {

namespace {

class CopyFinder {
public:
  CopyFinder(const ir::Function& function, const BodyFacts& facts)
      : function_(function), facts_(facts), steps_(16 * function.nodes.size() + 1024) {
    for (std::uint32_t local = 0; local < function.locals.size(); ++local)
      if (facts.escapes[local])
        escaped_ |= BodyFacts::local_class(local);
  }

  std::vector<Copy> run() {
    std::vector<Copy> copies;
    std::vector<bool> is_copy(function_.locals.size());
    for (std::uint32_t local = function_.param_count; local < function_.locals.size(); ++local) {
      const auto found = copy(local);
      if (!found || is_copy[found->base])
        continue;
      is_copy[local] = true;
      copies.push_back(*found);
    }
    // A source that was found to be a copy later.
    std::erase_if(copies, [&](const Copy& found) { return is_copy[found.base]; });
    return copies;
  }

private:
  const ir::Node& node(std::uint32_t id) const { return function_.nodes[id]; }

  std::optional<Copy> copy(std::uint32_t local) {
    if (facts_.escapes[local])
      return std::nullopt;
    Copy found;
    found.local = local;
    for (const std::uint32_t use : facts_.uses(local))
      if (const std::uint32_t user = facts_.parent[use]; node(user).op == ir::Op::Store && node(user).a == use) {
        if (found.store != ir::none)
          return std::nullopt;
        found.store = user;
      }
    if (found.store == ir::none || node(node(found.store).b).op != ir::Op::Load)
      return std::nullopt;
    found.source = node(node(found.store).b).a;
    found.base = source_base(found.source);
    const std::uint32_t block = facts_.parent[found.store];
    if (found.base == ir::none || found.base == local || facts_.partial[found.base] || block == ir::none ||
        node(block).op != ir::Op::Block)
      return std::nullopt;
    const bool through_pointer = node(found.source).op != ir::Op::PlaceLocal;
    const auto disturbs = [&](std::uint32_t id) {
      const Effects& effects = facts_.effects[id];
      return (effects.writes & BodyFacts::local_class(found.base)) != 0 ||
             (through_pointer && (effects.memory_writes || (effects.writes & escaped_) != 0));
    };
    for (const std::uint32_t use : facts_.uses(local))
      if (facts_.parent[use] != found.store && (!is_read(use) || !undisturbed(found.store, block, use, disturbs)))
        return std::nullopt;
    return found;
  }

  // The local at the bottom of a source; none if the place is none.
  std::uint32_t source_base(std::uint32_t place) const {
    if (node(place).op == ir::Op::PlaceLocal)
      return node(place).a;
    while (node(place).op == ir::Op::PlaceField || node(place).op == ir::Op::PlacePayload)
      place = node(place).a;
    if (node(place).op != ir::Op::PlaceDeref || node(node(place).a).op != ir::Op::Load)
      return ir::none;
    const ir::Node& pointer = node(node(node(place).a).a);
    return pointer.op == ir::Op::PlaceLocal ? pointer.a : ir::none;
  }

  bool is_read(std::uint32_t place) const {
    for (;;) {
      place = facts_.parent[place];
      if (node(place).op != ir::Op::PlaceField && node(place).op != ir::Op::PlacePayload)
        return node(place).op == ir::Op::Load;
    }
  }

  // Whether nothing that is evaluated between the store, a statement of `block`, and `use` disturbs. What is not
  // certain, or takes too long to find out, is answered by no.
  template <class Disturbs>
  bool undisturbed(std::uint32_t store, std::uint32_t block, std::uint32_t use, const Disturbs& disturbs) {
    for (std::uint32_t child = use; steps_ != 0;) {
      const std::uint32_t user = facts_.parent[child];
      if (user == ir::none)
        return false;
      const ir::Node& n = node(user);
      bool behind = user != block; // the store
      bool reached = false, calm = true;
      ir::for_each_operand(function_, n, [&](const ir::Operand& operand) {
        if (operand.node == child)
          reached = true;
        const bool before = evaluated_before(n, operand, child, reached);
        if (before && behind && disturbs(operand.node))
          calm = false;
        if (operand.node == store && !reached)
          behind = true;
        steps_ -= steps_ != 0 ? 1 : 0;
      });
      if (!calm)
        return false;
      if (user == block)
        return behind;
      child = user;
    }
    return false;
  }

  // Whether `operand` of `n` may be evaluated before `child` is, a later round of a loop included.
  static bool evaluated_before(const ir::Node& n, const ir::Operand& operand, std::uint32_t child, bool reached) {
    switch (n.op) {
    case ir::Op::Block: return !reached;
    case ir::Op::If:
    case ir::Op::Switch: return operand.role == ir::Role::A && operand.node != child;
    case ir::Op::Loop: return true;
    case ir::Op::Store: return operand.node != child && child == n.a;
    default: return operand.node != child;
    }
  }

  const ir::Function& function_;
  const BodyFacts& facts_;
  std::size_t steps_; ///< left, so that long blocks don't make this quadratic
  std::uint64_t escaped_ = 0;
};

} // namespace

std::vector<Copy> find_copies(const ir::Function& function, const BodyFacts& facts) {
  return CopyFinder(function, facts).run();
}

} // namespace sx::comptime::vm
