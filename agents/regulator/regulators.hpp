/// The state as an agent: law in time, the licence office, the levy and customs.
///
/// Washington and Beijing are not two kinds of agent but two sets of instruments; this one puts
/// them in force at their dates, decides applications, charges the levy on cleared shipments and
/// stops shipments at the border. How strict Beijing is, how it retaliates and whom it fines are
/// classes of their own.
#pragma once

#include <vector>

#include "agents/context.hpp"
#include "agents/regulator/antitrust.hpp"
#include "agents/regulator/response.hpp"
#include "agents/regulator/retaliation.hpp"
#include "engine/policy/licence_office.hpp"

namespace tollgate {

class Regulators {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId levy_receipts, licences_filed, licences_granted, licences_denied, licences_lapsed,
        licence_queue, licence_wait_days;
    Response::Series response;
    AntitrustCases::Series antitrust;
  };

  Regulators(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  void turn_instrument(Context& context, InstrumentId instrument);
  void review_strictness(Context& context);
  void change_law(Context& context, bool is_first_news, bool is_published = true);
  void post_expectations(Context& context) const;
  void file_licence(Context& context, OrderId order);
  void begin_review(Context& context, const Review& review);
  void decide(Context& context, OrderId order);
  void test_shipment(Context& context, ShipmentId shipment);
  void pass_border(Context& context, ShipmentId shipment);
  void charge(Context& context, VendorId vendor, Cents amount);

  Series series_;
  LicenceOffice office_;
  Response response_;
  Retaliations retaliations_;
  AntitrustCases antitrust_;
  std::vector<SimTime> filed_;       ///< by order slot
  std::vector<Stream> decisions_;    ///< by customer
  std::vector<Stream> inspections_;  ///< by customer
  Cents charged_{0};                 ///< levies and duties over the run
  std::int64_t decided_in_quarter_ = 0;
  double wait_days_in_quarter_ = 0;
};

}  // namespace tollgate
