/// `tollgate optimise`: the policy that maximises receipts or welfare, and the curve around it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate {

struct OptimiseOptions {
  std::string scenario;
  std::vector<std::string> sets;            ///< "key.path=value"
  std::vector<std::string> over;            ///< "key.path=low:high"
  std::string objective;                    ///< "receipts" or "welfare"
  std::vector<std::string> weights;         ///< "term=weight", of welfare
  std::optional<double> security_cost_usd;  ///< per H100e in the focus region, of welfare
  std::optional<std::size_t> curve;         ///< grid points per key
  std::optional<std::uint32_t> replicas;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> until;  ///< ISO date
  int threads = 0;                   ///< 0: all cores
  std::string output;                ///< CSV; empty: none
  bool is_overwriting = false;
  bool is_quiet = false;
  bool is_json = false;
};

/// Searches and prints; returns the exit status. Throws ScenarioError, OutputError.
int optimise_command(const OptimiseOptions& options);

}  // namespace tollgate
