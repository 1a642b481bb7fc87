/// Indices of entities that cannot be mixed up: a `VendorId` is not a `BuyerId`.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tollgate {

/// An index into the array of all entities of kind `Tag`. Default: no entity.
template <class Tag>
struct Id {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t value = kNone;

  constexpr Id() = default;
  constexpr explicit Id(std::size_t index) : value(static_cast<std::uint32_t>(index)) {}

  [[nodiscard]] constexpr std::size_t index() const { return value; }
  [[nodiscard]] constexpr bool is_some() const { return value != kNone; }
  auto operator<=>(const Id&) const = default;
};

}  // namespace tollgate
