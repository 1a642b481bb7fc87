#include "engine/kernel/future_event_list.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "engine/kernel/stream.hpp"
#include "tests/allocations.hpp"

using namespace tollgate;

namespace {

/// The order written down as it is defined: a sorted map from (time, class, sequence) to payload.
struct Reference {
  using Key = std::tuple<std::int64_t, int, int>;
  std::map<Key, int> events;
  std::map<int, Key> pending;  ///< by payload
  int sequence = 0;

  void schedule(std::int64_t time, int event_class, int payload) {
    const Key key{time, event_class, sequence++};
    events[key] = payload;
    pending[payload] = key;
  }
  bool cancel(int payload) {
    if (!pending.contains(payload)) return false;
    events.erase(pending[payload]);
    pending.erase(payload);
    return true;
  }
  void pop() {
    pending.erase(events.begin()->second);
    events.erase(events.begin());
  }
};

/// How far ahead events are scheduled: now, this hour, the next days, and the next million years.
std::int64_t random_delay(Stream& random) {
  constexpr std::array<unsigned, 5> kBits = {0, 3, 9, 20, 39};
  const unsigned bits = kBits[random() % kBits.size()];
  return static_cast<std::int64_t>(random() & ((std::uint64_t{1} << bits) - 1));
}

}  // namespace

TEST_CASE("events come out by time, then class, then sequence, whatever is cancelled or sent") {
  FutureEventList<int> list;  // one for all trials: memory that is used again gives the same order
  for (std::uint32_t trial = 0; trial < 60; ++trial) {
    Stream random(1, trial, 0, 0);
    const auto one_in = [&](std::uint64_t n) { return random() % n == 0; };
    // From nearly the first minute there is, from before the epoch, and from today on.
    constexpr std::array<std::int64_t, 3> kStarts = {INT64_MIN + 1, -5000, 28'000'000};
    const std::int64_t start = kStarts[trial % kStarts.size()];
    list.clear(SimTime{start});
    Reference expected;
    std::map<int, EventHandle> handles;
    int payloads = 0;
    std::size_t longest = 0;
    const auto schedule = [&] {
      const std::int64_t time = list.now().minutes + random_delay(random);
      const auto event_class = static_cast<EventClass>(one_in(9) ? 255 : random() % 4);
      if (one_in(2)) {
        list.schedule(SimTime{time}, event_class, payloads);
      } else {
        handles[payloads] = list.schedule_cancellable(SimTime{time}, event_class, payloads);
      }
      expected.schedule(time, event_class, payloads++);
    };
    const auto cancel = [&] {
      if (handles.empty()) return;
      auto victim = handles.lower_bound(static_cast<int>(random() % std::uint64_t(payloads)));
      if (victim == handles.end()) victim = handles.begin();
      CHECK(list.cancel(victim->second) == expected.cancel(victim->first));
    };
    const auto pop = [&](bool is_bounded) {
      if (expected.events.empty()) {
        CHECK_FALSE(list.next_time());
        CHECK_FALSE(list.pop());
        return;
      }
      const auto [key, payload] = *expected.events.begin();
      const auto [time, event_class, sequence] = key;
      if (one_in(3)) CHECK(list.next_time() == SimTime{time});
      const SimTime now = list.now();
      if (is_bounded) {
        const auto end = time + static_cast<std::int64_t>(random() % 3) - 1;
        const auto popped = list.pop_before(SimTime{end});
        CHECK(popped.has_value() == (time < end));
        if (!popped) {
          CHECK(list.now() == now);
          return;
        }
        CHECK(popped->payload == payload);
      } else {
        const auto popped = list.pop();
        REQUIRE(popped);
        CHECK(popped->payload == payload);
        CHECK(popped->time.minutes == time);
        CHECK(popped->event_class == event_class);
      }
      CHECK(list.now().minutes == time);
      expected.pop();
    };
    const bool is_cancelling_much = trial % 2 == 0;  // so that the dead are dropped together
    for (int step = 0; step < 3000; ++step) {
      const std::uint64_t what = random() % 8;
      if (what < 4) {
        schedule();
      } else if (what < (is_cancelling_much ? 7 : 5)) {
        cancel();
      } else {
        pop(one_in(2));
      }
      longest = std::max(longest, expected.events.size());
      CHECK(list.size() == expected.events.size());
    }
    while (!expected.events.empty()) pop(false);
    pop(false);
    CHECK(list.counters().longest_queue == longest);
    CHECK(list.counters().scheduled == static_cast<std::uint64_t>(payloads));
    CHECK(list.counters().popped + list.counters().cancelled == list.counters().scheduled);
  }
}

