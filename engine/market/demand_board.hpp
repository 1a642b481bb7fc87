/// The board on which buyers say what they are looking for; vendors read it to set prices.
///
/// It stands for what a sales force learns from its customers: how much compute each of them wants
/// for a workload, how it likes each chip, price aside, and what it could do instead. Prices are
/// left out, so that a vendor can ask what would be sold at other prices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/market/ids.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

/// How a buyer likes a chip for a workload: V = attraction - slope x BC(price in USD). A chip that
/// it may not or would not order at any price has attraction -infinity. For a chip of its own house
/// it pays `house_price_usd` and not what the vendor asks of others; attraction has that in it.
struct Taste {
  double attraction = -std::numeric_limits<double>::infinity();
  double slope = 0;
  double chips_per_h100e = 0;  ///< 1 / throughput
  bool is_of_house = false;
  double house_price_usd = 0;
};

/// What a buyer wants for a workload.
struct Want {
  double h100e_per_day = 0;  ///< that it chooses on, and can pay for at present prices
  double log_outside = 0;    ///< inclusive value of waiting, grey offers and rental
};

class DemandBoard {
 public:
  DemandBoard(std::size_t buyers, std::size_t chips)
      : chips_(chips), wants_(buyers * kWorkloads), tastes_(buyers * kWorkloads * chips) {}

  Want& want(BuyerId b, Workload w) { return wants_[place(b, w)]; }
  [[nodiscard]] const Want& want(BuyerId b, Workload w) const { return wants_[place(b, w)]; }
  Taste& taste(BuyerId b, Workload w, ChipId c) {
    return tastes_[place(b, w) * chips_ + c.index()];
  }
  [[nodiscard]] const Taste& taste(BuyerId b, Workload w, ChipId c) const {
    return tastes_[place(b, w) * chips_ + c.index()];
  }

 private:
  [[nodiscard]] static std::size_t place(BuyerId b, Workload w) {
    return b.index() * kWorkloads + static_cast<std::size_t>(w);
  }
  std::size_t chips_;
  std::vector<Want> wants_;
  std::vector<Taste> tastes_;
};

}  // namespace tollgate
