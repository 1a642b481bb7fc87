#include "engine/kernel/stream.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/money.hpp"

using namespace tollgate;

TEST_CASE("Philox4x32-10 gives the known answers of its authors") {
  // Random123 kat_vectors: counter and key of zeros, and of ones.
  const r123::Philox4x32::ctr_type zeros = {{0, 0, 0, 0}};
  const r123::Philox4x32::key_type zero_key = {{0, 0}};
  const auto a = r123::Philox4x32{}(zeros, zero_key);
  CHECK(a.v[0] == 0x6627e8d5);
  CHECK(a.v[1] == 0xe169c58d);
  CHECK(a.v[2] == 0xbc57ac4c);
  CHECK(a.v[3] == 0x9b00dbd8);
}

TEST_CASE("a block is that of Random123") {
  Stream words(4, 0, 0, 0);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t low = words();
    const std::uint64_t high = words();
    const std::uint64_t key = words();
    const PhiloxBlock ours = philox(low, high, key);
    const PhiloxBlock theirs = philox_by_random123(low, high, key);
    CHECK(ours.first == theirs.first);
    CHECK(ours.second == theirs.second);
  }
}

TEST_CASE("numbers of a stream are blocks of the counter (number, replica, entity and purpose)") {
  Stream stream(5, 3, 8, 9);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const PhiloxBlock block =
        philox_by_random123(i | (std::uint64_t{3} << 32), mix(8, 9), std::uint64_t{5});
    CHECK(stream() == block.first);
    CHECK(stream() == block.second);
  }
}

TEST_CASE("a stream that steps back gives its last numbers again") {
  for (std::uint64_t taken = 0; taken < 6; ++taken) {
    for (std::uint64_t back = 0; back <= taken; ++back) {
      Stream stream(5, 3, 8, 9);
      Stream again(5, 3, 8, 9);
      for (std::uint64_t i = 0; i < taken; ++i) stream();
      stream.step_back(back);
      for (std::uint64_t i = 0; i < taken - back; ++i) again();
      for (int i = 0; i < 3; ++i) CHECK(stream() == again());
    }
  }
}

TEST_CASE("a stream is a function of its coordinates alone") {
  Stream a(5, 3, hash_name("nvidia"), hash_name("price"));
  Stream other(5, 3, hash_name("amd"), hash_name("price"));
  other();
  Stream b(5, 3, hash_name("nvidia"), hash_name("price"));
  for (int i = 0; i < 100; ++i) CHECK(a() == b());
}

TEST_CASE("streams that differ in one coordinate share no first number") {
  std::set<std::uint64_t> firsts;
  std::size_t streams = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint32_t replica = 0; replica < 10; ++replica) {
      for (std::uint64_t entity = 0; entity < 10; ++entity) {
        for (std::uint64_t purpose = 0; purpose < 10; ++purpose) {
          firsts.insert(Stream(seed, replica, entity, purpose)());
          ++streams;
        }
      }
    }
  }
  CHECK(firsts.size() == streams);  // by chance a collision of 1e4 in 2^64: 3e-12
}

namespace {

/// Checks a sample mean against `mean` at five standard errors: false alarm 6e-7, seeds are fixed.
template <class Draw>
void check_mean(double mean, double sd, Draw draw) {
  constexpr int kDraws = 200000;
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) sum += draw();
  CHECK(std::abs(sum / kDraws - mean) < 5 * sd / std::sqrt(kDraws));
}

}  // namespace

TEST_CASE("draws have the moments of their distributions") {
  Stream s(11, 0, 1, 1);
  check_mean(0.5, std::sqrt(1.0 / 12), [&] { return draw_uniform(s); });
  check_mean(0.3, std::sqrt(0.21), [&] { return draw_bernoulli(0.3, s) ? 1.0 : 0.0; });
  check_mean(1.0, 1.0, [&] { return draw_exponential(s); });
  check_mean(2.0, std::sqrt(20.0), [&] { return std::pow(draw_exponential(s), 2); });
  check_mean(0.0, 1.0, [&] { return draw_normal(s); });
  check_mean(1.0, std::sqrt(2.0), [&] { return std::pow(draw_normal(s), 2); });
  check_mean(38.0, 38.0, [&] { return draw_lognormal(38, 1, s); });
  const double g1 = std::tgamma(1 + 1 / 4.0);
  const double g2 = std::tgamma(1 + 2 / 4.0);
  check_mean(5 * g1, 5 * std::sqrt(g2 - g1 * g1), [&] { return draw_weibull(5, 4, s); });
  const std::array<double, 3> weights = {1, 0, 3};
  check_mean(1.5, std::sqrt(0.75), [&] {
    const std::size_t i = draw_index(weights, s);
    CHECK(i != 1);
    return static_cast<double>(i);
  });
}

TEST_CASE("Weibull survival is exp(-(x/scale)^shape)") {
  Stream s(12, 0, 1, 1);
  int survivors = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) survivors += draw_weibull(5, 4, s) > 4 ? 1 : 0;
  const double p = std::exp(-std::pow(4.0 / 5, 4));
  CHECK(std::abs(survivors / double{kDraws} - p) < 5 * std::sqrt(p * (1 - p) / kDraws));
}

TEST_CASE("two streams of one replica are not correlated") {
  Stream a(1, 0, 1, 1);
  Stream b(1, 0, 1, 2);
  double sum = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) sum += draw_normal(a) * draw_normal(b);
  CHECK(std::abs(sum / kDraws) < 5 / std::sqrt(kDraws));
}

TEST_CASE("money is exact: cents, shares to the nearest cent, overflow caught") {
  CHECK(from_usd(27000.005).value == 2700001);
  CHECK(times(from_usd(27000), 3) == from_usd(81000));
  CHECK(share_of(Cents{101}, 0.25) == Cents{25});
  CHECK(share_of(Cents{102}, 0.25) == Cents{26});  // 25.5 goes away from zero
  CHECK(share_of(Cents{100}, 0) == Cents{0});
  CHECK_THROWS_AS(times(Cents{INT64_MAX / 2}, 3), InvariantError);
}