TEST_CASE("a message of now comes before what is later, and after lower classes of now") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  list.schedule(SimTime{5}, 8, 1);
  list.schedule(SimTime{5}, 2, 0);
  list.schedule(SimTime{6}, 0, 9);
  CHECK(list.pop()->payload == 0);
  list.schedule(SimTime{5}, 8, 2);
  list.schedule(SimTime{5}, 1, 3);  // of a class that was over: it still comes next
  for (const int payload : {3, 1, 2, 9}) CHECK(list.pop()->payload == payload);
}

TEST_CASE("an event that would be next may be cancelled, and another one scheduled before it") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  const EventHandle first = list.schedule_cancellable(SimTime{100'000}, 0, 1);
  list.schedule(SimTime{200'000}, 0, 2);
  CHECK(list.next_time() == SimTime{100'000});
  CHECK(list.cancel(first));
  CHECK(list.next_time() == SimTime{200'000});
  CHECK_FALSE(list.pop_before(SimTime{200'000}));
  list.schedule(SimTime{1}, 0, 3);
  CHECK(list.pop()->payload == 3);
  CHECK(list.pop()->payload == 2);
}

TEST_CASE("a stale handle does nothing, also when its slot is used again") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  const EventHandle first = list.schedule_cancellable(SimTime{1}, 0, 1);
  CHECK(list.cancel(first));
  CHECK_FALSE(list.cancel(first));
  list.schedule(SimTime{2}, 0, 2);
  CHECK(list.pop()->payload == 2);  // and what was cancelled has gone: its slot is free
  const EventHandle second = list.schedule_cancellable(SimTime{3}, 0, 3);
  CHECK(second.slot == first.slot);
  CHECK_FALSE(list.cancel(first));
  CHECK(list.pop()->payload == 3);
  CHECK_FALSE(list.cancel(second));
  const EventHandle third = list.schedule_cancellable(SimTime{4}, 0, 4);
  list.clear(SimTime{0});
  CHECK_FALSE(list.cancel(third));
  CHECK_FALSE(list.cancel(EventHandle{}));
  CHECK(list.size() == 0);
}

TEST_CASE("the past is closed") {
  FutureEventList<int> list;
  list.clear(SimTime{10});
  CHECK_THROWS_AS(list.schedule(SimTime{9}, 0, 1), InvariantError);
  list.schedule(SimTime{10}, 0, 1);
  CHECK(list.pop()->time == SimTime{10});
}

TEST_CASE("in steady state nothing is allocated, with cancellation") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  Stream random(7, 0, 0, 0);
  std::array<EventHandle, 1000> handles;
  const auto hold = [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      auto popped = list.pop();
      while (popped->payload < 0) popped = list.pop();  // messages
      const auto later = [&] {
        return popped->time + Duration{static_cast<std::int64_t>(random() % 10000)};
      };
      const auto slot = static_cast<std::size_t>(popped->payload);
      handles[slot] = list.schedule_cancellable(later(), 0, popped->payload);
      list.schedule(popped->time, 8, -1);
      const std::size_t other = random() % handles.size();
      if (i % 5 == 0 && list.cancel(handles[other])) {
        handles[other] = list.schedule_cancellable(later(), 0, static_cast<int>(other));
      }
    }
  };
  for (std::size_t i = 0; i < handles.size(); ++i) {
    handles[i] =
        list.schedule_cancellable(SimTime{static_cast<std::int64_t>(i)}, 0, static_cast<int>(i));
  }
  hold(20000);
  const std::size_t before = tests::allocations();
  hold(20000);
  CHECK(tests::allocations() == before);
  while (list.size() > 1000) CHECK(list.pop()->payload == -1);  // the messages of the last instant
  CHECK(list.counters().longest_queue > 1000);
}
