#include "engine/kernel/future_event_list.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "engine/kernel/stream.hpp"
#include "tests/allocations.hpp"

using namespace tollgate;

TEST_CASE("events come out by time, then class, then sequence, whatever was cancelled or moved") {
  for (std::uint32_t trial = 0; trial < 50; ++trial) {
    Stream random(1, trial, 0, 0);
    FutureEventList<int> list;
    list.clear(SimTime{0});
    using Key = std::tuple<std::int64_t, int, int>;  // time, class, sequence
    std::map<int, Key> expected;                     // by payload
    std::map<int, EventHandle> handles;
    int sequence = 0;
    for (int payload = 0; payload < 400; ++payload) {
      const auto time = static_cast<std::int64_t>(random() % 50);
      const auto event_class = static_cast<EventClass>(random() % 3);
      handles[payload] = list.schedule(SimTime{time}, event_class, payload);
      expected[payload] = {time, event_class, sequence++};
      if (random() % 3 == 0) {
        const int victim = static_cast<int>(random() % static_cast<std::uint64_t>(payload + 1));
        CHECK(list.cancel(handles[victim]) == expected.contains(victim));
        expected.erase(victim);
      } else if (random() % 3 == 0) {
        const int moved = static_cast<int>(random() % static_cast<std::uint64_t>(payload + 1));
        const auto to = static_cast<std::int64_t>(random() % 50);
        const bool is_there = expected.contains(moved);
        CHECK(list.reschedule(handles[moved], SimTime{to}) == is_there);
        if (is_there) expected[moved] = {to, std::get<1>(expected[moved]), sequence++};
      }
    }
    CHECK(list.size() == expected.size());
    std::vector<std::pair<Key, int>> order;
    for (const auto& [payload, key] : expected) order.emplace_back(key, payload);
    std::ranges::sort(order);
    for (const auto& [key, payload] : order) {
      CHECK(list.next_time() == SimTime{std::get<0>(key)});
      const auto popped = list.pop();
      REQUIRE(popped);
      CHECK(popped->payload == payload);
      CHECK(popped->time.minutes == std::get<0>(key));
      CHECK(popped->event_class == std::get<1>(key));
      CHECK(list.now() == popped->time);
    }
    CHECK_FALSE(list.pop());
    CHECK_FALSE(list.next_time());
  }
}

TEST_CASE("a stale handle does nothing, also when its slot is used again") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  const EventHandle first = list.schedule(SimTime{1}, 0, 1);
  CHECK(list.cancel(first));
  CHECK_FALSE(list.cancel(first));
  list.schedule(SimTime{2}, 0, 2);  // takes the slot of the first
  CHECK_FALSE(list.cancel(first));
  CHECK_FALSE(list.reschedule(first, SimTime{3}));
  CHECK(list.pop()->payload == 2);
  CHECK_FALSE(list.cancel(EventHandle{}));
}

TEST_CASE("the past is closed") {
  FutureEventList<int> list;
  list.clear(SimTime{10});
  CHECK_THROWS_AS(list.schedule(SimTime{9}, 0, 1), InvariantError);
  list.schedule(SimTime{10}, 0, 1);
  CHECK(list.pop()->time == SimTime{10});
}

TEST_CASE("in steady state nothing is allocated, with cancellation and moving") {
  FutureEventList<int> list;
  list.clear(SimTime{0});
  Stream random(7, 0, 0, 0);
  std::array<EventHandle, 1000> handles;
  const auto hold = [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto popped = list.pop();
      const auto later = [&] {
        return popped->time + Duration{static_cast<std::int64_t>(random() % 10000)};
      };
      const auto slot = static_cast<std::size_t>(popped->payload);
      handles[slot] = list.schedule(later(), 0, popped->payload);
      const std::size_t other = random() % handles.size();
      if (i % 5 == 0) list.reschedule(handles[other], later());
      if (i % 7 == 0 && list.cancel(handles[other])) {
        handles[other] = list.schedule(later(), 0, static_cast<int>(other));
      }
    }
  };
  for (std::size_t i = 0; i < handles.size(); ++i) {
    handles[i] = list.schedule(SimTime{static_cast<std::int64_t>(i)}, 0, static_cast<int>(i));
  }
  hold(20000);
  const std::size_t before = tests::allocations();
  hold(20000);
  CHECK(tests::allocations() == before);
  CHECK(list.size() == 1000);
  CHECK(list.counters().longest_queue == 1000);
  CHECK(list.counters().popped == 40000);
}
