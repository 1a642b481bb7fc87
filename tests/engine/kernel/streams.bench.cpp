/// ns per stream and per draw, one by one and in batches, against the standard library on its
/// Mersenne twister and on a stream.
#include <benchmark/benchmark.h>

#include <array>
#include <random>

#include "engine/kernel/batched_draws.hpp"
#include "engine/kernel/draws.hpp"

namespace {

using namespace tollgate;

/// A seed of which the compiler makes nothing.
std::uint64_t unknown_seed() {
  std::uint64_t seed = 1;
  benchmark::DoNotOptimize(seed);
  return seed;
}

void new_stream_and_first_draw(benchmark::State& state) {
  const std::uint64_t seed = unknown_seed();
  std::uint64_t entity = 0;
  for (auto _ : state) {
    Stream stream(seed, 0, ++entity, 1);
    benchmark::DoNotOptimize(stream());
  }
}
BENCHMARK(new_stream_and_first_draw);

void mt19937_64_seed_and_first_draw(benchmark::State& state) {
  std::uint64_t seed = 0;
  for (auto _ : state) {
    std::mt19937_64 engine(++seed);
    benchmark::DoNotOptimize(engine());
  }
}
BENCHMARK(mt19937_64_seed_and_first_draw);

/// One draw after another.
template <auto Draw>
void single(benchmark::State& state) {
  Stream stream(unknown_seed(), 0, 0, 0);
  for (auto _ : state) benchmark::DoNotOptimize(Draw(stream));
}
void uniform(benchmark::State& state) { single<draw_uniform>(state); }
void exponential(benchmark::State& state) { single<draw_exponential>(state); }
void normal(benchmark::State& state) { single<draw_normal>(state); }
BENCHMARK(uniform);
BENCHMARK(exponential);
BENCHMARK(normal);

constexpr std::size_t kBatch = 256;

/// Batches by lanes; what counts is the time of a number, `per_number`.
template <auto Fill>
void batch(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (width > widest_vector_width()) return state.SkipWithError("not on this machine");
  Stream stream(unknown_seed(), 0, 0, 0);
  std::array<double, kBatch> numbers;
  for (auto _ : state) {
    Fill(stream, numbers, width);
    benchmark::DoNotOptimize(numbers.data());
    benchmark::ClobberMemory();
  }
  state.counters["per_number"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kBatch,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
void uniform_batch(benchmark::State& state) { batch<fill_uniform>(state); }
void exponential_batch(benchmark::State& state) { batch<fill_exponential>(state); }
void normal_batch(benchmark::State& state) { batch<fill_normal>(state); }
BENCHMARK(uniform_batch)->Arg(2)->Arg(4)->Arg(8);
BENCHMARK(exponential_batch)->Arg(2)->Arg(4)->Arg(8);
BENCHMARK(normal_batch)->Arg(2)->Arg(4)->Arg(8);

/// The standard library's distributions, on its engine and on a stream.
template <class Distribution, class Engine>
void yardstick(benchmark::State& state) {
  Engine engine;
  Distribution distribution;
  for (auto _ : state) benchmark::DoNotOptimize(distribution(engine));
}
using StdUniform = std::uniform_real_distribution<double>;
using StdExponential = std::exponential_distribution<double>;
using StdNormal = std::normal_distribution<double>;
BENCHMARK(yardstick<StdUniform, std::mt19937_64>);
BENCHMARK(yardstick<StdExponential, std::mt19937_64>);
BENCHMARK(yardstick<StdNormal, std::mt19937_64>);
BENCHMARK(yardstick<StdUniform, Stream>);
BENCHMARK(yardstick<StdExponential, Stream>);
BENCHMARK(yardstick<StdNormal, Stream>);

}  // namespace
