// Named constants: classification, types, and the checks of their declarations (chapter 03, section 12; 7.3).

#include "sema/checker.h"
#include "sema/scalar.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace sx::sema {

using syntax::Kind;

std::pair<DeclId, EnvironmentId> Checker::instance_key(DeclId id, EnvironmentId environment) const {
  if (!environment.valid())
    environment = decl(id).site.environment;
  return {id, environment.valid() ? environment : empty_environment()};
}

bool Checker::is_constant_in_progress(DeclId id, EnvironmentId environment) {
  return tables_->constants_in_progress.contains(instance_key(id, environment));
}

ConstantInfo Checker::constant_of(DeclId id, EnvironmentId environment) {
  id = follow(id);
  const auto key = instance_key(id, environment);
  if (const auto known = tables_->constants.find(key); known != tables_->constants.end())
    return known->second;
  if (!tables_->constants_in_progress.insert(key).second)
    return {}; // its own initializer asks: poison, the fold reports what is wrong with the use
  const Unmuted unmuted(diagnostics);
  ConstantInfo made = make_constant(id, key.second);
  tables_->constants_in_progress.erase(key);
  return tables_->constants.emplace(key, std::move(made)).first->second;
}

ConstantInfo Checker::make_constant(DeclId id, EnvironmentId environment) {
  const DepthGuard guard(tables_->alias_depth, max_alias_nesting);
  if (!guard.ok) {
    report<diag::limit_exceeded>(decl(id).name_span, "nesting of constants", max_alias_nesting);
    return {};
  }
  const Decl& d = decl(id);
  const Site site = site_of(id, environment);
  switch (d.kind) {
  case DeclKind::RunConstant:
    if (d.scope == DeclScope::Module)
      return run_constant(id);
    break;
  case DeclKind::Constant: break;
  default: return {};
  }
  if (!d.type.valid())
    return untyped_constant(id, site);
  const TypeId type = resolve_type(site, d.type);
  if (type == types.poison)
    return {};
  if (d.kind == DeclKind::RunConstant) { // in a struct body: evaluated where it is used (R3.8.5)
    ConstantInfo info;
    info.kind = ConstantInfo::Kind::Repeated;
    info.type = type;
    return info;
  }
  return typed_constant(id, site, type);
}

// ---- without annotation -----------------------------------------------------------------------------

ConstantInfo Checker::untyped_constant(DeclId id, const Site& site) {
  const AstId value = decl(id).value;
  ConstantInfo info;
  switch (site.kind(value)) {
  case Kind::ArrayLiteral: return array_constant(id, site, {});
  case Kind::StructLiteral: return struct_constant(id, site, {});
  case Kind::NullLiteral:
  case Kind::UndefinedLiteral: report<diag::literal_cannot_type_itself>(site.span(value)); return info;
  case Kind::DotName:
    report<diag::shorthand_without_destination>(site.span(value), text(site.get<ast::DotName>(value).name.text));
    return info;
  default: break;
  }
  const Fold made = fold(site, value, FoldDomain::Scalar, true);
  if (!made) {
    if (made.failure == FoldFailure::Poison)
      return info;
    if (made.failure == FoldFailure::TooDeep) {
      report<diag::limit_exceeded>(site.span(value), "nesting of constant expressions", max_fold_nesting);
      return info;
    }
    info.kind = ConstantInfo::Kind::Repeated; // an ordinary expression, computed where it is used (R7.34)
    return info;
  }
  if (made.value.is(ConstValue::Kind::Int) && made.value.is_literal && made.value.type == types.u64) {
    report_constant_range(id, site, value, made.value, types.i64);
    return info;
  }
  info.kind = ConstantInfo::Kind::Scalar;
  info.value = made.value;
  info.value.untyped = info.value.is_literal = false;
  info.type = made.value.type;
  return info;
}

// ---- with annotation --------------------------------------------------------------------------------

ConstantInfo Checker::typed_constant(DeclId id, const Site& site, TypeId type) {
  const AstId value = decl(id).value;
  switch (site.kind(value)) {
  case Kind::ArrayLiteral: return array_constant(id, site, type);
  case Kind::StructLiteral: return struct_constant(id, site, type);
  case Kind::DotName: return typed_shorthand(id, site, type);
  default: return typed_scalar(id, site, type);
  }
}

