/// The state as an agent: law in time, the licence office, customs.
///
/// Washington and Beijing are not two kinds of agent but two sets of instruments; this one puts
/// them in force at their dates and decides applications; what happens to shipments is the customs
/// house's.
#pragma once

#include <vector>

#include "agents/context.hpp"
#include "agents/regulator/customs_house.hpp"
#include "engine/policy/licence_office.hpp"

namespace tollgate {

class Regulators {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    CustomsHouse::Series customs;
    SeriesId licences_filed, licences_granted, licences_denied, licences_lapsed, licence_queue,
        licence_wait_days;
  };

  Regulators(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  void turn_instrument(Context& context, InstrumentId instrument);
  void post_expectations(Context& context) const;
  void file_licence(Context& context, OrderId order);
  void begin_review(Context& context, const Review& review);
  void decide(Context& context, OrderId order);

  Series series_;
  CustomsHouse customs_;
  LicenceOffice office_;
  std::vector<SimTime> filed_;     ///< by order slot
  std::vector<Stream> decisions_;  ///< by customer
  std::int64_t decided_in_quarter_ = 0;
  double wait_days_in_quarter_ = 0;
};

}  // namespace tollgate
