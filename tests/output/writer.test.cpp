#include "output/writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <utility>

#include "output/info.hpp"
#include "output/stored_real.hpp"
#include "tests/output/small_ensemble.hpp"

using namespace tollgate;
using namespace tollgate::tests;

TEST_CASE("what is written is read back, cell by cell") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  std::vector<std::uint32_t> order(150);
  std::iota(order.begin(), order.end(), 0U);
  write_all(path, order);
  const std::vector<std::int64_t> revenue = read_integers(path, "revenue");
  REQUIRE(revenue.size() == 150 * 4 * 6);
  for (std::uint32_t replica = 0; replica < 150; ++replica) REQUIRE(is_whole(revenue, replica));
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
  writer.finish();
  CHECK(content_hash(folder.file("c.h5")) != content_hash(folder.file("a.h5")));
  CHECK(describe_file(folder.file("c.h5")).find("129 complete, 1 failed") != std::string::npos);
}

TEST_CASE("neither queue nor number of threads changes the content") {
  const Folder folder;
  std::vector<std::uint32_t> order(700);
  std::iota(order.begin(), order.end(), 0U);
  write_all(folder.file("a.h5"), order);
  const std::string plain = content_hash(folder.file("a.h5"));
  std::mt19937 random(3);
  std::shuffle(order.begin(), order.end(), random);
  for (const auto& [queued, open] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {1, 3}, {5, 2}, {20, 20}}) {
    write_all(folder.file("b.h5"), order, true, {.queued_batches = queued, .open_batches = open});
    CHECK(content_hash(folder.file("b.h5")) == plain);
  }
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(folder.file("c.h5"), layout, 700, metadata(), kParameters, false,
                        {.queued_batches = 1, .open_batches = 2});
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < order.size(); i += 4) {
        writer.add(order[i], record_of(layout, order[i]));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer.finish();
  CHECK(content_hash(folder.file("c.h5")) == plain);
}

TEST_CASE("reals are kept to 1.5e-5, integers and draws exactly") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 10000; ++i) {
    const double x =
        std::ldexp(static_cast<double>(random()) / 1.8e19, static_cast<int>(random() % 200) - 100);
    const float stored = stored_real(x);
    REQUIRE(std::abs(stored - x) <= x * std::ldexp(1.0, -kStoredBits - 1) * (1 + 1e-3));
    REQUIRE(stored_real(stored) == stored);
  }
  CHECK(std::isnan(stored_real(std::numeric_limits<double>::quiet_NaN())));
  CHECK(std::isinf(stored_real(std::numeric_limits<double>::infinity())));
  CHECK(stored_real(0.0) == 0.0F);
  CHECK(stored_real(-0.25) == -0.25F);
}

TEST_CASE("an interrupted run leaves a file with the replicas that ran") {
  const Folder folder;
  const RecordLayout layout = small_layout();
  const std::string path = folder.file("out.h5");
  EnsembleWriter writer(path, layout, 1000, metadata(), kParameters, false);
  for (std::uint32_t replica = 0; replica < 77; ++replica) {
    writer.add(replica, record_of(layout, replica));
  }
  writer.finish();
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
  writer.finish();
  CHECK(read_integers(path, "replica") == std::vector<std::int64_t>{4711});
  CHECK(read_integers(path, "events")[0] == 103);
}
