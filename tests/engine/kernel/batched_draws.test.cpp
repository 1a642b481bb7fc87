#include "engine/kernel/batched_draws.hpp"

#include <doctest/doctest.h>

#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <numeric>
#include <vector>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

using namespace tollgate;

namespace {

constexpr std::array kWidths = {VectorWidth::k2, VectorWidth::k4, VectorWidth::k8};

/// A stream from which some numbers were taken.
Stream used_stream(std::size_t taken) {
  Stream stream(0x123456789abcdef0, 77, hash_name("nvidia"), hash_name("price"));
  for (std::size_t i = 0; i < taken; ++i) stream();
  return stream;
}

/// `fill` gives the numbers of as many calls of `draw`, at every width of this machine, and leaves
/// the stream where they do.
template <class Number, class Fill, class Draw>
void check_batches(Fill fill, Draw draw) {
  for (const VectorWidth width : kWidths) {
    if (width > widest_vector_width()) continue;
    for (std::size_t size = 0; size <= 70; ++size) {
      for (std::size_t taken = 0; taken < 4; ++taken) {
        Stream one = used_stream(taken);
        Stream many = used_stream(taken);
        std::vector<Number> expected(size);
        for (Number& number : expected) number = draw(one);
        std::vector<Number> found(size);
        fill(many, found, width);
        CHECK(found == expected);
        for (int i = 0; i < 3; ++i) CHECK(many() == one());
      }
    }
    // Long enough for every path of rejection, and for several batches.
    Stream one = used_stream(1);
    Stream many = used_stream(1);
    std::vector<Number> found(20'001);
    fill(many, found, width);
    std::size_t differing = 0;
    for (const Number number : found) differing += number == draw(one) ? 0U : 1U;
    CHECK(differing == 0);
    CHECK(many() == one());
  }
}

}  // namespace

TEST_CASE("a batch has the bits of single draws, at every vector width") {
  SUBCASE("bits") {
    check_batches<std::uint64_t>(
        [](Stream& s, std::span<std::uint64_t> to, VectorWidth w) { s.fill(to, w); },
        [](Stream& s) { return s(); });
  }
  SUBCASE("uniform") { check_batches<double>(fill_uniform, draw_uniform); }
  SUBCASE("exponential") { check_batches<double>(fill_exponential, draw_exponential); }
  SUBCASE("normal") { check_batches<double>(fill_normal, draw_normal); }
}

TEST_CASE("counts are those of as many draws of an index") {
  Stream shapes(3, 0, 1, 1);
  for (std::size_t size = 1; size < 200; size += size < 40 ? 1 : 23) {
    std::vector<double> weights(size);
    for (double& w : weights) w = draw_bernoulli(0.2, shapes) ? 0 : draw_exponential(shapes);
    weights[shapes() % size] = 1;
    for (const std::int64_t draws : {0, 1, 2, 63, 64, 65, 1'000}) {
      Stream one = used_stream(size);
      Stream many = used_stream(size);
      std::vector<std::int64_t> expected(size);
      for (std::int64_t i = 0; i < draws; ++i) ++expected[draw_index(weights, one)];
      std::vector<std::int64_t> found(size);
      draw_counts(weights, draws, many, found);
      // By sums of weights or by what is left of them: a draw that falls within rounding of a
      // border may differ, one in 1e14.
      CHECK(found == expected);
      CHECK(many() == one());
    }
  }
}

TEST_CASE("counts follow the weights, and what has no weight is not drawn") {
  const std::array<double, 7> weights = {0, 1, 0, 5, 0.25, 3, 0};
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  constexpr std::int64_t kDraws = 1'000'000;
  Stream stream(17, 0, 1, 1);
  std::array<std::int64_t, 7> counts{};
  draw_counts(weights, kDraws, stream, counts);
  CHECK(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == kDraws);
  double chi_squared = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) {
      CHECK(counts[i] == 0);
      continue;
    }
    const double expected = weights[i] / sum * static_cast<double>(kDraws);
    chi_squared += std::pow(static_cast<double>(counts[i]) - expected, 2) / expected;
  }
  // Four indices with weight; false alarm 1e-6, the seed is fixed.
  const boost::math::chi_squared distribution(3);
  CHECK(chi_squared < boost::math::quantile(boost::math::complement(distribution, 1e-6)));
}

TEST_CASE("counts are added, and weights that are all zero are refused") {
  Stream stream(17, 0, 1, 1);
  std::array<std::int64_t, 2> counts = {5, 5};
  draw_counts(std::array{0.0, 2.0}, 10, stream, counts);
  CHECK(counts == std::array<std::int64_t, 2>{5, 15});
  CHECK_THROWS_AS(draw_counts(std::array{0.0, 0.0}, 1, stream, counts), InvariantError);
  CHECK_THROWS_AS(draw_counts({}, 1, stream, {}), InvariantError);
}
