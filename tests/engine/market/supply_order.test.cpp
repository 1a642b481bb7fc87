#include "engine/market/supply_order.hpp"

#include <doctest/doctest.h>

using namespace tollgate;

TEST_CASE("an order falls due when the frozen window has passed, not before") {
  SupplyOrder order;
  order.open(2, 10);
  CHECK(order.committed() == 20);
  CHECK(order.due() == 0);
  order.order(100);
  CHECK(order.due() == 10);
  order.begin(10);
  order.order(0);
  CHECK(order.due() == 10);
  order.order(0);
  CHECK(order.due() == 110);  // what has not begun stays due
  order.begin(60);
  CHECK(order.committed() == 50);
  CHECK(order.ordered() == order.begun() + order.lapsed() + order.outstanding());
}

TEST_CASE("without a window an order is due at once and lapses with the next") {
  SupplyOrder order;
  order.open(0, 10);
  CHECK_FALSE(order.is_binding());
  order.order(100);
  CHECK(order.due() == 100);
  CHECK(order.committed() == 0);
  order.begin(30);
  order.order(50);
  CHECK(order.due() == 50);
  CHECK(order.lapsed() == 70);
  CHECK(order.ordered() == order.begun() + order.lapsed() + order.outstanding());
}

TEST_CASE("an order that nobody can serve lapses whole, once") {
  SupplyOrder order;
  order.open(3, 7);
  order.order(5);
  order.lapse();
  CHECK(order.outstanding() == 0);
  CHECK(order.lapsed() == 26);
  order.order(0);
  CHECK(order.due() == 0);
  order.lapse();
  CHECK(order.lapsed() == 26);
}

TEST_CASE("a foundry cannot begin what is not due") {
  SupplyOrder order;
  order.open(1, 10);
  CHECK_THROWS(order.begin(1));
  CHECK_THROWS(order.order(-1));
}
