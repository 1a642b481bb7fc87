/// Landlords: compute abroad that is rented out at a price per H100e and month.
#pragma once

#include <vector>

#include "agents/context.hpp"

namespace tollgate {

class Landlords {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId rented_h100e, rental_spend;
  };

  Landlords(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  Series series_;
  const std::vector<LandlordSpec>& specs_;
  std::vector<double> capacity_;  ///< H100e, by landlord
};

}  // namespace tollgate
