#include "engine/policy/caps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tollgate {
namespace {

constexpr Duration kBucket = days(1);
/// Shipments know by this many caps whether they were counted; further caps give nothing back.
constexpr std::size_t kKnownCaps = 64;

}  // namespace

RollingCount::RollingCount(SimTime start, double window_days)
    : start_(start),
      window_(days_rounded(window_days)),
      // One bucket more than the window holds: the oldest is only partly inside it.
      buckets_(static_cast<std::size_t>(std::ceil(window_days / in_days(kBucket))) + 1) {}

std::int64_t& RollingCount::bucket(std::int64_t number) {
  const auto n = static_cast<std::int64_t>(buckets_.size());
  return buckets_[static_cast<std::size_t>((number % n + n) % n)];
}

void RollingCount::advance(SimTime now) {
  const std::int64_t newest = (now - start_).minutes / kBucket.minutes;
  // After a whole window nothing of the past is left.
  const auto n = static_cast<std::int64_t>(buckets_.size());
  if (newest - current_ > n) current_ = newest - n;
  while (current_ < newest) {
    std::int64_t& oldest = bucket(++current_);
    sum_ -= oldest;
    oldest = 0;
  }
}

void RollingCount::add(SimTime now, std::int64_t units) {
  advance(now);
  bucket(current_) += units;
  sum_ += units;
}

void RollingCount::take_off(SimTime then, std::int64_t units) {
  const std::int64_t number = (then - start_).minutes / kBucket.minutes;
  if (number <= current_ - static_cast<std::int64_t>(buckets_.size())) return;
  bucket(number) -= units;
  sum_ -= units;
}

std::int64_t RollingCount::at_most(SimTime now) {
  advance(now);
  return sum_;
}

std::int64_t RollingCount::at_least(SimTime now) {
  advance(now);
  std::int64_t sum = sum_;
  for (std::int64_t number = current_ - static_cast<std::int64_t>(buckets_.size()) + 1;
       start_ + Duration{number * kBucket.minutes} < now - window_; ++number) {
    sum -= bucket(number);
  }
  return sum;
}

void RollingCount::fill_before(std::int64_t units) {
  const auto earlier = static_cast<std::int64_t>(buckets_.size()) - 1;
  for (std::int64_t i = 0; i < earlier; ++i) {
    const std::int64_t share = units * (i + 1) / earlier - units * i / earlier;
    bucket(i - earlier) += share;
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
    least = std::min(least, left_under(cap, chip, customer, now));
  }
  return least;
}

InstrumentId Caps::binding(ChipId chip, CustomerId customer, SimTime now) {
  std::int64_t least = kNoCap;
  InstrumentId rule;
  for (Cap& cap : caps_) {
    if (!law_.applies(cap.instrument, chip, customer)) continue;
    const std::int64_t left = left_under(cap, chip, customer, now);
    if (left >= least) continue;
    least = left;
    rule = cap.instrument;
  }
  return rule;
}

std::int64_t Caps::left_under(Cap& cap, ChipId chip, CustomerId customer, SimTime now) const {
  const Ceiling& limit = cap.ceiling;
  double ceiling = limit.share_of_home_sales
                       ? *limit.share_of_home_sales *
                             static_cast<double>(cap.home_sales[chip.index()].at_least(now))
                       : limit.units;
  if (limit.per_domestic_unit) {
    ceiling =
        std::min(ceiling, *limit.per_domestic_unit *
                              static_cast<double>(cap.domestic[customer.index()].at_least(now)));
  }
  const std::int64_t used = cap.used[counter(cap, chip, customer)].at_most(now);
  const auto left = static_cast<std::int64_t>(std::floor(ceiling)) - used;
  return std::max<std::int64_t>(left, 0);
}

std::uint64_t Caps::count(ChipId chip, CustomerId customer, std::int64_t units, SimTime now) {
  std::uint64_t counted_by = 0;
  for (std::size_t i = 0; i < caps_.size(); ++i) {
    Cap& cap = caps_[i];
    if (is_home_sale(cap, customer)) cap.home_sales[chip.index()].add(now, units);
    if (is_domestic(cap, chip, customer)) cap.domestic[customer.index()].add(now, units);
    if (!law_.applies(cap.instrument, chip, customer)) continue;
    cap.used[counter(cap, chip, customer)].add(now, units);
    if (i < kKnownCaps) counted_by |= std::uint64_t{1} << i;
  }
  return counted_by;
}

void Caps::uncount(ChipId chip, CustomerId customer, std::int64_t units, SimTime then,
                   std::uint64_t counted_by) {
  for (std::size_t i = 0; i < caps_.size(); ++i) {
    Cap& cap = caps_[i];
    if (is_home_sale(cap, customer)) cap.home_sales[chip.index()].take_off(then, units);
    if (is_domestic(cap, chip, customer)) cap.domestic[customer.index()].take_off(then, units);
    if (i < kKnownCaps && (counted_by >> i & 1) != 0) {
      cap.used[counter(cap, chip, customer)].take_off(then, units);
    }
  }
}

bool Caps::is_home_sale(const Cap& cap, CustomerId customer) const {
  return !cap.home_sales.empty() && law_.customer(customer).site == cap.ceiling.home;
}

bool Caps::is_domestic(const Cap& cap, ChipId chip, CustomerId customer) const {
  return !cap.domestic.empty() && law_.headquarters_of_maker(chip) == law_.customer(customer).site;
}

}  // namespace tollgate
