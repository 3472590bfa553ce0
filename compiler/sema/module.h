#pragma once
// Modules and declarations: what the files of a program contain (chapter 01, 1.9 to 1.13).

#include "sema/entities.h"
#include "sema/types.h"
#include "syntax/ast.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sx::sema {

enum class DeclKind : std::uint8_t {
  Poison,
  Unresolved, ///< `N :: name;`, `N :: a.b;`, `N :: f(x);`, `N :: *x;`: needs lookup
  Function,   ///< plain, `extern`, `export`; also the methods of struct and impl bodies
  GenericFunction,
  Type,        ///< struct, enum, union, error set, protocol without parameters
  GenericType, ///< struct or protocol with parameters
  TypeAlias,   ///< a type expression: `Decl::type` after resolution
  Alias,       ///< another name of `Decl::target`
  Constant,
  RunConstant, ///< `N :: #run e`, `N :: f(x)` with a function that returns a value (R7.46)
  Variable,    ///< module variable, C variable
  Namespace,   ///< `n :: #import "p"`, named C unit
  Library,
  UfcsAlias,
  Intrinsic, ///< function or constant marked `intrinsic`
};

enum class DeclScope : std::uint8_t { Module, Member, Local };

struct Decl {
  DeclKind kind = DeclKind::Poison;
  DeclScope scope = DeclScope::Module;
  bool is_private = false;
  bool is_ufcs = false;
  bool is_extern = false;
  bool resolving = false; ///< on the path of the current resolution: meeting it again is a cycle
  StringId name;
  Span name_span;
  Span span;                     ///< the whole declaration with its `;`
  Site site;                     ///< where its text stands
  AstId node;                    ///< ConstDecl or VarDecl
  AstId value;                   ///< of a ConstDecl or VarDecl; may be none
  AstId type;                    ///< annotation; may be none
  TypeId owner;                  ///< Member: unused for struct bodies shared by instances; Local: none
  DeclId target;                 ///< Alias, UfcsAlias after resolution
  TypeId resolved_type;          ///< TypeAlias, and Type without environment, after resolution
  std::vector<ModuleId> surface; ///< Namespace: the module, or the files of the directory in order
};

/// An import edge as written.
struct ImportEdge {
  std::vector<ModuleId> targets; ///< one file, or the files of a directory in ascending order
  Span span;                     ///< the whole import with its `;`
};

/// A top-level item that is not a named declaration, in source order.
struct ModuleItem {
  enum class Kind : std::uint8_t { Declaration, Run, Impl, ContextExtend, GlobalAsm, Framework, CImport };
  Kind kind = Kind::Declaration;
  AstId node;
  DeclId decl; ///< Declaration
};

/// One source file of the program.
struct Module {
  ModuleId id;
  FileId file;
  std::string path;           ///< canonical (R1.110)
  bool is_of_library = false; ///< comes with the compiler: below the `modules` of a library directory
  std::unique_ptr<syntax::Tree> tree;
  std::vector<ImportEdge> flat;
  std::vector<ModuleItem> items; ///< after module-scope conditionals, in source order
  std::unordered_map<StringId, DeclId> names;
  std::vector<ModuleId> flat_targets;  ///< direct flat imports, each once
  std::vector<ModuleId> named_targets; ///< direct namespaced imports, each once
};

} // namespace sx::sema
