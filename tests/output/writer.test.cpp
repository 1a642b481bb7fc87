#include "output/writer.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "output/hdf5.hpp"
#include "output/info.hpp"

using namespace tollgate;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("tollgate-output-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator{}));
  }

 private:
  fs::path path_;
};

RecordLayout small_layout() {
  RecordLayout layout(parse_iso_date("2025-10-01").value(), parse_iso_date("2026-10-01").value());
  const AxisId vendor = layout.add_axis({"vendor", "Chip vendor", {"amd", "nvidia"}});
  const AxisId region = layout.add_axis({"region", "Region", {"china", "us", "row"}});
  layout.add_series({"revenue",
                     {vendor, region},
                     ValueType::kInteger,
                     Aggregation::kSumOverQuarter,
                     "cents",
                     "Revenue",
                     "Money."});
  layout.add_series(
      {"share", {}, ValueType::kReal, Aggregation::kAtQuarterEnd, "1", "Share", "A share."});
  return layout;
}

Record record_of(const RecordLayout& layout, std::uint32_t replica) {
  Record record(layout);
  for (std::size_t q = 0; q < layout.quarters(); ++q) {
    record.open_quarter(q);
    for (std::size_t v = 0; v < 2; ++v) {
      for (std::size_t r = 0; r < 3; ++r) {
        record.set(SeriesId{0},
                   static_cast<std::int64_t>(replica * std::size_t{1000} + q * 100 + v * 10 + r), v,
                   r);
      }
    }
    record.set_real(SeriesId{1}, 0.5 + replica);
  }
  record.events = 100 + replica;
  record.draws = {1.5 * replica};
  return record;
}

EnsembleMetadata metadata() {
  return {"0.1.0", "abc", "tollgate run x", "x", "X", "format = 1\n", "china", "us", 7};
}

const std::vector<ParameterLabel> kParameters = {{"demand.wait_value", "utils", "a source"}};

void write_all(const std::string& path, std::vector<std::uint32_t> order, bool overwrite = false) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, static_cast<std::uint32_t>(order.size()), metadata(),
                        kParameters, overwrite);
  for (const std::uint32_t replica : order) writer.add(replica, record_of(layout, replica));
  writer.finish(static_cast<std::uint32_t>(order.size()));
}

std::vector<std::int64_t> read_integers(const std::string& path, const char* name) {
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  const hdf5::Dataset dataset(H5Dopen2(file.get(), name, H5P_DEFAULT), "H5Dopen2");
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<std::int64_t> values(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
  hdf5::check(
      H5Dread(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
      "H5Dread");
  return values;
}

}  // namespace

TEST_CASE("what is written is read back, cell by cell") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  std::vector<std::uint32_t> order(150);
  std::iota(order.begin(), order.end(), 0U);
  write_all(path, order);
  const std::vector<std::int64_t> revenue = read_integers(path, "revenue");
  REQUIRE(revenue.size() == 150 * 4 * 6);
  std::size_t i = 0;
  for (std::int64_t replica = 0; replica < 150; ++replica) {
    for (std::int64_t q = 0; q < 4; ++q) {
      for (std::int64_t v = 0; v < 2; ++v) {
        for (std::int64_t r = 0; r < 3; ++r) {
          REQUIRE(revenue[i++] == replica * 1000 + q * 100 + v * 10 + r);
        }
      }
    }
  }
  CHECK(read_integers(path, "events")[149] == 249);
  CHECK(folder.files() == 1);  // no temporary file is left
}

TEST_CASE("the order in which replicas arrive does not change the content") {
  const Folder folder;
  std::vector<std::uint32_t> order(130);
  std::iota(order.begin(), order.end(), 0U);
  write_all(folder.file("a.h5"), order);
  std::reverse(order.begin(), order.end());
  write_all(folder.file("b.h5"), order);
  CHECK(content_hash(folder.file("a.h5")) == content_hash(folder.file("b.h5")));
  order.pop_back();  // without replica 0 there is a hole: another content
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(folder.file("c.h5"), layout, 130, metadata(), kParameters, false);
  for (const std::uint32_t replica : order) writer.add(replica, record_of(layout, replica));
  writer.fail({0, 7, "broke"});
  writer.finish(130);
  CHECK(content_hash(folder.file("c.h5")) != content_hash(folder.file("a.h5")));
  CHECK(describe_file(folder.file("c.h5")).find("129 complete, 1 failed") != std::string::npos);
}

