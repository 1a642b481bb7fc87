#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {

TableSpec run_keys() {
  using W = WorldSpec;
  TableBuilder<W> t("run", "When the run begins and ends, and how often it is repeated.");
  t.date("start", &W::start, "First day.").required().certain();
  t.date("until", &W::until, "First day after the run.").required().certain();
  t.integer("replicas", &W::replicas, {1, 10'000'000}, "Number of replicas; --replicas overrides.")
      .certain();
  t.integer("seed", &W::seed, {0, 9.2e18}, "Seed of all randomness; --seed overrides.").certain();
  t.choice(
      "sampling", &W::sampling, kSamplingDesignNames,
      "How the replicas cover the uncertain numbers: independent draws, a Latin hypercube over "
      "the replicas of the run, or scrambled Sobol points.");
  t.boolean("noise", &W::noise,
            "false: no shocks, lots by largest remainder, delays at their means.");
  t.boolean("scripted_redesigns", &W::scripted_redesigns,
            "true: chips with 'redesign_of' come on their 'launch' date with the attributes given; "
            "false: those of after the start come when a rule bars the base chip, scaled under the "
            "rules known then.");
  t.reference("reference_region", &W::reference_region, EntityKind::kRegion,
              "Region whose prices are the yardstick.")
      .required();
  t.reference("focus_region", &W::focus_region, EntityKind::kRegion,
              "Region that the headline is about.")
      .required();
  t.check([](Reader& reader, const W& run, const Node& node, const std::string& path) {
    if (reader.are_sound(node, {"start", "until"}) && run.until <= run.start) {
      reader.complain(node, "until",
                      "key '" + path + ".until' (" + iso_date(run.until) +
                          ") is not after 'start' (" + iso_date(run.start) + ")");
    }
  });
  return std::move(t).build();
}

}  // namespace tollgate
