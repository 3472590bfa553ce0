// Intrinsics that ask the compiler: `type_info` and the calls that only the evaluator answers (7.10.2 to 7.10.4).

#include "sema/compiler_api.h"
#include "sema/generic_state.h"
#include "sema/intrinsic_calls.h"
#include "sema/type_info.h"

namespace sx::sema {
namespace {

/// Parameters and result of a call, a letter each: s string, i i64, u u32, b bool, t Type, m []Member, v nothing.
struct Shape {
  std::string_view name;
  std::string_view parameters;
  char result;
};

constexpr Shape shapes[] = {
    {"raw_intern", "s", 'u'},        {"raw_text_of", "u", 's'},      {"raw_find_type", "u", 'u'},
    {"raw_type_kind", "u", 'i'},     {"raw_type_name", "u", 'u'},    {"raw_field_count", "u", 'i'},
    {"raw_field_name", "ui", 'u'},   {"raw_field_type", "ui", 'u'},  {"raw_variant_value", "ui", 'i'},
    {"raw_pointer_to", "t", 't'},    {"raw_declare_type", "s", 't'}, {"raw_register_type", "tim", 't'},
};

const Shape* shape_of(std::string_view name) {
  for (const Shape& shape : shapes)
    if (shape.name == name)
      return &shape;
  return nullptr;
}

TypeId type_of_letter(const TypeTable& types, char letter) {
  switch (letter) {
  case 's': return types.string;
  case 'i': return types.i64;
  case 'u': return types.u32;
  case 'b': return types.bool_;
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
  const DeclId declared = library_type(body_.checker(), "Member");
  const TypeId element = declared.valid() ? body_.checker().declared_type(declared) : TypeId();
  if (element.valid())
    body_.checker().complete(element);
  const Operand given = body_.to_value(argument(i, element.valid() ? Expect::of(types().slice(element)) : Expect::none()));
  if (given.poisoned() || is_member_slice(types(), given.type))
    return given;
  if (element.valid() && is_member_slice(types(), types().slice(element)))
    return body_.convert(given, types().slice(element), {.site = site_.span, .is_argument = true});
  body_.report<diag::wrong_kind_of_type>(name_span_, entry_.name, body_.name(given.type));
  return Operand::poison(site_.span);
}

Operand IntrinsicCall::evaluated() {
  const Shape* shape = shape_of(entry_.name);
  if (!shape)
    return body_.not_supported("the intrinsic '" + std::string(entry_.name) + "'", site_.span);
  std::vector<hir::NodeId> arguments;
  bool poisoned = false;
  for (std::size_t i = 0; i < shape->parameters.size(); ++i) {
    const char letter = shape->parameters[i];
    if (letter == 't') {
      const TypeArgument type = type_argument(i);
      poisoned = poisoned || type.poisoned;
      arguments.push_back(type.poisoned ? hir::NodeId() : word_of(type, argument_span(i)));
      continue;
    }
    const Operand given =
        letter == 'm' ? members_argument(i) : argument_as(i, type_of_letter(types(), letter));
    poisoned = poisoned || given.poisoned();
    arguments.push_back(given.node);
  }
  if (poisoned)
    return Operand::poison(site_.span);
  return body_.make(hir::CallIntrinsic{hir::Intrinsic::Compiler, {}, entry_.number, body_.body().add_list(arguments)},
                    type_of_letter(types(), shape->result), site_.span);
}

} // namespace sx::sema