ConstantInfo Checker::typed_shorthand(DeclId id, const Site& site, TypeId type) {
  const AstId value = decl(id).value;
  const StringId name = site.get<ast::DotName>(value).name.text;
  const TypeId target = types.is(type, TypeKind::Optional) ? types[type].element : type;
  ConstantInfo info;
  if (!types.is(target, TypeKind::Enum) && !types.is(target, TypeKind::TaggedUnion)) {
    report<diag::shorthand_against_non_enum>(site.span(value), text(name), types.name(type));
    return info;
  }
  const auto variant = find_variant(target, name);
  if (!variant) {
    report_no_variant(site.span(value), target, name);
    return info;
  }
  info.type = type;
  info.kind = ConstantInfo::Kind::Repeated;
  if (type == target && types.is(target, TypeKind::Enum)) {
    info.kind = ConstantInfo::Kind::Scalar;
    info.value = integer_constant(types.nominal(target).variants[*variant].value, target);
  }
  return info;
}

void Checker::report_no_variant(Span at, TypeId type, StringId name) {
  std::string list;
  for (const VariantInfo& variant : types.nominal(type).variants)
    list += (list.empty() ? "" : ", ") + text(variant.name);
  Report& made = report<diag::no_such_variant>(at, types.name(type), text(name));
  if (!list.empty())
    made.note(note::variants_are(list));
}

namespace {

bool accepts_null(const TypeTable& types, TypeId type) {
  switch (types.kind(type)) {
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString:
  case TypeKind::Optional: return true;
  default: return false;
  }
}

} // namespace

ConstantInfo Checker::typed_scalar(DeclId id, const Site& site, TypeId type) {
  const AstId value = decl(id).value;
  const Span at = site.span(value);
  ConstantInfo info;
  info.type = type;
  const auto mismatch = [&](const std::string& what) {
    report<diag::typed_constant_mismatch>(at, text(decl(id).name), types.name(type), what);
    return ConstantInfo();
  };
  if (site.tree->is(value, Kind::UndefinedLiteral) || site.tree->is(value, Kind::NullLiteral)) {
    const bool is_null = site.tree->is(value, Kind::NullLiteral);
    if (is_null && !accepts_null(types, type))
      return mismatch("'null'");
    info.kind = ConstantInfo::Kind::Scalar;
    info.value.kind = is_null ? ConstValue::Kind::Null : ConstValue::Kind::Undefined;
    info.value.type = type;
    return info;
  }
  const Fold made = fold(site, value, FoldDomain::Scalar, true);
  if (made) {
    if (made.value.is(ConstValue::Kind::Function)) {
      info.kind = ConstantInfo::Kind::Repeated;
      return info;
    }
    if (auto converted = convert_constant(made.value, type)) {
      info.kind = ConstantInfo::Kind::Scalar;
      info.value = *converted;
      return info;
    }
    const bool number_for_integer =
        types.is_integer(type) && (made.value.is(ConstValue::Kind::Float) ||
                                   (made.value.is(ConstValue::Kind::Int) && types.is_integer(made.value.type)));
    if (number_for_integer)
      report_constant_range(id, site, value, made.value, type);
    else
      return mismatch("a '" + types.name(made.value.type) + "'");
    return {};
  }
  if (made.failure == FoldFailure::Poison)
    return {};
  const TypeId own = type_of_expression(site, value, type);
  if (own == types.poison)
    return {};
  if (own != type)
    return mismatch("a '" + names(own, type).first + "'");
  info.kind = ConstantInfo::Kind::Repeated;
  return info;
}

/// A number that does not fit an integer type: E0408 for a fraction, E0407 for a lone character, else E0406.
void Checker::report_constant_range(DeclId, const Site& site, AstId node, const ConstValue& value, TypeId type) {
  const Span at = site.span(node);
  if (value.is(ConstValue::Kind::Float)) {
    if (std::floor(value.real) != value.real) {
      report<diag::lossy_float_constant>(at, float_text(value.real), types.name(type))
          .help(help::cut_off_fraction(types.name(type)));
      return;
    }
    report<diag::integer_out_of_range>(at, float_text(value.real), types.name(type),
                                       integer_text(integer_min(types, type)), integer_text(integer_max(types, type)))
        .help(help::cast_keeps_low_bits());
    return;
  }
  const std::string number = integer_text(integer_value(types, value));
  const std::string lowest = integer_text(integer_min(types, type));
  const std::string highest = integer_text(integer_max(types, type));
  if (site.tree->is(node, Kind::CharLiteral))
    report<diag::character_out_of_range>(at, source_text(at), number, types.name(type), lowest, highest)
        .help(help::u32_holds_every_character());
  else
    report<diag::integer_out_of_range>(at, number, types.name(type), lowest, highest).help(help::cast_keeps_low_bits());
}

