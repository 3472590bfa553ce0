#pragma once
// Memo tables of the Checker: what was made for a declaration or node, and what is being made.

#include "sema/checker.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sx::sema {

/// Who declared a nominal type: members resolve at `site`.
struct TypeOwner {
  Site site;
  DeclId decl; ///< invalid for anonymous and minted types
  AstId node;
  enum class State : std::uint8_t { Declared, Completing, Complete } state = State::Declared;
};

/// The declarations in a struct body; shared by all instances of the struct.
struct StructMembers {
  std::unordered_map<StringId, DeclId> methods;
  std::unordered_map<StringId, DeclId> getters;
  std::unordered_map<StringId, DeclId> setters;
  std::unordered_map<StringId, DeclId> constants;
};

struct Checker::Tables {
  using Instance = std::pair<DeclId, EnvironmentId>;
  using Node = std::tuple<const syntax::Tree*, AstId, EnvironmentId>;

  std::map<Instance, ConstantInfo> constants;
  std::set<Instance> constants_in_progress;
  std::map<std::tuple<const syntax::Tree*, AstId, EnvironmentId>, GlobalId> static_arrays;
  std::map<DeclId, GlobalId> globals;
  std::map<DeclId, TypeId> variable_types;
  std::set<DeclId> variables_in_progress;
  std::map<DeclId, ExternId> externs;
  std::unordered_map<std::string, DeclId> extern_symbols;
  std::map<Instance, TypeId> declared_types;
  std::map<TypeId, TypeOwner> owners;
  std::map<Node, TypeId> inline_types;
  std::map<std::pair<const syntax::Tree*, AstId>, StructMembers> members;
  std::map<Instance, std::unique_ptr<Signature>> signatures;
  std::set<Instance> signatures_in_progress;
  std::map<Instance, FunctionId> functions;
  std::unordered_map<StringId, std::uint32_t> error_tags;
  std::set<TypeId> sized; ///< `require_layout` succeeded
  TypeId open_set;
  std::size_t instance_count = 0;
  std::vector<ContextField> context_fields;
  std::deque<std::unique_ptr<LocalNames>> local_names; ///< kept alive for sites that refer to them
  FunctionId main;
  DeclId main_decl;
  std::map<StringId, TypeId> target_enums; ///< made when the program does not declare them

  std::vector<FunctionId> body_queue;
  std::size_t body_queue_head = 0;
  std::size_t completed_types = 0; ///< of the type table, by `complete_named_types`
  int body_depth = 0;
  std::set<std::pair<const syntax::Tree*, AstId>> unbound_results; ///< `$T` of results that were reported (E0702)
  int bodies_postponed = 0;                                        ///< nesting of `PostponedBodies`
  int type_depth = 0;
  int fold_depth = 0;
  int alias_depth = 0;

  /// Unknown types of the entry file are reported in source order in phase 5g (R10.30).
  struct UnknownType {
    const DiagnosticInfo* info;
    Span span;
    std::vector<DiagnosticArgument> arguments;
    std::string help;
  };
  bool defer_unknown_types = false;
  bool registering_constants = false;
  bool in_cast_target = false; ///< an unknown type is E0435
  std::vector<UnknownType> unknown_types;

  /// Cycles found before phase 5c wait for it: the members in order of declaration.
  bool defer_alias_cycles = false;
  std::vector<std::vector<DeclId>> alias_cycles;

  /// Merged items of all modules (R1.115).
  struct MergedItem {
    ModuleId module;
    std::uint32_t item;
  };
  std::vector<MergedItem> merged_items;
  std::unordered_map<StringId, std::vector<DeclId>> libraries;    ///< `#library` handles, found program-wide (R1.152)
  std::vector<std::unique_ptr<syntax::Tree>> c_trees;             ///< of C functions declared by the importing file
  std::set<StringId> c_unit_names;                                ///< named C imports, handles like libraries
  std::unordered_map<StringId, std::vector<DeclId>> public_names; ///< every public module-level name, in merge order
  std::unordered_map<StringId, std::vector<DeclId>> private_names;
};

/// Counts nesting of one kind of recursion; false in `ok` when the limit is passed.
struct DepthGuard {
  DepthGuard(int& depth, int limit) : depth_(depth), ok(++depth <= limit) {}
  ~DepthGuard() { --depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

private:
  int& depth_;

public:
  bool ok;
};

/// What a declaration deserves is reported even if a tentative check came across it first.
struct Unmuted {
  explicit Unmuted(Diagnostics& diagnostics) : diagnostics_(diagnostics), depth_(diagnostics.suspend_mute()) {}
  ~Unmuted() { diagnostics_.resume_mute(depth_); }
  Unmuted(const Unmuted&) = delete;
  Unmuted& operator=(const Unmuted&) = delete;

private:
  Diagnostics& diagnostics_;
  int depth_;
};

/// While the target of a cast is resolved.
struct CastTarget {
  explicit CastTarget(bool& in_cast_target) : flag_(in_cast_target), outer_(flag_) { flag_ = true; }
  ~CastTarget() { flag_ = outer_; }
  CastTarget(const CastTarget&) = delete;
  CastTarget& operator=(const CastTarget&) = delete;

private:
  bool& flag_;
  bool outer_;
};

inline constexpr int max_type_nesting = 256;
inline constexpr int max_fold_nesting = 1000;
inline constexpr int max_alias_nesting = 200;
inline constexpr int max_body_nesting = 64;
inline constexpr std::size_t max_type_list = 4096;
inline constexpr std::size_t max_instances = 100'000;
inline constexpr std::size_t max_instance_name = 4096;

/// While one of these lives, bodies that are asked for wait in the queue.
class PostponedBodies {
public:
  explicit PostponedBodies(int& depth) : depth_(depth) { ++depth_; }
  ~PostponedBodies() { --depth_; }
  PostponedBodies(const PostponedBodies&) = delete;
  PostponedBodies& operator=(const PostponedBodies&) = delete;

private:
  int& depth_;
};

/// Binding under which the members of a nominal type know their current instance (R5.47); no program can spell it.
inline constexpr std::string_view current_instance_name = "%instance";

} // namespace sx::sema
