/// us per search for the passage of least expected cost, and ns per use of one that is known.
#include "engine/market/trade_routes.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>

#include "engine/kernel/draws.hpp"

namespace {

using namespace tollgate;

/// Jurisdictions as the argument says, three legs out of each.
TradeRoutes draw_routes(std::size_t regions) {
  Stream stream(1, 0, 0, hash_name("routes"));
  TradeRoutes routes(regions);
  for (std::size_t from = 0; from < regions; ++from) {
    routes.add_leg(RegionId{from}, RegionId{(from + 1) % regions}, {500, 10, 0.1});
    for (int i = 0; i < 2; ++i) {
      const std::size_t to = stream() % regions;
      routes.add_leg(RegionId{from}, RegionId{to},
                     {1'000 * draw_uniform(stream), 10, 0.5 * draw_uniform(stream)});
    }
  }
  return routes;
}

void trade_routes_search(benchmark::State& state) {
  const auto regions = static_cast<std::size_t>(state.range(0));
  const TradeRoutes routes = draw_routes(regions);
  for (auto _ : state) {
    const auto passage =
        routes.least_expected_cost(RegionId{std::size_t{0}}, RegionId{regions - 1}, 30'000, 1);
    benchmark::DoNotOptimize(passage);
  }
}
BENCHMARK(trade_routes_search)->Arg(6)->Arg(50)->Unit(benchmark::kMicrosecond);

void trade_routes_use(benchmark::State& state) {
  TradeRoutes routes = draw_routes(6);
  const auto passage =
      routes.least_expected_cost(RegionId{std::size_t{0}}, RegionId{std::size_t{5}}, 30'000, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(routes.free_units(*passage));
    routes.use(*passage, 1);
  }
}
BENCHMARK(trade_routes_use);

}  // namespace
