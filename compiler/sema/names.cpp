// Names in bodies: bindings, captures, declarations, constants as operands (4.7, 4.9.1, 4.14, 1.11).

#include "sema/generic_state.h"
#include "sema/scopes.h"
#include "sema/tables.h"

namespace sx::sema {

BodyChecker::BodyChecker(Checker& checker, FunctionId function, const Site& where, BodyChecker* parent,
                         Boundary boundary)
    : checker_(checker), function_(function), where_(where), outer_names_(parent == nullptr ? where.locals : nullptr),
      parent_(parent), boundary_(boundary), tentative_(parent == nullptr ? 0 : parent->tentative_) {
  where_.locals = this;
}

BodyChecker::~BodyChecker() = default;

static LocalEntity entity_of(const Binding& binding, const std::vector<PackBinding>& packs) {
  LocalEntity entity;
  entity.type = binding.type;
  switch (binding.kind) {
  case Binding::Kind::Local:
    if (binding.value.kind != ConstValue::Kind::None) {
      entity.kind = LocalEntity::Kind::Constant;
      entity.constant = binding.value;
    }
    break;
  case Binding::Kind::Constant:
    entity.kind = LocalEntity::Kind::Constant;
    entity.constant = binding.value;
    break;
  case Binding::Kind::Type: entity.kind = LocalEntity::Kind::Type; break;
  case Binding::Kind::Declaration:
    entity.kind = LocalEntity::Kind::Declaration;
    entity.decl = binding.declaration;
    break;
  case Binding::Kind::Pack: {
    entity.kind = LocalEntity::Kind::Pack;
    const PackBinding& pack = packs[binding.index];
    entity.argument.kind = GenericArgument::Kind::Pack;
    entity.argument.types = pack.types;
    entity.argument.constraint = pack.constraint;
    break;
  }
  case Binding::Kind::PackElement:
  case Binding::Kind::Run: break;
  }
  return entity;
}

std::optional<LocalEntity> BodyChecker::find_local(StringId name) const {
  if (const Binding* binding = own_binding(name))
    return entity_of(*binding, packs_);
  if (!isolated_ && parent_ != nullptr)
    return parent_->find_local(name);
  return outer_names_ == nullptr ? std::nullopt : outer_names_->find_local(name);
}

Site BodyChecker::here() const {
  return where_;
}

Site BodyChecker::lasting_site() {
  Site site = where_;
  std::vector<const BodyChecker*> chain;
  for (const BodyChecker* body = this; body != nullptr; body = body->isolated_ ? nullptr : body->parent_)
    chain.push_back(body);
  auto snapshot = std::make_unique<Snapshot>(chain.back()->outer_names_);
  for (std::size_t i = chain.size(); i-- > 0;) {
    const BodyChecker& body = *chain[i];
    if (!body.isolated_)
      for (const Binding& binding : body.captured_)
        snapshot->set(binding.name, entity_of(binding, body.packs_));
    for (std::size_t b = body.floor_; b < body.bindings_.size(); ++b)
      snapshot->set(body.bindings_[b].name, entity_of(body.bindings_[b], body.packs_));
  }
  site.locals = snapshot.get();
  checker_.kept_names.push_back(std::move(snapshot));
  return site;
}

const Binding* BodyChecker::own_binding(StringId name) const {
  for (std::size_t i = bindings_.size(); i-- > floor_;)
    if (bindings_[i].name == name)
      return &bindings_[i];
  if (isolated_)
    return nullptr;
  for (const Binding& binding : captured_)
    if (binding.name == name)
      return &binding;
  return nullptr;
}

const Binding* BodyChecker::find_binding(StringId name, Span span) {
  if (const Binding* own = own_binding(name))
    return own;
  if (isolated_ || parent_ == nullptr)
    return nullptr;
  const Binding* outer = parent_->find_binding(name, span);
  if (outer == nullptr)
    return nullptr;
  const bool holds_value = outer->kind == Binding::Kind::Local || outer->kind == Binding::Kind::PackElement;
  if (boundary_ == Boundary::Run && (holds_value || outer->kind == Binding::Kind::Pack)) {
    // Constants whose value is known are folded into the entry (R7.29); of a pack the types are known.
    Binding copy = *outer;
    if (outer->kind == Binding::Kind::Pack) {
      PackBinding pack = parent_->packs_[outer->index];
      pack.elements.clear();
      copy.index = add_pack(std::move(pack));
    }
    if (copy.value.kind != ConstValue::Kind::None) {
      copy.kind = Binding::Kind::Constant;
      copy.local = {};
    } else if (outer->kind != Binding::Kind::Pack) {
      report<diag::comptime_value_needed>(span, text(name));
      copy.type = types().poison;
      copy.local = {};
      copy.kind = Binding::Kind::Type;
    }
    captured_.push_back(copy);
    captured_from_.push_back(*outer);
    return &captured_.back();
  }
  if (holds_value) {
    const Binding copy = *outer;
    capture(copy, span);
    return &captured_.back();
  }
  if (outer->kind == Binding::Kind::Pack) {
    // A captured pack is its elements, captured one by one (R4.82).
    Binding copy = *outer;
    PackBinding pack = parent_->packs_[outer->index];
    for (hir::LocalId& element : pack.elements) {
      Binding one;
      one.name = StringId(0);
      one.local = element;
      one.type = parent_->body().locals[element.index()].type;
      one.span = span;
      element = capture(one, span);
    }
    copy.index = add_pack(std::move(pack));
    captured_.push_back(copy);
    captured_from_.push_back({});
    return &captured_.back();
  }
  return outer;
}

hir::LocalId BodyChecker::capture(const Binding& outer, Span) {
  Binding copy = outer;
  copy.local = body().add_local(outer.name, outer.type, outer.span);
  if (copy.access == Access::Capture || copy.access == Access::LoopElement || copy.access == Access::LocalConstant)
    copy.access = Access::Variable; // a mutable copy (R4.81)
  function().captures.push_back(copy.local);
  captured_.push_back(copy);
  captured_from_.push_back(outer);
  return copy.local;
}

hir::LocalId BodyChecker::declare_local(syntax::Ident ident, TypeId type, Access access) {
  Binding binding;
  binding.name = ident.text;
  binding.span = ident.span;
  binding.type = type;
  binding.access = access;
  binding.local = body().add_local(ident.text, type, ident.span);
  bindings_.push_back(binding);
  return binding.local;
}

std::uint32_t BodyChecker::add_pack(PackBinding binding) {
  packs_.push_back(std::move(binding));
  return static_cast<std::uint32_t>(packs_.size() - 1);
}

Operand BodyChecker::type_operand(TypeId type, Span span) {
  if (!type.valid() || types().is(type, TypeKind::Poison))
    return Operand::poison(span);
  Operand operand;
  operand.kind = Operand::Kind::Type;
  operand.denoted = type;
  operand.type = types().type;
  operand.span = span;
  return operand;
}

Operand BodyChecker::binding_operand(const Binding& binding, Span span) {
  if (binding.type.valid() && types().is(binding.type, TypeKind::Poison))
    return Operand::poison(span);
  switch (binding.kind) {
  case Binding::Kind::Local:
  case Binding::Kind::PackElement: {
    Operand operand = local_place(binding.local, span, binding.access);
    operand.name = binding.name;
    operand.narrowed = is_narrowed(binding.local);
    operand.error_source = binding.error_source;
    operand.constraint = binding.constraint;
    return operand;
  }
  case Binding::Kind::Constant: {
    Operand operand = constant_value(binding.value, binding.type.valid() ? binding.type : binding.value.type, span);
    operand.name = binding.name;
    operand.access = binding.access;
    return operand;
  }
  case Binding::Kind::Type: return type_operand(binding.type, span);
  case Binding::Kind::Declaration:
    return declaration_operand(binding.declaration, binding.environment, span, binding.name);
  case Binding::Kind::Pack: {
    Operand operand;
    operand.kind = Operand::Kind::Pack;
    operand.index = binding.index;
    operand.span = span;
    operand.name = binding.name;
    return operand;
  }
  case Binding::Kind::Run: {
    Operand operand = make(hir::RunValue{binding.run}, binding.type, span);
    operand.name = binding.name;
    operand.access = Access::LocalConstant;
    return operand;
  }
  }
  return Operand::poison(span);
}

Operand BodyChecker::check_context(Span span) {
  if (!checker_.has_context()) {
    Report& made = report<diag::context_unavailable>(span).help("import \"modules/std.sx\"");
    std::string lines = "declared context fields";
    for (const std::string& line : checker_.context_fields())
      lines += "\n" + line;
    made.note(lines);
    return Operand::poison(span);
  }
  Operand operand =
      place(emit(hir::Context{}, program().context.type, span), program().context.type, span, Access::Context);
  operand.name = strings().intern("context");
  return operand;
}

Operand BodyChecker::name_operand(syntax::Ident ident, Span span, Use use) {
  if (const Binding* binding = find_binding(ident.text, span))
    return binding_operand(*binding, span);
  if (text(ident.text) == "context" && !ident.raw &&
      (checker_.has_context() || !checker_.find_quietly(where_, ident.text, use)))
    return check_context(span);
  const std::size_t before = diagnostics().error_count() + diagnostics().muted_errors();
  const Found found = checker_.find(where_, ident, use);
  errors_ += diagnostics().error_count() + diagnostics().muted_errors() - before;
  return found_operand(found, ident, span, use);
}

Operand BodyChecker::found_operand(const Found& found, syntax::Ident ident, Span span, Use use) {
  switch (found.kind) {
  case Found::Kind::None:
  case Found::Kind::Poison: return Operand::poison(span);
  case Found::Kind::Local: {
    const LocalEntity& entity = found.local;
    switch (entity.kind) {
    case LocalEntity::Kind::Constant: return constant_value(entity.constant, entity.constant.type, span);
    case LocalEntity::Kind::Type: return type_operand(entity.type, span);
    case LocalEntity::Kind::Declaration: return declaration_operand(entity.decl, {}, span, ident.text);
    case LocalEntity::Kind::Value:
      // A non-callable local of the enclosing function gives way to a module-level function (R4.67).
      if (use == Use::Call && entity.type.valid() && !types().is(entity.type, TypeKind::Closure) &&
          !types().is(entity.type, TypeKind::Function)) {
        Site outer = where_;
        outer.locals = nullptr;
        if (const Found module_level = checker_.find_quietly(outer, ident.text, Use::Call, ident.raw))
          return found_operand(module_level, ident, span, use);
      }
      if (boundary_ == Boundary::Typing && entity.type.valid())
        return local_place(temporary(entity.type, span), span);
      return enclosing_local(ident.text, span);
    case LocalEntity::Kind::Pack: {
      if (boundary_ != Boundary::Typing)
        return enclosing_local(ident.text, span);
      PackBinding pack;
      pack.name = ident.text;
      pack.types = entity.argument.types;
      pack.constraint = entity.argument.constraint;
      for (const TypeId type : pack.types)
        pack.elements.push_back(temporary(type, span));
      Operand operand;
      operand.kind = Operand::Kind::Pack;
      operand.index = add_pack(std::move(pack));
      operand.span = span;
      operand.name = ident.text;
      return operand;
    }
    }
    return Operand::poison(span);
  }
  case Found::Kind::Argument:
    switch (found.argument.kind) {
    case GenericArgument::Kind::Type: return type_operand(found.argument.type, span);
    case GenericArgument::Kind::Value: {
      Operand operand = constant_value(found.argument.value, found.argument.type, span);
      operand.name = ident.text;
      return operand;
    }
    case GenericArgument::Kind::Pack: {
      PackBinding pack;
      pack.name = ident.text;
      pack.types = found.argument.types;
      pack.constraint = found.argument.constraint;
      pack.has_types = true;
      Operand operand;
      operand.kind = Operand::Kind::Pack;
      operand.index = add_pack(std::move(pack));
      operand.span = span;
      operand.name = ident.text;
      return operand;
    }
    case GenericArgument::Kind::None: break;
    }
    return Operand::poison(span);
  case Found::Kind::Declaration: return declaration_operand(found.decl, {}, span, ident.text);
  case Found::Kind::BuiltinType: return type_operand(found.type, span);
  case Found::Kind::Constructor: { // no type before it has its arguments
    Operand operand;
    operand.kind = Operand::Kind::Type;
    operand.name = ident.text;
    operand.span = span;
    return operand;
  }
  case Found::Kind::Intrinsic: {
    Operand operand;
    operand.kind = Operand::Kind::Intrinsic;
    operand.declaration = intrinsic_declaration(checker_, ident.text);
    operand.name = ident.text;
    operand.span = span;
    return operand;
  }
  case Found::Kind::TargetConstant: {
    const ConstValue constant = checker_.target_constant(ident.text);
    Operand operand = constant_value(constant, constant.type, span);
    operand.name = ident.text;
    return operand;
  }
  }
  return Operand::poison(span);
}

/// A local of the function around a nested function (R4.67, R10.40).
Operand BodyChecker::enclosing_local(StringId local, Span span) {
  if (reported_enclosing_.insert(local).second)
    report<diag::enclosing_local_in_nested_function>(span, text(local))
        .help("make this a closure: " + std::string(text(function().name)) + " := (...) => ...");
  else
    ++errors_;
  return Operand::poison(span);
}

Operand BodyChecker::function_operand(DeclId declaration, EnvironmentId environment, Span span, StringId id) {
  Operand operand;
  operand.kind = Operand::Kind::Function;
  operand.declaration = declaration;
  operand.environment = environment;
  operand.span = span;
  operand.name = id;
  return operand;
}

Operand BodyChecker::declaration_operand(DeclId declaration, EnvironmentId environment, Span span, StringId id) {
  const DeclKind kind = checker_.resolve_decl(declaration);
  switch (kind) {
  case DeclKind::Function:
  case DeclKind::GenericFunction:
  case DeclKind::UfcsAlias: return function_operand(declaration, environment, span, id);
  case DeclKind::Type: return type_operand(checker_.declared_type(declaration, environment), span);
  case DeclKind::TypeAlias: return type_operand(checker_.declared_type(declaration), span);
  case DeclKind::GenericType: {
    // Among its own members the bare head is the instance (R5.47).
    if (const auto* current = checker_.find_argument(where_.environment, strings().intern(current_instance_name));
        current && checker_.declaration_of(current->type) == declaration)
      return type_operand(current->type, span);
    Operand operand;
    operand.kind = Operand::Kind::Type;
    operand.type = types().type;
    operand.declaration = declaration;
    operand.span = span;
    operand.name = id;
    return operand;
  }
  case DeclKind::Alias: return declaration_operand(checker_.follow(declaration), environment, span, id);
  case DeclKind::Constant:
  case DeclKind::RunConstant: return constant_operand(declaration, environment, span, id);
  case DeclKind::Variable: {
    const TypeId type = checker_.variable_type(declaration);
    if (!type.valid() || types().is(type, TypeKind::Poison))
      return Operand::poison(span);
    hir::NodeId node;
    if (checker_.decl(declaration).is_extern) {
      const ExternId external = checker_.extern_of(declaration);
      if (!external.valid())
        return Operand::poison(span);
      node = emit(hir::ExternVariable{external}, type, span);
    } else {
      const GlobalId global = checker_.global_of(declaration);
      if (!global.valid())
        return Operand::poison(span);
      node = emit(hir::Global{global}, type, span);
    }
    Operand operand = place(node, type, span);
    operand.name = id;
    return operand;
  }
  case DeclKind::Namespace: {
    Operand operand;
    operand.kind = Operand::Kind::Namespace;
    operand.declaration = declaration;
    operand.span = span;
    operand.name = id;
    return operand;
  }
  case DeclKind::Intrinsic: {
    Operand operand;
    operand.kind = Operand::Kind::Intrinsic;
    operand.declaration = declaration;
    operand.span = span;
    operand.name = checker_.decl(declaration).name;
    return operand;
  }
  case DeclKind::Library: report<diag::constant_unusable>(span, text(id)); return Operand::poison(span);
  case DeclKind::Poison:
  case DeclKind::Unresolved: ++errors_; return Operand::poison(span);
  }
  return Operand::poison(span);
}

Operand BodyChecker::constant_operand(DeclId declaration, EnvironmentId environment, Span span, StringId id) {
  const ConstantInfo info = checker_.constant_of(declaration, environment);
  switch (info.kind) {
  case ConstantInfo::Kind::Poison: ++errors_; return Operand::poison(span);
  case ConstantInfo::Kind::Scalar: {
    Operand operand = constant_value(info.value, info.type.valid() ? info.type : info.value.type, span);
    operand.name = id;
    return operand;
  }
  case ConstantInfo::Kind::Stored: {
    if (!info.global.valid())
      return Operand::poison(span);
    const TypeId type = info.type.valid() ? info.type : program().globals[info.global.index()].type;
    if (!type.valid() || types().is(type, TypeKind::Poison))
      return Operand::poison(span);
    Operand operand = place(emit(hir::Global{info.global}, type, span), type, span, Access::ModuleConstant);
    operand.name = id;
    return operand;
  }
  case ConstantInfo::Kind::Repeated: {
    // Evaluated anew at every use (R3.12.14).
    const DepthGuard depth(*this);
    if (depth.exceeded()) {
      report_depth(span);
      return Operand::poison(span);
    }
    const Site site = checker_.site_of(declaration, environment);
    const AstId node = checker_.decl(declaration).value;
    const std::pair<DeclId, EnvironmentId> key{declaration, site.environment};
    if (std::ranges::find(expanding_, key) != expanding_.end()) { // its own initializer names it (R7.38)
      ++errors_;
      if (!checker_.is_registering_constants())
        report<diag::constant_unusable>(site.span(node), text(checker_.decl(declaration).name));
      return Operand::poison(span);
    }
    expanding_.push_back(key);
    Operand operand = elsewhere(site, [&] {
      const Scope scope(*this);
      return info.type.valid()
                 ? check_converted(node, info.type, {.kind = ConversionSite::Kind::Initializer, .name = id})
                 : check_value(node, Expect::none());
    });
    expanding_.pop_back();
    operand.span = span;
    operand.context_typed = false;
    operand.name = id;
    return operand;
  }
  case ConstantInfo::Kind::Function: return function_operand(declaration, environment, span, id);
  }
  return Operand::poison(span);
}

Operand BodyChecker::constant_value(const ConstValue& constant, TypeId type, Span span) {
  if (!type.valid())
    type = constant.type;
  if (type.valid() && types().is(type, TypeKind::Poison))
    return Operand::poison(span);
  Operand operand;
  switch (constant.kind) {
  case ConstValue::Kind::None: return Operand::poison(span);
  case ConstValue::Kind::Int: {
    if (types().is(type, TypeKind::Float))
      return constant_value(
          {.kind = ConstValue::Kind::Float, .type = type, .real = static_cast<double>(constant.as_signed())}, type,
          span);
    operand = make(hir::IntConst{constant.bits}, type, span);
    TypeId integer = type;
    if (types().is(type, TypeKind::Enum))
      integer = types().nominal(type).backing;
    const bool is_signed = !integer.valid() || types().is_signed(integer);
    operand.constant = Folded::of_integer(is_signed ? static_cast<__int128>(constant.as_signed())
                                                    : static_cast<__int128>(constant.bits));
    break;
  }
  case ConstValue::Kind::Float:
    operand = make(hir::FloatConst{constant.real}, type, span);
    operand.constant = Folded::of_float(constant.real);
    break;
  case ConstValue::Kind::Bool:
    operand = make(hir::IntConst{constant.bits}, type, span);
    operand.constant = Folded::of_bool(constant.bits != 0);
    break;
  case ConstValue::Kind::String:
    operand = make(hir::StringConst{constant.text}, type, span);
    operand.constant.kind = Folded::Kind::String;
    operand.constant.text = constant.text;
    break;
  case ConstValue::Kind::Null: operand = make(hir::Zero{}, type, span); break;
  case ConstValue::Kind::Undefined: operand = make(hir::Zero{}, type, span); break;
  case ConstValue::Kind::Type: return type_operand(constant.denoted, span);
  case ConstValue::Kind::Variant: {
    const auto index = static_cast<std::uint32_t>(constant.bits);
    operand = make(hir::VariantInit{index, {}}, type, span);
    break;
  }
  case ConstValue::Kind::Function:
    return function_operand(constant.function, {}, span, checker_.decl(constant.function).name);
  }
  return operand;
}

Operand BodyChecker::constant_integer(std::int64_t integer, Span span) {
  Operand operand = make(hir::IntConst{static_cast<std::uint64_t>(integer)}, types().i64, span);
  operand.constant = Folded::of_integer(integer);
  return operand;
}

Operand BodyChecker::namespace_member(const Operand& base, syntax::Ident ident, Span path, Use use) {
  const std::size_t before = diagnostics().error_count() + diagnostics().muted_errors();
  const Found found = checker_.find_in_namespace(where_, base.declaration, ident, use, path);
  errors_ += diagnostics().error_count() + diagnostics().muted_errors() - before;
  return found_operand(found, ident, path, use);
}

TypeId BodyChecker::function_operand_type(const Operand& operand) {
  return checker_.function_type(checker_.signature(operand.declaration, operand.environment));
}

Operand BodyChecker::function_value(const Operand& operand) {
  const Span span = operand.span;
  DeclId declaration = operand.declaration;
  if (checker_.decl(declaration).kind == DeclKind::UfcsAlias)
    declaration = checker_.follow(declaration);
  const DeclKind kind = checker_.decl(declaration).kind;
  if (kind == DeclKind::Poison)
    return Operand::poison(span);
  if (kind == DeclKind::GenericFunction)
    return report<diag::constant_unusable>(span, text(operand.name)), Operand::poison(span);
  const Signature& signature = checker_.signature(declaration, operand.environment);
  if (signature.failed) {
    ++errors_;
    return Operand::poison(span);
  }
  const TypeId type = checker_.function_type(signature);
  if (checker_.decl(declaration).is_extern) {
    const ExternId external = checker_.extern_of(declaration);
    return external.valid() ? make(hir::ExternConst{external}, type, span) : Operand::poison(span);
  }
  const FunctionId function_id = checker_.function_instance(declaration, operand.environment);
  if (!function_id.valid())
    return Operand::poison(span);
  checker_.require_body(function_id);
  Operand result = make(hir::FunctionConst{function_id}, type, span);
  result.name = operand.name;
  return result;
}

Operand BodyChecker::convert_function(const Operand& operand, TypeId target, const ConversionSite& site) {
  const Span span = operand.span;
  const TypeKind to = types().kind(target);
  if (to == TypeKind::Optional) {
    const Operand payload = convert_function(operand, types()[target].element, site);
    return payload.poisoned() ? payload : make(hir::OptionalWrap{payload.node}, target, span);
  }
  Operand pointer = function_value(operand);
  if (pointer.poisoned())
    return pointer;
  const Type shape = types()[pointer.type];
  if (to == TypeKind::Type)
    return make(hir::TypeConst{pointer.type}, target, span);
  if (to == TypeKind::Any) {
    Operand spelled = make(hir::StringConst{strings().intern(name(pointer.type))}, types().string, span);
    return box(spelled, span);
  }
  if (to == TypeKind::Closure) {
    const Type wanted = types()[target];
    if (shape.elements != wanted.elements)
      return refuse(pointer, target, site);
    if (shape.element != wanted.element && !widens_result(types(), shape.element, wanted.element))
      return refuse(pointer, target, site);
    return make(hir::ClosurePromote{pointer.node}, target, span);
  }
  if (to == TypeKind::Function && pointer.type != target) {
    if (types()[target].convention != shape.convention) {
      const bool is_c = shape.convention == Convention::C;
      report<diag::calling_convention_differs>(span, text(operand.name), is_c ? "C" : "sx", is_c ? "sx" : "C");
      return Operand::poison(span);
    }
    if (shape.elements != types()[target].elements || !widens_result(types(), shape.element, types()[target].element))
      return refuse(pointer, target, site);
    return make(hir::FunctionWiden{pointer.node}, target, span);
  }
  return convert(pointer, target, site);
}

bool BodyChecker::is_value_name(AstId node) {
  const auto* named = tree().try_get<ast::Name>(node);
  if (named == nullptr)
    return false;
  if (const Binding* binding = own_binding(named->name.text))
    return binding->kind == Binding::Kind::Local || binding->kind == Binding::Kind::Constant;
  const Found found = checker_.find_quietly(where_, named->name.text, Use::Value, named->name.raw);
  if (found.kind != Found::Kind::Declaration)
    return found.kind == Found::Kind::TargetConstant;
  const DeclKind kind = checker_.resolve_decl(found.decl);
  return kind == DeclKind::Constant || kind == DeclKind::RunConstant || kind == DeclKind::Variable ||
         kind == DeclKind::Function;
}

template <class Resolve> TypeId BodyChecker::counting_errors(Resolve resolve) {
  const std::size_t before = diagnostics().error_count() + diagnostics().muted_errors();
  const TypeId type = resolve();
  errors_ += diagnostics().error_count() + diagnostics().muted_errors() - before;
  return type.valid() ? type : types().poison;
}

TypeId BodyChecker::resolve_type(AstId node) {
  return counting_errors([&] { return checker_.resolve_type(where_, node); });
}

TypeId BodyChecker::resolve_literal_head(AstId head, Span literal) {
  return counting_errors([&] { return checker_.resolve_literal_head(where_, head, literal); });
}

TypeId BodyChecker::denoted_type(AstId node) {
  // A construction is evaluated for good, so its failure is this body's as well.
  if (is_construction(node))
    return checker_.names_type(where_, node) ? resolve_type(node) : TypeId();
  return checker_.try_resolve_type(where_, node);
}

} // namespace sx::sema
