/// us per solve of the pricing game, against the time its exponentials alone would take and against
/// the plain zeta iteration with std::exp. Read ratios within one run; times drift with the
/// machine.
#include "engine/market/pricing_game.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/lanes.hpp"
#include "engine/market/choice.hpp"
#include "tests/engine/market/random_markets.hpp"

namespace {

using namespace tollgate;

constexpr double kTolerance = 1e-9;
constexpr std::uint32_t kMarkets = 64;  // solved in turn, so that no single one decides

std::vector<test::RandomMarket> draw_markets(const test::RandomMarketShape& shape) {
  std::vector<test::RandomMarket> markets(kMarkets);
  for (std::uint32_t replica = 0; replica < kMarkets; ++replica) {
    Stream stream(1, replica, 0, hash_name("market"));
    draw_market(shape, stream, markets[replica]);
    markets[replica].regions.assign(1, &markets[replica].demand);
  }
  return markets;
}

/// The zeta iteration as one would first write it: scalars, std::exp, no extrapolation. Returns the
/// number of exponentials it took, for markets without limits of supply.
std::int64_t plain_zeta(const test::RandomMarket& market, std::vector<double>& prices) {
  const std::size_t products = prices.size();
  const double t = 1 - market.similarity;
  const double curvature = market.demand.curvature();
  std::vector<double> transformed(products);
  std::vector<double> slope_of_transform(products);
  std::vector<double> e(products);
  std::vector<double> probability(products);
  std::vector<double> sales(products);
  std::vector<double> own(products);
  std::vector<double> cross(products * products);
  std::int64_t exponentials = 0;
  for (double residual = 1; residual > kTolerance;) {
    for (std::size_t j = 0; j < products; ++j) {
      transformed[j] = box_cox(prices[j], curvature);
      slope_of_transform[j] = (1 + curvature * transformed[j]) / prices[j];
    }
    std::ranges::fill(sales, 0);
    std::ranges::fill(own, 0);
    std::ranges::fill(cross, 0);
    for (const test::RandomMarket::Type& type : market.types) {
      std::array<double, 2> sum{};
      for (std::size_t j = 0; j < products; ++j) {
        const auto [attraction, slope] = type.utilities[j];
        e[j] = std::exp((attraction - slope * transformed[j]) / t);
        sum[type.nests[j]] += e[j];
      }
      double denominator = std::exp(type.log_outside);
      std::array<double, 2> weight{};
      for (std::size_t g = 0; g < 2; ++g) {
        if (sum[g] > 0) weight[g] = std::pow(sum[g], t);
        denominator += weight[g];
      }
      for (std::size_t j = 0; j < products; ++j) {
        if (e[j] > 0) e[j] /= sum[type.nests[j]];
        probability[j] = e[j] * weight[type.nests[j]] / denominator;
      }
      for (std::size_t j = 0; j < products; ++j) {
        const double effect = type.utilities[j].slope * slope_of_transform[j];
        sales[j] += type.units[j] * probability[j];
        own[j] -= type.units[j] * probability[j] * effect / t;
        for (std::size_t k = 0; k < products; ++k) {
          if (market.listings[k].firm != market.listings[j].firm) continue;
          const double within = type.nests[k] == type.nests[j] ? (1 / t - 1) * e[j] : 0;
          cross[j * products + k] -=
              type.units[k] * probability[k] * effect * (within + probability[j]);
        }
      }
    }
    exponentials += static_cast<std::int64_t>(products * market.types.size());
    residual = 0;
    std::vector<double>& next = transformed;
    for (std::size_t j = 0; j < products; ++j) {
      double pressure = 0;
      for (std::size_t k = 0; k < products; ++k) {
        const Listing& other = market.listings[k];
        pressure += ((1 - other.levy) * prices[k] - other.unit_cost) * cross[j * products + k];
      }
      const Listing& listing = market.listings[j];
      const double keep = 1 - listing.levy;
      next[j] = (listing.unit_cost + (pressure - keep * sales[j]) / own[j]) / keep;
      const double condition =
          keep * sales[j] + (keep * prices[j] - listing.unit_cost) * own[j] - pressure;
      residual = std::max(residual, std::abs(condition) / (keep * sales[j]));
    }
    prices = next;
  }
  return exponentials;
}

void report(benchmark::State& state, double evaluations, double exponentials) {
  const auto solves = static_cast<double>(state.iterations());
  state.counters["evaluations"] = evaluations / solves;
  state.counters["exps"] = exponentials / solves;
  if (exponentials == 0) return;
  // 1 / (exps * rate) is the time per exponential; Google Benchmark prints it with its unit.
  state.counters["per_exp"] =
      benchmark::Counter(exponentials, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The games of one market after the other.
void solve_in_turn(benchmark::State& state, const std::vector<test::RandomMarket>& markets) {
  PricingGame game;
  double evaluations = 0;
  double in_single = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    const test::RandomMarket& market = markets[next++ % kMarkets];
    const PricingResult& result = game.nash(market.view(), market.start, {.tolerance = kTolerance});
    evaluations += result.evaluations;
    in_single += result.in_single;
  }
  state.counters["in_single"] = in_single / static_cast<double>(state.iterations());
  report(state, evaluations, evaluations * 20 * 200);
}

/// 20 products, 10 firms, 200 types; short supply for this share of the products, in percent.
void nash(benchmark::State& state) {
  solve_in_turn(state, draw_markets({.short_pools = static_cast<double>(state.range(0)) / 100}));
}
BENCHMARK(nash)->Arg(0)->Arg(50)->Unit(benchmark::kMicrosecond);

/// The first of these by vector width.
void nash_by_width(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (width > widest_vector_width()) return state.SkipWithError("not on this machine");
  const auto markets = draw_markets({.short_pools = 0});
  PricingGame game;
  double evaluations = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    const test::RandomMarket& market = markets[next++ % kMarkets];
    evaluations += game.nash(market.view(), market.start, {.tolerance = kTolerance, .width = width})
                       .evaluations;
  }
  report(state, evaluations, evaluations * 20 * 200);
}
BENCHMARK(nash_by_width)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMicrosecond);

