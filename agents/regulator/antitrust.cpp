#include "agents/regulator/antitrust.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kQuartersOfBase = 4;

}  // namespace

AntitrustCases::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : fines(layout.add_series({"antitrust_fines",
                               {axes.vendor},
                               ValueType::kInteger,
                               Aggregation::kSumOverQuarter,
                               "cents",
                               "Antitrust fines",
                               "Fines that the vendor paid, in US cents."})) {}

AntitrustCases::AntitrustCases(const Context& context, const Series& series)
    : series_(series),
      revenue_(context.record.layout().find("revenue")),
      fined_(context.spec.regions.size()) {
  for (std::size_t i = 0; i < context.spec.policies.size(); ++i) {
    const InstrumentSpec& rule = context.spec.policies[i];
    if (!rule.is_a<Antitrust>()) continue;
    for (std::size_t v = 0; v < context.spec.vendors.size(); ++v) {
      if (!rule.contain_vendor(VendorId{v}, context.vendor_headquarters[v])) continue;
      Case one;
      one.rule = InstrumentId{i};
      one.vendor = VendorId{v};
      one.luck = context.streams.make(rule.id, "fine of " + context.spec.vendors[v].id);
      cases_.push_back(one);
    }
  }
}

void AntitrustCases::see_law(Context& context) {
  for (std::size_t which = 0; which < cases_.size(); ++which) {
    Case& mine = cases_[which];
    const bool is_in_force = context.law.is_in_force(mine.rule, context.now());
    if (std::exchange(mine.was_in_force, is_in_force) == is_in_force) continue;
    mine.is_open = is_in_force;
    if (is_in_force) {
      open(context, which);
    } else {
      context.events.cancel(mine.decision);
    }
    post_expectation(context, mine.vendor,
                     context.law.instrument(mine.rule).as<Antitrust>().region);
  }
}

// Without noise the fine falls after the mean time.
void AntitrustCases::open(Context& context, std::size_t which) {
  Case& mine = cases_[which];
  const double per_year = context.law.instrument(mine.rule).as<Antitrust>().decisions_per_year;
  if (per_year <= 0) return;
  const double mean_days = kDaysPerYear / per_year;
  const double days = context.spec.noise ? mean_days * draw_exponential(mine.luck) : mean_days;
  if (days >= in_days(context.spec.until - context.now())) return;
  mine.decision = context.schedule_cancellable(context.now() + days_rounded(days),
                                               EventKind::kFineDecided, 0, which);
}

// On the last four whole quarters of the run: what was sold before it is not known.
void AntitrustCases::decide(Context& context, std::size_t which) {
  Case& mine = cases_[which];
  const auto& rule = context.law.instrument(mine.rule).as<Antitrust>();
  const std::size_t open_quarter = context.record.open_quarter();
  Cents base{0};
  for (std::size_t q = open_quarter - std::min(open_quarter, kQuartersOfBase); q < open_quarter;
       ++q) {
    base =
        base + Cents{context.record.integer(revenue_, q, mine.vendor.index(), rule.region.index())};
  }
  const Cents fine = share_of(base, rule.fine_share);
  context.ledger.transfer(context.accounts.vendors[mine.vendor.index()],
                          context.accounts.governments[rule.region.index()], fine);
  fined_[rule.region.index()] = fined_[rule.region.index()] + fine;
  context.record.add(series_.fines, fine.value, mine.vendor.index());
  mine.is_open = false;
  if (context.trace != nullptr) {
    context.trace->event()
        .instrument(mine.rule)
        .seller(mine.vendor)
        .region(rule.region)
        .cents(fine)
        .set(Number::kRate, rule.fine_share);
  }
  post_expectation(context, mine.vendor, rule.region);
}

// A sale is in the base for a year, so that it is fined if the case is decided within one.
void AntitrustCases::post_expectation(Context& context, VendorId vendor, RegionId region) const {
  double expected = 0;
  for (const Case& one : cases_) {
    const auto& rule = context.law.instrument(one.rule).as<Antitrust>();
    if (!one.is_open || one.vendor != vendor || rule.region != region) continue;
    expected -= rule.fine_share * std::expm1(-rule.decisions_per_year);
  }
  double& posted = context.expected_fine(vendor, region);
  if (std::exchange(posted, expected) == expected) return;
  // At the start all vendors price anyway.
  if (context.now() > context.spec.start) context.send(EventKind::kRepriced, vendor.index(), 1);
}

}  // namespace tollgate
