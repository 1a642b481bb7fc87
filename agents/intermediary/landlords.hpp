/// Landlords: compute abroad that is rented out at a price per H100e and month.
///
/// Each month the rent moves with occupancy above or below a target (adjustment.hpp). A contract
/// keeps its price and runs to its end, also when a rule closes the door to new ones.
#pragma once

#include <vector>

#include "agents/context.hpp"

namespace tollgate {

class Landlords {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId rented_h100e, rental_spend, rental_price;
  };

  Landlords(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  void move_price(Context& context, LandlordId landlord);
  void grow(Context& context, LandlordId landlord);
  [[nodiscard]] double rented(const Context& context, LandlordId landlord) const;

  Series series_;
  const std::vector<LandlordSpec>& specs_;
  std::vector<double> capacity_;   ///< H100e, by landlord
  std::vector<double> log_price_;  ///< over that of the start, by landlord
};

}  // namespace tollgate
