// Node store of the checked tree.

#include "sema/hir.h"

namespace sx::sema::hir {

std::string_view kind_name(Kind kind) {
  switch (kind) {
#define SX_HIR(name)                                                                                                   \
  case Kind::name: return #name;
#define SX_HIR_FIELD(type, name)
#define SX_HIR_END(name)
#include "sema/hir.def"
  }
  return "?";
}

bool is_place(Kind kind) {
  switch (kind) {
  case Kind::Local:
  case Kind::Global:
  case Kind::ExternVariable:
  case Kind::Deref:
  case Kind::Field:
  case Kind::Element:
  case Kind::PointerElement:
  case Kind::Payload:
  case Kind::Materialize:
  case Kind::Context:
  case Kind::Reinterpret: return true;
  default: return false;
  }
}

NodeList Body::add_list(std::span<const NodeId> ids) {
  const NodeList list{static_cast<std::uint32_t>(nodes_.size()), static_cast<std::uint32_t>(ids.size())};
  nodes_.insert(nodes_.end(), ids.begin(), ids.end());
  return list;
}

WordList Body::add_words(std::span<const std::uint32_t> words) {
  const WordList list{static_cast<std::uint32_t>(words_.size()), static_cast<std::uint32_t>(words.size())};
  words_.insert(words_.end(), words.begin(), words.end());
  return list;
}

MemberInits Body::add_inits(std::span<const MemberInit> inits) {
  const MemberInits list{static_cast<std::uint32_t>(inits_.size()), static_cast<std::uint32_t>(inits.size())};
  inits_.insert(inits_.end(), inits.begin(), inits.end());
  return list;
}

LocalId Body::add_local(StringId name, TypeId type, Span span) {
  const LocalId id{locals.size()};
  locals.push_back({name, type, span});
  return id;
}

} // namespace sx::sema::hir
