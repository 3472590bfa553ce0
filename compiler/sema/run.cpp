// `#run` operands inside bodies (F4 to F7, 7.2) and compile-time entries.

#include "sema/scopes.h"

namespace sx::sema {

void BodyChecker::run_entry(AstId node, TypeId wanted) {
  const Span span = span_of(node);
  const bool statement = wanted.valid() && types().is(wanted, TypeKind::Void);
  const ConversionSite site{.kind = ConversionSite::Kind::Initializer, .site = span, .name = function().name};
  Expect expect = wanted.valid() && !statement ? Expect::of(wanted) : Expect::none();
  expect.accepts_failable = true;
  expect.no_value_is_fine = true;
  expect.site = wanted.valid() && !statement ? &site : nullptr;
  Operand operand = check(node, expect);
  TypeId result = wanted;
  hir::NodeId root;
  if (!operand.poisoned() && operand.is_failable_call) {
    const Type shape = types()[operand.type];
    result_.failable = true;
    result_.error_set = shape.error_set;
    result_.type = wanted.valid() && !statement ? wanted : shape.element;
    result_.void_type = types().is(result_.type, TypeKind::Void);
    result_.multi = types().is(result_.type, TypeKind::Tuple);
    if (statement && !types().is(shape.element, TypeKind::Void))
      result_.type = shape.element, result_.void_type = false;
    operand = forward(std::move(operand), span);
    result = types().failable(result_.type, shape.error_set);
    if (!operand.poisoned()) {
      const hir::NodeId leave = emit(hir::ReturnFailable{operand.node}, types().noreturn, span);
      root = block(std::array{leave}, {}, types().noreturn, span);
    }
  } else if (statement) {
    if (!operand.poisoned())
      root = block(std::array{statement_node(operand)}, {}, types().void_, span);
  } else {
    if (!operand.poisoned() && operand.is_null && !wanted.valid()) {
      report<diag::literal_cannot_type_itself>(span);
      operand = Operand::poison(span);
    }
    if (wanted.valid())
      operand = convert(std::move(operand), wanted, site);
    else
      operand = to_value(std::move(operand));
    if (!operand.poisoned()) {
      const bool nothing = is_void(operand) || leaves(operand);
      result = nothing ? types().void_ : operand.type;
      root = nothing ? block(std::array{operand.node}, {}, operand.type, span)
                     : block({}, operand.node, operand.type, span);
    }
  }
  Function& made = function();
  made.failed = errors_ != 0 || !root.valid();
  if (!root.valid()) {
    root = emit(hir::Poison{}, types().poison, span);
    result = wanted.valid() ? wanted : types().poison;
  }
  made.type = types().function({}, result);
  made.body.root = root;
  made.checked = true;
}

Operand BodyChecker::check_run(const ast::Run& run, AstId node, Expect expect, StringId label) {
  const Span span = span_of(node);
  Function made;
  made.kind = FunctionKind::Entry;
  made.name = label.valid() && label.value != 0 ? label : function().name;
  made.symbol = std::string(text(function().name)) + ".run";
  made.has_context = checker_.has_context();
  made.comptime_only = true;
  made.span = span;
  made.end_span = span;
  made.module = where_.module;
  FunctionOrigin origin;
  origin.environment = where_.environment;
  origin.site = where_;
  origin.site.locals = nullptr;
  origin.node = run.value;
  origin.begun = true;
  origin.deferred = true;
  const FunctionId id = checker_.add_function(std::move(made), std::move(origin));
  TypeId wanted = expect.type;
  if (!expect.wants_value)
    wanted = types().void_;
  if (wanted.valid() && (types().is(wanted, TypeKind::Poison) || types().is(wanted, TypeKind::Null)))
    wanted = {};
  BodyChecker inner(checker_, id, where_, this, Boundary::Run);
  inner.run_entry(run.value, wanted);
  errors_ += inner.errors_;
  const Function& entry = program().function(id);
  if (entry.failed)
    return Operand::poison(span);
  TypeId type = types()[entry.type].element;
  if (types().is(type, TypeKind::Failable))
    type = types()[type].element;
  if (!expect.wants_value)
    type = types().void_;
  if (tentative())
    return make(hir::Poison{}, type, span);
  const RunId site{program().runs.size()};
  RunSite request;
  request.entry = id;
  request.type = type;
  request.label = label.valid() && label.value != 0 ? std::string(text(label)) : "top-level statement";
  request.span = span;
  program().runs.push_back(std::move(request));
  return make(hir::RunValue{site}, type, span);
}

} // namespace sx::sema
