// Chips that buyers have, by workload, origin and chip, in cohorts that retire together.

#include <cmath>

#include "agents/buyer/buyers.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

/// Chips of the start are spread over this many cohorts of different age.
constexpr std::int64_t kInitialCohorts = 4;
/// The oldest of them has this age.
constexpr double kOldestInitialYears = 3;

}  // namespace

// Chips of the start are split over the workloads as the need is, and over cohorts of different
// age; each has the rest of a Weibull life, given that it has reached its age.
void Buyers::install_initial(Context& context, BuyerId buyer) {
  const BuyerSpec& spec = specs_[buyer.index()];
  State& state = states_[buyer.index()];
  const double all_need = spec.need_h100e.training + spec.need_h100e.inference;
  const double training_share = all_need > 0 ? spec.need_h100e.training / all_need : 0.5;
  for (const InstalledSpec& item : spec.installed) {
    const auto units = static_cast<std::int64_t>(std::llround(item.units));
    const auto training = static_cast<std::int64_t>(std::llround(item.units * training_share));
    const Origin origin = legal_origin(context, buyer, item.chip);
    for (const Workload workload : kAllWorkloads) {
      const std::int64_t mine = workload == Workload::kTraining ? training : units - training;
      for (std::int64_t i = 0; i < kInitialCohorts; ++i) {
        const std::int64_t part = mine * (i + 1) / kInitialCohorts - mine * i / kInitialCohorts;
        if (part == 0) continue;
        const double age = kOldestInitialYears * (static_cast<double>(i) + 0.5) /
                           static_cast<double>(kInitialCohorts);
        const double k = demand_.lifetime_shape;
        // Survival S(x) = exp(-(x/s)^k): x = s ((age/s)^k - log U)^(1/k), U uniform; median without
        // noise.
        const double u = context.spec.noise ? 1 - draw_uniform(state.life_noise) : 0.5;
        const double life =
            demand_.lifetime_years *
            std::pow(std::pow(age / demand_.lifetime_years, k) - std::log(u), 1 / k);
        const CohortId cohort = cohorts_.open({buyer, item.chip, workload, origin, part, true});
        add_owned(state, workload, origin, item.chip, part);
        state.received += part;
        context.installed_units(spec.site, item.chip) += part;
        schedule_retirement(context, cohort, life - age);
      }
    }
  }
}

void Buyers::add_owned(State& state, Workload workload, Origin origin, ChipId chip,
                       std::int64_t units) {
  state.installed[place(workload, origin, chip)] += units;
  state.owned[place(workload, chip)] += static_cast<double>(units);
}

double Buyers::effective(BuyerId buyer, Workload workload) const {
  const State& state = states_[buyer.index()];
  const std::size_t first = place(workload, ChipId{0});
  double sum = state.rented[workload];
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    sum += state.owned[first + c] * throughput_[first + c];
  }
  return sum;
}

double Buyers::on_order(BuyerId buyer, Workload workload) const {
  const std::vector<std::int64_t>& ordered = states_[buyer.index()].ordered;
  const std::size_t first = place(workload, ChipId{0});
  double sum = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    sum += static_cast<double>(ordered[first + c]) * throughput_[first + c];
  }
  return sum;
}

/// Where a chip comes from for the buyer when it is bought of its vendor.
Origin Buyers::legal_origin(const Context& context, BuyerId buyer, ChipId chip) const {
  const RegionId home = context.vendor_headquarters[chips_[chip.index()].vendor.index()];
  return home == specs_[buyer.index()].headquarters ? Origin::kDomestic : Origin::kLegalForeign;
}

void Buyers::install(Context& context, const Order& order, Origin origin, std::int64_t units) {
  State& state = states_[order.customer];
  state.ordered[place(order.workload, order.chip)] -= units;
  add_owned(state, order.workload, origin, order.chip, units);
  state.received += units;
  context.installed_units(specs_[order.customer].site, order.chip) += units;
  context.record.add(series_.purchases, units, order.customer, static_cast<std::size_t>(origin));
  const double life =
      context.spec.noise
          ? draw_weibull(demand_.lifetime_years, demand_.lifetime_shape, state.life_noise)
          : demand_.lifetime_years * std::pow(std::log(2.0), 1 / demand_.lifetime_shape);
  const CohortId cohort = cohorts_.open(
      {BuyerId{std::size_t{order.customer}}, order.chip, order.workload, origin, units, true});
  schedule_retirement(context, cohort, life);
}

// Most chips outlive the run: their events would only make the list of those to come longer.
void Buyers::schedule_retirement(Context& context, CohortId cohort, double years) {
  const SimTime end = context.now() + days_rounded(years * kDaysPerYear);
  if (end >= context.spec.until) return;
  context.schedule(end, EventKind::kCohortRetired, cohorts_[cohort].buyer.index(), cohort.index());
}

void Buyers::retire(Context& context, CohortId id) {
  const Cohort& cohort = cohorts_[id];
  State& state = states_[cohort.buyer.index()];
  add_owned(state, cohort.workload, cohort.origin, cohort.chip, -cohort.units);
  state.retired += cohort.units;
  context.installed_units(specs_[cohort.buyer.index()].site, cohort.chip) -= cohort.units;
  if (context.trace != nullptr) {
    context.trace->event()
        .chip(cohort.chip)
        .workload(cohort.workload)
        .origin(static_cast<std::size_t>(cohort.origin))
        .region(specs_[cohort.buyer.index()].site)
        .units(cohort.units);
  }
  cohorts_.close(id);
}

}  // namespace tollgate
