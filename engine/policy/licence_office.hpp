/// The licence office as a queue: first come first served, c officers, lognormal service.
///
/// Pure queueing logic without events or economics: the regulator schedules what it says. With a
/// coefficient of variation of service of 1 and Poisson arrivals it is close to M/M/c; with one
/// officer it is M/G/1 (Pollaczek-Khinchine).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/kernel/sim_time.hpp"
#include "engine/kernel/stream.hpp"
#include "engine/policy/conditions.hpp"
#include "engine/policy/licence_office_spec.hpp"

namespace tollgate {

/// An application at a desk: when it will be decided.
struct Review {
  std::uint32_t application = 0;  ///< the applicant's own number
  SimTime filed;
  SimTime decided;
};

class LicenceOffice {
 public:
  /// `service` is the stream of service times; nothing: every service takes the mean.
  LicenceOffice(const LicenceOfficeSpec& spec, std::optional<Stream> service);

  /// Takes in an application. Returns its review when an officer is free, else it waits.
  std::optional<Review> file(std::uint32_t application, SimTime now);

  /// An officer has decided: returns the review of the application that waited longest, if any.
  std::optional<Review> finish(SimTime now);

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::size_t in_service() const { return busy_; }

  /// Days from filing to decision that an application filed now can expect: its own service and the
  /// work before it, shared by the officers.
  [[nodiscard]] double expected_days() const;

 private:
  struct Waiting {
    std::uint32_t application;
    SimTime filed;
  };
  Review begin(const Waiting& next, SimTime now);

  std::size_t officers_;
  double service_days_;
  double service_cv_;
  std::optional<Stream> service_;
  std::deque<Waiting> queue_;
  std::size_t busy_ = 0;
};

/// Probability of a grant under a review policy.
double grant_probability(const LicenceOfficeSpec& spec, ReviewPolicy review);

}  // namespace tollgate
