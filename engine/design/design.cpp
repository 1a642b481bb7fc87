#include "engine/design/design.hpp"

#include <limits>

#include "engine/kernel/check.hpp"
#include "engine/kernel/stream.hpp"

namespace tollgate {
namespace {

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > kNoEnd / b ? kNoEnd : a * b;
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > kNoEnd - b ? kNoEnd : a + b; }

/// Points of one base sample.
std::uint64_t saltelli_rows(std::uint64_t factors, bool second_order) {
  return (second_order ? 2 * factors : factors) + 2;
}

/// The middle of a level's share of the unit interval.
double at_level(std::uint64_t level, std::uint64_t levels) {
  return (static_cast<double>(level) + 0.5) / static_cast<double>(levels);
}

std::optional<SamplingPlan> plan_of(const DesignSpec& spec,
                                    const std::vector<DesignFactor>& factors) {
  std::vector<std::string> names;
  for (const DesignFactor& factor : factors) names.push_back(factor.name);
  switch (spec.kind) {
    case DesignKind::kLatinHypercube:
      return SamplingPlan(SamplingDesign::kLatinHypercube, spec.seed, spec.points, names);
    case DesignKind::kSobol:
      return SamplingPlan(SamplingDesign::kSobol, spec.seed, spec.points, names);
    case DesignKind::kSaltelli:
      // No name ends like this, as '*' is in none.
      for (const DesignFactor& factor : factors) names.push_back(factor.name + "*");
      return SamplingPlan(SamplingDesign::kSobol, spec.seed, spec.points, names);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::uint64_t points_of(const DesignSpec& spec, std::span<const DesignFactor> factors) {
  std::uint64_t points = 1;
  switch (spec.kind) {
    case DesignKind::kGrid:
      for (const DesignFactor& factor : factors) points = product(points, factor.levels);
      return points;
    case DesignKind::kOneAtATime:
      for (const DesignFactor& factor : factors) points = sum(points, factor.levels - 1);
      return points;
    case DesignKind::kLatinHypercube:
    case DesignKind::kSobol:
      return spec.points;
    case DesignKind::kSaltelli:
      return product(spec.points, saltelli_rows(factors.size(), spec.second_order));
    case DesignKind::kMorris:
      return product(spec.trajectories, factors.size() + 1);
    case DesignKind::kTable:
      break;
  }
  return 0;
}

std::size_t Design::most_factors(DesignKind kind) {
  if (kind == DesignKind::kSobol) return SamplingPlan::most_sobol_inputs();
  if (kind == DesignKind::kSaltelli) return SamplingPlan::most_sobol_inputs() / 2;
  return std::numeric_limits<std::size_t>::max();
}

Design::Design(DesignSpec spec, std::vector<DesignFactor> factors)
    : spec_(spec),
      factors_(std::move(factors)),
      points_(points_of(spec, factors_)),
      plan_(plan_of(spec, factors_)) {
  TOLLGATE_CHECK(points_ >> 24 == 0, "more points than a design tells apart");
  TOLLGATE_CHECK(spec_.kind != DesignKind::kMorris || (spec_.levels > 1 && spec_.levels % 2 == 0),
                 "an odd number of levels");
  for (const DesignFactor& factor : factors_) names_.push_back(hash_name(factor.name));
}

void Design::fill(std::uint64_t point, std::span<double> unit) const {
  TOLLGATE_CHECK(point < points_, "a point outside of its design");
  switch (spec_.kind) {
    case DesignKind::kGrid:
      return fill_grid(point, unit);
    case DesignKind::kOneAtATime:
      return fill_one_at_a_time(point, unit);
    case DesignKind::kLatinHypercube:
    case DesignKind::kSobol:
      return plan_->fill(static_cast<std::uint32_t>(point), unit);
    case DesignKind::kSaltelli:
      return fill_saltelli(point, unit);
    case DesignKind::kMorris:
      return fill_trajectory(point, unit);
    case DesignKind::kTable:
      break;
  }
  TOLLGATE_CHECK(false, "a table is no design in the unit cube");
}

void Design::fill_grid(std::uint64_t point, std::span<double> unit) const {
  for (std::size_t f = factors_.size(); f-- > 0;) {
    unit[f] = at_level(point % factors_[f].levels, factors_[f].levels);
    point /= factors_[f].levels;
  }
}

void Design::fill_one_at_a_time(std::uint64_t point, std::span<double> unit) const {
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    const std::uint64_t others = factors_[f].levels - 1;
    // `point` counts from the first point of this factor, 0 being the central one or behind it.
    const bool is_here = point >= 1 && point <= others;
    unit[f] = at_level(is_here ? point : 0, factors_[f].levels);
    point = point > others ? point - others : 0;
  }
}

void Design::fill_saltelli(std::uint64_t point, std::span<double> unit) const {
  const std::size_t d = factors_.size();
  const std::uint64_t rows = saltelli_rows(d, spec_.second_order);
  std::vector<double> both(2 * d);
  plan_->fill(static_cast<std::uint32_t>(point / rows), both);
  const std::uint64_t row = point % rows;
  const bool is_of_a = row <= d;  // A itself or A but for one factor
  const std::size_t own = is_of_a ? 0 : d;
  for (std::size_t f = 0; f < d; ++f) unit[f] = both[own + f];
  if (row == 0 || row == rows - 1) return;
  const std::size_t other = is_of_a ? row - 1 : row - 1 - d;
  unit[other] = both[(d - own) + other];
}

// Each factor has a place to start from, a direction and, by the order of its random number, a
// turn, all of them out of a stream of its own.
void Design::fill_trajectory(std::uint64_t point, std::span<double> unit) const {
  const std::size_t d = factors_.size();
  const auto trajectory = static_cast<std::uint32_t>(point / (d + 1));
  const std::uint64_t steps = point % (d + 1);
  const std::uint64_t half = spec_.levels / 2;
  std::vector<std::uint64_t> turn(d);
  std::vector<std::uint64_t> from(d);
  for (std::size_t f = 0; f < d; ++f) {
    Stream stream(spec_.seed, trajectory, names_[f], hash_name("trajectory"));
    turn[f] = stream();
    // Out of 64 random bits: no level is likelier than another by more than 2^-50.
    from[f] = stream() % spec_.levels;
  }
  for (std::size_t f = 0; f < d; ++f) {
    std::uint64_t before = 0;  // factors that move before this one
    for (std::size_t g = 0; g < d; ++g) {
      if (turn[g] < turn[f] || (turn[g] == turn[f] && g < f)) ++before;
    }
    // In the lower half a factor goes up, in the upper half down: it stays inside either way.
    const std::uint64_t level = before < steps ? (from[f] + half) % spec_.levels : from[f];
    unit[f] = static_cast<double>(level) / static_cast<double>(spec_.levels - 1);
  }
}

}  // namespace tollgate