std::optional<ConstValue> Checker::convert_constant(const ConstValue& value, TypeId type) {
  ConstValue made = value;
  made.untyped = made.is_literal = false;
  if (value.type == type && !(value.untyped && value.is(ConstValue::Kind::Int)))
    return made;
  made.type = type;
  switch (value.kind) {
  case ConstValue::Kind::Int: {
    if (value.type.valid() && !types.is_integer(value.type))
      return std::nullopt; // an enum is only itself
    const __int128 number = integer_value(types, value);
    if (types.is(type, TypeKind::Float)) {
      made.kind = ConstValue::Kind::Float;
      made.real = static_cast<double>(number);
      if (type == types.f32)
        made.real = static_cast<double>(static_cast<float>(made.real));
      made.bits = 0;
      return made;
    }
    if (!types.is_integer(type) || number < integer_min(types, type) || number > integer_max(types, type))
      return std::nullopt;
    made.bits = canonical_pattern(types, type, number);
    return made;
  }
  case ConstValue::Kind::Float: {
    if (types.is(type, TypeKind::Float)) {
      if (type == types.f32)
        made.real = static_cast<double>(static_cast<float>(value.real));
      return made;
    }
    if (!types.is_integer(type) || std::floor(value.real) != value.real || std::abs(value.real) > 1.8446744073709552e19)
      return std::nullopt;
    const auto number = static_cast<__int128>(value.real);
    if (number < integer_min(types, type) || number > integer_max(types, type))
      return std::nullopt;
    made.kind = ConstValue::Kind::Int;
    made.bits = canonical_pattern(types, type, number);
    made.real = 0;
    return made;
  }
  case ConstValue::Kind::String: return value.is_literal && type == types.cstring ? std::optional(made) : std::nullopt;
  case ConstValue::Kind::Null: return accepts_null(types, type) ? std::optional(made) : std::nullopt;
  case ConstValue::Kind::Undefined: return made;
  default: return std::nullopt;
  }
}

// ---- stored constants -------------------------------------------------------------------------------

GlobalId Checker::add_global(DeclId id, const Site& site, TypeId type, AstId value) {
  const Decl& d = decl(id);
  Global made;
  made.name = d.name;
  made.symbol = text(d.name);
  made.type = type;
  made.span = d.name_span;
  made.module = d.site.module;
  if (value.valid()) {
    made.value_span = site.span(value);
    EntryRequest request;
    request.node = value;
    request.type = type;
    request.name = d.name;
    request.constant_only = true;
    made.initializer = make_entry(site, request);
  }
  const GlobalId global{program.globals.size()};
  program.globals.push_back(std::move(made));
  return global;
}

GlobalId Checker::static_array(const Site& site, AstId literal, TypeId array) {
  const std::tuple key{site.tree, literal, site.environment};
  if (const auto known = tables_->static_arrays.find(key); known != tables_->static_arrays.end())
    return known->second;
  Global made;
  made.name = intern("elements");
  made.symbol = text(made.name);
  made.type = array;
  made.span = made.value_span = site.span(literal);
  made.module = site.module;
  EntryRequest request;
  request.node = literal;
  request.type = array;
  request.name = made.name;
  request.constant_only = true;
  made.initializer = make_entry(site, request);
  const FunctionId entry = made.initializer;
  const GlobalId global{program.globals.size()};
  program.globals.push_back(std::move(made));
  tables_->static_arrays.emplace(key, global);
  require_body(entry);
  return global;
}

bool Checker::is_registering_constants() const {
  return tables_->registering_constants;
}

ConstantInfo Checker::stored(DeclId id, const Site& site, TypeId type) {
  ConstantInfo info;
  info.kind = ConstantInfo::Kind::Stored;
  info.type = type;
  info.global = add_global(id, site, type, decl(id).value);
  program.globals[info.global.index()].is_constant = true;
  return info;
}

