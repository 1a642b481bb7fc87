/// ns per event of the future event list in the hold model, against the two well-kept yardsticks,
/// and in PHOLD. Read ratios within one run; times drift with the machine.
#include "engine/kernel/future_event_list.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <boost/heap/d_ary_heap.hpp>
#include <queue>
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
/// delay that is exponential; one event for each entity, one stream for each entity. With
/// kOneInTen, every tenth event makes its entity take back what it sent last, if that is still
/// under way, and send it anew.
template <Cancellation cancellation>
void phold_with(benchmark::State& state) {
  constexpr double kMeanDelay = 10'000;  // minutes
  constexpr bool kCancels = cancellation != Cancellation::kNone;
  const auto entities = static_cast<std::uint64_t>(state.range(0));
  const StreamFactory streams(1, 0);
  std::vector<Stream> noise;
  std::vector<EventHandle> sent(kCancels ? entities : 0);
  FutureEventList<std::uint32_t> list;
  list.clear(SimTime{0});
  const auto send = [&](std::uint32_t from) {
    Stream& stream = noise[from];
    const auto to = static_cast<std::uint32_t>(((stream() >> 32) * entities) >> 32);
    const double delay = kMeanDelay * draw_exponential(stream);
    const SimTime at = list.now() + Duration{1 + static_cast<std::int64_t>(delay)};
    if constexpr (kCancels) {
      sent[from] = list.schedule_cancellable(at, 0, to);
    } else {
      list.schedule(at, 0, to);
    }
  };
  noise.reserve(entities);
  for (std::uint64_t i = 0; i < entities; ++i) noise.push_back(streams.make(i, 1));
  for (std::uint64_t i = 0; i < entities; ++i) send(static_cast<std::uint32_t>(i));
  std::uint32_t count = 0;
  for (auto _ : state) {
    const std::uint32_t entity = list.pop()->payload;
    if constexpr (cancellation == Cancellation::kOneInTen) {
      if (++count % 10 == 0 && list.cancel(sent[entity])) send(entity);
    }
    send(entity);
  }
}

void phold(benchmark::State& state) { phold_with<Cancellation::kNone>(state); }
void phold_cancelling(benchmark::State& state) { phold_with<Cancellation::kOneInTen>(state); }

using StdQueue = std::priority_queue<Entry>;
using BoostQueue = boost::heap::d_ary_heap<Entry, boost::heap::arity<4>>;

BENCHMARK(hold_ours)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_ours_without_handles)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_ours_cancelling)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<StdQueue>)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(hold_yardstick<BoostQueue>)->RangeMultiplier(10)->Range(100, 1000000);
BENCHMARK(phold)->RangeMultiplier(10)->Range(1000, 1000000);
BENCHMARK(phold_cancelling)->RangeMultiplier(10)->Range(1000, 1000000);

}  // namespace
