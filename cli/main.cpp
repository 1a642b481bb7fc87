/// The program `tollgate`: reads the command line, calls one command, turns errors into exit
/// statuses.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/analysis_command.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_status.hpp"
#include "cli/explain_command.hpp"
#include "cli/optimise_command.hpp"
#include "cli/replay_command.hpp"
#include "cli/run_command.hpp"
#include "cli/sweep_command.hpp"
#include "output/info.hpp"
#include "output/merge.hpp"
#include "output/partial.hpp"
#include "output/sweep_status.hpp"
#include "output/writer.hpp"
#include "scenarios/contradictions.hpp"
#include "scenarios/describe.hpp"
#include "scenarios/loader.hpp"
#include "tollgate/version.hpp"

namespace {

using namespace tollgate;

int check_command(const std::string& scenario, const std::vector<std::string>& sets) {
  const Scenario loaded = load_scenario(scenario, sets);
  fmt::print("{}: valid; {} vendors, {} chips, {} buyers, {} instruments, {} uncertain numbers\n",
             loaded.name, loaded.world.vendors.size(), loaded.world.chips.size(),
             loaded.world.buyers.size(), loaded.world.policies.size(), loaded.uncertain.size());
  for (const std::string& note : idle_rules(loaded.world)) fmt::print("note: {}\n", note);
  return kSuccess;
}

struct RecoverOptions {
  std::string partial;
  std::string output;
  bool is_overwriting = false;
};

int recover_command(const RecoverOptions& options) {
  const std::uint64_t replicas = recover(options.partial, options.output, options.is_overwriting);
  fmt::print("{} replicas written to {}\n", replicas, options.output);
  return kSuccess;
}

struct StatusOptions {
  std::vector<std::string> shards;
  bool is_json = false;
};

int status_command(const StatusOptions& options) {
  const SweepStatus status = sweep_status(options.shards);
  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  fmt::print("{}", options.is_json ? status_json(status) : status_text(status, now));
  return kSuccess;
}

int merge_command(const MergeRequest& request) {
  fmt::print("{}\n", merge_shards(request).text());
  return kSuccess;
}

int list_command() {
  std::string kind;
  for (const ShippedScenario& scenario : list_shipped()) {
    if (scenario.kind != kind) {
      kind = scenario.kind;
      fmt::print("{}\n", kind == "world" ? "Worlds" : "Policies");
    }
    fmt::print("  {:<16} {}\n", scenario.name, scenario.title);
  }
  fmt::print("Sweeps\n");
  for (const ShippedScenario& sweep : list_shipped_sweeps()) {
    fmt::print("  {:<16} {}\n", sweep.name, sweep.title);
  }
  return kSuccess;
}

void add_scenario_options(CLI::App& command, std::string& scenario,
                          std::vector<std::string>& sets) {
  command.add_option("scenario", scenario, "Name of a shipped scenario, or path of a file")
      ->required();
  command
      .add_option("--set", sets, "Override a key, e.g. --set policy.levy.rate=0.15 (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

/// Options that `run` and `optimise` share.
template <class Options>
void add_run_options(CLI::App& command, Options& options) {
  command.add_option("--replicas", options.replicas, "Number of replicas")
      ->check(count_up_to(kMostReplicas, ""));
  command.add_option("--seed", options.seed, "Seed of all randomness");
  command.add_option("--until", options.until, "First day after the run")->type_name("DATE");
  command.add_option("--threads", options.threads, "Threads; default: all cores")
      ->check(count_up_to(kMostThreads, "; without the option, all cores are used"));
  command.add_flag("--overwrite", options.is_overwriting, "Replace the file if it exists");
  command.add_flag("-q,--quiet", options.is_quiet, "No progress, no table");
}

void add_optimise_command(CLI::App& app, OptimiseOptions& options, int& status) {
  CLI::App* command = app.add_subcommand(
      "optimise", "Find the values of keys that maximise receipts or welfare, and the curve");
  add_scenario_options(*command, options.scenario, options.sets);
  command
      ->add_option("--over", options.over,
                   "A number to search over, e.g. --over policy.levy.rate=0:0.6; up to three")
      ->required()
      ->type_name("KEY=LOW:HIGH")
      ->allow_extra_args(false);
  command->add_option("--maximise", options.objective, "receipts (of levies, USD) or welfare")
      ->required()
      ->check(CLI::IsMember({"receipts", "welfare"}));
  command
      ->add_option("--weight", options.weights,
                   "Weight in welfare of receipts (1), vendor_profit (1), consumer_surplus (0), "
                   "foreign_vendor_profit (0) or foreign_consumer_surplus (0); repeatable")
      ->type_name("NAME=NUMBER")
      ->allow_extra_args(false);
  command
      ->add_option("--security-cost", options.security_cost_usd,
                   "Cost in welfare of each H100e installed in the focus region at the end, USD")
      ->type_name("USD");
  command->add_option("--curve", options.curve, "Grid points per key; default: 13, 7 or 5")
      ->check(CLI::Range(3U, 1000U));
  command->add_option("-o,--output", options.output, "CSV of all points; default: none")
      ->type_name("FILE");
  add_run_options(*command, options);
  command->add_flag("--json", options.is_json, "Print JSON instead of the table");
  command->callback([&] { status = optimise_command(options); });
}

/// Options of `run` for one replica alone.
void add_replay_options(CLI::App& command, std::optional<std::uint32_t>& replica,
                        TraceOptions& trace) {
  CLI::Option* alone = command.add_option(
      "--replica", replica, "Run this replica alone, as in the ensemble; results only with -o");
  CLI::Option* wanted = command
                            .add_option("--trace", trace.path,
                                        "Write each event of the replica and why; FILE ends in "
                                        ".csv or .jsonl; default: <scenario>-<replica>.trace.csv")
                            ->expected(0, 1)
                            ->type_name("[FILE]")
                            ->needs(alone);
  const auto filter = [&](const char* name, std::vector<std::string>& names, const char* help) {
    command.add_option(name, names, help)->type_name("ID")->allow_extra_args(false)->needs(wanted);
  };
  filter("--trace-agent", trace.agents,
         "Only rows in which it acts, buys or sells, e.g. tencent (repeatable)");
  filter("--trace-chip", trace.chips, "Only rows about the chip, e.g. h200 (repeatable)");
  filter("--trace-kind", trace.kinds,
         "Only this event, decision or reason, e.g. shipped (repeatable)");
  command.add_option("--trace-from", trace.from, "Only rows of this day and later")
      ->type_name("DATE")
      ->needs(wanted);
  command.add_option("--trace-until", trace.until, "Only rows before this day")
      ->type_name("DATE")
      ->needs(wanted);
}

int run(int argc, char** argv) {
  CLI::App app{"tollgate: what export controls on AI chips do, by agents and events"};
  app.set_version_flag("--version", fmt::format("tollgate {} ({})", kVersion, kCommit));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  int status = kSuccess;

  RunOptions options;
  options.command_line = joined(argc, argv);
  CLI::App* run_app = app.add_subcommand("run", "Run a scenario and write its results");
  add_scenario_options(*run_app, options.scenario, options.sets);
  add_run_options(*run_app, options);
  run_app->add_option("-o,--output", options.output, "File to write; default: <scenario>.h5")
      ->type_name("FILE");
  run_app
      ->add_flag("--resume", options.is_resuming,
                 "Go on with the finished replicas of the same run that was cut short; begin when "
                 "there are none")
      ->excludes("--overwrite");
  run_app
      ->add_option("--time-limit", options.time_limit,
                   "Begin no replica that would end later than this after the start, e.g. 10m; the "
                   "finished ones are kept (status 130)")
      ->type_name("90s|10m|1.5h");
  run_app
      ->add_option("--until-ci", options.until_ci,
                   "End when the 95% interval of the median of this headline row has this half "
                   "width at most, e.g. domestic_share=0.01 (repeatable: all of them); --replicas "
                   "is the most")
      ->type_name("NAME=HALF_WIDTH")
      ->allow_extra_args(false);
  run_app->add_flag("--json", options.is_json, "Print the headline as JSON");
  run_app
      ->add_option("--freeze", options.frozen,
                   "Give all replicas the same parameters (central values) or the same noise (that "
                   "of replica 0)")
      ->check(CLI::IsMember({"parameters", "noise"}));
  std::optional<std::uint32_t> replica;
  TraceOptions trace;
  add_replay_options(*run_app, replica, trace);
  run_app->callback([&] {
    trace.is_wanted = run_app->count("--trace") > 0;
    status = replica ? replay_command(options, *replica, trace) : run_command(options);
  });

  OptimiseOptions search;
  add_optimise_command(app, search, status);

  SweepOptions sweep;
  sweep.run.command_line = joined(argc, argv);
  add_sweep_command(app, sweep, [&] { status = sweep_command(sweep); });

  std::string scenario;
  std::vector<std::string> sets;
  CLI::App* check_app = app.add_subcommand("check", "Validate a scenario without running it");
  add_scenario_options(*check_app, scenario, sets);
  check_app->callback([&] { status = check_command(scenario, sets); });

  ExplainOptions explain;
  CLI::App* explain_app =
      app.add_subcommand("explain", "Say which rules meet a sale on a date, and what comes of it");
  add_scenario_options(*explain_app, explain.scenario, explain.sets);
  explain_app->add_option("--date", explain.date, "Day; default: the start of the run")
      ->type_name("DATE");
  explain_app->add_option("--chip", explain.chip, "Chip; default: all")->type_name("ID");
  explain_app->add_option("--buyer", explain.buyer, "Buyer; default: all of the focus region")
      ->type_name("ID");
  explain_app->add_flag("--json", explain.is_json, "Print JSON");
  explain_app->callback([&] { status = explain_command(explain); });

  CLI::App* show_app =
      app.add_subcommand("show", "Print the resolved scenario and where each value comes from");
  add_scenario_options(*show_app, scenario, sets);
  std::optional<std::uint32_t> drawn;
  show_app
      ->add_option("--draw", drawn,
                   "Print the world of this replica, every distribution replaced by what is drawn")
      ->type_name("REPLICA")
      ->check(CLI::Range(0U, kMostReplicas - 1));
  show_app->callback([&] {
    fmt::print("{}", drawn ? show_replica(scenario, sets, *drawn) : show_scenario(scenario, sets));
  });

  CLI::App* list_app = app.add_subcommand("list", "List the scenarios that are shipped");
  list_app->callback([&] { status = list_command(); });

  bool is_markdown = false;
  bool is_of_sweeps = false;
  CLI::App* schema_app =
      app.add_subcommand("schema", "Print the JSON Schema of scenario files, for editors");
  CLI::Option* markdown =
      schema_app->add_flag("--markdown", is_markdown, "Print the reference page instead");
  schema_app->add_flag("--sweep", is_of_sweeps, "That of sweep files")->excludes(markdown);
  schema_app->callback([&] {
    fmt::print("{}", is_markdown    ? reference_page()
                     : is_of_sweeps ? sweep_json_schema()
                                    : json_schema());
  });

  std::string file;
  CLI::App* info_app = app.add_subcommand("info", "Say what is inside an output file");
  info_app->add_option("file", file, "Output of a run, also of one that was cut short")->required();
  info_app->callback([&] { fmt::print("{}", describe_file(file)); });

  StatusOptions status_of;
  CLI::App* status_app =
      app.add_subcommand("status", "Say how far the shards of a sweep are, also while they run");
  status_app->add_option("shards", status_of.shards, "The folder of the shards, or their files")
      ->required();
  status_app->add_flag("--json", status_of.is_json, "Print JSON");
  status_app->callback([&] { status = status_command(status_of); });

  MergeRequest merging;
  CLI::App* merge_app =
      app.add_subcommand("merge", "Make one file of the shards of a sweep, or say what is missing");
  merge_app->add_option("shards", merging.inputs, "The folder of the shards, or their files")
      ->required();
  merge_app->add_option("-o,--output", merging.target, "File to write")
      ->required()
      ->type_name("FILE");
  merge_app->add_flag("--copy", merging.is_copying,
                      "Copy the data; default: map the shards, which then have to stay");
  merge_app->add_flag("--partial", merging.is_partial_allowed, "Merge what is there");
  merge_app->add_flag("--verify", merging.is_verifying,
                      "Read every chunk before mapping it, to find what rotted");
  merge_app->add_flag("--overwrite", merging.overwrite, "Replace the file if it exists");
  merge_app->callback([&] { status = merge_command(merging); });

  RecoverOptions recovery;
  CLI::App* recover_app = app.add_subcommand(
      "recover", "Make a file of the replicas that a run had finished when it was cut short");
  recover_app->add_option("partial", recovery.partial, "The .partial that it left")->required();
  recover_app->add_option("-o,--output", recovery.output, "File to write")
      ->required()
      ->type_name("FILE");
  recover_app->add_flag("--overwrite", recovery.is_overwriting, "Replace the file if it exists");
  recover_app->callback([&] { status = recover_command(recovery); });

  add_analysis_commands(app, status);

  return parsed(app, argc, argv, status);
}

}  // namespace

int main(int argc, char** argv) {
  return guarded([&] { return run(argc, argv); });
}
