/// What a vendor asks of its foundries: forecast, newsvendor quantity.
#include <doctest/doctest.h>

#include <cmath>

#include "agents/vendor/newsvendor.hpp"
#include "agents/vendor/order_forecast.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/kernel/stream.hpp"

using namespace tollgate;

namespace {

constexpr double kMemoryDays = 120;

/// Exponentially smoothed level of a rate, fed once a day.
struct Level {
  double per_day = 0;
  void take(double units) {
    per_day = per_day * std::exp(-1 / kMemoryDays) + units * (1 - std::exp(-1 / kMemoryDays));
  }
};

SimTime day(double days) { return SimTime{} + days_rounded(days); }

}  // namespace

TEST_CASE("the newsvendor holds the quantile of demand at the critical ratio") {
  const DemandForecast demand{.mean = 1000, .variance = 200 * 200};
  CHECK(newsvendor_quantity(demand, 3000, 3000) == doctest::Approx(1000));  // ratio 0.5: the mean
  // Quantiles of the standard normal distribution from tables.
  CHECK(newsvendor_quantity(demand, 9000, 1000) == doctest::Approx(1000 + 1.2815516 * 200));
  CHECK(newsvendor_quantity(demand, 1000, 3000) == doctest::Approx(1000 - 0.6744898 * 200));
  CHECK(newsvendor_quantity(demand, 975, 25) == doctest::Approx(1000 + 1.959964 * 200));
}

TEST_CASE("the newsvendor's quantity costs least, found by trying all") {
  // Expected cost of having q for a normal demand: Cu E(D - q)+ + Co E(q - D)+.
  const double mean = 500;
  const double sigma = 120;
  const double underage = 4000;
  const double overage = 1500;
  const auto cost = [&](double q) {
    const double z = (q - mean) / sigma;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979324);
    const double below = std::erfc(-z / std::sqrt(2.0)) / 2;
    const double missing = sigma * density - (q - mean) * (1 - below);
    return underage * missing + overage * (q - mean + missing);
  };
  double best = 0;
  for (double q = 1; q < 1000; ++q) {
    if (cost(q) < cost(best)) best = q;
  }
  const double quantity = newsvendor_quantity({mean, sigma * sigma}, underage, overage);
  CHECK(std::abs(quantity - best) <= 0.5);
}

TEST_CASE("a demand that is certain needs no safety stock, and no margin no stock at all") {
  CHECK(newsvendor_quantity({.mean = 700, .variance = 0}, 9000, 1) == 700);
  CHECK(newsvendor_quantity({.mean = 700, .variance = 0}, 1, 9000) == 700);
  CHECK(newsvendor_quantity({.mean = 700, .variance = 100}, 0, 5000) == 0);
  CHECK(newsvendor_quantity({.mean = 700, .variance = 100}, -3, 5000) == 0);
  CHECK(newsvendor_quantity({.mean = 10, .variance = 1e6}, 1, 5000) == 0);  // not below nothing
  CHECK(std::isfinite(newsvendor_quantity({.mean = 10, .variance = 1e6}, 1, 0)));
}

TEST_CASE("a constant rate is forecast without trend and without error") {
  OrderForecast forecast;
  forecast.start(50, day(0));
  for (int month = 1; month <= 24; ++month) {
    forecast.count(1500);
    forecast.review(50, day(30 * month), kMemoryDays, 180);
  }
  CHECK(forecast.over(0, 200).mean == doctest::Approx(10000));
  CHECK(forecast.over(100, 200).mean == doctest::Approx(5000));
  CHECK(forecast.over(0, 200).variance == doctest::Approx(0));
  CHECK(forecast.over(200, 100).mean == 0);
}

TEST_CASE("a linear trend is made up for in the end, and without trend memory it is not") {
  for (const double trend_memory : {0.0, 180.0}) {
    OrderForecast forecast;
    Level level;
    forecast.start(0, day(0));
    const int days = 30 * 120;
    for (int d = 1; d <= days; ++d) {
      level.take(d);
      forecast.count(d);
      if (d % 30 == 0) forecast.review(level.per_day, day(d), kMemoryDays, trend_memory);
    }
    const double ahead = 240;
    const double true_mean = (days + ahead / 2) * ahead;
    if (trend_memory > 0) {
      CHECK(forecast.over(0, ahead).mean == doctest::Approx(true_mean).epsilon(0.001));
    } else {
      // Behind by the memory and by half of what lies ahead.
      CHECK(forecast.over(0, ahead).mean ==
            doctest::Approx((days - kMemoryDays) * ahead).epsilon(0.001));
    }
  }
}

TEST_CASE("the variance of independent orders is found, up to the smoothing") {
  // Months of mean 3000 and standard deviation 600 around a level that is known. The smoothed
  // variance weighs n_eff = (1 + r) / (1 - r) months, r = exp(-30 / memory); the variance of a
  // squared normal error is 2 sigma^4, so its standard error is sigma^2 sqrt(2 / n_eff). Averaged
  // over 400 forecasts, 4 standard errors: false alarm 6e-5.
  const double memory = 1200;
  const double r = std::exp(-30 / memory);
  const double months = (1 + r) / (1 - r);
  const double sigma = 600;
  const int forecasts = 400;
  double mean_of_variances = 0;
  for (int i = 0; i < forecasts; ++i) {
    Stream stream = StreamFactory{7, static_cast<std::uint32_t>(i)}.make("orders", "test");
    OrderForecast forecast;
    forecast.start(100, day(0));
    for (int month = 1; month <= 400; ++month) {  // the start, no error, weighs exp(-10)
      forecast.count(std::llround(3000 + sigma * draw_normal(stream)));
      forecast.review(100, day(30 * month), memory, 0);
    }
    mean_of_variances += forecast.over(0, 30).variance / forecasts;
  }
  const double error = sigma * sigma * std::sqrt(2 / months / forecasts);
  CHECK(std::abs(mean_of_variances - sigma * sigma) < 4 * error + sigma * sigma * 1e-4);
}
