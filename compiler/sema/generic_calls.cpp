#include "sema/generic_calls.h"

#include "sema/generic_state.h"
#include "sema/scopes.h"

#include <algorithm>

namespace sx::sema {
namespace {

/// Nested instantiations: a template that requests ever new instances of itself is cut off (5.26, point 33).
constexpr int max_instantiation_depth = 512;

} // namespace

GenericCall::GenericCall(BodyChecker& body, CallSite& site, DeclId declaration, EnvironmentId owner)
    : body_(body), site_(site), declaration_(declaration),
      environment_(owner.valid() ? owner : body.checker().empty_environment()),
      declaring_(body.checker().site_of(declaration, environment_)), arguments_(site.args.begin(), site.args.end()),
      value_site_(site) {
  const AstId value = checker().decl(declaration).value;
  if (const auto* function = declaring_.try_get<ast::Function>(value)) {
    params_ = function->params;
    result_ = function->result;
  } else if (const auto* lambda = declaring_.try_get<ast::Lambda>(value)) {
    params_ = lambda->params;
    result_ = lambda->result;
  }
  collect_formals();
}

// ---- formals ----

/// A name of the type's header, which a method may spell with or without sigil (R5.10).
bool GenericCall::is_header_name(StringId name) const {
  return body_.checker().find_argument(environment_, name) != nullptr;
}

void GenericCall::introduce(AstId type) {
  if (!type.valid())
    return;
  if (const auto* intro = declaring_.try_get<ast::TypeIntro>(type)) {
    const bool known =
        std::ranges::any_of(parameters_, [&](const TypeParameter& p) { return p.name == intro->name.text; });
    if (known || is_header_name(intro->name.text))
      return;
    const auto constraints = declaring_.tree->list(intro->constraints);
    parameters_.push_back(
        {.name = intro->name.text, .span = intro->name.span, .constraints = {constraints.begin(), constraints.end()}});
    return;
  }
  declaring_.tree->for_each_child(type, [&](AstId child) { introduce(child); });
}

void GenericCall::collect_formals() {
  for (const AstId id : declaring_.tree->list(params_)) {
    const auto& param = declaring_.get<ast::Param>(id);
    Formal formal{.node = id, .name = param.name.text, .type = param.type, .initial = param.initial};
    if (param.is_variadic) {
      const auto* slice = param.type.valid() ? declaring_.try_get<ast::SliceType>(param.type) : nullptr;
      formal.kind = slice && !param.is_comptime ? Formal::Kind::Variadic : Formal::Kind::Pack;
    } else if (param.is_comptime) {
      bool is_type = !param.type.valid();
      if (const auto* name = param.type.valid() ? declaring_.try_get<ast::Name>(param.type) : nullptr)
        is_type = !name->name.raw && body_.text(name->name.text) == "Type";
      const TypeId named = is_type ? TypeId{} : checker().try_resolve_type(declaring_, param.type);
      const bool protocol = named.valid() && types().is(named, TypeKind::Protocol);
      formal.kind = is_type || protocol ? Formal::Kind::Type : Formal::Kind::Comptime;
      if (formal.kind == Formal::Kind::Type) {
        const auto constraints = declaring_.tree->list(param.constraints);
        TypeParameter parameter{
            .name = param.name.text, .span = param.name.span, .constraints = {constraints.begin(), constraints.end()}};
        if (protocol)
          parameter.constraints.insert(parameter.constraints.begin(), param.type);
        parameters_.push_back(std::move(parameter));
      }
    }
    if (formal.kind == Formal::Kind::Value || formal.kind == Formal::Kind::Variadic)
      introduce(param.type);
    formals_.push_back(formal);
  }
}

bool GenericCall::has_bare_receiver() const {
  if (formals_.empty() || !formals_.front().type.valid())
    return true;
  AstId type = formals_.front().type;
  while (const auto* pointer = declaring_.try_get<ast::PointerType>(type))
    type = pointer->element;
  if (declaring_.try_get<ast::TypeIntro>(type))
    return true;
  const auto* name = declaring_.try_get<ast::Name>(type);
  return name && std::ranges::any_of(parameters_, [&](const TypeParameter& p) { return p.name == name->name.text; });
}

void GenericCall::take_explicit() {
  const std::size_t receiver = site_.receiver ? 1 : 0;
  const std::size_t given = arguments_.size() + receiver + (site_.trailing.valid() ? 1 : 0);
  std::size_t required = 0;
  bool open_tail = false;
  for (const Formal& formal : formals_) {
    const bool tail = formal.kind == Formal::Kind::Variadic || formal.kind == Formal::Kind::Pack;
    open_tail = open_tail || tail;
    required += !tail && !formal.initial.valid();
  }
  bool all_explicit = given >= required && (open_tail || given <= formals_.size());
  std::vector<std::pair<std::size_t, TypeId>> taken;
  for (std::size_t i = 0; i < formals_.size() && all_explicit; ++i) {
    if (formals_[i].kind != Formal::Kind::Type)
      continue;
    if (i < receiver || i - receiver >= arguments_.size()) {
      all_explicit = false;
      break;
    }
    const TypeId type = body_.denoted_type(arguments_[i - receiver]);
    if (!type.valid())
      all_explicit = false;
    else
      taken.emplace_back(i - receiver, type);
  }
  if (!all_explicit || taken.empty())
    return;
  std::size_t next = 0;
  for (const Formal& formal : formals_) {
    if (formal.kind != Formal::Kind::Type)
      continue;
    for (TypeParameter& parameter : parameters_)
      if (parameter.name == formal.name) {
        parameter.bound = taken[next].second;
        parameter.given = true;
      }
    ++next;
  }
  for (auto position = taken.rbegin(); position != taken.rend(); ++position)
    arguments_.erase(arguments_.begin() + static_cast<std::ptrdiff_t>(position->first));
}

// ---- binding ----

std::optional<TypeId> GenericCall::argument_type(const BoundArgument& argument) {
  TypeId type;
  switch (argument.kind) {
  case BoundArgument::Kind::Expression:
  case BoundArgument::Kind::Whole: {
    // The result of a lambda counts only if it is written (R5.17).
    if (const auto* lambda = body_.tree().try_get<ast::Lambda>(argument.node); lambda && !lambda->result.valid())
      return {};
    const BodyChecker::NaturalType natural = body_.natural_type(argument.node);
    if (natural.context_typed && (!natural.type.valid() || types().is(natural.type, TypeKind::Poison)))
      return {};
    type = natural.type;
    break;
  }
  case BoundArgument::Kind::Checked: type = argument.operand.type; break;
  default: return {};
  }
  if (!type.valid() || types().is(type, TypeKind::Null))
    return {};
  if (types().is(type, TypeKind::Poison)) {
    poisoned_argument_ = true;
    return {};
  }
  return type;
}

void GenericCall::infer_from(const Formal& formal, const BoundArgument& argument) {
  TypeInference inference(types(), *declaring_.tree, parameters_,
                          [this](AstId head, TypeId actual) { return instance_arguments(head, actual); });
  if (argument.kind == BoundArgument::Kind::Variadic) {
    const auto* slice = declaring_.try_get<ast::SliceType>(formal.type);
    for (const BoundArgument& element : argument.variadic)
      if (const auto type = argument_type(element); slice && type)
        inference.match(slice->element, *type);
    return;
  }
  if (const auto type = argument_type(argument))
    inference.match(formal.type, *type);
}

void GenericCall::infer() {
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const Formal& formal = formals_[value_formals_[i]];
    if (formal.kind != Formal::Kind::Pack && formal.kind != Formal::Kind::Comptime && formal.type.valid())
      infer_from(formal, bound_[i]);
  }
}

