#include "engine/market/running_share.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace tollgate;

TEST_CASE("what is charged on any number of pieces is the share of their sum to the cent") {
  std::mt19937_64 random(1);
  for (const double rate : {0.0, 0.15, 0.25, 1.0 / 3, 0.2 * 0.8, 1.0, 1.7}) {
    RunningShare share(rate);
    Cents base{0};
    Cents charged{0};
    for (int i = 0; i < 20000; ++i) {
      const Cents piece{static_cast<std::int64_t>(random() % 10'000'000'000)};
      const Cents charge = share.charge(piece);
      CHECK(charge >= Cents{0});
      CHECK(std::abs(static_cast<double>(charge.value) - rate * static_cast<double>(piece.value)) <=
            1.001);
      base = base + piece;
      charged = charged + charge;
      REQUIRE(charged == share_of(base, rate));
    }
    CHECK(share.base() == base);
    CHECK(share.charged() == charged);
  }
}

TEST_CASE("pieces of a cent are charged as they add up, where rounding each would charge nothing") {
  RunningShare share(0.25);
  std::int64_t sum = 0;
  for (int i = 0; i < 1000; ++i) sum += share.charge(Cents{1}).value;
  CHECK(share_of(Cents{1}, 0.25) == Cents{0});
  CHECK(sum == 250);
}
