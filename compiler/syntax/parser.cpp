#include "syntax/lexer.h"
#include "syntax/parser_impl.h"

#include <algorithm>

namespace sx::syntax {

Parser::Parser(FileId file, const SourceMap& sources, Interner& strings, Diagnostics& diagnostics)
    : file_(file), text_(sources.file(file).text()), strings_(strings), diagnostics_(diagnostics),
      tree_(std::make_unique<Tree>()) {}

template <class Body> std::unique_ptr<Tree> Parser::guarded(Body&& body) {
  tokens_ = lex(text_, strings_);
  try {
    tree_->set_root(body());
  } catch (const Stop&) {
    // Reported; the caller sees it in the diagnostics.
  }
  return std::move(tree_);
}

std::unique_ptr<Tree> Parser::run_file() {
  if (text_.size() > SourceMap::max_file_bytes) {
    diagnostics_.report<diag::source_too_large>({file_, 0, 0}, SourceMap::max_file_bytes);
    return std::move(tree_);
  }
  return guarded([&] { return parse_file_items(); });
}

std::unique_ptr<Tree> Parser::run_statements() {
  statements_only_ = true;
  return guarded([&] {
    std::vector<NodeId> statements;
    while (!at_eof())
      statements.push_back(parse_statement());
    return add_at({file_, 0, static_cast<Offset>(text_.size())}, ast::Block{list(statements)});
  });
}

std::unique_ptr<Tree> parse_file(FileId file, const SourceMap& sources, Interner& strings, Diagnostics& diagnostics) {
  return Parser(file, sources, strings, diagnostics).run_file();
}

std::unique_ptr<Tree> parse_statements(FileId file, const SourceMap& sources, Interner& strings,
                                       Diagnostics& diagnostics) {
  return Parser(file, sources, strings, diagnostics).run_statements();
}

// ---- tokens -----------------------------------------------------------------------------------------

bool Parser::accept(TokenKind k) {
  if (!at(k))
    return false;
  advance();
  return true;
}

void Parser::expect(TokenKind k) {
  if (!accept(k))
    fail_expected("'" + std::string(spelling(k)) + "'");
}

Span Parser::token_span(TokenIndex i) const {
  return {file_, tokens_.begins[i], tokens_.ends[i]};
}

std::string Parser::token_text() const {
  constexpr std::size_t longest = 40;
  const std::string_view whole = source(span());
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
  const auto first_odd = std::ranges::find_if_not(whole, printable);
  const auto length = std::min<std::size_t>(static_cast<std::size_t>(first_odd - whole.begin()), longest);
  return length == whole.size() ? std::string(whole) : std::string(whole.substr(0, length)) + "...";
}

bool Parser::is_identifier_like(TokenKind k) {
  return k == TokenKind::Identifier || k == TokenKind::KwProtocol || k == TokenKind::KwImpl || k == TokenKind::KwUfcs;
}

bool Parser::at_word(std::string_view word, std::uint32_t ahead) const {
  return kind(ahead) == TokenKind::Identifier && source(token_span(at_ + ahead)) == word && !is_raw(at_ + ahead);
}

Ident Parser::take_ident() {
  const Ident ident{tokens_.name(at_), span(), is_raw(at_)};
  advance();
  return ident;
}

Ident Parser::expect_identifier(std::string_view what) {
  if (!at(TokenKind::Identifier))
    fail_expected(what);
  return take_ident();
}

Ident Parser::expect_name(std::string_view what) {
  if (!at_name())
    fail_expected(what);
  return take_ident();
}

Ident Parser::expect_member(std::string_view what) {
  if (!is_word(kind()))
    fail_expected(what);
  return take_ident();
}

Ident Parser::expect_member_declaration(std::string_view what) {
  if (at(TokenKind::KwInline))
    fail<diag::bare_member_inline>(span());
  return expect_member(what);
}

// ---- errors -----------------------------------------------------------------------------------------

void Parser::refuse_invalid_token(Span where) {
  if (at(TokenKind::Invalid) && where.begin == begin())
    fail_invalid_token();
}

void Parser::fail_invalid_token() {
  // The Invalid token is always the last one before the end.
  const LexError& error = *tokens_.error;
  Report& made = diagnostics_.add(*error.info, token_span(tokens_.size() - 2), error.arguments);
  if (!error.help.empty())
    made.help(error.help);
  stop(made);
}

void Parser::refuse_unreadable_group(TokenIndex open) {
  if (!tokens_.error)
    return;
  const TokenIndex after = after_group(open);
  if (after == no_token || tokens_.kind(after) == TokenKind::Invalid)
    fail_invalid_token();
}

void Parser::fail_expected(std::string_view what) {
  if (at_eof())
    fail<diag::expected_token_at_end>(span(), what);
  fail<diag::expected_token>(span(), what, token_text());
}

void Parser::fail_expression_expected() {
  if (at_eof())
    fail<diag::expression_expected_at_end>(span());
  fail<diag::expression_expected>(span(), token_text());
}

void Parser::fail_type_expected() {
  if (at_eof())
    fail<diag::type_expected_at_end>(span());
  fail<diag::type_expected_syntax>(span(), token_text());
}

bool Parser::is_plain_name(const Ident& ident) const {
  const std::string_view text = strings_.text(ident.text);
  return ident.raw || (text != "f32" && text != "f64" && text != "Type" && text != "Self");
}

// ---- nodes ------------------------------------------------------------------------------------------

void Parser::measure(NodeId id) {
  int height = 0;
  tree_->for_each_child(id, [&](NodeId child) { height = std::max<int>(height, facts_[child.index()].height); });
  if (height == max_nesting)
    fail<diag::nesting_too_deep>(token_span(at_ == 0 ? 0 : at_ - 1), max_nesting);
  facts_[id.index()].height = static_cast<std::uint16_t>(height + 1);
}

} // namespace sx::syntax
