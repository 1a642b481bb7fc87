// What buyers want and may spend: need, and the money for it.

#include <cmath>

#include "agents/buyer/buyers.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

constexpr double kQuarterDays = kDaysPerYear / 4;

}  // namespace

void Buyers::accrue_budget(Context& context, BuyerId buyer) {
  const BuyerSpec& spec = specs_[buyer.index()];
  State& state = states_[buyer.index()];
  const double quarters = in_days(context.now() - state.planned_at) / kQuarterDays;
  const Cents accrued =
      from_usd(grown(spec.budget_usd_per_quarter, spec.budget_growth, context) * quarters);
  state.budget = state.budget + accrued;
  state.accrued = state.accrued + accrued;
}

// Geometric Brownian motion: the drift is the growth of expected need, so half the variance is
// taken off its logarithm (own part here, common part in shift_demand).
void Buyers::move_need(Context& context, BuyerId buyer, Workload workload) {
  State& state = states_[buyer.index()];
  const double years = in_years(context.now() - state.planned_at);
  state.log_need[workload] += growth_rate(buyer, workload) * years;
  if (!context.spec.noise) return;
  const double sd = demand_.volatility_own * std::sqrt(years);
  state.log_need[workload] += sd * draw_normal(state.need_noise) - 0.5 * sd * sd;
}

void Buyers::shift_demand(Context& context) {
  const double sd = demand_.volatility_common * std::sqrt(kDaysPerMonth / kDaysPerYear);
  common_shock_ += sd * draw_normal(common_noise_) - 0.5 * sd * sd;
  context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kDemandShifted, 0);
}

double Buyers::need(BuyerId buyer, Workload workload) const {
  return std::exp(states_[buyer.index()].log_need[workload] + common_shock_);
}

}  // namespace tollgate
