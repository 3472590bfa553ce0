#pragma once
// What generics, protocols and `#insert` remember while a program is checked.

#include "sema/built_types.h"
#include "sema/checker.h"
#include "sema/compiler_api.h"
#include "sema/impl_table.h"
#include "sema/protocol_instances.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace sx::sema {

/// The call that made an instance, written in code that is no instance itself (R10.47), and how many instances lie
/// between.
struct InstanceOrigin {
  Span call;
  int depth = 0;
};

class GenericState {
public:
  explicit GenericState(Checker& checker) : impls(checker), built(checker) {}

  ImplTable impls;
  ProtocolInstances protocols;
  /// Trees of inserted texts: bodies refer to them until checking ends.
  std::vector<std::unique_ptr<syntax::Tree>> inserted;
  /// Applications of type functions by declaration and bindings (R5.53).
  std::map<std::pair<DeclId, EnvironmentId>, TypeId> type_functions;
  BuiltTypes built;     ///< what constructors make (7.13)
  int insert_depth = 0; ///< nested `#insert`s being expanded
  /// Nested applications of type functions.
  int depth = 0;
  std::map<FunctionId, InstanceOrigin> instance_origins;
  std::map<StringId, DeclId> intrinsics; ///< declarations that stand for intrinsics met without one (R7.98)
  /// Checked bindings of the compiler interface (R7.151); nothing: reported.
  std::map<DeclId, std::optional<CompilerCall>> bindings;
};

/// The function `name` that the library declares anywhere in the program (R8.601); invalid if no module has it.
DeclId library_declaration(Checker& checker, std::string_view name);

/// The declaration that stands for the intrinsic `name` when no visible file declares it (R7.98): what its aliases lead
/// to.
DeclId intrinsic_declaration(Checker& checker, StringId name);

/// The protocol, struct or enum `name` of any module, found by syntax; invalid if there is none.
DeclId library_type(Checker& checker, std::string_view name);

} // namespace sx::sema
