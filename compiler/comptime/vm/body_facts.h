#pragma once
// What the compiler wants to know about a body before it emits code.

#include "ir/module.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sx::comptime::vm {

/// What evaluating a node's subtree can do. Locals are sets of 64 classes (number modulo 64).
struct Effects {
  std::uint64_t reads = 0;   ///< locals named in it
  std::uint64_t writes = 0;  ///< locals stored to directly
  bool memory_reads = false; ///< reads through pointers, calls
  bool memory_writes = false;
  bool leaves = false; ///< has a break, continue, return or trap
  bool total = false;  ///< a word computed from words alone: no effect, no memory, cannot fail

  bool pure() const { return writes == 0 && !memory_writes && !leaves; }
};

/// Facts of a verified body, found in one pass.
struct BodyFacts {
  std::vector<Effects> effects;           ///< by node
  std::vector<bool> escapes;              ///< by local: its address is taken
  std::vector<bool> partial;              ///< by local: used other than by whole loads and stores
  std::vector<bool> indexed;              ///< by local: an element is chosen at run time
  std::vector<bool> in_loop;              ///< by node: evaluated by a loop's body
  std::vector<std::uint32_t> parent;      ///< by node: its user; `ir::none` for the root
  std::vector<bool> unread;               ///< by local: nothing but updates of itself reads it, and these are total
  std::vector<std::uint32_t> named;       ///< nodes that name a local, grouped by `named_begin`
  std::vector<std::uint32_t> named_begin; ///< by local (and one more): where its nodes begin in `named`

  explicit BodyFacts(const ir::Function& function);

  /// The `PlaceLocal` nodes of a local, ascending.
  std::span<const std::uint32_t> uses(std::uint32_t local) const {
    return std::span(named).subspan(named_begin[local], named_begin[local + 1] - named_begin[local]);
  }

  /// After the compiler found that reading `use` reads more than the local: everything around it does.
  void widen(std::uint32_t use, std::uint64_t reads, bool memory_reads);

  static std::uint64_t local_class(std::uint32_t local) { return std::uint64_t{1} << (local % 64); }

private:
  void find_uses(const ir::Function& function);
  bool is_unread(const ir::Function& function, std::uint32_t local) const;
};

/// The local at the bottom of a chain of fields, elements and payloads, or `ir::none`.
std::uint32_t root_local(const ir::Function& function, std::uint32_t place);
/// The same for a global.
std::uint32_t root_global(const ir::Function& function, std::uint32_t place);

} // namespace sx::comptime::vm
