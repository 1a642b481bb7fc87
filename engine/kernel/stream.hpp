/// Counter-based random streams, one per (seed, replica, entity, purpose).
///
/// A stream is a function of its four coordinates, never of the order of calls: adding an agent,
/// a thread or a shard changes no other agent's noise, and two scenarios with one seed share their
/// noise replica by replica. Engine: Philox4x32-10 (Salmon et al. 2011,
/// doi:10.1145/2063384.2063405) from Random123.
#pragma once

#include <Random123/philox.h>

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
/// The counter holds the block number, the replica and the mixed coordinate; the key is the seed.
/// A stream gives 2^33 numbers before it repeats.
class Stream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  Stream() : Stream(0, 0, 0, 0) {}
  Stream(std::uint64_t seed, std::uint32_t replica, std::uint64_t entity, std::uint64_t purpose) {
    const std::uint64_t place = mix(entity, purpose);
    key_.v[0] = static_cast<std::uint32_t>(seed);
    key_.v[1] = static_cast<std::uint32_t>(seed >> 32);
    counter_.v[0] = 0;
    counter_.v[1] = replica;
    counter_.v[2] = static_cast<std::uint32_t>(place);
    counter_.v[3] = static_cast<std::uint32_t>(place >> 32);
  }

  result_type operator()() {
    if (has_second_) {
      has_second_ = false;
      return second_;
    }
    const r123::Philox4x32::ctr_type block = r123::Philox4x32{}(counter_, key_);
    ++counter_.v[0];
    second_ = std::uint64_t{block.v[2]} | (std::uint64_t{block.v[3]} << 32);
    has_second_ = true;
    return std::uint64_t{block.v[0]} | (std::uint64_t{block.v[1]} << 32);
  }

 private:
  r123::Philox4x32::ctr_type counter_;
  r123::Philox4x32::key_type key_;
  std::uint64_t second_ = 0;
  bool has_second_ = false;
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
