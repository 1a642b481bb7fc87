/// The board on which sellers post what they offer; buyers read it, nobody else's state.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/kernel/money.hpp"
#include "engine/market/ids.hpp"

namespace tollgate {

/// A vendor's offer of a chip in a region.
struct ChipOffer {
  bool is_open = false;
  Cents price;
  double transformed_price = 0;  ///< BC(price in USD), which buyers' utility is linear in
  double delay_days = 0;         ///< until chips leave the vendor's stock, from backlog and supply
};

/// A trader's offer of a chip in a region where it may not be sold.
struct GreyOffer {
  bool is_open = false;
  TraderId trader;
  Cents price;
  double delay_days = 0;
  double seizure = 0;  ///< probability that a lot is lost on the way
};

/// A landlord's offer of compute.
struct RentalOffer {
  Cents price_per_month;  ///< per H100e
  double free_h100e = 0;
  double contract_days = 0;
};

class OfferBoard {
 public:
  OfferBoard(std::size_t chips, std::size_t regions, std::size_t landlords)
      : regions_(regions), chips_(chips * regions), grey_(chips * regions), rental_(landlords) {}

  ChipOffer& chip(ChipId c, RegionId r) { return chips_[place(c, r)]; }
  [[nodiscard]] const ChipOffer& chip(ChipId c, RegionId r) const { return chips_[place(c, r)]; }
  GreyOffer& grey(ChipId c, RegionId r) { return grey_[place(c, r)]; }
  [[nodiscard]] const GreyOffer& grey(ChipId c, RegionId r) const { return grey_[place(c, r)]; }
  RentalOffer& rental(LandlordId l) { return rental_[l.index()]; }
  [[nodiscard]] const RentalOffer& rental(LandlordId l) const { return rental_[l.index()]; }

 private:
  [[nodiscard]] std::size_t place(ChipId c, RegionId r) const {
    return c.index() * regions_ + r.index();
  }
  std::size_t regions_;
  std::vector<ChipOffer> chips_;
  std::vector<GreyOffer> grey_;
  std::vector<RentalOffer> rental_;
};

}  // namespace tollgate
