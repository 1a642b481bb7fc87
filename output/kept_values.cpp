#include "output/kept_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "output/stored_real.hpp"
#include "output/target_file.hpp"

namespace tollgate {

KeptValues::KeptValues(const RecordLayout& full, const SweepMetadata* sweep) : full_(full) {
  if (sweep == nullptr || sweep->keep == "all") return;
  if (sweep->keep != "quarterly" && !keeps_summary(*sweep)) {
    throw OutputError(
        fmt::format("a sweep cannot keep \"{}\"; it keeps \"all\", \"quarterly\" or "
                    "\"summary\"",
                    sweep->keep));
  }
  quarterly_.emplace(full);
  if (keeps_summary(*sweep)) outcomes_ = sweep->outcomes;
}

std::unique_ptr<KeptValues::Scratch> KeptValues::take_scratch() const {
  const std::lock_guard lock(guard_);
  if (spare_.empty()) return std::make_unique<Scratch>(layout());
  std::unique_ptr<Scratch> scratch = std::move(spare_.back());
  spare_.pop_back();
  return scratch;
}

void KeptValues::write(const Record& record, std::size_t row, Batch& batch) const {
  if (!quarterly_) {
    rows_->copy(record, row, batch);
    return;
  }
  std::unique_ptr<Scratch> scratch = take_scratch();
  quarterly_->reduce(record, scratch->sums);
  if (batch.summary) {
    add_to_summary(outcomes_.values ? outcomes_.values(record) : std::vector<double>{}, row,
                   *scratch, batch);
  } else {
    rows_->copy(scratch->sums, row, batch);
  }
  const std::lock_guard lock(guard_);
  spare_.push_back(std::move(scratch));
}

void KeptValues::add_to_summary(std::vector<double> outcomes, std::size_t row, Scratch& scratch,
                                Batch& batch) const {
  // The moments of a point are in the order of the series, those of each type by themselves.
  const RecordLayout& sums = layout();
  std::span<const std::int64_t> integers;
  std::span<const double> reals;
  for (std::size_t s = 0; s < sums.series().size(); ++s) {
    const SeriesId id{static_cast<std::uint16_t>(s)};
    if (sums.offset(id) > 0) continue;
    if (sums.series()[s].type == ValueType::kInteger) {
      integers = {scratch.sums.integers(id), sums.integers()};
    } else {
      reals = {scratch.sums.reals(id), sums.reals()};
    }
  }
  // As a file keeps them, so that a summary is that of the replicas of a whole file.
  scratch.reals.clear();
  for (const double x : reals) scratch.reals.push_back(stored_real(x));
  scratch.reals.insert(scratch.reals.end(), outcomes.begin(), outcomes.end());
  batch.summary->add(row / batch.shape->replicas(), integers, scratch.reals);
}

}  // namespace tollgate
