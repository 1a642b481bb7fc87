#include "engine/search/search.hpp"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/kernel/check.hpp"
#include "engine/search/bootstrap.hpp"
#include "engine/search/local_search.hpp"
#include "engine/search/quadratic.hpp"

namespace tollgate {
namespace {

/// A design point is not run when another lies as near as this, in half widths of the window.
constexpr double kNear = 0.12;
/// Half width of the first window, as a share of the box: 7 points of a grid of 13 on a line.
constexpr double kFirstWindow = 0.25;
constexpr int kMostInVain = 2;
constexpr int kMostMoves = 8;
constexpr double kMostOnSides = 0.025;

struct Interrupted {};

class Search {
 public:
  Search(const Box& box, const Evaluate& evaluate, const SearchOptions& options)
      : box_(box), evaluate_(evaluate), options_(options) {}

  SearchResult run();

 private:
  /// A quadratic over a window of the axes that have an effect.
  struct Surface {
    QuadraticFit fit;
    Eigen::MatrixXd coefficients;  ///< by term and replica
    Point argmax;
    double error = 0;  ///< of the argmax by the jackknife, as a share of the whole box's width
    bool is_misfit = false;  ///< the mean over replicas departs from it by more than chance
  };

  const Evaluation& run_at(const Point& point, bool is_of_design);
  void run_grid();
  void climb();
  Surface refined();
  Surface widened(Surface surface, std::vector<Point>& optima);
  void settle(const Point& optimum);

  Surface fit(const Box& window);
  Surface centred(Point centre, Point half_width);
  [[nodiscard]] bool is_misfit(const Eigen::MatrixXd& residuals) const;
  double jackknife_error(const Box& window, const std::vector<Point>& points,
                         const Eigen::VectorXd& means) const;
  [[nodiscard]] bool is_on_open_side(const Point& point, const Box& window) const;

  [[nodiscard]] double mean(const Evaluation& evaluation) const;
  [[nodiscard]] const Evaluation& best() const;
  [[nodiscard]] Eigen::MatrixXd responses_of(const std::vector<std::size_t>& places) const;
  [[nodiscard]] Stream bootstrap_stream() const {
    return StreamFactory{options_.seed, 0}.make("search", "bootstrap");
  }

  /// From all axes to those that have an effect, and back.
  [[nodiscard]] Point inner(const Point& point) const;
  [[nodiscard]] Point outer(const Point& point) const;

  const Box& box_;
  const Evaluate& evaluate_;
  const SearchOptions& options_;
  SearchResult result_;
  std::vector<std::uint8_t> is_of_design_;  ///< by evaluation: grid or design
  std::vector<std::size_t> complete_;       ///< replicas that finished everywhere so far
  std::vector<std::size_t> axes_;           ///< that have an effect
  Box inner_box_;
};

double Search::mean(const Evaluation& evaluation) const {
  double sum = 0;
  for (const std::size_t replica : complete_) sum += evaluation.responses[replica];
  return sum / static_cast<double>(complete_.size());
}

const Evaluation& Search::best() const {
  return *std::ranges::max_element(result_.evaluations, {},
                                   [this](const Evaluation& e) { return mean(e); });
}

Point Search::inner(const Point& point) const {
  Point result;
  for (const std::size_t axis : axes_) result.push_back(point[axis]);
  return result;
}

// Axes without effect stay at their lower end.
Point Search::outer(const Point& point) const {
  Point result = box_.low;
  for (std::size_t i = 0; i < axes_.size(); ++i) result[axes_[i]] = point[i];
  return result;
}

const Evaluation& Search::run_at(const Point& point, bool is_of_design) {
  const auto found = std::ranges::find(result_.evaluations, point, &Evaluation::point);
  if (found != result_.evaluations.end()) {
    auto& mark = is_of_design_[static_cast<std::size_t>(found - result_.evaluations.begin())];
    if (is_of_design) mark = 1;
    return *found;
  }
  std::optional<std::vector<double>> responses = evaluate_(point);
  if (!responses) throw Interrupted{};
  result_.evaluations.push_back({point, *std::move(responses)});
  is_of_design_.push_back(is_of_design ? 1 : 0);
  complete_ = complete_replicas(result_.evaluations);
  TOLLGATE_CHECK(!complete_.empty(), "no replica finished at every point");
  return result_.evaluations.back();
}

void Search::run_grid() {
  for (const Point& point : grid_of(box_, options_.grid_per_axis)) run_at(point, true);
  result_.has_effect.assign(box_.axes(), 0);
  std::size_t stride = result_.evaluations.size();
  for (std::size_t axis = 0; axis < box_.axes(); ++axis) {
    stride /= options_.grid_per_axis;
    for (std::size_t i = 0; i < result_.evaluations.size(); ++i) {
      if (i / stride % options_.grid_per_axis == 0) continue;
      for (const std::size_t replica : complete_) {
        if (result_.evaluations[i].responses[replica] !=
            result_.evaluations[i - stride].responses[replica]) {
          result_.has_effect[axis] = 1;
        }
      }
    }
    if (result_.has_effect[axis] == 0) continue;
    axes_.push_back(axis);
    inner_box_.low.push_back(box_.low[axis]);
    inner_box_.high.push_back(box_.high[axis]);
  }
}

void Search::climb() {
  Point step;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    step.push_back(0.5 * inner_box_.width(i) / static_cast<double>(options_.grid_per_axis - 1));
  }
  search_locally(inner_box_, inner(best().point), step,
                 [this](const Point& point) { return mean(run_at(outer(point), false)); },
                 {options_.tolerance, options_.local_evaluations * static_cast<int>(axes_.size())});
}

Eigen::MatrixXd Search::responses_of(const std::vector<std::size_t>& places) const {
  Eigen::MatrixXd responses(static_cast<Eigen::Index>(places.size()),
                            static_cast<Eigen::Index>(complete_.size()));
  for (std::size_t k = 0; k < places.size(); ++k) {
    for (std::size_t r = 0; r < complete_.size(); ++r) {
      responses(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(r)) =
          result_.evaluations[places[k]].responses[complete_[r]];
    }
  }
  return responses;
}

// What the climb ran is left out: it goes where the roughness happens to be high.
Search::Surface Search::fit(const Box& window) {
  const auto is_near = [&](const Point& a, const Point& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::abs(a[i] - b[i]) > kNear * 0.5 * window.width(i)) return false;
    }
    return true;
  };
  for (const Point& wanted : design_of(window)) {
    bool is_there = false;
    for (std::size_t k = 0; k < result_.evaluations.size(); ++k) {
      const Point point = inner(result_.evaluations[k].point);
      is_there =
          is_there || (is_of_design_[k] != 0 && window.contains(point) && is_near(point, wanted));
    }
    if (!is_there) run_at(outer(wanted), true);
  }
  std::vector<std::size_t> places;
  std::vector<Point> points;
  for (std::size_t k = 0; k < result_.evaluations.size(); ++k) {
    Point point = inner(result_.evaluations[k].point);
    if (is_of_design_[k] == 0 || !window.contains(point)) continue;
    places.push_back(k);
    points.push_back(std::move(point));
  }
  const Eigen::MatrixXd responses = responses_of(places);
  Surface surface{QuadraticFit(window, points), {}, {}, 0, false};
  surface.coefficients = surface.fit.coefficients(responses);
  surface.argmax = surface.fit.argmax(surface.coefficients.rowwise().mean());
  surface.error = jackknife_error(window, points, responses.rowwise().mean());
  surface.is_misfit = is_misfit(surface.fit.residuals(responses, surface.coefficients));
  return surface;
}

