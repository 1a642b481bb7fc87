/// The future event list: what happens next, in a total order.
///
/// Order: time, then event class (lower first), then sequence of scheduling. Time is a whole number
/// of minutes that never runs backwards, so that no comparison of events is needed: the list is a
/// radix queue (Ahuja, Mehlhorn, Orlin & Tarjan 1990, doi:10.1145/77600.77615), with digits of
/// eight bits. An event waits in the bucket of the highest digit in which its time differs from
/// now, and of the value of that digit. The first bucket that is not empty holds the next instant;
/// when time reaches it, its events are dealt to buckets of lower digits, those of the instant
/// itself to one queue for each class. All events of one time are thus in one bucket always, and
/// buckets are first in, first out: the sequence needs no number. An event moves once for each
/// digit at most, and one that is scheduled for now (a message) does not move at all.
///
/// An event that may be cancelled has a slot, which its handle names. Cancelling marks the slot;
/// the dead event leaves its bucket when it is next met, or with all others when the dead outnumber
/// the live. Nothing is allocated once the list has reached its largest size.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kernel/check.hpp"
#include "engine/kernel/fifo_pool.hpp"
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

  /// Adds an event. Precondition (checked): `time` is not before now.
  void schedule(SimTime time, EventClass event_class, const Payload& payload) {
    add(time, event_class, payload, kNoSlot);
  }

  /// The same for an event that may have to be cancelled.
  EventHandle schedule_cancellable(SimTime time, EventClass event_class, const Payload& payload) {
    const std::uint32_t slot = take_slot();
    add(time, event_class, payload, slot);
    return {slot, generations_[slot]};
  }

  /// Removes a pending event; false if the handle is stale.
  bool cancel(EventHandle handle) {
    if (handle.slot >= generations_.size() || generations_[handle.slot] != handle.generation) {
      return false;
    }
    ++generations_[handle.slot];
    --live_;
    ++dead_;
    ++cancelled_;
    drop_dead_if_many();
    return true;
  }

  /// Takes the next event, or nothing when the list is empty. Advances `now`.
  std::optional<Popped> pop() {
    const std::optional<Place> next = next_place();
    if (!next) return std::nullopt;
    return take(*next);
  }

  /// The same if the next event is before `end`; else nothing, and nothing changes.
  std::optional<Popped> pop_before(SimTime end) {
    const std::optional<Place> next = next_place();
    if (!next || next->time >= end.minutes) return std::nullopt;
    return take(*next);
  }

  /// Time of the next event, or nothing.
  std::optional<SimTime> next_time() {
    const std::optional<Place> next = next_place();
    if (!next) return std::nullopt;
    return SimTime{next->time};
  }

  /// Time of the last popped event.
  [[nodiscard]] SimTime now() const { return now_; }

  /// Number of live events.
  [[nodiscard]] std::size_t size() const { return live_; }

  [[nodiscard]] EventCounters counters() const {
    return {live_ + popped_ + cancelled_, popped_, cancelled_, longest_queue_};
  }

  /// Empties the list and sets `now`, keeping the memory.
  void clear(SimTime now) {
    drain_all([](const Entry&) {});
    free_slots_.clear();
    for (std::uint32_t slot = 0; slot < generations_.size(); ++slot) free_slot(slot);
    live_ = 0;
    dead_ = 0;
    popped_ = 0;
    cancelled_ = 0;
    longest_queue_ = 0;
    now_ = now;
  }

 private:
  static constexpr unsigned kDigitBits = 8;
  static constexpr std::size_t kValues = std::size_t{1} << kDigitBits;  // of a digit, or a class
  static constexpr std::size_t kBuckets = (1 + 64 / kDigitBits) * kValues;
  static constexpr std::size_t kWordBits = 64;

  static constexpr unsigned kSlotBits = 24;
  static constexpr std::uint32_t kNoSlot = (std::uint32_t{1} << kSlotBits) - 1;
  static constexpr std::size_t kFewDead = 64;

  struct Entry {
    std::int64_t time;
    Payload payload;
    std::uint32_t class_and_slot;  // class << 24 | slot; kNoSlot: cannot be cancelled
  };
  using Fifo = typename FifoPool<Entry>::Fifo;

  /// A bucket that is not empty, and the time of the first live event in it.
  struct Place {
    std::size_t bucket;
    std::int64_t time;
  };

  void add(SimTime time, EventClass event_class, const Payload& payload, std::uint32_t slot) {
    TOLLGATE_CHECK(time >= now_, "an event was scheduled in the past");
    place({time.minutes, payload, (std::uint32_t{event_class} << kSlotBits) | slot});
    ++live_;
    longest_queue_ = std::max(longest_queue_, live_);
  }

  // Buckets are numbered in the order of what they hold: first the classes of now, then the values
  // of the lowest digit, and so on.
  void place(const Entry& event) {
    const auto differing = static_cast<std::uint64_t>(event.time ^ now_.minutes);
    if (differing == 0) return append(event.class_and_slot >> kSlotBits, event);
    // Flipping the sign makes the order of times that of unsigned numbers.
    const std::uint64_t time = static_cast<std::uint64_t>(event.time) ^ (std::uint64_t{1} << 63);
    const unsigned digit = static_cast<unsigned>(std::bit_width(differing) - 1) / kDigitBits;
    append((digit + 1) * kValues + (time >> (digit * kDigitBits)) % kValues, event);
  }

  void append(std::size_t bucket, const Entry& event) {
    events_.append(buckets_[bucket], event);
    occupied_[bucket / kWordBits] |= std::uint64_t{1} << bucket % kWordBits;
    occupied_words_ |= std::uint64_t{1} << bucket / kWordBits;
  }

  void mark_empty(std::size_t bucket) {
    std::uint64_t& word = occupied_[bucket / kWordBits];
    word &= ~(std::uint64_t{1} << bucket % kWordBits);
    if (word == 0) occupied_words_ &= ~(std::uint64_t{1} << bucket / kWordBits);
  }

  /// Precondition: there is one.
  [[nodiscard]] std::size_t first_occupied() const {
    const auto word = static_cast<std::size_t>(std::countr_zero(occupied_words_));
    return word * kWordBits + static_cast<std::size_t>(std::countr_zero(occupied_[word]));
  }

  /// Where the next live event is; dead ones before it are dropped.
  std::optional<Place> next_place() {
    while (occupied_words_ != 0) {
      const std::size_t bucket = first_occupied();
      Fifo& events = buckets_[bucket];
      while (!events.is_empty() && is_dead(events.front())) {
        bury(events.front());
        events_.drop_front(events);
      }
      if (!events.is_empty()) return Place{bucket, first_time(bucket)};
      mark_empty(bucket);
    }
    return std::nullopt;
  }

  /// Time of the first live event of a bucket. Precondition: its front is live.
  [[nodiscard]] std::int64_t first_time(std::size_t bucket) const {
    const Fifo& events = buckets_[bucket];
    std::int64_t time = events.front().time;
    if (bucket < 2 * kValues) return time;  // all of them are of this time
    if (dead_ == 0) {
      events.for_each([&](const Entry& event) { time = std::min(time, event.time); });
    } else {
      events.for_each([&](const Entry& event) {
        if (event.time < time && !is_dead(event)) time = event.time;
      });
    }
    return time;
  }

  Popped take(Place next) {
    if (next.bucket >= kValues && !buckets_[next.bucket].has_one()) {
      now_.minutes = next.time;
      mark_empty(next.bucket);
      events_.drain(buckets_[next.bucket],
                    [this](const Entry& event) { is_dead(event) ? bury(event) : place(event); });
      next.bucket = first_occupied();
    }
    Fifo& events = buckets_[next.bucket];
    const Entry first = events.front();
    events_.drop_front(events);
    if (events.is_empty()) mark_empty(next.bucket);
    const std::uint32_t slot = first.class_and_slot & kNoSlot;
    if (slot != kNoSlot) free_slot(slot);
    --live_;
    ++popped_;
    now_.minutes = first.time;
    return {now_, static_cast<EventClass>(first.class_and_slot >> kSlotBits), first.payload};
  }

  std::uint32_t take_slot() {
    if (free_slots_.empty()) {
      TOLLGATE_CHECK(generations_.size() < kNoSlot, "too many events that can be cancelled");
      generations_.push_back(0);
      return static_cast<std::uint32_t>(generations_.size() - 1);
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }

  // The next even number: handles of the slot's last event are stale, whether it was cancelled.
  void free_slot(std::uint32_t slot) {
    generations_[slot] = (generations_[slot] | 1U) + 1;
    free_slots_.push_back(slot);
  }

  [[nodiscard]] bool is_dead(const Entry& event) const {
    const std::uint32_t slot = event.class_and_slot & kNoSlot;
    return slot != kNoSlot && generations_[slot] % 2 != 0;
  }

  void bury(const Entry& event) {
    free_slot(event.class_and_slot & kNoSlot);
    --dead_;
  }

  void drop_dead_if_many() {
    if (dead_ < kFewDead || dead_ < live_) return;
    // Each bucket by itself: what stays in it stays in order.
    drain_all([this](const Entry& event) { is_dead(event) ? bury(event) : place(event); });
  }

  template <class Visit>
  void drain_all(Visit visit) {
    for (std::uint64_t words = occupied_words_; words != 0; words &= words - 1) {
      const auto word = static_cast<std::size_t>(std::countr_zero(words));
      for (std::uint64_t left = occupied_[word]; left != 0; left &= left - 1) {
        const std::size_t bucket =
            word * kWordBits + static_cast<std::size_t>(std::countr_zero(left));
        mark_empty(bucket);
        events_.drain(buckets_[bucket], visit);
      }
    }
  }

  FifoPool<Entry> events_;
  std::array<Fifo, kBuckets> buckets_{};
  std::array<std::uint64_t, kBuckets / kWordBits> occupied_{};  // a bit for each bucket
  std::uint64_t occupied_words_ = 0;                            // a bit for each word of these
  std::vector<std::uint32_t>
      generations_;  // by slot; odd: cancelled, and its event not yet dropped
  std::vector<std::uint32_t> free_slots_;
  std::size_t live_ = 0;
  std::size_t dead_ = 0;
  std::uint64_t popped_ = 0;
  std::uint64_t cancelled_ = 0;
  std::size_t longest_queue_ = 0;
  SimTime now_{INT64_MIN};
};

}  // namespace tollgate
