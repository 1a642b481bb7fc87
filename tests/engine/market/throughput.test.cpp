#include "engine/market/throughput.hpp"

#include <doctest/doctest.h>

using namespace tollgate;

namespace {

ChipSpec chip(double tflops, double tbs) {
  ChipSpec spec;
  spec.fp16_tflops = tflops;
  spec.dram_bandwidth_tbs = tbs;
  return spec;
}

}  // namespace

TEST_CASE("an H100 on CUDA is 1 in both workloads, at any technology") {
  for (const double elasticity : {0.2, 0.6, 1.0, 3.0}) {
    const InferenceTechnology technology{elasticity, 0.3};
    for (const Workload w : kAllWorkloads) {
      CHECK(effective_throughput(chip(kH100Tflops, kH100BandwidthTbs), w, 1, technology) ==
            doctest::Approx(1));
    }
  }
}

TEST_CASE("an H20 is far below an H100 in training and near it in inference") {
  const ChipSpec h20 = chip(148, 4.0);
  const InferenceTechnology technology{};
  CHECK(effective_throughput(h20, Workload::kTraining, 1, technology) ==
        doctest::Approx(148 / 989.4));
  CHECK(effective_throughput(h20, Workload::kInference, 1, technology) ==
        doctest::Approx(0.87).epsilon(0.01));
}

TEST_CASE("the CES passes through Cobb-Douglas without a jump") {
  const ChipSpec c = chip(500, 4.8);
  const double at = effective_throughput(c, Workload::kInference, 1, {1.0, 0.3});
  CHECK(effective_throughput(c, Workload::kInference, 1, {1.0 + 1e-5, 0.3}) ==
        doctest::Approx(at).epsilon(1e-4));
  CHECK(effective_throughput(c, Workload::kInference, 1, {1.0 - 1e-5, 0.3}) ==
        doctest::Approx(at).epsilon(1e-4));
}

TEST_CASE("complements: the scarcer factor limits") {
  const double low = effective_throughput(chip(kH100Tflops / 10, kH100BandwidthTbs * 100),
                                          Workload::kInference, 1, {0.05, 0.5});
  CHECK(low == doctest::Approx(0.1).epsilon(0.1));
}
