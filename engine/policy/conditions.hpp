/// What applies to the sale of one chip to one customer, and how rules add to it.
///
/// The order in which rules are added does not matter, but for `decided_by` (the last one of the
/// strictest). docs/model.md, "Rule resolution", is the table of how two of them combine.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "engine/kernel/money.hpp"
#include "engine/kernel/sim_time.hpp"
#include "engine/market/ids.hpp"

namespace tollgate {

/// Anyone who can order a chip from a vendor, as rules see him.
struct CustomerView {
  BuyerId buyer;  ///< none for a trader
  RegionId site;
  RegionId headquarters;
  std::string customer_class;
};

/// Index into the customers known to the law: buyers first, in their order, then traders.
using CustomerId = Id<struct CustomerTag>;

/// Index into the instruments of the scenario.
using InstrumentId = Id<struct InstrumentTag>;

/// How the licence office looks at an application; the later, the stricter.
enum class ReviewPolicy : unsigned char {
  kPresumptionOfApproval,
  kCaseByCase,
  kPresumptionOfDenial
};
inline constexpr std::array<std::string_view, 3> kReviewPolicyNames = {
    "presumption_of_approval", "case_by_case", "presumption_of_denial"};

/// Earlier than every order: a rule exempts none.
inline constexpr SimTime kNoExemption{std::numeric_limits<std::int64_t>::min()};

/// A rule that meets a sale.
struct Meeting {
  InstrumentId rule;
  SimTime exempts_orders_before = kNoExemption;  ///< grandfathering of orders
  bool stops_goods = false;                      ///< no grandfathering of goods on their way
  double strictness = 1;                         ///< of the government that reacts
};

struct Conditions {
  bool is_barred = false;
  bool needs_licence = false;
  bool stops_goods = false;  ///< barred goods that are on their way are turned back at the border
  ReviewPolicy review = ReviewPolicy::kPresumptionOfApproval;
  double levy_rate = 0;     ///< of proceeds, paid by the vendor
  double duty_rate = 0;     ///< of price, on top, paid by the customer, in transit
  double tariff_rate = 0;   ///< of price, on top, paid by the customer, at the destination
  double subsidy_rate = 0;  ///< of price, paid for the customer
  double testing_days = 0;
  double guidance = 0;          ///< units of discouragement
  double pass_probability = 1;  ///< at the destination's border
  double seized_share = 0;      ///< of what is stopped there, what is not given back
  double licence_days = std::numeric_limits<double>::infinity();   ///< validity, if a rule says
  double licence_units = std::numeric_limits<double>::infinity();  ///< most chips on one licence
  std::uint64_t caps = 0;   ///< the volume caps and quotas, a bit each (the 64th is reused)
  InstrumentId decided_by;  ///< the rule that bars or requires the licence; none if free
  SimTime barred_from = kNoExemption;    ///< orders placed before are exempt from the bar
  SimTime licensed_from = kNoExemption;  ///< and from the licence requirement

  bool operator==(const Conditions&) const = default;

  [[nodiscard]] double stop_probability() const { return 1 - pass_probability; }
  [[nodiscard]] bool bars(SimTime ordered) const { return is_barred && ordered >= barred_from; }
  [[nodiscard]] bool needs_licence_for(SimTime ordered) const {
    return needs_licence && ordered >= licensed_from;
  }

  /// What the customer pays in all, over the price.
  [[nodiscard]] double outlay_ratio() const { return 1 + duty_rate + tariff_rate - subsidy_rate; }
  /// The same for goods at `price`, each charge in whole cents.
  [[nodiscard]] Cents outlay(Cents price) const {
    return price + share_of(price, duty_rate) + share_of(price, tariff_rate) -
           share_of(price, subsidy_rate);
  }

  void bar(const Meeting& at) {
    barred_from =
        is_barred ? std::min(barred_from, at.exempts_orders_before) : at.exempts_orders_before;
    is_barred = true;
    stops_goods = stops_goods || at.stops_goods;
    decided_by = at.rule;
  }

  /// The strictest review counts.
  void require_licence(const Meeting& at, ReviewPolicy policy) {
    if (!needs_licence || policy > review) {
      review = policy;
      if (!is_barred) decided_by = at.rule;
    }
    licensed_from = needs_licence ? std::min(licensed_from, at.exempts_orders_before)
                                  : at.exempts_orders_before;
    needs_licence = true;
  }

  /// Shipments count against the rule's ceiling.
  void count_for(const Meeting& at) {
    caps |= std::uint64_t{1} << std::min<std::size_t>(at.rule.index(), 63);
  }

  /// Stops of different rules are independent.
  void stop_at_border(double probability) { pass_probability *= 1 - probability; }
};

}  // namespace tollgate
