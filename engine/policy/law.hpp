/// The law in force, compiled so that judging a sale is an array look-up.
///
/// Instruments are resolved against every chip-customer pair whenever the law changes
/// (docs/model.md, "Rule resolution"): all conditions must be met, all caps bind, all charges add
/// up. Among licence requirements the strictest review counts; a rule that another one in force
/// supersedes does not hold for the pairs that the other one touches.
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
#include "engine/policy/instrument.hpp"

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

/// What applies to the sale of one chip to one customer.
struct Conditions {
  bool is_barred = false;
  bool needs_licence = false;
  ReviewPolicy review = ReviewPolicy::kPresumptionOfApproval;
  double levy_rate = 0;  ///< of proceeds, paid by the vendor
  double duty_rate = 0;  ///< of price, on top, paid by the customer
  double testing_days = 0;
  double guidance = 0;          ///< units of discouragement
  double stop_probability = 0;  ///< at the destination's border
  std::uint64_t caps = 0;       ///< the volume caps and quotas, a bit each (the 64th is reused)
  InstrumentId decided_by;      ///< the rule that bars or requires the licence; none if free

  bool operator==(const Conditions&) const = default;
};

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
    return table_[chip.index() * customers_.size() + customer.index()];
  }

  /// Whether a rule stops `supplier` from serving `vendor`.
  [[nodiscard]] bool is_cut(SupplierId supplier, VendorId vendor) const {
    return cuts_[supplier.index() * vendor_headquarters_.size() + vendor.index()] != 0;
  }

  /// Factor on detection along grey routes; 1 without a rule.
  [[nodiscard]] double enforcement() const { return enforcement_; }

  /// Whether the customer may not rent compute abroad.
  [[nodiscard]] bool is_rental_closed(CustomerId customer) const {
    return closed_rental_[customer.index()] != 0;
  }

  /// Whether `instrument` touches the pair by its targets and predicates, dates aside.
  [[nodiscard]] bool touches(InstrumentId instrument, ChipId chip, CustomerId customer) const;

  /// The same by targets alone, whatever the chip's attributes.
  [[nodiscard]] bool aims_at(InstrumentId instrument, ChipId chip, CustomerId customer) const;

  /// The instruments that supersede this one.
  [[nodiscard]] std::span<const std::size_t> superseded_by(InstrumentId instrument) const {
    return superseded_by_[instrument.index()];
  }

  /// Probability that an order for the chip is granted and passes the border; 0 where it is barred.
  [[nodiscard]] double availability(ChipId chip, CustomerId customer) const;

  /// The same just before the present instant, if the law has changed at it.
  [[nodiscard]] double earlier_availability(ChipId chip, CustomerId customer) const {
    return earlier_[chip.index() * customers_.size() + customer.index()];
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
  [[nodiscard]] const InstrumentSpec& instrument(InstrumentId id) const {
    return instruments_[id.index()];
  }
  [[nodiscard]] std::size_t instruments() const { return instruments_.size(); }
  [[nodiscard]] std::size_t customers() const { return customers_.size(); }
  [[nodiscard]] const CustomerView& customer(CustomerId id) const { return customers_[id.index()]; }

  /// Days that an application is expected to take; posted by the licence office.
  double expected_review_days = 0;
  /// Probability of a grant by review policy; posted by the licence office.
  double grant_probability[kReviewPolicyNames.size()] = {1, 1, 1};

 private:
  void close_rental();
  void resolve(ChipId chip, CustomerId customer, Conditions& result) const;
  void note_availability();
  [[nodiscard]] bool is_superseded(std::size_t rule, ChipId chip, CustomerId customer) const;

  std::span<const InstrumentSpec> instruments_;
  std::span<const ChipSpec> chips_;
  std::span<const RegionId> vendor_headquarters_;
  std::vector<CustomerView> customers_;
  std::vector<std::uint8_t> touches_;                    ///< [instrument][chip][customer]
  std::vector<std::vector<std::size_t>> superseded_by_;  ///< by instrument
  std::vector<std::uint8_t> is_regime_on_;               ///< by instrument
  std::vector<std::uint8_t> in_force_;                   ///< by instrument, at the last compile
  std::vector<Conditions> table_;                        ///< [chip][customer]
  std::vector<double>
      earlier_;  ///< [chip][customer], availability before the last instant of change
  std::optional<SimTime> compiled_at_;
  std::vector<std::uint8_t> cuts_;           ///< [supplier][vendor]
  std::vector<std::uint8_t> closed_rental_;  ///< by customer
  std::size_t suppliers_;
  double enforcement_ = 1;
};

}  // namespace tollgate
