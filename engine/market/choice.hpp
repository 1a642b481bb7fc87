/// Discrete choice: nested logit over options (Train 2009, ch. 4; Berry 1994; Cardell 1997).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernel/stream.hpp"

namespace tollgate {

/// Box-Cox transform (x^lambda - 1) / lambda of a relative price x > 0; log x at lambda 0.
/// lambda 1 gives a linear logit, lambda 0 constant elasticity.
double box_cox(double x, double lambda);

/// Options of one choice, cleared and filled anew each time; keeps its memory.
class ChoiceSet {
 public:
  void clear();

  /// Adds an option to nest `nest` (small numbers; nests may be sparse). Returns its index.
  std::size_t add(double utility, std::uint8_t nest);

  [[nodiscard]] std::size_t size() const { return utilities_.size(); }
  [[nodiscard]] double utility(std::size_t option) const { return utilities_[option]; }

  /// Probabilities of the options under nests of similarity in [0, 1); 0 is the plain logit.
  /// P(j) = exp(V_j/t) / S_g * S_g^t / sum_h S_h^t with t = 1 - similarity, S_g = sum of exp(V_k/t)
  /// over nest g; computed on logarithms, so that no utility overflows. The span is valid until the
  /// next call. Precondition: at least one option.
  std::span<const double> probabilities(double similarity);

  /// Logarithm of the denominator: expected maximum utility up to a constant, in utils.
  /// Of the last call of `probabilities`.
  [[nodiscard]] double log_sum() const { return log_sum_; }

 private:
  std::vector<double> utilities_;
  std::vector<std::uint8_t> nests_;
  std::vector<double> inclusive_;  ///< by nest
  std::vector<double> largest_;    ///< by nest
  std::vector<double> work_;
  double log_sum_ = 0;
};

/// Splits `lots` among options: draws each lot when a stream is given, else by largest remainder
/// (ties to the lower index). `counts` has one entry per option and sums to `lots`.
void allocate_lots(std::span<const double> probabilities, std::int64_t lots, Stream* stream,
                   std::span<std::int64_t> counts);

}  // namespace tollgate
