// Loads a shipped scenario, through the installed headers.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "output/writer.hpp"
#include "scenarios/loader.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) return EXIT_FAILURE;
  setenv("TOLLGATE_SCENARIOS", argv[1], 1);
  const tollgate::Scenario scenario = tollgate::load_scenario("h200-levy", {"run.seed=7"});
  std::printf("%s: %zu uncertain parameters, seed %llu, file format %lld\n", scenario.name.c_str(),
              scenario.uncertain.size(), static_cast<unsigned long long>(scenario.world.seed),
              static_cast<long long>(tollgate::kFileFormat));
  return scenario.world.seed == 7 && !scenario.uncertain.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
