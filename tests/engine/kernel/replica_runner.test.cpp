#include "engine/kernel/replica_runner.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

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

using OnDelivery = std::function<void(std::size_t, std::atomic<bool>&)>;

/// Runs a plan and keeps a value of each replica; `on_delivery` is told how many there are.
Result run(
    const RunPlan& plan, std::uint32_t failing = UINT32_MAX,
    const OnDelivery& on_delivery = [](std::size_t, std::atomic<bool>&) {}) {
  const RecordLayout layout = layout_of_one_series();
  Result result;
  std::atomic<bool> stop{false};
  std::mutex guard;
  result.outcome = run_replicas(
      plan, [&] { return std::make_unique<Worker>(layout, failing); },
      [&](std::uint32_t replica, const Record& record) {
        const std::lock_guard lock(guard);
        result.values[replica] = record.real(SeriesId{0}, 0, 1);
        on_delivery(result.values.size(), stop);
      },
      [](const ReplicaFailure&) {}, stop);
  return result;
}

RunPlan plan_of(std::uint32_t replicas, int threads) {
  RunPlan plan;
  plan.replicas = first_replicas(replicas);
  plan.threads = threads;
  return plan;
}

/// Looks at these numbers and stops at `enough`.
RunPlan plan_with_looks(int threads, std::vector<std::uint32_t> looks, std::uint32_t enough,
                        std::vector<std::uint32_t>& asked) {
  RunPlan plan = plan_of(1000, threads);
  plan.looks = std::move(looks);
  plan.is_enough = [enough, &asked](std::uint32_t number) {
    asked.push_back(number);
    return number >= enough;
  };
  return plan;
}

}  // namespace

TEST_CASE("results depend neither on the number of threads nor on the order of replicas") {
  const Result one = run(plan_of(100, 1));
  CHECK(one.values.size() == 100);
  CHECK(one.outcome.started == 100);
  CHECK(one.outcome.end == RunEnd::kComplete);
  CHECK(run(plan_of(100, 2)).values == one.values);
  CHECK(run(plan_of(100, 5)).values == one.values);
  RunPlan permuted = plan_of(100, 3);
  for (std::uint32_t i = 0; i < 100; ++i) permuted.replicas[i] = i * 37 % 100;
  CHECK(run(permuted).values == one.values);
}

TEST_CASE("only the replicas of the plan run, and alone they are what they are among others") {
  const Result all = run(plan_of(100, 2));
  RunPlan some = plan_of(0, 2);
  some.replicas = {3, 50, 97};
  const Result result = run(some);
  CHECK(result.outcome.started == 3);
  REQUIRE(result.values.size() == 3);
  for (const auto& [replica, value] : result.values) CHECK(value == all.values.at(replica));
  CHECK(run(plan_of(0, 2)).values.empty());
}

TEST_CASE("while one thread is busy with a long replica, the others do all the rest") {
  const RecordLayout layout = layout_of_one_series();
  constexpr std::uint32_t kReplicas = 500;
  std::atomic<std::uint32_t> done{0};
  /// Replica 0 takes until all others are done.
  class LongFirst : public Worker {
   public:
    LongFirst(const RecordLayout& record_layout, const std::atomic<std::uint32_t>& finished)
        : Worker(record_layout, UINT32_MAX), finished_(finished) {}
    const Record& run(std::uint32_t replica) override {
      while (replica == 0 && finished_ < kReplicas - 1) std::this_thread::yield();
      return Worker::run(replica);
    }

   private:
    const std::atomic<std::uint32_t>& finished_;
  };
  const std::atomic<bool> stop{false};
  const RunOutcome outcome = run_replicas(
      plan_of(kReplicas, 2), [&] { return std::make_unique<LongFirst>(layout, done); },
      [&](std::uint32_t, const Record&) { ++done; }, [](const ReplicaFailure&) {}, stop);
  CHECK(done == kReplicas);
  CHECK(outcome.started == kReplicas);
}

TEST_CASE("results are delivered from several threads at a time") {
  const RecordLayout layout = layout_of_one_series();
  const std::atomic<bool> stop{false};
  std::atomic<int> inside{0};
  // Each of the two deliveries waits for the other one.
  run_replicas(
      plan_of(2, 2), [&] { return std::make_unique<Worker>(layout, UINT32_MAX); },
      [&](std::uint32_t, const Record&) {
        ++inside;
        while (inside < 2) std::this_thread::yield();
      },
      [](const ReplicaFailure&) {}, stop);
  CHECK(inside == 2);
}

