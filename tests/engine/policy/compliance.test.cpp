/// Compliant redesign: properties over random chips and limits, and the rules of 2022 to 2025.
#include "engine/policy/compliance.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/kernel/draws.hpp"
#include "engine/market/throughput.hpp"

using namespace tollgate;

namespace {

constexpr double kMargin = 0.01;

double value(const ChipSpec& chip) { return general_throughput(chip, {}); }

ChipSpec make_chip(double fp16, double tpp, double density, double dram_tbs, double io_gbs) {
  ChipSpec chip;
  chip.fp16_tflops = fp16;
  chip.tpp = tpp;
  chip.performance_density = density;
  chip.dram_bandwidth_tbs = dram_tbs;
  chip.io_bandwidth_gbs = io_gbs;
  chip.memory_stacks = 5;
  return chip;
}

const ChipSpec kA100 = make_chip(312, 4992, 6.04, 2.039, 600);
const ChipSpec kH100 = make_chip(989.4, 15832, 19.45, 3.35, 900);

Limit limit(Bounds tpp, Bounds density = {}, Bounds dram = {}, Bounds io = {}, Bounds sum = {}) {
  return {{tpp, density, dram, io, sum}, {}};
}

constexpr double kNoBound = std::numeric_limits<double>::infinity();

std::vector<Limit> rules_of_october_2023() {
  return {limit({4800, kNoBound}), limit({1600, kNoBound}, {5.92, kNoBound}),
          limit({2400, 4799}, {1.6, 5.919}), limit({1600, 4799}, {3.2, 5.919})};
}

bool is_caught(const ChipSpec& chip, const std::vector<Limit>& limits) {
  return std::ranges::any_of(limits, [&](const Limit& rule) { return rule.catches(chip); });
}

Bounds random_bounds(double scale, Stream& stream) {
  Bounds bounds;
  if (draw_bernoulli(0.5, stream)) bounds.low = scale * (0.05 + 1.2 * draw_uniform(stream));
  if (draw_bernoulli(0.2, stream)) bounds.high = scale * (0.5 + 1.5 * draw_uniform(stream));
  if (bounds.low > bounds.high) std::swap(bounds.low, bounds.high);
  return bounds;
}

}  // namespace

TEST_CASE("no limit catches a redesign, and no attribute can go back to the base without one") {
  Stream stream = StreamFactory{7, 0}.make("compliance", "property");
  int redesigned = 0;
  for (int i = 0; i < 2000; ++i) {
    const ChipSpec base =
        make_chip(100 + 2000 * draw_uniform(stream), 1000 + 30000 * draw_uniform(stream),
                  1 + 30 * draw_uniform(stream), 0.5 + 8 * draw_uniform(stream),
                  100 + 1500 * draw_uniform(stream));
    std::vector<Limit> limits;
    for (std::size_t rules = 1 + draw_index(std::vector{1.0, 1.0, 1.0}, stream); rules > 0;
         --rules) {
      limits.push_back(
          limit(random_bounds(base.tpp, stream), random_bounds(base.performance_density, stream),
                random_bounds(base.dram_bandwidth_tbs * 1000, stream),
                random_bounds(base.io_bandwidth_gbs, stream),
                random_bounds(base.dram_bandwidth_tbs * 1000 + base.io_bandwidth_gbs, stream)));
    }
    const auto design = scaled_under(base, limits, kMargin, value);
    if (!design) continue;
    REQUIRE_FALSE(is_caught(*design, limits));
    REQUIRE(value(*design) <= value(base));
    ChipSpec raised = *design;
    raised.fp16_tflops = base.fp16_tflops;
    raised.tpp = base.tpp;
    raised.performance_density = base.performance_density;
    REQUIRE((design->tpp == base.tpp || is_caught(raised, limits)));
    raised = *design;
    raised.dram_bandwidth_tbs = base.dram_bandwidth_tbs;
    REQUIRE((design->dram_bandwidth_tbs == base.dram_bandwidth_tbs || is_caught(raised, limits)));
    raised = *design;
    raised.io_bandwidth_gbs = base.io_bandwidth_gbs;
    REQUIRE((design->io_bandwidth_gbs == base.io_bandwidth_gbs || is_caught(raised, limits)));
    if (is_caught(base, limits)) ++redesigned;
  }
  CHECK(redesigned > 300);  // the properties were not about unchanged chips alone
}

