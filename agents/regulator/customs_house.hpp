/// What happens to a shipment on its way: it is tested in US transit, comes to the border of the
/// destination, passes or is stopped, and pays what the law asks for.
///
/// Of what is stopped, a share is seized, shipment by shipment; the rest goes back to the vendor.
#pragma once

#include <span>
#include <vector>

#include "agents/context.hpp"
#include "agents/regulator/government_books.hpp"
#include "agents/regulator/levy_books.hpp"

namespace tollgate {

class CustomsHouse {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    LevyBooks::Series levies;
    GovernmentBooks::Series governments;
    SeriesId charged_by_instrument;
  };

  CustomsHouse(const Context& context, const Series& series);

  void test_shipment(Context& context, ShipmentId shipment);
  void pass_border(Context& context, ShipmentId shipment);
  /// Levies of a quarter have fallen due.
  void remit(Context& context, std::size_t levy, std::size_t quarter) {
    levies_.remit(context, levy, quarter);
  }

  [[nodiscard]] Cents levies_charged() const { return levies_.charged(); }
  void close_quarter(Context& context) { levies_.close_quarter(context); }
  /// `fined`: see GovernmentBooks.
  void check(const Context& context, std::span<const Cents> fined) const;

 private:
  void stop(Context& context, ShipmentId shipment, double seized_share);
  std::int64_t seize(const Context& context, const Shipment& shipment, double share);

  SeriesId charged_by_instrument_;
  LevyBooks levies_;
  GovernmentBooks governments_;
  std::vector<Stream> inspections_;  ///< by customer
  std::vector<Stream> seizures_;     ///< by customer
  std::vector<double>
      seizure_carry_;  ///< by customer, without noise: part of a chip still to seize
};

}  // namespace tollgate
