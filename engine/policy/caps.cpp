#include "engine/policy/caps.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {
namespace {

constexpr Duration kBucket = days(30);

}  // namespace

RollingCount::RollingCount(SimTime start, double window_days)
    : start_(start),
      // One bucket more than the window holds: the oldest is only partly inside it.
      buckets_(static_cast<std::size_t>(std::ceil(window_days / in_days(kBucket))) + 1) {}

void RollingCount::advance(SimTime now) {
  const std::int64_t newest = (now - start_).minutes / kBucket.minutes;
  while (current_ < newest) {
    ++current_;
    std::int64_t& bucket = buckets_[static_cast<std::size_t>(current_) % buckets_.size()];
    sum_ -= bucket;
    bucket = 0;
  }
}

void RollingCount::add(SimTime now, std::int64_t units) {
  advance(now);
  buckets_[static_cast<std::size_t>(current_) % buckets_.size()] += units;
  sum_ += units;
}

std::int64_t RollingCount::total(SimTime now) {
  advance(now);
  return sum_;
}

void RollingCount::fill_before(std::int64_t units) {
  // Bucket 0 is the run's first: the ones before it sit at the places that will be emptied first.
  const std::size_t earlier = buckets_.size() - 1;
  if (earlier == 0) return;
  for (std::size_t i = 0; i < earlier; ++i) {
    const auto n = static_cast<std::int64_t>(earlier);
    const auto share =
        units * static_cast<std::int64_t>(i + 1) / n - units * static_cast<std::int64_t>(i) / n;
    buckets_[i + 1] += share;
    sum_ += share;
  }
}

Caps::Caps(const Law& law, std::size_t chips, SimTime start) : law_(law) {
  for (std::size_t i = 0; i < law.instruments(); ++i) {
    const InstrumentSpec& rule = law.instrument(InstrumentId{i});
    if (!rule.enabled ||
        (rule.kind != InstrumentKind::kVolumeCap && rule.kind != InstrumentKind::kImportQuota)) {
      continue;
    }
    Cap cap{InstrumentId{i}, {}, {}};
    std::size_t counters = 1;
    if (rule.share_of_home_sales) {
      counters = chips;
      cap.home_sales.assign(chips, RollingCount{start, rule.window_days});
      for (RollingCount& home : cap.home_sales) {
        home.fill_before(std::llround(rule.home_sales_before));
      }
    } else if (rule.per_buyer || rule.kind == InstrumentKind::kImportQuota) {
      counters = law.customers();
    }
    cap.used.assign(counters, RollingCount{start, rule.window_days});
    caps_.push_back(std::move(cap));
  }
}

std::size_t Caps::counter(const Cap& cap, ChipId chip, CustomerId customer) const {
  if (cap.used.size() == 1) return 0;
  return cap.home_sales.empty() ? customer.index() : chip.index();
}

std::int64_t Caps::allowance(ChipId chip, CustomerId customer, SimTime now) {
  std::int64_t least = kNoCap;
  for (Cap& cap : caps_) {
    const InstrumentSpec& rule = law_.instrument(cap.instrument);
    if (!law_.is_in_force(cap.instrument, now) || !law_.touches(cap.instrument, chip, customer)) {
      continue;
    }
    const double ceiling = rule.share_of_home_sales
                               ? *rule.share_of_home_sales *
                                     static_cast<double>(cap.home_sales[chip.index()].total(now))
                               : rule.units;
    const std::int64_t used = cap.used[counter(cap, chip, customer)].total(now);
    const auto left = static_cast<std::int64_t>(std::floor(ceiling)) - used;
    least = std::min(least, std::max<std::int64_t>(left, 0));
  }
  return least;
}

void Caps::count(ChipId chip, CustomerId customer, std::int64_t units, SimTime now) {
  for (Cap& cap : caps_) {
    const InstrumentSpec& rule = law_.instrument(cap.instrument);
    if (!cap.home_sales.empty() && law_.customer(customer).site == rule.home) {
      cap.home_sales[chip.index()].add(now, units);
    }
    if (law_.is_in_force(cap.instrument, now) && law_.touches(cap.instrument, chip, customer)) {
      cap.used[counter(cap, chip, customer)].add(now, units);
    }
  }
}

}  // namespace tollgate
