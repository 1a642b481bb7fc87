/// First-in-first-out queues of small values that share one store of chunks.
///
/// A chunk is a few cache lines, so that a long queue is written and read in sequence and a short
/// one wastes little. Chunks go back to the store as queues empty: nothing is allocated once the
/// store has reached its largest size, whichever queues the values are in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace tollgate {

template <class Value>
class FifoPool {
  static_assert(std::is_trivially_copyable_v<Value>, "values are copied from chunk to chunk");
  struct Chunk;

 public:
  /// One queue. Belongs to the pool that fills it; copying it does not copy the values.
  class Fifo {
   public:
    [[nodiscard]] bool is_empty() const { return first_ == nullptr; }
    [[nodiscard]] bool has_one() const {
      return first_ == last_ && first_ != nullptr && first_->end - first_->begin == 1;
    }
    [[nodiscard]] const Value& front() const { return first_->values[first_->begin]; }

    /// Calls `visit` with each value in order.
    template <class Visit>
    void for_each(Visit visit) const {
      for (const Chunk* chunk = first_; chunk != nullptr; chunk = chunk->next) {
        __builtin_prefetch(chunk->next);
        for (std::uint32_t i = chunk->begin; i < chunk->end; ++i) visit(chunk->values[i]);
      }
    }

   private:
    friend class FifoPool;
    Chunk* first_ = nullptr;
    Chunk* last_ = nullptr;
  };

  void append(Fifo& fifo, const Value& value) {
    Chunk* last = fifo.last_;
    if (last == nullptr || last->end == kValues) {
      last = take_chunk();
      (fifo.last_ == nullptr ? fifo.first_ : fifo.last_->next) = last;
      fifo.last_ = last;
    }
    last->values[last->end++] = value;
  }

  /// Removes the front. Precondition: there is one.
  void drop_front(Fifo& fifo) {
    Chunk* first = fifo.first_;
    if (++first->begin < first->end) return;
    fifo.first_ = first->next;
    if (fifo.first_ == nullptr) fifo.last_ = nullptr;
    release(first);
  }

  /// Empties the queue and calls `visit` with each value in order; `visit` may append to any queue,
  /// this one included.
  template <class Visit>
  void drain(Fifo& fifo, Visit visit) {
    Chunk* chunk = fifo.first_;
    fifo = {};
    while (chunk != nullptr) {
      Chunk* const next = chunk->next;
      __builtin_prefetch(next);
      for (std::uint32_t i = chunk->begin; i < chunk->end; ++i) visit(chunk->values[i]);
      release(chunk);
      chunk = next;
    }
  }

 private:
  static constexpr std::size_t kChunkBytes = 256;
  static constexpr std::size_t kHeaderBytes = 16;
  static constexpr std::uint32_t kValues =
      std::max<std::uint32_t>(1, (kChunkBytes - kHeaderBytes) / sizeof(Value));

  struct alignas(64) Chunk {
    Chunk* next = nullptr;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    Value values[kValues];
  };

  Chunk* take_chunk() {
    if (free_ == nullptr) add_block();
    Chunk* const chunk = free_;
    free_ = chunk->next;
    chunk->next = nullptr;
    chunk->begin = 0;
    chunk->end = 0;
    return chunk;
  }

  void release(Chunk* chunk) {
    chunk->next = free_;
    free_ = chunk;
  }

  // Doubles the store. Chunks never move: the queues point at them.
  void add_block() {
    constexpr std::size_t kFirstBlock = 64;
    const std::size_t count = std::max(kFirstBlock, chunks_);
    blocks_.push_back(std::make_unique_for_overwrite<Chunk[]>(count));
    chunks_ += count;
    for (std::size_t i = count; i-- > 0;) release(&blocks_.back()[i]);
  }

  std::vector<std::unique_ptr<Chunk[]>> blocks_;
  std::size_t chunks_ = 0;
  Chunk* free_ = nullptr;
};

}  // namespace tollgate
