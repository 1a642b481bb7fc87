#include "engine/policy/licence_office.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

/// Whole desks; while anybody is at work, one at least.
std::size_t desks_of(double people) {
  return people > 0 ? static_cast<std::size_t>(std::max(1.0, std::round(people))) : 0;
}

void settle(StageTally& tally, std::size_t waiting, std::size_t busy, std::size_t desks,
            Duration passed) {
  tally.waiting_minutes += static_cast<std::int64_t>(waiting) * passed.minutes;
  tally.busy_minutes += static_cast<std::int64_t>(busy) * passed.minutes;
  tally.desk_minutes += static_cast<std::int64_t>(desks) * passed.minutes;
}

}  // namespace

double staffing_share(const LicenceOfficeSpec& spec, SimTime now) {
  double share = 1;
  for (const StaffingPoint& point : spec.staffing) {
    if (point.date <= now) share = point.share;
  }
  return share;
}

LicenceOffice::LicenceOffice(const LicenceOfficeSpec& spec, SimTime now)
    : spec_(spec), officers_staffed_(desks_of(spec.officers)) {
  for (Station& station : stations_) station.tallied = now;
  station(ReviewStage::kReferral).at_work = desks_of(spec.referral_desks);
  staff(now);
}

void LicenceOffice::file(std::uint32_t application, const ReviewWork& work, int priority,
                         SimTime now) {
  TOLLGATE_CHECK(!is_pending(application), "an application was filed twice");
  TOLLGATE_CHECK(1 <= priority && priority <= kReviewPriorities, "no such priority of review");
  turns_.clear();
  if (applications_.size() <= application) applications_.resize(application + std::size_t{1});
  Application& filed = applications_[application];
  filed.work = work.at;
  filed.is_referred = work.is_referred;
  filed.line = static_cast<std::uint8_t>(priority - 1);
  enter(application, ReviewStage::kOfficer, now);
}

bool LicenceOffice::finish(std::uint32_t application, SimTime now) {
  TOLLGATE_CHECK(is_pending(application) && applications_[application].place == Place::kAtDesk &&
                     applications_[application].done == now,
                 "a review finished that was not due");
  turns_.clear();
  const ReviewStage stage = applications_[application].stage;
  leave(application, now);
  if (stage == ReviewStage::kOfficer && applications_[application].is_referred) {
    enter(application, ReviewStage::kReferral, now);
    return false;
  }
  if (stage != ReviewStage::kSignature && is_signed(now)) {
    enter(application, ReviewStage::kSignature, now);
    return false;
  }
  return true;
}

bool LicenceOffice::withdraw(std::uint32_t application, SimTime now) {
  turns_.clear();
  if (!is_pending(application)) return false;
  leave(application, now);
  return true;
}

// Other agencies are not of the office: they work through its holds.
void LicenceOffice::staff(SimTime now) {
  turns_.clear();
  const double share = staffing_share(spec_, now);
  const std::size_t officers = desks_of(std::round(spec_.officers) * share);
  if (officers > 0) officers_staffed_ = officers;
  set_at_work(station(ReviewStage::kOfficer), officers, now);
  set_at_work(station(ReviewStage::kSignature), officers > 0 ? 1 : 0, now);
}

void LicenceOffice::set_at_work(Station& station, std::size_t desks, SimTime now) {
  settle(station.tally, station.waiting, station.desks.size, station.at_work,
         now - station.tallied);
  station.tallied = now;
  station.at_work = desks;
  while (station.desks.size > desks) interrupt_last(station, now);
  while (station.desks.size < desks && station.waiting > 0) begin_next(station, now);
}

void LicenceOffice::enter(std::uint32_t application, ReviewStage stage, SimTime now) {
  Application& entering = applications_[application];
  Station& there = station(stage);
  settle(there.tally, there.waiting, there.desks.size, there.at_work, now - there.tallied);
  there.tallied = now;
  ++there.tally.arrived;
  entering.stage = stage;
  entering.place = Place::kInLine;
  append(there.lines[entering.line], application);
  ++there.waiting;
  if (there.desks.size < there.at_work) begin_next(there, now);
}

void LicenceOffice::leave(std::uint32_t application, SimTime now) {
  Application& leaving = applications_[application];
  Station& here = station(leaving.stage);
  settle(here.tally, here.waiting, here.desks.size, here.at_work, now - here.tallied);
  here.tallied = now;
  if (leaving.place == Place::kInLine) {
    remove(here.lines[leaving.line], application);
    --here.waiting;
  } else {
    remove(here.desks, application);
    if (here.waiting > 0 && here.desks.size < here.at_work) begin_next(here, now);
  }
  leaving.place = Place::kOutside;
}