// Roughness differs from replica to replica and averages out, a shape that is not quadratic does
// not: an F test of the mean residuals against their scatter between replicas. The degrees of
// freedom hold for roughness that is independent between points; it is a rule, not a finding.
bool Search::is_misfit(const Eigen::MatrixXd& residuals) const {
  const auto n = static_cast<double>(residuals.cols());
  if (n < 2) return false;
  const auto freedom =
      static_cast<double>(residuals.rows()) - static_cast<double>(quadratic_terms(axes_.size()));
  const Eigen::VectorXd mean = residuals.rowwise().mean();
  const double scatter = (residuals.colwise() - mean).squaredNorm() / (n - 1);
  const double ratio = n * mean.squaredNorm() / scatter;
  return ratio > boost::math::quantile(boost::math::fisher_f(freedom, freedom * (n - 1)), 0.95);
}

double Search::jackknife_error(const Box& window, const std::vector<Point>& points,
                               const Eigen::VectorXd& means) const {
  std::vector<Point> optima;
  for (std::size_t left_out = 0; left_out < points.size(); ++left_out) {
    std::vector<Point> others;
    Eigen::VectorXd values(static_cast<Eigen::Index>(points.size()) - 1);
    for (std::size_t k = 0; k < points.size(); ++k) {
      if (k == left_out) continue;
      values[static_cast<Eigen::Index>(others.size())] = means[static_cast<Eigen::Index>(k)];
      others.push_back(points[k]);
    }
    const QuadraticFit without(window, others);
    optima.push_back(without.argmax(without.coefficients(values)));
  }
  const auto n = static_cast<double>(points.size());
  double largest = 0;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    double centre = 0;
    for (const Point& optimum : optima) centre += optimum[i] / n;
    double squares = 0;
    for (const Point& optimum : optima) squares += (optimum[i] - centre) * (optimum[i] - centre);
    largest = std::max(largest, std::sqrt(squares * (n - 1) / n) / inner_box_.width(i));
  }
  return largest;
}

bool Search::is_on_open_side(const Point& point, const Box& window) const {
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (point[i] == window.low[i] && window.low[i] > inner_box_.low[i]) return true;
    if (point[i] == window.high[i] && window.high[i] < inner_box_.high[i]) return true;
  }
  return false;
}

