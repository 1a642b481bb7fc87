#include "engine/market/throughput.hpp"

#include <cmath>

namespace tollgate {
namespace {

/// Below this distance from 1 the elasticity counts as 1, where the CES is the Cobb-Douglas.
constexpr double kCobbDouglasBand = 1e-6;

double ces(double compute, double bandwidth, const InferenceTechnology& technology) {
  const double w = technology.compute_weight;
  if (std::abs(technology.elasticity - 1) < kCobbDouglasBand) {
    return std::pow(compute, w) * std::pow(bandwidth, 1 - w);
  }
  const double rho = 1 - 1 / technology.elasticity;
  return std::pow(w * std::pow(compute, rho) + (1 - w) * std::pow(bandwidth, rho), 1 / rho);
}

}  // namespace

double h100e(const ChipSpec& chip) { return chip.fp16_tflops / kH100Tflops; }

double effective_throughput(const ChipSpec& chip, Workload workload, double utilisation,
                            const InferenceTechnology& technology) {
  const double compute = h100e(chip);
  if (workload == Workload::kTraining) return compute * utilisation;
  return ces(compute, chip.dram_bandwidth_tbs / kH100BandwidthTbs, technology) * utilisation;
}

double general_throughput(const ChipSpec& chip, const InferenceTechnology& technology) {
  return std::sqrt(effective_throughput(chip, Workload::kTraining, 1, technology) *
                   effective_throughput(chip, Workload::kInference, 1, technology));
}

}  // namespace tollgate
