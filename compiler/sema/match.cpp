// Matches over values and types (section 3.15).

#include "sema/scopes.h"

#include <algorithm>
#include <set>

namespace sx::sema {

namespace {

struct CategoryWord {
  std::string_view word;
  std::array<Category, 2> categories;
  bool single; ///< stands for one type and may bind it
};

constexpr CategoryWord category_words[] = {
    {"int", {Category::Int, Category::Int}, false},
    {"float", {Category::Float, Category::Float}, false},
    {"bool", {Category::Bool, Category::Bool}, true},
    {"string", {Category::String, Category::String}, true},
    {"void", {Category::Void, Category::Void}, true},
    {"type", {Category::Type, Category::Type}, true},
    {"struct", {Category::Struct, Category::Struct}, false},
    {"enum", {Category::Enum, Category::TaggedUnion}, false},
    {"union", {Category::Union, Category::TaggedUnion}, false},
    {"slice", {Category::Slice, Category::Slice}, false},
    {"array", {Category::Array, Category::Array}, false},
    {"vector", {Category::Vector, Category::Vector}, false},
    {"optional", {Category::Optional, Category::Optional}, false},
    {"closure", {Category::Closure, Category::Closure}, false},
    {"error_set", {Category::ErrorSet, Category::ErrorSet}, false},
    {"pointer", {Category::Pointer, Category::Pointer}, false},
};

const CategoryWord* find_category(std::string_view word) {
  for (const CategoryWord& entry : category_words)
    if (entry.word == word)
      return &entry;
  return nullptr;
}

bool is_matchable_pointee(TypeKind kind) {
  return kind == TypeKind::Enum || kind == TypeKind::TaggedUnion || kind == TypeKind::Bool || kind == TypeKind::Int ||
         kind == TypeKind::USize || kind == TypeKind::ISize;
}

} // namespace

/// One arm of a match after its pattern was understood.
struct BodyChecker::MatchArm : Arm {
  Span pattern_span;
  bool is_else = false;
  bool empty = false;               ///< `break;`
  bool failed = false;              ///< pattern reported
  std::vector<std::uint64_t> words; ///< value patterns
  TypeId type;                      ///< type pattern
  std::vector<Category> categories; ///< category pattern
  syntax::Ident capture;
  TypeId capture_type;
  std::optional<std::uint32_t> variant; ///< payload bound by the capture
};

Operand BodyChecker::check_match(const ast::Match& match, AstId node, Expect expect) {
  if (match.is_inline)
    if (std::optional<Operand> selected = check_inline_match(match, node, expect))
      return *selected;
  const Span subject_span = span_of(match.subject);
  Operand subject = read_through_reference(check(match.subject, Expect::none()));
  const StringId subject_name = type_of_subject(match.subject);
  if (subject.kind != Operand::Kind::Place)
    subject = to_value(std::move(subject));
  return match_on(match, node, std::move(subject), subject_span, expect, subject_name);
}

/// `v` in a match on `type_of(v)`: `xx v` inside a category arm reads by category (R3.15.28).
StringId BodyChecker::type_of_subject(AstId subject) {
  if (const auto* name = tree().try_get<ast::Name>(subject))
    return name->name.text;
  const auto* call = tree().try_get<ast::Call>(subject);
  if (call == nullptr || call->args.count != 1)
    return {};
  const auto* callee = tree().try_get<ast::Name>(call->callee);
  if (callee == nullptr || text(callee->name.text) != "type_of")
    return {};
  const auto* argument = tree().try_get<ast::Name>(tree().list(call->args)[0]);
  return argument == nullptr ? StringId() : argument->name.text;
}

Operand BodyChecker::match_on(const ast::Match& match, AstId node, Operand subject, Span subject_span, Expect expect,
                              StringId subject_name) {
  const Span span = span_of(node);
  if (subject.poisoned())
    return Operand::poison(span);
  subject.narrowed = false;
  if (types().is(subject.type, TypeKind::Pointer) && is_matchable_pointee(types().kind(types()[subject.type].element)))
    subject = to_value(deref(to_value(subject), subject_span));
  const TypeKind kind = types().kind(subject.type);
  const bool by_type = kind == TypeKind::Type || kind == TypeKind::Any || kind == TypeKind::Protocol;
  const bool pointer_to_union = kind == TypeKind::Pointer && types().is(types()[subject.type].element, TypeKind::Union);
  if (kind == TypeKind::Poison)
    return Operand::poison(span);
  if (kind == TypeKind::Union || pointer_to_union) {
    const TypeId type = kind == TypeKind::Union ? subject.type : types()[subject.type].element;
    report<diag::match_on_untagged_union>(subject_span, name(type)).help("use an enum with payloads");
    return Operand::poison(span);
  }
  if (!by_type && !is_matchable_pointee(kind) && kind != TypeKind::Optional && kind != TypeKind::ErrorSet) {
    report<diag::match_on_unsupported_type>(subject_span, name(subject.type));
    return Operand::poison(span);
  }

  std::vector<hir::NodeId> before;
  subject = to_value(subject);
  if (subject.poisoned())
    return Operand::poison(span);
  const hir::LocalId once = spill(subject, before);
  std::vector<MatchArm> arms = by_type ? type_arms(match, subject.type) : value_arms(match, subject.type);
  if (match.else_body.valid()) {
    MatchArm arm;
    arm.node = match.else_body;
    arm.span = span_of(match.else_body);
    arm.statements = true;
    arm.is_else = true;
    if (match.else_capture) {
      if (by_type)
        report<diag::else_arm_binds>(subject_span);
      else
        report<diag::nothing_to_bind>(arm.span, name(subject.type));
    }
    arms.push_back(std::move(arm));
  }

  const bool has_else = match.else_body.valid();
  const bool exhaustive = has_else || (!by_type && covers_all(subject.type, arms));
  if (expect.wants_value && !exhaustive && (kind == TypeKind::Optional || kind == TypeKind::ErrorSet)) {
    bool failed = false;
    for (const MatchArm& arm : arms)
      failed = failed || arm.failed;
    if (!failed) {
      report<diag::match_leaves_cases_open>(subject_span, first_open_case(subject.type, arms));
      return Operand::poison(span);
    }
  }

  // Types of the arms first (R3.15.19), then every arm with the joined type.
  TypeId type = types().void_;
  if (expect.wants_value) {
    for (MatchArm& arm : arms) {
      const Scope scope(*this);
      const CategoryScope category(*this, subject_name, arm.categories);
      if (arm.capture.present())
        declare_local(arm.capture, arm.failed ? types().poison : arm.capture_type, Access::Capture);
      arm.natural = arm.empty ? NaturalType{.no_value = true} : natural_type(arm.node, arm.statements);
      arm.skipped = arm.failed || (by_type && arm.natural.no_value);
    }
    std::vector<Arm> joined(arms.begin(), arms.end());
    type = join_arms(joined, expect.type, true, subject_span);
    for (std::size_t i = 0; i < arms.size(); ++i)
      arms[i].rejected = joined[i].rejected;
    if (types().is(type, TypeKind::NoReturn) && !exhaustive)
      type = expect.type.valid() ? expect.type : types().void_;
    if (expect.typing_only)
      return typed_only(type, span);
  }

  bool poisoned = expect.wants_value && types().is(type, TypeKind::Poison);
  bool all_leave = !arms.empty();
  std::vector<hir::NodeId> bodies;
  for (MatchArm& arm : arms) {
    const Scope scope(*this);
    const CategoryScope category(*this, subject_name, arm.categories);
    std::vector<hir::NodeId> binding;
    if (arm.capture.present()) {
      const hir::LocalId local =
          declare_local(arm.capture, arm.failed ? types().poison : arm.capture_type, Access::Capture);
      if (!arm.failed)
        binding.push_back(let(local, capture_value(arm, once, subject.type), arm.capture.span));
    }
    Operand result = check_match_arm(arm, type, expect, by_type);
    poisoned = poisoned || (expect.wants_value && result.poisoned()) || arm.failed;
    all_leave = all_leave && leaves(result);
    if (result.poisoned()) {
      bodies.push_back(emit(hir::Poison{}, types().poison, arm.span));
      continue;
    }
    if (!expect.wants_value) {
      const TypeId arm_type = leaves(result) ? types().noreturn : types().void_;
      binding.push_back(statement_node(result));
      bodies.push_back(block(binding, {}, arm_type, arm.span));
    } else {
      bodies.push_back(block(binding, result.node, result.type, arm.span));
    }
  }
  if (poisoned)
    return Operand::poison(span);
  const TypeId result_type = all_leave && exhaustive ? types().noreturn : type;
  const hir::NodeId result = by_type ? type_match_node(arms, bodies, once, subject.type, result_type, span)
                                     : switch_node(arms, bodies, once, subject.type, result_type, exhaustive, span);
  return sequence(before, value(result, result_type, span), span);
}

Operand BodyChecker::check_match_arm(const MatchArm& arm, TypeId type, Expect expect, bool by_type) {
  if (arm.failed && !arm.node.valid())
    return Operand::poison(arm.span);
  if (!expect.wants_value) {
    if (arm.empty)
      return void_value(arm.span);
    return arm.statements ? check_statements(tree().list(tree().get<ast::Block>(arm.node).statements), arm.span,
                                             Expect::statement(), true)
                          : check(arm.node, Expect::statement());
  }
  if (by_type && arm.natural.no_value && !types().is(type, TypeKind::NoReturn)) {
    // A valueless arm of a type match yields the zero value (R3.15.21).
    std::vector<hir::NodeId> statements;
    if (!arm.empty) {
      const Operand run = arm.statements ? check_statements(tree().list(tree().get<ast::Block>(arm.node).statements),
                                                            arm.span, Expect::statement(), true)
                                         : check(arm.node, Expect::statement());
      statements.push_back(statement_node(run));
    }
    return value(block(statements, emit(hir::Zero{}, type, arm.span), type, arm.span), type, arm.span);
  }
  if (arm.empty) {
    report<diag::arm_without_value>(arm.span);
    return Operand::poison(arm.span);
  }
  return check_arm_value(arm, type);
}

hir::NodeId BodyChecker::capture_value(const MatchArm& arm, hir::LocalId subject, TypeId type) {
  const Span span = arm.capture.span;
  const hir::NodeId whole = emit(hir::Local{subject}, type, span);
  switch (types().kind(type)) {
  case TypeKind::Optional:
    return emit(hir::OptionalPayload{emit(hir::Load{whole}, type, span)}, arm.capture_type, span);
  case TypeKind::Any:
  case TypeKind::Protocol: {
    if (types().layout(arm.capture_type).size == 0)
      return emit(hir::Zero{}, arm.capture_type, span);
    return emit(hir::Load{erased_data(whole, arm.capture_type, span)}, arm.capture_type, span);
  }
  default:
    return emit(hir::Load{emit(hir::Payload{whole, *arm.variant}, arm.capture_type, span)}, arm.capture_type, span);
  }
}

/// The place of a `type` behind an `any` or protocol place.
hir::NodeId BodyChecker::erased_data(hir::NodeId erased, TypeId type, Span span) {
  const hir::NodeId any = as_any_place(erased, span);
  const hir::NodeId data =
      emit(hir::Load{emit(hir::Field{any, 0}, types().void_pointer, span)}, types().void_pointer, span);
  const TypeId pointer = types().pointer(type);
  return emit(hir::Deref{emit(hir::Convert{hir::ConvertOp::PointerCast, data}, pointer, span)}, type, span);
}

hir::NodeId BodyChecker::as_any_place(hir::NodeId erased, Span span) {
  if (body().type(erased) == types().any)
    return erased;
  return emit(hir::Reinterpret{erased}, types().any, span);
}

/// The type word held by an `any`, protocol or Type place.
hir::NodeId BodyChecker::type_word(hir::NodeId place_node, Span span) {
  const TypeId type = body().type(place_node);
  if (types().is(type, TypeKind::Type))
    return emit(hir::Load{place_node}, type, span);
  const hir::NodeId field = emit(hir::Field{as_any_place(place_node, span), 1}, types().type, span);
  return emit(hir::Load{field}, types().type, span);
}

hir::NodeId BodyChecker::type_match_node(std::span<const MatchArm> arms, std::span<const hir::NodeId> bodies,
                                         hir::LocalId subject, TypeId subject_type, TypeId type, Span span) {
  const TypeId word_type = types().type;
  const hir::LocalId tag = temporary(word_type, span);
  const hir::NodeId first = let(tag, type_word(emit(hir::Local{subject}, subject_type, span), span), span);
  hir::NodeId chain;
  if (!types().is(type, TypeKind::Void) && !types().is(type, TypeKind::NoReturn))
    chain = emit(hir::Zero{}, type, span);
  else
    chain = block({}, {}, types().void_, span);
  for (std::size_t i = arms.size(); i-- > 0;) {
    const MatchArm& arm = arms[i];
    if (arm.is_else) {
      chain = bodies[i];
      continue;
    }
    hir::NodeId condition;
    const auto also = [&](hir::NodeId test) {
      condition = condition.valid() ? emit(hir::LogicalOr{condition, test}, types().bool_, span) : test;
    };
    if (arm.type.valid())
      also(emit(
          hir::Compare{hir::CompareOp::Equal, local_value(tag, span), emit(hir::TypeConst{arm.type}, word_type, span)},
          types().bool_, span));
    for (const Category category : arm.categories) {
      const std::array args{local_value(tag, span)};
      const hir::NodeId kind =
          emit(hir::CallIntrinsic{hir::Intrinsic::TypeCategory, {}, 0, body().add_list(args)}, types().i64, span);
      also(
          emit(hir::Compare{hir::CompareOp::Equal, kind, word(static_cast<std::uint64_t>(category), types().i64, span)},
               types().bool_, span));
    }
    chain = emit(hir::If{condition, bodies[i], chain}, type, span);
  }
  return emit(hir::Sequence{body().add_list(std::array{first}), chain}, type, span);
}

hir::NodeId BodyChecker::switch_node(std::span<const MatchArm> arms, std::span<const hir::NodeId> bodies,
                                     hir::LocalId subject, TypeId subject_type, TypeId type, bool exhaustive,
                                     Span span) {
  hir::NodeId scalar = local_value(subject, span);
  if (types().is(subject_type, TypeKind::TaggedUnion))
    scalar = emit(hir::VariantTag{scalar}, types().union_layout(subject_type).tag, span);
  else if (types().is(subject_type, TypeKind::Optional))
    scalar = emit(hir::OptionalHas{scalar}, types().bool_, span);
  std::vector<hir::NodeId> cases;
  hir::NodeId else_arm;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].is_else) {
      else_arm = bodies[i];
      continue;
    }
    std::vector<std::uint32_t> words;
    for (const std::uint64_t pattern : arms[i].words) {
      words.push_back(static_cast<std::uint32_t>(pattern));
      words.push_back(static_cast<std::uint32_t>(pattern >> 32));
    }
    cases.push_back(emit(hir::SwitchCase{body().add_words(words), bodies[i]}, body().type(bodies[i]), arms[i].span));
  }
  // An enum value may equal no variant; a match that only leaves must not fall through then.
  if (!else_arm.valid() && exhaustive && types().is(type, TypeKind::NoReturn))
    else_arm = trap(hir::TrapKind::Unreachable, "", span);
  return emit(hir::Switch{scalar, body().add_list(cases), else_arm}, type, span);
}