TEST_CASE("no scaling by a finer grid is worth more than the one that is found") {
  const std::vector<Limit> limits = rules_of_october_2023();
  for (const ChipSpec& base : {kA100, kH100}) {
    const auto design = scaled_under(base, limits, 1e-6, value);
    REQUIRE(design);
    for (int i = 1; i <= 400; ++i) {
      ChipSpec other = base;
      const double share = i / 400.0;
      other.fp16_tflops *= share;
      other.tpp *= share;
      other.performance_density *= share;
      CHECK((is_caught(other, limits) || value(other) <= value(*design) * (1 + 1e-5)));
    }
  }
}

TEST_CASE("under a bound on the sum of bandwidths no finer grid of both is worth more") {
  // The letters of April 2025: memory 1,400, link 1,100, both together 1,700 GB/s.
  const std::vector<Limit> letters{limit({}, {}, {1400, kNoBound}),
                                   limit({}, {}, {}, {1100, kNoBound}),
                                   limit({}, {}, {}, {}, {1700, kNoBound})};
  const auto design = scaled_under(kH100, letters, 1e-6, value);
  REQUIRE(design);
  CHECK(design->dram_bandwidth_tbs == doctest::Approx(1.4).epsilon(1e-5));
  CHECK(design->io_bandwidth_gbs == doctest::Approx(300).epsilon(1e-4));
  for (int m = 1; m <= 100; ++m) {
    for (int l = 1; l <= 100; ++l) {
      ChipSpec other = kH100;
      other.dram_bandwidth_tbs *= m / 100.0;
      other.io_bandwidth_gbs *= l / 100.0;
      if (is_caught(other, letters)) continue;
      CHECK(value(other) <= value(*design) * (1 + 1e-5));
      // Of equal value none keeps more link.
      const bool is_equal = value(other) == value(*design);
      CHECK_FALSE((is_equal && other.io_bandwidth_gbs > design->io_bandwidth_gbs * (1 + 1e-4)));
    }
  }
}

TEST_CASE("a chip that no limit catches comes back as it is") {
  const auto design = scaled_under(kA100, {}, kMargin, value);
  REQUIRE(design);
  CHECK(design->tpp == kA100.tpp);
  const std::vector<Limit> above{limit({5000, kNoBound})};
  const auto same = scaled_under(kA100, above, kMargin, value);
  REQUIRE(same);
  CHECK(same->tpp == kA100.tpp);
  CHECK(same->dram_bandwidth_tbs == kA100.dram_bandwidth_tbs);
  CHECK(same->io_bandwidth_gbs == kA100.io_bandwidth_gbs);
}

TEST_CASE("no scaling gets under a rule without thresholds") {
  const std::vector<Limit> limits{limit({})};
  CHECK_FALSE(scaled_under(kH100, limits, kMargin, value));
}

TEST_CASE("the rule of October 2022 costs the link alone") {
  const std::vector<Limit> limits{limit({4800, kNoBound}, {}, {}, {600, kNoBound})};
  for (const ChipSpec& base : {kA100, kH100}) {
    const auto design = scaled_under(base, limits, kMargin, value);
    REQUIRE(design);
    CHECK(design->tpp == base.tpp);
    CHECK(design->dram_bandwidth_tbs == base.dram_bandwidth_tbs);
    CHECK(design->io_bandwidth_gbs == doctest::Approx(600 * (1 - kMargin)));
  }
}

TEST_CASE("the rules of October 2023 cost compute and leave the memory: an H20") {
  const auto design = scaled_under(kH100, rules_of_october_2023(), kMargin, value);
  REQUIRE(design);
  CHECK(design->tpp == doctest::Approx(2400 * (1 - kMargin)));  // H20: 2368
  CHECK(design->fp16_tflops == doctest::Approx(148.5).epsilon(0.01));
  CHECK(design->performance_density == doctest::Approx(2.92).epsilon(0.01));
  CHECK(design->dram_bandwidth_tbs == kH100.dram_bandwidth_tbs);
  CHECK(design->io_bandwidth_gbs == kH100.io_bandwidth_gbs);
  // Without the lower tier, which asks for a licence only, twice as much could stay.
  std::vector<Limit> upper = rules_of_october_2023();
  upper.resize(2);
  CHECK(scaled_under(kH100, upper, kMargin, value)->tpp ==
        doctest::Approx(4800 * (1 - kMargin)).epsilon(0.01));
}

