// Phase 5g: names in type positions that no declaration explains, in bodies and signatures of the entry file (R10.30).
// Expressions are not checked and nothing is resolved: what is only invisible, ambiguous or misused is reported where
// it is used (R10.19), and what syntax cannot decide is left alone.

#include "sema/built_types.h"
#include "sema/flow_tables.h"
#include "sema/syntax_scopes.h"
#include "sema/tables.h"
#include "source/diagnostic_notes.h"

#include <algorithm>

namespace sx::sema {

using syntax::Kind;

namespace {

bool is_type_syntax(Kind kind) {
  switch (kind) {
  case Kind::OptionalType:
  case Kind::PointerType:
  case Kind::ManyPointerType:
  case Kind::SliceType:
  case Kind::SentinelSliceType:
  case Kind::ArrayType:
  case Kind::VoidType:
  case Kind::ErrorChannel:
  case Kind::TypeIntro:
  case Kind::TypeApply:
  case Kind::FunctionType:
  case Kind::ReturnList:
  case Kind::TupleType:
  case Kind::ClosureType:
  case Kind::StructType:
  case Kind::EnumType:
  case Kind::UnionType:
  case Kind::ErrorSet:
  case Kind::ProtocolType: return true;
  default: return false;
  }
}

bool is_literal(Kind kind) {
  switch (kind) {
  case Kind::IntLiteral:
  case Kind::FloatLiteral:
  case Kind::StringLiteral:
  case Kind::CharLiteral:
  case Kind::BoolLiteral: return true;
  default: return false;
  }
}

class NamedTypes {
public:
  NamedTypes(Checker& checker, const Site& site) : checker_(checker), site_(site), scopes_(checker, site) {}

  void check(AstId node) {
    // What a type constructor declares literally is a type in its body (R7.129).
    for (const StringId name : declared_literals(tree(), checker_.strings, node))
      scopes_.declare({name, tree().span(node)}, Local::Type);
    scopes_.declare_surroundings(node);
    walk(node);
  }

private:
  using Local = SyntaxLocal::Kind;
  const syntax::Tree& tree() const { return *site_.tree; }

  // ---- expressions and statements ----

  // Recursion is bounded: no tree is higher than `syntax::max_nesting`.
  void walk(AstId node) {
    if (!node.valid())
      return;
    const Kind kind = tree().kind(node);
    if (is_type_syntax(kind))
      return type(node);
    switch (kind) {
    case Kind::Block: return block(tree().list(tree().get<ast::Block>(node).statements));
    case Kind::ConstDecl: return constant(tree().get<ast::ConstDecl>(node));
    case Kind::VarDecl: {
      const auto& variable = tree().get<ast::VarDecl>(node);
      type(variable.type);
      walk(variable.value);
      return;
    }
    case Kind::Function:
    case Kind::Lambda:
    case Kind::ProtocolMethod: return function(node);
    case Kind::Impl: return implementation(tree().get<ast::Impl>(node));
    case Kind::ContextExtend: {
      const auto& field = tree().get<ast::ContextExtend>(node);
      type(field.type);
      walk(field.value);
      return;
    }
    case Kind::Cast: {
      const auto& cast = tree().get<ast::Cast>(node);
      walk(cast.operand);
      {
        const CastTarget unknown_are_targets(checker_.tables().in_cast_target);
        type(cast.type);
      }
      walk(cast.allocator);
      return;
    }
    case Kind::StructLiteral: return struct_literal(tree().get<ast::StructLiteral>(node), node);
    case Kind::ArrayLiteral: {
      const auto& literal = tree().get<ast::ArrayLiteral>(node);
      literal_head(literal.head, tree().span(node));
      walk_list(literal.elements);
      return;
    }
    case Kind::If: return branch(tree().get<ast::If>(node));
    case Kind::Match: return match(tree().get<ast::Match>(node));
    case Kind::While: {
      const auto& loop = tree().get<ast::While>(node);
      walk(loop.condition);
      scoped([&] { scopes_.declare(loop.binding, Local::Value); }, loop.body);
      return;
    }
    case Kind::For: {
      const auto& loop = tree().get<ast::For>(node);
      walk_list(loop.iterables);
      scoped(
          [&] {
            for (AstId capture : tree().list(loop.captures))
              scopes_.declare(tree().get<ast::Capture>(capture).name, loop.is_inline ? Local::Unknown : Local::Value);
          },
          loop.body);
      return;
    }
    case Kind::Catch: {
      const auto& handler = tree().get<ast::Catch>(node);
      walk(handler.operand);
      scoped([&] { scopes_.declare(handler.binding, Local::Value); }, handler.body);
      return;
    }
    case Kind::OnFail: {
      const auto& cleanup = tree().get<ast::OnFail>(node);
      scoped([&] { scopes_.declare(cleanup.binding, Local::Value); }, cleanup.body);
      return;
    }
    default: tree().for_each_child(node, [&](AstId child) { walk(child); });
    }
  }

