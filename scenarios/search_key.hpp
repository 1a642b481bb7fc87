/// Numbers of a scenario that a search varies: `--over KEY=LOW:HIGH`.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

namespace tollgate {

struct SearchKey {
  std::string key;  ///< dotted path, e.g. "policy.levy.rate"
  double low = 0;
  double high = 0;
  std::string present;           ///< as the scenario has it: a number, a distribution, or nothing
  bool is_distribution = false;  ///< it is drawn as the scenario stands, and fixed in the search
};

/// A scenario with some of its numbers left open.
class OpenScenario {
 public:
  /// `over`: "KEY=LOW:HIGH" of one to three numbers. Throws ScenarioError when the scenario has an
  /// error as it stands, when one of `over` cannot be read, is no number of the scenario or is not
  /// allowed somewhere at the corners of the box.
  OpenScenario(std::string name_or_path, std::vector<std::string> sets,
               const std::vector<std::string>& over);

  [[nodiscard]] const std::vector<SearchKey>& keys() const { return keys_; }

  /// The scenario as it stands.
  [[nodiscard]] const Scenario& as_it_stands() const { return as_it_stands_; }

  /// The scenario with these values, in the order of the keys.
  [[nodiscard]] Scenario at(const std::vector<double>& values) const;

 private:
  std::string name_or_path_;
  std::vector<std::string> sets_;
  std::vector<std::string> typed_;  ///< "--over KEY=LOW:HIGH", for messages
  std::vector<SearchKey> keys_;
  Scenario as_it_stands_;
};

/// "key=value" as an override of the command line.
std::string assignment(const std::string& key, double value);

}  // namespace tollgate
