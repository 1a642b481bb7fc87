#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {
namespace {

/// A number for each kind of applicant, by the names of customer classes, and traders.
struct ApplicantKeys {
  std::string name, sentence;
  Range range;
};

TableSpec applicant_numbers(const ApplicantKeys& what) {
  using P = PerApplicant<double>;
  TableBuilder<P> t(what.name, what.sentence);
  t.number("cloud", &P::cloud, "1", what.range, "For buyers of this class.");
  t.number("telecom", &P::telecom, "1", what.range, "For buyers of this class.");
  t.number("state", &P::state, "1", what.range, "For buyers of this class.");
  t.number("startup", &P::startup, "1", what.range, "For buyers of this class.");
  t.number("lab", &P::lab, "1", what.range, "For buyers of this class.");
  t.number("trader", &P::trader, "1", what.range, "For traders.");
  return std::move(t).build();
}

TableSpec applicant_integers(const ApplicantKeys& what) {
  using P = PerApplicant<int>;
  TableBuilder<P> t(what.name, what.sentence);
  t.integer("cloud", &P::cloud, what.range, "For buyers of this class.");
  t.integer("telecom", &P::telecom, what.range, "For buyers of this class.");
  t.integer("state", &P::state, what.range, "For buyers of this class.");
  t.integer("startup", &P::startup, what.range, "For buyers of this class.");
  t.integer("lab", &P::lab, what.range, "For buyers of this class.");
  t.integer("trader", &P::trader, what.range, "For traders.");
  return std::move(t).build();
}

constexpr Range kServiceDays{0, 3653, true};
constexpr Range kVariation{0, 10};
constexpr Range kDesks{1, 10000};
constexpr Range kOddsRatio{0.001, 1000};

}  // namespace

TableSpec licence_office_keys() {
  using L = LicenceOfficeSpec;
  TableBuilder<L> t("licence_office",
                    "The office that decides licence applications: officers, with some probability "
                    "other agencies, and the final signature, each a queue.");
  t.number("officers", &L::officers, "officers", kDesks, "Desks, rounded to a whole number.");
  t.choice("service", &L::service, kServiceDistributionNames,
           "How the time at a desk is spread around its mean, at all stages.");
  t.number("service_days", &L::service_days, "days", kServiceDays,
           "Mean time at an officer's desk, waiting not included.");
  t.number("service_cv", &L::service_cv, "1", kVariation,
           "Coefficient of variation of that time if lognormal.");
  t.number("referral_probability", &L::referral_probability, "1", kProbability,
           "Probability that an application is referred to other agencies after the officer.");
  t.number("referral_desks", &L::referral_desks, "desks", kDesks,
           "Desks of the other agencies, rounded to a whole number.");
  t.number("referral_days", &L::referral_days, "days", kServiceDays, "Mean time at one of them.");
  t.number("referral_cv", &L::referral_cv, "1", kVariation,
           "Coefficient of variation of that time if lognormal.");
  t.number("signature_days", &L::signature_days, "days", kDays,
           "Mean time that an application takes the one person who signs last; 0: no signature.");
  t.number("signature_cv", &L::signature_cv, "1", kVariation,
           "Coefficient of variation of that time if lognormal.");
  t.date("signature_from", &L::signature_from,
         "First day on which decisions need that signature; without it, always.");
  t.by_date("staffing", &L::staffing, &StaffingPoint::share, "1", {0, 10},
            "Share of the officers at work from a date on; before the first date all are. 0 is a "
            "hold: officers and signature rest, and what was begun goes on afterwards.");
  t.number("expected_hold_days", &L::expected_hold_days, "days", kDays,
           "During a hold: time that applicants expect it to go on, however long it has lasted.");
  const ApplicantKeys priority{"priority",
                               "Priority of review by class of the applicant: 1 is served first, "
                               "within a priority who came first.",
                               {1, kReviewPriorities}};
  t.table("priority", &L::priority, applicant_integers(priority), priority.sentence);
  t.number("grant_presumption_of_approval", &L::grant_presumption_of_approval, "1", kProbability,
           "Probability of a grant under presumption of approval, before the odds below.");
  t.number("grant_case_by_case", &L::grant_case_by_case, "1", kProbability,
           "The same under case-by-case review.");
  t.number("grant_presumption_of_denial", &L::grant_presumption_of_denial, "1", kProbability,
           "The same under presumption of denial.");
  const ApplicantKeys odds{"odds", "Odds ratio of a grant by class of the applicant; 1 is neutral.",
                           kOddsRatio};
  t.table("odds", &L::odds, applicant_numbers(odds), odds.sentence);
  t.number("odds_training", &L::odds_training, "1", kOddsRatio,
           "Odds ratio of a grant when the end use is training.");
  t.number("odds_per_doubling_of_units", &L::odds_per_doubling_of_units, "1", kOddsRatio,
           "Odds ratio for each doubling of the chips asked for above 'reference_units'.");
  t.number("reference_units", &L::reference_units, "chips", kPositive,
           "Quantity up to which it does not count.");
  t.number("odds_per_doubling_of_tpp", &L::odds_per_doubling_of_tpp, "1", kOddsRatio,
           "Odds ratio for each doubling of the chip's TPP above 'reference_tpp'.");
  t.number("reference_tpp", &L::reference_tpp, "bits x TOPS", kPositive,
           "Capability up to which it does not count.");
  t.number("validity_days", &L::validity_days, "days", kPeriodDays,
           "After which what has not shipped under a licence is cancelled.");
  return std::move(t).build();
}

}  // namespace tollgate
