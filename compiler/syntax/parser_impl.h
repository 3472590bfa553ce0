#pragma once
// The recursive-descent parser of chapter 01, 1.6 and 1.7. One class; its functions are defined in the file of
// their grammar area (`parser_type.cpp`, `parser_statement.cpp`, ...).
//
// The first error ends the parse (R1.96): it is reported, and `Stop` unwinds to the entry point. So every parse
// function returns a complete node, and no function has to look for failure.

#include "source/diagnostic_notes.h"
#include "source/diagnostics.h"
#include "source/interner.h"
#include "source/source_map.h"
#include "syntax/ast.h"
#include "syntax/parser.h"
#include "syntax/token.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sx::syntax {

/// Byte offset in the parsed text.
using Offset = std::uint32_t;

/// Precedence of binary operators, lowest first (R1.76).
enum class Level : std::uint8_t {
  None,
  Pipe,
  Coalesce,
  Or,
  And,
  BitOr,
  BitXor,
  BitAnd,
  Compare,
  Shift,
  Additive,
  Multiplicative,
};

class Parser {
public:
  Parser(FileId file, const SourceMap& sources, Interner& strings, Diagnostics& diagnostics);

  std::unique_ptr<Tree> run_file();
  std::unique_ptr<Tree> run_statements();

private:
  /// Thrown after the one report of a file; never leaves the room.
  struct Stop {};

  /// What an expression stands directly in (R1.89 to R1.92). Nested brackets and blocks reset it.
  enum class Header : std::uint8_t { None, If, While, For, Push };
  /// The cleanup statement whose body is being parsed (R1.70).
  enum class Cleanup : std::uint8_t { None, Defer, OnFail };
  /// Where declarations stand: at module level (an `inline if` arm included) or in a body.
  enum class Place : std::uint8_t { Module, Body };
  /// Which declaration a function belongs to.
  enum class FunctionOwner : std::uint8_t { Free, Struct, Impl };
  enum class ParenMeaning : std::uint8_t { Lambda, FunctionType, Group };

  /// Sets a variable for the lifetime of the object.
  template <class T> class [[nodiscard]] Scoped {
  public:
    Scoped(T& variable, T value) : variable_(variable), saved_(variable) { variable = value; }
    ~Scoped() { variable_ = saved_; }
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;

  private:
    T& variable_;
    T saved_;
  };
  /// Counts one level of nesting while alive; too deep is an error at the current token.
  class [[nodiscard]] Nesting {
  public:
    explicit Nesting(Parser& parser) : depth_(parser.depth_) {
      if (depth_ == max_nesting)
        parser.fail<diag::nesting_too_deep>(parser.span(), max_nesting);
      ++depth_;
    }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

  private:
    int& depth_;
  };

  // ---- parser.cpp: tokens, errors, nodes ----

  TokenKind kind(std::uint32_t ahead = 0) const { return tokens_.kind(at_ + ahead); }
  bool at(TokenKind k) const { return kind() == k; }
  bool at_eof() const { return at(TokenKind::EndOfFile); }
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  bool accept(TokenKind k);
  /// Consumes a token of kind `k`, or E0201.
  void expect(TokenKind k);

  Offset begin() const { return tokens_.begins[at_]; }
  /// The end of the token before the current one.
  Offset previous_end() const { return at_ == 0 ? 0 : tokens_.ends[at_ - 1]; }
  Span span() const { return token_span(at_); }
  Span token_span(TokenIndex i) const;
  Span from(Offset start) const { return {file_, start, previous_end()}; }
  std::string_view source(Span s) const { return text_.substr(s.begin, s.size()); }
  /// The spelling of the current token, fit for a message.
  std::string token_text() const;

