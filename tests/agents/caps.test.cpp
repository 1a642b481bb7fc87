/// Ceilings on units, checked offline: every shipment of a run is recorded, and every window is
/// counted anew by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"
#include "tests/agents/watch.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// Four buyers in China, short of chips, behind customs that stop and keep some.
WorldSpec busy_world() {
  WorldSpec spec = small_world();
  for (const char* id : {"second", "third", "zfourth"}) {
    BuyerSpec buyer = spec.buyers[kChineseBuyer.index()];
    buyer.id = id;
    spec.buyers.push_back(buyer);
  }
  spec.chips[kForeignChip.index()].initial_stock = 20000;
  InstrumentSpec customs = instrument(Customs{});
  customs.as<Customs>().probability = 0.35;
  customs.as<Customs>().seized_share = 0.3;
  InstrumentSpec testing = instrument(Testing{});
  testing.as<Testing>().delay_days = 25;
  spec.policies = {customs, testing};
  return spec;
}

/// Units of a shipment that were out at `now`: what had come back by then is not.
std::int64_t out_at(const SeenShipment& shipment, SimTime now) {
  const bool is_back = shipment.is_stopped && shipment.at_border <= now;
  return is_back ? shipment.seized : shipment.units;
}

/// Sum over the window that ends with shipment `last`, of those before it (itself included) that
/// `counts`. The window is open at its start, or closed.
template <class Counts>
std::int64_t in_window(const std::vector<SeenShipment>& seen, std::size_t last, double window_days,
                       bool is_closed, Counts counts) {
  const SimTime now = seen[last].shipped;
  const SimTime start = now - days_rounded(window_days);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i <= last; ++i) {
    const bool is_within = seen[i].shipped > start || (is_closed && seen[i].shipped == start);
    if (is_within && counts(seen[i])) sum += out_at(seen[i], now);
  }
  return sum;
}

/// Checks a rule on all windows; returns the largest share of its ceiling that was used.
double check_windows(const WorldSpec& spec, const InstrumentSpec& rule, const Ceiling& ceiling,
                     const std::vector<SeenShipment>& seen) {
  double most_used = 0;
  const auto is_touched = [&](const SeenShipment& s) {
    return s.chip == kForeignChip && s.region == kChina && s.shipped >= rule.effective;
  };
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const SeenShipment& last = seen[i];
    if (!is_touched(last)) continue;
    const std::int64_t used =
        in_window(seen, i, ceiling.window_days, false, [&](const SeenShipment& s) {
          return is_touched(s) && (!ceiling.per_customer || s.customer == last.customer);
        });
    double allowed = ceiling.units;
    if (ceiling.share_of_home_sales) {
      double home = static_cast<double>(in_window(
          seen, i, ceiling.window_days, true,
          [&](const SeenShipment& s) { return s.chip == last.chip && s.region == ceiling.home; }));
      const double left = 1 - in_days(last.shipped - spec.start) / ceiling.window_days;
      home += 1 + ceiling.home_sales_before * std::max(0.0, left);
      allowed = *ceiling.share_of_home_sales * home;
    }
    if (ceiling.per_domestic_unit) {
      const std::int64_t domestic =
          in_window(seen, i, ceiling.window_days, true, [&](const SeenShipment& s) {
            return s.chip == kDomesticChip && s.customer == last.customer;
          });
      allowed = std::min(allowed, *ceiling.per_domestic_unit * static_cast<double>(domestic));
    }
    CHECK(static_cast<double>(used) <= allowed);
    if (allowed > 0) most_used = std::max(most_used, static_cast<double>(used) / allowed);
  }
  return most_used;
}

InstrumentSpec random_ceiling(std::mt19937_64& random, int kind) {
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() % 1001) / 1000;
  };
  InstrumentSpec rule;
  if (kind < 3) {
    rule = instrument(VolumeCap{});
    auto& cap = rule.as<VolumeCap>();
    cap.units = std::floor(uniform(200, 3000));
    cap.per_buyer = kind == 1;
    cap.window_days = uniform(10, 400);
    if (kind == 2) {
      cap.share_of_home_sales = uniform(0.05, 0.5);
      cap.home = kUs;
      cap.home_sales_before = random() % 2 == 0 ? 0 : uniform(0, 20000);
    }
  } else {
    rule = instrument(ImportApproval{});
    auto& quota = rule.as<ImportApproval>();
    quota.units = std::floor(uniform(200, 3000));
    quota.share_abroad = uniform(0, 0.8);
    quota.window_days = uniform(10, 400);
    if (kind == 4) quota.per_domestic_unit = uniform(0.05, 1);
  }
  if (random() % 3 == 0) rule.effective = date("2026-06-15");  // with goods on their way
  return rule;
}

Ceiling ceiling_of(const InstrumentSpec& rule) {
  return rule.is_a<VolumeCap>() ? rule.as<VolumeCap>().ceiling()
                                : rule.as<ImportApproval>().ceiling();
}

}  // namespace

TEST_CASE("a cap is never exceeded in any window, in random worlds with several caps") {
  for (int kind = 0; kind < 5; ++kind) {
    CAPTURE(kind);
    double most_used = 0;
    for (std::uint32_t trial = 0; trial < 8; ++trial) {
      CAPTURE(trial);
      std::mt19937_64 random(100 * static_cast<std::uint64_t>(kind) + trial);
      WorldSpec spec = busy_world();
      InstrumentSpec first = random_ceiling(random, kind);
      InstrumentSpec second = random_ceiling(random, static_cast<int>(random() % 5));
      first.id = "first";
      second.id = "second";
      spec.policies.push_back(first);
      spec.policies.push_back(second);
      const WorldLayout layout(spec);
      World world(spec, layout, StreamFactory{trial, trial});
      const std::vector<SeenShipment> seen = watch_shipments(world);
      most_used = std::max(most_used, check_windows(spec, first, ceiling_of(first), seen));
      check_windows(spec, second, ceiling_of(second), seen);
    }
    CHECK(most_used > 0.9);  // it binds
  }
}

TEST_CASE("what came back may be shipped again, what was seized counts") {
  WorldSpec spec = busy_world();
  InstrumentSpec cap = instrument(VolumeCap{});
  cap.as<VolumeCap>().units = 1000;
  cap.as<VolumeCap>().window_days = 3000;  // longer than the run
  spec.policies.push_back(cap);
  const WorldLayout layout(spec);
  bool is_shipped_again = false;
  std::int64_t seized = 0;
  for (std::uint32_t replica = 0; replica < 10; ++replica) {
    const Record record = run_world(spec, layout, replica);
    const auto china = [&](const char* series) {
      return total(record, series, kForeignChip.index(), kChina.index());
    };
    const std::int64_t came_back = china("units_stopped") - china("units_seized");
    CHECK(china("units_shipped") - came_back == 1000);
    is_shipped_again = is_shipped_again || china("units_shipped") > 1000;
    seized += china("units_seized");
  }
  CHECK(is_shipped_again);
  CHECK(seized > 0);
}
