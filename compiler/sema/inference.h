#pragma once
// Matches the written types of parameters against the types of arguments to bind type parameters (R5.15, R5.16).

#include "sema/checker.h"

#include <functional>
#include <span>
#include <vector>

namespace sx::sema {

/// A type parameter while a call is being bound.
struct TypeParameter {
  StringId name;
  Span span;                       ///< where it is introduced
  std::vector<AstId> constraints;  ///< Name nodes, resolved in the declaring module
  TypeId bound;                    ///< invalid: still open
  bool given = false;              ///< bound by an explicit argument: inference leaves it alone
  bool must_hold_protocol = false; ///< declared as `$T: Proto`
};

class TypeInference {
public:
  /// `arguments_of` gives the generic arguments of `actual` if it is an instance of what the head node names.
  using InstanceArguments = std::function<std::optional<std::vector<TypeId>>(AstId head, TypeId actual)>;

  TypeInference(const TypeTable& types, const syntax::Tree& tree, std::vector<TypeParameter>& parameters,
                InstanceArguments arguments_of)
      : types_(types), tree_(tree), parameters_(parameters), arguments_of_(std::move(arguments_of)) {}

  /// Adds the candidates that a formal of written type `pattern` gives for an argument of type `actual`.
  void match(AstId pattern, TypeId actual);
  /// True if the written type mentions a parameter that is still open.
  bool mentions_open(AstId pattern) const;

private:
  TypeParameter* parameter(AstId pattern) const;
  void candidate(TypeParameter& parameter, TypeId type);
  void match_signature(std::span<const AstId> params, AstId result, TypeId actual);
  void match_slots(std::span<const AstId> slots, TypeId actual);

  const TypeTable& types_;
  const syntax::Tree& tree_;
  std::vector<TypeParameter>& parameters_;
  InstanceArguments arguments_of_;
  int depth_ = 0;
};

} // namespace sx::sema
