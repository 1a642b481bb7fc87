/// The state as an agent: law in time, the licence office, customs.
///
/// Washington and Beijing are not two kinds of agent but two sets of instruments; this one puts
/// them in force at their dates. Licence applications are the business of `Licensing`, shipments
/// that of the `CustomsHouse`, changes of mind that of `Politics`.
#pragma once

#include <vector>

#include "agents/context.hpp"
#include "agents/regulator/customs_house.hpp"
#include "agents/regulator/licensing.hpp"
#include "agents/regulator/politics.hpp"

namespace tollgate {

class Regulators {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    CustomsHouse::Series customs;
    Licensing::Series licensing;
    Politics::Series politics;
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
  void change_law(Context& context, News news);

  CustomsHouse customs_;
  Licensing licensing_;
  Politics politics_;
};

}  // namespace tollgate
