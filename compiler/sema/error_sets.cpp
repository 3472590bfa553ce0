// Error sets and tag ids (section 6.15).

#include "sema/checker.h"
#include "sema/tables.h"

#include <algorithm>

namespace sx::sema {

/// The tags of a library's set get their ids where they are first used: ids of a program's own tags must not depend on
/// what the library declares besides (R8.209).
void Checker::read_tags(const Site& site, AstId node, Nominal& out) {
  for (AstId id : site.tree->list(site.get<ast::ErrorSet>(node).tags)) {
    const StringId tag = site.get<ast::Name>(id).name.text;
    if (!module(site.module).is_of_library)
      error_tag(tag);
    if (std::ranges::find(out.tags, tag) == out.tags.end()) // a tag listed twice counts once
      out.tags.push_back(tag);
  }
  if (out.tags.empty())
    report<diag::empty_error_set>(out.span, text(out.name));
}

std::uint32_t Checker::error_tag(StringId name) {
  const auto next = static_cast<std::uint32_t>(program.error_tags.size());
  const auto [known, is_new] = tables_->error_tags.emplace(name, next);
  if (is_new)
    program.error_tags.push_back(name);
  return known->second;
}

TypeId Checker::open_error_set() {
  if (!tables_->open_set.valid()) {
    Nominal set;
    set.name = intern("!");
    set.inferred_set = true;
    set.complete = true;
    tables_->open_set = types.add_nominal(TypeKind::ErrorSet, std::move(set));
  }
  return tables_->open_set;
}

} // namespace sx::sema