/// Types bound to the parameters of the head's instance that `actual` is; value arguments stay invalid (R5.15).
std::optional<std::vector<TypeId>> GenericCall::instance_arguments(AstId head, TypeId actual) {
  DeclId wanted;
  if (const auto* name = declaring_.try_get<ast::Name>(head)) {
    const Found found = checker().find_quietly(declaring_, name->name.text, Use::TypeHead, name->name.raw);
    if (found.kind == Found::Kind::Declaration)
      wanted = checker().follow(found.decl);
  } else {
    const Checker::PathFound path = checker().find_path(declaring_, head, Use::TypeHead);
    if (path.found.kind == Found::Kind::Declaration)
      wanted = checker().follow(path.found.decl);
  }
  if (!wanted.valid())
    return {};
  const TypeKind kind = types().kind(actual);
  if (kind == TypeKind::Protocol) {
    if (checker().generics().protocols.declaration(actual) != wanted)
      return {};
    return types().nominal(actual).arguments;
  }
  if (kind != TypeKind::Struct && kind != TypeKind::Union && kind != TypeKind::Enum && kind != TypeKind::TaggedUnion)
    return {};
  const std::uint32_t bound = types().nominal(actual).environment;
  if (checker().declaration_of(actual) != wanted || bound == 0xffff'ffff)
    return {};
  std::vector<TypeId> arguments;
  for (const NamedArgument& binding : checker().environment(EnvironmentId{bound}).bindings)
    arguments.push_back(binding.argument.kind == GenericArgument::Kind::Type ? binding.argument.type : TypeId{});
  return arguments;
}

/// Each part of a spread is an argument of its own here, so its operand is named, not computed (R5.153).
bool GenericCall::spreads_named_operands() {
  bool all = true;
  for (const AstId argument : arguments_) {
    const auto* spread = body_.tree().try_get<ast::Spread>(argument);
    if (!spread)
      continue;
    AstId operand = spread->value;
    while (const auto* member = body_.tree().try_get<ast::Member>(operand))
      operand = member->base;
    if (body_.tree().is(operand, AstKind::Name) || body_.tree().is(operand, AstKind::PackName))
      continue;
    const BodyChecker::NaturalType natural = body_.natural_type(spread->value);
    if (types().is(natural.type, TypeKind::Poison))
      continue; // reported when it is checked
    body_.report<diag::bad_spread>(body_.span_of(argument), body_.name(natural.type));
    all = false;
  }
  return all;
}

bool GenericCall::bind() {
  take_explicit();
  for (std::size_t i = 0; i < formals_.size(); ++i) {
    const Formal& formal = formals_[i];
    if (formal.kind == Formal::Kind::Type)
      continue;
    const auto& param = declaring_.get<ast::Param>(formal.node);
    Parameter parameter;
    parameter.name = param.name;
    parameter.type_node = formal.type;
    parameter.initial = formal.initial;
    parameter.node = formal.node;
    parameter.is_variadic = param.is_variadic;
    parameter.is_comptime = formal.kind == Formal::Kind::Comptime;
    parameter.is_pack = formal.kind == Formal::Kind::Pack;
    parameter.mentions_generic = true;
    value_parameters_.push_back(parameter);
    value_formals_.push_back(i);
  }
  value_site_.args = arguments_;
  if (!spreads_named_operands())
    return false;
  const std::string name(body_.text(checker().decl(declaration_).name));
  auto bound = body_.bind_arguments(value_site_, name, value_parameters_, checked_);
  if (!bound)
    return false;
  bound_ = std::move(*bound);
  infer();
  return true;
}

bool GenericCall::report_open() {
  for (const TypeParameter& parameter : parameters_) {
    if (parameter.bound.valid())
      continue;
    if (poisoned_argument_) {
      // The argument that has no type says why.
      const std::size_t before = body_.errors();
      for (const BoundArgument& argument : bound_)
        if (argument.kind == BoundArgument::Kind::Expression)
          body_.check_value(argument.node, Expect::none());
      if (body_.errors() != before)
        return true;
    }
    body_.report<diag::type_parameter_not_inferable>(site_.callee_span, std::string(body_.text(parameter.name)),
                                                     std::string(body_.text(checker().decl(declaration_).name)));
    return true;
  }
  return false;
}

bool GenericCall::check_constraint(const TypeParameter& parameter, AstId constraint) {
  TypeId protocol = checker().try_resolve_type(declaring_, constraint);
  if (!protocol.valid()) {
    // The unapplied head of a parameterised protocol: some instance of it must hold.
    const auto* name = declaring_.try_get<ast::Name>(constraint);
    const Found found = name ? checker().find_quietly(declaring_, name->name.text, Use::TypeHead) : Found{};
    if (found.kind == Found::Kind::Declaration) {
      const Decl& decl = checker().decl(checker().follow(found.decl));
      if (decl.value.valid() && decl.site.try_get<ast::ProtocolType>(decl.value))
        protocol = checker().protocol_instance(checker().follow(found.decl), {});
    }
    if (!protocol.valid())
      protocol = checker().resolve_type(declaring_, constraint);
  }
  if (types().is(protocol, TypeKind::Poison))
    return false;
  if (!types().is(protocol, TypeKind::Protocol) ||
      !checker().implements(parameter.bound, protocol, declaring_.module)) {
    body_.report<diag::constraint_not_satisfied>(site_.callee_span, body_.name(parameter.bound), body_.name(protocol));
    return false;
  }
  return true;
}

bool GenericCall::check_constraints() {
  bool all = true;
  for (const TypeParameter& parameter : parameters_)
    for (const AstId constraint : parameter.constraints)
      all = check_constraint(parameter, constraint) && all;
  return all;
}

// ---- packs ----

bool GenericCall::bind_packs() {
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const Formal& formal = formals_[value_formals_[i]];
    if (formal.kind != Formal::Kind::Pack)
      continue;
    GenericArgument pack{.kind = GenericArgument::Kind::Pack};
    const auto& param = declaring_.get<ast::Param>(formal.node);
    if (formal.type.valid() && !param.is_comptime) {
      TypeId constraint = checker().try_resolve_type(declaring_, formal.type);
      if (!constraint.valid())
        if (const auto* name = declaring_.try_get<ast::Name>(formal.type)) {
          const Found found = checker().find_quietly(declaring_, name->name.text, Use::TypeHead);
          if (found.kind == Found::Kind::Declaration) {
            const DeclId head = checker().follow(found.decl);
            if (checker().decl(head).site.try_get<ast::ProtocolType>(checker().decl(head).value))
              constraint = checker().protocol_instance(head, {});
          }
        }
      if (!constraint.valid())
        constraint = checker().resolve_type(declaring_, formal.type);
      if (types().is(constraint, TypeKind::Poison))
        return false;
      if (types().is(constraint, TypeKind::Protocol))
        pack.constraint = constraint;
    }
    bool conforms = true;
    for (const BoundArgument& element : bound_[i].variadic) {
      auto type = argument_type(element);
      if (!type) {
        const Operand operand = element.kind == BoundArgument::Kind::Expression
                                    ? body_.check_value(element.node, Expect::none())
                                    : element.operand;
        if (operand.poisoned() || !operand.type.valid())
          return false;
        type = operand.type;
      }
      if (types().is(*type, TypeKind::Failable))
        type = types()[*type].element;
      // An element has a type of its own: an argument that never comes out has none to give.
      if (types().is(*type, TypeKind::Void) || types().is(*type, TypeKind::NoReturn)) {
        body_.report<diag::nothing_used_as_value>(element.span);
        return false;
      }
      if (pack.constraint.valid() && !checker().implements(*type, pack.constraint, declaring_.module)) {
        body_.report<diag::pack_argument_does_not_conform>(element.span, body_.name(*type),
                                                           body_.name(pack.constraint));
        conforms = false;
      }
      pack.types.push_back(*type);
    }
    if (!conforms)
      return false;
    const NamedArgument binding{formal.name, pack};
    environment_ = checker().extend(environment_, {&binding, 1});
  }
  return true;
}