TEST_CASE("the letters of April 2025 cost memory bandwidth, and stacks with it") {
  std::vector<Limit> limits = rules_of_october_2023();
  limits.push_back(limit({}, {}, {1400, kNoBound}));
  limits.push_back(limit({}, {}, {}, {1100, kNoBound}));
  const auto design = scaled_under(kH100, limits, kMargin, value);
  REQUIRE(design);
  CHECK(design->tpp == doctest::Approx(2400 * (1 - kMargin)));
  CHECK(design->dram_bandwidth_tbs == doctest::Approx(1.4 * (1 - kMargin)));
  CHECK(design->memory_stacks == doctest::Approx(5 * 1.386 / 3.35));
  CHECK(design->io_bandwidth_gbs == kH100.io_bandwidth_gbs);
}

TEST_CASE(
    "where another rule lifts the limit, the design need only come under that one's ceiling") {
  std::vector<Limit> limits{limit({4800, kNoBound})};
  limits[0].lifted = {{{-kNoBound, 20999}, {}, {-kNoBound, 6499}, {}, {}}};
  const ChipSpec b200 = make_chip(2250, 36000, 22.1, 7.7, 1800);
  const auto design = scaled_under(b200, limits, kMargin, value);
  REQUIRE(design);
  CHECK(design->tpp == doctest::Approx(20999 * (1 - kMargin)));
  CHECK(design->dram_bandwidth_tbs == doctest::Approx(6.499 * (1 - kMargin)));
}

TEST_CASE("the law gives a designer the rules known, not only those in force, and what is closed") {
  const SimTime day = parse_iso_date("2026-06-01").value();
  const RegionId china{std::size_t{0}};
  std::vector<ChipSpec> chips{kH100, kH100};
  for (ChipSpec& chip : chips) chip.vendor = VendorId{std::size_t{0}};
  InstrumentSpec ban;
  ban.id = "ban";
  ban.announced = day;
  ban.effective = day + days(30);
  ban.tpp.low = 4800;
  InstrumentSpec approval = ban;
  approval.id = "approval";
  approval.effect = Licence{ReviewPolicy::kPresumptionOfApproval, {}, {}};
  approval.tpp.low = 2400;
  const std::vector<InstrumentSpec> rules{ban, approval};
  const std::vector<RegionId> homes{RegionId{std::size_t{1}}};
  Law law(rules, chips, homes, {{BuyerId{std::size_t{0}}, china, china, "cloud"}}, 0);
  const ChipId first{std::size_t{0}};
  CHECK(limits_on(law, first, china, day - days(1), DesignAim::kFree).empty());
  CHECK(limits_on(law, first, china, day, DesignAim::kFree).size() == 2);
  CHECK(limits_on(law, first, china, day, DesignAim::kSold).size() == 1);
  CHECK_FALSE(is_closed(law, first, china, day - days(1)));
  CHECK(is_closed(law, first, china, day));
  CHECK_FALSE(is_closed(law, first, RegionId{std::size_t{1}}, day));  // no buyer there

  // A chip that has been scaled is seen anew, and no other chip with it.
  chips[0] =
      *scaled_under(kH100, limits_on(law, first, china, day, DesignAim::kFree), kMargin, value);
  law.revise(first);
  CHECK_FALSE(is_closed(law, first, china, day));
  CHECK(is_closed(law, ChipId{std::size_t{1}}, china, day));
  law.compile(day + days(30));
  CHECK_FALSE(law.conditions(first, CustomerId{std::size_t{0}}).is_barred);
  CHECK_FALSE(law.conditions(first, CustomerId{std::size_t{0}}).needs_licence);
  CHECK(law.conditions(ChipId{std::size_t{1}}, CustomerId{std::size_t{0}}).is_barred);
}
