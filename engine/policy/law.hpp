/// The law in force, compiled so that judging a sale is an array look-up.
///
/// Instruments are resolved against every chip-customer pair whenever the law changes
/// (docs/model.md, "Rule resolution"): all conditions must be met, all caps bind, all charges add
/// up. Among licence requirements the strictest review counts; a rule that another one in force
/// supersedes does not hold for the pairs that the other one touches. What a rule adds to the
/// conditions of a sale is in the header of its kind, engine/policy/instruments.
///
/// Customers whom no rule can tell apart form a group, and the law is resolved once for it: a
/// fringe of hundreds of buyers costs no more than one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/market/chip.hpp"
#include "engine/market/ids.hpp"
#include "engine/policy/conditions.hpp"
#include "engine/policy/instrument.hpp"

namespace tollgate {

/// Index into the groups of customers whom no rule can tell apart.
using CustomerGroupId = Id<struct CustomerGroupTag>;

class Law {
 public:
  /// `vendor_headquarters` is indexed by vendor. The arguments must outlive the law.
  Law(std::span<const InstrumentSpec> instruments, std::span<const ChipSpec> chips,
      std::span<const RegionId> vendor_headquarters, std::vector<CustomerView> customers,
      std::size_t suppliers);

  /// Resolves all instruments in force at `now`. Returns whether anything that applies to a sale or
  /// to supply has changed; who may rent abroad is not among it.
  bool compile(SimTime now);

  /// Looks at a chip whose attributes have changed anew; to be followed by `compile`.
  void revise(ChipId chip);

  [[nodiscard]] const Conditions& conditions(ChipId chip, CustomerId customer) const {
    return table_[place(chip, group_of(customer))];
  }

  /// What the rule by itself adds to the conditions of a sale that it touches.
  [[nodiscard]] Conditions alone(InstrumentId instrument) const {
    Conditions result;
    add_to(result, instrument.index());
    return result;
  }

  /// Whether `instrument` is in force for the pair, as of the last compile: neither switched off
  /// nor superseded.
  [[nodiscard]] bool applies(InstrumentId instrument, ChipId chip, CustomerId customer) const {
    return applies(instrument, chip, group_of(customer));
  }

  /// Whether a rule stops `supplier` from serving `vendor`.
  [[nodiscard]] bool is_cut(SupplierId supplier, VendorId vendor) const {
    return cuts_[supplier.index() * vendor_headquarters_.size() + vendor.index()] != 0;
  }

  /// Factor on what the supplier can make; 1 without a rule.
  [[nodiscard]] double supply_factor(SupplierId supplier) const {
    return supply_factors_[supplier.index()];
  }

  /// Factor on detection along grey routes; 1 without a rule.
  [[nodiscard]] double enforcement() const { return enforcement_; }

  /// When it came into force the last time, by its date or as it was switched on. Precondition: it
  /// has.
  [[nodiscard]] SimTime in_force_since(InstrumentId instrument) const {
    return in_force_since_[instrument.index()];
  }

  /// Switches a rule on or off besides its dates; to be followed by `compile`.
  void set_switch(InstrumentId instrument, bool is_on) {
    is_on_[instrument.index()] = static_cast<std::uint8_t>(is_on);
  }
  [[nodiscard]] bool is_on(InstrumentId instrument) const {
    return is_on_[instrument.index()] != 0;
  }
  /// Whether neither switch nor regime keeps the rule from holding at its dates.
  [[nodiscard]] bool is_live(InstrumentId instrument) const {
    return is_on(instrument) && is_regime_on(instrument);
  }

  /// Strictness of the government that reacts (responsive rules); to be followed by `compile`.
  void set_strictness(double strictness) { strictness_ = strictness; }
  [[nodiscard]] double strictness() const { return strictness_; }

  /// Whether the customer may not rent compute abroad.
  [[nodiscard]] bool is_rental_closed(CustomerId customer) const {
    return closed_rental_[group_of(customer).index()] != 0;
  }

