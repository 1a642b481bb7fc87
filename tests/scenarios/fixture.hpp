/// Scenario files written for one test, and the errors that reading them gives.
#pragma once

#include <string>
#include <vector>

#include "scenarios/loader.hpp"
#include "tests/folder.hpp"

namespace tollgate::tests {

/// A world that is as small as it can be.
inline const char* const kTinyWorld = R"(format = 1
title = "tiny"
[run]
start = 2026-01-01
until = 2027-01-01
reference_region = "us"
focus_region = "china"
[region.china]
[region.us]
[vendor.nvidia]
headquarters = "us"
stack = "cuda"
utilisation = { training = 1, inference = 1 }
[supplier.fab]
kind = "foundry"
headquarters = "us"
capacity_per_month = 1000
[chip.h200]
vendor = "nvidia"
launch = 2024-04-01
markets = ["china", "us"]
fp16_tflops = 989.5
dram_bandwidth_tbs = 4.8
tpp = 15832
price_usd = { distribution = "triangular", low = 20000, mode = 27000, high = 30000, source = "a" }
unit_cost_usd = 8000
foundries = ["fab"]
chips_per_wafer = 29
lead_time_days = 120
[buyer.tencent]
headquarters = "china"
site = "china"
customer_class = "cloud"
need_h100e = { training = 1000, inference = 1000 }
budget_usd_per_quarter = 1e8
[demand]
growth = { training = 2, inference = 2 }
price_sensitivity = 2
[policy.levy]
instrument = "levy"
effective = 2026-01-15
rate = 0.25
)";

/// "line: message" of each error of the tiny world with a policy laid over it; sorted as reported.
inline std::vector<std::string> errors_of(const std::string& policy,
                                          const std::vector<std::string>& sets = {}) {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path = folder.write("policy.toml", policy);
  std::vector<std::string> result;
  try {
    load_scenario(path, sets);
  } catch (const ScenarioError& error) {
    for (const Diagnostic& d : error.diagnostics()) {
      result.push_back(std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " +
                       d.message);
    }
  }
  return result;
}

}  // namespace tollgate::tests
