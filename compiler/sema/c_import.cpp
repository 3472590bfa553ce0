// `#import c`: the functions of C headers as `extern` declarations (R1.150, R2.131).

#include "sema/c_import.h"

#include "sema/module_paths.h"
#include "sema/modules.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

namespace sx::sema {

using syntax::CImportKind;

namespace {

/// Words of `#flags`, separated by blanks.
void add_words(std::string_view text, std::vector<std::string>& out) {
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
}

std::string_view type_text(CType type) {
  constexpr std::string_view texts[] = {
#define SX_C_TYPE(name, letter, text) text,
      SX_C_TYPES(SX_C_TYPE)
#undef SX_C_TYPE
  };
  return texts[static_cast<std::size_t>(type)];
}

/// Builds the declarations in a tree of their own; every node stands where the import stands.
class DeclarationBuilder {
public:
  DeclarationBuilder(syntax::Tree& tree, Interner& strings, Span span) : tree_(tree), strings_(strings), span_(span) {}

  AstId function(const CPrototype& prototype) {
    std::vector<AstId> params;
    for (std::size_t i = 0; i < prototype.parameters.size(); ++i) {
      const CParameter& written = prototype.parameters[i];
      ast::Param param;
      param.name = name(written.name.empty() ? "p" + std::to_string(i) : written.name);
      param.type = type(type_text(written.type));
      params.push_back(tree_.add(span_, param));
    }
    if (prototype.is_variadic) {
      // What the table says of any other value holds for the values of `...` as well.
      ast::Param rest;
      rest.name = name("args");
      rest.is_variadic = true;
      rest.type = tree_.add(span_, ast::SliceType{type("i64")});
      params.push_back(tree_.add(span_, rest));
    }
    ast::Function made;
    made.params = tree_.add_list(params);
    if (prototype.result != CType::Void)
      made.result = type(type_text(prototype.result));
    made.linkage = syntax::Linkage::Extern;
    made.symbol = strings_.intern(prototype.symbol);
    made.has_symbol = true;
    made.params_span = span_;
    ast::ConstDecl declaration;
    declaration.name = name(prototype.name);
    declaration.value = tree_.add(span_, made);
    return tree_.add(span_, declaration);
  }

private:
  syntax::Ident name(std::string_view text) { return {strings_.intern(text), span_, true}; } // R1.23

  AstId type(std::string_view text) {
    if (text.starts_with("[*]"))
      return tree_.add(span_, ast::ManyPointerType{type(text.substr(3))});
    if (text.starts_with("*"))
      return tree_.add(span_, ast::PointerType{type(text.substr(1))});
    return tree_.add(span_, ast::Name{{strings_.intern(text), span_, false}});
  }

  syntax::Tree& tree_;
  Interner& strings_;
  Span span_;
};

} // namespace

bool ModuleLoader::c_import_failed(Span span, const std::string& messages) {
  checker_.report<diag::c_import_failed>(span).note(messages);
  return false;
}

/// Finds the files of the unit. Nothing after a report.
std::optional<CUnit> ModuleLoader::c_unit(ModuleId importer, const ast::CImport& node, Span span) {
  const syntax::Tree& tree = *checker_.module(importer).tree;
  CUnit unit;
  unit.span = span;
  for (const AstId item : tree.list(node.entries)) {
    const auto& entry = tree.get<ast::CImportEntry>(item);
    const std::string text = checker_.text(entry.text);
    switch (entry.kind) {
    case CImportKind::Define: unit.defines.push_back(text); continue;
    case CImportKind::Flags: add_words(text, unit.flags); continue;
    case CImportKind::Include:
    case CImportKind::Source: break;
    }
    const auto found = find_import(checker_.module(importer).path, text, checker_.options.library_directories);
    if (!found || found->is_directory) {
      c_import_failed(span, found ? "'" + text + "' is a directory" : "there is no file '" + text + "'");
      return std::nullopt;
    }
    (entry.kind == CImportKind::Include ? unit.headers : unit.sources).push_back(canonical_path(found->path));
  }
  return unit;
}

bool ModuleLoader::c_import(ModuleId importer, AstId item, const ast::CImport& node, bool is_named) {
  const Span span = checker_.module(importer).tree->span(item);
  CReader* reader = checker_.options.c_reader;
  if (reader == nullptr) {
    checker_.not_supported(span, "'#import c'");
    return false;
  }
  auto unit = c_unit(importer, node, span);
  if (!unit)
    return false;
  const auto prototypes = reader->prototypes(*unit);
  if (!prototypes)
    return c_import_failed(span, prototypes.error());
  checker_.program.c_units.push_back(std::move(*unit));

  auto tree = std::make_unique<syntax::Tree>();
  DeclarationBuilder builder(*tree, checker_.strings, span);
  std::vector<AstId> functions;
  for (const CPrototype& prototype : *prototypes)
    functions.push_back(builder.function(prototype));
  tree->set_root(tree->add(span, ast::File{tree->add_list(functions)}));

  ModuleId owner = importer;
  if (is_named) {
    owner = ModuleId(checker_.modules_.size());
    Module& made = checker_.modules_.emplace_back();
    made.id = owner;
    made.file = checker_.module(importer).file;
    made.path = checker_.module(importer).path;
    entered_.push_back(true);
  }
  Site site = checker_.site_of(importer);
  site.module = owner;
  site.tree = tree.get();
  for (std::size_t i = 0; i < functions.size(); ++i)
    declare_c_function(owner, checker_.add_decl(site, functions[i], DeclScope::Module), is_named ? functions[i] : item,
                       (*prototypes)[i], is_named);
  if (!is_named) {
    checker_.tables().c_trees.push_back(std::move(tree));
    return true;
  }
  checker_.module(owner).tree = std::move(tree);
  checker_.merge_order.push_back(owner);
  const auto& name = checker_.module(importer).tree->get<ast::ConstDecl>(item).name;
  checker_.tables().c_unit_names.insert(name.text);
  declare(importer, item, {owner});
  add_named_targets(importer, {owner});
  return true;
}

void ModuleLoader::declare_c_function(ModuleId owner, DeclId made, AstId item, const CPrototype& prototype,
                                      bool is_named) {
  auto& known = c_functions_[owner];
  const StringId name = checker_.decl(made).name;
  if (const auto earlier = known.find(name); earlier != known.end()) {
    // One function, as often as its header is imported; another prototype is another function (R2.129).
    CPrototype same = earlier->second;
    for (std::size_t i = 0; i < same.parameters.size() && i < prototype.parameters.size(); ++i)
      same.parameters[i].name = prototype.parameters[i].name;
    if (!(same == prototype))
      checker_.report<diag::c_symbol_bound_twice>(checker_.decl(made).name_span, prototype.symbol)
          .note(note::first_declared_here(), checker_.decl(checker_.module(owner).names.at(name)).name_span);
    return;
  }
  known.emplace(name, prototype);
  const ModuleItem entry{ModuleItem::Kind::CImport, item, made};
  if (!is_named)
    return enter_name(owner, made, entry);
  // No file could be imported to see the bare name.
  add_item(owner, entry);
  checker_.module(owner).names.emplace(name, made);
}

} // namespace sx::sema
