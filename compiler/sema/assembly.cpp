// Inline assembly (2.29): operands, the template's placeholders, and the form in which the back end gets both.

#include "sema/body_checker.h"
#include "source/diagnostic_notes.h"

namespace sx::sema {

namespace {

/// One operand while the expression is being checked. Its position is its number in the template.
struct AssemblyOperand {
  enum class Kind : std::uint8_t { Output, Memory, Input, Symbol };
  Kind kind = Kind::Input;
  StringId name;            ///< written in brackets; invalid if it is not
  std::string pinned;       ///< register of `{reg}`, or empty
  std::string constraint;   ///< as the back end writes it, without `+`
  bool is_read = false;     ///< `+`: an output that is an input as well
  bool is_place = false;    ///< writes to `address`, else its value is one of the expression's
  TypeId type;              ///< of the value or of the place
  hir::NodeId value;        ///< Input, Symbol
  hir::LocalId address;     ///< outputs to a place
  std::uint32_t number = 0; ///< position among the constraints
};

bool is_register_type(const TypeTable& types, TypeId type) {
  switch (types.kind(type)) {
  case TypeKind::Bool:
  case TypeKind::Int:
  case TypeKind::Float:
  case TypeKind::Pointer:
  case TypeKind::ManyPointer:
  case TypeKind::CString:
  case TypeKind::Function:
  case TypeKind::Enum:
  case TypeKind::Vector: return true;
  default: return types.is_integer(type);
  }
}

/// A constraint without its `=`, `+`: alternatives are separated by `|` (R2.126).
std::string alternatives(std::string_view constraint) {
  std::string made(constraint);
  std::ranges::replace(made, ',', '|');
  return made;
}

std::string pinned_register(std::string_view constraint) {
  const std::size_t open = constraint.find('{');
  const std::size_t close = constraint.find('}', open == std::string_view::npos ? 0 : open);
  return open == std::string_view::npos || close == std::string_view::npos
             ? std::string()
             : std::string(constraint.substr(open + 1, close - open - 1));
}

} // namespace

/// Checks one `asm` expression and builds its node.
class AssemblyCheck {
public:
  AssemblyCheck(BodyChecker& body, const ast::Asm& node, Span span) : body_(body), node_(node), span_(span) {}

  Operand run() {
    const auto* literal = body_.tree().try_get<ast::StringLiteral>(node_.code);
    if (literal == nullptr) {
      body_.report<diag::assembly_template_not_literal>(body_.span_of(node_.code));
      failed_ = true;
    }
    for (const AstId operand : body_.tree().list(node_.operands))
      add(body_.tree().get<ast::AsmOperand>(operand), body_.span_of(operand));
    check_names();
    number_operands();
    std::string code = literal ? translate(body_.text(literal->value)) : std::string();
    const bool has_value = std::ranges::any_of(
        operands_, [](const AssemblyOperand& o) { return o.kind == AssemblyOperand::Kind::Output && !o.is_place; });
    if (!has_value && !node_.is_volatile) {
      body_.report<diag::assembly_without_effect>(span_).help(help::mark_volatile());
      failed_ = true;
    }
    return failed_ ? Operand::poison(span_) : build(std::move(code));
  }

private:
  using Kind = AssemblyOperand::Kind;

  void refuse(Span span, std::string_view wanted, std::string_view found) {
    body_.report<diag::assembly_operand_syntax>(span, wanted, found);
    failed_ = true;
  }

  // ---- operands ----

  void add(const ast::AsmOperand& written, Span span) {
    const std::string_view constraint = body_.text(written.constraint);
    AssemblyOperand made;
    if (written.name.present())
      made.name = written.name.text;
    made.pinned = pinned_register(constraint);
    const bool is_output = written.kind != syntax::AsmOperandKind::Input;
    const bool marked = constraint.starts_with('=') || constraint.starts_with('+');
    const std::string_view body = marked ? constraint.substr(1) : constraint;
    if (body.empty() || body.find('~') != std::string_view::npos || marked != is_output)
      return refuse(span, is_output ? "a constraint that starts with '=' or '+'" : "a constraint without '=' and '+'",
                    constraint);
    made.constraint = alternatives(body);
    made.is_read = constraint.starts_with('+');
    switch (written.kind) {
    case syntax::AsmOperandKind::Input: input(made, written, span); break;
    case syntax::AsmOperandKind::ValueOutput: value_output(made, written, span); break;
    case syntax::AsmOperandKind::PlaceOutput: place_output(made, written, span); break;
    }
    operands_.push_back(std::move(made));
  }

