#pragma once
// What a call may call, told by syntax and lookup alone. Phases 5d and 5e look at bodies before any expression has a
// type; where they cannot tell, they stay silent.

#include "sema/syntax_scopes.h"

#include <optional>
#include <vector>

namespace sx::sema {

/// Something that a call may reach.
struct CallTarget {
  enum class How : std::uint8_t {
    Direct,   ///< a function or method by name
    Value,    ///< through a closure or function value: `node` is the written type, or the lambda
    Protocol, ///< a protocol method: the implementation is known at run time only
  };
  Site site;
  AstId node; ///< Function, Lambda, ProtocolMethod, FunctionType or ClosureType
  How how = How::Direct;
};

/// The written error channel of a function.
struct FailureShape {
  bool fails = false;
  std::uint32_t values = 0; ///< value slots beside the error
  bool bare = false;        ///< `!` without set
  AstId set;                ///< otherwise the path of the set, or the result type that is one (R6.76)
};

/// The declared tags of a named set.
struct ErrorSetFound {
  Site site;
  AstId node; ///< ErrorSet
  explicit operator bool() const { return node.valid(); }
};

class Callees {
public:
  Callees(Checker& checker, const Site& site, const SyntaxScopes& scopes)
      : checker_(checker), site_(site), scopes_(scopes) {}

  /// Everything that the Call `call` may reach; empty if that is unknown.
  std::vector<CallTarget> targets(AstId call) const;
  /// The shape that all targets of a call share; nothing if unknown or if they differ.
  std::optional<FailureShape> shape(AstId call) const;
  FailureShape shape_of(const CallTarget& target) const;
  /// Does every target of the call give `noreturn`?
  bool never_returns(AstId call) const;
  /// The error set that a path names; none if it names no set.
  ErrorSetFound error_set(const Site& site, AstId path) const;

private:
  std::vector<CallTarget> named(syntax::Ident name) const;
  std::vector<CallTarget> member(const ast::Member& callee) const;
  std::vector<CallTarget> dotted(AstId base, StringId name) const;
  std::vector<CallTarget> of_declaration(DeclId id, CallTarget::How how) const;
  std::vector<CallTarget> of_type(const Site& site, AstId type) const;
  std::vector<CallTarget> of_value(AstId value) const;
  bool belongs(const struct MemberFunction& member, DeclId type) const;

  /// A type as it is written somewhere.
  struct Written {
    Site site;
    AstId type;
  };
  Written type_of(AstId expression) const;
  Written type_of_local(const SyntaxLocal& local) const;
  Written result_of(AstId call) const;
  Written type_of_field(AstId base, StringId name) const;
  /// The declaration of the struct, enum or protocol that a written type names behind pointers and optionals.
  DeclId nominal(Written written) const;
  DeclId enclosing_type() const;
  Found find(const Site& site, syntax::Ident name, Use use) const;
  DeclId namespace_member(AstId base, StringId name) const;

  Checker& checker_;
  Site site_;
  const SyntaxScopes& scopes_;
  mutable int nesting_ = 0; ///< of `type_of`: a variable may be initialised from one of its own name
};

/// The written result type of a function-like node; may be none.
AstId written_result(const syntax::Tree& tree, AstId function);

/// `x` of `(x)` and of `try x`, any number of times.
AstId strip_markers(const syntax::Tree& tree, AstId node);

/// The operands of an `or` chain from left to right.
std::vector<AstId> chain_operands(const syntax::Tree& tree, AstId node);

/// Is a direct operand of the `or` failable, so that it is a chain (R6.95)?
bool is_failable_chain(const syntax::Tree& tree, const Callees& callees, AstId node);

/// Is it a `try`, a failable call or a chain of them?
bool is_failable_operand(const syntax::Tree& tree, const Callees& callees, AstId node);

} // namespace sx::sema
