#include "engine/policy/licence_office.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/future_event_list.hpp"
#include "tests/allocations.hpp"

using namespace tollgate;

namespace {

SimTime day(double days) { return SimTime{0} + days_rounded(days); }

/// Work in days; a negative referral is none.
ReviewWork work(double officer, double referral = -1, double signature = 0) {
  return {{days_rounded(officer), days_rounded(std::max(0.0, referral)), days_rounded(signature)},
          referral >= 0};
}

LicenceOfficeSpec office_of(double officers) {
  LicenceOfficeSpec spec;
  spec.officers = officers;
  spec.service_days = 10;
  return spec;
}

/// When the review of `application` will be done, by the turns of the last call; none: no news.
std::optional<SimTime> done(const LicenceOffice& office, std::uint32_t application) {
  for (const ReviewTurn& turn : office.turns()) {
    if (turn.application == application && turn.is_under_way) return turn.done;
  }
  return std::nullopt;
}

bool is_interrupted(const LicenceOffice& office, std::uint32_t application) {
  for (const ReviewTurn& turn : office.turns()) {
    if (turn.application == application && !turn.is_under_way) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("officers work in parallel, first come first served") {
  const LicenceOfficeSpec spec = office_of(2);
  LicenceOffice office(spec, day(0));
  office.file(1, work(10), 1, day(0));
  CHECK(done(office, 1) == day(10));
  office.file(2, work(12), 1, day(0));
  CHECK(done(office, 2) == day(12));
  for (const std::uint32_t application : {3, 4}) {
    office.file(application, work(5), 1, day(1));
    CHECK(office.turns().empty());
  }
  CHECK(office.waiting(ReviewStage::kOfficer) == 2);
  CHECK(office.finish(1, day(10)));
  CHECK(done(office, 3) == day(15));
  CHECK_FALSE(done(office, 4));
  CHECK(office.finish(2, day(12)));
  CHECK(done(office, 4) == day(17));
  CHECK(office.finish(3, day(15)));
  CHECK(office.turns().empty());
  CHECK(office.finish(4, day(17)));
  CHECK(office.pending() == 0);
  const StageTally tally = office.tally(ReviewStage::kOfficer, day(20));
  CHECK(tally.arrived == 4);
  CHECK(tally.busy_minutes == days(10 + 12 + 5 + 5).minutes);
  CHECK(tally.waiting_minutes == days(9 + 11).minutes);
  CHECK(tally.desk_minutes == days(40).minutes);
}

TEST_CASE("a referred application goes to the agencies and comes back for the signature") {
  LicenceOfficeSpec spec = office_of(1);
  spec.signature_days = 1;
  LicenceOffice office(spec, day(0));
  office.file(7, work(10, 30, 2), 1, day(0));
  CHECK_FALSE(office.finish(7, day(10)));
  CHECK(office.at_desks(ReviewStage::kReferral) == 1);
  CHECK(done(office, 7) == day(40));
  CHECK_FALSE(office.finish(7, day(40)));
  CHECK(office.at_desks(ReviewStage::kSignature) == 1);
  CHECK(done(office, 7) == day(42));
  CHECK(office.finish(7, day(42)));
  CHECK_FALSE(office.is_pending(7));
}

TEST_CASE("there is one signature at a time, and none before its first day") {
  LicenceOfficeSpec spec = office_of(3);
  spec.signature_days = 4;
  spec.signature_from = day(10);
  LicenceOffice office(spec, day(0));
  office.file(0, work(9, -1, 4), 1, day(0));
  office.file(1, work(10, -1, 4), 1, day(0));
  office.file(2, work(10, -1, 4), 1, day(0));
  CHECK(office.finish(0, day(9)));  // nobody signs yet
  CHECK_FALSE(office.finish(1, day(10)));
  CHECK(done(office, 1) == day(14));
  CHECK_FALSE(office.finish(2, day(10)));
  CHECK(office.waiting(ReviewStage::kSignature) == 1);
  CHECK(office.finish(1, day(14)));
  CHECK(done(office, 2) == day(18));
}

TEST_CASE("a hold interrupts what is under way, and nothing of it is lost") {
  LicenceOfficeSpec spec = office_of(2);
  spec.signature_days = 3;
  spec.staffing = {{day(5), 0}, {day(25), 1}};
  LicenceOffice office(spec, day(0));
  office.file(0, work(1, 30, 3), 1, day(0));
  CHECK_FALSE(office.finish(0, day(1)));  // with the agencies, who work on
  office.file(1, work(10, -1, 3), 1, day(0.5));
  office.file(2, work(10, -1, 3), 1, day(2));
  office.file(3, work(10, -1, 3), 1, day(3));
  office.staff(day(5));
  REQUIRE(office.turns().size() == 2);
  CHECK(office.turns()[0].application == 2);  // begun last
  CHECK(office.turns()[1].application == 1);
  CHECK(office.at_desks(ReviewStage::kOfficer) == 0);
  CHECK(office.waiting(ReviewStage::kOfficer) == 3);
  office.file(4, work(1, -1, 3), 1, day(6));
  CHECK(office.turns().empty());
  office.staff(day(25));
  CHECK(done(office, 1) == day(30.5));
  CHECK(done(office, 2) == day(32));
  CHECK_FALSE(done(office, 3));
  CHECK_FALSE(office.finish(1, day(30.5)));
  CHECK(done(office, 3) == day(40.5));
  CHECK(office.at_desks(ReviewStage::kReferral) == 1);
  CHECK_FALSE(office.finish(0, day(31)));
}

TEST_CASE("the signature rests in a hold too") {
  LicenceOfficeSpec spec = office_of(1);
  spec.signature_days = 3;
  spec.staffing = {{day(11), 0}, {day(20), 0.5}};
  LicenceOffice office(spec, day(0));
  office.file(0, work(10, -1, 3), 1, day(0));
  CHECK_FALSE(office.finish(0, day(10)));
  office.staff(day(11));
  CHECK(is_interrupted(office, 0));
  office.staff(day(20));
  CHECK(done(office, 0) == day(22));
  CHECK(office.finish(0, day(22)));
}

TEST_CASE("a loss of staff interrupts only what the others cannot carry") {
  LicenceOfficeSpec spec = office_of(4);
  spec.staffing = {{day(5), 0.81}, {day(6), 0.3}};
  LicenceOffice office(spec, day(0));
  for (const std::uint32_t application : {0, 1, 2, 3}) {
    office.file(application, work(10), 1, day(application));
  }
  office.staff(day(5));  // 3.24: three desks
  REQUIRE(office.turns().size() == 1);
  CHECK(is_interrupted(office, 3));
  office.staff(day(6));  // 1.2: one desk
  REQUIRE(office.turns().size() == 2);
  CHECK(is_interrupted(office, 2));
  CHECK(is_interrupted(office, 1));
  CHECK(office.finish(0, day(10)));
  CHECK(done(office, 1) == day(15));  // five days were left
}

TEST_CASE("staffing is that of the last date, also of one before the start") {
  LicenceOfficeSpec spec = office_of(10);
  spec.staffing = {{day(-100), 0.5}, {day(3), 0}, {day(9), 1.2}};
  CHECK(staffing_share(spec, day(-101)) == 1);
  CHECK(staffing_share(spec, day(0)) == 0.5);
  CHECK(staffing_share(spec, day(3)) == 0);
  CHECK(staffing_share(spec, day(9)) == 1.2);
  const LicenceOffice office(spec, day(0));
  CHECK(office.tally(ReviewStage::kOfficer, day(1)).desk_minutes == days(5).minutes);
}

TEST_CASE("the urgent go first but break nothing off") {
  const LicenceOfficeSpec spec = office_of(1);
  LicenceOffice office(spec, day(0));
  office.file(0, work(10), 3, day(0));
  office.file(1, work(10), 3, day(1));
  office.file(2, work(10), 2, day(2));
  office.file(3, work(10), 1, day(3));
  office.file(4, work(10), 1, day(4));
  CHECK(office.turns().empty());
  double now = 10;
  for (const std::uint32_t next : {3, 4, 2, 1}) {
    const std::uint32_t before = now == 10 ? 0 : next == 4 ? 3 : next == 2 ? 4 : 2;
    CHECK(office.finish(before, day(now)));
    now += 10;
    CHECK(done(office, next) == day(now));
  }
}

TEST_CASE("an application can be withdrawn wherever it is, and its desk serves the next") {
  LicenceOfficeSpec spec = office_of(1);
  spec.signature_days = 5;
  LicenceOffice office(spec, day(0));
  CHECK_FALSE(office.withdraw(9, day(0)));  // never filed
  for (const std::uint32_t application : {0, 1, 2, 3, 4, 5}) {
    office.file(application, work(1, 20, 5), 1, day(0));
  }
  SUBCASE("in line, from the middle and from both ends") {
    for (const std::uint32_t application : {3, 1, 5}) CHECK(office.withdraw(application, day(0.5)));
    CHECK(office.turns().empty());
    CHECK(office.waiting(ReviewStage::kOfficer) == 2);
    CHECK_FALSE(office.finish(0, day(1)));
    CHECK(done(office, 2) == day(2));
    CHECK_FALSE(office.finish(2, day(2)));
    CHECK(done(office, 4) == day(3));
  }
  SUBCASE("with an officer") {
    CHECK(office.withdraw(0, day(0.5)));
    CHECK(done(office, 1) == day(1.5));
    CHECK_FALSE(office.withdraw(0, day(0.5)));
  }
  SUBCASE("with the agencies, at the signature, and while interrupted") {
    for (const std::uint32_t application : {0, 1}) {
      CHECK_FALSE(office.finish(application, day(application + 1)));
    }
    CHECK(office.waiting(ReviewStage::kReferral) == 1);  // they have one desk
    CHECK(office.withdraw(0, day(2)));
    CHECK(done(office, 1) == day(22));
    CHECK_FALSE(office.finish(2, day(3)));
    CHECK_FALSE(office.finish(1, day(22)));
    CHECK(done(office, 2) == day(42));
    CHECK(office.at_desks(ReviewStage::kSignature) == 1);
    CHECK(office.withdraw(1, day(23)));
    CHECK(office.at_desks(ReviewStage::kSignature) == 0);
    spec.staffing = {{day(24), 0}};
    office.staff(day(24));
    CHECK(office.withdraw(4, day(25)));
    CHECK(office.pending() == 3);
    for (const std::uint32_t application : {2, 3, 5}) {
      CHECK(office.withdraw(application, day(26)));
    }
    CHECK(office.pending() == 0);
  }
}

TEST_CASE("whatever is filed, held up and withdrawn, all work of those decided is done, no more") {
  for (std::uint32_t trial = 0; trial < 40; ++trial) {
    Stream random(3, trial, 0, 0);
    LicenceOfficeSpec spec = office_of(4);
    spec.referral_probability = 0.5;
    spec.referral_desks = 2;
    spec.signature_days = 2;
    for (int i = 1; i < 12; ++i) {
      spec.staffing.push_back({day(40 * i), static_cast<double>(random() % 6) / 4});
    }
    spec.staffing.push_back({day(500), 1});
    LicenceOffice office(spec, day(0));
    struct Message {
      enum Kind { kFile, kWithdraw, kStaff, kDone } kind;
      std::uint32_t application;
    };
    FutureEventList<Message> list;
    list.clear(day(0));
    constexpr std::uint32_t kApplications = 150;
    std::vector<ReviewWork> works;
    std::vector<EventHandle> reviews(kApplications);
    std::vector<int> outcomes(kApplications, 0);  // 1 decided, 2 withdrawn
    const bool is_withdrawing = trial % 2 == 1;
    for (std::uint32_t a = 0; a < kApplications; ++a) {
      works.push_back(draw_work(spec, random));
      const double filed = 450 * draw_uniform(random);
      list.schedule(day(filed), 0, {Message::kFile, a});
      if (is_withdrawing && random() % 4 == 0) {
        list.schedule(day(filed + 60 * draw_uniform(random)), 1, {Message::kWithdraw, a});
      }
    }
    for (const StaffingPoint& point : spec.staffing) {
      list.schedule(point.date, 2, {Message::kStaff, 0});
    }
    while (const auto next = list.pop()) {
      const auto [kind, application] = next->payload;
      if (kind == Message::kFile) {
        office.file(application, works[application], 1 + static_cast<int>(random() % 3),
                    next->time);
      } else if (kind == Message::kWithdraw) {
        if (office.withdraw(application, next->time)) {
          list.cancel(reviews[application]);
          outcomes[application] += 2;
        }
      } else if (kind == Message::kStaff) {
        office.staff(next->time);
      } else if (office.finish(application, next->time)) {
        outcomes[application] += 1;
      }
      for (const ReviewTurn& turn : office.turns()) {
        if (turn.is_under_way) {
          reviews[turn.application] =
              list.schedule_cancellable(turn.done, 0, {Message::kDone, turn.application});
        } else {
          CHECK(list.cancel(reviews[turn.application]));
        }
      }
    }
    CHECK(office.pending() == 0);
    std::array<std::int64_t, kReviewStages> least{};
    std::array<std::int64_t, kReviewStages> most{};
    for (std::uint32_t a = 0; a < kApplications; ++a) {
      CHECK((outcomes[a] == 1 || outcomes[a] == 2));
      for (std::size_t s = 0; s < kReviewStages; ++s) {
        if (s == 1 && !works[a].is_referred) continue;
        most[s] += works[a].at[s].minutes;
        if (outcomes[a] == 1) least[s] += works[a].at[s].minutes;
      }
    }
    for (std::size_t s = 0; s < kReviewStages; ++s) {
      const StageTally tally = office.tally(static_cast<ReviewStage>(s), day(1e5));
      CHECK(least[s] <= tally.busy_minutes);
      CHECK(tally.busy_minutes <= most[s]);
      if (!is_withdrawing) CHECK(least[s] == most[s]);  // then it is equal to both
    }
  }
}

TEST_CASE("what applicants are told counts the queue, all stages and the rest of a hold") {
  LicenceOfficeSpec spec = office_of(2);
  LicenceOffice office(spec, day(0));
  CHECK(office.expected_days(day(0)) == 10);
  for (const std::uint32_t application : {0, 1}) office.file(application, work(10), 1, day(0));
  CHECK(office.expected_days(day(0)) == doctest::Approx(10 + 10 / 2.0));
  for (const std::uint32_t application : {2, 3}) office.file(application, work(10), 1, day(0));
  CHECK(office.expected_days(day(0)) == doctest::Approx(10 + 3 * 10 / 2.0));

  spec.referral_probability = 0.5;  // a desk, nobody there
  spec.referral_days = 30;
  CHECK(office.expected_days(day(0)) == doctest::Approx(25 + 0.5 * 30));
  spec.signature_days = 1;  // the four ahead are signed while one waits
  CHECK(office.expected_days(day(0)) == doctest::Approx(40 + 1));
  spec.signature_days = 15;  // or are not: four times fifteen, less forty
  CHECK(office.expected_days(day(0)) == doctest::Approx(40 + 20 + 15));
  spec.signature_from = day(1);
  CHECK(office.expected_days(day(0)) == doctest::Approx(40));

  spec.expected_hold_days = 33;
  spec.staffing = {{day(0), 0}};
  office.staff(day(0));
  CHECK(office.expected_days(day(0)) == doctest::Approx(40 + 33));
  spec.staffing = {{day(0), 0.5}};
  office.staff(day(0));  // one officer: four reviews come first
  CHECK(office.expected_days(day(0)) == doctest::Approx(10 + 4 * 10 + 15));
}

TEST_CASE("times at the desks have the mean and the spread that the scenario gives") {
  // 20,000 draws. The standard error of a mean is sd / sqrt(n); of the share, sqrt(r(1-r)/n). Five
  // of them: false alarm 6e-7. The spread is tested by the mean of the logarithm, which is
  // ln m - ln(1 + cv^2) / 2 for a lognormal and ln m - 0.5772 for an exponential time.
  constexpr int kDraws = 20000;
  LicenceOfficeSpec spec;
  spec.service_days = 38;
  spec.service_cv = 0.7;
  spec.referral_probability = 0.3;
  spec.signature_days = 2;
  bool is_lognormal = true;
  SUBCASE("lognormal") { is_lognormal = true; }
  SUBCASE("exponential") { is_lognormal = false; }
  spec.service = is_lognormal ? ServiceDistribution::kLognormal : ServiceDistribution::kExponential;
  Stream stream(9, 0, 1, 1);
  double sum = 0;
  double sum_of_logs = 0;
  int referred = 0;
  for (int i = 0; i < kDraws; ++i) {
    const ReviewWork drawn = draw_work(spec, stream);
    sum += in_days(drawn.at[0]);
    sum_of_logs += std::log(in_days(drawn.at[0]) + 1e-9);
    referred += drawn.is_referred ? 1 : 0;
  }
  const double root = std::sqrt(static_cast<double>(kDraws));
  const double cv = is_lognormal ? 0.7 : 1.0;
  CHECK(std::abs(sum / kDraws - 38) < 5 * 38 * cv / root);
  const double log_mean =
      std::log(38.0) - (is_lognormal ? std::log1p(0.49) / 2 : 0.57721566490153286);
  const double log_sd = is_lognormal ? std::sqrt(std::log1p(0.49)) : 1.2825498301618641;
  CHECK(std::abs(sum_of_logs / kDraws - log_mean) < 5 * log_sd / root);
  CHECK(std::abs(referred / static_cast<double>(kDraws) - 0.3) < 5 * std::sqrt(0.21) / root);
}

TEST_CASE("the luck at one stage does not depend on what the others are like") {
  LicenceOfficeSpec spec;
  spec.signature_days = 2;
  LicenceOfficeSpec other = spec;
  other.referral_probability = 1;
  other.referral_days = 99;
  other.signature_days = 4;
  Stream one(4, 0, 1, 1);
  Stream two(4, 0, 1, 1);
  for (int i = 0; i < 100; ++i) {
    const ReviewWork a = draw_work(spec, one);
    const ReviewWork b = draw_work(other, two);
    CHECK(a.at[0] == b.at[0]);
    CHECK(std::abs(2 * a.at[2].minutes - b.at[2].minutes) <= 1);  // to the minute
    CHECK_FALSE(a.is_referred);
    CHECK(b.is_referred);
  }
}

TEST_CASE("without noise every review takes the mean, to the minute") {
  LicenceOfficeSpec spec;
  spec.service_days = 12.5;
  spec.referral_days = 30;
  spec.signature_days = 0.25;
  const ReviewWork mean = mean_work(spec, true);
  CHECK(mean.at[0] == days_rounded(12.5));
  CHECK(mean.at[1] == days(30));
  CHECK(mean.at[2] == days_rounded(0.25));
  CHECK(mean.is_referred);
  CHECK_FALSE(mean_work(spec, false).is_referred);
}

TEST_CASE("an office in steady state does not allocate") {
  LicenceOfficeSpec spec = office_of(3);
  spec.referral_probability = 0.5;
  spec.signature_days = 1;
  spec.staffing = {{day(5), 0}};
  LicenceOffice office(spec, day(0));
  Stream stream(8, 0, 1, 1);
  const auto round = [&](double from) {
    spec.staffing.clear();
    office.staff(day(from));
    for (std::uint32_t a = 0; a < 50; ++a) {
      office.file(a, draw_work(spec, stream), 1 + static_cast<int>(a % 8), day(from));
    }
    spec.staffing.push_back({day(from), 0});
    office.staff(day(from + 1e-3));
    for (std::uint32_t a = 0; a < 50; ++a) CHECK(office.withdraw(a, day(from + 1)));
  };
  round(10);
  const std::size_t before = tests::allocations();
  round(20);
  CHECK(tests::allocations() == before);
}
