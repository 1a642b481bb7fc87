#include "cli/run_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "cli/exit_status.hpp"
#include "cli/run_limits.hpp"
#include "cli/run_report.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "scenarios/loader.hpp"

namespace tollgate {
namespace {

/// The intervals of --until-ci are those of independent replicas.
void require_independent_replicas(const Scenario& scenario) {
  if (scenario.world.sampling == SamplingDesign::kPlain) return;
  refuse("--until-ci",
         "needs replicas that are drawn independently: run.sampling = \"plain\", not "
         "\"lhs\" or \"sobol\", whose replicas belong together");
}

/// What an earlier attempt has left in the file.
struct Saved {
  std::uint64_t events = 0;
  std::size_t failed = 0;
};

Saved read_saved(EnsembleWriter& writer, Headline& headline) {
  Saved saved;
  writer.for_each_saved(
      [&](std::uint32_t replica, const Record& record) {
        headline.add(replica, record);
        saved.events += record.events;
      },
      [&](const ReplicaFailure&) { ++saved.failed; });
  return saved;
}

/// Where replicas go that are done: to the file, to the headline and, once no kill can take them
/// away any more, to the line of progress. Called by several threads at a time.
class Collector {
 public:
  Collector(EnsembleWriter& writer, Headline& headline, std::size_t missing, bool is_quiet)
      : writer_(writer),
        headline_(headline),
        progress_(missing, is_quiet),
        reported_(writer.saved()) {}

  void add(std::uint32_t replica, const Record& record) {
    writer_.add(replica, record);
    headline_.add(replica, record);
    events_ += record.events;
    report();
  }

  void fail(const ReplicaFailure& failure, const RunOptions& options) {
    writer_.fail(failure);
    progress_.finish();
    spdlog::error("replica {} (seed {}) failed: {}; to see it again: {}", failure.replica,
                  failure.seed, failure.message, rerun_command(options, failure));
    report();
  }

  void finish() {
    progress_.finish();
    writer_.finish();
  }

  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void report() {
    const std::lock_guard lock(reporting_);
    for (const std::uint64_t saved = writer_.saved(); reported_ < saved; ++reported_) {
      progress_.advance();
    }
  }

  EnsembleWriter& writer_;
  Headline& headline_;
  Progress progress_;
  std::mutex reporting_;
  std::uint64_t reported_;
  std::atomic<std::uint64_t> events_ = 0;
};

/// Runs what the file has not got; everything in the report but seconds.
RunReport run(const Scenario& scenario, const RunOptions& options, RunPlan plan) {
  const std::uint32_t replicas = scenario.world.replicas;
  const WorldLayout layout(scenario.world);
  Headline headline(layout.record(), subject_of(scenario.world));
  const PrecisionGoals goals(options.until_ci, headline, replicas);
  if (goals.is_any()) {
    require_independent_replicas(scenario);
    plan.looks = goals.looks().counts;
    plan.is_enough = [&goals](std::uint32_t end) { return goals.are_met(end); };
  }
  RunReport report;
  report.scenario = &scenario;
  report.output = options.output.empty() ? scenario.name + ".h5" : options.output;

  const StopOnSignal stopper;  // before there is a file that tells that the run has begun
  EnsembleWriter writer(report.output, layout.record(), replicas, metadata_of(scenario, options),
                        parameters_of(scenario), options.is_overwriting,
                        {.is_resuming = options.is_resuming});
  plan.seed = scenario.world.seed;
  plan.threads = options.threads;
  plan.replicas = writer.missing();
  const Saved saved = read_saved(writer, headline);
  Collector collector(writer, headline, plan.replicas.size(), options.is_quiet);
  const Frozen frozen = frozen_of(options);
  report.outcome = run_replicas(
      plan, [&] { return std::make_unique<ScenarioWorker>(scenario, layout, plan.seed, frozen); },
      [&](std::uint32_t replica, const Record& record) { collector.add(replica, record); },
      [&](const ReplicaFailure& failure) { collector.fail(failure, options); },
      stopper.requested());
  collector.finish();

  report.resumed = replicas - plan.replicas.size();
  report.failed = saved.failed + report.outcome.failures.size();
  report.complete = report.resumed + report.outcome.started - report.failed;
  report.events = saved.events + collector.events();
  report.rows = headline.rows();
  report.goals = goals.standings(replicas);
  report.looks = goals.looks();
  return report;
}

}  // namespace

int run_command(const RunOptions& options) {
  const RunClock::time_point begin = RunClock::now();
  RunPlan plan;
  if (options.time_limit) plan.deadline = begin + parse_time_limit(*options.time_limit);
  const Scenario scenario = load_scenario(options.scenario, overrides_of(options));
  RunReport report = run(scenario, options, std::move(plan));
  report.seconds = std::chrono::duration<double>(RunClock::now() - begin).count();

  if (options.is_json) {
    fmt::print("{}\n", run_json(report));
  } else if (!options.is_quiet) {
    fmt::print("{}", run_table(report));
  }
  if (report.outcome.was_interrupted()) {
    spdlog::warn("{}: {} of {} replicas are in {}; --resume goes on",
                 report.outcome.end == RunEnd::kTimeLimit ? "time limit" : "interrupted",
                 report.complete + report.failed, scenario.world.replicas, report.output);
    return kInterrupted;
  }
  return report.failed == 0 ? kSuccess : kReplicasFailed;
}

}  // namespace tollgate
