#include "output/trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <iterator>
#include <string_view>

namespace tollgate {
namespace {

/// Rows are handed to the file in blocks of this size.
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

constexpr std::int64_t kMinutesPerHour = 60;

using Out = std::back_insert_iterator<std::string>;

void put_time(Out out, SimTime time) {
  const std::int64_t minute = ((time.minutes % kMinutesPerDay) + kMinutesPerDay) % kMinutesPerDay;
  fmt::format_to(out, "{}T{:02}:{:02}", iso_date(time), minute / kMinutesPerHour,
                 minute % kMinutesPerHour);
}

/// Enough digits to tell two apart that matter; amounts of chips and cents are whole numbers.
void put_number(Out out, double value) { fmt::format_to(out, "{:.9g}", value); }

std::string_view name_in(const Axis& axis, std::uint32_t index) {
  return index < axis.labels.size() ? std::string_view{axis.labels[index]} : std::string_view{};
}

}  // namespace

std::optional<TraceFormat> trace_format(const std::string& path) {
  if (path.ends_with(".csv")) return TraceFormat::kCsv;
  if (path.ends_with(".jsonl")) return TraceFormat::kJsonLines;
  return std::nullopt;
}

TraceWriter::TraceWriter(const std::string& path, TraceFormat format, const TraceLayout& layout,
                         const TraceFilter& filter, bool overwrite)
    : target_(path, overwrite),
      format_(format),
      layout_(layout),
      sieve_(filter, layout),
      file_(std::fopen(target_.temporary().c_str(), "wb")) {
  if (!file_) {
    throw OutputError(fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
  }
  if (format_ == TraceFormat::kCsv) write_header();
}

void TraceWriter::take(std::span<const TraceRow> rows) {
  for (const TraceRow& row : rows) {
    if (!sieve_.keeps(row)) continue;
    ++rows_;
    if (format_ == TraceFormat::kCsv) {
      write_csv(row);
    } else {
      write_json(row);
    }
  }
  if (buffer_.size() >= kBlockBytes) flush();
}

void TraceWriter::write_header() {
  buffer_ += "time,event,row,agent_kind,agent,what,reason,subject";
  for (const Axis& label : layout_.labels) buffer_ += "," + label.name;
  buffer_ += ",units,cents";
  for (const TraceColumn& number : layout_.numbers) buffer_ += "," + number.name;
  buffer_ += '\n';
}

// Ids are names of keys: they hold no comma and no quote.
void TraceWriter::write_csv(const TraceRow& row) {
  const Out out = std::back_inserter(buffer_);
  put_time(out, row.time);
  const Axis& agents = layout_.agents[row.agent_kind];
  fmt::format_to(out, ",{},{},{},{},{},{},", row.event, row.is_event ? "event" : "decision",
                 agents.name, name_in(agents, row.agent), layout_.happenings[row.what].name,
                 layout_.reasons[row.reason].name);
  const Axis& subjects = layout_.subjects[row.subject_kind];
  if (!subjects.labels.empty()) {
    fmt::format_to(out, "{} {}", subjects.name, name_in(subjects, row.subject));
  } else if (row.subject != TraceRow::kNone) {
    fmt::format_to(out, "{} {}", subjects.name, row.subject);
  }
  for (std::size_t i = 0; i < layout_.labels.size(); ++i) {
    fmt::format_to(out, ",{}", name_in(layout_.labels[i], row.labels[i]));
  }
  for (const std::int64_t amount : {row.units, row.cents}) {
    buffer_ += ',';
    if (amount != TraceRow::kNoAmount) fmt::format_to(out, "{}", amount);
  }
  for (std::size_t i = 0; i < layout_.numbers.size(); ++i) {
    buffer_ += ',';
    if (!std::isnan(row.numbers[i])) put_number(out, row.numbers[i]);
  }
  buffer_ += '\n';
}

// Fields that a row does not have are left out. JSON has no infinity: it is written as text.
void TraceWriter::write_json(const TraceRow& row) {
  const Out out = std::back_inserter(buffer_);
  const Axis& agents = layout_.agents[row.agent_kind];
  buffer_ += R"({"time":")";
  put_time(out, row.time);
  fmt::format_to(out, R"(","event":{},"row":"{}","agent_kind":"{}")", row.event,
                 row.is_event ? "event" : "decision", agents.name);
  const auto put_text = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) fmt::format_to(out, R"(,"{}":"{}")", key, text);
  };
  put_text("agent", name_in(agents, row.agent));
  put_text("what", layout_.happenings[row.what].name);
  put_text("reason", layout_.reasons[row.reason].name);
  const Axis& subjects = layout_.subjects[row.subject_kind];
  if (!subjects.labels.empty()) {
    fmt::format_to(out, R"(,"subject":"{} {}")", subjects.name, name_in(subjects, row.subject));
  } else if (row.subject != TraceRow::kNone) {
    fmt::format_to(out, R"(,"subject":"{} {}")", subjects.name, row.subject);
  }
  for (std::size_t i = 0; i < layout_.labels.size(); ++i) {
    put_text(layout_.labels[i].name, name_in(layout_.labels[i], row.labels[i]));
  }
  if (row.units != TraceRow::kNoAmount) fmt::format_to(out, R"(,"units":{})", row.units);
  if (row.cents != TraceRow::kNoAmount) fmt::format_to(out, R"(,"cents":{})", row.cents);
  for (std::size_t i = 0; i < layout_.numbers.size(); ++i) {
    const double value = row.numbers[i];
    if (std::isnan(value)) continue;
    fmt::format_to(out, R"(,"{}":)", layout_.numbers[i].name);
    if (std::isinf(value)) {
      buffer_ += value > 0 ? R"("inf")" : R"("-inf")";
    } else {
      put_number(out, value);
    }
  }
  buffer_ += "}\n";
}

void TraceWriter::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    throw OutputError(fmt::format("cannot write '{}': {}", target_.path(), std::strerror(errno)));
  }
  buffer_.clear();
}

void TraceWriter::finish() {
  flush();
  if (std::fclose(file_.release()) != 0) {
    throw OutputError(fmt::format("cannot write '{}': {}", target_.path(), std::strerror(errno)));
  }
  target_.publish();
}

}  // namespace tollgate