  void walk_list(syntax::NodeList nodes) {
    for (AstId node : tree().list(nodes))
      walk(node);
  }

  template <class Declare> void scoped(Declare declare, AstId body) {
    const std::size_t mark = scopes_.mark();
    declare();
    walk(body);
    scopes_.release(mark);
  }

  void block(std::span<const AstId> statements) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare_constants(statements);
    for (AstId statement : statements) {
      walk(statement);
      if (!tree().is(statement, Kind::ConstDecl))
        scopes_.declare_statement(statement);
    }
    scopes_.release(mark);
  }

  void constant(const ast::ConstDecl& declaration) {
    type(declaration.type);
    walk(declaration.value);
  }

  void function(AstId node) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare_signature(node);
    syntax::NodeList params;
    AstId body;
    if (const auto* plain = tree().try_get<ast::Function>(node)) {
      params = plain->params;
      body = plain->body;
    } else if (const auto* lambda = tree().try_get<ast::Lambda>(node)) {
      params = lambda->params;
      body = lambda->body;
    } else {
      params = tree().get<ast::ProtocolMethod>(node).params;
      body = tree().get<ast::ProtocolMethod>(node).body;
    }
    parameters(params);
    type(written_result(node));
    walk(body);
    scopes_.release(mark);
  }

  AstId written_result(AstId node) const {
    if (const auto* plain = tree().try_get<ast::Function>(node))
      return plain->result;
    if (const auto* lambda = tree().try_get<ast::Lambda>(node))
      return lambda->result;
    return tree().get<ast::ProtocolMethod>(node).result;
  }

  /// Types of parameters; what `$` constraints and header annotations name belongs to constraint checking.
  void parameters(syntax::NodeList params) {
    for (AstId id : tree().list(params)) {
      const auto& param = tree().get<ast::Param>(id);
      if (!param.is_comptime && !param.is_variadic)
        type(param.type);
      else if (tree().is(param.type, Kind::SliceType))
        type(param.type);
      walk(param.initial);
    }
  }

  /// The head and the target of an `impl` have codes of their own (E0709, E0710).
  void implementation(const ast::Impl& impl) {
    const std::size_t mark = scopes_.mark();
    for (AstId argument : tree().list(impl.args))
      scopes_.declare_introductions(argument);
    scopes_.declare_introductions(impl.target);
    walk_list(impl.methods);
    scopes_.release(mark);
  }

  void branch(const ast::If& node) {
    walk(node.condition);
    std::optional<bool> known;
    if (node.is_inline) {
      known = fold_inline_condition(checker_, site_, scopes_, node.condition);
      if (!known) // decided per instance, or at run time: reported when the function is reached
        return;
    }
    if (known.value_or(true))
      scoped([&] { scopes_.declare(node.binding, Local::Value); }, node.then_arm);
    if (!known.value_or(false))
      walk(node.else_arm);
  }

  void match(const ast::Match& node) {
    walk(node.subject);
    if (node.is_inline)
      return;
    for (AstId item : tree().list(node.cases)) {
      const auto& arm = tree().get<ast::Case>(item);
      scoped([&] { scopes_.declare(arm.capture, Local::Value); }, arm.body);
    }
    walk(node.else_body);
  }

  void struct_literal(const ast::StructLiteral& literal, AstId node) {
    literal_head(literal.head, tree().span(node));
    walk_list(literal.elements);
    walk(literal.init);
  }

  /// The head of a literal: the whole literal is the error (E0320).
  void literal_head(AstId head, Span literal) {
    if (!head.valid())
      return;
    if (const auto* name = tree().try_get<ast::Name>(head))
      return head_name(name->name, literal);
    if (const auto* apply = tree().try_get<ast::TypeApply>(head)) {
      literal_head(apply->head, literal);
      return arguments(apply->args);
    }
    if (const auto* call = tree().try_get<ast::Call>(head)) {
      literal_head(call->callee, literal);
      return arguments(call->args);
    }
    if (is_type_syntax(tree().kind(head)))
      type(head);
  }

