// Struct, enum, union, error set and protocol types, and `impl` blocks (chapter 01, 1.6.1).

#include "syntax/parser_impl.h"

namespace sx::syntax {

// ---- structs ----------------------------------------------------------------------------------------

NodeId Parser::parse_struct_type() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  ast::StructType node;
  expect(TokenKind::KwStruct);
  node.abi = parse_abi();
  if (at(TokenKind::KwExtern) || at(TokenKind::KwExport)) {
    const bool external = at(TokenKind::KwExtern);
    node.linkage = external ? Linkage::Extern : Linkage::Export;
    advance();
    if (at(TokenKind::Identifier))
      node.library = take_ident();
    if (at(external ? TokenKind::KwExport : TokenKind::KwExtern))
      fail<diag::extern_and_export>(span());
  }
  if (at(TokenKind::LeftParen))
    node.params = parse_type_parameters();
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> members;
  while (!at(TokenKind::RightBrace) && !at_eof())
    members.push_back(parse_struct_member());
  expect(TokenKind::RightBrace);
  node.members = list(members);
  return add(start, node);
}

NodeList Parser::parse_type_parameters() {
  expect(TokenKind::LeftParen);
  std::vector<NodeId> params;
  while (!at(TokenKind::RightParen)) {
    const Offset start = begin();
    ast::Param node;
    node.is_variadic = accept(TokenKind::DotDot);
    expect(TokenKind::Dollar);
    node.is_comptime = true;
    node.name = expect_identifier("a parameter name");
    expect(TokenKind::Colon);
    const bool takes_type = at(TokenKind::KwType);
    node.type = parse_type();
    if (takes_type)
      node.constraints = parse_constraints();
    params.push_back(add(start, node));
    if (!accept(TokenKind::Comma))
      break;
  }
  check_variadic_last(params);
  expect(TokenKind::RightParen);
  return list(params);
}

NodeId Parser::parse_struct_member() {
  const Offset start = begin();
  if (accept(TokenKind::DirUsing)) {
    const Ident base = expect_identifier();
    accept(TokenKind::Semicolon);
    return add(start, ast::Using{base});
  }
  if (at(TokenKind::Semicolon))
    fail<diag::stray_semicolon>(span());
  const Ident name = expect_member_declaration("a member or '}'");
  if (!accept(TokenKind::ColonColon))
    return parse_struct_field(name.span.begin, name);
  NodeId value;
  const Offset value_start = begin();
  if (at(TokenKind::LeftParen) && opens_function(at_)) {
    value = parse_function(value_start, FunctionOwner::Struct, false);
  } else {
    value = parse_expression();
    accept(TokenKind::Semicolon);
  }
  return add(name.span.begin, ast::ConstDecl{name, false, {}, value});
}

/// `a, b: T = e` or `a: T : e`, behind the first name.
NodeId Parser::parse_struct_field(Offset start, Ident first) {
  std::vector<NodeId> names{add_name(first)};
  while (accept(TokenKind::Comma))
    names.push_back(add_name(expect_member_declaration("a field name")));
  if (!at(TokenKind::Colon))
    fail_expected(names.size() == 1 ? "':', '::' or ','" : "':' or ','");
  advance();
  const NodeId type = parse_type();
  if (names.size() == 1 && accept(TokenKind::Colon)) {
    const NodeId value = parse_expression();
    accept(TokenKind::Semicolon);
    return add(start, ast::ConstDecl{first, false, type, value});
  }
  const NodeId initial = accept(TokenKind::Equal) ? parse_expression() : NodeId();
  accept(TokenKind::Semicolon);
  return add(start, ast::FieldGroup{list(names), type, initial});
}

// ---- enums ------------------------------------------------------------------------------------------

NodeId Parser::parse_enum_type() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  ast::EnumType node;
  expect(TokenKind::KwEnum);
  if (at_word("flags")) {
    node.is_flags = true;
    advance();
  }
  if (!at(TokenKind::LeftBrace))
    node.backing = parse_type();
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> variants;
  while (!at(TokenKind::RightBrace) && !at_eof())
    variants.push_back(parse_variant(node.is_flags));
  expect(TokenKind::RightBrace);
  node.variants = list(variants);
  return add(start, node);
}

