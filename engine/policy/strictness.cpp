#include "engine/policy/strictness.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {
namespace {

/// Time constants that differ by less than this share count as one.
constexpr double kSame = 1e-6;

}  // namespace

// A lag of first order: a target c moves it by c (1 - L), one that fades as p M by p (M - L) x
// memory / (memory - lag), L and M being what is left of lag and memory.
void Strictness::advance(SimTime now) {
  const double elapsed = in_days(now - time_);
  time_ = now;
  const double lag = spec_.lag_days;
  const double memory = spec_.memory_days;
  const double left_of_lag = std::exp(-elapsed / lag);
  const double left_of_memory = std::exp(-elapsed / memory);
  const double followed = std::abs(memory - lag) < kSame * lag
                              ? left_of_lag * elapsed / lag
                              : (left_of_memory - left_of_lag) * memory / (memory - lag);
  logarithm_ =
      logarithm_ * left_of_lag + pull_of_supply_ * (1 - left_of_lag) + pull_of_moves_ * followed;
  pull_of_moves_ *= left_of_memory;
}

double Strictness::value() const {
  return std::clamp(std::exp(logarithm_), spec_.floor, spec_.ceiling);
}

}  // namespace tollgate
