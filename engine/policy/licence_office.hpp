/// The licence office as a queueing network: officers, other agencies, the final signature.
///
/// An application is served by one of the officers, with some probability by other agencies, and
/// last by the one person who signs. Every stage serves by priority and, within a priority, first
/// come first served; a review under way is not broken off for a more urgent one. When fewer people
/// are at work than reviews are under way, those begun last are interrupted and go on later where
/// they stopped, before others of their priority (preemptive resume). Applications can be withdrawn
/// at any stage.
///
/// Pure queueing logic without draws, events or economics: applications bring their work along, and
/// the regulator schedules what `turns` says. With Poisson arrivals, exponential work and the
/// extras off the officers are M/M/c, with one of them and any work M/G/1 (Pollaczek-Khinchine),
/// and the stages are a Jackson network.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/policy/licence_office_spec.hpp"
#include "engine/policy/review_work.hpp"

namespace tollgate {

/// Areas under the numbers at a stage since the office opened, in minutes: divided by the time that
/// has passed they are means, and busy over desks is utilisation.
struct StageTally {
  std::int64_t arrived = 0;          ///< applications that came to the stage
  std::int64_t waiting_minutes = 0;  ///< of all that waited for a desk
  std::int64_t busy_minutes = 0;     ///< of desks with an application
  std::int64_t desk_minutes = 0;     ///< of desks at work
};

/// News of a review: it has begun (or goes on) and will be done then, or it has been interrupted.
struct ReviewTurn {
  std::uint32_t application = 0;
  bool is_under_way = false;
  SimTime done;
};

/// Share of the officers at work at `now`.
double staffing_share(const LicenceOfficeSpec& spec, SimTime now);

class LicenceOffice {
 public:
  /// `spec` must outlive the office.
  LicenceOffice(const LicenceOfficeSpec& spec, SimTime now);

  /// Takes in an application under the applicant's own number: small, and free for use again when
  /// the application has been decided or withdrawn. `priority` is 1 to kReviewPriorities.
  void file(std::uint32_t application, const ReviewWork& work, int priority, SimTime now);

  /// A review is done at the stage where it was. True: the application is decided and has left;
  /// otherwise it goes on to the next stage.
  bool finish(std::uint32_t application, SimTime now);

  /// Takes an application out, wherever it is; false if it is not here (any more).
  bool withdraw(std::uint32_t application, SimTime now);

  /// Puts those to work who are there at `now`.
  void staff(SimTime now);

  /// What has begun and what was interrupted by the last of these calls, in this order.
  [[nodiscard]] std::span<const ReviewTurn> turns() const { return turns_; }

  /// Days from filing to decision that an application filed now can expect, whatever its priority:
  /// the rest of a hold, the work of each stage, and the queues as they will be met.
  [[nodiscard]] double expected_days(SimTime now) const;

  [[nodiscard]] bool is_pending(std::uint32_t application) const;
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] std::size_t waiting(ReviewStage stage) const { return station(stage).waiting; }
  [[nodiscard]] std::size_t at_desks(ReviewStage stage) const { return station(stage).desks.size; }
  [[nodiscard]] StageTally tally(ReviewStage stage, SimTime now) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  enum class Place : std::uint8_t { kOutside, kInLine, kAtDesk };

  /// Work and links lie in one row: a step of a review touches one application and its neighbours.
  struct Application {
    std::array<Duration, kReviewStages> work;  ///< still to be done
    SimTime done;                              ///< of the review under way
    std::uint32_t previous = kNone;            ///< in its line, or among the desks
    std::uint32_t next = kNone;
    ReviewStage stage = ReviewStage::kOfficer;
    Place place = Place::kOutside;
    std::uint8_t line = 0;  ///< priority less one
    bool is_referred = false;
  };
  struct Line {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::size_t size = 0;
  };
  struct Station {
    std::array<Line, kReviewPriorities> lines;  ///< those that wait, by priority
    Line desks;                                 ///< reviews under way, in the order of beginning
    std::size_t waiting = 0;
    std::size_t at_work = 0;  ///< desks that are staffed
    StageTally tally;
    SimTime tallied;
  };

  [[nodiscard]] const Station& station(ReviewStage stage) const {
    return stations_[static_cast<std::size_t>(stage)];
  }
  Station& station(ReviewStage stage) { return stations_[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] bool is_signed(SimTime now) const;
  [[nodiscard]] double mean_days(ReviewStage stage) const;

  void enter(std::uint32_t application, ReviewStage stage, SimTime now);
  void leave(std::uint32_t application, SimTime now);
  void begin_next(Station& station, SimTime now);
  void interrupt_last(Station& station, SimTime now);
  void set_at_work(Station& station, std::size_t desks, SimTime now);

  void append(Line& line, std::uint32_t application);
  void prepend(Line& line, std::uint32_t application);
  void remove(Line& line, std::uint32_t application);

  const LicenceOfficeSpec& spec_;
  std::vector<Application> applications_;  ///< by the applicant's number
  std::array<Station, kReviewStages> stations_;
  std::vector<ReviewTurn> turns_;
  std::size_t officers_staffed_ = 1;  ///< now, or before the hold
};

}  // namespace tollgate