/// The same from prices within 2% of the solution: repricing after a small change.
void nash_from_nearby(benchmark::State& state) {
  auto markets = draw_markets({.short_pools = 0});
  PricingGame game;
  for (test::RandomMarket& market : markets) {
    market.start = game.nash(market.view(), market.start).prices;
    for (std::size_t j = 0; j < 20; ++j) market.start[j] *= j % 2 == 0 ? 1.02 : 0.98;
  }
  solve_in_turn(state, markets);
}
BENCHMARK(nash_from_nearby)->Unit(benchmark::kMicrosecond);

/// As large as the shipped world: 35 products, 50 types; firm 0 moves its 3 products.
void best_response(benchmark::State& state) {
  const auto markets = draw_markets({.products = 35, .firms = 12, .types = 50, .short_pools = 0.5});
  PricingGame game;
  double evaluations = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    const test::RandomMarket& market = markets[next++ % kMarkets];
    evaluations +=
        game.best_response(market.view(), market.start, 0, {.tolerance = kTolerance}).evaluations;
  }
  // The 32 others once, those that move in every evaluation.
  report(state, evaluations, 50 * (32 * static_cast<double>(state.iterations()) + 3 * evaluations));
}
BENCHMARK(best_response)->Unit(benchmark::kMicrosecond);

/// A workspace in which all 20 products of ten owners are selected.
DemandWorkspace select_all(const test::RandomMarket& market, VectorWidth width) {
  std::vector<std::uint32_t> owner;
  for (std::uint32_t j = 0; j < 20; ++j) owner.push_back(j % 10);
  const std::vector<std::uint8_t> all(20, 1);
  DemandWorkspace workspace;
  workspace.width = width;
  market.demand.fold_rest(market.start, all, workspace);
  market.demand.select(all, owner, workspace);
  return workspace;
}

/// Demand and its derivatives once, 20 x 200, by vector width.
void evaluate_demand(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (width > widest_vector_width()) return state.SkipWithError("not on this machine");
  const auto markets = draw_markets({.short_pools = 0});
  DemandWorkspace workspace = select_all(markets[0], width);
  for (auto _ : state) markets[0].demand.evaluate(markets[0].start, workspace);
  report(state, static_cast<double>(state.iterations()),
         static_cast<double>(state.iterations()) * 20 * 200);
}
BENCHMARK(evaluate_demand)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMicrosecond);

