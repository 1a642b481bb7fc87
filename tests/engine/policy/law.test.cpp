#include "engine/policy/law.hpp"

#include <doctest/doctest.h>

#include "engine/policy/caps.hpp"
#include "tests/engine/policy/sample_effects.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr RegionId kChina{std::size_t{0}};
constexpr RegionId kUs{std::size_t{1}};
constexpr VendorId kNvidia{std::size_t{0}};
constexpr ChipId kH20{std::size_t{0}};
constexpr ChipId kH200{std::size_t{1}};
constexpr CustomerId kTencent{std::size_t{0}};
constexpr CustomerId kTelecom{std::size_t{1}};
constexpr CustomerId kMeta{std::size_t{2}};

SimTime date(const char* text) { return parse_iso_date(text).value(); }

/// Two chips of one American vendor, two Chinese buyers and an American one.
struct Market {
  std::vector<ChipSpec> chips;
  std::vector<RegionId> headquarters = {kUs};
  std::vector<InstrumentSpec> rules;

  Market() {
    ChipSpec h20;
    h20.id = "h20";
    h20.vendor = kNvidia;
    h20.tpp = 2368;
    h20.performance_density = 2.91;
    h20.dram_bandwidth_tbs = 4.0;
    ChipSpec h200 = h20;
    h200.id = "h200";
    h200.tpp = 15832;
    h200.performance_density = 19.45;
    h200.dram_bandwidth_tbs = 4.8;
    chips = {h20, h200};
  }

  InstrumentSpec& add(Effect effect, const char* id) {
    InstrumentSpec rule;
    rule.id = id;
    rule.effect = std::move(effect);
    rule.effective = date("2023-10-17");
    rule.destinations = {kChina};
    rules.push_back(rule);
    return rules.back();
  }

  Law law(const char* today = "2026-01-01") const {
    Law result(rules, chips, headquarters,
               {{BuyerId{std::size_t{0}}, kChina, kChina, "cloud"},
                {BuyerId{std::size_t{1}}, kChina, kChina, "telecom"},
                {BuyerId{std::size_t{2}}, kUs, kUs, "cloud"}},
               1);
    result.compile(date(today));
    return result;
  }
};

}  // namespace

TEST_CASE("a threshold touches the chips above it, at its destination, from its date to its end") {
  Market market;
  InstrumentSpec& rule = market.add(Ban{}, "threshold");
  rule.tpp.low = 4800;
  rule.until = date("2026-06-01");
  const Law law = market.law();
  CHECK(law.conditions(kH200, kTencent).is_barred);
  CHECK_FALSE(law.conditions(kH20, kTencent).is_barred);
  CHECK_FALSE(law.conditions(kH200, kMeta).is_barred);
  CHECK_FALSE(market.law("2023-10-16").conditions(kH200, kTencent).is_barred);
  CHECK(market.law("2026-05-31").conditions(kH200, kTencent).is_barred);
  CHECK_FALSE(market.law("2026-06-01").conditions(kH200, kTencent).is_barred);
  market.rules[0].enabled = false;
  CHECK_FALSE(market.law().conditions(kH200, kTencent).is_barred);
}

TEST_CASE("the strictest review counts, and a rule that supersedes takes the other's place") {
  Market market;
  InstrumentSpec& denial = market.add(Licence{}, "denial");
  denial.as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
  InstrumentSpec& cases = market.add(Licence{}, "cases");
  cases.as<Licence>().review = ReviewPolicy::kCaseByCase;
  cases.effective = date("2026-01-15");
  cases.tpp.low = 4800;
  CHECK(market.law("2026-02-01").conditions(kH200, kTencent).review ==
        ReviewPolicy::kPresumptionOfDenial);
  market.rules[1].supersedes = {"denial"};
  const Law law = market.law("2026-02-01");
  CHECK(law.conditions(kH200, kTencent).review == ReviewPolicy::kCaseByCase);
  CHECK(law.conditions(kH20, kTencent).review == ReviewPolicy::kPresumptionOfDenial);
  // Before it is in force, it supersedes nothing.
  CHECK(market.law("2026-01-14").conditions(kH200, kTencent).review ==
        ReviewPolicy::kPresumptionOfDenial);
}