  /// Whether `instrument` touches the pair by its targets and bounds, its own dates aside; through
  /// a headquarters rule only while that one is in force.
  [[nodiscard]] bool touches(InstrumentId instrument, ChipId chip, CustomerId customer) const {
    return touches(instrument, chip, group_of(customer));
  }

  /// The same by targets alone, whatever the chip's attributes.
  [[nodiscard]] bool aims_at(InstrumentId instrument, ChipId chip, CustomerId customer) const;

  /// The instruments that supersede this one.
  [[nodiscard]] std::span<const std::size_t> superseded_by(InstrumentId instrument) const {
    return superseded_by_[instrument.index()];
  }

  /// Probability that an order for the chip is granted and passes the border; 0 where it is barred.
  [[nodiscard]] double availability(ChipId chip, CustomerId customer) const;

  /// The same under other conditions.
  [[nodiscard]] double availability_with(const Conditions& conditions, ChipId chip,
                                         CustomerId customer) const {
    return availability_with(conditions, place(chip, group_of(customer)));
  }

  /// The same just before the present instant, if the law has changed at it.
  [[nodiscard]] double earlier_availability(ChipId chip, CustomerId customer) const {
    return earlier_[place(chip, group_of(customer))];
  }

  /// The same, were `instrument` in force too: never above `availability`.
  [[nodiscard]] double availability_under(InstrumentId instrument, ChipId chip,
                                          CustomerId customer) const;

  /// Whether `instrument` is known and will come into force later.
  [[nodiscard]] bool is_pending(InstrumentId instrument, SimTime now) const;

  [[nodiscard]] bool is_in_force(InstrumentId instrument, SimTime now) const;

  /// Whether it is known at `now` and not over: announced, or in force without notice.
  [[nodiscard]] bool is_known(InstrumentId instrument, SimTime now) const;

  /// Whether the regimes that the instrument is bound to last. One that is bound to none is told
  /// nothing and always on; it takes effect at the next `compile`.
  void set_regime_on(InstrumentId instrument, bool is_on) {
    is_regime_on_[instrument.index()] = static_cast<std::uint8_t>(is_on);
  }
  [[nodiscard]] bool is_regime_on(InstrumentId instrument) const {
    return is_regime_on_[instrument.index()] != 0;
  }

  /// Probability that the seller's government lets an order go, by the rules known at `now`.
  [[nodiscard]] double known_export_availability(ChipId chip, CustomerId customer,
                                                 SimTime now) const;

  /// Whether the last compile has changed anything for the vendor's sales or supply.
  [[nodiscard]] bool has_changed_for(VendorId vendor) const {
    return has_changed_for_[vendor.index()] != 0;
  }
  [[nodiscard]] const InstrumentSpec& instrument(InstrumentId id) const {
    return instruments_[id.index()];
  }
  [[nodiscard]] RegionId headquarters_of_maker(ChipId chip) const {
    return vendor_headquarters_[chips_[chip.index()].vendor.index()];
  }
  [[nodiscard]] std::size_t instruments() const { return instruments_.size(); }
  [[nodiscard]] std::size_t customers() const { return customers_.size(); }
  [[nodiscard]] const CustomerView& customer(CustomerId id) const { return customers_[id.index()]; }

  /// Customers whom no rule can tell apart: of one site, headquarters and class, and named by the
  /// same rules.
  [[nodiscard]] CustomerGroupId group_of(CustomerId customer) const {
    return group_of_[customer.index()];
  }
  /// The first customer of each group.
  [[nodiscard]] std::span<const CustomerId> group_heads() const { return group_heads_; }

  /// What speaks for or against a grant to customers of the group for the chip, whatever the order:
  /// its odds are multiplied by this (engine/policy/grant_criteria).
  void set_grant_odds(ChipId chip, CustomerGroupId group, double odds) {
    grant_odds_[place(chip, group)] = odds;
  }
  [[nodiscard]] double grant_odds(ChipId chip, CustomerId customer) const {
    return grant_odds_[place(chip, group_of(customer))];
  }

