/// The graph of jurisdictions over which grey shipments travel (Boost.Graph).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "engine/market/ids.hpp"

namespace tollgate {

/// A leg between two jurisdictions.
struct Leg {
  double cost_usd = 0;  ///< per chip
  double delay_days = 0;
  double detection = 0;  ///< probability that a lot is seized, in [0, 1)
};

/// A way from one jurisdiction to another.
struct Passage {
  double cost_usd = 0;  ///< per chip, all legs
  double delay_days = 0;
  double survival = 1;  ///< probability that a lot gets through
};

class TradeRoutes {
 public:
  explicit TradeRoutes(std::size_t regions);
  TradeRoutes(TradeRoutes&&) noexcept;
  TradeRoutes& operator=(TradeRoutes&&) noexcept;
  ~TradeRoutes();

  void add_leg(RegionId from, RegionId to, const Leg& leg);

  /// The passage of least expected cost, `cost + value * -ln(1 - detection)` summed over legs
  /// (Dijkstra), with every detection scaled by `enforcement` and kept below 1; nothing when there
  /// is no way. Parallel legs are allowed. Allocates; call it when rules or prices change, not per
  /// lot.
  [[nodiscard]] std::optional<Passage> least_expected_cost(RegionId from, RegionId to,
                                                           double value_usd,
                                                           double enforcement) const;

 private:
  struct Graph;  // Boost.Graph stays out of the headers
  std::unique_ptr<Graph> graph_;
};

}  // namespace tollgate