TEST_CASE("charges add up, testing adds up, stops multiply, a ban beats a licence") {
  Market market;
  market.add(Levy{}, "levy1").as<Levy>().rate = 0.15;
  market.add(Levy{}, "levy2").as<Levy>().rate = 0.10;
  InstrumentSpec& duty = market.add(Levy{}, "duty");
  duty.as<Levy>().rate = 0.25;
  duty.as<Levy>().base = LevyBase::kCustomsValue;
  duty.as<Levy>().value_ratio = 0.6;
  market.add(Testing{}, "test1").as<Testing>().delay_days = 5;
  market.add(Testing{}, "test2").as<Testing>().delay_days = 7;
  market.add(Customs{}, "stop1").as<Customs>().probability = 0.5;
  market.add(Customs{}, "stop2").as<Customs>().probability = 0.2;
  market.add(Guidance{}, "g").as<Guidance>().strength = 2;
  market.add(Licence{}, "licence");
  market.add(Ban{}, "ban").chips = {kH20};
  const Law law = market.law();
  const Conditions& c = law.conditions(kH200, kTencent);
  CHECK(c.levy_rate == doctest::Approx(0.25));
  CHECK(c.duty_rate == doctest::Approx(0.15));
  CHECK(c.testing_days == 12);
  CHECK(c.stop_probability() == doctest::Approx(0.6));
  CHECK(c.guidance == 2);
  CHECK(c.needs_licence);
  CHECK_FALSE(c.is_barred);
  CHECK(law.conditions(kH20, kTencent).is_barred);
  CHECK(law.instrument(law.conditions(kH20, kTencent).decided_by).id == "ban");
}

TEST_CASE("approved customers may buy, others may not, procurement bans look at classes") {
  Market market;
  market.add(ApprovedCustomers{{BuyerId{std::size_t{0}}}}, "approved");
  Law law = market.law();
  CHECK_FALSE(law.conditions(kH200, kTencent).is_barred);
  CHECK(law.conditions(kH200, kTelecom).is_barred);
  CHECK_FALSE(law.conditions(kH200, kMeta).is_barred);
  market.rules.clear();
  market.add(ProcurementBan{}, "state").customer_classes = {"telecom"};
  law = market.law();
  CHECK(law.conditions(kH200, kTelecom).is_barred);
  CHECK_FALSE(law.conditions(kH200, kTencent).is_barred);
}

TEST_CASE("a component cut stops a supplier for its vendors, enforcement factors multiply") {
  Market market;
  InstrumentSpec& cut = market.add(ComponentCut{}, "cut");
  cut.as<ComponentCut>().suppliers = {SupplierId{std::size_t{0}}};
  cut.vendors = {kNvidia};
  market.add(Enforcement{}, "e1").as<Enforcement>().strength = 2;
  market.add(Enforcement{}, "e2").as<Enforcement>().strength = 3;
  const Law law = market.law();
  CHECK(law.is_cut(SupplierId{std::size_t{0}}, kNvidia));
  CHECK(law.enforcement() == 6);
  CHECK_FALSE(market.law("2023-01-01").is_cut(SupplierId{std::size_t{0}}, kNvidia));
}

TEST_CASE("a threshold catches what is within any of its windows, and within its outer bounds") {
  Market market;
  InstrumentSpec& rule = market.add(Threshold{}, "october_2023");
  ChipWindow performance;
  performance.bounds.tpp.low = 4800;
  ChipWindow density;
  density.bounds.tpp.low = 1600;
  density.bounds.performance_density.low = 2.5;
  rule.windows = {performance, density};
  CHECK(market.law().conditions(kH200, kTencent).needs_licence);
  CHECK(market.law().conditions(kH20, kTencent).needs_licence);  // by density
  market.rules[0].windows[1].bounds.performance_density.low = 5.92;
  CHECK_FALSE(market.law().conditions(kH20, kTencent).needs_licence);
  CHECK(market.law().conditions(kH200, kTencent).review == ReviewPolicy::kPresumptionOfDenial);
  market.rules[0].tpp.high = 10000;
  CHECK_FALSE(market.law().conditions(kH200, kTencent).needs_licence);
}

