/// Writes the event trace of a replica as text: CSV, or JSON Lines, by the name of the file.
///
/// Rows are streamed to a temporary file in blocks; it gets its name when it is complete. A filter
/// keeps the rows that are asked for. docs/trace.md describes the columns.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/kernel/trace.hpp"
#include "output/target_file.hpp"

namespace tollgate {

/// Which rows are kept: those that meet every condition that is given. A condition with several
/// names is met by any of them.
struct TraceFilter {
  std::vector<std::string> agents;  ///< who acts, or is customer or seller
  std::vector<std::string> chips;
  std::vector<std::string> kinds;  ///< events, decisions or reasons
  std::optional<SimTime> from;     ///< first instant
  std::optional<SimTime> until;    ///< first instant after
};

/// A name in a filter that the scenario does not know.
struct UnknownTraceName {
  std::string option;  ///< "agent", "chip" or "kind"
  std::string name;
  std::vector<std::string> known;
};

/// Names of the filter that the layout does not know, in its order.
std::vector<UnknownTraceName> unknown_names(const TraceFilter& filter, const TraceLayout& layout);

/// Rows that a filter keeps, as numbers: a look-up for each row.
class TraceSieve {
 public:
  /// Names that are not known match nothing.
  TraceSieve(const TraceFilter& filter, const TraceLayout& layout);
  [[nodiscard]] bool keeps(const TraceRow& row) const;

 private:
  std::optional<SimTime> from_, until_;
  bool has_agents_, has_chips_, has_kinds_;
  std::vector<std::vector<bool>> agents_;  ///< by kind
  std::size_t customer_, seller_, chip_;   ///< columns of labels
  std::vector<bool> customers_, sellers_, chips_, happenings_, reasons_;
};

enum class TraceFormat : std::uint8_t { kCsv, kJsonLines };

/// By the ending of the name: .csv or .jsonl. None for another.
std::optional<TraceFormat> trace_format(const std::string& path);

class TraceWriter : public TraceSink {
 public:
  /// Checks that `path` can be written. `layout` must outlive the writer. Throws OutputError.
  TraceWriter(const std::string& path, TraceFormat format, const TraceLayout& layout,
              const TraceFilter& filter, bool overwrite);
  void take(std::span<const TraceRow> rows) override;

  /// Publishes the file under its name. Throws OutputError.
  void finish();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write_header();
  void write_csv(const TraceRow& row);
  void write_json(const TraceRow& row);
  void flush();

  TargetFile target_;
  TraceFormat format_;
  const TraceLayout& layout_;
  TraceSieve sieve_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string buffer_;
  std::uint64_t rows_ = 0;
};

}  // namespace tollgate
