#include "output/summary_variables.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "output/summary_state.hpp"

namespace tollgate {
namespace {

/// One of the moments.
struct Moment {
  const char* end;
  const char* words;
  const char* method;  ///< of CF, over replicas
};
constexpr Moment kMoments[] = {{kMeanEnd, "mean", "mean"},
                               {kSdEnd, "standard deviation", "standard_deviation"},
                               {kMinEnd, "minimum", "minimum"},
                               {kMaxEnd, "maximum", "maximum"}};

StoredType type_of(const char* end, StoredType own) {
  // Means are exact but for one rounding, so that differences between points are; a standard
  // deviation is far less certain than what is rounded off.
  if (end == kMeanEnd) return StoredType::kFloat64;
  return end == kSdEnd ? StoredType::kFloat32 : own;
}

void add_moments(NetcdfFile& netcdf, const VariableSpec& of) {
  for (const Moment& moment : kMoments) {
    VariableSpec spec = of;
    spec.name += moment.end;
    spec.type = type_of(moment.end, of.type);
    spec.long_name += std::string(", ") + moment.words + " of the replicas";
    spec.cell_methods +=
        (of.cell_methods.empty() ? "" : " ") + std::string("replica: ") + moment.method;
    netcdf.add_variable(spec);
  }
  if (of.type == StoredType::kInt64) return;
  VariableSpec count = of;
  count.name += kCountEnd;
  count.type = StoredType::kInt64;
  count.units = "1";
  count.long_name += ", replicas that have it";
  count.cell_methods.clear();
  netcdf.add_variable(count);
}

}  // namespace

void add_summary(NetcdfFile& netcdf, const RecordLayout& kept, const Outcomes& outcomes) {
  for (const Series& series : kept.series()) {
    VariableSpec spec{
        series.name,
        {"point", "time"},
        series.type == ValueType::kInteger ? StoredType::kInt64 : StoredType::kFloat32,
        series.units,
        series.long_name,
        series.description,
        series.aggregation == Aggregation::kSumOverQuarter ? "time: sum" : "time: point"};
    for (const AxisId axis : series.axes) spec.dims.push_back(kept.axes()[axis].name);
    add_moments(netcdf, spec);
  }
  if (outcomes.names.empty()) return;
  netcdf.add_label_axis({kOutcome, "Outcome", outcomes.names});
  netcdf.add_texts("outcome_unit", kOutcome, outcomes.units, "Unit of the outcome");
  netcdf.add_real_axis("quantile", {kStoredQuantiles.begin(), kStoredQuantiles.end()},
                       "Share of the replicas that are below");
  std::vector<std::int64_t> buckets(QuantileSketch::kMostBuckets);
  std::iota(buckets.begin(), buckets.end(), 0);
  netcdf.add_number_axis("bucket", buckets, "Bucket of a sketch");
  const auto add = [&](const char* name, std::vector<std::string> more, StoredType type,
                       const char* units, const char* long_name, const char* description) {
    more.insert(more.begin(), {"point", kOutcome});
    netcdf.add_variable({name, std::move(more), type, units, long_name, description, ""});
  };
  add_moments(netcdf, {kOutcome,
                       {"point", kOutcome},
                       StoredType::kFloat64,
                       "",
                       "Outcome",
                       "Of a whole replica, in the unit of outcome_unit.",
                       ""});
  add(kQuantiles, {"quantile"}, StoredType::kFloat64, "", "Quantile of the outcome",
      "By the sketch, in the unit of outcome_unit: see sketch_error.");
  add(kSketchValue, {"bucket"}, StoredType::kFloat64, "", "Value that stands for a bucket",
      "In the unit of outcome_unit, ascending; NaN where there is no bucket.");
  add(kSketchCount, {"bucket"}, StoredType::kInt64, "1", "Replicas in the bucket",
      "How many are no further from sketch_value than sketch_error times what they have.");
  add(kSketchError, {}, StoredType::kFloat64, "1", "Largest relative error of the sketch",
      "0 where the values are those of the replicas.");
}

std::vector<std::string> summary_names(const RecordLayout& kept) {
  std::vector<std::string> names = {kOutcome,   "outcome_unit", "quantile",   "bucket",
                                    kQuantiles, kSketchValue,   kSketchCount, kSketchError};
  const auto add = [&](const std::string& name) {
    for (const Moment& moment : kMoments) names.push_back(name + moment.end);
    names.push_back(name + kCountEnd);
  };
  for (const Series& series : kept.series()) add(series.name);
  add(kOutcome);
  return names;
}

std::uint32_t points_per_block(const RecordLayout& kept, const SweepMetadata& sweep,
                               std::uint32_t replicas) {
  constexpr std::size_t kBytes = std::size_t{4} << 20U;
  constexpr std::uint64_t kMost = 64;
  constexpr std::uint64_t kMostItems = std::uint64_t{1} << 16U;
  constexpr std::uint64_t kBlocks = 4096;  // that are left
  const std::size_t outcomes = sweep.outcomes.names.size();
  const std::uint64_t of_point =
      std::max<std::uint64_t>(summary_bytes(kept.integers(), kept.reals() + outcomes, outcomes), 1);
  const std::uint64_t fitting =
      std::min({kBytes / of_point, kMost, sweep.points / kBlocks, kMostItems / replicas});
  return static_cast<std::uint32_t>(std::bit_floor(std::max<std::uint64_t>(fitting, 1)));
}

}  // namespace tollgate
