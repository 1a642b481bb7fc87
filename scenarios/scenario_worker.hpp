/// Simulates replicas of a scenario for the replica runner.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/world.hpp"
#include "engine/kernel/replica_heap.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

/// Draws parameters into its own copy of the world and runs it, on memory that it keeps for the
/// next replica (engine/kernel/replica_heap.hpp). Belongs to the thread that makes it. `scenario`
/// and `layout` must outlive it.
class ScenarioWorker : public ReplicaWorker {
 public:
  ScenarioWorker(const Scenario& scenario, const WorldLayout& layout, std::uint64_t seed);
  const Record& run(std::uint32_t replica) override;

 private:
  ReplicaHeap heap_;  ///< first, as the others live in it
  const Scenario& scenario_;
  const WorldLayout& layout_;
  std::uint64_t seed_;
  WorldSpec spec_;
  std::vector<double> draws_;
  std::unique_ptr<World> world_;
};

}  // namespace tollgate
