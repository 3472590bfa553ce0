// Dispatch over syntax kinds; operands as values and places; types of expressions without target.

#include "sema/scopes.h"

namespace sx::sema {

void BodyChecker::report_depth(Span span) {
  report<diag::limit_exceeded>(span, "the nesting of a program", max_depth);
}

Operand BodyChecker::check(AstId node, Expect expect) {
  if (!node.valid())
    return Operand::poison({});
  const DepthGuard depth(*this);
  if (depth.exceeded()) {
    report_depth(span_of(node));
    return Operand::poison(span_of(node));
  }
  Operand operand = check_kind(node, expect);
  if (!operand.span.valid())
    operand.span = span_of(node);
  if (operand.is_failable_call && !expect.accepts_failable)
    return settle_failable(std::move(operand), expect);
  return operand;
}

Operand BodyChecker::check_kind(AstId node, Expect expect) {
  const syntax::Tree& t = tree();
  const Span span = t.span(node);
  switch (t.kind(node)) {
  case AstKind::IntLiteral: return check_int_literal(t.get<ast::IntLiteral>(node).value, false, false, span, expect);
  case AstKind::CharLiteral: return check_int_literal(t.get<ast::CharLiteral>(node).value, false, true, span, expect);
  case AstKind::FloatLiteral: return check_float_literal(t.get<ast::FloatLiteral>(node).value, span, expect);
  case AstKind::StringLiteral: return check_string_literal(t.get<ast::StringLiteral>(node), span, expect);
  case AstKind::BoolLiteral: {
    const bool truth = t.get<ast::BoolLiteral>(node).value;
    Operand operand = make(hir::IntConst{truth}, types().bool_, span);
    operand.constant = Folded::of_bool(truth);
    return operand;
  }
  case AstKind::NullLiteral: return check_null(span, expect);
  case AstKind::UndefinedLiteral: return check_undefined(span, expect);
  case AstKind::ErrorLiteral: return check_error_literal(t.get<ast::ErrorLiteral>(node), span, expect);
  case AstKind::Name: return name_operand(t.get<ast::Name>(node).name, span, Use::Value);
  case AstKind::DotName: return check_dot_name(t.get<ast::DotName>(node), node, expect);
  case AstKind::PackName: return check_pack_name(t.get<ast::PackName>(node), span);
  case AstKind::PackElement: return check_pack_element(t.get<ast::PackElement>(node), span);
  case AstKind::Unary: return check_unary(t.get<ast::Unary>(node), node, expect);
  case AstKind::Binary: return check_binary(t.get<ast::Binary>(node), node, expect);
  case AstKind::CompareChain: return check_compare_chain(t.get<ast::CompareChain>(node), node);
  case AstKind::Paren: return check(t.get<ast::Paren>(node).inner, expect);
  case AstKind::Call: return check_call(t.get<ast::Call>(node), node, expect);
  case AstKind::Cast: return check_cast(t.get<ast::Cast>(node), node, expect);
  case AstKind::StructLiteral: return check_struct_literal(t.get<ast::StructLiteral>(node), node, expect);
  case AstKind::ArrayLiteral: return check_array_literal(t.get<ast::ArrayLiteral>(node), node, expect);
  case AstKind::Deref: return check_deref(t.get<ast::Deref>(node), node);
  case AstKind::Member: return check_member(t.get<ast::Member>(node), node, expect);
  case AstKind::MemberIndex: return check_member_index(t.get<ast::MemberIndex>(node), node);
  case AstKind::OptionalMember:
  case AstKind::OptionalMemberIndex: return check_optional_member(node, expect);
  case AstKind::Index: return check_index(t.get<ast::Index>(node), node);
  case AstKind::SliceExpr: return check_slice(t.get<ast::SliceExpr>(node), node);
  case AstKind::ForceUnwrap: return check_force_unwrap(t.get<ast::ForceUnwrap>(node), node);
  case AstKind::Catch: return check_catch(t.get<ast::Catch>(node), node, expect);
  case AstKind::Block: return check_block(node, expect);
  case AstKind::If: return check_if(t.get<ast::If>(node), node, expect);
  case AstKind::Match: return check_match(t.get<ast::Match>(node), node, expect);
  case AstKind::While: return check_while(t.get<ast::While>(node), node, expect);
  case AstKind::For: return check_for(t.get<ast::For>(node), node, expect);
  case AstKind::Push: return check_push(t.get<ast::Push>(node), node, expect);
  case AstKind::Break:
  case AstKind::Continue: return check_jump(t.kind(node), span);
  case AstKind::Return: return check_return(t.get<ast::Return>(node), node);
  case AstKind::Lambda: return check_lambda(t.get<ast::Lambda>(node), node, expect);
  case AstKind::Run: return check_run(t.get<ast::Run>(node), node, expect, {});
  case AstKind::CallerLocation:
    return caller_location(span, call_location_.valid() ? call_location_ : span, expect.type);
  case AstKind::Asm: return check_asm(t.get<ast::Asm>(node), span);
  case AstKind::ExprStatement: return check(t.get<ast::ExprStatement>(node).value, expect);
  case AstKind::OptionalType:
  case AstKind::PointerType:
  case AstKind::ManyPointerType:
  case AstKind::SliceType:
  case AstKind::SentinelSliceType:
  case AstKind::ArrayType:
  case AstKind::VoidType:
  case AstKind::TypeIntro:
  case AstKind::TypeApply:
  case AstKind::FunctionType:
  case AstKind::TupleType:
  case AstKind::ClosureType:
  case AstKind::StructType:
  case AstKind::EnumType:
  case AstKind::UnionType:
  case AstKind::ErrorSet: return type_operand(resolve_type(node), span);
  default: report<diag::nothing_used_as_value>(span); return Operand::poison(span);
  }
}

Operand BodyChecker::check_value(AstId node, Expect expect) {
  return to_value(check(node, expect), expect);
}

Operand BodyChecker::check_converted(AstId node, TypeId target, const ConversionSite& site) {
  if (!target.valid() || types().is(target, TypeKind::Poison)) {
    check_value(node, Expect::of(types().poison));
    return Operand::poison(span_of(node));
  }
  Expect expect = Expect::of(target);
  expect.site = &site;
  expect.accepts_undefined = true;
  const Operand operand = check(node, expect);
  if (!operand.poisoned() && operand.is_value() && is_void(operand) && !types().is(target, TypeKind::Void)) {
    report<diag::nothing_used_as_value>(operand.span);
    return Operand::poison(operand.span);
  }
  return convert(operand, target, site);
}

Operand BodyChecker::to_value(Operand operand, Expect expect) {
  switch (operand.kind) {
  case Operand::Kind::Poison: return operand;
  case Operand::Kind::Value:
    if (operand.is_failable_call && !expect.accepts_failable)
      return settle_failable(std::move(operand), expect);
    return operand;
  case Operand::Kind::Place: {
    const hir::NodeId place_node = operand.node;
    if (operand.access == Access::Reference && operand.local.valid()) {
      // The reference itself: a plain pointer value (R4.112).
    }
    operand.node = emit(hir::Load{place_node}, operand.type, operand.span);
    operand.kind = Operand::Kind::Value;
    return operand;
  }
  case Operand::Kind::Property: return read_property(operand);
  case Operand::Kind::Type:
    if (!operand.denoted.valid()) {
      report<diag::alias_leads_nowhere>(operand.span, text(operand.name));
      return Operand::poison(operand.span);
    }
    return make(hir::TypeConst{operand.denoted}, types().type, operand.span);
  case Operand::Kind::Function:
    if (expect.type.valid() && types().is(expect.type, TypeKind::Type))
      return convert_function(operand, expect.type, {.site = operand.span});
    return function_value(operand);
  case Operand::Kind::Namespace: report<diag::constant_unusable>(operand.span, text(operand.name)); break;
  case Operand::Kind::Pack: {
    Report& made = report<diag::pack_as_value>(operand.span, text(operand.name));
    made.help("make a tuple of it, or a slice with 'xx " + std::string(text(operand.name)) + "'");
    break;
  }
  case Operand::Kind::Intrinsic: report<diag::constant_unusable>(operand.span, text(operand.name)); break;
  }
  return Operand::poison(operand.span);
}

Operand BodyChecker::to_place(Operand operand) {
  if (operand.is_place())
    return operand;
  operand = to_value(std::move(operand));
  if (operand.poisoned())
    return operand;
  if (types().is(operand.type, TypeKind::NoReturn)) {
    report<diag::nothing_used_as_value>(operand.span);
    return Operand::poison(operand.span);
  }
  Operand slot = place(emit(hir::Materialize{operand.node}, operand.type, operand.span), operand.type, operand.span,
                       operand.access == Access::InlinePayload ? Access::InlinePayload : Access::Temporary);
  slot.name = operand.name;
  return slot;
}

BodyChecker::NaturalType BodyChecker::natural_type(AstId node, bool arm) {
  const std::pair key{&tree(), (static_cast<std::uint64_t>(node.value) << 1) | arm};
  if (const auto known = natural_types_.find(key); known != natural_types_.end())
    return known->second;
  NaturalType result;
  result.type = types().poison;
  {
    const Tentative tentative(*this);
    Expect expect = Expect::none();
    expect.typing_only = true;
    expect.accepts_failable = true;
    expect.no_value_is_fine = true;
    Operand operand =
        arm ? check_statements(tree().list(tree().get<ast::Block>(node).statements), span_of(node), expect, true)
            : check(node, expect);
    result.context_typed = operand.context_typed || tree().is(node, AstKind::DotName);
    if (operand.is_failable_call) {
      result.is_failable = true;
      result.type = operand.type;
    } else if (!operand.poisoned()) {
      if (operand.is_value_or_place() && operand.narrowed)
        operand.narrowed = false;
      operand = to_value(std::move(operand));
      if (!operand.poisoned()) {
        result.type = operand.is_null ? types().null : operand.type;
        result.diverges = leaves(operand);
        result.no_value = is_void(operand);
      }
    }
  }
  natural_types_.emplace(key, result);
  return result;
}

} // namespace sx::sema
