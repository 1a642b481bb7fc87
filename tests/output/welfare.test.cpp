#include "output/welfare.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace tollgate;

namespace {

/// Two quarters, two vendors (the second at home), two buyers (the first at home), two regions.
struct Books {
  RecordLayout layout{parse_iso_date("2026-01-01").value(), parse_iso_date("2026-07-01").value()};
  SeriesId receipts{}, tariffs{}, subsidies{}, profit{}, fines{}, surplus{}, compute{};

  Books() {
    const AxisId vendor = layout.add_axis({"vendor", "Vendor", {"a", "b"}});
    const AxisId buyer = layout.add_axis({"buyer", "Buyer", {"c", "d"}});
    const AxisId region = layout.add_axis({"region", "Region", {"x", "y"}});
    const AxisId origin = layout.add_axis(
        {"origin", "Origin", {"legal_foreign", "grey", "domestic", "rented_abroad"}});
    const auto add = [&](const char* name, std::vector<AxisId> axes, ValueType type) {
      return layout.add_series(
          {name, std::move(axes), type, Aggregation::kSumOverQuarter, "1", name, name});
    };
    receipts = add("levy_receipts", {vendor}, ValueType::kInteger);
    tariffs = add("tariff_receipts", {region}, ValueType::kInteger);
    subsidies = add("subsidy_paid", {region}, ValueType::kInteger);
    fines = add("antitrust_fines", {vendor}, ValueType::kInteger);
    profit = add("vendor_profit", {vendor}, ValueType::kInteger);
    surplus = add("consumer_surplus", {buyer}, ValueType::kReal);
    compute = add("compute_h100e", {region, origin}, ValueType::kReal);
  }
};

}  // namespace

TEST_CASE("welfare sums money over quarters, and takes installed compute at the end") {
  const Books books;
  Record record(books.layout);
  for (std::size_t q = 0; q < 2; ++q) {
    record.open_quarter(q);
    record.add(books.receipts, 100, 0);
    record.add(books.receipts, 250, 1);
    record.add(books.tariffs, 500, 0);  // at home
    record.add(books.subsidies, 200, 0);
    record.add(books.tariffs, 7777, 1);
    record.add(books.profit, 1000, 0);
    record.add(books.profit, 4000, 1);
    record.add(books.fines, 50, 0);
    record.add(books.fines, 300, 1);
    record.add_real(books.surplus, 7, 0);
    record.add_real(books.surplus, 9, 1);
    for (std::size_t origin = 0; origin < 4; ++origin) {
      const double h100e = static_cast<double>(q) * (1 + static_cast<double>(origin));
      record.set_real(books.compute, h100e, 1, origin);
    }
  }
  const WelfareMeter meter(books.layout, {{false, true}, {true, false}, 1, 0});
  const WelfareAccount account = meter.read(record);
  CHECK(account.usd == std::array{13.0, 74.0, 14.0, 19.0, 18.0});
  CHECK(account.focus_h100e == 1 + 2 + 3);  // not what is rented

  WelfareWeights weights;
  CHECK(weights.value(account) == 0);
  weights.of_term = {1, 1, 0.5, 0, 0};
  weights.security_cost_usd = 10;
  CHECK(weights.value(account) == 13 + 74 + 7 - 60);
}

TEST_CASE("a part without a number counts only where it has weight") {
  WelfareAccount account;
  account.usd = {1, 2, std::numeric_limits<double>::quiet_NaN(), 0, 0};
  WelfareWeights weights;
  weights.of_term = {1, 1, 0, 0, 0};
  CHECK(weights.value(account) == 3);
  weights.of_term[2] = 1;
  CHECK(std::isnan(weights.value(account)));
}