  bool is_raw(TokenIndex i) const { return tokens_.begins[i] > 0 && text_[tokens_.begins[i] - 1] == '`'; }
  /// An IDENT or one of the identifier-like keywords (R1.14).
  static bool is_identifier_like(TokenKind k);
  /// Any identifier or keyword (R1.24, R1.26).
  static bool is_word(TokenKind k) { return k == TokenKind::Identifier || is_keyword(k); }
  bool at_name() const { return is_identifier_like(kind()); }
  /// Whether the token `ahead` is the contextual word `word` (R1.15), not written with a backtick.
  bool at_word(std::string_view word, std::uint32_t ahead = 0) const;
  Ident take_ident();
  Ident expect_identifier(std::string_view what = "a name");
  Ident expect_name(std::string_view what = "a name");
  Ident expect_member(std::string_view what = "a member name");
  /// A declared member (R1.24): any word but the keyword `inline`.
  Ident expect_member_declaration(std::string_view what);

  template <const DiagnosticInfo& Info, class... Arguments> Report& report(Span at, Arguments&&... arguments) {
    refuse_invalid_token(at);
    return diagnostics_.report<Info>(at, std::forward<Arguments>(arguments)...);
  }
  template <const DiagnosticInfo& Info, class... Arguments> [[noreturn]] void fail(Span at, Arguments&&... arguments) {
    stop(report<Info>(at, std::forward<Arguments>(arguments)...));
  }
  [[noreturn]] void stop(Report&) { throw Stop{}; }
  /// E0201 at the current token.
  [[noreturn]] void fail_expected(std::string_view what);
  [[noreturn]] void fail_expression_expected();
  [[noreturn]] void fail_type_expected();
  /// An Invalid token at `at` is reported as what it is, whatever the parser missed there (R10.25).
  void refuse_invalid_token(Span at);
  [[noreturn]] void fail_invalid_token();
  /// Where tokens cannot be classified because the text behind them could not be read, that is the error.
  void refuse_unreadable_group(TokenIndex open);

  template <class T> NodeId add_at(Span where, T node) {
    const NodeId id = tree_->add(where, node);
    facts_.push_back({});
    measure(id);
    return id;
  }
  /// Adds a node that starts at `start` and ends before the current token.
  template <class T> NodeId add(Offset start, T node) { return add_at(from(start), node); }
  NodeList list(const std::vector<NodeId>& ids) { return tree_->add_list(ids); }
  /// Whether `ident` may be bound: not one of the type keywords that expressions read as names.
  bool is_plain_name(const Ident& ident) const;
  NodeId add_name(Ident ident) { return add_at(ident.span, ast::Name{ident}); }
  /// Recomputes the height of a node from its children; too high is an error.
  void measure(NodeId id);
  bool is(NodeId id, Kind k) const { return tree_->is(id, k); }

  template <class Body> std::unique_ptr<Tree> guarded(Body&& body);

  // ---- parser_scan.cpp: lookahead (R1.88 to R1.91) ----

  /// The token after the bracket group that opens at `open`, or `no_token`.
  TokenIndex after_group(TokenIndex open) const;
  /// The first token from `i` on that cannot continue a type.
  TokenIndex after_type(TokenIndex i) const;
  /// Skips `abi ( ... )` if it stands at `i`.
  TokenIndex after_abi(TokenIndex i) const;
  /// R1.88: whether the `(` after `name ::` opens a function.
  bool opens_function(TokenIndex open);
  /// R1.89: what the `(` in expression position opens.
  ParenMeaning meaning_of_paren(TokenIndex open) const;
  /// R1.90: whether the `(` is the capture group of a `for` header.
  bool opens_captures(TokenIndex open) const;
  bool looks_like_parameters(TokenIndex open) const;
  bool on_line_of_previous() const;

  // ---- parser_declaration.cpp ----

  NodeId parse_file_items();
  /// One module-level item; `in_arm` for the arms of a module-scope `inline if` (R1.146).
  NodeId parse_item(bool in_arm);
  NodeId parse_private_item();
  NodeId parse_module_inline(Offset start);
  /// `{ item ... }` as a Block.
  NodeId parse_module_block();
  NodeId parse_import_item(bool in_arm);
  NodeId parse_import(bool c_allowed);
  NodeId parse_c_import(Offset start);
  NodeId parse_library();
  NodeId parse_framework();
  NodeId parse_error_directive();
  NodeId parse_context_extend();
  NodeId parse_global_asm(bool in_arm);
  NodeId parse_run_item();
  /// Consumes the quoted text a directive needs (R1.36), or E0204. Returns its span.
  Span take_operand_string(std::string_view directive, StringId& text);

