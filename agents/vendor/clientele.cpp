#include "agents/vendor/clientele.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tollgate {
namespace {

constexpr double kLeastPriceUsd = 0.01;

}  // namespace

void LevyRates::read(const Context& context) {
  chips_ = context.chips.size();
  const auto heads = context.law.group_heads();
  rates_.resize(heads.size() * chips_);
  for (std::size_t g = 0; g < heads.size(); ++g) {
    for (std::size_t c = 0; c < chips_; ++c) {
      rates_[g * chips_ + c] = context.law.conditions(ChipId{c}, heads[g]).levy_rate;
    }
  }
}

Clientele::Clientele(const Context& context, RegionId region)
    : region_(region), sums_(context.chips.size()) {
  for (std::size_t home = 0; home < context.spec.regions.size(); ++home) {
    Segment segment{RegionId{home}, {}};
    for (std::size_t b = 0; b < context.spec.buyers.size(); ++b) {
      const BuyerSpec& buyer = context.spec.buyers[b];
      if (buyer.site != region || buyer.headquarters != segment.headquarters) continue;
      for (const Workload workload : kAllWorkloads) {
        segment.types.push_back({BuyerId{b}, workload});
      }
    }
    heads_ += static_cast<double>(segment.types.size());
    if (!segment.types.empty()) segments_.push_back(std::move(segment));
  }
}

void Clientele::survey(const Context& context, const LevyRates& levies) {
  std::ranges::fill(sums_, ChipSums{});
  for (const Segment& segment : segments_) {
    for (const BuyerType& type : segment.types) {
      const double h100e_per_day = context.demand.want(type.buyer, type.workload).h100e_per_day;
      const Taste* const tastes = &context.demand.taste(type.buyer, type.workload, ChipId{0U});
      const double* const rates = levies.of(context.law.group_of(CustomerId{type.buyer.index()}));
      for (std::size_t c = 0; c < sums_.size(); ++c) {
        ChipSums& sums = sums_[c];
        const Taste& taste = tastes[c];
        sums.levy_by_head += rates[c];
        if (!std::isfinite(taste.attraction)) continue;
        const double want = h100e_per_day * taste.chips_per_h100e;
        sums.levy += want * rates[c];
        sums.wanted += want;
        if (taste.is_of_house) {
          sums.house_paid += h100e_per_day * taste.house_price_usd;
          sums.house_wanted += h100e_per_day;
          sums.is_wanted_by_house = sums.is_wanted_by_house || h100e_per_day > 0;
        } else {
          sums.is_wanted_openly = sums.is_wanted_openly || (h100e_per_day > 0 && taste.slope > 0);
        }
      }
    }
  }
}

double Clientele::levy(const Context& context, ChipId chip) const {
  const ChipSums& sums = sums_[chip.index()];
  const double fine = context.expected_fine(context.chips[chip.index()].vendor, region_);
  if (sums.wanted > 0) return sums.levy / sums.wanted + fine;
  return (heads_ > 0 ? sums.levy_by_head / heads_ : 0.0) + fine;
}

bool Clientele::is_wanted(const ListedChip& listed) const {
  const ChipSums& sums = sums_[listed.chip.index()];
  return listed.is_for_house ? sums.is_wanted_by_house : sums.is_wanted_openly;
}

double Clientele::house_price(ChipId chip) const {
  const ChipSums& sums = sums_[chip.index()];
  return std::max(sums.house_paid / sums.house_wanted, kLeastPriceUsd);
}

void Clientele::describe(const Context& context, std::span<const ListedChip> chips,
                         DemandSystem& demand) {
  const DemandSpec& spec = context.spec.demand;
  demand.reset(chips.size(), spec.price_curvature, spec.nest_similarity);
  for (const Segment& segment : segments_) {
    nests_.clear();
    for (const ListedChip& listed : chips) {
      const VendorId seller = context.chips[listed.chip.index()].vendor;
      const bool is_foreign = context.vendor_headquarters[seller.index()] != segment.headquarters;
      nests_.push_back(
          static_cast<std::uint8_t>(is_foreign ? Origin::kLegalForeign : Origin::kDomestic));
    }
    demand.add_segment(nests_);
    for (const BuyerType& type : segment.types) {
      const Want& want = context.demand.want(type.buyer, type.workload);
      if (want.h100e_per_day <= 0) continue;
      const std::size_t row = demand.add_type(want.log_outside);
      const Taste* const tastes = &context.demand.taste(type.buyer, type.workload, ChipId{0U});
      for (std::size_t j = 0; j < chips.size(); ++j) {
        const Taste& taste = tastes[chips[j].chip.index()];
        if (!std::isfinite(taste.attraction) || taste.is_of_house != chips[j].is_for_house) {
          continue;
        }
        demand.offer(row, j, {taste.attraction, taste.slope},
                     want.h100e_per_day * taste.chips_per_h100e);
      }
    }
  }
}

}  // namespace tollgate
