#include "engine/policy/compliance.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tollgate {
namespace {

/// Shares of the chip's attributes that a design keeps.
struct Scaling {
  double compute = 1;
  double memory = 1;
  double link = 1;
};

ChipSpec scaled(const ChipSpec& chip, const Scaling& scaling) {
  ChipSpec result = chip;
  result.fp16_tflops *= scaling.compute;
  result.tpp *= scaling.compute;
  result.performance_density *= scaling.compute;
  result.dram_bandwidth_tbs *= scaling.memory;
  result.dram_gb *= scaling.memory;
  result.memory_stacks *= scaling.memory;
  result.io_bandwidth_gbs *= scaling.link;
  return result;
}

/// Shares at which an attribute crosses a threshold of some rule, and 1.
class Steps {
 public:
  explicit Steps(double margin) : margin_(margin) {}

  /// Below the lower bound the rule lets go; below the upper bound of a rule that lifts another one
  /// that one does.
  void add(double threshold, double attribute) {
    if (!std::isfinite(threshold) || attribute <= 0) return;
    const double share = (1 - margin_) * threshold / attribute;
    if (share > 0 && share < 1) shares_.push_back(share);
  }
  [[nodiscard]] const std::vector<double>& shares() const { return shares_; }

 private:
  double margin_;
  std::vector<double> shares_{1.0};
};

Bounds both(const Bounds& a, const Bounds& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
}

/// The boxes whose union a rule catches.
std::vector<ChipBounds> boxes_of(const Targets& rule) {
  if (rule.windows.empty()) return {rule};
  std::vector<ChipBounds> boxes;
  for (const ChipWindow& window : rule.windows) {
    const ChipBounds& inner = window.bounds;
    boxes.push_back({both(rule.tpp, inner.tpp),
                     both(rule.performance_density, inner.performance_density),
                     both(rule.dram_bandwidth_gbs, inner.dram_bandwidth_gbs),
                     both(rule.io_bandwidth_gbs, inner.io_bandwidth_gbs),
                     both(rule.bandwidth_sum_gbs, inner.bandwidth_sum_gbs)});
  }
  return boxes;
}

}  // namespace

bool Limit::catches(const ChipSpec& chip) const {
  return caught.contains(chip) &&
         std::ranges::none_of(lifted, [&](const ChipBounds& lift) { return lift.contains(chip); });
}

std::optional<ChipSpec> scaled_under(const ChipSpec& chip, std::span<const Limit> limits,
                                     double margin, const ChipValue& value) {
  Steps compute(margin);
  Steps memory(margin);
  Steps link(margin);
  const auto add_steps = [&](const ChipBounds& bounds, double Bounds::*edge) {
    compute.add(bounds.tpp.*edge, chip.tpp);
    compute.add(bounds.performance_density.*edge, chip.performance_density);
    memory.add(bounds.dram_bandwidth_gbs.*edge, chip.dram_bandwidth_tbs * 1000);
    link.add(bounds.io_bandwidth_gbs.*edge, chip.io_bandwidth_gbs);
  };
  for (const Limit& limit : limits) {
    add_steps(limit.caught, &Bounds::low);
    for (const ChipBounds& lift : limit.lifted) add_steps(lift, &Bounds::high);
  }

  // A bound on the sum of two bandwidths: for each share of one, the share of the other.
  struct Pair {
    double memory, link;
  };
  std::vector<Pair> pairs;
  for (const double m : memory.shares()) {
    for (const double l : link.shares()) pairs.push_back({m, l});
  }
  const double dram_gbs = chip.dram_bandwidth_tbs * 1000;
  const double io_gbs = chip.io_bandwidth_gbs;
  const auto add_pairs = [&](double threshold) {
    if (!std::isfinite(threshold)) return;
    const double sum = (1 - margin) * threshold;
    for (const double m : memory.shares()) {
      const double l = io_gbs > 0 ? (sum - m * dram_gbs) / io_gbs : 0;
      if (l > 0 && l < 1) pairs.push_back({m, l});
    }
    for (const double l : link.shares()) {
      const double m = dram_gbs > 0 ? (sum - l * io_gbs) / dram_gbs : 0;
      if (m > 0 && m < 1) pairs.push_back({m, l});
    }
  };
  for (const Limit& limit : limits) {
    add_pairs(limit.caught.bandwidth_sum_gbs.low);
    for (const ChipBounds& lift : limit.lifted) add_pairs(lift.bandwidth_sum_gbs.high);
  }

  std::optional<ChipSpec> best;
  std::tuple<double, double> best_rank;
  for (const double c : compute.shares()) {
    for (const auto& [m, l] : pairs) {
      const ChipSpec candidate = scaled(chip, {c, m, l});
      const auto is_caught = [&](const Limit& limit) { return limit.catches(candidate); };
      if (std::ranges::any_of(limits, is_caught)) continue;
      const std::tuple rank{value(candidate), c * m * l};
      if (best && rank <= best_rank) continue;
      best = candidate;
      best_rank = rank;
    }
  }
  return best;
}

bool is_closed(const Law& law, ChipId chip, RegionId site, SimTime now) {
  bool has_buyers = false;
  for (std::size_t k = 0; k < law.customers(); ++k) {
    const CustomerId customer{k};
    if (law.customer(customer).site != site || !law.customer(customer).buyer.is_some()) continue;
    has_buyers = true;
    const auto touches = [&](std::size_t rule) {
      return law.is_known(InstrumentId{rule}, now) &&
             law.touches(InstrumentId{rule}, chip, customer);
    };
    bool is_open = true;
    for (std::size_t i = 0; i < law.instruments() && is_open; ++i) {
      is_open = !law.instrument(InstrumentId{i}).closes() || !touches(i) ||
                std::ranges::any_of(law.superseded_by(InstrumentId{i}), touches);
    }
    if (is_open) return false;
  }
  return has_buyers;
}

std::vector<Limit> limits_on(const Law& law, ChipId chip, RegionId site, SimTime now,
                             DesignAim aim) {
  const auto aims_at_site = [&](InstrumentId rule) {
    for (std::size_t k = 0; k < law.customers(); ++k) {
      const CustomerId customer{k};
      if (law.customer(customer).site == site && law.customer(customer).buyer.is_some() &&
          law.aims_at(rule, chip, customer)) {
        return true;
      }
    }
    return false;
  };
  std::vector<Limit> limits;
  for (std::size_t i = 0; i < law.instruments(); ++i) {
    const InstrumentSpec& rule = law.instrument(InstrumentId{i});
    const bool is_limit =
        rule.closes() || (aim == DesignAim::kFree && rule.required_review().has_value());
    // A list of firms is no limit on chips.
    if (!is_limit || rule.is_a<EntityList>() || !law.is_known(InstrumentId{i}, now) ||
        !aims_at_site(InstrumentId{i}))
      continue;
    std::vector<ChipBounds> lifted;
    for (const std::size_t newer : law.superseded_by(InstrumentId{i})) {
      const InstrumentSpec& lift = law.instrument(InstrumentId{newer});
      if (!law.is_known(InstrumentId{newer}, now) || !aims_at_site(InstrumentId{newer})) continue;
      const std::vector<ChipBounds> boxes = boxes_of(lift);
      lifted.insert(lifted.end(), boxes.begin(), boxes.end());
    }
    for (const ChipBounds& box : boxes_of(rule)) limits.push_back({box, lifted});
  }
  return limits;
}

}  // namespace tollgate
