/// The kinds of instrument: their registration.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/policy/instruments/antitrust.hpp"
#include "engine/policy/instruments/approved_customers.hpp"
#include "engine/policy/instruments/ban.hpp"
#include "engine/policy/instruments/component_cut.hpp"
#include "engine/policy/instruments/counter_control.hpp"
#include "engine/policy/instruments/customs.hpp"
#include "engine/policy/instruments/enforcement.hpp"
#include "engine/policy/instruments/entity_list.hpp"
#include "engine/policy/instruments/guidance.hpp"
#include "engine/policy/instruments/headquarters_rule.hpp"
#include "engine/policy/instruments/import_approval.hpp"
#include "engine/policy/instruments/levy.hpp"
#include "engine/policy/instruments/licence.hpp"
#include "engine/policy/instruments/procurement_ban.hpp"
#include "engine/policy/instruments/purchase_subsidy.hpp"
#include "engine/policy/instruments/remote_access.hpp"
#include "engine/policy/instruments/retaliation.hpp"
#include "engine/policy/instruments/stop_order.hpp"
#include "engine/policy/instruments/tariff.hpp"
#include "engine/policy/instruments/testing.hpp"
#include "engine/policy/instruments/threshold.hpp"
#include "engine/policy/instruments/volume_cap.hpp"

namespace tollgate {

/// What a rule does. A new kind goes into this list, and is then read, resolved and documented.
using Effect = std::variant<
    // Washington
    Ban, Threshold, Licence, ApprovedCustomers, EntityList, HeadquartersRule, Levy, VolumeCap,
    Testing, Tariff, ComponentCut, Enforcement, RemoteAccess,
    // Beijing
    Guidance, StopOrder, Customs, ImportApproval, ProcurementBan, PurchaseSubsidy, Antitrust,
    CounterControl, Retaliation>;

inline constexpr std::size_t kInstrumentKinds = std::variant_size_v<Effect>;

template <std::size_t Kind>
using EffectOf = std::variant_alternative_t<Kind, Effect>;

inline constexpr auto kInstrumentKindNames = []<std::size_t... Kind>(std::index_sequence<Kind...>) {
  return std::array<std::string_view, kInstrumentKinds>{EffectOf<Kind>::kName...};
}
(std::make_index_sequence<kInstrumentKinds>{});

}  // namespace tollgate
