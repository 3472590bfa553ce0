#pragma once
// What the compiler wants to know about a body before it emits code.

#include "ir/module.h"

#include <cstdint>
#include <vector>

namespace sx::comptime::vm {

/// What evaluating a node's subtree can do. Locals are sets of 64 classes (number modulo 64).
struct Effects {
  std::uint64_t reads = 0;   ///< locals named in it
  std::uint64_t writes = 0;  ///< locals stored to directly
  bool memory_reads = false; ///< reads through pointers, calls
  bool memory_writes = false;
  bool leaves = false; ///< has a break, continue, return or trap

  bool pure() const { return writes == 0 && !memory_writes && !leaves; }
};

/// Facts of a verified body, found in one pass.
struct BodyFacts {
  std::vector<Effects> effects; ///< by node
  std::vector<bool> escapes;    ///< by local: its address is taken
  std::vector<bool> partial;    ///< by local: used other than by whole loads and stores
  std::vector<bool> indexed;    ///< by local: an element is chosen at run time

  BodyFacts(const ir::Module& module, const ir::Function& function);

  static std::uint64_t local_class(std::uint32_t local) { return std::uint64_t{1} << (local % 64); }
};

/// The local at the bottom of a chain of fields, elements and payloads, or `ir::none`.
std::uint32_t root_local(const ir::Function& function, std::uint32_t place);
/// The same for a global.
std::uint32_t root_global(const ir::Function& function, std::uint32_t place);

} // namespace sx::comptime::vm