bool GenericCall::has_pack() const {
  return std::ranges::any_of(formals_, [](const Formal& formal) { return formal.kind == Formal::Kind::Pack; });
}

/// The bindings so far, with open parameters left out.
EnvironmentId GenericCall::bound_so_far() {
  std::vector<NamedArgument> bindings;
  for (const TypeParameter& parameter : parameters_)
    if (parameter.bound.valid())
      bindings.push_back({parameter.name, GenericArgument::of_type(parameter.bound)});
  return checker().extend(environment_, bindings);
}

/// In the prefix of a pack call the element types are known: they type a lambda's parameters, and its result counts
/// (R5.142).
bool GenericCall::infer_lambdas() {
  if (!has_pack())
    return true;
  TypeInference inference(types(), *declaring_.tree, parameters_,
                          [this](AstId head, TypeId actual) { return instance_arguments(head, actual); });
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const Formal& formal = formals_[value_formals_[i]];
    const auto* closure = formal.type.valid() ? declaring_.try_get<ast::ClosureType>(formal.type) : nullptr;
    if (!closure || bound_[i].kind != BoundArgument::Kind::Expression ||
        !body_.tree().is(bound_[i].node, AstKind::Lambda) || !inference.mentions_open(closure->result))
      continue;
    const Site site = declaring_.in(bound_so_far());
    std::vector<TypeId> slots;
    for (const AstId param : site.tree->list(closure->params)) {
      const auto* slot = site.try_get<ast::TypeSlot>(param);
      slots.push_back(checker().resolve_type(site, slot ? slot->type : param));
    }
    if (closure->pack.present() && !checker().expand_named_pack(site, closure->pack, closure->projection, slots))
      return false;
    const TypeId wanted = types().closure(slots, types().poison);
    TypeId result;
    {
      const BodyChecker::Tentative trial(body_);
      const Operand lambda = body_.check(bound_[i].node, Expect::of(wanted));
      if (!lambda.poisoned() && types().is(lambda.type, TypeKind::Closure))
        result = types()[lambda.type].element;
    }
    if (result.valid())
      inference.match(closure->result, result);
    else if (body_.check(bound_[i].node, Expect::of(wanted)).poisoned())
      return false; // reported
  }
  return true;
}