TEST_CASE("an interrupted run leaves a file with the replicas that ran") {
  const Folder folder;
  const RecordLayout layout = small_layout();
  const std::string path = folder.file("out.h5");
  EnsembleWriter writer(path, layout, 1000, metadata(), kParameters, false);
  for (std::uint32_t replica = 0; replica < 77; ++replica) {
    writer.add(replica, record_of(layout, replica));
  }
  writer.finish(77);
  CHECK(read_integers(path, "revenue").size() == 77 * 24);
  CHECK(read_integers(path, "replica").size() == 77);
  CHECK(read_integers(path, "revenue").back() == 76 * 1000 + 300 + 12);
}

TEST_CASE("an existing file is not written over, unless asked") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  std::ofstream(path) << "precious";
  CHECK_THROWS_AS(write_all(path, {0}), OutputError);
  CHECK(fs::file_size(path) == 8);
  CHECK(folder.files() == 1);
  write_all(path, {0}, true);
  CHECK(fs::file_size(path) > 1000);
}

TEST_CASE("a place that cannot be written to is said before anything is run") {
  const Folder folder;
  CHECK_THROWS_WITH_AS(write_all(folder.file("missing/out.h5"), {0}),
                       doctest::Contains("there is no folder"), OutputError);
  CHECK_THROWS_WITH_AS(write_all(folder.file(""), {0}), doctest::Contains("is a folder"),
                       OutputError);
}

TEST_CASE("a writer that is not finished leaves nothing") {
  const Folder folder;
  {
    const RecordLayout layout = small_layout();
    EnsembleWriter writer(folder.file("out.h5"), layout, 10, metadata(), kParameters, false);
    writer.add(0, record_of(layout, 0));
  }
  CHECK(folder.files() == 0);
}

TEST_CASE("kill -9 in the middle of writing leaves nothing under the final name") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  for (int victim = 0; victim < 5; ++victim) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const RecordLayout layout = small_layout();
      EnsembleWriter writer(path, layout, 500, metadata(), kParameters, false);
      for (std::uint32_t replica = 0; replica < 500; ++replica) {
        writer.add(replica, record_of(layout, replica));
        if (static_cast<int>(replica) == 100 * victim) ::kill(::getpid(), SIGKILL);
      }
      std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE("files that are not ours are refused with the reason") {
  const Folder folder;
  CHECK_THROWS_WITH_AS(describe_file(folder.file("none.h5")), doctest::Contains("there is no file"),
                       OutputError);
  std::ofstream(folder.file("text.h5")) << "hello";
  CHECK_THROWS_WITH_AS(describe_file(folder.file("text.h5")), doctest::Contains("no HDF5 file"),
                       OutputError);
  {
    const hdf5::File foreign(
        H5Fcreate(folder.file("foreign.h5").c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT),
        "H5Fcreate");
  }
  CHECK_THROWS_WITH_AS(describe_file(folder.file("foreign.h5")),
                       doctest::Contains("not written by tollgate"), OutputError);
  write_all(folder.file("out.h5"), {0, 1});
  fs::resize_file(folder.file("out.h5"), fs::file_size(folder.file("out.h5")) / 2);
  CHECK_THROWS_AS(describe_file(folder.file("out.h5")), OutputError);
}

TEST_CASE("info fits 80 columns and names what is inside") {
  const Folder folder;
  write_all(folder.file("out.h5"), {0, 1, 2});
  const std::string text = describe_file(folder.file("out.h5"));
  CHECK(text.find("revenue(replica, time, vendor, region)") != std::string::npos);
  CHECK(text.find("2025Q4 to 2026Q3") != std::string::npos);
  CHECK(text.find("amd, nvidia") != std::string::npos);
}

TEST_CASE("a file of one replica alone says which it is") {
  const Folder folder;
  const std::string path = folder.file("one.h5");
  const RecordLayout layout = small_layout();
  EnsembleMetadata of_one = metadata();
  of_one.first_replica = 4711;
  EnsembleWriter writer(path, layout, 1, of_one, kParameters, false);
  writer.add(0, record_of(layout, 3));
  writer.finish(1);
  CHECK(read_integers(path, "replica") == std::vector<std::int64_t>{4711});
  CHECK(read_integers(path, "events")[0] == 103);
}
