/// Governments of the destinations: the tariffs that they take from customers, the purchases that
/// they subsidise.
///
/// Both fall on a shipment when it has passed the border, under the law of that day, in whole cents
/// and so that their sum under an instrument is the rate times the price to the cent.
#pragma once

#include <span>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/running_share.hpp"

namespace tollgate {

class GovernmentBooks {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId tariff_receipts, subsidy_paid;
  };

  GovernmentBooks(const Context& context, const Series& series);

  /// The shipment has passed the border: the customer pays the tariffs and gets the subsidies.
  void clear(Context& context, ShipmentId shipment, SeriesId charged_by_instrument);

  /// `fined`: what each government has taken in fines besides, by region.
  void check(const Context& context, std::span<const Cents> fined) const;

 private:
  struct Share {
    InstrumentId instrument;
    double rate = 0;
    std::vector<RunningShare> by_region;
  };
  static void trace_charge(const Context& context, const Share& share, Reason reason,
                           const Shipment& shipment, Cents amount);
  Cents tariff_on(Context& context, const Shipment& shipment, SeriesId charged_by_instrument);
  Cents subsidy_on(Context& context, const Shipment& shipment, SeriesId charged_by_instrument);

  Series series_;
  std::vector<Share> tariffs_;
  std::vector<Share> subsidies_;
};

}  // namespace tollgate
