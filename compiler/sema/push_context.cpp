// `push` (section 4.15).

#include "sema/scopes.h"

namespace sx::sema {

Operand BodyChecker::check_push(const ast::Push& push, AstId node, Expect) {
  const Span span = span_of(node);
  if (!checker_.has_context()) {
    check_context(span);
    return Operand::poison(span);
  }
  const TypeId context = program().context.type;
  const auto* literal = tree().try_get<ast::StructLiteral>(push.context);
  const bool names_context = literal != nullptr && (!literal->head.valid() || denoted_type(literal->head) == context);
  std::vector<hir::MemberInit> inits;
  hir::NodeId whole;
  bool poisoned = false;
  if (names_context) {
    const Span at = span_of(push.context);
    for (const AstId element : tree().list(literal->elements)) {
      StringId field;
      if (const auto* named = tree().try_get<ast::NamedElement>(element)) {
        field = named->name.text;
      } else if (const auto* shorthand = tree().try_get<ast::ShorthandElement>(element)) {
        field = tree().get<ast::Name>(shorthand->name).name.text;
      } else {
        report<diag::positional_push_literal>(at);
        poisoned = true;
        continue;
      }
      const AstId written = element_value(element);
      const auto index = find_field(context, field);
      if (!index) {
        no_field(context, field, at);
        check(written, Expect::of(types().poison));
        poisoned = true;
        continue;
      }
      const Operand operand = check_converted(written, types().nominal(context).fields[*index].type, {.site = at});
      poisoned = poisoned || operand.poisoned();
      inits.push_back({*index, operand.node});
    }
  } else {
    const Operand operand = check_converted(push.context, context, {.site = span_of(push.context)});
    poisoned = operand.poisoned();
    whole = operand.node;
  }
  const Operand inner = check(push.body, Expect::statement());
  if (poisoned)
    return Operand::poison(span);
  const TypeId type = leaves(inner) ? types().noreturn : types().void_;
  return make(hir::Push{body().add_inits(inits), whole, statement_node(inner)}, type, span);
}

} // namespace sx::sema
