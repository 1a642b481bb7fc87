/// The state as an agent: law in time, the licence office, customs.
///
/// Washington and Beijing are not two kinds of agent but two sets of instruments; this one puts
/// them in force at their dates. Licence applications are the business of `Licensing`, shipments
/// that of the `CustomsHouse`; changes of mind, how strict Beijing is, how it retaliates and whom
/// it fines are classes of their own.
#pragma once

#include <vector>

#include "agents/context.hpp"
#include "agents/regulator/antitrust.hpp"
#include "agents/regulator/customs_house.hpp"
#include "agents/regulator/licensing.hpp"
#include "agents/regulator/politics.hpp"
#include "agents/regulator/response.hpp"
#include "agents/regulator/retaliation.hpp"

namespace tollgate {

class Regulators {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    CustomsHouse::Series customs;
    Licensing::Series licensing;
    Politics::Series politics;
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
  /// What is heard of a rule besides its coming into force.
  enum class News : unsigned char { kNone, kNewRule, kTakenBack };
  /// Compiles the law anew and tells whom it concerns.
  void change_law(Context& context, News news, bool is_published = true);
  [[nodiscard]] static bool is_published_today(const Context& context);
  void review_strictness(Context& context);
  static void trace_turn(const Context& context, InstrumentId instrument);

  CustomsHouse customs_;
  Licensing licensing_;
  Politics politics_;
  Response response_;
  Retaliations retaliations_;
  AntitrustCases antitrust_;
};

}  // namespace tollgate