// ---- patterns -----------------------------------------------------------------------------------------

void BodyChecker::arm_body(const ast::Case& arm, AstId node, MatchArm& out) {
  out.empty = arm.form == syntax::CaseForm::Empty;
  out.statements = arm.form == syntax::CaseForm::Statements;
  out.node = arm.body;
  out.capture = arm.capture;
  out.pattern_span = span_of(arm.pattern);
  out.span = arm.body.valid() ? span_of(arm.body) : span_of(node);
  if (out.empty) {
    const std::string_view written = checker_.sources.text(span_of(node));
    if (const std::size_t at = written.rfind("break"); at != std::string_view::npos)
      out.span.begin += static_cast<std::uint32_t>(at);
  }
}

std::vector<BodyChecker::MatchArm> BodyChecker::value_arms(const ast::Match& match, TypeId type) {
  std::vector<MatchArm> arms;
  std::set<std::uint64_t> seen;
  for (const AstId item : tree().list(match.cases)) {
    const auto& arm = tree().get<ast::Case>(item);
    MatchArm out;
    arm_body(arm, item, out);
    out.failed = !value_pattern(arm.pattern, type, out);
    if (!out.failed)
      for (const std::uint64_t word : out.words)
        if (!seen.insert(word).second) {
          report<diag::unreachable_arm>(out.pattern_span);
          out.failed = true;
        }
    if (!out.failed && arm.capture.present() && !out.capture_type.valid()) {
      report<diag::nothing_to_bind>(out.pattern_span, name(type));
      out.failed = true;
    }
    arms.push_back(std::move(out));
  }
  return arms;
}