  void head_name(syntax::Ident name, Span at) {
    if (!scopes_.find(name.text) && is_unknown(name))
      checker_.report_unknown_type<diag::unknown_type>(at, "", checker_.text(name.text));
  }

  // ---- types ----

  void type(AstId node) {
    if (!node.valid())
      return;
    switch (tree().kind(node)) {
    case Kind::Name: return type_name(tree().get<ast::Name>(node).name);
    case Kind::Member:
    case Kind::PackElement:
    case Kind::PackName:
    case Kind::Spread: return;
    case Kind::ErrorChannel: return channel(tree().get<ast::ErrorChannel>(node), tree().span(node));
    case Kind::TypeIntro: return introduction(tree().get<ast::TypeIntro>(node), tree().span(node));
    case Kind::ArrayType: {
      const auto& array = tree().get<ast::ArrayType>(node);
      walk(array.count);
      return type(array.element);
    }
    case Kind::TypeApply: {
      const auto& apply = tree().get<ast::TypeApply>(node);
      if (const auto* head = tree().try_get<ast::Name>(apply.head))
        head_name(head->name, head->name.span);
      return arguments(apply.args);
    }
    case Kind::TypeSlot: {
      const auto& slot = tree().get<ast::TypeSlot>(node);
      type(slot.type);
      return walk(slot.initial);
    }
    case Kind::TupleType:
      for (AstId slot : tree().list(tree().get<ast::TupleType>(node).slots))
        argument(tree().get<ast::TypeSlot>(slot).type);
      return;
    case Kind::StructType: return struct_type(tree().get<ast::StructType>(node));
    case Kind::EnumType: {
      const auto& type_node = tree().get<ast::EnumType>(node);
      type(type_node.backing);
      return walk_list(type_node.variants);
    }
    case Kind::ErrorSet: return; // its names are tags
    case Kind::ProtocolType: return protocol_type(tree().get<ast::ProtocolType>(node));
    case Kind::Call: return arguments(tree().get<ast::Call>(node).args);
    default: break;
    }
    if (!is_type_syntax(tree().kind(node)))
      return walk(node);
    tree().for_each_child(node, [&](AstId child) { part(child); });
  }

  /// A child of a type: mostly a type again.
  void part(AstId node) {
    if (const auto* member = tree().try_get<ast::UnionMember>(node))
      type(member->type);
    else
      type(node);
  }

