// Registration of `impl` blocks and their instances for concrete types.

#include "sema/generic_state.h"
#include "sema/tables.h"

#include <algorithm>

namespace sx::sema {
namespace {

/// Does the written type introduce a name (`$R`) or a pack?
bool introduces(const syntax::Tree& tree, AstId node) {
  std::vector<AstId> pending{node};
  while (!pending.empty()) {
    const AstId at = pending.back();
    pending.pop_back();
    if (tree.is(at, syntax::Kind::TypeIntro) || tree.is(at, syntax::Kind::Spread))
      return true;
    if (const auto* closure = tree.try_get<ast::ClosureType>(at); closure && closure->pack.present())
      return true;
    tree.for_each_child(at, [&](AstId child) { pending.push_back(child); });
  }
  return false;
}

/// The name that a binder `$R` or `..$Ts` introduces; invalid for other arguments.
StringId binder_name(const syntax::Tree& tree, AstId node) {
  if (const auto* spread = tree.try_get<ast::Spread>(node))
    node = spread->value;
  if (const auto* intro = tree.try_get<ast::TypeIntro>(node))
    return intro->name.text;
  if (const auto* pack = tree.try_get<ast::PackName>(node))
    return pack->name.text;
  if (const auto* name = tree.try_get<ast::Name>(node))
    return name->name.text;
  return {};
}

} // namespace

/// Blocks are order-free (R5.76): all of the program are taken in at once, in the order of their files.
void ImplTable::collect() {
  if (collected_)
    return;
  collected_ = true;
  for (const ModuleId id : checker_.merge_order)
    for (const ModuleItem& item : checker_.module(id).items)
      if (item.kind == ModuleItem::Kind::Impl)
        blocks_.push_back({.module = id, .node = item.node, .span = checker_.module(id).tree->span(item.node)});
}

Site ImplTable::site(const ImplBlock& block, EnvironmentId environment, TypeId self) const {
  Site where = checker_.site_of(block.module);
  where.environment = environment;
  where.self_type = self;
  return where;
}

void ImplTable::settle() {
  if (settling_)
    return;
  settling_ = true;
  collect();
  while (settled_ < blocks_.size())
    resolve(blocks_[settled_++]);
  settling_ = false;
}

static DeclId protocol_declaration(Checker& checker, const Site& where, const syntax::Ident& name) {
  for (const Use use : {Use::Type, Use::TypeHead}) {
    const Found found = checker.find_quietly(where, name.text, use, name.raw);
    if (found.kind != Found::Kind::Declaration)
      continue;
    const DeclId id = checker.follow(found.decl);
    if (!id.valid())
      continue;
    const Decl& decl = checker.decl(id);
    if (decl.value.valid() && decl.site.tree->is(decl.value, syntax::Kind::ProtocolType))
      return id;
  }
  return {};
}

void ImplTable::resolve(ImplBlock& block) {
  const Site where = site(block, checker_.empty_environment(), {});
  const auto& impl = where.get<ast::Impl>(block.node);
  block.protocol = protocol_declaration(checker_, where, impl.protocol);
  if (!block.protocol.valid()) {
    block.state = ImplBlock::State::UnknownProtocol;
    return;
  }
  if (!resolve_target(block, impl.target))
    return;
  const bool open =
      std::ranges::any_of(where.tree->list(impl.args), [&](AstId arg) { return introduces(*where.tree, arg); });
  if (!open) {
    block.protocol_type = protocol_of(block, checker_.empty_environment());
    if (!block.protocol_type.valid()) {
      block.state = ImplBlock::State::UnknownType;
      for (const AstId arg : where.tree->list(impl.args))
        if (!checker_.try_resolve_type(where, arg).valid())
          block.problem = checker_.source_text(where.span(arg));
      return;
    }
  }
  reject_duplicate(block);
}

bool ImplTable::resolve_target(ImplBlock& block, AstId target) {
  const Site where = site(block, checker_.empty_environment(), {});
  const syntax::Tree& tree = *where.tree;
  if (introduces(tree, target)) {
    if (tree.is(target, syntax::Kind::ClosureType)) {
      block.source = ImplBlock::Source::Closure;
      return true;
    }
    if (const auto* apply = tree.try_get<ast::TypeApply>(target)) {
      block.source = ImplBlock::Source::Generic;
      if (const auto* name = tree.try_get<ast::Name>(apply->head)) {
        const Found found = checker_.find_quietly(where, name->name.text, Use::TypeHead, name->name.raw);
        if (found.kind == Found::Kind::Declaration)
          block.head = checker_.follow(found.decl);
      } else {
        const Checker::PathFound found = checker_.find_path(where, apply->head, Use::TypeHead);
        if (found.found.kind == Found::Kind::Declaration)
          block.head = checker_.follow(found.found.decl);
      }
      if (block.head.valid())
        return true;
    }
  } else if (const TypeId type = checker_.try_resolve_type(where, target); type.valid()) {
    block.target = type;
    return true;
  }
  block.state = ImplBlock::State::UnknownType;
  block.problem = checker_.source_text(where.span(target));
  return false;
}

/// R5.83: parameterless anywhere, parameterised in one file.
void ImplTable::reject_duplicate(ImplBlock& block) {
  const Site where = site(block, checker_.empty_environment(), {});
  const auto& impl = where.get<ast::Impl>(block.node);
  for (const ImplBlock& other : blocks_) {
    if (&other == &block)
      return;
    if (other.state != ImplBlock::State::Ready || other.protocol != block.protocol || other.source != block.source ||
        other.target != block.target || other.head != block.head)
      continue;
    if (impl.has_args && (other.module != block.module || other.protocol_type != block.protocol_type))
      continue;
    if (block.source == ImplBlock::Source::Closure && !block.protocol_type.valid())
      continue;
    block.state = ImplBlock::State::Duplicate;
    const std::string target =
        block.target.valid() ? checker_.types.name(block.target) : checker_.source_text(where.span(impl.target));
    checker_.report<diag::duplicate_impl>(block.span, checker_.text(impl.protocol.text), target)
        .note("first implemented here", other.span);
    return;
  }
}

TypeId ImplTable::protocol_of(const ImplBlock& block, EnvironmentId environment) {
  const Site where = site(block, environment, {});
  const auto& impl = where.get<ast::Impl>(block.node);
  const Decl& decl = checker_.decl(block.protocol);
  const bool parameterised = !decl.site.get<ast::ProtocolType>(decl.value).params.empty();
  if (!parameterised)
    return impl.has_args ? TypeId{} : checker_.declared_type(block.protocol);
  std::vector<TypeId> arguments;
  for (const AstId arg : where.tree->list(impl.args)) {
    const TypeId type = checker_.try_resolve_type(where, arg);
    if (!type.valid() || checker_.types.is(type, TypeKind::Poison))
      return {};
    arguments.push_back(type);
  }
  return checker_.protocol_instance(block.protocol, arguments);
}

void ImplTable::finish() {
  settle();
  for (const ImplBlock& block : blocks_) {
    const Site where = site(block, checker_.empty_environment(), {});
    const std::string protocol = checker_.text(where.get<ast::Impl>(block.node).protocol.text);
    if (block.state == ImplBlock::State::UnknownProtocol)
      checker_.report<diag::unknown_protocol_in_impl>(block.span, protocol).help("import the file that declares it");
    else if (block.state == ImplBlock::State::UnknownType)
      checker_.report<diag::impl_does_not_register>(block.span, protocol, block.problem);
  }
}

// ---- instances ----

std::optional<EnvironmentId> ImplTable::match_head(const ImplBlock& block, TypeId concrete) {
  const TypeKind kind = checker_.types.kind(concrete);
  if (kind != TypeKind::Struct && kind != TypeKind::Enum && kind != TypeKind::TaggedUnion && kind != TypeKind::Union)
    return {};
  if (checker_.declaration_of(concrete) != block.head)
    return {};
  const std::uint32_t owner = checker_.types.nominal(concrete).environment;
  if (owner == 0xffff'ffff)
    return {};
  std::vector<NamedArgument> bound = checker_.environment(EnvironmentId{owner}).bindings;
  std::erase_if(bound, [&](const NamedArgument& b) { return checker_.strings.text(b.name) == current_instance_name; });
  const Site where = site(block, checker_.empty_environment(), {});
  const auto& apply = where.get<ast::TypeApply>(where.get<ast::Impl>(block.node).target);
  std::vector<NamedArgument> bindings;
  std::size_t next = 0;
  for (const AstId arg : where.tree->list(apply.args)) {
    const StringId name = binder_name(*where.tree, arg);
    if (!name.valid() || next >= bound.size())
      return {};
    bindings.push_back({name, bound[next++].argument});
  }
  return next == bound.size() ? std::optional(checker_.extend(checker_.empty_environment(), bindings)) : std::nullopt;
}

std::optional<EnvironmentId> ImplTable::match_closure(const ImplBlock& block, TypeId concrete) {
  const Type row = checker_.types[concrete];
  if (row.kind != TypeKind::Closure && row.kind != TypeKind::Function)
    return {};
  const Site where = site(block, checker_.empty_environment(), {});
  const auto& closure = where.get<ast::ClosureType>(where.get<ast::Impl>(block.node).target);
  const auto prefix = where.tree->list(closure.params);
  if (row.elements.size() < prefix.size() || (!closure.pack.present() && row.elements.size() != prefix.size()))
    return {};
  std::vector<NamedArgument> bindings;
  const auto matches = [&](AstId written, TypeId actual) {
    if (const auto* slot = where.try_get<ast::TypeSlot>(written))
      written = slot->type;
    if (const auto* intro = where.try_get<ast::TypeIntro>(written)) {
      bindings.push_back({intro->name.text, GenericArgument::of_type(actual)});
      return true;
    }
    return checker_.try_resolve_type(where, written) == actual;
  };
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (!matches(prefix[i], row.elements[i]))
      return {};
  if (closure.result.valid() ? !matches(closure.result, row.element) : row.element != checker_.types.void_)
    return {};
  if (closure.pack.present()) {
    GenericArgument rest{.kind = GenericArgument::Kind::Pack};
    rest.types.assign(row.elements.begin() + static_cast<std::ptrdiff_t>(prefix.size()), row.elements.end());
    bindings.push_back({closure.pack.text, rest});
  }
  return checker_.extend(checker_.empty_environment(), bindings);
}

std::optional<EnvironmentId> ImplTable::match(const ImplBlock& block, TypeId concrete) {
  if (block.state != ImplBlock::State::Ready)
    return {};
  switch (block.source) {
  case ImplBlock::Source::Exact:
    return block.target == concrete ? std::optional(checker_.empty_environment()) : std::nullopt;
  case ImplBlock::Source::Generic: return match_head(block, concrete);
  case ImplBlock::Source::Closure: return match_closure(block, concrete);
  }
  return {};
}

EnvironmentId ImplTable::for_type(EnvironmentId environment, TypeId concrete) {
  const NamedArgument current{checker_.intern(current_instance_name), GenericArgument::of_type(concrete)};
  return checker_.extend(environment, {&current, 1});
}

const ImplInstance* ImplTable::instantiate(const ImplBlock& block, TypeId concrete, EnvironmentId binders) {
  const EnvironmentId environment = for_type(binders, concrete);
  const Site where = site(block, environment, concrete);
  ImplInstance made{.block = &block, .concrete = concrete, .environment = environment};
  made.protocol = block.protocol_type.valid() ? block.protocol_type : protocol_of(block, environment);
  for (const AstId node : where.tree->list(where.get<ast::Impl>(block.node).methods)) {
    const auto* declaration = where.try_get<ast::ConstDecl>(node);
    if (!declaration)
      continue;
    made.methods.try_emplace(declaration->name.text, checker_.add_decl(where, node, DeclScope::Member, concrete));
  }
  instances_.push_back(std::move(made));
  return &instances_.back();
}

const std::vector<const ImplInstance*>& ImplTable::of_type(TypeId concrete) {
  settle();
  // Settling may be on its way further down the stack: answers grow as blocks become ready.
  if (auto found = by_type_.find(concrete); found != by_type_.end() && found->second.first == settled_)
    return found->second.second;
  const std::size_t from = by_type_[concrete].first;
  const std::size_t to = settling_ ? settled_ - 1 : settled_;
  for (std::size_t i = from; i < to; ++i)
    if (const auto environment = match(blocks_[i], concrete)) {
      const ImplInstance* made = instantiate(blocks_[i], concrete, *environment);
      by_type_[concrete].second.push_back(made);
    }
  by_type_[concrete].first = std::max(from, to);
  return by_type_[concrete].second;
}

const ImplInstance* ImplTable::find(TypeId concrete, TypeId protocol) {
  for (const ImplInstance* instance : of_type(concrete))
    if (instance->protocol == protocol && instance->block->source != ImplBlock::Source::Closure)
      return instance;
  return nullptr;
}

const ImplInstance* ImplTable::find_any(TypeId concrete, DeclId protocol) {
  for (const ImplInstance* instance : of_type(concrete))
    if (instance->block->protocol == protocol && instance->protocol.valid())
      return instance;
  return nullptr;
}

std::vector<const ImplInstance*> ImplTable::conversions(TypeId source, DeclId into) {
  std::vector<const ImplInstance*> found;
  for (const ImplInstance* instance : of_type(source))
    if (instance->block->protocol == into && instance->protocol.valid())
      found.push_back(instance);
  return found;
}

MemberDecl ImplTable::find_method(TypeId concrete, StringId name, bool& ambiguous) {
  ambiguous = false;
  MemberDecl found;
  for (const ImplInstance* instance : of_type(concrete)) {
    MemberDecl candidate;
    if (const auto written = instance->methods.find(name); written != instance->methods.end()) {
      candidate = {written->second, instance->environment};
    } else if (instance->protocol.valid()) {
      checker_.complete(instance->protocol);
      const auto& methods = checker_.types.nominal(instance->protocol).methods;
      for (std::uint32_t i = 0; i < methods.size(); ++i)
        if (methods[i].name == name)
          candidate = default_method(concrete, instance->protocol, i);
    }
    if (!candidate)
      continue;
    if (found) {
      ambiguous = true;
      return {};
    }
    found = candidate;
  }
  return found;
}

// ---- hooks ----

void Checker::register_impl(ModuleId, AstId) {
  generics().impls.settle();
}
void Checker::finish_impls() {
  generics().impls.finish();
}

MemberDecl Checker::find_impl_method(TypeId type, StringId name, bool& ambiguous) {
  return generics().impls.find_method(type, name, ambiguous);
}

bool Checker::implements(TypeId type, TypeId protocol, ModuleId) {
  if (types.is(type, TypeKind::Poison) || types.is(protocol, TypeKind::Poison) || type == protocol)
    return true;
  const DeclId open = generics().protocols.open_declaration(*this, protocol);
  if (open.valid())
    return generics().protocols.declaration(type) == open || generics().impls.find_any(type, open) != nullptr;
  return generics().impls.conformance(type, protocol).holds();
}

} // namespace sx::sema