/// The name after the dot of a `.v` or `E.v` pattern; nothing for other patterns.
std::optional<StringId> BodyChecker::variant_pattern(AstId pattern, TypeId type) {
  if (const auto* dot = tree().try_get<ast::DotName>(pattern))
    return dot->name.text;
  if (const auto* member = tree().try_get<ast::Member>(pattern))
    if (denoted_type(member->base) == type)
      return member->name.text;
  return {};
}

bool BodyChecker::value_pattern(AstId pattern, TypeId type, MatchArm& out) {
  const Span span = span_of(pattern);
  const auto unknown = [&] {
    report<diag::unknown_variant_in_pattern>(span, name(type), pattern_text(pattern));
    return false;
  };
  const TypeKind kind = types().kind(type);
  if (kind == TypeKind::Enum || kind == TypeKind::TaggedUnion) {
    const std::optional<StringId> variant_name = variant_pattern(pattern, type);
    const auto variant = variant_name ? find_variant(type, *variant_name) : std::nullopt;
    if (!variant)
      return unknown();
    const VariantInfo& info = types().nominal(type).variants[*variant];
    const TypeId tag = kind == TypeKind::Enum ? types().nominal(type).backing : types().union_layout(type).tag;
    out.words = {wrap_pattern(info.value, tag.valid() ? tag : types().i64)};
    out.variant = variant;
    if (kind == TypeKind::TaggedUnion && !types().is(info.payload, TypeKind::Void))
      out.capture_type = info.payload;
    return true;
  }
  if (kind == TypeKind::ErrorSet) {
    const auto* dot = tree().try_get<ast::DotName>(pattern);
    const Nominal& set = types().nominal(type);
    if (dot == nullptr)
      return unknown();
    if (!set.inferred_set && std::find(set.tags.begin(), set.tags.end(), dot->name.text) == set.tags.end())
      return unknown();
    out.words = {checker_.error_tag(dot->name.text)};
    return true;
  }
  if (kind == TypeKind::Optional) {
    const auto* dot = tree().try_get<ast::DotName>(pattern);
    const std::string_view state = dot == nullptr ? "" : text(dot->name.text);
    if (state != "some" && state != "none")
      return unknown();
    out.words = {state == "some"};
    if (state == "some")
      out.capture_type = types()[type].element;
    return true;
  }
  if (kind == TypeKind::Bool) {
    const auto* literal = tree().try_get<ast::BoolLiteral>(pattern);
    if (literal == nullptr)
      return unknown();
    out.words = {literal->value};
    return true;
  }
  bool reported = false;
  return integer_pattern(pattern, type, out, reported) || (!reported && unknown());
}

