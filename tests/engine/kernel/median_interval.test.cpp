#include "engine/kernel/median_interval.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

TEST_CASE("an interval of the median lies between the order statistics of the textbook") {
  std::vector<double> sample(25);
  std::iota(sample.begin(), sample.end(), 1.0);
  // n = 25, 95%: P(B <= 7) = 0.0216, P(B <= 8) = 0.0539 (tables of the sign test): 8th and 18th.
  const MedianInterval interval = median_interval(sample, 0.05);
  CHECK(interval.low == 8);
  CHECK(interval.high == 18);
  CHECK(interval.half_width() == 5);
  // Six values are the fewest for 95%: 2 / 2^6 = 0.03, 2 / 2^5 = 0.06.
  CHECK(median_interval(std::vector<double>{1, 2, 3, 4, 5, 6}, 0.05).low == 1);
  CHECK(std::isinf(median_interval(std::vector<double>{1, 2, 3, 4, 5}, 0.05).half_width()));
  CHECK(std::isinf(median_interval({}, 0.05).half_width()));
}

TEST_CASE("in a large sample the interval is that of the normal limit") {
  std::vector<double> sample(1'000'000);
  std::iota(sample.begin(), sample.end(), 0.0);
  // Ranks n/2 -+ 1.96 sqrt(n) / 2, to a rank or two for continuity.
  CHECK(median_interval(sample, 0.05).half_width() == doctest::Approx(979.98).epsilon(0.002));
}

TEST_CASE("looks grow by half, end with the run, and share the error") {
  const LookSchedule schedule = plan_looks(100);
  CHECK(schedule.counts == std::vector<std::uint32_t>{20, 30, 45, 67, 100});
  CHECK(schedule.error == doctest::Approx(0.01));
  CHECK(plan_looks(5).counts == std::vector<std::uint32_t>{5});
  CHECK(plan_looks(10'000'000).counts.back() == 10'000'000);
}

namespace {

/// Draws one by one, looks as planned, stops when the interval is narrow. Whether it then covers
/// the median, 0: half of the values are spread about -1 and half about 1, so that a run of luck on
/// one side looks like a narrow interval there, as a chip that is sold in some futures only.
template <class Draw>
double coverage(double target, const LookSchedule& looks, double error, const Draw& draw,
                int experiments) {
  int covered = 0;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    Stream stream(7, static_cast<std::uint32_t>(experiment), 0, 0);
    std::vector<double> sample;
    MedianInterval interval;
    for (const std::uint32_t count : looks.counts) {
      while (sample.size() < count) sample.push_back(draw(stream));
      std::vector<double> sorted = sample;
      std::ranges::sort(sorted);
      interval = median_interval(sorted, error);
      if (interval.half_width() <= target) break;
    }
    if (interval.low <= 0 && 0 <= interval.high) ++covered;
  }
  return static_cast<double>(covered) / experiments;
}

double draw_two_humped(Stream& stream) {
  const double x = draw_normal(stream);
  return draw_uniform(stream) < 0.5 ? -1 + 0.3 * x : 1 + 0.3 * x;
}
double draw_skewed(Stream& stream) { return std::exp(draw_normal(stream)) - 1; }

}  // namespace

TEST_CASE("at an early stop the interval covers the median as promised") {
  constexpr int kExperiments = 4000;
  const double standard_error = std::sqrt(0.95 * 0.05 / kExperiments);
  const LookSchedule looks = plan_looks(2000);
  const double two_humped = coverage(0.25, looks, looks.error, draw_two_humped, kExperiments);
  const double skewed = coverage(0.2, looks, looks.error, draw_skewed, kExperiments);
  MESSAGE("two-humped ", two_humped, ", skewed ", skewed);
  CHECK(two_humped > 0.95 - 3 * standard_error);
  CHECK(skewed > 0.95 - 3 * standard_error);

  // Each look at 95% for itself: no longer, by far more than chance.
  const double two_humped_each = coverage(0.25, looks, 0.05, draw_two_humped, kExperiments);
  const double skewed_each = coverage(0.2, looks, 0.05, draw_skewed, kExperiments);
  MESSAGE("uncorrected: two-humped ", two_humped_each, ", skewed ", skewed_each);
  CHECK(two_humped_each < 0.95 - 5 * standard_error);
}
