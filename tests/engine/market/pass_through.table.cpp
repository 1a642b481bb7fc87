/// Prints the numbers of docs/figures/who_pays.svg as CSV; docs/figures/who_pays.py draws them.
#include "tests/engine/market/pass_through.hpp"

#include <iostream>

int main() {
  using namespace tollgate::test;
  write_table(pass_through_table(), std::cout);
}
