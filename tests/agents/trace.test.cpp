/// The trace: that it changes nothing, leaves nothing out, and tells the truth.
#include "agents/trace.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tests/agents/traced.hpp"
#include "tests/allocations.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

class NoSink : public TraceSink {
 public:
  void take(std::span<const TraceRow> rows) override { count += rows.size(); }
  std::size_t count = 0;
};

/// Sums over rows of a trace, laid out like an integer series of the record.
class Reckoning {
 public:
  Reckoning(const Record& record, const char* series)
      : record_(record), id_(record.layout().find(series)), sums_(record.layout().size(id_), 0) {}

  void add(std::size_t quarter, std::int64_t amount, std::size_t i = 0, std::size_t j = 0) {
    const RecordLayout& layout = record_.layout();
    sums_.at(quarter * layout.cells(id_) + i * layout.second_extent(id_) + j) += amount;
  }
  [[nodiscard]] bool equals_record() const {
    return std::equal(sums_.begin(), sums_.end(), record_.integers(id_));
  }
  [[nodiscard]] std::int64_t total() const {
    return std::accumulate(sums_.begin(), sums_.end(), std::int64_t{0});
  }

 private:
  const Record& record_;
  SeriesId id_;
  std::vector<std::int64_t> sums_;
};

/// Quarter of the record by row: books of a quarter are closed by the event that ends it.
std::vector<std::size_t> quarters_of(const std::vector<TraceRow>& rows) {
  std::vector<std::size_t> quarters;
  std::size_t quarter = 0;
  std::uint64_t closing = 0;
  for (const TraceRow& row : rows) {
    if (closing != 0 && row.event != closing) {
      ++quarter;
      closing = 0;
    }
    if (is(row, EventKind::kQuarterClosed)) closing = row.event;
    quarters.push_back(quarter);
  }
  return quarters;
}

}  // namespace

TEST_CASE("a trace changes no bit of the record") {
  for (const WorldSpec& spec : {small_world(), busy_world()}) {
    const WorldLayout layout(spec);
    for (std::uint32_t replica = 0; replica < 5; ++replica) {
      NoSink sink;
      const Record traced = run_traced(spec, layout, sink, replica);
      const Record plain = run_world(spec, layout, replica);
      CHECK(same_bits(traced, plain));
      CHECK(traced.events == plain.events);
      CHECK(traced.longest_queue == plain.longest_queue);
      CHECK(sink.count > traced.events);
    }
  }
}

TEST_CASE("each event has one row of its own, in order, its decisions after it") {
  const WorldSpec spec = busy_world();
  const WorldLayout layout(spec);
  KeptTrace kept;
  const Record record = run_traced(spec, layout, kept);
  std::uint64_t events = 0;
  SimTime last = spec.start;
  for (const TraceRow& row : kept.rows()) {
    CHECK(row.time >= last);
    last = row.time;
    if (row.is_event) CHECK(row.event == ++events);
    // 0 is the opening; after the last event comes the close.
    const bool is_close = row.event == record.events + 1;
    CHECK((row.event == events || is_close));
  }
  CHECK(events == record.events);
}

TEST_CASE("the series of chips and money follow from the trace alone, quarter by quarter") {
  for (std::uint32_t replica = 0; replica < 4; ++replica) {
    WorldSpec spec = busy_world();
    if (replica == 3) spec.noise = false;
    const WorldLayout layout(spec);
    KeptTrace kept;
    const Record record = run_traced(spec, layout, kept, replica);
    std::map<std::string, Reckoning> reckonings;
    const auto sum = [&](const char* series) -> Reckoning& {
      return reckonings.try_emplace(series, record, series).first->second;
    };
    const std::vector<std::size_t> quarters = quarters_of(kept.rows());
    for (std::size_t n = 0; n < kept.rows().size(); ++n) {
      const TraceRow& row = kept.rows()[n];
      const std::size_t q = quarters[n];
      const std::size_t chip = label(row, Label::kChip);
      const std::size_t region = label(row, Label::kRegion);
      const std::size_t rule = label(row, Label::kInstrument);
      const std::size_t buyer = row.agent;
      const auto vendor_of = [&] { return spec.chips[chip].vendor.index(); };
      if (is(row, EventKind::kOrderPlaced)) sum("units_ordered").add(q, row.units, chip, region);
      if (is(row, Decision::kShipped)) sum("units_shipped").add(q, row.units, chip, region);
      if (is(row, Decision::kCancelled)) sum("units_cancelled").add(q, row.units, chip, region);
      if (is(row, EventKind::kShipmentCleared)) {
        sum("units_cleared").add(q, row.units, chip, region);
        sum("revenue").add(q, row.cents, vendor_of(), region);
      }
      if (is(row, EventKind::kShipmentStopped)) {
        sum("units_stopped").add(q, row.units, chip, region);
        sum("units_seized")
            .add(q, static_cast<std::int64_t>(number(row, Number::kLimit)), chip, region);
      }
      if (is(row, EventKind::kLicenceDecided) && is(row, Reason::kGranted)) {
        sum("units_licensed").add(q, row.units, chip, region);
      }
      if (is(row, EventKind::kLicenceFiled)) sum("licences_filed").add(q, 1);
      if (is(row, EventKind::kReviewDone) && is(row, Reason::kGranted)) {
        sum("licences_granted").add(q, 1);
      }
      if (is(row, EventKind::kReviewDone) && is(row, Reason::kDenied)) {
        sum("licences_denied").add(q, 1);
      }
      if (is(row, Decision::kCharged)) sum("charged_by_instrument").add(q, row.cents, rule);
      if (is(row, Decision::kRemitted)) sum("levy_remitted").add(q, row.cents, row.agent);
      if (is(row, EventKind::kFineDecided)) {
        sum("antitrust_fines").add(q, row.cents, label(row, Label::kSeller));
      }
      if (is(row, EventKind::kStockReviewed)) {
        sum("write_down").add(q, row.cents, vendor_of());
        sum("units_written_down").add(q, row.units, chip);
      }
      if (is(row, EventKind::kChipsDelivered) || is(row, EventKind::kGreyLotDelivered)) {
        sum("spend").add(q, row.cents, buyer);
        sum("purchases").add(q, row.units, buyer, label(row, Label::kOrigin));
      }
      if (is(row, Decision::kRented) && is(row, Reason::kChosen)) {
        sum("spend").add(q, row.cents, buyer);
      }
      if (is(row, Decision::kGreyLotSent)) sum("grey_units").add(q, row.units, region);
      if (is(row, Decision::kGreyLotSeized)) sum("grey_seized").add(q, row.units, region);
      if (is(row, EventKind::kHubDelivery)) sum("grey_bought").add(q, row.units, region);
    }
    CHECK(reckonings.size() == (spec.noise ? 21 : 18));
    for (const auto& of_series : reckonings) {
      CAPTURE(of_series.first);
      CAPTURE(replica);
      CHECK(of_series.second.total() > 0);  // otherwise it would say nothing
      CHECK(of_series.second.equals_record());
    }
  }
}