/// `NAME :: #run e`, and a call at module scope (R7.46): one global, evaluated once.
/// The first argument of `call` that reads a module variable (R7.46); none if all are known at compile time.
static AstId run_time_argument(Checker& checker, const Site& site, const ast::Call& call) {
  for (const AstId argument : site.tree->list(call.args)) {
    std::vector<AstId> open{argument};
    while (!open.empty()) {
      const AstId node = open.back();
      open.pop_back();
      if (const auto* name = site.try_get<ast::Name>(node)) {
        const Found found = checker.find_quietly(site, name->name.text, Use::Value, name->name.raw);
        if (found.kind == Found::Kind::Declaration && checker.decl(found.decl).kind == DeclKind::Variable)
          return argument;
      } else if (site.kind(node) != Kind::Lambda) {
        site.tree->for_each_child(node, [&](AstId child) { open.push_back(child); });
      }
    }
  }
  return {};
}

ConstantInfo Checker::run_constant(DeclId id) {
  const Decl& d = decl(id);
  const Site site = site_of(id);
  TypeId type;
  if (d.type.valid()) {
    type = resolve_type(site, d.type);
    if (type == types.poison)
      return {};
  }
  const auto* run = site.try_get<ast::Run>(d.value);
  if (const auto* call = site.try_get<ast::Call>(d.value))
    if (const AstId argument = run_time_argument(*this, site, *call); argument.valid()) {
      report<diag::comptime_value_needed>(site.span(argument), source_text(site.span(argument)));
      return {};
    }
  EntryRequest request;
  request.node = run ? run->value : d.value;
  request.type = type;
  request.name = d.name;
  request.is_run = true;
  const FunctionId entry = make_entry(site, request);
  if (!entry.valid())
    return {};
  ConstantInfo info;
  info.kind = ConstantInfo::Kind::Stored;
  // The operand's own type (R7.9); its body is checked with the roots.
  info.type = type.valid() ? type : type_of_expression(site, request.node);
  // A failable operand gives its success type (R7.14).
  if (types.is(info.type, TypeKind::Failable))
    info.type = types[info.type].element;
  if (info.type == types.poison)
    return {};
  Global made;
  made.name = d.name;
  made.symbol = text(d.name);
  made.type = info.type;
  made.is_constant = made.is_run = true;
  made.span = d.name_span;
  made.value_span = site.span(d.value);
  made.module = d.site.module;
  made.initializer = entry;
  made.initializer_has_context = has_context();
  info.global = GlobalId{program.globals.size()};
  program.globals.push_back(std::move(made));
  return info;
}

ConstantInfo Checker::struct_constant(DeclId id, const Site& site, TypeId annotation) {
  const AstId value = decl(id).value;
  const auto& literal = site.get<ast::StructLiteral>(value);
  TypeId type = annotation;
  if (literal.head.valid()) {
    // A head may be a type, or a variant of a tagged union: `Msg.move.{ ... }`.
    const TypeId head = names_type(site, literal.head) ? resolve_type(site, literal.head) : TypeId();
    if (head == types.poison)
      return {};
    if (head.valid() && annotation.valid() && head != annotation) {
      const auto spelled = names(annotation, head);
      report<diag::typed_constant_mismatch>(site.span(value), text(decl(id).name), spelled.first,
                                            "a '" + spelled.second + "'");
      return {};
    }
    if (!head.valid()) {
      type = type_of_expression(site, value, annotation);
      if (type == types.poison)
        return {};
      ConstantInfo info;
      info.kind = ConstantInfo::Kind::Repeated;
      info.type = type;
      return info;
    }
    type = head;
  }
  if (!type.valid()) { // `.{ 1, 2 }` has an anonymous type of its own
    type = type_of_expression(site, value, {});
    if (type == types.poison)
      return {};
  }
  if (!types.is(type, TypeKind::Struct) && !types.is(type, TypeKind::Tuple)) {
    const bool aggregate = types.is(type, TypeKind::Union) || types.is(type, TypeKind::Optional) ||
                           types.is(type, TypeKind::TaggedUnion) || types.is(type, TypeKind::Protocol) ||
                           types.is(type, TypeKind::Array) || types.is(type, TypeKind::Vector) ||
                           types.is(type, TypeKind::Slice) || types.is(type, TypeKind::String) ||
                           types.is(type, TypeKind::Any) || types.is(type, TypeKind::Closure);
    if (!aggregate) {
      report<diag::literal_for_non_aggregate>(site.span(value), types.name(type));
      return {};
    }
    ConstantInfo info;
    info.kind = ConstantInfo::Kind::Repeated;
    info.type = type;
    return info;
  }
  if (is_constant_literal(site, value, type))
    return stored(id, site, type);
  ConstantInfo info;
  info.kind = ConstantInfo::Kind::Repeated; // evaluated again at every use (R3.12.14)
  info.type = type;
  return info;
}

