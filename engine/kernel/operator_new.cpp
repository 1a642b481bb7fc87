// Global new and delete by way of engine/kernel/replica_heap.hpp, for programs that run replicas.
// An object library of its own, so that a program decides for itself. Under sanitizers their
// allocator stays, which sees more.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <new>

#include "engine/kernel/replica_heap.hpp"

namespace {

/// `allocate` until there is memory, or nobody left who could make room.
template <class Allocate>
void* insist(const Allocate& allocate) {
  for (;;) {
    if (void* memory = allocate()) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}

}  // namespace

using tollgate::ReplicaHeap;

// All forms that the standard library may pair with each other; those for arrays call these.
void* operator new(std::size_t size) {
  return insist([=] { return ReplicaHeap::allocate(size); });
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return insist([=] { return ReplicaHeap::allocate(size, static_cast<std::size_t>(alignment)); });
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return ReplicaHeap::allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return ReplicaHeap::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { ReplicaHeap::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { ReplicaHeap::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { ReplicaHeap::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  ReplicaHeap::release(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { ReplicaHeap::release(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  ReplicaHeap::release(memory);
}

#endif
