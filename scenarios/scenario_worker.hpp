/// Simulates replicas of a scenario for the replica runner.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "agents/world.hpp"
#include "engine/kernel/replica_heap.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "scenarios/parameter_sampler.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

/// What all replicas have in common, so that the other's share of the variance shows: parameters,
/// each at its central value, or noise, that of replica 0.
enum class Frozen : unsigned char { kNothing, kParameters, kNoise };
inline constexpr std::array<std::string_view, 3> kFrozenNames = {"nothing", "parameters", "noise"};

/// Draws parameters into its own copy of the world and runs it, on memory that it keeps for the
/// next replica (engine/kernel/replica_heap.hpp). Belongs to the thread that makes it. `scenario`
/// and `layout` must outlive it.
class ScenarioWorker : public ReplicaWorker {
 public:
  ScenarioWorker(const Scenario& scenario, const WorldLayout& layout, std::uint64_t seed,
                 Frozen frozen = Frozen::kNothing);
  const Record& run(std::uint32_t replica) override;

  /// The replicas to come tell `trace` what happens and why; null for none.
  void trace_to(Trace* trace) { trace_ = trace; }

 private:
  ReplicaHeap heap_;  ///< first, as the others live in it
  const WorldLayout& layout_;
  std::uint64_t seed_;
  Frozen frozen_;
  ParameterSampler sampler_;
  WorldSpec spec_;
  std::vector<double> draws_;
  Trace* trace_ = nullptr;
  std::unique_ptr<World> world_;
};

}  // namespace tollgate