bool BodyChecker::integer_pattern(AstId pattern, TypeId type, MatchArm& out, bool& reported) {
  bool negative = false;
  AstId literal = pattern;
  if (const auto* unary = tree().try_get<ast::Unary>(pattern);
      unary != nullptr && unary->op == syntax::UnaryOp::Negate) {
    negative = true;
    literal = unary->operand;
    if (!types().is_signed(type))
      return false;
  }
  const auto* number = tree().try_get<ast::IntLiteral>(literal);
  const auto* character = tree().try_get<ast::CharLiteral>(literal);
  if (number == nullptr && character == nullptr)
    return false;
  const std::uint64_t magnitude = number != nullptr ? number->value : character->value;
  const Operand checked =
      check_int_literal(magnitude, negative, character != nullptr, span_of(pattern), Expect::of(type));
  if (checked.poisoned()) {
    reported = true;
    return false;
  }
  out.words = {wrap_pattern(negative ? -static_cast<__int128>(magnitude) : static_cast<__int128>(magnitude), type)};
  return true;
}

std::string BodyChecker::pattern_text(AstId pattern) {
  if (const auto* dot = tree().try_get<ast::DotName>(pattern))
    return std::string(text(dot->name.text));
  if (const auto* member = tree().try_get<ast::Member>(pattern))
    return std::string(text(member->name.text));
  return std::string(checker_.sources.text(span_of(pattern)));
}

