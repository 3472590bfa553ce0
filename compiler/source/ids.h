#pragma once
// Strongly typed 32-bit indices: an id of one table can't be used to index another.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace sx {

/// An index into the table that `Tag` names. The default value is "none".
template <class Tag> struct Id {
  static constexpr std::uint32_t none_value = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value = none_value;

  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t v) : value(v) {}
  constexpr explicit Id(std::size_t v) : value(static_cast<std::uint32_t>(v)) {}
  constexpr explicit Id(int v) : value(static_cast<std::uint32_t>(v)) {}

  constexpr bool valid() const { return value != none_value; }
  constexpr explicit operator bool() const { return valid(); }
  constexpr std::size_t index() const { return value; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

} // namespace sx

template <class Tag> struct std::hash<sx::Id<Tag>> {
  std::size_t operator()(sx::Id<Tag> id) const noexcept { return std::hash<std::uint32_t>{}(id.value); }
};