  void struct_type(const ast::StructType& node) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare_header(node.params);
    scopes_.declare_constants(tree().list(node.members));
    for (AstId member : tree().list(node.members)) {
      if (const auto* group = tree().try_get<ast::FieldGroup>(member)) {
        in_field_ = true;
        type(group->type);
        in_field_ = false;
        walk(group->initial);
      } else if (tree().is(member, Kind::ConstDecl)) {
        walk(member);
      }
    }
    scopes_.release(mark);
  }

  void protocol_type(const ast::ProtocolType& node) {
    const std::size_t mark = scopes_.mark();
    scopes_.declare_header(node.params);
    walk_list(node.methods);
    scopes_.release(mark);
  }

  void arguments(syntax::NodeList nodes) {
    for (AstId node : tree().list(nodes))
      argument(node);
  }

  /// A type argument may be a value as well: a name is wrong only if nothing at all has it.
  void argument(AstId node) {
    const auto* name = tree().try_get<ast::Name>(node);
    if (!name) {
      if (!tree().is(node, Kind::Spread))
        type(node);
      return;
    }
    const SyntaxLocal* local = scopes_.find(name->name.text);
    if (local && local->kind == Local::RuntimeType)
      return value_as_type(name->name);
    if (local || declared_anywhere(name->name))
      return;
    type_name(name->name);
  }

  void introduction(const ast::TypeIntro& intro, Span span) {
    if (in_field_ && !scopes_.find(intro.name.text)) {
      const std::string name = checker_.text(intro.name.text);
      checker_.report_unknown_type<diag::type_parameter_in_field_type>(Span{span.file, span.begin, intro.name.span.end},
                                                                       help::type_parameter_in_header(name), name);
    }
  }

  void value_as_type(syntax::Ident name) {
    const std::string spelled = checker_.text(name.text);
    checker_.report_unknown_type<diag::value_parameter_as_type>(name.span, help::declare_as_type_parameter(spelled),
                                                                spelled);
  }

  void type_name(syntax::Ident name) {
    if (!name.raw && checker_.is_reserved_name(name.text))
      return;
    if (const SyntaxLocal* local = scopes_.find(name.text)) {
      if (local->kind == Local::RuntimeType || local->kind == Local::ComptimeValue)
        return value_as_type(name);
      const bool is_number = local->kind == Local::Constant && is_literal(tree().kind(local->value));
      if (is_number)
        checker_.report_unknown_type<diag::unknown_type>(name.span, "", checker_.text(name.text));
      return;
    }
    if (is_unknown(name))
      checker_.report_unknown_type<diag::unknown_type>(name.span, "", checker_.text(name.text));
  }

  /// No type of this name exists, seen from here or hidden from here.
  bool is_unknown(syntax::Ident name) {
    const std::string spelled = checker_.text(name.text);
    if (!name.raw && (spelled == "Self" || spelled == "Type"))
      return false;
    for (const Use use : {Use::Type, Use::TypeHead})
      if (checker_.find_quietly(site_, name.text, use, name.raw).kind != Found::Kind::None)
        return false;
    const auto& tables = checker_.tables();
    const auto could_be_type = [&](const auto& names) {
      const auto known = names.find(name.text);
      return known != names.end() && std::ranges::any_of(known->second, [&](DeclId id) { return may_denote_type(id); });
    };
    return !could_be_type(tables.public_names) && !could_be_type(tables.private_names);
  }

  /// A declaration that is a type, or a constant whose value may turn out to be one.
  bool may_denote_type(DeclId id) {
    if (checker_.serves(id, Use::Type) || checker_.serves(id, Use::TypeHead))
      return true;
    const Decl& target = checker_.decl(checker_.follow(id));
    switch (target.kind) {
    case DeclKind::Function:
    case DeclKind::GenericFunction:
    case DeclKind::Namespace:
    case DeclKind::Library: return false;
    case DeclKind::Constant: return target.type.valid() || !is_literal(target.site.kind(target.value));
    default: return true;
    }
  }

  bool declared_anywhere(syntax::Ident name) {
    return checker_.find_quietly(site_, name.text, Use::Any, name.raw).kind != Found::Kind::None ||
           checker_.tables().public_names.contains(name.text) || checker_.tables().private_names.contains(name.text);
  }

  // ---- error channels ----

  void channel(const ast::ErrorChannel& node, Span span) {
    const auto* path = node.set.valid() ? tree().try_get<ast::Name>(node.set) : nullptr;
    if (!path)
      return;
    const std::string spelled = checker_.text(path->name.text);
    switch (denoted_set(path->name)) {
    case Set::Fine: return;
    case Set::Unknown: return checker_.report_unknown_type<diag::unknown_error_set>(span, "", spelled);
    case Set::Other: return checker_.report_unknown_type<diag::not_an_error_set>(span, "", spelled);
    }
  }

  enum class Set : std::uint8_t { Fine, Unknown, Other };

  Set denoted_set(syntax::Ident name) {
    if (const SyntaxLocal* local = scopes_.find(name.text)) {
      if (local->kind == Local::Value)
        return Set::Unknown;
      if (local->kind != Local::Constant || !local->value.valid() || tree().is(local->value, Kind::ErrorSet))
        return Set::Fine;
      const Kind kind = tree().kind(local->value);
      return is_type_syntax(kind) ? Set::Other : is_literal(kind) ? Set::Unknown : Set::Fine;
    }
    const Found found = checker_.find_quietly(site_, name.text, Use::Type, name.raw);
    if (found.kind == Found::Kind::BuiltinType)
      return Set::Other;
    if (found.kind == Found::Kind::Declaration) {
      const Decl& type = checker_.decl(found.decl);
      const bool names_set = type.kind == DeclKind::Type && type.site.tree->is(type.value, Kind::ErrorSet);
      const bool settled = type.kind == DeclKind::Type || type.kind == DeclKind::TypeAlias;
      return names_set || !settled ? Set::Fine : Set::Other;
    }
    if (found.kind != Found::Kind::None)
      return Set::Fine;
    if (checker_.find_quietly(site_, name.text, Use::TypeHead, name.raw).kind != Found::Kind::None)
      return Set::Other;
    return is_unknown(name) ? Set::Unknown : Set::Fine;
  }

  Checker& checker_;
  Site site_;
  SyntaxScopes scopes_;
  bool in_field_ = false;
};

} // namespace

void Checker::check_named_types(DeclId id) {
  NamedTypes(*this, site_of(id)).check(decl(id).node);
}

void Checker::check_named_types(ModuleId id) {
  for (const ModuleItem& item : module(id).items)
    NamedTypes(*this, site_of(id)).check(item.node);
}

} // namespace sx::sema
