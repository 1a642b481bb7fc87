#include "scenarios/scenario_worker.hpp"

namespace tollgate {

ScenarioWorker::ScenarioWorker(const Scenario& scenario, const WorldLayout& layout,
                               std::uint64_t seed)
    : scenario_(scenario), layout_(layout), seed_(seed), spec_(scenario.world) {}

const Record& ScenarioWorker::run(std::uint32_t replica) {
  const ReplicaHeap::Scope scope(heap_);
  world_.reset();  // before the next one takes memory
  draw_parameters(scenario_, seed_, replica, spec_, draws_);
  world_ = std::make_unique<World>(spec_, layout_, StreamFactory{seed_, replica});
  world_->run();
  world_->record().draws = draws_;
  return world_->record();
}

}  // namespace tollgate
