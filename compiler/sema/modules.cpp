#include "sema/modules.h"

#include "sema/module_paths.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"
#include "syntax/parser.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;

namespace {

void add_unique(std::vector<ModuleId>& list, const std::vector<ModuleId>& more) {
  for (ModuleId id : more)
    if (std::ranges::find(list, id) == list.end())
      list.push_back(id);
}

} // namespace

ModuleId ModuleLoader::open(const std::string& path) {
  std::string canonical = canonical_path(path);
  if (const auto known = by_path_.find(canonical); known != by_path_.end())
    return known->second;
  auto text = read_file(path, SourceMap::max_file_bytes);
  if (!text)
    return {};
  const ModuleId id{checker_.modules_.size()};
  Module& made = checker_.modules_.emplace_back();
  made.id = id;
  made.path = canonical;
  made.is_of_library = is_below_library(canonical, checker_.options.library_directories);
  made.file = checker_.sources.add(canonical, std::move(*text));
  by_path_.emplace(std::move(canonical), id);
  entered_.push_back(false);
  return id;
}

bool ModuleLoader::parse(ModuleId id) {
  const std::size_t before = checker_.diagnostics.error_count();
  Module& module = checker_.module(id);
  module.tree = syntax::parse_file(module.file, checker_.sources, checker_.strings, checker_.diagnostics);
  return module.tree && checker_.diagnostics.error_count() == before;
}

bool ModuleLoader::load() {
  const std::string& path = checker_.options.entry_path;
  const ModuleId entry = open(path);
  if (!entry.valid()) {
    checker_.report<diag::unreadable_entry_file>({}, path);
    return false;
  }
  checker_.entry_module = entry;
  if (!enter(entry))
    return false;
  if (checker_.options.for_build) {
    // The implicit import stands in front of the entry file's items (R1.162).
    ast::Import node;
    node.path = checker_.intern("modules/build.sx");
    std::vector<ModuleId> targets;
    if (!import(entry, node, {}, targets))
      return false;
    const std::vector<ModuleId> build = targets;
    add_flat(entry, std::move(targets), {});
    for (ModuleId target : build)
      if (!entered_[target.index()] && !enter(target))
        return false;
  }
  return walk();
}

bool ModuleLoader::enter(ModuleId id) {
  entered_[id.index()] = true;
  if (!parse(id))
    return false;
  Frame frame;
  frame.module = id;
  const syntax::Tree& tree = *checker_.module(id).tree;
  for (AstId item : tree.list(tree.get<ast::File>(tree.root()).items))
    flatten(tree, item, frame.items);
  stack_.push_back(std::move(frame));
  return true;
}

/// Depth first without recursion: a chain of imports may be as long as the user likes.
bool ModuleLoader::walk() {
  while (!stack_.empty()) {
    Frame& frame = stack_.back();
    if (frame.next == frame.items.size()) {
      checker_.merge_order.push_back(frame.module);
      stack_.pop_back();
      continue;
    }
    const AstId item = frame.items[frame.next];
    const std::size_t depth = stack_.size();
    if (!visit(frame, item))
      return false;
    if (stack_.size() == depth)
      ++stack_.back().next;
  }
  return true;
}

