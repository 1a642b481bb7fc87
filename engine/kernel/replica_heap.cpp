#include "engine/kernel/replica_heap.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

/// Its address tells threads apart.
thread_local const char kThreadMark = 0;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kClasses = 40;  ///< blocks of 2^class bytes, header included

}  // namespace

/// What the blocks point to; outlives its ReplicaHeap while there are any.
struct ReplicaHeap::Core {
  /// Stands before every block. Sixteen bytes, so that what follows is aligned for any type.
  struct alignas(16) Header {
    Core* core;  ///< null: of malloc
    union {
      std::size_t size_class;
      void* block;  ///< where the core is `shifted()`
    };
  };
  /// A block that has been given back; stands where the caller's bytes were.
  struct Free {
    Free* next;
  };
  struct Chunk {
    Chunk* next;
    alignas(16) std::byte memory[1];
  };

  const char* thread = &kThreadMark;
  std::array<Free*, kClasses> free{};
  std::byte* rest = nullptr;  ///< of the newest chunk
  std::size_t rest_bytes = 0;
  Chunk* chunks = nullptr;
  std::size_t bytes = 0;
  std::size_t blocks = 0;
  /// Blocks given back by other threads, until this one collects them.
  std::atomic<Free*> returned{nullptr};

  /// Stands in for the core where the caller's bytes begin some way into a block, to be aligned.
  static Core* shifted() {
    static std::byte mark;
    return reinterpret_cast<Core*>(&mark);
  }

  static Header* header_of(void* memory) { return static_cast<Header*>(memory) - 1; }

  void* allocate(std::size_t size) noexcept {
    // Room for a header and for a Free; the power of two above.
    const std::size_t needed = sizeof(Header) + std::max(size, sizeof(Free));
    const auto size_class = static_cast<std::size_t>(std::bit_width(needed - 1));
    if (size_class >= kClasses) return nullptr;
    if (free[size_class] == nullptr) collect();
    if (Free* block = free[size_class]) {
      free[size_class] = block->next;
      ++blocks;
      return block;
    }
    const std::size_t block_bytes = std::size_t{1} << size_class;
    if (rest_bytes < block_bytes && !add_chunk(block_bytes)) return nullptr;
    auto* header = new (rest) Header{this, {size_class}};
    rest += block_bytes;
    rest_bytes -= block_bytes;
    ++blocks;
    return header + 1;
  }

  void take_back(void* memory) noexcept {
    const std::size_t size_class = header_of(memory)->size_class;
    free[size_class] = new (memory) Free{free[size_class]};
    --blocks;
  }

  void take_back_from_elsewhere(void* memory) noexcept {
    auto* block = new (memory) Free{returned.load(std::memory_order_relaxed)};
    while (!returned.compare_exchange_weak(block->next, block, std::memory_order_release,
                                           std::memory_order_relaxed)) {
    }
  }

  void collect() noexcept {
    if (returned.load(std::memory_order_relaxed) == nullptr) return;
    Free* block = returned.exchange(nullptr, std::memory_order_acquire);
    while (block != nullptr) {
      Free* const next = block->next;
      take_back(block);
      block = next;
    }
  }

  /// What is left of the chunk before is lost: less than the block that did not fit.
  bool add_chunk(std::size_t at_least) noexcept {
    const std::size_t memory = std::max(kChunkBytes, at_least);
    const std::size_t size = offsetof(Chunk, memory) + memory;
    auto* chunk = static_cast<Chunk*>(std::malloc(size));
    if (chunk == nullptr) return false;
    chunk->next = chunks;
    chunks = chunk;
    bytes += size;
    rest = chunk->memory;
    rest_bytes = memory;
    return true;
  }
};

namespace {

/// The heap whose scope is open on this thread.
thread_local void* current = nullptr;

}  // namespace

ReplicaHeap::ReplicaHeap() : core_(static_cast<Core*>(std::malloc(sizeof(Core)))) {
  if (core_ == nullptr) throw std::bad_alloc{};
  new (core_) Core;
}

ReplicaHeap::~ReplicaHeap() {
  core_->collect();
  // A static of some library that was made while a scope was open, for example. It keeps all.
  if (core_->blocks > 0) return;
  while (core_->chunks != nullptr) {
    Core::Chunk* const chunk = core_->chunks;
    core_->chunks = chunk->next;
    std::free(chunk);
  }
  core_->~Core();
  std::free(core_);
}

ReplicaHeap::Scope::Scope(ReplicaHeap& heap) : outer_(current) {
  TOLLGATE_CHECK(heap.core_->thread == &kThreadMark, "a heap is used by its own thread only");
  current = heap.core_;
}

ReplicaHeap::Scope::~Scope() { current = outer_; }

std::size_t ReplicaHeap::bytes() const { return core_->bytes; }

std::size_t ReplicaHeap::blocks() const {
  core_->collect();
  return core_->blocks;
}

void* ReplicaHeap::allocate(std::size_t size) noexcept {
  if (current != nullptr) return static_cast<Core*>(current)->allocate(size);
  if (size > SIZE_MAX - sizeof(Core::Header)) return nullptr;
  void* memory = std::malloc(sizeof(Core::Header) + size);
  if (memory == nullptr) return nullptr;
  return new (memory) Core::Header{nullptr, {0}} + 1;
}

void* ReplicaHeap::allocate(std::size_t size, std::size_t alignment) noexcept {
  if (alignment <= alignof(Core::Header)) return allocate(size);
  if (size > SIZE_MAX - alignment) return nullptr;
  void* const block = allocate(size + alignment);
  if (block == nullptr) return nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  // A multiple of 16, so that there is room for a header, or none to skip.
  const std::uintptr_t skipped = (alignment - address % alignment) % alignment;
  if (skipped == 0) return block;
  auto* memory = static_cast<std::byte*>(block) + skipped;
  auto* header = new (memory - sizeof(Core::Header)) Core::Header{Core::shifted(), {0}};
  header->block = block;
  return memory;
}

void ReplicaHeap::release(void* memory) noexcept {
  if (memory == nullptr) return;
  Core::Header* header = Core::header_of(memory);
  if (header->core == Core::shifted()) {
    memory = header->block;
    header = Core::header_of(memory);
  }
  if (header->core == nullptr) {
    std::free(header);
  } else if (header->core->thread == &kThreadMark) {
    header->core->take_back(memory);
  } else {
    header->core->take_back_from_elsewhere(memory);
  }
}

}  // namespace tollgate
