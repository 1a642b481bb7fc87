#include "scenarios/scenario_worker.hpp"

namespace tollgate {

ScenarioWorker::ScenarioWorker(const Scenario& scenario, const WorldLayout& layout,
                               std::uint64_t seed, Frozen frozen)
    : layout_(layout),
      seed_(seed),
      frozen_(frozen),
      sampler_(scenario, seed),
      spec_(scenario.world) {
  if (frozen == Frozen::kParameters) sampler_.take_central(spec_, draws_);
}

const Record& ScenarioWorker::run(std::uint32_t replica) {
  const ReplicaHeap::Scope scope(heap_);
  world_.reset();  // before the next one takes memory
  if (frozen_ != Frozen::kParameters) sampler_.draw(replica, spec_, draws_);
  world_ = std::make_unique<World>(spec_, layout_,
                                   StreamFactory{seed_, frozen_ == Frozen::kNoise ? 0 : replica});
  world_->trace_to(trace_);
  world_->run();
  world_->record().draws = draws_;
  return world_->record();
}

}  // namespace tollgate
