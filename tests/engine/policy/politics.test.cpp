#include "engine/policy/politics.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/kernel/check.hpp"

using namespace tollgate;

namespace {

constexpr PoliticsId kGovernment{std::size_t{0}};
constexpr double kMinutesPerYear = kDaysPerYear * static_cast<double>(kMinutesPerDay);

RegimeId regime(std::size_t i) { return RegimeId{i}; }
SimTime date(const char* iso) { return parse_iso_date(iso).value(); }

TransitionSpec transition(std::size_t from, std::size_t to, double rate) {
  TransitionSpec spec;
  spec.id = std::to_string(from) + "_to_" + std::to_string(to);
  spec.from = regime(from);
  spec.to = regime(to);
  spec.rate_per_year = rate;
  return spec;
}

/// One government of `regimes` regimes.
struct State {
  std::vector<RegimeSpec> regimes;
  std::vector<TransitionSpec> transitions;

  State(std::size_t count, std::vector<TransitionSpec> moves) : transitions(std::move(moves)) {
    for (std::size_t r = 0; r < count; ++r) regimes.push_back({std::to_string(r), kGovernment});
  }
  [[nodiscard]] RegimeChain chain(std::uint32_t replica = 0) const {
    return {transitions, regimes, regime(0), StreamFactory{7, replica}};
  }
  [[nodiscard]] RegimeChain chain_without_noise() const {
    return {transitions, regimes, regime(0), std::nullopt};
  }
};

/// pi Q = 0, sum pi = 1.
Eigen::VectorXd stationary_distribution(const State& state) {
  const auto n = static_cast<Eigen::Index>(state.regimes.size());
  Eigen::MatrixXd generator = Eigen::MatrixXd::Zero(n, n);
  for (const TransitionSpec& move : state.transitions) {
    const auto from = static_cast<Eigen::Index>(move.from.index());
    generator(from, static_cast<Eigen::Index>(move.to.index())) += move.rate_per_year;
    generator(from, from) -= move.rate_per_year;
  }
  Eigen::MatrixXd equations(n + 1, n);
  equations << generator.transpose(), Eigen::RowVectorXd::Ones(n);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(n + 1);
  right(n) = 1;
  return equations.colPivHouseholderQr().solve(right);
}

struct Stay {
  RegimeId regime;
  double years;
};

/// The stays of the chain up to `moves` moves, by updates every `months` months in between.
std::vector<Stay> stays(RegimeChain chain, std::size_t moves, double months) {
  std::vector<Stay> result;
  SimTime entered{0};
  SimTime next_look{0};
  const Duration step = days_rounded(months * kDaysPerMonth);
  while (result.size() < moves) {
    const auto move = chain.next();
    if (move && move->time < next_look) {
      result.push_back(
          {chain.regime(), static_cast<double>((move->time - entered).minutes) / kMinutesPerYear});
      entered = move->time;
      chain.make(move->transition, move->time);
    } else {
      chain.update(next_look, {});
      next_look = next_look + step;
    }
  }
  return result;
}

/// Kolmogorov-Smirnov distance between a sample and the exponential of this rate.
double distance_from_exponential(std::vector<double> sample, double rate) {
  std::ranges::sort(sample);
  const auto n = static_cast<double>(sample.size());
  double largest = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double cdf = -std::expm1(-rate * sample[i]);
    const auto below = static_cast<double>(i);
    largest = std::max({largest, cdf - below / n, (below + 1) / n - cdf});
  }
  return largest;
}

}  // namespace

TEST_CASE("over a long run the time in each regime is as the stationary distribution says") {
  const State state(3, {transition(0, 1, 1.5), transition(0, 2, 0.5), transition(1, 2, 2),
                        transition(2, 0, 0.8), transition(1, 0, 0.7)});
  const Eigen::VectorXd expected = stationary_distribution(state);
  CHECK(expected.sum() == doctest::Approx(1));
  // Batch means: 40 replicas of 2000 moves are independent, so that their spread is the error.
  constexpr int kReplicas = 40;
  Eigen::MatrixXd shares(kReplicas, 3);
  for (int replica = 0; replica < kReplicas; ++replica) {
    Eigen::VectorXd years = Eigen::VectorXd::Zero(3);
    for (const Stay& stay : stays(state.chain(static_cast<std::uint32_t>(replica)), 2000, 1)) {
      years(static_cast<Eigen::Index>(stay.regime.index())) += stay.years;
    }
    shares.row(replica) = years / years.sum();
  }
  for (Eigen::Index r = 0; r < 3; ++r) {
    const double mean = shares.col(r).mean();
    const double variance = (shares.col(r).array() - mean).square().sum() / (kReplicas - 1);
    // 4.5 standard errors of 40 batches: wrong about once in 20,000.
    CHECK(std::abs(mean - expected(r)) < 4.5 * std::sqrt(variance / kReplicas));
  }
}

TEST_CASE("stays in a regime are exponential, however often the hazards are revised") {
  const State state(2, {transition(0, 1, 2), transition(1, 0, 0.5)});
  for (const double months : {0.1, 1.0, 1000.0}) {
    CAPTURE(months);
    std::vector<double> years[2];
    for (const Stay& stay : stays(state.chain(), 8000, months)) {
      years[stay.regime.index()].push_back(stay.years);
    }
    // Critical value of the Kolmogorov distribution at 1 in 10,000: 2.23 / sqrt(n).
    const double critical = 2.23 / std::sqrt(4000.0);
    CHECK(distance_from_exponential(years[0], 2) < critical);
    CHECK(distance_from_exponential(years[1], 0.5) < critical);
    CHECK(distance_from_exponential(years[0], 0.5) > critical);  // the test can fail
  }
}

