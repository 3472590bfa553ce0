#pragma once
// What the checks of phases 5d to 5g remember: parents of nodes, functions by member name, the graph of error sets.

#include "sema/error_inference.h"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sx::sema {

/// A function, or something of function type, that stands in a type and is called through a dot.
struct MemberFunction {
  enum class Owner : std::uint8_t { Struct, Impl, Protocol, Field };
  ModuleId module;
  AstId node;  ///< Function, ProtocolMethod; Field: the written type
  AstId owner; ///< StructType, Impl or ProtocolType that contains it
  Owner kind = Owner::Struct;
};

struct Checker::FlowTables {
  /// Parent of every node; none for roots.
  const std::vector<AstId>& parents_of(const syntax::Tree& tree);
  /// Members of this name in all types and implementations of the program.
  const std::vector<MemberFunction>& members_called(Checker& checker, StringId name);

  ErrorGraph errors;

private:
  void index_members(Checker& checker);

  std::map<const syntax::Tree*, std::vector<AstId>> parents_;
  std::unordered_map<StringId, std::vector<MemberFunction>> members_;
  std::size_t indexed_modules_ = 0;
};

} // namespace sx::sema
