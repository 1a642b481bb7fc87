#include "cli/optimise_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "cli/exit_status.hpp"
#include "cli/search_report.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/progress.hpp"
#include "output/target_file.hpp"
#include "scenarios/diagnostics.hpp"
#include "scenarios/scenario_worker.hpp"

namespace tollgate {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Weights of welfare unless given: the treasury and the vendors of the reference region, dollar
/// for dollar. Its buyers count when asked for: prices there stand at their ceiling, which the
/// model takes as given (docs/model.md, "Welfare and policy search").
constexpr std::array<double, kWelfareTerms> kDefaultWeights = {1, 1, 0, 0, 0};

WelfareWeights weights_of(const OptimiseOptions& options) {
  WelfareWeights weights;
  if (options.objective == "receipts") {
    if (!options.weights.empty()) refuse("--weight", "weights belong to --maximise welfare");
    if (options.security_cost_usd) {
      refuse("--security-cost", "a security cost belongs to --maximise welfare");
    }
    weights.of_term[static_cast<std::size_t>(WelfareTerm::kReceipts)] = 1;
    return weights;
  }
  weights.of_term = kDefaultWeights;
  weights.security_cost_usd = options.security_cost_usd.value_or(0);
  if (!(weights.security_cost_usd >= 0) || std::isinf(weights.security_cost_usd)) {
    refuse(fmt::format("--security-cost {}", weights.security_cost_usd),
           "allowed is a number of USD from 0");
  }
  const std::vector<std::string> names(kWelfareTermNames.begin(), kWelfareTermNames.end());
  for (const std::string& text : options.weights) {
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      refuse("--weight " + text, fmt::format("'{}' is no part of welfare; allowed is {}{}", name,
                                             enumerate(names), suggestion(name, names)));
    }
    double weight = kNan;
    const char* end = text.data() + text.size();
    if (equals != std::string::npos) {
      const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, weight);
      if (error != std::errc{} || stop != end) weight = kNan;
    }
    if (!std::isfinite(weight)) {
      refuse("--weight " + text, "expected NAME=NUMBER, for example --weight consumer_surplus=0.5");
    }
    weights.of_term[static_cast<std::size_t>(found - names.begin())] = weight;
  }
  return weights;
}

std::vector<std::string> overrides_of(const OptimiseOptions& options) {
  std::vector<std::string> sets = options.sets;
  if (options.until) sets.push_back("run.until=" + *options.until);
  if (options.replicas) sets.push_back(fmt::format("run.replicas={}", *options.replicas));
  if (options.seed) sets.push_back(fmt::format("run.seed={}", *options.seed));
  return sets;
}

/// A curve of 13 points, or a coarser grid for more keys.
std::size_t grid_per_key(const OptimiseOptions& options, std::size_t keys) {
  constexpr std::array<std::size_t, 3> kDefault = {13, 7, 5};
  return options.curve.value_or(kDefault[keys - 1]);
}

WelfareSubject subject_of(const WorldSpec& world) {
  WelfareSubject subject;
  const auto is_home = [&](RegionId region) { return region == world.reference_region; };
  for (const VendorSpec& vendor : world.vendors) {
    subject.is_home_vendor.push_back(is_home(vendor.headquarters));
  }
  for (const BuyerSpec& buyer : world.buyers) {
    subject.is_home_buyer.push_back(is_home(buyer.headquarters));
  }
  subject.focus_region = world.focus_region.index();
  subject.home_region = world.reference_region.index();
  return subject;
}

using Accounts = std::vector<WelfareAccount>;

/// Runs the same replicas of one scenario after another.
class PolicyRuns {
 public:
  PolicyRuns(const Scenario& scenario, int threads, const std::atomic<bool>& stop,
             Progress& progress)
      : stop_(stop), progress_(progress) {
    plan_.seed = scenario.world.seed;
    plan_.replicas = first_replicas(scenario.world.replicas);
    plan_.threads = threads;
  }

  /// By replica, NaN for those that failed; nothing when it was interrupted.
  std::optional<Accounts> run(const Scenario& scenario, const std::string& label) {
    const WorldLayout layout(scenario.world);
    const WelfareMeter meter(layout.record(), subject_of(scenario.world));
    WelfareAccount failed;
    failed.usd.fill(kNan);
    failed.focus_h100e = kNan;
    Accounts accounts(plan_.replicas.size(), failed);
    const RunOutcome outcome = run_replicas(
        plan_, [&] { return std::make_unique<ScenarioWorker>(scenario, layout, plan_.seed); },
        [&](std::uint32_t replica, const Record& record) {
          accounts[replica] = meter.read(record);
          progress_.advance();
        },
        [&](const ReplicaFailure& failure) {
          progress_.finish();
          spdlog::error("replica {} (seed {}) failed at {}: {}", failure.replica, failure.seed,
                        label, failure.message);
          progress_.advance();
        },
        stop_);
    runs_ += outcome.started;
    for (const ReplicaFailure& failure : outcome.failures) failed_.insert(failure.replica);
    if (outcome.was_interrupted()) return std::nullopt;
    return accounts;
  }

