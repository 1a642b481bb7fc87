/// Counter-based random streams, one per (seed, replica, entity, purpose).
///
/// A stream is a function of its four coordinates, never of the order of calls: adding an agent,
/// a thread or a shard changes no other agent's noise, and two scenarios with one seed share their
/// noise replica by replica. Engine: Philox4x32-10.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "engine/kernel/philox.hpp"
#include "engine/kernel/vector_width.hpp"

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

/// Mixes entity and purpose into one coordinate (the finaliser of SplitMix64, twice).
constexpr std::uint64_t mix(std::uint64_t entity, std::uint64_t purpose) {
  constexpr auto scramble = [](std::uint64_t z) {
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  return scramble(scramble(entity) ^ purpose);
}

/// Uniform random bit generator (64 bits) on which Boost.Random distributions draw.
///
/// The counter of Philox holds the block number, the replica (< 2^31) and the mixed coordinate; the
/// key is the seed. A block is two numbers. A stream gives 2^33 numbers before it runs into that of
/// the next replica. It takes half a cache line and lies in one.
class alignas(32) Stream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  Stream() : Stream(0, 0, 0, 0) {}
  Stream(std::uint64_t seed, std::uint32_t replica, std::uint64_t entity, std::uint64_t purpose)
      : position_(std::uint64_t{replica} << 33), place_(mix(entity, purpose)), seed_(seed) {}

  result_type operator()() {
    const std::uint64_t position = position_++;
    if (position % 2 != 0) return second_;
    const PhiloxBlock block = philox(position / 2, place_, seed_);
    second_ = block.second;
    return block.first;
  }

  /// The next numbers, as many calls would give them, in a fraction of the time.
  void fill(std::span<result_type> numbers, VectorWidth width = widest_vector_width());

  /// Gives back the last so many numbers: they come again.
  void step_back(std::uint64_t numbers);

 private:
  std::uint64_t position_;  // replica and number of the next draw; its half is the block's
  std::uint64_t place_;
  std::uint64_t seed_;
  std::uint64_t second_ = 0;  // the other half of the block, when the position is odd
};
static_assert(sizeof(Stream) == 32);

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
