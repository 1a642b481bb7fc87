#include "engine/kernel/replica_runner.hpp"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

namespace {

RecordLayout layout_of_one_series() {
  RecordLayout layout(parse_iso_date("2026-01-01").value(), parse_iso_date("2026-07-01").value());
  const AxisId axis = layout.add_axis({"buyer", "Buyer", {"a", "b"}});
  layout.add_series({"x", {axis}, ValueType::kReal, Aggregation::kSumOverQuarter, "1", "X", "X."});
  return layout;
}

class Worker : public ReplicaWorker {
 public:
  Worker(const RecordLayout& layout, std::uint32_t failing) : record_(layout), failing_(failing) {}
  const Record& run(std::uint32_t replica) override {
    record_.clear();
    if (replica == failing_) throw std::runtime_error("broke on purpose");
    Stream stream(1, replica, 0, 0);
    for (std::size_t i = 0; i < 2; ++i) record_.set_real(SeriesId{0}, draw_normal(stream), i);
    return record_;
  }

 private:
  Record record_;
  std::uint32_t failing_;
};

struct Result {
  RunOutcome outcome;
  std::map<std::uint32_t, double> values;
};

Result run(std::uint32_t replicas, int threads, std::uint32_t failing = UINT32_MAX,
           std::uint32_t stop_after = UINT32_MAX) {
  const RecordLayout layout = layout_of_one_series();
  Result result;
  std::atomic<bool> stop{false};
  result.outcome = run_replicas(
      {1, first_replicas(replicas), threads}, [&] { return std::make_unique<Worker>(layout, failing); },
      [&](std::uint32_t replica, const Record& record) {
        result.values[replica] = record.real(SeriesId{0}, 0, 1);
        if (result.values.size() >= stop_after) stop = true;
      },
      [](const ReplicaFailure&) {}, stop);
  return result;
}

}  // namespace

TEST_CASE("results do not depend on the number of threads") {
  const Result one = run(100, 1);
  CHECK(one.values.size() == 100);
  CHECK(one.outcome.started == 100);
  CHECK(run(100, 2).values == one.values);
  CHECK(run(100, 5).values == one.values);
}

TEST_CASE("a replica that fails is reported with its number and seed, and loses no other") {
  const Result result = run(20, 2, 7);
  REQUIRE(result.outcome.failures.size() == 1);
  CHECK(result.outcome.failures[0].replica == 7);
  CHECK(result.outcome.failures[0].seed == 1);
  CHECK(result.outcome.failures[0].message == "broke on purpose");
  CHECK(result.values.size() == 19);
  CHECK_FALSE(result.outcome.was_interrupted);
}

TEST_CASE("after a stop the replicas that ran are the first ones") {
  const Result result = run(1000, 3, UINT32_MAX, 10);
  CHECK(result.outcome.was_interrupted);
  CHECK(result.outcome.started < 1000);
  CHECK(result.values.size() == result.outcome.started);
  CHECK(result.values.rbegin()->first == result.outcome.started - 1);
}

TEST_CASE("when the results cannot be taken, the run ends with that error") {
  const RecordLayout layout = layout_of_one_series();
  const std::atomic<bool> stop{false};
  CHECK_THROWS_WITH(run_replicas(
                        {1, first_replicas(50), 2}, [&] { return std::make_unique<Worker>(layout, UINT32_MAX); },
                        [](std::uint32_t, const Record&) { throw std::runtime_error("disk full"); },
                        [](const ReplicaFailure&) {}, stop),
                    "disk full");
}

TEST_CASE("a record keeps the cells of a quarter together, series after series") {
  RecordLayout layout(parse_iso_date("2025-11-15").value(), parse_iso_date("2026-07-01").value());
  CHECK(layout.quarters() == 3);
  CHECK(quarter_name(layout.first_quarter()) == "2025Q4");
  const AxisId a = layout.add_axis({"a", "A", {"x", "y"}});
  const AxisId b = layout.add_axis({"b", "B", {"p", "q", "r"}});
  const auto add = [&](const char* name, std::vector<AxisId> axes) {
    return layout.add_series({name, std::move(axes), ValueType::kInteger,
                              Aggregation::kSumOverQuarter, "1", name, name});
  };
  const SeriesId plain = add("plain", {});
  const SeriesId cross = add("cross", {a, b});
  CHECK(layout.integers() == 3 + 3 * 6);
  Record record(layout);
  record.open_quarter(2);
  record.add(cross, 5, 1, 2);
  record.add(cross, 2, 1, 2);
  record.set(plain, 9);
  CHECK(record.integer(cross, 2, 1, 2) == 7);
  CHECK(record.integers(cross)[2 * 6 + 1 * 3 + 2] == 7);
  CHECK(record.integers(plain)[2] == 9);
  CHECK(record.integer(cross, 1, 1, 2) == 0);
  CHECK(layout.find("cross").value == cross.value);
  CHECK_THROWS_AS((void)layout.find("missing"), std::out_of_range);
}
