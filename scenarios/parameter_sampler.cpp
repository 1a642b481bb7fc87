#include "scenarios/parameter_sampler.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace tollgate {

double UncertainParameter::fitted(double drawn) const {
  const double within = std::clamp(drawn, low, high);
  return kind == ParameterKind::kReal ? within : std::round(within);
}

std::vector<std::string> inputs_of(const std::vector<UncertainParameter>& parameters) {
  std::vector<std::string> inputs;
  for (const UncertainParameter& parameter : parameters) {
    if (std::ranges::find(inputs, parameter.input) == inputs.end()) {
      inputs.push_back(parameter.input);
    }
  }
  return inputs;
}

ParameterSampler::ParameterSampler(const Scenario& scenario, std::uint64_t seed)
    : scenario_(scenario),
      plan_(scenario.world.sampling, seed, scenario.world.replicas, inputs_of(scenario.uncertain)),
      uniforms_(plan_.size()),
      values_(scenario.uncertain.size()),
      is_correlated_(scenario.uncertain.size(), false) {
  const std::vector<std::string> inputs = inputs_of(scenario.uncertain);
  for (const UncertainParameter& parameter : scenario.uncertain) {
    const auto found = std::ranges::find(inputs, parameter.input);
    input_of_.push_back(static_cast<std::size_t>(found - inputs.begin()));
  }
  std::size_t largest = 0;
  for (const Correlation& correlation : scenario.correlations) {
    for (const std::size_t p : correlation.parameters) is_correlated_[p] = true;
    largest = std::max(largest, correlation.parameters.size());
  }
  normals_.resize(largest);
}

void ParameterSampler::draw(std::uint32_t replica, WorldSpec& world, std::vector<double>& draws) {
  plan_.fill(replica, uniforms_);
  for (std::size_t p = 0; p < values_.size(); ++p) {
    if (is_correlated_[p]) continue;
    values_[p] = quantile(scenario_.uncertain[p].distribution, uniforms_[input_of_[p]]);
  }
  for (const Correlation& correlation : scenario_.correlations) correlate(correlation);
  draws.resize(values_.size());
  for (std::size_t p = 0; p < values_.size(); ++p) {
    draws[p] = scenario_.uncertain[p].fitted(values_[p]);
    scenario_.uncertain[p].store(world, draws[p]);
  }
  size_fringe(world);
}

void ParameterSampler::correlate(const Correlation& correlation) {
  const auto n = static_cast<Eigen::Index>(correlation.parameters.size());
  for (std::size_t k = 0; k < correlation.parameters.size(); ++k) {
    normals_[k] = normal_quantile(uniforms_[input_of_[correlation.parameters[k]]]);
  }
  using Factor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Factor> factor(correlation.factor.data(), n, n);
  const Eigen::Map<const Eigen::VectorXd> normals(normals_.data(), n);
  for (Eigen::Index k = 0; k < n; ++k) {
    const std::size_t p = correlation.parameters[static_cast<std::size_t>(k)];
    const double z = factor.row(k).head(k + 1).dot(normals.head(k + 1));
    values_[p] = quantile_of_normal(scenario_.uncertain[p].distribution, z);
  }
}

void ParameterSampler::take_central(WorldSpec& world, std::vector<double>& draws) const {
  draws.clear();
  for (const UncertainParameter& parameter : scenario_.uncertain) {
    draws.push_back(parameter.fitted(central(parameter.distribution)));
    parameter.store(world, draws.back());
  }
  size_fringe(world);
}

void draw_parameters(const Scenario& scenario, std::uint64_t seed, std::uint32_t replica,
                     WorldSpec& world, std::vector<double>& draws) {
  ParameterSampler(scenario, seed).draw(replica, world, draws);
}

}  // namespace tollgate
