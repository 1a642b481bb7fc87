/// Prices: what a vendor asks for its chips in each region, posted on the offer board.
///
/// A vendor that reprices reads from the demand board what each buyer wants and how it likes each
/// chip, and from the offer board what its rivals ask. Expected sales follow from these by nested
/// logit; its prices solve its first-order conditions with the levy on proceeds and the shadow
/// price of what it can deliver until it reprices again, over all regions at once, since they draw
/// on the same chips (engine/market/pricing_game, docs/pricing.md). What a buyer of the vendor's
/// own house takes at transfer price is a listing of its own with a given price.
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "agents/vendor/clientele.hpp"
#include "agents/vendor/product.hpp"
#include "engine/market/pricing_game.hpp"

namespace tollgate {

class Pricing {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId shadow_price, pricing_iterations, pricing_solves, pricing_unsolved, pricing_residual;
  };

  Pricing(const Context& context, const Series& series);

  /// Sets the prices of all chips of a vendor and posts them.
  void reprice(Context& context, VendorId vendor, const Products& products);
  /// All vendors, one after the other, at one instant.
  void reprice_all(Context& context, const Products& products);
  /// Tells buyers anew how long they will wait for a chip.
  void quote_delays(Context& context, ChipId chip, const Product& product) const;
  /// A chip comes on sale: its prices start from its list price.
  void list(const Context& context, ChipId chip);
  void close_quarter(Context& context);

 private:
  /// What is on sale at one region, and to whom.
  struct Market {
    Clientele clientele;
    bool is_surveyed = false;           ///< at this instant
    std::vector<ListedChip> chips;      ///< that are listed in the game at hand
    std::vector<ListedChip> described;  ///< that `demand` is of, at this instant
    DemandSystem demand;
  };

  void begin(const Context& context);
  void set_prices(Context& context, VendorId vendor, const Products& products);
  const Clientele& clientele(const Context& context, Market& market) const;
  void solve(Context& context, VendorId vendor, const Products& products);
  void set_up(const Context& context, VendorId vendor, const Products& products);
  void list_chips(const Context& context, Market& market, VendorId vendor);
  [[nodiscard]] bool may_play(const Context& context, const Market& market, VendorId vendor) const;
  void describe_demand(const Context& context, Market& market);
  void add_listing(const Context& context, const Market& market, ListedChip listed,
                   VendorId vendor);
  void take_over(Context& context, VendorId vendor, const PricingResult& result);
  void forget_shadow_prices(const Context& context, VendorId vendor);
  void post_offer(Context& context, ChipId chip, RegionId region, const Product& product);
  /// What the trace is told of an offer (agents/vendor/trace_prices.cpp); only while there is one.
  void trace_offer(const Context& context, ChipId chip, RegionId region,
                   const ChipOffer& old) const;
  /// In the game at hand, or the last one; null: it was not in it.
  [[nodiscard]] const Listing* listing_of(ChipId chip, RegionId region) const;
  [[nodiscard]] Reason why_price(const Context& context, ChipId chip, RegionId region,
                                 const ChipOffer& old) const;
  [[nodiscard]] bool is_moving(const Context& context, ChipId chip, VendorId vendor) const;
  [[nodiscard]] double wafer_opportunity(const Context& context, ChipId chip);
  [[nodiscard]] std::size_t place(ChipId chip, RegionId region) const {
    return chip.index() * regions_ + region.index();
  }

  Series series_;
  std::size_t regions_;
  LevyRates levies_;
  std::vector<Market> markets_;             ///< by region
  std::vector<double> prices_;              ///< [chip][region], USD
  std::vector<std::uint8_t> is_withdrawn_;  ///< [chip][region]
  std::vector<double> shadow_prices_;       ///< by chip, USD
  std::vector<double> worst_residual_;      ///< by vendor, this quarter

  // The game at hand.
  std::vector<const DemandSystem*> demands_;
  std::vector<const Market*> played_;
  std::vector<Listing> listings_;
  std::vector<double> start_;
  std::vector<std::uint8_t> moves_;
  std::vector<double> capacities_;  ///< by chip, per day
  PricingGame game_;
};

}  // namespace tollgate