TEST_CASE("a replica that fails is reported with its number and seed, and loses no other") {
  const Result result = run(plan_of(20, 2), 7);
  REQUIRE(result.outcome.failures.size() == 1);
  CHECK(result.outcome.failures[0].replica == 7);
  CHECK(result.outcome.failures[0].seed == 1);
  CHECK(result.outcome.failures[0].message == "broke on purpose");
  CHECK(result.values.size() == 19);
  CHECK(result.outcome.end == RunEnd::kComplete);
}

TEST_CASE("after a stop the replicas that ran are the first ones") {
  const Result result = run(plan_of(1000, 3), UINT32_MAX, [](std::size_t done, auto& stop) {
    if (done >= 10) stop = true;
  });
  CHECK(result.outcome.end == RunEnd::kStopped);
  CHECK(result.outcome.was_interrupted());
  CHECK(result.outcome.started < 1000);
  CHECK(result.values.size() == result.outcome.started);
  CHECK(result.values.rbegin()->first == result.outcome.started - 1);
}

TEST_CASE("a deadline keeps what is done and begins nothing that would end after it") {
  RunPlan plan = plan_of(1000, 2);
  plan.deadline = RunClock::now() + std::chrono::milliseconds(300);
  const Result result = run(plan, UINT32_MAX, [](std::size_t, auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  CHECK(result.outcome.end == RunEnd::kTimeLimit);
  CHECK(result.outcome.was_interrupted());
  // Each takes 50 ms at least: in 300 ms 2 threads begin 12, and 2 before the first one is done.
  CHECK(result.outcome.started >= 1);
  CHECK(result.outcome.started <= 14);
  CHECK(result.values.size() == result.outcome.started);

  plan.deadline = RunClock::now() - std::chrono::milliseconds(1);
  CHECK(run(plan).outcome.started == 0);
}

TEST_CASE("a run that is enough at a look ends there, with the same replicas on all threads") {
  for (const int threads : {1, 2, 5}) {
    CAPTURE(threads);
    std::vector<std::uint32_t> asked;
    const Result result = run(plan_with_looks(threads, {20, 30, 45, 1000}, 30, asked));
    CHECK(asked == std::vector<std::uint32_t>{20, 30});
    CHECK(result.outcome.end == RunEnd::kEnough);
    CHECK_FALSE(result.outcome.was_interrupted());
    CHECK(result.outcome.started == 30);
    CHECK(result.values.size() == 30);
    CHECK(result.values.rbegin()->first == 29);
  }
}

TEST_CASE("a look waits for all replicas before it and none after it") {
  std::vector<std::uint32_t> asked;
  std::vector<std::size_t> done_at;
  RunPlan plan = plan_with_looks(3, {10, 40}, 1000, asked);
  std::atomic<std::size_t> done{0};
  const auto ask = plan.is_enough;
  plan.is_enough = [&](std::uint32_t number) {
    done_at.push_back(done);
    return ask(number);
  };
  plan.replicas.erase(plan.replicas.begin(), plan.replicas.begin() + 5);  // 5 .. 999
  const Result result = run(plan, 12, [&](std::size_t delivered, auto&) { done = delivered; });
  CHECK(asked == std::vector<std::uint32_t>{10, 40});
  CHECK(done_at == std::vector<std::size_t>{5, 34});  // of 5 .. 39 one has failed
  CHECK(result.outcome.end == RunEnd::kComplete);
  CHECK(result.outcome.started == 995);
}

TEST_CASE("when the results cannot be taken, the run ends with that error") {
  const RecordLayout layout = layout_of_one_series();
  const std::atomic<bool> stop{false};
  std::atomic<int> delivered{0};
  CHECK_THROWS_WITH(
      run_replicas(
          plan_of(50, 2), [&] { return std::make_unique<Worker>(layout, UINT32_MAX); },
          [&](std::uint32_t, const Record&) {
            ++delivered;
            throw std::runtime_error("disk full");
          },
          [](const ReplicaFailure&) {}, stop),
      "disk full");
  CHECK(delivered <= 2);
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