/// Handles one item. An import whose files were not walked yet pushes the first of them and is visited again.
bool ModuleLoader::visit(Frame& frame, AstId item) {
  const ModuleId id = frame.module;
  const syntax::Tree& tree = *checker_.module(id).tree;
  const Span span = tree.span(item);
  const auto simple = [&](ModuleItem::Kind kind) {
    add_item(id, {kind, item, {}});
    return true;
  };
  const auto import_first = [&](AstId node, Span at, std::vector<ModuleId>& targets, bool& pushed) {
    if (!import(id, tree.get<ast::Import>(node), at, targets))
      return false;
    for (ModuleId target : targets)
      if (!entered_[target.index()]) {
        pushed = true;
        return enter(target);
      }
    return true;
  };
  switch (tree.kind(item)) {
  case Kind::Import: {
    std::vector<ModuleId> targets;
    bool pushed = false;
    if (!import_first(item, span, targets, pushed))
      return false;
    if (!pushed)
      add_flat(id, std::move(targets), span);
    return true;
  }
  case Kind::ConstDecl: {
    const auto& constant = tree.get<ast::ConstDecl>(item);
    std::vector<ModuleId> targets;
    if (tree.is(constant.value, Kind::Import)) {
      bool pushed = false;
      if (!import_first(constant.value, span, targets, pushed))
        return false;
      if (pushed)
        return true;
      add_named_targets(id, targets);
    }
    if (tree.is(constant.value, Kind::CImport)) {
      return c_import(id, item, tree.get<ast::CImport>(constant.value), true);
    }
    declare(id, item, std::move(targets));
    return true;
  }
  case Kind::VarDecl: declare(id, item, {}); return true;
  case Kind::ExprStatement: return simple(ModuleItem::Kind::Run);
  case Kind::Impl: return simple(ModuleItem::Kind::Impl);
  case Kind::ContextExtend: return simple(ModuleItem::Kind::ContextExtend);
  case Kind::GlobalAsm: return simple(ModuleItem::Kind::GlobalAsm);
  case Kind::Framework: checker_.not_supported(span, "'#framework'"); return true;
  case Kind::CImport: return c_import(id, item, tree.get<ast::CImport>(item), false);
  case Kind::ErrorDirective:
    checker_.report<diag::live_error_directive>(span, checker_.text(tree.get<ast::ErrorDirective>(item).text));
    return true;
  default: return true;
  }
}

bool ModuleLoader::import(ModuleId importer, const ast::Import& node, Span span, std::vector<ModuleId>& targets) {
  const std::string path = checker_.text(node.path);
  const std::string& from = checker_.module(importer).path;
  const auto found = find_import(from, path, checker_.options.library_directories);
  const auto missing = [&] {
    checker_.report<diag::import_not_found>(span, path);
    return false;
  };
  if (!found)
    return missing();
  if (!found->is_directory) {
    const ModuleId target = open(found->path);
    if (!target.valid())
      return missing();
    targets.push_back(target);
    return true;
  }
  if (has_file_of_same_name(found->path, from)) {
    checker_.report<diag::ambiguous_import_path>(span, path).help(help::write_file_path(path));
    return false;
  }
  for (const std::string& file : found->files) {
    const ModuleId target = open(file);
    if (!target.valid())
      return missing();
    targets.push_back(target);
  }
  return true;
}

void ModuleLoader::add_flat(ModuleId importer, std::vector<ModuleId> targets, Span span) {
  Module& module = checker_.module(importer);
  add_unique(module.flat_targets, targets);
  module.flat.push_back({std::move(targets), span});
}

void ModuleLoader::add_named_targets(ModuleId importer, const std::vector<ModuleId>& targets) {
  add_unique(checker_.module(importer).named_targets, targets);
}

void ModuleLoader::add_item(ModuleId id, ModuleItem item) {
  Module& module = checker_.module(id);
  checker_.tables().merged_items.push_back({id, static_cast<std::uint32_t>(module.items.size())});
  module.items.push_back(item);
}

void ModuleLoader::declare(ModuleId id, AstId node, std::vector<ModuleId> surface) {
  const DeclId made = checker_.add_decl(checker_.site_of(id), node, DeclScope::Module);
  checker_.decl(made).surface = std::move(surface);
  enter_name(id, made, {ModuleItem::Kind::Declaration, node, made});
}

void ModuleLoader::enter_name(ModuleId id, DeclId made, ModuleItem item) {
  const Decl& decl = checker_.decl(made);
  add_item(id, item);
  auto& tables = checker_.tables();
  if (decl.kind == DeclKind::Library) {
    tables.libraries[decl.name].push_back(made); // outside of the name space (R1.116)
    return;
  }
  const auto [known, is_new] = checker_.module(id).names.emplace(decl.name, made);
  if (!is_new) {
    const Decl& first = checker_.decl(known->second);
    checker_.report<diag::duplicate_module_name>(decl.span, checker_.text(decl.name))
        .note(note::first_declared_here(), first.name_span);
    return;
  }
  (decl.is_private ? tables.private_names : tables.public_names)[decl.name].push_back(made);
}

// ---- conditionals -----------------------------------------------------------------------------------