/// The window of that size in which the maximum is not at a side, if it can be found.
Search::Surface Search::centred(Point centre, Point half_width) {
  Surface surface = fit(inner_box_.around(centre, half_width));
  for (int move = 0; move < kMostMoves && is_on_open_side(surface.argmax, surface.fit.window());
       ++move) {
    surface = fit(inner_box_.around(surface.argmax, half_width));
  }
  return surface;
}

Search::Surface Search::refined() {
  Point half_width;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const double step = 1 / static_cast<double>(options_.grid_per_axis - 1);
    half_width.push_back(std::max(kFirstWindow, step) * inner_box_.width(i));
  }
  Surface surface = centred(inner(best().point), half_width);
  Surface surest = surface;
  for (int in_vain = 0; surface.error > options_.tolerance && in_vain < kMostInVain;) {
    if (complete_.size() > 1 && !surface.is_misfit) return surface;
    for (double& width : half_width) width /= 2;
    surface = centred(surface.argmax, half_width);
    in_vain = surface.error < surest.error ? 0 : in_vain + 1;
    if (in_vain == 0) surest = surface;
  }
  return surest;
}

Search::Surface Search::widened(Surface surface, std::vector<Point>& optima) {
  while (true) {
    optima = resample_optima(
        surface.coefficients, [&](const Eigen::VectorXd& mean) { return surface.fit.argmax(mean); },
        options_.resamples, bootstrap_stream());
    const Box& window = surface.fit.window();
    const auto on_sides = std::ranges::count_if(
        optima, [&](const Point& optimum) { return is_on_open_side(optimum, window); });
    if (static_cast<double>(on_sides) <= kMostOnSides * options_.resamples) return surface;
    Point width;
    for (std::size_t i = 0; i < axes_.size(); ++i) width.push_back(window.width(i));
    surface = fit(inner_box_.around(surface.argmax, width));
  }
}

/// Runs the optimum of the fit, and prefers the best point run where that is clearly better: by
/// more than four standard errors, as it was picked from many.
void Search::settle(const Point& optimum) {
  run_at(optimum, false);
  const auto place_of = [this](const Point& point) {
    return static_cast<std::size_t>(
        std::ranges::find(result_.evaluations, point, &Evaluation::point) -
        result_.evaluations.begin());
  };
  result_.optimum = optimum;
  result_.run_at_optimum = place_of(optimum);
  result_.is_quadratic = true;
  const Evaluation& rival = best();
  std::vector<double> gain;
  for (const std::size_t replica : complete_) {
    gain.push_back(rival.responses[replica] -
                   result_.evaluations[result_.run_at_optimum].responses[replica]);
  }
  const MeanEstimate difference = estimate_mean(gain);
  if (!(difference.interval.low > 0.5 * difference.mean)) return;

  result_.optimum = rival.point;
  result_.run_at_optimum = place_of(rival.point);
  result_.is_quadratic = false;
  std::vector<std::size_t> places(result_.evaluations.size());
  for (std::size_t k = 0; k < places.size(); ++k) places[k] = k;
  const std::vector<Interval> intervals = percentile_intervals(resample_optima(
      responses_of(places),
      [this](const Eigen::VectorXd& means) {
        Eigen::Index highest = 0;
        means.maxCoeff(&highest);
        return result_.evaluations[static_cast<std::size_t>(highest)].point;
      },
      options_.resamples, bootstrap_stream()));
  for (const std::size_t axis : axes_) result_.interval[axis] = intervals[axis];
}

SearchResult Search::run() {
  try {
    run_grid();
    result_.interval.resize(box_.axes());
    for (std::size_t i = 0; i < box_.axes(); ++i) {
      if (result_.has_effect[i] == 0) result_.interval[i] = {box_.low[i], box_.high[i]};
    }
    if (axes_.empty()) {
      result_.optimum = box_.low;
      return std::move(result_);
    }
    climb();
    Surface surface = refined();
    if (complete_.size() > 1) {
      std::vector<Point> optima;
      surface = widened(std::move(surface), optima);
      const std::vector<Interval> intervals = percentile_intervals(optima);
      for (std::size_t i = 0; i < axes_.size(); ++i) result_.interval[axes_[i]] = intervals[i];
    }
    settle(outer(surface.argmax));
  } catch (const Interrupted&) {
    result_.was_interrupted = true;
    result_.optimum.clear();
    result_.interval.clear();
  }
  return std::move(result_);
}

}  // namespace

std::vector<std::size_t> complete_replicas(const std::vector<Evaluation>& evaluations) {
  std::vector<std::size_t> result;
  if (evaluations.empty()) return result;
  for (std::size_t replica = 0; replica < evaluations.front().responses.size(); ++replica) {
    const bool is_complete = std::ranges::none_of(
        evaluations, [replica](const Evaluation& e) { return std::isnan(e.responses[replica]); });
    if (is_complete) result.push_back(replica);
  }
  return result;
}

SearchResult maximise(const Box& box, const Evaluate& evaluate, const SearchOptions& options) {
  TOLLGATE_CHECK(options.grid_per_axis >= 3, "a grid of less than three points");
  return Search(box, evaluate, options).run();
}

}  // namespace tollgate
