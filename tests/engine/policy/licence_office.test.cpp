#include "engine/policy/licence_office.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/future_event_list.hpp"

using namespace tollgate;

namespace {

struct Waits {
  double mean_days = 0;       ///< from filing to the beginning of service
  double standard_error = 0;  ///< by batch means
};

/// Poisson applications at `per_day`; 20 batches after a warm-up.
Waits simulate(const LicenceOfficeSpec& spec, double per_day, std::uint64_t seed) {
  LicenceOffice office(spec, Stream(seed, 0, 1, 1));
  Stream arrivals(seed, 0, 2, 2);
  FutureEventList<Review> list;
  list.clear(SimTime{0});
  constexpr int kBatches = 20;
  constexpr int kPerBatch = 10000;
  std::vector<double> waits;
  double next_arrival = 0;
  std::uint32_t application = 0;
  const auto begin = [&](const std::optional<Review>& review, SimTime now) {
    if (!review) return;
    waits.push_back(in_days(now - review->filed));
    list.schedule(review->decided, 0, *review);
  };
  while (waits.size() < std::size_t{kPerBatch} * (kBatches + 1)) {
    const auto next = list.next_time();
    const SimTime arrival{days_rounded(next_arrival).minutes};
    if (!next || arrival <= *next) {
      begin(office.file(application++, arrival), arrival);
      next_arrival -= std::log1p(-draw_uniform(arrivals)) / per_day;
    } else {
      const SimTime now = list.pop()->time;
      begin(office.finish(now), now);
    }
  }
  std::vector<double> means;
  for (int b = 1; b <= kBatches; ++b) {  // batch 0 is the warm-up
    double sum = 0;
    for (int i = 0; i < kPerBatch; ++i) sum += waits[static_cast<std::size_t>(b * kPerBatch + i)];
    means.push_back(sum / kPerBatch);
  }
  Waits result;
  for (const double m : means) result.mean_days += m / kBatches;
  double square = 0;
  for (const double m : means) square += std::pow(m - result.mean_days, 2);
  result.standard_error = std::sqrt(square / (kBatches - 1) / kBatches);
  return result;
}

}  // namespace

TEST_CASE("with one officer the wait is that of M/G/1 (Pollaczek-Khinchine)") {
  // Five standard errors by batch means; seeds are fixed.
  for (const double cv : {0.0, 1.0, 1.5}) {
    LicenceOfficeSpec spec;
    spec.officers = 1;
    spec.service_days = 38;
    spec.service_cv = cv;
    const double utilisation = 0.6;
    const double expected =
        utilisation * spec.service_days * (1 + cv * cv) / (2 * (1 - utilisation));
    const Waits waits = simulate(spec, utilisation / spec.service_days, 5);
    CAPTURE(cv);
    CHECK(std::abs(waits.mean_days - expected) < 5 * waits.standard_error);
    CHECK(waits.standard_error < 0.1 * expected);
  }
}

TEST_CASE("officers work in parallel, first come first served") {
  LicenceOfficeSpec spec;
  spec.officers = 2;
  spec.service_days = 10;
  LicenceOffice office(spec, std::nullopt);
  const SimTime t{0};
  CHECK(office.file(1, t)->decided == t + days(10));
  CHECK(office.file(2, t)->application == 2);
  CHECK_FALSE(office.file(3, t));
  CHECK_FALSE(office.file(4, t));
  CHECK(office.waiting() == 2);
  CHECK(office.expected_days() == doctest::Approx(10 * (1 + 3 / 2.0)));
  const auto next = office.finish(t + days(10));
  REQUIRE(next);
  CHECK(next->application == 3);
  CHECK(next->filed == t);
  CHECK(next->decided == t + days(20));
  CHECK(office.finish(t + days(10))->application == 4);
  CHECK_FALSE(office.finish(t + days(20)));
  CHECK(office.in_service() == 1);
}
