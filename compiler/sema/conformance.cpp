// Does a type conform to a protocol (R5.79), and with which methods.

#include "sema/impl_table.h"

#include <algorithm>

namespace sx::sema {

MemberDecl ImplTable::default_method(TypeId concrete, TypeId protocol, std::uint32_t method) {
  const auto key = std::pair(std::pair(concrete, protocol), method);
  const Nominal& nominal = checker_.types.nominal(protocol);
  const EnvironmentId own =
      nominal.environment == 0xffff'ffff ? checker_.empty_environment() : EnvironmentId{nominal.environment};
  const EnvironmentId environment = for_type(own, concrete);
  if (const auto found = defaults_.find(key); found != defaults_.end())
    return {found->second, environment};
  Site where = checker_.site_of_type(protocol);
  const AstId node = nominal.methods[method].node;
  if (!where.get<ast::ProtocolMethod>(node).body.valid())
    return {};
  where.self_type = concrete;
  Decl decl;
  decl.kind = DeclKind::Function;
  decl.scope = DeclScope::Member;
  decl.name = nominal.methods[method].name;
  decl.name_span = nominal.methods[method].span;
  decl.span = where.span(node);
  decl.site = where;
  decl.node = node;
  decl.value = node;
  decl.owner = concrete;
  const DeclId id = checker_.add_made_decl(std::move(decl));
  defaults_.emplace(key, id);
  default_protocols_.emplace(id, protocol);
  return {id, environment};
}

TypeId ImplTable::protocol_of_default(DeclId declaration) const {
  const auto found = default_protocols_.find(declaration);
  return found == default_protocols_.end() ? TypeId{} : found->second;
}

/// R5.79, 1: the block, the default, then adoption from the type or from another block's explicit methods.
MemberDecl ImplTable::select(TypeId concrete, TypeId protocol, const ImplInstance* own, std::uint32_t method) {
  const StringId name = checker_.types.nominal(protocol).methods[method].name;
  if (const auto written = own->methods.find(name); written != own->methods.end())
    return {written->second, own->environment};
  if (const MemberDecl body = default_method(concrete, protocol, method))
    return body;
  if (const MemberDecl inherent = checker_.find_method(concrete, name))
    return inherent;
  MemberDecl adopted;
  for (const ImplInstance* other : of_type(concrete)) {
    const auto written = other->methods.find(name);
    if (written == other->methods.end())
      continue;
    if (adopted)
      return {};
    adopted = {written->second, other->environment};
  }
  return adopted;
}

namespace {

/// Equal after `Self` is replaced; two inferred error sets agree (their tags are found in bodies).
bool same_type(const TypeTable& types, TypeId a, TypeId b) {
  if (a == b || types.is(a, TypeKind::Poison) || types.is(b, TypeKind::Poison))
    return true;
  const Type& x = types[a];
  const Type& y = types[b];
  if (x.kind != TypeKind::Failable || y.kind != TypeKind::Failable || x.element != y.element)
    return false;
  return types.nominal(x.error_set).inferred_set && types.nominal(y.error_set).inferred_set;
}

/// The parameters behind the receiver.
std::span<const Parameter> without_self(const Signature& signature) {
  const std::span<const Parameter> all(signature.parameters);
  return all.empty() ? all : all.subspan(1);
}

} // namespace

ConformanceFailure ImplTable::compare(TypeId concrete, TypeId protocol, std::uint32_t method, MemberDecl chosen) {
  const ProtocolMethodInfo info = checker_.types.nominal(protocol).methods[method];
  ConformanceFailure failure{.method = info.name};
  const DeclKind kind = checker_.resolve_decl(chosen.decl);
  if (kind == DeclKind::GenericFunction) {
    failure.kind = ConformanceFailure::Kind::Generic;
    return failure;
  }
  if (kind != DeclKind::Function) {
    failure.kind = ConformanceFailure::Kind::Missing;
    return failure;
  }
  Site where = checker_.site_of_type(protocol);
  where.self_type = concrete;
  const Signature wanted = checker_.build_signature(where, info.node);
  const Signature has = checker_.signature(chosen.decl, chosen.environment);
  if (wanted.failed || has.failed)
    return failure;
  const auto wanted_parameters = without_self(wanted);
  const auto has_parameters = without_self(has);
  if (wanted_parameters.size() != has_parameters.size()) {
    failure.kind = ConformanceFailure::Kind::ParameterCount;
    failure.has_count = has_parameters.size();
    failure.wanted_count = wanted_parameters.size();
    return failure;
  }
  const auto differs = [&](TypeId a, TypeId b, ConformanceFailure::Kind as) {
    if (same_type(checker_.types, a, b))
      return false;
    failure.kind = as;
    std::tie(failure.has, failure.wanted) = checker_.names(a, b);
    return true;
  };
  for (std::size_t i = 0; i < wanted_parameters.size(); ++i)
    if (differs(has_parameters[i].type, wanted_parameters[i].type, ConformanceFailure::Kind::Parameter))
      return failure;
  differs(has.result, wanted.result, ConformanceFailure::Kind::Result);
  return failure;
}

const ImplTable::Conformance& ImplTable::conformance(TypeId concrete, TypeId protocol) {
  settle();
  const auto key = std::pair(concrete, protocol);
  if (const auto found = conformances_.find(key); found != conformances_.end())
    return found->second;
  Conformance result;
  checker_.complete(protocol);
  const std::size_t count = checker_.types.nominal(protocol).methods.size();
  const ImplInstance* own = find(concrete, protocol);
  if (!own) {
    result.failure.kind = ConformanceFailure::Kind::NoImpl;
    if (count > 0)
      result.failure.method = checker_.types.nominal(protocol).methods.front().name;
  }
  for (std::uint32_t i = 0; own && i < count && result.holds(); ++i) {
    const MemberDecl chosen = select(concrete, protocol, own, i);
    if (!chosen)
      result.failure = {.kind = ConformanceFailure::Kind::Missing,
                        .method = checker_.types.nominal(protocol).methods[i].name};
    else
      result.failure = compare(concrete, protocol, i, chosen);
    result.methods.push_back(chosen);
  }
  return conformances_.emplace(key, std::move(result)).first->second;
}

void ImplTable::report_failure(TypeId concrete, TypeId protocol, Span at) {
  const Conformance& result = conformance(concrete, protocol);
  const std::string type = checker_.types.name(concrete);
  const std::string name = checker_.types.name(protocol);
  const ConformanceFailure& why = result.failure;
  const std::string method = why.method.valid() ? checker_.text(why.method) : std::string();
  const std::string help = "write 'impl " + name + " for " + type + "'; a plain function does not count";
  switch (why.kind) {
  case ConformanceFailure::Kind::None: return;
  case ConformanceFailure::Kind::NoImpl:
    if (method.empty()) {
      checker_.report<diag::not_erasable>(at, type, name);
      return;
    }
    [[fallthrough]];
  case ConformanceFailure::Kind::Missing:
    checker_.report<diag::protocol_method_missing>(at, type, name, method).help(help);
    return;
  case ConformanceFailure::Kind::ParameterCount:
    checker_.report<diag::protocol_method_parameter_count>(at, type, name, method, why.has_count, why.wanted_count);
    return;
  case ConformanceFailure::Kind::Parameter:
    checker_.report<diag::protocol_method_differs>(at, type, name, method, "takes", why.has, why.wanted);
    return;
  case ConformanceFailure::Kind::Result:
    checker_.report<diag::protocol_method_differs>(at, type, name, method, "returns", why.has, why.wanted);
    return;
  case ConformanceFailure::Kind::Generic:
    checker_.report<diag::protocol_method_generic>(at, type, name, method);
    return;
  }
}

bool ImplTable::require(TypeId concrete, TypeId protocol, Span at) {
  if (checker_.types.is(concrete, TypeKind::Poison) || checker_.types.is(protocol, TypeKind::Poison))
    return false;
  const Conformance result = conformance(concrete, protocol);
  if (!result.holds()) {
    report_failure(concrete, protocol, at);
    return false;
  }
  if (!checker_.require_layout(concrete))
    return false;
  const auto key = std::pair(protocol, concrete);
  if (checker_.program.witnesses.contains(key))
    return true;
  Witness& witness = checker_.program.witnesses[key];
  witness.protocol = protocol;
  witness.concrete = concrete;
  const std::vector<ProtocolMethodInfo> methods = checker_.types.nominal(protocol).methods;
  std::vector<FunctionId> functions;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (!methods[i].dispatchable)
      continue;
    const MemberDecl chosen = result.methods[i];
    const Signature& signature = checker_.signature(chosen.decl, chosen.environment);
    const bool by_pointer = !signature.parameters.empty() &&
                            checker_.types.is(signature.parameters.front().type, TypeKind::Pointer) &&
                            checker_.types[signature.parameters.front().type].element == concrete;
    const FunctionId function = checker_.function_instance(chosen.decl, chosen.environment);
    checker_.program.witnesses[key].methods.push_back({function, !by_pointer});
    functions.push_back(function);
  }
  for (const FunctionId function : functions)
    checker_.require_body(function);
  return true;
}

} // namespace sx::sema
