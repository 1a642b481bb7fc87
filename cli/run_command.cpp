#include "cli/run_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/exit_status.hpp"
#include "cli/run_limits.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/headline.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tollgate/version.hpp"

namespace tollgate {

std::vector<std::string> overrides_of(const RunOptions& options) {
  std::vector<std::string> sets = options.sets;
  if (options.until) sets.push_back("run.until=" + *options.until);
  if (options.replicas) sets.push_back(fmt::format("run.replicas={}", *options.replicas));
  if (options.seed) sets.push_back(fmt::format("run.seed={}", *options.seed));
  return sets;
}

HeadlineSubject subject_of(const WorldSpec& world) {
  HeadlineSubject subject;
  subject.focus_region = world.regions[world.focus_region.index()].id;
  subject.reference_region = world.regions[world.reference_region.index()].id;
  for (const ChipSpec& chip : world.chips) {
    subject.is_domestic_chip.push_back(world.vendors[chip.vendor.index()].headquarters ==
                                       world.focus_region);
  }
  return subject;
}

EnsembleMetadata metadata_of(const Scenario& scenario, const RunOptions& options) {
  const HeadlineSubject subject = subject_of(scenario.world);
  EnsembleMetadata metadata{std::string{kVersion}, std::string{kCommit},     options.command_line,
                            scenario.name,         scenario.title,           scenario.resolved_toml,
                            subject.focus_region,  subject.reference_region, scenario.world.seed};
  metadata.sampling = kSamplingDesignNames[static_cast<std::size_t>(scenario.world.sampling)];
  metadata.frozen = options.frozen;
  return metadata;
}

std::vector<ParameterLabel> parameters_of(const Scenario& scenario) {
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : scenario.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }
  return parameters;
}

Frozen frozen_of(const RunOptions& options) {
  const auto found = std::ranges::find(kFrozenNames, options.frozen);
  return static_cast<Frozen>(found - kFrozenNames.begin());
}