TEST_CASE("a bound on the sum looks at memory and link together, as the letters of April 2025") {
  Market market;
  market.chips[0].io_bandwidth_gbs = 900;  // 4,000 + 900
  market.add(Threshold{}, "letter").bandwidth_sum_gbs.low = 4900;
  CHECK(market.law().conditions(kH20, kTencent).needs_licence);
  market.chips[0].io_bandwidth_gbs = 899;
  CHECK_FALSE(market.law().conditions(kH20, kTencent).needs_licence);
}

TEST_CASE(
    "a headquarters rule carries rules of a destination to customers elsewhere, while it holds") {
  Market market;
  market.add(Ban{}, "ban");  // destination China
  InstrumentSpec& parents = market.add(HeadquartersRule{{"ban"}, {kChina}}, "parents");
  parents.destinations.clear();
  parents.effective = date("2026-05-31");
  const std::vector<CustomerView> customers = {
      {BuyerId{std::size_t{0}}, kChina, kChina, "cloud"},
      {BuyerId{std::size_t{1}}, kUs, kChina, "cloud"},  // a Chinese firm's site abroad
      {BuyerId{std::size_t{2}}, kUs, kUs, "cloud"}};
  Law law(market.rules, market.chips, market.headquarters, customers, 1);
  law.compile(date("2026-05-30"));
  CHECK(law.conditions(kH200, CustomerId{std::size_t{0}}).is_barred);
  CHECK_FALSE(law.conditions(kH200, CustomerId{std::size_t{1}}).is_barred);
  CHECK(law.compile(date("2026-05-31")));
  CHECK(law.conditions(kH200, CustomerId{std::size_t{1}}).is_barred);
  CHECK(law.instrument(law.conditions(kH200, CustomerId{std::size_t{1}}).decided_by).id == "ban");
  CHECK_FALSE(law.conditions(kH200, CustomerId{std::size_t{2}}).is_barred);
}

TEST_CASE(
    "an entity list asks a licence of listed buyers for any chip, and cuts off listed vendors") {
  Market market;
  EntityList list;
  list.listed_buyers = {BuyerId{std::size_t{1}}};
  list.listed_vendors = {kNvidia};
  list.suppliers = {SupplierId{std::size_t{0}}};
  market.add(list, "list");
  const Law law = market.law();
  CHECK_FALSE(law.conditions(kH20, kTencent).needs_licence);
  CHECK(law.conditions(kH20, kTelecom).needs_licence);
  CHECK(law.conditions(kH20, kTelecom).review == ReviewPolicy::kPresumptionOfDenial);
  CHECK(law.is_cut(SupplierId{std::size_t{0}}, kNvidia));
}

TEST_CASE("a rule that is switched off does not hold, whatever its dates") {
  Market market;
  market.add(Ban{}, "answer").announced = date("2023-01-01");
  Law law = market.law();
  CHECK(law.conditions(kH200, kTencent).is_barred);
  law.set_switch(InstrumentId{std::size_t{0}}, false);
  CHECK(law.compile(date("2026-01-02")));
  CHECK_FALSE(law.conditions(kH200, kTencent).is_barred);
  CHECK_FALSE(law.is_pending(InstrumentId{std::size_t{0}}, date("2023-05-01")));
}

TEST_CASE("a rule that is taken back before it is in force was pending and never holds") {
  Market market;
  InstrumentSpec& diffusion = market.add(Ban{}, "diffusion");
  diffusion.announced = date("2025-01-13");
  diffusion.effective = date("2025-05-15");
  diffusion.withdrawn = date("2025-05-13");
  const Law law = market.law();
  constexpr InstrumentId kRule{std::size_t{0}};
  CHECK(law.is_pending(kRule, date("2025-05-12")));
  CHECK_FALSE(law.is_pending(kRule, date("2025-05-13")));
  CHECK_FALSE(law.is_in_force(kRule, date("2025-05-15")));
  CHECK_FALSE(law.conditions(kH200, kTencent).is_barred);
}