TEST_CASE("an option's utility is the sum of its parts, and probabilities of a choice sum to 1") {
  for (const bool has_duty : {false, true}) {
    WorldSpec spec = has_duty ? busy_world() : small_world();
    if (!has_duty) spec.policies = {instrument(Ban{}), instrument(Guidance{})};
    spec.demand.switching_cost = 0.7;
    spec.demand.delay_cost_per_month = 0.1;
    spec.demand.refusal_cost = 0.5;
    spec.demand.price_curvature = 0.3;
    spec.buyers[0].own_vendor = kDomesticVendor;
    spec.buyers[0].grey_aversion = 0.2;
    spec.vendors[0].preference = -0.4;
    const WorldLayout layout(spec);
    KeptTrace kept;
    run_traced(spec, layout, kept);
    std::map<std::pair<std::uint64_t, std::uint32_t>, double> sums;  // by event and workload
    std::size_t options = 0;
    for (const TraceRow& row : kept.rows()) {
      if (!is(row, Decision::kOptionWeighed)) continue;
      sums[{row.event, label(row, Label::kWorkload)}] += number(row, Number::kProbability);
      if (std::isnan(number(row, Number::kUtilityOfVendor))) continue;
      ++options;
      double parts = 0;
      for (auto part = static_cast<std::size_t>(Number::kUtilityOfPrice);
           part <= static_cast<std::size_t>(Number::kUtilityOfRisk); ++part) {
        parts += row.numbers[part];
      }
      CHECK(parts == doctest::Approx(number(row, Number::kUtility)).epsilon(1e-6));
    }
    CHECK(options > 100);
    for (const auto& [choice, sum] : sums) CHECK(sum == doctest::Approx(1).epsilon(1e-9));
  }
}

TEST_CASE("a paper's number is never used twice, though its slot is") {
  const WorldSpec spec = busy_world();
  const WorldLayout layout(spec);
  KeptTrace kept;
  run_traced(spec, layout, kept);
  std::set<std::uint32_t> placed;
  std::map<std::uint32_t, std::uint32_t> chip_of_order;
  for (const TraceRow& row : kept.rows()) {
    if (is(row, EventKind::kOrderPlaced)) CHECK(placed.insert(row.subject).second);
    if (row.subject_kind != static_cast<std::uint8_t>(Subject::kOrder)) continue;
    const auto [place, is_new] = chip_of_order.emplace(row.subject, label(row, Label::kChip));
    CHECK(place->second == label(row, Label::kChip));
  }
  CHECK(placed.size() > 50);
}

TEST_CASE("a trace allocates no more for many events than for few: its rows are used again") {
  const auto beyond_untraced = [](const char* until) {
    WorldSpec spec = busy_world();
    spec.until = date(until);
    const WorldLayout layout(spec);
    NoSink sink;
    Trace trace(spec, sink);
    World plain(spec, layout, StreamFactory{1, 0});
    std::size_t before = allocations();
    plain.run();
    const std::size_t untraced = allocations() - before;
    World traced(spec, layout, StreamFactory{1, 0});
    traced.trace_to(&trace);
    before = allocations();
    traced.run();
    const std::size_t more = allocations() - before - untraced;
    CHECK(sink.count > plain.context().events.counters().popped);
    return more;
  };
  const std::size_t year = beyond_untraced("2027-01-01");
  const std::size_t two_years = beyond_untraced("2028-01-01");
  CHECK(two_years <= year + 20);  // tables of paper numbers double now and then
}

TEST_CASE("the time of a traced replica is told against that of one without a trace") {
  const WorldSpec spec = busy_world();
  const WorldLayout layout(spec);
  const auto best_of = [&](const auto& run) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      run();
      best = std::min(
          best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  };
  const double off = best_of([&] { run_world(spec, layout); });
  NoSink sink;
  const double on = best_of([&] { run_traced(spec, layout, sink); });
  MESSAGE("a traced replica takes ", on / off, " times as long, rows thrown away");
  CHECK(sink.count > 0);
}
