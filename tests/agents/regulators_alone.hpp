/// The regulators of a world in which nobody else acts: law in time, to the minute.
#pragma once

#include <tuple>
#include <utility>
#include <vector>

#include "tests/agents/small_world.hpp"

namespace tollgate::tests {

class RegulatorsAlone {
 public:
  explicit RegulatorsAlone(WorldSpec spec, std::uint32_t replica = 0)
      : spec_(std::move(spec)),
        layout_(spec_),
        context_(spec_, layout_.record(), StreamFactory{1, replica}),
        regulators_(context_, std::get<Regulators::Series>(layout_.series())) {
    regulators_.start(context_);
  }
  RegulatorsAlone(const RegulatorsAlone&) = delete;
  RegulatorsAlone& operator=(const RegulatorsAlone&) = delete;

  /// Goes on to the next event of the regulators, none if there is none in the run.
  std::optional<Event> step() {
    while (const auto next = context_.events.next_time()) {
      if (*next >= spec_.until) break;
      const Event event = context_.events.pop()->payload;
      if (owner_of(event.kind) != Owner::kRegulator) continue;
      regulators_.handle(context_, event);
      return event;
    }
    return std::nullopt;
  }

  /// Times at which the rule comes into force or goes, the first time it is in force at first.
  std::vector<SimTime> turns(std::size_t rule) {
    const auto is_in_force = [&] {
      return context_.law.is_in_force(InstrumentId{rule}, context_.now());
    };
    std::vector<SimTime> times;
    bool was_in_force = is_in_force();
    if (was_in_force) times.push_back(spec_.start);
    while (step()) {
      if (std::exchange(was_in_force, is_in_force()) != was_in_force) {
        times.push_back(context_.now());
      }
    }
    return times;
  }

  Context& context() { return context_; }

 private:
  WorldSpec spec_;
  WorldLayout layout_;
  Context context_;
  Regulators regulators_;
};

}  // namespace tollgate::tests