  void want_register(TypeId type, Span span) {
    if (!body_.types().is(type, TypeKind::Poison) && !is_register_type(body_.types(), type))
      refuse(span, "a scalar or vector", body_.name(type));
  }

  void input(AssemblyOperand& made, const ast::AsmOperand& written, Span span) {
    if (made.constraint == "s")
      return symbol(made, written, span);
    const Operand operand = body_.check_value(written.value, Expect::none());
    if (operand.poisoned()) {
      failed_ = true;
      return;
    }
    want_register(operand.type, span);
    made.type = operand.type;
    made.value = operand.node;
    const hir::Kind kind = body_.body().kind(operand.node);
    const bool is_constant =
        kind == hir::Kind::IntConst || kind == hir::Kind::FunctionConst || kind == hir::Kind::ExternConst;
    if (!is_constant && !failed_)
      made.value = body_.local_value(body_.spill(operand, before_), operand.span);
  }

  /// A function or module variable by name (R2.125): its address is part of the text.
  void symbol(AssemblyOperand& made, const ast::AsmOperand& written, Span span) {
    made.kind = Kind::Symbol;
    Operand operand = body_.check(written.value, Expect::none());
    if (operand.kind == Operand::Kind::Function)
      operand = body_.function_value(operand);
    if (operand.poisoned()) {
      failed_ = true;
      return;
    }
    const hir::Kind kind = body_.body().kind(operand.node);
    const bool is_function = kind == hir::Kind::FunctionConst || kind == hir::Kind::ExternConst;
    if (operand.is_place() && (kind == hir::Kind::Global || kind == hir::Kind::ExternVariable))
      operand = body_.make(hir::AddressOf{operand.node}, body_.types().pointer(operand.type), operand.span);
    else if (!operand.is_value() || !is_function)
      return refuse(span, "the name of a function or module variable", body_.checker().source_text(operand.span));
    made.type = operand.type;
    made.value = operand.node;
    // What position-independent code of x86-64 accepts for any symbol.
    if (body_.checker().options.target_arch == "x86_64")
      made.constraint = "^Ws";
  }

  void value_output(AssemblyOperand& made, const ast::AsmOperand& written, Span span) {
    made.kind = Kind::Output;
    if (made.is_read)
      return refuse(span, "a place after '-> *'", "'+' with a type");
    made.type = body_.resolve_type(written.value);
    if (body_.types().is(made.type, TypeKind::Poison))
      failed_ = true;
    want_register(made.type, span);
  }

  void place_output(AssemblyOperand& made, const ast::AsmOperand& written, Span span) {
    made.is_place = true;
    Operand place = body_.check(written.value, Expect::none());
    if (place.poisoned()) {
      failed_ = true;
      return;
    }
    if (!place.is_place() || place.access == Access::Temporary) {
      body_.report<diag::assembly_place>(span_);
      failed_ = true;
      return;
    }
    if (body_.report_unwritable(place, span)) {
      failed_ = true;
      return;
    }
    if (place.local.valid())
      body_.kill_fact(place.local);
    const bool is_memory = made.constraint.starts_with('*') || made.constraint == "m";
    made.kind = is_memory ? Kind::Memory : Kind::Output;
    if (is_memory)
      made.constraint = made.constraint.starts_with('*') ? made.constraint.substr(1) : made.constraint;
    else
      want_register(place.type, span);
    made.type = place.type;
    const TypeId pointer = body_.types().pointer(place.type);
    const Operand address = body_.make(hir::AddressOf{place.node}, pointer, place.span);
    made.address = body_.spill(address, before_);
  }

  // ---- names and numbers ----

  void check_names() {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const StringId name = operands_[i].name;
      if (!name.valid())
        continue;
      if (body_.text(name) == operands_[i].pinned) {
        body_.report<diag::assembly_operand_repeats_register>(span_, body_.text(name));
        failed_ = true;
      }
      for (std::size_t k = 0; k < i; ++k)
        if (operands_[k].name == name) {
          body_.report<diag::assembly_operand_name_twice>(span_, body_.text(name));
          failed_ = true;
          break;
        }
    }
  }

