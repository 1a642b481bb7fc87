#include "agents/world.hpp"

#include <string>
#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

template <class Entity>
Axis axis_of(const char* name, const char* long_name, const std::vector<Entity>& entities) {
  Axis axis{name, long_name, {}};
  for (const Entity& entity : entities) axis.labels.push_back(entity.id);
  return axis;
}

OutputAxes declare_axes(RecordLayout& layout, const WorldSpec& spec) {
  OutputAxes axes;
  axes.vendor = layout.add_axis(axis_of("vendor", "Chip vendor", spec.vendors));
  axes.chip = layout.add_axis(axis_of("chip", "Chip", spec.chips));
  axes.buyer = layout.add_axis(axis_of("buyer", "Buyer of compute", spec.buyers));
  axes.region = layout.add_axis(axis_of("region", "Region", spec.regions));
  axes.workload =
      layout.add_axis({"workload", "Workload", {kWorkloadNames.begin(), kWorkloadNames.end()}});
  axes.origin = layout.add_axis({"origin",
                                 "Where compute comes from",
                                 {"legal_foreign", "grey", "domestic", "rented_abroad"}});
  axes.supplier = layout.add_axis(axis_of("supplier", "Supplier", spec.suppliers));
  axes.review_stage = layout.add_axis({"review_stage",
                                       "Stage of a licence review",
                                       {kReviewStageNames.begin(), kReviewStageNames.end()}});
  if (!spec.politics.empty()) {
    axes.politics = layout.add_axis(axis_of("politics", "Government", spec.politics));
    axes.regime = layout.add_axis(axis_of("regime", "Regime of a government", spec.regimes));
  }
  axes.instrument = layout.add_axis(axis_of("instrument", "Instrument of policy", spec.policies));
  return axes;
}

// Braces fix the order of evaluation, and with it the order of the variables in the output.
SeriesOf<AgentKinds>::type declare_series(RecordLayout& layout, const OutputAxes& axes) {
  return [&]<class... Series>(std::type_identity<std::tuple<Series...>>) {
    return std::tuple<Series...>{Series(layout, axes)...};
  }(std::type_identity<SeriesOf<AgentKinds>::type>{});
}

template <std::size_t... I>
AgentKinds make_kinds(const Context& context, const SeriesOf<AgentKinds>::type& series,
                      std::index_sequence<I...>) {
  return AgentKinds{std::tuple_element_t<I, AgentKinds>(context, std::get<I>(series))...};
}

constexpr auto kKindIndices = std::make_index_sequence<std::tuple_size_v<AgentKinds>>{};
static_assert(std::tuple_size_v<AgentKinds> == static_cast<std::size_t>(Owner::kWorld),
              "every kind of agent has its place in Owner");

}  // namespace

WorldLayout::WorldLayout(const WorldSpec& spec)
    : record_(spec.start, spec.until),
      axes_(declare_axes(record_, spec)),
      series_(declare_series(record_, axes_)) {}

World::World(const WorldSpec& spec, const WorldLayout& layout, StreamFactory streams)
    : context_(spec, layout.record(), streams),
      kinds_(make_kinds(context_, layout.series(), kKindIndices)) {
  const RecordLayout& record = layout.record();
  TOLLGATE_CHECK(record.axes()[record.axis("instrument")].labels.size() >= spec.policies.size(),
                 "the layout is one of a scenario with fewer instruments");
}

void World::run() {
  start();
  while (step()) {
  }
  finish();
}

void World::start() {
  if (context_.trace != nullptr) context_.trace->begin_opening(context_.spec.start);
  const RecordLayout& layout = context_.record.layout();
  for (std::size_t q = 1; q < layout.quarters(); ++q) {
    context_.schedule(start_of({layout.first_quarter().index + static_cast<int>(q)}),
                      EventKind::kQuarterClosed, 0);
  }
  // The last quarter is closed where the run ends, be it in its middle: by `finish`.
  context_.schedule(context_.spec.until, EventKind::kQuarterClosed, 0);
  std::apply([this](auto&... kind) { (kind.start(context_), ...); }, kinds_);
  if (context_.trace != nullptr) context_.trace->end();
}

std::optional<Event> World::step() {
  const auto next = context_.events.pop_before(context_.spec.until);
  if (!next) return std::nullopt;
  if (context_.trace != nullptr) context_.trace->begin_event(context_, next->payload);
  dispatch(next->payload);
  if (context_.trace != nullptr) context_.trace->end();
  return next->payload;
}

// Accounts are closed before anything else in an instant: what else is due at the end is not run.
void World::finish() {
  const EventCounters counters = context_.events.counters();
  context_.record.events = counters.popped;
  context_.record.longest_queue = counters.longest_queue;
  const auto closing = context_.events.pop_before(context_.spec.until + Duration{1});
  TOLLGATE_CHECK(closing && closing->payload.kind == EventKind::kQuarterClosed,
                 "a run is finished when nothing is left to happen in it");
  if (context_.trace != nullptr) context_.trace->begin_close(context_.now());
  close_quarter();
  if (context_.trace != nullptr) context_.trace->end();
}

void World::dispatch(const Event& event) {
  const Owner owner = owner_of(event.kind);
  if (owner == Owner::kWorld) return close_quarter();
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((static_cast<std::size_t>(owner) == I ? std::get<I>(kinds_).handle(context_, event) : void()),
     ...);
  }
  (kKindIndices);
}

void World::close_quarter() {
  context_.record.open_quarter(quarter_);
  std::apply([this](auto&... kind) { (kind.close_quarter(context_), ...); }, kinds_);
  check();
  if (++quarter_ < context_.record.layout().quarters()) context_.record.open_quarter(quarter_);
}

void World::check() const {
  context_.ledger.check();
  std::apply([this](const auto&... kind) { (kind.check(context_), ...); }, kinds_);
}

}  // namespace tollgate
