#pragma once
// `impl` blocks: which types implement which protocols, and with which methods (5.13, 5.18, 5.23).

#include "sema/checker.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sx::sema {

/// One written `impl`.
struct ImplBlock {
  enum class State : std::uint8_t {
    Ready,
    UnknownProtocol, ///< E0709 in phase 7
    UnknownType,     ///< E0710 in phase 7: `problem` names it
    Duplicate,       ///< E0711 was reported
  };
  enum class Source : std::uint8_t {
    Exact,   ///< `target`
    Generic, ///< every instance of `head`; binders by position
    Closure, ///< every closure or function of a shape (R5.164)
  };
  ModuleId module;
  AstId node;
  Span span;
  State state = State::Ready;
  Source source = Source::Exact;
  DeclId protocol;      ///< its declaration
  TypeId protocol_type; ///< without binders: the protocol or its instance
  TypeId target;        ///< Exact
  DeclId head;          ///< Generic
  std::string problem;
};

/// A block for one concrete type.
struct ImplInstance {
  const ImplBlock* block = nullptr;
  TypeId concrete;
  TypeId protocol; ///< invalid if the arguments do not resolve for this type
  EnvironmentId environment;
  std::map<StringId, DeclId> methods; ///< written in the block
};

/// Why a type does not conform; all texts are for E0712 to E0714.
struct ConformanceFailure {
  enum class Kind : std::uint8_t { None, NoImpl, Missing, ParameterCount, Parameter, Result, Generic };
  Kind kind = Kind::None;
  StringId method;
  std::string has, wanted;
  std::size_t has_count = 0, wanted_count = 0;
};

class ImplTable {
public:
  explicit ImplTable(Checker& checker) : checker_(checker) {}

  /// Resolves the heads of all blocks of the program, once; reports duplicates (E0711).
  void settle();
  /// Reports what never resolved (E0709, E0710); phase 7.
  void finish();

  /// The block instances for a concrete type, in order of registration.
  const std::vector<const ImplInstance*>& of_type(TypeId concrete);
  /// The instance that gives `concrete` the protocol `protocol`, or null.
  const ImplInstance* find(TypeId concrete, TypeId protocol);
  /// Some instance of the parameterised protocol `protocol` for `concrete`, or null.
  const ImplInstance* find_any(TypeId concrete, DeclId protocol);

  /// R5.79: the selected method of each protocol method, or the first failure. Memoised; null on failure.
  struct Conformance {
    std::vector<MemberDecl> methods;
    ConformanceFailure failure;
    bool holds() const { return failure.kind == ConformanceFailure::Kind::None; }
  };
  const Conformance& conformance(TypeId concrete, TypeId protocol);
  /// Conformance with its table registered in the program; E0712 to E0714 at `at` otherwise.
  bool require(TypeId concrete, TypeId protocol, Span at);
  void report_failure(TypeId concrete, TypeId protocol, Span at);

  /// Method or default of the blocks of a type (R5.84).
  MemberDecl find_method(TypeId concrete, StringId name, bool& ambiguous);
  /// The default body of a protocol method as a method of `concrete`; invalid if it has none.
  MemberDecl default_method(TypeId concrete, TypeId protocol, std::uint32_t method);
  /// The protocol whose default body a made declaration is; invalid for other declarations.
  TypeId protocol_of_default(DeclId declaration) const;

  /// Every block of a parameterised protocol that may serve as a conversion to a type (R5.126).
  std::vector<const ImplInstance*> conversions(TypeId source, DeclId into);

private:
  void collect();
  void resolve(ImplBlock& block);
  bool resolve_target(ImplBlock& block, AstId target);
  void reject_duplicate(ImplBlock& block);
  std::optional<EnvironmentId> match(const ImplBlock& block, TypeId concrete);
  std::optional<EnvironmentId> match_head(const ImplBlock& block, TypeId concrete);
  std::optional<EnvironmentId> match_closure(const ImplBlock& block, TypeId concrete);
  TypeId protocol_of(const ImplBlock& block, EnvironmentId environment);
  const ImplInstance* instantiate(const ImplBlock& block, TypeId concrete, EnvironmentId environment);
  /// The bindings of the methods for `concrete`: the bare head of its template means that instance (R5.47).
  EnvironmentId for_type(EnvironmentId environment, TypeId concrete);
  Site site(const ImplBlock& block, EnvironmentId environment, TypeId self) const;
  MemberDecl select(TypeId concrete, TypeId protocol, const ImplInstance* own, std::uint32_t method);
  ConformanceFailure compare(TypeId concrete, TypeId protocol, std::uint32_t method, MemberDecl chosen);

  Checker& checker_;
  std::deque<ImplBlock> blocks_;
  std::size_t settled_ = 0;
  bool settling_ = false;
  bool collected_ = false;
  std::deque<ImplInstance> instances_;
  std::map<TypeId, std::pair<std::size_t, std::vector<const ImplInstance*>>> by_type_; ///< with the blocks seen
  std::map<std::pair<TypeId, TypeId>, Conformance> conformances_;
  std::map<std::pair<std::pair<TypeId, TypeId>, std::uint32_t>, DeclId> defaults_;
  std::map<DeclId, TypeId> default_protocols_;
};

} // namespace sx::sema
