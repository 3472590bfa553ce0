#pragma once
// The types made from parameterised protocols (R5.120).

#include "sema/checker.h"

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sx::sema {

class ProtocolInstances {
public:
  /// One type per declaration and arguments. No arguments at all: the type that stands for every instance.
  TypeId get(Checker& checker, DeclId id, std::span<const TypeId> arguments);
  /// The declaration an instance was made from; invalid for other types.
  DeclId declaration(TypeId type) const;
  /// The declaration if `type` stands for every instance of it; invalid otherwise.
  DeclId open_declaration(const Checker& checker, TypeId type) const;

private:
  std::map<std::pair<DeclId, std::vector<TypeId>>, TypeId> made_;
  std::map<TypeId, DeclId> declarations_;
};

/// The first extra parameter of a method that mentions `Self`; nothing if only its result does.
std::optional<StringId> self_parameter(Checker& checker, TypeId protocol, std::uint32_t method);

} // namespace sx::sema
