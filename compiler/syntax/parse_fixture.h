#pragma once
// Helpers of the tests of this room.

#include "source/diagnostics.h"
#include "source/interner.h"
#include "source/source_map.h"
#include "syntax/dump.h"
#include "syntax/parser.h"

#include <memory>
#include <string>
#include <string_view>

namespace sx::syntax {

/// One parsed text and everything it needs to stay alive.
struct Parsed {
  SourceMap sources;
  Interner strings;
  Diagnostics diagnostics;
  std::unique_ptr<Tree> tree;

  explicit Parsed(std::string text, bool statements = false) {
    const FileId file = sources.add("test.sx", std::move(text));
    tree = (statements ? parse_statements : parse_file)(file, sources, strings, diagnostics);
  }

  bool ok() const { return !diagnostics.has_errors(); }
  /// `ok`, or the only report as `E0201@1:9 spanned text`; several reports are all listed.
  std::string outcome() const {
    if (ok())
      return "ok";
    std::string out;
    for (const Report& report : diagnostics.reports()) {
      const LineColumn at = sources.locate(report.span);
      out += out.empty() ? "" : " + ";
      out += std::string(report.info->code) + "@" + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
             std::string(sources.text(report.span));
    }
    return out;
  }
  /// The dump, or the outcome if the text was rejected.
  std::string shown() const { return ok() ? dump(*tree, strings) : outcome(); }
};

/// How `text` is rejected (or `ok`).
inline std::string outcome_of(std::string_view text) {
  return Parsed(std::string(text)).outcome();
}

/// The dump of one expression.
inline std::string expression(std::string_view text) {
  Parsed parsed("x := " + std::string(text) + ";");
  if (!parsed.ok())
    return parsed.outcome();
  const auto& file = parsed.tree->get<ast::File>(parsed.tree->root());
  const auto& declaration = parsed.tree->get<ast::VarDecl>(parsed.tree->list(file.items)[0]);
  return dump(*parsed.tree, declaration.value, parsed.strings);
}

/// The dump of one type.
inline std::string type(std::string_view text) {
  Parsed parsed("x : " + std::string(text) + ";");
  if (!parsed.ok())
    return parsed.outcome();
  const auto& file = parsed.tree->get<ast::File>(parsed.tree->root());
  const auto& declaration = parsed.tree->get<ast::VarDecl>(parsed.tree->list(file.items)[0]);
  return dump(*parsed.tree, declaration.type, parsed.strings);
}

/// The dump of a statement list (a Block).
inline std::string statements(std::string_view text) {
  return Parsed(std::string(text), true).shown();
}

/// The dump of a file without the root around its items.
inline std::string items(std::string_view text) {
  return Parsed(std::string(text)).shown();
}

} // namespace sx::syntax
