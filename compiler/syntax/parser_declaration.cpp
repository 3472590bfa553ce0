// Module-level items, named declarations, functions and parameters (chapter 01, 1.6.1).

#include "syntax/parser_impl.h"

namespace sx::syntax {

namespace {

/// What `private` can't stand before, in the words of E0207; empty for everything else.
std::string_view item_without_private(TokenKind kind) {
  switch (kind) {
  case TokenKind::DirImport: return "an import without a name";
  case TokenKind::KwImpl: return "an implementation";
  case TokenKind::KwAsm: return "assembly";
  case TokenKind::DirRun: return "'#run'";
  case TokenKind::DirError: return "'#error'";
  case TokenKind::DirContextExtend: return "'#context_extend'";
  case TokenKind::DirFramework: return "'#framework'";
  case TokenKind::KwInline: return "a conditional";
  default: return "";
  }
}

} // namespace

// ---- items ------------------------------------------------------------------------------------------

NodeId Parser::parse_file_items() {
  std::vector<NodeId> items;
  while (!at_eof())
    items.push_back(parse_item(false));
  return add_at({file_, 0, static_cast<Offset>(text_.size())}, ast::File{list(items)});
}

NodeId Parser::parse_item(bool in_arm) {
  const Offset start = begin();
  switch (kind()) {
  case TokenKind::DirImport: return parse_import_item(in_arm);
  case TokenKind::DirRun: return parse_run_item();
  case TokenKind::DirError: return parse_error_directive();
  case TokenKind::DirFramework: return parse_framework();
  case TokenKind::DirContextExtend:
    if (in_arm)
      fail<diag::context_extend_in_body>(span());
    return parse_context_extend();
  case TokenKind::KwImpl: return parse_impl();
  case TokenKind::KwAsm: return parse_global_asm(in_arm);
  case TokenKind::KwPrivate: return parse_private_item();
  case TokenKind::KwInline: {
    const NodeId item = parse_module_inline(start);
    if (in_arm)
      accept(TokenKind::Semicolon);
    return item;
  }
  case TokenKind::LeftBrace:
    if (in_arm)
      return parse_module_block();
    break;
  case TokenKind::Semicolon: fail<diag::stray_semicolon>(span());
  default: break;
  }
  if (!at_name() && !at(TokenKind::KwSelf))
    fail<diag::bad_top_level_item>(span(), token_text());
  return parse_named_declaration(Place::Module, false);
}

NodeId Parser::parse_private_item() {
  expect(TokenKind::KwPrivate);
  if (at(TokenKind::KwPrivate))
    fail<diag::private_twice>(span());
  const std::string_view item = item_without_private(kind());
  if (!item.empty()) {
    Report& made = report<diag::private_on_wrong_item>(span(), item);
    if (at(TokenKind::DirImport))
      made.help(help::only_named_import_private());
    if (at(TokenKind::KwInline))
      made.help(help::private_on_declarations_inside());
    stop(made);
  }
  if (!at_name() && !at(TokenKind::KwSelf))
    fail<diag::private_in_body>(span());
  return parse_named_declaration(Place::Module, true);
}

NodeId Parser::parse_module_inline(Offset start) {
  if (kind(1) != TokenKind::KwIf)
    fail<diag::dangling_inline>(span());
  advance();
  return parse_if(start, true, Place::Module);
}

NodeId Parser::parse_module_block() {
  const Nesting nesting(*this);
  const Offset start = begin();
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> items;
  while (!at(TokenKind::RightBrace) && !at_eof())
    items.push_back(parse_item(true));
  expect(TokenKind::RightBrace);
  return add(start, ast::Block{list(items)});
}

NodeId Parser::parse_run_item() {
  const Offset start = begin();
  const NodeId run = parse_run();
  const Span semicolon = span();
  expect(TokenKind::Semicolon);
  return add(start, ast::ExprStatement{run, semicolon});
}

NodeId Parser::parse_error_directive() {
  const Offset start = begin();
  expect(TokenKind::DirError);
  expect(TokenKind::LeftParen);
  if (!at(TokenKind::String))
    fail<diag::error_directive_without_text>(span());
  const StringId text = tokens_.string(at_).verbatim;
  advance();
  expect(TokenKind::RightParen);
  expect(TokenKind::Semicolon);
  return add(start, ast::ErrorDirective{text});
}

NodeId Parser::parse_context_extend() {
  const Offset start = begin();
  ast::ContextExtend node;
  expect(TokenKind::DirContextExtend);
  node.name = expect_name();
  expect(TokenKind::Colon);
  node.type = parse_type();
  if (accept(TokenKind::Equal))
    node.value = parse_expression();
  expect(TokenKind::Semicolon);
  return add(start, node);
}

/// Only a template; in an arm the whole block is the error (E0238).
NodeId Parser::parse_global_asm(bool in_arm) {
  const Offset start = begin();
  if (in_arm) {
    const NodeId block = parse_asm();
    const ast::Asm node = tree_->get<ast::Asm>(block);
    if (node.is_volatile || !node.operands.empty() || node.clobbers.count != 0)
      fail<diag::module_assembly_form>(tree_->span(block));
    expect(TokenKind::Semicolon);
    return add(start, ast::GlobalAsm{node.code});
  }
  expect(TokenKind::KwAsm);
  if (at_word("volatile"))
    fail<diag::module_assembly_form>(span());
  expect(TokenKind::LeftBrace);
  const NodeId code = parse_expression();
  accept(TokenKind::Comma);
  if (!at(TokenKind::RightBrace)) {
    if (at_eof())
      fail_expected("'}'");
    fail<diag::module_assembly_form>(span());
  }
  advance();
  expect(TokenKind::Semicolon);
  return add(start, ast::GlobalAsm{code});
}

// ---- imports ----------------------------------------------------------------------------------------

Span Parser::take_operand_string(std::string_view directive, StringId& text) {
  if (!at(TokenKind::String))
    fail<diag::missing_string_operand>(span(), directive);
  const Span where = span();
  text = tokens_.string(at_).verbatim;
  advance();
  return where;
}

NodeId Parser::parse_import_item(bool in_arm) {
  const Offset start = begin();
  const NodeId import = parse_import(!in_arm);
  expect(TokenKind::Semicolon);
  // A flat import is an item of its own and spans its `;` (R10.18).
  tree_->set_span(import, from(start));
  return import;
}

/// `#import "path"` or `#import c { ... }`, without the `;`.
NodeId Parser::parse_import(bool c_allowed) {
  const Offset start = begin();
  expect(TokenKind::DirImport);
  if (c_allowed && at_word("c") && kind(1) == TokenKind::LeftBrace)
    return parse_c_import(start);
  ast::Import node;
  node.path_span = take_operand_string("#import", node.path);
  return add(start, node);
}

NodeId Parser::parse_c_import(Offset start) {
  advance();
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> entries;
  while (!at(TokenKind::RightBrace)) {
    const Offset entry_start = begin();
    ast::CImportEntry entry;
    switch (kind()) {
    case TokenKind::DirInclude: entry.kind = CImportKind::Include; break;
    case TokenKind::DirSource: entry.kind = CImportKind::Source; break;
    case TokenKind::DirDefine: entry.kind = CImportKind::Define; break;
    case TokenKind::DirFlags: entry.kind = CImportKind::Flags; break;
    case TokenKind::EndOfFile: fail_expected("'}'");
    default: fail<diag::c_import_item>(span(), token_text());
    }
    const std::string_view directive = spelling(kind());
    advance();
    entry.text_span = take_operand_string(directive, entry.text);
    expect(TokenKind::Semicolon);
    entries.push_back(add(entry_start, entry));
  }
  advance();
  return add(start, ast::CImport{list(entries)});
}

NodeId Parser::parse_library() {
  const Offset start = begin();
  expect(TokenKind::DirLibrary);
  ast::Library node;
  take_operand_string("#library", node.name);
  return add(start, node);
}

NodeId Parser::parse_framework() {
  const Offset start = begin();
  expect(TokenKind::DirFramework);
  ast::Framework node;
  take_operand_string("#framework", node.name);
  expect(TokenKind::Semicolon);
  return add(start, node);
}

// ---- named declarations -----------------------------------------------------------------------------

NodeId Parser::parse_named_declaration(Place place, bool is_private) {
  const Ident name = take_ident();
  if (accept(TokenKind::ColonColon))
    return parse_constant(name, place, is_private);
  if (accept(TokenKind::ColonEqual)) {
    ast::VarDecl node;
    node.name = name;
    node.is_private = is_private;
    node.value = parse_expression();
    finish_value(node.value);
    return add(name.span.begin, node);
  }
  if (!accept(TokenKind::Colon))
    fail<diag::name_without_declarator>(span(), strings_.text(name.text));
  return parse_typed_tail(name, is_private);
}

NodeId Parser::parse_typed_tail(Ident name, bool is_private) {
  const NodeId type = parse_type();
  if (accept(TokenKind::Colon)) {
    const NodeId value = parse_expression();
    finish_value(value);
    return add(name.span.begin, ast::ConstDecl{name, is_private, type, value});
  }
  ast::VarDecl node;
  node.name = name;
  node.is_private = is_private;
  node.type = type;
  if (accept(TokenKind::Equal)) {
    node.value = parse_expression();
    finish_value(node.value);
    return add(name.span.begin, node);
  }
  if (at(TokenKind::KwExtern)) {
    const LinkageClause clause = parse_linkage();
    node.is_extern = true;
    node.library = clause.library;
    node.symbol = clause.symbol;
    node.has_symbol = clause.has_symbol;
  } else if (!at(TokenKind::Semicolon)) {
    fail_expected("';', '=' or ':'");
  }
  expect(TokenKind::Semicolon);
  return add(name.span.begin, node);
}

void Parser::finish_value(NodeId value) {
  if (!accept(TokenKind::Semicolon) && !is_block_form(value) && !at_list_end())
    expect(TokenKind::Semicolon);
}

NodeId Parser::parse_constant(Ident name, Place place, bool is_private) {
  const NodeId value = parse_constant_value(name, place);
  return add(name.span.begin, ast::ConstDecl{name, is_private, {}, value});
}

/// What stands behind `name ::`, its end included.
NodeId Parser::parse_constant_value(Ident name, Place place) {
  const Offset start = begin();
  const auto closed = [&](NodeId value) {
    expect(TokenKind::Semicolon);
    return value;
  };
  switch (kind()) {
  case TokenKind::DirImport:
    if (place == Place::Body)
      fail<diag::import_in_body>(span());
    return closed(parse_import(true));
  case TokenKind::DirLibrary: return closed(parse_library());
  case TokenKind::KwIntrinsic: advance(); return closed(add(start, ast::IntrinsicConst{}));
  case TokenKind::KwStruct:
  case TokenKind::KwEnum:
  case TokenKind::KwUnion: return parse_type();
  case TokenKind::KwError: {
    if (kind(1) != TokenKind::LeftBrace)
      break;
    const NodeId set = parse_error_set();
    accept(TokenKind::Semicolon);
    return set;
  }
  case TokenKind::KwProtocol:
    if (!opens_protocol(1))
      break;
    if (place == Place::Body)
      fail<diag::protocol_in_body>(name.span);
    return parse_protocol_type();
  case TokenKind::KwUfcs:
    if (kind(1) == TokenKind::Identifier) {
      advance();
      const Ident target = take_ident();
      return closed(add(start, ast::UfcsAlias{target}));
    }
    if (kind(1) == TokenKind::LeftParen && opens_function(at_ + 1)) {
      advance();
      return parse_function(start, FunctionOwner::Free, true);
    }
    break;
  case TokenKind::LeftParen:
    if (opens_function(at_))
      return parse_function(start, FunctionOwner::Free, false);
    break;
  case TokenKind::LeftBrace: return parse_block_function(start);
  default: break;
  }
  return closed(parse_plain_constant_value());
}

/// An expression, or the type of a constant the compiler provides.
NodeId Parser::parse_plain_constant_value() {
  const Offset start = begin();
  const NodeId value = parse_expression();
  if (!accept(TokenKind::KwIntrinsic))
    return value;
  return add(start, ast::IntrinsicConst{value});
}

/// `protocol` may also be an ordinary name; `ahead` is the distance of the token behind it.
bool Parser::opens_protocol(std::uint32_t ahead) const {
  const auto opens_body = [](TokenKind k) {
    return k == TokenKind::LeftBrace || k == TokenKind::DirInline || k == TokenKind::DirIdentity;
  };
  if (kind(ahead) != TokenKind::LeftParen)
    return opens_body(kind(ahead));
  const TokenIndex after = after_group(at_ + ahead);
  return after == no_token ? looks_like_parameters(at_ + ahead) : opens_body(tokens_.kind(after));
}

// ---- functions --------------------------------------------------------------------------------------

NodeId Parser::parse_function_body_block() {
  const Scoped cleanup(cleanup_, Cleanup::None);
  return parse_block();
}

/// `name :: { ... }` (R1.49).
NodeId Parser::parse_block_function(Offset start) {
  ast::Function node;
  node.form = BodyForm::Block;
  node.body = parse_function_body_block();
  return add(start, node);
}

NodeId Parser::parse_function(Offset start, FunctionOwner owner, bool is_ufcs) {
  const Nesting nesting(*this);
  ast::Function node;
  node.is_ufcs = is_ufcs;
  const Offset open = begin();
  node.params = parse_parameters();
  node.params_span = from(open);
  if (accept(TokenKind::Arrow))
    node.result = parse_return_type();
  parse_accessor(node, owner);
  node.abi = parse_abi();
  const LinkageClause clause = parse_linkage();
  node.linkage = clause.linkage;
  node.library = clause.library;
  node.symbol = clause.symbol;
  node.has_symbol = clause.has_symbol;

  const Scoped cleanup(cleanup_, Cleanup::None);
  const Scoped header(header_, Header::None);
  if (node.linkage == Linkage::Extern) {
    node.form = BodyForm::None;
  } else if (at(TokenKind::LeftBrace)) {
    node.form = BodyForm::Block;
    node.body = parse_block();
    return add(start, node);
  } else if (accept(TokenKind::FatArrow)) {
    node.form = BodyForm::Arrow;
    node.body = parse_expression();
  } else if (accept(TokenKind::KwIntrinsic)) {
    node.form = BodyForm::Intrinsic;
  } else {
    fail_expected("a function body");
  }
  const NodeId function = add(start, node);
  expect(TokenKind::Semicolon);
  return function;
}

/// `#get` and `#set`, of struct methods only (R1.51).
void Parser::parse_accessor(ast::Function& function, FunctionOwner owner) {
  if (owner != FunctionOwner::Struct)
    return;
  if (accept(TokenKind::DirGet)) {
    function.accessor = Accessor::Get;
  } else if (accept(TokenKind::DirSet)) {
    function.accessor = Accessor::Set;
    if (function.params.count != 2 || function.result.valid())
      fail<diag::setter_signature>(span());
  }
}

Parser::LinkageClause Parser::parse_linkage() {
  LinkageClause clause;
  if (!at(TokenKind::KwExtern) && !at(TokenKind::KwExport))
    return clause;
  clause.linkage = at(TokenKind::KwExtern) ? Linkage::Extern : Linkage::Export;
  advance();
  if (at(TokenKind::Identifier))
    clause.library = take_ident();
  if (at(TokenKind::String)) {
    if (source(span()) == "\"\"")
      fail_expected("the name of a symbol");
    clause.symbol = tokens_.string(at_).verbatim;
    clause.has_symbol = true;
    advance();
  }
  const bool both = at(clause.linkage == Linkage::Extern ? TokenKind::KwExport : TokenKind::KwExtern);
  if (both)
    fail<diag::extern_and_export>(span());
  return clause;
}

/// `abi(.c)`; nothing written gives the default convention.
Abi Parser::parse_abi() {
  if (!accept(TokenKind::KwAbi))
    return Abi::Default;
  expect(TokenKind::LeftParen);
  expect(TokenKind::Dot);
  const std::string_view name = source(span());
  Abi abi{};
  if (name == "c")
    abi = Abi::C;
  else if (name == "naked")
    abi = Abi::Naked;
  else if (name == "zig")
    abi = Abi::Zig;
  else
    stop(report<diag::unknown_calling_convention>(span(), at_eof() ? std::string() : token_text())
             .help(help::calling_convention_names()));
  advance();
  expect(TokenKind::RightParen);
  return abi;
}

NodeList Parser::parse_parameters(ParameterKinds kinds) {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  expect(TokenKind::LeftParen);
  std::vector<NodeId> params;
  while (!at(TokenKind::RightParen)) {
    params.push_back(parse_parameter(kinds));
    if (!accept(TokenKind::Comma))
      break;
  }
  check_variadic_last(params);
  if (!at(TokenKind::RightParen))
    fail_expected("',' or ')'");
  advance();
  return list(params);
}

/// R1.50, at the `)`.
void Parser::check_variadic_last(const std::vector<NodeId>& params) {
  if (!at(TokenKind::RightParen))
    return;
  for (std::size_t i = 0; i + 1 < params.size(); ++i)
    if (tree_->get<ast::Param>(params[i]).is_variadic)
      fail<diag::variadic_parameter_not_last>(span());
}

NodeId Parser::parse_parameter(ParameterKinds kinds) {
  const Offset start = begin();
  ast::Param node;
  if (kinds == ParameterKinds::Any) {
    node.is_variadic = accept(TokenKind::DotDot);
    node.is_comptime = accept(TokenKind::Dollar);
  }
  node.name = expect_name("a parameter name");
  if (!accept(TokenKind::Colon))
    return add(start, node);
  const bool takes_type = node.is_comptime && at(TokenKind::KwType);
  node.type = parse_type();
  if (takes_type)
    node.constraints = parse_constraints();
  if (accept(TokenKind::Equal))
    node.initial = parse_expression();
  return add(start, node);
}

/// `{ "/" IDENT }` (R5.2).
NodeList Parser::parse_constraints() {
  std::vector<NodeId> constraints;
  while (accept(TokenKind::Slash))
    constraints.push_back(add_name(expect_identifier("the name of a protocol")));
  return list(constraints);
}

} // namespace sx::syntax
