/// The world of one replica: the common ground and every kind of agent on it.
///
/// To add a kind of agent: its folder, its name in `Owner` and its events in agents/event.hpp, and
/// its class in `AgentKinds` below. Its class has the members that `AgentKind` asks for.
#pragma once

#include <concepts>
#include <optional>
#include <tuple>

#include "agents/buyer/buyers.hpp"
#include "agents/context.hpp"
#include "agents/intermediary/landlords.hpp"
#include "agents/intermediary/traders.hpp"
#include "agents/regulator/regulators.hpp"
#include "agents/supplier/suppliers.hpp"
#include "agents/vendor/vendors.hpp"

namespace tollgate {

/// The registered kinds, in the order of `Owner`.
using AgentKinds = std::tuple<Regulators, Suppliers, Vendors, Buyers, Traders, Landlords>;

/// What a kind of agent is: all agents of the kind together, with their output series.
template <class T>
concept AgentKind = requires(T kind, const T& const_kind, Context& context, const Event& event,
                             RecordLayout& layout, const OutputAxes& axes) {
  typename T::Series;  // the series that the kind records
  {typename T::Series(layout, axes)};
  {T(context, typename T::Series(layout, axes))};         // the agents of one replica
  { kind.start(context) } -> std::same_as<void>;          // schedules the first events
  { kind.handle(context, event) } -> std::same_as<void>;  // acts on an event
  { kind.close_quarter(context) } -> std::same_as<void>;  // reads levels out into the record
  { const_kind.check(context) } -> std::same_as<void>;    // throws InvariantError
};

/// Series of every registered kind.
template <class Tuple>
struct SeriesOf;
template <AgentKind... Kinds>
struct SeriesOf<std::tuple<Kinds...>> {
  using type = std::tuple<typename Kinds::Series...>;
};

/// The table of contents of a scenario's output, shared by all replicas.
class WorldLayout {
 public:
  explicit WorldLayout(const WorldSpec& spec);
  [[nodiscard]] const RecordLayout& record() const { return record_; }
  [[nodiscard]] const SeriesOf<AgentKinds>::type& series() const { return series_; }

 private:
  RecordLayout record_;
  OutputAxes axes_;
  SeriesOf<AgentKinds>::type series_;
};

class World {
 public:
  /// `spec` and `layout` must outlive the world.
  World(const WorldSpec& spec, const WorldLayout& layout, StreamFactory streams);

  /// Tells the trace, which must outlive the world, what happens and why. To be called before the
  /// start; null for none.
  void trace_to(Trace* trace) { context_.trace = trace; }

  /// Runs from start to until. Throws InvariantError when units or money are not conserved at the
  /// end of a quarter. To be called once.
  void run();

  // The same event by event, to watch it: start, step until there is no event left, finish.
  void start();
  /// Executes the next event and tells which it was; none when the time is over.
  std::optional<Event> step();
  void finish();

  [[nodiscard]] const Context& context() const { return context_; }
  [[nodiscard]] Record& record() { return context_.record; }

 private:
  void dispatch(const Event& event);
  void close_quarter();
  void check() const;

  Context context_;
  AgentKinds kinds_;
  std::size_t quarter_ = 0;
};

}  // namespace tollgate