/// `-> $R` of a pack function where only the result mentions `$R`: the body decides (R5.144).
bool GenericCall::infer_result() {
  const auto* intro = result_.valid() ? declaring_.try_get<ast::TypeIntro>(result_) : nullptr;
  if (!has_pack() || !intro || checker().find_argument(environment_, intro->name.text) ||
      std::ranges::any_of(parameters_, [&](const TypeParameter& p) { return p.name == intro->name.text; }))
    return true;
  if (std::ranges::any_of(parameters_, [](const TypeParameter& p) { return !p.bound.valid(); }))
    return true; // reported next
  environment_ = bound_so_far();
  if (!bind_comptime())
    return false;
  const NamedArgument open{intro->name.text, GenericArgument::of_type(types().poison)};
  const Site site = declaring_.in(checker().extend(environment_, {&open, 1}));
  const AstId node = checker().decl(declaration_).value;
  Signature partial = checker().build_signature(site, node);
  partial.value = partial.result = {};
  const TypeId result = checker().infer_result(site, node, partial);
  if (!result.valid() || types().is(result, TypeKind::Poison)) {
    body_.report<diag::result_type_needs_itself>(site_.callee_span,
                                                 std::string(body_.text(checker().decl(declaration_).name)));
    return false;
  }
  const NamedArgument found{intro->name.text, GenericArgument::of_type(result)};
  environment_ = checker().extend(environment_, {&found, 1});
  return true;
}

