#pragma once
// Small values that every part of checking passes around: sites, generic bindings, compile-time scalars, signatures.

#include "sema/program.h"
#include "sema/types.h"
#include "syntax/ast.h"

#include <optional>
#include <string>
#include <vector>

namespace sx::sema {

namespace ast = syntax::ast;
using AstId = syntax::NodeId;
using DeclId = Id<struct DeclTag>;
using EnvironmentId = Id<struct EnvironmentTag>;
/// A function (or the shape of a callable type) whose errors flow into an open set (R6.105, R6.106).
using ErrorSource = Id<struct ErrorSourceTag>;

/// A compile-time value of scalar type, or a tagged-union variant (comptime parameters). Typed: an untyped integer
/// literal is `i64` with `untyped` set until a target decides.
struct ConstValue {
  enum class Kind : std::uint8_t {
    None,
    Int,    ///< `bits`: the canonical pattern (sign- or zero-extended by the type); enums and error tags too
    Float,  ///< `real`
    Bool,   ///< `bits` 0 or 1
    String, ///< `text`
    Null,
    Undefined,
    Type,     ///< `denoted`
    Variant,  ///< tagged union: `bits` is the variant index; the payload is not a constant
    Function, ///< `function`
  };
  Kind kind = Kind::None;
  bool untyped = false;    ///< made from literals only: takes the target's type (R2.5, R2.9)
  bool is_literal = false; ///< a lone (perhaps negated) literal: R2.6 applies
  TypeId type;
  std::uint64_t bits = 0;
  double real = 0;
  StringId text;
  TypeId denoted;
  DeclId function;

  std::int64_t as_signed() const { return static_cast<std::int64_t>(bits); }
  bool is(Kind k) const { return kind == k; }
  friend bool operator==(const ConstValue& a, const ConstValue& b);
};

/// What a `$` parameter, a header parameter or a pack is bound to.
struct GenericArgument {
  enum class Kind : std::uint8_t { None, Type, Value, Pack };
  Kind kind = Kind::None;
  TypeId type;               ///< Type; Value: the parameter's type
  ConstValue value;          ///< Value
  std::vector<TypeId> types; ///< Pack: element types
  TypeId constraint;         ///< Pack: the protocol that limits its members, or invalid

  static GenericArgument of_type(TypeId t) {
    return {.kind = Kind::Type, .type = t, .value = {}, .types = {}, .constraint = {}};
  }
  static GenericArgument of_value(ConstValue v) {
    return {.kind = Kind::Value, .type = v.type, .value = v, .types = {}, .constraint = {}};
  }
  friend bool operator==(const GenericArgument& a, const GenericArgument& b);
};

struct NamedArgument {
  StringId name;
  GenericArgument argument;
  friend bool operator==(const NamedArgument& a, const NamedArgument& b) = default;
};

/// The bindings of an instance in order of declaration; interned, so equal contents have one id. Id 0 is empty.
struct Environment {
  std::vector<NamedArgument> bindings;
};

/// A name that a function body declares, as types and folds see it.
struct LocalEntity {
  enum class Kind : std::uint8_t {
    Value,       ///< variable, parameter, capture or local constant that does not fold: `type`
    Constant,    ///< `constant`
    Type,        ///< `type`
    Declaration, ///< nested function, local type, generic head, alias: `decl`
    Pack,        ///< comptime pack: `argument`
  };
  Kind kind = Kind::Value;
  TypeId type; ///< invalid if unknown
  ConstValue constant;
  DeclId decl;
  GenericArgument argument;
};

/// Names of the function bodies around a site. An object referred to by a Site that outlives the statement being
/// checked (local types, nested functions) must live as long as the Checker; the body checker makes snapshots.
class LocalNames {
public:
  virtual ~LocalNames() = default;
  virtual std::optional<LocalEntity> find_local(StringId name) const = 0;
};

/// Where a name or type is resolved.
struct Site {
  ModuleId module;
  const syntax::Tree* tree = nullptr; ///< of the module, or of an `#insert` text
  EnvironmentId environment;          ///< generic bindings; none is the empty environment
  const LocalNames* locals = nullptr;
  TypeId self_type; ///< what `Self` and the bare head of a generic struct mean here; invalid outside of members

  template <class T> const T& get(AstId id) const { return tree->get<T>(id); }
  template <class T> const T* try_get(AstId id) const { return tree->try_get<T>(id); }
  syntax::Kind kind(AstId id) const { return tree->kind(id); }
  Span span(AstId id) const { return tree->span(id); }
  Site in(EnvironmentId other) const {
    Site site = *this;
    site.environment = other;
    return site;
  }
};

/// One parameter of a signature.
struct Parameter {
  syntax::Ident name;
  TypeId type;     ///< of a variadic: the slice (or the pack's declared type); invalid while generic and unbound
  AstId type_node; ///< may be none (lambdas)
  AstId initial;   ///< default expression in the signature's site, or none
  AstId node;      ///< ast::Param
  bool is_variadic = false;
  bool is_comptime = false;      ///< written with `$`
  bool is_type = false;          ///< `$T: Type` or `$T: Protocol`: takes a type argument
  bool is_pack = false;          ///< `..xs: P` heterogeneous pack or `..$xs`
  bool mentions_generic = false; ///< its type introduces or mentions a type parameter
};

/// One slot of a result list.
struct ResultSlot {
  syntax::Ident name;
  TypeId type;
  AstId initial;
  AstId node; ///< TypeSlot
};

/// The resolved head of a function.
struct Signature {
  Site site;  ///< parameters, defaults and results resolve here
  AstId node; ///< Function, Lambda or ProtocolMethod
  std::vector<Parameter> parameters;
  TypeId value;                  ///< success value: Void, one type, or a Tuple
  TypeId error_set;              ///< invalid: cannot fail
  TypeId result;                 ///< `value`, or Failable(value, error_set)
  std::vector<ResultSlot> slots; ///< of a result list; names for named returns
  bool inferred_set = false;     ///< bare `!`
  bool inferred_result = false;  ///< no `->`
  bool has_names = false;        ///< at least one slot is named
  syntax::Abi abi = syntax::Abi::Default;
  syntax::Linkage linkage = syntax::Linkage::Internal;
  bool is_c_variadic = false; ///< extern with a `...` tail
  bool has_context = true;
  bool failed = false; ///< a type did not resolve
};

/// How a function instance came to be.
struct FunctionOrigin {
  DeclId decl; ///< invalid for lambdas and entries
  EnvironmentId environment;
  Site site;  ///< body text
  AstId node; ///< Function, Lambda, or the entry's expression
  Signature signature;
  TypeId owner;           ///< type whose method it is, or invalid
  bool is_static = false; ///< an entry that makes a stored constant or the initial value of a module variable
  bool begun = false;     ///< its body is being or was checked
  bool deferred = false;  ///< a body checker with captured names checks it itself
};

} // namespace sx::sema
