/// The licence office against the queues of the textbooks.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/engine/policy/office_simulation.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr std::size_t kOfficers = 0;
constexpr std::size_t kAgencies = 1;
constexpr std::size_t kSigner = 2;

/// A station with Poisson arrivals, exponential service and c desks.
struct ErlangC {
  double arrivals_per_day, service_days;
  int desks;

  [[nodiscard]] double load() const { return arrivals_per_day * service_days; }
  [[nodiscard]] double utilisation() const { return load() / desks; }
  [[nodiscard]] double term(int n) const { return std::pow(load(), n) / std::tgamma(n + 1); }
  [[nodiscard]] double probability_empty() const {
    double sum = term(desks) / (1 - utilisation());
    for (int n = 0; n < desks; ++n) sum += term(n);
    return 1 / sum;
  }
  [[nodiscard]] double probability_of_waiting() const {
    return term(desks) / (1 - utilisation()) * probability_empty();
  }
  [[nodiscard]] double queue_length() const {
    return probability_of_waiting() * utilisation() / (1 - utilisation());
  }
  [[nodiscard]] double wait_days() const { return queue_length() / arrivals_per_day; }
  [[nodiscard]] double total_days() const { return wait_days() + service_days; }
};

LicenceOfficeSpec exponential_office() {
  LicenceOfficeSpec spec;
  spec.service = ServiceDistribution::kExponential;
  spec.service_days = 38;
  return spec;
}

}  // namespace

TEST_CASE("officers alone are M/M/c: wait, queue and utilisation are Erlang's") {
  for (const int officers : {1, 3, 12}) {
    LicenceOfficeSpec spec = exponential_office();
    spec.officers = officers;
    const ErlangC expected{0.8 * officers / spec.service_days, spec.service_days, officers};
    const OfficeMeasures office = simulate_office(
        spec, {.per_day = expected.arrivals_per_day, .batch_days = 20000 * 38.0 / officers}, 11);
    CAPTURE(officers);
    CHECK(office.wait_days.agrees_with(expected.wait_days(), 0.05));
    CHECK(office.queue_length[kOfficers].agrees_with(expected.queue_length(), 0.05));
    CHECK(office.utilisation[kOfficers].agrees_with(expected.utilisation(), 0.01));
    CHECK(office.total_days.agrees_with(expected.total_days(), 0.05));
  }
}

TEST_CASE("what an applicant of an M/M/c office is told is right on average") {
  LicenceOfficeSpec spec = exponential_office();
  spec.officers = 3;
  const OfficeMeasures office =
      simulate_office(spec, {.per_day = 0.85 * 3 / 38, .batch_days = 100000}, 12);
  const double error = office.surprise_days.standard_error();
  CHECK(std::abs(office.surprise_days.mean()) < kStandardErrors * error);
  CHECK(error < 1);  // of some 90 days
}

TEST_CASE("with one officer the wait is that of M/G/1 (Pollaczek-Khinchine)") {
  for (const double cv : {0.0, 0.5, 1.0, 1.5}) {
    LicenceOfficeSpec spec;
    spec.service_cv = cv;
    const double utilisation = 0.6;
    const double expected =
        utilisation * spec.service_days * (1 + cv * cv) / (2 * (1 - utilisation));
    const OfficeMeasures office = simulate_office(
        spec, {.per_day = utilisation / spec.service_days, .batch_days = 600000}, 5);
    CAPTURE(cv);
    CHECK(office.wait_days.agrees_with(expected, 0.05));
  }
}

TEST_CASE("officers, then a signature: Jackson's tandem in product form") {
  LicenceOfficeSpec spec = exponential_office();
  spec.officers = 4;
  spec.signature_days = 8;
  const double per_day = 0.7 * 4 / 38;
  const ErlangC officers{per_day, spec.service_days, 4};
  const ErlangC signer{per_day, spec.signature_days, 1};
  const OfficeMeasures office =
      simulate_office(spec, {.per_day = per_day, .batch_days = 1.2e5}, 21);
  CHECK(office.queue_length[kOfficers].agrees_with(officers.queue_length(), 0.05));
  CHECK(office.queue_length[kSigner].agrees_with(signer.queue_length(), 0.05));
  CHECK(office.utilisation[kSigner].agrees_with(signer.utilisation(), 0.02));
  CHECK(office.total_days.agrees_with(officers.total_days() + signer.total_days(), 0.02));
  // Product form: the queues are independent, though one feeds the other.
  const double p = officers.probability_empty();
  const double q = signer.probability_empty();
  CHECK(office.no_officer_busy.agrees_with(p, 0.05));
  CHECK(office.nobody_to_sign.agrees_with(q, 0.05));
  CHECK(office.both.agrees_with(p * q, 0.05));
}

TEST_CASE("with referrals the three stages are a Jackson network") {
  LicenceOfficeSpec spec = exponential_office();
  spec.officers = 4;
  spec.referral_probability = 0.4;
  spec.referral_desks = 2;
  spec.referral_days = 40;
  spec.signature_days = 8;
  const double per_day = 0.7 * 4 / 38;
  const ErlangC officers{per_day, spec.service_days, 4};
  const ErlangC agencies{spec.referral_probability * per_day, spec.referral_days, 2};
  const ErlangC signer{per_day, spec.signature_days, 1};
  const OfficeMeasures office =
      simulate_office(spec, {.per_day = per_day, .batch_days = 1.2e5}, 22);
  CHECK(office.queue_length[kAgencies].agrees_with(agencies.queue_length(), 0.05));
  CHECK(office.utilisation[kAgencies].agrees_with(agencies.utilisation(), 0.02));
  CHECK(office.queue_length[kSigner].agrees_with(signer.queue_length(), 0.05));
  CHECK(office.total_days.agrees_with(officers.total_days() +
                                          spec.referral_probability * agencies.total_days() +
                                          signer.total_days(),
                                      0.02));
  CHECK(office.both.agrees_with(officers.probability_empty() * signer.probability_empty(), 0.05));
}

TEST_CASE("two priorities wait as Cobham says, and the work itself is the same") {
  LicenceOfficeSpec spec = exponential_office();
  const double utilisation = 0.8;
  const double urgent_share = 0.5;
  const double per_day = utilisation / spec.service_days;
  const OfficeMeasures office = simulate_office(
      spec, {.per_day = per_day, .urgent_share = urgent_share, .batch_days = 500000}, 31);
  const double rest = utilisation * spec.service_days;  // of the review that is met at a desk
  const double urgent = utilisation * urgent_share;
  CHECK(office.urgent_days.agrees_with(rest / (1 - urgent), 0.05));
  CHECK(office.ordinary_days.agrees_with(rest / (1 - urgent) / (1 - utilisation), 0.05));
  const ErlangC blind{per_day, spec.service_days, 1};
  CHECK(office.queue_length[kOfficers].agrees_with(blind.queue_length(), 0.05));
  CHECK(office.utilisation[kOfficers].agrees_with(utilisation, 0.02));
}
