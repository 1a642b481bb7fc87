#include "engine/design/sampling_plan.hpp"

#include <algorithm>
#include <bit>
#include <boost/random/sobol.hpp>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/kernel/stream.hpp"

namespace tollgate {
namespace {

constexpr unsigned kDigits = 64;  ///< binary digits of a Sobol point

/// Rounds of the Feistel network. In a small domain more are needed until all permutations are as
/// likely: chi-squared over pairs of places shows no departure in a million keys with these.
constexpr std::uint64_t rounds_of(unsigned bits) { return bits < 7 ? 24 : 6; }

/// Zero would have no quantile.
double above_zero(double u) { return std::max(u, 0x1p-65); }

/// The `count` lowest bits.
constexpr std::uint32_t low_bits(unsigned count) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
}

/// A keyed permutation of 0 .. 2^bits - 1. The halves may differ by a bit.
std::uint32_t permuted(std::uint32_t x, unsigned bits, std::uint64_t key) {
  const unsigned right_bits = (bits + 1) / 2;
  std::uint32_t right = x & low_bits(right_bits);
  std::uint32_t left = x >> right_bits;
  for (std::uint64_t round = 0; round < rounds_of(bits); round += 2) {
    right ^= static_cast<std::uint32_t>(mix(key + round, left) >> 32) & low_bits(right_bits);
    left ^=
        static_cast<std::uint32_t>(mix(key + round + 1, right) >> 32) & low_bits(bits - right_bits);
  }
  return (left << right_bits) | right;
}

/// The middle of the cell of width 2^-52 that the leading digits of a point name.
double in_unit_interval(std::uint64_t digits) {
  return (static_cast<double>(digits >> 12) + 0.5) * 0x1p-52;
}

}  // namespace

SamplingPlan::SamplingPlan(SamplingDesign design, std::uint64_t seed, std::uint32_t replicas,
                           const std::vector<std::string>& inputs)
    : design_(design), seed_(seed), replicas_(replicas) {
  for (const std::string& input : inputs) {
    names_.push_back(hash_name(input));
    keys_.push_back(mix(mix(seed, names_.back()), hash_name("stratum")));
  }
  if (design == SamplingDesign::kSobol && !inputs.empty()) scramble(inputs);
}

std::size_t SamplingPlan::most_sobol_inputs() {
  return boost::random::default_sobol_table::max_dimension;
}

// The digits of a scrambled point are L times the digits of the point, plus a shift, where L is
// lower triangular with ones on its diagonal and random otherwise. It is applied to the generator,
// once.
void SamplingPlan::scramble(const std::vector<std::string>& inputs) {
  const std::size_t n = inputs.size();
  TOLLGATE_CHECK(n <= most_sobol_inputs(), "more inputs than there are Sobol dimensions");
  generator_.resize(kReplicaBits * n);
  shift_.resize(n);
  boost::random::sobol points(n);
  std::vector<std::uint64_t> column(kReplicaBits * n);
  for (unsigned bit = 0; bit < kReplicaBits; ++bit) {
    // Boost gives points in the order of the Gray code: the one after 2^(bit + 1) - 2 steps is the
    // generator's column of this bit.
    points.seed((std::uint64_t{2} << bit) - 2);
    for (std::size_t i = 0; i < n; ++i) column[bit * n + i] = points();
  }
  for (std::size_t i = 0; i < n; ++i) {
    Stream stream(seed_, 0, names_[i], hash_name("scramble"));
    for (unsigned digit = 0; digit < kDigits; ++digit) {
      const std::uint64_t diagonal = std::uint64_t{1} << (kDigits - 1 - digit);
      const std::uint64_t row = (stream() & ~(diagonal | (diagonal - 1))) | diagonal;
      for (unsigned bit = 0; bit < kReplicaBits; ++bit) {
        if ((std::popcount(row & column[bit * n + i]) & 1) != 0)
          generator_[bit * n + i] |= diagonal;
      }
    }
    shift_[i] = stream();
  }
}

void SamplingPlan::fill(std::uint32_t replica, std::span<double> uniforms) const {
  switch (design_) {
    case SamplingDesign::kPlain:
      return fill_plain(replica, uniforms);
    case SamplingDesign::kLatinHypercube:
      return fill_strata(replica, uniforms);
    case SamplingDesign::kSobol:
      return fill_sobol(replica, uniforms);
  }
}

void SamplingPlan::fill_plain(std::uint32_t replica, std::span<double> uniforms) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    Stream stream(seed_, replica, names_[i], hash_name("draw"));
    uniforms[i] = above_zero(draw_uniform(stream));
  }
}

void SamplingPlan::fill_strata(std::uint32_t replica, std::span<double> uniforms) const {
  TOLLGATE_CHECK(replica < replicas_, "a replica outside of its Latin hypercube");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    Stream stream(seed_, replica, names_[i], hash_name("draw"));
    // Few enough digits that neither sum nor quotient rounds into the next stratum.
    const double within = (static_cast<double>(stream() >> 40) + 0.5) * 0x1p-24;
    uniforms[i] =
        (static_cast<double>(stratum(replica, keys_[i])) + within) / static_cast<double>(replicas_);
  }
}

std::uint32_t SamplingPlan::stratum(std::uint32_t replica, std::uint64_t key) const {
  const auto bits = static_cast<unsigned>(std::bit_width(replicas_ - 1));
  std::uint32_t place = replica;
  do {
    place = permuted(place, bits, key);
  } while (place >= replicas_);
  return place;
}

void SamplingPlan::fill_sobol(std::uint32_t replica, std::span<double> uniforms) const {
  const std::size_t n = names_.size();
  TOLLGATE_CHECK(replica >> kReplicaBits == 0, "a replica beyond the Sobol points");
  const std::uint32_t first = replica & low_bits(kReplicaBits);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t digits = shift_[i];
    for (std::uint32_t left = first; left != 0; left &= left - 1) {
      digits ^= generator_[static_cast<std::size_t>(std::countr_zero(left)) * n + i];
    }
    uniforms[i] = in_unit_interval(digits);
  }
}

}  // namespace tollgate