/// The parser bounds the nesting of conditionals and blocks.
void ModuleLoader::flatten(const syntax::Tree& tree, AstId item, std::vector<AstId>& out) {
  if (!item.valid())
    return;
  switch (tree.kind(item)) {
  case Kind::Block:
    for (AstId inner : tree.list(tree.get<ast::Block>(item).statements))
      flatten(tree, inner, out);
    return;
  case Kind::If: return flatten_if(tree, item, out);
  case Kind::Match: return flatten_match(tree, item, out);
  case Kind::ExprStatement: {
    const AstId value = tree.get<ast::ExprStatement>(item).value;
    if (tree.is(value, Kind::If) || tree.is(value, Kind::Match) || tree.is(value, Kind::Block))
      return flatten(tree, value, out);
    break;
  }
  default: break;
  }
  out.push_back(item);
}

void ModuleLoader::flatten_if(const syntax::Tree& tree, AstId item, std::vector<AstId>& out) {
  const auto& node = tree.get<ast::If>(item);
  const auto taken = condition(tree, node.condition);
  if (!taken) {
    checker_.report<diag::module_scope_condition>(tree.span(node.condition)).help(help::compare_target_constants());
    return;
  }
  flatten(tree, *taken ? node.then_arm : node.else_arm, out);
}

void ModuleLoader::flatten_match(const syntax::Tree& tree, AstId item, std::vector<AstId>& out) {
  const auto& node = tree.get<ast::Match>(item);
  for (AstId id : tree.list(node.cases)) {
    const auto& arm = tree.get<ast::Case>(id);
    const auto taken = compare(tree, node.subject, arm.pattern);
    if (!taken) {
      const auto* subject = tree.try_get<ast::Name>(node.subject);
      const std::string name = subject ? checker_.text(subject->name.text) : "";
      const bool good_subject = name == "OS" || name == "ARCH" || name == "POINTER_SIZE";
      checker_.report<diag::module_scope_condition>(tree.span(good_subject ? arm.pattern : node.subject))
          .help(help::compare_target_constants());
      return;
    }
    if (*taken)
      return flatten(tree, arm.body, out);
  }
  flatten(tree, node.else_body, out);
}

/// Chains of `and` and `or` lean to the left without bound, so they are walked from the leftmost operand up.
std::optional<bool> ModuleLoader::condition(const syntax::Tree& tree, AstId node) {
  std::vector<const ast::Binary*> chain;
  const auto* binary = tree.try_get<ast::Binary>(node);
  while (binary && (binary->op == syntax::BinaryOp::And || binary->op == syntax::BinaryOp::Or)) {
    chain.push_back(binary);
    node = binary->lhs;
    binary = tree.try_get<ast::Binary>(node);
  }
  std::optional<bool> value = comparison(tree, node);
  for (auto it = chain.rbegin(); it != chain.rend() && value; ++it)
    if (*value != ((*it)->op == syntax::BinaryOp::Or))
      value = condition(tree, (*it)->rhs);
  return value;
}

std::optional<bool> ModuleLoader::comparison(const syntax::Tree& tree, AstId node) {
  const auto* binary = tree.try_get<ast::Binary>(node);
  if (!binary || (binary->op != syntax::BinaryOp::Equal && binary->op != syntax::BinaryOp::NotEqual))
    return std::nullopt;
  const auto equal = compare(tree, binary->lhs, binary->rhs);
  return equal ? std::optional(*equal == (binary->op == syntax::BinaryOp::Equal)) : std::nullopt;
}

/// `OS`, `ARCH` against `.name`, `POINTER_SIZE` against an integer literal (R1.144); empty for anything else.
std::optional<bool> ModuleLoader::compare(const syntax::Tree& tree, AstId subject, AstId value) {
  const auto* name = tree.try_get<ast::Name>(subject);
  if (!name || name->name.raw)
    return std::nullopt;
  const std::string_view spelled = checker_.strings.text(name->name.text);
  if (spelled == "POINTER_SIZE") {
    const auto* number = tree.try_get<ast::IntLiteral>(value);
    return number ? std::optional(number->value == checker_.options.pointer_bytes) : std::nullopt;
  }
  if (spelled != "OS" && spelled != "ARCH")
    return std::nullopt;
  const auto* variant = tree.try_get<ast::DotName>(value);
  if (!variant)
    return std::nullopt;
  const std::string& target = spelled == "OS" ? checker_.options.target_os : checker_.options.target_arch;
  return checker_.strings.text(variant->name.text) == target;
}

} // namespace sx::sema
