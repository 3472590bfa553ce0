#pragma once
// Types built at compile time (7.13, 7.14): evaluates the constructors that return `Type`, and is what their calls of
// `declare` and `define` work on. docs/architecture.md says what is evaluated when.

#include "sema/checker.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sx::sema {

/// Most members a type can be given by `raw_register_type`.
inline constexpr std::size_t max_built_members = 65'536;

class BuiltTypes final : public TypeBuilder {
public:
  explicit BuiltTypes(Checker& checker) : checker_(checker) {}

  /// What a call applies: a function, or an intrinsic that has no declaration in sight.
  struct Constructor {
    DeclId decl;
    StringId name;
  };
  /// The type that `constructor(args)` gives, a function without `$` parameters; evaluated once per call and bindings.
  /// Poison after a report.
  TypeId apply(const Site& site, const Constructor& constructor, std::span<const AstId> args, Span span, Span head);
  /// The type of one instance of a generic constructor; `display` is the name of the instance (R2.119), `key` its
  /// bindings. The caller memoises.
  TypeId instance(const Site& inside, DeclId constructor, EnvironmentId key, const std::string& display, Span span);
  /// Is `node` a call of a constructor without `$` parameters?
  bool is_construction(const Site& site, AstId node);
  /// Does a call of such a constructor depend on values that only running code has?
  bool needs_values(const Site& site, AstId call);

  /// R7.129: the names that constructors of a module declare literally become types of the module.
  void announce(ModuleId module);
  /// What an alias stands for while the constructor that it calls is being evaluated; invalid if it is not.
  TypeId announced(DeclId alias);
  /// Whose initializer is being resolved: types it makes are shown at its name.
  void enter_alias(AstId value, Span name) { alias_ = {value, name}; }
  /// The inline type at `node` is what a generic constructor returns after other statements: then it is nominal, of
  /// the instance's name (R7.140). Invalid otherwise.
  TypeId nominal_result(const Site& site, AstId node);
  /// The default context is complete, so evaluations may begin (R7.156).
  void context_is_ready() { context_is_ready_ = true; }
  /// A type without members is used by value: reports that, once.
  void report_without_members(TypeId type, Span at);
  /// E0912 for what was declared by an evaluation and never filled in.
  void report_unfilled();

  std::expected<TypeId, std::string> declare(std::string_view name) override;
  std::expected<void, std::string> fill(TypeId handle, std::int64_t kind,
                                        std::span<const BuiltMember> members) override;
  TypeId find(std::string_view name) override;
  void complete(TypeId type) override { checker_.complete(type); }

private:
  using Instance = std::pair<DeclId, EnvironmentId>;
  /// An application that is being worked on.
  struct Open {
    DeclId constructor;
    Span span;                     ///< the initializer: where failures are reported
    Span name;                     ///< where types that it makes are shown
    Site site;                     ///< where names are looked up
    std::optional<Instance> scope; ///< declared names belong to this instance
    std::string display;
    bool reported = false;
  };
  struct Slot {
    TypeId type;
    bool declared = false; ///< by an evaluation, at `span`
    Span span;
  };

  /// Checks `entry` and what it reaches, runs it, and looks at the type it gives.
  TypeId evaluate(FunctionId entry);
  FunctionId make_entry(const Site& site, StringId name, Span span);
  /// An evaluation that failed at `span` is not blamed for types that it left unfilled as well.
  void forgive_unfilled(Span span);
  TypeId refuse(std::string reason);
  bool begin(Open open);
  Slot& slot(const std::optional<Instance>& scope, const std::string& display, const Site& site, StringId name,
             Span span);
  TypeId visible_type(const Site& site, StringId name);
  EnvironmentId with_announced(const Site& site, EnvironmentId base, const std::set<StringId>& names);
  std::expected<void, std::string> check_members(std::int64_t kind, std::span<const BuiltMember> members) const;
  bool has_members(TypeId type, TypeKind kind, std::span<const BuiltMember> members) const;

  Checker& checker_;
  bool context_is_ready_ = false;
  std::pair<AstId, Span> alias_;
  std::vector<Open> open_;                                                                        ///< innermost last
  std::map<std::tuple<DeclId, const AstId*, EnvironmentId>, std::optional<TypeId>> applications_; ///< none: open
  std::set<Instance> open_instances_;
  std::map<StringId, Slot> slots_;
  std::map<std::pair<Instance, StringId>, Slot> instance_slots_;
  std::map<std::pair<ModuleId, StringId>, TypeId> announced_;
  /// What inline types in the body of an instance are called, by its text and bindings.
  std::map<std::pair<const syntax::Tree*, EnvironmentId>, std::pair<std::string, Span>> nominal_results_;
};

/// The names in calls `declare("name")` below `node`.
std::set<StringId> declared_literals(const syntax::Tree& tree, const Interner& strings, AstId node);

} // namespace sx::sema
