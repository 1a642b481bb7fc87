/// The licence office in the world: applications come in, wait, are reviewed, granted or denied.
///
/// The office (engine/policy/licence_office) says when a review will be done; this schedules it,
/// decides by the rule's review policy and the criteria, and posts what applicants expect.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "engine/policy/licence_office.hpp"

namespace tollgate {

class Licensing {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId filed, granted, denied, lapsed, withdrawn, queue, waiting, wait_days, expected_days,
        utilisation;
  };

  Licensing(const Context& context, const Series& series);

  /// Tells the law what the office grants and how long it takes, and schedules changes of staff.
  void start(Context& context);

  void file(Context& context, OrderId order);
  /// A review is done at its stage (kReviewDone).
  void go_on(Context& context, OrderId order);
  void withdraw(Context& context, OrderId order);
  /// The date of a new staffing has come (kOfficeStaffed).
  void staff(Context& context);
  void note_lapse(Context& context) { context.record.add(series_.lapsed, 1); }

  void close_quarter(Context& context);
  /// Every application is granted, denied, withdrawn or pending, and the orders under review are
  /// those that pend.
  void check(const Context& context) const;

 private:
  ReviewWork work_of(const Context& context, const Order& order);
  void decide(Context& context, OrderId order);
  void follow_turns(Context& context);
  void post_expectation(Context& context) const;

  Series series_;
  LicenceOffice office_;
  std::vector<Stream> work_;          ///< by customer
  std::vector<Stream> decisions_;     ///< by customer
  std::vector<int> priorities_;       ///< by customer
  std::vector<SimTime> filed_;        ///< by order slot
  std::vector<EventHandle> reviews_;  ///< by order slot: the review under way
  double referred_ = 0;               ///< without noise: what is owed to other agencies, carried on
  std::array<StageTally, kReviewStages> closed_{};  ///< at the end of the last quarter
  std::int64_t filed_count_ = 0;
  std::int64_t decided_count_ = 0;
  std::int64_t withdrawn_count_ = 0;
  std::int64_t decided_in_quarter_ = 0;
  double wait_days_in_quarter_ = 0;
};

}  // namespace tollgate
