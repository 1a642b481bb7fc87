// Designs do what they are for: indices of functions whose indices are known.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "engine/design/design.hpp"

using namespace tollgate;

namespace {

using Function = std::function<double(const std::vector<double>&)>;

Design make(DesignKind kind, std::size_t n, std::uint32_t points, std::uint64_t seed) {
  DesignSpec spec;
  spec.kind = kind;
  spec.seed = seed;
  spec.points = points;
  spec.trajectories = points;
  std::vector<DesignFactor> factors;
  for (std::size_t f = 0; f < n; ++f) factors.push_back({"x" + std::to_string(f)});
  return {spec, factors};
}

struct Indices {
  std::vector<double> first, total;
};

/// First order by Saltelli et al. 2010, total by Jansen 1999 (doi:10.1016/S0010-4655(98)00154-4).
Indices indices_of(const Design& design, const Function& f) {
  const std::size_t d = design.factors();
  const std::uint64_t n = design.points() / (d + 2);
  std::vector<double> u(d);
  std::vector<double> all;
  Indices result{std::vector<double>(d, 0.0), std::vector<double>(d, 0.0)};
  std::vector<double> y(d + 2);
  for (std::uint64_t i = 0; i < n; ++i) {
    for (std::size_t row = 0; row < d + 2; ++row) {
      design.fill(i * (d + 2) + row, u);
      y[row] = f(u);
    }
    all.push_back(y[0]);
    all.push_back(y[d + 1]);
    for (std::size_t k = 0; k < d; ++k) {
      result.first[k] += y[d + 1] * (y[k + 1] - y[0]);
      result.total[k] += (y[0] - y[k + 1]) * (y[0] - y[k + 1]) / 2;
    }
  }
  double mean = 0;
  for (const double x : all) mean += x / static_cast<double>(all.size());
  double variance = 0;
  for (const double x : all) variance += (x - mean) * (x - mean) / static_cast<double>(all.size());
  for (std::size_t k = 0; k < d; ++k) {
    result.first[k] /= static_cast<double>(n) * variance;
    result.total[k] /= static_cast<double>(n) * variance;
  }
  return result;
}

/// Mean and standard error of the indices over scrambles, against what they should be.
void check_indices(const Function& f, const std::vector<double>& first,
                   const std::vector<double>& total, std::uint32_t samples) {
  constexpr int kSeeds = 24;
  const std::size_t d = first.size();
  std::vector<Indices> found;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    found.push_back(indices_of(make(DesignKind::kSaltelli, d, samples, seed), f));
  }
  const auto check = [&](double expected, const std::function<double(const Indices&)>& read) {
    double mean = 0;
    double square = 0;
    for (const Indices& i : found) {
      mean += read(i) / kSeeds;
      square += read(i) * read(i) / kSeeds;
    }
    const double error = std::sqrt(std::max(0.0, square - mean * mean) / (kSeeds - 1));
    // Six standard errors (of 24 scrambles: t with 23 degrees of freedom exceeds them once in
    // 200,000), and the bias of a quotient of estimates, of the order of 1/N.
    CHECK(std::abs(mean - expected) < 6 * error + 2.0 / samples);
    CHECK(error < 0.01);  // so that the tolerance says something
  };
  for (std::size_t k = 0; k < d; ++k) {
    CAPTURE(k);
    check(first[k], [k](const Indices& i) { return i.first[k]; });
    check(total[k], [k](const Indices& i) { return i.total[k]; });
  }
}

double mean_of(const std::vector<double>& a) {
  double sum = 0;
  for (const double x : a) sum += x;
  return sum / static_cast<double>(a.size());
}

/// Means of the moduli of elementary effects, by factor; and of the effects themselves.
struct Effects {
  std::vector<double> mu_star, mu;
};
Effects effects_of(const Design& design, const Function& f) {
  const std::size_t d = design.factors();
  std::vector<std::vector<double>> moduli(d);
  std::vector<std::vector<double>> effects(d);
  std::vector<double> before(d);
  std::vector<double> after(d);
  for (std::uint64_t p = 0; p + 1 < design.points(); ++p) {
    if (p % (d + 1) == d) continue;  // the next point begins another trajectory
    design.fill(p, before);
    design.fill(p + 1, after);
    for (std::size_t k = 0; k < d; ++k) {
      if (before[k] == after[k]) continue;
      const double effect = (f(after) - f(before)) / (after[k] - before[k]);
      effects[k].push_back(effect);
      moduli[k].push_back(std::abs(effect));
    }
  }
  Effects result;
  for (std::size_t k = 0; k < d; ++k) {
    result.mu.push_back(mean_of(effects[k]));
    result.mu_star.push_back(mean_of(moduli[k]));
  }
  return result;
}

}  // namespace

