#include "engine/policy/grant_criteria.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace tollgate;

namespace {

double odds_of(double probability) { return probability / (1 - probability); }

}  // namespace

TEST_CASE("neutral criteria leave every probability as it is, bit for bit") {
  const LicenceOfficeSpec spec;
  for (const double p : {0.0, 0.01, 0.3, 0.6, 0.95, 1.0}) {
    for (const Workload end_use : kAllWorkloads) {
      for (const std::int64_t units : {0, 1, 999, 75000}) {
        const double odds = odds_ratio(
            spec, {CustomerClass::kState, end_use, units, static_cast<double>(units) * 1.7});
        CHECK(odds == 1);
        CHECK(with_odds(p, odds) == p);
      }
    }
  }
}

TEST_CASE("criteria multiply the odds, and certainty stays certain") {
  for (const double p : {0.05, 0.6, 0.9}) {
    for (const double ratio : {0.1, 0.5, 3.0}) {
      CHECK(odds_of(with_odds(p, ratio)) == doctest::Approx(odds_of(p) * ratio));
    }
  }
  CHECK(with_odds(0, 1000) == 0);
  CHECK(with_odds(1, 0.001) == 1);
}

TEST_CASE("each criterion counts as the scenario says, and they multiply") {
  LicenceOfficeSpec spec;
  spec.odds.state = 0.25;
  spec.odds.trader = 0.5;
  spec.odds_training = 0.8;
  spec.odds_per_doubling_of_units = 0.5;
  spec.reference_units = 1000;
  spec.odds_per_doubling_of_tpp = 0.7;
  spec.reference_tpp = 4800;
  const LicenceRequest harmless{CustomerClass::kCloud, Workload::kInference, 1000, 4800};
  CHECK(odds_ratio(spec, harmless) == 1);
  LicenceRequest request = harmless;
  request.customer_class = CustomerClass::kState;
  CHECK(odds_ratio(spec, request) == 0.25);
  request.customer_class = std::nullopt;  // a trader
  CHECK(odds_ratio(spec, request) == 0.5);
  request = harmless;
  request.end_use = Workload::kTraining;
  CHECK(odds_ratio(spec, request) == 0.8);
  request = harmless;
  request.units = 8000;
  CHECK(odds_ratio(spec, request) == doctest::Approx(0.125));
  request.units = 10;  // below the reference it does not count
  CHECK(odds_ratio(spec, request) == 1);
  request = harmless;
  request.tpp = 9600;
  CHECK(odds_ratio(spec, request) == doctest::Approx(0.7));
  request.tpp = 0;
  CHECK(odds_ratio(spec, request) == 1);
  const LicenceRequest all{CustomerClass::kState, Workload::kTraining, 2000, 19200};
  CHECK(odds_ratio(spec, all) == doctest::Approx(0.25 * 0.8 * 0.5 * 0.49));
}

TEST_CASE("each review policy has its probability") {
  LicenceOfficeSpec spec;
  spec.grant_presumption_of_approval = 0.9;
  spec.grant_case_by_case = 0.5;
  spec.grant_presumption_of_denial = 0.02;
  CHECK(grant_probability(spec, ReviewPolicy::kPresumptionOfApproval) == 0.9);
  CHECK(grant_probability(spec, ReviewPolicy::kCaseByCase) == 0.5);
  CHECK(grant_probability(spec, ReviewPolicy::kPresumptionOfDenial) == 0.02);
}