void LicenceOffice::begin_next(Station& station, SimTime now) {
  const auto line = std::ranges::find_if(station.lines, [](const Line& l) { return l.size > 0; });
  const std::uint32_t next = line->first;
  Application& beginning = applications_[next];
  remove(*line, next);
  --station.waiting;
  append(station.desks, next);
  beginning.place = Place::kAtDesk;
  beginning.done = now + beginning.work[static_cast<std::size_t>(beginning.stage)];
  turns_.push_back({next, true, beginning.done});
}

// The one begun first of those interrupted is interrupted last, and so comes to stand first.
void LicenceOffice::interrupt_last(Station& station, SimTime now) {
  const std::uint32_t last = station.desks.last;
  Application& interrupted = applications_[last];
  remove(station.desks, last);
  prepend(station.lines[interrupted.line], last);
  ++station.waiting;
  interrupted.place = Place::kInLine;
  interrupted.work[static_cast<std::size_t>(interrupted.stage)] = interrupted.done - now;
  turns_.push_back({last, false, {}});
}

bool LicenceOffice::is_signed(SimTime now) const {
  return spec_.signature_days > 0 && (!spec_.signature_from || *spec_.signature_from <= now);
}

double LicenceOffice::mean_days(ReviewStage stage) const {
  switch (stage) {
    case ReviewStage::kOfficer:
      return spec_.service_days;
    case ReviewStage::kReferral:
      return spec_.referral_days;
    case ReviewStage::kSignature:
      return spec_.signature_days;
  }
  return 0;
}

// With n at the stage before it and c desks an application begins after n + 1 - c others have left,
// c in a mean service time: exact for exponential work. To the serial signature come all that are
// ahead, so that its queue is what they bring in less what is signed until then.
double LicenceOffice::expected_days(SimTime now) const {
  const auto stage_days = [&](ReviewStage stage, std::size_t desks) {
    const Station& there = station(stage);
    const auto ahead = static_cast<double>(there.waiting + there.desks.size);
    const auto c = static_cast<double>(desks);
    return mean_days(stage) * (1 + std::max(0.0, ahead + 1 - c) / c);
  };
  double days = station(ReviewStage::kOfficer).at_work == 0 ? spec_.expected_hold_days : 0.0;
  const double resting_days = days;
  days += stage_days(ReviewStage::kOfficer, officers_staffed_);
  if (spec_.referral_probability > 0) {
    days += spec_.referral_probability *
            stage_days(ReviewStage::kReferral, station(ReviewStage::kReferral).at_work);
  }
  if (!is_signed(now)) return days;
  const double to_sign = static_cast<double>(pending()) * spec_.signature_days;
  return days + std::max(0.0, to_sign - (days - resting_days)) + spec_.signature_days;
}

bool LicenceOffice::is_pending(std::uint32_t application) const {
  return application < applications_.size() && applications_[application].place != Place::kOutside;
}

std::size_t LicenceOffice::pending() const {
  std::size_t sum = 0;
  for (const Station& station : stations_) sum += station.waiting + station.desks.size;
  return sum;
}

StageTally LicenceOffice::tally(ReviewStage stage, SimTime now) const {
  const Station& there = station(stage);
  StageTally result = there.tally;
  settle(result, there.waiting, there.desks.size, there.at_work, now - there.tallied);
  return result;
}

void LicenceOffice::append(Line& line, std::uint32_t application) {
  Application& added = applications_[application];
  added.previous = line.last;
  added.next = kNone;
  (line.last == kNone ? line.first : applications_[line.last].next) = application;
  line.last = application;
  ++line.size;
}

void LicenceOffice::prepend(Line& line, std::uint32_t application) {
  Application& added = applications_[application];
  added.previous = kNone;
  added.next = line.first;
  (line.first == kNone ? line.last : applications_[line.first].previous) = application;
  line.first = application;
  ++line.size;
}

void LicenceOffice::remove(Line& line, std::uint32_t application) {
  const Application& removed = applications_[application];
  (removed.previous == kNone ? line.first : applications_[removed.previous].next) = removed.next;
  (removed.next == kNone ? line.last : applications_[removed.next].previous) = removed.previous;
  --line.size;
}

}  // namespace tollgate
