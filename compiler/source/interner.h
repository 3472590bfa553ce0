#pragma once

#include "source/ids.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sx {

using StringId = Id<struct StringTag>;

/// Stores each distinct text once. Ids are dense from 0; id 0 is the empty text.
/// Views returned by `text` stay valid as long as the interner lives.
class Interner {
public:
  Interner();
  Interner(const Interner&) = delete;
  Interner& operator=(const Interner&) = delete;

  StringId intern(std::string_view text);
  /// The id of `text` if it was interned before, else an invalid id.
  StringId find(std::string_view text) const;
  /// `id` must come from this interner.
  std::string_view text(StringId id) const { return texts_[id.index()]; }
  std::size_t size() const { return texts_.size(); }

private:
  std::deque<std::string> storage_;
  std::vector<std::string_view> texts_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;
};

} // namespace sx
