/// The event trace of one replica: rows of plain numbers, and the words for them.
///
/// The model fills rows and tells in a `TraceLayout`, once for a scenario, what their numbers mean;
/// a `TraceSink` makes text of them (output/trace). As with `RecordLayout` and `Record`, neither
/// needs to know the other.
///
/// An event has one row of its own, followed by a row for each decision that was taken in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "engine/kernel/sim_time.hpp"

namespace tollgate {

inline constexpr std::size_t kMostTraceLabels = 8;
inline constexpr std::size_t kMostTraceNumbers = 24;

struct TraceRow {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t kNoAmount = std::numeric_limits<std::int64_t>::min();
  static constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
  template <class T, std::size_t N>
  static constexpr std::array<T, N> all(T value) {
    std::array<T, N> values{};
    values.fill(value);
    return values;
  }

  SimTime time;
  std::uint64_t event = 0;  ///< number of the event in the replica, from 1; 0: the opening
  bool is_event = false;    ///< the event itself, not a decision taken in it
  std::uint8_t what = 0;    ///< in TraceLayout::happenings
  std::uint8_t reason = 0;  ///< in TraceLayout::reasons
  std::uint8_t agent_kind = 0;
  std::uint32_t agent = kNone;  ///< none: all of the kind
  std::uint8_t subject_kind = 0;
  std::uint32_t subject = kNone;
  std::array<std::uint32_t, kMostTraceLabels> labels = all<std::uint32_t, kMostTraceLabels>(kNone);
  std::int64_t units = kNoAmount;
  std::int64_t cents = kNoAmount;
  std::array<double, kMostTraceNumbers> numbers = all<double, kMostTraceNumbers>(kNoNumber);
};

/// A code of the trace: its name, and what it says. Codes that are not in use have no name.
struct TraceWord {
  std::string name;
  std::string sentence;
};

/// A column of numbers.
struct TraceColumn {
  std::string name;
  std::string unit;
  std::string sentence;
};

struct TraceLayout {
  std::vector<TraceWord> happenings;  ///< events and decisions
  std::vector<TraceWord> reasons;
  std::vector<Axis> agents;    ///< by kind
  std::vector<Axis> subjects;  ///< by kind; one without labels is counted by its numbers
  std::vector<Axis> labels;    ///< columns of names
  std::vector<TraceColumn> numbers;
};

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  /// Takes the rows of one event, its own first; valid during the call only.
  virtual void take(std::span<const TraceRow> rows) = 0;
};

}  // namespace tollgate
