/// What a chip is worth for a workload: effective throughput, an H100 on CUDA being 1.
#pragma once

#include "engine/market/chip.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

/// Dense FP16 rate and memory bandwidth of an H100 SXM, the unit of compute (H100e).
inline constexpr double kH100Tflops = 989.4;
inline constexpr double kH100BandwidthTbs = 3.35;

/// Compute of one chip in H100e by its dense FP16 rate alone: the unit in which stocks are counted.
double h100e(const ChipSpec& chip);

/// How inference turns compute and memory bandwidth into throughput: a CES function (Arrow,
/// Chenery, Minhas and Solow 1961, doi:10.2307/1927286) of both relative to an H100, which is
/// therefore 1.
struct InferenceTechnology {
  double elasticity = 0.6;       ///< of substitution; below 1 the two are complements
  double compute_weight = 0.08;  ///< weight of compute, in (0, 1)
};

/// Throughput relative to an H100 on CUDA: peak by workload times the utilisation of the stack.
double effective_throughput(const ChipSpec& chip, Workload workload, double utilisation,
                            const InferenceTechnology& technology);

/// What a chip can do before software: geometric mean over the workloads at utilisation 1.
double general_throughput(const ChipSpec& chip, const InferenceTechnology& technology);

}  // namespace tollgate
