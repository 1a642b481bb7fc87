#include "output/headline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/kernel/quantile.hpp"
#include "output/stored_real.hpp"

namespace tollgate {
namespace {

constexpr double kCentsPerBillionUsd = 1e11;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::size_t label_index(const Axis& axis, const std::string& label) {
  const auto found = std::ranges::find(axis.labels, label);
  return static_cast<std::size_t>(found - axis.labels.begin());
}

const Axis& axis_named(const RecordLayout& layout, const char* name) {
  return layout.axes()[layout.axis(name)];
}

/// A line for each row under the names of their groups; `figures` are the columns of numbers.
template <class Figures>
std::string table_of(const std::vector<HeadlineRow>& rows, const Figures& figures) {
  std::string text;
  std::string group;
  for (const HeadlineRow& row : rows) {
    if (row.group != group) text += row.group + "\n";
    group = row.group;
    text +=
        fmt::format("  {:<32} {}  {}\n", row.label, figures(row), row.unit == "1" ? "" : row.unit);
  }
  return text;
}

}  // namespace

// The columns are declared here and filled in the same order by `scalars`.
Headline::Headline(const RecordLayout& layout, HeadlineSubject subject)
    : layout_(layout), subject_(std::move(subject)) {
  const std::string& focus = subject_.focus_region;
  const auto column = [this](std::string group, std::string name, std::string label,
                             std::string unit, bool is_kept = false) {
    columns_.push_back(
        {{std::move(group), std::move(name), std::move(label), std::move(unit)}, is_kept});
  };
  for (const std::string& vendor : axis_named(layout_, "vendor").labels) {
    column("Revenue, all regions", "revenue." + vendor, vendor, "billion USD");
  }
  for (const std::string& vendor : axis_named(layout_, "vendor").labels) {
    column("Revenue in " + focus, "revenue_" + focus + "." + vendor, vendor, "billion USD");
  }
  column("Treasury", "levy_receipts", "levy receipts", "billion USD", true);
  column("Treasury", "levy_owed", "of these owed at the end", "billion USD");
  for (const std::string& origin : axis_named(layout_, "origin").labels) {
    column("Compute of " + focus + " at the end", "compute_" + focus + "." + origin, origin,
           "thousand H100e");
  }
  column("Compute of " + focus + " at the end", "compute_" + focus, "installed, all origins",
         "thousand H100e");
  column("Market of " + focus, "domestic_share", "domestic share of chips", "1", true);
  for (const std::string& chip : axis_named(layout_, "chip").labels) {
    column("Price in " + focus + " over " + subject_.reference_region + " at the end",
           "price_ratio." + chip, chip, "1");
  }
  column("Licences", "licences_granted", "granted", "1");
  column("Licences", "licences_denied", "denied", "1");
  column("Grey market", "grey_units." + focus, "chips delivered", "thousand");
  column("Stranded stock", "write_down", "write-down of all vendors", "billion USD");
  column("Diagnostics", "pricing_unsolved", "pricing games not solved", "1", true);
}

std::vector<double> Headline::scalars(const Record& record) const {
  std::vector<double> result;
  const std::size_t quarters = layout_.quarters();
  const auto total = [&](SeriesId id, std::size_t i, std::size_t j) {
    std::int64_t sum = 0;
    for (std::size_t q = 0; q < quarters; ++q) sum += record.integer(id, q, i, j);
    return static_cast<double>(sum);
  };
  const Axis& regions = axis_named(layout_, "region");
  const std::size_t focus = label_index(regions, subject_.focus_region);
  const std::size_t reference = label_index(regions, subject_.reference_region);
  const std::size_t vendors = axis_named(layout_, "vendor").labels.size();
  const std::size_t chips = axis_named(layout_, "chip").labels.size();
  const Axis& by_origin = axis_named(layout_, "origin");
  const std::size_t origins = by_origin.labels.size();
  const std::size_t rented =
      label_index(by_origin, "rented_abroad");  // used there, stands elsewhere

  const auto over_vendors = [&](SeriesId id) {
    double sum = 0;
    for (std::size_t v = 0; v < vendors; ++v) sum += total(id, v, 0);
    return sum;
  };
  const SeriesId revenue = layout_.find("revenue");
  for (std::size_t v = 0; v < vendors; ++v) {
    double sum = 0;
    for (std::size_t r = 0; r < regions.labels.size(); ++r) sum += total(revenue, v, r);
    result.push_back(sum / kCentsPerBillionUsd);
  }
  for (std::size_t v = 0; v < vendors; ++v) {
    result.push_back(total(revenue, v, focus) / kCentsPerBillionUsd);
  }
  result.push_back(over_vendors(layout_.find("levy_receipts")) / kCentsPerBillionUsd);
  const SeriesId levy_owed = layout_.find("levy_owed");
  double owed = 0;
  for (std::size_t v = 0; v < vendors; ++v) {
    owed += static_cast<double>(record.integer(levy_owed, quarters - 1, v));
  }
  result.push_back(owed / kCentsPerBillionUsd);

  const SeriesId compute = layout_.find("compute_h100e");
  double installed = 0;
  for (std::size_t o = 0; o < origins; ++o) {
    const double stock = stored_real(record.real(compute, quarters - 1, focus, o)) / 1e3;
    result.push_back(stock);
    if (o != rented) installed += stock;
  }
  result.push_back(installed);
  const SeriesId cleared = layout_.find("units_cleared");
  double domestic = 0;
  double all = 0;
  for (std::size_t c = 0; c < chips; ++c) {
    const double units = total(cleared, c, focus);
    all += units;
    if (subject_.is_domestic_chip[c]) domestic += units;
  }
  result.push_back(all > 0 ? domestic / all : kNan);

  const SeriesId price = layout_.find("price");
  for (std::size_t c = 0; c < chips; ++c) {
    result.push_back(static_cast<double>(stored_real(record.real(price, quarters - 1, c, focus))) /
                     stored_real(record.real(price, quarters - 1, c, reference)));
  }
  result.push_back(total(layout_.find("licences_granted"), 0, 0));
  result.push_back(total(layout_.find("licences_denied"), 0, 0));
  result.push_back(total(layout_.find("grey_units"), focus, 0) / 1e3);
  result.push_back(over_vendors(layout_.find("write_down")) / kCentsPerBillionUsd);
  result.push_back(over_vendors(layout_.find("pricing_unsolved")));
  return result;
}

void Headline::add(std::uint32_t replica, const Record& record) {
  const std::vector<double> values = scalars(record);
  const std::lock_guard lock(guard_);
  replicas_.push_back(replica);
  values_.insert(values_.end(), values.begin(), values.end());
}

std::vector<std::string> Headline::names() const {
  std::vector<std::string> result;
  for (const Column& column : columns_) result.push_back(column.row.name);
  return result;
}

std::vector<std::string> Headline::units() const {
  std::vector<std::string> result;
  for (const Column& column : columns_) result.push_back(column.row.unit);
  return result;
}

std::vector<double> Headline::sample(std::size_t place, std::uint32_t end) const {
  std::vector<double> result;
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    const double value = values_[r * columns_.size() + place];
    if (replicas_[r] < end && !std::isnan(value)) result.push_back(value);
  }
  std::ranges::sort(result);
  return result;
}

