#include "cli/run_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/exit_status.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/headline.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tollgate/version.hpp"

namespace tollgate {
namespace {

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
  return {std::string{kVersion}, std::string{kCommit},     options.command_line,
          scenario.name,         scenario.title,           scenario.resolved_toml,
          subject.focus_region,  subject.reference_region, scenario.world.seed};
}

/// Over all replicas in the file, also those that an earlier attempt has run.
struct Tally {
  std::size_t complete = 0;
  std::size_t failed = 0;
  std::size_t resumed = 0;  ///< of these, there already
  std::uint64_t events = 0;
  double seconds = 0;
};

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
  json["interrupted"] = outcome.was_interrupted;
  json["output"] = path;
  json["events"] = tally.events;
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
             scenario.world.seed, headline_table(rows), tally.events, tally.seconds, path);
}

}  // namespace

int run_command(const RunOptions& options) {
  const Scenario scenario = load_scenario(options.scenario, overrides_of(options));
  const WorldLayout layout(scenario.world);
  const std::string path = options.output.empty() ? scenario.name + ".h5" : options.output;
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : scenario.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }

  const std::uint32_t replicas = scenario.world.replicas;
  EnsembleWriter writer(path, layout.record(), replicas, metadata_of(scenario, options), parameters,
                        options.is_overwriting, {.is_resuming = options.is_resuming});
  const std::vector<std::uint32_t> missing = writer.missing();
  Headline headline(layout.record(), subject_of(scenario.world));
  Tally tally;
  tally.resumed = replicas - missing.size();
  writer.for_each_saved(
      [&](std::uint32_t replica, const Record& record) {
        headline.add(replica, record);
        tally.events += record.events;
      },
      [&](const ReplicaFailure&) { ++tally.failed; });
  Progress progress(static_cast<std::uint32_t>(missing.size()), options.is_quiet);
  // Reported is what no kill can take away any more.
  std::uint32_t reported = writer.saved();
  const auto report = [&] {
    for (const std::uint32_t saved = writer.saved(); reported < saved; ++reported) {
      progress.advance();
    }
  };
  const auto start = std::chrono::steady_clock::now();
  const StopOnSignal stopper;
  const RunOutcome outcome = run_replicas(
      {scenario.world.seed, missing, options.threads},
      [&] { return std::make_unique<ScenarioWorker>(scenario, layout, scenario.world.seed); },
      [&](std::uint32_t replica, const Record& record) {
        writer.add(replica, record);
        headline.add(replica, record);
        tally.events += record.events;
        report();
      },
      [&](const ReplicaFailure& failure) {
        writer.fail(failure);
        progress.finish();
        spdlog::error("replica {} (seed {}) failed: {}", failure.replica, failure.seed,
                      failure.message);
        report();
      },
      stopper.requested());
  progress.finish();
  writer.finish();
  tally.failed += outcome.failures.size();
  tally.complete = tally.resumed + outcome.started - tally.failed;
  tally.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const std::vector<HeadlineRow> rows = headline.rows();
  if (options.is_json) {
    fmt::print("{}\n", as_json(scenario, path, outcome, tally, rows).dump(2));
  } else if (!options.is_quiet) {
    print_table(scenario, path, tally, rows);
  }
  if (outcome.was_interrupted) {
    spdlog::warn("interrupted: {} of {} replicas are in {}; --resume goes on",
                 tally.resumed + outcome.started, replicas, path);
    return kInterrupted;
  }
  return tally.failed == 0 ? kSuccess : kReplicasFailed;
}

}  // namespace tollgate
