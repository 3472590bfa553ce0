#include "sema/generic_state.h"

namespace sx::sema {

GenericState& Checker::generics() {
  if (!generics_)
    generics_ = std::make_shared<GenericState>(*this);
  return *generics_;
}

DeclId Checker::add_made_decl(Decl decl) {
  const DeclId id{decls_.size()};
  decls_.push_back(std::move(decl));
  return id;
}

DeclId library_declaration(Checker& checker, std::string_view name) {
  const StringId id = checker.strings.find(name);
  if (!id.valid())
    return {};
  for (std::uint32_t i = 0; i < checker.module_count(); ++i) {
    const Module& module = checker.module(ModuleId{i});
    const auto found = module.names.find(id);
    if (found == module.names.end())
      continue;
    const DeclKind kind = checker.resolve_decl(found->second);
    if (kind == DeclKind::Function || kind == DeclKind::GenericFunction)
      return found->second;
  }
  return {};
}

DeclId intrinsic_declaration(Checker& checker, StringId name) {
  std::map<StringId, DeclId>& known = checker.generics().intrinsics;
  const auto found = known.find(name);
  if (found != known.end())
    return found->second;
  Decl made;
  made.kind = DeclKind::Intrinsic;
  made.name = name;
  const DeclId id = checker.add_made_decl(std::move(made));
  known.emplace(name, id);
  return id;
}

DeclId library_type(Checker& checker, std::string_view name) {
  const StringId id = checker.strings.find(name);
  for (std::uint32_t i = 0; id.valid() && i < checker.module_count(); ++i) {
    const Module& module = checker.module(ModuleId{i});
    const auto found = module.names.find(id);
    if (found == module.names.end())
      continue;
    const DeclKind kind = checker.decl(found->second).kind;
    if (kind == DeclKind::Type || kind == DeclKind::GenericType)
      return found->second;
  }
  return {};
}

} // namespace sx::sema
