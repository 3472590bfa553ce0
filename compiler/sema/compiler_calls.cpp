// Intrinsics that ask the compiler: `type_info` and the calls that only the evaluator answers (7.10.2 to 7.10.4).

#include "sema/compiler_api.h"
#include "sema/generic_state.h"
#include "sema/intrinsic_calls.h"
#include "sema/tables.h"
#include "sema/type_info.h"

#include <algorithm>

namespace sx::sema {
namespace {

TypeId type_of_letter(const TypeTable& types, char letter) {
  switch (letter) {
  case 's': return types.string;
  case 'i': return types.i64;
  case 'u': return types.u32;
  case 't': return types.type;
  default: return types.void_;
  }
}

/// R7.148: a slice of two-field structs {string, Type}.
bool is_member_slice(const TypeTable& types, TypeId type) {
  if (!types.is(type, TypeKind::Slice) || !types.is(types[type].element, TypeKind::Struct))
    return false;
  const std::vector<FieldInfo>& fields = types.nominal(types[type].element).fields;
  return fields.size() == 2 && fields[0].type == types.string && fields[1].type == types.type;
}

} // namespace

Operand IntrinsicCall::type_info() {
  Checker& checker = body_.checker();
  if (const DeclId declared = library_type(checker, "TypeInfo"); declared.valid()) {
    const TypeId info = checker.declared_type(declared);
    // The payload records are looked into, so their members have to be known.
    if (checker.require_layout(info))
      for (const VariantInfo& variant : std::vector(types().nominal(info).variants))
        if (types().is(variant.payload, TypeKind::Struct)) {
          checker.complete(variant.payload);
          for (const FieldInfo& field : std::vector(types().nominal(variant.payload).fields))
            if (types().is(field.type, TypeKind::Slice))
              checker.require_layout(types()[field.type].element);
        }
    if (is_type_info(types(), body_.strings(), info))
      checker.program.type_info = info;
  }
  if (!checker.program.type_info.valid()) {
    body_.report<diag::type_info_unavailable>(name_span_).help("import \"modules/std/meta.sx\"");
    return Operand::poison(site_.span);
  }
  const TypeArgument type = type_argument(0);
  if (type.poisoned || (type.is_static() && !checker.require_layout(type.type)))
    return Operand::poison(site_.span);
  return make_intrinsic(hir::Intrinsic::TypeInfo, {word_of(type, site_.span)}, checker.program.type_info);
}

/// A slice of members as it is, or whatever converts to the library's `[]Member`.
Operand IntrinsicCall::members_argument(std::size_t i) {
  // Other modules may have a `Member` of their own.
  Checker& checker = body_.checker();
  TypeId element;
  const StringId spelled = checker.intern("Member");
  for (std::uint32_t m = 0; m < checker.module_count() && !element.valid(); ++m) {
    const auto& names = checker.module(ModuleId{m}).names;
    const auto known = names.find(spelled);
    if (known == names.end() || checker.decl(known->second).kind != DeclKind::Type)
      continue;
    const TypeId type = checker.declared_type(known->second);
    checker.complete(type);
    if (is_member_slice(types(), types().slice(type)))
      element = type;
  }
  const Operand given =
      body_.to_value(argument(i, element.valid() ? Expect::of(types().slice(element)) : Expect::none()));
  if (given.poisoned() || is_member_slice(types(), given.type))
    return given;
  if (element.valid() && is_member_slice(types(), types().slice(element)))
    return body_.convert(given, types().slice(element), {.site = site_.span, .is_argument = true});
  body_.report<diag::wrong_kind_of_type>(name_span_, entry_.name, body_.name(given.type));
  return Operand::poison(site_.span);
}

Operand IntrinsicCall::evaluated() {
  const auto shape = CompilerApi::find_intrinsic_call(entry_.name);
  if (!shape)
    return body_.not_supported("the intrinsic '" + std::string(entry_.name) + "'", site_.span);
  std::vector<hir::NodeId> arguments;
  bool poisoned = false;
  for (std::size_t i = 0; i < shape->parameters.size(); ++i) {
    const char letter = shape->parameters[i];
    const Operand given = letter == 'm' ? members_argument(i) : argument_as(i, type_of_letter(types(), letter));
    poisoned = poisoned || given.poisoned();
    arguments.push_back(given.node);
  }
  if (poisoned)
    return Operand::poison(site_.span);
  return body_.make(hir::CallIntrinsic{hir::Intrinsic::Compiler, {}, shape->number, body_.body().add_list(arguments)},
                    type_of_letter(types(), shape->result), site_.span);
}

// ---- bindings of the compiler interface (7.16) ----

namespace {

/// Is the type what the letter stands for (`CompilerCall`)?
bool fits(const TypeTable& types, TypeId type, char letter) {
  return letter == 'm' ? is_member_slice(types, type) : type == type_of_letter(types, letter);
}

} // namespace

/// Reports E0928 once per declaration.
std::optional<CompilerCall> Checker::compiler_binding(DeclId id) {
  id = follow(id);
  if (const auto known = generics().bindings.find(id); known != generics().bindings.end())
    return known->second;
  const Unmuted unmuted(diagnostics);
  const Decl declaration = decl(id);
  const auto& function = declaration.site.get<ast::Function>(declaration.value);
  const auto refuse = [&](std::string_view reason) -> std::optional<CompilerCall> {
    report<diag::compiler_binding>(declaration.name_span, text(declaration.name), reason);
    generics().bindings.emplace(id, std::nullopt);
    return std::nullopt;
  };
  if (function.linkage != syntax::Linkage::Extern)
    return refuse("it is not 'extern'");
  if (library_of(function.library) != compiler_library)
    return refuse("its library is not '#library \"compiler\"'");
  if (function.abi != syntax::Abi::Zig)
    return refuse("it needs 'abi(.zig)'");
  const auto call = CompilerApi::find_binding(strings.text(declaration.name));
  if (!call)
    return refuse("the compiler exports no function of this name");
  const Signature& head = signature(id);
  if (head.failed) {
    generics().bindings.emplace(id, std::nullopt);
    return std::nullopt;
  }
  for (const Parameter& parameter : head.parameters)
    if (types.is(parameter.type, TypeKind::Slice))
      complete(types[parameter.type].element);
  const bool same = std::ranges::equal(head.parameters, call->parameters, [&](const Parameter& p, char letter) {
    return !p.is_variadic && fits(types, p.type, letter);
  });
  if (!same || !fits(types, head.result, call->result))
    return refuse("the compiler's function has other parameters or another result");
  generics().bindings.emplace(id, call);
  return call;
}

Operand BodyChecker::call_binding(CallSite& site, const FunctionRef& callee, const Signature& signature) {
  const auto call = checker_.compiler_binding(callee.decl);
  CheckedArguments arguments;
  auto bound = call ? bind_arguments(site, callee_name(callee), signature.parameters, arguments) : std::nullopt;
  if (!bound) {
    errors_ += call ? 0 : 1;
    check_stray_arguments(site);
    return Operand::poison(site.span);
  }
  check_arguments(site, signature.parameters, *bound, signature.site, arguments);
  if (arguments.poisoned)
    return Operand::poison(site.span);
  const hir::NodeId made =
      emit(hir::CallIntrinsic{hir::Intrinsic::Compiler, {}, call->number, body().add_list(arguments.values)},
           signature.result, site.span);
  return finish_call(made, signature.result, arguments, site.span);
}

} // namespace sx::sema