bool BodyChecker::covers_all(TypeId type, std::span<const MatchArm> arms) {
  std::set<std::uint64_t> seen;
  for (const MatchArm& arm : arms)
    seen.insert(arm.words.begin(), arm.words.end());
  switch (types().kind(type)) {
  case TypeKind::Bool:
  case TypeKind::Optional: return seen.size() == 2;
  case TypeKind::Enum:
  case TypeKind::TaggedUnion: {
    const TypeId tag =
        types().is(type, TypeKind::Enum) ? types().nominal(type).backing : types().union_layout(type).tag;
    for (const VariantInfo& variant : types().nominal(type).variants)
      if (!seen.contains(wrap_pattern(variant.value, tag.valid() ? tag : types().i64)))
        return false;
    return !types().nominal(type).is_flags;
  }
  case TypeKind::ErrorSet: {
    const Nominal& set = types().nominal(type);
    return !set.inferred_set && std::all_of(set.tags.begin(), set.tags.end(),
                                            [&](StringId tag) { return seen.contains(checker_.error_tag(tag)); });
  }
  default: return false;
  }
}

std::string BodyChecker::first_open_case(TypeId type, std::span<const MatchArm> arms) {
  std::set<std::uint64_t> seen;
  for (const MatchArm& arm : arms)
    seen.insert(arm.words.begin(), arm.words.end());
  if (types().is(type, TypeKind::Optional))
    return seen.contains(1) ? "'.none'" : "'.some'";
  for (const StringId tag : types().nominal(type).tags)
    if (!seen.contains(checker_.error_tag(tag)))
      return "'." + std::string(text(tag)) + "'";
  return "other errors";
}

