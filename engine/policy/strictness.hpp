/// How strict a government is that reacts: S, 1 being as at the start.
///
///   d ln S / dt = (target - ln S) / lag
///   target      = pull of moves + supply_weight x (coverage - coverage at the start)
///
/// A move of the foreign government adds to the pull of moves, which fades exponentially with the
/// memory; coverage holds until it is told anew. Exact for both. What is carried out is S between
/// floor and ceiling.
#pragma once

#include "engine/kernel/sim_time.hpp"
#include "engine/policy/response_spec.hpp"

namespace tollgate {

class Strictness {
 public:
  Strictness(const ResponseSpec& spec, SimTime start) : spec_(spec), time_(start) {}

  /// Moves on to `now`, which is not before the last one.
  void advance(SimTime now);

  /// The foreign government has opened, and closed, these shares of what it has to offer.
  void see_move(double opened, double closed) {
    pull_of_moves_ += spec_.opening_weight * opened + spec_.tightening_weight * closed;
  }
  /// Domestic vendors cover so much more of demand than at the start.
  void see_coverage(double gained) { pull_of_supply_ = spec_.supply_weight * gained; }

  [[nodiscard]] double value() const;

 private:
  ResponseSpec spec_;
  SimTime time_;
  double logarithm_ = 0;
  double pull_of_moves_ = 0;
  double pull_of_supply_ = 0;
};

}  // namespace tollgate
