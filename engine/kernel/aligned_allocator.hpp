/// Vectors whose memory begins at a cache line.
#pragma once

#include <cstddef>
#include <new>

namespace tollgate {

/// Takes memory by `new`, and so from a replica's heap where there is one; the aligned allocator of
/// Boost goes to the system.
template <class T, std::size_t Alignment = 64>
struct AlignedAllocator {
  using value_type = T;
  template <class U>
  // NOLINTNEXTLINE(readability-identifier-naming): what an allocator has to have.
  struct rebind {
    using other = AlignedAllocator<U, Alignment>;
  };
  AlignedAllocator() = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): what an allocator has to have.
  AlignedAllocator(const AlignedAllocator<U, Alignment>&) {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{Alignment}));
  }
  void deallocate(T* memory, std::size_t) {
    ::operator delete (memory, std::align_val_t{Alignment});
  }
  bool operator==(const AlignedAllocator&) const { return true; }
};

}  // namespace tollgate
