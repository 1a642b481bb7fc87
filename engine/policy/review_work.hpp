/// The stages of a review, and how long an application keeps each of them busy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/kernel/sim_time.hpp"
#include "engine/kernel/stream.hpp"
#include "engine/policy/licence_office_spec.hpp"

namespace tollgate {

/// In the order in which an application goes through them.
enum class ReviewStage : std::uint8_t { kOfficer, kReferral, kSignature };
inline constexpr std::size_t kReviewStages = 3;
inline constexpr std::array<std::string_view, kReviewStages> kReviewStageNames = {
    "officer", "referral", "signature"};

/// Time at a desk of each stage. An application goes to other agencies only if it is referred.
struct ReviewWork {
  std::array<Duration, kReviewStages> at{};
  bool is_referred = false;
};

/// One application's luck. The same number of draws whatever the spec says, so that two scenarios
/// that differ in one stage share the luck at the others.
ReviewWork draw_work(const LicenceOfficeSpec& spec, Stream& stream);

/// Mean times, without a draw.
ReviewWork mean_work(const LicenceOfficeSpec& spec, bool is_referred);

}  // namespace tollgate
