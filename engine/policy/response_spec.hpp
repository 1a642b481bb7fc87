/// How the government of the focus region reacts, as a scenario describes it.
#pragma once

namespace tollgate {

/// Weights of 0: it does not react, and nothing is scheduled for it.
struct ResponseSpec {
  double lag_days = 60;          ///< time constant with which strictness follows its target
  double opening_weight = 0;     ///< of what the foreign government has opened
  double tightening_weight = 0;  ///< of what it has closed
  double memory_days = 365;      ///< time constant with which such moves are forgotten
  double supply_weight = 0;      ///< of what domestic vendors cover more than at the start
  double floor = 0.1;            ///< of strictness
  double ceiling = 10;
  double step = 0.05;  ///< change of its logarithm that is carried out

  [[nodiscard]] bool reacts() const {
    return opening_weight != 0 || tightening_weight != 0 || supply_weight != 0;
  }
};

}  // namespace tollgate
