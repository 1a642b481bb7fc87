// Global new and delete by way of engine/kernel/replica_heap.hpp, for programs that run replicas.
// An object library of its own, so that a program decides for itself. The aligned forms are left
// alone: they come in pairs of their own. Under sanitizers their allocator stays, which sees more.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <new>

#include "engine/kernel/replica_heap.hpp"

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return tollgate::ReplicaHeap::allocate(size);
}
void* operator new(std::size_t size) {
  for (;;) {
    if (void* memory = tollgate::ReplicaHeap::allocate(size)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}
void operator delete(void* memory) noexcept { tollgate::ReplicaHeap::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { tollgate::ReplicaHeap::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  tollgate::ReplicaHeap::release(memory);
}

#endif
