#include "cli/run_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace tollgate {
namespace {

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

}  // namespace

std::string run_table(const RunReport& report) {
  const Scenario& scenario = *report.scenario;
  return fmt::format(
             "{}\n{} to {}, {} replicas, seed {}\n\n{}\n{} events in {:.2f} s. Written to {}\n",
             scenario.title.empty() ? scenario.name : scenario.title,
             iso_date(scenario.world.start), iso_date(scenario.world.until), report.complete,
             scenario.world.seed, headline_table(report.rows), report.events, report.seconds,
             report.output) +
         goals_text(report.goals);
}

std::string run_json(const RunReport& report) {
  const Scenario& scenario = *report.scenario;
  nlohmann::ordered_json json;
  json["scenario"] = scenario.name;
  json["title"] = scenario.title;
  json["seed"] = scenario.world.seed;
  json["start"] = iso_date(scenario.world.start);
  json["until"] = iso_date(scenario.world.until);
  json["replicas"] = report.complete;
  json["failed"] = report.failed;
  json["resumed"] = report.resumed;
  json["interrupted"] = report.outcome.was_interrupted();
  json["ended_by"] = name_of(report.outcome.end);
  json["output"] = report.output;
  json["events"] = report.events;
  json["seconds"] = report.seconds;
  json["headline"] = nlohmann::ordered_json::array();
  for (const HeadlineRow& row : report.rows) {
    json["headline"].push_back({{"name", row.name},
                                {"group", row.group},
                                {"unit", row.unit},
                                {"median", row.median},
                                {"p05", row.p05},
                                {"p95", row.p95},
                                {"replicas", row.replicas}});
  }
  if (!report.goals.empty()) json["until_ci"] = as_json(report.goals, report.looks);
  return json.dump(2);
}

}  // namespace tollgate
