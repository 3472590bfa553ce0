// C functions and variables, libraries (R1.122, R1.152, R1.153).

#include "sema/checker.h"
#include "sema/compiler_api.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <map>

namespace sx::sema {

namespace {

struct ExternHead {
  syntax::Ident library;
  StringId symbol;
  bool has_symbol = false;
};

ExternHead extern_head(const Decl& declaration) {
  if (const auto* variable = declaration.site.try_get<ast::VarDecl>(declaration.node))
    return {variable->library, variable->symbol, variable->has_symbol};
  const auto& function = declaration.site.get<ast::Function>(declaration.value);
  return {function.library, function.symbol, function.has_symbol};
}

} // namespace

/// Is it (meant to be) a function of the compiler's own interface: `abi(.zig)`, or the library that stands for it?
bool Checker::is_compiler_binding(DeclId id) {
  const Decl& declaration = decl(id);
  const auto* function =
      declaration.kind == DeclKind::Function ? declaration.site.try_get<ast::Function>(declaration.value) : nullptr;
  return function && (function->abi == syntax::Abi::Zig || (function->linkage == syntax::Linkage::Extern &&
                                                            library_of(function->library) == compiler_library));
}

/// The `-l` name behind a handle, which may be declared anywhere in the program.
std::string Checker::library_of(syntax::Ident handle) {
  if (!handle.present())
    return {};
  const auto known = tables_->libraries.find(handle.text);
  if (known == tables_->libraries.end())
    return {};
  const Decl& library = decl(known->second.front());
  return text(library.site.get<ast::Library>(library.value).name);
}

ExternId Checker::extern_of(DeclId id) {
  id = follow(id);
  if (const auto known = tables_->externs.find(id); known != tables_->externs.end())
    return known->second;
  if (!decl(id).is_extern)
    return {};
  const Unmuted unmuted(diagnostics);
  if (is_compiler_binding(id)) { // it has no address, and no symbol anywhere
    if (compiler_binding(id))
      not_supported(decl(id).name_span, "a function of the compiler as a value");
    tables_->externs.emplace(id, ExternId());
    return {};
  }
  const Decl& d = decl(id);
  const ExternHead head = extern_head(d);
  const std::string symbol = head.has_symbol ? text(head.symbol) : text(d.name);
  const bool is_variable = d.kind == DeclKind::Variable;
  const TypeId type = is_variable ? variable_type(id) : function_type(signature(id));
  if (type == types.poison) {
    tables_->externs.emplace(id, ExternId());
    return {};
  }
  // Two declarations of one symbol with one signature are one function (R1.122).
  if (const auto first = tables_->extern_symbols.find(symbol); first != tables_->extern_symbols.end()) {
    const ExternId earlier = tables_->externs.at(first->second);
    if (earlier.valid() && program.externs[earlier.index()].type != type) {
      // The program's own declaration is the one to change, whichever was reached first.
      Span blamed = d.name_span;
      Span other = decl(first->second).name_span;
      if (module(d.site.module).is_of_library && !module(decl(first->second).site.module).is_of_library)
        std::swap(blamed, other);
      report<diag::c_symbol_bound_twice>(blamed, symbol).note(note::first_declared_here(), other);
      tables_->externs.emplace(id, ExternId());
      return {};
    }
    tables_->externs.emplace(id, earlier);
    return earlier;
  }
  Extern made;
  made.symbol = symbol;
  made.library = library_of(head.library);
  made.type = type;
  made.is_variable = is_variable;
  made.span = d.name_span;
  const ExternId external{program.externs.size()};
  program.externs.push_back(std::move(made));
  tables_->externs.emplace(id, external);
  tables_->extern_symbols.emplace(symbol, id);
  return external;
}

/// Phase 4: every handle after `extern` names a library (E1001).
void Checker::check_extern_handles() {
  for (const auto& item : tables_->merged_items) {
    const DeclId id = module(item.module).items[item.item].decl;
    if (!id.valid() || !decl(id).is_extern)
      continue;
    const ExternHead head = extern_head(decl(id));
    const bool known =
        tables_->libraries.contains(head.library.text) || tables_->c_unit_names.contains(head.library.text);
    if (head.library.present() && !known)
      report<diag::unknown_library_handle>(decl(id).span, text(head.library.text));
  }
}

/// E1002 needs the signatures of symbols that are bound more than once; all others wait for their first use, as do
/// those of the library: what a program does not use of it has no effect (R8.207, R8.209).
void Checker::check_extern_symbols() {
  std::map<std::string, std::vector<DeclId>> by_symbol;
  std::vector<std::string> order;
  for (const auto& item : tables_->merged_items) {
    const DeclId id = module(item.module).items[item.item].decl;
    if (!id.valid() || !decl(id).is_extern)
      continue;
    const ExternHead head = extern_head(decl(id));
    if (is_compiler_binding(id) || library_of(head.library) == compiler_library)
      continue;
    const std::string symbol = head.has_symbol ? text(head.symbol) : text(decl(id).name);
    auto& list = by_symbol[symbol];
    list.push_back(id);
    if (list.size() == 2)
      order.push_back(symbol);
  }
  for (const std::string& symbol : order)
    for (DeclId id : by_symbol[symbol])
      if (!module(decl(id).site.module).is_of_library)
        extern_of(id);
}

void Checker::register_libraries() {
  for (const auto& item : tables_->merged_items) {
    const DeclId id = module(item.module).items[item.item].decl;
    if (!id.valid() || decl(id).kind != DeclKind::Library)
      continue;
    const std::string name = text(decl(id).site.get<ast::Library>(decl(id).value).name);
    if (name != compiler_library && std::ranges::find(program.libraries, name) == program.libraries.end())
      program.libraries.push_back(name);
  }
}

} // namespace sx::sema
