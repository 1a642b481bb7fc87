#include "agents/buyer/fringe.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "agents/world_spec.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kLeastDigits = 3;

double quantile(const FringeSpec& fringe, double p) {
  switch (fringe.size_distribution) {
    case SizeDistribution::kLognormal:  // exp(sigma x normal quantile)
      return std::exp(-fringe.size_sigma * std::numbers::sqrt2 * boost::math::erfc_inv(2 * p));
    case SizeDistribution::kPareto:
      return std::pow(1 - p, -1 / fringe.size_shape);
  }
  return 1;
}

void share_out(FringeSpec& fringe) {
  std::vector<double>& shares = fringe.split.shares;
  shares.resize(static_cast<std::size_t>(fringe.count));
  double sum = 0;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    shares[k] =
        quantile(fringe, (static_cast<double>(k) + 0.5) / static_cast<double>(shares.size()));
    sum += shares[k];
  }
  for (double& share : shares) share /= sum;
}

void split_units(std::int64_t units, FringeShares& split) {
  const std::vector<double>& shares = split.shares;
  split.parts.resize(shares.size());
  split.by_remainder.resize(shares.size());
  std::iota(split.by_remainder.begin(), split.by_remainder.end(), std::size_t{0});
  const auto exact = [&](std::size_t k) { return shares[k] * static_cast<double>(units); };
  std::int64_t left = units;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    split.parts[k] = std::min(left, static_cast<std::int64_t>(std::floor(exact(k))));
    left -= split.parts[k];
  }
  const auto remainder = [&](std::size_t k) {
    return exact(k) - static_cast<double>(split.parts[k]);
  };
  std::ranges::sort(split.by_remainder, [&](std::size_t a, std::size_t b) {
    const double of_a = remainder(a);
    const double of_b = remainder(b);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  for (std::size_t i = 0; left > 0; ++i, --left) ++split.parts[split.by_remainder[i]];
}

}  // namespace

std::string member_id(const FringeSpec& fringe, std::int64_t place) {
  const std::string number = std::to_string(place + 1);
  const std::size_t digits = std::max(kLeastDigits, std::to_string(fringe.count).size());
  return fringe.id + "_" + std::string(digits - number.size(), '0') + number;
}

void append_fringe(WorldSpec& world) {
  for (const FringeSpec& fringe : world.fringes) {
    for (std::int64_t place = 0; place < fringe.count; ++place) {
      BuyerSpec member = fringe;
      member.id = member_id(fringe, place);
      world.buyers.push_back(std::move(member));
    }
  }
}

std::size_t first_member(const WorldSpec& world, std::size_t fringe) {
  std::size_t place = world.buyers.size();
  for (std::size_t f = fringe; f < world.fringes.size(); ++f) {
    place -= static_cast<std::size_t>(world.fringes[f].count);
  }
  return place;
}

void size_fringe(WorldSpec& world) {
  for (std::size_t f = 0; f < world.fringes.size(); ++f) {
    FringeSpec& fringe = world.fringes[f];
    if (fringe.count == 0) continue;
    share_out(fringe);
    BuyerSpec* const members = &world.buyers[first_member(world, f)];
    const std::size_t count = fringe.split.shares.size();
    for (std::size_t k = 0; k < count; ++k) {
      BuyerSpec& member = members[k];
      const double share = fringe.split.shares[k];
      for (const Workload workload : kAllWorkloads) {
        member.need_h100e[workload] = fringe.need_h100e[workload] * share;
      }
      member.budget_usd_per_quarter = fringe.budget_usd_per_quarter * share;
      member.need_growth_multiplier = fringe.need_growth_multiplier;
      member.budget_growth = fringe.budget_growth;
      member.grey_aversion = fringe.grey_aversion;
    }
    for (std::size_t i = 0; i < fringe.installed.size(); ++i) {
      split_units(std::llround(fringe.installed[i].units), fringe.split);
      for (std::size_t k = 0; k < count; ++k) {
        members[k].installed[i].units = static_cast<double>(fringe.split.parts[k]);
      }
    }
  }
}

}  // namespace tollgate