// Ishigami & Homma 1990 (doi:10.1109/ISUMA.1990.151285), a = 7, b = 0.1.
TEST_CASE("Saltelli's design finds the Sobol indices of Ishigami's function") {
  constexpr double a = 7;
  constexpr double b = 0.1;
  constexpr double pi = std::numbers::pi;
  const Function ishigami = [](const std::vector<double>& u) {
    const auto x = [&](std::size_t k) { return pi * (2 * u[k] - 1); };
    return std::sin(x(0)) + a * std::pow(std::sin(x(1)), 2) +
           b * std::pow(x(2), 4) * std::sin(x(0));
  };
  const double v1 = 0.5 * std::pow(1 + b * std::pow(pi, 4) / 5, 2);
  const double v2 = a * a / 8;
  const double v13 = b * b * std::pow(pi, 8) * 8 / 225;
  const double v = v1 + v2 + v13;
  check_indices(ishigami, {v1 / v, v2 / v, 0}, {(v1 + v13) / v, v2 / v, v13 / v}, 4096);
}

// Sobol's g (Saltelli & Sobol 1995, doi:10.1016/0951-8320(95)00099-2).
TEST_CASE("Saltelli's design finds the Sobol indices of the g function") {
  const std::vector<double> a = {0, 1, 4.5, 9, 99, 99};
  const Function g = [a](const std::vector<double>& u) {
    double product = 1;
    for (std::size_t k = 0; k < a.size(); ++k) {
      product *= (std::abs(4 * u[k] - 2) + a[k]) / (1 + a[k]);
    }
    return product;
  };
  std::vector<double> own;
  double all = 1;
  for (const double x : a) {
    own.push_back(1 / (3 * (1 + x) * (1 + x)));
    all *= 1 + own.back();
  }
  std::vector<double> first;
  std::vector<double> total;
  for (const double v : own) {
    first.push_back(v / (all - 1));
    total.push_back(v * (all / (1 + v)) / (all - 1));
  }
  check_indices(g, first, total, 4096);
}

TEST_CASE("elementary effects of a linear function are its coefficients, exactly") {
  const std::vector<double> c = {3, -2, 0.5, 0};
  const Function linear = [c](const std::vector<double>& u) {
    double sum = 1;
    for (std::size_t k = 0; k < c.size(); ++k) sum += c[k] * u[k];
    return sum;
  };
  const Effects effects = effects_of(make(DesignKind::kMorris, 4, 10, 3), linear);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(effects.mu[k] == doctest::Approx(c[k]).epsilon(1e-12));
    CHECK(effects.mu_star[k] == doctest::Approx(std::abs(c[k])).epsilon(1e-12));
  }
}

// With p = 4 levels a factor of g goes between 0 and 2/3, or 1/3 and 1: |4 u - 2| from 2 to 2/3, or
// from 2/3 to 2. So each effect is, in modulus, (4/3) / (2/3) / (1 + a_k) = 2 / (1 + a_k) times the
// other factors of the product, whose mean over the levels is (4/3 + a_j) / (1 + a_j).
TEST_CASE("elementary effects of the g function have the mean moduli that can be reckoned") {
  const std::vector<double> a = {0, 1, 4.5, 9, 99};
  const Function g = [a](const std::vector<double>& u) {
    double product = 1;
    for (std::size_t k = 0; k < a.size(); ++k) {
      product *= (std::abs(4 * u[k] - 2) + a[k]) / (1 + a[k]);
    }
    return product;
  };
  constexpr std::uint32_t kTrajectories = 4000;
  const Effects effects = effects_of(make(DesignKind::kMorris, a.size(), kTrajectories, 5), g);
  for (std::size_t k = 0; k < a.size(); ++k) {
    double expected = 2 / (1 + a[k]);
    double square = 1;  // of the product of the others, relative to its mean
    for (std::size_t j = 0; j < a.size(); ++j) {
      if (j == k) continue;
      const double mean = (4.0 / 3 + a[j]) / (1 + a[j]);
      const double deviation = (2.0 / 3) / (1 + a[j]);  // 2 or 2/3, as likely
      expected *= mean;
      square *= 1 + deviation * deviation / (mean * mean);
    }
    // Trajectories are independent: five standard errors.
    CHECK(std::abs(effects.mu_star[k] / expected - 1) <
          5 * std::sqrt((square - 1) / kTrajectories));
    if (k > 0) CHECK(effects.mu_star[k] < effects.mu_star[k - 1]);
  }
}
