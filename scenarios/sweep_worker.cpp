#include "scenarios/sweep_worker.hpp"

#include <algorithm>
#include <limits>

#include "engine/kernel/stream.hpp"
#include "scenarios/sweep_file.hpp"

namespace tollgate {

SweepWorker::SweepWorker(const Sweep& sweep)
    : sweep_(sweep), coordinates_(sweep.factors.size()), record_(sweep.layout()) {}

std::uint64_t SweepWorker::seed_of(const Sweep& sweep, std::uint64_t point) {
  if (sweep.common_noise) return sweep.seed;
  const std::uint64_t mixed = mix(mix(sweep.seed, hash_name("point")), point);
  return mixed % (static_cast<std::uint64_t>(kMostSweepSeed) + 1);  // that a run can have, too
}

SweepWorker::State& SweepWorker::state_of(std::size_t variant, std::uint64_t seed) {
  const Scenario& scenario = sweep_.variants[variant].scenario;
  const auto found = std::ranges::find(states_, variant, [](const auto& s) { return s->variant; });
  if (found == states_.end()) {
    if (states_.size() == kMostStates) states_.pop_back();
    states_.insert(states_.begin(),
                   std::make_unique<State>(State{variant, seed, scenario.world, std::nullopt}));
  } else {
    std::rotate(states_.begin(), found, found + 1);
  }
  State& state = *states_.front();
  if (!state.sampler || state.seed != seed) {
    state.seed = seed;
    state.sampler.emplace(scenario, seed);
  }
  return state;
}

const Record& SweepWorker::run(std::uint64_t item) {
  const std::uint64_t point = item / sweep_.replicas;
  const auto replica = static_cast<std::uint32_t>(item % sweep_.replicas);
  const std::uint64_t seed = seed_of(sweep_, point);
  sweep_.fill(point, coordinates_);
  const std::size_t place = sweep_.variant_of(coordinates_);
  const SweepVariant& variant = sweep_.variants[place];
  State& state = state_of(place, seed);

  const ReplicaHeap::Scope scope(heap_);
  world_.reset();  // before the next one takes memory
  state.sampler->draw(replica, state.spec, draws_);
  for (std::size_t f = 0; f < coordinates_.size(); ++f) {
    if (variant.store[f]) variant.store[f](state.spec, coordinates_[f]);
  }
  size_fringe(state.spec);  // its totals may be factors
  world_ = std::make_unique<World>(state.spec, variant.layout, StreamFactory{seed, replica});
  world_->run();
  sweep_.union_layout().widen(place, world_->record(), record_);
  record_.draws.assign(sweep_.uncertain.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t p = 0; p < draws_.size(); ++p) record_.draws[variant.draws[p]] = draws_[p];
  return record_;
}

}  // namespace tollgate
