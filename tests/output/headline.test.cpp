#include "output/headline.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace tollgate;

TEST_CASE("numbers have three significant digits") {
  CHECK(three_digits(0) == "0");
  CHECK(three_digits(1234.5) == "1234");
  CHECK(three_digits(56.789) == "56.8");
  CHECK(three_digits(1.2345) == "1.23");
  CHECK(three_digits(0.012345) == "0.0123");
  CHECK(three_digits(0.00001) == "1.0e-05");
}

TEST_CASE("the table fits 80 columns and names each group once") {
  const std::vector<HeadlineRow> rows = {
      {"Revenue, all regions", "revenue.nvidia", "nvidia", "billion USD", 3730, 3246, 4083, 100},
      {"Revenue, all regions", "revenue.amd", "amd", "billion USD", 56.9, 6.81, 283, 100},
      {"Treasury", "levy_receipts", "levy receipts", "billion USD", 0.243, 0.0227, 1.6, 100}};
  CHECK(headline_table(rows) ==
        "                                      median     90% of replicas  unit\n"
        "Revenue, all regions\n"
        "  nvidia                                3730      3246      4083  billion USD\n"
        "  amd                                   56.9      6.81       283  billion USD\n"
        "Treasury\n"
        "  levy receipts                        0.243    0.0227      1.60  billion USD\n");
}
