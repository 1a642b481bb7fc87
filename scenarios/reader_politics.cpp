// What is checked of politics when all entities have been read: which regime is whose.

#include <fmt/format.h>

#include <cstddef>

#include "scenarios/reader.hpp"

namespace tollgate {

void Reader::check_politics(const Table& root) {
  const WorldSpec& world = scenario_.world;
  const auto regime_name = [&](RegimeId regime) { return world.regimes[regime.index()].id; };
  const auto owner = [&](RegimeId regime) { return world.regimes[regime.index()].politics; };
  const auto owner_name = [&](RegimeId regime) { return world.politics[owner(regime).index()].id; };

  for (std::size_t g = 0; g < world.politics.size(); ++g) {
    const PoliticsSpec& spec = world.politics[g];
    if (owner(spec.initial) == PoliticsId{g}) continue;
    complain(root.at("politics").table()->at(spec.id), "initial",
             fmt::format("key 'politics.{}.initial' names '{}', a regime of '{}'; allowed is one "
                         "of '{}' itself",
                         spec.id, regime_name(spec.initial), owner_name(spec.initial), spec.id));
  }
  for (const TransitionSpec& spec : world.transitions) {
    const Node& node = root.at("transition").table()->at(spec.id);
    if (spec.from == spec.to) {
      complain(node, "to",
               fmt::format("key 'transition.{}.to' is the regime that it leaves, '{}'", spec.id,
                           regime_name(spec.to)));
    } else if (owner(spec.from) != owner(spec.to)) {
      complain(
          node, "to",
          fmt::format("key 'transition.{}.to' names '{}', a regime of '{}'; allowed is one of "
                      "'{}', whose regime 'from' is",
                      spec.id, regime_name(spec.to), owner_name(spec.to), owner_name(spec.from)));
    }
    const PoliticsSpec& government = world.politics[owner(spec.from).index()];
    const auto check_calendar = [&](const char* effect, const char* calendar, bool is_empty) {
      if (!is_empty || !node.table()->contains(effect)) return;
      complain(node, effect,
               fmt::format("key 'transition.{}.{}' does nothing: 'politics.{}.{}' has no dates",
                           spec.id, effect, government.id, calendar));
    };
    check_calendar("election", "elections", government.elections.empty());
    check_calendar("summit", "summits", government.summits.empty());
  }
}

}  // namespace tollgate
