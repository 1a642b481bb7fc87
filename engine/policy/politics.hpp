/// A government as a continuous-time Markov chain over regimes, with hazards that depend on state.
///
/// q_k(t) = rate_k exp(sum of effect x covariate), constant between updates. Every transition has a
/// clock of its own that runs while the chain is in its regime of origin: it fires when its
/// integrated hazard reaches a threshold, unit exponential, drawn from the stream of (seed,
/// replica, transition, "hazard"). A clock that is stopped by another move keeps what is left: the
/// exponential has no memory, so that this is the same process as drawing anew (the next reaction
/// method of Gibson & Bruck 2000, doi:10.1021/jp993732q, with time change as in Anderson 2007,
/// doi:10.1063/1.2799998). Two scenarios with one seed thus share the luck of each transition,
/// whatever their hazards. Exact for such hazards, but for times rounded up to a minute.
///
/// Without noise nothing is drawn: every threshold is 1, its mean.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/kernel/stream.hpp"
#include "engine/policy/regime.hpp"

namespace tollgate {

/// What hazards may depend on, at one moment.
struct Covariates {
  double capability_gap = 0;
  double receipts = 0;  ///< billion USD
  double election = 0;
  double summit = 0;
};

/// Moves per year. The sum of effects is cut at +-50, so that the hazard is a finite number.
double hazard(const TransitionSpec& transition, const Covariates& covariates);

/// The largest weight among the days that are near: from `before_days` before a day to `after_days`
/// after it, ends included. 0 if none is.
double nearness(std::span<const CalendarDay> days, SimTime now, double before_days,
                double after_days);

/// What the calendars of a chain say at `now`.
void read_calendars(const PoliticsSpec& spec, SimTime now, Covariates& covariates);

class RegimeChain {
 public:
  struct Move {
    TransitionId transition;
    SimTime time;
  };

  /// The chain in `initial`, its clocks stopped until the first `update`. Of `transitions`, which
  /// must outlive it, those that begin in a regime of this chain concern it. Without `streams`
  /// nothing is drawn.
  RegimeChain(std::span<const TransitionSpec> transitions, std::span<const RegimeSpec> regimes,
              RegimeId initial, const std::optional<StreamFactory>& streams);

  /// Runs the clocks up to `now`, and on with the hazards at these covariates.
  void update(SimTime now, const Covariates& covariates);

  /// What will happen next if no update comes before it.
  [[nodiscard]] std::optional<Move> next() const;

  /// Makes the move: the clocks of the new regime run from `now`, with the covariates known.
  /// Precondition (checked): the transition begins in the present regime.
  void make(TransitionId transition, SimTime now);

  [[nodiscard]] RegimeId regime() const { return regime_; }

 private:
  struct Clock {
    TransitionId transition;
    std::optional<Stream> stream;
    double left = 1;  ///< of the threshold, in integrated hazard
    double rate = 0;  ///< hazard per minute, at the covariates known
  };
  void run_clocks(SimTime now);
  void wind(Clock& clock);
  [[nodiscard]] bool is_running(const Clock& clock) const {
    return transitions_[clock.transition.index()].from == regime_;
  }

  std::span<const TransitionSpec> transitions_;
  std::vector<Clock> clocks_;  ///< in the order of the transitions
  RegimeId regime_;
  SimTime updated_at_;
};

}  // namespace tollgate
