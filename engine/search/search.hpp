/// The highest mean over replicas of something that a simulation gives, over one to a few numbers.
///
/// Every point is run with the same replicas (common random numbers): the mean of them is one
/// function, the sample average, with a maximum of its own, and differences between points are
/// sharp. It is smooth from afar and rough from near, as chips and lots are whole. So the search
///
///  1. runs a grid over the whole box, which is also the curve that is shown;
///  2. goes uphill from the best grid point (local_search.hpp), to have a centre;
///  3. fits a quadratic by least squares to a window of half the box around it, and halves the
///     window as long as the mean over replicas departs from the fit by more than chance, or, for
///     want of replicas, as long as that makes the maximum surer (by a jackknife over the points);
///  4. resamples replicas, refits and maximises: the interval. A window in which more than 2.5% of
///     these maxima press against a side is widened first.
///
/// Where the mean at the maximum of the fit is clearly below that of another point (a cliff, say),
/// the best point that was run is the answer, and the interval is over the points run.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/search/box.hpp"
#include "engine/search/mean.hpp"

namespace tollgate {

/// What replicas 0, 1, ... gave at a point; NaN where one failed.
struct Evaluation {
  Point point;
  std::vector<double> responses;
};

/// Runs the replicas at a point; nothing when the search is to stop.
using Evaluate = std::function<std::optional<std::vector<double>>(const Point&)>;

struct SearchOptions {
  std::size_t grid_per_axis = 13;  ///< at least 3
  double tolerance = 0.005;        ///< of the optimum, as a share of the box's width
  int local_evaluations = 8;       ///< of step 2, for each axis
  unsigned resamples = 2000;       ///< of the bootstrap
  std::uint64_t seed = 1;          ///< of the bootstrap
};

struct SearchResult {
  std::vector<Evaluation> evaluations;   ///< the grid in the order of `grid_of`, then the others
  std::vector<std::uint8_t> has_effect;  ///< by axis: whether any replica changes along it

  // Empty when interrupted.
  Point optimum;
  std::vector<Interval> interval;  ///< 95%, by axis; the whole width where it has no effect
  std::size_t run_at_optimum = 0;  ///< place in `evaluations`
  bool is_quadratic = false;       ///< false: the best point run, see above
  bool was_interrupted = false;
};

/// Replicas that finished at every one of the points.
std::vector<std::size_t> complete_replicas(const std::vector<Evaluation>& evaluations);

/// Deterministic. Throws what `evaluate` throws; InvariantError when no replica finishes at every
/// point.
SearchResult maximise(const Box& box, const Evaluate& evaluate, const SearchOptions& options);

}  // namespace tollgate
