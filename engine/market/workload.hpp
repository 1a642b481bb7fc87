/// What compute is used for. Chips differ by workload (docs/model.md, "Effective throughput").
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tollgate {

enum class Workload : unsigned char { kTraining, kInference };

inline constexpr std::size_t kWorkloads = 2;
inline constexpr std::array<Workload, kWorkloads> kAllWorkloads = {Workload::kTraining,
                                                                   Workload::kInference};
inline constexpr std::array<std::string_view, kWorkloads> kWorkloadNames = {"training",
                                                                            "inference"};

/// A value for each workload.
template <class T>
struct PerWorkload {
  T training{};
  T inference{};
  T& operator[](Workload w) { return w == Workload::kTraining ? training : inference; }
  const T& operator[](Workload w) const { return w == Workload::kTraining ? training : inference; }
};

}  // namespace tollgate
