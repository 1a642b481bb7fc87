/// The future event list: what happens next, in a total order.
///
/// Order: time, then event class (lower first), then sequence of scheduling. An implicit 4-ary heap
/// of 24-byte entries over slots that are reused, so that scheduling, cancelling and popping do not
/// allocate once the list has reached its largest size. Cancelling marks the slot; the dead entry
/// leaves the heap when it reaches the top, or with all others when dead entries outnumber live
/// ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kernel/check.hpp"
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

  /// Adds an event. Precondition (checked): `time` is not before the last popped event.
  EventHandle schedule(SimTime time, EventClass event_class, const Payload& payload) {
    TOLLGATE_CHECK(time >= now_, "an event was scheduled in the past");
    const std::uint32_t slot = take_slot(event_class, payload);
    push({time.minutes, rank(event_class), slot, slots_[slot].stamp});
    ++live_;
    ++counters_.scheduled;
    counters_.longest_queue = std::max(counters_.longest_queue, live_);
    return {slot, slots_[slot].generation};
  }

  /// Removes a pending event; false if the handle is stale.
  bool cancel(EventHandle handle) {
    if (!is_pending(handle)) return false;
    release_slot(handle.slot);
    --live_;
    ++counters_.cancelled;
    drop_dead_if_many();
    return true;
  }

  /// Moves a pending event to another time, as if newly scheduled; false if the handle is stale.
  /// The handle stays valid.
  bool reschedule(EventHandle handle, SimTime time) {
    if (!is_pending(handle)) return false;
    TOLLGATE_CHECK(time >= now_, "an event was moved into the past");
    Slot& slot = slots_[handle.slot];
    slot.stamp = ++stamps_;  // the entry in the heap no longer matches: it is dead
    push({time.minutes, rank(slot.event_class), handle.slot, slot.stamp});
    drop_dead_if_many();
    return true;
  }

  /// Takes the next event, or nothing when the list is empty. Advances `now`.
  std::optional<Popped> pop() {
    drop_dead_top();
    if (heap_.empty()) return std::nullopt;
    const Entry top = heap_.front();
    pop_top();
    const Popped popped{{top.time}, slots_[top.slot].event_class, slots_[top.slot].payload};
    release_slot(top.slot);
    --live_;
    ++counters_.popped;
    now_ = popped.time;
    return popped;
  }

  /// Time of the next live event, or nothing.
  std::optional<SimTime> next_time() {
    drop_dead_top();
    if (heap_.empty()) return std::nullopt;
    return SimTime{heap_.front().time};
  }

  /// Time of the last popped event.
  [[nodiscard]] SimTime now() const { return now_; }

  /// Number of live events.
  [[nodiscard]] std::size_t size() const { return live_; }

  [[nodiscard]] const EventCounters& counters() const { return counters_; }

  /// Empties the list and sets `now`, keeping the memory.
  void clear(SimTime now) {
    heap_.clear();
    free_.clear();
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      ++slots_[i].generation;
      slots_[i].stamp = 0;
      free_.push_back(i);
    }
    live_ = 0;
    sequence_ = 0;
    counters_ = {};
    now_ = now;
  }

 private:
  static constexpr std::size_t kArity = 4;
  static constexpr int kClassShift = 56;

  struct Entry {
    std::int64_t time;
    std::uint64_t rank;  ///< class << 56 | sequence
    std::uint32_t slot;
    std::uint32_t stamp;  ///< equals the slot's stamp while the entry is alive
  };
  struct Slot {
    Payload payload;
    EventClass event_class;
    std::uint32_t generation;
    std::uint32_t stamp;  ///< 0: free
  };

  static bool before(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time < b.time : a.rank < b.rank;
  }

  std::uint64_t rank(EventClass event_class) {
    return (std::uint64_t{event_class} << kClassShift) | sequence_++;
  }

  [[nodiscard]] bool is_pending(EventHandle h) const {
    return h.slot < slots_.size() && slots_[h.slot].generation == h.generation &&
           slots_[h.slot].stamp != 0;
  }
  [[nodiscard]] bool is_dead(const Entry& e) const { return slots_[e.slot].stamp != e.stamp; }

  std::uint32_t take_slot(EventClass event_class, const Payload& payload) {
    if (++stamps_ == 0) ++stamps_;  // 0 means free
    if (free_.empty()) {
      slots_.push_back({payload, event_class, 0, stamps_});
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].payload = payload;
    slots_[slot].event_class = event_class;
    slots_[slot].stamp = stamps_;
    return slot;
  }

  void release_slot(std::uint32_t slot) {
    ++slots_[slot].generation;
    slots_[slot].stamp = 0;
    free_.push_back(slot);
  }

  void push(Entry entry) {
    std::size_t hole = heap_.size();
    heap_.push_back(entry);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / kArity;
      if (!before(entry, heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = entry;
  }

  void pop_top() {
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(0, last);
  }

  void sift_down(std::size_t hole, Entry entry) {
    const std::size_t size = heap_.size();
    for (;;) {
      const std::size_t first = hole * kArity + 1;
      if (first >= size) break;
      const std::size_t end = std::min(first + kArity, size);
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (before(heap_[child], heap_[least])) least = child;
      }
      if (!before(heap_[least], entry)) break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = entry;
  }

  void drop_dead_top() {
    while (!heap_.empty() && is_dead(heap_.front())) pop_top();
  }

  void drop_dead_if_many() {
    if (heap_.size() < 64 || heap_.size() < 2 * live_) return;
    std::erase_if(heap_, [this](const Entry& e) { return is_dead(e); });
    if (heap_.size() < 2) return;
    for (std::size_t i = (heap_.size() - 2) / kArity + 1; i-- > 0;) sift_down(i, heap_[i]);
  }

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t live_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint32_t stamps_ = 0;
  EventCounters counters_;
  SimTime now_{INT64_MIN};
};

}  // namespace tollgate
