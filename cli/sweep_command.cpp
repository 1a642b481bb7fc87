#include "cli/sweep_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/sweep_probe.hpp"
#include "engine/kernel/shell_word.hpp"
#include "output/target_file.hpp"
#include "scenarios/diagnostics.hpp"
#include "scenarios/library.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::uint64_t kPointsShown = 5;

std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 2) + "..";
}

/// 1,234,567.
std::string grouped(std::uint64_t x) {
  std::string text = fmt::format("{}", x);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string count_of(std::uint64_t n, const char* noun) {
  return fmt::format("{} {}{}", grouped(n), noun, n == 1 ? "" : "s");
}

std::string cell(const SweepFactor& factor, double coordinate) {
  if (factor.is_structural() || factor.kind != ParameterKind::kReal) {
    return factor.shown(coordinate);
  }
  return fmt::format("{:.6g}", coordinate);
}

std::string unit_of(const SweepFactor& factor) {
  return factor.kind == ParameterKind::kDay ? "date" : factor.unit;
}

/// The values that a factor takes.
std::string values_of(const SweepFactor& factor) {
  const auto ends = [&](double low, double high) {
    return fmt::format("{} to {}", cell(factor, low), cell(factor, high));
  };
  if (factor.is_structural()) {
    std::string text = factor.key.empty() ? "scenarios" : "levels";
    for (std::size_t i = 0; i < factor.labels.size(); ++i) {
      text += (i == 0 ? " " : ", ") + factor.labels[i];
    }
    return text;
  }
  if (!factor.levels.empty()) {
    const auto [low, high] = std::ranges::minmax_element(factor.levels);
    return count_of(factor.levels.size(), "value") + ", " + ends(*low, *high);
  }
  if (factor.is_range) return ends(factor.at(0), factor.at(1)) + (factor.is_log ? ", log" : "");
  constexpr double kTail = 0.05;
  return fmt::format("{}, mostly {}", name_of(factor.distribution),
                     ends(factor.fitted(quantile(factor.distribution, kTail)),
                          factor.fitted(quantile(factor.distribution, 1 - kTail))));
}

std::string factor_table(const Sweep& sweep) {
  std::size_t ids = 2;
  std::size_t keys = 3;
  std::size_t units = 4;
  for (const SweepFactor& factor : sweep.factors) {
    ids = std::max(ids, factor.id.size());
    keys = std::max(keys, factor.key.size());
    units = std::max(units, unit_of(factor).size());
  }
  ids = std::min<std::size_t>(ids, 20);
  keys = std::min<std::size_t>(keys, 44);
  units = std::min<std::size_t>(units, 20);
  std::string text = fmt::format("{:<{}}  {:<{}}  {}\n", "id", ids, "key", keys, "unit");
  for (const SweepFactor& factor : sweep.factors) {
    std::string line =
        fmt::format("{:<{}}  {:<{}}  {}", shortened(factor.id, ids), ids,
                    shortened(factor.key, keys), keys, shortened(unit_of(factor), units));
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n    " + shortened(values_of(factor), kWidth - 4) + "\n";
    if (!factor.key.empty()) text += "    " + shortened(factor.sentence, kWidth - 4) + "\n";
  }
  return text;
}

/// Factors down, points across, so that any number of factors fits.
std::string first_points(const Sweep& sweep) {
  constexpr std::size_t kName = 20;
  constexpr std::size_t kCell = 11;
  const std::uint64_t shown = std::min(sweep.points(), kPointsShown);
  std::vector<std::vector<double>> points;
  std::string text = fmt::format("{:<{}}", "point", kName);
  for (std::uint64_t p = 0; p < shown; ++p) {
    points.emplace_back(sweep.factors.size());
    sweep.fill(p, points.back());
    text += fmt::format(" {:>{}}", p, kCell);
  }
  text += "\n";
  for (std::size_t f = 0; f < sweep.factors.size(); ++f) {
    text += fmt::format("{:<{}}", shortened(sweep.factors[f].id, kName), kName);
    for (const std::vector<double>& point : points) {
      text += fmt::format(" {:>{}}", shortened(cell(sweep.factors[f], point[f]), kCell), kCell);
    }
    text += "\n";
  }
  return text;
}

/// What makes the sweep again, from any folder.
std::string command_of(const SweepOptions& options) {
  const SweepOverrides& overrides = options.overrides;
  std::string command = "tollgate sweep " + shell_word(lasting_name_of_sweep(options.run.file));
  if (overrides.replicas) command += fmt::format(" --replicas {}", *overrides.replicas);
  if (overrides.seed) command += fmt::format(" --seed {}", *overrides.seed);
  for (const std::string& set : overrides.sets) command += " --set " + shell_word(set);
  return command;
}

/// As the reader of tables takes it.
std::string as_csv(const std::string& text) {
  if (text.find_first_of(",\"\\") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// One row a point: what design "table" takes.
void write_points(const Sweep& sweep, TargetFile& target) {
  std::ofstream file(target.temporary(), std::ios::binary);
  const auto write = [&](const std::string& line) { file << line << '\n'; };
  std::string header;
  for (const SweepFactor& factor : sweep.factors) {
    header += (header.empty() ? "" : ",") + factor.id;
  }
  write(header);
  std::vector<double> coordinates(sweep.factors.size());
  for (std::uint64_t p = 0; p < sweep.points() && file; ++p) {
    sweep.fill(p, coordinates);
    std::string line;
    for (std::size_t f = 0; f < coordinates.size(); ++f) {
      line += (f == 0 ? "" : ",") + as_csv(sweep.factors[f].shown(coordinates[f]));
    }
    write(line);
  }
  file.close();
  if (!file) throw OutputError(fmt::format("cannot write '{}'", target.path()));
  target.publish();
}

}  // namespace

std::string describe_sweep(const Sweep& sweep) {
  const auto design = static_cast<std::size_t>(sweep.design.kind);
  std::string text = sweep.title.empty() ? sweep.name : shortened(sweep.title, kWidth);
  text += fmt::format("\ndesign {}: {} x {} = {}\n", kDesignNames[design],
                      count_of(sweep.points(), "point"), count_of(sweep.replicas, "replica"),
                      count_of(sweep.items(), "item"));
  text += fmt::format("{}, seed {}, {} at all points, keep {}\n\n",
                      count_of(sweep.variants.size(), "variant"), sweep.seed,
                      sweep.common_noise ? "the same noise" : "other noise",
                      kKeepNames[static_cast<std::size_t>(sweep.keep)]);
  return text + factor_table(sweep) + "\n" + first_points(sweep);
}

SweepRunOptions checked(const SweepOptions& options) {
  SweepRunOptions run = options.run;
  run.command = command_of(options);
  if (options.shard.empty()) return run;
  run.shard = parse_shard(options.shard);
  if (!run.shard) {
    refuse("--shard", fmt::format("'{}' is not allowed; allowed is I/N, the parts being counted "
                                  "from 0: 0/4, 1/4, 2/4 and 3/4 are all of four; N is {} at most",
                                  options.shard, kMostShards));
  }
  return run;
}

int sweep_command(const SweepOptions& options) {
  const SweepRunOptions run = checked(options);
  const Sweep sweep = load_sweep(run.file, options.overrides);
  if (!options.is_dry_run) return run_sweep(sweep, run);
  std::optional<TargetFile> target;
  if (!options.points.empty()) target.emplace(options.points, run.is_overwriting);
  if (target) write_points(sweep, *target);
  fmt::print("{}\n{}", describe_sweep(sweep), describe(probe(sweep, run)));
  if (target) fmt::print("\n{} written to {}\n", count_of(sweep.points(), "point"), options.points);
  return kSuccess;
}

}  // namespace tollgate
