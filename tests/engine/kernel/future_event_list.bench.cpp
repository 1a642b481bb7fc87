/// ns per event of the future event list in the hold model, against the two well-kept yardsticks,
/// and in PHOLD, and ns per draw of a stream. Read ratios within one run; times drift with the
/// machine.
#include "engine/kernel/future_event_list.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <boost/heap/d_ary_heap.hpp>
#include <boost/random/exponential_distribution.hpp>
#include <queue>
#include <random>
#include <vector>

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

enum class Cancellation : std::uint8_t { kNone, kPossible, kOneInTen };

/// With kOneInTen, after every tenth event one that was scheduled lately is cancelled and scheduled
/// anew; the time is still per pop and push.
template <Cancellation cancellation>
void hold(benchmark::State& state) {
  FutureEventList<std::uint32_t> list;
  list.clear(SimTime{0});
  Stream random(1, 0, 0, 0);
  std::array<EventHandle, 64> recent{};
  std::uint32_t count = 0;
  const auto schedule = [&](SimTime time, std::uint32_t payload) {
    if constexpr (cancellation == Cancellation::kNone) {
      list.schedule(time, 0, payload);
    } else {
      recent[++count % recent.size()] = list.schedule_cancellable(time, 0, payload);
    }
  };
  for (std::int64_t i = 0; i < state.range(0); ++i) schedule(SimTime{increment(random)}, 0);
  for (auto _ : state) {
    const auto popped = list.pop();
    schedule(popped->time + Duration{increment(random)}, popped->payload);
    if constexpr (cancellation == Cancellation::kOneInTen) {
      if (count % 10 == 0 && list.cancel(recent[(count + 1) % recent.size()])) {
        schedule(popped->time + Duration{increment(random)}, 0);
      }
    }
  }
}

void hold_ours(benchmark::State& state) { hold<Cancellation::kPossible>(state); }
void hold_ours_without_handles(benchmark::State& state) { hold<Cancellation::kNone>(state); }
void hold_ours_cancelling(benchmark::State& state) { hold<Cancellation::kOneInTen>(state); }

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

/// PHOLD (Fujimoto 1990): each entity that gets an event sends one to an entity at random, after a
/// delay that is exponential; one event for each entity, one stream for each entity.
void phold(benchmark::State& state) {
  constexpr double kMeanDelay = 10'000;  // minutes
  const auto entities = static_cast<std::uint64_t>(state.range(0));
  const StreamFactory streams(1, 0);
  std::vector<Stream> noise;
  FutureEventList<std::uint32_t> list;
  list.clear(SimTime{0});
  const auto send = [&](std::uint32_t from) {
    Stream& stream = noise[from];
    const auto to = static_cast<std::uint32_t>(((stream() >> 32) * entities) >> 32);
    const double delay = boost::random::exponential_distribution<double>{1 / kMeanDelay}(stream);
    list.schedule(list.now() + Duration{1 + static_cast<std::int64_t>(delay)}, 0, to);
  };
  noise.reserve(entities);
  for (std::uint64_t i = 0; i < entities; ++i) noise.push_back(streams.make(i, 1));
  for (std::uint64_t i = 0; i < entities; ++i) send(static_cast<std::uint32_t>(i));
  for (auto _ : state) send(list.pop()->payload);
}

using StdQueue = std::priority_queue<Entry>;
using BoostQueue = boost::heap::d_ary_heap<Entry, boost::heap::arity<4>>;

BENCHMARK(hold_ours)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_ours_without_handles)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_ours_cancelling)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<StdQueue>)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<BoostQueue>)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(phold)->RangeMultiplier(10)->Range(1000, 1000000);

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
