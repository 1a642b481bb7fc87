/// The headline of an ensemble: medians and 90% bands of what most people ask first.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate {

/// One line of the headline.
struct HeadlineRow {
  std::string group;  ///< e.g. "Revenue"
  std::string name;   ///< stable key for programs, e.g. "revenue.nvidia"
  std::string label;  ///< e.g. "nvidia"
  std::string unit;   ///< e.g. "billion USD"
  double median = 0, p05 = 0, p95 = 0;
  std::size_t replicas = 0;  ///< with a value
};

/// What the headline must know of the scenario besides the layout's labels.
struct HeadlineSubject {
  std::string focus_region;
  std::string reference_region;
  std::vector<bool> is_domestic_chip;  ///< by chip: vendor headquartered in the focus region
};

/// Collects scalars per replica; the result does not depend on the order of replicas. Reals are
/// taken as a file keeps them, so that replicas of this run and ones read back give the same.
/// Exact quantiles need every value: a replica takes 8 bytes for each row and nothing else.
class Headline {
 public:
  Headline(const RecordLayout& layout, HeadlineSubject subject);

  /// Takes each replica once. May be called from several threads.
  void add(std::uint32_t replica, const Record& record);

  /// Names and units of all rows there may be, in their order.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<std::string> units() const;

  /// The values of a replica, one for each name, NaN where it has none. From any thread.
  [[nodiscard]] std::vector<double> scalars(const Record& record) const;

  /// Values of the row `names()[place]` in the replicas below `end` that have one, ascending.
  [[nodiscard]] std::vector<double> sample(std::size_t place, std::uint32_t end) const;

  /// Rows that are not zero in every replica, in a fixed order.
  [[nodiscard]] std::vector<HeadlineRow> rows() const;

 private:
  struct Column {
    HeadlineRow row;
    bool is_kept_when_zero = false;
  };

  const RecordLayout& layout_;
  HeadlineSubject subject_;
  std::vector<Column> columns_;
  std::mutex guard_;
  std::vector<std::uint32_t> replicas_;  ///< in the order in which they came
  std::vector<double> values_;           ///< [place in replicas_][column]
};

/// The rows as a table of at most 80 columns.
std::string headline_table(const std::vector<HeadlineRow>& rows);

/// The rows of one replica alone: a value each, in place of a median and a band.
std::string replica_table(const std::vector<HeadlineRow>& rows);

/// A number in at most seven characters with three significant digits.
std::string three_digits(double x);

}  // namespace tollgate
