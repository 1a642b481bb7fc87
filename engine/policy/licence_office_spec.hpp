/// The office that decides licence applications, as the scenario describes it: desks, the time that
/// each stage of a review takes, who is at work when, and what is granted.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/market/customer_class.hpp"

namespace tollgate {

/// How the time at a desk is spread around its mean.
enum class ServiceDistribution : unsigned char { kLognormal, kExponential };
inline constexpr std::array<std::string_view, 2> kServiceDistributionNames = {"lognormal",
                                                                              "exponential"};

/// A number for each kind of applicant: the classes of buyers, and traders.
template <class T>
struct PerApplicant {
  T cloud{1};
  T telecom{1};
  T state{1};
  T startup{1};
  T lab{1};
  T trader{1};

  /// `customer_class` of a buyer; none: a trader.
  [[nodiscard]] T of(std::optional<CustomerClass> customer_class) const {
    if (!customer_class) return trader;
    switch (*customer_class) {
      case CustomerClass::kCloud:
        return cloud;
      case CustomerClass::kTelecom:
        return telecom;
      case CustomerClass::kState:
        return state;
      case CustomerClass::kStartup:
        return startup;
      case CustomerClass::kLab:
        return lab;
    }
    return trader;
  }
};

/// Who is at work from a date on, as a share of the officers.
struct StaffingPoint {
  SimTime date;
  double share = 1;
};

/// Priorities are numbers from 1, which is served first, to this.
inline constexpr int kReviewPriorities = 8;

struct LicenceOfficeSpec {
  // Stages of a review: an officer; with some probability, other agencies; the final signature.
  double officers = 1;  ///< whole number of desks
  ServiceDistribution service = ServiceDistribution::kLognormal;
  double service_days = 38;         ///< mean time at a desk
  double service_cv = 1;            ///< its coefficient of variation, if lognormal; and so below
  double referral_probability = 0;  ///< that other agencies are asked
  double referral_desks = 1;        ///< of theirs, a whole number
  double referral_days = 30;
  double referral_cv = 1;
  double signature_days = 0;  ///< mean time of the one who signs last; 0: nobody does
  double signature_cv = 1;
  std::optional<SimTime> signature_from;  ///< first day on which that is needed; none: always

  // Who is at work. A share of zero is a hold: officers and signature rest.
  std::vector<StaffingPoint>
      staffing;                    ///< each holds until the next date; before it, all are there
  double expected_hold_days = 30;  ///< that a hold goes on, as applicants see it, always
  PerApplicant<int> priority;      ///< 1 to kReviewPriorities, 1 first

  // Decisions: the probability by review policy, its odds multiplied by what speaks for or against.
  double grant_presumption_of_approval = 0.95;
  double grant_case_by_case = 0.6;
  double grant_presumption_of_denial = 0.01;
  PerApplicant<double> odds;              ///< odds ratio by class of the applicant
  double odds_training = 1;               ///< of training as end use
  double odds_per_doubling_of_units = 1;  ///< of the quantity, above the reference
  double reference_units = 1000;
  double odds_per_doubling_of_tpp = 1;  ///< of the chip's capability, above the reference
  double reference_tpp = 4800;
  double validity_days = 365;  ///< after which an unused licence lapses
};

}  // namespace tollgate
