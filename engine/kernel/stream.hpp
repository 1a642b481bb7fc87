/// Counter-based random streams, one per (seed, replica, entity, purpose).
///
/// A stream is a function of its four coordinates, never of the order of calls: adding an agent,
/// a thread or a shard changes no other agent's noise, and two scenarios with one seed share their
/// noise replica by replica. Engine: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405)
/// from Random123.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace tollgate {

/// 64-bit FNV-1a of a name: the coordinate of an entity or a purpose in the space of streams.
constexpr std::uint64_t hash_name(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  return h;
}

/// Uniform random bit generator (64 bits) on which Boost.Random distributions draw.
class Stream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  Stream() : Stream(0, 0, 0, 0) {}
  Stream(std::uint64_t seed, std::uint32_t replica, std::uint64_t entity, std::uint64_t purpose);

  result_type operator()();
};

/// Makes the streams of one replica.
class StreamFactory {
 public:
  StreamFactory(std::uint64_t seed, std::uint32_t replica) : seed_(seed), replica_(replica) {}

  [[nodiscard]] Stream make(std::uint64_t entity, std::uint64_t purpose) const {
    return {seed_, replica_, entity, purpose};
  }
  [[nodiscard]] Stream make(std::string_view entity, std::string_view purpose) const {
    return make(hash_name(entity), hash_name(purpose));
  }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint32_t replica() const { return replica_; }

 private:
  std::uint64_t seed_;
  std::uint32_t replica_;
};

}  // namespace tollgate
