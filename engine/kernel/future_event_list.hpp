/// The future event list: what happens next, in a total order.
///
/// Order: time, then event class (lower first), then sequence of scheduling. An implicit 4-ary heap
/// of 24-byte entries over slots that are reused, so that scheduling, cancelling and popping do not
/// allocate once the list has reached its largest size. Cancellation marks the slot; the dead entry
/// leaves the heap when it reaches the top, or all at once when dead entries outnumber live ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/kernel/sim_time.hpp"

namespace tollgate {

/// Names one scheduled event. Stale handles (popped or cancelled) are recognised and harmless.
struct EventHandle {
  std::uint32_t slot = UINT32_MAX;
  std::uint32_t generation = 0;
};

/// Order among events of one instant; the meaning of each class belongs to the model.
using EventClass = std::uint8_t;

/// Counters since construction or `clear`.
struct EventCounters {
  std::uint64_t scheduled = 0;
  std::uint64_t popped = 0;
  std::uint64_t cancelled = 0;
  std::size_t longest_queue = 0;  ///< largest number of live events
};

/// Future event list over a payload type. Single-threaded; one per replica.
template <class Payload>
class FutureEventList {
 public:
  struct Popped {
    SimTime time;
    EventClass event_class;
    Payload payload;
  };

  /// Adds an event. Precondition (asserted): `time` is not before the last popped event.
  EventHandle schedule(SimTime time, EventClass event_class, const Payload& payload);

  /// Removes a pending event; false if the handle is stale.
  bool cancel(EventHandle handle);

  /// Moves a pending event to another time, as if newly scheduled; false if the handle is stale.
  /// The handle stays valid.
  bool reschedule(EventHandle handle, SimTime time);

  /// Takes the next event, or nothing when the list is empty. Advances `now`.
  std::optional<Popped> pop();

  /// Time of the next live event, or nothing.
  std::optional<SimTime> next_time();

  /// Time of the last popped event.
  [[nodiscard]] SimTime now() const;

  /// Number of live events.
  [[nodiscard]] std::size_t size() const;

  [[nodiscard]] const EventCounters& counters() const;

  /// Empties the list and sets `now`, keeping the memory.
  void clear(SimTime now);
};

}  // namespace tollgate