std::vector<BodyChecker::MatchArm> BodyChecker::type_arms(const ast::Match& match, TypeId subject) {
  std::vector<MatchArm> arms;
  std::set<TypeId> seen_types;
  std::set<Category> seen_categories;
  for (const AstId item : tree().list(match.cases)) {
    const auto& arm = tree().get<ast::Case>(item);
    MatchArm out;
    arm_body(arm, item, out);
    const auto* word = tree().try_get<ast::Name>(arm.pattern);
    const CategoryWord* category = word != nullptr && !word->name.raw ? find_category(text(word->name.text)) : nullptr;
    const bool is_protocol_word = word != nullptr && !word->name.raw && text(word->name.text) == "protocol";
    bool reachable = false;
    if (is_protocol_word) {
      report<diag::run_time_case_protocol>(out.pattern_span).help("use 'inline if' on a type parameter");
      out.failed = true;
    } else if (category != nullptr) {
      for (const Category each : category->categories) {
        if (std::find(out.categories.begin(), out.categories.end(), each) == out.categories.end())
          out.categories.push_back(each);
        reachable = seen_categories.insert(each).second || reachable;
      }
      if (category->single && out.categories[0] == Category::Bool)
        out.type = types().bool_;
      if (category->single && out.categories[0] == Category::String)
        out.type = types().string;
      if (category->single && out.categories[0] == Category::Void)
        out.type = types().void_;
      if (category->single && out.categories[0] == Category::Type)
        out.type = types().type;
      if (out.type.valid()) {
        reachable = seen_types.insert(out.type).second && reachable;
        out.categories.clear();
      }
    } else {
      out.failed = !type_pattern(arm.pattern, out);
      if (!out.failed)
        reachable = seen_types.insert(out.type).second && !seen_categories.contains(sema::category(types(), out.type));
    }
    if (!out.failed && !reachable) {
      report<diag::unreachable_arm>(out.pattern_span).help("put a type before the category it belongs to");
      out.failed = true;
    }
    if (!out.failed && arm.capture.present()) {
      if (!out.type.valid() || (category != nullptr && out.type == types().type)) {
        report<diag::category_arm_binds>(
            cover(Span{span_of(item).file, span_of(item).begin, span_of(item).begin}, out.pattern_span));
        out.failed = true;
      } else if (types().is(subject, TypeKind::Type)) {
        report<diag::nothing_to_bind>(out.pattern_span, name(subject));
        out.failed = true;
      } else {
        out.capture_type = out.type;
      }
    }
    arms.push_back(std::move(out));
  }
  return arms;
}

bool BodyChecker::type_pattern(AstId pattern, MatchArm& out) {
  const Span span = span_of(pattern);
  switch (tree().kind(pattern)) {
  case AstKind::IntLiteral:
  case AstKind::CharLiteral:
  case AstKind::FloatLiteral:
  case AstKind::BoolLiteral:
  case AstKind::StringLiteral:
  case AstKind::NullLiteral:
  case AstKind::DotName:
  case AstKind::Unary:
  case AstKind::ErrorLiteral: report<diag::value_pattern_in_type_match>(span); return false;
  default: break;
  }
  if (is_value_name(pattern)) {
    report<diag::value_pattern_in_type_match>(span);
    return false;
  }
  out.type = resolve_type(pattern);
  return out.type.valid() && !types().is(out.type, TypeKind::Poison);
}

} // namespace sx::sema
