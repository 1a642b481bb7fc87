/// Money: whole US cents. Sums are exact, so that every account can be checked to the cent.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

#include "engine/kernel/check.hpp"

namespace tollgate {

struct Cents {
  std::int64_t value = 0;
  auto operator<=>(const Cents&) const = default;
};

constexpr Cents operator+(Cents a, Cents b) { return {a.value + b.value}; }
constexpr Cents operator-(Cents a, Cents b) { return {a.value - b.value}; }

/// The nearest whole cent. Precondition: magnitude below 9e16 USD / 100.
inline Cents from_usd(double usd) { return {static_cast<std::int64_t>(std::llround(usd * 100.0))}; }

constexpr double in_usd(Cents c) { return static_cast<double>(c.value) / 100.0; }

/// `units` at `unit_price` each. Throws InvariantError on overflow.
inline Cents times(Cents unit_price, std::int64_t units) {
  std::int64_t product = 0;
  TOLLGATE_CHECK(!__builtin_mul_overflow(unit_price.value, units, &product),
                 "an amount of money exceeds 64 bits");
  return {product};
}

/// A share of an amount, to the nearest cent, halves away from zero.
inline Cents share_of(Cents amount, double rate) {
  return {static_cast<std::int64_t>(std::llround(static_cast<double>(amount.value) * rate))};
}

}  // namespace tollgate