TEST_CASE("strictness multiplies guidance, and the hazard of a stop, of rules that respond") {
  Market market;
  market.add(Guidance{2, true}, "guidance");
  market.add(Guidance{1, false}, "fixed");
  Customs customs;
  customs.probability = 0.75;
  customs.is_responsive = true;
  market.add(customs, "customs");
  Law law = market.law();
  law.set_strictness(0.5);
  law.compile(date("2026-01-02"));
  CHECK(law.conditions(kH200, kTencent).guidance == 2);
  CHECK(law.conditions(kH200, kTencent).pass_probability == 0.5);
  law.set_strictness(2);
  law.compile(date("2026-01-03"));
  CHECK(law.conditions(kH200, kTencent).guidance == 5);
  CHECK(law.conditions(kH200, kTencent).pass_probability == 0.0625);
}

TEST_CASE("import approval counts for each firm, what may stay, and by the domestic chips it has") {
  Market market;
  ImportApproval approval;
  approval.units = 1000;
  approval.share_abroad = 0.5;
  approval.per_domestic_unit = 0.25;
  market.add(approval, "approval").chips = {kH200};
  market.headquarters = {kUs, kChina};
  ChipSpec ascend = market.chips[0];
  ascend.id = "ascend";
  ascend.vendor = VendorId{std::size_t{1}};
  market.chips.push_back(ascend);
  constexpr ChipId kAscend{std::size_t{2}};
  const Law law = market.law();
  const SimTime start = date("2026-01-01");
  Caps caps(law, market.chips.size(), start);
  CHECK(caps.allowance(kH200, kTencent, start) == 0);
  caps.count(kAscend, kTencent, 400, start);
  CHECK(caps.allowance(kH200, kTencent, start) == 100);
  caps.count(kH200, kTencent, 60, start);
  CHECK(caps.allowance(kH200, kTencent, start) == 40);
  caps.count(kAscend, kTencent, 10000, start);
  CHECK(caps.allowance(kH200, kTencent, start) == 440);  // half the quota, less what came
  CHECK(caps.allowance(kH200, kTelecom, start) == 0);
}

TEST_CASE("availability is the chance of a grant times that of passing the border") {
  Market market;
  market.add(Licence{}, "licence").as<Licence>().review = ReviewPolicy::kCaseByCase;
  market.rules.back().chips = {kH200};
  market.add(Customs{}, "customs").as<Customs>().probability = 0.25;
  market.add(ApprovedCustomers{{BuyerId{std::size_t{0}}}}, "list");
  market.rules.back().customer_classes = {"telecom"};
  Law law = market.law();
  law.grant_probability[static_cast<int>(ReviewPolicy::kCaseByCase)] = 0.5;
  CHECK(law.availability(kH20, kTencent) == 0.75);
  CHECK(law.availability(kH200, kTencent) == 0.375);
  CHECK(law.availability(kH20, kTelecom) == 0);
  CHECK(law.availability(kH200, kMeta) == 1);
}

