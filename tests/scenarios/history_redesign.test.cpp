/// The shipped history with the script of redesigns off: chips like A800, H800, H20 and RTX Pro
/// 6000D appear by themselves, out of the rules.
#include <doctest/doctest.h>

#include <algorithm>

#include "agents/world.hpp"
#include "scenarios/loader.hpp"

using namespace tollgate;

namespace {

SimTime date(const char* iso) { return parse_iso_date(iso).value(); }

/// The chips of a few replicas at the end of 2025.
class Histories {
 public:
  Histories() : scenario_(load_scenario("history-redesign", {})) {
    scenario_.world.until = date("2026-01-01");
    for (std::uint32_t replica = 0; replica < 5; ++replica) {
      WorldSpec spec = scenario_.world;
      std::vector<double> draws;
      draw_parameters(scenario_, 1, replica, spec, draws);
      const WorldLayout layout(spec);
      World world(spec, layout, StreamFactory{1, replica});
      world.run();
      chips_.push_back(world.context().chips);
    }
  }

  /// One chip of every replica.
  [[nodiscard]] std::vector<ChipSpec> all(const std::string& id) const {
    std::vector<ChipSpec> result;
    for (const auto& chips : chips_) result.push_back(*std::ranges::find(chips, id, &ChipSpec::id));
    return result;
  }

 private:
  Scenario scenario_;
  std::vector<std::vector<ChipSpec>> chips_;
};

void check_launch(const ChipSpec& chip, const char* after, const char* before) {
  CAPTURE(chip.id);
  CHECK(chip.launch > date(after));
  CHECK(chip.launch < date(before));
}

}  // namespace

TEST_CASE("in history with the script off, the rules bring A800, H800, H20 and RTX Pro 6000D") {
  const Histories histories;
  // 7 October 2022: link speed alone.
  for (const ChipSpec& a800 : histories.all("a800")) {
    check_launch(a800, "2022-10-07", "2023-10-07");
    CHECK(a800.tpp == 4992);
    CHECK(a800.io_bandwidth_gbs < 600);
    CHECK(a800.io_bandwidth_gbs > 570);
  }
  for (const ChipSpec& h800 : histories.all("h800")) {
    check_launch(h800, "2022-10-07", "2023-10-07");
    CHECK(h800.tpp == 15832);
    CHECK(h800.io_bandwidth_gbs < 600);
  }
  // 17 October 2023: compute; H20 has TPP 2368 and kept its memory.
  for (const ChipSpec& h20 : histories.all("h20")) {
    check_launch(h20, "2023-10-17", "2024-10-17");
    CHECK(h20.tpp == doctest::Approx(2368).epsilon(0.02));
    CHECK(h20.fp16_tflops == doctest::Approx(148).epsilon(0.02));
    CHECK(h20.dram_bandwidth_tbs == 3.35);
    CHECK(h20.io_bandwidth_gbs == 900);
  }
  // 9 April 2025: memory bandwidth besides; RTX Pro 6000D has 1,398 GB/s.
  for (const ChipSpec& card : histories.all("rtx_pro_6000d")) {
    check_launch(card, "2025-04-09", "2026-10-09");
    CHECK(card.launch != date("2026-01-01"));  // where it would stand had it not been begun
    CHECK(card.tpp == doctest::Approx(2368).epsilon(0.02));
    CHECK(card.dram_bandwidth_tbs == doctest::Approx(1.398).epsilon(0.03));
  }
  for (const ChipSpec& mi308x : histories.all("mi308x")) {
    CHECK(mi308x.launch >= date("2023-12-06"));  // not before the chip that it is made from
    CHECK(mi308x.tpp < 2400);
    CHECK(mi308x.dram_bandwidth_tbs == 5.3);
  }
}