  template <class Visit> void each(Kind first, Kind second, Visit visit) {
    for (AssemblyOperand& operand : operands_)
      if (operand.kind == first || operand.kind == second)
        visit(operand);
  }

  /// R2.126: outputs, indirect addresses, inputs; seeds follow without being named.
  void number_operands() {
    std::uint32_t next = 0;
    const auto number = [&](AssemblyOperand& operand) { operand.number = next++; };
    each(Kind::Output, Kind::Output, number);
    each(Kind::Memory, Kind::Memory, number);
    each(Kind::Input, Kind::Symbol, number);
  }

  /// By its own name, else by the register that only it is pinned to; outputs come first.
  const AssemblyOperand* find(std::string_view name) const {
    for (const AssemblyOperand& operand : operands_)
      if (operand.name.valid() && body_.text(operand.name) == name)
        return &operand;
    for (const bool output : {true, false})
      for (const AssemblyOperand& operand : operands_)
        if ((operand.kind == Kind::Output) == output && !operand.name.valid() && operand.pinned == name)
          return &operand;
    return nullptr;
  }

  // ---- the template ----

  std::string translate(std::string_view code) {
    std::string out;
    for (std::size_t i = 0; i < code.size(); ++i) {
      const char c = code[i];
      const char next = i + 1 < code.size() ? code[i + 1] : '\0';
      if (c == '$') {
        out += "$$";
      } else if (c == '%' && next == '%') {
        out += '%';
        ++i;
      } else if (c == '%' && next == '=') {
        out += "${:uid}";
        ++i;
      } else if (c == '%' && next == '[') {
        const std::size_t close = code.find(']', i);
        if (close == std::string_view::npos) {
          body_.report<diag::assembly_placeholder_unterminated>(span_);
          failed_ = true;
          return out;
        }
        out += placeholder(code.substr(i + 2, close - i - 2));
        i = close;
      } else {
        out += c;
      }
    }
    return out;
  }

  /// `name` or `name:m`, where the modifier is one letter.
  std::string placeholder(std::string_view written) {
    const std::size_t colon = written.find(':');
    const AssemblyOperand* operand = find(written.substr(0, colon));
    const std::string_view modifier = colon == std::string_view::npos ? "" : written.substr(colon + 1);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool sound = colon == std::string_view::npos || (modifier.size() == 1 && is_letter(modifier[0]));
    if (operand == nullptr || !sound) {
      if (!failed_ || operand == nullptr)
        body_.report<diag::assembly_placeholder_unknown>(span_, written);
      failed_ = true;
      return {};
    }
    std::string made = "${" + std::to_string(operand->number);
    if (!modifier.empty())
      made += ":" + std::string(modifier);
    else if (operand->kind == Kind::Symbol)
      made += ":c"; // bare
    return made + "}";
  }

  // ---- the node ----

  std::string constraints() {
    std::string made;
    const auto add_part = [&](const std::string& part) { made += (made.empty() ? "" : ",") + part; };
    each(Kind::Output, Kind::Output, [&](AssemblyOperand& o) { add_part("=" + o.constraint); });
    each(Kind::Memory, Kind::Memory, [&](AssemblyOperand& o) { add_part("=*" + o.constraint); });
    each(Kind::Input, Kind::Symbol, [&](AssemblyOperand& o) { add_part(o.constraint); });
    each(Kind::Output, Kind::Output, [&](AssemblyOperand& o) {
      if (o.is_read)
        add_part(std::to_string(o.number));
    });
    for (const std::uint32_t clobber : body_.tree().words(node_.clobbers))
      add_part("~{" + std::string(body_.text(StringId(clobber))) + "}");
    return made;
  }

  Operand pointee(const AssemblyOperand& operand) {
    return body_.place(body_.emit(hir::Deref{body_.local_value(operand.address, span_)}, operand.type, span_),
                       operand.type, span_);
  }

