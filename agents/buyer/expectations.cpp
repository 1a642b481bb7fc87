// What buyers expect of the law: the hazard of a cut, rules announced, and the stock held against
// both.

#include <algorithm>
#include <cmath>
#include <vector>

#include "agents/buyer/buyers.hpp"

namespace tollgate {
namespace {

/// Growth below this rate a year is none, to the precision of the formula.
constexpr double kNoGrowth = 1e-6;
/// Lives of equal probability by which a mean over lives is taken.
constexpr int kLives = 64;

/// Quantiles of the Weibull life in years, in the middle of equal classes.
std::vector<double> lives(const DemandSpec& demand) {
  std::vector<double> result;
  for (int i = 0; i < kLives; ++i) {
    result.push_back(demand.lifetime_years *
                     std::pow(-std::log((i + 0.5) / kLives), 1 / demand.lifetime_shape));
  }
  return result;
}

/// Share of a base that retires in a year when it has long grown at `rate`: of chips bought a years
/// ago e^(-rate a) S(a) are left and e^(-rate a) f(a) retire, which integrates to
/// rate phi / (1 - phi), phi = E exp(-rate life); without growth to one over the mean life.
double replacement(double rate, const std::vector<double>& lives) {
  double sum = 0;
  if (std::abs(rate) < kNoGrowth) {
    for (const double life : lives) sum += life;
    return kLives / sum;
  }
  for (const double life : lives) sum += std::exp(-rate * life);
  const double phi = sum / kLives;
  return rate * phi / (1 - phi);
}

}  // namespace

double Buyers::growth_rate(BuyerId buyer, Workload workload) const {
  return std::log(demand_.growth[workload]) * specs_[buyer.index()].need_growth_multiplier;
}

// Without purchases over the horizon need would grow away from the base, and the base would age.
void Buyers::foresee_lack() {
  const double horizon = demand_.precaution_horizon_days / kDaysPerYear;
  const std::vector<double> quantiles = lives(demand_);
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    for (const Workload workload : kAllWorkloads) {
      const double rate = growth_rate(BuyerId{b}, workload);
      states_[b].lack[workload] =
          std::max(0.0, std::expm1(rate * horizon) + replacement(rate, quantiles) * horizon);
    }
  }
}

void Buyers::note_pending(const Context& context) {
  pending_.clear();
  for (std::size_t i = 0; i < context.law.instruments(); ++i) {
    if (context.law.is_pending(InstrumentId{i}, context.now())) pending_.push_back(InstrumentId{i});
  }
}

void Buyers::see_law(Context& context) {
  if (law_seen_at_ == context.now()) return;  // several rules of one day are one change of law
  law_seen_at_ = context.now();
  note_pending(context);
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    const double share = share_cut(context, BuyerId{b});
    if (share <= 0) continue;
    State& state = states_[b];
    state.hazard = hazard(context, BuyerId{b}) + share * kDaysPerYear / demand_.hazard_memory_days;
    state.hazard_at = context.now();
    if (context.trace != nullptr) {
      context.trace->decide(Decision::kCutFelt, Reason::kSupplyCut)
          .by(BuyerId{b})
          .set(Number::kRate, share);
    }
  }
}

double Buyers::hazard(const Context& context, BuyerId buyer) const {
  const State& state = states_[buyer.index()];
  return state.hazard *
         std::exp(-in_days(context.now() - state.hazard_at) / demand_.hazard_memory_days);
}

double Buyers::resting_on(BuyerId buyer, Workload workload, ChipId chip) const {
  const State& state = states_[buyer.index()];
  const std::size_t here = place(workload, chip);
  return (static_cast<double>(state.ordered[here]) + state.owned[here]) * throughput_[here];
}

double Buyers::share_cut(const Context& context, BuyerId buyer) const {
  const CustomerId customer{buyer.index()};
  double before = 0;
  double lost = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const ChipId chip{c};
    const double earlier = context.law.earlier_availability(chip, customer);
    if (earlier <= 0 || legal_origin(context, buyer, chip) != Origin::kLegalForeign) continue;
    double compute = 0;
    for (const Workload workload : kAllWorkloads) compute += resting_on(buyer, workload, chip);
    before += compute * earlier;
    lost += compute * std::max(0.0, earlier - context.law.availability(chip, customer));
  }
  return before > 0 ? lost / before : 0.0;
}

double Buyers::precaution(const Context& context, BuyerId buyer, Workload workload) const {
  const State& state = states_[buyer.index()];
  if (demand_.precaution_gain <= 0 || (state.hazard <= 0 && pending_.empty())) return 0;
  const CustomerId customer{buyer.index()};
  const SimTime until = context.now() + days_rounded(demand_.precaution_horizon_days);
  const double no_surprise =
      std::exp(-hazard(context, buyer) * demand_.precaution_horizon_days / kDaysPerYear);
  double all = state.rented[workload];
  double expected_loss = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const ChipId chip{c};
    const double compute = resting_on(buyer, workload, chip);
    all += compute;
    if (compute <= 0 || legal_origin(context, buyer, chip) != Origin::kLegalForeign) continue;
    const double available = context.law.availability(chip, customer);
    if (available <= 0) continue;
    double kept = no_surprise;
    for (const InstrumentId rule : pending_) {
      const SimTime effective = context.law.instrument(rule).effective;
      if (effective <= context.now() || effective > until) continue;
      kept *= 1 - demand_.announcement_belief *
                      (1 - context.law.availability_under(rule, chip, customer) / available);
    }
    expected_loss += compute * available * (1 - kept);
  }
  return all > 0 ? demand_.precaution_gain * expected_loss / all * state.lack[workload] : 0.0;
}

}  // namespace tollgate
