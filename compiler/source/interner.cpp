#include "source/interner.h"

namespace sx {

Interner::Interner() {
  intern("");
}

StringId Interner::intern(std::string_view text) {
  if (auto found = ids_.find(text); found != ids_.end())
    return StringId(found->second);
  const std::string& stored = storage_.emplace_back(text);
  const auto id = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(stored);
  ids_.emplace(texts_.back(), id);
  return StringId(id);
}

StringId Interner::find(std::string_view text) const {
  auto found = ids_.find(text);
  return found == ids_.end() ? StringId() : StringId(found->second);
}

} // namespace sx
