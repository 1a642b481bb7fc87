/// us per allocation of one stage of supply: as many suppliers and products as the shipped world
/// has. A month of the suppliers takes some twenty of these (tests/performance/supply.bench.cpp).
#include "engine/market/supply_network.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "engine/kernel/draws.hpp"

namespace {

using namespace tollgate;

constexpr std::size_t kSuppliers = 8;
constexpr std::size_t kProducts = 35;

/// The argument is what suppliers have, in % of what products want.
void supply_stage(benchmark::State& state) {
  Stream stream(1, 0, 0, hash_name("supply"));
  const double supply = static_cast<double>(state.range(0)) / 100;
  SupplyNetwork network;
  for (auto _ : state) {
    state.PauseTiming();  // the claims change from month to month
    network.clear();
    std::int64_t wanted_in_all = 0;
    std::vector<std::int64_t> wanted(kProducts);
    for (std::int64_t& units : wanted) {
      units = 1'000 + static_cast<std::int64_t>(1e6 * draw_uniform(stream));
      wanted_in_all += units;
    }
    const double capacity = supply * static_cast<double>(wanted_in_all) / kSuppliers;
    for (std::size_t s = 0; s < kSuppliers; ++s) {
      network.add_supplier(static_cast<std::int64_t>(capacity * (0.5 + draw_uniform(stream))));
    }
    for (std::size_t j = 0; j < kProducts; ++j) {
      const std::size_t product = network.add_product(wanted[j], 0.5 + draw_uniform(stream));
      for (std::int64_t choice = 0; choice < 2; ++choice) {
        network.add_edge(stream() % kSuppliers, product, choice);
      }
    }
    state.ResumeTiming();
    network.limit_claims(2);
    network.allocate();
  }
}
BENCHMARK(supply_stage)->Arg(30)->Arg(80)->Arg(300)->Unit(benchmark::kMicrosecond);

}  // namespace
