#include "cli/replay_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/exit_status.hpp"
#include "output/trace.hpp"
#include "output/writer.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/scenario_worker.hpp"

namespace tollgate {
namespace {

SimTime date_of_option(const char* option, const std::string& text) {
  if (const auto date = parse_iso_date(text)) return *date;
  refuse(fmt::format("{} {}", option, text), "not a date; dates are written as 2026-09-30");
}

TraceFilter filter_of(const TraceOptions& options, const TraceLayout& layout) {
  TraceFilter filter{options.agents, options.chips, options.kinds, std::nullopt, std::nullopt};
  if (!options.from.empty()) filter.from = date_of_option("--trace-from", options.from);
  if (!options.until.empty()) filter.until = date_of_option("--trace-until", options.until);
  std::vector<Diagnostic> diagnostics;
  for (const UnknownTraceName& unknown : unknown_names(filter, layout)) {
    Diagnostic& unknown_name = diagnostics.emplace_back();
    unknown_name.place.file = fmt::format("--trace-{} {}", unknown.option, unknown.name);
    unknown_name.message = fmt::format("the scenario's trace knows no {} '{}'{}", unknown.option,
                                       unknown.name, suggestion(unknown.name, unknown.known));
  }
  if (!diagnostics.empty()) throw ScenarioError(std::move(diagnostics));
  return filter;
}

/// The trace on its way to a file.
struct TraceRun {
  TraceLayout layout;
  std::string path;
  TraceWriter writer;
  Trace trace;

  TraceRun(const Scenario& scenario, const TraceOptions& options, std::string file, bool overwrite)
      : layout(trace_layout(scenario.world)),
        path(std::move(file)),
        writer(path, format_of(path), layout, filter_of(options, layout), overwrite),
        trace(scenario.world, writer) {}

  static TraceFormat format_of(const std::string& path) {
    if (const auto format = trace_format(path)) return *format;
    throw OutputError(
        fmt::format("'{}': name the trace .csv for a table or .jsonl for JSON Lines", path));
  }
};

std::unique_ptr<TraceRun> open_trace(const Scenario& scenario, std::uint32_t replica,
                                     const TraceOptions& options, bool overwrite) {
  if (!options.is_wanted) return nullptr;
  const std::string path =
      options.path.empty() ? fmt::format("{}-{}.trace.csv", scenario.name, replica) : options.path;
  return std::make_unique<TraceRun>(scenario, options, path, overwrite);
}

std::unique_ptr<EnsembleWriter> open_results(const Scenario& scenario, const WorldLayout& layout,
                                             std::uint32_t replica, const RunOptions& options) {
  if (options.output.empty()) return nullptr;
  EnsembleMetadata metadata = metadata_of(scenario, options);
  metadata.first_replica = replica;
  return std::make_unique<EnsembleWriter>(options.output, layout.record(), 1, metadata,
                                          parameters_of(scenario), options.is_overwriting);
}

void print_json(const Scenario& scenario, std::uint32_t replica, const RunOptions& options,
                const TraceRun* trace, const Record& record, double seconds,
                const std::vector<HeadlineRow>& rows) {
  nlohmann::ordered_json json;
  json["scenario"] = scenario.name;
  json["title"] = scenario.title;
  json["seed"] = scenario.world.seed;
  json["replica"] = replica;
  json["start"] = iso_date(scenario.world.start);
  json["until"] = iso_date(scenario.world.until);
  json["events"] = record.events;
  json["seconds"] = seconds;
  if (!options.output.empty()) json["output"] = options.output;
  if (trace != nullptr) {
    json["trace"] = trace->path;
    json["trace_rows"] = trace->writer.rows();
  }
  json["headline"] = nlohmann::ordered_json::array();
  for (const HeadlineRow& row : rows) {
    json["headline"].push_back(
        {{"name", row.name}, {"group", row.group}, {"unit", row.unit}, {"value", row.median}});
  }
  fmt::print("{}\n", json.dump(2));
}

void print_table(const Scenario& scenario, std::uint32_t replica, const RunOptions& options,
                 const TraceRun* trace, const Record& record, double seconds,
                 const std::vector<HeadlineRow>& rows) {
  fmt::print("{}\n{} to {}, replica {}, seed {}\n\n{}\n{} events in {:.2f} s.\n",
             scenario.title.empty() ? scenario.name : scenario.title,
             iso_date(scenario.world.start), iso_date(scenario.world.until), replica,
             scenario.world.seed, replica_table(rows), record.events, seconds);
  if (!options.output.empty()) fmt::print("Results written to {}\n", options.output);
  if (trace != nullptr) {
    fmt::print("Trace of {} rows written to {}\n", trace->writer.rows(), trace->path);
  }
}

}  // namespace

// One worker does what each of an ensemble's does, so that the bits are theirs.
int replay_command(const RunOptions& options, std::uint32_t replica,
                   const TraceOptions& trace_options) {
  const Scenario scenario = load_scenario(options.scenario, overrides_of(options));
  require_replica(scenario.world, replica, "--replica");
  const WorldLayout layout(scenario.world);
  const auto results = open_results(scenario, layout, replica, options);
  const auto trace = open_trace(scenario, replica, trace_options, options.is_overwriting);
  ScenarioWorker worker(scenario, layout, scenario.world.seed, frozen_of(options));
  if (trace) worker.trace_to(&trace->trace);

  const auto start = std::chrono::steady_clock::now();
  const Record* record = nullptr;
  try {
    record = &worker.run(replica);
  } catch (const OutputError&) {
    throw;  // the trace cannot be written
  } catch (const std::exception& error) {
    spdlog::error("replica {} (seed {}) failed: {}", replica, scenario.world.seed, error.what());
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (trace) {
    trace->trace.end();  // of a replica that failed: the event that did it
    trace->writer.finish();
    if (trace->writer.rows() == 0) spdlog::warn("no row of the trace meets the filter");
  }
  if (record == nullptr) return kReplicasFailed;
  if (results) {
    results->add(0, *record);
    results->finish();
  }
  Headline headline(layout.record(), subject_of(scenario.world));
  headline.add(replica, *record);
  const std::vector<HeadlineRow> rows = headline.rows();
  if (options.is_json) {
    print_json(scenario, replica, options, trace.get(), *record, seconds, rows);
  } else if (!options.is_quiet) {
    print_table(scenario, replica, options, trace.get(), *record, seconds, rows);
  }
  return kSuccess;
}

}  // namespace tollgate
