#include "syntax/dump.h"

#include <array>
#include <charconv>
#include <string_view>
#include <type_traits>

namespace sx::syntax {

namespace {

constexpr std::string_view names_of(UnaryOp op) {
  constexpr std::array<std::string_view, 6> names{"-", "!", "~", "xx", "*", "try"};
  return names[static_cast<std::size_t>(op)];
}
constexpr std::string_view names_of(BinaryOp op) {
  constexpr std::array<std::string_view, 21> names{"=",  "+",  "-", "*",  "/", "%",  "&",  "|",   "^",  "<<", ">>",
                                                   "==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "??"};
  return names[static_cast<std::size_t>(op)];
}
constexpr std::string_view names_of(CaseForm form) {
  constexpr std::array<std::string_view, 3> names{"empty", "=>", ""};
  return names[static_cast<std::size_t>(form)];
}
constexpr std::string_view names_of(Abi abi) {
  constexpr std::array<std::string_view, 4> names{"", "abi-c", "abi-naked", "abi-zig"};
  return names[static_cast<std::size_t>(abi)];
}
constexpr std::string_view names_of(Linkage linkage) {
  constexpr std::array<std::string_view, 3> names{"", "extern", "export"};
  return names[static_cast<std::size_t>(linkage)];
}
constexpr std::string_view names_of(Accessor accessor) {
  constexpr std::array<std::string_view, 3> names{"", "#get", "#set"};
  return names[static_cast<std::size_t>(accessor)];
}
constexpr std::string_view names_of(BodyForm form) {
  constexpr std::array<std::string_view, 4> names{"bodiless", "", "=>", "intrinsic"};
  return names[static_cast<std::size_t>(form)];
}
constexpr std::string_view names_of(AsmOperandKind kind) {
  constexpr std::array<std::string_view, 3> names{"->", "->*", "="};
  return names[static_cast<std::size_t>(kind)];
}
constexpr std::string_view names_of(CImportKind kind) {
  constexpr std::array<std::string_view, 4> names{"#include", "#source", "#define", "#flags"};
  return names[static_cast<std::size_t>(kind)];
}

/// Writes one tree. Recursion is bounded: no tree is higher than `max_nesting`.
class Dumper {
public:
  Dumper(const Tree& tree, const Interner& strings) : tree_(tree), strings_(strings) {}

  std::string take() { return std::move(out_); }

  void node(NodeId id) {
    out_ += '(';
    out_ += kind_name(tree_.kind(id));
    switch (tree_.kind(id)) {
#define SX_NODE(name)                                                                                                  \
  case Kind::name: {                                                                                                   \
    [[maybe_unused]] const ast::name& fields = tree_.get<ast::name>(id);
#define SX_FIELD(type, name) field(fields.name, #name);
#define SX_END(name)                                                                                                   \
  break;                                                                                                               \
  }
#include "syntax/ast.def"
    }
    out_ += ')';
  }

private:
  void word(std::string_view text) {
    out_ += ' ';
    out_ += text;
  }

  void field(NodeId child, std::string_view) {
    if (!child.valid())
      return word("_");
    out_ += ' ';
    node(child);
  }
  void field(NodeList children, std::string_view) {
    out_ += " [";
    bool first = true;
    for (NodeId child : tree_.list(children)) {
      if (!first)
        out_ += ' ';
      first = false;
      node(child);
    }
    out_ += ']';
  }
  /// Operators of a chain and clobbers of assembly.
  void field(WordList words, std::string_view name) {
    out_ += " [";
    bool first = true;
    for (std::uint32_t value : tree_.words(words)) {
      if (!first)
        out_ += ' ';
      first = false;
      out_ += name == "ops" ? names_of(static_cast<BinaryOp>(value)) : strings_.text(StringId(value));
    }
    out_ += ']';
  }
  void field(const Ident& ident, std::string_view) {
    if (!ident.present())
      return word("_");
    word(ident.raw ? "`" : "");
    out_ += strings_.text(ident.text);
  }
  void field(StringId text, std::string_view) {
    out_ += " \"";
    if (text.valid())
      for (char c : strings_.text(text))
        quoted(c);
    out_ += '"';
  }
  void quoted(char c) {
    if (c == '\n')
      out_ += "\\n";
    else if (c == '"' || c == '\\')
      (out_ += '\\') += c;
    else
      out_ += c;
  }
  void field(bool value, std::string_view name) {
    if (value)
      word(name);
  }
  void field(double value, std::string_view) {
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    word({buffer.data(), result.ptr});
  }
  void field(RangeOp range, std::string_view) {
    word(range.start_exclusive ? "<.." : "..");
    if (range.end_marked)
      out_ += range.end_inclusive ? "=" : "<";
  }
  void field(Span, std::string_view) {}
  template <class T>
    requires std::is_enum_v<T>
  void field(T value, std::string_view) {
    if (!names_of(value).empty())
      word(names_of(value));
  }
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  void field(T value, std::string_view) {
    word(std::to_string(value));
  }

  const Tree& tree_;
  const Interner& strings_;
  std::string out_;
};

} // namespace

std::string dump(const Tree& tree, NodeId node, const Interner& strings) {
  Dumper dumper(tree, strings);
  dumper.node(node);
  return dumper.take();
}

std::string dump(const Tree& tree, const Interner& strings) {
  return dump(tree, tree.root(), strings);
}

} // namespace sx::syntax
