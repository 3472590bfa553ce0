// Small builders of tree nodes and operands.

#include "sema/body_checker.h"

namespace sx::sema {

std::string BodyChecker::name(TypeId type) const {
  return types().name(type);
}
std::string_view BodyChecker::text(StringId id) const {
  return strings().text(id);
}

Operand BodyChecker::value(hir::NodeId node, TypeId type, Span span) {
  return {.kind = Operand::Kind::Value, .node = node, .type = type, .span = span};
}

Operand BodyChecker::place(hir::NodeId node, TypeId type, Span span, Access access) {
  return {.kind = Operand::Kind::Place, .access = access, .node = node, .type = type, .span = span};
}

Operand BodyChecker::local_place(hir::LocalId local, Span span, Access access) {
  const TypeId type = body().locals[local.index()].type;
  Operand operand = place(emit(hir::Local{local}, type, span), type, span, access);
  operand.local = local;
  return operand;
}

hir::NodeId BodyChecker::local_value(hir::LocalId local, Span span) {
  const TypeId type = body().locals[local.index()].type;
  return emit(hir::Load{emit(hir::Local{local}, type, span)}, type, span);
}

hir::NodeId BodyChecker::word(std::uint64_t pattern, TypeId type, Span span) {
  return emit(hir::IntConst{pattern}, type, span);
}

Operand BodyChecker::void_value(Span span) {
  return value(block({}, {}, types().void_, span), types().void_, span);
}

hir::NodeId BodyChecker::node_of(const Operand& operand) {
  if (operand.node.valid())
    return operand.node;
  return emit(hir::Poison{}, types().poison, operand.span);
}

hir::NodeId BodyChecker::let(hir::LocalId local, hir::NodeId value, Span span) {
  return emit(hir::Let{local, value}, types().void_, span);
}

hir::LocalId BodyChecker::temporary(TypeId type, Span span) {
  return body().add_local(StringId(0), type, span);
}

hir::LocalId BodyChecker::spill(const Operand& operand, std::vector<hir::NodeId>& before) {
  const hir::LocalId local = temporary(operand.poisoned() ? types().poison : operand.type, operand.span);
  before.push_back(let(local, node_of(operand), operand.span));
  return local;
}

Operand BodyChecker::sequence(std::span<const hir::NodeId> statements, Operand last, Span span) {
  if (statements.empty() || last.poisoned())
    return last;
  last.node = emit(hir::Sequence{body().add_list(statements), last.node}, last.type, span);
  last.kind = Operand::Kind::Value;
  last.span = span;
  return last;
}

hir::NodeId BodyChecker::block(std::span<const hir::NodeId> statements, hir::NodeId value, TypeId type, Span span) {
  return emit(hir::Block{body().add_list(statements), value}, type, span);
}

hir::NodeId BodyChecker::aggregate(std::span<const hir::MemberInit> inits, TypeId type, Span span) {
  return emit(hir::Aggregate{body().add_inits(inits)}, type, span);
}

hir::NodeId BodyChecker::trap(hir::TrapKind kind, std::string_view message, Span span) {
  return emit(hir::Trap{kind, strings().intern(message), {}}, types().noreturn, span);
}

std::string BodyChecker::location_text(Span span) {
  const LineColumn at = checker_.sources.locate(span);
  return std::string(checker_.sources.file(span.file).path()) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column);
}

Operand BodyChecker::not_supported(std::string_view construct, Span span) {
  report<diag::not_supported_yet>(span, construct);
  return Operand::poison(span);
}

} // namespace sx::sema
