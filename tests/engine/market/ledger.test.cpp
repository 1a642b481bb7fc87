#include "engine/market/ledger.hpp"

#include <doctest/doctest.h>

#include "engine/market/order_book.hpp"

using namespace tollgate;

TEST_CASE("transfers keep the sum of all accounts at zero") {
  Ledger ledger;
  const AccountId a = ledger.open_account();
  const AccountId b = ledger.open_account();
  ledger.transfer(a, b, Cents{250});
  ledger.transfer(b, a, Cents{100});
  CHECK(ledger.balance(a) == Cents{-150});
  CHECK(ledger.balance(b) == Cents{150});
  CHECK_NOTHROW(ledger.check());
  CHECK_THROWS_AS(ledger.transfer(a, b, Cents{-1}), InvariantError);
}

TEST_CASE("a pool gives out each open slot once and reuses closed ones") {
  Pool<Lot, LotId> pool;
  const LotId first = pool.open({ChipId{std::size_t{0}}, 5});
  const LotId second = pool.open({ChipId{std::size_t{1}}, 7});
  pool.close(first);
  CHECK(pool.open_count() == 1);
  const LotId third = pool.open({ChipId{std::size_t{2}}, 9});
  CHECK(third == first);
  CHECK(pool[second].units == 7);
  CHECK(pool[third].is_open);
  CHECK(pool.items().size() == 2);
}
