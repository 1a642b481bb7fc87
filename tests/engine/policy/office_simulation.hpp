/// A licence office under Poisson arrivals, run to steady state and measured by batch means.
///
/// Twenty batches of equal time after one of warm-up. A mean is off by more than five standard
/// errors of the batch means once in ten thousand times (Student's t, 19 degrees of freedom).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/future_event_list.hpp"
#include "engine/policy/licence_office.hpp"

namespace tollgate::tests {

inline constexpr double kStandardErrors = 5;

/// Mean and standard error over batches.
class BatchMean {
 public:
  void add(double batch) { batches_.push_back(batch); }
  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double batch : batches_) sum += batch;
    return sum / static_cast<double>(batches_.size());
  }
  [[nodiscard]] double standard_error() const {
    double square = 0;
    for (const double batch : batches_) square += std::pow(batch - mean(), 2);
    const auto n = static_cast<double>(batches_.size());
    return std::sqrt(square / (n - 1) / n);
  }
  /// Whether the mean is `expected` within the sampling error, which must itself be below
  /// `precision` (in units of `expected`): a test that measures nothing fails.
  [[nodiscard]] bool agrees_with(double expected, double precision) const {
    return std::abs(mean() - expected) < kStandardErrors * standard_error() &&
           standard_error() < precision * std::abs(expected);
  }

 private:
  std::vector<double> batches_;
};

struct OfficeMeasures {
  std::array<BatchMean, kReviewStages> queue_length;  ///< that wait for a desk
  std::array<BatchMean, kReviewStages> utilisation;
  BatchMean wait_days;        ///< from filing to the first officer
  BatchMean urgent_days;      ///< the same of those with priority 1
  BatchMean ordinary_days;    ///< and of those with priority 2
  BatchMean total_days;       ///< from filing to the decision
  BatchMean surprise_days;    ///< the same less what was expected when filing
  BatchMean no_officer_busy;  ///< share of time
  BatchMean nobody_to_sign;
  BatchMean both;  ///< nobody with an officer and nobody to sign
};

struct Arrivals {
  double per_day = 1;
  double urgent_share = 0;  ///< of priority 1; the others have priority 2
  double batch_days = 1;
};

inline OfficeMeasures simulate_office(const LicenceOfficeSpec& spec, const Arrivals& arrivals,
                                      std::uint64_t seed) {
  constexpr int kBatches = 20;
  struct Applicant {
    SimTime filed;
    double expected_days = 0;
    bool is_urgent = false;
    bool has_begun = false;
  };
  struct Sum {
    double value = 0;
    std::int64_t count = 0;
    void add(double x) {
      value += x;
      ++count;
    }
    double take() {
      const double mean = count > 0 ? value / static_cast<double>(count) : 0.0;
      *this = {};
      return mean;
    }
  };
  OfficeMeasures measures;
  Stream luck(seed, 0, 1, 1);
  Stream gaps(seed, 0, 2, 2);
  FutureEventList<std::uint32_t> list;
  list.clear(SimTime{0});
  LicenceOffice office(spec, SimTime{0});
  std::vector<Applicant> applicants;
  std::vector<std::uint32_t> free;
  Sum wait;
  Sum urgent;
  Sum ordinary;
  Sum total;
  Sum surprise;
  std::array<std::int64_t, 3> idle_minutes{};
  std::array<StageTally, kReviewStages> closed{};
  SimTime last{0};
  const auto is_empty = [&](ReviewStage stage) {
    return office.waiting(stage) + office.at_desks(stage) == 0;
  };
  const auto pass = [&](SimTime now) {
    const bool is_rested = is_empty(ReviewStage::kOfficer);
    const bool is_signed = is_empty(ReviewStage::kSignature);
    const std::int64_t minutes = (now - last).minutes;
    if (is_rested) idle_minutes[0] += minutes;
    if (is_signed) idle_minutes[1] += minutes;
    if (is_rested && is_signed) idle_minutes[2] += minutes;
    last = now;
  };
  const auto follow = [&](SimTime now) {
    for (const ReviewTurn& turn : office.turns()) {
      Applicant& applicant = applicants[turn.application];
      if (!applicant.has_begun) {
        const double days = in_days(now - applicant.filed);
        wait.add(days);
        (applicant.is_urgent ? urgent : ordinary).add(days);
      }
      applicant.has_begun = true;
      list.schedule(turn.done, 0, turn.application);
    }
  };
  double next_arrival = 0;
  for (int batch = 0; batch <= kBatches; ++batch) {
    const SimTime end = SimTime{0} + days_rounded(arrivals.batch_days * (batch + 1));
    for (;;) {
      const auto next = list.next_time();
      const SimTime arrival = SimTime{0} + days_rounded(next_arrival);
      const SimTime now = next && *next < arrival ? *next : arrival;
      if (now >= end) break;
      pass(now);
      if (now == arrival) {
        if (free.empty()) {
          free.push_back(static_cast<std::uint32_t>(applicants.size()));
          applicants.emplace_back();
        }
        const std::uint32_t number = free.back();
        free.pop_back();
        const bool is_urgent = draw_bernoulli(arrivals.urgent_share, luck);
        applicants[number] = {now, office.expected_days(now), is_urgent, false};
        office.file(number, draw_work(spec, luck), is_urgent ? 1 : 2, now);
        next_arrival += draw_weibull(1 / arrivals.per_day, 1, gaps);
      } else {
        const std::uint32_t number = list.pop()->payload;
        if (office.finish(number, now)) {
          const double days = in_days(now - applicants[number].filed);
          total.add(days);
          surprise.add(days - applicants[number].expected_days);
          free.push_back(number);
        }
      }
      follow(now);
    }
    pass(end);
    const bool is_measured = batch > 0;
    for (std::size_t s = 0; s < kReviewStages; ++s) {
      const StageTally tally = office.tally(static_cast<ReviewStage>(s), end);
      const double minutes = arrivals.batch_days * static_cast<double>(kMinutesPerDay);
      if (is_measured) {
        measures.queue_length[s].add(
            static_cast<double>(tally.waiting_minutes - closed[s].waiting_minutes) / minutes);
        measures.utilisation[s].add(
            static_cast<double>(tally.busy_minutes - closed[s].busy_minutes) /
            static_cast<double>(tally.desk_minutes - closed[s].desk_minutes));
      }
      closed[s] = tally;
    }
    const double span = arrivals.batch_days * static_cast<double>(kMinutesPerDay);
    const auto record = [&](BatchMean& mean, double value) {
      if (is_measured) mean.add(value);
    };
    record(measures.wait_days, wait.take());
    record(measures.urgent_days, urgent.take());
    record(measures.ordinary_days, ordinary.take());
    record(measures.total_days, total.take());
    record(measures.surprise_days, surprise.take());
    record(measures.no_officer_busy, static_cast<double>(idle_minutes[0]) / span);
    record(measures.nobody_to_sign, static_cast<double>(idle_minutes[1]) / span);
    record(measures.both, static_cast<double>(idle_minutes[2]) / span);
    idle_minutes = {};
  }
  return measures;
}

}  // namespace tollgate::tests
