/// Exponential and logarithm of several numbers at once, with the same bits at every vector width.
///
/// Written on the vector types of GCC and Clang: one source is compiled for 2, 4 and 8 lanes, and
/// since every operation is an IEEE operation per lane (-ffp-contract=off: no fused multiply-add),
/// a lane's result does not depend on how many neighbours it has. Both are within 1 ulp or so of
/// the true value over the ranges stated; the standard library's would be called lane by lane.
/// `SingleLanes` are of float, with which a solver gets near its answer in less time.
#pragma once

#include <cstdint>
#include <cstring>
#include <numbers>

// Vectors never cross a call: everything here is inlined, so their calling convention is moot.

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
  /// Rounded to the nearest float.
  [[gnu::always_inline]] static void store_single(float* to, Reals x) {
    double lanes[Width];
    std::memcpy(lanes, &x, sizeof x);
    for (int i = 0; i < Width; ++i) to[i] = static_cast<float>(lanes[i]);
  }
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

  /// 2^x for x <= 0, -infinity included; exactly 1 at 0, exactly 0 below -1021 (no subnormals). It
  /// takes two thirds of the operations of the exponential: the rest after the integer part is
  /// exact.
  [[gnu::always_inline]] static Reals power_of_two(Reals x) {
    constexpr double kLowest = -1021;
    constexpr double kRounder = 0x1.8p52;
    // (2^r - 1) / r on [-1/2, 1/2], interpolated at the Chebyshev nodes; off by 2e-17 at most.
    constexpr double c[] = {0.6931471805599453,    0.24022650695910097,   0.0555041086648216,
                            0.009618129107606888,  0.0013333558146416936, 0.0001540353044173605,
                            1.525273382983612e-05, 1.321544258792169e-06, 1.0178062445845774e-07,
                            7.072585949269223e-09, 4.4549605981865186e-10};
    const Reals clamped = larger(all(kLowest), x);
    const Reals shifted = clamped + kRounder;
    const Reals r = clamped - (shifted - kRounder);
    const Reals z = r * r;
    Reals even = z * c[10] + c[8];
    Reals odd = z * c[9] + c[7];
    even = even * z + c[6];
    odd = odd * z + c[5];
    even = even * z + c[4];
    odd = odd * z + c[3];
    even = even * z + c[2];
    odd = odd * z + c[1];
    even = even * z + c[0];
    const Reals polynomial = 1 + (r * even + z * odd);
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

/// The same in single precision and to base 2, within some units of its last place (polynomials of
/// Cephes, Moshier 1992).
template <int Width>
struct SingleLanes {
  using Reals [[gnu::vector_size(Width * sizeof(float))]] = float;
  using Words [[gnu::vector_size(Width * sizeof(float))]] = std::uint32_t;

  [[gnu::always_inline]] static Reals load(const float* from) {
    Reals x;
    std::memcpy(&x, from, sizeof x);
    return x;
  }
  [[gnu::always_inline]] static void store(float* to, Reals x) { std::memcpy(to, &x, sizeof x); }
  [[gnu::always_inline]] static Reals all(float x) { return x - Reals{}; }
  /// The larger of each two; `a` where `b` is not a number.
  [[gnu::always_inline]] static Reals larger(Reals a, Reals b) { return b > a ? b : a; }

  /// 2^x for x up to 100, and 2^100 above; 0 below -80 and where x is no number: products with what
  /// is left are not subnormal.
  [[gnu::always_inline]] static Reals power_of_two(Reals x) {
    constexpr float kLowest = -80;
    constexpr float kHighest = 100;
    constexpr float kRounder = 0x1.8p23F;
    const Reals bounded = larger(all(kLowest), x);
    const Reals clamped = bounded < kHighest ? bounded : all(kHighest);
    const Reals shifted = clamped + kRounder;
    const Reals r = clamped - (shifted - kRounder);
    const Reals z = r * r;
    const Reals high =
        9.618437357674640e-3F + r * 1.339887440266574e-3F + z * 1.535336188319500e-4F;
    const Reals low = 6.931472028550421e-1F + r * 2.402264791363012e-1F + z * 5.550332471162809e-2F;
    const Reals polynomial = 1.0F + r * (low + (z * r) * high);
    const Words bits = Words(polynomial) + (Words(shifted) << 23);
    return Reals(bits & Words(x >= kLowest));
  }

  /// The same to seven digits and for x up to 100 only, with three quarters of the operations.
  [[gnu::always_inline]] static Reals rough_power_of_two(Reals x) {
    constexpr float kLowest = -80;
    constexpr float kRounder = 0x1.8p23F;
    // (2^r - 1) / r on [-1/2, 1/2], interpolated at the Chebyshev nodes; off by 2e-7 at most.
    constexpr float c[] = {6.931471805599453e-1F, 2.4022349038020388e-1F, 5.550381013796484e-2F,
                           9.666368515384533e-3F, 1.3381302537301026e-3F};
    const Reals clamped = larger(all(kLowest), x);
    const Reals shifted = clamped + kRounder;
    const Reals r = clamped - (shifted - kRounder);
    const Reals z = r * r;
    const Reals high = c[2] + r * c[3] + z * c[4];
    const Reals low = c[0] + r * c[1];
    const Reals polynomial = 1.0F + r * (low + z * high);
    const Words bits = Words(polynomial) + (Words(shifted) << 23);
    return Reals(bits & Words(x >= kLowest));
  }

  /// log2(x) for normal x > 0.
  [[gnu::always_inline]] static Reals log2_of_positive(Reals x) {
    constexpr std::uint32_t kOne = 0x3f800000;
    constexpr std::uint32_t kRootOfHalf = 0x3f3504f3;
    constexpr std::uint32_t kTwoTo23 = 0x4b000000;
    const Words bits = Words(x) + (kOne - kRootOfHalf);
    const Reals k = Reals((bits >> 23) | kTwoTo23) - (0x1p23F + 127);
    const Reals f = Reals((bits & 0x007fffff) + kRootOfHalf) - 1.0F;
    const Reals z = f * f;
    const Reals first = 3.3333331174e-1F - f * 2.4999993993e-1F + z * 2.0000714765e-1F;
    const Reals second = -1.6668057665e-1F + f * 1.4249322787e-1F - z * 1.2420140846e-1F;
    const Reals third = 1.1676998740e-1F - f * 1.1514610310e-1F + z * 7.0376836292e-2F;
    const Reals cube = z * f;
    const Reals tail = cube * (first + cube * (second + cube * third)) - 0.5F * z;
    constexpr auto kLog2OfE = static_cast<float>(std::numbers::log2e);
    return k + (f + tail) * kLog2OfE;
  }
};

}  // namespace tollgate
