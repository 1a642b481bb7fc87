#include "engine/policy/review_work.hpp"

#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

Duration draw_service(ServiceDistribution distribution, double mean_days, double cv,
                      Stream& stream) {
  return days_rounded(distribution == ServiceDistribution::kLognormal
                          ? draw_lognormal(mean_days, cv, stream)
                          : mean_days * draw_exponential(stream));
}

}  // namespace

ReviewWork draw_work(const LicenceOfficeSpec& spec, Stream& stream) {
  ReviewWork work;
  work.at[0] = draw_service(spec.service, spec.service_days, spec.service_cv, stream);
  work.is_referred = draw_bernoulli(spec.referral_probability, stream);
  work.at[1] = draw_service(spec.service, spec.referral_days, spec.referral_cv, stream);
  work.at[2] = draw_service(spec.service, spec.signature_days, spec.signature_cv, stream);
  return work;
}

ReviewWork mean_work(const LicenceOfficeSpec& spec, bool is_referred) {
  return {{days_rounded(spec.service_days), days_rounded(spec.referral_days),
           days_rounded(spec.signature_days)},
          is_referred};
}

}  // namespace tollgate
