#include "agents/regulator/response.hpp"

#include <algorithm>
#include <cmath>

#include "engine/market/throughput.hpp"

namespace tollgate {
namespace {

bool is_responsive(const InstrumentSpec& rule) {
  return rule.enabled && std::visit(
                             [](const auto& kind) {
                               if constexpr (requires { kind.is_responsive; })
                                 return kind.is_responsive;
                               return false;
                             },
                             rule.effect);
}

}  // namespace

Response::Series::Series(RecordLayout& layout, const OutputAxes& /*axes*/)
    : strictness(layout.add_series(
          {"strictness",
           {},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "1",
           "Strictness",
           "Factor on the guidance and on the customs' hazard of responsive rules; 1 at the start, "
           "and always where nothing reacts."})) {}

Response::Response(const Context& context, const Series& series)
    : series_(series),
      reacts_(context.spec.response.reacts() &&
              std::ranges::any_of(context.spec.policies, is_responsive)),
      strictness_(context.spec.response, context.spec.start) {
  if (!reacts_) return;
  for (std::size_t b = 0; b < context.spec.buyers.size(); ++b) {
    if (context.spec.buyers[b].site == context.spec.focus_region) buyers_.push_back(BuyerId{b});
  }
  known_.assign(context.law.group_heads().size() * context.chips.size(), 0);
  before_.resize(context.law.group_heads().size());
  after_.resize(context.law.group_heads().size());
  for (const BuyerId buyer : buyers_) {
    const CustomerGroupId group = context.law.group_of(CustomerId{buyer.index()});
    if (std::ranges::find(groups_, group) == groups_.end()) groups_.push_back(group);
  }
}

// What has been before the start is no move.
void Response::start(Context& context) {
  if (!reacts_) return;
  look_at_law(context);
  strictness_ = Strictness(context.spec.response, context.now());
  context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kStrictnessReviewed, 0);
}

/// What domestic vendors have in production, as effective compute a day, over what the region's
/// buyers look for and can pay for; all of it at most. None while they look for nothing. By
/// software as it was at the start.
std::optional<double> Response::coverage(const Context& context) const {
  double wanted = 0;
  for (const BuyerId buyer : buyers_) {
    for (const Workload workload : kAllWorkloads) {
      wanted += context.demand.want(buyer, workload).h100e_per_day;
    }
  }
  if (wanted <= 0) return std::nullopt;
  const InferenceTechnology technology = context.spec.demand.inference_technology();
  double made = 0;
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipSpec& chip = context.chips[c];
    const VendorSpec& vendor = context.spec.vendors[chip.vendor.index()];
    if (vendor.headquarters != context.spec.focus_region) continue;
    const double per_day =
        static_cast<double>(context.book.in_production[c]) / std::max(chip.lead_time_days, 1.0);
    made += per_day * general_throughput(chip, technology) *
            std::sqrt(vendor.utilisation.training * vendor.utilisation.inference);
  }
  return std::min(1.0, made / wanted);
}

// What a buyer can have is worth what the best chip is that it may hope for, relative to the best
// that is on sale in the world. Both laws are weighed on the chips of now: a launch is no move.
void Response::look_at_law(const Context& context) {
  const SimTime now = context.now();
  const InferenceTechnology technology = context.spec.demand.inference_technology();
  std::ranges::fill(before_, 0.0);
  std::ranges::fill(after_, 0.0);
  double best_of_all = 0;
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipSpec& chip = context.chips[c];
    if (context.law.headquarters_of_maker(ChipId{c}) == context.spec.focus_region) continue;
    const double worth = is_on_sale(chip, now) ? general_throughput(chip, technology) : 0;
    best_of_all = std::max(best_of_all, worth);
    if (!is_market(chip, context.spec.focus_region)) continue;
    for (const CustomerGroupId group : groups_) {
      const std::size_t g = group.index();
      double& known = known_[g * context.chips.size() + c];
      before_[g] = std::max(before_[g], known * worth);
      known = context.law.known_export_availability(ChipId{c}, context.law.group_heads()[g], now);
      after_[g] = std::max(after_[g], known * worth);
    }
  }
  double opened = 0;
  double closed = 0;
  double needed = 0;
  for (const BuyerId buyer : buyers_) {
    const PerWorkload<double>& need = context.spec.buyers[buyer.index()].need_h100e;
    const double weight = need.training + need.inference;
    const std::size_t g = context.law.group_of(CustomerId{buyer.index()}).index();
    needed += weight;
    opened += weight * std::max(0.0, after_[g] - before_[g]);
    closed += weight * std::max(0.0, before_[g] - after_[g]);
  }
  const double all = needed * best_of_all;
  if (all > 0) strictness_.see_move(opened / all, closed / all);
}

void Response::see_law(const Context& context) {
  if (!reacts_) return;
  strictness_.advance(context.now());
  look_at_law(context);
}

bool Response::review(Context& context) {
  const SimTime now = context.now();
  context.schedule(now + days_rounded(kDaysPerMonth), EventKind::kStrictnessReviewed, 0);
  strictness_.advance(now);
  if (const auto covered = coverage(context)) {
    if (!initial_coverage_) initial_coverage_ = covered;
    strictness_.see_coverage(*covered - *initial_coverage_);
  }
  const double strictness = strictness_.value();
  const double old = context.law.strictness();
  if (strictness == old || std::abs(std::log(strictness / old)) < context.spec.response.step) {
    return false;
  }
  context.law.set_strictness(strictness);
  return true;
}

void Response::close_quarter(Context& context) const {
  context.record.set_real(series_.strictness, context.law.strictness());
}

}  // namespace tollgate