TEST_CASE("competing transitions: stays last as the sum of rates says, moves split as the rates") {
  const State state(
      3, {transition(0, 1, 3), transition(0, 2, 1), transition(1, 0, 5), transition(2, 0, 5)});
  std::vector<double> years;
  double to_first = 0;
  RegimeId before = regime(0);
  for (const Stay& stay : stays(state.chain(), 20000, 1)) {
    if (stay.regime == regime(0)) years.push_back(stay.years);
    if (before == regime(0) && stay.regime == regime(1)) to_first += 1;
    before = stay.regime;
  }
  CHECK(distance_from_exponential(years, 4) < 2.23 / std::sqrt(static_cast<double>(years.size())));
  const auto n = static_cast<double>(years.size());
  CHECK(std::abs(to_first / n - 0.75) < 4 * std::sqrt(0.75 * 0.25 / n));
}

TEST_CASE("a clock stopped half-way goes on where it was, and hazards scale its pace") {
  State state(2, {transition(0, 1, 1)});
  state.transitions[0].capability_gap = 0.5;
  state.transitions[0].election = std::log(2.0);
  RegimeChain chain = state.chain();
  chain.update(SimTime{0}, {});
  const std::int64_t plain = chain.next()->time.minutes;
  const std::int64_t half = plain / 2;
  SUBCASE("twice the hazard in the second half takes half of the rest") {
    chain.update(SimTime{half}, {.election = 1});
    CHECK(std::abs(chain.next()->time.minutes - (half + (plain - half) / 2)) <= 1);
  }
  SUBCASE("a gap of two at an effect of a half is e times the hazard") {
    chain.update(SimTime{0}, {.capability_gap = 2});
    const double expected = static_cast<double>(plain) / std::exp(1.0);
    CHECK(std::abs(static_cast<double>(chain.next()->time.minutes) - expected) <= 2);
  }
  SUBCASE("two scenarios share the threshold: half the rate, twice the time") {
    State slower = state;
    slower.transitions[0].rate_per_year = 0.5;
    RegimeChain other = slower.chain();
    other.update(SimTime{0}, {});
    CHECK(std::abs(other.next()->time.minutes - 2 * plain) <= 2);
  }
}

TEST_CASE("a transition's luck does not depend on which others there are") {
  const State alone(3, {transition(0, 1, 1)});
  const State crowded(3, {transition(0, 2, 1e-9), transition(0, 1, 1), transition(2, 1, 4)});
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    RegimeChain a = alone.chain(replica);
    RegimeChain b = crowded.chain(replica);
    a.update(SimTime{0}, {});
    b.update(SimTime{0}, {});
    CHECK(a.next()->time == b.next()->time);
  }
}

TEST_CASE("the hazard is the rate times the exponential of effects times covariates, and finite") {
  TransitionSpec move = transition(0, 1, 0.3);
  CHECK(hazard(move, {1, 2, 3, 4}) == 0.3);
  move.capability_gap = 0.4;
  move.receipts = -0.1;
  move.election = 0.5;
  move.summit = 1;
  const Covariates covariates{.capability_gap = -1, .receipts = 5, .election = 1, .summit = 0.5};
  CHECK(hazard(move, covariates) == doctest::Approx(0.3 * std::exp(-0.4 - 0.5 + 0.5 + 0.5)));
  CHECK(std::isfinite(hazard(move, {.capability_gap = 1e9})));
  CHECK(hazard(move, {.capability_gap = -1e9}) > 0);
}

TEST_CASE("a day is near from its lead to its lag, ends included, and the largest weight counts") {
  const std::vector<CalendarDay> days_of_note = {{date("2026-11-03"), 0.5},
                                                 {date("2026-11-20"), 1}};
  CHECK(nearness(days_of_note, date("2026-10-03"), 30, 0) == 0);
  CHECK(nearness(days_of_note, date("2026-10-04"), 30, 0) == 0.5);
  CHECK(nearness(days_of_note, date("2026-10-21"), 30, 0) == 1);
  CHECK(nearness(days_of_note, date("2026-11-20"), 30, 0) == 1);
  CHECK(nearness(days_of_note, date("2026-11-20") + Duration{1}, 30, 0) == 0);
  CHECK(nearness(days_of_note, date("2026-11-25"), 30, 5) == 1);
}

TEST_CASE("without noise a transition comes when its integrated hazard is 1, its mean") {
  const State state(2, {transition(0, 1, 4), transition(1, 0, 2)});
  RegimeChain chain = state.chain_without_noise();
  chain.update(SimTime{0}, {});
  const auto first = chain.next();
  CHECK(std::abs(static_cast<double>(first->time.minutes) - kMinutesPerYear / 4) <= 1);
  chain.make(first->transition, first->time);
  const double stay = static_cast<double>((chain.next()->time - first->time).minutes);
  CHECK(std::abs(stay - kMinutesPerYear / 2) <= 1);
}

TEST_CASE("a transition of rate 0 never comes, nor does any before the first update") {
  const State state(2, {transition(0, 1, 0)});
  RegimeChain chain = state.chain();
  CHECK_FALSE(chain.next().has_value());
  chain.update(SimTime{0}, {});
  CHECK_FALSE(chain.next().has_value());
  const State moving(2, {transition(0, 1, 1)});
  CHECK_FALSE(moving.chain().next().has_value());
}

TEST_CASE("a government leaves only the regime in which it is") {
  const State state(2, {transition(0, 1, 1), transition(1, 0, 1)});
  RegimeChain chain = state.chain();
  chain.update(SimTime{0}, {});
  CHECK_THROWS_AS(chain.make(TransitionId{std::size_t{1}}, SimTime{5}), InvariantError);
}