// ---- comptime values ----

std::optional<ConstValue> GenericCall::constant_of(const Operand& operand, TypeId type) {
  const Folded& folded = operand.constant;
  ConstValue value{.type = type};
  switch (folded.kind) {
  case Folded::Kind::Integer:
    if (types().is(type, TypeKind::Float)) {
      value.kind = ConstValue::Kind::Float;
      value.real = static_cast<double>(folded.integer);
    } else {
      value.kind = ConstValue::Kind::Int;
      value.bits = static_cast<std::uint64_t>(folded.integer);
    }
    return value;
  case Folded::Kind::Float:
    value.kind = ConstValue::Kind::Float;
    value.real = folded.real;
    return value;
  case Folded::Kind::Bool:
    value.kind = ConstValue::Kind::Bool;
    value.bits = folded.integer != 0;
    return value;
  case Folded::Kind::String:
    value.kind = ConstValue::Kind::String;
    value.text = folded.text;
    return value;
  case Folded::Kind::None: break;
  }
  if (!operand.node.valid())
    return {};
  const hir::Body& tree = body_.body();
  switch (tree.kind(operand.node)) {
  case hir::Kind::IntConst:
    value.kind = types().is(type, TypeKind::Bool) ? ConstValue::Kind::Bool : ConstValue::Kind::Int;
    value.bits = tree.get<hir::IntConst>(operand.node).pattern;
    return value;
  case hir::Kind::FloatConst:
    value.kind = ConstValue::Kind::Float;
    value.real = tree.get<hir::FloatConst>(operand.node).value;
    return value;
  case hir::Kind::StringConst:
    value.kind = ConstValue::Kind::String;
    value.text = tree.get<hir::StringConst>(operand.node).text;
    return value;
  case hir::Kind::VariantInit:
    value.kind = ConstValue::Kind::Variant;
    value.bits = tree.get<hir::VariantInit>(operand.node).variant;
    return value;
  default: return {};
  }
}

