/// `tollgate explain`: which rules meet a sale on a date, what each does, and what comes of it.
#pragma once

#include <string>
#include <vector>

namespace tollgate {

struct ExplainOptions {
  std::string scenario;
  std::vector<std::string> sets;
  std::string date;   ///< ISO; empty: the start of the run
  std::string chip;   ///< empty: all chips, one line each
  std::string buyer;  ///< empty: all buyers, one line each
  bool is_json = false;
};

/// The law of the scenario at its central values, with governments in their first regimes and no
/// answers given. Returns the exit status. Throws ScenarioError.
int explain_command(const ExplainOptions& options);

}  // namespace tollgate
