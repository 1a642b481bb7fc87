/// Simulates items of a sweep: replicas of its points.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "agents/world.hpp"
#include "engine/kernel/replica_heap.hpp"
#include "scenarios/parameter_sampler.hpp"
#include "scenarios/sweep.hpp"

namespace tollgate {

/// Runs any item in any order, on memory that it keeps. Fastest when items come in their order, as
/// replicas of a point share their coordinates and neighbouring points their variant. Belongs to
/// the thread that makes it. `sweep` must outlive it.
///
/// With common noise, replica i of a point is replica i of its scenario run with the sweep's seed
/// and replicas and its coordinates set, bit for bit. Without, each point has a seed of its own.
class SweepWorker {
 public:
  explicit SweepWorker(const Sweep& sweep);

  /// A record of `sweep.layout()` with the draws of `sweep.uncertain`, NaN where the variant does
  /// not draw; valid until the next call. May throw.
  const Record& run(std::uint64_t item);

  /// The seed of a point's noise and draws.
  [[nodiscard]] static std::uint64_t seed_of(const Sweep& sweep, std::uint64_t point);

 private:
  /// What a variant needs to run, kept for the next item of it.
  struct State {
    std::size_t variant = 0;
    std::uint64_t seed = 0;
    WorldSpec spec;
    std::optional<ParameterSampler> sampler;
  };
  State& state_of(std::size_t variant, std::uint64_t seed);

  /// Variants that a worker keeps, the latest first; a world's tables take up to some megabytes.
  static constexpr std::size_t kMostStates = 16;

  ReplicaHeap heap_;  ///< first, as the others live in it
  const Sweep& sweep_;
  std::vector<double> coordinates_;
  std::vector<std::unique_ptr<State>> states_;
  std::vector<double> draws_;
  std::unique_ptr<World> world_;
  Record record_;
};

}  // namespace tollgate
