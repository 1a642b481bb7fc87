/// ns per choice among as many options as a buyer of the shipped world has, and per lot drawn.
#include "engine/market/choice.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "engine/kernel/draws.hpp"

namespace {

using namespace tollgate;

constexpr std::size_t kOptions = 40;
constexpr std::uint8_t kNests = 5;  // legal foreign, domestic, grey, rental, wait
constexpr std::int64_t kLots = 10;

void fill(ChoiceSet& choice, const std::vector<double>& utilities) {
  choice.clear();
  for (std::size_t j = 0; j < utilities.size(); ++j) {
    choice.add(utilities[j], static_cast<std::uint8_t>(j * kNests / utilities.size()));
  }
}

std::vector<double> draw_utilities() {
  Stream stream(1, 0, 0, hash_name("utilities"));
  std::vector<double> utilities(kOptions);
  for (double& utility : utilities) utility = 2 * draw_normal(stream);
  return utilities;
}

/// Filling the set, probabilities and log-sum. The argument is the similarity within nests, in %.
void choice_nested_logit_40(benchmark::State& state) {
  const std::vector<double> utilities = draw_utilities();
  const double similarity = static_cast<double>(state.range(0)) / 100;
  ChoiceSet choice;
  for (auto _ : state) {
    fill(choice, utilities);
    benchmark::DoNotOptimize(choice.probabilities(similarity).data());
  }
}
BENCHMARK(choice_nested_logit_40)->Arg(0)->Arg(50);

/// Ten lots among them: drawn, as with noise, or by largest remainder, as without.
template <bool kHasNoise>
void choice_allocate_10_lots(benchmark::State& state) {
  ChoiceSet choice;
  fill(choice, draw_utilities());
  const std::span<const double> probabilities = choice.probabilities(0.5);
  std::vector<std::int64_t> counts(kOptions);
  Stream stream(1, 0, 0, hash_name("lots"));
  for (auto _ : state) {
    allocate_lots(probabilities, kLots, kHasNoise ? &stream : nullptr, counts);
    benchmark::DoNotOptimize(counts.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(choice_allocate_10_lots<true>);
BENCHMARK(choice_allocate_10_lots<false>);

}  // namespace
