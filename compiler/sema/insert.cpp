// `#insert` (7.4): text computed while checking becomes statements of the scope that contains it.

#include "sema/generic_state.h"
#include "sema/scopes.h"
#include "syntax/parser.h"

namespace sx::sema {
namespace {

/// Inserted text may insert again; a chain that never ends is cut here.
constexpr int max_insert_nesting = 256;
/// Upper bound of one inserted text in bytes.
constexpr std::size_t max_insert_bytes = std::size_t{8} << 20;

/// Moves every position of `tree` to `span`: reports, traces and traps of inserted code point at the `#insert` (R7.55).
struct SpanMover {
  syntax::Tree& tree;
  Span span;

  static void move(syntax::Ident& name, Span to) {
    if (name.present())
      name.span = to;
  }
  static void move(Span& at, Span to) {
    if (at.valid())
      at = to;
  }
  template <class Field> static void move(Field&, Span) {}

  void run() {
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
      const AstId id{i};
      tree.set_span(id, span);
      switch (tree.kind(id)) {
#define SX_NODE(name)                                                                                                  \
  case AstKind::name: {                                                                                                \
    [[maybe_unused]] ast::name& node = tree.get_mutable<ast::name>(id);
#define SX_FIELD(type, field) move(node.field, span);
#define SX_END(name)                                                                                                   \
  break;                                                                                                               \
  }
#include "syntax/ast.def"
      }
    }
  }
};

Span start_of(Span span) {
  return {span.file, span.begin, span.begin};
}

} // namespace

FunctionId BodyChecker::compile_time_entry(AstId node, TypeId wanted, StringId label) {
  Function made;
  made.kind = FunctionKind::Entry;
  made.name = label;
  made.symbol = std::string(text(function().name)) + ".insert";
  made.has_context = checker_.has_context();
  made.comptime_only = true;
  made.span = span_of(node);
  made.end_span = made.span;
  made.module = where_.module;
  made.type = types().function({}, wanted);
  FunctionOrigin origin;
  origin.environment = where_.environment;
  origin.site = where_;
  origin.site.locals = nullptr;
  origin.node = node;
  origin.begun = true;
  origin.deferred = true;
  const FunctionId id = checker_.add_function(std::move(made), std::move(origin));
  BodyChecker inner(checker_, id, where_, this, Boundary::Run);
  inner.run_entry(node, wanted);
  errors_ += inner.errors_;
  return program().function(id).failed ? FunctionId{} : id;
}

/// The text of an `#insert` operand; nothing if it was reported.
static std::optional<std::string> inserted_text(BodyChecker& body, AstId operand) {
  if (const auto* run = body.tree().try_get<ast::Run>(operand))
    operand = run->value;
  if (const auto* literal = body.tree().try_get<ast::StringLiteral>(operand))
    return std::string(body.text(literal->value));
  const Span span = body.span_of(operand);
  const BodyChecker::NaturalType natural = body.natural_type(operand);
  if (natural.type.valid() && !body.types().is(natural.type, TypeKind::Poison) &&
      !body.types().is(natural.type, TypeKind::Failable) && natural.type != body.types().string) {
    body.report<diag::insert_without_text>(span, "it is a '" + body.name(natural.type) + "'");
    return {};
  }
  const FunctionId entry = body.compile_time_entry(operand, body.types().string, body.strings().intern("#insert"));
  if (!entry.valid())
    return {};
  // The operand runs under the default context (R7.155), which an early constant may need before the roots are checked.
  for (const FunctionId context : std::vector(body.checker().context_entries))
    body.checker().require_body(context);
  body.checker().drain_bodies();
  body.checker().complete_named_types();
  const auto text = body.checker().evaluator.evaluate_string(entry);
  if (!text) {
    if (!text.error().reported)
      body.report<diag::insert_without_text>(span, text.error().reason);
    return {};
  }
  return *text;
}

/// Parses `text`; nothing if it was reported at the operand.
static const syntax::Tree* parse_inserted(BodyChecker& body, std::string text, Span operand, Span insert) {
  if (text.size() > max_insert_bytes) {
    body.report<diag::limit_exceeded>(operand, "the text of an '#insert' in bytes", max_insert_bytes);
    return nullptr;
  }
  Diagnostics problems;
  SourceMap& sources = body.checker().sources;
  const FileId file = sources.add("<inserted text>", std::move(text));
  std::unique_ptr<syntax::Tree> tree = syntax::parse_statements(file, sources, body.strings(), problems);
  if (problems.has_errors() || !tree) {
    const ::sx::Report* first = problems.reports().empty() ? nullptr : &problems.reports().front();
    ::sx::Report& made = body.report<diag::insert_does_not_parse>(
        start_of(operand), first ? first->message : std::string("no statements"));
    if (first && first->span.valid()) {
      const LineColumn at = sources.locate(first->span);
      made.note("line " + std::to_string(at.line) +
                " of the text: " + std::string(sources.file(file).line_text(at.line)));
    }
    return nullptr;
  }
  SpanMover{*tree, insert}.run();
  auto& kept = body.checker().generics().inserted;
  kept.push_back(std::move(tree));
  return kept.back().get();
}

void BodyChecker::insert_statement(const ast::Insert& insert, Span span, std::vector<hir::NodeId>& out,
                                   bool& diverges) {
  int& nesting = checker().generics().insert_depth;
  if (nesting >= max_insert_nesting) {
    report<diag::limit_exceeded>(span, "the nesting of '#insert'", max_insert_nesting);
    return;
  }
  const Span operand = span_of(insert.value);
  std::optional<std::string> text = inserted_text(*this, insert.value);
  if (!text)
    return;
  const syntax::Tree* inserted = parse_inserted(*this, std::move(*text), operand, span);
  if (!inserted)
    return;
  const Scoped deeper(nesting, nesting + 1);
  Site inside = where_;
  inside.tree = inserted;
  const Scoped at(where_, inside);
  const auto& block = inserted->get<ast::Block>(inserted->root());
  for (const AstId statement : inserted->list(block.statements)) {
    if (diverges)
      return;
    check_statement(statement, out, diverges);
  }
}

} // namespace sx::sema
