// Conversions through `impl Into(T) for S` (5.18, R2.100 step 6).

#include "sema/body_checker.h"
#include "sema/generic_state.h"

#include <algorithm>

namespace sx::sema {
namespace {

/// Visible blocks that make a `target` of a `source`: exact ones, else those of a closure shape (R5.126, R5.165).
struct Conversions {
  std::vector<const ImplInstance*> visible;
  bool hidden = false;
};

Conversions find_conversions(Checker& checker, DeclId into, TypeId source, TypeId target, ModuleId from) {
  Conversions exact, shaped;
  for (const ImplInstance* instance : checker.generics().impls.conversions(source, into)) {
    const std::vector<TypeId>& arguments = checker.types.nominal(instance->protocol).arguments;
    if (arguments.empty() || arguments.front() != target)
      continue;
    Conversions& list = instance->block->source == ImplBlock::Source::Closure ? shaped : exact;
    if (checker.reaches(from, instance->block->module))
      list.visible.push_back(instance);
    else
      list.hidden = true;
  }
  if (exact.visible.empty()) {
    shaped.hidden = shaped.hidden || exact.hidden;
    return shaped;
  }
  return exact;
}

} // namespace

std::optional<Operand> BodyChecker::user_conversion(Operand operand, TypeId target, Span cast) {
  const DeclId into = library_type(checker(), "Into");
  if (!into.valid())
    return {};
  const TypeId source = operand.type;
  TypeId made = target;
  Conversions found = find_conversions(checker(), into, source, target, here().module);
  if (found.visible.empty() && !found.hidden && types().is(target, TypeKind::Pointer)) {
    made = types()[target].element;
    found = find_conversions(checker(), into, source, made, here().module);
  }
  if (found.visible.empty()) {
    if (!found.hidden)
      return {};
    report<diag::no_visible_conversion>(operand.span, name(source), name(made));
    return Operand::poison(cast);
  }
  if (found.visible.size() > 1) {
    Report& several = report<diag::several_conversions>(operand.span, name(source), name(made));
    for (const ImplInstance* instance : found.visible)
      several.note("declared here", instance->block->span);
    return Operand::poison(cast);
  }
  const ImplInstance& chosen = *found.visible.front();
  const auto method = chosen.methods.find(strings().intern("convert"));
  if (method == chosen.methods.end()) {
    checker().generics().impls.report_failure(source, chosen.protocol, operand.span);
    return Operand::poison(cast);
  }
  // Inside `convert` itself the same conversion would never end (R5.132).
  const FunctionId function = checker().function_instance(method->second, chosen.environment);
  if (function == function_id()) {
    report<diag::recursive_conversion>(operand.span, name(source), name(made));
    return Operand::poison(cast);
  }
  // A closure shape takes the name of a function as the closure it promotes to (R4.89, R5.164).
  if (types().is(source, TypeKind::Function) && chosen.block->source == ImplBlock::Source::Closure) {
    const hir::Kind kind = body().kind(to_value(operand).node);
    if (kind == hir::Kind::FunctionConst || kind == hir::Kind::ExternConst) {
      const Type shape = types()[source];
      operand = make(hir::ClosurePromote{operand.node}, types().closure(shape.elements, shape.element), operand.span);
    }
  }
  CallSite site{.node = {}, .span = cast, .callee_span = cast, .receiver = operand, .expect = Expect::of(made)};
  const Operand result = call_declaration(site, {method->second, chosen.environment});
  if (result.poisoned() || made == target)
    return result;
  const hir::NodeId slot = emit(hir::Materialize{to_value(result).node}, made, cast);
  return make(hir::AddressOf{slot}, target, cast);
}

} // namespace sx::sema
