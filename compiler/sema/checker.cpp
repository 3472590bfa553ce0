// Tables of the checker and what every part needs: declarations by syntax, sites, names in reports.

#include "sema/checker.h"

#include "sema/tables.h"

namespace sx::sema {

using syntax::Kind;

Checker::Checker(Program& program_, const Options& options_, SourceMap& sources_, Interner& strings_,
                 Diagnostics& diagnostics_, Evaluator& evaluator_)
    : program(program_), types(program_.types), options(options_), sources(sources_), strings(strings_),
      diagnostics(diagnostics_), evaluator(evaluator_), tables_(std::make_unique<Tables>()) {
  environments_.emplace_back();
  environment_index_.emplace(0, EnvironmentId{0});
  program.error_tags.assign(1, StringId(0));
}

Checker::~Checker() = default;

TypeId Checker::not_supported(Span span, std::string_view construct) {
  report<diag::not_supported_yet>(span, construct);
  return types.poison;
}

std::string Checker::file_name(ModuleId id) const {
  return id.valid() ? module(id).path : std::string();
}

std::pair<std::string, std::string> Checker::names(TypeId first, TypeId second) const {
  std::pair<std::string, std::string> made{types.name(first), types.name(second)};
  if (first == second || made.first != made.second)
    return made;
  const auto place = [&](TypeId type) -> std::string {
    while (types[type].nominal == 0xffff'ffff && types[type].element.valid())
      type = types[type].element;
    if (types[type].nominal == 0xffff'ffff || !types.nominal(type).module.valid())
      return {};
    return " (declared in '" + file_name(types.nominal(type).module) + "')";
  };
  made.first += place(first);
  made.second += place(second);
  return made;
}

namespace {

/// `$` anywhere in the type of a parameter: the function is made per instance. Iterative, since a count inside may be
/// an operator chain of any length.
bool mentions_sigil(const syntax::Tree& tree, AstId root) {
  std::vector<AstId> open{root};
  while (!open.empty()) {
    const AstId node = open.back();
    open.pop_back();
    if (tree.is(node, Kind::TypeIntro) || tree.is(node, Kind::PackElement) || tree.is(node, Kind::PackName))
      return true;
    if (const auto* closure = tree.try_get<ast::ClosureType>(node); closure && closure->pack.present())
      return true;
    tree.for_each_child(node, [&](AstId child) { open.push_back(child); });
  }
  return false;
}

bool has_comptime_parameter(const syntax::Tree& tree, syntax::NodeList params) {
  for (AstId id : tree.list(params)) {
    const auto& param = tree.get<ast::Param>(id);
    if (param.is_comptime || (param.type.valid() && mentions_sigil(tree, param.type)))
      return true;
    // `..xs: P` takes arguments of several types; `..xs: []T` is a slice.
    if (param.is_variadic && !tree.is(param.type, Kind::SliceType))
      return true;
  }
  return false;
}

/// What the syntax of a `::` value alone says (R7.36 ff. and 7.3).
DeclKind kind_of_value(const syntax::Tree& tree, AstId value, bool typed) {
  switch (tree.kind(value)) {
  case Kind::Import:
  case Kind::CImport: return DeclKind::Namespace;
  case Kind::Library: return DeclKind::Library;
  case Kind::UfcsAlias: return DeclKind::UfcsAlias;
  case Kind::IntrinsicConst: return DeclKind::Intrinsic;
  case Kind::Run: return DeclKind::RunConstant;
  case Kind::Function: {
    const auto& function = tree.get<ast::Function>(value);
    if (function.form == syntax::BodyForm::Intrinsic)
      return DeclKind::Intrinsic;
    return has_comptime_parameter(tree, function.params) ? DeclKind::GenericFunction : DeclKind::Function;
  }
  case Kind::Lambda:
    if (typed)
      return DeclKind::Constant;
    return has_comptime_parameter(tree, tree.get<ast::Lambda>(value).params) ? DeclKind::GenericFunction
                                                                             : DeclKind::Function;
  case Kind::StructType:
    return tree.get<ast::StructType>(value).params.empty() ? DeclKind::Type : DeclKind::GenericType;
  case Kind::ProtocolType:
    return tree.get<ast::ProtocolType>(value).params.empty() ? DeclKind::Type : DeclKind::GenericType;
  case Kind::EnumType:
  case Kind::UnionType:
  case Kind::ErrorSet: return DeclKind::Type;
  case Kind::Call: return DeclKind::Unresolved;
  case Kind::Name:
  case Kind::Member: return typed ? DeclKind::Constant : DeclKind::Unresolved;
  case Kind::Unary:
    if (!typed && tree.get<ast::Unary>(value).op == syntax::UnaryOp::Pointer)
      return DeclKind::Unresolved;
    return DeclKind::Constant;
  case Kind::OptionalType:
  case Kind::PointerType:
  case Kind::ManyPointerType:
  case Kind::SliceType:
  case Kind::SentinelSliceType:
  case Kind::ArrayType:
  case Kind::VoidType:
  case Kind::TypeApply:
  case Kind::FunctionType:
  case Kind::TupleType:
  case Kind::ClosureType:
  case Kind::ReturnList: return typed ? DeclKind::Constant : DeclKind::TypeAlias;
  default: return DeclKind::Constant;
  }
}

} // namespace

DeclId Checker::add_decl(const Site& site, AstId node, DeclScope scope, TypeId owner) {
  Decl made;
  made.scope = scope;
  made.site = site;
  made.node = node;
  made.owner = owner;
  made.span = site.span(node);
  if (const auto* variable = site.try_get<ast::VarDecl>(node)) {
    made.kind = DeclKind::Variable;
    made.name = variable->name.text;
    made.name_span = variable->name.span;
    made.is_private = variable->is_private;
    made.is_extern = variable->is_extern;
    made.value = variable->value;
    made.type = variable->type;
  } else if (const auto* constant = site.try_get<ast::ConstDecl>(node)) {
    made.name = constant->name.text;
    made.name_span = constant->name.span;
    made.is_private = constant->is_private;
    made.value = constant->value;
    made.type = constant->type;
    made.kind = kind_of_value(*site.tree, constant->value, constant->type.valid());
    if (const auto* function = site.try_get<ast::Function>(constant->value)) {
      made.is_ufcs = function->is_ufcs;
      made.is_extern = function->linkage == syntax::Linkage::Extern;
    }
  }
  const DeclId id{decls_.size()};
  decls_.push_back(std::move(made));
  return id;
}

Site Checker::site_of(DeclId id, EnvironmentId environment) const {
  Site site = decl(id).site;
  if (environment.valid())
    site.environment = environment;
  return site;
}

Site Checker::site_of(ModuleId id) const {
  Site site;
  site.module = id;
  site.tree = module(id).tree.get();
  site.environment = empty_environment();
  return site;
}

Site Checker::site_of_type(TypeId nominal) const {
  const auto known = tables_->owners.find(nominal);
  return known == tables_->owners.end() ? Site() : known->second.site;
}

DeclId Checker::declaration_of(TypeId nominal) const {
  const auto known = tables_->owners.find(nominal);
  return known == tables_->owners.end() ? DeclId() : known->second.decl;
}

} // namespace sx::sema