std::optional<ConstValue> GenericCall::comptime_value(const Formal& formal, const BoundArgument& argument,
                                                      TypeId type) {
  if (argument.kind == BoundArgument::Kind::Default) {
    const Fold fold = checker().fold(declaring_.in(environment_), formal.initial, FoldDomain::Scalar, true);
    if (fold)
      if (const auto converted = checker().convert_constant(fold.value, type))
        return converted;
    body_.report<diag::comptime_value_needed>(declaring_.span(formal.initial), std::string(body_.text(formal.name)));
    return {};
  }
  const bool has_variants = types().is(type, TypeKind::Enum) || types().is(type, TypeKind::TaggedUnion);
  const auto report_variant_needed = [&] {
    body_.report<diag::comptime_enum_argument>(argument.span, std::string(body_.text(formal.name)), body_.name(type));
  };
  if (has_variants && argument.kind == BoundArgument::Kind::Expression)
    if (const auto* shorthand = body_.tree().try_get<ast::DotName>(argument.node);
        shorthand && !body_.find_variant(type, shorthand->name.text)) {
      report_variant_needed();
      return {};
    }
  Operand operand = argument.operand;
  if (argument.kind == BoundArgument::Kind::Expression)
    operand = body_.check_converted(argument.node, type, {.site = site_.span, .is_argument = true});
  else if (argument.kind == BoundArgument::Kind::Checked)
    operand = body_.convert(operand, type, {.site = site_.span, .is_argument = true});
  if (operand.poisoned())
    return {};
  if (const auto value = constant_of(operand, type))
    return value;
  if (has_variants)
    report_variant_needed();
  else
    body_.report<diag::comptime_value_needed>(argument.span, checker().source_text(argument.span));
  return {};
}

bool GenericCall::bind_comptime() {
  bool all = true;
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const Formal& formal = formals_[value_formals_[i]];
    if (formal.kind != Formal::Kind::Comptime)
      continue;
    const TypeId type = checker().resolve_type(declaring_.in(environment_), formal.type);
    const auto value = types().is(type, TypeKind::Poison) ? std::nullopt : comptime_value(formal, bound_[i], type);
    if (!value) {
      all = false;
      continue;
    }
    const NamedArgument binding{formal.name, GenericArgument::of_value(*value)};
    environment_ = checker().extend(environment_, {&binding, 1});
  }
  return all;
}

// ---- the call ----

/// The call in code that is no instance itself stands for everything it made (R10.47); false if that never ends.
bool GenericCall::note_origin(FunctionId function) {
  std::map<FunctionId, InstanceOrigin>& origins = checker().generics().instance_origins;
  const auto around = origins.find(body_.function_id());
  const InstanceOrigin origin = around == origins.end() ? InstanceOrigin{site_.callee_span, 1}
                                                        : InstanceOrigin{around->second.call, around->second.depth + 1};
  if (origin.depth > max_instantiation_depth) {
    body_.report<diag::limit_exceeded>(origin.call, "the nesting of instantiations", max_instantiation_depth);
    return false;
  }
  origins.try_emplace(function, origin);
  return true;
}

/// Places `{}` of a format text; doubled braces are none (R2.113).
static std::size_t format_places(std::string_view text) {
  std::size_t places = 0;
  for (std::size_t i = 0; i + 1 < text.size();) {
    const std::string_view two = text.substr(i, 2);
    places += two == "{}";
    i += two == "{}" || two == "{{" || two == "}}" ? 2 : 1;
  }
  return places;
}

/// `print`, `format` and their like: a comptime text `fmt` and a pack, beside the library's `build_format`. A text with
/// too many places is told at the call, not in its expansion.
bool GenericCall::has_format_arguments() {
  const Module& module = checker().module(declaring_.module);
  const GenericArgument* text = checker().find_argument(environment_, body_.strings().intern("fmt"));
  if (!text || !text->value.is(ConstValue::Kind::String) || formals_.back().kind != Formal::Kind::Pack ||
      !module.names.contains(body_.strings().intern("build_format")))
    return true;
  const GenericArgument* pack = checker().find_argument(environment_, formals_.back().name);
  const std::size_t places = format_places(body_.text(text->value.text));
  if (!pack || places <= pack->types.size())
    return true;
  const auto& origins = checker().generics().instance_origins;
  const auto around = origins.find(body_.function_id());
  body_.report<diag::format_argument_missing>(around == origins.end() ? site_.span : around->second.call, places,
                                              pack->types.size());
  return false;
}