NodeId Parser::parse_variant(bool is_flags) {
  if (at(TokenKind::Semicolon))
    fail<diag::stray_semicolon>(span());
  ast::Variant node;
  node.name = expect_member_declaration("a variant or '}'");
  if (accept(TokenKind::ColonColon))
    node.value = parse_expression();
  if (at(TokenKind::Colon)) {
    if (is_flags)
      fail<diag::payload_on_flags_variant>(span());
    advance();
    node.payload = parse_type();
  }
  accept(TokenKind::Semicolon);
  return add(node.name.span.begin, node);
}

// ---- unions and error sets --------------------------------------------------------------------------

NodeId Parser::parse_union_type() {
  const Nesting nesting(*this);
  const Scoped header(header_, Header::None);
  const Offset start = begin();
  expect(TokenKind::KwUnion);
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> members;
  while (!at(TokenKind::RightBrace) && !at_eof())
    members.push_back(parse_union_member());
  expect(TokenKind::RightBrace);
  return add(start, ast::UnionType{list(members)});
}

NodeId Parser::parse_union_member() {
  if (at(TokenKind::Semicolon))
    fail<diag::stray_semicolon>(span());
  if (at(TokenKind::KwStruct)) {
    const NodeId arm = parse_struct_type();
    accept(TokenKind::Semicolon);
    return arm;
  }
  const Ident name = expect_identifier("a member or '}'");
  if (!at(TokenKind::Colon))
    fail<diag::union_member_without_type>(span(), strings_.text(name.text));
  advance();
  const NodeId type = parse_type();
  accept(TokenKind::Semicolon);
  return add(name.span.begin, ast::UnionMember{name, type});
}

NodeId Parser::parse_error_set() {
  const Offset start = begin();
  expect(TokenKind::KwError);
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> tags;
  while (!at(TokenKind::RightBrace)) {
    if (at_eof())
      fail_expected("'}'");
    if (!at(TokenKind::Identifier))
      fail<diag::error_tag_name>(span(), token_text());
    tags.push_back(add_name(take_ident()));
    if (!accept(TokenKind::Comma))
      break;
  }
  if (!at(TokenKind::RightBrace))
    fail_expected("',' or '}'");
  advance();
  return add(start, ast::ErrorSet{list(tags)});
}

// ---- protocols --------------------------------------------------------------------------------------

NodeId Parser::parse_protocol_type() {
  const Nesting nesting(*this);
  const Offset start = begin();
  ast::ProtocolType node;
  expect(TokenKind::KwProtocol);
  if (accept(TokenKind::LeftParen)) {
    std::vector<NodeId> params;
    while (!at(TokenKind::RightParen)) {
      const Offset param_start = begin();
      ast::Param param;
      param.name = expect_identifier("a parameter name");
      expect(TokenKind::Colon);
      param.type = parse_type();
      params.push_back(add(param_start, param));
      if (!accept(TokenKind::Comma))
        break;
    }
    expect(TokenKind::RightParen);
    node.params = list(params);
  }
  while (at(TokenKind::DirInline) || at(TokenKind::DirIdentity)) {
    bool& seen = at(TokenKind::DirInline) ? node.is_inline : node.is_identity;
    if (seen)
      fail<diag::repeated_protocol_attribute>(span(), spelling(kind()));
    seen = true;
    advance();
  }
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> methods;
  while (!at(TokenKind::RightBrace) && !at_eof())
    methods.push_back(parse_protocol_method());
  expect(TokenKind::RightBrace);
  node.methods = list(methods);
  return add(start, node);
}