  Operand build(std::string code) {
    Assembly row;
    row.text = std::move(code);
    row.constraints = constraints();
    row.has_effects = node_.is_volatile;
    std::vector<hir::NodeId> args;
    each(Kind::Memory, Kind::Memory, [&](AssemblyOperand& operand) {
      row.memory.push_back(operand.type);
      args.push_back(body_.local_value(operand.address, span_));
    });
    each(Kind::Input, Kind::Symbol, [&](AssemblyOperand& operand) { args.push_back(operand.value); });
    std::vector<TypeId> results;
    each(Kind::Output, Kind::Output, [&](AssemblyOperand& operand) {
      results.push_back(operand.type);
      if (operand.is_read)
        args.push_back(body_.emit(hir::Load{pointee(operand).node}, operand.type, span_));
    });
    const TypeId type = results.empty()       ? body_.types().void_
                        : results.size() == 1 ? results[0]
                                              : body_.types().tuple(results);
    const auto id = static_cast<std::uint32_t>(body_.program().assemblies.size());
    body_.program().assemblies.push_back(std::move(row));
    const Operand made = body_.make(hir::Asm{id, body_.body().add_list(args)}, type, span_);
    return results.empty() ? body_.sequence(before_, made, span_) : hand_out(made, results.size() > 1);
  }

  /// Stores what goes to places; the rest is the value of the expression.
  Operand hand_out(const Operand& made, bool several) {
    const hir::LocalId whole = body_.spill(made, before_);
    std::uint32_t index = 0;
    std::vector<hir::MemberInit> values;
    std::vector<TypeId> types;
    std::vector<StringId> names;
    bool is_named = true;
    each(Kind::Output, Kind::Output, [&](AssemblyOperand& operand) {
      const std::uint32_t at = index++;
      hir::NodeId part = body_.emit(hir::Local{whole}, made.type, span_);
      if (several)
        part = body_.emit(hir::Field{part, at}, operand.type, span_);
      const hir::NodeId value = body_.emit(hir::Load{part}, operand.type, span_);
      if (operand.is_place) {
        before_.push_back(body_.emit(hir::Store{pointee(operand).node, value}, body_.types().void_, span_));
        return;
      }
      values.push_back({static_cast<std::uint32_t>(values.size()), value});
      types.push_back(operand.type);
      if (operand.name.valid())
        names.push_back(operand.name);
      else if (!operand.pinned.empty())
        names.push_back(body_.strings().intern(operand.pinned));
      else
        is_named = false;
    });
    if (values.empty())
      return body_.sequence(before_, body_.void_value(span_), span_);
    if (values.size() == 1)
      return body_.sequence(before_, body_.value(values[0].value, types[0], span_), span_);
    const TypeId tuple = body_.types().tuple(types, is_named ? names : std::vector<StringId>());
    return body_.sequence(before_, body_.value(body_.aggregate(values, tuple, span_), tuple, span_), span_);
  }

  BodyChecker& body_;
  const ast::Asm& node_;
  Span span_;
  std::vector<AssemblyOperand> operands_;
  std::vector<hir::NodeId> before_;
  bool failed_ = false;
};

Operand BodyChecker::check_asm(const ast::Asm& node, Span span) {
  return AssemblyCheck(*this, node, span).run();
}

/// R2.66: the body of a naked function is assembly; operands other than symbols would need a frame.
void BodyChecker::check_naked(AstId body_node) {
  const Span span = span_of(body_node);
  std::vector<hir::NodeId> out;
  bool sound = tree().is(body_node, AstKind::Block);
  if (sound)
    for (const AstId statement : tree().list(tree().get<ast::Block>(body_node).statements)) {
      const auto* expression = tree().try_get<ast::ExprStatement>(statement);
      const auto* code = expression ? tree().try_get<ast::Asm>(expression->value) : nullptr;
      const bool only_symbols = code && std::ranges::all_of(tree().list(code->operands), [&](AstId operand) {
                                  const auto& part = tree().get<ast::AsmOperand>(operand);
                                  return part.kind == syntax::AsmOperandKind::Input && text(part.constraint) == "s";
                                });
      if (!only_symbols) {
        not_supported("anything but 'asm' with symbol operands in a naked function", span_of(statement));
        sound = false;
        break;
      }
      out.push_back(node_of(check(expression->value, Expect::statement())));
    }
  else
    not_supported("a naked function without a block", span);
  if (!sound)
    return finish_body({}, Operand::poison(span), span);
  out.push_back(trap(hir::TrapKind::Unreachable, "", span));
  finish_body({}, value(block(out, {}, types().noreturn, span), types().noreturn, span), span);
}

} // namespace sx::sema
