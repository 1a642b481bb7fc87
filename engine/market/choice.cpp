#include "engine/market/choice.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include "engine/kernel/batched_draws.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {

double box_cox(double x, double lambda) {
  // expm1 keeps the digits where lambda log x is small, and meets log x there without a jump.
  const double log_x = std::log(x);
  return std::abs(lambda) < 1e-12 ? log_x : std::expm1(lambda * log_x) / lambda;
}

void ChoiceSet::clear() {
  utilities_.clear();
  nests_.clear();
}

std::size_t ChoiceSet::add(double utility, std::uint8_t nest) {
  utilities_.push_back(utility);
  nests_.push_back(nest);
  return utilities_.size() - 1;
}

std::span<const double> ChoiceSet::probabilities(double similarity) {
  TOLLGATE_CHECK(!utilities_.empty(), "a choice without options");
  const double t = 1 - similarity;
  const std::size_t nests = *std::ranges::max_element(nests_) + std::size_t{1};
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  inclusive_.assign(nests, 0);
  largest_.assign(nests, kNever);
  for (std::size_t j = 0; j < size(); ++j) {
    largest_[nests_[j]] = std::max(largest_[nests_[j]], utilities_[j]);
  }
  work_.resize(size());
  for (std::size_t j = 0; j < size(); ++j) {
    work_[j] = (utilities_[j] - largest_[nests_[j]]) / t;
  }
  // Memory of a vector is aligned for it, and comes from a replica's heap where there is one.
  Eigen::Map<Eigen::ArrayXd, Eigen::Aligned16> terms(work_.data(), std::ssize(work_));
  terms = terms.exp();
  for (std::size_t j = 0; j < size(); ++j) {
    inclusive_[nests_[j]] += work_[j];
  }
  // From here on inclusive_ is the logarithm of S_g^t, and largest_ holds S_g without its scale.
  double top = kNever;
  for (std::size_t g = 0; g < nests; ++g) {
    const double sum = inclusive_[g];
    inclusive_[g] = sum > 0 ? largest_[g] + t * std::log(sum) : kNever;
    largest_[g] = sum;
    top = std::max(top, inclusive_[g]);
  }
  double denominator = 0;
  for (const double value : inclusive_) denominator += std::exp(value - top);
  for (std::size_t j = 0; j < size(); ++j) {
    const std::size_t g = nests_[j];
    double& p = work_[j];
    p = p / largest_[g] * std::exp(inclusive_[g] - top) / denominator;
  }
  log_sum_ = top + std::log(denominator);
  return {work_.data(), size()};
}

void allocate_lots(std::span<const double> probabilities, std::int64_t lots, Stream* stream,
                   std::span<std::int64_t> counts) {
  std::ranges::fill(counts, 0);
  if (stream != nullptr) {
    draw_counts(probabilities, lots, *stream, counts);
    return;
  }
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  const auto exact = [&](std::size_t j) {
    return probabilities[j] / sum * static_cast<double>(lots);
  };
  std::int64_t left = lots;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    counts[j] = static_cast<std::int64_t>(std::floor(exact(j)));
    left -= counts[j];
  }
  for (; left > 0; --left) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < counts.size(); ++j) {
      if (exact(j) - static_cast<double>(counts[j]) >
          exact(best) - static_cast<double>(counts[best]))
        best = j;
    }
    ++counts[best];
  }
}

}  // namespace tollgate
