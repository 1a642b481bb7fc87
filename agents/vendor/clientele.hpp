/// The buyers of a region as a seller sees them: what they have said on the demand board, summed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

/// A product of the pricing game: a chip at the vendor's price, or as its own house gets it.
struct ListedChip {
  ChipId chip;
  bool is_for_house = false;

  bool operator==(const ListedChip&) const = default;
};

/// The levies of all sales, in the order in which buyers are walked: the law keeps a sale's
/// conditions chip by chip, and in rows of some hundred bytes.
class LevyRates {
 public:
  void read(const Context& context);
  /// Of the group's buyers, by chip.
  [[nodiscard]] const double* of(CustomerGroupId group) const {
    return rates_.data() + group.index() * chips_;
  }

 private:
  std::size_t chips_ = 0;
  std::vector<double> rates_;  ///< [group][chip]
};

class Clientele {
 public:
  Clientele(const Context& context, RegionId region);

  [[nodiscard]] RegionId region() const { return region_; }

  /// Walks over all buyers once; what the functions below say is of this moment.
  void survey(const Context& context, const LevyRates& levies);

  /// The levy that the vendor of the chip reckons with: the mean over buyers by what they would
  /// take of the chip; by head while nobody wants any. A fine that must be expected is one more
  /// share of proceeds that the vendor does not keep.
  [[nodiscard]] double levy(const Context& context, ChipId chip) const;
  /// Whether anybody who looks for compute would take the chip at some price.
  [[nodiscard]] bool is_wanted(const ListedChip& listed) const;
  /// What the chip's own house pays: the mean by what its buyers want.
  [[nodiscard]] double house_price(ChipId chip) const;

  /// Demand for these chips as a function of prices.
  void describe(const Context& context, std::span<const ListedChip> chips, DemandSystem& demand);

 private:
  /// A buyer with a workload.
  struct BuyerType {
    BuyerId buyer;
    Workload workload;
  };
  /// Types with one home: they put a chip into the same nest.
  struct Segment {
    RegionId headquarters;
    std::vector<BuyerType> types;
  };
  struct ChipSums {
    double levy = 0;  ///< by what is wanted
    double wanted = 0;
    double levy_by_head = 0;
    double house_paid = 0;
    double house_wanted = 0;
    bool is_wanted_openly = false;
    bool is_wanted_by_house = false;
  };

  RegionId region_;
  double heads_ = 0;
  std::vector<Segment> segments_;
  std::vector<ChipSums> sums_;       ///< by chip
  std::vector<std::uint8_t> nests_;  ///< scratch of describe
};

}  // namespace tollgate
