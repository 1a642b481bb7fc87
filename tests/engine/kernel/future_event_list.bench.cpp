/// ns per event of the future event list in the hold model, against the two well-kept yardsticks,
/// and ns per draw of a stream. Read ratios within one run; times drift with the machine.
#include "engine/kernel/future_event_list.hpp"

#include <benchmark/benchmark.h>

#include <boost/heap/d_ary_heap.hpp>
#include <queue>
#include <random>

#include "engine/kernel/draws.hpp"

namespace {

using namespace tollgate;

struct Entry {
  std::int64_t time;
  std::uint64_t rank;
  std::uint32_t payload;
  bool operator<(const Entry& other) const {
    return time != other.time ? time > other.time : rank > other.rank;
  }
};

std::int64_t increment(Stream& random) { return static_cast<std::int64_t>(random() >> 50); }

void hold_ours(benchmark::State& state) {
  FutureEventList<std::uint32_t> list;
  list.clear(SimTime{0});
  Stream random(1, 0, 0, 0);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    list.schedule(SimTime{increment(random)}, 0, 0);
  }
  for (auto _ : state) {
    const auto popped = list.pop();
    list.schedule(popped->time + Duration{increment(random)}, 0, popped->payload);
  }
}

template <class Queue>
void hold_yardstick(benchmark::State& state) {
  Queue queue;
  Stream random(1, 0, 0, 0);
  std::uint64_t rank = 0;
  for (std::int64_t i = 0; i < state.range(0); ++i) queue.push({increment(random), rank++, 0});
  for (auto _ : state) {
    const Entry top = queue.top();
    queue.pop();
    queue.push({top.time + increment(random), rank++, top.payload});
  }
}

using StdQueue = std::priority_queue<Entry>;
using BoostQueue = boost::heap::d_ary_heap<Entry, boost::heap::arity<4>>;

BENCHMARK(hold_ours)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<StdQueue>)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<BoostQueue>)->RangeMultiplier(10)->Range(100, 1000000);

void new_stream_and_first_draw(benchmark::State& state) {
  std::uint64_t entity = 0;
  for (auto _ : state) {
    Stream stream(1, 0, ++entity, 1);
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

void uniform(benchmark::State& state) {
  Stream stream(1, 0, 0, 0);
  for (auto _ : state) benchmark::DoNotOptimize(draw_uniform(stream));
}
BENCHMARK(uniform);

void normal(benchmark::State& state) {
  Stream stream(1, 0, 0, 0);
  for (auto _ : state) benchmark::DoNotOptimize(draw_normal(stream));
}
BENCHMARK(normal);

}  // namespace
