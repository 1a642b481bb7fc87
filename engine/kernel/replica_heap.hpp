/// Memory of a replica, kept by its worker for the next one.
///
/// A world is built, runs and is torn down for every replica. While a `Scope` is open, what the
/// thread takes by `new` (vectors, strings, the temporaries of libraries) comes out of the worker's
/// heap and goes back to it: chunks that are asked of malloc once, blocks by size class, each class
/// a list of those given back. A replica that needs no more than those before it causes no call of
/// malloc, no lock and no page fault.
///
/// Each block knows its heap. So it may be given back later, or by another thread, and what
/// outlives the worker stays valid. Programs take part by linking tollgate::operator_new
/// (operator_new.cpp); in others, and under sanitizers, a scope changes nothing.
#pragma once

#include <cstddef>

namespace tollgate {

class ReplicaHeap {
 public:
  /// Belongs to the thread that makes it.
  ReplicaHeap();
  /// Gives the chunks back to the system, unless somebody still holds a block of them.
  ~ReplicaHeap();
  ReplicaHeap(const ReplicaHeap&) = delete;
  ReplicaHeap& operator=(const ReplicaHeap&) = delete;

  /// While it lives, its thread allocates from the heap. Precondition (checked): it is the thread
  /// of the heap.
  class Scope {
   public:
    explicit Scope(ReplicaHeap& heap);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    void* outer_;
  };

  [[nodiscard]] std::size_t bytes() const;   ///< asked of the system so far
  [[nodiscard]] std::size_t blocks() const;  ///< not given back

  /// `size` bytes at a multiple of 16, of the heap whose scope is open or of malloc; null when
  /// there is no more memory.
  static void* allocate(std::size_t size) noexcept;
  /// The same at a multiple of `alignment`, a power of two.
  static void* allocate(std::size_t size, std::size_t alignment) noexcept;
  /// Takes back what either of them returned, on any thread.
  static void release(void* memory) noexcept;

 private:
  struct Core;
  Core* core_;
};

}  // namespace tollgate