  /// A declaration whose name is the current token.
  NodeId parse_named_declaration(Place place, bool is_private);
  NodeId parse_typed_tail(Ident name, bool is_private);
  NodeId parse_constant(Ident name, Place place, bool is_private);
  NodeId parse_constant_value(Ident name, Place place);
  NodeId parse_plain_constant_value();
  /// R1.48: the end of a declaration with a value.
  void finish_value(NodeId value);

  /// From the `(` on. `start` is where the node begins. The `;` of a body that needs one is consumed after the
  /// node is built.
  NodeId parse_function(Offset start, FunctionOwner owner, bool is_ufcs);
  NodeId parse_block_function(Offset start);
  void parse_accessor(ast::Function& function, FunctionOwner owner);
  /// `extern` and `export` with the name and the string behind them.
  struct LinkageClause {
    Linkage linkage = Linkage::Internal;
    Ident library;
    StringId symbol;
    bool has_symbol = false;
  };
  LinkageClause parse_linkage();
  Abi parse_abi();
  /// A literal has neither comptime nor variadic parameters (R4.76).
  enum class ParameterKinds : std::uint8_t { Any, Plain };
  NodeList parse_parameters(ParameterKinds kinds = ParameterKinds::Any);
  NodeId parse_parameter(ParameterKinds kinds);
  NodeList parse_constraints();
  void check_variadic_last(const std::vector<NodeId>& params);
  NodeId parse_function_body_block();
  bool opens_protocol(std::uint32_t ahead) const;

  // ---- parser_aggregate.cpp ----

  NodeId parse_struct_type();
  NodeList parse_type_parameters();
  NodeId parse_struct_member();
  NodeId parse_struct_field(Offset start, Ident first);
  NodeId parse_enum_type();
  NodeId parse_variant(bool is_flags);
  NodeId parse_union_type();
  NodeId parse_union_member();
  NodeId parse_error_set();
  NodeId parse_protocol_type();
  NodeId parse_protocol_method();
  bool is_receiver(NodeId param, bool& by_pointer) const;
  NodeId parse_impl();
  NodeId parse_impl_target(bool has_args);
  NodeId parse_impl_binder();
  NodeId parse_impl_method();

  // ---- parser_type.cpp ----

  NodeId parse_type();
  NodeId parse_return_type();
  NodeId parse_bracket_type();
  NodeId parse_dollar_type();
  NodeId parse_path_type();
  NodeId parse_path();
  NodeList parse_type_arguments();
  NodeId parse_type_argument();
  NodeId parse_paren_type(bool channel_allowed);
  NodeId parse_type_slot();
  NodeId parse_error_channel();
  NodeId parse_tuple_type();
  NodeId parse_tuple_slot();
  NodeId parse_closure_type();
  bool at_type_constructor() const;

  // ---- parser_expression.cpp ----

  NodeId parse_expression() { return parse_binary(Level::Pipe); }
  NodeId parse_binary(Level lowest);
  /// Goes on behind an operand that began at `start`.
  NodeId continue_binary(Offset start, NodeId lhs, Level lowest);
  NodeId parse_comparisons(Offset start, NodeId first);
  NodeId parse_pipe(NodeId value);
  bool insert_piped(NodeId rhs, NodeId value);
  NodeId parse_unary();
  NodeId parse_postfix();
  NodeId continue_postfix(Offset start, NodeId base);
  NodeId parse_call(Offset start, NodeId callee);
  NodeList parse_arguments();
  /// `e`, `..e`, or `name = e` as a node of type `Named`.
  template <class Named> NodeId parse_argument() {
    if (at(TokenKind::DotDot))
      return parse_spread();
    if (!at_name() || kind(1) != TokenKind::Equal)
      return parse_expression();
    const Offset start = begin();
    const Ident name = take_ident();
    advance();
    const NodeId value = parse_expression();
    return add(start, Named{name, value});
  }
  NodeId parse_dot_suffix(Offset start, NodeId base);
  NodeId parse_cast(Offset start, NodeId base);
  NodeId parse_optional_chain(Offset start, NodeId base);
  NodeId parse_index(Offset start, NodeId base);
  NodeId parse_catch(Offset start, NodeId operand);
  NodeId parse_struct_literal(Offset start, NodeId head);
  NodeId parse_literal_element();
  NodeId parse_array_literal(Offset start, NodeId head);
  NodeId parse_spread();
  bool at_range() const;
  RangeOp take_range(std::string_view& spelled);
  /// E0227 at the current token.
  [[noreturn]] void fail_range_end(std::string_view spelled);