namespace {

/// The intervals of --until-ci are those of independent replicas.
void require_independent_replicas(const Scenario& scenario) {
  if (scenario.world.sampling == SamplingDesign::kPlain) return;
  refuse("--until-ci",
         "needs replicas that are drawn independently: run.sampling = \"plain\", not "
         "\"lhs\" or \"sobol\", whose replicas belong together");
}

/// Over all replicas in the file, also those that an earlier attempt has run.
struct Tally {
  std::size_t complete = 0;
  std::size_t failed = 0;
  std::size_t resumed = 0;  ///< of these, there already
  std::atomic<std::uint64_t> events = 0;
  double seconds = 0;
};

const char* name_of(RunEnd end) {
  switch (end) {
    case RunEnd::kStopped:
      return "signal";
    case RunEnd::kTimeLimit:
      return "time_limit";
    case RunEnd::kEnough:
      return "until_ci";
    case RunEnd::kComplete:
      break;
  }
  return "complete";
}

/// What to type to see a replica fail again.
std::string rerun_command(const RunOptions& options, const ReplicaFailure& failure) {
  std::string command = "tollgate run " + options.scenario;
  for (const std::string& set : options.sets) command += fmt::format(" --set '{}'", set);
  if (options.until) command += " --until " + *options.until;
  if (options.replicas) command += fmt::format(" --replicas {}", *options.replicas);
  if (options.frozen != "nothing") command += " --freeze " + options.frozen;
  return command + fmt::format(" --seed {} --replica {}", failure.seed, failure.replica);
}

nlohmann::ordered_json as_json(const std::vector<PrecisionGoals::Standing>& standings,
                               const LookSchedule& looks) {
  // JSON has no infinity: the end of an interval that is not known is null.
  const auto number = [](double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json json;
  json["estimand"] = "median";
  json["confidence"] = 0.95;
  json["looks"] = looks.counts;
  json["error_per_look"] = looks.error;
  json["rows"] = nlohmann::ordered_json::array();
  for (const PrecisionGoals::Standing& standing : standings) {
    json["rows"].push_back({{"name", standing.goal.name},
                            {"half_width_asked", standing.goal.half_width},
                            {"half_width", number(standing.interval.half_width())},
                            {"low", number(standing.interval.low)},
                            {"high", number(standing.interval.high)},
                            {"replicas", standing.values},
                            {"is_met", standing.is_met()}});
  }
  return json;
}

std::string goals_text(const std::vector<PrecisionGoals::Standing>& standings) {
  std::string text;
  for (const PrecisionGoals::Standing& standing : standings) {
    text += fmt::format(
        "median of {}: {} to {} (95%), half width {}, asked {}: {}\n", standing.goal.name,
        three_digits(standing.interval.low), three_digits(standing.interval.high),
        three_digits(standing.interval.half_width()), three_digits(standing.goal.half_width),
        standing.is_met() ? "met" : "not met");
  }
  return text;
}

nlohmann::ordered_json as_json(const Scenario& scenario, const std::string& path,
                               const RunOutcome& outcome, const Tally& tally,
                               const std::vector<HeadlineRow>& rows) {
  nlohmann::ordered_json json;
  json["scenario"] = scenario.name;
  json["title"] = scenario.title;
  json["seed"] = scenario.world.seed;
  json["start"] = iso_date(scenario.world.start);
  json["until"] = iso_date(scenario.world.until);
  json["replicas"] = tally.complete;
  json["failed"] = tally.failed;
  json["resumed"] = tally.resumed;
  json["interrupted"] = outcome.was_interrupted();
  json["ended_by"] = name_of(outcome.end);
  json["output"] = path;
  json["events"] = tally.events.load();
  json["seconds"] = tally.seconds;
  json["headline"] = nlohmann::ordered_json::array();
  for (const HeadlineRow& row : rows) {
    json["headline"].push_back({{"name", row.name},
                                {"group", row.group},
                                {"unit", row.unit},
                                {"median", row.median},
                                {"p05", row.p05},
                                {"p95", row.p95},
                                {"replicas", row.replicas}});
  }
  return json;
}

void print_table(const Scenario& scenario, const std::string& path, const Tally& tally,
                 const std::vector<HeadlineRow>& rows) {
  fmt::print("{}\n{} to {}, {} replicas, seed {}\n\n{}\n{} events in {:.2f} s. Written to {}\n",
             scenario.title.empty() ? scenario.name : scenario.title,
             iso_date(scenario.world.start), iso_date(scenario.world.until), tally.complete,
             scenario.world.seed, headline_table(rows), tally.events.load(), tally.seconds, path);
}

}  // namespace

int run_command(const RunOptions& options) {
  const RunClock::time_point begin = RunClock::now();
  RunPlan plan;
  if (options.time_limit) plan.deadline = begin + parse_time_limit(*options.time_limit);
  const Scenario scenario = load_scenario(options.scenario, overrides_of(options));
  const WorldLayout layout(scenario.world);
  const std::string path = options.output.empty() ? scenario.name + ".h5" : options.output;
  const std::uint32_t replicas = scenario.world.replicas;
  Headline headline(layout.record(), subject_of(scenario.world));
  const PrecisionGoals goals(options.until_ci, headline, replicas);
  plan.seed = scenario.world.seed;
  plan.threads = options.threads;
  if (goals.is_any()) {
    require_independent_replicas(scenario);
    plan.looks = goals.looks().counts;
    plan.is_enough = [&goals](std::uint32_t end) { return goals.are_met(end); };
  }
  const StopOnSignal stopper;  // before there is a file that tells that the run has begun
  EnsembleWriter writer(path, layout.record(), replicas, metadata_of(scenario, options),
                        parameters_of(scenario), options.is_overwriting,
                        {.is_resuming = options.is_resuming});
  plan.replicas = writer.missing();
  Tally tally;
  tally.resumed = replicas - plan.replicas.size();
  writer.for_each_saved(
      [&](std::uint32_t replica, const Record& record) {
        headline.add(replica, record);
        tally.events += record.events;
      },
      [&](const ReplicaFailure&) { ++tally.failed; });
  Progress progress(static_cast<std::uint32_t>(plan.replicas.size()), options.is_quiet);
  // Reported is what no kill can take away any more.
  std::mutex reporting;
  std::uint64_t reported = writer.saved();
  const auto report = [&] {
    const std::lock_guard lock(reporting);
    for (const std::uint64_t saved = writer.saved(); reported < saved; ++reported) {
      progress.advance();
    }
  };
  const RunOutcome outcome = run_replicas(
      plan,
      [&] {
        return std::make_unique<ScenarioWorker>(scenario, layout, scenario.world.seed,
                                                frozen_of(options));
      },
      [&](std::uint32_t replica, const Record& record) {
        writer.add(replica, record);
        headline.add(replica, record);
        tally.events += record.events;
        report();
      },
      [&](const ReplicaFailure& failure) {
        writer.fail(failure);
        progress.finish();
        spdlog::error("replica {} (seed {}) failed: {}; to see it again: {}", failure.replica,
                      failure.seed, failure.message, rerun_command(options, failure));
        report();
      },
      stopper.requested());
  progress.finish();
  writer.finish();
  tally.failed += outcome.failures.size();
  tally.complete = tally.resumed + outcome.started - tally.failed;
  tally.seconds = std::chrono::duration<double>(RunClock::now() - begin).count();

  const std::vector<HeadlineRow> rows = headline.rows();
  const std::vector<PrecisionGoals::Standing> standings = goals.standings(replicas);
  if (options.is_json) {
    nlohmann::ordered_json json = as_json(scenario, path, outcome, tally, rows);
    if (goals.is_any()) json["until_ci"] = as_json(standings, goals.looks());
    fmt::print("{}\n", json.dump(2));
  } else if (!options.is_quiet) {
    print_table(scenario, path, tally, rows);
    fmt::print("{}", goals_text(standings));
  }
  if (outcome.was_interrupted()) {
    spdlog::warn("{}: {} of {} replicas are in {}; --resume goes on",
                 outcome.end == RunEnd::kTimeLimit ? "time limit" : "interrupted",
                 tally.resumed + outcome.started, replicas, path);
    return kInterrupted;
  }
  return tally.failed == 0 ? kSuccess : kReplicasFailed;
}

}  // namespace tollgate