TEST_CASE("what a pending rule would leave is what is left when it is in force") {
  // One rule at a time is announced, in the midst of others that are in force or not.
  for (const Effect& older : sample_effects()) {
    for (Effect newer : sample_effects()) {
      Market market;
      market.add(older, "older").chips = {kH20};
      if (auto* licence = std::get_if<Licence>(&newer))
        licence->review = ReviewPolicy::kPresumptionOfApproval;
      market.add(newer, "newer").announced = date("2026-02-01");
      market.rules.back().effective = date("2026-03-01");
      CAPTURE(market.rules[0].kind_name());
      CAPTURE(market.rules[1].kind_name());
      constexpr InstrumentId kNewer{std::size_t{1}};
      Law law = market.law("2026-02-10");
      law.grant_probability[static_cast<int>(ReviewPolicy::kPresumptionOfApproval)] = 0.9;
      law.grant_probability[static_cast<int>(ReviewPolicy::kCaseByCase)] = 0.5;
      law.grant_probability[static_cast<int>(ReviewPolicy::kPresumptionOfDenial)] = 0.1;
      law.compile(date("2026-02-10"));
      CHECK(law.is_pending(kNewer, date("2026-02-10")));
      CHECK_FALSE(law.is_pending(kNewer, date("2026-01-31")));
      CHECK_FALSE(law.is_pending(kNewer, date("2026-03-01")));
      double expected[2][3];
      double earlier[2][3];
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t k = 0; k < 3; ++k) {
          expected[c][k] = law.availability_under(kNewer, ChipId{c}, CustomerId{k});
          earlier[c][k] = law.availability(ChipId{c}, CustomerId{k});
        }
      }
      law.compile(date("2026-03-01"));
      law.compile(date("2026-03-01"));  // a second rule of the same day
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t k = 0; k < 3; ++k) {
          CHECK(law.availability(ChipId{c}, CustomerId{k}) ==
                doctest::Approx(expected[c][k]).epsilon(1e-12));
          CHECK(law.earlier_availability(ChipId{c}, CustomerId{k}) == earlier[c][k]);
        }
      }
    }
  }
}

TEST_CASE("a cap counts rolling windows and is given back what was stopped") {
  Market market;
  InstrumentSpec& cap = market.add(VolumeCap{}, "cap");
  cap.as<VolumeCap>().units = 100;
  cap.as<VolumeCap>().window_days = 90;
  const Law law = market.law();
  const SimTime start = date("2026-01-01");
  Caps caps(law, market.chips.size(), start);
  CHECK(caps.allowance(kH200, kTencent, start) == 100);
  const std::uint64_t counted_by = caps.count(kH200, kTencent, 70, start);
  caps.count(kH20, kTelecom, 20, start + days(10));  // one ceiling for all it touches
  CHECK(caps.allowance(kH200, kTencent, start + days(20)) == 10);
  caps.uncount(kH200, kTencent, 30, start, counted_by);
  CHECK(caps.allowance(kH200, kTencent, start + days(30)) == 40);
  CHECK(caps.allowance(kH200, kTencent, start + days(89)) == 40);
  CHECK(caps.allowance(kH200, kTencent, start + days(300)) >= 100);
  CHECK(caps.allowance(kH200, kMeta, start) == Caps::kNoCap);
}

TEST_CASE("all caps bind: the least allowance counts, per buyer and as a share of home sales") {
  Market market;
  InstrumentSpec& each = market.add(VolumeCap{}, "each");
  each.as<VolumeCap>().units = 75;
  each.as<VolumeCap>().per_buyer = true;
  InstrumentSpec& share = market.add(VolumeCap{}, "share");
  share.as<VolumeCap>().share_of_home_sales = 0.5;
  share.as<VolumeCap>().home = kUs;
  share.as<VolumeCap>().home_sales_before = 100;
  const Law law = market.law();
  const SimTime start = date("2026-01-01");
  Caps caps(law, market.chips.size(), start);
  CHECK(caps.allowance(kH200, kTencent, start) == 50);
  caps.count(kH200, kMeta, 200, start + days(1));  // home sales raise the moving ceiling to 150
  CHECK(caps.allowance(kH200, kTencent, start + days(1)) == 75);
  caps.count(kH200, kTencent, 60, start + days(2));
  CHECK(caps.allowance(kH200, kTencent, start + days(2)) == 15);
  CHECK(caps.allowance(kH200, kTelecom, start + days(2)) == 75);
  CHECK(caps.allowance(kH20, kTelecom, start + days(2)) == 50);  // home sales count per chip
  // What was sold at home before the run leaves the window.
  CHECK(caps.allowance(kH20, kTelecom, start + days(200)) < 50);
}

