/// The levies of the exporting state: what is charged on each shipment, to whom, and when the
/// treasury has it.
///
/// A shipment owes the levies that fall on it when it enters transit. Each is charged in transit or
/// when the goods have passed the border, in whole cents, so that what a vendor has been charged
/// under an instrument is the rate times the base to the cent. Charged levies are owed by the
/// vendor, and remitted after the end of the calendar quarter (docs/model.md, "Levy and customs").
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/running_share.hpp"

namespace tollgate {

class LevyBooks {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId levy_receipts, levy_remitted, levy_owed;
  };

  LevyBooks(const Context& context, const Series& series);

  /// The shipment enters transit: settles which levies it owes, and charges those due now.
  void enter_transit(Context& context, ShipmentId shipment, SeriesId charged_by_instrument);
  /// It has passed the border: charges those due then.
  void clear(Context& context, ShipmentId shipment, SeriesId charged_by_instrument);

  /// Pays what a quarter's shipments owe under the levy (kLevyRemitted).
  void remit(Context& context, std::size_t levy, std::size_t quarter);

  void close_quarter(Context& context);
  /// All that has been charged since the start.
  [[nodiscard]] Cents charged() const;
  void check(const Context& context) const;

 private:
  struct Levied {
    InstrumentId instrument;
    bool is_due_in_transit = false;
    Duration remittance_lag;
    std::vector<RunningShare> by_vendor;
  };
  void charge(Context& context, std::size_t levy, ShipmentId shipment,
              SeriesId charged_by_instrument);
  [[nodiscard]] std::uint8_t* owed_by(ShipmentId shipment) {
    return owes_.data() + shipment.index() * levies_.size();
  }
  [[nodiscard]] Cents& charged_in(std::size_t quarter, std::size_t levy, VendorId vendor) {
    return charged_in_[(quarter * levies_.size() + levy) * owed_.size() + vendor.index()];
  }

  Series series_;
  std::vector<Levied> levies_;
  std::vector<std::uint8_t> owes_;  ///< [shipment slot][levy]
  std::vector<Cents> charged_in_;   ///< [quarter][levy][vendor]
  std::vector<Cents> owed_;         ///< by vendor: charged and not yet remitted
  std::vector<Cents> remitted_;     ///< by vendor
};

}  // namespace tollgate
