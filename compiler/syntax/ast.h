#pragma once
// The syntax tree of one file: nodes in flat arrays, addressed by 32-bit ids. Node kinds and their
// fields are listed in `ast.def`; everything else here is derived from that table.

#include "source/ids.h"
#include "source/interner.h"
#include "source/span.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

namespace sx::syntax {

using NodeId = Id<struct SyntaxNodeTag>;

/// A run of child ids in the tree's list pool.
struct NodeList {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool empty() const { return count == 0; }
};

/// A run of plain words (operators, interned names) in the tree's list pool.
struct WordList {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// A written name. `span` starts after a backtick (R1.21); an absent optional name has an invalid span.
struct Ident {
  StringId text;
  Span span;
  bool raw = false;
  bool present() const { return span.valid(); }
};

enum class UnaryOp : std::uint8_t { Negate, Not, BitNot, Xx, Pointer, Try };

enum class BinaryOp : std::uint8_t {
  None,
  Add,
  Sub,
  Mul,
  Div,
  Rem,
  BitAnd,
  BitOr,
  BitXor,
  ShiftLeft,
  ShiftRight,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  And,
  Or,
  Coalesce,
};

/// The nine range tokens (R1.11).
struct RangeOp {
  bool start_exclusive = false;
  bool end_inclusive = false;
  bool end_marked = false; ///< an explicit `=` or `<` after the dots: the end is required
};

enum class CaseForm : std::uint8_t { Empty, Arrow, Statements };
enum class Abi : std::uint8_t { Default, C, Naked, Zig };
enum class Linkage : std::uint8_t { Internal, Extern, Export };
enum class Accessor : std::uint8_t { None, Get, Set };
enum class BodyForm : std::uint8_t { None, Block, Arrow, Intrinsic };
enum class AsmOperandKind : std::uint8_t { ValueOutput, PlaceOutput, Input };
enum class CImportKind : std::uint8_t { Include, Source, Define, Flags };

namespace ast {
#define SX_NODE(name) struct name {
#define SX_FIELD(type, field) type field{};
#define SX_END(name)                                                                                                   \
  }                                                                                                                    \
  ;
#include "syntax/ast.def"
} // namespace ast

enum class Kind : std::uint8_t {
#define SX_NODE(name) name,
#define SX_FIELD(type, field)
#define SX_END(name)
#include "syntax/ast.def"
};

std::string_view kind_name(Kind kind);

/// Maps a node struct to its kind.
template <class T> inline constexpr Kind kind_of = Kind{};
#define SX_NODE(name) template <> inline constexpr Kind kind_of<ast::name> = Kind::name;
#define SX_FIELD(type, field)
#define SX_END(name)
#include "syntax/ast.def"

/// The tree of one file. Built by the parser, read-only afterwards; `#insert` text gets trees of its own.
class Tree {
public:
  template <class T> NodeId add(Span span, T node) {
    auto& pool = std::get<std::vector<T>>(pools_);
    const NodeId id{kinds_.size()};
    kinds_.push_back(kind_of<T>);
    payloads_.push_back(static_cast<std::uint32_t>(pool.size()));
    spans_.push_back(span);
    pool.push_back(node);
    return id;
  }
  NodeList add_list(std::span<const NodeId> ids);
  WordList add_words(std::span<const std::uint32_t> words);

  Kind kind(NodeId id) const { return kinds_[id.index()]; }
  bool is(NodeId id, Kind k) const { return id.valid() && kind(id) == k; }
  Span span(NodeId id) const { return spans_[id.index()]; }
  void set_span(NodeId id, Span span) { spans_[id.index()] = span; }
  std::size_t size() const { return kinds_.size(); }

  /// `id` must have the kind of `T`.
  template <class T> const T& get(NodeId id) const { return std::get<std::vector<T>>(pools_)[payloads_[id.index()]]; }
  template <class T> T& get_mutable(NodeId id) { return std::get<std::vector<T>>(pools_)[payloads_[id.index()]]; }
  /// The node if it has the kind of `T`, else null.
  template <class T> const T* try_get(NodeId id) const { return is(id, kind_of<T>) ? &get<T>(id) : nullptr; }

  std::span<const NodeId> list(NodeList l) const { return {list_pool_.data() + l.first, l.count}; }
  std::span<const std::uint32_t> words(WordList l) const { return {word_pool_.data() + l.first, l.count}; }

  NodeId root() const { return root_; }
  void set_root(NodeId id) { root_ = id; }

  /// Calls `visit(NodeId)` for each valid direct child in field order.
  template <class Visit> void for_each_child(NodeId id, Visit&& visit) const;

private:
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> payloads_;
  std::vector<Span> spans_;
  std::vector<NodeId> list_pool_;
  std::vector<std::uint32_t> word_pool_;
  NodeId root_;
  struct Unused {};
  std::tuple<
#define SX_NODE(name) std::vector<ast::name>,
#define SX_FIELD(type, field)
#define SX_END(name)
#include "syntax/ast.def"
      Unused>
      pools_;
};

namespace detail {
template <class Visit> void visit_field(const Tree&, NodeId child, Visit& visit) {
  if (child.valid())
    visit(child);
}
template <class Visit> void visit_field(const Tree& tree, NodeList children, Visit& visit) {
  for (NodeId child : tree.list(children))
    visit(child);
}
template <class Field, class Visit> void visit_field(const Tree&, const Field&, Visit&) {}
} // namespace detail

template <class Visit> void Tree::for_each_child(NodeId id, Visit&& visit) const {
  switch (kind(id)) {
#define SX_NODE(name)                                                                                                  \
  case Kind::name: {                                                                                                   \
    [[maybe_unused]] const ast::name& node = get<ast::name>(id);
#define SX_FIELD(type, field) detail::visit_field(*this, node.field, visit);
#define SX_END(name)                                                                                                   \
  break;                                                                                                               \
  }
#include "syntax/ast.def"
  }
}

} // namespace sx::syntax
