/// What `tollgate optimise` says: a table, CSV and JSON of the curve and of the optimum.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/search/search.hpp"
#include "output/welfare.hpp"
#include "scenarios/search_key.hpp"

namespace tollgate {

/// Replicas that finished at every point, run at one of them.
struct PointSample {
  Point point;                    ///< empty: the scenario as it stands
  std::vector<double> objective;  ///< USD, by replica
  std::vector<WelfareAccount> accounts;
};

struct SearchReport {
  const Scenario* scenario = nullptr;  ///< as it stands
  std::vector<SearchKey> keys;
  std::string objective;  ///< "receipts" or "welfare"
  WelfareWeights weights;
  std::string reference_region;
  std::string focus_region;
  std::string output;  ///< path of the CSV; empty: none

  PointSample as_it_stands;
  std::vector<PointSample> points;  ///< in the order of `result.evaluations`
  std::size_t grid_points = 0;      ///< the first so many are the grid
  SearchResult result;              ///< its evaluations are in `points`
  std::size_t failed = 0;           ///< replicas that did not finish everywhere
  std::size_t runs = 0;             ///< of replicas, over all points
  double seconds = 0;
};

/// Of at most 80 columns.
std::string search_table(const SearchReport& report);

/// One row for each point that was run, the scenario as it stands first, the optimum once more as
/// the last.
std::string search_csv(const SearchReport& report);

std::string search_json(const SearchReport& report);

}  // namespace tollgate