/// Only the variant of a tagged union is known at compile time; the value with its payload is passed (R7.83).
bool GenericCall::travels_at_run_time(const Formal& formal) {
  const GenericArgument* argument = checker().find_argument(environment_, formal.name);
  return argument && argument->kind == GenericArgument::Kind::Value && argument->value.is(ConstValue::Kind::Variant);
}

Operand GenericCall::call() {
  const FunctionId function = checker().function_instance(declaration_, environment_);
  const Signature signature = checker().signature(declaration_, environment_);
  if (signature.failed) {
    if (signature.inferred_result) // the body says why
      checker().require_body(function);
    return Operand::poison(site_.span);
  }
  std::vector<Parameter> parameters;
  std::vector<BoundArgument> arguments;
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const Formal& formal = formals_[value_formals_[i]];
    if (formal.kind == Formal::Kind::Comptime && !travels_at_run_time(formal))
      continue;
    if (formal.kind == Formal::Kind::Pack) {
      const GenericArgument* pack = checker().find_argument(environment_, formal.name);
      for (std::size_t e = 0; pack && e < bound_[i].variadic.size(); ++e) {
        Parameter element = value_parameters_[i];
        element.type = pack->types[e];
        element.is_pack = element.is_variadic = false;
        element.initial = {};
        parameters.push_back(element);
        arguments.push_back(bound_[i].variadic[e]);
      }
      continue;
    }
    Parameter parameter = value_parameters_[i];
    for (const Parameter& resolved : signature.parameters)
      if (resolved.node == formal.node)
        parameter = resolved;
    parameters.push_back(parameter);
    arguments.push_back(bound_[i]);
  }
  body_.check_arguments(value_site_, parameters, arguments, signature.site, checked_);
  if (!note_origin(function))
    return Operand::poison(site_.span);
  if (!body_.tentative())
    checker().require_body(function);
  if (checked_.poisoned)
    return Operand::poison(site_.span);
  const TypeId result = checker().signature(declaration_, environment_).result;
  const hir::NodeId made =
      body_.emit(hir::Call{function, body_.body().add_list(checked_.values), body_.body().add_words(checked_.order)},
                 result, site_.span);
  return body_.finish_call(made, result, checked_, site_.span);
}

bool GenericCall::binds() {
  const BodyChecker::Tentative trial(body_);
  if (!bind())
    return false;
  return std::ranges::all_of(parameters_, [](const TypeParameter& p) { return p.bound.valid(); });
}

Operand GenericCall::run() {
  if (!bind())
    return Operand::poison(site_.span);
  if (!bind_packs() || !infer_lambdas() || !infer_result() || report_open() || !check_constraints())
    return Operand::poison(site_.span);
  std::vector<NamedArgument> bindings;
  for (const TypeParameter& parameter : parameters_)
    bindings.push_back({parameter.name, GenericArgument::of_type(parameter.bound)});
  environment_ = checker().extend(environment_, bindings);
  if (!bind_comptime() || !has_format_arguments())
    return Operand::poison(site_.span);
  return call();
}

// ---- hooks ----

Operand BodyChecker::call_generic(CallSite& site, const FunctionRef& callee) {
  // A type function denotes a type wherever it is applied (R5.51).
  if (site.node.valid() && !site.receiver && checker().is_type_function(callee.decl)) {
    const auto args = tree().list(tree().get<ast::Call>(site.node).args);
    const TypeId type = checker().apply_type_function(here(), callee.decl, args, site.span, site.callee_span);
    if (types().is(type, TypeKind::Poison))
      ++errors_;
    return type_operand(type, site.span);
  }
  return GenericCall(*this, site, callee.decl, callee.environment).run();
}

std::optional<int> BodyChecker::generic_fit(CallSite& site, const FunctionRef& callee) {
  CallSite trial = site;
  GenericCall call(*this, trial, callee.decl, callee.environment);
  if (!call.binds())
    return {};
  return call.has_bare_receiver() ? 0 : 1;
}

void BodyChecker::report_error_directive(const ast::ErrorDirective& directive, Span span) {
  const std::string message(text(directive.text));
  const auto& origins = checker().generics().instance_origins;
  const auto origin = origins.find(function_id());
  if (origin == origins.end())
    report<diag::live_error_directive>(span, message);
  else
    report<diag::live_error_directive>(origin->second.call, message).note("the '#error' is here", span);
}

} // namespace sx::sema
