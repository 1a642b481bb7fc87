// Fringes in a scenario: their members join the buyers, and lists of buyers may name them.

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/reader.hpp"

namespace tollgate {

// As soon as the counts are known, so that rules can refer to members.
void Reader::append_members(const Node& root) {
  append_fringe(scenario_.world);
  const std::vector<std::string>& named = ids(EntityKind::kBuyer);
  const auto complain_if_named = [&](const std::string& id, const FringeSpec& fringe) {
    if (std::ranges::find(named, id) == named.end()) return;
    errors_.add(root.table()->at("fringe").table()->at(fringe.id).key,
                fmt::format("fringe '{}' makes a buyer '{}', but there is a "
                            "[buyer.{}] already",
                            fringe.id, id, id));
  };
  for (const FringeSpec& fringe : scenario_.world.fringes) {
    if (std::ranges::find(named, fringe.id) != named.end()) {
      errors_.add(
          root.table()->at("fringe").table()->at(fringe.id).key,
          fmt::format("'{}' is both a buyer and a fringe; a list of buyers could mean either",
                      fringe.id));
    }
    for (std::int64_t k = 0; k < fringe.count; ++k) complain_if_named(member_id(fringe, k), fringe);
  }
}

bool Reader::is_fringe(const std::string& id) {
  return std::ranges::find(ids(EntityKind::kFringe), id) != ids(EntityKind::kFringe).end();
}

void Reader::add_members(const Node& id, const std::string& path,
                         std::vector<std::size_t>& indices) {
  const std::vector<FringeSpec>& fringes = scenario_.world.fringes;
  const auto found = std::ranges::find(fringes, *id.text(), &FringeSpec::id);
  if (found->count == 0) {  // an empty list of buyers would mean all of them
    errors_.add(id.place,
                fmt::format("key '{}' names fringe {}, which has no members", path, id.as_toml()));
    return;
  }
  const std::size_t first =
      first_member(scenario_.world, static_cast<std::size_t>(found - fringes.begin()));
  for (std::int64_t k = 0; k < found->count; ++k) {
    indices.push_back(first + static_cast<std::size_t>(k));
  }
}

}  // namespace tollgate
