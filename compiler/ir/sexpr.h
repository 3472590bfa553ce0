#pragma once
// S-expressions: the surface of the text form. Atoms, quoted strings and lists in one arena, without recursion.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sx::ir {

using ItemId = std::uint32_t;

/// An element of the arena. Lists hold their elements in `children`.
struct Item {
  enum class Kind : std::uint8_t { Atom, String, List } kind = Kind::Atom;
  std::size_t offset = 0;       ///< of its first byte in the text it was parsed from
  std::string text;             ///< of an atom, or the value of a string
  std::vector<ItemId> children; ///< of a list
};

/// A forest of items.
struct Sexpr {
  std::vector<Item> items;
  std::vector<ItemId> top;

  ItemId atom(std::string text);
  ItemId string(std::string_view value);
  ItemId list(std::vector<ItemId> children = {});
  /// A list that starts with an atom.
  ItemId form(std::string head, std::vector<ItemId> rest = {});
  void add(ItemId list, ItemId child) { items[list].children.push_back(child); }
  const Item& operator[](ItemId id) const { return items[id]; }
};

struct SexprError {
  std::size_t offset = 0;
  std::string message;
};

/// Lists may nest this deep.
inline constexpr std::size_t max_sexpr_depth = 5000;

/// Atoms end at white space, a parenthesis, a quote or `;` (a comment to the end of the line).
/// Strings know the escapes \n \t \r \0 \" \\ \xHH.
std::expected<Sexpr, SexprError> parse_sexpr(std::string_view text);

/// One top-level list after the other. A list that fits stands on one line, else its elements on lines of their own.
std::string format_sexpr(const Sexpr& sexpr);

std::string quote(std::string_view value);

} // namespace sx::ir
