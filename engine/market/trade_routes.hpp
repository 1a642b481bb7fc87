/// The graph of jurisdictions over which grey shipments travel (Boost.Graph).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "engine/market/ids.hpp"

namespace tollgate {

/// A leg between two jurisdictions.
struct Leg {
  double cost_usd = 0;  ///< per chip
  double delay_days = 0;
  double detection = 0;  ///< probability that a lot is seized, in [0, 1)
  std::int64_t capacity =
      std::numeric_limits<std::int64_t>::max();  ///< chips between two reopenings
};

/// A way from one jurisdiction to another.
struct Passage {
  double cost_usd = 0;  ///< per chip, all legs
  double delay_days = 0;
  double survival = 1;              ///< probability that a lot gets through
  std::vector<std::uint32_t> legs;  ///< in the order in which they were added to the routes
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
  /// is no way over legs with capacity left. Parallel legs are allowed. Allocates; call it when
  /// rules, prices or what is free change, not per lot.
  [[nodiscard]] std::optional<Passage> least_expected_cost(RegionId from, RegionId to,
                                                           double value_usd,
                                                           double enforcement) const;

  /// Chips that the passage can still take.
  [[nodiscard]] std::int64_t free_units(const Passage& passage) const;
  /// Sends chips along the passage: they use up capacity of its legs until `reopen`. Precondition:
  /// units <= free_units(passage).
  void use(const Passage& passage, std::int64_t units);
  /// All legs have their whole capacity again.
  void reopen();

 private:
  struct Graph;  // Boost.Graph stays out of the headers
  std::unique_ptr<Graph> graph_;
};

}  // namespace tollgate
