#pragma once
// Phases 1 and 2 of R10.19: reads the entry file and everything it imports, and collects the items of each file.

#include "sema/checker.h"

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace sx::sema {

class ModuleLoader {
public:
  explicit ModuleLoader(Checker& checker) : checker_(checker) {}

  /// False after an error that stops at once: syntax, unreadable file, import (10.4).
  bool load();

private:
  /// A file whose items are being walked; imports in between are walked first (R1.115).
  struct Frame {
    ModuleId module;
    std::vector<AstId> items; ///< after module-scope conditionals
    std::size_t next = 0;
  };

  ModuleId open(const std::string& path);
  bool parse(ModuleId module);
  bool walk();
  bool visit(Frame& frame, AstId item);
  bool import(ModuleId importer, const ast::Import& node, Span span, std::vector<ModuleId>& targets);
  void add_flat(ModuleId importer, std::vector<ModuleId> targets, Span span);
  void add_item(ModuleId module, ModuleItem item);
  void add_named_targets(ModuleId importer, const std::vector<ModuleId>& targets);
  void declare(ModuleId module, AstId node, std::vector<ModuleId> surface);
  /// Makes a declaration known under its name, as `item` of the module.
  void enter_name(ModuleId module, DeclId declaration, ModuleItem item);
  bool enter(ModuleId module);

  // `#import c` (c_import.cpp). False after an error that stops at once.
  bool c_import(ModuleId importer, AstId item, const ast::CImport& node, bool is_named);
  bool c_import_failed(Span span, const std::string& messages);
  std::optional<CUnit> c_unit(ModuleId importer, const ast::CImport& node, Span span);
  void declare_c_function(ModuleId owner, DeclId made, AstId item, const CPrototype& prototype, bool is_named);

  // Module-scope conditionals (R1.143 to R1.146).
  void flatten(const syntax::Tree& tree, AstId item, std::vector<AstId>& out);
  void flatten_if(const syntax::Tree& tree, AstId item, std::vector<AstId>& out);
  void flatten_match(const syntax::Tree& tree, AstId item, std::vector<AstId>& out);
  std::optional<bool> condition(const syntax::Tree& tree, AstId node);
  std::optional<bool> comparison(const syntax::Tree& tree, AstId node);
  std::optional<bool> compare(const syntax::Tree& tree, AstId subject, AstId value);

  Checker& checker_;
  std::unordered_map<std::string, ModuleId> by_path_;
  std::vector<Frame> stack_;
  std::vector<bool> entered_;
  std::map<ModuleId, std::map<StringId, CPrototype>> c_functions_; ///< by the module that declares them
};

} // namespace sx::sema
