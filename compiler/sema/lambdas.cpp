// Lambdas, closures, nested functions (4.7, 4.9).

#include "sema/scopes.h"

namespace sx::sema {

namespace {

/// The slots of a literal whose destination has several results; their names serve `return` lists only (R4.26).
std::vector<ResultSlot> destination_slots(const TypeTable& types, TypeId value, Span literal) {
  std::vector<ResultSlot> slots;
  if (!types.is(value, TypeKind::Tuple))
    return slots;
  const Type& tuple = types[value];
  for (std::size_t i = 0; i < tuple.elements.size(); ++i) {
    ResultSlot slot;
    slot.type = tuple.elements[i];
    if (i < tuple.names.size() && tuple.names[i] != StringId(0))
      slot.name = {tuple.names[i], literal};
    slots.push_back(slot);
  }
  return slots;
}

} // namespace

Operand BodyChecker::check_lambda(const ast::Lambda& lambda, AstId node, Expect expect) {
  return closure_literal(tree().list(lambda.params), lambda.result, lambda.body, lambda.arrow, lambda.abi, node,
                         expect);
}

Operand BodyChecker::trailing_block(AstId block_node, TypeId parameter) {
  const Operand literal =
      closure_literal({}, {}, block_node, false, syntax::Abi::Default, block_node, Expect::of(parameter));
  return parameter.valid() ? convert(literal, parameter, {.site = span_of(block_node), .is_argument = true}) : literal;
}

Operand BodyChecker::closure_literal(std::span<const AstId> params, AstId result_node, AstId body_node, bool arrow,
                                     syntax::Abi abi, AstId node, Expect expect) {
  constexpr int max_tentative_depth = 12;
  const Span span = span_of(node);
  TypeId target = expect.type;
  while (target.valid() && types().is(target, TypeKind::Optional))
    target = types()[target].element;
  const bool to_pointer = target.valid() && types().is(target, TypeKind::Function);
  const bool shaped = target.valid() && (to_pointer || types().is(target, TypeKind::Closure));
  const Type shape = shaped ? types()[target] : Type{};
  if (tentative_ > max_tentative_depth) {
    report<diag::limit_exceeded>(span, "the nesting of literals whose type is not written", max_tentative_depth);
    return Operand::poison(span);
  }

  if (abi == syntax::Abi::Naked || abi == syntax::Abi::Zig)
    return not_supported("a convention other than 'abi(.c)' of a lambda", span);

  // Signature: written types first, then the destination's.
  Signature signature;
  signature.site = where_;
  signature.node = node;
  signature.abi = abi;
  bool failed = false;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto& param = tree().get<ast::Param>(params[i]);
    Parameter parameter;
    parameter.name = param.name;
    parameter.node = params[i];
    parameter.type_node = param.type;
    if (param.type.valid()) {
      parameter.type = resolve_type(param.type);
    } else if (shaped && i < shape.elements.size()) {
      parameter.type = shape.elements[i];
    } else if (target.valid() && types().is(target, TypeKind::Poison)) {
      parameter.type = types().poison;
    } else {
      report<diag::lambda_parameter_type_unknown>(span_of(params[i]), text(param.name.text));
      parameter.type = types().poison;
      failed = true;
    }
    failed = failed || types().is(parameter.type, TypeKind::Poison);
    signature.parameters.push_back(parameter);
  }
  bool infers = false;
  if (result_node.valid()) {
    Checker::ResultType written = checker_.resolve_result(where_, result_node);
    signature.value = written.value.valid() ? written.value : types().poison;
    signature.slots = written.slots;
    signature.error_set = written.error_set;
    signature.inferred_set = written.inferred;
    if (written.inferred && !signature.error_set.valid())
      signature.error_set = checker_.open_error_set();
  } else if (shaped && shape.element.valid() && !types().is(shape.element, TypeKind::Poison)) {
    // A failable slot takes a literal without `!` as well: it is widened (R6.121).
    signature.value = types().is(shape.element, TypeKind::Failable) ? types()[shape.element].element : shape.element;
    signature.slots = destination_slots(types(), signature.value, span);
  } else {
    infers = true;
  }
  failed = failed || (signature.value.valid() && types().is(signature.value, TypeKind::Poison));
  if (!infers)
    signature.result =
        signature.error_set.valid() ? types().failable(signature.value, signature.error_set) : signature.value;
  for (const ResultSlot& slot : signature.slots)
    signature.has_names = signature.has_names || slot.name.present();
  signature.inferred_result = infers;

  Function made;
  made.kind = FunctionKind::Lambda;
  made.name = strings().intern("__lambda_" + std::to_string(checker_.lambda_number(tentative_ != 0)));
  made.symbol = std::string(text(function().name)) + "." + std::string(text(made.name));
  made.has_context = checker_.has_context() && abi == syntax::Abi::Default;
  made.span = Span{span.file, span.begin, span.begin + 1};
  made.end_span = Span{span.file, span.end > 0 ? span.end - 1 : 0, span.end};
  made.module = where_.module;
  made.comptime_only = function().comptime_only;
  FunctionOrigin origin;
  origin.environment = where_.environment;
  origin.site = where_;
  origin.site.locals = nullptr;
  origin.node = node;
  origin.signature = signature;
  origin.begun = true;
  origin.deferred = true;
  const FunctionId id = checker_.add_function(std::move(made), std::move(origin));