TEST_CASE("strictness multiplies guidance and the customs' hazard of responsive rules only") {
  Market market;
  for (const bool is_responsive : {true, false}) {
    market.add(Guidance{}, is_responsive ? "follows" : "fixed").as<Guidance>() = {
        .strength = 0.75, .is_responsive = is_responsive};
    market.add(Customs{}, is_responsive ? "checks" : "fixed_checks").as<Customs>() = {
        .probability = 0.25, .seized_share = 0.5, .is_responsive = is_responsive};
  }
  Law law = market.law();
  CHECK(law.strictness() == 1);
  CHECK(law.conditions(kH200, kTencent).guidance == 1.5);
  CHECK(law.conditions(kH200, kTencent).pass_probability == 0.75 * 0.75);
  law.set_strictness(2);
  CHECK(law.compile(date("2026-01-01")));
  CHECK(law.conditions(kH200, kTencent).guidance == 0.75 * 2 + 0.75);
  CHECK(law.conditions(kH200, kTencent).pass_probability ==
        doctest::Approx(0.75 * 0.75 * 0.75).epsilon(1e-15));
  CHECK(law.conditions(kH200, kTencent).seized_share == 0.5);
  CHECK(law.conditions(kH200, kMeta) == Conditions{});
}

TEST_CASE("what a seller's government is known to allow leaves the buyer's government aside") {
  Market market;
  market.add(Licence{}, "denial").as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
  InstrumentSpec& opening = market.add(Licence{}, "opening");
  opening.as<Licence>().review = ReviewPolicy::kCaseByCase;
  opening.supersedes = {"denial"};
  opening.announced = date("2026-03-01");
  opening.effective = date("2026-05-01");
  market.add(StopOrder{}, "stop");
  market.add(ProcurementBan{}, "procurement").customer_classes = {"telecom"};
  market.add(Customs{}, "customs").as<Customs>().probability = 0.9;
  Law law = market.law();
  law.grant_probability[static_cast<int>(ReviewPolicy::kCaseByCase)] = 0.5;
  law.grant_probability[static_cast<int>(ReviewPolicy::kPresumptionOfDenial)] = 0.1;
  CHECK(law.availability(kH200, kTencent) == 0);
  CHECK(law.known_export_availability(kH200, kTencent, date("2026-02-28")) == 0.1);
  CHECK(law.known_export_availability(kH200, kTencent, date("2026-03-01")) == 0.5);
  CHECK(law.known_export_availability(kH200, kMeta, date("2026-02-28")) == 1);
}

TEST_CASE("a rule that is switched off is not in force, not known, and not awaited") {
  Market market;
  InstrumentSpec& ban = market.add(Ban{}, "ban");
  ban.announced = date("2025-12-01");
  ban.effective = date("2026-02-01");
  Law law = market.law();
  constexpr InstrumentId kBan{std::size_t{0}};
  for (const bool is_on : {true, false}) {
    law.set_switch(kBan, is_on);
    CHECK(law.is_known(kBan, date("2026-01-01")) == is_on);
    CHECK(law.is_pending(kBan, date("2026-01-01")) == is_on);
    CHECK(law.is_in_force(kBan, date("2026-02-01")) == is_on);
    law.compile(date("2026-02-01"));
    CHECK(law.conditions(kH200, kTencent).is_barred == is_on);
  }
}

TEST_CASE("the law tells for which vendors it has changed") {
  Market market;
  market.headquarters = {kUs, kChina};
  market.chips[1].vendor = VendorId{std::size_t{1}};
  market.add(Ban{}, "ban").effective = date("2026-02-01");
  market.rules.back().vendors = {kNvidia};
  ComponentCut cut;
  cut.suppliers = {SupplierId{std::size_t{0}}};
  market.add(cut, "cut").effective = date("2026-03-01");
  market.rules.back().vendors = {VendorId{std::size_t{1}}};
  Law law = market.law();
  law.compile(date("2026-02-01"));
  CHECK(law.has_changed_for(kNvidia));
  CHECK_FALSE(law.has_changed_for(VendorId{std::size_t{1}}));
  law.compile(date("2026-03-01"));
  CHECK_FALSE(law.has_changed_for(kNvidia));
  CHECK(law.has_changed_for(VendorId{std::size_t{1}}));
}
