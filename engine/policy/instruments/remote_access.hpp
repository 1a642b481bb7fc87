#pragma once

#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// No rental of compute abroad.
struct RemoteAccess {
  static constexpr std::string_view kName = "remote_access";
  static constexpr std::string_view kSentence = "No new rental of compute abroad.";
  static constexpr Scope kScope = Scope::kRental;

  template <class Keys>
  static void describe(Keys& /*keys*/) {}
};

}  // namespace tollgate
