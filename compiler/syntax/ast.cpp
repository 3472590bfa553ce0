#include "syntax/ast.h"

namespace sx::syntax {

std::string_view kind_name(Kind kind) {
  switch (kind) {
#define SX_NODE(name)                                                                                                  \
  case Kind::name: return #name;
#define SX_FIELD(type, field)
#define SX_END(name)
#include "syntax/ast.def"
  }
  return "?";
}

NodeList Tree::add_list(std::span<const NodeId> ids) {
  const NodeList list{static_cast<std::uint32_t>(list_pool_.size()), static_cast<std::uint32_t>(ids.size())};
  list_pool_.insert(list_pool_.end(), ids.begin(), ids.end());
  return list;
}

WordList Tree::add_words(std::span<const std::uint32_t> words) {
  const WordList list{static_cast<std::uint32_t>(word_pool_.size()), static_cast<std::uint32_t>(words.size())};
  word_pool_.insert(word_pool_.end(), words.begin(), words.end());
  return list;
}

} // namespace sx::syntax
