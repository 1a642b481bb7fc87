#include "scenarios/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/keys/keys.hpp"

namespace tollgate {
namespace {

template <class Entity>
EntityTable entities(EntityKind kind, TableSpec keys, std::vector<Entity> WorldSpec::*member) {
  return {kind, std::move(keys),
          [member](WorldSpec& world, std::vector<std::string> ids) {
            std::vector<Entity>& list = world.*member;
            list.assign(ids.size(), Entity{});
            for (std::size_t i = 0; i < ids.size(); ++i) list[i].id = std::move(ids[i]);
          },
          [member](WorldSpec& world, std::size_t i) -> void* { return &(world.*member)[i]; }};
}

}  // namespace

const std::vector<EntityTable>& entity_tables() {
  static const std::vector<EntityTable> tables = [] {
    std::vector<EntityTable> list;
    list.push_back(entities(EntityKind::kRegion, region_keys(), &WorldSpec::regions));
    list.push_back(entities(EntityKind::kChip, chip_keys(), &WorldSpec::chips));
    list.push_back(entities(EntityKind::kVendor, vendor_keys(), &WorldSpec::vendors));
    list.push_back(entities(EntityKind::kSupplier, supplier_keys(), &WorldSpec::suppliers));
    list.push_back(entities(EntityKind::kBuyer, buyer_keys(), &WorldSpec::buyers));
    list.push_back(entities(EntityKind::kFringe, fringe_keys(), &WorldSpec::fringes));
    list.push_back(entities(EntityKind::kTrader, trader_keys(), &WorldSpec::traders));
    list.push_back(entities(EntityKind::kRoute, route_keys(), &WorldSpec::routes));
    list.push_back(entities(EntityKind::kLandlord, landlord_keys(), &WorldSpec::landlords));
    list.push_back(entities(EntityKind::kPolicy, policy_keys(), &WorldSpec::policies));
    list.push_back(entities(EntityKind::kPolitics, politics_keys(), &WorldSpec::politics));
    list.push_back(entities(EntityKind::kRegime, regime_keys(), &WorldSpec::regimes));
    list.push_back(entities(EntityKind::kTransition, transition_keys(), &WorldSpec::transitions));
    return list;
  }();
  return tables;
}

const std::vector<SingleTable>& single_tables() {
  static const std::vector<SingleTable> tables = {
      {run_keys(), [](WorldSpec& world) -> void* { return &world; }},
      {demand_keys(), [](WorldSpec& world) -> void* { return &world.demand; }},
      {licence_office_keys(), [](WorldSpec& world) -> void* { return &world.licence_office; }},
      {response_keys(), [](WorldSpec& world) -> void* { return &world.response; }}};
  return tables;
}

const KeySpec* TableSpec::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &KeySpec::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string Range::described(const std::string& unit) const {
  std::string text;
  if (std::isfinite(low)) text = fmt::format("{} {}", is_low_open ? "above" : "from", low);
  if (std::isfinite(high)) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", is_high_open ? "below" : "to", high);
  }
  if (!unit.empty() && unit != "1") text += fmt::format("{}({})", text.empty() ? "" : " ", unit);
  return text;
}

std::string_view name_of(EntityKind kind) {
  constexpr std::array<std::string_view, kEntityKinds> kNames = {
      "region", "chip",     "vendor", "supplier",   "buyer",  "fringe",    "trader",
      "route",  "landlord", "policy", "government", "regime", "transition"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace tollgate
