// Software stacks: how they mature by use, and what share of a buyer's compute runs on each.

#include <algorithm>
#include <cmath>

#include "agents/buyer/buyers.hpp"
#include "engine/market/throughput.hpp"

namespace tollgate {
// dM/dt = phi (1 - M) use (MODEL.md 4.1), exact while use, the stack's share of the compute
// installed in the focus region, stands still over the month.
void Buyers::mature_stacks(Context& context) {
  std::ranges::fill(stack_share_, 0.0);
  double all = 0;
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    if (specs_[b].site == context.spec.focus_region) all += count_compute(states_[b]);
  }
  const double years = kDaysPerMonth / kDaysPerYear;
  for (std::size_t s = 0; s < maturity_.size() && all > 0; ++s) {
    const double use = stack_share_[s] / all;
    maturity_[s] = 1 - (1 - maturity_[s]) * std::exp(-demand_.stack_learning * use * years);
  }
  weigh_throughput();
  context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kStacksUsed, 0);
}

void Buyers::weigh_throughput() {
  const InferenceTechnology technology = demand_.inference_technology();
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const VendorSpec& vendor = vendors_[chips_[c].vendor.index()];
    for (const Workload workload : kAllWorkloads) {
      const double now = vendor.utilisation[workload];
      const double gap = std::max(0.0, vendor.utilisation_max[workload] - now);
      const std::size_t here = place(workload, ChipId{c});
      throughput_[here] = effective_throughput(chips_[c], workload,
                                               now + gap * maturity_[stack_of_[c]], technology);
      if (throughput_[here] <= 0) continue;
      price_utility_[here] =
          fold_price_multiplier(demand_.price_sensitivity, demand_.price_curvature, 0,
                                1 / throughput_[here] / demand_.reference_price_usd);
    }
  }
}

/// Adds the buyer's installed compute to that of the stacks in the workspace; returns it.
double Buyers::count_compute(const State& state) {
  double all = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    double units = 0;
    for (std::size_t w = 0; w < kWorkloads; ++w) units += state.owned[w * chips_.size() + c];
    const double compute = units * h100e_[c];
    all += compute;
    stack_share_[stack_of_[c]] += compute;
  }
  return all;
}

/// Shares of the software stacks in the buyer's installed compute, into the workspace.
void Buyers::weigh_stacks(BuyerId buyer) {
  std::ranges::fill(stack_share_, 0.0);
  const double all = count_compute(states_[buyer.index()]);
  if (all <= 0) return;
  for (double& share : stack_share_) share /= all;
}

}  // namespace tollgate
