/// Draws the uncertain parameters of a scenario, replica by replica.
///
/// A parameter's draw in replica i depends on (seed, i, the sampling design) and its own name; on
/// what else it needs of the other parameters see engine/design/sampling_plan.hpp. Correlated
/// parameters depend on those before them in their block, too: with z independent standard normals
/// and L the Cholesky factor of the matrix, the k-th is its distribution's quantile at the
/// probability that a standard normal is below (L z)_k.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/design/sampling_plan.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

class ParameterSampler {
 public:
  /// `scenario` must outlive it. The design and its size are those of the scenario's run.
  ParameterSampler(const Scenario& scenario, std::uint64_t seed);

  /// Writes a replica's draws into `world` (a copy of `scenario.world`, whose uncertain fields are
  /// all overwritten, and whose fringes are sized anew) and into `draws`, in the order of
  /// `scenario.uncertain`. Any replica in any order; allocates only when `draws` grows.
  void draw(std::uint32_t replica, WorldSpec& world, std::vector<double>& draws);

  /// The same with every parameter at its central value.
  void take_central(WorldSpec& world, std::vector<double>& draws) const;

 private:
  void correlate(const Correlation& correlation);

  const Scenario& scenario_;
  SamplingPlan plan_;
  std::vector<std::size_t> input_of_;  ///< [parameter]
  std::vector<double> uniforms_;       ///< [input]
  std::vector<double> values_;         ///< [parameter], as drawn
  std::vector<bool> is_correlated_;    ///< [parameter]
  std::vector<double> normals_;        ///< of the block at hand
};

}  // namespace tollgate