  // ---- parser_primary.cpp ----

  NodeId parse_primary();
  NodeId parse_literal();
  NodeId parse_paren();
  NodeId parse_group();
  NodeId parse_lambda();
  NodeId parse_dot_primary();
  NodeId parse_error_literal();
  NodeId parse_pack();
  NodeId parse_run();
  NodeId parse_jump_operand();
  NodeId parse_asm();
  NodeId parse_asm_operand();
  void parse_clobbers(std::vector<std::uint32_t>& words);
  [[noreturn]] void fail_asm(std::string_view what);

  // ---- parser_statement.cpp ----

  NodeId parse_block();
  NodeId parse_statement();
  NodeId parse_declaration_or_expression();
  NodeId parse_expression_statement();
  NodeId parse_multiple_targets(Offset start, NodeId first);
  NodeId parse_destructure(Offset start, const std::vector<NodeId>& targets);
  NodeId parse_assignment(Offset start, NodeId target);
  NodeId parse_return_statement();
  NodeId parse_jump_statement();
  NodeId parse_raise();
  NodeId parse_defer();
  NodeId parse_onfail();
  NodeId parse_insert();
  NodeId parse_inline_statement();
  /// Wraps a finished expression as a statement and consumes its end (R1.48).
  NodeId finish_expression_statement(Offset start, NodeId value);
  bool is_block_form(NodeId value) const;
  /// Whether a value may end here without `;`.
  bool at_list_end() const { return at(TokenKind::RightBrace) || (statements_only_ && at_eof()); }
  void refuse_jump_in_cleanup();

  // ---- parser_control.cpp ----

  NodeId parse_if(Offset start, bool is_inline, Place place);
  NodeId parse_else_arm(bool is_inline, Place place);
  NodeId parse_match(Offset start, NodeId subject, bool is_inline, Place place);
  NodeId parse_case(Place place);
  NodeId parse_pattern();
  void parse_match_else(ast::Match& match, Place place);
  NodeId parse_arm_statements(Place place);
  bool at_arm_end() const;
  NodeId parse_arm_block(Place place) { return place == Place::Module ? parse_module_block() : parse_block(); }
  NodeId parse_while();
  NodeId parse_for(Offset start, bool is_inline);
  NodeId parse_iterable();
  bool at_iterable_end() const;
  NodeList parse_captures();
  void check_captures(const std::vector<NodeId>& iterables, NodeList captures, bool is_inline);
  NodeId parse_push();

  struct NodeFacts {
    std::uint16_t height = 0; ///< nodes on the longest path down
    bool grouped = false;     ///< written in parentheses
  };

  FileId file_;
  std::string_view text_;
  Interner& strings_;
  Diagnostics& diagnostics_;
  TokenBuffer tokens_;
  TokenIndex at_ = 0;
  std::unique_ptr<Tree> tree_;
  std::vector<NodeFacts> facts_; ///< parallel to the nodes of `tree_`
  int depth_ = 0;
  Header header_ = Header::None;
  Cleanup cleanup_ = Cleanup::None;
  bool statements_only_ = false; ///< `#insert` text: the end of the text ends the list
};

} // namespace sx::syntax
