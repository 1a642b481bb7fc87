#include "scenarios/sweep.hpp"

#include <fmt/format.h>

#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

/// On [low, high] at u in [0, 1], exact at both ends.
double between(const Uniform& ends, double u, bool is_log) {
  if (u <= 0) return ends.low;
  if (u >= 1) return ends.high;
  if (is_log) return ends.low * std::pow(ends.high / ends.low, u);
  return ends.low * (1 - u) + ends.high * u;
}

}  // namespace

double SweepFactor::at(double u) const {
  if (is_structural()) return static_cast<double>(level_at(u, labels.size()));
  if (!levels.empty()) return levels[level_at(u, levels.size())];
  double value = 0;
  if (is_range) {
    value = between(std::get<Uniform>(distribution), u, is_log);
  } else {
    if (strata > 0) {
      const auto n = static_cast<double>(strata);
      u = (u * (n - 1) + 0.5) / n;
    }
    value = quantile(distribution, u);
  }
  return fitted(value);
}

double SweepFactor::fitted(double value) const {
  UncertainParameter parameter;
  parameter.kind = kind;
  parameter.low = low;
  parameter.high = high;
  return parameter.fitted(value);
}

std::string SweepFactor::shown(double coordinate) const {
  if (is_structural()) return labels.at(static_cast<std::size_t>(coordinate));
  if (kind == ParameterKind::kDay) {
    return iso_date(SimTime{} + days(static_cast<std::int64_t>(coordinate)));
  }
  return fmt::format("{}", coordinate);
}

void Sweep::fill(std::uint64_t point, std::span<double> coordinates) const {
  TOLLGATE_CHECK(point < points_ && coordinates.size() == factors.size(),
                 "a point outside of its sweep");
  if (!plan_) {
    const auto row = table_.begin() + static_cast<std::ptrdiff_t>(point * factors.size());
    std::copy_n(row, factors.size(), coordinates.begin());
    return;
  }
  plan_->fill(point, coordinates);
  for (std::size_t f = 0; f < factors.size(); ++f) coordinates[f] = factors[f].at(coordinates[f]);
}

std::size_t Sweep::variant_of(std::span<const double> coordinates) const {
  std::size_t variant = 0;
  for (std::size_t f = 0; f < factors.size(); ++f) {
    if (!factors[f].is_structural()) continue;
    variant = variant * factors[f].labels.size() + static_cast<std::size_t>(coordinates[f]);
  }
  return variant;
}

std::size_t Sweep::variant_of(std::uint64_t point) const {
  std::vector<double> coordinates(factors.size());
  fill(point, coordinates);
  return variant_of(coordinates);
}

}  // namespace tollgate
