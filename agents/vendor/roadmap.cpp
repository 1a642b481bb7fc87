#include "agents/vendor/roadmap.hpp"

#include <algorithm>
#include <cmath>

#include "agents/vendor/supply_orders.hpp"
#include "engine/market/throughput.hpp"

namespace tollgate {
namespace {

/// The stock of a vendor whose spending has always grown at the reference rate, `years` after the
/// start: the solution of the law of motion without the transient.
double reference_stock(const VendorSpec& vendor, double years) {
  const double growth = vendor.reference_research_growth;
  return vendor.reference_research_usd_per_year * std::pow(growth, years) /
         (vendor.research_depreciation + std::log(growth));
}

}  // namespace

Roadmap::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : research_stock(layout.add_series(
          {"research_stock",
           {axes.vendor},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "USD",
           "Research stock",
           "Research paid out of net proceeds and subsidies, less depreciation."})),
      launched(layout.add_series({"launched",
                                  {axes.chip},
                                  ValueType::kInteger,
                                  Aggregation::kAtQuarterEnd,
                                  "1",
                                  "Launched",
                                  "1 once the chip has come on sale, 0 before."})) {}

Roadmap::Roadmap(const Context& context, const Series& series)
    : series_(series), research_(context.spec.vendors.size()) {
  for (std::size_t v = 0; v < research_.size(); ++v) {
    research_[v].stock_usd = reference_stock(context.spec.vendors[v], 0);
  }
}

void Roadmap::start(Context& context) {
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    ChipSpec& chip = context.chips[c];
    if (!chip.successor_of.is_some() || chip.launch <= context.now()) continue;
    projects_.push_back({ChipId{c}, static_cast<double>((chip.launch - context.now()).minutes)});
  }
  date_launches(context);
  context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kResearchFunded, 0);
}

void Roadmap::earn(VendorId vendor, Cents net_proceeds) {
  Cents& earned = research_[vendor.index()].earned;
  earned = earned + net_proceeds;
}

// Exact while proceeds and subsidy come evenly over the month.
void Roadmap::advance(Context& context) {
  const Duration month = days_rounded(kDaysPerMonth);
  const double years = in_years(month);
  for (std::size_t v = 0; v < research_.size(); ++v) {
    const VendorSpec& vendor = context.spec.vendors[v];
    Research& research = research_[v];
    const double inflow =
        vendor.research_share * in_usd(research.earned) / years + vendor.subsidy_usd_per_year;
    const double steady = inflow / vendor.research_depreciation;
    research.stock_usd =
        steady + (research.stock_usd - steady) * std::exp(-vendor.research_depreciation * years);
    research.earned = Cents{0};
    research.progress_minutes += research.speed * static_cast<double>(month.minutes);
    const double reference = reference_stock(vendor, in_years(context.now() - context.spec.start));
    research.speed =
        reference > 0 ? std::pow(research.stock_usd / reference, vendor.research_elasticity) : 1.0;
  }
  date_launches(context);
  context.schedule(context.now() + month, EventKind::kResearchFunded, 0);
}

// A chip that will be ready before research is looked at again gets its date now, the others what
// is expected at the present speed: supply is ordered ahead of it.
void Roadmap::date_launches(Context& context) {
  const Duration month = days_rounded(kDaysPerMonth);
  std::erase_if(projects_, [&](const Project& project) {
    ChipSpec& chip = context.chips[project.chip.index()];
    const Research& research = research_[chip.vendor.index()];
    const double left = std::max(0.0, project.work_minutes - research.progress_minutes);
    const auto at_most = static_cast<double>((kNoDateYet - context.now()).minutes);
    const double minutes_left =
        research.speed > 0 ? std::min(left / research.speed, at_most) : at_most;
    const SimTime ready = context.now() + Duration{std::llround(minutes_left)};
    const SimTime node = context.spec.start + days_rounded(chip.node_delay_years * kDaysPerYear);
    chip.launch = std::max(ready, node);
    if (ready > context.now() + month) return false;
    context.schedule(chip.launch, EventKind::kChipLaunched, chip.vendor.index(),
                     project.chip.index());
    return true;
  });
}

void Roadmap::launch(const Context& context, ChipId chip, Products& products) {
  const ChipSpec& spec = context.chips[chip.index()];
  if (!spec.successor_of.is_some()) return;
  const InferenceTechnology technology = context.spec.demand.inference_technology();
  Product& old = products[spec.successor_of.index()];
  smooth_orders(context, spec.successor_of, 0, old);
  smooth_orders(context, chip, 0, products[chip.index()]);
  const double moved =
      context.spec.vendors[spec.vendor.index()].forecast_handover * old.orders_per_day;
  old.orders_per_day -= moved;
  old.forecast.shift(-moved, context.now());
  double& expected = products[chip.index()].orders_per_day;  // by the scenario
  expected = std::max(
      expected, moved * general_throughput(context.chips[spec.successor_of.index()], technology) /
                    general_throughput(spec, technology));
  products[chip.index()].forecast.start(expected, context.now());
}

void Roadmap::close_quarter(Context& context) const {
  for (std::size_t v = 0; v < research_.size(); ++v) {
    context.record.set_real(series_.research_stock, research_[v].stock_usd, v);
  }
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    context.record.set(series_.launched, context.chips[c].launch <= context.now() ? 1 : 0, c);
  }
}

}  // namespace tollgate