  /// Days that an application is expected to take; posted by the licence office.
  double expected_review_days = 0;
  /// Probability of a grant by review policy; posted by the licence office.
  double grant_probability[kReviewPolicyNames.size()] = {1, 1, 1};

 private:
  void form_groups();
  void put_in_force(SimTime now, std::optional<SimTime> last);
  void resolve_supply();
  void close_rental();
  void resolve(ChipId chip, CustomerGroupId group, Conditions& result) const;
  void add_to(Conditions& conditions, std::size_t rule) const;
  [[nodiscard]] bool aims_at(const InstrumentSpec& rule, ChipId chip,
                             const CustomerView& customer) const;
  void note_availability();
  [[nodiscard]] bool applies(InstrumentId instrument, ChipId chip, CustomerGroupId group) const;
  [[nodiscard]] bool touches(InstrumentId instrument, ChipId chip, CustomerGroupId group) const;
  [[nodiscard]] bool is_superseded(std::size_t rule, ChipId chip, CustomerGroupId group) const;
  [[nodiscard]] double availability_with(const Conditions& conditions, std::size_t place) const;
  [[nodiscard]] std::size_t place(ChipId chip, CustomerGroupId group) const {
    return chip.index() * group_heads_.size() + group.index();
  }
  [[nodiscard]] const CustomerView& head(std::size_t group) const {
    return customers_[group_heads_[group].index()];
  }

  std::span<const InstrumentSpec> instruments_;
  std::span<const ChipSpec> chips_;
  std::span<const RegionId> vendor_headquarters_;
  std::vector<CustomerView> customers_;
  /// How a rule touches a pair.
  enum class Reach : std::uint8_t { kNone, kDirect, kCarried };
  [[nodiscard]] Reach& reach(std::size_t rule, ChipId chip, CustomerGroupId group) {
    return reach_[rule * chips_.size() * group_heads_.size() + place(chip, group)];
  }
  [[nodiscard]] Reach reach(std::size_t rule, ChipId chip, CustomerGroupId group) const {
    return reach_[rule * chips_.size() * group_heads_.size() + place(chip, group)];
  }
  /// Whether a headquarters rule in force carries the rule to the group.
  [[nodiscard]] bool is_carried(std::size_t rule, CustomerGroupId group) const;

  std::vector<CustomerGroupId> group_of_;  ///< by customer
  std::vector<CustomerId> group_heads_;    ///< by group
  std::vector<Reach> reach_;               ///< [instrument][chip][group]
  /// A headquarters rule, and whether it carries the rule in question, by group.
  struct Carrier {
    std::size_t rule;
    std::vector<std::uint8_t> carries;
  };
  std::vector<std::vector<Carrier>> carried_by_;         ///< by instrument
  std::vector<std::vector<std::size_t>> superseded_by_;  ///< by instrument
  std::vector<std::uint8_t> is_regime_on_;               ///< by instrument
  std::vector<std::uint8_t> in_force_;                   ///< by instrument, at the last compile
  std::vector<SimTime> in_force_since_;                  ///< by instrument, while it is in force
  std::vector<Conditions> table_;                        ///< [chip][group]
  std::vector<double> earlier_;     ///< [chip][group], availability before the last change
  std::vector<double> grant_odds_;  ///< [chip][group]
  std::optional<SimTime> compiled_at_;
  std::vector<std::uint8_t> is_on_;            ///< by instrument
  std::vector<std::uint8_t> cuts_;             ///< [supplier][vendor]
  std::vector<double> supply_factors_;         ///< by supplier
  std::vector<std::uint8_t> closed_rental_;    ///< by group
  std::vector<std::uint8_t> has_changed_for_;  ///< by vendor
  double enforcement_ = 1;
  double strictness_ = 1;
};

}  // namespace tollgate
