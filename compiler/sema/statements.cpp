// Declarations inside bodies (4.14, 3.12.5, 3.14).

#include "sema/scopes.h"

namespace sx::sema {

bool BodyChecker::is_blank(AstId node) const {
  const auto* named = tree().try_get<ast::Name>(node);
  return named != nullptr && !named->name.raw && text(named->name.text) == "_";
}

void BodyChecker::var_statement(const ast::VarDecl& declaration, AstId node, std::vector<hir::NodeId>& out,
                                bool& diverges) {
  const Span span = span_of(node);
  const bool blank = !declaration.name.raw && text(declaration.name.text) == "_";
  const auto bind_value = [&](TypeId type, const Operand& operand, bool undefined) {
    if (blank) {
      if (operand.node.valid())
        out.push_back(operand.node);
      return;
    }
    const hir::LocalId local = declare_local(declaration.name, type);
    bindings_.back().error_source = operand.error_source;
    if (undefined)
      out.push_back(let(local, {}, span));
    else if (operand.node.valid())
      out.push_back(let(local, operand.node, span));
  };

  if (declaration.type.valid()) {
    const TypeId type = resolve_type(declaration.type);
    const bool poison = types().is(type, TypeKind::Poison);
    if (!poison && !checker_.require_layout(type)) {
      ++errors_;
      bind_value(types().poison, Operand::poison(span), false);
      return;
    }
    if (!declaration.value.valid()) {
      bind_value(type, poison ? Operand::poison(span) : value(default_value(type, span), type, span), false);
      return;
    }
    if (tree().is(declaration.value, AstKind::UndefinedLiteral)) {
      const bool zero = !poison && types().is(type, TypeKind::Tuple);
      bind_value(type, zero ? make(hir::Zero{}, type, span) : Operand::poison(span), !poison && !zero);
      return;
    }
    const Operand operand =
        check_converted(declaration.value, type,
                        {.kind = ConversionSite::Kind::Initializer, .site = span, .name = declaration.name.text});
    diverges = leaves(operand);
    bind_value(type, operand, false);
    return;
  }

  Expect expect = Expect::none();
  expect.accepts_failable = true;
  Operand operand = check(declaration.value, expect);
  if (operand.is_failable_call) {
    if (blank && types().is(types()[operand.type].element, TypeKind::Void)) {
      report<diag::error_slot_dropped>(operand.span).help("bind it, or use 'try' or 'catch'");
      return;
    }
    operand = settle_failable(std::move(operand), Expect::none());
  }
  const ErrorSource fresh = operand.error_source;
  operand = to_value(std::move(operand));
  if (!operand.poisoned() && operand.is_null) {
    report<diag::literal_cannot_type_itself>(operand.span);
    operand = Operand::poison(operand.span);
  }
  if (!operand.poisoned() && is_void(operand) && !blank) {
    report<diag::nothing_used_as_value>(operand.span);
    operand = Operand::poison(operand.span);
  }
  operand.error_source = fresh;
  diverges = leaves(operand);
  bind_value(operand.poisoned() ? types().poison : operand.type, operand, false);
}

void BodyChecker::const_statement(const ast::ConstDecl& declaration, AstId node, std::vector<hir::NodeId>& out,
                                  bool& diverges) {
  const Span span = span_of(node);
  const AstId value_node = declaration.value;
  const auto bind_type = [&](TypeId type) {
    Binding binding;
    binding.kind = Binding::Kind::Type;
    binding.name = declaration.name.text;
    binding.span = declaration.name.span;
    binding.type = type;
    bind(binding);
  };
  switch (tree().kind(value_node)) {
  case AstKind::Function:
  case AstKind::StructType:
  case AstKind::EnumType:
  case AstKind::UnionType:
  case AstKind::ErrorSet:
  case AstKind::ProtocolType:
  case AstKind::UfcsAlias: return nested_declaration(declaration, node);
  case AstKind::OptionalType:
  case AstKind::PointerType:
  case AstKind::ManyPointerType:
  case AstKind::SliceType:
  case AstKind::SentinelSliceType:
  case AstKind::ArrayType:
  case AstKind::VoidType:
  case AstKind::TypeApply:
  case AstKind::FunctionType:
  case AstKind::TupleType:
  case AstKind::ClosureType:
    if (!declaration.type.valid())
      return bind_type(resolve_type(value_node));
    break;
  case AstKind::Library:
  case AstKind::Framework:
  case AstKind::CImport: not_supported("this declaration inside a function", span); return;
  default: break;
  }
  if (!declaration.type.valid()) {
    if (const auto* run = tree().try_get<ast::Run>(value_node)) {
      const Operand operand = check_run(*run, value_node, Expect::none(), declaration.name.text);
      if (operand.poisoned() || body().kind(operand.node) != hir::Kind::RunValue) {
        declare_local(declaration.name, types().poison, Access::LocalConstant);
        return;
      }
      Binding binding;
      binding.kind = Binding::Kind::Run;
      binding.name = declaration.name.text;
      binding.span = declaration.name.span;
      binding.type = operand.type;
      binding.run = body().get<hir::RunValue>(operand.node).run;
      bind(binding);
      return;
    }
    const AstKind kind = tree().kind(value_node);
    if (kind == AstKind::Name || kind == AstKind::Member || kind == AstKind::Call || kind == AstKind::Unary) {
      if (const TypeId type = denoted_type(value_node); type.valid())
        return bind_type(type);
    }
  }

  Operand operand;
  TypeId type;
  if (declaration.type.valid()) {
    type = resolve_type(declaration.type);
    if (const auto* run = tree().try_get<ast::Run>(value_node); run != nullptr && !types().is(type, TypeKind::Poison))
      operand = convert(check_run(*run, value_node, Expect::of(type), declaration.name.text), type,
                        {.kind = ConversionSite::Kind::Initializer, .site = span, .name = declaration.name.text});
    else
      operand = check_converted(
          value_node, type, {.kind = ConversionSite::Kind::Initializer, .site = span, .name = declaration.name.text});
  } else {
    operand = check(value_node, Expect::none());
    // Another name of a function or generic head (R4.9).
    if (operand.kind == Operand::Kind::Function || operand.kind == Operand::Kind::Namespace ||
        operand.kind == Operand::Kind::Intrinsic || (operand.is_type() && !operand.denoted.valid())) {
      if (operand.declaration.valid()) {
        Binding binding;
        binding.kind = Binding::Kind::Declaration;
        binding.name = declaration.name.text;
        binding.span = declaration.name.span;
        binding.declaration = operand.declaration;
        binding.environment = operand.environment;
        bind(binding);
        return;
      }
    }
    operand = to_value(std::move(operand));
    if (!operand.poisoned() && operand.is_null) {
      report<diag::literal_cannot_type_itself>(operand.span);
      operand = Operand::poison(operand.span);
    }
    if (!operand.poisoned() && is_void(operand)) {
      report<diag::nothing_used_as_value>(operand.span);
      operand = Operand::poison(operand.span);
    }
    type = operand.poisoned() ? types().poison : operand.type;
  }
  diverges = leaves(operand);
  const Fold folded = tentative() ? Fold{} : checker_.fold(where_, value_node, FoldDomain::Scalar);
  const hir::LocalId local = declare_local(declaration.name, type, Access::LocalConstant);
  if (!operand.poisoned() && folded)
    if (const auto constant = checker_.convert_constant(folded.value, type))
      bindings_.back().value = *constant;
  if (operand.node.valid())
    out.push_back(let(local, operand.node, span));
}

} // namespace sx::sema
