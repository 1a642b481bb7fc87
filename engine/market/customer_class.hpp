/// Kinds of buyers, as rules and the licence office tell them apart.
#pragma once

#include <array>
#include <string_view>

namespace tollgate {

enum class CustomerClass : unsigned char { kCloud, kTelecom, kState, kStartup, kLab };

inline constexpr std::array<std::string_view, 5> kCustomerClassNames = {"cloud", "telecom", "state",
                                                                        "startup", "lab"};

}  // namespace tollgate
