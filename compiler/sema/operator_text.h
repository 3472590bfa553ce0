#pragma once

#include "syntax/ast.h"

#include <string_view>

namespace sx::sema {

/// The spelling of an operator in diagnostics.
constexpr std::string_view operator_text(syntax::BinaryOp op) {
  using enum syntax::BinaryOp;
  switch (op) {
  case None: return "=";
  case Add: return "+";
  case Sub: return "-";
  case Mul: return "*";
  case Div: return "/";
  case Rem: return "%";
  case BitAnd: return "&";
  case BitOr: return "|";
  case BitXor: return "^";
  case ShiftLeft: return "<<";
  case ShiftRight: return ">>";
  case Equal: return "==";
  case NotEqual: return "!=";
  case Less: return "<";
  case LessEqual: return "<=";
  case Greater: return ">";
  case GreaterEqual: return ">=";
  case In: return "in";
  case And: return "and";
  case Or: return "or";
  case Coalesce: return "??";
  }
  return "?";
}

} // namespace sx::sema
