/// The values that a number factor takes, from its words and the design.
#pragma once

#include <string>
#include <vector>

#include "scenarios/sweep_file.hpp"

namespace tollgate {

/// A value at a factor's key, and where the sweep says it.
struct FactorValue {
  double value = 0;
  Place place;
};

/// Fills in the levels of a factor whose kind, ends and distribution are known, or how it is
/// continuous. Returns what is wrong with it; empty: nothing.
std::string take_values(const FactorText& text, const DesignSpec& design, SweepFactor& factor);

/// Where the other factors are while one is looked at: the first of a list, the middle of a range,
/// the central value of a distribution.
FactorValue centre_of(const SweepFactor& factor, const FactorText& text, const DesignSpec& design);

/// The least and the largest value; of a distribution its 0.1% and 99.9% quantiles.
std::vector<FactorValue> ends_of(const SweepFactor& factor, const FactorText& text);

/// The same where two factors are at their ends together: of a distribution the ends that the
/// design takes, or the 5% and 95% quantiles where it takes any, as few points are further out in
/// both.
std::vector<FactorValue> corners_of(const SweepFactor& factor, const FactorText& text);

/// A coordinate written in TOML. Precondition: a number or a date.
double number_of(const Node& node);

}  // namespace tollgate
