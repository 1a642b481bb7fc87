/// Exponential and logarithm of several numbers at once, with the same bits at every vector width.
///
/// Written on the vector types of GCC and Clang: one source is compiled for 2, 4 and 8 lanes, and
/// since every operation is an IEEE operation per lane (-ffp-contract=off: no fused multiply-add),
/// a lane's result does not depend on how many neighbours it has. Both are within 1 ulp or so of
/// the true value over the ranges stated; the standard library's would be called lane by lane.
#pragma once

#include <cstdint>
#include <cstring>
#include <numbers>

// Vectors never cross a call: everything here is inlined, so their calling convention is moot.
// Compile what includes this with -Wno-psabi.

namespace tollgate {

template <int Width>
struct Lanes {
  using Reals [[gnu::vector_size(Width * sizeof(double))]] = double;
  using Words [[gnu::vector_size(Width * sizeof(double))]] = std::uint64_t;

  [[gnu::always_inline]] static Reals load(const double* from) {
    Reals x;
    std::memcpy(&x, from, sizeof x);
    return x;
  }
  [[gnu::always_inline]] static void store(double* to, Reals x) { std::memcpy(to, &x, sizeof x); }
  [[gnu::always_inline]] static Reals all(double x) { return x - Reals{}; }

  /// The larger of each two; `a` where `b` is not a number.
  [[gnu::always_inline]] static Reals larger(Reals a, Reals b) { return b > a ? b : a; }

  /// exp(x) for x <= 0, -infinity included; exactly 1 at 0, exactly 0 below -708 (no subnormals).
  [[gnu::always_inline]] static Reals exp_of_nonpositive(Reals x) {
    constexpr double kLowest = -708;
    // x = k ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^52 rounds to the integer k and leaves it
    // in the low bits, ready to be added to the exponent.
    constexpr double kRounder = 0x1.8p52;
    const Reals clamped = larger(all(kLowest), x);
    const Reals shifted = clamped * (1 / std::numbers::ln2) + kRounder;
    const Reals k = shifted - kRounder;
    const Reals r = (clamped - k * kLn2High) - k * kLn2Low;
    // Taylor to degree 13, truncation below 4e-18; even and odd powers apart, so that the two
    // chains of operations run side by side.
    const Reals z = r * r;
    Reals even = z * kInverseFactorial[12] + kInverseFactorial[10];
    Reals odd = z * kInverseFactorial[13] + kInverseFactorial[11];
    even = even * z + kInverseFactorial[8];
    odd = odd * z + kInverseFactorial[9];
    even = even * z + kInverseFactorial[6];
    odd = odd * z + kInverseFactorial[7];
    even = even * z + kInverseFactorial[4];
    odd = odd * z + kInverseFactorial[5];
    even = even * z + kInverseFactorial[2];
    odd = odd * z + kInverseFactorial[3];
    const Reals polynomial = 1 + (r + (z * even + z * (r * odd)));
    const Words bits = Words(polynomial) + (Words(shifted) << 52);
    return Reals(bits & Words(x >= kLowest));
  }

  /// log(x) for normal x > 0 (the algorithm and coefficients of FDLIBM's e_log.c).
  [[gnu::always_inline]] static Reals log_of_positive(Reals x) {
    // x = 2^k (1 + f) with sqrt(1/2) < 1 + f < sqrt(2).
    constexpr std::uint64_t kOne = 0x3ff0000000000000;
    constexpr std::uint64_t kRootOfHalf = 0x3fe6a09e667f3bcd;
    constexpr std::uint64_t kTwoTo52 = 0x4330000000000000;
    const Words bits = Words(x) + (kOne - kRootOfHalf);
    const Reals k = Reals((bits >> 52) | kTwoTo52) - (0x1p52 + 1023);
    const Reals f = Reals((bits & 0x000fffffffffffff) + kRootOfHalf) - 1.0;
    const Reals s = f / (2.0 + f);
    const Reals z = s * s;
    const Reals w = z * z;
    const Reals even = w * (3.999999999940941908e-01 +
                            w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const Reals odd = z * (6.666666666666735130e-01 +
                           w * (2.857142874366239149e-01 +
                                w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const Reals half_square = 0.5 * f * f;
    return k * kLn2High - ((half_square - (s * (half_square + (even + odd)) + k * kLn2Low)) - f);
  }

 private:
  // ln 2 in two parts; the first has 33 bits, so that its product with k is exact.
  static constexpr double kLn2High = 6.93147180369123816490e-01;
  static constexpr double kLn2Low = 1.90821492927058770002e-10;
  static constexpr double kInverseFactorial[] = {1.0,
                                                 1.0,
                                                 1.0 / 2,
                                                 1.0 / 6,
                                                 1.0 / 24,
                                                 1.0 / 120,
                                                 1.0 / 720,
                                                 1.0 / 5040,
                                                 1.0 / 40320,
                                                 1.0 / 362880,
                                                 1.0 / 3628800,
                                                 1.0 / 39916800,
                                                 1.0 / 479001600,
                                                 1.0 / 6227020800};
};

}  // namespace tollgate
