#include "cli/search_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/kernel/quantile.hpp"
#include "engine/search/mean.hpp"
#include "output/headline.hpp"

namespace tollgate {
namespace {

constexpr double kBillion = 1e9;
constexpr double kThousand = 1e3;
constexpr std::array kQuantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
/// Keys are called by these in tables.
constexpr std::array kLetters = {"a", "b", "c"};

std::string stage_of(const SearchReport& report, std::size_t place) {
  return place < report.grid_points ? "grid" : "search";
}

std::array<double, kQuantiles.size()> quantiles_of(std::vector<double> sample) {
  std::ranges::sort(sample);
  std::array<double, kQuantiles.size()> result{};
  std::ranges::transform(kQuantiles, result.begin(), [&](double p) { return quantile(sample, p); });
  return result;
}

/// A number for each replica at a point, out of its account.
template <class Read>
std::vector<double> column(const PointSample& sample, const Read& read) {
  std::vector<double> values;
  for (const WelfareAccount& account : sample.accounts) values.push_back(read(account));
  return values;
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result;
  for (std::size_t r = 0; r < a.size(); ++r) result.push_back(a[r] - b[r]);
  return result;
}

/// In at most nine characters.
std::string number(double x, double unit = 1) {
  return std::isfinite(x) ? three_digits(x / unit) : "-";
}

std::string key_value(double x) { return fmt::format("{:.4g}", x); }

std::string headings(const SearchReport& report) {
  std::string text;
  for (std::size_t k = 0; k < report.keys.size(); ++k) text += fmt::format("{:>9} ", kLetters[k]);
  text += fmt::format("{:>9} {:>9} {:>9}", "mean", "95% from", "to");
  if (report.keys.size() < kLetters.size()) {
    text += fmt::format("  {:>8} {:>8} {:>8}", "5%", "median", "95%");
  }
  return text + "\n";
}

std::string curve_row(const SearchReport& report, const PointSample& sample) {
  std::string text;
  for (const double x : sample.point) text += fmt::format("{:>9} ", key_value(x));
  const MeanEstimate mean = estimate_mean(sample.objective);
  text += fmt::format("{:>9} {:>9} {:>9}", number(mean.mean, kBillion),
                      number(mean.interval.low, kBillion), number(mean.interval.high, kBillion));
  if (report.keys.size() < kLetters.size()) {
    const auto q = quantiles_of(sample.objective);
    text += fmt::format("  {:>8} {:>8} {:>8}", number(q.front(), kBillion), number(q[2], kBillion),
                        number(q.back(), kBillion));
  }
  return text + "\n";
}

/// A line of the comparison: there, as it stands, and the paired difference with its interval.
std::string comparison(const std::string& label, const std::vector<double>& there,
                       const std::vector<double>& now, double unit) {
  const MeanEstimate gain = estimate_mean(difference(there, now));
  return fmt::format("  {:<28} {:>9} {:>9} {:>9} {:>9} {:>9}\n", label,
                     number(estimate_mean(there).mean, unit), number(estimate_mean(now).mean, unit),
                     number(gain.mean, unit), number(gain.interval.low, unit),
                     number(gain.interval.high, unit));
}

std::string term_label(const SearchReport& report, std::size_t term) {
  const std::string& home = report.reference_region;
  const std::array<std::string, kWelfareTerms> labels = {
      "levy receipts", "profit, vendors of " + home, "surplus, buyers of " + home,
      "profit, other vendors", "surplus, other buyers"};
  return labels[term];
}

std::string comparisons(const SearchReport& report) {
  const PointSample& there = report.points[report.result.run_at_optimum];
  const PointSample& now = report.as_it_stands;
  std::string text = fmt::format("  {:<28} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "Means, billion USD",
                                 "there", "as it is", "gain", "95% from", "to");
  text += comparison(report.objective == "receipts" ? "objective: receipts" : "objective: welfare",
                     there.objective, now.objective, kBillion);
  for (std::size_t t = 0; t < kWelfareTerms; ++t) {
    const auto read = [t](const WelfareAccount& account) { return account.usd[t]; };
    text += comparison(term_label(report, t), column(there, read), column(now, read), kBillion);
  }
  const auto compute = [](const WelfareAccount& account) { return account.focus_h100e; };
  return text + comparison("in " + report.focus_region + ", thousand H100e", column(there, compute),
                           column(now, compute), kThousand);
}

std::string objective_line(const SearchReport& report) {
  if (report.objective == "receipts") return "Maximises receipts of levies, billion USD\n";
  std::string text = "Maximises welfare, billion USD:";
  for (std::size_t t = 0; t < kWelfareTerms; ++t) {
    const double weight = report.weights.of_term[t];
    if (weight != 0) text += fmt::format("\n  {:+g} {}", weight, term_label(report, t));
  }
  if (report.weights.security_cost_usd != 0) {
    text += fmt::format("\n  {:+g} USD per H100e in {} at the end",
                        -report.weights.security_cost_usd, report.focus_region);
  }
  return text + "\n";
}

std::string key_lines(const SearchReport& report) {
  std::string text;
  for (std::size_t k = 0; k < report.keys.size(); ++k) {
    const SearchKey& key = report.keys[k];
    text += fmt::format("{} is {} from {} to {}\n", kLetters[k], key.key, key_value(key.low),
                        key_value(key.high));
    if (key.present.empty()) {
      text += "  as it stands: not given\n";
    } else if (key.is_distribution) {
      text +=
          fmt::format("  as it stands: uncertain ({}); here fixed at each value\n", key.present);
    } else {
      text += fmt::format("  as it stands: {}\n", key.present);
    }
  }
  return text;
}

std::string optimum_lines(const SearchReport& report) {
  const SearchResult& result = report.result;
  std::string text = "Optimum\n";
  for (std::size_t k = 0; k < report.keys.size(); ++k) {
    const SearchKey& key = report.keys[k];
    if (result.has_effect[k] == 0) {
      text += fmt::format("  {}: makes no difference to any replica. Is its rule in force?\n",
                          kLetters[k]);
      continue;
    }
    text += fmt::format("  {} = {}", kLetters[k], key_value(result.optimum[k]));
    if (std::isfinite(result.interval[k].low)) {
      text += fmt::format(", 95% from {} to {}", key_value(result.interval[k].low),
                          key_value(result.interval[k].high));
    }
    text += "\n";
    const bool is_low = result.optimum[k] == key.low;
    if (is_low || result.optimum[k] == key.high) {
      text += fmt::format("  at the {} end of the range: better ones may lie beyond it\n",
                          is_low ? "lower" : "upper");
    }
  }
  if (std::ranges::count(result.has_effect, 0) < std::ssize(result.has_effect) &&
      !result.is_quadratic) {
    text += "  No smooth curve fits here: this is the best point that was run.\n";
  }
  return text;
}

}  // namespace

std::string search_table(const SearchReport& report) {
  const Scenario& scenario = *report.scenario;
  std::string text = fmt::format("{}\n{} to {}, {} replicas at each point, seed {}\n",
                                 scenario.title.empty() ? scenario.name : scenario.title,
                                 iso_date(scenario.world.start), iso_date(scenario.world.until),
                                 report.as_it_stands.objective.size(), scenario.world.seed);
  text += objective_line(report) + key_lines(report) + "\n" + headings(report);
  for (std::size_t k = 0; k < std::min(report.grid_points, report.points.size()); ++k) {
    text += curve_row(report, report.points[k]);
  }
  if (!report.result.optimum.empty()) {
    text += "\n" + optimum_lines(report) + "\n" + comparisons(report);
  }
  text += fmt::format("\n{} points, {} replicas in {:.0f} s.", report.points.size(), report.runs,
                      report.seconds);
  if (!report.output.empty()) text += " Written to " + report.output;
  return text + "\n";
}

std::string search_csv(const SearchReport& report) {
  std::string text = "stage";
  for (const SearchKey& key : report.keys) text += "," + key.key;
  text += ",objective_usd,objective_low_usd,objective_high_usd";
  for (const double p : kQuantiles) text += fmt::format(",p{:02.0f}_usd", 100 * p);
  for (const std::string_view name : kWelfareTermNames) text += fmt::format(",{}_usd", name);
  text += ",focus_h100e,replicas\n";
  const auto field = [](double x) { return std::isfinite(x) ? fmt::format(",{}", x) : ","; };
  const auto row = [&](const std::string& stage, const PointSample& sample) {
    text += stage;
    for (std::size_t k = 0; k < report.keys.size(); ++k) {
      text += sample.point.empty() ? "," : field(sample.point[k]);
    }
    const MeanEstimate mean = estimate_mean(sample.objective);
    text += field(mean.mean) + field(mean.interval.low) + field(mean.interval.high);
    for (const double q : quantiles_of(sample.objective)) text += field(q);
    for (std::size_t t = 0; t < kWelfareTerms; ++t) {
      text += field(
          estimate_mean(column(sample, [t](const WelfareAccount& a) { return a.usd[t]; })).mean);
    }
    text += field(
        estimate_mean(column(sample, [](const WelfareAccount& a) { return a.focus_h100e; })).mean);
    text += fmt::format(",{}\n", sample.objective.size());
  };
  row("as_it_stands", report.as_it_stands);
  for (std::size_t k = 0; k < report.points.size(); ++k) {
    row(stage_of(report, k), report.points[k]);
  }
  if (!report.result.optimum.empty()) row("optimum", report.points[report.result.run_at_optimum]);
  return text;
}

namespace {

nlohmann::ordered_json as_json(const MeanEstimate& estimate) {
  return {
      {"mean", estimate.mean}, {"low", estimate.interval.low}, {"high", estimate.interval.high}};
}

nlohmann::ordered_json as_json(const PointSample& sample) {
  nlohmann::ordered_json json;
  if (!sample.point.empty()) json["point"] = sample.point;
  json["objective_usd"] = as_json(estimate_mean(sample.objective));
  const auto q = quantiles_of(sample.objective);
  for (std::size_t i = 0; i < q.size(); ++i) {
    json["objective_usd"][fmt::format("p{:02.0f}", 100 * kQuantiles[i])] = q[i];
  }
  for (std::size_t t = 0; t < kWelfareTerms; ++t) {
    json[fmt::format("{}_usd", kWelfareTermNames[t])] =
        estimate_mean(column(sample, [t](const WelfareAccount& a) { return a.usd[t]; })).mean;
  }
  json["focus_h100e"] =
      estimate_mean(column(sample, [](const WelfareAccount& a) { return a.focus_h100e; })).mean;
  return json;
}

}  // namespace

std::string search_json(const SearchReport& report) {
  const Scenario& scenario = *report.scenario;
  const SearchResult& result = report.result;
  nlohmann::ordered_json json;
  json["scenario"] = scenario.name;
  json["title"] = scenario.title;
  json["seed"] = scenario.world.seed;
  json["start"] = iso_date(scenario.world.start);
  json["until"] = iso_date(scenario.world.until);
  json["objective"] = report.objective;
  for (std::size_t t = 0; t < kWelfareTerms; ++t) {
    json["weights"][std::string(kWelfareTermNames[t])] = report.weights.of_term[t];
  }
  json["security_cost_usd"] = report.weights.security_cost_usd;
  json["replicas"] = report.as_it_stands.objective.size();
  json["failed"] = report.failed;
  json["interrupted"] = result.was_interrupted;
  json["output"] = report.output;
  json["seconds"] = report.seconds;
  json["keys"] = nlohmann::ordered_json::array();
  for (const SearchKey& key : report.keys) {
    json["keys"].push_back({{"key", key.key},
                            {"low", key.low},
                            {"high", key.high},
                            {"as_it_stands", key.present},
                            {"is_distribution", key.is_distribution}});
  }
  if (!report.as_it_stands.objective.empty()) json["as_it_stands"] = as_json(report.as_it_stands);
  json["points"] = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < report.points.size(); ++k) {
    nlohmann::ordered_json point = as_json(report.points[k]);
    point["stage"] = stage_of(report, k);
    json["points"].push_back(std::move(point));
  }
  if (result.optimum.empty()) return json.dump(2);

  nlohmann::ordered_json& optimum = json["optimum"];
  optimum["point"] = result.optimum;
  for (std::size_t k = 0; k < report.keys.size(); ++k) {
    optimum["interval"].push_back({result.interval[k].low, result.interval[k].high});
    optimum["has_effect"].push_back(result.has_effect[k] != 0);
  }
  optimum["is_quadratic"] = result.is_quadratic;
  const PointSample& there = report.points[result.run_at_optimum];
  optimum["objective_usd"] = as_json(estimate_mean(there.objective));
  optimum["gain_usd"] =
      as_json(estimate_mean(difference(there.objective, report.as_it_stands.objective)));
  return json.dump(2);
}

}  // namespace tollgate
