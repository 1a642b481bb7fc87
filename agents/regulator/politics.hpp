/// Governments that change their mind: chains of regimes, and the law that follows them.
///
/// Part of the regulators. Once a month it looks at installed compute and at receipts, at the days
/// of its calendars at elections and summits, and tells each chain the hazards that follow. When a
/// chain moves, the instruments bound to its regimes come into force or go. Without a [politics]
/// table it schedules, draws and records nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "agents/context.hpp"
#include "engine/policy/politics.hpp"

namespace tollgate {

class Politics {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    std::optional<SeriesId> regime_index, regime_share, regime_changes;  ///< none without politics
  };

  Politics(const Context& context, const Series& series);

  /// Tells the law which instruments are on, before it is compiled; schedules the first looks.
  void start(Context& context);

  /// Whether that subject of kHazardsRevised is a monthly look.
  static bool is_monthly(std::size_t subject) { return subject == 0; }

  /// kHazardsRevised, with `receipts` since the start of the run. A monthly look takes note of
  /// compute and receipts, one at the edge of a calendar only of the calendars.
  void revise_hazards(Context& context, bool is_monthly, Cents receipts);

  /// kRegimeTurns. Returns whether an instrument has become known by it; the law is to be compiled.
  bool turn(Context& context, TransitionId transition);

  void close_quarter(Context& context);

 private:
  struct Government {
    RegimeChain chain;
    SimTime begins;
    EventHandle pending;  ///< the move to come
    Covariates covariates;
    std::optional<double> initial_gap;  ///< when the chain began
    SimTime counted_until;              ///< occupancy is booked up to here
  };

  void look_at_calendars(Context& context, const PoliticsSpec& spec) const;
  void schedule_next(Context& context, std::size_t government);
  void trace_hazards(const Context& context, std::size_t government) const;
  /// Returns whether an instrument that was off is now on and known.
  bool tell_law(Context& context) const;
  void count_time(std::size_t government, SimTime until);

  Series series_;
  std::vector<Government> governments_;
  std::vector<Cents> receipts_;  ///< since the start of the run, at the last twelve monthly looks
  std::vector<std::int64_t> minutes_;  ///< by regime, within the quarter
};

}  // namespace tollgate
