#include "output/sweep_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <span>
#include <vector>

#include "output/netcdf.hpp"

namespace tollgate {
namespace {

void write_texts(const hdf5::Dataset& dataset, std::uint64_t first,
                 const std::vector<std::string>& texts) {
  std::vector<const char*> raw;
  for (const std::string& text : texts) raw.push_back(text.c_str());
  hdf5::write_box(dataset, hdf5::text_type().get(), {first}, {raw.size()}, raw.data());
}

hdf5::Dataset open_variable(hid_t file, const std::string& name) {
  return {H5Dopen2(file, name.c_str(), H5P_DEFAULT), "H5Dopen2"};
}

/// Calls `visit(begin, end)` for the pieces of a range that lie in one chunk each.
template <class Visit>
void for_pieces(std::uint64_t first, std::uint64_t end, const Visit& visit) {
  while (first < end) {
    const std::uint64_t next = std::min(end, (first / kPointsPerChunk + 1) * kPointsPerChunk);
    visit(first, next);
    first = next;
  }
}

void write_numbers(const hdf5::Dataset& point, std::uint64_t begin, std::uint64_t end) {
  std::vector<std::int64_t> numbers(end - begin);
  std::iota(numbers.begin(), numbers.end(), static_cast<std::int64_t>(begin));
  hdf5::write_box(point, H5T_NATIVE_INT64, {begin}, {numbers.size()}, numbers.data());
}

}  // namespace

void write_points(const std::string& path, const SweepMetadata& sweep, std::uint64_t first,
                  std::uint64_t end) {
  hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), "H5Fopen");
  {
    const hdf5::Dataset point = open_variable(file.get(), "point");
    std::vector<hdf5::Dataset> variables;
    for (const Factor& factor : sweep.factors) {
      variables.push_back(open_variable(file.get(), factor.id));
    }
    const std::size_t factors = sweep.factors.size();
    std::vector<double> values;
    for_pieces(first, end, [&](std::uint64_t begin, std::uint64_t until) {
      const std::size_t n = until - begin;
      write_numbers(point, begin, until);
      values.resize(n * factors);
      for (std::size_t p = 0; p < n && factors > 0; ++p) {
        sweep.fill(begin + p, std::span(values).subspan(p * factors, factors));
      }
      std::vector<double> column(n);
      std::vector<std::string> texts(n);
      for (std::size_t f = 0; f < factors; ++f) {
        const std::vector<std::string>& labels = sweep.factors[f].labels;
        for (std::size_t p = 0; p < n; ++p) {
          column[p] = values[p * factors + f];
          if (!labels.empty()) texts[p] = labels.at(static_cast<std::size_t>(column[p]));
        }
        if (labels.empty()) {
          hdf5::write_box(variables[f], H5T_NATIVE_DOUBLE, {begin}, {n}, column.data());
        } else {
          write_texts(variables[f], begin, texts);
        }
      }
    });
  }
  file.close("H5Fclose");
}

void write_point_numbers(const hdf5::File& file) {
  const hdf5::Dataset point = open_variable(file.get(), "point");
  for_pieces(0, hdf5::shape_of(point).at(0),
             [&](std::uint64_t begin, std::uint64_t end) { write_numbers(point, begin, end); });
}

void copy_points(const hdf5::File& from, const hdf5::File& to, std::uint64_t first,
                 std::uint64_t end) {
  const hdf5::Dataset point = open_variable(from.get(), "point");
  const std::vector<hsize_t> points = hdf5::shape_of(point);
  for (const std::string& name : hdf5::names_in(from.get())) {
    const hdf5::Dataset source = open_variable(from.get(), name);
    const hdf5::Properties properties(H5Dget_create_plist(source.get()), "H5Dget_create_plist");
    // Along points alone, and not all there from the start.
    if (H5Pget_layout(properties.get()) != H5D_CHUNKED || hdf5::shape_of(source) != points ||
        name == "replica" || name == "point") {
      continue;
    }
    const hdf5::Dataset target = open_variable(to.get(), name);
    const hdf5::Type type(H5Dget_type(source.get()), "H5Dget_type");
    for_pieces(first, end, [&](std::uint64_t begin, std::uint64_t until) {
      const std::size_t n = until - begin;
      if (H5Tget_class(type.get()) == H5T_STRING) {
        write_texts(target, begin, hdf5::read_texts(source, begin, n));
        return;
      }
      std::vector<std::byte> values(n * H5Tget_size(type.get()));
      hdf5::read_box(source, type.get(), {begin}, {n}, values.data());
      hdf5::write_box(target, type.get(), {begin}, {n}, values.data());
    });
  }
}

std::string shard_path(const std::string& folder, Shard shard) {
  return fmt::format("{}{}shard-{:05}-of-{:05}.h5", folder,
                     folder.empty() || folder.ends_with('/') ? "" : "/", shard.number, shard.of);
}

std::string shard_text(Shard shard) { return fmt::format("{}/{}", shard.number, shard.of); }

std::optional<Shard> parse_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, shard.number);
  if (number.ec != std::errc() || number.ptr == end || *number.ptr != '/') return std::nullopt;
  const auto of = std::from_chars(number.ptr + 1, end, shard.of);
  if (of.ec != std::errc() || of.ptr != end || shard.number >= shard.of) return std::nullopt;
  if (shard.of > kMostShards) return std::nullopt;
  return shard;
}

}  // namespace tollgate