/// The same close by the prices of an evaluation before.
void evaluate_demand_nearby(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (width > widest_vector_width()) return state.SkipWithError("not on this machine");
  auto markets = draw_markets({.short_pools = 0});
  DemandWorkspace workspace = select_all(markets[0], width);
  markets[0].demand.evaluate(markets[0].start, workspace);
  for (double& price : markets[0].start) price *= 1.0001;
  for (auto _ : state) {
    if (!markets[0].demand.evaluate_nearby(markets[0].start, workspace)) std::abort();
  }
  report(state, static_cast<double>(state.iterations()), 0);
}
BENCHMARK(evaluate_demand_nearby)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMicrosecond);

/// The same in single precision.
void evaluate_demand_single(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (width > widest_vector_width()) return state.SkipWithError("not on this machine");
  const auto markets = draw_markets({.short_pools = 0});
  DemandWorkspace workspace = select_all(markets[0], width);
  markets[0].demand.prepare_single(markets[0].start, workspace);
  for (auto _ : state) markets[0].demand.evaluate_single(markets[0].start, workspace);
  report(state, static_cast<double>(state.iterations()),
         static_cast<double>(state.iterations()) * 20 * 200);
}
BENCHMARK(evaluate_demand_single)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMicrosecond);

void prepare_demand_single(benchmark::State& state) {
  const auto markets = draw_markets({.short_pools = 0});
  DemandWorkspace workspace = select_all(markets[0], widest_vector_width());
  for (auto _ : state) markets[0].demand.prepare_single(markets[0].start, workspace);
}
BENCHMARK(prepare_demand_single)->Unit(benchmark::kMicrosecond);

void nash_by_plain_zeta(benchmark::State& state) {
  const auto markets = draw_markets({.short_pools = 0});
  double exponentials = 0;
  std::size_t next = 0;
  std::vector<double> prices;
  for (auto _ : state) {
    const test::RandomMarket& market = markets[next++ % kMarkets];
    prices = market.start;
    exponentials += static_cast<double>(plain_zeta(market, prices));
  }
  report(state, exponentials / (20 * 200), exponentials);
}
BENCHMARK(nash_by_plain_zeta)->Unit(benchmark::kMicrosecond);

template <int Width>
[[gnu::always_inline]] inline void all_exponentials(const AlignedReals& from, AlignedReals& to) {
  using L = Lanes<Width>;
  for (std::size_t i = 0; i < from.size(); i += Width) {
    L::store(&to[i], L::exp_of_nonpositive(L::load(&from[i])));
  }
}
void exponentials_2(const AlignedReals& from, AlignedReals& to) { all_exponentials<2>(from, to); }
#if defined(__x86_64__)
[[gnu::target("avx2")]] void exponentials_4(const AlignedReals& from, AlignedReals& to) {
  all_exponentials<4>(from, to);
}
[[gnu::target("avx512f,avx512dq")]] void exponentials_8(const AlignedReals& from,
                                                        AlignedReals& to) {
  all_exponentials<8>(from, to);
}
#endif

/// The bound: nothing but exponentials, as the demand loop computes them and by std::exp.
template <auto Fill>
void exponentials(benchmark::State& state) {
  constexpr std::size_t kCount = 4'000;
  AlignedReals from(kCount);
  AlignedReals to(kCount);
  for (std::size_t i = 0; i < kCount; ++i) from[i] = -0.01 * static_cast<double>(i);
  for (auto _ : state) {
    Fill(from, to);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  report(state, 0, static_cast<double>(state.iterations()) * kCount);
}
void exponentials_std(const AlignedReals& from, AlignedReals& to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = std::exp(from[i]);
}
BENCHMARK(exponentials<exponentials_std>)->Unit(benchmark::kMicrosecond);
BENCHMARK(exponentials<exponentials_2>)->Unit(benchmark::kMicrosecond);
#if defined(__x86_64__)
[[maybe_unused]] const bool has_wide = [] {
  if (widest_vector_width() >= VectorWidth::k4) {
    BENCHMARK(exponentials<exponentials_4>)->Unit(benchmark::kMicrosecond);
  }
  if (widest_vector_width() >= VectorWidth::k8) {
    BENCHMARK(exponentials<exponentials_8>)->Unit(benchmark::kMicrosecond);
  }
  return true;
}();
#endif

}  // namespace