std::vector<HeadlineRow> Headline::rows() const {
  std::vector<HeadlineRow> result;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::vector<double> sample;
    bool is_zero = true;
    for (std::size_t r = 0; r < replicas_.size(); ++r) {
      const double value = values_[r * columns_.size() + c];
      if (std::isnan(value)) continue;
      sample.push_back(value);
      is_zero = is_zero && value == 0;
    }
    if (sample.empty() || (is_zero && !columns_[c].is_kept_when_zero)) continue;
    std::ranges::sort(sample);
    HeadlineRow row = columns_[c].row;
    row.median = quantile(sample, 0.5);
    row.p05 = quantile(sample, 0.05);
    row.p95 = quantile(sample, 0.95);
    row.replicas = sample.size();
    result.push_back(std::move(row));
  }
  return result;
}

std::string three_digits(double x) {
  if (!std::isfinite(x)) return fmt::format("{}", x);
  const double size = std::abs(x);
  if (size == 0) return "0";
  if (size < 0.001) return fmt::format("{:.1e}", x);
  const int digits = std::max(0, 2 - static_cast<int>(std::floor(std::log10(size))));
  return fmt::format("{:.{}f}", x, std::min(digits, 4));
}

std::string headline_table(const std::vector<HeadlineRow>& rows) {
  return fmt::format("{:<34} {:>9} {:>19}  {}\n", "", "median", "90% of replicas", "unit") +
         table_of(rows, [](const HeadlineRow& row) {
           return fmt::format("{:>9} {:>9} {:>9}", three_digits(row.median), three_digits(row.p05),
                              three_digits(row.p95));
         });
}

std::string replica_table(const std::vector<HeadlineRow>& rows) {
  return fmt::format("{:<34} {:>9}  {}\n", "", "value", "unit") +
         table_of(rows, [](const HeadlineRow& row) {
           return fmt::format("{:>9}", three_digits(row.median));
         });
}

}  // namespace tollgate