  [[nodiscard]] std::size_t runs() const { return runs_; }
  [[nodiscard]] std::size_t failed() const { return failed_.size(); }

 private:
  RunPlan plan_;
  const std::atomic<bool>& stop_;
  Progress& progress_;
  std::size_t runs_ = 0;
  std::set<std::uint32_t> failed_;
};

std::vector<double> objective_of(const Accounts& accounts, const WelfareWeights& weights) {
  std::vector<double> values;
  for (const WelfareAccount& account : accounts) {
    // A failed replica has no value, not even of a part without weight.
    values.push_back(std::isnan(account.focus_h100e) ? kNan : weights.value(account));
  }
  return values;
}

std::string label_of(const OpenScenario& open, const Point& point) {
  std::string text;
  for (std::size_t k = 0; k < point.size(); ++k) {
    text += (k > 0 ? ", " : "") + assignment(open.keys()[k].key, point[k]);
  }
  return text;
}

/// Keeps the replicas that finished everywhere.
PointSample sample_of(const Evaluation& evaluation, const Accounts& accounts,
                      const std::vector<std::size_t>& replicas) {
  PointSample sample;
  sample.point = evaluation.point;
  for (const std::size_t replica : replicas) {
    sample.objective.push_back(evaluation.responses[replica]);
    sample.accounts.push_back(accounts[replica]);
  }
  return sample;
}

std::size_t power(std::size_t base, std::size_t exponent) {
  std::size_t result = 1;
  for (std::size_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

/// The scenario as it stands, then the search; everything in `report` but output and seconds.
void search(const OptimiseOptions& options, const OpenScenario& open, SearchReport& report) {
  const Scenario& scenario = open.as_it_stands();
  Box box;
  for (const SearchKey& key : open.keys()) {
    box.low.push_back(key.low);
    box.high.push_back(key.high);
  }
  SearchOptions search_options;
  search_options.grid_per_axis = grid_per_key(options, box.axes());
  search_options.seed = scenario.world.seed;
  const std::uint32_t replicas = scenario.world.replicas;
  report.grid_points = power(search_options.grid_per_axis, box.axes());

  Progress progress(static_cast<std::uint32_t>(replicas * (1 + report.grid_points)),
                    options.is_quiet);
  const StopOnSignal stopper;
  PolicyRuns runs(scenario, options.threads, stopper.requested(), progress);
  std::vector<Accounts> accounts;  // as it stands, then by evaluation
  const std::optional<Accounts> present = runs.run(scenario, "the scenario as it stands");
  report.result.was_interrupted = !present;
  if (present) {
    accounts.push_back(*present);
    report.result = maximise(
        box,
        [&](const Point& point) -> std::optional<std::vector<double>> {
          if (accounts.size() > report.grid_points) progress.expect(replicas);
          std::optional<Accounts> found = runs.run(open.at(point), label_of(open, point));
          if (!found) return std::nullopt;
          accounts.push_back(*std::move(found));
          return objective_of(accounts.back(), report.weights);
        },
        search_options);
    std::vector<Evaluation> all = {{{}, objective_of(*present, report.weights)}};
    all.insert(all.end(), report.result.evaluations.begin(), report.result.evaluations.end());
    const std::vector<std::size_t> complete = complete_replicas(all);
    report.as_it_stands = sample_of(all.front(), accounts.front(), complete);
    for (std::size_t k = 1; k < all.size(); ++k) {
      report.points.push_back(sample_of(all[k], accounts[k], complete));
    }
  }
  progress.finish();
  report.failed = runs.failed();
  report.runs = runs.runs();
}

}  // namespace

int optimise_command(const OptimiseOptions& options) {
  const OpenScenario open(options.scenario, overrides_of(options), options.over);
  const Scenario& scenario = open.as_it_stands();
  SearchReport report;
  report.scenario = &scenario;
  report.keys = open.keys();
  report.objective = options.objective;
  report.weights = weights_of(options);
  report.reference_region = scenario.world.regions[scenario.world.reference_region.index()].id;
  report.focus_region = scenario.world.regions[scenario.world.focus_region.index()].id;
  report.output = options.output;
  std::optional<TargetFile> target;
  if (!options.output.empty()) target.emplace(options.output, options.is_overwriting);

  const auto start = std::chrono::steady_clock::now();
  search(options, open, report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const bool has_points = !report.points.empty();
  if (target && has_points) write_text(*target, search_csv(report));
  if (options.is_json) {
    fmt::print("{}\n", search_json(report));
  } else if (!options.is_quiet && has_points) {
    fmt::print("{}", search_table(report));
  }
  if (report.result.was_interrupted) {
    spdlog::warn("interrupted after {} points: there is no optimum yet{}", report.points.size(),
                 target && has_points ? "; those points are in " + options.output : "");
    return kInterrupted;
  }
  return report.failed == 0 ? kSuccess : kReplicasFailed;
}

}  // namespace tollgate