  Site inside = where_;
  BodyChecker inner(checker_, id, inside, this, Boundary::Lambda);
  inner.run_lambda(signature, body_node, arrow, infers);
  errors_ += inner.errors_;
  const TypeId result = inner.function().type.valid() ? types()[inner.function().type].element : types().poison;
  if (failed || inner.function().failed || types().is(result, TypeKind::Poison)) {
    if (inner.errors_ == 0 && !failed)
      ++errors_;
    return Operand::poison(span);
  }
  std::vector<TypeId> parameter_types;
  for (const Parameter& parameter : signature.parameters)
    parameter_types.push_back(parameter.type);

  std::vector<hir::NodeId> captures;
  for (const Binding& from : inner.captured_from_)
    if (from.local.valid())
      captures.push_back(local_value(from.local, span));
  if (to_pointer)
    return lambda_pointer(id, parameter_types, result, target, captures.empty(), body_node, span);
  if (!captures.empty() && !checker_.has_context()) {
    check_context(span);
    return Operand::poison(span);
  }
  TypeId type = types().closure(parameter_types, result);
  // A body that cannot fail always leaves the error slot of its destination empty (R6.121).
  if (shaped && type != target && shape.elements == parameter_types && widens_result(types(), result, shape.element)) {
    program().function(id).type = types().function(parameter_types, shape.element);
    type = target;
  }
  Operand literal = make(hir::ClosureMake{id, body().add_list(captures)}, type, span);
  const bool open_result = shaped && types().is(shape.element, TypeKind::Poison);
  if (shaped && !open_result && type != target && !converts(type, target)) {
    if (types()[target].elements == parameter_types)
      return report_lambda_result(result, shape.element, span_of(body_node), span);
    return literal;
  }
  return literal;
}

Operand BodyChecker::report_lambda_result(TypeId result, TypeId wanted, Span at, Span span) {
  if (types().is(result, TypeKind::Failable) && !types().is(wanted, TypeKind::Failable))
    report<diag::failable_lambda_does_not_fit>(at);
  else
    report<diag::lambda_result_does_not_fit>(at, name(result), name(wanted));
  return Operand::poison(span);
}

/// A literal directly in a position of function-pointer type (R4.90).
Operand BodyChecker::lambda_pointer(FunctionId id, std::span<const TypeId> parameters, TypeId result, TypeId target,
                                    bool capture_free, AstId body_node, Span span) {
  const Type shape = types()[target];
  if (!capture_free) {
    report<diag::closure_for_function_pointer>(span_of(body_node)).help("pass a literal, or take a 'Closure(...)'");
    return Operand::poison(span);
  }
  Function& made = program().function(id);
  made.kind = FunctionKind::Plain;
  made.has_context = checker_.has_context() && shape.convention == Convention::Sx;
  const TypeId type = types().function({parameters.begin(), parameters.end()}, result, shape.convention);
  made.type = type;
  if (type == target)
    return make(hir::FunctionConst{id}, target, span);
  if (shape.elements != std::vector<TypeId>(parameters.begin(), parameters.end()))
    return make(hir::FunctionConst{id}, type, span);
  if (!widens_result(types(), result, shape.element))
    return report_lambda_result(result, shape.element, span_of(body_node), span);
  // The body cannot fail: its error slot is always empty (R6.121).
  made.type = target;
  return make(hir::FunctionConst{id}, target, span);
}

void BodyChecker::nested_declaration(const ast::ConstDecl& declaration, AstId node) {
  const Site site = lasting_site();
  const DeclId id = checker_.add_decl(site, node, DeclScope::Local);
  Binding binding;
  binding.kind = Binding::Kind::Declaration;
  binding.name = declaration.name.text;
  binding.span = declaration.name.span;
  binding.declaration = id;
  // Visible in its own text (R4.65).
  LocalEntity itself;
  itself.kind = LocalEntity::Kind::Declaration;
  itself.decl = id;
  static_cast<Snapshot&>(*checker_.kept_names.back()).set(binding.name, itself);
  bind(binding);
  const DeclKind kind = checker_.resolve_decl(id);
  if (kind == DeclKind::Function && !tentative()) {
    if (const Signature& signature = checker_.signature(id); signature.failed) {
      ++errors_;
      return;
    }
    const FunctionId function_id = checker_.function_instance(id);
    if (function_id.valid())
      checker_.require_body(function_id);
  }
  if (kind == DeclKind::Type && !tentative()) {
    const TypeId type = checker_.declared_type(id);
    if (type.valid())
      checker_.complete(type);
  }
}

} // namespace sx::sema