TypeId Checker::constant_type(DeclId id, EnvironmentId environment) {
  id = follow(id);
  const ConstantInfo info = constant_of(id, environment);
  if (info.kind == ConstantInfo::Kind::Poison)
    return types.poison;
  if (info.type.valid())
    return info.type;
  const TypeId type = type_of_expression(site_of(id, environment), decl(id).value, {});
  tables_->constants.at(instance_key(id, environment)).type = type;
  return type;
}

// ---- target and limits ------------------------------------------------------------------------------

namespace {

struct TargetEnum {
  std::string_view constant;
  std::string_view type;
  std::span<const std::string_view> variants;
};

constexpr std::string_view systems[] = {"macos", "linux", "windows", "wasm", "ios", "android", "unknown"};
constexpr std::string_view architectures[] = {"aarch64", "x86_64", "wasm32", "wasm64", "unknown"};
constexpr TargetEnum target_enums[] = {{"OS", "OperatingSystem", systems}, {"ARCH", "Architecture", architectures}};

} // namespace

/// The enum of `OS` or `ARCH`: the library's declaration if the program has it, else one of our own (R1.148).
TypeId Checker::target_enum(std::string_view type_name, std::span<const std::string_view> variants) {
  const StringId name = intern(type_name);
  if (const auto known = tables_->public_names.find(name); known != tables_->public_names.end())
    for (DeclId id : known->second)
      if (decl(id).kind == DeclKind::Type && types.is(declared_type(id), TypeKind::Enum))
        return declared_type(id);
  TypeId& made = tables_->target_enums[name];
  if (!made.valid()) {
    Nominal nominal;
    nominal.name = name;
    nominal.backing = types.i64;
    nominal.complete = true;
    for (std::size_t i = 0; i < variants.size(); ++i)
      nominal.variants.push_back({intern(variants[i]), types.void_, static_cast<std::int64_t>(i), {}});
    made = types.add_nominal(TypeKind::Enum, std::move(nominal));
  }
  return made;
}

ConstValue Checker::target_constant(StringId name) {
  const std::string_view spelled = strings.text(name);
  for (const TargetEnum& target : target_enums) {
    if (target.constant != spelled)
      continue;
    const TypeId type = target_enum(target.type, target.variants);
    const std::string& value = spelled == "OS" ? options.target_os : options.target_arch;
    const auto variant = find_variant(type, intern(value));
    const auto fallback = variant ? variant : find_variant(type, intern("unknown"));
    return integer_constant(fallback ? types.nominal(type).variants[*fallback].value : 0, type);
  }
  return integer_constant(options.pointer_bytes);
}

/// `u8.max`: the bare name means the type there, whatever a backtick declared (R2.24).
std::optional<ConstValue> Checker::limit_of_builtin(const Site& site, const ast::Member& member) {
  const auto* base = site.try_get<ast::Name>(member.base);
  if (!base || base->name.raw)
    return std::nullopt;
  const TypeId type = builtin_type(base->name.text);
  return type.valid() ? numeric_limit(type, strings.text(member.name.text)) : std::nullopt;
}

std::optional<ConstValue> Checker::numeric_limit(TypeId type, std::string_view name) {
  ConstValue made;
  made.type = type;
  if (types.is_integer(type)) {
    if (name != "min" && name != "max")
      return std::nullopt;
    made.kind = ConstValue::Kind::Int;
    made.bits = canonical_pattern(types, type, name == "min" ? integer_min(types, type) : integer_max(types, type));
    return made;
  }
  if (!types.is(type, TypeKind::Float))
    return std::nullopt;
  made.kind = ConstValue::Kind::Float;
  const auto choose = [&]<class Float>(Float) -> std::optional<double> {
    using Limits = std::numeric_limits<Float>;
    if (name == "min")
      return -Limits::max();
    if (name == "max")
      return Limits::max();
    if (name == "epsilon")
      return Limits::epsilon();
    if (name == "min_positive")
      return Limits::min();
    if (name == "true_min")
      return Limits::denorm_min();
    if (name == "inf")
      return Limits::infinity();
    return name == "nan" ? std::optional<double>(Limits::quiet_NaN()) : std::nullopt;
  };
  const auto value = type == types.f32 ? choose(0.0f) : choose(0.0);
  if (!value)
    return std::nullopt;
  made.real = *value;
  return made;
}

} // namespace sx::sema
