/// A scenario: the world of every replica, what is uncertain in it, and how to run it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agents/world_spec.hpp"
#include "scenarios/distribution.hpp"

namespace tollgate {

/// What an uncertain parameter is: a draw of a whole number or of a day is rounded.
enum class ParameterKind : unsigned char { kReal, kWhole, kDay };

/// A number or a date of the world that is drawn anew in each replica.
struct UncertainParameter {
  std::string key;  ///< dotted path, e.g. "vendor.nvidia.preference"
  std::string unit;
  std::string sentence;  ///< from the key table
  std::string source;
  Distribution distribution;
  ParameterKind kind = ParameterKind::kReal;
  double low = 0;  ///< range that the key allows, ends included; draws are clipped to it
  double high = 0;
  std::string input;  ///< what its random number is named by: its key, or the file of a posterior
  std::function<void(WorldSpec&, double)> store;  ///< of a date: days since 1970-01-01

  /// A number from the distribution as one that the key can have.
  [[nodiscard]] double fitted(double drawn) const;
};

/// Parameters that are drawn together: a Gaussian copula (Nelsen 2006,
/// doi:10.1007/0-387-28678-0), which for normals is their joint normal distribution.
struct Correlation {
  std::string id;
  std::vector<std::size_t> parameters;  ///< places in `Scenario::uncertain`
  std::vector<double> factor;           ///< lower Cholesky factor of the matrix, row by row
};

struct Scenario {
  std::string name;  ///< file name without extension
  std::string title;
  std::string description;
  WorldSpec world;                            ///< every uncertain number at its central value
  std::vector<UncertainParameter> uncertain;  ///< sorted by key
  std::vector<Correlation> correlations;
  std::string resolved_toml;  ///< the resolved scenario as text, with hashes of its data files
};

/// What the random numbers of the parameters are named by, without repetition, in their order.
std::vector<std::string> inputs_of(const std::vector<UncertainParameter>& parameters);

/// Writes replica `replica`'s draws into `world` and `draws`; `ParameterSampler` does it for many.
void draw_parameters(const Scenario& scenario, std::uint64_t seed, std::uint32_t replica,
                     WorldSpec& world, std::vector<double>& draws);

}  // namespace tollgate