/// The receiver is the first parameter; whether it is one shows behind the list (R1.57).
NodeId Parser::parse_protocol_method() {
  if (at(TokenKind::Semicolon))
    fail<diag::stray_semicolon>(span());
  ast::ProtocolMethod node;
  node.name = expect_member_declaration("a method or '}'");
  expect(TokenKind::ColonColon);
  expect(TokenKind::LeftParen);
  std::vector<NodeId> params;
  while (!at(TokenKind::RightParen)) {
    const Offset start = begin();
    ast::Param param;
    param.name = at(TokenKind::KwSelf) ? take_ident() : expect_identifier("a parameter name");
    if (!params.empty() || at(TokenKind::Colon)) {
      expect(TokenKind::Colon);
      param.type = parse_type();
    }
    params.push_back(add(start, param));
    if (!accept(TokenKind::Comma))
      break;
  }
  if (!at(TokenKind::RightParen))
    fail_expected("',' or ')'");
  advance();
  if (params.empty() || !is_receiver(params[0], node.self_by_pointer)) {
    Report& made = report<diag::protocol_method_without_receiver>(span(), strings_.text(node.name.text));
    stop(made.help(help::begin_with_self()));
  }
  params.erase(params.begin());
  node.params = list(params);
  if (accept(TokenKind::Arrow))
    node.result = parse_return_type();
  if (at(TokenKind::LeftBrace))
    node.body = parse_function_body_block();
  else
    accept(TokenKind::Semicolon);
  return add(node.name.span.begin, node);
}

/// Whether a parameter is `self: *Self` or `self: Self`.
bool Parser::is_receiver(NodeId param, bool& by_pointer) const {
  const auto& node = tree_->get<ast::Param>(param);
  if (strings_.text(node.name.text) != "self" || !node.type.valid())
    return false;
  NodeId type = node.type;
  const auto* pointer = tree_->try_get<ast::PointerType>(type);
  by_pointer = pointer != nullptr;
  if (pointer)
    type = pointer->element;
  const auto* name = tree_->try_get<ast::Name>(type);
  return name && !name->name.raw && strings_.text(name->name.text) == "Self";
}

// ---- impl -------------------------------------------------------------------------------------------

NodeId Parser::parse_impl() {
  const Offset start = begin();
  ast::Impl node;
  expect(TokenKind::KwImpl);
  node.protocol = expect_identifier("the name of a protocol");
  if (accept(TokenKind::LeftParen)) {
    node.has_args = true;
    std::vector<NodeId> args;
    do {
      if (at(TokenKind::RightParen) && !args.empty())
        break;
      args.push_back(parse_type());
    } while (accept(TokenKind::Comma));
    expect(TokenKind::RightParen);
    node.args = list(args);
  }
  expect(TokenKind::KwFor);
  node.target = parse_impl_target(node.has_args);
  expect(TokenKind::LeftBrace);
  std::vector<NodeId> methods;
  while (!at(TokenKind::RightBrace) && !at_eof())
    methods.push_back(parse_impl_method());
  expect(TokenKind::RightBrace);
  node.methods = list(methods);
  return add(start, node);
}

/// Any type for a protocol with arguments; otherwise a name, with binders if it is generic (R5.78).
NodeId Parser::parse_impl_target(bool has_args) {
  if (has_args)
    return parse_type();
  const Offset start = begin();
  const bool named = at(TokenKind::Identifier) || at(TokenKind::KwF32) || at(TokenKind::KwF64) ||
                     at(TokenKind::KwType) || at(TokenKind::KwSelf);
  if (!named)
    fail_type_expected();
  const NodeId head = add_name(take_ident());
  if (!accept(TokenKind::LeftParen))
    return head;
  std::vector<NodeId> binders;
  do {
    if (at(TokenKind::RightParen) && !binders.empty())
      break;
    binders.push_back(parse_impl_binder());
  } while (accept(TokenKind::Comma));
  expect(TokenKind::RightParen);
  return add(start, ast::TypeApply{head, list(binders)});
}

/// `$T`, or `..$Ts` for the pack of the target.
NodeId Parser::parse_impl_binder() {
  const Offset start = begin();
  const bool is_pack = accept(TokenKind::DotDot);
  const Offset name_start = begin();
  expect(TokenKind::Dollar);
  const Ident name = expect_identifier();
  const NodeId binder = add(name_start, ast::TypeIntro{name, {}});
  return is_pack ? add(start, ast::Spread{binder}) : binder;
}

NodeId Parser::parse_impl_method() {
  if (at(TokenKind::Semicolon))
    fail<diag::stray_semicolon>(span());
  const Ident name = expect_member_declaration("a method or '}'");
  expect(TokenKind::ColonColon);
  if (!at(TokenKind::LeftParen))
    fail<diag::non_function_in_impl>(span());
  const NodeId function = parse_function(begin(), FunctionOwner::Impl, false);
  return add(name.span.begin, ast::ConstDecl{name, false, {}, function});
}

} // namespace sx::syntax
