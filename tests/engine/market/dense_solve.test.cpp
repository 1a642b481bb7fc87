#include "engine/market/dense_solve.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <vector>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

TEST_CASE("a dense system is solved as Eigen solves it") {
  Stream stream(1, 0, 0, 0);
  for (const std::size_t n : {1, 2, 7, 40}) {
    CAPTURE(n);
    std::vector<double> matrix(n * n);
    std::vector<double> vector(n);
    for (double& x : matrix) x = draw_normal(stream);
    for (double& x : vector) x = draw_normal(stream);
    matrix[0] = 0;  // no pivot where it stands
    if (n == 1) matrix[0] = 2;
    const auto rows = static_cast<Eigen::Index>(n);
    const Eigen::MatrixXd a = Eigen::Map<Eigen::MatrixXd>(matrix.data(), rows, rows);
    const Eigen::VectorXd b = Eigen::Map<Eigen::VectorXd>(vector.data(), rows);
    const Eigen::VectorXd expected = Eigen::PartialPivLU<Eigen::MatrixXd>(a).solve(b);
    REQUIRE(solve_dense(matrix, vector));
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(vector[i] == doctest::Approx(expected[static_cast<Eigen::Index>(i)]).epsilon(1e-9));
    }
  }
}

TEST_CASE("a singular system is found out") {
  std::vector<double> matrix = {1, 2, 2, 4};
  std::vector<double> vector = {1, 1};
  CHECK_FALSE(solve_dense(matrix, vector));
}
