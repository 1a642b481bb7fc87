#include "engine/policy/caps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

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
    const auto ceiling = std::visit(
        [](const auto& kind) -> std::optional<Ceiling> {
          if constexpr (requires { kind.ceiling(); }) return kind.ceiling();
          return std::nullopt;
        },
        rule.effect);
    if (!rule.enabled || !ceiling) continue;
    const RollingCount none{start, ceiling->window_days};
    Cap cap{InstrumentId{i}, *ceiling, {}, {}, {}};
    std::size_t counters = 1;
    if (ceiling->share_of_home_sales) {
      counters = chips;
      cap.home_sales.assign(chips, none);
      for (RollingCount& home : cap.home_sales) {
        home.fill_before(std::llround(ceiling->home_sales_before));
      }
    } else if (ceiling->per_customer) {
      counters = law.customers();
    }
    if (ceiling->per_domestic_unit) cap.domestic.assign(law.customers(), none);
    cap.used.assign(counters, none);
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
    if (!law_.applies(cap.instrument, chip, customer)) continue;
    const Ceiling& limit = cap.ceiling;
    double ceiling = limit.share_of_home_sales
                         ? *limit.share_of_home_sales *
                               static_cast<double>(cap.home_sales[chip.index()].total(now))
                         : limit.units;
    if (limit.per_domestic_unit) {
      ceiling =
          std::min(ceiling, *limit.per_domestic_unit *
                                static_cast<double>(cap.domestic[customer.index()].total(now)));
    }
    const std::int64_t used = cap.used[counter(cap, chip, customer)].total(now);
    const auto left = static_cast<std::int64_t>(std::floor(ceiling)) - used;
    least = std::min(least, std::max<std::int64_t>(left, 0));
  }
  return least;
}

void Caps::count(ChipId chip, CustomerId customer, std::int64_t units, SimTime now) {
  const CustomerView& who = law_.customer(customer);
  for (Cap& cap : caps_) {
    if (!cap.home_sales.empty() && who.site == cap.ceiling.home) {
      cap.home_sales[chip.index()].add(now, units);
    }
    if (!cap.domestic.empty() && law_.headquarters_of_maker(chip) == who.site) {
      cap.domestic[customer.index()].add(now, units);
    }
    if (law_.applies(cap.instrument, chip, customer)) {
      cap.used[counter(cap, chip, customer)].add(now, units);
    }
  }
}

}  // namespace tollgate
