// `asm` expressions: operands, their names, and the text with operands as numbers (2.29).

#include "sema/scopes.h"

#include <optional>
#include <set>

namespace sx::sema {

using syntax::AsmOperandKind;

namespace {

/// What a constraint pins: `rax` of `={rax}`; empty if nothing.
std::string_view pinned_register(std::string_view constraint) {
  const std::size_t open = constraint.find('{');
  const std::size_t close = constraint.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return {};
  return constraint.substr(open + 1, close - open - 1);
}

/// Whether the operand is an address in memory, so that any type will do.
bool is_memory(std::string_view constraint) {
  return constraint.find('{') == std::string_view::npos && constraint.find('m') != std::string_view::npos;
}

bool is_symbol(std::string_view constraint) {
  return constraint == "s";
}

/// Names under which the text may speak of operands: their own ones, then the registers they are pinned to.
struct OperandNames {
  std::vector<std::string> own, pinned;

  std::optional<std::size_t> find(std::string_view name) const {
    for (const auto* names : {&own, &pinned})
      for (std::size_t i = 0; i < names->size(); ++i)
        if ((*names)[i] == name && !name.empty())
          return i;
    return {};
  }
};

struct TextProblem {
  bool unterminated = false;
  std::string unknown;
};

/// Replaces each name in `%[name]` and `%[name:m]` by the operand's number.
std::optional<TextProblem> number_operands(std::string_view text, const OperandNames& names, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    if (text[at] != '%' || at + 1 == text.size())
      continue;
    const char next = text[++at];
    out += next;
    if (next != '[')
      continue;
    const std::size_t close = text.find(']', at);
    if (close == std::string_view::npos)
      return TextProblem{.unterminated = true};
    const std::string_view inside = text.substr(at + 1, close - at - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const auto number = names.find(name);
    if (!number)
      return TextProblem{.unknown = std::string(name)};
    out += std::to_string(*number);
    if (colon != std::string_view::npos)
      out += inside.substr(colon);
    out += ']';
    at = close;
  }
  return {};
}

bool fits_register(const TypeTable& types, TypeId type) {
  switch (types.kind(type)) {
  case TypeKind::Bool:
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

} // namespace

Operand BodyChecker::assembly_argument(const ast::AsmOperand& operand, Span span, AssemblyOperand& made) {
  const bool place = operand.kind == AsmOperandKind::PlaceOutput;
  Operand given = check(operand.value, Expect::none());
  if (given.poisoned())
    return given;
  if (place && (!given.is_place() || given.access != Access::Variable)) {
    report<diag::assembly_place>(span);
    return Operand::poison(span);
  }
  // A symbol is the address of what it names.
  const bool address = place || (is_symbol(made.constraint) && given.is_place());
  if (address) {
    made.type = given.type;
    given = make(hir::AddressOf{given.node}, types().pointer(given.type), given.span);
    if (!place)
      made.type = given.type;
  } else {
    given = to_value(std::move(given));
    made.type = given.type;
  }
  if (given.poisoned() || fits_register(types(), made.type) || is_memory(made.constraint))
    return given;
  return not_supported("an operand of type '" + std::string(name(made.type)) + "' of an 'asm'", span_of(operand.value));
}

Operand BodyChecker::check_asm(const ast::Asm& assembly, AstId node) {
  const Span span = span_of(node);
  Assembly made;
  made.is_volatile = assembly.is_volatile;
  for (const std::uint32_t clobber : tree().words(assembly.clobbers))
    made.clobbers.emplace_back(text(StringId(clobber)));

  bool wrong = false;
  OperandNames names;
  std::set<std::string> taken;
  std::vector<hir::NodeId> arguments;
  std::vector<TypeId> parameters, results;
  std::vector<StringId> slots;
  for (const AstId id : tree().list(assembly.operands)) {
    const auto& operand = tree().get<ast::AsmOperand>(id);
    AssemblyOperand row;
    row.kind = operand.kind;
    row.constraint = text(operand.constraint);
    const std::string own(operand.name.present() ? text(operand.name.text) : std::string_view());
    const std::string pinned(pinned_register(row.constraint));
    if (!own.empty() && own == pinned) {
      report<diag::assembly_operand_repeats_register>(span, own);
      wrong = true;
    } else if (!own.empty() && !taken.insert(own).second) {
      report<diag::assembly_operand_name_twice>(span, own);
      wrong = true;
    }
    names.own.push_back(own);
    names.pinned.push_back(pinned);
    if (operand.kind == AsmOperandKind::ValueOutput) {
      row.type = resolve_type(operand.value);
      if (types().is(row.type, TypeKind::Poison)) {
        wrong = true;
      } else if (!fits_register(types(), row.type)) {
        not_supported("an operand of type '" + std::string(name(row.type)) + "' of an 'asm'", span_of(operand.value));
        wrong = true;
      }
      results.push_back(row.type);
      slots.push_back(checker_.intern(own.empty() ? pinned : own));
    } else {
      const Operand argument = assembly_argument(operand, span, row);
      wrong = wrong || argument.poisoned();
      arguments.push_back(node_of(argument));
      parameters.push_back(argument.type);
    }
    made.operands.push_back(std::move(row));
  }

  const auto* literal = tree().try_get<ast::StringLiteral>(assembly.code);
  if (!literal) {
    report<diag::assembly_template_not_literal>(span_of(assembly.code));
    wrong = true;
  } else if (const auto problem = number_operands(text(literal->value), names, made.text)) {
    if (problem->unterminated)
      report<diag::assembly_placeholder_unterminated>(span);
    else
      report<diag::assembly_placeholder_unknown>(span, problem->unknown);
    wrong = true;
  }
  if (results.empty() && !assembly.is_volatile) {
    report<diag::assembly_without_effect>(span).help("mark it 'volatile'");
    wrong = true;
  }
  if (wrong) {
    ++errors_;
    return Operand::poison(span);
  }

  TypeId result = types().void_;
  if (results.size() == 1)
    result = results[0];
  else if (results.size() > 1)
    result = types().tuple(results, slots);
  Extern external;
  external.symbol = "asm";
  external.type = types().function(parameters, result, Convention::C);
  external.span = span;
  external.assembly = std::move(made);
  const ExternId id{program().externs.size()};
  program().externs.push_back(std::move(external));
  return value(emit(hir::CallExtern{id, body().add_list(arguments), {}}, result, span), result, span);
}

} // namespace sx::sema
