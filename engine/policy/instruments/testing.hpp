#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Shipments are tested in transit.
struct Testing {
  double delay_days = 0;

  static constexpr std::string_view kName = "testing";
  static constexpr std::string_view kSentence = "Every shipment is tested in transit.";
  static constexpr Scope kScope = Scope::kSales;

  void apply(const Meeting& /*at*/, Conditions& conditions) const {
    conditions.testing_days += delay_days;
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("delay_days", &Testing::delay_days, "days", {0, 3653}, "Delay in transit.")
        .required();
  }
};

}  // namespace tollgate
