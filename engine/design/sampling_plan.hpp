/// Numbers in (0, 1) from which the parameters of a replica are drawn, by the sampling design.
///
/// An input is what one such number goes to: an uncertain parameter, or all parameters of one
/// posterior file. Its number in replica i is a function of (seed, i, the input's name), and
/// - plain: of nothing else. Independent streams.
/// - lhs: of the number of replicas n. Latin hypercube (McKay, Beckman & Conover 1979,
///   doi:10.1080/00401706.1979.10489755): each of n strata of equal probability is hit by one
///   replica, at random within it. Which one is a permutation keyed by the seed and the name, a
///   Feistel network walked until it lands below n (Black & Rogaway 2002,
///   doi:10.1007/3-540-45760-7_9), so that no replica needs to know of the others.
/// - sobol: of the input's place in the list, which is its dimension. Sobol points of Boost.Random
///   (Joe & Kuo 2008, doi:10.1137/070709359) with a random linear scramble and a digital shift of
///   each dimension (Matousek 1998, doi:10.1006/jcom.1998.0489), keyed by the seed and the name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/design/sampling_design.hpp"

namespace tollgate {

class SamplingPlan {
 public:
  /// Precondition: a Sobol plan has at most `most_sobol_inputs` inputs.
  SamplingPlan(SamplingDesign design, std::uint64_t seed, std::uint32_t replicas,
               const std::vector<std::string>& inputs);

  /// Number of inputs.
  [[nodiscard]] std::size_t size() const { return names_.size(); }

  /// One number in (0, 1) for each input. Precondition: `uniforms` has that size; in a Latin
  /// hypercube, `replica` is below the number of replicas.
  void fill(std::uint32_t replica, std::span<double> uniforms) const;

  /// Dimensions that Boost.Random has Sobol points for.
  static std::size_t most_sobol_inputs();

 private:
  /// Replicas that a Sobol plan can tell apart: 2^24, above the most that can be run.
  static constexpr unsigned kReplicaBits = 24;

  void scramble(const std::vector<std::string>& inputs);
  void fill_plain(std::uint32_t replica, std::span<double> uniforms) const;
  void fill_strata(std::uint32_t replica, std::span<double> uniforms) const;
  void fill_sobol(std::uint32_t replica, std::span<double> uniforms) const;
  [[nodiscard]] std::uint32_t stratum(std::uint32_t replica, std::uint64_t key) const;

  SamplingDesign design_;
  std::uint64_t seed_;
  std::uint32_t replicas_;
  std::vector<std::uint64_t> names_;  ///< hashes of the inputs' names
  std::vector<std::uint64_t> keys_;   ///< lhs: of the permutations
  /// sobol: the scrambled generator, [bit of the replica's number][input], and the shift [input].
  std::vector<std::uint64_t> generator_;
  std::vector<std::uint64_t> shift_;
};

}  // namespace tollgate
