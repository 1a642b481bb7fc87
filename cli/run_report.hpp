/// What `tollgate run` says when it has ended: a table, or JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/run_limits.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/headline.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

struct RunReport {
  const Scenario* scenario = nullptr;
  std::string output;  ///< path of the file
  RunOutcome outcome;  ///< of this attempt

  // Over all replicas in the file, also those that an earlier attempt has run.
  std::size_t complete = 0;
  std::size_t failed = 0;
  std::size_t resumed = 0;  ///< of these, there already
  std::uint64_t events = 0;
  double seconds = 0;  ///< of this attempt, too

  std::vector<HeadlineRow> rows;
  std::vector<PrecisionGoals::Standing> goals;  ///< of --until-ci
  LookSchedule looks;                           ///< at which they were asked after
};

std::string run_table(const RunReport& report);

std::string run_json(const RunReport& report);

}  // namespace tollgate
