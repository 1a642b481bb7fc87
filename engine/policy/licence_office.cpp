#include "engine/policy/licence_office.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {

LicenceOffice::LicenceOffice(const LicenceOfficeSpec& spec, std::optional<Stream> service)
    : officers_(static_cast<std::size_t>(std::max(1.0, std::round(spec.officers)))),
      service_days_(spec.service_days),
      service_cv_(spec.service_cv),
      service_(service) {}

Review LicenceOffice::begin(const Waiting& next, SimTime now) {
  ++busy_;
  const double service =
      service_ ? draw_lognormal(service_days_, service_cv_, *service_) : service_days_;
  return {next.application, next.filed, now + days_rounded(service)};
}

std::optional<Review> LicenceOffice::file(std::uint32_t application, SimTime now) {
  if (busy_ < officers_) return begin({application, now}, now);
  queue_.push_back({application, now});
  return std::nullopt;
}

std::optional<Review> LicenceOffice::finish(SimTime now) {
  TOLLGATE_CHECK(busy_ > 0, "a review finished that had not begun");
  --busy_;
  if (queue_.empty()) return std::nullopt;
  const Waiting next = queue_.front();
  queue_.pop_front();
  return begin(next, now);
}

double LicenceOffice::expected_days() const {
  const double ahead = static_cast<double>(queue_.size()) + (busy_ == officers_ ? 1.0 : 0.0);
  return service_days_ * (1 + ahead / static_cast<double>(officers_));
}

double grant_probability(const LicenceOfficeSpec& spec, ReviewPolicy review) {
  switch (review) {
    case ReviewPolicy::kPresumptionOfApproval:
      return spec.grant_presumption_of_approval;
    case ReviewPolicy::kCaseByCase:
      return spec.grant_case_by_case;
    case ReviewPolicy::kPresumptionOfDenial:
      return spec.grant_presumption_of_denial;
  }
  return 0;
}

}  // namespace tollgate
